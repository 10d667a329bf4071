"""The six figures of a monitor, from the rows of their queries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jobs.report import charts, queries
from jobs.report.bins import bin_columns
from jobs.report.figure import Choice, Figure, Record, Source
from jobs.report.queries import Value
from jobs.report.text import as_float, columns, day, number

HISTORY_DAYS = 366
CURRENT_DAYS = 30
STABLE_DAYS = 28
CALIBRATION_ENDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75)
LAYERS = ("performance", "business", "prediction_drift", "feature_drift", "data_quality")


def performance_figure(
    source: Source,
    prefix: str,
    rows: list[Record],
    title: str,
    deployments: list[Record],
) -> Figure:
    """The primary metric over time, serving and the frozen first version."""
    told = [
        {
            **row,
            "series": "serving" if row["model_version"] == "serving" else "baseline",
            "maturity": _maturity(row, source.values["settled_day"]),
        }
        for row in rows
        if row["metric_value"] is not None
    ]
    names = (
        "metric_date",
        "series",
        "model_version",
        "metric_value",
        "lower_bound",
        "upper_bound",
        "labeled_rows",
        "label_coverage",
        "status",
        "is_settled",
        "maturity",
    )
    choices = [
        Choice(label, columns((row for row in told if row["window_days"] == size), names))
        for size, label in ((30, "30-day window"), (7, "7-day window"))
    ]
    spec = charts.performance(title)
    return Figure(
        f"{prefix}-performance",
        choices,
        [spec],
        source.text(queries.PERFORMANCE),
        datasets={"deployments": _marks(deployments, [row["metric_date"] for row in told])},
    )


def _maturity(row: Mapping[str, Any], settled_day: Any) -> str:
    if row["is_settled"]:
        return "mature"
    if row["metric_date"] > settled_day:
        return "labels still arriving"
    return "too few rows" if row["status"] == "insufficient_data" else "labels still arriving"


def _marks(deployments: Iterable[Record], shown: Sequence[date]) -> dict[str, list[Any]]:
    """Changes of the live version between the first and the last of the days shown."""
    symbols = {"rollback": "↩ "}
    marks = [
        {**row, "label": symbols.get(row["action"], "") + str(row["model_version"])}
        for row in deployments
        if row["action"] != "shadow" and shown and min(shown) <= row["effective_on"] <= max(shown)
    ]
    return columns(marks, ("effective_on", "label", "model_version", "action", "reason"))


def drift_figure(source: Source, prefix: str, importance: Mapping[str, float]) -> Figure:
    """Heat map of the largest PSI of each feature and week."""
    rows = source.rows(queries.DRIFT)
    largest: dict[str, float] = {}
    for row in rows:
        seen = (as_float(row["psi"]) or 0.0) if row["evidence"] == "significant" else 0.0
        name = row["feature_name"]
        largest[name] = max(seen, largest.get(name, 0.0))
    ordered = sorted(largest, key=lambda name: (-importance.get(name, 0.0), -largest[name], name))
    order = {name: position for position, name in enumerate(ordered)}
    told = [
        {
            **row,
            "feature_order": order[row["feature_name"]],
            "week_end": row["week_start"] + timedelta(7),
            "importance": importance.get(row["feature_name"]),
        }
        for row in rows
    ]
    names = (
        "feature_name",
        "feature_order",
        "week_start",
        "week_end",
        "metric_date",
        "psi",
        "psi_null_p99",
        "evidence",
        "status",
        "current_rows",
        "importance",
    )
    choices = [Choice("all features", columns(told, names))]
    return Figure(f"{prefix}-drift", choices, [charts.drift()], source.text(queries.DRIFT))


def features_figure(
    source: Source,
    prefix: str,
    importance: Mapping[str, float],
    training: Record | None,
) -> tuple[Figure, str]:
    """Then and now of every feature, and what "then" is, in words."""
    current_from = source.values["current_from"]
    assert isinstance(current_from, date)
    days = source.first(queries.HISTOGRAM_DAYS) or {}
    if training is not None:
        first, last = training["train_from"], training["train_to"]
        origins, what = ("history", "log"), f"training window of {training['model_version']}"
    elif days.get("history_from") is not None:
        first, last = days["history_from"], days["history_to"]
        origins, what = ("history", "history"), "history from before the log"
    else:
        first = days.get("log_from")
        last = first + timedelta(STABLE_DAYS - 1) if first else None
        origins, what = ("log", "log"), "first 28 days of the log"
    if first is not None and last is not None:
        last = min(last, current_from - timedelta(1))
        what += f", {day(first)} to {day(last)}" if last >= first else ", which is not over yet"
    more: dict[str, Value] = {
        "reference_from": first,
        "reference_to": last,
        "first_origin": origins[0],
        "second_origin": origins[1],
    }
    rows = source.rows(queries.FEATURES, **more)
    drift = {row["feature_name"]: row for row in source.rows(queries.LATEST_DRIFT)}
    by_feature: dict[str, list[Record]] = {}
    for row in rows:
        by_feature.setdefault(row["feature_name"], []).append(row)
    ordered = sorted(by_feature, key=lambda name: (-importance.get(name, 0.0), name))
    choices = [
        Choice(
            name + _status_suffix(drift.get(name)),
            bin_columns(by_feature[name]),
            int(by_feature[name][0]["feature_kind"] == "categorical"),
            _psi_note(drift.get(name)),
        )
        for name in ordered
    ]
    described = "Shares of rows by bin, reference and last 30 days"
    specs = [
        charts.shares_by_interval("reference", described),
        charts.shares_by_category("reference", described),
    ]
    figure = Figure(
        f"{prefix}-features",
        choices,
        specs,
        source.text(queries.FEATURES, **more),
        _most_drifted([drift.get(name) for name in ordered]),
        "Feature",
    )
    return figure, what


def _most_drifted(drift: Sequence[Mapping[str, Any] | None]) -> int:
    levels = {"red": 2, "yellow": 1}

    def weight(position: int) -> tuple[int, float]:
        row = drift[position]
        if row is None:
            return 0, 0.0
        level = levels.get(row["status"], 0)
        return level, (as_float(row["psi"]) or 0.0) if level else 0.0

    return max(range(len(drift)), key=weight, default=0)


def _status_suffix(row: Mapping[str, Any] | None) -> str:
    if row is None or row["status"] not in ("red", "yellow"):
        return ""
    return f" ({row['status']})"


def _psi_note(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "No PSI over 30 days on the last day."
    if row["psi"] is None or row["status"] == "insufficient_data":
        return "Too few rows for a PSI over 30 days."
    return (
        f"PSI over 30 days against training: {number(row['psi'])}; unchanged it stays under "
        f"{number(row['psi_null_p99'])}. Status: {row['status']}."
    )


def scores_figure(source: Source, prefix: str) -> Figure:
    """The score of the last 30 days and of the first 28 days of the log, which never overlap."""
    days = source.first(queries.SCORE_DAYS) or {}
    current_from = source.values["current_from"]
    assert isinstance(current_from, date)
    first = days.get("log_from")
    last = None
    if first is not None:
        last = min(first + timedelta(STABLE_DAYS - 1), current_from - timedelta(1))
    more: dict[str, Value] = {"stable_from": first, "stable_to": last}
    rows = source.rows(queries.SCORES, **more)
    spec = charts.shares_by_interval("first 28 days", "Shares of scores by bin, then and now")
    choices = [Choice("all scores", bin_columns(rows))]
    return Figure(f"{prefix}-scores", choices, [spec], source.text(queries.SCORES, **more))


def calibration_figure(source: Source, prefix: str) -> Figure:
    """Observed rate by mean score in ten bins of equal size."""
    rows = [
        {**row, "series": "serving" if row["model_version"] == "serving" else "baseline"}
        for row in source.rows(queries.CALIBRATION)
    ]
    seen = [
        found
        for row in rows
        for name in ("mean_score", "upper_bound")
        if (found := as_float(row[name])) is not None
    ]
    upper = next((end for end in CALIBRATION_ENDS if max(seen, default=1) <= end), 1.0)
    names = (
        "series",
        "model_version",
        "bin_id",
        "mean_score",
        "observed_rate",
        "lower_bound",
        "upper_bound",
        "row_count",
    )
    choices = [Choice("30-day window", columns(rows, names))]
    spec = charts.calibration(upper)
    return Figure(f"{prefix}-calibration", choices, [spec], source.text(queries.CALIBRATION))


def alerts_figure(
    source: Source,
    prefix: str,
    rows: Sequence[Record],
    deployments: Sequence[Record],
    last: date,
) -> Figure:
    """Time line of alerts, those on all rows and those on segments apart."""
    start = last - timedelta(HISTORY_DAYS - 1)
    told = [
        {
            **row,
            "shown_from": max(row["opened_on"], start),
            "segment": "overall"
            if row["segment_name"] == "overall"
            else f"{row['segment_name']} = {row['segment_value']}",
            "row_label": _alert_label(row),
            "ended_on": row["resolved_on"] or last + timedelta(1),
            "resolved_text": day(row["resolved_on"]) if row["resolved_on"] else "still open",
        }
        for row in rows
    ]

    def place(row: Record) -> tuple[Any, ...]:
        layer = row["layer"]
        return (LAYERS.index(layer) if layer in LAYERS else len(LAYERS), layer, row["row_label"])

    told.sort(key=lambda row: (place(row), row["opened_on"], row["alert_id"]))
    names = (
        "row_label",
        "row_order",
        "layer",
        "segment",
        "opened_on",
        "shown_from",
        "ended_on",
        "resolved_text",
        "worst_severity",
        "status",
        "reason",
    )
    choices = []
    for label, is_overall in (("all rows", True), ("segments", False)):
        kept = [row for row in told if (row["segment_name"] == "overall") == is_overall]
        order = {name: at for at, name in enumerate(dict.fromkeys(r["row_label"] for r in kept))}
        numbered = [{**row, "row_order": order[row["row_label"]]} for row in kept]
        if numbered:
            choices.append(Choice(f"{label} ({len(numbered)})", columns(numbered, names)))
    span = [min((row["shown_from"] for row in told), default=last), last + timedelta(1)]
    return Figure(
        f"{prefix}-alerts",
        choices,
        [charts.alerts()],
        source.text(queries.ALERTS),
        datasets={
            "deployments": _marks(deployments, span),
            "span": columns(({"day": edge} for edge in span), ("day",)),
        },
    )


def _alert_label(row: Mapping[str, Any]) -> str:
    subject = row["feature_name"] if row["feature_name"] != "all" else row["metric_name"]
    if row["layer"] == "prediction_drift" and row["feature_name"] == "all":
        subject = f"{row['metric_name']} of score"
    segment = "" if row["segment_name"] == "overall" else f" by {row['segment_name']}"
    return f"{str(row['layer']).replace('_', ' ')}: {subject}{segment}"
