"""Bins, histograms, statistics and drift of features against raw rows."""

from collections.abc import Callable

import nasty
import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import false_discovery_control, ks_2samp, wasserstein_distance
from segments import IDS, OVERALL, SEGMENTS
from truth.comparing import by_key, is_close
from truth.drift import (
    DayNull,
    PsiNull,
    Weights,
    assert_beside_weekdays,
    chi_square,
    psi_null,
    psi_parts,
    psi_quantile,
    same_weekdays,
    smoothed_psi,
)
from truth.features import (
    bin_ids,
    cell_positions,
    public_cells,
    published_bins,
    quantile_in_cells,
    split_cells,
)
from truth.rows import REFERENCES, WINDOWS, Rows, Truth, judged_dates

Slices = Callable[..., pl.DataFrame]
Segment = tuple[str, str]


class Counted:
    """Published bins of one monitor and, for each feature, the bin of every raw row."""

    def __init__(self, truth: Truth, feature_bins: pl.DataFrame) -> None:
        self.truth = truth
        judged = feature_bins.filter(pl.col("feature_name") != nasty.FRESH)
        self.bins = published_bins(judged, truth.name)
        self.numeric = [name for name in truth.features["numeric"] if name != nasty.FRESH]
        self.ids = {
            feature: bin_ids(truth, self.bins, feature, truth.rows) for feature in self.bins
        }
        reference, self.in_reference = truth.bin_reference()
        self.reference = reference
        self.reference_ids = {
            feature: bin_ids(truth, self.bins, feature, reference) for feature in self.bins
        }
        self.cells = {
            feature: public_cells(values[np.isfinite(values)])
            for feature, values in (
                (feature, reference.numeric[feature][self.in_reference]) for feature in self.numeric
            )
        }

    def daily(self, feature: str, segment: Segment) -> tuple[list[int], np.ndarray]:
        """Return sorted bin ids and the served rows per day of the log and bin."""
        rows = self.truth.rows
        return self._matrix(
            feature,
            rows,
            self.ids[feature],
            rows.served & rows.in_segment(*segment),
            self.truth.days,
        )

    def judged_days(self, segment: Segment) -> list[int]:
        """Return the judged days from the one on which the segment value is first seen."""
        days = self.truth.days_of("serving", segment)
        return [day for day in judged_dates(self.truth) if day in days]

    def reference_daily(self, feature: str, segment: Segment) -> np.ndarray:
        """Return the rows per day of the bin reference and bin."""
        rows = self.reference
        mask = self.truth.bin_reference(segment)[1]
        every_day = rows.day[self.in_reference]
        if self.truth.history is None:
            every_day = np.array([self.truth.first_day, self.truth.first_day + 27])
        days = range(int(every_day.min()), int(every_day.max()) + 1)
        return self._matrix(feature, rows, self.reference_ids[feature], mask, days)[1]

    def _matrix(
        self, feature: str, rows: Rows, ids: np.ndarray, mask: np.ndarray, days: range
    ) -> tuple[list[int], np.ndarray]:
        order = sorted({bin_.bin_id for bin_ in self.bins[feature]})
        counts = np.zeros((len(days), len(order)), int)
        chosen = mask & (rows.day >= days[0]) & (rows.day <= days[-1])
        np.add.at(counts, (rows.day[chosen] - days[0], np.searchsorted(order, ids[chosen])), 1)
        return order, counts


@pytest.fixture(scope="module")
def counted(truths: dict[str, Truth], first_build: dict[str, pl.DataFrame]) -> dict[str, Counted]:
    return {name: Counted(truth, first_build["feature_bins"]) for name, truth in truths.items()}


def days_before(truth: Truth, day: int, window: int) -> dict[str, tuple[int, int]]:
    """Return first and last day of the references that lie in the log."""
    return {
        "stable": (truth.first_day, truth.first_day + 27),
        "rolling": (day - window - 29, day - window),
        "previous": (day - 2 * window + 1, day - window),
    }


def in_reference(
    truth: Truth, reference: str, day: int, window: int, days: np.ndarray
) -> np.ndarray:
    """Return which days of the log belong to a reference of the window that ends on `day`.

    A reference that stands still belongs to the days after its end: before, it is not yet known.
    """
    first, last = days_before(truth, day, window)[
        "stable" if reference == "training" else reference
    ]
    if reference in ("training", "stable") and day <= last:
        return np.zeros(len(days), dtype=bool)
    return (days >= first) & (days <= last) & ~((days > day - window) & (days <= day))


@pytest.mark.parametrize("monitor", ["orders", "visits"])
def test_published_bins_are_those_cut_from_the_raw_reference(
    counted: dict[str, Counted], monitor: str
) -> None:
    for feature, cells in counted[monitor].cells.items():
        published = [
            (bin_.kind, bin_.lower, bin_.upper, bin_.bin_id)
            for bin_ in sorted(counted[monitor].bins[feature], key=lambda bin_: bin_.bin_id)
            if bin_.kind in ("point", "interval")
        ]
        expected = [(cell.kind, cell.lower, cell.upper, cell.bin_id) for cell in cells]
        assert published == expected, feature


@pytest.mark.parametrize("monitor", ["orders", "visits"])
def test_bins_hold_about_a_tenth_of_the_reference_or_are_points(
    counted: dict[str, Counted], monitor: str
) -> None:
    seen = counted[monitor]
    for feature in seen.numeric:
        values = seen.reference.numeric[feature][seen.in_reference]
        ids = seen.reference_ids[feature][seen.in_reference]
        finite = np.isfinite(values)
        distinct, counts = np.unique(values[finite], return_counts=True)
        heavy = set(distinct[counts >= 0.1 * finite.sum()])
        points = {bin_.lower for bin_ in seen.bins[feature] if bin_.kind == "point"}
        assert points == heavy, feature
        light = counts[counts < 0.1 * finite.sum()]
        slack = light.max(initial=0) + 1
        mass = light.sum()
        levels = max(1, round(10 * mass / finite.sum()))
        inner = [bin_ for bin_ in seen.bins[feature] if bin_.kind == "interval"]
        for bin_ in inner:
            rows = int((ids == bin_.bin_id).sum())
            assert rows <= mass / levels + slack, (feature, bin_)
            is_cut_by_a_point = bin_.lower in points or bin_.upper in points
            if not is_cut_by_a_point:
                assert rows >= mass / levels - slack, (feature, bin_)
        assert not ((ids == 0) & finite).any(), "the reference lies inside its own range"


@pytest.mark.parametrize("monitor", ["orders", "visits"])
def test_categories_have_bins_from_one_percent_on(
    counted: dict[str, Counted], monitor: str
) -> None:
    seen = counted[monitor]
    for feature in seen.truth.features["categorical"]:
        values = seen.reference.categorical[feature][seen.in_reference]
        known, counts = np.unique(
            np.array([value for value in values if value is not None]), return_counts=True
        )
        common = {
            str(value)
            for value, count in zip(known, counts, strict=True)
            if count / counts.sum() >= 0.01
        }
        named = {bin_.category for bin_ in seen.bins[feature] if bin_.kind == "category"}
        assert named == common, feature


@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_histograms_count_every_row_of_every_day_in_one_bin(
    counted: dict[str, Counted], slices: Slices, monitor: str, segment: Segment
) -> None:
    seen = counted[monitor]
    rows = slices("feature_histograms", monitor, segment, every_day=True)
    found = by_key(
        rows.filter(pl.col("origin") == "log", pl.col("feature_name") != nasty.FRESH),
        ["feature_name", "metric_date", "bin_id"],
    )
    days = seen.truth.days_of("serving", segment)
    expected = 0
    for feature in seen.bins:
        order, daily = seen.daily(feature, segment)
        for day, counts in zip(seen.truth.days, daily, strict=True):
            if day not in days:
                assert counts.sum() == 0, (feature, day)
                continue
            for bin_id, count in zip(order, counts, strict=True):
                assert found[feature, day, bin_id]["row_count"] == count, (feature, day, bin_id)
        expected += len(days) * len(order)
    assert len(found) == expected, "empty bins and empty days are rows, and there are no others"


def test_a_feature_the_reference_never_had_is_counted_and_never_called_unchanged(
    truths: dict[str, Truth], slices: Slices
) -> None:
    rows = slices("feature_histograms", "orders", OVERALL, every_day=True)
    fresh = rows.filter(pl.col("feature_name") == nasty.FRESH, pl.col("origin") == "log")
    assert fresh["row_count"].sum() == truths["orders"].rows.served.sum()
    drift = slices("feature_drift", "orders", OVERALL).filter(
        pl.col("feature_name") == nasty.FRESH,
        pl.col("reference") == "training",
        pl.col("window_days") == 30,
        pl.col("current_rows") >= 1000,
    )
    assert set(drift["status"]) <= {"red", "insufficient_data"}


def test_history_has_histograms_of_its_own(counted: dict[str, Counted], slices: Slices) -> None:
    for monitor, segment in SEGMENTS[:8]:
        rows = slices("feature_histograms", monitor, segment, every_day=True)
        history = rows.filter(pl.col("origin") == "history")
        for feature in counted[monitor].bins:
            total = counted[monitor].reference_daily(feature, segment).sum()
            of_feature = history.filter(pl.col("feature_name") == feature)
            assert of_feature["row_count"].sum() == total, (segment, feature)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_statistics_equal_numpy(
    counted: dict[str, Counted], slices: Slices, monitor: str, segment: Segment, window: int
) -> None:
    seen, truth = counted[monitor], counted[monitor].truth
    found = by_key(
        slices("feature_statistics", monitor, segment).filter(pl.col("window_days") == window),
        ["feature_name", "metric_date"],
    )
    mask = truth.rows.served & truth.rows.in_segment(*segment)
    for day in seen.judged_days(segment):
        inside = mask & (truth.rows.day > day - window) & (truth.rows.day <= day)
        for feature in seen.bins:
            row, at = found[feature, day], (feature, day)
            nulls = int((truth.rows.nulls[feature] & inside).sum())
            assert row["row_count"] == inside.sum(), at
            assert row["null_count"] == nulls, at
            kinds = {bin_.bin_id: bin_.kind for bin_ in seen.bins[feature]}
            ids, counts = np.unique(seen.ids[feature][inside], return_counts=True)
            rows_of = dict(zip([kinds[bin_id] for bin_id in ids], counts, strict=True))
            outside = rows_of.get("below", 0) + rows_of.get("above", 0)
            for name, part, whole in (
                ("null_share", nulls, inside.sum()),
                ("unseen_share", rows_of.get("unseen", 0), inside.sum() - nulls),
                ("out_of_range_share", outside, row["value_count"]),
            ):
                has_bins = name == "null_share" or (
                    (name == "unseen_share") == (feature not in truth.rows.numeric)
                )
                share = part / whole if has_bins and whole else None
                assert is_close(row[name], share), (at, name, row[name], share)
            if feature not in truth.rows.numeric:
                assert row["value_count"] == 0, at
                values = np.array([])
            else:
                values = truth.rows.numeric[feature][inside]
                values = values[np.isfinite(values)]
                assert row["value_count"] == len(values), at
            if len(values) == 0:
                empty = ("mean", "stddev", "min_value", "p25", "median", "p75", "max_value")
                assert [row[name] for name in empty] == [None] * 7, at
                continue
            largest = float(np.abs(values).max())
            assert is_close(row["mean"], values.mean(), tol=1e-9 * largest), at
            spread = float(values.std(ddof=1)) if len(values) > 1 else None
            assert is_close(row["stddev"], spread, tol=1e-9 * largest), (
                at,
                row["stddev"],
                spread,
            )
            assert (row["min_value"], row["max_value"]) == (values.min(), values.max()), at
            public, fine = seen.cells[feature], segment == OVERALL
            cells = split_cells(public) if fine else public
            for name, share in (("p25", 0.25), ("median", 0.5), ("p75", 0.75)):
                exact = float(np.quantile(values, share, method="inverted_cdf"))
                exact = min(max(exact, cells[0].lower), cells[-1].upper)
                cell = cells[int(cell_positions(np.array([exact]), public, fine)[0])]
                slack = 1e-9 * largest
                assert cell.lower - slack <= row[name] <= cell.upper + slack, (at, name)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_psi_and_jensen_shannon_equal_numpy_and_scipy(
    counted: dict[str, Counted], slices: Slices, monitor: str, segment: Segment, window: int
) -> None:
    seen, truth = counted[monitor], counted[monitor].truth
    found = by_key(
        slices("feature_drift", monitor, segment).filter(pl.col("window_days") == window),
        ["feature_name", "metric_date", "reference"],
    )
    days = np.array(truth.days)
    for feature in seen.bins:
        _, daily = seen.daily(feature, segment)
        reference_daily = seen.reference_daily(feature, segment)
        known = DayNull.of(reference_daily, window)
        own = DayNull.of_weekdays(reference_daily) if window == 1 else None
        for day in seen.judged_days(segment):
            current = daily[(days > day - window) & (days <= day)].sum(axis=0)
            if own:
                weekdays = daily[same_weekdays(day, days)].sum(axis=0)
                assert_beside_weekdays(
                    found[feature, day, "rolling"],
                    current,
                    weekdays,
                    Weights.of(truth, "same_weekday", day, 1),
                    own,
                )
            for reference in REFERENCES:
                if reference == "training" and truth.history is not None:
                    other = reference_daily.sum(axis=0)
                else:
                    other = daily[in_reference(truth, reference, day, window, days)].sum(axis=0)
                row, at = found[feature, day, reference], (feature, day, reference)
                assert row["current_rows"] == current.sum(), at
                assert row["reference_rows"] == other.sum(), at
                psi = smoothed_psi(current, other)
                assert is_close(row["psi"], psi), (at, row["psi"], psi)
                distance = None if psi is None else float(jensenshannon(current, other, base=np.e))
                # The root makes 1e-17 of rounding in the divergence 3e-9 in the distance.
                assert is_close(row["js_distance"], distance, tol=1e-7), (
                    at,
                    row["js_distance"],
                    distance,
                )
                weights = Weights.of(truth, reference, day, window, truth.history)
                null = psi_null(current, other, weights, known)
                assert is_close(row["psi_null_p99"], null, rel=0.03), (
                    at,
                    row["psi_null_p99"],
                    null,
                )
                statistic, freedom, effect = chi_square(current, other)
                assert is_close(row["chi_square"], statistic), (at, row["chi_square"], statistic)
                assert row["chi_square_df"] == freedom, at
                # The root makes 1e-16 of rounding 1e-8.
                assert is_close(row["cramers_v"], effect, tol=1e-7), (at, row, effect)
                if psi is None:
                    assert row["status"] == "insufficient_data", at


@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_p_value_of_psi_is_near_that_of_scipy(
    counted: dict[str, Counted], slices: Slices, monitor: str, segment: Segment
) -> None:
    """The exact chance is at most 1.15 times the stated one. It is at least that over 1.35, from
    0.001 on; over 10, from 0.00001 on: the approximation errs to the safe side there.
    """
    seen, truth = counted[monitor], counted[monitor].truth
    days = np.array(truth.days)
    nulls, stated, psi = [], [], []
    found = by_key(
        slices("feature_drift", monitor, segment),
        ["feature_name", "metric_date", "reference", "window_days"],
    )
    for feature in seen.bins:
        _, daily = seen.daily(feature, segment)
        reference_daily = seen.reference_daily(feature, segment)
        for window in WINDOWS:
            known = DayNull.of(reference_daily, window)
            for day in seen.judged_days(segment):
                current = daily[(days > day - window) & (days <= day)].sum(axis=0)
                for reference in ("training", "rolling"):
                    if reference == "training" and truth.history is not None:
                        other = reference_daily.sum(axis=0)
                    else:
                        other = daily[in_reference(truth, reference, day, window, days)].sum(axis=0)
                    row = found[feature, day, reference, window]
                    weights = Weights.of(truth, reference, day, window, truth.history)
                    null = PsiNull.of(current, other, weights, known)
                    if null is None:
                        assert row["psi_p_value"] is None
                        continue
                    assert (row["psi_p_value"] < 0.01) == (row["psi"] > row["psi_null_p99"])
                    nulls.append(null)
                    stated.append(row["psi_p_value"])
                    psi.append(row["psi"])
    p = np.array(stated)
    assert ((p >= 0) & (p <= 1)).all()
    # Where blocks speak for themselves the scale is theirs.
    all_p99 = psi_quantile(nulls, 0.01)
    scaled = np.array(psi) * all_p99 / np.minimum(all_p99, [null.largest for null in nulls])
    tested = (p < 0.4) & (p > 1e-12)
    assert tested.sum() > 20
    chosen = [null for null, is_tested in zip(nulls, tested, strict=True) if is_tested]
    slack = np.select([p[tested] >= 1e-3, p[tested] >= 1e-5], [1.35, 10.0], default=1e9)
    low, high = psi_quantile(chosen, 1.15 * p[tested]), psi_quantile(chosen, p[tested] / slack)
    wrong = (scaled[tested] < low) | (scaled[tested] > high)
    assert not wrong.any(), (
        [(null, q, x) for null, q, x, is_wrong in zip(
            chosen, p[tested], scaled[tested], wrong, strict=True) if is_wrong][:3]
    )  # fmt: skip


def test_q_values_are_those_of_scipy_and_decide(first_build: dict[str, pl.DataFrame]) -> None:
    drift = first_build["feature_drift"]
    judged = drift.filter(pl.col("status") != "insufficient_data")
    assert drift.filter(pl.col("status") == "insufficient_data")["q_value"].is_null().all()
    judged = judged.with_columns((pl.col("segment_name") == "overall").alias("is_overall"))
    families = judged.partition_by(
        "monitor", "metric_date", "window_days", "reference", "is_overall"
    )
    assert len(families) > 100
    for family in families:
        expected = false_discovery_control(family["psi_p_value"].to_numpy(), method="bh")
        assert np.allclose(family["q_value"].to_numpy(), expected, rtol=1e-12, atol=0)
        assert (family["family_size"] == family.height).all()
    is_evident = (pl.col("psi") > pl.col("psi_null_p99")) & (pl.col("q_value") <= 0.05)
    assert judged.filter(pl.col("is_usual_weekday")).is_empty(), "of 200 rows there is no day"
    expected_status = (
        pl.when(is_evident & (pl.col("psi") >= 0.25))
        .then(pl.lit("red"))
        .when(is_evident & (pl.col("psi") >= 0.1))
        .then(pl.lit("yellow"))
        .otherwise(pl.lit("ok"))
    )
    assert judged.filter(pl.col("status") != expected_status).height == 0
    single = (pl.col("psi") > pl.col("psi_null_p99")) & (pl.col("psi") >= 0.1)
    assert judged.filter(single & (pl.col("status") == "ok")).height > 0, "some look false together"


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_ks_and_wasserstein_are_near_scipy_on_raw_values(
    counted: dict[str, Counted], slices: Slices, monitor: str, segment: Segment, window: int
) -> None:
    """KS lies within the stated bound. Wasserstein, on values clipped to the reference's range,
    lies within half the mass of each cell times its width, on both sides: inside a cell the
    distribution function may be any rising curve where the mart takes a straight line.
    """
    seen, truth = counted[monitor], counted[monitor].truth
    found = by_key(
        slices("feature_drift", monitor, segment).filter(pl.col("window_days") == window),
        ["feature_name", "metric_date", "reference"],
    )
    mask = truth.rows.served & truth.rows.in_segment(*segment)
    compared = 0
    for feature in seen.numeric:
        values = truth.rows.numeric[feature]
        public, fine = seen.cells[feature], segment == OVERALL
        cells = split_cells(public) if fine else public
        widths = np.array([0.0, *[cell.upper - cell.lower for cell in cells], 0.0])
        whole = seen.reference.numeric[feature][seen.in_reference]
        whole = whole[np.isfinite(whole)]
        spread = quantile_in_cells(whole, public, 0.75) - quantile_in_cells(whole, public, 0.25)
        for day in seen.judged_days(segment):
            inside = mask & (truth.rows.day > day - window) & (truth.rows.day <= day)
            current = values[inside & np.isfinite(values)]
            for reference in REFERENCES:
                row, at = found[feature, day, reference], (feature, day, reference)
                if reference == "training" and truth.history is not None:
                    history, in_segment = truth.bin_reference(segment)
                    other = history.numeric[feature][in_segment]
                else:
                    chosen = mask & in_reference(truth, reference, day, window, truth.rows.day)
                    other = values[chosen]
                other = other[np.isfinite(other)]
                if len(current) == 0 or len(other) == 0:
                    assert row["ks"] is None and row["wasserstein"] is None, at
                    continue
                compared += 1
                exact = ks_2samp(current, other, method="asymp").statistic
                assert abs(row["ks"] - exact) <= row["ks_error_bound"] + 1e-9, (at, row, exact)
                assert row["ks"] <= exact + 1e-9, "cells can only hide a gap"
                shares = [
                    np.bincount(cell_positions(side, public, fine) + 1, minlength=len(cells) + 2)
                    / len(side)
                    for side in (current, other)
                ]
                kinds = np.array([False, *[cell.kind == "point" for cell in cells], False])
                bound = np.where(kinds, 0, np.minimum(*shares)).max()
                assert is_close(row["ks_error_bound"], float(bound)), at
                if spread == 0:
                    assert row["wasserstein"] is None, at
                    continue
                low, high = cells[0].lower, cells[-1].upper
                distance = wasserstein_distance(
                    np.clip(current, low, high), np.clip(other, low, high)
                )
                slack = float((widths * (shares[0] + shares[1]) / 2).sum())
                assert abs(row["wasserstein"] * spread - distance) <= slack + 1e-9 * high, (
                    at,
                    row["wasserstein"] * spread,
                    distance,
                    slack,
                )
    assert compared > 0


@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_parts_of_psi_are_those_of_the_bins_and_add_up(
    counted: dict[str, Counted], slices: Slices, monitor: str, segment: Segment
) -> None:
    seen, truth = counted[monitor], counted[monitor].truth
    parts = slices("feature_drift_bins", monitor, segment)
    series = ["feature_name", "metric_date", "window_days", "reference"]
    days = np.array(truth.days)
    drift = by_key(slices("feature_drift", monitor, segment), series)
    found: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for (*key, bin_id), row in by_key(parts, [*series, "bin_id"]).items():
        found.setdefault(tuple(key), []).append({**row, "bin_id": bin_id})
    told = {key for key, row in drift.items() if row["psi"] is not None}
    assert set(found) == told, "parts of every PSI, and of nothing else"
    for feature in seen.bins:
        order, daily = seen.daily(feature, segment)
        reference_daily = seen.reference_daily(feature, segment)
        kinds = {bin_.bin_id: bin_.kind for bin_ in seen.bins[feature]}
        for day in seen.judged_days(segment):
            for window in WINDOWS:
                current = daily[(days > day - window) & (days <= day)].sum(axis=0)
                for reference in REFERENCES:
                    at = (feature, day, window, reference)
                    if at not in found:
                        continue
                    if reference == "training" and truth.history is not None:
                        other = reference_daily.sum(axis=0)
                    else:
                        other = daily[in_reference(truth, reference, day, window, days)].sum(axis=0)
                    rows = sorted(found[at], key=lambda row: row["bin_id"])
                    told_as = {name: [row[name] for row in rows] for name in rows[0]}
                    p, q, terms = psi_parts(current, other)
                    assert told_as["bin_id"] == order, at
                    assert told_as["bin_kind"] == [kinds[bin_id] for bin_id in order], at
                    assert told_as["current_rows"] == current.tolist(), at
                    assert told_as["reference_rows"] == other.tolist(), at
                    assert np.allclose(told_as["current_share"], p, rtol=1e-9, atol=1e-12), at
                    assert np.allclose(told_as["reference_share"], q, rtol=1e-9, atol=1e-12), at
                    assert np.allclose(told_as["psi_contribution"], terms, atol=1e-12), at
                    psi = drift[at]["psi"]
                    assert is_close(sum(told_as["psi_contribution"]), psi), at
                    if psi > 0:
                        shares = np.array(told_as["contribution_share"])
                        assert np.allclose(shares, terms / psi, rtol=1e-6, atol=1e-9), at


def test_categories_have_no_order(first_build: dict[str, pl.DataFrame]) -> None:
    rows = first_build["feature_drift"].filter(
        pl.col("feature_name").is_in(["channel", "city", "code", "device"])
    )
    assert rows.height > 0
    assert rows["ks"].null_count() == rows["wasserstein"].null_count() == rows.height
