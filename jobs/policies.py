"""Policy parameters of a monitor as they are in force on a day, read from `policies_in_force`."""

from collections.abc import Mapping
from datetime import date
from typing import cast, get_args

from jobs.attribution.run import AttributionPlan
from jobs.config.model import Monitor
from jobs.drift.records import Limits
from jobs.drift.run import DriftPlan
from jobs.errors import ConfigurationError
from jobs.estimation.run import EstimationPlan
from jobs.evaluation.gates import GateLimits
from jobs.training.run import TrainingPlan
from jobs.training.validate import DataLimits
from jobs.training.weights import Scheme, Weighting
from jobs.warehouse import Warehouse


def parameters(warehouse: Warehouse, monitor: str, rule_id: str, on: date) -> dict[str, str]:
    """Parameter to value of a monitor on a day.

    `rule_id` is 'retraining', 'promotion', 'rollout', 'attribution' or 'estimation'.
    """
    rows = warehouse.frame(
        """
        select parameter, parameter_value
        from driftline.policies_in_force
        where monitor = ? and rule_id = ? and valid_from <= ?
            and (valid_until is null or valid_until > ?)
        """,
        [monitor, rule_id, on, on],
    )
    return dict(rows.iter_rows())


def training_plan(values: Mapping[str, str], reason: str) -> TrainingPlan:
    """The plan that the parameters of 'retraining' ask for."""
    limits = DataLimits()
    return TrainingPlan(
        reason=reason,
        weighting=Weighting(
            scheme=cast(Scheme, _one_of(values, "weighting", get_args(Scheme))),
            recent_days=int(_number(values, "recent_days")),
            factor=_number(values, "recent_factor"),
            half_life_days=_number(values, "half_life_days"),
        ),
        limits=DataLimits(
            minimum_rows={
                **limits.minimum_rows,
                "train": int(_number(values, "min_training_rows")),
            }
        ),
        time_limit_seconds=_number(values, "time_limit_seconds"),
        max_rows=int(_number(values, "max_training_rows")),
    )


def attribution_plan(values: Mapping[str, str]) -> AttributionPlan:
    """The plan that the parameters of 'attribution' ask for."""
    window = _one_of(values, "attribution_window_days", ("1", "7", "30"))
    return AttributionPlan(
        window_days=int(window),
        max_rows=int(_number(values, "max_attribution_rows")),
        min_rows=int(_number(values, "min_rows")),
        interval_days=int(_number(values, "attribution_interval_days")),
    )


def drift_plan(values: Mapping[str, str]) -> DriftPlan:
    """The plan that the parameters of 'attribution' ask for where no label is needed."""
    window = _one_of(values, "attribution_window_days", ("1", "7", "30"))
    return DriftPlan(
        window_days=int(window),
        max_rows=int(_number(values, "max_drift_rows")),
        min_rows=int(_number(values, "min_rows")),
        interval_days=int(_number(values, "attribution_interval_days")),
        limits=Limits(
            share_change=_number(values, "contribution_share_change"),
            ndcg=_number(values, "contribution_ndcg"),
            q_value=_number(values, "contribution_q_value"),
            p_value=_number(values, "multivariate_p_value"),
        ),
    )


def estimation_plan(values: Mapping[str, str]) -> EstimationPlan:
    """The plan that the parameters of 'estimation' ask for."""
    return EstimationPlan(
        max_rows=int(_number(values, "max_estimation_rows")),
        min_rows=int(_number(values, "min_rows")),
    )


def gate_limits(values: Mapping[str, str]) -> GateLimits:
    """The limits that the parameters of 'promotion' set."""
    return GateLimits.from_policies({name: _number(values, name) for name in values})


def is_on(values: Mapping[str, str], parameter: str) -> bool:
    """Whether a true/false parameter is true."""
    return _one_of(values, parameter, ("true", "false")) == "true"


def _number(values: Mapping[str, str], parameter: str) -> float:
    try:
        return float(values[parameter])
    except (KeyError, ValueError):
        raise _wrong(values, parameter, "a number") from None


def _one_of(values: Mapping[str, str], parameter: str, allowed: tuple[str, ...]) -> str:
    found = values.get(parameter)
    if found not in allowed:
        raise _wrong(values, parameter, " or ".join(allowed))
    return found


def _wrong(values: Mapping[str, str], parameter: str, expected: str) -> ConfigurationError:
    found = values.get(parameter, "nothing")
    return ConfigurationError(f"policy parameter {parameter}: found {found}; expected {expected}")


def live_in_log(warehouse: Warehouse, monitor: Monitor) -> str | None:
    """The version that answered most on the newest day of the log, None for an empty log."""
    rows = warehouse.frame(
        """
        select live_version from driftline_internal.int_live_version_daily
        where monitor = ? and live_version is not null
        order by metric_date desc limit 1
        """,
        [monitor.name],
    )
    return None if rows.is_empty() else str(rows.item(0, 0))
