"""The control store beside the warehouse: leases and the pointers to the live and shadow versions.

It is a SQLite file, so the live version can be read and rolled back while a build holds the
warehouse. Every pointer change is one transaction with its row in the append-only history.
"""

import os
import socket
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from jobs.errors import DriftlineError, NothingToDo
from jobs.file_lock import exclusive_file_lock
from jobs.paths import Paths
from jobs.pointers import (
    HISTORY_SCHEMA,
    TABLES,
    Deployment,
    done_by,
    live_stack,
    live_version,
    read_history,
    record,
    set_live,
    set_shadows,
    utc_now,
)
from jobs.warehouse import Warehouse


class JobsTables(Protocol):
    """Resolves the tables the jobs write to their full names."""

    def jobs_table(self, table: str) -> str:
        """Return the full name."""


class ControlStore:
    """Leases, live and shadow versions of one warehouse; opened anew for each call."""

    def __init__(self, file: Path, lock_file: Path) -> None:
        self._file = file
        self._lock_file = lock_file
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._reading() as store:
            store.execute("pragma journal_mode = wal")
            store.executescript(TABLES)

    @classmethod
    def of(cls, paths: Paths) -> "ControlStore":
        """Return the control store of a deployment, created when there is none."""
        return cls(paths.control_store, paths.lock_file)

    @contextmanager
    def lease(self, name: str) -> Iterator[None]:
        """Hold the warehouse's only lease; the kernel frees it when the process dies.

        Raises LeaseHeldError naming the process that holds it and since when.
        """
        with exclusive_file_lock(self._lock_file, self._holder):
            with self._writing() as store:
                store.execute("delete from leases")
                store.execute(
                    "insert into leases values (?, ?, ?, ?)",
                    (name, os.getpid(), socket.gethostname(), utc_now()),
                )
            try:
                yield
            finally:
                with self._writing() as store:
                    store.execute("delete from leases where pid = ?", (os.getpid(),))

    def live_version(self, monitor: str) -> str | None:
        """Return the version that serves, or None before the first."""
        with self._reading() as store:
            return live_version(store, monitor)

    def shadow_versions(self, monitor: str) -> tuple[str, ...]:
        """Return the versions that are scored beside the live one, in the order of their names."""
        with self._reading() as store:
            rows = store.execute(
                "select model_version from pointers where monitor = ? and role = 'shadow' "
                "order by model_version",
                (monitor,),
            )
            return tuple(row[0] for row in rows)

    def history(self, monitor: str | None = None) -> list[Deployment]:
        """Return every change of a monitor's pointers (or of all), the oldest first."""
        with self._reading() as store:
            return read_history(store, monitor)

    def point(
        self,
        monitor: str,
        version: str,
        action: Literal["initial", "promote", "shadow"],
        effective_on: date,
        decided_by: str,
        reason: str,
        run_id: str | None = None,
        keep_in_shadow: Collection[str] | None = None,
    ) -> Deployment:
        """Make a version live ('initial', 'promote') or let it run in shadow, with its history row.

        `keep_in_shadow` names the versions that run in shadow from then on; None leaves them as
        they are. The same (monitor, run_id, action) again changes nothing and returns the first
        row, even after a rollback. Raises NothingToDo when the version already has that role and
        DriftlineError when the change makes no sense.
        """
        with self._writing() as store:
            if run_id is not None and (done := done_by(store, monitor, run_id, action)):
                if done.model_version != version:
                    raise DriftlineError(
                        f"run {run_id} of {monitor}: found version {version} for {action}; "
                        f"expected {done.model_version}, which this run already set"
                    )
                return done
            live = live_version(store, monitor)
            if action == "shadow":
                if version == live:
                    raise DriftlineError(f"{monitor}: {version} is live and cannot be its shadow")
                inserted = store.execute(
                    "insert or ignore into pointers values (?, 'shadow', ?)", (monitor, version)
                )
                if inserted.rowcount == 0:
                    raise NothingToDo(f"{monitor}: {version} runs in shadow already")
            else:
                if version == live:
                    raise NothingToDo(f"{monitor}: {version} is live already")
                if action == "initial" and live is not None:
                    raise DriftlineError(
                        f"{monitor}: found {live} live; expected no version yet (promote instead)"
                    )
                set_live(store, monitor, version)
            if keep_in_shadow is not None:
                set_shadows(store, monitor, {*keep_in_shadow} - {live_version(store, monitor)})
            return record(
                store, monitor, version, live, action, effective_on, decided_by, reason, run_id
            )

    def rollback(
        self, monitor: str, effective_on: date, decided_by: str, reason: str
    ) -> Deployment:
        """Make the version live again that was live before the present one.

        A second rollback goes further back. Needs the control store alone, so it works while a
        build holds the warehouse. Raises DriftlineError when there is no earlier version.
        """
        with self._writing() as store:
            live, version = _last_two(store, monitor)
            set_live(store, monitor, version)
            return record(
                store, monitor, version, live, "rollback", effective_on, decided_by, reason, None
            )

    def rollback_of(self, monitor: str) -> tuple[str, str]:
        """Return the live version and the one a rollback would bring; raises as `rollback` does."""
        with self._reading() as store:
            return _last_two(store, monitor)

    def mirror(self, warehouse: Warehouse, relations: JobsTables) -> None:
        """Copy history and pointers into the warehouse's `deployments` and `routing`."""
        with self._reading() as store:
            store.execute("begin")  # one snapshot of both
            history = read_history(store, None)
            pointers = store.execute("select monitor, role, model_version from pointers").fetchall()
        rows = [asdict(row) for row in history]
        deployments = pl.DataFrame(rows, schema=HISTORY_SCHEMA).drop("run_id")
        names = ("monitor", "role", "model_version")
        routing = pl.DataFrame(pointers, schema=dict.fromkeys(names, pl.String), orient="row")
        table = relations.jobs_table("routing")
        with warehouse.transaction():
            warehouse.replace(relations.jobs_table("deployments"), deployments, ["deployment_id"])
            warehouse.execute(f"delete from {table}")
            warehouse.replace(table, routing, names)

    def _holder(self) -> str:
        with self._reading() as store:
            row = store.execute("select name, pid, host, acquired_at from leases").fetchone()
        if row is None:
            return "another process is just starting"
        return f"{row[0]} runs in process {row[1]} on {row[2]} since {row[3]} UTC"

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            store = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        except sqlite3.Error as error:
            raise DriftlineError(f"control store {self._file}: {error}") from error
        try:
            yield store
        except sqlite3.Error as error:
            raise DriftlineError(f"control store {self._file}: {error}") from error
        finally:
            store.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as store:
            store.execute("pragma synchronous = full")
            store.execute("begin immediate")
            yield store  # an exception closes the connection, which rolls back
            store.execute("commit")


def _last_two(store: sqlite3.Connection, monitor: str) -> tuple[str, str]:
    """The live version and the one before it."""
    stack = live_stack(read_history(store, monitor))
    if len(stack) < 2:
        present = f"{stack[0]} is the first version" if stack else "no version is live"
        raise DriftlineError(f"{monitor}: {present}; there is none to roll back to")
    return stack[-1], stack[-2]
