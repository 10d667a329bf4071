"""What can happen to the rows of a log and to its labels."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from tests.incremental.world.draw import Draw
from tests.incremental.world.first import ANSWERS, outcomes
from tests.incremental.world.monitor import World


def new_days(draw: Draw) -> World:
    """One to three new days; labels of the days before come along."""
    world, count = draw.world, int(draw.generator.integers(1, 4))
    days = [world.today + timedelta(days=number) for number in range(1, count + 1)]
    world = replace(world.with_rows("log", draw.new_rows(days)), today=days[-1])
    return label(world, draw.generator, [day - timedelta(days=1) for day in days], share=0.8)


def label(world: World, generator: np.random.Generator, days: list[date], share: float) -> World:
    """Label a share of what has no label yet on these days, now."""
    log = world.log
    chosen = world.days.is_in(days) & pl.Series(generator.random(log.height) < share)
    labels = outcomes(world.kind, log, generator)
    if "labels" in world.tables:
        known = world.tables["labels"]["row_id"].implode()
        rows = log.with_columns(labels, world.now().alias("labeled_at")).filter(
            chosen, ~pl.col("row_id").is_in(known)
        )
        return world.with_rows("labels", rows.unique("row_id", maintain_order=True))
    chosen &= log["outcome"].is_null()
    return world.with_table(
        "log",
        log.with_columns(
            pl.when(chosen).then(labels).otherwise("outcome").alias("outcome"),
            pl.when(chosen).then(world.now()).otherwise("labeled_at").alias("labeled_at"),
        ),
    )


def backfill(draw: Draw) -> World:
    """Rows of an old day that are loaded only now."""
    return draw.world.with_rows("log", draw.loaded_now(draw.new_rows([draw.day], (2, 6))))


def earlier_first_day(draw: Draw) -> World:
    """A day before the first one of the log is loaded now."""
    day = draw.world.log_days[0] - timedelta(days=int(draw.generator.integers(1, 3)))
    return draw.world.with_rows("log", draw.loaded_now(draw.new_rows([day])))


def late_labels(draw: Draw) -> World:
    """Labels of an old day that arrive today."""
    return label(draw.world, draw.generator, [draw.day], share=0.7)


def flipped_labels(draw: Draw) -> World:
    """Labels of a day are reported again, and are others: the opposite, or another class."""
    world, flipped = draw.world, draw.world.of_kind.task.flipped
    if "labels" in world.tables:
        ids = world.log.filter(draw.some_on_day)["row_id"].implode()
        reports = world.tables["labels"].filter(pl.col("row_id").is_in(ids))
        reports = reports.unique("row_id", keep="last", maintain_order=True).with_columns(
            flipped.alias("outcome"), world.now().alias("labeled_at")
        )
        return world.with_rows("labels", reports)
    chosen = draw.some_on_day & world.log["outcome"].is_not_null()
    return world.with_table(
        "log",
        world.log.with_columns(
            pl.when(chosen).then(flipped).otherwise("outcome").alias("outcome"),
            pl.when(chosen).then(world.now()).otherwise("labeled_at").alias("labeled_at"),
        ),
    )


def corrected_scores(draw: Draw) -> World:
    """Scores of a day are corrected in place, with the time of the correction."""
    chosen = draw.some_on_day
    corrected = draw.world.log.with_columns(
        *(
            pl.when(chosen).then(other).otherwise(column).alias(column)
            for column, other in draw.world.of_kind.task.corrected.items()
        ),
        pl.when(chosen).then(draw.world.now()).otherwise("loaded_at").alias("loaded_at"),
    )
    return draw.world.with_table("log", corrected)


def reloaded_rows(draw: Draw) -> World:
    """Rows of a day are loaded once more under their ids, with other values."""
    rows = draw.loaded_now(draw.world.log.filter(draw.some_on_day)).with_columns(
        (pl.col("amount") * 3).round(2),
        pl.lit("app").alias("channel"),
        **draw.world.of_kind.task.weakened(0.5),
    )
    return draw.world.with_rows("log", rows)


def deleted_rows(draw: Draw) -> World:
    """About a third of a day's rows are deleted."""
    return draw.world.with_table("log", draw.world.log.filter(~draw.some_on_day))


def deleted_day(draw: Draw) -> World:
    """A whole day is deleted."""
    return draw.world.with_table("log", draw.world.log.filter(~draw.on_day))


def deleted_first_day(draw: Draw) -> World:
    """The log begins a day later than it did."""
    is_first = draw.world.days == draw.world.log_days[0]
    return draw.world.with_table("log", draw.world.log.filter(~is_first))


def exact_duplicates(draw: Draw) -> World:
    """Rows of a day are there twice, to the last column."""
    return draw.world.with_rows("log", draw.world.log.filter(draw.some_on_day))


def tied_duplicates(draw: Draw) -> World:
    """Rows of a day are there twice, equal but for the segments."""
    rows = draw.world.log.filter(draw.some_on_day)
    other = {"north": "south", "south": "north", "phone": "desk", "desk": "phone"}
    return draw.world.with_rows("log", rows.with_columns(pl.col("region", "device").replace(other)))


def same_id_on_another_day(draw: Draw) -> World:
    """Ids of a day come once more, up to three days later."""
    later = pl.col("predicted_at") + timedelta(days=3)
    rows = draw.world.log.filter(draw.some_on_day).with_columns(
        pl.min_horizontal(later, draw.world.now()).alias("predicted_at")
    )
    return draw.world.with_rows("log", draw.loaded_now(rows))


def days_out_of_order(draw: Draw) -> World:
    """The day after tomorrow is loaded first; tomorrow follows when gaps are filled."""
    world = replace(draw.world, today=draw.world.today + timedelta(days=2))
    return world.with_rows("log", draw.new_rows([world.today]))


def filled_gaps(draw: Draw) -> World:
    """Days without rows inside the log get theirs, loaded today; without a gap, like backfill."""
    days = draw.world.log_days
    span = [days[0] + timedelta(days=number) for number in range((days[-1] - days[0]).days)]
    missing = [day for day in span if day not in days]
    if not missing:
        return backfill(draw)
    return draw.world.with_rows("log", draw.loaded_now(draw.new_rows(missing)))


def new_version(draw: Draw) -> World:
    """From some day on another version answers too, one time in three in shadow."""
    log = draw.world.log
    in_three = pl.Series(np.arange(log.height) // ANSWERS % 3 == 0)
    is_answered = (draw.world.days >= draw.day) & in_three
    rows = (
        log.filter(is_answered)
        .unique("row_id", maintain_order=True)
        .with_columns(
            pl.lit(f"v{draw.world.serial + 3}").alias("version"),
            pl.lit(bool(draw.generator.random() < 1 / 3)).alias("is_shadow"),
            **draw.world.of_kind.task.weakened(0.9),
        )
    )
    return draw.world.with_rows("log", draw.loaded_now(rows))


def new_segment_value(draw: Draw) -> World:
    """A region that was never seen, on some day."""
    rows = draw.new_rows([draw.day], rows_a_day=(2, 4))
    rows = rows.with_columns(pl.lit(f"region {draw.world.serial}").alias("region"))
    return draw.world.with_rows("log", draw.loaded_now(rows))


def corrected_revenues(draw: Draw) -> World:
    """Revenues of a day are corrected in place, and nothing says when; huge ones drop out."""
    revenue = pl.when(pl.col("clicks") > 6).then(1e300).otherwise(pl.col("revenue") * 1.5 - 20)
    corrected = draw.world.log.with_columns(
        pl.when(draw.some_on_day).then(revenue).otherwise("revenue").alias("revenue")
    )
    return draw.world.with_table("log", corrected)
