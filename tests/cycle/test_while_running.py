"""Nobody waits on a build: reading the published copy and rolling back while one is at work.

The build is as long as a test wants: one of its models reads a pipe, and is at it until the test
has written its line. It runs in a process of its own and holds the warehouse all the while.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import TextIO

import deployment as world
import duckdb
import pytest
from running import start

from jobs.cli import main
from jobs.control import ControlStore
from jobs.errors import WarehouseError
from jobs.paths import Paths
from jobs.warehouse import Warehouse

NEXT_DAY = world.SECOND_AS_OF + timedelta(days=1)
GATE_MODEL = """
select cast(word as integer) as opened
from read_csv('{gate}', header = false, columns = {{'word': 'varchar'}}, auto_detect = false)
"""


class LongBuild:
    """A deployment with two versions whose next cycle is in the middle of its build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = Paths.find(folder / "dbt_project", folder / "profiles")
        self.control = ControlStore.of(self.paths)
        self._gate = folder / "gate"
        os.mkfifo(self._gate)
        model = folder / "dbt_project" / "models" / "intermediate" / "int_gate.sql"
        model.write_text(GATE_MODEL.format(gate=self._gate))
        self.process = start(folder, NEXT_DAY)
        Thread(target=self._open_at_the_end).start()
        self._writer: TextIO = self._gate.open("w")  # returns when the model reads, or at the end
        assert self.is_running

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def let_go(self, word: str) -> None:
        """The model of the pipe reads a word, a number if it shall not fail."""
        self._writer.write(f"{word}\n")
        self._writer.close()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        self.kill()
        with suppress(BrokenPipeError):
            self._writer.close()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def _open_at_the_end(self) -> None:
        """A cycle that died before its model read must not leave the test waiting."""
        self.process.wait()
        with suppress(FileNotFoundError):
            os.close(os.open(self._gate, os.O_RDONLY | os.O_NONBLOCK))

    def command(self, *words: str) -> int:
        """The exit status of `driftline ...` in this process."""
        folders = ["--project-dir", str(self.paths.project_dir)]
        folders += ["--profiles-dir", str(self.paths.profiles_dir)]
        with pytest.raises(SystemExit) as left:
            main([*folders, *words])
        return int(left.value.code or 0)

    def published_as_of(self) -> date:
        """Read rows of the published copy, as an analyst does: it is that of one cycle, whole."""
        with duckdb.connect(str(self.paths.published), read_only=True) as connection:
            [(as_of,)] = connection.execute("select as_of from driftline.monitors").fetchall()
            [(newest, count)] = connection.execute(
                "select max(metric_date), count(*) from driftline.model_health"
            ).fetchall()
        assert newest == as_of
        assert count > 0
        return as_of

    def holds_the_warehouse(self) -> bool:
        try:
            with Warehouse.open(self.paths):
                return False
        except WarehouseError as error:
            return f"another process (process {self.process.pid}) is writing" in str(error)


Begin = Callable[[], LongBuild]
ROLLBACK = ("rollback", "--monitor", "orders", "--by", "ada", "--reason", "test")


@pytest.fixture
def begin(renewed: Path, request: pytest.FixtureRequest) -> Iterator[Begin]:
    """Start a long build in a copy of the renewed deployment."""
    folder = renewed.with_name(request.node.name)
    builds = []

    def started() -> LongBuild:
        shutil.copytree(renewed, folder)
        builds.append(LongBuild(folder))
        return builds[0]

    yield started
    for build in builds:
        build.end()


def assert_rolls_back(build: LongBuild) -> None:
    assert build.control.live_version("orders") == "v2"
    assert build.command(*ROLLBACK) == 0
    assert build.control.live_version("orders") == "v1"
    actions = [one.action for one in build.control.history("orders")]
    assert actions == ["initial", "promote", "rollback"]


@pytest.mark.slow
def test_during_a_long_build(begin: Begin, capsys: pytest.CaptureFixture[str]) -> None:
    build = begin()
    assert build.holds_the_warehouse()
    assert build.published_as_of() == world.SECOND_AS_OF
    assert_rolls_back(build)
    assert build.published_as_of() == world.SECOND_AS_OF
    capsys.readouterr()
    assert build.command("run") == 1
    assert f"run runs in process {build.process.pid} " in capsys.readouterr().err
    assert build.is_running and build.holds_the_warehouse(), "all this while the build ran"

    build.let_go("1")
    found = [build.published_as_of()]
    while build.is_running:
        found.append(build.published_as_of())
        with suppress(subprocess.TimeoutExpired):
            build.process.wait(timeout=0.05)
    assert build.process.returncode == 0
    found.append(build.published_as_of())
    assert found == sorted(found), "the old copy, then the new one"
    assert (found[0], found[-1]) == (world.SECOND_AS_OF, NEXT_DAY)
    assert build.control.live_version("orders") == "v1", "the cycle leaves a rollback alone"


@pytest.mark.slow
def test_after_a_build_that_was_killed(begin: Begin) -> None:
    build = begin()
    assert build.holds_the_warehouse()
    build.kill()
    assert build.published_as_of() == world.SECOND_AS_OF
    assert_rolls_back(build)
    assert build.published_as_of() == world.SECOND_AS_OF


@pytest.mark.slow
def test_after_a_build_that_is_broken(begin: Begin) -> None:
    """A model fails, and so does the cycle, as often as it is run."""
    build = begin()
    build.let_go("not a number")
    build.process.wait()
    assert build.process.returncode == 1
    assert build.published_as_of() == world.SECOND_AS_OF
    assert_rolls_back(build)
    assert build.published_as_of() == world.SECOND_AS_OF
