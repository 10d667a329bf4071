"""What a reader finds on the page, and what no text in the warehouse can do to it."""

import base64
import hashlib
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from parsed_page import parse, rows_of
from report_rows import BREAKOUT, IMAGE

from jobs.errors import WarehouseError
from jobs.report import build_report, write_report
from jobs.warehouse.duckdb_file import DuckDBWarehouse

PARTS = ["Log loss over time", "Drift of features by week", "Then and now", "Scores"]
PARTS += ["Calibration", "Segments", "Alerts", "Open alerts", "Retrains and why"]
FIGURES = ["performance", "drift", "features", "scores", "calibration", "alerts"]
LOADING = {"src", "srcset", "href", "action", "data", "poster", "background", "formaction", "ping"}


def test_every_part_is_there(page: str) -> None:
    parsed = parse(page)
    for part in [*PARTS, "All monitors", "Training runs", "Who served when"]:
        assert part in parsed.text
    assert sorted(parsed.figures) == sorted(f"m1-{name}" for name in FIGURES)
    drawn = [found["data-figure"] for found in parsed.having("figure")]
    assert sorted(map(str, drawn)) == sorted(parsed.figures)


def test_links_inside_the_page_have_their_target(page: str) -> None:
    parsed = parse(page)
    ids = [str(found["id"]) for _, found in parsed.elements if "id" in found]
    assert len(set(ids)) == len(ids)
    inside = [str(found["href"]) for found in parsed.having("a")]
    assert {link[1:] for link in inside if link.startswith("#")} <= set(ids)


def test_no_text_of_the_warehouse_becomes_markup(page: str) -> None:
    parsed = parse(page)
    assert len(parsed.having("script")) == 3
    assert parsed.having("img") == []
    assert not [name for _, found in parsed.elements for name in found if name.startswith("on")]
    assert not [name for _, found in parsed.elements for name in found if name == "style"]
    assert BREAKOUT not in page
    assert "<img" not in page.replace(parsed.scripts[1], "")


def test_text_of_the_warehouse_is_told_as_it_is(page: str) -> None:
    parsed = parse(page)
    assert f"Who leaves {BREAKOUT}" in parsed.text
    assert f"team {IMAGE}" in parsed.text
    assert f"PSI of {BREAKOUT} {IMAGE}" in parsed.text
    assert f"north {BREAKOUT}" in parsed.text
    choices = {one["label"]: one for one in parsed.figures["m1-features"]["choices"]}
    assert choices[f"plan {BREAKOUT}"]["rows"]["bin_label"] == [
        f"basic {IMAGE}",
        f"gold {BREAKOUT}",
        "(unseen)",
    ]


def test_policy_allows_these_scripts_and_no_network(page: str) -> None:
    parsed = parse(page)
    policies = [
        str(found["content"])
        for found in parsed.having("meta")
        if found.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    rules = dict(rule.strip().split(" ", 1) for rule in policies[0].split(";"))
    assert rules.pop("default-src") == "'none'"
    assert rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    assert rules.pop("script-src").split() == [hash_of(one) for one in parsed.scripts[1:]]
    assert rules.pop("style-src").split() == [hash_of(one) for one in parsed.styles]
    assert not rules


def hash_of(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    parsed = parse(page)
    for tag, attributes in parsed.elements:
        for name in LOADING & set(attributes):
            assert tag == "a" and name == "href", (tag, attributes)
            assert re.match(r"#|docs/", str(attributes[name]))
    assert parsed.having("link") == []
    assert not re.search(r"@import|url\(", " ".join(parsed.styles))
    assert parsed.scripts[1].count("window.vegaEmbed") == 1
    assert "vegaEmbed=" not in parsed.scripts[2]


def test_runbook_with_a_script_address_is_text_only(page: str) -> None:
    parsed = parse(page)
    assert "javascript:alert(1)" in parsed.text
    assert not [found for found in parsed.having("a") if "javascript" in str(found["href"])]


def test_page_is_small_and_the_same_each_time(page: str, filled: duckdb.DuckDBPyConnection) -> None:
    assert len(page.encode()) < 5_000_000
    assert build_report(DuckDBWarehouse(filled)) == page


def test_severity_is_a_word_and_a_shape(page: str) -> None:
    for name, symbol in (("red", "■"), ("yellow", "▲"), ("passed", "●"), ("failed", "■")):
        assert re.search(rf'badge {name}"><span aria-hidden="true">{symbol}</span> {name}<', page)


def test_retrains_are_told_with_their_gates(page: str) -> None:
    text = " ".join(parse(page).text.split())
    assert "v10 20 Mar 2026 ■ failed schedule" in text
    assert "calibration ■ failed 0.081 0.050" in text
    assert "promote from 16 Feb 2026" in text
    assert "log loss all 0.3987 0.4123 \u22120.0136 \u22120.0200 to \u22120.0050 700 24" in text
    assert "90 days decided, 3 of them for a retrain." in text
    assert "Newest yes retrain" in text


def test_baseline_is_the_first_version_and_features_go_by_importance(page: str) -> None:
    figures = parse(page).figures
    performance = figures["m1-performance"]["choices"][0]["rows"]
    assert set(performance["model_version"]) == {"serving", "v1"}
    assert figures["m1-performance"]["datasets"]["deployments"]["label"] == ["v1", "v2"]
    drift = rows_of(figures["m1-drift"]["choices"][0]["rows"])
    order = {row["feature_order"]: row["feature_name"] for row in drift}
    assert order == {0: f"plan {BREAKOUT}", 1: "age"}
    assert "training window of v2, 1 Dec 2025 to 13 Feb 2026" in page


def test_days_whose_labels_still_arrive_are_marked(page: str) -> None:
    rows = rows_of(parse(page).figures["m1-performance"]["choices"][0]["rows"])
    open_days = {row["metric_date"] for row in rows if not row["is_settled"]}
    assert open_days == {"2026-03-30", "2026-03-31"}
    assert {row["maturity"] for row in rows if not row["is_settled"]} == {"labels still arriving"}


def test_an_earlier_day_sees_nothing_later(filled: duckdb.DuckDBPyConnection) -> None:
    parsed = parse(build_report(DuckDBWarehouse(filled), as_of=date(2026, 2, 5)))
    assert "As of 5 Feb 2026" in parsed.text
    assert "20 Mar 2026" not in parsed.text
    performance = parsed.figures["m1-performance"]["choices"][0]["rows"]
    assert max(performance["metric_date"]) == "2026-02-05"
    assert (
        max(
            d
            for d, s in zip(performance["metric_date"], performance["is_settled"], strict=True)
            if s
        )
        == "2026-02-03"
    )
    (alert,) = rows_of(parsed.figures["m1-alerts"]["choices"][0]["rows"])
    assert (alert["status"], alert["resolved_text"]) == ("open", "still open")


def test_no_monitor_at_all(empty: duckdb.DuckDBPyConnection) -> None:
    parsed = parse(build_report(DuckDBWarehouse(empty)))
    assert "No monitor is declared" in parsed.text
    assert parsed.having("script") == []


def test_a_monitor_without_a_row(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("update driftline.monitors set as_of = null")
    parsed = parse(build_report(DuckDBWarehouse(connection)))
    assert "No prediction has been seen yet." in parsed.text


def test_a_monitor_without_labels_versions_and_alerts(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("""
        update driftline.monitors set can_retrain = false;
        update driftline.performance set
            metric_value = null, lower_bound = null, upper_bound = null, reference_value = null,
            relative_change = null, labeled_rows = 0, status = 'insufficient_data';
        update driftline.model_health set
            live_version = null, primary_value = null, primary_lower_bound = null,
            primary_upper_bound = null, primary_value_when_deployed = null, open_alerts = 0,
            last_retrained_on = null, severity = 'green';
    """)
    for table in (
        "calibration",
        "calibration_summary",
        "alerts",
        "model_versions",
        "training_runs",
    ):
        connection.execute(f"delete from driftline.{table}")
    for table in ("deployments", "feature_importance", "promotion_decisions"):
        connection.execute(f"delete from driftline.{table}")
    parsed = parse(build_report(DuckDBWarehouse(connection)))
    for sentence in (
        "No day has a value yet",
        "No calibration yet",
        "There has been no alert.",
        "No alert is open.",
        "This monitor only watches",
        "No version is registered",
        "history from before the log, 1 Dec 2025 to 31 Dec 2025",
        "not known yet",
    ):
        assert sentence in parsed.text
    assert sorted(parsed.figures) == ["m1-drift", "m1-features", "m1-scores"]


@pytest.mark.parametrize("table", ["metric_definitions", "model_health", "feature_histograms"])
def test_a_relation_without_rows(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute(f"delete from driftline.{table}")
    assert "Segments" in parse(build_report(DuckDBWarehouse(connection))).text


def test_numbers_that_are_not_finite_are_no_numbers(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("update driftline.performance set upper_bound = 'inf', lower_bound = 'nan'")
    connection.execute("update driftline.alerts set reference_value = 'nan'")
    rows = parse(build_report(DuckDBWarehouse(connection))).figures["m1-performance"]["choices"][0]
    assert set(rows["rows"]["upper_bound"]) == set(rows["rows"]["lower_bound"]) == {None}


def test_another_schema(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute('create schema "Public marts"')
    tables = connection.execute("select table_name from duckdb_tables()").fetchall()
    for (table,) in tables:
        connection.execute(
            f'create table "Public marts".{table} as select * from driftline.{table}'
        )
    connection.execute("drop schema driftline cascade")
    parsed = parse(build_report(DuckDBWarehouse(connection), schema="Public marts"))
    assert len(parsed.figures) == 6
    assert any('from "Public marts".performance' in code for code in parsed.code)


def test_writing_replaces_the_page_in_one_step(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, page: str
) -> None:
    target = tmp_path / "reports" / "driftline.html"
    assert write_report(DuckDBWarehouse(connection), target) == target
    assert target.read_text(encoding="utf-8") == page
    assert list(target.parent.iterdir()) == [target]
    connection.execute("drop table driftline.alerts")
    with pytest.raises(WarehouseError):
        write_report(DuckDBWarehouse(connection), target)
    assert target.read_text(encoding="utf-8") == page
    assert list(target.parent.iterdir()) == [target]
