"""The change of loss split over the bins of each feature, and the labels in them, from raw rows."""

from dataclasses import replace
from typing import Any

import nasty
import numpy as np
import polars as pl
import pytest
from scipy import stats
from truth import regression
from truth.comparing import by_key, is_close
from truth.errors import judged_rows, patterns
from truth.features import published_bins
from truth.rows import REFERENCES, Truth, ordinal
from truth.splits import Side, split_of

from tests.simulation.attribution import FEATURES, MATTERING, Case

OFFSETS = (20, 34, 35, 40, 59, 66, nasty.LOG_DAYS - 5, nasty.LOG_DAYS - 4)
DAYS = [ordinal(nasty.FIRST_DAY) + offset for offset in OFFSETS]
KEY = ["metric_date", "window_days", "feature_name", "reference"]
LEAST_ROWS, LEAST_DAYS = 200, 5


def reference_days(truth: Truth, reference: str, day: int, window: int) -> tuple[int, int] | None:
    """First and last day of a reference; None where it is not whole or not over."""
    before, first = day - window, truth.first_day
    if reference in ("training", "stable"):  # of versions without a registration
        return (first, first + 27) if first + 27 <= before else None
    length = 30 if reference == "rolling" else window
    return (before - length + 1, before) if first <= before - length + 1 else None


def sides(truth: Truth, feature_bins: pl.DataFrame) -> dict[str, Side]:
    """All judged rows by feature, with their bins."""
    rows = judged_rows(truth)
    found: dict[str, Side] = {}
    for (kind, _, _, feature, bin_id), mask in patterns(
        truth, published_bins(feature_bins, truth.name)
    ):
        if kind == "feature_bin":
            fresh = Side(np.full(len(rows.day), -99), rows.loss, rows.day)
            found.setdefault(feature, fresh).bins[mask] = bin_id
    return found


@pytest.mark.parametrize("monitor", ["orders", "visits"])
def test_effects_and_their_errors_equal_numpy(
    truths: dict[str, Truth], first_build: dict[str, pl.DataFrame], monitor: str
) -> None:
    truth = truths[monitor]
    of_features = first_build["drift_attribution"].filter(
        pl.col("monitor") == monitor, pl.col("feature_name") != "joint"
    )
    assert set(of_features["model_version"]) == {"serving"}
    assert ordinal(of_features["metric_date"].max()) == truth.as_of - truth.horizon
    found = by_key(of_features, KEY)
    statuses = set()
    for feature, rows in sides(truth, first_build["feature_bins"]).items():
        for day in set(DAYS) & set(range(truth.first_day, truth.as_of - truth.horizon + 1)):
            for window in (7, 30):
                now = rows.between(day - window + 1, day)
                for reference in REFERENCES:
                    place = (day, window, feature, reference)
                    if not len(now.day):
                        assert place not in found
                        continue
                    span = reference_days(truth, reference, day, window)
                    statuses.add(found[place]["status"])
                    check(found[place], now, rows.between(*span) if span else None, truth, place)
    assert statuses == {"judged", "no_reference"}, "too few rows: see the model's unit test"


def check(row: dict[str, Any], now: Side, then: Side | None, truth: Truth, place: Any) -> None:
    """One row against numpy."""
    assert row["current_rows"] == row["sampled_current_rows"] == len(now.day), place
    days = len(np.unique(now.day))
    day, window = place[:2]
    is_thick = days >= LEAST_DAYS and day - window + 1 >= truth.first_day
    if then is None or not is_thick or min(len(now.day), len(then.day)) < LEAST_ROWS:
        assert row["status"] == ("no_reference" if then is None else "insufficient_data"), place
        assert row["mix_effect"] is row["total_change"] is row["mix_lower_bound"] is None, place
        return
    assert row["status"] == "judged", place
    parts = split_of(now, then)
    quantile = stats.t.ppf(0.975, days - 1)
    expected = {
        "current_loss": now.loss.mean(),
        "reference_loss": then.loss.mean(),
        "total_change": now.loss.mean() - then.loss.mean(),
        "mix_effect": parts.mix,
        "concept_effect": parts.concept,
        "out_of_support_effect": parts.outside,
        "out_of_support_share": parts.outside_share,
        "effective_rows": parts.effective_rows,
        "mix_standard_error": parts.mix_error,
        "concept_standard_error": parts.concept_error,
        "reference_rows": len(then.day),
    }
    for column, value in expected.items():
        assert is_close(row[column], value, rel=1e-7), (place, column, row[column], value)
    for effect in ("mix", "concept"):
        spread = quantile * expected[f"{effect}_standard_error"]
        for bound, sign in (("lower", -1), ("upper", 1)):
            value = expected[f"{effect}_effect"] + sign * spread
            # Student's quantile by its expansion.
            assert is_close(row[f"{effect}_{bound}_bound"], value, tol=2e-3 * spread + 1e-9), place
    assert is_close(parts.total, expected["total_change"])


def test_a_regression_splits_its_squared_error(
    first_build: dict[str, pl.DataFrame], tables: dict[str, pl.DataFrame]
) -> None:
    rows = regression.load(tables["fares"], nasty.AS_OF)
    square = (rows.columns["score"] - rows.columns["label"]) ** 2
    found = first_build["drift_attribution"].filter(
        pl.col("monitor") == "fares", pl.col("status") == "judged"
    )
    assert found.height > 0
    assert set(found["metric_name"]) == {"squared_error"}
    for row in found.sample(min(found.height, 200), seed=1).iter_rows(named=True):
        last = ordinal(row["metric_date"])
        inside = (rows.day > last - row["window_days"]) & (rows.day <= last) & rows.is_judged
        assert is_close(row["current_loss"], square[inside].mean()), row
        inside = (rows.day >= ordinal(row["reference_from"])) & rows.is_judged
        inside &= rows.day <= ordinal(row["reference_to"])
        assert is_close(row["reference_loss"], square[inside].mean()), row
        effects = [row[f"{name}_effect"] for name in ("mix", "concept", "out_of_support")]
        size = row["current_loss"] + row["reference_loss"]
        assert abs(sum(effects) - row["total_change"]) < 1e-9 * size, row


@pytest.mark.parametrize("monitor", ["orders", "visits"])
def test_labels_of_a_bin_are_those_of_each_reference(
    truths: dict[str, Truth], first_build: dict[str, pl.DataFrame], monitor: str
) -> None:
    truth, everything = truths[monitor], judged_rows(truths[monitor])
    keys = ["metric_date", "window_days", "segment_value", "feature_name", "bin_id"]
    frame = first_build["error_patterns"].filter(pl.col("monitor") == monitor)
    by_kind = {
        str(kind): by_key(rows, ["segment_name", *keys])
        for (kind,), rows in frame.group_by("pattern_kind")
    }
    compared = 0
    for key, mask in patterns(truth, published_bins(first_build["feature_bins"], monitor)):
        kind, segment, value, feature, bin_id = key
        own = everything.of(mask)
        for day in set(DAYS) & set(truth.days):
            for window in (7, 30):
                row = by_kind[kind].get((segment, day, window, value, feature, bin_id))
                if row is None:
                    continue
                now = len(own.between(day - window + 1, day).day)
                whole = day - window + 1 >= truth.first_day
                for reference in REFERENCES:
                    span = reference_days(truth, reference, day, window)
                    then = own.between(*span) if span else None
                    rates = [row[f"{reference}_{name}"] for name in ("observed_rate", "mean_score")]
                    if then is None or not whole or min(len(then.day), now) < 100:
                        assert rates == [None, None], (key, day, window, reference)
                        assert span or row[f"{reference}_row_count"] is None
                        continue
                    compared += 1
                    assert row[f"{reference}_row_count"] == len(then.day)
                    assert is_close(rates[0], then.label.mean()), (key, day, window, reference)
                    assert is_close(rates[1], then.score.mean()), (key, day, window, reference)
    assert compared > 100


def in_tenths(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Bins as a monitor has them: tenths of the reference, below and above it."""
    inner = np.quantile(reference, np.arange(1, 10) / 10)
    return np.searchsorted([reference.min(), *inner, reference.max()], values, side="right")


@pytest.mark.parametrize("shifted", [*MATTERING, None])
def test_a_shift_is_mix_seen_from_its_feature_and_concept_from_any_other(
    shifted: str | None,
) -> None:
    """And a change of what features mean is concept seen from each."""
    case = Case("bad", shifted, 1.2 if shifted else 0.0, 0.0 if shifted else 1.2, 5_000)
    now, then, _ = replace(case, certain=True).sides()
    for position, feature in enumerate(FEATURES):
        values, reference = (rows.features[:, position] for rows in (now, then))
        bins = (
            (values, reference)
            if feature == "kind"
            else (in_tenths(values, reference), in_tenths(reference, reference))
        )
        parts = split_of(Side(bins[0], now.loss, now.day), Side(bins[1], then.loss, then.day))
        share = parts.mix / parts.total
        assert share >= 0.85 if feature == shifted else abs(share) < 0.1, (feature, share)
        assert abs(parts.total - (now.loss.mean() - then.loss.mean())) < 1e-12
