"""The kinds of monitors: each task, with and without a history and labels of its own.

`orders` and `tickets` have both, `searches` have labels alone; of `visits` and `fares` the label
stands in the log, and their days begin in Berlin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.incremental.world.tasks import TASKS, Task

COLUMNS = {
    "id": "row_id",
    "predicted_at": "predicted_at",
    "loaded_at": "loaded_at",
    "model_version": "version",
    "is_shadow": "is_shadow",
    "label": "outcome",
    "labeled_at": "labeled_at",
}
BUSINESS = {"yield": {"numerator": "revenue", "denominator": "clicks", "direction": "higher"}}


@dataclass(frozen=True)
class Kind:
    """What worlds of a kind have in common."""

    task_name: str
    own_relations: tuple[str, ...]
    zone: str
    label_horizon_days: int
    primary_metric: str

    @property
    def task(self) -> Task:
        return TASKS[self.task_name]


KINDS: Mapping[str, Kind] = {
    "orders": Kind("binary", ("labels", "history"), "UTC", 3, "roc_auc"),
    "visits": Kind("binary", (), "Europe/Berlin", 2, "log_loss"),
    "tickets": Kind("multiclass", ("labels", "history"), "UTC", 2, "macro_f1"),
    "fares": Kind("regression", (), "Europe/Berlin", 1, "rmse"),
    "searches": Kind("ranking", ("labels",), "UTC", 1, "ndcg"),
}


def configuration(name: str, kind_name: str) -> dict[str, Any]:
    """The monitor as vars.yml declares it."""
    kind = KINDS[kind_name]
    own_relations = {role: {"source": ["serving", f"{name}_{role}"]} for role in kind.own_relations}
    return {
        "description": f"Like {kind_name}",
        "owner": "tests",
        "task": kind.task_name,
        "inferences": {"source": ["serving", f"{name}_log"]},
        **own_relations,
        "columns": {**COLUMNS, **kind.task.columns},
        "time_zone": kind.zone,
        "label_horizon_days": kind.label_horizon_days,
        "features": {"numeric": ["amount", "clicks"], "categorical": ["channel"]},
        "segments": {"region": "region"},
        "business_metrics": BUSINESS,
        "primary_metric": kind.primary_metric,
        **kind.task.keys,
    }
