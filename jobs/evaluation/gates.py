"""Gates: may the challenger serve? Each answer is a row with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Literal

import numpy as np
import polars as pl

from jobs.errors import ConfigurationError
from jobs.evaluation.compare import OVERALL, Comparison
from jobs.evaluation.metrics import BINARY

Status = Literal["passed", "failed", "not_applicable"]
GATE_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "run_id": pl.String,
    "gate_name": pl.String,
    "monitor": pl.String,
    "model_version": pl.String,
    "champion_version": pl.String,
    "status": pl.String,
    "observed": pl.Float64,
    "required": pl.Float64,
    "reason": pl.String,
    "decided_on": pl.Date,
}


@dataclass(frozen=True)
class Gate:
    """One gate's answer: the number measured, the limit it is held against, and words."""

    gate_name: str
    status: Status
    observed: float | None
    required: float | None
    reason: str


@dataclass(frozen=True)
class GateLimits:
    """Limits of the gates; each field but `minimum_values` is a policy parameter of its name."""

    never_worse_margin: float = 0.01
    """Absolute, for metrics where higher is better."""
    loss_margin: float = 0.02
    """Share of the live version's value, for metrics where lower is better."""
    segment_margin: float = 0.02
    """As `never_worse_margin`, for single segments."""
    segment_loss_margin: float = 0.05
    maximum_ece: float = 0.05
    maximum_relative_ece: float = 0.5
    """Share of the base rate of the rarer class, so that rare events have a limit that binds."""
    maximum_importance_shift: float = 0.4
    maximum_single_feature_auc: float = 0.99
    maximum_gain_share: float = 0.9
    minimum_training_share: float = 0.5
    minimum_values: Mapping[str, float] = field(default_factory=dict)
    """Metric to its worst value allowed: a floor, or a ceiling where lower is better."""

    @classmethod
    def from_policies(cls, parameters: Mapping[str, float]) -> "GateLimits":
        """Limits with the given policy parameters laid over the defaults.

        A parameter is a field's name, or `minimum_<metric>` (`maximum_<metric>` where lower is
        better). Raises ConfigurationError for another name or a value below 0.
        """
        known = {one.name for one in fields(cls)} - {"minimum_values"}
        bounds = {_bound_name(name): name for name in BINARY}
        given: dict[str, float] = {}
        values: dict[str, float] = {}
        for name, value in parameters.items():
            if name not in known and name not in bounds:
                raise ConfigurationError(
                    f"gate parameter {name}: found an unknown name; expected one of "
                    f"{', '.join(sorted(known | set(bounds)))}"
                )
            if not (np.isfinite(value) and (value >= 0 or name in bounds)):
                raise ConfigurationError(
                    f"gate parameter {name}: found {value}; expected a number of at least 0"
                )
            if name in bounds:
                values[bounds[name]] = float(value)
            else:
                given[name] = float(value)
        return cls(**given, minimum_values=values)


@dataclass(frozen=True)
class Evidence:
    """What the gates look at; shares and rows of the live version are None without one."""

    primary_metric: str
    absolute: Sequence[Comparison]
    """The challenger alone on the whole holdout."""
    paired: Sequence[Comparison]
    """Against the live version, on rows unseen by both; empty without one or without such rows."""
    unpaired_reason: str | None
    """Why there is a live version but no pair, else None."""
    has_champion: bool
    challenger_ece: float | None
    champion_ece: float | None
    paired_challenger_ece: float | None
    """Of the challenger on the rows that `champion_ece` was measured on."""
    base_rate: float
    challenger_gain: Mapping[str, float]
    champion_gain: Mapping[str, float] | None
    feature_auc: Mapping[str, float]
    challenger_rows: int
    champion_rows: int | None


def decide(evidence: Evidence, limits: GateLimits | None = None) -> list[Gate]:
    """All gates in a fixed order, the last one `verdict`: passed when no other failed.

    Without a live version the comparisons are `not_applicable` and the floors must hold.
    """
    used = limits or GateLimits()
    gates = [
        better_than_chance(evidence),
        minimum_values(evidence, used),
        non_inferior("never_worse", evidence.primary_metric, evidence, used),
        non_inferior("log_loss_not_worse", "log_loss", evidence, used),
        segment_regression(evidence, used),
        calibration(evidence, used),
        importance_shift(evidence, used),
        leakage(evidence, used),
        training_rows(evidence, used),
    ]
    failed = [gate.gate_name for gate in gates if gate.status == "failed"]
    reason = f"failed: {', '.join(failed)}" if failed else "every gate that applies has passed"
    return [*gates, Gate("verdict", _status(not failed), len(failed), 0.0, reason)]


def better_than_chance(evidence: Evidence) -> Gate:
    """The lower bound of the challenger's AUC on the whole holdout is above 0.5."""
    one = _overall(evidence.absolute, "roc_auc")
    lower = one.challenger_lower if one else None
    if lower is None:
        reason = "insufficient data: too few holdout rows, days or rows of a class; wait for labels"
        return Gate("better_than_chance", "failed", None, 0.5, reason)
    reason = f"lower bound of AUC on the holdout is {_text(lower)}; it must be above 0.5"
    return Gate("better_than_chance", _status(lower > 0.5), lower, 0.5, reason)


def minimum_values(evidence: Evidence, limits: GateLimits) -> Gate:
    """Every floor (ceiling for losses) that a policy gives holds; `observed` counts the missed."""
    name = "minimum_values"
    if not limits.minimum_values:
        return Gate(name, "not_applicable", None, None, "no policy gives a minimum value")
    missed, found = 0, []
    for metric, bound in sorted(limits.minimum_values.items()):
        one = _overall(evidence.absolute, metric)
        value = one.challenger_value if one else None
        sign = BINARY[metric].sign
        held = value is not None and sign * value >= sign * bound
        missed += not held
        relation = "must be at least" if sign > 0 else "must be at most"
        found.append(f"{metric} is {_text(value)}, {relation} {_text(bound)}")
    return Gate(name, _status(not missed), missed, 0.0, "; ".join(found))


def non_inferior(name: str, metric: str, evidence: Evidence, limits: GateLimits) -> Gate:
    """The lower bound of the gain over the live version is above minus the margin."""
    if not evidence.has_champion:
        return _no_champion(name)
    one = _overall(evidence.paired, metric)
    worst, _ = _gain_interval(one)
    if one is None or worst is None:
        thin = f"insufficient data: {metric} has no interval on the rows unseen by both"
        return Gate(name, "failed", None, None, evidence.unpaired_reason or thin)
    margin = _margin(one, limits.never_worse_margin, limits.loss_margin)
    reason = (
        f"gain in {metric} over the live version is at worst {_text(worst)} on {one.row_count} "
        f"rows of {one.day_count} days unseen by both; it must be above {_text(-margin)}"
    )
    return Gate(name, _status(worst > -margin), worst, -margin, reason)


def segment_regression(evidence: Evidence, limits: GateLimits) -> Gate:
    """No segment's whole interval of gains lies below minus the margin; `observed` counts them."""
    name = "segment_regression"
    if not evidence.has_champion:
        return _no_champion(name)
    judged, worse = 0, []
    for one in evidence.paired:
        if one.segment_name == OVERALL[0] or one.metric_name != evidence.primary_metric:
            continue
        _, best = _gain_interval(one)
        if best is None:
            continue
        judged += 1
        margin = _margin(one, limits.segment_margin, limits.segment_loss_margin)
        if best < -margin:
            worse.append(
                f"{one.segment_name}={one.segment_value} gains at best {_text(best)}, "
                f"below {_text(-margin)}"
            )
    if not judged:
        return Gate(name, "not_applicable", None, None, "no segment has enough rows unseen by both")
    reason = "; ".join(worse) or f"none of {judged} segment values is worse beyond doubt"
    return Gate(name, _status(not worse), len(worse), 0.0, reason)


def calibration(evidence: Evidence, limits: GateLimits) -> Gate:
    """The debiased calibration error on the whole holdout is within its limit.

    Where a season has moved the base rate beyond the limit for both, a challenger that is no worse
    than the live version on the same rows passes: refusing it would keep the greater error.
    """
    rarer = min(evidence.base_rate, 1 - evidence.base_rate)
    limit = min(limits.maximum_ece, limits.maximum_relative_ece * rarer)
    error = evidence.challenger_ece
    if error is None:
        return Gate("calibration", "failed", None, limit, "insufficient data: too few holdout rows")
    reason = f"debiased calibration error on the holdout is {_text(error)}, limit {_text(limit)}"
    no_worse = False
    if evidence.champion_ece is not None and evidence.paired_challenger_ece is not None:
        no_worse = evidence.paired_challenger_ece <= evidence.champion_ece
        reason += (
            f"; on the rows unseen by both it is {_text(evidence.paired_challenger_ece)} against "
            f"{_text(evidence.champion_ece)} of the live version"
        )
    return Gate("calibration", _status(error <= limit or no_worse), error, limit, reason)


def importance_shift(evidence: Evidence, limits: GateLimits) -> Gate:
    """Total variation of gain shares from those of the live version is within its limit."""
    name, before, after = "importance_shift", evidence.champion_gain, evidence.challenger_gain
    if not before:
        reason = "no importance of a live version is recorded"
        return Gate(name, "not_applicable", None, None, reason)
    moves = {
        feature: after.get(feature, 0.0) - before.get(feature, 0.0)
        for feature in sorted({*before, *after})
    }
    shift = sum(abs(move) for move in moves.values()) / 2
    limit = limits.maximum_importance_shift
    most = max(moves, key=lambda feature: abs(moves[feature]))
    reason = (
        f"total variation of gain shares is {_text(shift)}, limit {_text(limit)}; "
        f"{most} moved most, by {_text(moves[most])}"
    )
    return Gate(name, _status(shift <= limit), shift, limit, reason)


def leakage(evidence: Evidence, limits: GateLimits) -> Gate:
    """No feature alone tells the label, and of three or more none holds nearly all the gain."""
    limit = limits.maximum_single_feature_auc
    suspects = [
        f"{name} alone has AUC {_text(auc)}"
        for name, auc in sorted(evidence.feature_auc.items())
        if auc > limit
    ]
    if len(evidence.challenger_gain) >= 3:
        suspects += [
            f"{name} has gain share {_text(share)}"
            for name, share in sorted(evidence.challenger_gain.items())
            if share > limits.maximum_gain_share
        ]
    highest = max(evidence.feature_auc.values(), default=None)
    reason = "; ".join(suspects) or f"the strongest single feature has AUC {_text(highest)}"
    return Gate("leakage", _status(not suspects), highest, limit, reason)


def training_rows(evidence: Evidence, limits: GateLimits) -> Gate:
    """The training set has not shrunk to less than a share of the live version's."""
    name = "training_rows"
    if not evidence.champion_rows:
        reason = "no training rows of a live version are recorded"
        return Gate(name, "not_applicable", None, None, reason)
    needed = limits.minimum_training_share * evidence.champion_rows
    reason = (
        f"trained on {evidence.challenger_rows} rows, the live version on {evidence.champion_rows}"
    )
    enough = evidence.challenger_rows >= needed
    return Gate(name, _status(enough), evidence.challenger_rows, needed, reason)


def gate_rows(
    gates: Sequence[Gate],
    run_id: str,
    monitor: str,
    model_version: str | None,
    champion_version: str | None,
    decided_on: date,
) -> pl.DataFrame:
    """Rows of `promotion_decisions`, one per gate."""
    records: list[dict[str, Any]] = [
        {
            "run_id": run_id,
            "gate_name": gate.gate_name,
            "monitor": monitor,
            "model_version": model_version,
            "champion_version": champion_version,
            "status": gate.status,
            "observed": gate.observed,
            "required": gate.required,
            "reason": gate.reason,
            "decided_on": decided_on,
        }
        for gate in gates
    ]
    return pl.DataFrame(records, schema=dict(GATE_SCHEMA))


def _bound_name(metric: str) -> str:
    return f"{'minimum' if BINARY[metric].direction == 'higher' else 'maximum'}_{metric}"


def _no_champion(name: str) -> Gate:
    reason = "there is no live version to compare with"
    return Gate(name, "not_applicable", None, None, reason)


def _overall(comparisons: Sequence[Comparison], metric: str) -> Comparison | None:
    for one in comparisons:
        if (one.segment_name, one.segment_value, one.metric_name) == (*OVERALL, metric):
            return one
    return None


def _gain_interval(one: Comparison | None) -> tuple[float | None, float | None]:
    """Interval of the challenger's gain, positive where it is better."""
    if one is None or one.lower_bound is None or one.upper_bound is None:
        return None, None
    if BINARY[one.metric_name].direction == "higher":
        return one.lower_bound, one.upper_bound
    return -one.upper_bound, -one.lower_bound


def _margin(one: Comparison, absolute: float, share: float) -> float:
    if BINARY[one.metric_name].direction == "higher":
        return absolute
    return share * abs(one.champion_value or 0.0)


def _status(ok: bool) -> Status:
    return "passed" if ok else "failed"


def _text(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.6g}"
