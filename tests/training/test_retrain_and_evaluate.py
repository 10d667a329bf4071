"""The two jobs from end to end, against a warehouse in memory."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from window_double import FIRST, MONITOR, SMALL, Double, Killed, make_window

from jobs.errors import ConfigurationError, ValidationFailedError, WarehouseError
from jobs.evaluation.gates import GateLimits
from jobs.evaluation.run import Evaluation, evaluate
from jobs.training.artifact import load
from jobs.training.run import (
    TrainingOutcome,
    TrainingPlan,
    choose_version,
    retrain,
    served_rows,
)
from jobs.training.weights import Weighting

AS_OF = FIRST + timedelta(days=102)
LATER = AS_OF + timedelta(days=20)
PLAN = TrainingPlan(reason="drift", parameters=SMALL, seed=3)


def make(
    double: Double, folder: Path, as_of: date = AS_OF, plan: TrainingPlan = PLAN
) -> TrainingOutcome:
    def closed(_round: int, _loss: float) -> None:
        assert double.open == 0, "fitting must not hold a connection"

    return retrain(double.connect, MONITOR, as_of, folder, plan, closed)


def judge(double: Double, folder: Path, run_id: str, champion: str | None) -> Evaluation:
    return evaluate(double.connect, MONITOR, AS_OF, run_id, champion, folder)


@pytest.fixture
def double() -> Double:
    warehouse = Double()
    warehouse.load(make_window())
    return warehouse


def test_first_version_is_trained_recorded_and_promoted(double: Double, tmp_path: Path) -> None:
    made = make(double, tmp_path)
    assert (made.model_version, made.already_done) == ("v1", False)
    (run,) = double.rows("training_runs")
    (version,) = double.rows("model_versions")
    assert (run["run_id"], run["reason"], run["seed"]) == (made.run_id, "drift", 3)
    assert (version["train_from"], version["train_to"]) == (FIRST, FIRST + timedelta(days=99))
    assert (run["holdout_from"], run["holdout_to"]) == (
        FIRST + timedelta(days=80), FIRST + timedelta(days=99),
    )  # fmt: skip
    assert (run["train_rows"], run["holdout_rows"]) == (5000, 1000)
    assert version["tree_count"] == run["best_iteration"]
    shares = [row["gain_share"] for row in double.rows("feature_importance")]
    assert sum(shares) == pytest.approx(1)  # type: ignore[arg-type]
    model = load(tmp_path / str(version["artifact_path"]), str(version["artifact_sha256"]))
    assert model.facts["run_id"] == made.run_id

    result = judge(double, tmp_path, made.run_id, None)
    assert result.promoted
    gates = {row["gate_name"]: row["status"] for row in double.rows("promotion_decisions")}
    assert gates["verdict"] == "passed"
    assert gates["never_worse"] == "not_applicable"


def test_holdout_scores_are_the_candidates_not_the_refits(double: Double, tmp_path: Path) -> None:
    make(double, tmp_path)
    held = make_window().filter(pl.col("split") == "holdout")
    scores = double.connection.sql("select * from driftline_jobs.holdout_scores").pl()
    joined = held.join(scores, on="inference_id", maintain_order="left")
    assert joined.height == held.height == scores.height
    assert roc_auc_score(joined["label"], joined["score"]) > 0.75
    refitted = load(tmp_path / "loans" / "v1").predict(held)
    assert np.abs(refitted - joined["score"].to_numpy()).max() > 1e-3


def test_refit_counts_recency_from_the_new_end(double: Double, tmp_path: Path) -> None:
    make(double, tmp_path)
    (run,) = double.rows("training_runs")
    weights = np.repeat(np.where(np.arange(100)[::-1] < 91, 2.0, 1.0), 50)
    assert run["effective_sample_size"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    served = served_rows(make_window().reverse(), MONITOR, Weighting())
    recent = served.day >= (FIRST + timedelta(days=9)).toordinal()
    assert served.weight[recent] == pytest.approx(2 * served.weight[~recent].mean())
    assert recent.mean() == pytest.approx(0.91)


def test_a_run_killed_after_its_time_limit_resumes_with_the_same_rounds(
    double: Double, tmp_path: Path
) -> None:
    double.kill_at = "driftline_jobs.holdout_scores"
    with pytest.raises(Killed):
        make(double, tmp_path, plan=replace(PLAN, time_limit_seconds=1e-9))
    double.kill_at = None
    assert make(double, tmp_path).model_version == "v1"
    (run,) = double.rows("training_runs")
    assert run["best_iteration"] == 1


def test_doing_it_again_finds_it_done(double: Double, tmp_path: Path) -> None:
    first = make(double, tmp_path)
    before = {name: double.rows(name) for name in ("training_runs", "model_versions")}
    assert make(double, tmp_path) == replace(first, already_done=True)
    assert before == {name: double.rows(name) for name in before}
    judge(double, tmp_path, first.run_id, None)
    tables = ("evaluation_results", "promotion_decisions")
    judged = {name: double.rows(name) for name in tables}
    judge(double, tmp_path, first.run_id, None)
    assert judged == {name: double.rows(name) for name in tables}


@pytest.mark.parametrize(
    "table", ["holdout_scores", "feature_importance", "model_versions", "training_runs"]
)
def test_a_killed_run_is_completed_under_its_version(
    double: Double, tmp_path: Path, table: str
) -> None:
    double.kill_at = f"driftline_jobs.{table}"
    with pytest.raises(Killed):
        make(double, tmp_path)
    double.kill_at = None
    made = make(double, tmp_path)
    assert (made.model_version, made.already_done) == ("v1", False)
    whole = Double()
    whole.load(make_window())
    make(whole, tmp_path / "other")
    for name in ("holdout_scores", "feature_importance", "model_versions"):
        assert double.rows(name) == whole.rows(name)
    runs = [{**row, "seconds": 0} for row in double.rows("training_runs")]
    assert runs == [{**row, "seconds": 0} for row in whole.rows("training_runs")]


def test_another_seed_is_another_run_and_version(double: Double, tmp_path: Path) -> None:
    first = make(double, tmp_path)
    second = make(double, tmp_path, plan=replace(PLAN, seed=4))
    assert second.run_id != first.run_id
    assert second.model_version == "v2"


def test_version_names_step_over_what_is_taken(double: Double, tmp_path: Path) -> None:
    assert choose_version("r", {}, {"v1", "v2"}, tmp_path) == "v3"
    assert choose_version("r", {"v1": "a", "v3": "b"}, set(), tmp_path) == "v4"
    assert choose_version("b", {"v1": "a", "v3": "b"}, set(), tmp_path) == "v3"
    double.kill_at = "driftline_jobs.holdout_scores"
    with pytest.raises(Killed):
        make(double, tmp_path)
    assert choose_version("other", {}, set(), tmp_path / "loans") == "v2"


def test_unfit_data_are_recorded_and_nothing_is_trained(double: Double, tmp_path: Path) -> None:
    double.load(make_window().with_columns(label=pl.lit(0)))
    for _ in range(2):
        with pytest.raises(ValidationFailedError, match="classes"):
            make(double, tmp_path)
    rows = double.rows("promotion_decisions")
    status = {row["gate_name"]: row["status"] for row in rows}
    assert len(status) == len(rows)
    assert (status["data_classes"], status["data_duplicates"]) == ("failed", "passed")
    assert status["verdict"] == "failed"
    assert double.rows("training_runs") == []
    assert not (tmp_path / "loans").exists()


def champion_and_challenger(
    double: Double, folder: Path, shift_days: int, spoil: bool = False
) -> Evaluation:
    """v1 on the first window, then v2 on one that ends `shift_days` later; evaluate v2."""
    make(double, folder)
    later = make_window(seed=2, first=FIRST + timedelta(days=shift_days))
    if spoil:
        learned = pl.col("split") != "holdout"
        noise = pl.col("label").shuffle(seed=1)
        later = later.with_columns(label=pl.when(learned).then(noise).otherwise(pl.col("label")))
    double.load(later)
    made = make(double, folder, LATER)
    assert made.model_version == "v2"
    return judge(double, folder, made.run_id, "v1")


def test_equal_challenger_is_compared_on_unseen_rows_only(double: Double, tmp_path: Path) -> None:
    result = champion_and_challenger(double, tmp_path, shift_days=15)
    (overall,) = [
        one for one in result.comparisons
        if (one.segment_name, one.metric_name) == ("overall", "roc_auc")
    ]  # fmt: skip
    # Holdout days 95..114; v1 saw up to day 99 and the horizon leaves a gap of two days.
    assert (overall.day_count, overall.row_count) == (13, 650)
    assert overall.champion_value is not None
    rows = double.rows("evaluation_results")
    assert {row["champion_version"] for row in rows} == {"v1"}
    assert {row["segment_name"] for row in rows} == {"overall", "region"}


def test_worse_challenger_is_refused(double: Double, tmp_path: Path) -> None:
    result = champion_and_challenger(double, tmp_path, shift_days=20, spoil=True)
    failed = {gate.gate_name for gate in result.gates if gate.status == "failed"}
    assert {"never_worse", "log_loss_not_worse", "verdict"} <= failed
    assert not result.promoted


def test_too_few_unseen_rows_fail_with_the_reason(double: Double, tmp_path: Path) -> None:
    result = champion_and_challenger(double, tmp_path, shift_days=4)
    gate = next(gate for gate in result.gates if gate.gate_name == "never_worse")
    assert gate.status == "failed"
    assert "100 rows of 2 days" in gate.reason
    assert "v1" in gate.reason
    assert not result.promoted


@pytest.mark.parametrize(("quality", "status"), [(0.0, "passed"), (3.0, "failed")])
def test_a_model_from_elsewhere_is_judged_by_what_it_logged(
    double: Double, tmp_path: Path, quality: float, status: str
) -> None:
    window = make_window()
    noise = np.random.default_rng(0).normal(size=window.height)
    score = 1 / (1 + np.exp(-(quality * (window["label"].to_numpy() - 0.5) + 0.1 * noise)))
    double.load(window.with_columns(score=score))
    made = make(double, tmp_path)
    result = judge(double, tmp_path, made.run_id, "bought")
    gate = next(gate for gate in result.gates if gate.gate_name == "never_worse")
    assert gate.status == status
    assert result.comparisons[0].row_count == 1000


def test_policy_floor_is_held(double: Double, tmp_path: Path) -> None:
    made = make(double, tmp_path)
    limits = GateLimits.from_policies({"minimum_roc_auc": 0.99})
    result = evaluate(double.connect, MONITOR, AS_OF, made.run_id, None, tmp_path, limits)
    assert not result.promoted


def test_unknown_run_and_strategy_are_refused(double: Double, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="nowhere"):
        judge(double, tmp_path, "nowhere", None)
    with pytest.raises(ConfigurationError, match="incremental"):
        make(double, tmp_path, plan=replace(PLAN, strategy="incremental"))


def test_most_rows_are_the_same_ones_each_time(tmp_path: Path) -> None:
    runs = []
    for order, window in (("as_made", make_window()), ("reversed", make_window().reverse())):
        double = Double()
        double.load(window)
        make(double, tmp_path / order, plan=replace(PLAN, max_rows=4500))
        (run,) = double.rows("training_runs")
        runs.append((run["train_rows"], run["data_hash"]))
    assert runs[0] == runs[1]
    assert runs[0][0] == 4500
