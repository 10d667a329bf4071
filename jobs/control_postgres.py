"""The control store in PostgreSQL, with an advisory lock as the lease: for any number of machines.

The lock belongs to the holder's connection. The server frees it when that connection ends, so also
when the process is killed, and after about half a minute when its machine has vanished: the holder
asks the server to look (tcp_keepalives_*), which by itself would take it two hours and more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

from jobs.control import ControlBackend
from jobs.errors import DriftlineError, LeaseHeldError
from jobs.postgres import connect, engine_errors, run, transaction, watch_this_end

SCHEMA = "driftline_control"
# Any two numbers that nothing else in the database locks: one for the lease, one for creation.
LEASE_LOCK, CREATION_LOCK = 7236411951, 7236411952
LOST = "the lease was lost with its connection; run the command again: "

TABLES = (
    f"create schema if not exists {SCHEMA}",
    f"""
    create table if not exists {SCHEMA}.leases (
        name text primary key, pid bigint not null, host text not null, acquired_at text not null
    )
    """,
    f"""
    create table if not exists {SCHEMA}.pointers (
        monitor text not null, role text not null check (role in ('live', 'shadow')),
        model_version text not null, primary key (monitor, role, model_version)
    )
    """,
    f"""
    create unique index if not exists one_live_version
    on {SCHEMA}.pointers (monitor) where role = 'live'
    """,
    f"""
    create table if not exists {SCHEMA}.pointer_history (
        deployment_id bigint primary key,
        monitor text not null, model_version text not null, previous_version text,
        action text not null check (action in ('initial', 'promote', 'rollback', 'shadow')),
        effective_on text not null, decided_by text not null, reason text not null,
        run_id text, recorded_at text not null
    )
    """,
    f"""
    create unique index if not exists once_per_run
    on {SCHEMA}.pointer_history (monitor, run_id, action) where run_id is not null
    """,
    f"""
    create or replace function {SCHEMA}.refuse() returns trigger language plpgsql
    as $$ begin raise exception 'pointer_history is append-only'; end $$
    """,
    f"""
    create or replace trigger append_only before update or delete or truncate
    on {SCHEMA}.pointer_history for each statement execute function {SCHEMA}.refuse()
    """,
)


class _PostgresStore:
    """Statements on an open connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement; returns what it answers."""
        with closing(run(self._connection, sql, params)) as cursor:
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []


class PostgresControl(ControlBackend):
    """Tables of the schema driftline_control; connected anew for each call."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Create what is missing; `options` are libpq's keywords.

        Raises WarehouseError when the server does not answer, DriftlineError when the role may
        not create the schema.
        """
        self._options = options
        self._lease: Any = None  # the connection of the lease, while this object holds it
        with self._connected() as connection:
            store = _PostgresStore(connection)
            newest = "select to_regclass(?) is not null"
            if store.rows(newest, [f"{SCHEMA}.pointer_history"]) == [(True,)]:
                return
            with transaction(connection):
                store.rows("select 1 from pg_advisory_xact_lock(?)", [CREATION_LOCK])
                for statement in TABLES:
                    store.rows(statement)

    @contextmanager
    def reading(self) -> Iterator[_PostgresStore]:
        """One snapshot of the tables."""
        with self._connected() as connection, transaction(connection):
            run(connection, "set transaction isolation level repeatable read, read only").close()
            yield _PostgresStore(connection)

    @contextmanager
    def writing(self) -> Iterator[_PostgresStore]:
        """One transaction; the other writers wait, readers do not."""
        with self._connected() as connection, transaction(connection):
            run(connection, "lock table pointers in share row exclusive mode").close()
            yield _PostgresStore(connection)

    @contextmanager
    def exclusive(self, describe_holder: Callable[[], str]) -> Iterator[None]:
        """The advisory lock, on a connection that is open as long as it is held.

        A lost connection frees the lease, and another process may work then. So as long as it is
        held, each use of this object (every step of a cycle begins with one) and the end raise
        DriftlineError when its connection is gone.
        """
        with closing(connect(self._options)) as connection:
            store = _PostgresStore(connection)
            with engine_errors(DriftlineError, "control store: "):
                watch_this_end(connection)
                taken = store.rows("select pg_try_advisory_lock(?)", [LEASE_LOCK]) == [(True,)]
            if not taken:
                raise LeaseHeldError(
                    f"{describe_holder()}; wait until it is done, then repeat the command"
                )
            self._lease = connection
            try:
                yield
                with engine_errors(DriftlineError, LOST):
                    store.rows("select pg_advisory_unlock(?)", [LEASE_LOCK])
            finally:
                self._lease = None

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        if self._lease is not None:
            with engine_errors(DriftlineError, LOST):
                run(self._lease, "select 1").close()
        with (
            engine_errors(DriftlineError, "control store: "),
            closing(connect(self._options)) as connection,
        ):
            run(connection, f"set search_path to {SCHEMA}").close()
            yield connection
