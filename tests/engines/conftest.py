"""Every test of this folder needs the engines; most run on each in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.paths import Paths
from jobs.warehouse import Warehouse
from tests.engines.deployments import ENGINES, SCHEMA, deployment_on


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.engines)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture
def paths(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Paths]:
    """An empty deployment on the engine, with the shipped profile."""
    with deployment_on(engine, request, tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def warehouse(paths: Paths) -> Iterator[Warehouse]:
    """The open warehouse of that deployment, with a schema `driftline_test` of its own."""
    with Warehouse.open(paths) as opened:
        opened.execute(f"create schema {SCHEMA}")
        yield opened
        opened.execute(f"drop schema {SCHEMA} cascade")
