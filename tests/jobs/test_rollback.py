"""`driftline rollback` needs the control store alone, whatever became of the rest."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from jobs.cli import main
from jobs.control import ControlStore
from jobs.paths import Paths
from tests.engines.deployments import own_database
from tests.warehouse.project import ROOT

DAY = date(2026, 3, 1)
NEWEST = date(2026, 3, 9)
HOLD_FILE = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1])
print("ready", flush=True)
time.sleep(600)
"""


def roll_back(paths: Paths, monitor: str = "m", *words: str) -> int:
    arguments = ["--project-dir", str(paths.project_dir), "rollback", "--monitor", monitor]
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--by", "ada", "--reason", "scores too high", *words])
    return int(left.value.code or 0)


def serve_two_versions(paths: Paths, second_on: date = DAY) -> ControlStore:
    control = ControlStore.of(paths)
    control.point("m", "v1", "initial", DAY, "gates", "first")
    control.point("m", "v2", "promote", second_on, "gates", "better")
    return control


def first_day(control: ControlStore) -> date:
    """The day that the rollback of v2 counts from."""
    done = control.history("m")[-1]
    assert (done.action, done.model_version, done.previous_version) == ("rollback", "v1", "v2")
    return done.effective_on


def publish(file: Path, *statements: str) -> None:
    with duckdb.connect(str(file)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("second_on", "expected"),
    [(DAY, NEWEST + timedelta(days=1)), (NEWEST + timedelta(days=5), NEWEST + timedelta(days=5))],
    ids=["fresh copy", "copy older than the version"],
)
def test_counts_from_the_day_after_the_published_data_or_the_version_it_ends(
    paths: Paths, second_on: date, expected: date
) -> None:
    control = serve_two_versions(paths, second_on)
    control.point("m", "v3", "shadow", NEWEST + timedelta(days=20), "gates", "watch it")
    publish(
        paths.published,
        "create schema driftline",
        f"create table driftline.monitors as select 'm' as monitor, date '{NEWEST}' as as_of",
    )
    assert roll_back(paths) == 0
    assert first_day(control) == expected


@pytest.mark.parametrize("copy", ["absent", "damaged", "without the table", "locked"])
def test_works_whatever_the_published_copy_is(
    paths: Paths, start_python: Callable[..., subprocess.Popen[str]], copy: str
) -> None:
    control = serve_two_versions(paths)
    if copy == "damaged":
        paths.published.write_bytes(b"no database" * 1000)
    elif copy == "without the table":
        publish(paths.published, "create table other as select 1 as one")
    elif copy == "locked":
        start_python(HOLD_FILE, paths.published)
    before = date.today()
    assert roll_back(paths) == 0
    assert before <= first_day(control) <= date.today()


def test_does_not_count_before_the_version_it_ends(paths: Paths) -> None:
    tomorrow = date.today() + timedelta(days=1)
    control = serve_two_versions(paths, second_on=tomorrow)
    assert roll_back(paths) == 0
    assert first_day(control) == tomorrow


def test_works_while_vars_yml_is_wrong(paths: Paths) -> None:
    control = serve_two_versions(paths)
    (paths.project_dir / "vars.yml").write_text("vars: {monitors: {other: {task: binry}}}\n")
    assert roll_back(paths, "m", "--dry-run") == 0
    assert len(control.history()) == 2
    assert roll_back(paths, "m", "--effective-on", f"{NEWEST}") == 0
    assert first_day(control) == NEWEST


def test_a_monitor_that_never_served_is_wrong_use(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    control = serve_two_versions(paths)
    for words in ((), ("--dry-run",)):
        assert roll_back(paths, "nobody", *words) == 2
        assert "found nobody, of which no version is live; expected one of: m" in (
            capsys.readouterr().err
        )
    assert len(control.history()) == 2


@pytest.mark.engines
def test_starts_no_spark_session(
    postgres: dict[str, str], project_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_settings: object) -> None:
        raise AssertionError("a rollback waits for no cluster")

    monkeypatch.setattr("jobs.warehouse.spark.spark_session", forbidden)
    shutil.copytree(ROOT / "profiles", project_dir.parent / "profiles", dirs_exist_ok=True)
    monkeypatch.setenv("DRIFTLINE_TARGET", "spark")
    monkeypatch.setenv("DRIFTLINE_ARTIFACTS", str(project_dir.parent / "artifacts"))
    with own_database(postgres) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name.replace("DRIFTLINE_PG_", "DRIFTLINE_CONTROL_"), value)
        paths = Paths.find(project_dir)
        assert paths.profile.engine == "spark"
        control = serve_two_versions(paths)
        before = date.today()
        assert roll_back(paths) == 0
        assert before <= first_day(control) <= date.today()
