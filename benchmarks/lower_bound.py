"""The least that any monitor of these rows must do: read every column once and sum it by day."""

import time
from typing import TYPE_CHECKING

from benchmarks.shape import CATEGORICAL, NUMERIC, SOURCE, TABLE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def statements() -> list[str]:
    """Return one scan of all numbers, score and label, then one count by day per category."""
    measured = [*NUMERIC, "score", "label"]
    sums = ", ".join(f"sum({name}), min({name}), max({name})" for name in measured)
    scan = f"select predicted_at::date as day, count(*), {sums} from {SOURCE}.{TABLE} group by day"
    counts = [
        f"select predicted_at::date as day, {name}, count(*)"
        f" from {SOURCE}.{TABLE} group by day, {name}"
        for name in CATEGORICAL
    ]
    return [scan, *counts]


def lower_bound(connection: "DuckDBPyConnection") -> dict[str, float]:
    """Run the statements; returns `engine_cpu` and `engine_wall` in seconds, fetching included."""
    cpu, wall = time.process_time(), time.perf_counter()
    for statement in statements():
        connection.execute(statement).fetchall()
    return {
        "engine_cpu": time.process_time() - cpu,
        "engine_wall": time.perf_counter() - wall,
    }
