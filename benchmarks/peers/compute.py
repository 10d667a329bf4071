"""What the peers' scripts share: their input, and a clock for the computing alone.

Only the standard library is imported here: every peer runs in an environment of its own.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DAY = "day"


def cpu_seconds() -> float:
    """Return user and system time so far of this process and of its ended children."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def run(compute: Callable[[Any], Any], load: Callable[[Path], Any]) -> None:
    """Load the parquet file named on the command line, time `compute` on it, write JSON.

    The result file (second argument) gets `compute_cpu` and `compute_wall` in seconds, children
    included, importing and loading excluded, and `values`, the count of numbers found.
    """
    loaded = load(Path(sys.argv[1]))
    cpu, wall = cpu_seconds(), time.perf_counter()
    values = compute(loaded)
    cost = {
        "compute_cpu": cpu_seconds() - cpu,
        "compute_wall": time.perf_counter() - wall,
        "values": values,
    }
    Path(sys.argv[2]).write_text(json.dumps(cost))
