"""A PostgreSQL warehouse: rows leave as Arrow and arrive by COPY into a temporary table.

Readers never wait for writers, so there is nothing to publish. A write is one transaction: delete
by key and insert.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, ClassVar

import polars as pl

from jobs.errors import WarehouseError
from jobs.paths import Paths
from jobs.postgres import connect, engine_errors, run, transaction
from jobs.warehouse.arrow_types import names_of, plain
from jobs.warehouse.base import (
    INCOMING,
    Warehouse,
    as_polars,
    check_columns,
    first_of_each,
    quoted,
)

BATCH_BYTES = 16_000_000
# Types that a frame holds as they are; lists of them too. Others travel as text.
EXACT_IN_FRAMES = {
    "boolean", "smallint", "integer", "bigint", "real", "double precision", "date",
    "timestamp without time zone", "timestamp with time zone", "text", "character",
    "character varying", "bytea",
}  # fmt: skip
COLUMN_TYPES = """
select attname, format_type(atttypid, atttypmod) as type_name
from pg_attribute
where attrelid = cast(? as regclass) and attnum > 0 and not attisdropped
order by attnum
"""


class PostgresWarehouse(Warehouse):
    """A connection that commits each statement, unless a transaction is open."""

    number_type: ClassVar[str] = "double precision"
    text_type: ClassVar[str] = "text"

    def __init__(self, connection: Any, paths: Paths) -> None:
        self.connection = connection
        self._paths = paths
        self._is_in_transaction = False

    @classmethod
    @contextmanager
    def connected(cls, paths: Paths, read_only: bool) -> Iterator["PostgresWarehouse"]:
        """Connect with the profile's credentials; raises WarehouseError when nothing answers."""
        with closing(_session(paths, read_only)) as connection:
            yield cls(connection, paths)

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The rows of a query as a pyarrow.Table; `numeric` arrives as double."""
        with engine_errors(WarehouseError), closing(run(self.connection, sql, params)) as answer:
            return plain(answer.fetch_arrow_table(), without_zone=False)

    def batches(
        self, sql: str, rows_per_batch: int, params: Sequence[Any] = ()
    ) -> Iterator[pl.DataFrame]:
        """Frames of a query, read through a connection of its own."""
        import pyarrow as pa

        with (
            engine_errors(WarehouseError),
            closing(_session(self._paths, read_only=True)) as connection,
            closing(connection.cursor()) as answer,
        ):
            answer.adbc_statement.set_options(
                **{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)}
            )
            answer.execute(_numbered(sql, params), list(params) or None)
            for batch in answer.fetch_record_batch():
                table = plain(pa.Table.from_batches([batch]), without_zone=False)
                yield from as_polars(table).iter_slices(rows_per_batch)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement that answers nothing."""
        with engine_errors(WarehouseError):
            run(self.connection, sql, params).close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested."""
        if self._is_in_transaction:
            yield
            return
        self._is_in_transaction = True
        try:
            with engine_errors(WarehouseError), transaction(self.connection):
                yield
        finally:
            self._is_in_transaction = False

    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> None:
        """Delete by key and insert, in one transaction."""
        with self.transaction(), self._incoming(table, frame, key) as insert:
            if frame.height:
                same = _same_key(frame, key, self._types(table))
                self.execute(
                    f"delete from {table} as stored where exists "
                    f"(select 1 from {INCOMING} where {same})"
                )
                self.execute(insert)

    def append_new(
        self, table: str, frame: pl.DataFrame, key: Sequence[str], partly: bool = False
    ) -> int:
        """Insert what the table has not, in one transaction."""
        first = first_of_each(frame, key)
        with self.transaction(), self._incoming(table, first, key, partly) as insert:
            if not first.height:
                return 0
            same = _same_key(first, key, self._types(table))
            sql = f"{insert} where not exists (select 1 from {table} as stored where {same})"
            with engine_errors(WarehouseError), closing(run(self.connection, sql)) as inserted:
                return int(inserted.rowcount)

    def overwrite(self, table: str, frame: pl.DataFrame) -> None:
        """Delete all and insert, in one transaction."""
        with self.transaction(), self._incoming(table, frame, frame.columns) as insert:
            self.execute(f"delete from {table}")
            if frame.height:
                self.execute(insert)

    def described(self, sql: str) -> tuple[dict[str, str], int]:
        """({column: type}, row count) of what one query answers."""
        with engine_errors(WarehouseError), closing(run(self.connection, sql)) as answer:
            table = answer.fetch_arrow_table()
            return names_of(table.schema), int(table.num_rows)

    def exists(self, relation: str) -> bool:
        """Whether the catalogue has the table or view."""
        found = self.frame("select to_regclass(?) is not null as is_there", [relation])
        return bool(found.item())

    def carried(self, relation: str, alias: str) -> str:
        """All columns, those that no frame holds exactly as text."""
        columns = []
        for name, kind in self._types(relation).items():
            column = f"{alias}.{quoted(name)}"
            if re.sub(r"\(\d+\)|\[\]", "", kind) not in EXACT_IN_FRAMES:
                column = f"cast({column} as text) as {quoted(name)}"
            columns.append(column)
        return ", ".join(columns)

    def _types(self, relation: str) -> dict[str, str]:
        """{column: type in PostgreSQL's words} of a table or view, in its order."""
        return dict(self.frame(COLUMN_TYPES, [relation]).iter_rows())

    def _array(self, items: str, item_type: str) -> str:
        return f"cast(array[{items}] as {item_type}[])"

    @contextmanager
    def _incoming(
        self, table: str, frame: pl.DataFrame, key: Sequence[str], partly: bool = False
    ) -> Iterator[str]:
        """Copy the frame into the temporary table INCOMING; yields the insert from it.

        The statement ends with the `from` clause, so that a condition can follow. Run inside a
        transaction, at whose end the temporary table is gone.
        """
        check_columns(table, self.columns(table), frame, key, partly)
        names = ", ".join(quoted(column) for column in frame.columns)
        if not frame.height:
            yield ""
            return
        kinds = self._types(table)
        casts = ", ".join(f"cast({quoted(name)} as {kinds[name]})" for name in frame.columns)
        self.execute(f"drop table if exists pg_temp.{INCOMING}")
        with engine_errors(WarehouseError), closing(self.connection.cursor()) as cursor:
            cursor.adbc_ingest(INCOMING, frame.to_arrow(), mode="create", temporary=True)
        yield f"insert into {table} ({names}) select {casts} from {INCOMING}"
        self.execute(f"drop table pg_temp.{INCOMING}")


def _session(paths: Paths, read_only: bool) -> Any:
    connection = connect(paths.profile.options)
    try:
        run(connection, "set time zone 'UTC'").close()
        # The jobs read most rows of what they join, some of it tables that were filled a moment ago
        # and have no statistics: taken for empty, they would be looped over for minutes.
        run(connection, "set enable_nestloop = off").close()
        if read_only:
            run(connection, "set default_transaction_read_only = on").close()
    except BaseException:
        connection.close()
        raise
    return connection


def _same_key(incoming: pl.DataFrame, key: Sequence[str], kinds: Mapping[str, str]) -> str:
    """Condition that a stored row has the key of an incoming one; null is the same as null.

    Keys are compared in the type of the table, of which `kinds` tells. Only `=` can be hashed:
    asked otherwise PostgreSQL compares each row with every other.
    """
    nulls = {column for column in key if column in incoming and incoming[column].null_count()}
    return " and ".join(
        f"cast({INCOMING}.{quoted(column)} as {kinds[column]}) "
        f"{'is not distinct from' if column in nulls else '='} "
        f"stored.{quoted(column)}"
        for column in key
    )


def _numbered(sql: str, params: Sequence[Any]) -> str:
    from jobs.postgres import numbered

    return numbered(sql) if params else sql
