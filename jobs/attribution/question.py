"""Which rows are judged against which: days, versions and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Protocol

import polars as pl

from jobs.attribution.losses import TASK_LOSS
from jobs.config.model import Monitor
from jobs.errors import NothingToDo
from jobs.warehouse import sql_text

REFERENCES = ("training", "stable")
REFERENCE_DAYS = 28
Traffic = Literal["live", "holdout"]


class AttributionWarehouse(Protocol):
    """What the job needs of a warehouse."""

    def frame(self, sql: str) -> pl.DataFrame:
        """Rows of a query."""
        ...

    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> object:
        """Write rows over those of the same key, in one transaction."""
        ...


@dataclass(frozen=True)
class Span:
    """Days of one version's rows: what it served, or what it said of its held-out weeks."""

    traffic: Traffic
    first: date
    last: date


@dataclass(frozen=True)
class Question:
    """A window of the live version, and each reference with its span, or why it has none."""

    monitor: str
    model_version: str
    as_of: date
    metric_date: date
    window_days: int
    window: Span
    too_short: str | None
    """Why the window cannot be judged, None where it can."""
    references: dict[str, Span | str]

    def described(self) -> list[str]:
        """What would be compared, in lines for people."""
        lines = [
            f"{self.model_version}: {self.window.first} to {self.window.last}"
            + (f", which cannot be judged: {self.too_short}" if self.too_short else "")
        ]
        for name, span in self.references.items():
            if isinstance(span, Span):
                rows = "held-out rows" if span.traffic == "holdout" else "rows"
                lines.append(f"against {name}: {rows} of {span.first} to {span.last}")
            else:
                lines.append(f"against {name}: no reference, {span}")
        return lines


def ask(
    warehouse: AttributionWarehouse, monitor: Monitor, as_of: date, window_days: int
) -> Question:
    """The newest window whose labels are mature, and its references; as the marts have them.

    Raises NothingToDo where no version answered on its last day, and for rankings, whose loss is
    that of a query.
    """
    if monitor.task not in TASK_LOSS:
        raise NothingToDo(
            f"{monitor.name}: found task {monitor.task}; expected {', '.join(TASK_LOSS)}: the rows "
            "of a query have no loss of their own"
        )
    name = sql_text(monitor.name)
    metric_date = newest_whole_day(warehouse, monitor, as_of) - timedelta(
        days=monitor.label_horizon_days
    )
    live = warehouse.frame(
        f"""
        select live_version, training_version, live_since
        from driftline_internal.int_live_version_daily
        where monitor = {name}
            and metric_date = {date_sql(metric_date)}
            and live_version is not null
        """
    )
    if live.is_empty():
        raise NothingToDo(
            f"{monitor.name}: found no version that answered on {metric_date}, the last day with "
            "mature labels; expected rows in the log of that day"
        )
    version, training_version, live_since = live.row(0)
    first = metric_date - timedelta(days=window_days - 1)
    spans = warehouse.frame(
        f"""
        select traffic, first_day, last_day from driftline_internal.int_version_spans
        where monitor = {name} and model_version = {sql_text(version)}
        """
    )
    found = {traffic: (start, end) for traffic, start, end in spans.iter_rows()}
    stable = first_weeks(found.get("live"), first, version)
    training: Span | str = stable
    if training_version != "unregistered":
        training = held_out_weeks(found.get("holdout"), first, version)
    served = (metric_date - live_since).days + 1
    too_short = None
    if served < window_days:
        too_short = f"{version} has served for {served} of the {window_days} days"
    return Question(
        monitor=monitor.name,
        model_version=version,
        as_of=as_of,
        metric_date=metric_date,
        window_days=window_days,
        window=Span("live", first, metric_date),
        too_short=too_short,
        references={"training": training, "stable": stable},
    )


def newest_whole_day(warehouse: AttributionWarehouse, monitor: Monitor, as_of: date) -> date:
    """The as-of day, or the day before it while that may still fill."""
    whole = warehouse.frame(
        f"select last_whole_day from driftline.monitors where monitor = {sql_text(monitor.name)}"
    )["last_whole_day"].to_list()
    days: list[date] = [as_of, *(day for day in whole if day is not None)]
    return min(days)


def first_weeks(days: tuple[date, date] | None, before: date, version: str) -> Span | str:
    """The first four weeks of the version, once they are over before the window."""
    if days is None:
        return f"{version} has no rows in the log"
    last = days[0] + timedelta(days=REFERENCE_DAYS - 1)
    if last >= before:
        return f"the first {REFERENCE_DAYS} days of {version} end on {last}, not before the window"
    return Span("live", days[0], last)


def held_out_weeks(days: tuple[date, date] | None, before: date, version: str) -> Span | str:
    """The newest four weeks that the version's candidate was judged on."""
    if days is None:
        return f"{version} has no held-out rows"
    first, last = max(days[0], days[1] - timedelta(days=REFERENCE_DAYS - 1)), days[1]
    if last >= before:
        return f"the held-out rows of {version} end on {last}, not before the window"
    return Span("holdout", first, last)


def date_sql(day: date) -> str:
    """A date literal of SQL."""
    return f"date '{day.isoformat()}'"
