"""A Spark warehouse: parquet tables in the metastore, written by whole partitions.

Parquet has neither delete nor transactions. What holds instead:

* `replace` rewrites the partitions that the frame's rows and the rows of the same key lie in, and
  no other. All are written aside first and then swapped one by one: a job killed in between leaves
  some old, some new, and at worst one missing. Where the key covers whole partitions (every table
  of the jobs: see the macro create_job_table) all that can be missing is what the killed call
  was writing, and the same call again completes it.
* `append_new` only adds files. A killed one leaves a part of its rows; the same call again adds
  the rest.
* `overwrite` is for copies of what stands elsewhere: killed, it may leave nothing, and the next
  call brings all back.
* `transaction` groups nothing. The jobs write what marks a step as done last, so a step that was
  killed is not taken for done, and they write by key, so doing it again leaves no duplicate.

One process writes at a time; the lease of the control store sees to that.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import polars as pl

from jobs.errors import ConfigurationError, WarehouseError
from jobs.paths import Paths
from jobs.warehouse.arrow_types import names_of, plain
from jobs.warehouse.base import (
    INCOMING,
    Warehouse,
    as_polars,
    check_columns,
    first_of_each,
    sql_text,
)

# Spark ignores the option of the same name on an insert into a table; only the setting counts.
OVERWRITE_MODE = "spark.sql.sources.partitionOverwriteMode"
# dbt-spark switches it off, and a value that does not fit would become null without a word.
ANSI = "spark.sql.ansi.enabled"
# The lines of a traceback that are not indented name its error; Java's have other words in front.
PYTHON_ERROR = re.compile(r"^[A-Za-z_][\w.]*(?:: .*)?$", re.MULTILINE)


class SparkWarehouse(Warehouse):
    """The Spark session of this process, which dbt uses too and which stays when this is closed."""

    number_type: ClassVar[str] = "double"
    text_type: ClassVar[str] = "string"

    def __init__(self, session: Any) -> None:
        self.session = session

    @classmethod
    @contextmanager
    def connected(cls, paths: Paths, read_only: bool) -> Iterator["SparkWarehouse"]:
        """Take the session, started as dbt-spark starts it; Spark cannot promise `read_only`.

        Raises ConfigurationError without pyspark or Java, WarehouseError without a cluster.
        """
        yield cls(spark_session(paths.profile.options))

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The rows of a query as a pyarrow.Table; timestamps are in UTC, without a zone."""
        with _engine_errors():
            return plain(self._query(sql, params).toArrow(), without_zone=True)

    def batches(
        self, sql: str, rows_per_batch: int, params: Sequence[Any] = ()
    ) -> Iterator[pl.DataFrame]:
        """Frames of a query, whose rows are fetched all at once: limit it, or use the executors."""
        yield from as_polars(self.arrow(sql, params)).iter_slices(rows_per_batch)

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run one statement that answers nothing."""
        with _engine_errors():
            self._query(sql, params)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nothing is undone when it raises; see the module."""
        yield

    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> None:
        """Rewrite the partitions concerned; raises WarehouseError for a table without any."""
        check_columns(table, self.columns(table), frame, key)
        partition = self._partition_columns(table)
        if not partition:
            raise WarehouseError(
                f"{table}: found no partition columns; expected some of the key "
                f"({', '.join(key)}), because Spark replaces rows by whole partitions; create the "
                "table anew with `partitioned by`"
            )
        if not frame.height:
            return
        stored, incoming = f"{INCOMING}_stored", f"{INCOMING}_rows"
        places = ", ".join(self.quoted(column) for column in partition)
        with self._incoming(table, frame), _engine_errors():
            same_key = self._same(INCOMING, "stored", key)
            same_place = self._same("place", "stored", partition)
            touched = self.session.sql(
                f"select {places} from {INCOMING} union "
                f"select {places} from {table} as stored "
                f"where exists (select 1 from {INCOMING} where {same_key})"
            ).toArrow()
            self.session.createDataFrame(touched).createOrReplaceTempView(stored)
            # The new content of every partition that is touched: what keeps its key, and the frame.
            rows = self.session.sql(
                f"select stored.* from {table} as stored "
                f"where exists (select 1 from {stored} as place where {same_place}) "
                f"and not exists (select 1 from {INCOMING} where {same_key}) "
                f"union all select * from {INCOMING}"
            )
            rows.createOrReplaceTempView(incoming)
            filled = self.session.sql(f"select distinct {places} from {incoming}").toArrow()
            with self._setting(OVERWRITE_MODE, "dynamic"):
                rows.write.insertInto(table, overwrite=True)
            for place in _without(touched.to_pylist(), filled.to_pylist()):
                self._drop_partition(table, place)

    def append_new(
        self, table: str, frame: pl.DataFrame, key: Sequence[str], partly: bool = False
    ) -> int:
        """Add the files of the rows that the table has not; defaults there are null."""
        first = first_of_each(frame, key)
        kinds = self.columns(table)
        if partly:
            first = first.with_columns(pl.lit(None).alias(name) for name in kinds
                                       if name not in (*first.columns, *key))  # fmt: skip
        check_columns(table, kinds, first, key)
        if not first.height:
            return 0
        with self._incoming(table, first), _engine_errors():
            same = self._same(INCOMING, "stored", key)
            new = self.session.sql(
                f"select * from {INCOMING} "
                f"where not exists (select 1 from {table} as stored where {same})"
            ).toArrow()
            if new.num_rows:
                self.session.createDataFrame(new).write.insertInto(table)
            return int(new.num_rows)

    def overwrite(self, table: str, frame: pl.DataFrame) -> None:
        """Put the frame in the place of the whole table."""
        check_columns(table, self.columns(table), frame, frame.columns)
        if not frame.height:
            self.execute(f"truncate table {table}")
            return
        with self._incoming(table, frame), _engine_errors():
            rows = self.session.sql(f"select * from {INCOMING}")
            with self._setting(OVERWRITE_MODE, "static"):
                rows.write.insertInto(table, overwrite=True)

    def query(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The DataFrame of a query, which the cluster evaluates when its rows are asked for."""
        with _engine_errors():
            return self._query(sql, params)

    def append_rows(
        self, table: str, rows: Any, given: Mapping[str, Any], instead: Mapping[str, str]
    ) -> None:
        """Add the files of a DataFrame to a table; the executors write them.

        Columns go by name and are cast to the table's types. `given` are values of columns that
        `rows` lacks, `instead` names the column to take for one that it lacks; others are null.
        """
        from pyspark.sql import functions

        with _engine_errors(), self._setting(ANSI, "true"):
            present = {name.casefold(): name for name in rows.columns}
            chosen = []
            for field in self.session.table(table).schema.fields:
                name = present.get(field.name.casefold())
                name = name or present.get(instead.get(field.name, field.name).casefold())
                if field.name in given:
                    value = functions.lit(given[field.name])
                elif name is None:
                    value = functions.lit(None)
                else:
                    value = functions.col(self.quoted(name))
                chosen.append(value.cast(field.dataType).alias(field.name))
            rows.select(*chosen).write.insertInto(table)

    @contextmanager
    def tagged(self, tag: str) -> Iterator[None]:
        """What the block asks of the cluster is listed under the tag in Spark's pages."""
        self.session.addTag(tag)
        try:
            yield
        finally:
            self.session.removeTag(tag)

    def described(self, sql: str) -> tuple[dict[str, str], int]:
        """({column: type}, row count) of what one query answers."""
        with _engine_errors():
            table = self.session.sql(sql).toArrow()
            return names_of(plain(table, without_zone=True).schema), int(table.num_rows)

    def exists(self, relation: str) -> bool:
        """Whether the catalogue has the table or view."""
        with _engine_errors():
            return bool(self.session.catalog.tableExists(relation))

    def quoted(self, name: str) -> str:
        """The name between backticks."""
        return "`" + name.replace("`", "``") + "`"

    def moment_as(self, value: str, kind: str, wanted: str, time_zone: str) -> str:
        """The moment itself: `columns` does not tell here which of the two a timestamp is."""
        return value

    def local_moment(self, value: str, kind: str, time_zone: str) -> str:
        """A plain timestamp is an instant here, also where `columns` names no zone."""
        return (
            f"case when typeof({value}) = 'timestamp' "
            f"then convert_timezone(current_timezone(), {sql_text(time_zone)}, "
            f"cast(cast({value} as timestamp_ltz) as timestamp_ntz)) "
            f"else cast({value} as timestamp_ntz) end"
        )

    def _array(self, items: str, item_type: str) -> str:
        return f"cast(array({items}) as array<{item_type}>)"

    def _query(self, sql: str, params: Sequence[Any]) -> Any:
        return self.session.sql(sql, args=list(params)) if params else self.session.sql(sql)

    @contextmanager
    def _incoming(self, table: str, frame: pl.DataFrame) -> Iterator[None]:
        """Offer the frame, in the table's order of columns and cast to its types, as a view."""
        raw = f"{INCOMING}_frame"
        signed = frame.with_columns(pl.selectors.unsigned_integer().cast(pl.Int64))
        with _engine_errors():
            kinds = {
                field.name: field.dataType.simpleString()
                for field in self.session.table(table).schema.fields
            }
            casts = ", ".join(
                f"cast({self.quoted(name)} as {kind}) as {self.quoted(name)}"
                for name, kind in kinds.items()
            )
            self.session.createDataFrame(signed.to_arrow()).createOrReplaceTempView(raw)
            with self._setting(ANSI, "true"):
                view = self.session.sql(f"select {casts} from {raw}")
                view.createOrReplaceTempView(INCOMING)
        try:
            yield
        finally:
            for name in (raw, INCOMING, f"{INCOMING}_stored", f"{INCOMING}_rows"):
                self.session.catalog.dropTempView(name)

    @contextmanager
    def _setting(self, name: str, value: str) -> Iterator[None]:
        """A setting of the session for the block."""
        before = self.session.conf.get(name)
        self.session.conf.set(name, value)
        try:
            yield
        finally:
            self.session.conf.set(name, before)

    def _partition_columns(self, table: str) -> list[str]:
        with _engine_errors():
            columns = self.session.catalog.listColumns(table)
        return [column.name for column in columns if column.isPartition]

    def _drop_partition(self, table: str, place: Mapping[str, Any]) -> None:
        values = ", ".join(f"{self.quoted(name)} = ?" for name in place)
        self._query(
            f"alter table {table} drop if exists partition ({values})", list(place.values())
        )


def spark_session(settings: Mapping[str, Any]) -> Any:
    """The session of this process with the profile's server_side_parameters.

    dbt-spark's method `session` builds it the same way, so both share one.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ConfigurationError(
            "pyspark: found no such package; expected it for the Spark target; "
            "install driftline[spark]"
        ) from error
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:  # Py4J, gRPC and Spark raise unrelated kinds here
        if "JAVA_GATEWAY" in str(error):
            raise ConfigurationError(
                "java: Spark could not start it; expected Java 17 or later on the PATH or in "
                "JAVA_HOME; install it (Debian: apt-get install default-jre-headless)"
            ) from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise WarehouseError(
            f"Spark: no session: {reason}; check spark.master (SPARK_CONF_DIR, MASTER) or "
            "SPARK_REMOTE"
        ) from error


def _without(
    places: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    return [place for place in places if place not in others]


@contextmanager
def _engine_errors() -> Iterator[None]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise WarehouseError(_one_line(str(error)) or type(error).__name__) from error


def _one_line(told: str) -> str:
    """What Spark says, in one line: of an error on an executor the end of its Python traceback."""
    _, traceback, rest = told.rpartition("Traceback (most recent call last):")
    raised = PYTHON_ERROR.search(rest) if traceback else None
    if raised is None:
        return told.strip().partition("\n")[0].strip()
    advice = ""
    if "ModuleNotFoundError" in raised.group():
        advice = (
            "; install driftline[spark] on every executor, in the Python that PYSPARK_PYTHON "
            "names, or ship that Python with spark.archives"
        )
    return f"on a Spark executor: {raised.group().strip()}{advice}"
