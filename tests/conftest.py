"""What every folder of tests shares."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import deployment as world
import pytest
from hypothesis import settings
from running import drive

from tests.engines.servers import postgres, spark

__all__ = ["postgres", "spark"]

# The same examples each time: a test must not fail by the luck of a draw.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment with its first version live and six turned weeks waiting."""
    folder = tmp_path_factory.mktemp("orders") / "before"
    world.create(folder)
    status, errors = drive([str(folder), world.FIRST_AS_OF.isoformat()])
    assert status == [0], errors
    return folder


@pytest.fixture(scope="session")
def renewed(before: Path) -> Path:
    """The same deployment after an undisturbed cycle that renewed the model. Only read it."""
    folder = before.with_name("renewed")
    shutil.copytree(before, folder)
    status, errors = drive([str(folder), world.SECOND_AS_OF.isoformat()])
    assert status == [0], errors
    return folder


@pytest.fixture(scope="session")
def built_warehouse(renewed: Path) -> Iterator[Path]:
    """The DuckDB file of a deployment in which every relation has rows."""
    yield renewed / "warehouse" / "warehouse.duckdb"
