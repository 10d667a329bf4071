"""Every statement on the pointers to the live and shadow versions and on their history.

Each function takes an open store, SQLite or PostgreSQL, whose transaction the caller owns. The
statements are the same on both; what differs is in `jobs.control_sqlite` and
`jobs.control_postgres`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, Protocol

import polars as pl

Action = Literal["initial", "promote", "rollback", "shadow"]


class Store(Protocol):
    """An open connection to the control store."""

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement with `?` placeholders; returns what it answers."""
        ...


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


def live_version(store: Store, monitor: str) -> str | None:
    """Return the version that serves, or None."""
    found = store.rows(
        "select model_version from pointers where monitor = ? and role = 'live'", (monitor,)
    )
    return str(found[0][0]) if found else None


def shadow_versions(store: Store, monitor: str) -> tuple[str, ...]:
    """Return the versions that run in shadow, in the order of their names."""
    found = store.rows(
        "select model_version from pointers where monitor = ? and role = 'shadow'", (monitor,)
    )
    return tuple(sorted(str(row[0]) for row in found))


def all_pointers(store: Store) -> list[tuple[Any, ...]]:
    """Return (monitor, role, model_version) of every pointer."""
    return store.rows("select monitor, role, model_version from pointers order by 1, 2, 3")


def set_live(store: Store, monitor: str, version: str) -> None:
    """Let the version serve in the place of the present one; it leaves the shadow."""
    store.rows("delete from pointers where monitor = ? and role = 'live'", (monitor,))
    store.rows("delete from pointers where monitor = ? and model_version = ?", (monitor, version))
    store.rows("insert into pointers values (?, 'live', ?)", (monitor, version))


def set_shadows(store: Store, monitor: str, versions: Collection[str | None]) -> None:
    """Let exactly these versions run in shadow."""
    store.rows("delete from pointers where monitor = ? and role = 'shadow'", (monitor,))
    for version in versions:
        store.rows("insert into pointers values (?, 'shadow', ?)", (monitor, version))


def record(
    store: Store,
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
    [(number,)] = store.rows("select coalesce(max(deployment_id), 0) + 1 from pointer_history")
    store.rows(
        f"insert into pointer_history ({HISTORY_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, monitor, version, previous, action, day, decided_by, reason, run_id, now),
    )
    [row] = store.rows(
        f"select {HISTORY_COLUMNS} from pointer_history where deployment_id = ?", (number,)
    )
    return _deployment(row)


def done_by(store: Store, monitor: str, run_id: str, action: Action) -> Deployment | None:
    """Return what this run already did, or None."""
    found = store.rows(
        f"select {HISTORY_COLUMNS} from pointer_history "
        "where monitor = ? and run_id = ? and action = ?",
        (monitor, run_id, action),
    )
    return _deployment(found[0]) if found else None


def read_history(store: Store, monitor: str | None) -> list[Deployment]:
    """Return the history of a monitor, or of all, the oldest row first."""
    condition = "" if monitor is None else "where monitor = ?"
    found = store.rows(
        f"select {HISTORY_COLUMNS} from pointer_history {condition} order by deployment_id",
        () if monitor is None else (monitor,),
    )
    return [_deployment(row) for row in found]


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
