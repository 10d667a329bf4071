"""The query of the requests that have no answer yet, in the words of each engine."""

from dataclasses import dataclass

from jobs.config.model import Monitor
from jobs.warehouse import Warehouse
from jobs.warehouse.base import real_name

DAY, MOMENT = "driftline_day", "driftline_moment"


@dataclass(frozen=True)
class Pending:
    """A query of requests, each with its features as two lists, and what it needs to be cut.

    It answers every column of the requests, then the local day as `driftline_day`, the time of
    prediction as the log has it (with a zone or without) as `driftline_moment`, `numeric_values`
    and `categorical_values`, in no order.
    """

    sql: str
    identity: str
    """Name of the id as the requests spell it."""
    predicted: str
    """Name of the time of prediction as the requests spell it."""


# As value_text of the dbt project writes them: the category that was trained is 1, not 1.0.
FLOAT_TEXT = """
case
    when abs({value}) < 9007199254740992 and {value} = floor({value})
        then cast(cast({value} as bigint) as {text})
    when abs({value}) < cast('Infinity' as {number}) then cast({value} as {text})
    when {value} = cast('Infinity' as {number}) then 'Infinity'
    when {value} = cast('-Infinity' as {number}) then '-Infinity'
    when {value} is not null then 'NaN'
end
"""


def float_text(warehouse: Warehouse, value: str) -> str:
    """SQL of a float as text, the same on every engine."""
    words = {"text": warehouse.text_type, "number": warehouse.number_type}
    return FLOAT_TEXT.format(value=value, **words)


def pending(
    warehouse: Warehouse, monitor: Monitor, requests: str, log: str, too_late: str = "?"
) -> Pending:
    """The requests whose id no live row of the log has, whichever version answered.

    `too_late` is SQL of the first local moment that is not asked for; left out it is a parameter.
    """
    columns = monitor.columns
    asked, logged = warehouse.columns(requests), warehouse.columns(log)
    identity, predicted = (real_name(name, asked) for name in (columns.id, columns.predicted_at))

    def request(name: str) -> tuple[str, str]:
        """A column of the requests in SQL, and its type."""
        real = real_name(name, asked)
        return f"requests.{warehouse.quoted(real)}", asked.get(real, "")

    def answer(name: str) -> str:
        return f"log.{warehouse.quoted(real_name(name, logged))}"

    numeric = []
    for value, kind in map(request, monitor.numeric):
        if kind == "BOOLEAN":  # PostgreSQL casts no boolean to a double
            value = f"case when {value} then 1 when not {value} then 0 end"
        numeric.append(value)
    categorical = []
    for value, kind in map(request, monitor.categorical):
        is_float = kind in ("DOUBLE", "FLOAT")
        categorical.append(float_text(warehouse, value) if is_float else value)
    is_live = f"and not coalesce({answer(columns.is_shadow)}, false)" if columns.is_shadow else ""
    moment = warehouse.local_moment(*request(columns.predicted_at), monitor.time_zone)
    logged_moment = warehouse.moment_as(
        *request(columns.predicted_at),
        logged.get(real_name(columns.predicted_at, logged), ""),
        monitor.time_zone,
    )
    sql = f"""
        select
            {warehouse.carried(requests, "requests")},
            cast({moment} as date) as {DAY},
            {logged_moment} as {MOMENT},
            {warehouse.array(numeric, "number")} as numeric_values,
            {warehouse.array(categorical, "text")} as categorical_values
        from {requests} as requests
        where {moment} < {too_late}
            and {request(columns.id)[0]} is not null
            and not exists (
                select 1 from {log} as log
                where {answer(columns.id)} = {request(columns.id)[0]} {is_live}
            )
        """
    return Pending(sql, identity, predicted)
