"""Vega-Lite specifications without their data; colours are the page's own CSS variables.

Each function returns the specification of one figure. Its main rows come as the data set `rows`
when the page draws it, so one specification serves all choices of a figure.
"""

from typing import Any

Spec = dict[str, Any]

ROWS: Spec = {"name": "rows"}
DEPLOYED: Spec = {"name": "deployments"}
DAY_FORMAT = "%-d %b %Y"
DAY_AXIS: Spec = {"format": "%-d %b", "grid": False, "labelOverlap": True}
SERIES = {"serving": "var(--serving)", "baseline": "var(--baseline)"}
SEVERITIES = {"red": "var(--red)", "yellow": "var(--yellow)"}
NOW = "last 30 days"
PSI_BREAKS = [0.1, 0.25]
PSI_COLOURS = ["var(--psi-low)", "var(--psi-middle)", "var(--psi-high)"]

CONFIG: Spec = {
    "background": "transparent",
    "font": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "titleColor": "var(--muted)",
        "titleFontWeight": "normal",
        "titleFontSize": 12,
        "labelFontSize": 11.5,
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelLimit": 150,
        "labelPadding": 5,
    },
}


def figure(description: str, height: int | Spec, layers: list[Spec], **more: Any) -> Spec:
    """Return a layered specification as wide as its place."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "width": "container",
        "height": height,
        "data": ROWS,
        "config": CONFIG,
        "layer": layers,
        **more,
    }


def field(name: str, kind: str, **more: Any) -> Spec:
    """Return an encoding of a field."""
    return {"field": name, "type": kind, **more}


def on_day(name: str) -> Spec:
    """Return an encoding of a calendar day, which no time zone of the reader may shift."""
    return field(name, "temporal", title=None, scale={"type": "utc"}, axis=DAY_AXIS)


def by_series() -> Spec:
    """Return the colours of serving and of the frozen first version; the page has the key."""
    scale = {"domain": list(SERIES), "range": list(SERIES.values())}
    return field("series", "nominal", scale=scale, legend=None)


def told_day(name: str, title: str) -> Spec:
    """Return a tooltip line of a day."""
    return field(name, "temporal", timeUnit="utcyearmonthdate", format=DAY_FORMAT, title=title)


def told(name: str, title: str, form: str | None = None) -> Spec:
    """Return a tooltip line, with a number format if given."""
    if form is None:
        return field(name, "nominal", title=title)
    return field(name, "quantitative", title=title, format=form)


def deployment_layers() -> list[Spec]:
    """Vertical rules at the days a version began to serve, labelled with it."""
    x = on_day("effective_on")
    tooltip = [
        told("model_version", "version"),
        told("action", "action"),
        told_day("effective_on", "serves from"),
        told("reason", "reason"),
    ]
    rule = {"type": "rule", "color": "var(--muted)", "strokeDash": [2, 3]}
    label = {
        "type": "text",
        "align": "center",
        "baseline": "bottom",
        "color": "var(--muted)",
        "fontSize": 11,
    }
    return [
        {"data": DEPLOYED, "mark": rule, "encoding": {"x": x, "tooltip": tooltip}},
        {
            "data": DEPLOYED,
            "mark": label,
            "encoding": {"x": x, "y": {"value": -4}, "text": field("label", "nominal")},
        },
    ]


def performance(metric_title: str) -> Spec:
    """The primary metric over time; rows `metric_date, series, metric_value, ..., is_settled`."""
    x = on_day("metric_date")
    y_scale = {"zero": False, "nice": True}
    y = field("metric_value", "quantitative", title=metric_title, scale=y_scale)
    colour = by_series()
    settled = {"calculate": "datum.is_settled ? datum.metric_value : null", "as": "settled_value"}
    tooltip = [
        told_day("metric_date", "window ends on"),
        told("series", "series"),
        told("model_version", "version"),
        told("metric_value", metric_title, ".4f"),
        told("lower_bound", "lower bound", ".4f"),
        told("upper_bound", "upper bound", ".4f"),
        told("labeled_rows", "rows with label", ","),
        told("label_coverage", "label coverage", ".1%"),
        told("maturity", "maturity"),
    ]
    band: Spec = {
        "mark": {"type": "area", "opacity": 0.16},
        "encoding": {
            "x": x,
            "y": field("lower_bound", "quantitative", title=metric_title, scale=y_scale),
            "y2": {"field": "upper_bound"},
            "color": colour,
        },
    }
    unsettled: Spec = {
        "mark": {"type": "line", "strokeDash": [2, 3], "strokeWidth": 1.5, "opacity": 0.7},
        "encoding": {"x": x, "y": y, "color": colour},
    }
    line: Spec = {
        "transform": [settled],
        "mark": {"type": "line"},
        "encoding": {
            "x": x,
            "y": {**y, "field": "settled_value"},
            "color": colour,
            "strokeWidth": {
                "condition": {"test": "datum.series == 'serving'", "value": 2.5},
                "value": 1.5,
            },
        },
    }
    points: Spec = {
        "params": [
            {
                "name": "near",
                "select": {
                    "type": "point",
                    "on": "pointerover",
                    "clear": "pointerout",
                    "fields": ["metric_date", "series"],
                },
            }
        ],
        "mark": {"type": "point", "filled": True, "size": 110},
        "encoding": {
            "x": x,
            "y": y,
            "color": colour,
            "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0},
            "tooltip": tooltip,
        },
    }
    description = f"{metric_title} over time, serving and the first version, with intervals"
    return figure(description, 300, [band, unsettled, line, *deployment_layers(), points])


def drift() -> Spec:
    """Heat map of PSI; rows `feature_name, feature_order, week_start, week_end, psi, ...`."""
    place = {
        "x": on_day("week_start"),
        "x2": {"field": "week_end"},
        "y": field(
            "feature_name",
            "nominal",
            title=None,
            sort={"field": "feature_order", "op": "min"},
            axis={"domain": False, "ticks": False, "labelColor": "var(--ink)"},
        ),
    }
    tooltip = [
        told("feature_name", "feature"),
        told_day("week_start", "week from"),
        told("psi", "largest PSI over 7 days", ".3r"),
        told_day("metric_date", "on"),
        told("psi_null_p99", "unchanged it stays under", ".3r"),
        told("evidence", "evidence"),
        told("status", "status"),
        told("current_rows", "rows", ","),
        told("importance", "share of gain", ".1%"),
    ]
    scale = {"type": "threshold", "domain": PSI_BREAKS, "range": PSI_COLOURS}
    cells: Spec = {
        "mark": {
            "type": "rect",
            "stroke": "var(--surface)",
            "strokeWidth": 1.5,
            "invalid": "show",  # a week without a PSI has a cell of its own
        },
        "encoding": {
            **place,
            "fill": {
                "condition": [
                    {"test": "datum.evidence == 'too few rows'", "value": "url(#dots)"},
                    {"test": "datum.evidence == 'within noise'", "value": "url(#hatch)"},
                ],
                **field("psi", "quantitative", scale=scale, legend=None),
            },
            "tooltip": tooltip,
        },
    }
    return figure("Drift of each feature by week", {"step": 22}, [cells])


def _shares(bin_axis: str, axis: Spec, then: str, description: str, height: int | Spec) -> Spec:
    """Two bars in one place: then wide and pale, now narrow and strong."""
    share_axis = "y" if bin_axis == "x" else "x"
    sort = {"field": "bin_order", "op": "min"}
    place = field("bin_label", "nominal", title=None, sort=sort, axis={"ticks": False, **axis})
    tooltip = [
        told("bin_label", "bin"),
        told("then_share", then, ".2%"),
        told("then_rows", "rows", ","),
        told("now_share", NOW, ".2%"),
        told("now_rows", "rows now", ","),
    ]
    size = "width" if bin_axis == "x" else "height"
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", size: {"band": band}, "color": colour},
            "encoding": {
                bin_axis: place,
                share_axis: field(
                    name, "quantitative", title="share of rows", axis={"format": ".0%"}
                ),
                "tooltip": tooltip,
            },
        }
        for name, colour, band in (
            ("then_share", "var(--then)", 0.9),
            ("now_share", SERIES["serving"], 0.45),
        )
    ]
    return figure(description, height, layers)


def shares_by_interval(then: str, description: str) -> Spec:
    """Shares of ordered bins, upright; rows `bin_label, bin_order, then_share, now_share, ...`."""
    axis = {"labelAngle": -35, "labelOverlap": False, "labelLimit": 110}
    return _shares("x", axis, then, description, 260)


def shares_by_category(then: str, description: str) -> Spec:
    """Shares of categories, lying; the same rows."""
    axis = {"domain": False, "labelColor": "var(--ink)"}
    return _shares("y", axis, then, description, {"step": 18})


def calibration(upper: float) -> Spec:
    """Observed rate by mean score; rows `series, mean_score, observed_rate, bounds, row_count`."""
    scale = {"domain": [0, upper], "nice": False}
    axis = {"tickCount": 6}
    x = field("mean_score", "quantitative", title="mean score", scale=scale, axis=axis)
    y = field("observed_rate", "quantitative", title="observed rate", scale=scale, axis=axis)
    colour = by_series()
    shapes = {"domain": list(SERIES), "range": ["circle", "diamond"]}
    shape = field("series", "nominal", scale=shapes, legend=None)
    tooltip = [
        told("series", "series"),
        told("bin_id", "bin"),
        told("mean_score", "mean score", ".4f"),
        told("observed_rate", "observed rate", ".4f"),
        told("lower_bound", "lower bound", ".4f"),
        told("upper_bound", "upper bound", ".4f"),
        told("row_count", "rows", ","),
    ]
    layers: list[Spec] = [
        {
            "data": {"values": [{"score": 0, "rate": 0}, {"score": upper, "rate": upper}]},
            "mark": {"type": "line", "color": "var(--muted)", "strokeDash": [4, 4], "size": 1},
            "encoding": {
                "x": field("score", "quantitative", scale=scale),
                "y": field("rate", "quantitative", scale=scale),
            },
        },
        {
            "mark": {"type": "rule", "strokeWidth": 1.5},
            "encoding": {
                "x": x,
                "y": field("lower_bound", "quantitative", scale=scale, title="observed rate"),
                "y2": {"field": "upper_bound"},
                "color": colour,
            },
        },
        {
            "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.6},
            "encoding": {"x": x, "y": y, "color": colour},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": colour, "shape": shape, "tooltip": tooltip},
        },
    ]
    return figure("Calibration: observed rate by mean score", 320, layers)


def alerts() -> Spec:
    """Time line of alerts; rows `row_label, row_order, shown_from, ended_on, worst_severity, ...`.

    The data set `span` holds the first and last day of the axis. Severity is told by the height of
    the bar and by its colour.
    """
    place = {
        "x": on_day("shown_from"),
        "x2": {"field": "ended_on"},
        "y": field(
            "row_label",
            "nominal",
            title=None,
            sort={"field": "row_order", "op": "min"},
            axis={
                "domain": False,
                "ticks": False,
                "grid": True,
                "labelColor": "var(--ink)",
                "labelLimit": 230,
            },
        ),
    }
    tooltip = [
        told("worst_severity", "worst severity"),
        told("layer", "layer"),
        told("segment", "segment"),
        told_day("opened_on", "opened"),
        told("resolved_text", "resolved"),
        told("reason", "reason"),
    ]
    colour = field(
        "worst_severity",
        "nominal",
        scale={"domain": list(SEVERITIES), "range": list(SEVERITIES.values())},
        legend=None,
    )
    bars: list[Spec] = [
        {
            "transform": [{"filter": f"datum.worst_severity == '{severity}'"}],
            "mark": {
                "type": "bar",
                "height": {"band": height},
                "opacity": 0.85,
                "cornerRadius": 2,
                "stroke": "var(--surface)",
                "strokeWidth": 0.5,
            },
            "encoding": {**place, "color": colour, "tooltip": tooltip},
        }
        for severity, height in (("red", 0.7), ("yellow", 0.3))
    ]
    still_open: Spec = {
        "transform": [{"filter": "datum.status == 'open'"}],
        "mark": {
            "type": "point",
            "shape": "triangle-right",
            "filled": True,
            "size": 110,
            "opacity": 1,
        },
        "encoding": {
            "x": {**place["x"], "field": "ended_on"},
            "y": place["y"],
            "color": colour,
            "tooltip": tooltip,
        },
    }
    span: Spec = {
        "data": {"name": "span"},
        "mark": {"type": "rule", "opacity": 0},
        "encoding": {"x": on_day("day")},
    }
    layers = [span, *bars, still_open, *deployment_layers()]
    return figure("Alerts from opening to resolution", {"step": 20}, layers)
