"""One task in a process of its own: `python -m benchmarks.child TASK.json RESULT.json`.

The task is a mapping with `kind` and what that kind needs; the result is a mapping of numbers.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.shape import SOURCE, Size

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Task = dict[str, Any]
KEPT_SCHEMAS = (SOURCE, "main", "information_schema", "pg_catalog")


def main() -> None:
    """Read the task, do it, write the result."""
    task = json.loads(Path(sys.argv[1]).read_text())
    result = KINDS[task["kind"]](task)
    Path(sys.argv[2]).write_text(json.dumps(result))


def connect(task: Task) -> "DuckDBPyConnection":
    """Open the task's warehouse with the settings that Driftline's profile has too."""
    import duckdb

    connection = duckdb.connect(task["warehouse"])
    connection.execute("set threads = 1")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute(f"set memory_limit = '{task['memory_limit']}'")
    return connection


def generate(task: Task) -> dict[str, Any]:
    """Write a new warehouse file with the log alone."""
    from benchmarks.generate import create_log

    file = Path(task["warehouse"])
    file.unlink(missing_ok=True)
    with connect(task) as connection:
        create_log(connection, Size(task["rows_per_day"], task["days"]))
        connection.execute("checkpoint")
    return {"file_bytes": file.stat().st_size}


def append(task: Task) -> dict[str, Any]:
    """Append one day, counted from 0, to the log."""
    from benchmarks.generate import append_days

    with connect(task) as connection:
        size = Size(task["rows_per_day"], task["day"] + 1)
        append_days(connection, size, task["day"], task["day"] + 1)
    return {}


def export(task: Task) -> dict[str, Any]:
    """Write the first days of the log to a parquet file."""
    from benchmarks.generate import export_days

    with connect(task) as connection:
        export_days(connection, task["days"], Path(task["parquet"]))
    return {"file_bytes": Path(task["parquet"]).stat().st_size}


def reset(task: Task) -> dict[str, Any]:
    """Drop all that Driftline built; its blocks in the file are free for the next build."""
    with connect(task) as connection:
        schemas = connection.execute("select distinct schema_name from duckdb_schemas()").fetchall()
        for (schema,) in schemas:
            if schema not in KEPT_SCHEMAS:
                connection.execute(f'drop schema if exists "{schema}" cascade')
        connection.execute("checkpoint")
    return {}


def lower_bound(task: Task) -> dict[str, Any]:
    """Time the lower bound."""
    from benchmarks import lower_bound as bound

    with connect(task) as connection:
        return dict(bound.lower_bound(connection))


def dbt(task: Task) -> dict[str, Any]:
    """Run one dbt command as the jobs do, with the clock in the engine."""
    os.environ["DRIFTLINE_WAREHOUSE"] = task["warehouse"]
    for name in ("DBT_PROFILES_DIR", "DRIFTLINE_AS_OF"):
        os.environ.pop(name, None)
    from benchmarks.engine_clock import EngineClock
    from jobs.dbt import run_dbt
    from jobs.paths import Paths

    clock = EngineClock()
    clock.install()
    paths = Paths.find(Path(task["project"]), Path(task["profiles"]))
    result = run_dbt(paths, task["args"])
    return clock.report() | {"dbt_nodes": len(result.nodes)}


KINDS = {
    "generate": generate,
    "append": append,
    "export": export,
    "reset": reset,
    "lower_bound": lower_bound,
    "dbt": dbt,
}

if __name__ == "__main__":
    main()
