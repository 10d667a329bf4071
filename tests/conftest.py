"""What every folder of tests shares."""

import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import deployment as world
import pytest
from hypothesis import settings
from running import drive
from shared import shared

from tests.engines.servers import postgres, spark

__all__ = ["postgres", "spark"]

# The same examples each time: a test must not fail by the luck of a draw.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")


# Nobody reads dbt's log of a test, whose writing is a fifteenth of a build. `setdefault`, so that a
# developer can ask for it.
os.environ.setdefault("DBT_LOG_LEVEL_FILE", "none")

# What takes longest begins first, behind what is on Spark, so that all processes end at about the
# same time.
LONGEST = (
    "tests/incremental/test_sequences.py", "tests/cycle", "tests/incremental", "tests/warehouse",
    "tests/cli", "tests/dbt",
)  # fmt: skip


def group_of(nodeid: str) -> str:
    """Tests of a group run in one process, for they share fixtures: all on Spark, where one process
    has one cluster and one session; else a folder, or a file of `incremental` or `engines`. No two
    of `cycle` need each other. xdist knows no more of a test than its name, so that a test on Spark
    has `spark` as its first parameter or, without any, in its name.
    """
    path, _, test = nodeid.partition("::")
    folder, _, file = path.rpartition("/")
    name, _, parameters = test.partition("[")
    on_spark = parameters.startswith("spark") or (not parameters and "spark" in name)
    if folder == "tests/engines" and (on_spark or file == "test_conformance.py"):
        return "spark"
    return {"tests/incremental": path, "tests/engines": path, "tests/cycle": nodeid}.get(
        folder, folder
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        is_on_spark = "spark" in (*item.fixturenames, *map(str, parameters))
        if is_on_spark and group_of(item.nodeid) != "spark":
            raise ValueError(
                f"{item.nodeid}: it is on Spark, and found in the group {group_of(item.nodeid)}; "
                "expected a test of tests/engines with `spark` as its first parameter or, without "
                "any, in its name"
            )

    def place(item: pytest.Item) -> tuple[bool, int, bool]:
        """Rebuilds come behind all that reads the warehouse which they change."""
        places = [number for number, path in enumerate(LONGEST) if item.nodeid.startswith(path)]
        is_rebuild = "::TestRebuilds" in item.nodeid
        return group_of(item.nodeid) != "spark", min(places, default=len(LONGEST)), is_rebuild

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep groups together. (Of xdist's own, `loadgroup` does not work with pytest 9.2.)"""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return Together(config, log)


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
