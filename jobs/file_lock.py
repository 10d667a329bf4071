"""A lock between processes that the kernel frees when its holder dies, however it dies."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.errors import LeaseHeldError


@contextmanager
def exclusive_file_lock(file: Path, describe_holder: Callable[[], str]) -> Iterator[None]:
    """Hold the lock of the file, which is created when missing and never removed.

    Raises LeaseHeldError at once, with what `describe_holder` answers, when another process (or
    this one, a second time) holds it.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LeaseHeldError(
                f"{describe_holder()}; wait until it is done, then repeat the command"
            ) from error
        yield
    finally:
        os.close(descriptor)
