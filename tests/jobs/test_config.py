import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.config import (
    BusinessMetric,
    Columns,
    Relation,
    check_against_warehouse,
    check_policies,
    load_project,
    parse_project,
)
from jobs.dbt import Relations
from jobs.errors import ConfigurationError
from jobs.paths import Paths
from jobs.warehouse import Warehouse

ROOT = Path(__file__).parents[2]
BROKEN = yaml.safe_load((Path(__file__).parent / "broken_configurations.yml").read_text())
TINY: dict[str, Any] = {
    "description": "Tiny",
    "owner": "me",
    "task": "binary",
    "inferences": {"source": ["serving", "log"]},
    "columns": {
        "id": "inference_id",
        "predicted_at": "predicted_at",
        "model_version": "model_version",
        "score": "score",
        "label": "label",
    },
    "time_zone": "Europe/Berlin",
    "label_horizon_days": 0,
    "features": {"numeric": ["distance", "is_hub", "Wind Speed"], "categorical": ["carrier"]},
    "primary_metric": "brier",
}
HEADER = (
    "policy_id,monitor,rule_id,metric_name,segment_name,segment_value,feature_name,"
    "parameter,parameter_value,valid_from,note\n"
)
DEFAULTS = HEADER + (
    "a,*,psi,*,*,*,*,threshold_red,0.25,1900-01-01,\n"
    "b,*,*,*,*,*,*,keep_baseline_in_shadow,true,1900-01-01,\n"
    "c,*,*,*,*,*,*,weighting,step,1900-01-01,\n"
)


def changed(base: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    monitor = copy.deepcopy(base)
    for dotted in (*case.get("set", {}), *case.get("remove", [])):
        *folders, key = dotted.split(".")
        place = monitor
        for folder in folders:
            place = place[folder]
        if dotted in case.get("set", {}):
            place[key] = case["set"][dotted]
        else:
            del place[key]
    return monitor


@pytest.mark.parametrize("case", BROKEN["cases"], ids=lambda case: case["name"])
def test_broken_configuration_is_answered_with_one_line(case: dict[str, Any]) -> None:
    monitor = changed(BROKEN["base"], case)
    with pytest.raises(ConfigurationError) as caught:
        parse_project({"flight_delays": monitor})
    assert str(caught.value) == case["line"]
    assert caught.value.exit_code == 2


def test_base_of_the_broken_configurations_is_right() -> None:
    monitor = parse_project({"flight_delays": BROKEN["base"]}).monitor("flight_delays")
    assert monitor.features == ("distance", "temp", "carrier", "origin")
    assert monitor.labels == Relation("source", ("serving", "flight_delay_labels"))
    assert monitor.columns.labeled_at == "labeled_at"


def test_a_monitor_that_only_watches_may_be_judged_by_a_business_metric() -> None:
    revenue = {"numerator": "price ", "denominator": 1, "direction": "higher"}
    change = {"business_metrics": {"revenue": revenue}, "primary_metric": "revenue"}
    monitor = parse_project({"tiny": TINY | change}).monitor("tiny")
    assert monitor.primary_metric == "revenue"
    assert monitor.business_metrics == {"revenue": BusinessMetric("price", "1", "higher")}


def test_defaults_are_filled_in() -> None:
    monitor = parse_project({"tiny": TINY}).monitor("tiny")
    assert monitor.columns == Columns(
        "inference_id", "predicted_at", "model_version", "label", "score"
    )
    assert (monitor.labels, monitor.history, monitor.requests) == (None, None, None)
    assert (monitor.filter, monitor.unlabeled_means, monitor.decision_threshold) == (
        "true",
        "unknown",
        0.5,
    )
    assert (monitor.segments, monitor.protected, monitor.card) == ({}, (), {})
    assert (monitor.retrain, monitor.bins_version) == (False, 1)
    assert (monitor.fingerprint, monitor.retention_days, monitor.look_back_days) == (
        "counts",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("key", "found", "expected"),
    [
        ("fingerprint", "full", "counts or content"),
        ("retention_days", 0, "a whole number of days, 1 or more"),
        ("look_back_days", "7", "a whole number of days, 1 or more"),
    ],
)
def test_what_is_read_again_is_checked(key: str, found: object, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"monitors.tiny.{key}: found .*{expected}"):
        parse_project({"tiny": TINY | {key: found}})


def test_every_fault_is_reported_at_once() -> None:
    broken = TINY | {"task": "survival", "bins_version": "two", "time_zone": 1}
    with pytest.raises(ConfigurationError) as caught:
        parse_project({"tiny": broken, "Other": None})
    keys = [line.split(":")[0] for line in str(caught.value).splitlines()]
    assert keys == [
        "monitors.tiny.task",
        "monitors.tiny.time_zone",
        "monitors.tiny.bins_version",
        "monitors.Other",
        "monitors.Other",
    ]


def test_project_without_monitors_is_right() -> None:
    assert parse_project({}).monitors == {}
    with pytest.raises(ConfigurationError, match="no monitor is declared"):
        parse_project({}).monitor("x")


def test_unknown_monitor_lists_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"found tinny; expected one of: tiny"):
        parse_project({"tiny": TINY}).monitor("tinny")


def test_shipped_configuration_is_right() -> None:
    project = load_project(ROOT / "dbt_project")
    assert all(name == monitor.name for name, monitor in project.monitors.items())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "vars:\n  monitors:\n    a:\n      owner: x\n      owner: y\n",
            "monitors.a.owner: found the key twice (line 5); expected each key once",
        ),
        (
            "vars:\n  monitors:\n    a: {}\n    a: {}\n",
            "monitors.a: found the key twice (line 4); expected each key once",
        ),
        ("vars: [1]\n", "found no mapping vars"),
        ("", "found no mapping vars"),
        ("vars: {monitors: [\n", "line 2: found"),
        ("vars:\n  monitors: [a]\n", "monitors: found ['a']; expected a mapping of monitors"),
    ],
)
def test_vars_file_is_read_strictly(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "vars.yml").write_text(text)
    with pytest.raises(ConfigurationError, match=re.escape(expected)):
        load_project(tmp_path)


def test_missing_vars_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"vars\.yml: found no readable file"):
        load_project(tmp_path)


def test_empty_monitors_key_and_override(tmp_path: Path) -> None:
    (tmp_path / "vars.yml").write_text("vars:\n  monitors:\n")
    assert load_project(tmp_path).monitors == {}
    assert list(load_project(tmp_path, {"tiny": TINY}).monitors) == ["tiny"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("p,nobody,*,*,*,*,*,threshold_red,1,2026-01-01,", "row 2 monitor: found nobody; "),
        ("p,*,*,*,*,*,*,threshold_rad,1,2026-01-01,", "(did you mean threshold_red?)"),
        (
            "p,*,*,*,*,*,*,threshold_red,high,2026-01-01,",
            "row 2 parameter_value: found high; expected a number for threshold_red",
        ),
        (
            "p,*,*,*,*,*,*,threshold_red,nan,2026-01-01,",
            "row 2 parameter_value: found nan; expected a number for threshold_red",
        ),
        (
            "p,*,*,*,*,*,*,keep_baseline_in_shadow,yes,2026-01-01,",
            "row 2 parameter_value: found yes; expected true or false",
        ),
        (
            "p,*,*,*,*,*,*,threshold_red,1,31.01.2026,",
            "row 2 valid_from: found 31.01.2026; expected a date such as 2026-01-31",
        ),
        ("p,tiny,*,*,dest,*,*,threshold_red,1,2026-01-01,", "row 2 segment_name: found dest"),
        ("p,tiny,*,*,*,*,distanse,threshold_red,1,2026-01-01,", "(did you mean distance?)"),
        ("p,tiny,*,*,,*,*,threshold_red,1,2026-01-01,", "row 2 segment_name: found nothing"),
        (
            "p,*,*,*,*,*,*,threshold_red,1,2026-01-01,\np,*,*,*,*,*,*,threshold_red,2,2026-01-01,",
            "row 3 policy_id: found p; expected an id of its own (row 2 has it)",
        ),
        ("p,*,psj,*,*,*,*,threshold_red,1,2026-01-01,", "row 2 rule_id: found psj"),
    ],
)
def test_broken_policies_are_refused(tmp_path: Path, row: str, expected: str) -> None:
    policies, defaults, rules = policy_files(tmp_path, HEADER + row + "\n")
    project = parse_project({"tiny": TINY})
    with pytest.raises(ConfigurationError, match=re.escape(expected)) as caught:
        check_policies(project, policies, defaults, rules)
    assert str(caught.value).startswith("seeds/policies.csv row ")
    assert len(str(caught.value).splitlines()) == 1


def test_right_policies_pass_and_none_are_needed(tmp_path: Path) -> None:
    rows = (
        "p1,tiny,psi,*,overall,all,distance,threshold_red,0.3,2026-01-01,why\n"
        "p2,*,*,*,*,*,*,weighting,half_life,2026-01-01,\n"
    )
    policies, defaults, rules = policy_files(tmp_path, HEADER + rows)
    project = parse_project({"tiny": TINY})
    check_policies(project, policies, defaults, rules)
    check_policies(project, tmp_path / "absent.csv", defaults)


def test_missing_policy_column_is_refused(tmp_path: Path) -> None:
    policies, defaults, _ = policy_files(tmp_path, HEADER.replace("valid_from,", ""))
    with pytest.raises(ConfigurationError, match=r"policies\.csv row 1 valid_from: found no such"):
        check_policies(parse_project({}), policies, defaults)


def policy_files(folder: Path, text: str) -> tuple[Path, Path, Path]:
    files = [folder / "seeds" / name for name in ("policies.csv", "default_policies.csv")]
    rules = folder / "seeds" / "default_signal_rules.csv"
    files[0].parent.mkdir()
    files[0].write_text(text)
    files[1].write_text(DEFAULTS)
    rules.write_text("rule_id,layer\npsi,data\n")
    return files[0], files[1], rules


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"segments": {"far": "distance > 2000 -- miles"}, "filter": "is_hub"}, None),
        (
            {"segments": {"far": "distanze > 2000"}},
            r"monitors\.tiny\.segments\.far: found distanze > 2000 \(Binder Error: .*distanze",
        ),
        ({"segments": {"far": "distance >"}}, r"segments\.far: found distance > \(Parser Error"),
        ({"segments": {"rows": "count(*)"}}, r"segments\.rows: .* without aggregates"),
        (
            {
                "business_metrics": {
                    "far": {"numerator": "is_hub", "denominator": 1, "direction": "higher"},
                    "name": {"numerator": "carrier", "denominator": 0.5, "direction": "lower"},
                }
            },
            r"^monitors\.tiny\.business_metrics\.name\.numerator: found carrier of type VARCHAR; "
            r"expected a number or a boolean$",
        ),
        ({"filter": "nonsense"}, r"monitors\.tiny\.filter: found nonsense \(Binder Error"),
        ({"filter": "distance"}, r"filter: found distance of type DOUBLE; expected a condition"),
        ({"filter": "true; drop table serving.log"}, r"filter: found .* \(Parser Error"),
        (
            {"features": {"numeric": ["distanse"]}},
            r"features\.numeric: found no column distanse in .*log.*\(did you mean distance\?\)",
        ),
        (
            {"features": {"numeric": ["carrier"]}},
            r"features\.numeric: found carrier of type VARCHAR in .*; expected a number",
        ),
        (
            {"inferences": {"source": ["serving", "absent"]}},
            r"monitors\.tiny\.inferences: found \{source: \[serving, absent\]\}, which is not in "
            r"the warehouse; expected a table or view that exists: create it",
        ),
        (
            {"inferences": {"source": ["serving", "logg"]}},
            r"source serving\.logg: found nothing of that name.*\(did you mean serving\.log\?\)",
        ),
    ],
)
def test_configuration_against_the_warehouse(
    paths: Paths, change: dict[str, Any], expected: str | None
) -> None:
    project = parse_project({"tiny": TINY | change})
    relations = Relations(paths)
    relations.jobs_table("routing")  # dbt parses before the warehouse is opened
    with Warehouse.open(paths) as warehouse:
        if expected is None:
            check_against_warehouse(project, warehouse, relations)
            return
        with pytest.raises(ConfigurationError, match=expected) as caught:
            check_against_warehouse(project, warehouse, relations)
        assert len(str(caught.value).splitlines()) == 1
        assert warehouse.frame("select count(*) from serving.log").item() == 2


def test_shipped_policies_are_right() -> None:
    seeds = ROOT / "dbt_project" / "seeds"
    project, shipped = load_project(ROOT / "dbt_project"), seeds / "default_policies.csv"
    rules = seeds / "default_signal_rules.csv"
    check_policies(project, shipped, shipped, rules)
    check_policies(project, ROOT / "seeds" / "policies.csv", shipped, rules)
