"""Keeps a server alive exactly as long as the process that asked for it.

The server runs under a keeper process that reads its standard input. When the pipe ends, because
its user is done or was killed, the keeper stops the server. By hand: `python -m
jobs.demo.cluster.spark_cluster FOLDER` prints the variables to export and stops on Ctrl-D.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from jobs.errors import DriftlineError

ROOT = Path(__file__).parents[3]
"""The folder that this package is imported from."""
INSTALL = "`make spark-demo` and `make test` install them"


@contextmanager
def kept(module: str, folder: Path) -> Iterator[dict[str, str]]:
    """Run `python -m module folder` and yield the environment variables of its server.

    Raises DriftlineError with the last line of what it said when it did not start.
    """
    keeper = subprocess.Popen(
        [sys.executable, "-m", module, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,  # Ctrl-C in pytest must not stop the server before its user
    )
    assert keeper.stdout is not None
    said = keeper.stdout.readline()
    if not said:
        reason = keeper.communicate()[1].strip().splitlines()
        raise DriftlineError(f"{module} did not start: {reason[-1] if reason else 'no reason'}")
    try:
        yield json.loads(said)
    finally:
        keeper.communicate()  # closes its standard input and waits until all is stopped


def keep(serve: Callable[[Path], AbstractContextManager[dict[str, str]]]) -> None:
    """Body of a keeper: start the server, print its variables, stop it when the input ends."""
    with serve(Path(sys.argv[1]).resolve()) as variables:
        print(json.dumps(variables), flush=True)
        if sys.stdin.isatty():
            print(" ".join(f"export {name}={value};" for name, value in variables.items()))
        sys.stdin.read()
