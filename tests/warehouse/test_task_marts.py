"""Predicted numbers, one of several classes, rankings: against scikit-learn and the raw rows."""

from collections.abc import Callable
from functools import partial

import nasty
import numpy as np
import polars as pl
import pytest
from truth import multiclass, ranking, regression
from truth.estimates_by_task import Estimator, Intervals, Rows

WINDOWS = (1, 7, 30)
FIRST = nasty.FIRST_DAY.toordinal()
DAYS = [FIRST + number for number in (3, 28, 33, 40, 41, 50, 60, 70, 74, 89)]
Tables = dict[str, pl.DataFrame]
TASKS: dict[str, tuple[Callable[[Tables], Rows], Estimator, dict[str, str]]] = {
    "fares": (
        lambda tables: regression.load(tables["fares"], nasty.AS_OF),
        regression.estimate,
        regression.SCALES,
    ),
    "tickets": (
        lambda tables: multiclass.load(tables["tickets"], tables["ticket_outcomes"], nasty.AS_OF),
        multiclass.estimate,
        multiclass.SCALES,
    ),
    "searches": (
        lambda tables: ranking.load(tables["searches"], nasty.AS_OF),
        ranking.estimate,
        ranking.SCALES,
    ),
}
ON_THEIR_SCALE: dict[str, Callable[[float], float]] = {
    "loss": np.log,
    "unexplained": lambda value: float(np.log(1 - value)),
}
KEYS = [
    ("fares", "serving", "overall", "all"),
    ("fares", "serving", "zone", "inner"),
    ("fares", "serving", "zone", "unknown"),
    ("fares", "m2", "overall", "all"),
    ("tickets", "serving", "overall", "all"),
    ("tickets", "t1", "overall", "all"),
    ("tickets", "serving", "channel", "web"),
    ("tickets", "serving", "channel", "unknown"),
    ("searches", "serving", "overall", "all"),
    ("searches", "serving", "place", "side"),
    ("searches", "serving", "is_fresh", "true"),
    ("searches", "serving", "is_fresh", "false"),
]


def rows_of(tables: Tables, monitor: str, version: str, segment: str, value: str) -> Rows:
    rows = TASKS[monitor][0](tables)
    chosen = np.ones(len(rows.day), bool)
    if version != "serving":
        chosen &= rows.columns["version"] == version
    if segment != "overall":
        chosen &= rows.columns[segment] == value
    if segment in ranking.SEGMENTS:
        for metric in ranking.SCALES:
            rows.columns[metric][rows.columns[f"mixed_{segment}"]] = np.nan
    return rows.inside(chosen)


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_metrics_and_bounds_are_those_of_the_rows(
    first_build: Tables, tables: Tables, key: tuple[str, str, str, str]
) -> None:
    monitor, version, segment, value = key
    _, estimate, scales = TASKS[monitor]
    if monitor == "tickets" and segment != "overall":
        estimate = partial(multiclass.estimate, per_unit=10)
    found = {
        (row["metric_name"], row["metric_date"].toordinal(), row["window_days"]): row
        for row in first_build["performance"]
        .filter(
            (pl.col("monitor") == monitor)
            & (pl.col("model_version") == version)
            & (pl.col("segment_name") == segment)
            & (pl.col("segment_value") == value)
            & (pl.col("reference") == "previous")
        )
        .iter_rows(named=True)
    }
    business = set(nasty.MONITORS[monitor].get("business_metrics", {}))
    assert {metric for metric, *_ in found} - business == set(scales)
    rows = rows_of(tables, *key)
    intervals, compared = Intervals(estimate, rows), 0
    for day in DAYS:
        for window in WINDOWS:
            inside = rows.between(day - window + 1, day)
            for metric, scale in scales.items():
                if (metric, day, window) not in found:
                    assert version != "serving" and day not in rows.day
                    continue
                row, at = found[metric, day, window], (metric, day - FIRST, window)
                expected = estimate(metric, inside.judged)
                assert row["row_count"] == len(inside.day), at
                assert row["labeled_rows"] == len(inside.judged.day), at
                if expected is None:
                    assert row["metric_value"] is None, (at, row)
                    continue
                gap = abs(row["metric_value"] - expected.value)
                assert gap <= expected.tolerance * max(1, abs(expected.value)), (at, row, expected)
                limits = intervals.of(metric, scale, day, window)
                if limits is None:
                    continue
                # Student's quantile is approximated to 0.1 %, of losses on their logarithm.
                of_scale = ON_THEIR_SCALE.get(scale, float)
                for bound, limit in zip(("lower_bound", "upper_bound"), limits, strict=True):
                    gap = abs(of_scale(row[bound]) - of_scale(limit))
                    width = abs(of_scale(limit) - of_scale(expected.value))
                    allowed = 5e-3 * width + 1e-8 * abs(of_scale(limit)) + 2 * expected.tolerance
                    assert gap <= allowed, (at, bound, row[bound], limit)
                compared += 1
    assert compared > 12


def test_change_of_r2_is_in_points_and_that_of_a_loss_a_share(first_build: Tables) -> None:
    rows = first_build["performance"].filter(
        (pl.col("monitor") == "fares")
        & pl.col("reference_value").is_not_null()
        & pl.col("metric_value").is_not_null()
    )
    points = pl.col("metric_value") - pl.col("reference_value")
    share = points / pl.col("reference_value").abs()
    for metric, expected in (("r2", points), ("rmse", share)):
        of_metric = rows.filter(pl.col("metric_name") == metric)
        assert of_metric.height > 500
        gap = of_metric.select((pl.col("relative_change") - expected).abs().max()).item()
        assert gap <= 1e-9 * of_metric["relative_change"].abs().max()


@pytest.fixture(scope="module")
def fares(tables: Tables) -> Rows:
    return TASKS["fares"][0](tables)


def test_predictions_lie_on_a_grid_of_the_first_28_days(first_build: Tables, fares: Rows) -> None:
    """Ten bins of about equal mass, the outer ones open, hold every row."""
    bins = first_build["prediction_bins"].filter(pl.col("monitor") == "fares").sort("bin_id")
    inner = bins.filter(pl.col("bin_kind") == "interval")
    edges = [*inner["lower_bound"], inner["upper_bound"].max()]
    reference = fares.between(FIRST, FIRST + 27).columns["score"]
    reference = reference[~np.isnan(reference)]
    quartiles = np.quantile(reference, [0.25, 0.5, 0.75], method="inverted_cdf")
    cell = (quartiles[2] - quartiles[0]) / 1.3489795003921634 / 10
    counts = np.histogram(reference, edges)[0]
    assert counts.sum() == len(reference)
    near = np.abs(np.array(edges) - quartiles[1]) < 5 * cell
    assert near.sum() >= 3
    # Near the centre an edge lies within a cell of the quantile that it stands for.
    shares = np.concatenate([[0], np.cumsum(counts)]) / len(reference)
    for edge, share in zip(np.array(edges)[near], shares[near], strict=True):
        assert abs(edge - np.quantile(reference, round(share, 1))) < 1.5 * cell
    histograms = first_build["prediction_histograms"].filter(
        (pl.col("monitor") == "fares")
        & (pl.col("segment_name") == "overall")
        & (pl.col("model_version") == "serving")
    )
    for day in (FIRST + 10, FIRST + 70, FIRST + 80):
        score = fares.between(day, day).columns["score"]
        usable = score[~np.isnan(score)]
        expected = {
            0: int((usable < edges[0]).sum()),
            -1: int(np.isnan(score).sum()),
            -2: 0,
            len(edges): int((usable >= edges[-1]).sum()),
            **dict(enumerate(np.histogram(usable, edges)[0].tolist(), start=1)),
        }
        of_day = histograms.filter(pl.col("metric_date") == nasty.date.fromordinal(day))
        assert dict(of_day.select("bin_id", "row_count").iter_rows()) == expected


def test_percentiles_of_predictions_are_exact_to_a_cell(first_build: Tables, fares: Rows) -> None:
    reference = fares.between(FIRST, FIRST + 27).columns["score"]
    low, high = np.nanquantile(reference, [0.25, 0.75], method="inverted_cdf")
    scale = (high - low) / 1.3489795003921634
    rows = first_build["prediction_statistics"].filter(
        (pl.col("monitor") == "fares")
        & (pl.col("segment_name") == "overall")
        & (pl.col("model_version") == "serving")
        & (pl.col("window_days") == 7)
    )
    assert rows["confidence_median"].null_count() == rows.height
    for row in rows.filter(pl.col("row_count") > 100).iter_rows(named=True):
        day = row["metric_date"].toordinal()
        score = fares.between(day - 6, day).columns["score"]
        score = score[~np.isnan(score)]
        assert row["mean"] == pytest.approx(score.mean(), rel=1e-9)
        assert (row["min_value"], row["max_value"]) == (score.min(), score.max())
        for name, share in (("p05", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75)):
            value = np.quantile(score, share, method="inverted_cdf")
            # A cell is a fiftieth of a unit at the centre and wider away from it.
            width = scale / 50 * np.hypot(1, (value - np.nanmedian(reference)) / scale) * 1.1
            assert abs(row[name] - value) <= width, (row["metric_date"], name)


def test_only_chances_have_a_calibration(first_build: Tables) -> None:
    for relation in ("calibration", "calibration_summary"):
        assert set(first_build[relation]["monitor"].unique()) == {"orders", "visits", "tickets"}
