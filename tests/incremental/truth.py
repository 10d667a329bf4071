"""Which days look different in the raw tables: said by the rows, not by fingerprints."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from tests.incremental.world import World, local_days

Day = dict[date, list[Any]]


def rows_by_day(world: World, as_of: date) -> Day:
    """All that is seen of each day as of a day: rows of log and history, labels as reported."""
    seen = seen_rows(world.kind, world.log, as_of)
    if "labels" in world.tables:
        labels = world.tables["labels"]
        labels = labels.filter(local_days(world.kind, labels, "labeled_at") <= as_of)
        reports = labels.group_by("row_id").agg(
            pl.struct("outcome", "labeled_at").sort().alias("reports")
        )
        seen = seen.join(reports, on="row_id", how="left")
    else:
        is_known = (local_days(world.kind, seen, "labeled_at") <= as_of).fill_null(False)
        seen = seen.with_columns(
            pl.when(is_known).then(pl.col(name)).alias(name) for name in ("outcome", "labeled_at")
        )
    days = by_day(world.kind, seen)
    if "history" in world.tables:
        history = by_day(world.kind, world.tables["history"])
        days = {day: history.get(day, []) + days.get(day, []) for day in days.keys() | history}
    return days


def seen_rows(kind: str, rows: pl.DataFrame, as_of: date) -> pl.DataFrame:
    is_seen = (local_days(kind, rows) <= as_of) & (local_days(kind, rows, "loaded_at") <= as_of)
    return rows.filter(is_seen)


def by_day(kind: str, rows: pl.DataFrame) -> Day:
    hashes = pl.DataFrame({"day": local_days(kind, rows), "row": rows.hash_rows()})
    grouped = hashes.group_by("day").agg(pl.col("row").sort())
    return {day: list(found) for day, found in grouped.rows()}


def days_that_differ(before: Day, after: Day) -> list[date]:
    """The days whose rows are not the same, also those that are in one of the two only."""
    return sorted(day for day in before.keys() | after if before.get(day) != after.get(day))


def span(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
