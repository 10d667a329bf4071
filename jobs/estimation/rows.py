"""Rows of a version with their features, at most so many, and the counts of all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from jobs.attribution.folds import IntArray
from jobs.attribution.losses import LARGEST
from jobs.attribution.question import AttributionWarehouse, Span, date_sql
from jobs.config.model import Monitor
from jobs.estimation.question import Question
from jobs.training.dataset import day_ordinals
from jobs.warehouse import sql_text

LONGEST_WINDOW = 30


@dataclass(frozen=True)
class Group:
    """Rows that are estimated together: of a version or of serving, of one value of a segment."""

    model_version: str
    segment_name: str
    segment_value: str
    mask: npt.NDArray[np.bool_]
    """Which of the rows that were fetched."""


@dataclass(frozen=True)
class Current:
    """Rows of the days of all windows, labelled or not, and how many the daily facts count."""

    frame: pl.DataFrame
    counts: pl.DataFrame
    version: str

    @property
    def day(self) -> IntArray:
        """Day of each row, `date.toordinal`."""
        return day_ordinals(self.frame["metric_date"])

    def groups(self, monitor: Monitor) -> Iterator[Group]:
        """Each group that the facts know, with its rows."""
        position = {name: place for place, name in enumerate(monitor.segments)}
        keys = self.counts.select("model_version", "segment_name", "segment_value").unique()
        for version, name, value in keys.sort(keys.columns).iter_rows():
            mine = pl.lit(True) if version == self.version else ~pl.col("is_shadow")
            if name != "overall":
                own = pl.col("segment_values").list.get(position[name])
                mine &= own.fill_null("unknown") == value
            yield Group(version, name, value, self.frame.select(keep=mine)["keep"].to_numpy())

    def of(self, group: Group, first: date, last: date) -> pl.DataFrame:
        """The daily counts of a group in a window, all_rows and those a score can be used of."""
        return self.counts.filter(
            pl.col("model_version") == group.model_version,
            pl.col("segment_name") == group.segment_name,
            pl.col("segment_value") == group.segment_value,
            pl.col("metric_date").is_between(first, last),
        )


def fetch_reference(
    warehouse: AttributionWarehouse, question: Question, span: Span, max_rows: int
) -> pl.DataFrame:
    """Labelled rows of the span, those with the least md5 of their id, in that order."""
    return _rows(
        warehouse, question, span.first, span.last, max_rows,
        f"label is not null and abs(label) <= {LARGEST}",
    )  # fmt: skip


def fetch_current(
    warehouse: AttributionWarehouse, question: Question, span: Span, max_rows: int
) -> Current:
    """Rows of all windows that begin after the span, labelled or not."""
    first = max(question.days[0] - timedelta(days=LONGEST_WINDOW - 1), span.last + timedelta(1))
    last = question.days[-1]
    counts = warehouse.frame(
        f"""
        select
            metric_date, model_version, segment_name, segment_value, row_count as all_rows,
            answered_rows, row_count - null_scores as scored_rows
        from driftline_internal.int_performance_daily
        where monitor = {sql_text(question.monitor)} and traffic = 'live'
            and model_version in ('serving', {sql_text(question.model_version)})
            and metric_date between {date_sql(first)} and {date_sql(last)}
        """
    )
    frame = _rows(warehouse, question, first, last, max_rows, "true")
    return Current(frame, counts, question.model_version)


def _rows(
    warehouse: AttributionWarehouse,
    question: Question,
    first: date,
    last: date,
    max_rows: int,
    condition: str,
) -> pl.DataFrame:
    return warehouse.frame(
        f"""
        select
            inference_id, metric_date, is_shadow, score, label, numeric_values,
            categorical_values, segment_values
        from driftline_internal.int_inferences
        where monitor = {sql_text(question.monitor)} and origin = 'log'
            and model_version = {sql_text(question.model_version)}
            and metric_date between {date_sql(first)} and {date_sql(last)}
            and abs(score) <= {LARGEST} and {condition}
        order by md5(inference_id), inference_id, metric_date
        limit {max_rows}
        """
    )
