"""What every warehouse offers the jobs: read frames, write by key, and the words that differ.

Tables travel as Arrow in both directions, never row by row.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar, Literal

import polars as pl

from jobs.errors import WarehouseError
from jobs.paths import Paths

INCOMING = "driftline_incoming"
WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
Kind = Literal["number", "text"]


class Warehouse(ABC):
    """An open connection; use `Warehouse.open(paths)` as a context manager."""

    number_type: ClassVar[str]
    """The engine's name of a double."""
    text_type: ClassVar[str]
    """The engine's name of a text of any length."""

    @classmethod
    @contextmanager
    def open(cls, paths: Paths, read_only: bool = False) -> Iterator["Warehouse"]:
        """Open the warehouse of the profile's target and close it at the end.

        Raises WarehouseError saying what is wrong when it cannot be reached or is locked.
        """
        with _engine(paths.profile.engine).connected(paths, read_only) as warehouse:
            yield warehouse

    @classmethod
    @abstractmethod
    def connected(cls, paths: Paths, read_only: bool) -> AbstractContextManager["Warehouse"]:
        """What `open` does on this engine."""

    def frame(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """Return the rows of a query; `?` in it take the parameters in their order."""
        return as_polars(self.arrow(sql, params))

    @abstractmethod
    def arrow(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Return the rows of a query as a pyarrow.Table."""

    @abstractmethod
    def batches(
        self, sql: str, rows_per_batch: int, params: Sequence[Any] = ()
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows of a query in frames of at most `rows_per_batch` rows.

        The query has a snapshot of its own: rows written while it is read are not seen, nor are
        those of a transaction that is open.
        """

    @abstractmethod
    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement that answers nothing."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Commit everything inside together, or nothing when it raises; may be nested.

        Spark has no transactions: see `jobs.warehouse.spark` for what holds there.
        """

    @abstractmethod
    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> None:
        """Put the frame's rows in the place of all rows with the same values of `key`.

        One transaction; columns go by name and are cast to the table's types. A frame without
        rows changes nothing. Raises WarehouseError naming columns that are missing or unknown.
        """

    @abstractmethod
    def append_new(
        self, table: str, frame: pl.DataFrame, key: Sequence[str], partly: bool = False
    ) -> int:
        """Insert the rows whose `key` is not in the table yet; return how many.

        Of rows with the same key in the frame the first is taken. With `partly` columns that the
        frame lacks take their default. Raises as `replace` does.
        """

    @abstractmethod
    def overwrite(self, table: str, frame: pl.DataFrame) -> None:
        """Put the frame's rows in the place of all rows of the table, also when it has none."""

    @abstractmethod
    def described(self, sql: str) -> tuple[dict[str, str], int]:
        """Return ({column: type}, row count) of what one query answers.

        Types are named as DuckDB names them, on every engine: BIGINT, DOUBLE, VARCHAR, BOOLEAN,
        DATE, TIMESTAMP, TIMESTAMP WITH TIME ZONE, DECIMAL(p,s), and T[] for a list.
        """

    def columns(self, relation: str) -> dict[str, str]:
        """Return {column: type} of a table or view in its order; raises when there is none."""
        return self.described(f"select * from {relation} where 1 = 0")[0]

    @abstractmethod
    def exists(self, relation: str) -> bool:
        """Whether there is such a table or view; asking does no harm to an open transaction."""

    def quoted(self, name: str) -> str:
        """Return the name as a quoted identifier of this engine."""
        return quoted(name)

    def carried(self, relation: str, alias: str) -> str:
        """SQL of all columns of a relation in types that come back as they went.

        What no frame holds exactly (on PostgreSQL `numeric`, `uuid` and the like) is a text.
        """
        return f"{alias}.*"

    def local_moment(self, value: str, kind: str, time_zone: str) -> str:
        """SQL of a moment on the clock of a zone; one without a zone is local already.

        `kind` is the type that `columns` names. As local_timestamp of the dbt project has it.
        """
        return self.moment_as(value, kind, "TIMESTAMP", time_zone)

    def moment_as(self, value: str, kind: str, wanted: str, time_zone: str) -> str:
        """SQL of a moment with a zone where `wanted`, a type, has one, and else on its clock."""
        if (kind == WITH_ZONE) == (wanted == WITH_ZONE):
            return value
        return f"timezone({sql_text(time_zone)}, {value})"

    def array(self, expressions: Iterable[str], kind: Kind) -> str:
        """SQL of a list of the expressions, each cast to a double or a text."""
        item = self.number_type if kind == "number" else self.text_type
        casts = ", ".join(f"cast({expression} as {item})" for expression in expressions)
        return self._array(casts, item)

    @abstractmethod
    def _array(self, items: str, item_type: str) -> str:
        """SQL of a list, also an empty one, of items that have the type already."""

    def _count(self, table: str) -> int:
        return int(self.frame(f"select count(*) as row_count from {table}").item())

    def _same(self, left: str, right: str, key: Sequence[str]) -> str:
        """Condition that two rows have the same key; null is the same as null."""
        return " and ".join(
            f"{left}.{self.quoted(column)} is not distinct from {right}.{self.quoted(column)}"
            for column in key
        )


def real_name(name: str, kinds: Mapping[str, str]) -> str:
    """Return how a relation with these columns spells a configured one, or the bare name.

    As the dbt project reads it: quotes are not part of a name, and case does not tell names apart.
    """
    bare = name.replace('"', "").replace("`", "")
    return (
        bare if bare in kinds else {key.casefold(): key for key in kinds}.get(bare.casefold(), bare)
    )


def check_columns(
    table: str,
    kinds: Mapping[str, str],
    frame: pl.DataFrame,
    key: Sequence[str],
    partly: bool = False,
) -> None:
    """Raise WarehouseError unless the frame has exactly the table's columns and the key is one.

    With `partly` it may lack columns that are not of the key.
    """
    faults = {
        "unknown": [column for column in frame.columns if column not in kinds],
        "missing": [
            column
            for column in (key if partly else kinds)
            if column in kinds and column not in frame.columns
        ],
        "unknown key": [column for column in key if column not in kinds],
    }
    found = "; ".join(f"{fault}: {', '.join(names)}" for fault, names in faults.items() if names)
    if found or not key:
        raise WarehouseError(
            f"{table}: found columns {found or 'without a key'}; "
            f"expected exactly {', '.join(kinds)}"
        )


def first_of_each(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Of rows with the same key the first; a key that the frame lacks is told later."""
    known = [column for column in key if column in frame.columns]
    return frame.unique(known, keep="first", maintain_order=True) if known else frame


def quoted(name: str) -> str:
    """Return the name as a quoted identifier of standard SQL (DuckDB, PostgreSQL)."""
    return '"' + name.replace('"', '""') + '"'


def sql_text(value: object) -> str:
    """Return a text literal of SQL; pass values from outside as parameters instead."""
    return "'" + str(value).replace("'", "''") + "'"


def as_polars(table: Any) -> pl.DataFrame:
    """A frame of an Arrow table or batch."""
    frame = pl.from_arrow(table)
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


def _engine(name: str) -> type[Warehouse]:
    """The class of an engine; only what the profile names is imported."""
    if name == "postgres":
        from jobs.warehouse.postgres import PostgresWarehouse

        return PostgresWarehouse
    if name == "spark":
        from jobs.warehouse.spark import SparkWarehouse

        return SparkWarehouse
    from jobs.warehouse.duckdb_file import DuckDBWarehouse

    return DuckDBWarehouse
