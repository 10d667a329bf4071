"""What only the values of a table can tell: labels and scores that the task cannot use.

Builds pass over such values, and `data_quality` says how many there are; when all of them are
unusable, or those of one class, it is most likely the configuration that is wrong.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import polars as pl

from jobs.config.model import Monitor, Project, Relation
from jobs.config.problems import Problems
from jobs.config.validate_warehouse import NUMERIC_TYPE, RelationNames
from jobs.warehouse.base import real_name

VALUES_READ = 10_000
VALUES_SHOWN = 3
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?|nan|[+-]?inf(inity)?", re.IGNORECASE)
OUTCOMES = ("0", "1")
LARGEST = 1e37
"""Beyond it a square is no number on every engine."""


class SampledWarehouse(Protocol):
    """What the check needs of a warehouse."""

    @property
    def text_type(self) -> str:
        """The engine's name of a text of any length."""

    def columns(self, relation: str) -> Mapping[str, str]:
        """Column names and types of a relation."""

    def quoted(self, name: str) -> str:
        """The name as an identifier of the engine."""

    def frame(self, sql: str) -> pl.DataFrame:
        """The rows of a query."""


@dataclass(frozen=True)
class _Column:
    """A column to be read: its key, which values the task can use, and how these are called."""

    key: str
    relation: Relation
    name: str
    is_usable: Callable[[str], bool]
    expected: str
    values: tuple[str, ...] = ()
    """Values of which each is expected to be there."""
    is_filtered: bool = True
    """Whether the monitor's filter chooses rows of the relation."""
    reads_numbers: bool = False
    """Whether a number may be unusable too."""

    def needs_no_reading(self, kind: str) -> bool:
        """Whether every value of a type will do; but for names of classes true is 1."""
        if kind == "BOOLEAN":
            return set(self.values) <= set(OUTCOMES)
        return NUMERIC_TYPE.fullmatch(kind) is not None and not self.reads_numbers


def check_values(
    project: Project, warehouse: SampledWarehouse, relations: RelationNames
) -> list[str]:
    """Look at the first values of labels and scores; returns what is suspicious, a line each.

    At most 10,000 values of a column are read: of labels, and of scores that are chances or text. A
    line names a column none of whose values can be used, or a class that no label
    has while some labels are no class. Rows of other models or of older days may be the first of a
    table, so nothing is refused for it. `check_against_warehouse` must have passed.
    """
    problems = Problems()
    for monitor in project.monitors.values():
        for column in _columns(monitor):
            relation = relations.configured(column.relation)
            kinds = warehouse.columns(relation)
            real = real_name(column.name, kinds)
            if column.needs_no_reading(kinds[real]):
                continue
            condition = monitor.filter if column.is_filtered else "true"
            found = _first_values(warehouse, relation, real, kinds[real], condition)
            at = f"monitors.{monitor.name}.columns.{column.key}"
            _judge(at, column, f"{column.name} of {relation}", found, problems)
    return problems.lines


def _columns(monitor: Monitor) -> Iterator[_Column]:
    roles, log = monitor.columns, monitor.inferences
    label = _label(monitor)
    yield replace(label, relation=monitor.labels or log, is_filtered=monitor.labels is None)
    if monitor.history:
        yield replace(label, relation=monitor.history)
    if monitor.task == "binary":
        yield _Column("score", log, roles.score, *CHANCE, reads_numbers=True)
    elif roles.score:
        yield _Column("score", log, roles.score, _is_finite, "numbers")
    for name, column in roles.class_scores.items():
        yield _Column(f"class_scores.{name}", log, column, *CHANCE, reads_numbers=True)


def _label(monitor: Monitor) -> _Column:
    """The labels of a task, in its log."""
    of_log = (monitor.inferences, monitor.columns.label)
    if classes := tuple(name.strip() for name in monitor.columns.class_scores):
        expected = f"classes of class_scores: {', '.join(classes)}"
        return _Column(
            "label", *of_log, classes.__contains__, expected, classes, reads_numbers=True
        )
    if monitor.task == "binary":
        said = OUTCOMES[1:] if monitor.unlabeled_means == "negative" else OUTCOMES
        return _Column("label", *of_log, _is_outcome, "0 and 1", said, reads_numbers=True)
    if monitor.task == "ranking":
        return _Column("label", *of_log, _is_relevance, "numbers from 0 on", reads_numbers=True)
    return _Column("label", *of_log, _is_finite, "numbers")


def _first_values(
    warehouse: SampledWarehouse, relation: str, column: str, kind: str, condition: str
) -> Counter[str]:
    """How often each value is among the first that are there, as the dbt project reads it."""
    value = warehouse.quoted(column)
    found = warehouse.frame(
        f"select value, count(*) as times from (select cast({value} as {warehouse.text_type}) "
        f"as value from {relation} where {value} is not null and ({condition}\n) "
        f"limit {VALUES_READ}) as first_values group by value"
    )
    is_float = kind in ("FLOAT", "DOUBLE")
    counts: Counter[str] = Counter()
    for text, times in found.iter_rows():
        if said := text.strip():
            counts[_whole(said) if is_float else said] += times
    return counts


def _whole(text: str) -> str:
    """A whole number that a float is without its point, as float_text of the dbt project has it."""
    number = _number(text)
    return str(int(number)) if abs(number) < 2**53 and number.is_integer() else text


def _judge(at: str, column: _Column, place: str, found: Counter[str], problems: Problems) -> None:
    unusable = [text for text in found if not column.is_usable(text)]
    if not unusable:
        return
    shown = ", ".join(sorted(unusable, key=lambda text: (-found[text], text))[:VALUES_SHOWN])
    if len(unusable) == len(found):
        in_a_view = " (a view can turn them into these)"
        problems.add(at, f"{shown}, and nothing else, in {place}", column.expected + in_a_view)
        return
    usable = {_whole(text) for text in found if column.is_usable(text)}
    for value in column.values:
        if value not in usable and value not in found:
            problems.add(
                at, f"{shown} among {sum(found.values())} labels in {place}, and no {value}",
                column.expected,
            )  # fmt: skip


def _number(text: str) -> float:
    """The number that a text is, as number_or_null of the dbt project has it; NaN if it is none."""
    return float(text) if NUMBER.fullmatch(text) else math.nan


def _is_finite(text: str) -> bool:
    return abs(_number(text)) <= LARGEST


def _is_relevance(text: str) -> bool:
    return 0 <= _number(text) < math.inf


def _is_outcome(text: str) -> bool:
    return _number(text) in (0, 1)


def _is_chance(text: str) -> bool:
    return 0 <= _number(text) <= 1


CHANCE = (_is_chance, "numbers from 0 to 1")
