"""Which windows wait for their labels, and which labelled rows teach what to expect of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from jobs.attribution.question import (
    REFERENCE_DAYS,
    AttributionWarehouse,
    Span,
    date_sql,
    newest_whole_day,
)
from jobs.config.model import Monitor
from jobs.errors import NothingToDo
from jobs.estimation.records import TABLE
from jobs.warehouse import sql_text

TASK = "regression"
WINDOWS = (1, 7, 30)


@dataclass(frozen=True)
class Question:
    """Windows of the version that answers now, and the span it is learned from, or why none."""

    monitor: str
    model_version: str
    as_of: date
    days: tuple[date, ...]
    """Last days of the windows, oldest first."""
    reference: Span | str

    def described(self) -> list[str]:
        """What would be estimated, in lines for people."""
        learned = (
            f"learned from the rows of {self.reference.first} to {self.reference.last}"
            if isinstance(self.reference, Span)
            else f"which cannot be estimated: {self.reference}"
        )
        days = ", ".join(str(day) for day in self.days)
        return [f"{self.model_version}: windows that end on {days}, {learned}"]


def ask(warehouse: AttributionWarehouse, monitor: Monitor, as_of: date) -> Question:
    """Windows of the newest version that end on whole days whose labels are not due.

    Left out are days that were estimated under an earlier as-of day and have as many rows as then,
    in each of their windows;
    what was written under this one does not matter, so asking again asks the same. Raises
    NothingToDo where no day is left, and for other tasks.
    """
    if monitor.task != TASK:
        raise NothingToDo(
            f"{monitor.name}: found task {monitor.task}; expected {TASK}: no other error is "
            "estimated by a job"
        )
    name = sql_text(monitor.name)
    newest = newest_whole_day(warehouse, monitor, as_of)
    due = newest - timedelta(days=monitor.label_horizon_days)
    open_days = f"metric_date > {date_sql(due)} and metric_date <= {date_sql(newest)}"
    live = warehouse.frame(
        f"""
        select live_version from driftline_internal.int_live_version_daily
        where monitor = {name} and {open_days} and live_version is not null
        order by metric_date desc limit 1
        """
    )
    if live.is_empty():
        raise NothingToDo(
            f"{monitor.name}: found no row after {due}; expected rows whose labels are not due"
        )
    version = str(live.item(0, 0))
    days = _changed_days(warehouse, name, version, due, newest, as_of)
    if not days:
        raise NothingToDo(f"{monitor.name}: every day after {due} has been estimated")
    return Question(
        monitor.name, version, as_of, tuple(days), _reference(warehouse, name, version, due)
    )


def _changed_days(
    warehouse: AttributionWarehouse, name: str, version: str, due: date, newest: date, as_of: date
) -> list[date]:
    """Days after `due` without an estimate, or one of whose windows has other rows than when it was
    estimated last: late rows of a day are in the windows of later days too."""
    counted = warehouse.frame(
        f"""
        select metric_date, row_count from driftline_internal.int_performance_daily
        where monitor = {name} and model_version = {sql_text(version)} and traffic = 'live'
            and segment_name = 'overall' and metric_date <= {date_sql(newest)}
            and metric_date > {date_sql(due - timedelta(days=max(WINDOWS)))}
        """
    )
    counts: dict[date, int] = {day: row_count for day, row_count in counted.iter_rows()}
    written = warehouse.frame(
        f"""
        select metric_date, window_days, window_rows from {TABLE}
        where monitor = {name} and model_version = {sql_text(version)}
            and segment_name = 'overall' and metric_name = 'mae' and estimated_value is not null
            and as_of < {date_sql(as_of)} and metric_date > {date_sql(due)}
        order by as_of
        """
    )
    estimated: dict[tuple[date, int], int] = {
        (day, window_days): row_count for day, window_days, row_count in written.iter_rows()
    }

    def is_open(day: date, window_days: int) -> bool:
        if (day, window_days) not in estimated:
            return window_days == 1
        first = day - timedelta(days=window_days - 1)
        rows = sum(count for other, count in counts.items() if first <= other <= day)
        return estimated[day, window_days] != rows

    return [
        day
        for day in sorted(counts)
        if day > due and any(is_open(day, window_days) for window_days in WINDOWS)
    ]


def is_answered(warehouse: AttributionWarehouse, question: Question) -> bool:
    """Whether all of it was written under the question's own as-of day: a cycle run again."""
    written = warehouse.frame(
        f"""
        select distinct metric_date from {TABLE}
        where monitor = {sql_text(question.monitor)} and as_of = {date_sql(question.as_of)}
            and model_version = {sql_text(question.model_version)}
        """
    )
    return set(question.days) <= set(written["metric_date"].to_list())


def _reference(warehouse: AttributionWarehouse, name: str, version: str, due: date) -> Span | str:
    """The version's first four weeks, once their labels are due: as of estimates from scores."""
    first = warehouse.frame(
        f"""
        select first_day from driftline_internal.int_version_spans
        where monitor = {name} and model_version = {sql_text(version)} and traffic = 'live'
        """
    ).item(0, 0)
    last = first + timedelta(days=REFERENCE_DAYS - 1)
    if last > due:
        return f"labels of the first {REFERENCE_DAYS} days of {version} are not due yet"
    return Span("live", first, last)
