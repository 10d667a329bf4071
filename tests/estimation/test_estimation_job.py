"""The estimation job from end to end, against a warehouse in memory whose future is known."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from jobs.attribution.folds import Trees
from jobs.attribution.question import Span
from jobs.errors import NothingToDo
from jobs.estimation.question import Question, ask, is_answered
from jobs.estimation.records import SCHEMA, TABLE
from jobs.estimation.run import EstimationPlan, estimate, told
from tests.training.window_double import FIRST, MONITOR, Double, Killed

SOURCES = Path("dbt_project/models/marts/governance/_jobs_sources.yml")
FARES = replace(MONITOR, task="regression", retrain=False, label_horizon_days=7)
LOG_DAYS, ROWS_A_DAY = 42, 40
LAST = FIRST + timedelta(days=LOG_DAYS - 1)
DUE = LAST - timedelta(days=FARES.label_horizon_days)
REFERENCE = Span("live", FIRST, FIRST + timedelta(days=27))
PLAN = EstimationPlan(trees=Trees(rounds=30))
Rows = list[dict[str, object]]


def future() -> pl.DataFrame:
    """Fares that are harder to tell the larger the amount, which grows when labels end."""
    rng = np.random.default_rng(4)
    day = np.repeat(np.arange(LOG_DAYS), ROWS_A_DAY)
    amount = rng.normal(size=len(day)) + (day >= LOG_DAYS - FARES.label_horizon_days)
    score = 10 + 2 * amount
    region = np.where(rng.random(len(day)) < 0.3, None, "north")
    return pl.DataFrame(
        {
            "monitor": "loans",
            "origin": "log",
            "inference_id": [f"row-{number}" for number in range(len(day))],
            "metric_date": [FIRST + timedelta(days=int(one)) for one in day],
            "model_version": "v1",
            "is_shadow": False,
            "score": score,
            "label": score + np.exp(0.6 * amount) * rng.normal(size=len(day)),
            "numeric_values": np.column_stack([amount, rng.normal(size=len(day))]).tolist(),
            "categorical_values": [[one] for one in region],
            "segment_values": [[one] for one in region],
        }
    )


FUTURE = future()
KNOWN = FUTURE.with_columns(label=pl.when(pl.col("metric_date") <= DUE).then("label"))


def warehouse(log: pl.DataFrame = KNOWN) -> Double:
    """The relations that the job reads, with the counts that the daily facts would have."""
    double = Double()
    declared = yaml.safe_load(SOURCES.read_text())["sources"][0]["tables"]
    (table,) = [one for one in declared if one["name"] == "performance_estimates"]
    assert [one["name"] for one in table["columns"]] == list(SCHEMA)
    columns = ", ".join(f"{one['name']} {one['data_type']}" for one in table["columns"])
    segment = pl.col("segment_values").list.get(0).fill_null("unknown")
    parts = [
        log.with_columns(segment_name=pl.lit(name), segment_value=value)
        for name, value in (("overall", pl.lit("all")), ("region", segment))
    ]
    serving = [one.filter(~pl.col("is_shadow")) for one in parts]
    facts = (
        pl.concat([*parts, *(one.with_columns(model_version=pl.lit("serving")) for one in serving)])
        .group_by("monitor", "model_version", "metric_date", "segment_name", "segment_value")
        .agg(
            traffic=pl.lit("live"),
            row_count=pl.len(),
            answered_rows=(~pl.col("is_shadow")).sum(),
            null_scores=pl.col("score").null_count(),
        )
    )
    spans = log.group_by("monitor", "model_version").agg(
        traffic=pl.lit("live"), first_day=pl.col("metric_date").min()
    )
    live = log.select("monitor", "metric_date", live_version=pl.lit("v1")).unique()
    double.fill(
        {
            "driftline_internal.int_inferences": log,
            "driftline_internal.int_performance_daily": facts,
            "driftline_internal.int_version_spans": spans,
            "driftline_internal.int_live_version_daily": live,
            "driftline.monitors": pl.DataFrame({"monitor": ["loans"], "last_whole_day": [LAST]}),
        }
    )
    double.connection.execute(f"create table {TABLE} ({columns})")
    return double


def question(double: Double, as_of: date = LAST) -> Question:
    with double.connect() as one:
        return ask(one, FARES, as_of)


def run(double: Double, plan: EstimationPlan = PLAN, as_of: date = LAST) -> pl.DataFrame:
    return estimate(double.connect, FARES, question(double, as_of), plan)


@pytest.fixture(scope="module")
def written() -> Rows:
    double = warehouse()
    rows = run(double)
    assert "mae" in told(question(double), rows)
    return double.rows("performance_estimates")


def test_what_labels_will_show_lies_within_the_bounds(written: Rows) -> None:
    """The amounts have moved: the errors of the reference are of another kind of rows."""
    judged = 0
    for row in written:
        if row["window_days"] == 30:
            continue
        last, days = row["metric_date"], row["window_days"]
        assert isinstance(last, date) and isinstance(days, int)
        inside = FUTURE.filter(
            pl.col("metric_date").is_between(last - timedelta(days=days - 1), last)
        )
        if row["segment_name"] == "region":
            own = pl.col("segment_values").list.get(0).fill_null("unknown")
            inside = inside.filter(own == row["segment_value"])
        error = (inside["score"] - inside["label"]).to_numpy()
        truth = np.abs(error).mean() if row["metric_name"] == "mae" else np.sqrt((error**2).mean())
        assert (row["window_rows"], row["sampled_rows"]) == (inside.height, inside.height)
        lower, upper = row["lower_bound"], row["upper_bound"]
        assert isinstance(lower, float) and isinstance(upper, float)
        judged += lower <= truth <= upper
        if row["segment_name"] == "overall" and days == 7 and last == LAST:
            assert lower <= truth <= upper
            reference = row["reference_value"]
            assert isinstance(reference, float)
            assert reference < lower, "the plain error of the reference is off"
            assert upper / lower < 1.8, "and the bounds are no mere hedge"
    windows = 7 * 2 * 2 * 2 * 3  # days, lengths, metrics, version and serving, groups
    assert len(written) == windows * 3 // 2
    assert judged >= 0.85 * windows


def test_the_reference_is_named_and_its_own_error_is_that_of_its_rows(written: Rows) -> None:
    rows = KNOWN.filter(pl.col("metric_date") <= REFERENCE.last)
    error = (rows["score"] - rows["label"]).to_numpy()
    expected = {"mae": np.abs(error).mean(), "rmse": np.sqrt((error**2).mean())}
    for row in written:
        assert (row["reference_from"], row["reference_to"]) == (FIRST, REFERENCE.last)
        assert row["reference_rows"] == rows.height
        assert row["reference_value"] == pytest.approx(expected[str(row["metric_name"])], rel=1e-12)


def test_the_estimate_of_rows_like_the_reference_is_its_own_error() -> None:
    """What trees leave on rows that they have not seen is added: no bias where nothing moved."""
    again = KNOWN.filter(pl.col("metric_date") <= REFERENCE.last)
    shifted = again.with_columns(
        metric_date=pl.col("metric_date").dt.offset_by("28d"), label=pl.lit(None, pl.Float64),
        inference_id="again-" + pl.col("inference_id"),
    )  # fmt: skip
    double = warehouse(pl.concat([again, shifted]))
    last = FIRST + timedelta(days=55)
    double.connection.execute(f"update driftline.monitors set last_whole_day = '{last}'")
    rows = run(double, as_of=last)
    found = rows.filter(
        (pl.col("metric_date") == last)
        & (pl.col("window_days") == 7)
        & (pl.col("segment_name") == "overall")
    )
    for row in found.iter_rows(named=True):
        assert abs(row["estimated_value"] / row["reference_value"] - 1) < 0.1, row


def test_doing_it_again_or_after_a_kill_writes_the_same(written: Rows) -> None:
    shuffled = KNOWN.sample(fraction=1, shuffle=True, seed=1)
    double = warehouse(shuffled)
    double.kill_at = TABLE
    with pytest.raises(Killed):
        run(double)
    assert double.rows("performance_estimates") == []
    double.kill_at = None
    for _ in range(2):
        asked = question(double)
        run(double)
        assert double.rows("performance_estimates") == written
        assert question(double) == asked, "what this as-of day wrote is no reason to ask less"
        with double.connect() as one:
            assert is_answered(one, asked)


def test_a_later_day_asks_for_what_is_new_or_has_changed() -> None:
    double = warehouse()
    earlier = LAST - timedelta(days=1)
    run(double, as_of=earlier)
    assert question(double).days == (LAST,)
    changed = LAST - timedelta(days=3)
    double.connection.execute(
        "update driftline_internal.int_performance_daily set row_count = row_count + 1 "
        f"where metric_date = '{changed}'"
    )
    # Windows of seven days hold it through LAST, which is new anyway.
    assert question(double).days == (
        *(changed + timedelta(days=later) for later in range(3)), LAST,
    )  # fmt: skip
    run(double)
    with pytest.raises(NothingToDo, match=r"every day after .* has been estimated"):
        question(double, LAST + timedelta(days=1))


def test_few_sampled_rows_say_nothing_however_many_they_stand_for() -> None:
    """A day has 40 rows, of which the cap leaves some 15."""
    double, plan = warehouse(), replace(PLAN, max_rows=200, min_rows=30)
    run(double, plan)
    days = [row for row in double.rows("performance_estimates") if row["window_days"] == 1]
    of_all = [row for row in days if row["segment_name"] == "overall"]
    assert of_all
    assert all(row["sampled_rows"] < plan.min_rows <= row["window_rows"] for row in of_all)
    assert {row["status"] for row in days} == {"insufficient_data"}


def test_a_cap_takes_the_rows_with_the_least_hash_and_widens_the_bounds(written: Rows) -> None:
    double = warehouse()
    run(double, replace(PLAN, max_rows=600))
    capped = double.rows("performance_estimates")
    wider = 0
    for row, whole in zip(capped, written, strict=True):
        assert row["window_rows"] == whole["window_rows"]
        assert row["reference_rows"] == 600
        if row["estimated_value"] is not None and row["window_days"] == 7:
            wider += row["standard_error"] > whole["standard_error"]  # type: ignore[operator]
    assert wider > 60


def test_a_window_of_serving_needs_rows_of_the_version_alone() -> None:
    """A canary answered a few rows of the last day."""
    canary = KNOWN.tail(5).with_columns(
        model_version=pl.lit("v2"), inference_id="canary-" + pl.col("inference_id")
    )
    rows = run(warehouse(pl.concat([KNOWN, canary])))
    of_last = rows.filter((pl.col("metric_date") == LAST) & (pl.col("window_days") == 7))
    for row in of_last.iter_rows(named=True):
        assert (row["estimated_value"] is None) == (row["model_version"] == "serving"), row
    assert "v1 did not answer all of it" in of_last["note"].to_list()


def test_a_window_that_begins_in_the_reference_says_nothing(written: Rows) -> None:
    for row in written:
        last = row["metric_date"]
        assert isinstance(last, date)
        if row["window_days"] == 30:
            assert row["status"] == "insufficient_data"
            assert "learned from" in str(row["note"])
            assert row["estimated_value"] is None


def test_too_few_rows_or_no_reference_are_told_and_no_crash() -> None:
    double = warehouse()
    rows = run(double, replace(PLAN, min_rows=5_000))
    assert rows["status"].unique().to_list() == ["insufficient_data"]
    assert rows["note"][0] == "1120 labelled rows; at least 5000 are needed to learn from"

    unlabeled = warehouse(KNOWN.with_columns(label=pl.lit(None, pl.Float64)))
    assert run(unlabeled)["note"][0].startswith("0 labelled rows")

    young = warehouse(KNOWN.filter(pl.col("metric_date") > FIRST + timedelta(days=10)))
    rows = run(young)
    assert rows["status"].unique().to_list() == ["no_reference"]
    assert "are not due yet" in rows["note"][0]

    few = KNOWN.filter((pl.col("metric_date") <= DUE) | pl.col("inference_id").str.ends_with("0"))
    rows = run(warehouse(few))
    thin = rows.filter((pl.col("window_days") == 1) & (pl.col("metric_date") == LAST))
    assert thin["status"].unique().to_list() == ["insufficient_data"]
    assert thin.filter(pl.col("segment_name") == "overall")["estimated_value"].null_count() == 0


def test_one_row_that_has_all_of_the_loss_teaches_nothing() -> None:
    label = pl.when(pl.int_range(pl.len()) == 50).then(1e6).otherwise("label")
    rows = run(warehouse(KNOWN.with_columns(label=label)))
    assert rows["status"].unique().to_list() == ["insufficient_data"]
    assert "the reference has rmse of some 1 rows" in rows["note"].to_list()


@pytest.mark.parametrize("error", [0.0, 1e30, 1e-30])
def test_perfect_and_extreme_errors_stay_numbers(error: float) -> None:
    sign = pl.int_range(pl.len()) % 2 * 2 - 1
    rows = run(warehouse(KNOWN.with_columns(label=pl.col("score") + sign * error)))
    found = rows.filter(pl.col("window_days") == 7).drop_nulls("estimated_value")
    assert found.height
    values = found["estimated_value", "lower_bound", "upper_bound"].to_numpy()
    assert np.isfinite(values).all()
    size = (KNOWN["score"] - (KNOWN["score"] + error)).abs().mean()
    assert values == pytest.approx(np.full(values.shape, size), rel=1e-3, abs=1e-30)


def test_nothing_to_do_without_labels_to_wait_for() -> None:
    double = warehouse()
    with double.connect() as one:
        with pytest.raises(NothingToDo, match="whose labels are not due"):
            ask(one, replace(FARES, label_horizon_days=0), LAST)
        with pytest.raises(NothingToDo, match="found task binary; expected regression"):
            ask(one, MONITOR, LAST)
