"""A monitor of predicted numbers against scikit-learn and the raw rows."""

import nasty
import numpy as np
import polars as pl
import pytest
from truth.regression import METRICS, Predictions, bounds, estimate

WINDOWS = (1, 7, 30)
FIRST = nasty.FIRST_DAY.toordinal()
DAYS = [FIRST + number for number in (3, 28, 33, 40, 41, 50, 60, 70, 74, 89)]
KEYS = [
    ("serving", "overall", "all"),
    ("serving", "zone", "inner"),
    ("serving", "zone", "unknown"),
    ("m2", "overall", "all"),
]


@pytest.fixture(scope="module")
def predictions(tables: dict[str, pl.DataFrame]) -> Predictions:
    return Predictions.load(tables["fares"], nasty.AS_OF)


def rows_of(predictions: Predictions, key: tuple[str, str, str]) -> Predictions:
    version, segment, value = key
    chosen = np.ones(len(predictions.day), bool)
    if version != "serving":
        chosen &= predictions.version == version
    if segment != "overall":
        chosen &= predictions.zone == value
    return predictions.inside(chosen)


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_metrics_and_bounds_are_those_of_the_rows(
    first_build: dict[str, pl.DataFrame], predictions: Predictions, key: tuple[str, str, str]
) -> None:
    version, segment, value = key
    found = {
        (row["metric_name"], row["metric_date"].toordinal(), row["window_days"]): row
        for row in first_build["performance"]
        .filter(
            (pl.col("monitor") == "fares")
            & (pl.col("model_version") == version)
            & (pl.col("segment_name") == segment)
            & (pl.col("segment_value") == value)
            & (pl.col("reference") == "previous")
        )
        .iter_rows(named=True)
    }
    rows = rows_of(predictions, key)
    compared = 0
    for day in DAYS:
        for window in WINDOWS:
            inside = rows.between(day - window + 1, day)
            if ("mae", day, window) not in found:
                assert version != "serving" and day not in rows.day
                continue
            for metric in METRICS:
                row, at = found[metric, day, window], (metric, day - FIRST, window)
                expected = estimate(metric, inside.judged)
                assert row["row_count"] == len(inside.day), at
                assert row["labeled_rows"] == len(inside.judged.day), at
                if expected is None:
                    assert row["metric_value"] is None, at
                    continue
                assert row["metric_value"] == pytest.approx(expected.value, rel=1e-8), at
                limits = bounds(metric, rows, day, window)
                if np.isnan(expected.error):
                    assert row["lower_bound"] is None and row["upper_bound"] is None, at
                    assert row["status"] == "insufficient_data", at
                    continue
                assert limits is not None
                # Student's quantile is approximated to 0.1 %.
                for bound, limit in zip(("lower_bound", "upper_bound"), limits, strict=True):
                    gap = abs(row[bound] - limit)
                    scale = abs(limit - expected.value)
                    assert gap <= 5e-3 * scale + 1e-8 * abs(limit), (at, bound, row[bound], limit)
                compared += 1
    assert compared > 30


def test_change_of_r2_is_in_points_and_that_of_a_loss_a_share(
    first_build: dict[str, pl.DataFrame],
) -> None:
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


def test_predictions_lie_on_a_grid_of_the_first_28_days(
    first_build: dict[str, pl.DataFrame], predictions: Predictions
) -> None:
    """Ten bins of about equal mass, the outer ones open, hold every row."""
    bins = first_build["prediction_bins"].filter(pl.col("monitor") == "fares").sort("bin_id")
    inner = bins.filter(pl.col("bin_kind") == "interval")
    edges = [*inner["lower_bound"], inner["upper_bound"].max()]
    reference = predictions.between(FIRST, FIRST + 27).score
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
        score = predictions.between(day, day).score
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


def test_percentiles_of_predictions_are_exact_to_a_cell(
    first_build: dict[str, pl.DataFrame], predictions: Predictions
) -> None:
    reference = predictions.between(FIRST, FIRST + 27).score
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
        score = predictions.between(day - 6, day).score
        score = score[~np.isnan(score)]
        assert row["mean"] == pytest.approx(score.mean(), rel=1e-9)
        assert (row["min_value"], row["max_value"]) == (score.min(), score.max())
        for name, share in (("p05", 0.05), ("p25", 0.25), ("median", 0.5), ("p75", 0.75)):
            value = np.quantile(score, share, method="inverted_cdf")
            # A cell is a fiftieth of a unit at the centre and wider away from it.
            width = scale / 50 * np.hypot(1, (value - np.nanmedian(reference)) / scale) * 1.1
            assert abs(row[name] - value) <= width, (row["metric_date"], name)


def test_a_regression_has_no_calibration_of_chances(
    first_build: dict[str, pl.DataFrame],
) -> None:
    for relation in ("calibration", "calibration_summary"):
        assert "fares" not in first_build[relation]["monitor"].unique()
