"""The tables of the control store and every statement on pointers and their history.

Each function takes an open SQLite connection; the caller owns the transaction.
"""

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import polars as pl

Action = Literal["initial", "promote", "rollback", "shadow"]

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
"""
HISTORY_SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "deployment_id": pl.Int64,
    "monitor": pl.String,
    "model_version": pl.String,
    "previous_version": pl.String,
    "action": pl.String,
    "effective_on": pl.Date,
    "decided_by": pl.String,
    "reason": pl.String,
    "run_id": pl.String,
    "recorded_at": pl.Datetime("us"),
}
HISTORY_COLUMNS = ", ".join(HISTORY_SCHEMA)


@dataclass(frozen=True)
class Deployment:
    """One change of a pointer; `recorded_at` is UTC without zone."""

    deployment_id: int
    monitor: str
    model_version: str
    previous_version: str | None
    action: Action
    effective_on: date
    decided_by: str
    reason: str
    run_id: str | None
    recorded_at: datetime


def live_version(store: sqlite3.Connection, monitor: str) -> str | None:
    """Return the version that serves, or None."""
    row = store.execute(
        "select model_version from pointers where monitor = ? and role = 'live'", (monitor,)
    ).fetchone()
    return None if row is None else str(row[0])


def set_live(store: sqlite3.Connection, monitor: str, version: str) -> None:
    """Let the version serve in the place of the present one; it leaves the shadow."""
    store.execute("delete from pointers where monitor = ? and role = 'live'", (monitor,))
    store.execute(
        "delete from pointers where monitor = ? and model_version = ?", (monitor, version)
    )
    store.execute("insert into pointers values (?, 'live', ?)", (monitor, version))


def set_shadows(store: sqlite3.Connection, monitor: str, versions: Collection[str | None]) -> None:
    """Let exactly these versions run in shadow."""
    store.execute("delete from pointers where monitor = ? and role = 'shadow'", (monitor,))
    for version in versions:
        store.execute("insert into pointers values (?, 'shadow', ?)", (monitor, version))


def record(
    store: sqlite3.Connection,
    monitor: str,
    version: str,
    previous: str | None,
    action: Action,
    effective_on: date,
    decided_by: str,
    reason: str,
    run_id: str | None,
) -> Deployment:
    """Append one row to the history and return it."""
    day, now = effective_on.isoformat(), utc_now()
    inserted = store.execute(
        "insert into pointer_history (monitor, model_version, previous_version, action, "
        "effective_on, decided_by, reason, run_id, recorded_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (monitor, version, previous, action, day, decided_by, reason, run_id, now),
    )
    row = store.execute(
        f"select {HISTORY_COLUMNS} from pointer_history where deployment_id = ?",
        (inserted.lastrowid,),
    ).fetchone()
    return _deployment(row)


def done_by(
    store: sqlite3.Connection, monitor: str, run_id: str, action: Action
) -> Deployment | None:
    """Return what this run already did, or None."""
    row = store.execute(
        f"select {HISTORY_COLUMNS} from pointer_history "
        "where monitor = ? and run_id = ? and action = ?",
        (monitor, run_id, action),
    ).fetchone()
    return None if row is None else _deployment(row)


def read_history(store: sqlite3.Connection, monitor: str | None) -> list[Deployment]:
    """Return the history of a monitor, or of all, the oldest row first."""
    rows = store.execute(
        f"select {HISTORY_COLUMNS} from pointer_history "
        "where ? is null or monitor = ? order by deployment_id",
        (monitor, monitor),
    )
    return [_deployment(row) for row in rows]


def live_stack(history: list[Deployment]) -> list[str]:
    """Return the versions that were live and not rolled back from, the present one last."""
    stack: list[str] = []
    for row in history:
        if row.action == "rollback":
            stack.pop()
        elif row.action != "shadow":
            stack.append(row.model_version)
    return stack


def _deployment(row: tuple[Any, ...]) -> Deployment:
    values = dict(zip(HISTORY_SCHEMA, row, strict=True))
    values["effective_on"] = date.fromisoformat(values["effective_on"])
    values["recorded_at"] = datetime.fromisoformat(values["recorded_at"])
    return Deployment(**values)


def utc_now() -> str:
    """Return the present UTC time, for people to read; nothing is computed from it."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
