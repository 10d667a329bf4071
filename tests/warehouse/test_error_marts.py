"""Error patterns, worst rows, percentiles of the error and gaps between segments, from raw rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import nasty
import numpy as np
import polars as pl
import pytest
from scipy import stats
from segments import IDS, SEGMENTS
from truth.comparing import by_key, is_close
from truth.errors import (
    Judged,
    Key,
    Pattern,
    judged_rows,
    monday_of,
    patterns,
    patterns_of,
    shrunk_lifts,
    worst_rows,
)
from truth.features import published_bins
from truth.rows import Truth, ordinal

Slices = Callable[..., pl.DataFrame]
Row = dict[str, Any]
KEY = ["pattern_kind", "segment_name", "segment_value", "feature_name", "bin_id"]
OFFSETS = (5, 6, 20, 29, 40, 47, 59, 66, nasty.LOG_DAYS - 1)
DAYS = [ordinal(nasty.FIRST_DAY) + offset for offset in OFFSETS]
WINDOWS = [
    (monitor, day, window) for monitor in nasty.MONITORS for day in DAYS for window in (7, 30)
]
Compared = list[tuple[tuple[Any, ...], Row, Pattern]]


@pytest.fixture(scope="module")
def windows(
    truths: dict[str, Truth], first_build: dict[str, pl.DataFrame]
) -> dict[tuple[str, int, int], Compared]:
    """Every pattern of the windows that are looked at, as it was found beside its truth."""
    found_in = {
        (str(key[0]), ordinal(key[1]), int(key[2])): by_key(rows, KEY)
        for key, rows in first_build["error_patterns"].group_by(
            "monitor", "metric_date", "window_days"
        )
    }
    compared = {}
    for monitor, truth in truths.items():
        bins = published_bins(first_build["feature_bins"], monitor)
        masks: dict[Key, np.ndarray] = dict(patterns(truth, bins))
        everything = judged_rows(truth)
        for day in DAYS:
            for window in (7, 30):
                key = (monitor, day, window)
                found = found_in.get(key, {})
                expected = patterns_of(truth, masks, everything, day, window)
                assert found.keys() == expected.keys(), key
                compared[key] = [(one, found[one], expected[one]) for one in expected]
    return compared


def test_patterns_are_the_rows_of_their_bin_and_segment(
    windows: dict[tuple[str, int, int], Compared],
) -> None:
    for at, of_window in windows.items():
        for key, row, truth in of_window:
            own = truth.own
            called, positive = own.score >= own.threshold, own.label == 1
            expected = {
                "loss": own.loss.mean(),
                "loss_of_all": truth.everything.loss.mean(),
                "lift": truth.lift,
                "row_count": len(own.loss),
                "row_share": len(own.loss) / len(truth.everything.loss),
                "avoidable_share": max(0.0, truth.excess) / truth.everything.loss.sum(),
                "false_positives": (called & ~positive).sum(),
                "false_negatives": (~called & positive).sum(),
                "positive_rows": positive.sum(),
                "false_positive_rate": called[~positive].mean() if (~positive).any() else None,
                "false_negative_rate": (~called[positive]).mean() if positive.any() else None,
                "observed_rate": own.label.mean(),
                "observed_minus_expected": (own.label - own.score).mean(),
                "mean_score": own.score.mean(),
                "effective_days": _effective_days(own),
            }
            for column, value in expected.items():
                assert is_close(row[column], value), (at, key, column, row[column], value)


def _effective_days(own: Judged) -> float:
    sums = np.array([loss for _, loss in own.by_day.values()])
    return float(sums.sum() ** 2 / (sums**2).sum())


def test_chance_is_that_of_scipy_and_thin_patterns_are_not_judged(
    windows: dict[tuple[str, int, int], Compared],
) -> None:
    statuses = set()
    for at, of_window in windows.items():
        judged = [(row, truth) for _, row, truth in of_window if truth.is_judged]
        for key, row, truth in of_window:
            statuses.add(row["status"])
            if not truth.is_judged:
                assert row["status"] == "insufficient_data", (at, key)
                for column in ("shrunk_lift", "p_value", "q_value", "design_effect"):
                    assert row[column] is None, (at, key, column)
        if not judged:
            continue
        p_values = [truth.p_value for _, truth in judged]
        q_values = stats.false_discovery_control(p_values)
        lifts = shrunk_lifts([truth for _, truth in judged])
        for (row, truth), p_value, q_value, lift in zip(
            judged, p_values, q_values, lifts, strict=True
        ):
            assert is_close(row["design_effect"], truth.gap_effect, rel=1e-7), (at, row)
            # Wallace's map of t to a normal, and the fit of the normal's tail.
            assert is_close(row["p_value"], p_value, rel=2e-2), (at, row, p_value)
            assert is_close(row["q_value"], q_value, rel=2e-2), (at, row, q_value)
            assert is_close(row["shrunk_lift"], lift, rel=1e-7), (at, row, lift)
            assert row["family_size"] == len(judged), at
            weak = row["q_value"] < 0.05 and row["shrunk_lift"] >= 1.1
            assert row["status"] == ("weak" if weak else "ok"), (at, row)
    assert "insufficient_data" in statuses
    assert "ok" in statuses


def test_parts_of_the_excess_loss_sum_to_one_or_are_null(
    windows: dict[tuple[str, int, int], Compared],
) -> None:
    nulls = 0
    for at, of_window in windows.items():
        groups: dict[tuple[str, str, str], list[tuple[Row, Pattern]]] = {}
        for (kind, segment, _, feature, _), row, truth in of_window:
            groups.setdefault((kind, segment, feature), []).append((row, truth))
        for group in groups.values():
            above = sum(max(0.0, truth.excess) for _, truth in group)
            shares = [row["share_of_excess_loss"] for row, _ in group]
            if len(group) == 1:
                assert shares == [None], at
                nulls += 1
                continue
            assert is_close(sum(shares), 1.0), (at, shares)
            for row, truth in group:
                assert is_close(row["share_of_excess_loss"], max(0.0, truth.excess) / above), at
    assert nulls, "a feature with one bin has no excess"


def test_change_allows_for_variation_between_days(
    windows: dict[tuple[str, int, int], Compared],
) -> None:
    compared = 0
    for at, of_window in windows.items():
        for key, row, truth in of_window:
            expected = truth.change()
            columns = ("loss_change", "change_lower_bound", "change_upper_bound")
            if expected is None:
                assert [row[column] for column in columns] == [None] * 3, (at, key)
                assert row["previous_loss"] is None
                continue
            compared += 1
            assert is_close(row["previous_loss"], truth.before.loss.mean()), (at, key)
            for column, value in zip(columns, expected, strict=True):
                # Student's quantile by its expansion.
                assert is_close(
                    row[column], value, rel=2e-3, tol=2e-3 * abs(expected[0] - expected[1])
                ), (at, key, column)
    assert compared > 100


@pytest.mark.parametrize("name", ["error_patterns", "error_percentiles", "segment_gaps"])
def test_days_are_mature_once_their_labels_are_due(
    truths: dict[str, Truth], first_build: dict[str, pl.DataFrame], name: str
) -> None:
    rows = first_build[name]
    if name == "segment_gaps":  # business metrics are complete on a day of their own
        rows = rows.filter(pl.col("metric_name").is_in(["accuracy", "roc_auc", "rmse"]))
    found = rows.select("monitor", "metric_date", "is_mature").unique()
    assert set(found["is_mature"]) == {True, False}
    for monitor, day, is_mature in found.iter_rows():
        if monitor in truths:
            due = ordinal(day) + truths[monitor].horizon
            assert is_mature == (due <= truths[monitor].as_of), (monitor, day)


@pytest.mark.parametrize("version", ["serving", "v1", "v2", "canary"])
def test_worst_predictions_are_those_of_the_raw_rows(
    truths: dict[str, Truth], first_build: dict[str, pl.DataFrame], version: str
) -> None:
    truth = truths["orders"]
    found = first_build["worst_predictions"].filter(
        pl.col("monitor") == "orders", pl.col("model_version") == version
    )
    weeks = found.sort("error_rank").partition_by("week", as_dict=True)
    mondays = {monday_of(int(day)) for day in truth.rows.day[truth.rows.of_version(version)]}
    expected = {monday: worst_rows(truth, version, monday) for monday in mondays}
    assert {ordinal(key[0]) for key in weeks} == {one for one, rows in expected.items() if rows}
    for (week,), rows in weeks.items():
        assert rows["error_rank"].to_list() == list(range(1, rows.height + 1))
        ids = [name for name, _ in expected[ordinal(week)]]
        assert rows["inference_id"].to_list() == ids, week
        errors = [error for _, error in expected[ordinal(week)]]
        assert np.allclose(rows["absolute_error"], errors, rtol=0, atol=0), week
        last_day = min(week + timedelta(days=6), nasty.AS_OF)
        assert rows["metric_date"].to_list() == [last_day] * rows.height
        chance = np.where(rows["label"] == 1, rows["score"], 1 - rows["score"])
        assert np.allclose(rows["loss"], -np.log(np.maximum(chance, 2.220446049250313e-16)))


@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_percentiles_lie_within_their_bound_of_numpys(
    truths: dict[str, Truth], slices: Slices, monitor: str, segment: tuple[str, str]
) -> None:
    rows = truths[monitor].rows
    error = np.abs(rows.score - rows.label)
    with np.errstate(invalid="ignore"):
        inside = rows.served & rows.in_segment(*segment) & (rows.score >= 0) & (rows.score <= 1)
    inside &= ~np.isnan(rows.label)
    found = slices("error_percentiles", monitor, segment)
    widest = 0.5 / 50 / 4 if segment[0] == "overall" else 0.5 / 10 / 4
    looked_at = 0
    for row in found.filter(pl.col("model_version") == "serving").iter_rows(named=True):
        day = ordinal(row["metric_date"])
        own = error[inside & (rows.day > day - row["window_days"]) & (rows.day <= day)]
        looked_at += 1
        assert row["labeled_rows"] == len(own)
        assert row["error_bound"] <= widest
        for name, share in [("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95)]:
            exact = np.quantile(own, share, method="inverted_cdf")
            assert abs(row[name] - exact) <= row["error_bound"] + 1e-9, (row, name, exact)
        assert is_close(row["mean_error"], own.mean())
        error_of_mean = own.std(ddof=1) / np.sqrt(len(own)) if len(own) > 1 else None
        assert is_close(row["mean_error_standard_error"], error_of_mean, tol=1e-7)
        assert row["status"] == ("ok" if len(own) >= 100 else "insufficient_data")
        for name, share in [("p50", 0.5), ("p95", 0.95)]:
            spread = np.sqrt(share * (1 - share) / len(own))
            low, high = (
                np.quantile(own, min(max(share + sign * spread, 0), 1), method="inverted_cdf")
                for sign in (-1, 1)
            )
            # Each of the two is known to half a cell, and the cell itself adds its spread.
            assert abs(row[f"{name}_standard_error"] - (high - low) / 2) <= 2 * widest + 1e-9
    assert looked_at


def test_gaps_are_those_of_the_published_metrics(first_build: dict[str, pl.DataFrame]) -> None:
    judged = first_build["performance"].filter(
        pl.col("reference") == "previous",
        pl.col("segment_name") != "overall",
        pl.col("status") != "insufficient_data",
        pl.col("metric_date").is_in([nasty.date.fromordinal(day) for day in DAYS]),
    )
    keys = ["monitor", "model_version", "metric_date", "window_days", "segment_name", "metric_name"]
    gaps = by_key(first_build["segment_gaps"], keys)
    seen = 0
    for key, rows in judged.group_by(keys):
        place = (*key[:2], ordinal(key[2]), *key[3:])
        row = gaps[place]
        if rows.height < 2 or row["value_count"] != rows.height:
            assert row["value_count"] <= rows.height  # a value without a spread is not judged
            continue
        seen += 1
        values, errors = rows["metric_value"].to_numpy(), row["gap_by_chance"]
        assert is_close(row["gap"], float(np.ptp(values))), key
        best = values.max() if rows["direction"][0] == "higher" else values.min()
        assert is_close(row["best_value"], best), key
        names = rows.filter(pl.col("metric_value") == row["worst_value"])["segment_value"]
        assert row["worst_segment"] in names.to_list()
        assert errors > 0
    assert seen > 100


def test_heterogeneity_is_that_of_scipy(first_build: dict[str, pl.DataFrame]) -> None:
    percentiles = first_build["error_percentiles"].filter(
        pl.col("segment_name") != "overall",
        pl.col("status") == "ok",
        pl.col("mean_error_standard_error") > 0,
    )
    keys = ["monitor", "model_version", "metric_date", "window_days", "segment_name"]
    gaps = by_key(first_build["segment_gaps"].filter(pl.col("metric_name") == "mean_error"), keys)
    seen = 0
    for key, rows in percentiles.group_by(keys):
        row = gaps[*key[:2], ordinal(key[2]), *key[3:]]
        if rows.height < 2:
            assert row["status"] == "insufficient_data"
            assert [row[name] for name in ("gap", "gap_by_chance", "p_value")] == [None] * 3
            continue
        seen += 1
        value, error = (
            rows[column].to_numpy() for column in ("mean_error", "mean_error_standard_error")
        )
        centre = np.average(value, weights=error**-2.0)
        heterogeneity = float((((value - centre) / error) ** 2).sum())
        assert is_close(row["heterogeneity"], heterogeneity, rel=1e-7), key
        p_value = stats.chi2.sf(heterogeneity, rows.height - 1)
        # Wilson and Hilferty's map to a normal.
        assert abs(row["p_value"] - p_value) < 0.015, (key, p_value)
        assert row["status"] == ("unequal" if row["p_value"] < 0.01 else "ok")
        # The mean range of normals that are as far spread.
        share = stats.norm.ppf(1 - 0.625 / (rows.height + 0.25))
        expected = 2 * share * np.sqrt((error**2).mean())
        assert is_close(row["gap_by_chance"], expected, rel=5e-3), key
    assert seen > 100


def test_the_mix_is_what_shares_of_rows_changed_by(first_build: dict[str, pl.DataFrame]) -> None:
    """Seen from the other side: what the shares of the values changed by, at the metric before."""
    of_means = (pl.col("reference") == "previous") & pl.col("metric_name").is_in(
        first_build["segment_changes"]["metric_name"].unique().to_list()
    )
    keys = ["monitor", "model_version", "window_days", "segment_name", "metric_name"]
    windows = {
        (*key[:-1], ordinal(key[-1])): rows
        for key, rows in first_build["performance"].filter(of_means).group_by(*keys, "metric_date")
    }

    def shares(*place: object) -> dict[str, tuple[float, float]]:
        rows = windows[place]
        labeled = rows["labeled_rows"] / rows["labeled_rows"].sum()
        return dict(
            zip(rows["segment_value"], zip(labeled, rows["metric_value"], strict=True), strict=True)
        )

    split = first_build["segment_changes"].filter(of_means & (pl.col("known_share") == 1))
    seen = 0
    for row in split.filter(pl.col("within_change").is_not_null()).iter_rows(named=True):
        place, day = [row[key] for key in keys], ordinal(row["metric_date"])
        if (*place, day - row["window_days"]) not in windows:
            continue  # the version had no row on that day
        now, before = shares(*place, day), shares(*place, day - row["window_days"])
        mix = sum(
            value * (now.get(name, (0, 0))[0] - share)
            for name, (share, value) in before.items()
            if share
        )
        assert is_close(row["mix_change"], mix), (place, day)
        seen += 1
    assert seen > 50


def test_a_gap_widens_by_the_slope_of_four_weeks(first_build: dict[str, pl.DataFrame]) -> None:
    gaps = first_build["segment_gaps"]
    assert (
        gaps.filter(pl.col("window_days") == 30)["gap_trend"].null_count()
        == gaps.filter(pl.col("window_days") == 30).height
    )
    keys = ["monitor", "model_version", "window_days", "segment_name", "metric_name"]
    seen = 0
    for _, rows in gaps.filter(pl.col("window_days") == 7).group_by(keys):
        by_day = {ordinal(row["metric_date"]): row for row in rows.iter_rows(named=True)}
        for day, row in by_day.items():
            series = [by_day.get(day - back, {}).get("gap") for back in (21, 14, 7, 0)]
            if None in series:
                assert row["gap_trend"] is None
                assert row["is_widening"] is None
                continue
            seen += 1
            assert is_close(row["gap_trend"], float(np.polyfit(range(4), series, 1)[0]))
            assert row["gap_trend"] > 0 or not row["is_widening"]
    assert seen > 50
