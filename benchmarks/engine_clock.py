"""CPU seconds that dbt spends inside DuckDB, statement by statement.

Each statement's cost is the CPU time of the whole process while it runs, so all of DuckDB's
threads count. That is the engine's work alone only while dbt runs one node at a time: call dbt
with `--threads 1`. Closing the file counts too, because the last checkpoint is written then.
"""

import functools
import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

NODE = re.compile(r'"node_id": "([^"]+)"')
OTHER = {"COMMIT": "(commits)", "close": "(closing)"}


@dataclass
class EngineClock:
    """Sums of CPU and wall seconds inside the engine, since `install`."""

    cpu: float = 0.0
    wall: float = 0.0
    statements: int = 0
    by_node: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _depth: int = 0

    def install(self) -> None:
        """Time every statement, fetch, opening and closing of dbt-duckdb in this process."""
        from dbt.adapters.duckdb.environments.local import (
            DuckDBConnectionWrapper,
            DuckDBCursorWrapper,
            LocalEnvironment,
        )

        DuckDBCursorWrapper.execute = self._timed(DuckDBCursorWrapper.execute, counts=True)
        for name in ("fetchall", "fetchmany", "fetchone"):
            setattr(DuckDBCursorWrapper, name, self._timed(_forwarded(name)))
        DuckDBConnectionWrapper.close = self._timed(DuckDBConnectionWrapper.close)
        LocalEnvironment.close = self._timed(LocalEnvironment.close)
        LocalEnvironment.handle = self._timed(LocalEnvironment.handle)

    def report(self) -> dict[str, Any]:
        """Return `engine_cpu` and `engine_wall` (seconds), `statements` and the costliest nodes."""
        costliest = sorted(self.by_node.items(), key=lambda item: -item[1])[:60]
        return {
            "engine_cpu": self.cpu,
            "engine_wall": self.wall,
            "statements": self.statements,
            "nodes": dict(costliest),
        }

    def _timed(self, call: Callable[..., Any], counts: bool = False) -> Callable[..., Any]:
        @functools.wraps(call)
        def timed(owner: Any, *args: Any, **options: Any) -> Any:
            if self._depth:  # an outer call is being timed already
                return call(owner, *args, **options)
            self._depth += 1
            cpu, wall = time.process_time(), time.perf_counter()
            try:
                return call(owner, *args, **options)
            finally:
                cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
                self._depth -= 1
                self.cpu += cpu
                self.wall += wall
                self.statements += counts
                self.by_node[_node(call.__name__, args)] += cpu

        return timed


def _node(call: str, args: tuple[Any, ...]) -> str:
    """Return the model whose statement it is, or the kind of what belongs to no model."""
    statement = str(args[0]).strip() if call == "execute" and args else ""
    found = NODE.search(statement)
    if found:
        return found.group(1).split(".")[-1]
    return OTHER.get(statement.split("*/")[-1].strip(" ;").upper() or call, "(catalogue, hooks)")


def _forwarded(name: str) -> Callable[..., Any]:
    def forwarded(owner: Any, *args: Any) -> Any:
        return getattr(owner._cursor, name)(*args)

    forwarded.__name__ = name
    return forwarded
