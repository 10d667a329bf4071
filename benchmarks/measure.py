"""Runs one task in a child process and measures that process as a whole.

This module and all it imports stay small: a child's peak memory, as the kernel reports it, is at
least that of the process that started it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in one unit of ru_maxrss
SHOWN_LINES = 3


@dataclass(frozen=True)
class Measured:
    """What one process cost; `error` says why it failed, `detail` is what it reported itself.

    `cpu` (user and system, its own children included) and `wall` are in seconds.
    """

    cpu: float
    wall: float
    peak_gib: float
    detail: dict[str, Any] = field(default_factory=dict)
    error: str | None = None


def run_task(task: dict[str, Any]) -> Measured:
    """Run one task of benchmarks.child in this Python."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "task.json"
        file.write_text(json.dumps(task))
        return run_module("benchmarks.child", [str(file)])


def run_module(
    module: str, args: Sequence[str], python: Path | None = None, limit_seconds: float | None = None
) -> Measured:
    """Run `python -m module *args RESULT`, where RESULT is the JSON file it must write."""
    with tempfile.TemporaryDirectory() as folder:
        result, log = Path(folder) / "result.json", Path(folder) / "log.txt"
        command = [str(python or sys.executable), "-m", module, *args, str(result)]
        with log.open("wb") as output:
            start = time.perf_counter()
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
            status, usage = _wait(process, limit_seconds)
            wall = time.perf_counter() - start
        error = _error(status, result, log)
        return Measured(
            cpu=usage.ru_utime + usage.ru_stime,
            wall=wall,
            peak_gib=usage.ru_maxrss * RSS_UNIT / 2**30,
            detail={} if error else json.loads(result.read_text()),
            error=error,
        )


def must(measured: Measured) -> Measured:
    """Return it; raises RuntimeError when a step failed without which nothing can be measured."""
    if measured.error:
        raise RuntimeError(measured.error)
    return measured


def _wait(process: "subprocess.Popen[bytes]", limit: float | None) -> tuple[int, Any]:
    """Wait for the child as wait4 does, which alone tells what this one child used."""
    deadline = None if limit is None else time.monotonic() + limit
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, 0 if deadline is None else os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return process.returncode, usage
            if deadline is not None and time.monotonic() > deadline:
                process.kill()
                deadline = None
            time.sleep(0.02)
    except BaseException:  # also SystemExit: nobody is left to wait for the child
        process.kill()
        os.wait4(process.pid, 0)
        raise


def _error(status: int, result: Path, log: Path) -> str | None:
    if status == 0 and result.exists():
        return None
    if status == -9:
        return "killed (out of time or memory)"
    text = log.read_text(errors="replace").replace(f"{ROOT}/", "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-SHOWN_LINES:]) or f"exit code {status} without a message"
