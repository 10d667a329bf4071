"""Runs cycles, each in a process of its own that may kill itself at a named boundary.

    python run_until.py PROJECT_FOLDER AS_OF [BOUNDARY before|after] [-- PROJECT_FOLDER AS_OF ...]

Importing takes longer than a small cycle, so the processes are forked from one that has imported
everything and started nothing. It prints the exit status of each, negative for a signal.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
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
from jobs.warehouse import Warehouse

BOUNDARIES: dict[str, tuple[Any, str, int]] = {
    # name: (owner, attribute, which call of it)
    "scored batch": (jobs.serving.score, "_write", 1),
    "scoring": (jobs.cycle, "_score", 1),
    "first mirror": (jobs.cycle, "mirror", 1),
    "build": (jobs.cycle, "build", 1),
    "artifact": (jobs.training.run, "save", 1),
    "training run": (Warehouse, "replace", 6),
    "verdict": (Warehouse, "replace", 8),
    "pointer": (ControlStore, "point", 1),
    "second build": (jobs.cycle, "build", 2),
    "publish": (jobs.cycle, "publish", 1),
}


def arm(boundary: str, moment: str) -> None:
    """Replace the boundary's function by one that kills the process around its n-th call."""
    owner, attribute, which = BOUNDARIES[boundary]
    real: Callable[..., Any] = getattr(owner, attribute)
    calls = 0

    def killing(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == which and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if calls == which:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, attribute, killing)


def run(folder: str, as_of: str, *kill: str) -> None:
    """One cycle, in the process that calls."""
    if kill:
        arm(kill[0], kill[1])
    paths = Paths.find(Path(folder) / "dbt_project", Path(folder) / "profiles")
    run_cycle(Deployment.of(paths), date.fromisoformat(as_of), lambda line: print(line, flush=True))


def forked(arguments: list[str]) -> int:
    """The exit status of `run` in a child."""
    child = os.fork()
    if child == 0:
        try:
            run(*arguments)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    os.environ.pop("DRIFTLINE_WAREHOUSE", None)
    cycles: list[list[str]] = [[]]
    for word in sys.argv[1:]:
        if word == "--":
            cycles.append([])
        else:
            cycles[-1].append(word)
    print("status", *[forked(one) for one in cycles])
