"""The configuration of vars.yml as typed, immutable objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from jobs.errors import ConfigurationError

TASK_METRICS: Mapping[str, tuple[str, ...]] = {
    "binary": (
        "accuracy",
        "precision",
        "recall",
        "f1",
        "roc_auc",
        "gini",
        "average_precision",
        "log_loss",
        "brier",
    ),
    "multiclass": ("accuracy", "macro_f1", "macro_roc_auc", "log_loss"),
    "ranking": ("ndcg", "map"),
    "regression": ("rmse", "mae", "r2", "mape", "wape"),
}


@dataclass(frozen=True)
class Relation:
    """A relation as configured: a dbt source (its name and table) or a dbt model."""

    kind: Literal["source", "ref"]
    names: tuple[str, ...]

    def __str__(self) -> str:
        if self.kind == "source":
            return f"{{source: [{', '.join(self.names)}]}}"
        return f"{{ref: {self.names[0]}}}"


@dataclass(frozen=True)
class Columns:
    """Which column of the team's relations plays which role; None where there is none.

    Of several classes each has a column of scores, and there is no `score`.
    """

    id: str
    predicted_at: str
    model_version: str
    label: str
    score: str = ""
    entity: str | None = None
    loaded_at: str | None = None
    labeled_at: str | None = None
    is_shadow: str | None = None
    query: str | None = None
    class_scores: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BusinessMetric:
    """A ratio of sums that the team declares: SQL of one row of the log on either side."""

    numerator: str
    denominator: str
    direction: str
    horizon_days: int = 0
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class Monitor:
    """One model under watch, with the defaults filled in."""

    name: str
    description: str
    owner: str
    task: str
    inferences: Relation
    columns: Columns
    time_zone: str
    label_horizon_days: int
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    primary_metric: str
    labels: Relation | None
    history: Relation | None
    requests: Relation | None
    filter: str
    unlabeled_means: str
    decision_threshold: float
    segments: Mapping[str, str]
    protected: tuple[str, ...]
    retrain: bool
    bins_version: int
    card: Mapping[str, str]
    fingerprint: str = "counts"
    retention_days: int | None = None
    look_back_days: int | None = None
    business_metrics: Mapping[str, BusinessMetric] = field(default_factory=dict)

    @property
    def features(self) -> tuple[str, ...]:
        """All feature columns, the numeric ones first, each kind in the order of the file."""
        return self.numeric + self.categorical


@dataclass(frozen=True)
class Project:
    """Every monitor of the project, by name, in the order of the file."""

    monitors: Mapping[str, Monitor]

    def monitor(self, name: str) -> Monitor:
        """Return the monitor of that name; raises ConfigurationError listing the known ones."""
        if name in self.monitors:
            return self.monitors[name]
        known = ", ".join(self.monitors) or "no monitor is declared in vars.yml"
        raise ConfigurationError(f"monitor: found {name}; expected one of: {known}")
