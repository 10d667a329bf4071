"""Alerts as a function of signals, and what another build may and may not change."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import nasty
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal
from project import Project, in_order

KEY = ("monitor", "layer", "metric_name", "feature_name", "segment_name", "segment_value")
OPEN_AT_ONCE = ("performance_sudden", "row_volume", "label_coverage")
OPEN_DAYS, OPEN_WINDOW_DAYS, CLOSE_DAYS = 3, 5, 7
CLOSE_FACTOR = 0.8
EARLIER = nasty.FIRST_DAY + timedelta(days=58)
SEEN_EARLIER = ("signals", "alerts", "feature_drift", "performance")


def level(rows: list[dict[str, Any]]) -> int:
    """Return 2 if one of the signals is red, 1 if one is yellow, else 0."""
    severities = {row["severity"] for row in rows}
    return 2 if "red" in severities else int("yellow" in severities)


def assert_same_rows(found: pl.DataFrame, expected: pl.DataFrame) -> None:
    """Compare all but the last digits of floats, which depend on the order of the raw rows.

    The spread of equal values is the root of such a digit; distances of 0 likewise.
    """
    for column in set(found.columns) & {"stddev", "js_distance", "debiased_error"}:
        assert_series_equal(found[column], expected[column], abs_tol=1e-7)
        found, expected = found.drop(column), expected.drop(column)
    assert_frame_equal(found, expected, check_exact=False, rel_tol=1e-9, abs_tol=1e-11)


def alerts_of(
    signals: list[dict[str, Any]], overall_levels: dict[date, int]
) -> Iterator[dict[str, Any]]:
    """Walk one key through its days and yield its alerts.

    `overall_levels` are the levels of the same measure of all rows, empty where they do not count:
    a segment opens an alert of its own only on days on which it is worse than the whole.
    """
    days = [
        (day, list(rows))
        for day, rows in groupby(
            sorted(signals, key=lambda row: row["known_on"]), key=lambda row: row["known_on"]
        )
    ]
    alert: dict[str, Any] | None = None
    own_days: list[bool] = []
    clear_days = 0
    for day, rows in days:
        flagged = [row for row in rows if row["severity"] in ("yellow", "red")]
        is_own = bool(flagged) and level(rows) > overall_levels.get(day, 0)
        own_days = [*own_days, is_own][-OPEN_WINDOW_DAYS:]
        is_judged = any(row["severity"] != "insufficient_data" for row in rows)
        if is_judged:
            clear_days = 0 if any(row["is_above_closing"] for row in rows) else clear_days + 1
        needed = min(
            (1 if row["rule_id"] in OPEN_AT_ONCE else OPEN_DAYS for row in flagged), default=99
        )
        if alert is None and is_own and sum(own_days) >= needed:
            alert = {"opened_on": day, "resolved_on": None, "worst_severity": "yellow"}
        elif alert is not None and is_judged and clear_days >= CLOSE_DAYS:
            yield {**alert, "resolved_on": day}
            alert = None
        if alert is not None and flagged:
            reds = [row for row in flagged if row["severity"] == "red"]
            told = max(reds or flagged, key=lambda row: row["divergence"])
            alert |= {"last_seen_on": day, "severity": told["severity"]}
            alert |= {name: told[name] for name in ("rule_id", "metric_value", "reason")}
            if reds:
                alert["worst_severity"] = "red"
    if alert is not None:
        yield alert


def test_alerts_are_what_the_rules_make_of_the_signals(
    first_build: dict[str, pl.DataFrame],
) -> None:
    by_key = {
        key: signals.to_dicts()
        for key, signals in first_build["signals"].partition_by(*KEY, as_dict=True).items()
    }
    expected = []
    for key, signals in by_key.items():
        monitor, layer, metric, feature, segment, _ = key
        overall_levels = {}
        if segment != "overall" and layer in ("feature_drift", "prediction_drift"):
            overall = by_key[monitor, layer, metric, feature, "overall", "all"]
            for row in overall:
                day = row["known_on"]
                overall_levels[day] = max(level([row]), overall_levels.get(day, 0))
        for alert in alerts_of(signals, overall_levels):
            expected.append({**dict(zip(KEY, key, strict=True)), **alert})
    found = first_build["alerts"]
    assert found["alert_id"].n_unique() == found.height
    assert_frame_equal(
        in_order(pl.DataFrame(expected, infer_schema_length=None).select(sorted(expected[0]))),
        in_order(found.select(sorted(expected[0]))),
    )
    assert found["resolved_on"].null_count() not in (0, found.height), "some close, some do not"
    assert {"open", "resolved"} == set(found["status"])


def test_signals_follow_from_their_thresholds(first_build: dict[str, pl.DataFrame]) -> None:
    signals = first_build["signals"]
    assert set(signals["severity"]) == {"green", "yellow", "red", "insufficient_data"}
    red = signals.filter(pl.col("severity") == "red")
    yellow = signals.filter(pl.col("severity") == "yellow")
    assert (red["divergence"] >= red["threshold_red"]).all()
    assert (yellow["divergence"] >= yellow["threshold_yellow"]).all()
    assert (yellow["divergence"] < yellow["threshold_red"]).all()
    assert red["is_above_closing"].all() and yellow["is_above_closing"].all()
    above = signals.filter(pl.col("is_above_closing"))
    assert (above["divergence"] >= CLOSE_FACTOR * above["threshold_yellow"]).all()
    assert (signals["known_on"] <= nasty.AS_OF).all()
    drift = signals.filter(
        pl.col("layer").is_in(["feature_drift", "prediction_drift"]),
        pl.col("severity").is_in(["yellow", "red"]),
    )
    assert drift.height > 0
    assert (drift["metric_value"] > drift["reference_value"]).all(), "beyond its null quantile"
    assert (drift["evidence_rows"] >= 200).all()


def test_a_day_without_rows_is_noticed(first_build: dict[str, pl.DataFrame]) -> None:
    day = nasty.FIRST_DAY + timedelta(days=nasty.EMPTY_DAYS[-1])
    volume = first_build["signals"].filter(
        pl.col("rule_id") == "row_volume",
        pl.col("monitor") == "orders",
        pl.col("metric_date") == day,
    )
    assert volume["severity"].to_list() == ["red"]
    assert volume["metric_value"].to_list() == [0]


@pytest.fixture(scope="module")
def earlier_builds(
    tables: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, Project]:
    """All data seen as of an earlier day, and the data that were there on that day."""
    select = [f"+{name}" for name in SEEN_EARLIER]
    monitors = {"orders": nasty.ORDERS, "visits": nasty.VISITS}
    whole = Project.create(tmp_path_factory.mktemp("whole"), monitors, tables)
    whole.build(as_of=EARLIER, select=select)
    truncated = Project.create(
        tmp_path_factory.mktemp("truncated"), monitors, known_on(tables, EARLIER)
    )
    # The day is named in both: unnamed, the newest day counts as not over yet.
    truncated.build(as_of=EARLIER, select=select)
    return whole, truncated


def known_on(tables: dict[str, pl.DataFrame], day: date) -> dict[str, pl.DataFrame]:
    """Return the raw tables as they were on the evening of a day."""
    tonight = day + timedelta(days=1)
    berlin = pl.lit(tonight).cast(pl.Datetime("us")).dt.replace_time_zone("Europe/Berlin")
    berlin = berlin.dt.convert_time_zone("UTC")
    visits = tables["visits"].filter(pl.col("seen_at") < berlin)
    is_known = pl.col("bought_at") < berlin
    return {
        "orders_log": tables["orders_log"].filter(
            pl.col("predicted_at") < tonight, pl.col("loaded_at") < tonight
        ),
        "orders_labels": tables["orders_labels"].filter(pl.col("labeled_at") < tonight),
        "orders_history": tables["orders_history"],
        "visits": visits.with_columns(
            pl.when(is_known).then(pl.col("bought")).alias("bought"),
            pl.when(is_known).then(pl.col("bought_at")).alias("bought_at"),
        ),
    }


@pytest.mark.parametrize("relation", SEEN_EARLIER)
def test_nothing_after_the_as_of_day_is_seen(
    earlier_builds: tuple[Project, Project], relation: str
) -> None:
    whole, truncated = (in_order(project.read(relation)) for project in earlier_builds)
    assert whole.height > 0
    assert_same_rows(whole, truncated)


def test_signals_of_a_day_do_not_change_later(
    earlier_builds: tuple[Project, Project], first_build: dict[str, pl.DataFrame]
) -> None:
    """What was judged without labels on a day is judged the same when looked back upon."""
    columns = [*KEY, "metric_date", "known_on", "rule_id", "metric_value", "severity"]

    def without_labels(signals: pl.DataFrame) -> pl.DataFrame:
        return in_order(
            signals.filter(
                pl.col("known_on") <= EARLIER,
                pl.col("layer").is_in(["feature_drift", "prediction_drift"])
                | (pl.col("rule_id") == "row_volume"),
                # A row that is loaded again later replaces the one of its day.
                pl.col("monitor") == "visits",
            ).select(columns)
        )

    then = without_labels(earlier_builds[0].read("signals"))
    now = without_labels(first_build["signals"])
    assert then.height > 0
    assert_frame_equal(then, now)


class TestRebuilds:
    """Builds on top of the first one, in the order of the file."""

    def test_the_data_tests_of_the_project_hold_on_nasty_data(self, built: Project) -> None:
        assert built.failing_data_tests(nasty.AS_OF) == []

    def test_a_second_build_changes_no_row(
        self, built: Project, first_build: dict[str, pl.DataFrame]
    ) -> None:
        built.build(as_of=nasty.AS_OF)
        again = built.everything()
        assert again.keys() == first_build.keys()
        for name, rows in first_build.items():
            # A view adds up anew with each reading, in any order.
            assert_frame_equal(
                rows,
                again[name],
                check_exact=name not in built.views(),
                rel_tol=1e-9,
                abs_tol=1e-12,
            )

    @pytest.mark.slow
    def test_a_monitor_taken_out_takes_its_rows_along_and_no_others(
        self, built: Project, first_build: dict[str, pl.DataFrame]
    ) -> None:
        built.configure({"orders": nasty.ORDERS})
        built.build(as_of=nasty.AS_OF)
        for name, rows in built.everything().items():
            expected = first_build[name].filter(pl.col("monitor") == "orders")
            assert_same_rows(rows, expected)

    @pytest.mark.slow
    def test_bins_stay_when_the_data_shift_and_when_all_is_refreshed(
        self,
        built: Project,
        first_build: dict[str, pl.DataFrame],
        tables: dict[str, pl.DataFrame],
    ) -> None:
        shifted = {
            "orders_history": tables["orders_history"].with_columns(
                (pl.col("amount") * 10).alias("amount"),
                (pl.col("clicks") + 100).alias("clicks"),
                pl.lit("new").alias("channel"),
            ),
            "orders_log": tables["orders_log"].with_columns((1 - pl.col("score")).alias("score")),
        }
        built.configure(nasty.MONITORS)
        built.load(shifted)
        for full_refresh in (False, True):
            built.build(
                as_of=nasty.AS_OF,
                select=["+feature_bins", "+prediction_bins"],
                full_refresh=full_refresh,
            )
            for name in ("feature_bins", "prediction_bins"):
                assert_frame_equal(in_order(built.read(name)), first_build[name], check_exact=True)
