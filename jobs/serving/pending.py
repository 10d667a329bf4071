"""The query of the requests that have no answer yet, in the words of each engine."""

from dataclasses import dataclass

from jobs.config.model import Monitor
from jobs.warehouse import Warehouse


@dataclass(frozen=True)
class Pending:
    """A query of requests, each with its features as two lists, and what it needs to be cut.

    `sql` takes one parameter, the first moment that is too late. It answers every column of the
    requests, then `numeric_values` and `categorical_values`, in no order.
    """

    sql: str
    identity: str
    """Quoted name of the id."""
    predicted: str
    """Quoted name of the time of prediction."""


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


def pending(warehouse: Warehouse, monitor: Monitor, requests: str, log: str) -> Pending:
    """The requests whose id no live row of the log has, whichever version answered."""
    columns = monitor.columns
    identity, predicted = warehouse.quoted(columns.id), warehouse.quoted(columns.predicted_at)
    kinds = {name.casefold(): kind for name, kind in warehouse.columns(requests).items()}
    numeric = []
    for name in monitor.numeric:
        value = f"requests.{warehouse.quoted(name)}"
        if kinds.get(name.casefold()) == "BOOLEAN":  # PostgreSQL casts no boolean to a double
            value = f"case when {value} then 1 when not {value} then 0 end"
        numeric.append(value)
    categorical = []
    for name in monitor.categorical:
        value = f"requests.{warehouse.quoted(name)}"
        if kinds.get(name.casefold()) in ("DOUBLE", "FLOAT"):
            value = float_text(warehouse, value)
        categorical.append(value)
    answers = ""
    if columns.is_shadow:
        answers = f"and not coalesce(log.{warehouse.quoted(columns.is_shadow)}, false)"
    sql = f"""
        select
            requests.*,
            {warehouse.array(numeric, "number")} as numeric_values,
            {warehouse.array(categorical, "text")} as categorical_values
        from {requests} as requests
        where requests.{predicted} < ?
            and requests.{identity} is not null
            and not exists (
                select 1 from {log} as log where log.{identity} = requests.{identity} {answers}
            )
        """
    return Pending(sql, identity, predicted)
