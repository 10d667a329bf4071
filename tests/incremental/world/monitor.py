"""The raw tables and the configuration of one small monitor, as a value.

Its days are those of its kind: see kinds.py. What can happen to it is in operations.py.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from tests.incremental.world.kinds import KINDS, Kind


@dataclass(frozen=True)
class World:
    """One monitor: its tables by role, its configuration (None: taken out), its policy rows."""

    name: str
    kind: str
    tables: Mapping[str, pl.DataFrame]
    monitor: Mapping[str, Any] | None
    today: date
    policies: tuple[str, ...] = ()
    records: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """What the jobs recorded of it, by table of driftline_jobs."""
    serial: int = 0
    """Counts what happened: later loads have later times and ids of their own."""

    @property
    def of_kind(self) -> Kind:
        return KINDS[self.kind]

    @property
    def log(self) -> pl.DataFrame:
        return self.tables["log"]

    @cached_property
    def days(self) -> pl.Series:
        """The local day of each row of the log."""
        return local_days(self.kind, self.log)

    @cached_property
    def log_days(self) -> list[date]:
        """The days that have rows, oldest first."""
        return self.days.unique().sort().to_list()

    def now(self) -> pl.Expr:
        """A moment on the evening of the newest day, later than all that was loaded before."""
        return moment(self.kind, datetime.combine(self.today, time(20)), self.serial)

    def with_table(self, role: str, frame: pl.DataFrame) -> "World":
        return replace(self, tables={**self.tables, role: frame}, serial=self.serial + 1)

    def with_rows(self, role: str, rows: pl.DataFrame) -> "World":
        table = self.tables[role]
        return self.with_table(role, pl.concat([table, rows.select(table.columns)]))

    def with_records(self, rows: Mapping[str, pl.DataFrame]) -> "World":
        """The same after the jobs have written rows."""
        records = {
            table: pl.concat([self.records[table], new]) if table in self.records else new
            for table, new in rows.items()
        }
        return replace(self, records={**self.records, **records}, serial=self.serial + 1)

    def with_monitor(self, **changes: Any) -> "World":
        if self.monitor is None:
            return self
        monitor = {**deepcopy(dict(self.monitor)), **changes}
        return replace(self, monitor=monitor, serial=self.serial + 1)


def local_days(kind: str, frame: pl.DataFrame, column: str = "predicted_at") -> pl.Series:
    """The day of each row where the monitor is."""
    moments = frame[column]
    if keeps_utc(kind):
        moments = moments.dt.convert_time_zone(KINDS[kind].zone)
    return moments.dt.date()


def keeps_utc(kind: str) -> bool:
    """Whether moments are in UTC and days in another zone; else both are local."""
    return KINDS[kind].zone != "UTC"


def moment(kind: str, local: datetime, seconds: int = 0) -> pl.Expr:
    """A moment as the tables keep it, in local time or in UTC."""
    expression = pl.lit(local + timedelta(seconds=seconds)).cast(pl.Datetime("us"))
    return in_zone(expression, kind) if keeps_utc(kind) else expression


def in_zone(local: pl.Expr, kind: str) -> pl.Expr:
    return local.dt.replace_time_zone(KINDS[kind].zone).dt.convert_time_zone("UTC")
