"""A case of a leaf macro: a query with the macro in it and the rows it must give."""

from dataclasses import dataclass
from typing import Any

ENGINES = ("duckdb", "postgres", "spark")


@dataclass(frozen=True)
class Case:
    """A query and its rows; `only` names the engines on which the input can be written."""

    name: str
    sql: str
    expected: list[tuple[Any, ...]]
    only: tuple[str, ...] = ENGINES


def texts(*values: str | None) -> str:
    """A relation `rows_in (place, entry)` of texts, in their order."""
    rows = ", ".join(
        f"({place}, {'cast(null as {{ dbt.type_string() }})' if text is None else quoted(text)})"
        for place, text in enumerate(values)
    )
    return f"(values {rows}) as rows_in (place, entry)"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def each(name: str, macro: str, answers: dict[str | None, Any]) -> Case:
    """A case with a row for each text that goes through a macro of the column `entry`."""
    return Case(
        name,
        f"select {macro} from {texts(*answers)} order by place",
        [(answer,) for answer in answers.values()],
    )


def one(name: str, expression: str, expected: Any, only: tuple[str, ...] = ENGINES) -> Case:
    return Case(name, f"select {expression}", [(expected,)], only)
