from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from report_rows import fill

from jobs.report import build_report
from jobs.warehouse.duckdb_file import DuckDBWarehouse


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A filled warehouse of the test's own."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as opened:
        fill(opened)
        yield opened


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """All relations, no rows."""
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as opened:
        fill(opened, with_rows=False)
        yield opened


@pytest.fixture(scope="session")
def filled() -> Iterator[duckdb.DuckDBPyConnection]:
    """A filled warehouse that nobody changes."""
    with duckdb.connect() as opened:
        fill(opened)
        yield opened


@pytest.fixture(scope="session")
def page(filled: duckdb.DuckDBPyConnection) -> str:
    """The report on the filled warehouse."""
    return build_report(DuckDBWarehouse(filled))
