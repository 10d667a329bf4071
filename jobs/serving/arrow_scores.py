"""Scores of Arrow batches, as a pure function that can run in any process.

Spark calls it on its executors (`mapInArrow`), where it arrives with the model as text; each call
reads that text once and then works batch by batch.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
import pyarrow as pa

from jobs.training.artifact import ServingModel, model_from_texts, model_texts

LISTS = ("numeric_values", "categorical_values")


class ArrowScores:
    """Batches in, the same batches with a score in the place of their lists of features out.

    A batch needs `numeric_values` and `categorical_values` in the order of the model's features.
    Every row is scored by itself, so the result does not depend on how rows are cut into batches.
    """

    def __init__(self, model: ServingModel, score_column: str) -> None:
        self._description, self._trees = model_texts(model)
        self._score_column = score_column

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield a batch with the score last for each batch; raises ValidationFailedError as
        `ServingModel.predict` does."""
        model = model_from_texts(self._description, self._trees)
        for batch in batches:
            table = pa.Table.from_batches([batch])
            scores = model.predict(pl.DataFrame(pl.from_arrow(table.select(LISTS))))
            scored = table.drop_columns(list(LISTS)).append_column(
                pa.field(self._score_column, pa.float64()), pa.array(scores, pa.float64())
            )
            yield from scored.combine_chunks().to_batches()
