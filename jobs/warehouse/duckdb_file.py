"""The DuckDB file of the profile.

One process writes a DuckDB file, and while it does no other may open it. Close a Warehouse before
dbt runs, and open it as late as possible.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import duckdb
import polars as pl

from jobs.errors import WarehouseError
from jobs.paths import Paths
from jobs.warehouse.base import INCOMING, Warehouse, as_polars, check_columns, first_of_each, quoted

LOCKED = "Could not set lock on file"


class DuckDBWarehouse(Warehouse):
    """A connection to the file, for this process alone."""

    number_type: ClassVar[str] = "double"
    text_type: ClassVar[str] = "varchar"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._is_in_transaction = False

    @classmethod
    @contextmanager
    def connected(cls, paths: Paths, read_only: bool) -> Iterator["DuckDBWarehouse"]:
        """Open the file and close it for real at the end.

        Raises WarehouseError when the file is locked by another process, is no DuckDB file, or
        does not exist and `read_only` is set.
        """
        paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
        if read_only and not paths.warehouse.exists():
            raise WarehouseError(
                f"{paths.warehouse}: found no such file; load data and run dbt build first"
            )
        try:
            connection = duckdb.connect(
                str(paths.warehouse),
                read_only,
                config=dict(paths.profile.options["config_options"]),
            )
        except duckdb.Error as error:
            raise WarehouseError(opening_failed(paths, str(error))) from error
        try:
            settings = {
                "TimeZone": "UTC",  # not that of the machine: a moment with a zone has one day
                **paths.profile.options["settings"],
                "autoinstall_known_extensions": False,
                "python_enable_replacements": False,
            }
            for name, value in settings.items():
                text = str(value).replace("'", "''")
                connection.execute(f"set {name} = '{text}'")
            yield cls(connection)
        finally:
            connection.close()

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The rows of a query as a pyarrow.Table."""
        with _engine_errors():
            return self._query(self.connection, sql, params).to_arrow_table()

    def batches(
        self, sql: str, rows_per_batch: int, params: Sequence[Any] = ()
    ) -> Iterator[pl.DataFrame]:
        """Frames of a query, read through a cursor of its own."""
        cursor = self.connection.cursor()
        try:
            with _engine_errors():
                reader = self._query(cursor, sql, params).to_arrow_reader(rows_per_batch)
                for batch in reader:
                    yield from as_polars(batch).iter_slices(rows_per_batch)
        finally:
            cursor.close()

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement that answers nothing."""
        with _engine_errors():
            self.connection.execute(sql, list(params))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested."""
        if self._is_in_transaction:
            yield
            return
        self.execute("begin transaction")
        self._is_in_transaction = True
        try:
            yield
        except BaseException:
            self._is_in_transaction = False
            self.connection.execute("rollback")
            raise
        self._is_in_transaction = False
        self.execute("commit")

    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> None:
        """Delete by key and insert, in one transaction."""
        with self._incoming(table, frame, key), self.transaction():
            same = self._same(INCOMING, table, key)
            self.execute(
                f"delete from {table} where exists (select 1 from {INCOMING} where {same})"
            )
            self.execute(f"insert into {table} by name select * from {INCOMING}")

    def append_new(
        self, table: str, frame: pl.DataFrame, key: Sequence[str], partly: bool = False
    ) -> int:
        """Insert what the table has not, in one transaction."""
        first = first_of_each(frame, key)
        with self._incoming(table, first, key, partly), self.transaction():
            before = self._count(table)
            same = self._same(INCOMING, "stored", key)
            self.execute(
                f"insert into {table} by name select * from {INCOMING} "
                f"where not exists (select 1 from {table} as stored where {same})"
            )
            return self._count(table) - before

    def overwrite(self, table: str, frame: pl.DataFrame) -> None:
        """Delete all and insert, in one transaction."""
        with self._incoming(table, frame, list(frame.columns)), self.transaction():
            self.execute(f"delete from {table}")
            self.execute(f"insert into {table} by name select * from {INCOMING}")

    def described(self, sql: str) -> tuple[dict[str, str], int]:
        """({column: type}, row count) of what one query answers."""
        cursor = self.connection.cursor()
        try:
            with _engine_errors():
                answer = cursor.execute(sql)
                kinds = {column[0]: str(column[1]) for column in answer.description or ()}
                return kinds, len(answer.fetchall())
        finally:
            cursor.close()

    def exists(self, relation: str) -> bool:
        """Whether the table or view can be read."""
        try:
            self.columns(relation)
        except WarehouseError as error:
            if isinstance(error.__cause__, duckdb.CatalogException | duckdb.BinderException):
                return False
            raise
        return True

    def _array(self, items: str, item_type: str) -> str:
        return f"cast([{items}] as {item_type}[])"

    @contextmanager
    def _incoming(
        self, table: str, frame: pl.DataFrame, key: Sequence[str], partly: bool = False
    ) -> Iterator[None]:
        """Offer the frame, cast to the table's types, as the view INCOMING."""
        kinds = self.columns(table)
        check_columns(table, kinds, frame, key, partly)
        casts = ", ".join(
            f"cast({quoted(column)} as {kind}) as {quoted(column)}"
            for column, kind in kinds.items()
            if column in frame.columns
        )
        raw = f"{INCOMING}_frame"
        self.connection.register(raw, frame.to_arrow())
        try:
            self.execute(f"create or replace temp view {INCOMING} as select {casts} from {raw}")
            yield
        finally:
            self.connection.unregister(raw)

    @staticmethod
    def _query(
        connection: duckdb.DuckDBPyConnection, sql: str, params: Sequence[Any]
    ) -> duckdb.DuckDBPyRelation:
        answer = connection.sql(sql, params=list(params)) if params else connection.sql(sql)
        if answer is None:
            raise WarehouseError("found a statement that answers no rows; expected a query")
        return answer


def opening_failed(paths: Paths, reason: str) -> str:
    """Word why the warehouse could not be opened, and what to do next."""
    if LOCKED not in reason:
        return f"{paths.warehouse}: {reason.splitlines()[0]}"
    holder = re.search(r"PID (\d+)", reason)
    who = f" (process {holder.group(1)})" if holder else ""
    advice = "wait for it"
    if paths.published.exists():
        advice += f", or read the published copy at {paths.published}"
    return f"another process{who} is writing {paths.warehouse}; {advice}"


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        lines = str(error).strip().splitlines()
        raise WarehouseError(lines[0] if lines else type(error).__name__) from error
