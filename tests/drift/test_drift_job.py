"""The drift job from end to end, against a warehouse in memory."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import md5
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
import yaml

from jobs.attribution.due import is_due
from jobs.attribution.folds import Trees
from jobs.attribution.question import Question
from jobs.config.model import Monitor
from jobs.drift.question import ask
from jobs.drift.records import (
    CLASSIFICATIONS,
    CLASSIFICATIONS_SCHEMA,
    CONTRIBUTIONS,
    CONTRIBUTIONS_SCHEMA,
    Compared,
    Limits,
)
from jobs.drift.run import DriftPlan, Found, look
from jobs.drift.shares import Contributions, compare
from jobs.errors import ArtifactError, NothingToDo
from jobs.training.artifact import ServingModel, save
from jobs.training.calibrate import Calibration
from jobs.training.dataset import Encoder
from tests.training.window_double import FIRST, MONITOR, Double, Killed

SOURCES = Path("dbt_project/models/marts/governance/_jobs_sources.yml")
LOG_DAYS, ROWS_A_DAY, HELD_DAYS = 45, 30, 14
LAST = FIRST + timedelta(days=LOG_DAYS - 1)
HELD_FROM = FIRST - timedelta(days=HELD_DAYS)
PLAN = DriftPlan(trees=Trees(rounds=10), min_rows=100)
TABLES = {CONTRIBUTIONS: CONTRIBUTIONS_SCHEMA, CLASSIFICATIONS: CLASSIFICATIONS_SCHEMA}


def rows(first: date, days: int, spread_from: int, origin: str) -> pl.DataFrame:
    """Loans; from a day on amounts vary five times less, and a region is new. No label anywhere."""
    rng = np.random.default_rng(days)
    day = np.repeat(np.arange(days), ROWS_A_DAY)
    amount = rng.normal(size=len(day)) / np.where(day >= spread_from, 5, 1)
    region = rng.integers(0, np.where(day >= spread_from, 4, 3))
    age = [None if one > 1 else one for one in rng.normal(size=len(day)).tolist()]
    return pl.DataFrame(
        {
            "monitor": "loans",
            "origin": origin,
            "inference_id": [f"{origin}-{number}" for number in range(len(day))],
            "metric_date": [first + timedelta(days=int(one)) for one in day],
            "model_version": "v1",
            "is_shadow": False,
            "numeric_values": [list(one) for one in zip(amount.tolist(), age, strict=True)],
            "categorical_values": [[f"r{one}"] for one in region],
        }
    )


LOG = rows(FIRST, LOG_DAYS, LOG_DAYS - 7, "log")
HELD = rows(HELD_FROM, HELD_DAYS, HELD_DAYS, "history")


@pytest.fixture(scope="module")
def model() -> ServingModel:
    """Decides by amount and a little by age and region."""
    encoder = Encoder.fit(HELD, MONITOR.numeric, MONITOR.categorical)
    features = encoder.transform(HELD)
    rng = np.random.default_rng(1)
    odds = 3 * features[:, 0] + np.nan_to_num(features[:, 1]) + 0.8 * features[:, 2]
    label = (rng.random(len(odds)) < 1 / (1 + np.exp(-odds))).astype(int)
    data = lgb.Dataset(features, label=label, categorical_feature=[2])
    parameters = {"objective": "binary", "num_leaves": 7, "min_data_in_leaf": 20, "verbosity": -1}
    booster = lgb.train(parameters, data, num_boost_round=20)
    return ServingModel(booster, encoder, Calibration("platt", 1.0, 0.0, 100), {"version": "v1"})


def warehouse(log: pl.DataFrame = LOG, registered: str | None = None) -> Double:
    """The relations that the job reads; `registered` is the checksum of v1's artifact."""
    double = Double()
    other = log.with_columns(numeric_values=pl.lit([99.0, 99.0]))
    shadow = other.with_columns(model_version=pl.lit("v0"), is_shadow=pl.lit(True))
    twice = other.filter(pl.col("metric_date") == FIRST).with_columns(model_version=pl.lit("v7"))
    spans = [
        ("serving", "live", FIRST, LAST), ("v1", "live", FIRST, LAST),
        ("v1", "holdout", HELD_FROM, FIRST - timedelta(days=1)),
    ]  # fmt: skip
    days = [FIRST + timedelta(days=number) for number in range(LOG_DAYS)]
    double.fill({
        "driftline_internal.int_inferences": pl.concat([log, HELD, shadow, twice]),
        "driftline_internal.int_version_spans": pl.DataFrame(
            [("loans", *one) for one in spans], orient="row",
            schema=["monitor", "model_version", "traffic", "first_day", "last_day"],
        ),
        "driftline_internal.int_live_version_daily": pl.DataFrame({"metric_date": days}).select(
            pl.lit("loans").alias("monitor"), "metric_date", pl.lit("v1").alias("live_version"),
            pl.lit("v1" if registered else "unregistered").alias("training_version"),
        ),
        "driftline.monitors": pl.DataFrame({"monitor": ["loans"], "last_whole_day": [LAST]}),
    })  # fmt: skip
    if registered:
        double.connection.execute(
            "insert into driftline_jobs.model_versions (monitor, model_version, artifact_sha256) "
            f"values ('loans', 'v1', '{registered}')"
        )
    declared = {
        one["name"]: one["columns"]
        for one in yaml.safe_load(SOURCES.read_text())["sources"][0]["tables"]
    }
    for table, schema in TABLES.items():
        columns = declared[table.partition(".")[2]]
        assert [one["name"] for one in columns] == list(schema)
        kinds = ", ".join(f"{one['name']} {one['data_type']}" for one in columns)
        double.connection.execute(f"create table {table} ({kinds})")
    return double


def question(double: Double, as_of: date = LAST, days: int = 7) -> Question:
    with double.connect() as one:
        return ask(one, MONITOR, as_of, days)


def due(double: Double, as_of: date = LAST) -> bool:
    asked = question(double, as_of)
    with double.connect() as one:
        return is_due(one, CLASSIFICATIONS, asked, 7)


def look_at(
    double: Double, artifacts: Path, plan: DriftPlan = PLAN, monitor: Monitor = MONITOR
) -> tuple[Found, list[str]]:
    told: list[str] = []

    def say(line: str) -> None:
        assert double.open == 0, "fitting must not hold a connection"
        told.append(line)

    return look(double.connect, monitor, question(double), artifacts, plan, say), told


@pytest.fixture(scope="module")
def artifacts(model: ServingModel, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("artifacts")
    return folder, save(folder / "loans" / "v1", model)


def test_both_tables_hold_what_the_rows_say(
    artifacts: tuple[Path, str], model: ServingModel
) -> None:
    folder, checksum = artifacts
    double = warehouse(registered=checksum)
    found, told = look_at(double, folder)
    window = LOG.filter(pl.col("metric_date") > LAST - timedelta(days=7))
    sides = {"training": HELD, "stable": LOG.filter(pl.col("metric_date") < FIRST + timedelta(28))}
    by_key = {(one["reference"], one["feature_name"]): one
              for one in double.rows("feature_contributions")}  # fmt: skip
    assert len(by_key) == 2 * 4
    for reference, past in sides.items():
        size = []
        for side in (window, past):
            raw = model.booster.predict(model.encoder.transform(side), pred_contrib=True)
            size.append(np.abs(np.asarray(raw)[:, :3]).mean(axis=0))
        for at, name in enumerate(MONITOR.features):
            row = by_key[reference, name]
            assert row["mean_contribution"] == pytest.approx(size[0][at])
            assert row["reference_share"] == pytest.approx(size[1][at] / size[1].sum())
            assert row["contribution_rank"] == 1 + (size[0] > size[0][at]).sum()
        of_all = by_key[reference, "all"]
        assert (of_all["status"], by_key[reference, "amount"]["status"]) == ("drifted", "drifted")
        assert (of_all["current_rows"], of_all["reference_rows"]) == (window.height, past.height)
        effects = [by_key[reference, name]["score_effect"] for name in MONITOR.features]
        assert of_all["score_effect"] == pytest.approx(sum(effects))  # type: ignore[arg-type]
        log_odds = [
            np.mean(model.booster.predict(model.encoder.transform(one), raw_score=True))
            for one in (window, past)
        ]
        assert of_all["score_effect"] == pytest.approx(log_odds[0] - log_odds[1])
    classified = double.rows("domain_classifications")
    assert [one["reference"] for one in classified] == ["stable", "training"]
    for row in classified:
        assert row["status"] == "drifted" and row["domain_auc"] > row["null_p99"]  # type: ignore[operator]
        assert row["top_feature"] in ("amount", "region")
    assert any("training: contributions drifted" in line for line in found.lines())
    assert sum("null, block" in line for line in told) == 4 + 4


def test_doing_it_again_writes_nothing_twice_and_a_killed_run_is_completed(
    artifacts: tuple[Path, str],
) -> None:
    folder, checksum = artifacts
    undisturbed = warehouse(registered=checksum)
    look_at(undisturbed, folder)
    tables = [table.partition(".")[2] for table in TABLES]
    before = [undisturbed.rows(table) for table in tables]
    _, told = look_at(undisturbed, folder)
    assert [undisturbed.rows(table) for table in tables] == before
    assert not told, "the null of a reference is learned once"

    double = warehouse(registered=checksum)
    for table in TABLES:
        double.kill_at = table
        with pytest.raises(Killed):
            look_at(double, folder)
        assert due(double)
    double.kill_at = None
    look_at(double, folder)
    assert [double.rows(table) for table in tables] == before
    assert not due(double)
    assert not due(double, LAST + timedelta(days=6)), "written as of a day before"


def test_without_a_model_of_a_job_all_features_are_still_compared(tmp_path: Path) -> None:
    """Watched only, of any task."""
    double = warehouse()
    found, _ = look_at(double, tmp_path, monitor=replace(MONITOR, task="regression", retrain=False))
    assert double.rows("feature_contributions") == []
    classified = double.rows("domain_classifications")
    assert [one["status"] for one in classified] == ["drifted", "drifted"]
    assert found.lines()[-1] == "contributions not applicable: no job trained v1"
    differing = [name for name in classified[0] if classified[0][name] != classified[1][name]]
    assert differing == ["reference"], "both references are the first weeks of the log"


def test_a_model_of_other_features_or_with_a_lost_file_is_told(
    artifacts: tuple[Path, str], tmp_path: Path
) -> None:
    folder, checksum = artifacts
    double = warehouse(registered=checksum)
    other = replace(MONITOR, numeric=("amount", "income"))
    found, _ = look_at(double, folder, monitor=other)
    assert found.not_applicable == (
        "it was trained on amount, age, region, and the log is read for amount, income, region"
    )
    with pytest.raises(ArtifactError, match="SHA256SUMS"):
        look_at(double, tmp_path)


def test_a_cap_takes_the_rows_with_the_least_hash_however_they_lie(
    artifacts: tuple[Path, str], model: ServingModel
) -> None:
    folder, checksum = artifacts
    found = []
    for log in (LOG, LOG.sample(fraction=1, shuffle=True, seed=1)):
        double = warehouse(log, checksum)
        look_at(double, folder, replace(PLAN, max_rows=150))
        found.append([double.rows(table.partition(".")[2]) for table in TABLES])
    assert found[0] == found[1]
    assert {row["current_rows"] for row in found[0][1]} == {150}
    window = LOG.filter(pl.col("metric_date") > LAST - timedelta(days=7))
    hashes = [md5(one.encode()).hexdigest() for one in window["inference_id"]]
    least = window.with_columns(hash=pl.Series(hashes)).sort("hash").head(150)
    raw = np.asarray(model.booster.predict(model.encoder.transform(least), pred_contrib=True))
    (amount, _) = [row for row in found[0][0] if row["feature_name"] == "amount"]
    assert amount["mean_contribution"] == pytest.approx(np.abs(raw[:, 0]).mean())


def test_what_cannot_be_compared_says_why(artifacts: tuple[Path, str]) -> None:
    folder, checksum = artifacts
    double = warehouse(registered=checksum)
    found, _ = look_at(double, folder, replace(PLAN, min_rows=300))
    assert {row["status"] for row in double.rows("domain_classifications")} == {"insufficient_data"}
    assert {row["feature_name"] for row in double.rows("feature_contributions")} == {"all"}
    assert found.compared[0].note == "210 rows against 420; at least 300 of each are needed"
    asked = question(double, FIRST + timedelta(days=3))
    assert asked.too_short == "the log has 4 of the 7 days"
    assert "not before the window" in str(asked.references["training"])
    assert "not before the window" in str(asked.references["stable"])
    with pytest.raises(NothingToDo, match="found no version that answered"):
        question(double, FIRST - timedelta(days=1))


def test_drift_needs_both_evidence_and_size() -> None:
    """A change of a share by 0.04 is no drift however sure it is, unless the limit says so."""
    rng = np.random.default_rng(9)

    def side(scales: list[float]) -> Contributions:
        return Contributions(rng.normal(size=(8_000, 2)) * scales, np.arange(8_000) // 400)

    shares = compare(side([1.0, 1.15]), side([1.0, 1.0]))
    assert shares.least_q < 1e-6 and 0.02 < shares.moved < 0.05
    one = Compared("training", shares=shares)
    assert one.contribution_status(Limits()) == "ok"
    assert one.contribution_status(Limits(share_change=0.02)) == "drifted"
    assert one.contribution_status(Limits(ndcg=1.1)) == "drifted"
    assert Compared("training").contribution_status(Limits()) == "insufficient_data"
