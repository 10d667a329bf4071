"""The monitors of vars.yml: read, checked and typed."""

from jobs.config.model import (
    TASK_METRICS,
    BusinessMetric,
    Columns,
    Monitor,
    Project,
    Relation,
)
from jobs.config.parse import load_project, parse_project
from jobs.config.validate_policies import check_policies
from jobs.config.validate_values import check_values
from jobs.config.validate_warehouse import check_against_warehouse

__all__ = [
    "TASK_METRICS",
    "BusinessMetric",
    "Columns",
    "Monitor",
    "Project",
    "Relation",
    "check_against_warehouse",
    "check_policies",
    "check_values",
    "load_project",
    "parse_project",
]
