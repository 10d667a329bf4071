from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jobs.errors import ConfigurationError
from jobs.evaluation.compare import Comparison
from jobs.evaluation.gates import Evidence, Gate, GateLimits, decide, gate_rows


def one(
    metric: str, value: float = 0.8, bounds: tuple[float, float] | None = (-0.004, 0.02),
    segment: tuple[str, str] = ("overall", "all"), own: tuple[float, float] = (0.75, 0.85),
) -> Comparison:  # fmt: skip
    lower, upper = bounds or (None, None)
    return Comparison(*segment, metric, 5000, 28, value, value, 0.0, lower, upper, *own)


SEGMENT = one("roc_auc", segment=("region", "north"), bounds=(-0.05, 0.01))
SOUND = Evidence(
    primary_metric="roc_auc",
    absolute=[one("roc_auc"), one("f1", 0.5), one("log_loss", 0.4)],
    paired=[one("roc_auc"), one("log_loss", 0.4, (-0.01, 0.004)), SEGMENT],
    unpaired_reason=None,
    has_champion=True,
    challenger_ece=0.01,
    champion_ece=0.02,
    paired_challenger_ece=0.03,
    base_rate=0.25,
    challenger_gain={"a": 0.5, "b": 0.3, "c": 0.2},
    champion_gain={"a": 0.4, "b": 0.4, "c": 0.2},
    feature_auc={"a": 0.7, "b": 0.6},
    challenger_rows=9000,
    champion_rows=10_000,
)
FLOOR = GateLimits(minimum_values={"roc_auc": 0.7, "f1": 0.4, "log_loss": 0.5})
FIRST = replace(SOUND, has_champion=False, paired=[], champion_gain=None, champion_rows=None)


def answers(evidence: Evidence, limits: GateLimits | None = None) -> dict[str, Gate]:
    return {gate.gate_name: gate for gate in decide(evidence, limits)}


def test_a_sound_challenger_passes_every_gate() -> None:
    assert {gate.status for gate in decide(SOUND, FLOOR)} == {"passed"}
    assert decide(SOUND)[-1].gate_name == "verdict"
    assert answers(SOUND)["minimum_values"].status == "not_applicable"


def pair(changed: Comparison) -> list[Comparison]:
    key = (changed.segment_name, changed.metric_name)
    kept = [other for other in SOUND.paired if (other.segment_name, other.metric_name) != key]
    return [*kept, changed]


@pytest.mark.parametrize(
    ("gate", "change"),
    [
        ("better_than_chance", {"absolute": [one("roc_auc", own=(0.49, 0.9))]}),
        ("better_than_chance", {"absolute": []}),
        ("minimum_values", {"absolute": [one("roc_auc", 0.69), one("f1"), one("log_loss", 0.4)]}),
        ("minimum_values", {"absolute": [one("roc_auc"), one("f1"), one("log_loss", 0.51)]}),
        ("minimum_values", {"absolute": [one("roc_auc"), one("log_loss", 0.4)]}),
        ("never_worse", {"paired": pair(one("roc_auc", bounds=(-0.011, 0.03)))}),
        ("never_worse", {"paired": pair(one("roc_auc", bounds=None))}),
        ("never_worse", {"paired": [], "unpaired_reason": "3 rows"}),
        ("log_loss_not_worse", {"paired": pair(one("log_loss", 0.4, (-0.01, 0.009)))}),
        ("segment_regression", {"paired": pair(replace(SEGMENT, upper_bound=-0.021))}),
        ("calibration", {"challenger_ece": 0.051}),
        ("calibration", {"challenger_ece": 0.006, "base_rate": 0.01}),
        ("calibration", {"challenger_ece": None}),
        ("importance_shift", {"challenger_gain": {"a": 0.0, "b": 0.1, "d": 0.9}}),
        ("leakage", {"feature_auc": {"a": 0.995}}),
        ("leakage", {"challenger_gain": {"a": 0.95, "b": 0.03, "c": 0.02}}),
        ("training_rows", {"challenger_rows": 4999}),
    ],
)
def test_each_gate_fails_and_with_it_the_verdict(gate: str, change: dict[str, Any]) -> None:
    found = answers(replace(SOUND, **change), FLOOR)
    assert found[gate].status == "failed"
    assert found["verdict"].status == "failed"
    assert gate in found["verdict"].reason


@pytest.mark.parametrize(
    ("gate", "change"),
    [
        ("never_worse", {"paired": pair(one("roc_auc", bounds=(-0.0099, 0.0)))}),
        ("log_loss_not_worse", {"paired": pair(one("log_loss", 0.4, (-0.01, 0.0079)))}),
        ("segment_regression", {"paired": pair(replace(SEGMENT, upper_bound=-0.019))}),
        ("calibration", {"challenger_ece": 0.05}),
        (
            "calibration",
            {"challenger_ece": 0.07, "paired_challenger_ece": 0.07, "champion_ece": 0.08},
        ),
        ("leakage", {"challenger_gain": {"a": 0.95, "b": 0.05}}),
        ("training_rows", {"challenger_rows": 5000}),
    ],
)
def test_each_gate_passes_just_inside_its_limit(gate: str, change: dict[str, Any]) -> None:
    assert answers(replace(SOUND, **change))[gate].status == "passed"


def test_first_version_has_no_comparisons_but_must_hold_its_floors() -> None:
    found = answers(FIRST, FLOOR)
    skipped = {name for name, gate in found.items() if gate.status == "not_applicable"}
    assert skipped == {
        "never_worse", "log_loss_not_worse", "segment_regression", "importance_shift",
        "training_rows",
    }  # fmt: skip
    assert found["verdict"].status == "passed"
    weak = replace(FIRST, absolute=[one("roc_auc", own=(0.5, 0.6))])
    assert answers(weak)["verdict"].status == "failed"


def test_the_direction_of_a_loss_is_respected() -> None:
    """A loss that falls is a gain, however far."""
    evidence = replace(
        SOUND,
        primary_metric="brier",
        paired=[one("brier", 0.2, (-0.1, -0.05)), one("log_loss", 0.4, (-0.1, -0.05))],
    )
    found = answers(evidence)
    assert found["never_worse"].status == "passed"
    assert found["never_worse"].observed == pytest.approx(0.05)
    assert found["never_worse"].required == pytest.approx(-0.02 * 0.2)


def test_thin_segments_are_no_reason_to_refuse() -> None:
    thin = replace(SEGMENT, lower_bound=None, upper_bound=None)
    assert (
        answers(replace(SOUND, paired=pair(thin)))["segment_regression"].status == "not_applicable"
    )


def test_limits_come_from_policy_parameters() -> None:
    limits = GateLimits.from_policies(
        {"never_worse_margin": 0.02, "minimum_roc_auc": 0.7, "maximum_log_loss": 0.6}
    )
    assert limits.never_worse_margin == 0.02
    assert limits.minimum_values == {"roc_auc": 0.7, "log_loss": 0.6}
    assert limits.segment_margin == GateLimits().segment_margin
    for wrong in ({"minimum_log_loss": 0.5}, {"marge": 1.0}, {"segment_margin": -1.0}):
        with pytest.raises(ConfigurationError, match=next(iter(wrong))):
            GateLimits.from_policies(wrong)


def test_rows_have_the_declared_columns() -> None:
    frame = gate_rows(decide(SOUND), "r", "m", "v2", "v1", date(2024, 5, 1))
    assert frame.columns == [
        "run_id", "gate_name", "monitor", "model_version", "champion_version", "status",
        "observed", "required", "reason", "decided_on",
    ]  # fmt: skip
    assert frame["gate_name"].is_unique().all()
    assert frame["reason"].str.len_chars().min() > 0  # type: ignore[operator]
