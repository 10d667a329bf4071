"""What every folder of tests shares."""

import fcntl
import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import deployment as world
import pytest
from hypothesis import settings
from running import drive

from tests.engines.servers import postgres, spark

__all__ = ["postgres", "spark"]

# The same examples each time: a test must not fail by the luck of a draw.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")


# What takes longest begins first, so that all processes end at about the same time. The sequences
# come before the cycles: one process then makes what all cycles start from.
LONGEST = (
    "tests/incremental/test_sequences.py", "tests/cycle", "tests/incremental", "tests/warehouse",
    "tests/cli", "tests/dbt", "tests/engines/test_conformance.py",
)  # fmt: skip


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep together what shares fixtures: a folder; a file of `incremental` or `engines`; no two
    of `cycle`."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            folder = file.rpartition("/")[0]
            by_file = dict.fromkeys(("tests/incremental", "tests/engines"), file)
            return (by_file | {"tests/cycle": test}).get(folder, folder)

    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        places = [number for number, path in enumerate(LONGEST) if item.nodeid.startswith(path)]
        return min(places, default=len(LONGEST))

    items.sort(key=place)


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of this run of the suite, made once however many processes test."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, is_made = root / name, root / f"{name}.made"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            is_made.touch()
    return folder


def run_cycle(folder: Path, as_of: date) -> None:
    """A cycle that is to succeed."""
    status, told = drive(folder, as_of)
    assert status == 0, told


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment with its first version live and six turned weeks waiting. Only read it."""

    def make(folder: Path) -> None:
        world.create(folder)
        run_cycle(folder, world.FIRST_AS_OF)

    return shared(tmp_path_factory, "before", make)


@pytest.fixture(scope="session")
def renewed(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same deployment after an undisturbed cycle that renewed the model. Only read it."""

    def make(folder: Path) -> None:
        shutil.copytree(before, folder)
        run_cycle(folder, world.SECOND_AS_OF)

    return shared(tmp_path_factory, "renewed", make)


@pytest.fixture(scope="session")
def built_warehouse(renewed: Path) -> Path:
    """The DuckDB file of a deployment in which every relation has rows."""
    return renewed / "warehouse" / "warehouse.duckdb"
