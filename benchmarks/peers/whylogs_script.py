"""Daily drift of every feature with whylogs: one profile a day, the first 28 merged as reference.

whylogs has no PSI; its own scores of profiles stand in: Hellinger distance between the sketches
of a number, chi-square on the frequent items of a category.
"""

from functools import reduce
from pathlib import Path

import pandas as pd
import whylogs
from whylogs.core.view.dataset_profile_view import DatasetProfileView
from whylogs.viz.drift.column_drift_algorithms import (
    ChiSquare,
    Hellinger,
    calculate_drift_scores,
)

from benchmarks.peers.compute import DAY, run
from benchmarks.shape import CATEGORICAL, FEATURES, NUMERIC, REFERENCE_DAYS


def load(file: Path) -> list[pd.DataFrame]:
    """Read the features, one frame a day."""
    log = pd.read_parquet(file, columns=[DAY, *FEATURES])
    return [rows.drop(columns=DAY) for _, rows in log.groupby(DAY)]


def compute(days: list[pd.DataFrame]) -> int:
    """Profile every day and compare it; returns how many scores were found."""
    views = [whylogs.log(pandas=rows).profile().view() for rows in days]
    reference: DatasetProfileView = reduce(
        lambda one, other: one.merge(other), views[:REFERENCE_DAYS]
    )
    algorithms = {name: Hellinger() for name in NUMERIC} | {
        name: ChiSquare() for name in CATEGORICAL
    }
    found = 0
    for view in views:
        scores = calculate_drift_scores(
            target_view=view,
            reference_view=reference,
            drift_map=algorithms,
            with_thresholds=True,
        )
        found += sum(score is not None for score in scores.values())
    return found


if __name__ == "__main__":
    run(compute, load)
