"""NannyML's estimated performance (CBPE) and univariate drift, by chunks of whole days.

`python -m benchmarks.peers.nannyml_estimates TASK.json RESULT.json`: the task is what
benchmarks.agreement asks for, the result holds one value per window, chunk, measure and column.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nannyml
import pandas as pd
from nannyml.chunk import Chunk, Chunker

Row = dict[str, Any]
DRIFT = {
    "numeric": ("jensen_shannon", "kolmogorov_smirnov"),
    "categorical": ("jensen_shannon", "chi2"),
}


class DayChunker(Chunker):
    """Cuts after every so many days, the first chunk beginning on the first day of the data.

    Chunks of NannyML's own are calendar periods, or of equal counts of rows.
    """

    def __init__(self, time: str, days: int) -> None:
        super().__init__(time)
        self.time, self.days = time, days

    def _split(self, data: pd.DataFrame) -> list[Chunk]:
        day = data[self.time].dt.normalize()
        number = (day - day.min()).dt.days // self.days
        return [
            Chunk(str(key), part, part[self.time].min(), part[self.time].max())
            for key, part in data.groupby(number)
        ]


def estimated(task: Row, reference: pd.DataFrame, later: pd.DataFrame, days: int) -> Iterator[Row]:
    """Yield CBPE's estimate of each metric in each chunk, its sampling error, and the truth."""
    estimator = nannyml.CBPE(
        metrics=task["metrics"],
        y_pred_proba=task["score"],
        y_pred=task["called"],
        y_true=task["label"],
        problem_type=f"classification_{task['task']}",
        timestamp_column_name=task["time"],
        chunker=DayChunker(task["time"], days),
    )
    found = estimator.fit(reference).estimate(later).filter(period="analysis").to_df()
    for metric in task["metrics"]:
        for number, chunk in found[metric].iterrows():
            names = ("value", "sampling_error", "realized")
            values = {name: float(chunk[name]) for name in names}
            yield {"days": days, "chunk": number, "metric": metric, **values}


def drifted(task: Row, reference: pd.DataFrame, later: pd.DataFrame, days: int) -> Iterator[Row]:
    """Yield each distance of each feature in each chunk from the reference."""
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=[*task["numeric"], *task["categorical"]],
        timestamp_column_name=task["time"],
        continuous_methods=list(DRIFT["numeric"]),
        categorical_methods=list(DRIFT["categorical"]),
        chunker=DayChunker(task["time"], days),
    )
    found = calculator.fit(reference).calculate(later).filter(period="analysis").to_df()
    for kind, measures in DRIFT.items():
        for feature in task[kind]:
            for measure in measures:
                for number, value in found[feature, measure, "value"].items():
                    row = {"days": days, "chunk": number, "feature": feature}
                    yield row | {"measure": measure, "value": float(value)}


def main() -> None:
    """Fit on the reference days and judge the whole chunks after them."""
    task = json.loads(Path(sys.argv[1]).read_text())
    log = pd.read_parquet(task["parquet"])
    log = log.astype(dict.fromkeys(task["categorical"], "category"))
    first = pd.Timestamp(task["first_day"])
    begin = first + pd.Timedelta(days=task["reference_days"])
    reference = log[log[task["time"]] < begin]
    result: dict[str, list[Row]] = {"estimated": [], "drifted": []}
    for days, chunks in task["windows"]:
        end = begin + pd.Timedelta(days=days * chunks)
        later = log[(log[task["time"]] >= begin) & (log[task["time"]] < end)]
        result["estimated"] += estimated(task, reference, later, days)
        result["drifted"] += drifted(task, reference, later, days)
    Path(sys.argv[2]).write_text(json.dumps(result))


if __name__ == "__main__":
    main()
