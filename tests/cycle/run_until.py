"""Runs cycles, each in a process of its own that may be killed at one of its boundaries.

    python run_until.py PROJECT_FOLDER AS_OF        one cycle, in this very process
    python run_until.py                             cycles as they are asked for

In the second form each line of stdin asks for a cycle, as a JSON list of PROJECT_FOLDER, AS_OF, the
file for what it says, and perhaps the boundary to be killed at; each is answered by a line with its
exit status, negative for a signal. Importing takes longer than a small cycle, so the processes are
forked from this one, which has imported everything and started nothing.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dbt.cli.main  # noqa: F401

import jobs.cycle
import jobs.serving.score
import jobs.training.run
from jobs.control import ControlStore
from jobs.cycle import Deployment, run_cycle
from jobs.paths import Paths
from jobs.warehouse.duckdb_file import DuckDBWarehouse


@dataclass(frozen=True)
class Boundary:
    """A call of a function; of a write into the warehouse the one into this table."""

    owner: Any
    attribute: str
    which: int = 1
    table: str | None = None


# In the order in which a cycle comes to them.
BOUNDARIES = {
    "before scored batch": Boundary(jobs.serving.score, "_write"),
    "after scoring": Boundary(jobs.cycle, "_score"),
    "after first mirror": Boundary(jobs.cycle, "mirror"),
    "after build": Boundary(jobs.cycle, "build"),
    "after artifact": Boundary(jobs.training.run, "save"),
    "after training run": Boundary(
        DuckDBWarehouse, "replace", table="driftline_jobs.training_runs"
    ),
    "after verdict": Boundary(
        DuckDBWarehouse, "replace", table="driftline_jobs.promotion_decisions"
    ),
    "after pointer": Boundary(ControlStore, "point"),
    "before attribution": Boundary(
        DuckDBWarehouse, "replace", table="driftline_jobs.drift_attributions"
    ),
    "after attribution": Boundary(
        DuckDBWarehouse, "replace", table="driftline_jobs.drift_attributions"
    ),
    # Of the two tables of the drift job the second one.
    "before drift": Boundary(
        DuckDBWarehouse, "replace", table="driftline_jobs.domain_classifications"
    ),
    "before second build": Boundary(jobs.cycle, "build", which=2),
    "before publish": Boundary(jobs.cycle, "publish"),
}


def arm(name: str) -> None:
    """Kill this process around the call of the boundary."""
    boundary, is_before = BOUNDARIES[name], name.startswith("before")
    real: Callable[..., Any] = vars(boundary.owner)[boundary.attribute]  # its own, not inherited
    calls = 0

    def killing(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        is_one = boundary.table in (None, *args[1:2])  # of a method: self, table, ...
        calls += is_one
        is_meant = is_one and calls == boundary.which
        if is_meant and is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if is_meant:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(boundary.owner, boundary.attribute, killing)


def run(folder: str, as_of: str) -> None:
    """One cycle, in the process that calls."""
    paths = Paths.find(Path(folder) / "dbt_project", Path(folder) / "profiles")
    run_cycle(Deployment.of(paths), date.fromisoformat(as_of), lambda line: print(line, flush=True))


def forked(folder: str, as_of: str, told: str, killed_at: str = "") -> int:
    """The exit status of `run` in a child that writes what it says into the file `told`."""
    child = os.fork()
    if child == 0:
        try:
            file = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, 1)
            os.dup2(file, 2)
            if killed_at:
                arm(killed_at)
            run(folder, as_of)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    os.environ.pop("DRIFTLINE_WAREHOUSE", None)
    if sys.argv[1:]:
        run(*sys.argv[1:])
    else:
        for line in sys.stdin:
            print(forked(*json.loads(line)), flush=True)
