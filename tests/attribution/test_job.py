"""The attribution job from end to end, against a warehouse in memory."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from sklearn.metrics import log_loss

from jobs.attribution.due import why_due
from jobs.attribution.folds import Trees
from jobs.attribution.question import Question, Span, ask
from jobs.attribution.records import SCHEMA, TABLE, Verdict
from jobs.attribution.run import AttributionPlan, attribute
from jobs.errors import NothingToDo
from tests.training.window_double import FIRST, MONITOR, Double, Killed

SOURCES = Path("dbt_project/models/marts/governance/_jobs_sources.yml")
LOG_DAYS, ROWS_A_DAY, HELD_DAYS = 45, 30, 14
LAST = FIRST + timedelta(days=LOG_DAYS - 1)
AS_OF = LAST + timedelta(days=MONITOR.label_horizon_days)
HELD_FROM = FIRST - timedelta(days=HELD_DAYS)
PLAN = AttributionPlan(trees=Trees(rounds=10), min_rows=100)


def rows(first: date, days: int, shift_from: int, origin: str, version: str) -> pl.DataFrame:
    """Loans whose amount is higher from a day on; the model knows what amount says."""
    rng = np.random.default_rng(days)
    day = np.repeat(np.arange(days), ROWS_A_DAY)
    amount = rng.normal(size=len(day)) + 1.5 * (day >= shift_from)
    probability = 1 / (1 + np.exp(3 - 1.5 * amount))
    return pl.DataFrame(
        {
            "monitor": "loans",
            "origin": origin,
            "inference_id": [f"{origin}-{number}" for number in range(len(day))],
            "metric_date": [first + timedelta(days=int(one)) for one in day],
            "model_version": version,
            "is_shadow": False,
            "score": probability,
            "label": (rng.random(len(day)) < probability).astype(float),
            "numeric_values": np.column_stack([amount, rng.normal(size=len(day))]).tolist(),
            "categorical_values": [[str(one)] for one in rng.integers(0, 3, len(day))],
        }
    )


LOG = rows(FIRST, LOG_DAYS, LOG_DAYS - 7, "log", "v1")
HELD = rows(HELD_FROM, HELD_DAYS, HELD_DAYS, "history", "before")


def loss(frame: pl.DataFrame) -> float:
    return float(log_loss(frame["label"], frame["score"], labels=[0, 1]))


def warehouse(log: pl.DataFrame = LOG, training_version: str = "v1") -> Double:
    """The relations that the job reads, with the sums that the daily facts would have."""
    double = Double()
    declared = yaml.safe_load(SOURCES.read_text())["sources"][0]["tables"]
    (table,) = [one for one in declared if one["name"] == "drift_attributions"]
    assert [one["name"] for one in table["columns"]] == list(SCHEMA)
    columns = ", ".join(f"{one['name']} {one['data_type']}" for one in table["columns"])
    judged = pl.concat(
        [
            log.with_columns(traffic=pl.lit("live")),
            HELD.with_columns(traffic=pl.lit("holdout"), model_version=pl.lit("v1")),
        ]
    )
    judged = judged.filter(pl.col("label").is_not_null())
    facts = pl.DataFrame(
        [
            {
                "monitor": "loans", "model_version": "v1", "traffic": traffic, "metric_date": day,
                "segment_name": "overall", "labeled_rows": one.height,
                "log_loss_sum": one.height * loss(one),
            }
            for (traffic, day), one in judged.group_by("traffic", "metric_date")
        ]
    )  # fmt: skip
    spans = pl.DataFrame(
        {
            "monitor": ["loans"] * 2, "model_version": ["v1"] * 2, "traffic": ["live", "holdout"],
            "first_day": [FIRST, HELD_FROM], "last_day": [LAST, FIRST - timedelta(days=1)],
        }
    )  # fmt: skip
    live = pl.DataFrame({"metric_date": log["metric_date"].unique(maintain_order=True)}).select(
        pl.lit("loans").alias("monitor"), "metric_date", pl.lit("v1").alias("live_version"),
        pl.lit(training_version).alias("training_version"), pl.lit(FIRST).alias("live_since"),
    )  # fmt: skip
    held = HELD.select("monitor", pl.lit("v1").alias("model_version"), "inference_id", "score")
    # What was served then came from another model.
    past = HELD.with_columns(score=pl.lit(0.5))
    double.fill(
        {
            "driftline_internal.int_inferences": pl.concat([log, past]),
            "driftline_internal.int_performance_daily": facts,
            "driftline_internal.int_version_spans": spans,
            "driftline_internal.int_live_version_daily": live,
            "driftline_jobs.holdout_scores": held,
            "driftline.monitors": pl.DataFrame({"monitor": ["loans"], "last_whole_day": [AS_OF]}),
            "driftline.performance": performance("ok"),
        }
    )
    double.connection.execute(f"create table {TABLE} ({columns})")
    return double


def performance(status: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "monitor": "loans", "model_version": "serving", "metric_date": [LAST],
            "window_days": 7, "segment_name": "overall", "metric_name": "roc_auc",
            "reference": "training", "status": status,
        }
    )  # fmt: skip


def question(double: Double, as_of: date = AS_OF, days: int = 7) -> Question:
    with double.connect() as one:
        return ask(one, MONITOR, as_of, days)


def judge(double: Double, plan: AttributionPlan = PLAN) -> tuple[list[Verdict], list[str]]:
    told: list[str] = []

    def say(line: str) -> None:
        assert double.open == 0, "fitting must not hold a connection"
        told.append(line)

    return attribute(double.connect, MONITOR, question(double), plan, say), told


def test_both_references_are_judged_on_the_rows_of_the_marts() -> None:
    double = warehouse()
    verdicts, told = judge(double)
    written = {row["reference"]: row for row in double.rows("drift_attributions")}
    window = LOG.filter(pl.col("metric_date") > LAST - timedelta(days=7))
    sides = {
        "training": HELD,
        "stable": LOG.filter(pl.col("metric_date") < FIRST + timedelta(days=28)),
    }
    for name, reference in sides.items():
        row = written[name]
        assert (row["status"], row["feature_name"], row["metric_date"]) == ("judged", "joint", LAST)
        assert (row["current_rows"], row["reference_rows"]) == (window.height, reference.height)
        assert row["total_change"] == pytest.approx(loss(window) - loss(reference))
        parts = [row[f"{one}_effect"] for one in ("mix", "concept", "out_of_support")]
        assert sum(parts) == pytest.approx(row["total_change"], abs=1e-15)  # type: ignore[arg-type]
        assert parts[0] + parts[2] > 0.5 * row["total_change"]  # type: ignore[operator]
    assert [one.reference for one in verdicts] == ["training", "stable"]
    assert sum("null band" in line for line in told) == 4 + 4
    assert written["training"]["reference_from"] == HELD_FROM


def test_doing_it_again_writes_nothing_twice() -> None:
    double = warehouse()
    judge(double)
    before = double.rows("drift_attributions")
    _, told = judge(double)
    assert double.rows("drift_attributions") == before
    assert not any("null band" in line for line in told), "that of a reference is learned once"
    assert len(before) == 2


def test_killed_before_the_write_it_leaves_nothing_and_ends_the_same() -> None:
    undisturbed = warehouse()
    judge(undisturbed)
    double = warehouse()
    double.kill_at = TABLE
    with pytest.raises(Killed):
        judge(double)
    assert double.rows("drift_attributions") == []
    double.kill_at = None
    judge(double)
    assert double.rows("drift_attributions") == undisturbed.rows("drift_attributions")


def test_a_cap_takes_the_same_rows_and_leaves_the_change_as_it_is() -> None:
    shuffled = LOG.sample(fraction=1, shuffle=True, seed=1)
    plan = replace(PLAN, max_rows=150)
    found = []
    for log in (LOG, shuffled):
        double = warehouse(log)
        judge(double, plan)
        found.append(double.rows("drift_attributions"))
    assert found[0] == found[1]
    for row in found[0]:
        assert (row["current_rows"], row["sampled_current_rows"]) == (210, 150)
        parts = [row[f"{one}_effect"] for one in ("mix", "concept", "out_of_support")]
        total = row["current_loss"] - row["reference_loss"]  # type: ignore[operator]
        assert sum(parts) == pytest.approx(total, abs=1e-15)  # type: ignore[arg-type]


def test_what_cannot_be_judged_says_why() -> None:
    window = pl.col("metric_date") > LAST - timedelta(days=7)
    unlabeled = LOG.with_columns(label=pl.when(~window).then(pl.col("label")))
    double = warehouse(unlabeled)
    verdicts, _ = judge(double)
    assert {one.status for one in verdicts} == {"insufficient_data"}
    assert verdicts[0].note.startswith("0 labelled rows against 420; at least 100")

    double = warehouse()
    execute = double.connection.execute
    execute("delete from driftline_internal.int_version_spans where traffic = 'holdout'")
    assert question(double).references["training"] == "v1 has no held-out rows"
    verdicts, _ = judge(double)
    assert [one.status for one in verdicts] == ["no_reference", "judged"]

    execute(f"update driftline_internal.int_live_version_daily set live_since = '{LAST}'")
    verdicts, _ = judge(double)
    assert [one.status for one in verdicts] == ["no_reference", "insufficient_data"]
    assert verdicts[1].note == "v1 has served for 1 of the 7 days"


def test_a_reference_ends_before_the_window_begins() -> None:
    double = warehouse()
    assert question(double).references["stable"] == Span("live", FIRST, FIRST + timedelta(days=27))
    found = question(double, days=30).references["stable"]
    assert isinstance(found, str) and "not before the window" in found


def test_a_version_that_no_job_trained_is_compared_with_its_first_weeks() -> None:
    verdicts, _ = judge(warehouse(training_version="unregistered"))
    assert replace(verdicts[0], reference="stable") == verdicts[1]


def test_without_an_answer_on_the_day_there_is_nothing_to_do() -> None:
    with pytest.raises(NothingToDo, match="found no version that answered"):
        question(warehouse(), FIRST)


def test_it_is_due_once_a_week_and_while_performance_is_not_in_order() -> None:
    double = warehouse()

    def due(as_of: date) -> str | None:
        asked = question(double, as_of)
        with double.connect() as one:
            return why_due(one, MONITOR, asked, 7)

    earlier = AS_OF - timedelta(days=5)
    assert due(earlier) == "every 7 days"
    attribute(double.connect, MONITOR, question(double, earlier), PLAN)
    assert due(earlier) is None
    assert due(AS_OF) is None, "five days later"
    double.connection.execute("update driftline.performance set status = 'red'")
    assert due(AS_OF) == "roc_auc is not in order"
    double.connection.execute("update driftline.performance set status = 'ok'")
    double.connection.execute(f"update {TABLE} set metric_date = '{LAST - timedelta(days=7)}'")
    assert due(AS_OF) == "every 7 days"
