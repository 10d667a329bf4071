"""What `driftline check` says of labels and scores no task can use, the same on every engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from jobs.config import TASK_METRICS, Relation, check_values, parse_project
from jobs.errors import ConfigurationError
from jobs.warehouse import Warehouse
from tests.engines.deployments import SCHEMA

PETS = {"Cat": "p_cat", "dog": "p_dog", "hamster": "p_hamster"}
LABELS: dict[str, list[Any]] = {
    "pet": ["Cat", "dog", "hamster", "unknown", " ", None],
    "other_pet": ["cat", "dog", "hamstr", "dog", None, ""],
    "position": [1.0, 2.0, 3.0, 3.0, None, 1.0],
    "answer": ["yes", "no", "no", "", None, "yes"],
    "digit": ["1", "0", "2", None, "0", " 1 "],
    "amount": ["12.5", "1e3", "n/a", None, "", "7"],
    "amount_in_words": ["twelve", "nan", "1_000", None, "", "inf"],
    "number": [0.5, 2.0, 3.5, None, 0.25, 1.0],
    "is_so": [True, False, True, None, False, True],
}
KINDS = {"position": "number", "number": "number", "is_so": "boolean"}
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
    words = {"number": warehouse.number_type, "text": warehouse.text_type, "boolean": "boolean"}
    kinds = {"id": "text"} | {column: KINDS.get(column, "text") for column in LABELS}
    declared = ", ".join(f"{column} {words[kind]}" for column, kind in kinds.items())
    using = " using parquet" if type(warehouse).__name__ == "SparkWarehouse" else ""
    warehouse.execute(f"create table {name} ({declared}){using}")
    ids = pl.Series("id", [f"{row}" for row in range(len(LABELS["pet"]))])
    warehouse.overwrite(name, pl.DataFrame([ids]).with_columns(**{
        column: pl.Series(values, strict=False) for column, values in LABELS.items()
    }))  # fmt: skip
    return OneTable(name)


def faults(warehouse: Warehouse, table: OneTable, task: str, columns: Mapping[str, Any]) -> str:
    of_task = COLUMNS | ({} if task == "multiclass" else {"score": "number"})
    monitor = {
        "description": "Said",
        "owner": "tests",
        "task": task,
        "inferences": {"source": ["serving", "said"]},
        "columns": of_task | columns,
        "time_zone": "UTC",
        "label_horizon_days": 1,
        "features": {"numeric": ["number"]},
        "primary_metric": TASK_METRICS[task][0],
    }
    try:
        check_values(parse_project({"m": monitor}), warehouse, table)
    except ConfigurationError as error:
        return str(error).replace(table.name, "said")
    return ""


def test_every_unusable_column_and_class_is_named(warehouse: Warehouse, table: OneTable) -> None:
    def found(task: str, **columns: Any) -> str:
        return faults(warehouse, table, task, columns)

    pets = dict.fromkeys(PETS, "number")
    at = "monitors.m.columns"
    assert found("multiclass", label="pet", class_scores=pets) == ""
    assert found("multiclass", label="OTHER_PET", class_scores=pets).splitlines() == [
        f"{at}.class_scores: found Cat, which is none of 4 labels in OTHER_PET of said; "
        "expected a class that labels have (did you mean cat?)",
        f"{at}.class_scores: found hamster, which is none of 4 labels in OTHER_PET of said; "
        "expected a class that labels have (did you mean hamstr?)",
    ]
    numbers = dict.fromkeys(["1", "2", "3", "4"], "number")
    assert found("multiclass", label="position", class_scores=numbers) == ""
    assert found("multiclass", label="position", class_scores=pets) == (
        f"{at}.label: found no value that can be used in position of said, only 1, 3, 2; "
        "expected classes of class_scores: Cat, dog, hamster"
    )
    assert found("multiclass", label="pet", class_scores=pets | {"dog": "answer"}) == (
        f"{at}.class_scores.dog: found no value that can be used in answer of said, only no, yes; "
        "expected numbers (turn them into these in a view)"
    )
    for label in ("digit", "is_so"):
        assert found("binary", label=label) == ""
    assert found("binary", label="answer").startswith(
        f"{at}.label: found no value that can be used in answer of said, only "
    )
    assert found("binary", label="is_so", score="amount") == ""
    for label in ("amount", "number"):
        assert found("regression", label=label) == ""
        assert found("ranking", label=label, query="pet") == ""
    for role in ("label", "score"):
        columns = {"label": "number", "score": "number"} | {role: "amount_in_words"}
        said = found("regression", **columns)
        assert said.startswith(f"{at}.{role}: found no value that can be used in amount_in_words")
        assert said.endswith("expected numbers (turn them into these in a view)")
        assert len(said.splitlines()) == 1
