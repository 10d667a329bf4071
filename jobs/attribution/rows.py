"""Judged rows of a version with their features, at most so many, and the sums of all of them."""

import math
from dataclasses import dataclass

import polars as pl

from jobs.attribution.decompose import Rows
from jobs.attribution.losses import LOSSES
from jobs.attribution.question import AttributionWarehouse, Question, Span, date_sql
from jobs.training.dataset import Encoder, day_ordinals, text_array
from jobs.warehouse import sql_text

LOSS_SUMS = {"log_loss": "log_loss_sum", "brier": "brier_sum"}
"""Columns of the daily facts that hold the sum of a loss."""


@dataclass(frozen=True)
class Judged:
    """Rows with a label and a score between 0 and 1, in the order of the md5 of their id."""

    frame: pl.DataFrame
    row_count: int
    """Of all such rows, of which the frame holds a sample."""
    mean_loss: float | None

    def rows(self, encoder: Encoder, metric_name: str) -> Rows:
        """Arrays of the frame."""
        return Rows(
            features=encoder.transform(self.frame),
            loss=LOSSES[metric_name](
                self.frame["score"].cast(pl.Float64).to_numpy(),
                self.frame["label"].cast(pl.Float64).to_numpy(),
            ),
            day=day_ordinals(self.frame["metric_date"]),
            ids=text_array(self.frame["inference_id"]),
        )


def fetch(
    warehouse: AttributionWarehouse,
    question: Question,
    span: Span,
    metric_name: str,
    max_rows: int,
) -> Judged:
    """Rows of the question's version in a span of days, those with the least md5 of their id.

    Row count and mean loss are those of the daily facts, so that the change that is split is the
    one `performance` shows, whatever the cap.
    """
    monitor, version = sql_text(question.monitor), sql_text(question.model_version)
    days = f"between {date_sql(span.first)} and {date_sql(span.last)}"
    sums = warehouse.frame(
        f"""
        select labeled_rows, {LOSS_SUMS[metric_name]} as loss_sum
        from driftline_internal.int_performance_daily
        where monitor = {monitor} and model_version = {version} and traffic = '{span.traffic}'
            and segment_name = 'overall' and metric_date {days}
        """
    )
    row_count = int(sums["labeled_rows"].sum())
    loss_sum = math.fsum(sums["loss_sum"].cast(pl.Float64).to_list())  # in whatever order
    source = _held_out_rows(monitor, version, days) if span.traffic == "holdout" else (
        _served_rows(monitor, version, days)
    )  # fmt: skip
    frame = warehouse.frame(
        f"""
        select inference_id, metric_date, score, label, numeric_values, categorical_values
        from ({source}) as answered
        where copy = 1 and label is not null and score between 0 and 1
        order by md5(inference_id), inference_id, metric_date, origin
        limit {max_rows}
        """
    )
    return Judged(frame, row_count, loss_sum / row_count if row_count else None)


def _served_rows(monitor: str, version: str, days: str) -> str:
    """What the version answered, or said in shadow, as its own rows of `performance` count it."""
    return f"""
        select
            inference_id, origin, metric_date, score, label, numeric_values, categorical_values,
            1 as copy
        from driftline_internal.int_inferences
        where monitor = {monitor} and model_version = {version} and origin = 'log'
            and metric_date {days}
    """


def _held_out_rows(monitor: str, version: str, days: str) -> str:
    """What the version's candidate said of rows it had not seen, each once, as the facts do it."""
    return f"""
        select
            inferences.inference_id, inferences.origin, inferences.metric_date, held.score,
            inferences.label, inferences.numeric_values, inferences.categorical_values,
            row_number() over (
                partition by inferences.origin, inferences.metric_date, inferences.inference_id
                order by inferences.is_shadow, inferences.model_version
            ) as copy
        from driftline_internal.int_inferences as inferences
        inner join driftline_jobs.holdout_scores as held
            on inferences.monitor = held.monitor and inferences.inference_id = held.inference_id
        where held.monitor = {monitor} and held.model_version = {version}
            and inferences.monitor = {monitor} and inferences.metric_date {days}
    """
