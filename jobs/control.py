"""The control store: the lease of the warehouse and the pointers to the live and shadow versions.

It stands outside the warehouse's tables, so the live version can be read and rolled back while a
build runs. Every pointer change is one transaction with its row in the append-only history. It is
a SQLite file and a lock file beside a DuckDB warehouse, and PostgreSQL for PostgreSQL and Spark.
"""

import os
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import date
from typing import Literal, Protocol

import polars as pl

from jobs.errors import ConfigurationError, DriftlineError, NothingToDo
from jobs.paths import Paths
from jobs.pointers import (
    HISTORY_SCHEMA,
    Deployment,
    Store,
    all_pointers,
    done_by,
    live_stack,
    live_version,
    read_history,
    record,
    set_live,
    set_shadows,
    shadow_versions,
    utc_now,
)
from jobs.warehouse import Warehouse


class ControlBackend(ABC):
    """Where a control store lives."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Store]:
        """Open the store; all that is read inside is one snapshot. Raises DriftlineError."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Store]:
        """Open a transaction that no other writer shares; undone when the block raises."""

    @abstractmethod
    def exclusive(self, describe_holder: Callable[[], str]) -> AbstractContextManager[None]:
        """Hold the lock that ends with this process, however it ends.

        Raises LeaseHeldError at once, with what `describe_holder` answers, when it is taken.
        """


class JobsTables(Protocol):
    """Resolves the tables the jobs write to their full names."""

    def jobs_table(self, table: str) -> str:
        """Return the full name."""


class ControlStore:
    """Leases, live and shadow versions of one warehouse; opened anew for each call."""

    def __init__(self, backend: ControlBackend) -> None:
        self._backend = backend

    @classmethod
    def of(cls, paths: Paths) -> "ControlStore":
        """Return the control store of a deployment, created when there is none."""
        if paths.control is not None:
            from jobs.control_postgres import PostgresControl

            return cls(PostgresControl(paths.control))
        from jobs.control_sqlite import SqliteControl

        return cls(SqliteControl(paths.control_store, paths.lock_file))

    @contextmanager
    def lease(self, name: str) -> Iterator[None]:
        """Hold the warehouse's only lease; it is freed when the process dies, however it does.

        Raises LeaseHeldError naming the process that holds it and since when.
        """
        with self._backend.exclusive(self._holder):
            with self._backend.writing() as store:
                store.rows("delete from leases")
                store.rows(
                    "insert into leases values (?, ?, ?, ?)",
                    (name, os.getpid(), socket.gethostname(), utc_now()),
                )
            try:
                yield
            finally:
                with self._backend.writing() as store:
                    store.rows("delete from leases where pid = ?", (os.getpid(),))

    def live_version(self, monitor: str) -> str | None:
        """Return the version that serves, or None before the first."""
        with self._backend.reading() as store:
            return live_version(store, monitor)

    def shadow_versions(self, monitor: str) -> tuple[str, ...]:
        """Return the versions that are scored beside the live one, in the order of their names."""
        with self._backend.reading() as store:
            return shadow_versions(store, monitor)

    def history(self, monitor: str | None = None) -> list[Deployment]:
        """Return every change of a monitor's pointers (or of all), the oldest first."""
        with self._backend.reading() as store:
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
        expected_live: str | None = None,
    ) -> Deployment:
        """Make a version live ('initial', 'promote') or let it run in shadow, with its history row.

        `keep_in_shadow` names the versions that run in shadow from then on; None leaves them as
        they are. `expected_live` is the live version that the decision rests on, if on one. The
        same (monitor, run_id, action) again changes nothing and returns the first row, even after a
        rollback. Raises NothingToDo when the version already has that role or another one than
        expected is live, and DriftlineError when the change makes no sense.
        """
        with self._backend.writing() as store:
            if run_id is not None and (done := done_by(store, monitor, run_id, action)):
                if done.model_version != version:
                    raise DriftlineError(
                        f"run {run_id} of {monitor}: found version {version} for {action}; "
                        f"expected {done.model_version}, which this run already set"
                    )
                return done
            live = live_version(store, monitor)
            if expected_live is not None and live != expected_live:
                raise NothingToDo(
                    f"{monitor}: {version} was to follow {expected_live}, but {live} is live now; "
                    "evaluate it again"
                )
            if action == "shadow":
                if version == live:
                    raise DriftlineError(f"{monitor}: {version} is live and cannot be its shadow")
                if version in shadow_versions(store, monitor):
                    raise NothingToDo(f"{monitor}: {version} runs in shadow already")
                store.rows("insert into pointers values (?, 'shadow', ?)", (monitor, version))
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
        build holds the warehouse. Raises ConfigurationError for a monitor without a live
        version and DriftlineError when there is no earlier version.
        """
        with self._backend.writing() as store:
            live, version = _last_two(store, monitor)
            set_live(store, monitor, version)
            return record(
                store, monitor, version, live, "rollback", effective_on, decided_by, reason, None
            )

    def rollback_of(self, monitor: str) -> tuple[str, str]:
        """Return the live version and the one a rollback would bring; raises as `rollback` does."""
        with self._backend.reading() as store:
            return _last_two(store, monitor)

    def mirror(self, warehouse: Warehouse, relations: JobsTables) -> None:
        """Copy history and pointers into the warehouse's `deployments` and `routing`."""
        with self._backend.reading() as store:
            history = read_history(store, None)
            pointers = all_pointers(store)
        rows = [asdict(row) for row in history]
        deployments = pl.DataFrame(rows, schema=HISTORY_SCHEMA).drop("run_id")
        names = ("monitor", "role", "model_version")
        routing = pl.DataFrame(pointers, schema=dict.fromkeys(names, pl.String), orient="row")
        with warehouse.transaction():
            warehouse.replace(relations.jobs_table("deployments"), deployments, ["deployment_id"])
            warehouse.overwrite(relations.jobs_table("routing"), routing)

    def _holder(self) -> str:
        with self._backend.reading() as store:
            found = store.rows("select name, pid, host, acquired_at from leases")
        if not found:
            return "another process is just starting"
        row = found[0]
        return f"{row[0]} runs in process {row[1]} on {row[2]} since {row[3]} UTC"


def _last_two(store: Store, monitor: str) -> tuple[str, str]:
    """The live version and the one before it."""
    stack = live_stack(read_history(store, monitor))
    if not stack:
        others = {one.monitor for one in read_history(store, None)} - {monitor}
        known = ", ".join(sorted(others)) or "no monitor has one yet"
        raise ConfigurationError(
            f"monitor: found {monitor}, of which no version is live; expected one of: {known}"
        )
    if len(stack) < 2:
        raise DriftlineError(
            f"{monitor}: {stack[0]} is the first version; there is none to roll back to"
        )
    return stack[-1], stack[-2]
