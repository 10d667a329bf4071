"""Distributions of the score against raw rows."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance
from segments import IDS, OVERALL, SEGMENTS
from truth.comparing import by_key, is_close
from truth.drift import (
    DayNull,
    Weights,
    assert_beside_weekdays,
    chi_square,
    psi_null,
    same_weekdays,
    smoothed_psi,
)
from truth.performance import score_cells
from truth.rows import REFERENCES, WINDOWS, Truth, judged_dates

Slices = Callable[..., pl.DataFrame]
Segment = tuple[str, str]


class Scores:
    """Scores of what was served, and the published bin of each."""

    def __init__(self, truth: Truth, prediction_bins: pl.DataFrame, segment: Segment) -> None:
        self.truth = truth
        self.days = truth.days_of("serving", segment)
        mask = truth.rows.served & truth.rows.in_segment(*segment)
        self.day, self.score = truth.rows.day[mask], truth.rows.score[mask]
        bins = {
            row["bin_id"]: row
            for row in prediction_bins.filter(pl.col("monitor") == truth.name).iter_rows(named=True)
        }
        self.order = sorted(bins)
        self.bins = bins
        self.ids = np.full(len(self.score), -99)
        with np.errstate(invalid="ignore"):
            self.valid = (self.score >= 0) & (self.score <= 1)
            for bin_id, row in bins.items():
                if row["bin_kind"] == "null":
                    inside = np.isnan(self.score)
                elif row["bin_kind"] == "invalid":
                    inside = ~np.isnan(self.score) & ~self.valid
                else:
                    inside = self.valid & (self.score >= row["lower_bound"])
                    if row["upper_bound"] < 1:
                        inside &= self.score < row["upper_bound"]
                    elif row["bin_kind"] == "above":
                        inside &= row["lower_bound"] < 1  # nothing lies above 1
                assert (self.ids[inside] == -99).all(), f"bin {bin_id} overlaps another"
                self.ids[inside] = bin_id
        assert (self.ids != -99).all(), f"no bin for {self.score[self.ids == -99][:5]}"

    @property
    def judged_days(self) -> list[int]:
        return [day for day in judged_dates(self.truth) if day in self.days]

    def between(self, first: int, last: int) -> np.ndarray:
        return (self.day >= first) & (self.day <= last)

    def counts(self, inside: np.ndarray) -> np.ndarray:
        counts = np.zeros(len(self.order), int)
        np.add.at(counts, np.searchsorted(self.order, self.ids[inside]), 1)
        return counts

    def edges(self, segment: Segment) -> np.ndarray:
        """Return the edges of the cells that KS and Wasserstein are taken on.

        For all rows: tenths of a logit unit, those the first 28 days left empty joined to the
        cell before. For segments: the published bins.
        """
        if segment == OVERALL:
            first, _ = self.truth.span("serving")
            early = self.score[self.between(first, first + 27) & self.valid]
            occupied = np.unique(score_cells(early, 10))
            inner = 1 / (1 + np.exp(-np.append(occupied, occupied[-1] + 1) / 10))
        else:
            bounds = [
                (row["lower_bound"], row["upper_bound"])
                for row in self.bins.values()
                if row["bin_kind"] == "interval"
            ]
            inner = np.unique(np.array(bounds))
        return np.unique(np.concatenate([[0.0], inner[(inner > 0) & (inner < 1)], [1.0]]))

    def reference(self, reference: str, day: int, window: int) -> np.ndarray:
        """Return the mask of a reference; training is stable where no job trained the version."""
        first, _ = self.truth.span("serving")
        if reference in ("training", "stable"):
            is_before = day - window >= first + 27
            return self.between(first, first + 27) & is_before
        if reference == "rolling":
            return self.between(day - window - 29, day - window)
        return self.between(day - 2 * window + 1, day - window)


@pytest.fixture(scope="module")
def scores(
    truths: dict[str, Truth], first_build: dict[str, pl.DataFrame]
) -> Callable[[str, Segment], Scores]:
    known: dict[tuple[str, Segment], Scores] = {}

    def of(monitor: str, segment: Segment) -> Scores:
        if (monitor, segment) not in known:
            known[monitor, segment] = Scores(
                truths[monitor], first_build["prediction_bins"], segment
            )
        return known[monitor, segment]

    return of


def served(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("model_version") == "serving")


@pytest.mark.parametrize("monitor", ["orders", "visits"])
def test_bins_hold_about_a_tenth_of_the_first_four_weeks(
    scores: Callable[[str, Segment], Scores], monitor: str
) -> None:
    """Bins are runs of cells a tenth of a logit unit wide, so they miss a tenth by one cell."""
    seen = scores(monitor, OVERALL)
    first, _ = seen.truth.span("serving")
    early = seen.between(first, first + 27) & seen.valid
    _, cells = np.unique(score_cells(seen.score[early], 10), return_counts=True)
    for bin_id, row in seen.bins.items():
        rows = int((seen.ids[early] == bin_id).sum())
        if row["bin_kind"] == "interval":
            assert abs(rows - early.sum() / 10) <= cells.max(), (bin_id, rows)
        else:
            assert rows == 0, (bin_id, rows)


@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_histograms_count_every_row_of_every_day_in_one_bin(
    scores: Callable[[str, Segment], Scores], slices: Slices, monitor: str, segment: Segment
) -> None:
    seen = scores(monitor, segment)
    found = by_key(
        served(slices("prediction_histograms", monitor, segment, every_day=True)),
        ["metric_date", "bin_id"],
    )
    for day in seen.days:
        for bin_id, count in zip(seen.order, seen.counts(seen.day == day), strict=True):
            assert found[day, bin_id]["row_count"] == count, (day, bin_id)
    assert len(found) == len(seen.days) * len(seen.order)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_statistics_equal_numpy(
    scores: Callable[[str, Segment], Scores],
    slices: Slices,
    monitor: str,
    segment: Segment,
    window: int,
) -> None:
    seen = scores(monitor, segment)
    per_unit = 50 if segment == OVERALL else 10
    found = by_key(
        served(slices("prediction_statistics", monitor, segment)).filter(
            pl.col("window_days") == window
        ),
        ["metric_date"],
    )
    inner = [row for row in seen.bins.values() if row["bin_kind"] == "interval"]
    smallest = min(row["lower_bound"] for row in inner)
    largest = max(row["upper_bound"] for row in inner)
    outer = [key for key, row in seen.bins.items() if row["bin_kind"] in ("below", "above")]
    for day in seen.judged_days:
        row = found[(day,)]
        inside = seen.between(day - window + 1, day)
        finite = seen.score[inside & ~np.isnan(seen.score)]
        assert row["row_count"] == inside.sum(), day
        assert row["null_count"] == inside.sum() - len(finite), day
        assert (row["reference_min"], row["reference_max"]) == (smallest, largest)
        if len(finite) == 0:
            empty = ("mean", "stddev", "min_value", "median", "max_value", "out_of_range_share")
            assert [row[name] for name in empty] == [None] * 6, day
            continue
        assert is_close(row["mean"], finite.mean()), day
        spread = float(finite.std(ddof=1)) if len(finite) > 1 else None
        assert is_close(row["stddev"], spread, tol=1e-7), (day, row["stddev"], spread)
        assert (row["min_value"], row["max_value"]) == (finite.min(), finite.max()), day
        outside = np.isin(seen.ids[inside], outer).sum() / len(finite)
        assert is_close(row["out_of_range_share"], float(outside)), day
        valid = seen.score[inside & seen.valid]
        for prefix, values in (("", valid), ("confidence_", np.maximum(valid, 1 - valid))):
            for name, share in (
                ("p05", 0.05),
                ("p25", 0.25),
                ("median", 0.5),
                ("p75", 0.75),
                ("p95", 0.95),
            ):
                quantile = row[prefix + name]
                if len(values) == 0:
                    assert quantile is None
                    continue
                exact = np.quantile(values, share, method="inverted_cdf")
                cells = score_cells(np.array([exact - 1e-12, exact + 1e-12]), per_unit)
                nearby = score_cells(np.array([quantile - 1e-9, quantile + 1e-9]), per_unit)
                if prefix and exact <= 0.5 + 1e-9:  # the cells on both sides of one half are one
                    cells[0], nearby[1] = min(cells[0], 0), max(nearby[1], 0)
                assert nearby[0] <= cells[1] and cells[0] <= nearby[1], (
                    day,
                    prefix + name,
                    quantile,
                    exact,
                )


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_drift_equals_scipy(
    scores: Callable[[str, Segment], Scores],
    slices: Slices,
    monitor: str,
    segment: Segment,
    window: int,
) -> None:
    """PSI and Jensen-Shannon on bins; KS within its bound; Wasserstein, in units of the score,
    within half of each cell's mass times its width.
    """
    seen = scores(monitor, segment)
    found = by_key(
        served(slices("prediction_drift", monitor, segment)).filter(
            pl.col("window_days") == window
        ),
        ["metric_date", "reference"],
    )
    first, _ = seen.truth.span("serving")
    early = np.array([seen.counts(seen.day == day) for day in range(first, first + 28)])
    days = DayNull.of(early, window)
    own = DayNull.of_weekdays(early) if window == 1 else None
    edges = seen.edges(segment)
    for day in seen.judged_days:
        inside = seen.between(day - window + 1, day)
        current = seen.counts(inside)
        if own:
            weekdays = seen.counts(same_weekdays(day, seen.day))
            assert_beside_weekdays(
                found[day, "rolling"],
                current,
                weekdays,
                Weights.of(seen.truth, "same_weekday", day, 1),
                own if day >= first + 27 else DayNull(),
            )
        for reference in REFERENCES:
            row, at = found[day, reference], (day, reference)
            chosen = seen.reference(reference, day, window)
            other = seen.counts(chosen)
            assert (row["current_rows"], row["reference_rows"]) == (current.sum(), other.sum()), at
            psi = smoothed_psi(current, other)
            assert is_close(row["psi"], psi), (at, row["psi"], psi)
            distance = None if psi is None else float(jensenshannon(current, other, base=np.e))
            assert is_close(row["js_distance"], distance, tol=1e-7), (at, row, distance)
            statistic, freedom, effect = chi_square(current, other)
            assert is_close(row["chi_square"], statistic), (at, row["chi_square"], statistic)
            assert row["chi_square_df"] == freedom, at
            assert is_close(row["cramers_v"], effect, tol=1e-7), (at, row, effect)
            # Day-to-day variation is known once the stable window is over.
            known = days if day >= first + 27 else DayNull()
            null = psi_null(current, other, Weights.of(seen.truth, reference, day, window), known)
            assert is_close(row["psi_null_p99"], null, rel=0.03), (at, row, null)
            now, then = seen.score[inside & seen.valid], seen.score[chosen & seen.valid]
            if len(now) == 0 or len(then) == 0:
                assert row["ks"] is None and row["wasserstein"] is None, at
                continue
            exact = ks_2samp(now, then, method="asymp").statistic
            assert row["ks"] <= exact + 1e-9, at
            shares = [np.histogram(side, edges)[0] / len(side) for side in (now, then)]
            assert is_close(row["ks_error_bound"], float(np.minimum(*shares).max())), at
            assert exact <= row["ks"] + row["ks_error_bound"] + 1e-9, at
            slack = float((np.diff(edges) * (shares[0] + shares[1]) / 2).sum())
            assert abs(row["wasserstein"] - wasserstein_distance(now, then)) <= slack + 1e-9, at


def test_versions_are_counted_for_themselves_and_shadow_never_for_serving(
    truths: dict[str, Truth], first_build: dict[str, pl.DataFrame]
) -> None:
    rows = truths["orders"].rows
    found = (
        first_build["prediction_statistics"]
        .filter(
            pl.col("monitor") == "orders",
            pl.col("window_days") == 1,
            pl.col("segment_name") == "overall",
        )
        .group_by("model_version")
        .agg(pl.col("row_count").sum())
    )
    versions = ("serving", "v1", "v2", "canary")
    expected = {version: int(rows.of_version(version).sum()) for version in versions}
    assert dict(found.iter_rows()) == expected
    assert expected["serving"] < expected["v1"] + expected["v2"], "there are shadow rows"
