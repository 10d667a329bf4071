"""Judged rows of a version with their features, at most so many, and the sums of all of them."""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.attribution.decompose import Rows
from jobs.attribution.losses import FloatArray, RowLoss
from jobs.attribution.question import AttributionWarehouse, Question, Span, date_sql
from jobs.training.dataset import Encoder, day_ordinals, text_array
from jobs.warehouse import sql_text


@dataclass(frozen=True)
class Judged:
    """Rows with a label and a score that it can be held against, in the order of the md5 of their
    id."""

    frame: pl.DataFrame
    loss: FloatArray
    """Of each row of the frame."""
    row_count: int
    """Of all such rows, of which the frame holds a sample."""
    mean_loss: float | None

    def rows(self, encoder: Encoder) -> Rows:
        """Arrays of the frame."""
        return Rows(
            features=encoder.transform(self.frame),
            loss=self.loss,
            day=day_ordinals(self.frame["metric_date"]),
            ids=text_array(self.frame["inference_id"]),
        )


def fetch(
    warehouse: AttributionWarehouse,
    question: Question,
    span: Span,
    loss: RowLoss,
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
        select labeled_rows, {loss.fact} as loss_sum
        from driftline_internal.int_performance_daily
        where monitor = {monitor} and model_version = {version} and traffic = '{span.traffic}'
            and segment_name = 'overall' and metric_date {days}
        """
    )
    row_count = int(sums["labeled_rows"].sum())
    loss_sum = math.fsum(sums["loss_sum"].cast(pl.Float64).to_list())  # in whatever order
    judged_by = ", ".join(loss.columns)
    source = (
        _held_out_rows(monitor, version, days)
        if span.traffic == "holdout"
        else _served_rows(monitor, version, days, judged_by)
    )
    frame = warehouse.frame(
        f"""
        select inference_id, metric_date, {judged_by}, numeric_values, categorical_values
        from ({source}) as answered
        where copy = 1 and label is not null and score is not null
        order by md5(inference_id), inference_id, metric_date, origin
        limit {max_rows}
        """
    )
    losses = loss.of_rows(frame)
    is_judged = ~np.isnan(losses)
    return Judged(
        frame.filter(is_judged), losses[is_judged], row_count,
        loss_sum / row_count if row_count else None,
    )  # fmt: skip


def _served_rows(monitor: str, version: str, days: str, judged_by: str) -> str:
    """What the version answered, or said in shadow, as its own rows of `performance` count it."""
    return f"""
        select
            inference_id, origin, metric_date, {judged_by}, numeric_values, categorical_values,
            1 as copy
        from driftline_internal.int_inferences
        where monitor = {monitor} and model_version = {version} and origin = 'log'
            and metric_date {days}
    """


def _held_out_rows(monitor: str, version: str, days: str) -> str:
    """What the version's candidate said of rows it had not seen, each once, as the facts do it.

    Only binary models are trained, so the classes of others are not asked for.
    """
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
