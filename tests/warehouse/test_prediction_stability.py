"""Week-on-week changes of the scores: numpy on raw rows, and published percentiles."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from scipy import stats
from segments import OVERALL
from truth.comparing import by_key, is_close
from truth.rows import Truth

Slices = Callable[..., pl.DataFrame]
MEASURES = {"mean", "p25", "median", "p75", "confidence_p25", "out_of_range_share"}
CASES = [("orders", OVERALL), ("orders", ("region", "north")), ("visits", OVERALL)]


def standard_error(changes: np.ndarray, day: int) -> tuple[float, int] | None:
    """Root mean square of the changes of the 28 days before, and their number."""
    before = changes[max(day - 28, 0) : max(day, 0)]
    known = before[~np.isnan(before)]
    return (float(np.sqrt(np.mean(known**2))), len(known)) if len(known) >= 7 else None


def ago(values: np.ndarray) -> np.ndarray:
    """What they were a week before."""
    return np.concatenate([np.full(7, np.nan), values[:-7]])


@pytest.mark.parametrize(("monitor", "segment"), CASES)
def test_changes_of_a_week_and_their_bounds_are_those_of_raw_rows(
    truths: dict[str, Truth], slices: Slices, monitor: str, segment: tuple[str, str]
) -> None:
    truth = truths[monitor]
    days = np.array(truth.days)
    mask = truth.rows.served & truth.rows.in_segment(*segment) & ~np.isnan(truth.rows.score)
    rows = np.array([(mask & (truth.rows.day == day)).sum() for day in days])
    found, statistics = (
        by_key(
            slices(relation, monitor, segment, every_day=True).filter(
                pl.col("model_version") == "serving"
            ),
            keys,
        )
        for relation, keys in (
            ("prediction_stability", ["metric_name", "metric_date", "window_days"]),
            ("prediction_statistics", ["metric_date", "window_days"]),
        )
    )
    assert {metric for metric, *_ in found} == MEASURES
    compared = 0
    for metric in MEASURES:
        published = {
            window: np.array(
                [statistics.get((int(day), window), {}).get(metric) for day in days], float
            )
            for window in (1, 7)
        }
        changes = published[1] - ago(published[1])
        sizes = 1 / np.where(rows, rows, np.nan)
        sizes = np.where(np.isnan(changes), np.nan, sizes + ago(sizes))
        for number, day in enumerate(days):
            for window in (1, 7):
                row = found.get((metric, int(day), window))
                value = published[window][number]
                assert (row is None) == np.isnan(value), (metric, day, window)
                if row is None:
                    continue
                inside = mask & (truth.rows.day > day - window) & (truth.rows.day <= day)
                assert row["scored_rows"] == inside.sum()
                if metric == "mean":
                    assert is_close(row["metric_value"], float(truth.rows.score[inside].mean()))
                change = value - ago(published[window])[number]
                if np.isnan(change):
                    assert row["value_change"] is None and row["status"] == "insufficient_data"
                    continue
                assert is_close(row["value_change"], change)
                error = standard_error(changes, number if window == 1 else number - 6)
                if error is None:
                    assert row["change_null_p99"] is None
                    continue
                variance = error[0] ** 2
                if window == 7:
                    has_value = ~np.isnan(published[1])
                    week = (rows * has_value)[max(number - 6, 0) : number + 1]
                    variance *= (week**2).sum() / week.sum() ** 2
                else:
                    usual = np.nanmean(sizes[max(number - 28, 0) : number])
                    variance *= max(sizes[number] / usual, 1)
                if metric == "out_of_range_share":
                    before = row["rows_week_before"]
                    hits = value * inside.sum() + (value - change) * before
                    share = (hits + 1) / (inside.sum() + before + 2)
                    floor = share * (1 - share) * (1 / inside.sum() + 1 / before)
                    variance = max(variance, floor)
                freedom = max(error[1] / 1.5, 4)
                half, most = stats.t.isf([0.025, 0.005], freedom) * np.sqrt(variance)
                at = (metric, day, window, row)
                assert is_close(row["change_null_p99"], most, rel=5e-3), at
                assert is_close(row["upper_bound"] - row["lower_bound"], 2 * half, rel=5e-3), at
                compared += 1
    assert compared > 400


def test_status_says_which_way_a_change_goes(first_build: dict[str, pl.DataFrame]) -> None:
    rows = first_build["prediction_stability"]
    is_known = pl.col("value_change").is_not_null() & pl.col("change_null_p99").is_not_null()
    is_large = pl.col("value_change").abs() > pl.col("change_null_p99")
    expected = (
        pl.when(~is_known)
        .then(pl.lit("insufficient_data"))
        .when(~is_large)
        .then(pl.lit("ok"))
        .when(pl.col("value_change") < 0)
        .then(pl.lit("fell"))
        .otherwise(pl.lit("rose"))
    )
    assert rows.filter(pl.col("status") != expected).is_empty()
    assert {"ok", "fell", "rose"} <= set(rows["status"])
