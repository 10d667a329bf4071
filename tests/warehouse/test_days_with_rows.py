"""On which days the marts have rows: of a segment value, and of one version."""

from collections.abc import Callable
from datetime import date

import nasty
import polars as pl
import pytest
from segments import IDS, SEGMENTS
from truth.rows import Truth

Slices = Callable[..., pl.DataFrame]
Segment = tuple[str, str]

OF_FEATURES = {
    "feature_histograms": ["feature_name", "bin_id"],
    "feature_statistics": ["feature_name", "window_days"],
    "feature_drift": ["feature_name", "window_days", "reference"],
}
OF_VERSIONS = {
    "prediction_histograms": ["bin_id"],
    "prediction_statistics": ["window_days"],
    "prediction_drift": ["window_days", "reference"],
    "performance": ["window_days", "metric_name", "reference"],
    "estimated_performance": ["window_days", "metric_name"],
}
JUDGED_ONLY = {"calibration": ["window_days"], "calibration_summary": ["window_days"]}
VERSIONS = ("serving", "v1", "v2", "canary")


def as_dates(days: list[int]) -> list[date]:
    return [date.fromordinal(day) for day in days]


@pytest.mark.parametrize("relation", [*OF_FEATURES, *OF_VERSIONS])
@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_a_segment_value_has_every_day_from_the_one_it_is_first_seen_on(
    truths: dict[str, Truth], slices: Slices, monitor: str, segment: Segment, relation: str
) -> None:
    rows = slices(relation, monitor, segment, every_day=True)
    if relation in OF_VERSIONS:
        rows = rows.filter(pl.col("model_version") == "serving")
    if relation == "feature_histograms":
        rows = rows.filter(pl.col("origin") == "log")
    expected = as_dates(truths[monitor].days_of("serving", segment))
    series = rows.group_by(OF_FEATURES.get(relation) or OF_VERSIONS[relation])
    found = series.agg(pl.col("metric_date").sort())["metric_date"].to_list()
    assert found, "there are rows"
    assert all(days == expected for days in found)


def test_a_segment_value_appears_later_than_its_log(truths: dict[str, Truth]) -> None:
    """Without one, the test above would say nothing about the days before."""
    visits = truths["visits"]
    first_seen = visits.days_of("serving", ("device", "unknown"))[0]
    assert first_seen > visits.first_day
    empty = set(visits.days_of("serving", ("device", "unknown")))
    empty -= set(visits.rows.day[visits.rows.in_segment("device", "unknown")].tolist())
    assert empty, "and it has empty days"


@pytest.mark.parametrize("relation", [*OF_VERSIONS, *JUDGED_ONLY])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_has_the_days_on_which_it_has_rows_itself(
    truths: dict[str, Truth],
    first_build: dict[str, pl.DataFrame],
    version: str,
    relation: str,
) -> None:
    truth = truths["orders"]
    grain = OF_VERSIONS.get(relation) or JUDGED_ONLY[relation]
    rows = first_build[relation].filter(
        pl.col("monitor") == "orders", pl.col("model_version") == version
    )
    for key, of_segment in rows.group_by("segment_name", "segment_value"):
        expected = as_dates(truth.days_of(version, (str(key[0]), str(key[1]))))
        series = of_segment.group_by(grain).agg(pl.col("metric_date").unique().sort())
        for days in series["metric_date"].to_list():
            if relation in JUDGED_ONLY:  # a window without a judged row has no bins
                assert set(days) <= set(expected), key
            else:
                assert days == expected, key
    segments = set(rows.select("segment_name", "segment_value").unique().iter_rows())
    rows_of_version = truth.rows.of_version(version)
    seen = {("overall", "all")} | {
        (name, value)
        for name, values in truth.rows.segments.items()
        for value in set(values[rows_of_version])
    }
    assert segments == seen


def test_the_canary_stops_and_comes_back(truths: dict[str, Truth]) -> None:
    zero = nasty.FIRST_DAY.toordinal()
    days = [day - zero for day in truths["orders"].days_of("canary", ("overall", "all"))]
    assert days == list(nasty.CANARY_DAYS)
    assert days[0] + 27 not in days, "its stable reference is over on a day without rows"
