"""The numbers on the page are those of the queries it shows, and the charts can be drawn."""

import re
from itertools import pairwise
from typing import Any

import altair as alt
import duckdb
import pytest
import vl_convert
from parsed_page import Parsed, parse, rows_of

from jobs.report.bins import bin_labels
from jobs.report.page import VEGA_LITE
from jobs.report.sections import change
from jobs.report.text import columns, count, link, number, percent, short

KEYS = {
    "performance": ["metric_date", "model_version"],
    "drift": ["feature_name", "week_start"],
    "calibration": ["model_version", "bin_id"],
    "alerts": ["layer", "reason", "opened_on"],
    "features": ["bin_order"],
    "scores": ["bin_order"],
}
VALUES = {
    "performance": ["metric_value", "lower_bound", "upper_bound", "labeled_rows", "is_settled"],
    "drift": ["psi", "psi_null_p99", "current_rows", "evidence", "status"],
    "calibration": ["mean_score", "observed_rate", "lower_bound", "upper_bound", "row_count"],
    "alerts": ["worst_severity", "status"],
    "features": ["then_rows", "now_rows", "then_share", "now_share"],
    "scores": ["then_rows", "now_rows", "then_share", "now_share"],
}


@pytest.fixture(scope="module")
def parsed(page: str) -> Parsed:
    return parse(page)


def shown_sql(parsed: Parsed, relation: str, word: str) -> str:
    (sql,) = {one for one in parsed.code if f"driftline.{relation}" in one and word in one}
    return sql


def asked(filled: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    answer = filled.execute(sql)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def assert_same(shown: list[dict[str, Any]], rows: list[dict[str, Any]], name: str) -> None:
    def key(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(str(row[column]) for column in KEYS[name])

    expected = {key(row): row for row in rows}
    assert len(expected) == len(rows) and len(shown) == len(rows) > 0
    for row in shown:
        for column in VALUES[name]:
            value = expected[key(row)][column]
            if isinstance(value, float) and value is not None:
                assert row[column] == pytest.approx(value, rel=1e-5)
            else:
                assert row[column] == value, (name, column)


def in_bin_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = max(row["bin_id"] for row in rows)
    return [
        {**row, "bin_order": row["bin_id"] if row["bin_id"] >= 0 else last - row["bin_id"]}
        for row in rows
    ]


def test_performance_equals_its_query(parsed: Parsed, filled: duckdb.DuckDBPyConnection) -> None:
    rows = asked(filled, shown_sql(parsed, "performance", "window_days in (7, 30)"))
    for choice, window in zip(parsed.figures["m1-performance"]["choices"], (30, 7), strict=True):
        kept = [row for row in rows if row["window_days"] == window]
        assert_same(rows_of(choice["rows"]), kept, "performance")
    first = asked(
        filled,
        """
        select metric_value from driftline.performance
        where model_version = 'serving' and metric_date = date '2026-03-01' and window_days = 30
            and segment_name = 'overall' and metric_name = 'log_loss' and reference = 'training'
    """,
    )
    told = rows_of(parsed.figures["m1-performance"]["choices"][0]["rows"])
    (value,) = [
        row["metric_value"]
        for row in told
        if (row["series"], row["metric_date"]) == ("serving", "2026-03-01")
    ]
    assert value == pytest.approx(first[0]["metric_value"], rel=1e-5)


@pytest.mark.parametrize(
    ("name", "relation", "word"),
    [
        ("drift", "feature_drift", "psi_rank"),
        ("calibration", "calibration", "observed_rate, lower_bound"),
        ("scores", "prediction_histograms", "then_share"),
        ("alerts", "alerts", "worst_severity"),
    ],
)
def test_figure_equals_its_query(
    parsed: Parsed, filled: duckdb.DuckDBPyConnection, name: str, relation: str, word: str
) -> None:
    rows = asked(filled, shown_sql(parsed, relation, word))
    if name == "scores":
        rows = in_bin_order(rows)
    choices = parsed.figures[f"m1-{name}"]["choices"]
    shown = [row for choice in choices for row in rows_of(choice["rows"])]
    assert_same(shown, rows, name)


def test_features_equal_their_query(parsed: Parsed, filled: duckdb.DuckDBPyConnection) -> None:
    rows = asked(filled, shown_sql(parsed, "feature_histograms", "then_share"))
    choices = parsed.figures["m1-features"]["choices"]
    assert len(choices) == 2
    for choice in choices:
        kept = [row for row in rows if choice["label"].startswith(row["feature_name"])]
        assert_same(rows_of(choice["rows"]), in_bin_order(kept), "features")
        for share in ("then_share", "now_share"):
            assert sum(choice["rows"][share]) == pytest.approx(1, abs=1e-5)


def test_largest_psi_of_a_week(parsed: Parsed, filled: duckdb.DuckDBPyConnection) -> None:
    ((largest,),) = filled.execute("""
        select max(psi) from driftline.feature_drift
        where feature_name = 'age' and window_days = 7
            and metric_date between date '2026-03-02' and date '2026-03-08'
    """).fetchall()
    rows = rows_of(parsed.figures["m1-drift"]["choices"][0]["rows"])
    (cell,) = [r for r in rows if (r["feature_name"], r["week_start"]) == ("age", "2026-03-02")]
    assert cell["psi"] == pytest.approx(largest)
    assert cell["metric_date"] == "2026-03-08"
    assert cell["evidence"] == "significant"
    (early,) = [r for r in rows if (r["feature_name"], r["week_start"]) == ("age", "2025-12-29")]
    assert early["evidence"] == "too few rows"


def test_then_and_now_never_overlap(parsed: Parsed, filled: duckdb.DuckDBPyConnection) -> None:
    ((then, now),) = filled.execute("""
        select
            sum(row_count) filter (where metric_date <= date '2026-02-13'),
            sum(row_count) filter (where metric_date >= date '2026-03-02')
        from driftline.feature_histograms where feature_name = 'age'
    """).fetchall()
    (age,) = [c for c in parsed.figures["m1-features"]["choices"] if c["label"] == "age"]
    assert (sum(age["rows"]["then_rows"]), sum(age["rows"]["now_rows"])) == (then, now)


def test_tables_equal_their_rows(parsed: Parsed, filled: duckdb.DuckDBPyConnection) -> None:
    text = " ".join(parsed.text.split())
    assert "0.432 0.400 to 0.470 0.410" in text
    for row in asked(filled, shown_sql(parsed, "performance", "segment_value, metric_value")):
        assert number(row["metric_value"]) in text
        assert f"{number(row['lower_bound'])} to {number(row['upper_bound'])}" in text
        assert count(row["labeled_rows"]) in text
    assert "tiny 0.764 0.680 to 0.770 0.410 +5.0 % too few rows 20" in text


def test_what_the_model_decides_by_equals_its_rows(parsed: Parsed) -> None:
    text = " ".join(parsed.text.split())
    assert "To 31 Mar 2026 against training: drifted, told apart with an AUC of 0.710" in text
    assert "age 31.0 % 29.0 % \u22121.0 % to +5.0 % 0.123 ok" in text
    assert text.count("69.0 % 71.0 %") == 1, "the newest window against training alone"


def test_every_query_shown_can_be_run(parsed: Parsed, filled: duckdb.DuckDBPyConnection) -> None:
    statements = [one for code in parsed.code for one in code.split("\n;\n") if "select" in one]
    assert len(statements) >= 12
    for statement in statements:
        assert "?" not in re.sub(r"'[^']*'", "", statement) and "{schema}" not in statement
        assert set(re.findall(r"(?:from|join) (\w+)\.", statement)) == {"driftline"}
        filled.execute(statement).fetchall()


def test_every_week_has_a_cell(parsed: Parsed) -> None:
    drift = parsed.figures["m1-drift"]
    spec = {**drift["specs"][0], "width": 500}
    spec["datasets"] = {"rows": rows_of(drift["choices"][0]["rows"])}
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    evidence = drift["choices"][0]["rows"]["evidence"]
    for pattern, words in (("dots", "too few rows"), ("hatch", "within noise")):
        assert svg.count(f"url(#{pattern})") == evidence.count(words) > 0


def test_every_chart_is_valid_and_can_be_drawn(parsed: Parsed) -> None:
    for figure in parsed.figures.values():
        for choice in figure["choices"]:
            spec = {**figure["specs"][choice["spec"]], "width": 500}
            spec["datasets"] = {
                "rows": rows_of(choice["rows"]),
                **{name: rows_of(rows) for name, rows in figure["datasets"].items()},
            }
            alt.Chart.from_dict(spec, validate=True)
            svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
            assert svg.count("<path") > 3


@pytest.mark.parametrize(
    ("value", "reference", "direction", "word"),
    [
        (0.8, 0.7, "higher", "better"),
        (0.6, 0.7, "higher", "worse"),
        (0.6, 0.7, "lower", "better"),
        (0.705, 0.7, "higher", "within noise"),
        (0.7, None, "higher", "no reference"),
        (None, 0.7, "higher", "no reference"),
        (float("nan"), 0.7, "higher", "no reference"),
    ],
)
def test_change_in_words(
    value: float | None, reference: float | None, direction: str, word: str
) -> None:
    row = {"metric_value": value, "reference_value": reference, "noise_bound": 0.01}
    assert change(row, {"direction": direction})["word"] == word


def test_labels_of_close_edges_stay_apart() -> None:
    edges = [100001.0, 100001.25, 100001.5, 100001.75]
    rows = [
        {"bin_kind": "interval", "lower_bound": low, "upper_bound": high}
        for low, high in pairwise(edges)
    ]
    assert len(set(bin_labels(rows))) == 3


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (number(-0.0001), "\u22120.00010"),
        (number(0.0099996), "0.0100"),
        (number(-0.0000001), "0.000"),
        (number(-1234.5), "\u22121,234.500"),
        (number(None), "\u2013"),
        (percent(-0.0314), "\u22123.1 %"),
        (percent(0.5), "+50.0 %"),
        (short(123456.0, 3), "123000"),
        (link("javascript:alert(1)"), None),
        (link(" JavaScript:alert(1)"), None),
        (link("data:text/html,x"), None),
        (link("docs/alerts/feature_drift.md"), "docs/alerts/feature_drift.md"),
        (link("https://runbooks.example/psi"), "https://runbooks.example/psi"),
        (link(None), None),
        (columns([{"a": float("inf")}, {"a": 1 / 3}], ["a"]), {"a": [None, 0.333333]}),
    ],
)
def test_writing(told: object, expected: object) -> None:
    assert told == expected
