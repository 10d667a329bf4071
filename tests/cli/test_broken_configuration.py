"""A broken configuration gives one clear line, exit code 2, and changes no table."""

import copy
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import deployment as world
import pytest
from project import Project

from jobs.cli import main
from jobs.dbt import run_dbt
from jobs.errors import DriftlineError
from jobs.paths import Paths

Change = Callable[[dict[str, Any]], object]

BROKEN: dict[str, tuple[Change, tuple[str, ...]]] = {
    "unknown key": (
        lambda monitor: monitor.update(lable_horizon_days=2),
        ("monitors.orders.lable_horizon_days: found unknown key; expected one of", "owner"),
    ),
    "missing column": (
        lambda monitor: monitor["features"]["numeric"].append("weight"),
        ("monitors.orders.features.numeric", "weight", "price"),
    ),
    "wrong task": (
        lambda monitor: monitor.update(task="binry"),
        ("monitors.orders.task: found binry; expected", "binary"),
    ),
    "feature listed twice": (
        lambda monitor: monitor["features"]["categorical"].append("price"),
        ("monitors.orders.features", "price", "once"),
    ),
    "segment that is not SQL": (
        lambda monitor: monitor["segments"].update(dear="price >"),
        ("monitors.orders.segments.dear", "price >", "SQL"),
    ),
}


@pytest.fixture(scope="module")
def project(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("broken") / "before"
    shutil.copytree(before, folder)
    named = os.environ.pop("DRIFTLINE_WAREHOUSE", None)
    yield Project(Paths.find(folder / "dbt_project", folder / "profiles"))
    if named:
        os.environ["DRIFTLINE_WAREHOUSE"] = named


def run(project: Project, *arguments: str) -> int:
    folders = ["--project-dir", str(project.paths.project_dir)]
    folders += ["--profiles-dir", str(project.paths.profiles_dir)]
    with pytest.raises(SystemExit) as left:
        main([*folders, *arguments])
    return int(left.value.code or 0)


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("verb", ["check", "run"])
@pytest.mark.parametrize("name", BROKEN)
def test_one_clear_line_and_no_change(
    project: Project, capsys: pytest.CaptureFixture[str], name: str, verb: str
) -> None:
    change, expected = BROKEN[name]
    monitor = copy.deepcopy(world.MONITOR)
    change(monitor)
    project.configure({"orders": monitor})
    before = digest(project.paths.warehouse)

    code = run(project, verb)

    said = capsys.readouterr().err.strip().splitlines()
    assert code == 2
    assert len(said) == 1, said
    assert all(part in said[0] for part in expected), said[0]
    assert digest(project.paths.warehouse) == before


@pytest.mark.parametrize("name", BROKEN)
def test_dbt_alone_stops_before_it_changes_a_table(project: Project, name: str) -> None:
    change, _ = BROKEN[name]
    monitor = copy.deepcopy(world.MONITOR)
    change(monitor)
    project.configure({"orders": monitor})
    before = project.everything()

    with pytest.raises(DriftlineError) as refused:
        run_dbt(project.paths, ["build", "--exclude-resource-type", "unit_test"])

    assert "monitors.orders." in str(refused.value)
    after = project.everything()
    assert before.keys() == after.keys()
    assert all(before[one].equals(after[one]) for one in before)


def test_check_warns_of_a_label_that_means_nothing(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the first values of a table say may be untrue of all: they refuse nothing."""
    monitor = copy.deepcopy(world.MONITOR)
    monitor["columns"]["label"] = "order_id"
    project.configure({"orders": monitor})
    before = digest(project.paths.warehouse)
    assert run(project, "check") == 0
    said = capsys.readouterr().err.strip().splitlines()
    assert said[0].startswith("warning: monitors.orders.columns.label: found ")
    assert ", and nothing else, in order_id of " in said[0]
    assert said[0].endswith("; expected 0 and 1 (a view can turn them into these)")
    assert digest(project.paths.warehouse) == before


def test_a_policy_for_a_monitor_that_does_not_exist(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.configure({"orders": world.MONITOR})
    policies = project.paths.policies
    kept = policies.read_text()
    row = "mine,order,feature_psi,*,*,*,*,threshold_yellow,0.2,2024-01-01,\n"
    policies.write_text(kept + row)
    before = digest(project.paths.warehouse)
    try:
        code = run(project, "run")
    finally:
        policies.write_text(kept)
    said = capsys.readouterr().err.strip().splitlines()
    assert code == 2
    assert len(said) == 1
    assert "seeds/policies.csv row" in said[0]
    assert "monitor: found order; expected" in said[0]
    assert "orders" in said[0]
    assert digest(project.paths.warehouse) == before


def test_the_unbroken_configuration_passes(project: Project) -> None:
    project.configure({"orders": world.MONITOR})
    assert run(project, "check") == 0


def test_wrong_use_and_help(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(project, "retrain") == 2
    assert "--monitor" in capsys.readouterr().err
    assert run(project, "score", "--monitor", "nobody") == 2
    assert "expected one of: orders" in capsys.readouterr().err
    for verb in ("check", "run", "score", "retrain", "evaluate", "rollout", "rollback", "report"):
        assert run(project, verb, "--help") == 0
        assert "Example: driftline" in capsys.readouterr().out
