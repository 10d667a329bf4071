"""What `driftline check` says of the first labels and scores, the same on every engine."""

from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from jobs.config import TASK_METRICS, Relation, check_values, parse_project
from jobs.warehouse import Warehouse
from tests.engines.deployments import SCHEMA

PETS = ("Cat", "dog", "hamster")
VALUES: dict[str, list[Any]] = {
    "pet": ["Cat", "dog", "hamster", "unknown", " ", None],
    "padded": ["Cat ", "dog ", "hamster", "", None, "dog"],
    "other_pet": ["Cat", "dog", "Hamster", "dog", None, ""],
    "position": [1.0, 2.0, 3.0, 3.0, None, 1.0],
    "answer": ["yes", "no", "no", "", None, "yes"],
    "digit": ["1", "0", "2", None, "0", " 1 "],
    "outcome": [1.0, 0.0, 0.0, None, 0.0, 1.0],
    "one_or_two": [1.0, 2.0, 2.0, None, 1.0, 2.0],
    "amount": ["12.5", "1e3", "n/a", None, "", "7"],
    "in_words": ["nan", "1_000", "inf", None, "", "nan"],
    "number": [0.5, 2.0, 3.5, None, 0.25, 1.0],
    "negative": [-1.0, -2.5, None, None, -1.0, -1.0],
    "chance": [0.5, 0.0, 1.0, None, 0.25, 1.0],
    "chance_as_text": ["0.5", "0", "1e-3", None, "", "55"],
    "percent": [50.0, 12.5, 7.0, None, 50.0, None],
    "price": ["1.50", "2.00", "2.00", None, "1.50", None],
    "is_so": [True, False, True, None, False, True],
    "nothing": [None, None, None, None, "", ""],
}
KINDS = {"price": "decimal(4, 2)", "is_so": "boolean"}
COLUMNS = {"id": "id", "predicted_at": "at", "model_version": "version"}


@dataclass(frozen=True)
class OneTable:
    """Every configured relation is the table of this test."""

    name: str

    def configured(self, _relation: Relation) -> str:
        return self.name


@pytest.fixture
def table(warehouse: Warehouse) -> OneTable:
    name = f"{SCHEMA}.said"
    kinds = {"id": warehouse.text_type}
    for column, values in VALUES.items():
        is_number = any(isinstance(value, float) for value in values)
        kinds[column] = warehouse.number_type if is_number else warehouse.text_type
    declared = ", ".join(f"{column} {kind}" for column, kind in (kinds | KINDS).items())
    using = " using parquet" if type(warehouse).__name__ == "SparkWarehouse" else ""
    warehouse.execute(f"create table {name} ({declared}){using}")
    frame = pl.DataFrame(VALUES).with_columns(
        pl.int_range(pl.len()).cast(pl.String).alias("id"),
        pl.col("price").cast(pl.Decimal(4, 2)),
    )
    warehouse.overwrite(name, frame)
    return OneTable(name)


def said(warehouse: Warehouse, table: OneTable, task: str, **columns: Any) -> list[str]:
    """What is said of a monitor with these columns, the others being in order."""
    others: dict[str, Any] = {"score": "chance" if task == "binary" else "number"}
    if task == "multiclass":
        others = {"class_scores": dict.fromkeys(PETS, "chance")}
    monitor = {
        "description": "Said",
        "owner": "tests",
        "task": task,
        "filter": columns.pop("filter", "true"),
        "unlabeled_means": columns.pop("unlabeled_means", "unknown"),
        "inferences": {"source": ["serving", "said"]},
        "columns": COLUMNS | others | ({"query": "pet"} if task == "ranking" else {}) | columns,
        "time_zone": "UTC",
        "label_horizon_days": 1,
        "features": {"numeric": ["number"]},
        "primary_metric": TASK_METRICS[task][0],
    }
    lines = check_values(parse_project({"m": monitor}), warehouse, table)
    return [line.replace(f" of {table.name}", "").removeprefix("monitors.m.") for line in lines]


def chances(*classes: str) -> dict[str, str]:
    return dict.fromkeys(classes, "chance")


RIGHT: list[tuple[str, dict[str, Any]]] = [
    *[("multiclass", {"label": label}) for label in ("pet", "PET", "padded", "nothing")],
    ("multiclass", {"label": "position", "class_scores": chances("1", "2", "3", "4")}),
    ("multiclass", {"label": "price", "class_scores": chances("1.50", "2.00")}),
    ("multiclass", {"label": "is_so", "class_scores": chances("true", "false")}),
    *[("binary", {"label": label}) for label in ("digit", "is_so", "outcome", "nothing")],
    ("binary", {"label": "is_so", "score": "chance_as_text"}),
    *[("regression", {"label": label}) for label in ("amount", "number", "price", "negative")],
    *[("ranking", {"label": label}) for label in ("amount", "number", "is_so")],
    ("binary", {"label": "answer", "filter": "answer is null"}),
    ("binary", {"label": "one_or_two", "unlabeled_means": "negative"}),
]


def test_nothing_is_said_of_what_can_be_used(table: OneTable, warehouse: Warehouse) -> None:
    for task, columns in RIGHT:
        assert said(warehouse, table, task, **columns) == [], (task, columns)


IN_A_VIEW = "(a view can turn them into these)"
WRONG: list[tuple[str, dict[str, Any], str]] = [
    (
        "multiclass",
        {"label": "other_pet"},
        "label: found Hamster among 4 labels in other_pet, and no hamster; "
        "expected classes of class_scores: Cat, dog, hamster",
    ),
    (
        "multiclass",
        {"label": "position"},
        "label: found 1, 3, 2, and nothing else, in position; "
        f"expected classes of class_scores: Cat, dog, hamster {IN_A_VIEW}",
    ),
    (
        "multiclass",
        {"label": "pet", "class_scores": chances("Cat", "hamster") | {"dog": "answer"}},
        "class_scores.dog: found no, yes, and nothing else, in answer; "
        f"expected numbers from 0 to 1 {IN_A_VIEW}",
    ),
    (
        "multiclass",
        {"label": "pet", "class_scores": chances("Cat", "hamster") | {"dog": "percent"}},
        "class_scores.dog: found 50, 12.5, 7, and nothing else, in percent; "
        f"expected numbers from 0 to 1 {IN_A_VIEW}",
    ),
    (
        "binary",
        {"label": "answer"},
        f"label: found no, yes, and nothing else, in answer; expected 0 and 1 {IN_A_VIEW}",
    ),
    (
        "binary",
        {"label": "one_or_two"},
        "label: found 2 among 5 labels in one_or_two, and no 0; expected 0 and 1",
    ),
    (
        "binary",
        {"label": "outcome", "score": "percent"},
        "score: found 50, 12.5, 7, and nothing else, in percent; "
        f"expected numbers from 0 to 1 {IN_A_VIEW}",
    ),
    (
        "regression",
        {"label": "in_words"},
        "label: found nan, 1_000, inf, and nothing else, in in_words; expected numbers "
        f"{IN_A_VIEW}",
    ),
    (
        "regression",
        {"label": "number", "score": "in_words"},
        "score: found nan, 1_000, inf, and nothing else, in in_words; expected numbers "
        f"{IN_A_VIEW}",
    ),
    (
        "ranking",
        {"label": "negative"},
        "label: found -1, -2.5, and nothing else, in negative; "
        f"expected numbers from 0 on {IN_A_VIEW}",
    ),
]


def test_what_cannot_be_used_is_named(table: OneTable, warehouse: Warehouse) -> None:
    for task, columns, line in WRONG:
        assert said(warehouse, table, task, **columns) == [f"columns.{line}"]
