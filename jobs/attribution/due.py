"""Whether a window has to be judged: once a week, and while performance is not in order."""

from datetime import timedelta

from jobs.attribution.question import AttributionWarehouse, Question, date_sql
from jobs.attribution.records import TABLE
from jobs.config.model import Monitor
from jobs.warehouse import sql_text


def why_due(
    warehouse: AttributionWarehouse, monitor: Monitor, question: Question, interval_days: int
) -> str | None:
    """The reason to judge the question, None where it has been or need not be.

    What was written under the question's own as-of day answers it: a cycle that is run again finds
    it done, and otherwise decides as it did the first time.
    """
    is_written, is_old = _written(warehouse, TABLE, question, interval_days)
    if is_written or is_old:
        return None if is_written else f"every {interval_days} days"
    name = sql_text(monitor.name)
    flagged = warehouse.frame(
        f"""
        select status from driftline.performance
        where monitor = {name} and model_version = 'serving'
            and metric_date = {date_sql(question.metric_date)}
            and window_days = {question.window_days}
            and segment_name = 'overall'
            and metric_name = {sql_text(monitor.primary_metric)}
            and reference in ('training', 'stable')
            and status in ('yellow', 'red')
        """
    )
    return None if flagged.is_empty() else f"{monitor.primary_metric} is not in order"


def is_due(
    warehouse: AttributionWarehouse, table: str, question: Question, interval_days: int
) -> bool:
    """Whether a job that writes `table` has not answered the question, nor one within the days."""
    return _written(warehouse, table, question, interval_days) == (False, True)


def _written(
    warehouse: AttributionWarehouse, table: str, question: Question, interval_days: int
) -> tuple[bool, bool]:
    """Whether the question was answered, and whether the last answer before is so many days old."""
    written = warehouse.frame(
        f"""
        select as_of, metric_date from {table}
        where monitor = {sql_text(question.monitor)} and window_days = {question.window_days}
            and as_of <= {date_sql(question.as_of)}
        """
    ).rows()
    before = [day for as_of, day in written if as_of < question.as_of]
    return (
        (question.as_of, question.metric_date) in written,
        not before or question.metric_date >= max(before) + timedelta(days=interval_days),
    )
