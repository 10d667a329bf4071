"""Estimates without labels against scikit-learn's isotonic regression and sums over raw rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest
from segments import OVERALL
from truth import estimates
from truth.comparing import by_key, is_close
from truth.estimates import METRICS, Map
from truth.rows import WINDOWS, Truth, judged_dates

Segment = tuple[str, str]
Rows = Mapping[tuple[Any, ...], dict[str, Any]]

MAPS = [("orders", "v1"), ("orders", "v2"), ("orders", "canary"), ("visits", "theirs")]
KEYS = [
    ("orders", "serving", OVERALL),
    ("orders", "serving", ("region", "north")),
    ("orders", "v1", OVERALL),
    ("orders", "canary", ("is_big", "true")),
    ("orders", "v2", ("region", "unknown")),
    ("visits", "serving", OVERALL),
    ("visits", "theirs", ("device", "desk")),
]
KEY_IDS = ["-".join([monitor, version, *segment]) for monitor, version, segment in KEYS]


MAPS_SEEN: dict[tuple[str, str, int], Map] = {}


def fitted(truth: Truth, version: str, per_unit: int) -> Map:
    """Each map is fitted once for all tests."""
    key = truth.name, version, per_unit
    if key not in MAPS_SEEN:
        MAPS_SEEN[key] = Map.of(truth, version, per_unit)
    return MAPS_SEEN[key]


@pytest.fixture(scope="module")
def estimated(first_build: dict[str, pl.DataFrame]) -> dict[tuple[Any, ...], pl.DataFrame]:
    return first_build["estimated_performance"].partition_by(
        "monitor", "model_version", "segment_name", "segment_value", as_dict=True
    )


@pytest.mark.parametrize("per_unit", [50, 10])
@pytest.mark.parametrize(("monitor", "version"), MAPS)
def test_the_map_is_isotonic_regression(
    truths: dict[str, Truth],
    calibration_groups: pl.DataFrame,
    monitor: str,
    version: str,
    per_unit: int,
) -> None:
    """Exactly that of scikit-learn on the groups. On raw scores instead, the expected positives
    below the end of a group differ by no more than labels of a group lie off its straight line:
    convex minorants of two curves are no further apart than the curves (Marshall's lemma)."""
    own = calibration_groups.filter(monitor=monitor, model_version=version, cells_per_unit=per_unit)
    expected = fitted(truths[monitor], version, per_unit)
    assert own["group_id"].to_list() == list(expected.fitted)
    np.testing.assert_allclose(own["probability"], list(expected.fitted.values()), rtol=1e-12)
    assert own["positive_rows"].sum() == expected.label.sum()
    assert own["block_id"].n_unique() == own["probability"].n_unique() > 5

    score, raw, group = expected.raw_isotonic()
    label = expected.label[np.argsort(expected.score, kind="stable")]
    # Rows of equal scores come as one, which is as good as in the order of their mean.
    _, place = np.unique(score, return_inverse=True)
    label = (np.bincount(place, weights=label) / np.bincount(place))[place]
    off = 0.0
    for number in np.unique(group):
        inside = label[group == number]
        line = np.arange(1, len(inside) + 1) * inside.mean()
        off = max(off, float(np.abs(np.cumsum(inside) - line).max()))
    ends = np.flatnonzero(np.append(np.diff(group), 1))
    ours = np.cumsum([expected.fitted[number] for number in group.tolist()])[ends]
    assert np.abs(ours - np.cumsum(raw)[ends]).max() <= off + 1e-6
    assert off < 0.02 * len(score)


def window_of(
    truth: Truth, version: str, segment: Segment, first: int, last: int
) -> estimates.Window | None:
    """The rows of a window; None where one has no map, or one fitted on a day of the window."""
    rows = truth.rows
    per_unit = 50 if segment == OVERALL else 10
    inside = rows.of_version(version) & rows.in_segment(*segment)
    inside &= (rows.day >= first) & (rows.day <= last)
    maps = {}
    for scorer in set(rows.version[inside]):
        own = fitted(truth, scorer, per_unit)
        rarer = min(own.label.sum(), len(own.label) - own.label.sum())
        is_due = own.last_day + truth.horizon <= truth.as_of
        if (
            rarer < 30
            or not is_due
            or rows.day[inside & (rows.version == scorer)].min() <= (own.last_day)
        ):
            return None
        maps[scorer] = own
        maps[f"{scorer} fine"] = fitted(truth, scorer, 50)
    with np.errstate(invalid="ignore"):
        inside &= (rows.score >= 0) & (rows.score <= 1)
    return estimates.Window(
        rows.score[inside],
        rows.version[inside],
        rows.day[inside],
        maps,
        truth.threshold,
        per_unit,
    )


def found_rows(
    parts: dict[tuple[Any, ...], pl.DataFrame], monitor: str, version: str, segment: Segment
) -> Rows:
    return by_key(parts[monitor, version, *segment], ["metric_name", "metric_date", "window_days"])


@pytest.mark.parametrize(("monitor", "version", "segment"), KEYS, ids=KEY_IDS)
def test_estimates_are_sums_over_rows_within_the_bound_of_cells(
    truths: dict[str, Truth],
    estimated: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    version: str,
    segment: Segment,
) -> None:
    truth = truths[monitor]
    found = found_rows(estimated, monitor, version, segment)
    statuses = set()
    for window in WINDOWS:
        for day in judged_dates(truth):
            if day not in truth.days_of(version, segment):
                assert ("brier", day, window) not in found
                continue
            rows = window_of(truth, version, segment, day - window + 1, day)
            values = rows.values() if rows else {}
            bounds = rows.bounds() if rows and len(rows.score) else {}
            for metric in METRICS:
                row, at = found[metric, day, window], (metric, day, window)
                statuses.add(row["status"])
                value = values.get(metric)
                if value is None:
                    assert row["status"] == (
                        "no_calibration" if rows is None else "insufficient_data"
                    ), at
                    assert rows is None or row["estimated_value"] is None, at
                    continue
                assert row["status"] != "no_calibration", at
                bound = bounds[metric]
                assert is_close(row["error_bound"], bound), (at, row, bound)
                # Scores of 0 and 1 lie in cells without an end; there the loss has no bound.
                assert rows is not None and bound is not None
                inner = np.all((rows.score > 4.6e-5) & (rows.score < 1 - 4.6e-5))
                if metric != "log_loss" or inner:
                    assert is_close(row["estimated_value"], value, tol=bound + 1e-9), (at, row)
                expected = rows.chance.sum()
                enough = min(expected, len(rows.score) - expected) >= 30
                enough &= len(rows.score) >= 200 and day - window + 1 >= truth.span(version)[0]
                assert row["status"] == ("ok" if enough else "insufficient_data"), at
    assert statuses >= {"no_calibration", "insufficient_data"}
    if (monitor, version, segment) == ("visits", "serving", OVERALL):
        assert "ok" in statuses


@pytest.mark.parametrize(
    ("monitor", "version", "segment"), [KEYS[0], KEYS[4], KEYS[6]], ids=lambda part: str(part)
)
def test_bounds_hold_labels_the_map_and_days(
    truths: dict[str, Truth],
    estimated: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    version: str,
    segment: Segment,
) -> None:
    truth = truths[monitor]
    found = found_rows(estimated, monitor, version, segment)
    checked = 0
    for day in judged_dates(truth)[-2:]:
        rows = window_of(truth, version, segment, day - 6, day)
        if rows is None:
            continue
        for metric, error in rows.standard_errors().items():
            row = found[metric, day, 7]
            assert error is not None
            value = row["estimated_value"]
            lower = max(value - estimates.Z * error, 0)
            upper = value + estimates.Z * error
            upper = upper if metric == "log_loss" else min(upper, 1)
            # Student's quantile is an expansion.
            assert is_close(row["lower_bound"], lower, tol=1e-3 * error), (metric, day, row, lower)
            assert is_close(row["upper_bound"], upper, tol=1e-3 * error), (metric, day, row, upper)
            checked += 1
    assert checked


def test_gini_is_that_of_auc(first_build: dict[str, pl.DataFrame]) -> None:
    frame = first_build["estimated_performance"].drop_nulls("estimated_value")
    keys = ["monitor", "model_version", "metric_date", "window_days", "segment_name"]
    keys.append("segment_value")
    both = frame.filter(metric_name="gini").join(frame.filter(metric_name="roc_auc"), on=keys)
    assert both.height
    gini, auc = both["estimated_value"], both["estimated_value_right"]
    np.testing.assert_allclose(gini, 2 * auc - 1, atol=1e-12)


def test_realised_values_are_those_of_performance_once_labels_are_due(
    first_build: dict[str, pl.DataFrame],
) -> None:
    keys = ["monitor", "model_version", "metric_date", "window_days", "segment_name"]
    keys += ["segment_value", "metric_name"]
    performance = first_build["performance"].filter(
        pl.col("monitor").is_in(["orders", "visits"]),
        pl.col("reference") == "previous",
        pl.col("metric_name").is_in([*METRICS, "gini"]),
    )
    estimated = first_build["estimated_performance"].filter(
        pl.col("monitor").is_in(["orders", "visits"])
    )
    both = estimated.join(performance, on=keys, how="full")
    assert both.height == performance.height == estimated.height
    assert both.filter(~pl.col("is_mature"))["realised_value"].is_null().all()
    mature = both.filter("is_mature")
    assert mature["realised_value"].equals(mature["metric_value"])
    assert mature["realised_lower_bound"].equals(mature["lower_bound_right"])
    assert mature["realised_upper_bound"].equals(mature["upper_bound_right"])
    assert 0 < mature.height < both.height
