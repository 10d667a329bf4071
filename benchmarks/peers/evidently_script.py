"""Daily PSI of every feature with Evidently: one report a day against the first 28 days."""

from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift

from benchmarks.peers.compute import DAY, run
from benchmarks.shape import CATEGORICAL, FEATURES, NUMERIC, REFERENCE_DAYS


def load(file: Path) -> list[pd.DataFrame]:
    """Read the features, one frame a day."""
    log = pd.read_parquet(file, columns=[DAY, *FEATURES])
    return [rows.drop(columns=DAY) for _, rows in log.groupby(DAY)]


def compute(days: list[pd.DataFrame]) -> int:
    """Report on every day; returns how many values were found."""
    definition = DataDefinition(
        numerical_columns=list(NUMERIC), categorical_columns=list(CATEGORICAL)
    )
    reference = Dataset.from_pandas(pd.concat(days[:REFERENCE_DAYS]), definition)
    found = 0
    for rows in days:
        report = Report([ValueDrift(column=name, method="psi") for name in FEATURES])
        result = report.run(Dataset.from_pandas(rows, definition), reference)
        found += sum("value" in metric for metric in result.dict()["metrics"])
    return found


if __name__ == "__main__":
    run(compute, load)
