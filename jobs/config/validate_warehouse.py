"""Checks the configuration against the tables it names: relations, columns, types, expressions."""

import re
from collections.abc import Iterator, Mapping
from typing import Protocol

from jobs.config.model import Monitor, Project, Relation
from jobs.config.problems import Problems, nearest
from jobs.errors import WarehouseError

NUMERIC_TYPE = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL(\(.*\))?|BOOLEAN|BIGNUM)"
)
TIME_TYPE = re.compile(r"DATE|TIMESTAMP.*")


class RelationNames(Protocol):
    """Resolves a configured relation to its full name in the warehouse."""

    def configured(self, relation: Relation) -> str:
        """Return the full name; raises ConfigurationError when dbt does not know the relation."""


class ReadableWarehouse(Protocol):
    """What the check needs of a warehouse; types are named as DuckDB names them."""

    @property
    def text_type(self) -> str:
        """The engine's name of a text of any length."""

    def exists(self, relation: str) -> bool:
        """Whether the relation can be read."""

    def columns(self, relation: str) -> Mapping[str, str]:
        """Column names and types of a relation."""

    def described(self, sql: str) -> tuple[Mapping[str, str], int]:
        """Names and types a query answers with, and how many rows it answers."""


def check_against_warehouse(
    project: Project, warehouse: ReadableWarehouse, relations: RelationNames
) -> None:
    """Check every monitor against the warehouse; the tables are not read, only planned over.

    Relations must exist, configured columns must be in them, numeric features must be numbers or
    booleans, segments and filters must be valid SQL of the engine on one row. Raises
    ConfigurationError with every fault, one per line.
    """
    problems = Problems()
    for monitor in project.monitors.values():
        for key, relation, columns in _needed(monitor):
            name = relations.configured(relation)
            at = f"monitors.{monitor.name}"
            if not warehouse.exists(name):
                expected = (
                    "a table or view that exists: create it, or correct the sources file "
                    "that declares it"
                )
                problems.add(f"{at}.{key}", f"{relation}, which is not in the warehouse", expected)
                continue
            present = {column.casefold(): kind for column, kind in warehouse.columns(name).items()}
            for column_key, column in columns.items():
                _check_column(f"{at}.{column_key}", column, name, present, problems)
            if key in ("inferences", "history"):
                _check_expressions(at, monitor, warehouse, name, problems)
            if key == "inferences":
                _check_business_metrics(at, monitor, warehouse, name, problems)
    # The same fault in the log, the history and the requests is told once, for the first of them.
    told = {_fault(line): line for line in reversed(problems.lines)}
    problems.lines = list(reversed(told.values()))
    problems.raise_if_any()


def _fault(line: str) -> str:
    """The key and what was found, without the relation it was found in."""
    return re.split(r' in "| of type | \(', line.split("; expected")[0])[0]


def _needed(monitor: Monitor) -> Iterator[tuple[str, Relation, Mapping[str, str]]]:
    """Yield (key, relation, {key of the column: column}) of each relation of the monitor."""
    roles = monitor.columns
    labels = {"columns.label": roles.label}
    if roles.labeled_at:
        labels["columns.labeled_at"] = roles.labeled_at
    request = {"columns.id": roles.id, "columns.predicted_at": roles.predicted_at}
    if roles.entity:
        request["columns.entity"] = roles.entity
    for kind in ("numeric", "categorical"):
        names: tuple[str, ...] = getattr(monitor, kind)
        request |= {f"features.{kind}[{at}]": name for at, name in enumerate(names)}
    log = request | {"columns.model_version": roles.model_version}
    log |= {f"columns.class_scores[{name}]": column for name, column in roles.class_scores.items()}
    for optional in ("score", "query", "loaded_at", "is_shadow"):
        if column := getattr(roles, optional):
            log[f"columns.{optional}"] = column
    yield "inferences", monitor.inferences, log if monitor.labels else log | labels
    if monitor.labels:
        yield "labels", monitor.labels, {"columns.id": roles.id, **labels}
    if monitor.history:
        yield "history", monitor.history, request | labels
    if monitor.requests:
        yield "requests", monitor.requests, request


def _check_column(
    key: str, column: str, relation: str, present: Mapping[str, str], problems: Problems
) -> None:
    key = key.partition("[")[0]
    kind = present.get(column.strip('"').casefold())
    if kind is None:
        expected = f"one of {', '.join(present)}{nearest(column.casefold(), present)}"
        problems.add(key, f"no column {column} in {relation}", expected)
    elif key.endswith("_at") and not TIME_TYPE.fullmatch(kind):
        expected = "a date or a timestamp (cast it in a view: text may hide a time zone)"
        problems.add(key, f"{column} of type {kind} in {relation}", expected)
    elif key.endswith("features.numeric") and not NUMERIC_TYPE.fullmatch(kind):
        expected = "a number or a boolean (or list it under categorical)"
        problems.add(key, f"{column} of type {kind} in {relation}", expected)


def _check_expressions(
    at: str, monitor: Monitor, warehouse: ReadableWarehouse, relation: str, problems: Problems
) -> None:
    for segment, expression in monitor.segments.items():
        _check_expression(
            f"{at}.segments.{segment}", expression, warehouse, relation, "VARCHAR", problems
        )
    _check_expression(f"{at}.filter", monitor.filter, warehouse, relation, "BOOLEAN", problems)


def _check_business_metrics(
    at: str, monitor: Monitor, warehouse: ReadableWarehouse, relation: str, problems: Problems
) -> None:
    for name, metric in monitor.business_metrics.items():
        for side in ("numerator", "denominator"):
            _check_expression(
                f"{at}.business_metrics.{name}.{side}",
                getattr(metric, side),
                warehouse,
                relation,
                "NUMBER",
                problems,
            )


def _check_expression(
    key: str,
    expression: str,
    warehouse: ReadableWarehouse,
    relation: str,
    wanted: str,
    problems: Problems,
) -> None:
    # An aggregate answers one row even where no row qualifies.
    value = f"({expression}\n)"
    if wanted == "VARCHAR":
        value = f"cast({value} as {warehouse.text_type})"
    try:
        kinds, row_count = warehouse.described(f"select {value} as value from {relation} where 1=0")
    except WarehouseError as error:
        problem = str(error).splitlines()[0]
        problems.add(key, f"{expression} ({problem})", f"SQL that {relation} can answer")
        return
    if row_count:
        problems.add(key, expression, "an expression of one row, without aggregates")
    elif wanted == "NUMBER" and not NUMERIC_TYPE.fullmatch(kinds.get("value", "")):
        expected = "a number or a boolean"
        problems.add(key, f"{expression} of type {kinds.get('value')}", expected)
    elif wanted == "BOOLEAN" and kinds.get("value") != wanted:
        problems.add(key, f"{expression} of type {kinds.get('value')}", "a condition")
