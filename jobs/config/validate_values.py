"""Checks of what only the values of a table can tell: labels and scores the task cannot use.

Counting passes over such values, and `data_quality` says how many there are; when all of them are
unusable, or those of one class, it is the configuration that is wrong.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Protocol

import polars as pl

from jobs.config.model import Monitor, Project, Relation
from jobs.config.problems import Problems, nearest
from jobs.config.validate_warehouse import NUMERIC_TYPE, RelationNames
from jobs.warehouse.base import real_name

VALUES_READ = 10_000
VALUES_SHOWN = 3


class SampledWarehouse(Protocol):
    """What the check needs of a warehouse."""

    def columns(self, relation: str) -> Mapping[str, str]:
        """Column names and types of a relation."""

    def quoted(self, name: str) -> str:
        """The name as an identifier of the engine."""

    def frame(self, sql: str) -> pl.DataFrame:
        """The rows of a query."""


def check_values(project: Project, warehouse: SampledWarehouse, relations: RelationNames) -> None:
    """Check labels, and scores that are text, of every monitor on the first values that are there.

    At most 10,000 values of a column are read. Raises ConfigurationError with one line for a
    column none of whose values can be used, and for a class that no label has while a label that
    is no class has nearly its name. `check_against_warehouse` must have passed.
    """
    problems = Problems()
    for monitor in project.monitors.values():
        for key, relation, column in _columns(monitor):
            name = relations.configured(relation)
            kinds = warehouse.columns(name)
            real = real_name(column, kinds)
            if _can_all_be_used(kinds[real], monitor, key):
                continue
            values = _first_values(warehouse, name, real)
            at = f"monitors.{monitor.name}.columns.{key}"
            _check_column(at, monitor, key == "label", f"{column} of {name}", values, problems)
    problems.raise_if_any()


def _columns(monitor: Monitor) -> Iterator[tuple[str, Relation, str]]:
    roles = monitor.columns
    yield "label", monitor.labels or monitor.inferences, roles.label
    if roles.score:
        yield "score", monitor.inferences, roles.score
    for name, column in roles.class_scores.items():
        yield f"class_scores.{name}", monitor.inferences, column


def _can_all_be_used(kind: str, monitor: Monitor, key: str) -> bool:
    """Whether every value of a type will do, so that none need be read."""
    if key == "label" and monitor.task == "multiclass":
        return False
    if key == "label" and monitor.task == "binary":
        return kind == "BOOLEAN"
    return NUMERIC_TYPE.fullmatch(kind) is not None


def _first_values(warehouse: SampledWarehouse, relation: str, column: str) -> Counter[str]:
    """How often each value is among the first that are there."""
    value = warehouse.quoted(column)
    found = warehouse.frame(
        f"select value, count(*) as times from (select {value} as value from {relation} "
        f"where {value} is not null limit {VALUES_READ}) as first_values group by value"
    )
    counts: Counter[str] = Counter()
    for one, times in found.iter_rows():
        if text := _text(one).strip():
            counts[text] += times
    return counts


def _text(value: object) -> str:
    """The value as text, as value_text of the dbt project has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _check_column(
    at: str, monitor: Monitor, is_label: bool, column: str, values: Counter[str], problems: Problems
) -> None:
    classes = monitor.columns.class_scores if is_label else {}
    if classes:
        unusable = [value for value in values if value not in classes]
        expected = f"classes of class_scores: {', '.join(classes)}"
    elif is_label and monitor.task == "binary":
        unusable = [value for value in values if _number(value) not in (0, 1)]
        expected = "0 and 1 (turn them into these in a view)"
    else:
        unusable = [value for value in values if not math.isfinite(_number(value))]
        expected = "numbers (turn them into these in a view)"
    shown = ", ".join(sorted(unusable, key=lambda value: (-values[value], value))[:VALUES_SHOWN])
    if values and len(unusable) == len(values):
        problems.add(at, f"no value that can be used in {column}, only {shown}", expected)
        return
    for name in classes:
        if name not in values and (meant := nearest(name, unusable)):
            problems.add(
                f"monitors.{monitor.name}.columns.class_scores",
                f"{name}, which is none of {sum(values.values())} labels in {column}",
                f"a class that labels have{meant}",
            )


def _number(text: str) -> float:
    """The number that a text is, as number_or_null of the dbt project has it; NaN if it is none."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan
