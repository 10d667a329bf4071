"""The test servers themselves: they answer, and they end with the process that asked for them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.warehouse.project import ROOT

ASK_AND_WAIT = """
import sys, time
from pathlib import Path
from jobs.demo.cluster.{module} import {module}
with {module}(Path(sys.argv[1])) as variables:
    print("ready", flush=True)
    time.sleep(600)
"""


def daemons_of(folder: Path) -> list[int]:
    """Processes whose command line names the folder (Linux and its /proc)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode()
        except OSError:
            continue
        if str(folder) in command and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


def ends_with_its_user(module: str, folder: Path) -> None:
    user = subprocess.Popen(
        [sys.executable, "-c", ASK_AND_WAIT.format(module=module), str(folder)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert user.stdout is not None
    assert user.stdout.readline() == b"ready\n"
    assert len(daemons_of(folder)) >= 3  # user, keeper and at least one daemon
    user.send_signal(signal.SIGKILL)
    user.wait()
    until = time.monotonic() + 60
    while daemons_of(folder) and time.monotonic() < until:
        time.sleep(0.2)
    assert daemons_of(folder) == []


def test_postgres_ends_when_its_user_is_killed(tmp_path: Path) -> None:
    ends_with_its_user("postgres_server", tmp_path / "p")


def test_spark_ends_when_its_user_is_killed(tmp_path: Path) -> None:
    ends_with_its_user("spark_cluster", tmp_path / "s")
