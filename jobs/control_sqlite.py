"""The control store in a SQLite file, with a lock file as the lease: for one machine."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jobs.control import ControlBackend
from jobs.errors import DriftlineError
from jobs.file_lock import exclusive_file_lock

TABLES = """
create table if not exists leases (
    name text primary key, pid integer not null, host text not null, acquired_at text not null
);
create table if not exists pointers (
    monitor text not null, role text not null check (role in ('live', 'shadow')),
    model_version text not null, primary key (monitor, role, model_version)
);
create unique index if not exists one_live_version on pointers (monitor) where role = 'live';
create table if not exists pointer_history (
    deployment_id integer primary key autoincrement,
    monitor text not null, model_version text not null, previous_version text,
    action text not null check (action in ('initial', 'promote', 'rollback', 'shadow')),
    effective_on text not null, decided_by text not null, reason text not null,
    run_id text, recorded_at text not null
);
create unique index if not exists once_per_run
    on pointer_history (monitor, run_id, action) where run_id is not null;
create trigger if not exists no_update before update on pointer_history
    begin select raise(abort, 'pointer_history is append-only'); end;
create trigger if not exists no_delete before delete on pointer_history
    begin select raise(abort, 'pointer_history is append-only'); end;
"""


class _SqliteStore:
    """Statements on an open connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement; returns what it answers."""
        return self._connection.execute(sql, tuple(params)).fetchall()


class SqliteControl(ControlBackend):
    """A file for the pointers and a lock file for the lease; opened anew for each call."""

    def __init__(self, file: Path, lock_file: Path) -> None:
        self._file = file
        self._lock_file = lock_file
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._connected() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(TABLES)

    @contextmanager
    def reading(self) -> Iterator[_SqliteStore]:
        """One snapshot of the file."""
        with self._connected() as connection:
            connection.execute("begin")
            yield _SqliteStore(connection)

    @contextmanager
    def writing(self) -> Iterator[_SqliteStore]:
        """One durable transaction; the other writers wait."""
        with self._connected() as connection:
            connection.execute("pragma synchronous = full")
            connection.execute("begin immediate")
            yield _SqliteStore(connection)  # an exception closes the connection, which rolls back
            connection.execute("commit")

    @contextmanager
    def exclusive(self, describe_holder: Callable[[], str]) -> Iterator[None]:
        """The lock file, which the kernel frees when the process dies."""
        with exclusive_file_lock(self._lock_file, describe_holder):
            yield

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        except sqlite3.Error as error:
            raise DriftlineError(f"control store {self._file}: {error}") from error
        try:
            yield connection
        except sqlite3.Error as error:
            raise DriftlineError(f"control store {self._file}: {error}") from error
        finally:
            connection.close()
