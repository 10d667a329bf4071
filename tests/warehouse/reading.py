"""A built warehouse as the jobs see it, that keeps what they write to itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import polars as pl

from jobs.warehouse.duckdb_file import DuckDBWarehouse


class Reading:
    """What is written is in `written`, by table; no row of the warehouse changes."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.warehouse = DuckDBWarehouse(connection)
        self.written: dict[str, pl.DataFrame] = {}

    def frame(self, sql: str) -> pl.DataFrame:
        return self.warehouse.frame(sql)

    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> None:
        self.written[table] = frame

    @contextmanager
    def connect(self) -> Iterator["Reading"]:
        yield self
