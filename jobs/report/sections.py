"""What the page says about one monitor: rows of public relations, put in the order of reading."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jobs.report import queries
from jobs.report.figure import Record, Source
from jobs.report.figures import (
    CURRENT_DAYS,
    HISTORY_DAYS,
    alerts_figure,
    calibration_figure,
    drift_figure,
    features_figure,
    performance_figure,
    scores_figure,
)
from jobs.report.queries import Value
from jobs.report.text import as_float
from jobs.warehouse import Warehouse


def monitor_section(
    warehouse: Warehouse, schema: str, monitor: Record, index: int, as_of: date | None
) -> Record:
    """Return everything the template shows of one monitor.

    Without an as-of day there are no data yet and only the monitor's own row is there.
    """
    known = monitor["as_of"]
    last = min(known, as_of) if known and as_of else known
    section: Record = {**monitor, "index": index, "last": last, "title": monitor["primary_metric"]}
    if last is None:
        return {**section, "health": None, "metric": None, "figures": {}, "sparkline": None}
    values: dict[str, Value] = {
        "monitor": monitor["monitor"],
        "metric": monitor["primary_metric"],
        "as_of": last,
        "day_after": last + timedelta(1),
        "first_day": last - timedelta(HISTORY_DAYS - 1),
        "current_from": last - timedelta(CURRENT_DAYS - 1),
        "settled_day": last - timedelta(monitor["label_horizon_days"]),
        "bins_version": monitor["bins_version"],
    }
    source = Source(warehouse, schema, values)
    versions = source.rows(queries.VERSIONS)
    health = source.first(queries.HEALTH)
    baseline = versions[0]["model_version"] if versions else None
    live = health["live_version"] if health else None
    source = Source(warehouse, schema, {**values, "baseline": baseline, "live_version": live})
    metric = source.first(queries.METRIC)
    deployments = source.rows(queries.DEPLOYMENTS)
    title = metric["title"] if metric else monitor["primary_metric"]
    importance = {row["feature_name"]: row["gain_share"] for row in source.rows(queries.IMPORTANCE)}
    training = next((row for row in versions if row["model_version"] == live), None)
    performance = source.rows(queries.PERFORMANCE)
    alerts = source.rows(queries.ALERTS)
    prefix = f"m{index}"
    figures = {
        "performance": performance_figure(source, prefix, performance, title, deployments),
        "drift": drift_figure(source, prefix, importance),
        "scores": scores_figure(source, prefix),
        "calibration": calibration_figure(source, prefix),
        "alerts": alerts_figure(source, prefix, alerts, deployments, last),
    }
    feature_figure, reference = features_figure(source, prefix, importance, training)
    figures["features"] = feature_figure
    segments = source.rows(queries.SEGMENTS)
    return {
        **section,
        "title": title,
        "health": health,
        "metric": metric,
        "baseline": baseline,
        "has_importance": bool(importance),
        "figures": figures,
        "sparkline": _sparkline(performance),
        "calibration_summary": source.rows(queries.CALIBRATION_SUMMARY),
        "reference": reference,
        "segments": _segments(segments, metric),
        "segments_day": segments[0]["metric_date"] if segments else None,
        "segments_sql": source.text(queries.SEGMENTS),
        "open_alerts": [row for row in alerts if row["status"] == "open"],
        "resolved_alerts": sum(row["status"] == "resolved" for row in alerts),
        "retrains": _retrains(source, deployments),
        "deployments": deployments[::-1],
        "decisions": _decisions(source.rows(queries.DECISIONS)),
        "together": source.rows(queries.TOGETHER),
        "contributions": source.rows(queries.CONTRIBUTIONS),
        "together_sql": "\n;\n".join(
            source.text(query) for query in (queries.TOGETHER, queries.CONTRIBUTIONS)
        ),
        "health_sql": source.text(queries.HEALTH),
        "retrains_sql": "\n;\n".join(
            source.text(query)
            for query in (
                queries.DECISIONS,
                queries.TRAINING_RUNS,
                queries.GATES,
                queries.COMPARISONS,
                queries.DEPLOYMENTS,
            )
        ),
    }


def change(row: Mapping[str, Any], metric: Mapping[str, Any] | None) -> Record:
    """Say whether a metric became better or worse than its reference, and beyond noise."""
    value, reference = as_float(row["metric_value"]), as_float(row["reference_value"])
    if value is None or reference is None or metric is None:
        return {"word": "no reference", "symbol": ""}
    gain = value - reference if metric["direction"] == "higher" else reference - value
    noise = as_float(row.get("noise_bound"))
    if noise is not None and abs(gain) <= noise:
        return {"word": "within noise", "symbol": "≈"}
    if gain == 0:
        return {"word": "unchanged", "symbol": "="}
    return {"word": "better", "symbol": "▲"} if gain > 0 else {"word": "worse", "symbol": "▼"}


def _segments(rows: Sequence[Record], metric: Record | None) -> list[Record]:
    """Segments with their values, each with the places of its marks in an interval of 0 to 100."""
    ends = [
        found
        for row in rows
        for name in ("lower_bound", "upper_bound", "reference_value")
        if (found := as_float(row[name])) is not None and row["status"] != "insufficient_data"
    ]
    lowest, highest = min(ends, default=0.0), max(ends, default=1.0)
    span = (highest - lowest) or 1.0

    def place(value: object) -> float | None:
        found = as_float(value)
        if found is None:
            return None
        return round(4 + 92 * min(max((found - lowest) / span, 0), 1), 2)

    groups: dict[str, list[Record]] = {}
    for row in rows:
        marks = {
            name: place(row[column])
            for name, column in (
                ("lower", "lower_bound"),
                ("upper", "upper_bound"),
                ("at", "metric_value"),
                ("then", "reference_value"),
            )
        }
        told = {**row, "marks": marks, "change": change(row, metric)}
        groups.setdefault(row["segment_name"], []).append(told)
    return [{"name": name, "rows": values} for name, values in groups.items()]


def _sparkline(rows: Sequence[Record]) -> list[str] | None:
    """Points of the last days of the 30-day metric in a box of 100 by 24; None with too few."""
    values = [
        (row["metric_date"], value)
        for row in rows
        if row["model_version"] == "serving"
        and row["window_days"] == CURRENT_DAYS
        and row["is_settled"]
        and (value := as_float(row["metric_value"])) is not None
    ]
    if len(values) < 2:
        return None
    first, last = values[0][0], values[-1][0]
    low, high = min(value for _, value in values), max(value for _, value in values)
    days, span = (last - first).days, (high - low) or 1.0
    return [
        f"{2 + 96 * (when - first).days / days:.1f},{22 - 20 * (value - low) / span:.1f}"
        for when, value in values
    ]


def _retrains(source: Source, deployments: Sequence[Record]) -> list[Record]:
    gates, comparisons = source.rows(queries.GATES), source.rows(queries.COMPARISONS)
    told = []
    for run in source.rows(queries.TRAINING_RUNS):
        own = [row for row in gates if row["run_id"] == run["run_id"]]
        results = [row for row in comparisons if row["run_id"] == run["run_id"]]
        verdict = next((row for row in own if row["gate_name"] == "verdict"), None)
        told.append(
            {
                **run,
                "verdict": verdict,
                "gates": [row for row in own if row["gate_name"] != "verdict"],
                "overall": [row for row in results if row["segment_name"] == "overall"],
                "by_segment": [row for row in results if row["segment_name"] != "overall"],
                "deployments": [
                    row for row in deployments if row["model_version"] == run["model_version"]
                ],
            }
        )
    return told


def _decisions(rows: Sequence[Record]) -> Record:
    """The newest decision, and the newest of each kind."""
    return {
        "latest": rows[0] if rows else None,
        "no": next((row for row in rows if row["decision"] != "retrain"), None),
        "yes": next((row for row in rows if row["decision"] == "retrain"), None),
        "yes_days": sum(row["decision"] == "retrain" for row in rows),
        "days": len(rows),
    }
