"""What predicted numbers, one of several classes, and rankings are off by: against numpy and
scikit-learn on raw rows."""

from datetime import date, timedelta

import nasty
import numpy as np
import polars as pl
import pytest
from test_task_marts import DAYS, FIRST, WINDOWS, Tables, rows_of
from truth.comparing import is_close
from truth.errors import monday_of
from truth.estimates_by_task import Rows
from truth.features import numeric_bin_ids, published_bins
from truth.intervals import EPSILON

PERCENTILES = [("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95)]
BUCKETS = ["far_under_share", "under_share", "near_share", "over_share", "far_over_share"]
KEYS = [
    ("fares", "serving", "overall", "all"),
    ("fares", "m2", "overall", "all"),
    ("fares", "serving", "zone", "inner"),
    ("tickets", "serving", "overall", "all"),
    ("tickets", "serving", "channel", "web"),
    ("searches", "serving", "overall", "all"),
    ("searches", "serving", "place", "side"),
    ("searches", "serving", "is_fresh", "true"),
]
CLASSES = np.array(["bug", "idea", "it's spam"])


def errors_of(monitor: str, rows: Rows) -> np.ndarray:
    """Score less label; of several classes 1 less the score of the class that came true; of a
    ranking 1 less the NDCG of each query."""
    if monitor == "fares":
        return np.asarray(rows.columns["score"] - rows.columns["label"])
    if monitor == "searches":
        return np.maximum(1 - rows.columns["ndcg"][~np.isnan(rows.columns["ndcg"])], 0)
    label = rows.columns["label"]
    return np.asarray(1 - rows.columns["scores"][np.arange(len(label)), label])


def scale_of(tables: Tables) -> float:
    """The spread of what was predicted in the first 28 days."""
    rows = rows_of(tables, "fares", "serving", "overall", "all").between(FIRST, FIRST + 27)
    low, high = np.nanquantile(rows.columns["score"], [0.25, 0.75], method="inverted_cdf")
    return float(high - low) / 1.3489795003921634


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_percentiles_lie_within_their_bound_of_numpys(
    first_build: Tables, tables: Tables, key: tuple[str, str, str, str]
) -> None:
    monitor, version, segment, value = key
    rows, scale = rows_of(tables, *key).judged, scale_of(tables)
    found = {
        (row["metric_date"].toordinal(), row["window_days"]): row
        for row in first_build["error_percentiles"]
        .filter(
            (pl.col("monitor") == monitor)
            & (pl.col("model_version") == version)
            & (pl.col("segment_name") == segment)
            & (pl.col("segment_value") == value)
        )
        .iter_rows(named=True)
    }
    cells_per_decade = 100 if segment == "overall" else 20
    looked_at = 0
    for day in DAYS:
        for window in WINDOWS:
            error = errors_of(monitor, rows.between(day - window + 1, day))
            if not len(error):
                assert (day, window) not in found
                continue
            if (day, window) not in found:
                assert version != "serving"
                continue
            row, looked_at = found[day, window], looked_at + 1
            assert row["labeled_rows"] == len(error)
            assert row["status"] == ("ok" if len(error) >= 100 else "insufficient_data")
            for name, share in PERCENTILES:
                exact = np.quantile(np.abs(error), share, method="inverted_cdf")
                assert abs(row[name] - exact) <= row["error_bound"] * (1 + 1e-9), (row, exact)
            if monitor != "fares":
                assert row["error_scale"] is None
                assert row["error_bound"] <= 0.5 / (50 if segment == "overall" else 10) / 4
            if monitor == "tickets":
                assert row["mean_error"] is None
                continue
            assert is_close(row["mean_error"], np.abs(error).mean())
            spread = np.abs(error).std(ddof=1) / np.sqrt(len(error)) if len(error) > 1 else None
            assert is_close(row["mean_error_standard_error"], spread, rel=1e-6)
            if monitor == "searches":
                continue
            # Half a cell, in parts of its middle.
            half = np.tanh(np.log(10) / cells_per_decade / 2)
            assert row["error_bound"] <= half * row["p95"] * (1 + 1e-9)
            assert is_close(row["error_scale"], scale)
            edges = np.array([-1, -0.1, 0.1, 1]) * scale
            shares = np.bincount(np.digitize(error, edges), minlength=5) / len(error)
            assert np.allclose([row[name] for name in BUCKETS], shares, rtol=0, atol=1e-12), row
    assert looked_at > 10


def log_loss(off: np.ndarray) -> np.ndarray:
    return -np.log(np.maximum(1 - off, EPSILON))


def days_of_errors(monitor: str, rows: Rows) -> np.ndarray:
    """The day of each error: of a row, or of a query."""
    return rows.day[~np.isnan(rows.columns["ndcg"])] if monitor == "searches" else rows.day


@pytest.mark.parametrize("version", ["serving", "one"])
@pytest.mark.parametrize("monitor", ["fares", "tickets", "searches"])
def test_worst_predictions_are_those_of_the_raw_rows(
    first_build: Tables, tables: Tables, monitor: str, version: str
) -> None:
    if version == "one":
        version = rows_of(tables, monitor, "serving", "overall", "all").columns["version"][0]
    rows = rows_of(tables, monitor, version, "overall", "all").judged
    error, day = errors_of(monitor, rows), days_of_errors(monitor, rows)
    loss = {"fares": np.square, "tickets": log_loss, "searches": np.abs}
    weeks = np.array([monday_of(int(one)) for one in day])
    found = first_build["worst_predictions"].filter(
        (pl.col("monitor") == monitor) & (pl.col("model_version") == version)
    )
    assert {one.toordinal() for one in found["week"].unique()} == set(weeks.tolist())
    for (week,), of_week in found.sort("error_rank").group_by("week", maintain_order=True):
        assert isinstance(week, date)
        expected = np.sort(np.abs(error[weeks == week.toordinal()]))[::-1][:20]
        assert np.allclose(of_week["absolute_error"], expected, rtol=0, atol=1e-9), week
        assert np.allclose(of_week["loss"], loss[monitor](expected), rtol=1e-9, atol=1e-9)
        last_day = min(week + timedelta(days=6), nasty.AS_OF)
        assert of_week["metric_date"].to_list() == [last_day] * of_week.height


def test_worst_tickets_say_what_was_called_and_what_came_true(
    first_build: Tables, tables: Tables
) -> None:
    worst = first_build["worst_predictions"].filter(pl.col("monitor") == "tickets")
    kinds = dict(tables["ticket_outcomes"].select("ticket", "kind").iter_rows())
    scores: dict[int, list[np.ndarray]] = {}
    for ticket, *own in tables["tickets"].select("ticket", "p_bug", "p_idea", "p_spam").iter_rows():
        scores.setdefault(ticket, []).append(np.array(own, float))
    for row in worst.iter_rows(named=True):
        actual = kinds[int(row["inference_id"])]
        assert (row["actual_class"], row["label"]) == (actual, 1)
        # A ticket may have been loaded twice.
        said = [
            own
            for own in scores[int(row["inference_id"])]
            if own[list(CLASSES).index(actual)] == row["score"]
        ]
        assert row["called_class"] in {CLASSES[own.argmax()] for own in said}
    assert (worst["called_class"] != worst["actual_class"]).sum() > 100
    others = first_build["worst_predictions"].filter(pl.col("monitor") != "tickets")
    assert others["actual_class"].null_count() == others["called_class"].null_count() == len(others)


def test_worst_searches_are_named(first_build: Tables, tables: Tables) -> None:
    worst = first_build["worst_predictions"].filter(
        (pl.col("monitor") == "searches") & (pl.col("model_version") == "serving")
    )
    rows = rows_of(tables, "searches", "serving", "overall", "all")
    is_query = ~np.isnan(rows.columns["ndcg"])
    ndcg = dict(zip(rows.columns["search"][is_query], rows.columns["ndcg"][is_query], strict=True))
    assert worst.height > 200
    for row in worst.iter_rows(named=True):
        assert is_close(row["score"], ndcg[row["inference_id"]])
        assert (row["label"], row["answered_by"]) == (1, "r1")


def test_patterns_of_rankings_lose_what_their_queries_do(
    first_build: Tables, tables: Tables
) -> None:
    patterns = first_build["error_patterns"].filter(pl.col("monitor") == "searches")
    assert patterns["pattern_kind"].unique().to_list() == ["segment"]
    at = date.fromordinal(DAYS[-1])
    for row in patterns.filter(pl.col("metric_date") == at).iter_rows(named=True):
        key = ("searches", "serving", row["segment_name"], row["segment_value"])
        own = rows_of(tables, *key).between(DAYS[-1] - row["window_days"] + 1, DAYS[-1])
        error = errors_of("searches", own)
        assert row["row_count"] == len(error)
        assert is_close(row["loss"], error.mean())
        for column in ("false_positives", "positive_rows", "observed_rate", "mean_score"):
            assert row[column] is None
        # Most searches have answers that differ in freshness and count for no value of it.
        judged = row["segment_name"] == "place" and len(error) >= 100
        assert row["status"] in (("ok", "weak") if judged else ("insufficient_data",))
    assert patterns.filter(pl.col("status") != "insufficient_data").height > 20
    assert patterns.filter(segment_value="exact")["loss"].unique().to_list() == [0]


def test_patterns_of_numbers_lose_their_squared_error(first_build: Tables, tables: Tables) -> None:
    rows = rows_of(tables, "fares", "serving", "overall", "all").judged
    bins = published_bins(first_build["feature_bins"], "fares")["distance"]
    raw = tables["fares"].filter(pl.col("asked_at").dt.date() <= nasty.AS_OF)
    distance = raw["distance"]
    everything = rows_of(tables, "fares", "serving", "overall", "all")
    placed = numeric_bin_ids(
        distance.fill_null(np.nan).to_numpy(), distance.is_null().to_numpy(), bins
    )[everything.is_judged]
    groups: dict[tuple[str, str, int], np.ndarray] = {
        ("feature_bin", "all", int(one)): placed == one for one in np.unique(placed)
    } | {
        ("segment", str(one), 0): rows.columns["zone"] == one
        for one in np.unique(rows.columns["zone"])
    }
    patterns = first_build["error_patterns"].filter(
        (pl.col("monitor") == "fares")
        & pl.col("metric_date").is_in([date.fromordinal(day) for day in DAYS])
    )
    error, judged = errors_of("fares", rows), 0
    for row in patterns.iter_rows(named=True):
        last = row["metric_date"].toordinal()
        inside = (rows.day > last - row["window_days"]) & (rows.day <= last)
        own = inside & groups[row["pattern_kind"], row["segment_value"], row["bin_id"]]
        judged += row["p_value"] is not None
        assert row["row_count"] == own.sum()
        assert is_close(row["loss"], (error[own] ** 2).mean()), row
        assert is_close(row["loss_of_all"], (error[inside] ** 2).mean()), row
        assert is_close(row["observed_minus_expected"], -error[own].mean()), row
        for column in ("false_positives", "positive_rows", "observed_rate", "false_negative_rate"):
            assert row[column] is None
    assert judged > 50
    assert patterns["pattern_kind"].n_unique() == 2


def test_patterns_of_classes_lose_their_log_loss(first_build: Tables, tables: Tables) -> None:
    rows = rows_of(tables, "tickets", "serving", "overall", "all").judged
    loss = log_loss(errors_of("tickets", rows))
    patterns = first_build["error_patterns"].filter(pl.col("monitor") == "tickets")
    at = (pl.col("metric_date") == date.fromordinal(DAYS[-1])) & (pl.col("window_days") == 30)
    inside = (rows.day > DAYS[-1] - 30) & (rows.day <= DAYS[-1])
    of_features = patterns.filter(at, pl.col("pattern_kind") == "feature_bin")
    total = (of_features["loss"] * of_features["row_count"]).sum()
    assert is_close(total, loss[inside].sum())
    for row in patterns.filter(at, pl.col("pattern_kind") == "segment").iter_rows(named=True):
        own = inside & (rows.columns["channel"] == row["segment_value"])
        assert (row["row_count"], row["observed_minus_expected"]) == (own.sum(), None)
        assert is_close(row["loss"], loss[own].mean())


def test_gaps_of_numbers_are_there(first_build: Tables) -> None:
    gaps = first_build["segment_gaps"].filter(
        (pl.col("monitor") == "fares") & (pl.col("window_days") == 30)
    )
    for metric in ("mean_error", "error_p50", "error_p95", "mae"):
        own = gaps.filter(pl.col("metric_name") == metric)
        assert own.filter(pl.col("value_count") > 1).height > 20, metric
