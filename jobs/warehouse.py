"""The jobs' connection to the DuckDB warehouse of the dbt profile: read frames, write by key.

One process writes a DuckDB file, and while it does no other may open it. Close a Warehouse before
dbt runs, and open it as late as possible.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import polars as pl

from jobs.errors import WarehouseError
from jobs.paths import Paths

INCOMING = "driftline_incoming"
LOCKED = "Could not set lock on file"


class Warehouse:
    """An open connection; use `Warehouse.open(paths)` as a context manager."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._is_in_transaction = False

    @classmethod
    @contextmanager
    def open(cls, paths: Paths, read_only: bool = False) -> Iterator["Warehouse"]:
        """Open the warehouse and close it for real at the end.

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
                str(paths.warehouse), read_only, config=dict(paths.profile.config_options)
            )
        except duckdb.Error as error:
            raise WarehouseError(opening_failed(paths, str(error))) from error
        try:
            settings = {
                **paths.profile.settings,
                "autoinstall_known_extensions": False,
                "python_enable_replacements": False,
            }
            for name, value in settings.items():
                text = str(value).replace("'", "''")
                connection.execute(f"set {name} = '{text}'")
            yield cls(connection)
        finally:
            connection.close()

    def frame(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """Return the rows of a query; `?` in it take the parameters in their order."""
        return _polars(self.arrow(sql, params))

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Return the rows of a query as a pyarrow.Table."""
        with _engine_errors():
            return self._query(self.connection, sql, params).to_arrow_table()

    def batches(
        self, sql: str, rows_per_batch: int, params: Sequence[Any] = ()
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of a query in frames of at most `rows_per_batch` rows.

        The query has a snapshot of its own: rows written while it is read are not seen, nor are
        those of a transaction that is open.
        """
        cursor = self.connection.cursor()
        try:
            with _engine_errors():
                reader = self._query(cursor, sql, params).to_arrow_reader(rows_per_batch)
                for batch in reader:
                    yield from _polars(batch).iter_slices(rows_per_batch)
        finally:
            cursor.close()

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement that answers nothing."""
        with _engine_errors():
            self.connection.execute(sql, list(params))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything inside together, or nothing when it raises; may be nested."""
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
        """Put the frame's rows in the place of all rows with the same values of `key`.

        One transaction; columns go by name and are cast to the table's types. A frame without
        rows changes nothing. Raises WarehouseError naming columns that are missing or unknown.
        """
        with self._incoming(table, frame, key), self.transaction():
            self.execute(f"delete from {table} where {_key_is_incoming(table, key)}")
            self.execute(f"insert into {table} by name select * from {INCOMING}")

    def append_new(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> int:
        """Insert the rows whose `key` is not in the table yet; return how many.

        Of rows with the same key in the frame the first is taken. Raises as `replace` does.
        """
        same = " and ".join(
            f"{INCOMING}.{quoted(column)} is not distinct from stored.{quoted(column)}"
            for column in key
        )
        known = [column for column in key if column in frame.columns]
        first = frame.unique(known, keep="first", maintain_order=True) if known else frame
        with self._incoming(table, first, key), self.transaction():
            before = self._count(table)
            self.execute(
                f"insert into {table} by name select * from {INCOMING} "
                f"where not exists (select 1 from {table} as stored where {same})"
            )
            return self._count(table) - before

    def columns(self, relation: str) -> dict[str, str]:
        """Return {column: type} of a table or view in its order; raises when there is none."""
        return self.described(f"select * from {relation} where false")[0]

    def described(self, sql: str) -> tuple[dict[str, str], int]:
        """Return ({column: type}, row count) of what one query answers."""
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

    def _count(self, table: str) -> int:
        return int(self.frame(f"select count(*) as row_count from {table}").item())

    @contextmanager
    def _incoming(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> Iterator[None]:
        """Offer the frame, cast to the table's types, as the view INCOMING."""
        kinds = self.columns(table)
        faults = {
            "unknown": [column for column in frame.columns if column not in kinds],
            "missing": [column for column in kinds if column not in frame.columns],
            "unknown key": [column for column in key if column not in kinds],
        }
        found = "; ".join(
            f"{fault}: {', '.join(names)}" for fault, names in faults.items() if names
        )
        if found or not key:
            expected = ", ".join(kinds)
            raise WarehouseError(
                f"{table}: found columns {found or 'without a key'}; expected exactly {expected}"
            )
        casts = ", ".join(
            f"cast({quoted(column)} as {kind}) as {quoted(column)}"
            for column, kind in kinds.items()
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


def quoted(name: str) -> str:
    """Return the name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


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


def _key_is_incoming(table: str, key: Sequence[str]) -> str:
    same = " and ".join(
        f"{INCOMING}.{quoted(column)} is not distinct from {table}.{quoted(column)}"
        for column in key
    )
    return f"exists (select 1 from {INCOMING} where {same})"


def _polars(table: Any) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        lines = str(error).strip().splitlines()
        raise WarehouseError(lines[0] if lines else type(error).__name__) from error
