"""Business metrics against sums over raw rows, the delta method and a bootstrap."""

from datetime import timedelta

import nasty
import numpy as np
import polars as pl
import pytest
from truth import business, regression
from truth.estimates_by_task import Intervals, Rows
from truth.rows import Truth

Tables = dict[str, pl.DataFrame]
FIRST = nasty.FIRST_DAY.toordinal()
DAYS = [FIRST + number for number in (0, 5, 9, 27, 33, 40, 56, 60, 66, 75, 89)]
OVERALL = ("overall", "all")
KEYS = [
    ("orders", "cost_per_click", "serving", OVERALL),
    ("orders", "cost_per_click", "v2", OVERALL),
    ("orders", "cost_per_click", "serving", ("region", "unknown")),
    ("orders", "cost_per_click", "canary", ("is_big", "true")),
    ("orders", "margin", "serving", OVERALL),
    ("orders", "margin", "serving", ("region", "o'hare")),
    ("fares", "odometer", "serving", OVERALL),
    ("fares", "odometer", "m2", ("zone", "unknown")),
]
IDS = ["-".join([monitor, metric, version, *segment]) for monitor, metric, version, segment in KEYS]


def rows_of(
    tables: Tables,
    truths: dict[str, Truth],
    monitor: str,
    metric: str,
    version: str,
    segment: tuple[str, str],
) -> Rows:
    if monitor == "orders":
        return business.of_orders(truths["orders"], version, segment, metric)
    fares = regression.load(tables["fares"], nasty.AS_OF)
    chosen = np.ones(len(fares.day), bool)
    if version != "serving":
        chosen &= fares.columns["version"] == version
    if segment != OVERALL:
        chosen &= fares.columns[segment[0]] == segment[1]
    distance = tables["fares"]["distance"].to_numpy()
    assert len(distance) == len(fares.day)
    return business.rows_of(fares.day, 300000 + distance, np.ones(len(distance))).inside(chosen)


def found_of(
    first_build: Tables, monitor: str, metric: str, version: str, segment: tuple[str, str]
) -> dict[tuple[int, int, str], dict[str, object]]:
    rows = first_build["performance"].filter(
        (pl.col("monitor") == monitor)
        & (pl.col("metric_name") == metric)
        & (pl.col("model_version") == version)
        & (pl.col("segment_name") == segment[0])
        & (pl.col("segment_value") == segment[1])
    )
    return {
        (row["metric_date"].toordinal(), row["window_days"], row["reference"]): row
        for row in rows.iter_rows(named=True)
    }


@pytest.mark.parametrize("key", KEYS, ids=IDS)
def test_values_and_bounds_are_those_of_the_rows(
    first_build: Tables,
    tables: Tables,
    truths: dict[str, Truth],
    key: tuple[str, str, str, tuple[str, str]],
) -> None:
    _, metric, version, _ = key
    found, rows = found_of(first_build, *key), rows_of(tables, truths, *key)
    intervals, compared, plain = Intervals(business.estimate, rows), 0, 0
    for day in DAYS:
        for window in (1, 7, 30):
            row = found.get((day, window, "previous"))
            if row is None:
                assert version != "serving" or day < rows.day.min()
                continue
            inside, at = rows.between(day - window + 1, day), (day - FIRST, window, row)
            assert row["row_count"] == len(inside.day), at
            assert row["labeled_rows"] == len(inside.judged.day), at
            expected = business.estimate(metric, inside.judged)
            if expected is None:
                assert row["metric_value"] is None, at
                continue
            assert row["metric_value"] == pytest.approx(expected.value, rel=1e-9), at
            limits = business.bounds(intervals, metric, day, window)
            if limits is None:
                assert row["lower_bound"] is None, at
                continue
            lower, upper, design_effect = limits
            assert row["design_effect"] == pytest.approx(design_effect, rel=1e-4), at
            # Student's quantile is approximated to 0.1 %; without days it is exact.
            allowed = (1e-6 if design_effect == 1 else 5e-3) * (upper - lower) + 1e-9
            assert abs(row["lower_bound"] - lower) <= allowed, (at, lower)
            assert abs(row["upper_bound"] - upper) <= allowed, (at, upper)
            compared += 1
            plain += design_effect == 1
    assert compared >= 3
    assert plain


@pytest.mark.parametrize("key", KEYS[:1] + KEYS[4:5], ids=IDS[:1] + IDS[4:5])
def test_references_are_the_metric_of_their_rows(
    first_build: Tables,
    tables: Tables,
    truths: dict[str, Truth],
    key: tuple[str, str, str, tuple[str, str]],
) -> None:
    metric = key[1]
    found, rows = found_of(first_build, *key), rows_of(tables, truths, *key)
    for day in (FIRST + 40, FIRST + 66, FIRST + 89):
        for window in (1, 7, 30):
            spans = {
                "rolling": (day - window - 29, day - window),
                "previous": (day - 2 * window + 1, day - window),
                # Nobody registered the version: its first weeks stand for its training.
                "stable": (FIRST, FIRST + 27) if day - window >= FIRST + 27 else (1, 0),
                "training": (FIRST, FIRST + 27) if day - window >= FIRST + 27 else (1, 0),
            }
            for reference, span in spans.items():
                expected = business.estimate(metric, rows.between(*span).judged)
                value = found[day, window, reference]["reference_value"]
                assert (value is None) == (expected is None)
                if expected is not None:
                    assert value == pytest.approx(expected.value, rel=1e-9)


def test_the_delta_method_is_what_a_bootstrap_of_rows_shows(truths: dict[str, Truth]) -> None:
    for metric in ("cost_per_click", "margin"):
        rows = business.of_orders(truths["orders"], "serving", OVERALL, metric)
        month = rows.between(FIRST + 2, FIRST + 31).judged
        found = business.estimate(metric, month)
        assert found is not None
        assert found.error == pytest.approx(business.bootstrap_error(month), rel=0.06)


def test_rows_that_take_no_part_are_counted(first_build: Tables, truths: dict[str, Truth]) -> None:
    """Null, NaN, infinite and huge amounts; a denominator of 0 takes part."""
    for metric, least in (("cost_per_click", 0.003), ("margin", 0.3)):
        rows = business.of_orders(truths["orders"], "serving", OVERALL, metric)
        month = rows.between(FIRST + 60, FIRST + 89)
        row = found_of(first_build, "orders", metric, "serving", OVERALL)[FIRST + 89, 30, "stable"]
        assert row["label_coverage"] == pytest.approx(month.is_judged.mean())
        assert 1 - month.is_judged.mean() > least
    rows = business.of_orders(truths["orders"], "serving", OVERALL, "cost_per_click")
    assert (rows.judged.columns["denominator"] == 0).sum() > 1000


def test_a_day_is_mature_once_its_amounts_are_complete(first_build: Tables) -> None:
    """No label is waited for: `margin` is complete after a day, `cost_per_click` at once."""
    performance = first_build["performance"].filter(pl.col("monitor") == "orders")
    for metric, horizon in (("cost_per_click", 0), ("margin", 1), ("accuracy", 3)):
        rows = performance.filter(pl.col("metric_name") == metric)
        expected = pl.col("metric_date") <= nasty.AS_OF - timedelta(days=horizon)
        assert rows.filter(expected != pl.col("is_mature")).is_empty()


def test_definitions_say_what_is_good(first_build: Tables) -> None:
    definitions = first_build["metric_definitions"].filter("is_business")
    columns = ["monitor", "metric_name", "title", "direction", "unit", "owner", "horizon_days"]
    assert sorted(definitions.select(columns).rows()) == [
        ("fares", "odometer", "Odometer", "lower", "km", "tests", 0),
        ("orders", "cost_per_click", "Cost per click", "lower",
         "per unit of the denominator", "tests", 0),
        ("orders", "margin", "Margin", "higher", "EUR", "tests", 1),
    ]  # fmt: skip


def test_signals_say_what_performance_does(first_build: Tables) -> None:
    """Each rule, overall and in every segment; nothing else is judged by these rules."""
    signals = first_build["signals"].filter(pl.col("layer") == "business")
    assert set(signals["metric_name"]) == {"cost_per_click", "margin", "odometer"}
    assert set(signals["rule_id"]) == {
        "business_level", "business_stable", "business_sudden", "business_trend",
    }  # fmt: skip
    horizon = pl.when(pl.col("metric_name") == "margin").then(1).otherwise(0)
    assert (
        (signals["known_on"] - signals["metric_date"])
        .dt.total_days()
        .equals(signals.select(horizon.cast(pl.Int64).alias("known_on"))["known_on"])
    )
    level = signals.filter(pl.col("rule_id") == "business_level")
    keys = ["monitor", "model_version", "metric_date", "window_days", "segment_name",
            "segment_value", "metric_name", "reference"]  # fmt: skip
    pairs = level.join(first_build["performance"], on=keys, suffix="_there", validate="1:1")
    assert pairs.height == level.height > 100
    words = {"ok": "green", "no_reference": "insufficient_data"}
    expected = pairs["status"].replace(words)
    assert pairs["severity"].equals(expected.alias("severity"))
    assert {"green", "yellow", "red", "insufficient_data"} >= set(pairs["severity"]) >= {"red"}


def test_what_costs_more_opens_an_alert(first_build: Tables) -> None:
    """Amounts rise on the days of drift, and so do days differ: the alert comes in their wake."""
    alerts = first_build["alerts"].filter(
        (pl.col("layer") == "business") & (pl.col("segment_name") == "overall")
    )
    costs = alerts.filter(pl.col("metric_name") == "cost_per_click")
    first, last = (
        nasty.FIRST_DAY + timedelta(days=day)
        for day in (nasty.DRIFT_DAYS.start, nasty.DRIFT_DAYS.stop + 7)
    )
    assert costs.filter(pl.col("opened_on").is_between(first, last)).height == 1
    assert set(alerts["runbook"]) == {"docs/alerts/business_metric.md"}
    assert not alerts.filter(pl.col("metric_name") == "odometer").height
