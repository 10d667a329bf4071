"""A few rows, each on a day of its own, and where they must be counted, said by hand."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from project import Project

FIRST_DAY = date(2026, 4, 1)
NAN, INF, TINY = float("nan"), float("inf"), 5e-324
BELOW, NULL, NOT_FINITE, UNSEEN = 0, -1, -2, -3
REFERENCE_ROWS = 105

# The reference of each feature; nulls fill it up and take no part in its bins.
REFERENCE: dict[str, list[Any]] = {
    # Bins: the point 0, then ]0, 1[, [1, 11[ ... [61, 71[ and [71, 80].
    "after_point": [0.0] * 20 + [float(value) for value in range(1, 81)],
    # [1, 11[ ... [71, 100[ and the point 100, which is the largest.
    "point_last": [float(value) for value in range(1, 81)] + [100.0] * 20,
    # [1, 12[ ... [85, 100[ and [100, 100]: a tie that fills the last tenth without being a point.
    "tie_last": [float(value) for value in range(1, 96)] + [100.0] * 10,
    "never_had": [],
    "kind": ["a"] * 60 + ["b"] * 44 + ["seldom"],
}
# The value of the log's n-th day and its bin.
VALUES: dict[str, list[tuple[Any, int]]] = {
    "after_point": [
        *[(-INF, NOT_FINITE), (-1e300, BELOW), (-TINY, BELOW), (-0.0, 1), (0.0, 1), (TINY, 2)],
        *[(0.999, 2), (1.0, 3), (10.999, 3), (11.0, 4), (71.0, 10), (79.5, 10), (80.0, 10)],
        *[(80.0000001, 11), (1e300, 11), (INF, NOT_FINITE), (NAN, NOT_FINITE), (None, NULL)],
    ],
    "point_last": [
        *[(0.5, BELOW), (1.0, 1), (70.9, 7), (71.0, 8), (80.0, 8), (99.999, 8), (100.0, 9)],
        *[(100.001, 10), (NAN, NOT_FINITE), (None, NULL)],
    ],
    "tie_last": [
        *[(0.0, BELOW), (1.0, 1), (12.0, 2), (84.999, 8), (85.0, 9), (99.999, 9), (100.0, 10)],
        *[(100.001, 11), (None, NULL)],
    ],
    "never_had": [
        *[(-5.0, UNSEEN), (0.0, UNSEEN), (7.5, UNSEEN), (NAN, NOT_FINITE), (-INF, NOT_FINITE)],
        (None, NULL),
    ],
    "kind": [
        *[("a", 1), ("b", 2), ("seldom", 3), ("A", UNSEEN), ("", UNSEEN), ("new", UNSEEN)],
        (None, NULL),
    ],
}
# Score and label of the n-th day, whether the label is known and whether the row is judged.
SCORES: list[tuple[float | None, float | None, bool, bool]] = [
    *[(0.3, 1.0, True, True), (0.0, 0.0, True, True), (1.0, 1.0, True, True)],
    *[(None, 1.0, True, False), (NAN, 1.0, True, False), (INF, 0.0, True, False)],
    *[(1.0000001, 1.0, True, False), (-0.0000001, 0.0, True, False)],
    *[(0.5, None, False, False), (0.5, 2.0, False, False), (0.5, NAN, False, False)],
]
LOG_DAYS = max(len(SCORES), *(len(values) for values in VALUES.values()))
TWICE_DAY = LOG_DAYS
AS_OF = FIRST_DAY + timedelta(days=TWICE_DAY)
SIDES = {"left": "left", "unknown": None}
MONITOR = {
    "description": "Rows by hand",
    "owner": "tests",
    "task": "binary",
    "inferences": {"source": ["serving", "by_hand"]},
    "history": {"source": ["serving", "by_hand_history"]},
    "columns": {
        "id": "id",
        "predicted_at": "at",
        "loaded_at": "loaded_at",
        "model_version": "version",
        "is_shadow": "is_shadow",
        "score": "score",
        "label": "label",
    },
    "time_zone": "UTC",
    "label_horizon_days": 0,
    "features": {"numeric": list(VALUES)[:-1], "categorical": ["kind"]},
    "segments": {"side": "side"},
    "primary_metric": "brier",
}


def tables() -> dict[str, pl.DataFrame]:
    reference = {
        feature: [*values, *[None] * (REFERENCE_ROWS - len(values))]
        for feature, values in REFERENCE.items()
    }
    history = [
        {name: reference[name][row] for name in reference}
        | {"id": f"h{row}", "at": noon(-1 - row % 50), "side": "left", "label": 0.0}
        for row in range(REFERENCE_ROWS)
    ]
    log = [
        {name: at(values, day, (None, NULL))[0] for name, values in VALUES.items()}
        | dict(zip(("score", "label"), at(SCORES, day, (0.5, 1.0))[:2], strict=True))
        | {"id": f"{day}-{name}", "at": noon(day), "loaded_at": noon(day), "side": side}
        | {"version": "v1", "is_shadow": False}
        for day in range(LOG_DAYS)
        for name, side in SIDES.items()
    ]
    twice = [  # after_point, version, is_shadow, loaded after so many seconds
        *[(5.0, "v1", False, 1), (15.0, "v1", False, 3), (25.0, "v1", False, 2)],
        *[(35.0, "v2", True, 9), (45.0, "v2", True, 4)],
    ]
    log += [
        {"id": "twice", "at": noon(TWICE_DAY), "side": "left", "score": 0.5, "label": 1.0}
        | {"loaded_at": noon(TWICE_DAY) + timedelta(seconds=seconds)}
        | {"after_point": value, "version": version, "is_shadow": is_shadow}
        for value, version, is_shadow, seconds in twice
    ]
    schema = dict.fromkeys([*list(VALUES)[:-1], "score", "label"], pl.Float64)
    schema |= {"kind": pl.String, "side": pl.String}
    return {
        "by_hand": pl.DataFrame(log, infer_schema_length=None, schema_overrides=schema),
        "by_hand_history": pl.DataFrame(
            history,
            infer_schema_length=None,
            schema_overrides={name: kind for name, kind in schema.items() if name != "score"},
        ),
    }


def at(values: list[Any], day: int, otherwise: Any) -> Any:
    return values[day] if day < len(values) else otherwise


def noon(day: int) -> datetime:
    when = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 12, tzinfo=UTC)
    return (when + timedelta(days=day)).replace(tzinfo=None)


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.create(tmp_path_factory.mktemp("by_hand"), {"by_hand": MONITOR}, tables())
    project.build(as_of=AS_OF, select=["+feature_histograms", "+feature_bins", "+performance"])
    return project


@pytest.mark.parametrize("segment", ["all", *SIDES])
@pytest.mark.parametrize("feature", VALUES)
def test_each_value_is_counted_in_one_bin(by_hand: Project, feature: str, segment: str) -> None:
    rows = by_hand.read(
        "feature_histograms",
        f"origin = 'log' and feature_name = '{feature}' and segment_value = '{segment}'",
    )
    rows_a_day = len(SIDES) if segment == "all" else 1
    for day in range(LOG_DAYS):
        value, bin_id = at(VALUES[feature], day, (None, NULL))
        found = rows.filter(
            pl.col("metric_date") == FIRST_DAY + timedelta(days=day), pl.col("row_count") > 0
        )
        counts = dict(found.select("bin_id", "row_count").iter_rows())
        assert counts == {bin_id: rows_a_day}, (value, counts)


def test_bins_of_numbers_touch_and_leave_no_gap(by_hand: Project) -> None:
    bins = by_hand.read("feature_bins", "bin_kind in ('point', 'interval')").sort("bin_id")
    for feature in ("after_point", "point_last", "tie_last"):
        inner = bins.filter(pl.col("feature_name") == feature)
        assert inner["bin_id"].to_list() == list(range(1, inner.height + 1))
        bounds = inner.select("lower_bound", "upper_bound").rows()
        assert all(left[1] == right[0] for left, right in pairwise(bounds)), feature
    assert bins.filter(pl.col("feature_name") == "never_had").is_empty()


@pytest.mark.parametrize("segment", ["all", *SIDES])
def test_only_a_row_with_label_and_valid_score_is_judged(by_hand: Project, segment: str) -> None:
    rows = by_hand.read(
        "performance",
        "metric_name = 'brier' and window_days = 1 and reference = 'stable' "
        f"and model_version = 'serving' and segment_value = '{segment}'",
    )
    rows_a_day = len(SIDES) if segment == "all" else 1
    found = {row["metric_date"]: row for row in rows.iter_rows(named=True)}
    for day, (score, label, is_known, is_judged) in enumerate(SCORES):
        row, case = found[FIRST_DAY + timedelta(days=day)], (score, label)
        assert row["row_count"] == rows_a_day, case
        assert row["label_coverage"] == float(is_known), case
        assert row["labeled_rows"] == (rows_a_day if is_judged else 0), case
        if is_judged and score is not None and label is not None:
            assert row["metric_value"] == pytest.approx((score - label) ** 2, abs=1e-12), case
        else:
            assert row["metric_value"] is None, case


def test_an_id_counts_once_a_day_and_version_as_loaded_last(by_hand: Project) -> None:
    day = FIRST_DAY + timedelta(days=TWICE_DAY)
    counted = by_hand.read(
        "performance",
        "metric_name = 'brier' and window_days = 1 and reference = 'stable' "
        f"and segment_value = 'all' and metric_date = date '{day}'",
    )
    assert dict(counted.select("model_version", "row_count").iter_rows()) == {
        "serving": 1,
        "v1": 1,
        "v2": 1,
    }
    for segment in ("all", "left"):
        bins = by_hand.read(
            "feature_histograms",
            f"feature_name = 'after_point' and row_count > 0 and origin = 'log' "
            f"and segment_value = '{segment}' and metric_date = date '{day}'",
        )
        counts = dict(bins.select("bin_id", "row_count").iter_rows())
        assert counts == {4: 1}, "15 was loaded last; rows in shadow are no feature rows"
