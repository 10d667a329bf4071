"""Which days are compared with which: the newest whole ones, whoever answered, without labels."""

from datetime import date, timedelta

from jobs.attribution.question import (
    AttributionWarehouse,
    Question,
    Span,
    date_sql,
    first_weeks,
    held_out_weeks,
    newest_whole_day,
)
from jobs.config.model import Monitor
from jobs.errors import NothingToDo
from jobs.warehouse import sql_text

LOG = "serving"
"""As a version: all that the log holds."""


def ask(
    warehouse: AttributionWarehouse, monitor: Monitor, as_of: date, window_days: int
) -> Question:
    """The newest window of whole days, and its references, of a monitor of any task.

    `training` is the days of the newest held-out weeks of the version that is live, or as `stable`
    where no job trained it; `stable` the first weeks of the log. Raises NothingToDo where nothing
    answered on the window's last day.
    """
    name = sql_text(monitor.name)
    metric_date = newest_whole_day(warehouse, monitor, as_of)
    live = warehouse.frame(
        f"""
        select live_version, training_version from driftline_internal.int_live_version_daily
        where monitor = {name} and metric_date = {date_sql(metric_date)}
            and live_version is not null
        """
    )
    if live.is_empty():
        raise NothingToDo(
            f"{monitor.name}: found no version that answered on {metric_date}, the last whole day; "
            "expected rows in the log of that day"
        )
    version, training_version = live.row(0)
    first = metric_date - timedelta(days=window_days - 1)
    spans = warehouse.frame(
        f"""
        select model_version, traffic, first_day, last_day
        from driftline_internal.int_version_spans
        where monitor = {name} and model_version in ({sql_text(version)}, '{LOG}')
        """
    )
    found = {(of, traffic): (start, end) for of, traffic, start, end in spans.iter_rows()}
    stable = first_weeks(found.get((LOG, "live")), first, "the log")
    training: Span | str = stable
    if training_version != "unregistered":
        training = held_out_weeks(found.get((version, "holdout")), first, version)
    begun = found.get((LOG, "live"), (first, first))[0]
    too_short = None
    if begun > first:
        too_short = f"the log has {(metric_date - begun).days + 1} of the {window_days} days"
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
