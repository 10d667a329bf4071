"""Publishes the public schema as a read-only copy, so that no reader waits for a build.

The copy is made beside the target and put in its place in one step: a reader sees the old file or
the new one, never a part, and one that has the old file open keeps reading it.
"""

import os
from pathlib import Path

import duckdb

from jobs.errors import NothingToDo, WarehouseError
from jobs.file_lock import exclusive_file_lock
from jobs.paths import Paths
from jobs.warehouse import quoted
from jobs.warehouse.duckdb_file import opening_failed

PUBLIC_SCHEMA = "driftline"
STORAGE_VERSION = "v1.0.0"  # the oldest format, which DuckDB 1.x readers and BI tools can open
TARGET = "driftline_copy"

DATABASE_NAME = "select database_name from duckdb_databases() where path = ?"
# Tables first: the views are made of them.
RELATIONS = """
select table_name as name, comment, null as view_sql
from duckdb_tables() where database_name = ? and schema_name = ? and not temporary
union all
select view_name, comment, sql
from duckdb_views() where database_name = ? and schema_name = ? and not temporary
order by view_sql is not null, name
"""
COLUMN_COMMENTS = """
select table_name, column_name, comment
from duckdb_columns()
where database_name = ? and schema_name = ? and comment is not null
order by table_name, column_index
"""


def publish(paths: Paths, schema: str = PUBLIC_SCHEMA) -> Path | None:
    """Copy every table and view of the public schema and return the published file.

    A view that reads public tables alone is a view in the copy too, any other becomes a table.

    Returns None, with nothing done, on PostgreSQL and Spark: a build there blocks no reader, so
    analysts query the schema itself and there is nothing to copy.

    Table and column comments are kept, constraints are not. Raises NothingToDo when there is no
    relation yet, LeaseHeldError when another process is publishing, and WarehouseError when the
    warehouse is locked or a relation cannot be read; the copy that was there stays.
    """
    if paths.file is None:
        return None
    if not paths.warehouse.exists():
        raise NothingToDo(f"{paths.warehouse}: found no warehouse to publish; run dbt build first")
    target = paths.published
    lock_file = target.with_name(f"{target.name}.lock")
    holder = f"another process is publishing {target}"
    with exclusive_file_lock(lock_file, lambda: holder):
        _remove_leftovers(target)
        copy = target.with_name(f"{_leftover_prefix(target)}{os.getpid()}")
        try:
            _copy_schema(paths, copy, schema)
            _sync(copy)
            copy.chmod(0o444)
            copy.replace(target)
            _sync(target.parent)
        finally:
            _remove_leftovers(target)
    return target


def _copy_schema(paths: Paths, copy: Path, schema: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set python_enable_replacements = false")
        try:
            # Under its own name, by which the views refer to their tables.
            connection.execute(f"attach {_text(paths.warehouse)} (read_only)")
        except duckdb.Error as error:
            raise WarehouseError(opening_failed(paths, str(error))) from error
        source = str(connection.execute(DATABASE_NAME, [str(paths.warehouse)]).fetchall()[0][0])
        place = [source, schema]
        relations = connection.execute(RELATIONS, place * 2).fetchall()
        if not relations:
            raise NothingToDo(
                f"{paths.warehouse}: found no relation in schema {schema}; run dbt build first"
            )
        column_comments = connection.execute(COLUMN_COMMENTS, place).fetchall()
        connection.execute(
            f"attach {_text(copy)} as {TARGET} (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute(f"create schema {TARGET}.{quoted(schema)}")
        for name, comment, view_sql in relations:
            place_in_copy = f"{TARGET}.{quoted(schema)}.{quoted(name)}"
            kind = "view" if view_sql else "table"
            if view_sql is None or not _is_view_of_the_copy(connection, schema, view_sql):
                original = f"{quoted(source)}.{quoted(schema)}.{quoted(name)}"
                connection.execute(f"use {quoted(source)}.{quoted(schema)}")
                try:
                    connection.execute(f"create table {place_in_copy} as select * from {original}")
                except duckdb.Error as error:
                    reason = str(error).splitlines()[0]
                    raise WarehouseError(
                        f"{kind} {schema}.{name} cannot be copied: {reason}"
                    ) from error
                kind = "table"
            if comment:
                connection.execute(f"comment on {kind} {place_in_copy} is {_text(comment)}")
        connection.execute(f"use {quoted(source)}.{quoted(schema)}")
        for name, column, comment in column_comments:
            table = f"{TARGET}.{quoted(schema)}.{quoted(name)}"
            connection.execute(f"comment on column {table}.{quoted(column)} is {_text(comment)}")
        connection.execute(f"checkpoint {TARGET}")
        connection.execute(f"detach {TARGET}")


def _is_view_of_the_copy(connection: duckdb.DuckDBPyConnection, schema: str, view_sql: str) -> bool:
    """Make the view in the copy, where it finds only what was copied; False if it cannot."""
    connection.execute(f"use {TARGET}.{quoted(schema)}")
    try:
        connection.execute(view_sql)
    except duckdb.Error:
        return False
    return True


def _leftover_prefix(target: Path) -> str:
    return f".{target.name}.unfinished."


def _remove_leftovers(target: Path) -> None:
    """Remove what a killed run left; safe under the lock, which only one process holds."""
    for file in target.parent.glob(f"{_leftover_prefix(target)}*"):
        file.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
