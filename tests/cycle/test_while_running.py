"""Nobody waits on a lock: reading the published copy and rolling back while a cycle runs."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import deployment as world
import duckdb
import pytest
from running import drive, start

from jobs.cli import main
from jobs.control import ControlStore
from jobs.paths import Paths


@pytest.fixture(scope="module")
def folder(before: Path) -> Path:
    copy = before.with_name("while-running")
    shutil.copytree(before, copy)
    return copy


@pytest.fixture(scope="module")
def paths(folder: Path) -> Paths:
    return Paths.find(folder / "dbt_project", folder / "profiles")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A cycle that has taken the lease and is at work."""
    process = start([str(folder), world.SECOND_AS_OF.isoformat()])
    assert process.stdout is not None
    while "building the warehouse" not in process.stdout.readline():
        assert process.poll() is None
    yield process
    process.communicate()


def test_published_copy_rollback_and_lease(
    folder: Path, paths: Paths, running: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    reads = 0
    while running.poll() is None:
        with duckdb.connect(str(paths.published), read_only=True) as connection:
            health = connection.execute(
                "select max(metric_date) from driftline.model_health"
            ).fetchall()
            days = connection.execute("select as_of from driftline.monitors").fetchall()
        # Before the end the copy is that of the cycle before, whole; the log began after it.
        assert (health, days) in (
            ([(None,)], [(world.FIRST_AS_OF,)]),
            ([(world.SECOND_AS_OF,)], [(world.SECOND_AS_OF,)]),
        )
        reads += 1
        if reads == 1:
            folders = ["--project-dir", str(paths.project_dir)]
            folders += ["--profiles-dir", str(paths.profiles_dir)]
            with pytest.raises(SystemExit) as second:
                main([*folders, "run"])
            assert second.value.code == 1
            assert "run runs in process" in capsys.readouterr().err
    assert running.returncode == 0
    assert reads > 1


def test_rollback_while_a_build_holds_the_warehouse(before: Path) -> None:
    copy = before.with_name("rollback")
    shutil.copytree(before, copy)
    status, errors = drive([str(copy), world.SECOND_AS_OF.isoformat()])
    assert status == [0], errors
    paths = Paths.find(copy / "dbt_project", copy / "profiles")
    folders = ["--project-dir", str(paths.project_dir), "--profiles-dir", str(paths.profiles_dir)]
    control = ControlStore.of(paths)
    assert control.live_version("orders") == "v2"
    with duckdb.connect(str(paths.warehouse)) as writer, control.lease("build"):
        writer.execute("begin; create table main.long_build as select 1")
        with pytest.raises(SystemExit) as left:
            main([*folders, "rollback", "--monitor", "orders", "--by", "ada", "--reason", "test"])
        assert left.value.code == 0
    assert control.live_version("orders") == "v1"
    assert [one.action for one in control.history("orders")] == ["initial", "promote", "rollback"]
