"""The rows that a world begins with, and more of them."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from tests.incremental.world.kinds import KINDS, configuration
from tests.incremental.world.monitor import World, in_zone, keeps_utc, local_days

FIRST_DAY = date(2026, 3, 2)
DAYS_AT_FIRST = 38
HISTORY_DAYS = 12
ANSWERS = 3
"""To a query; the last one of a day may have answers on the next day too."""
REGIONS = np.array(["north", "south"], dtype=object)
CHANNELS = np.array(["web", "app", "fax", None], dtype=object)
DEVICES = np.array(["phone", "desk"], dtype=object)


def make_rows(
    kind: str,
    days: list[date],
    seed: int,
    prefix: str,
    rows_a_day: tuple[int, int] = (8, 20),
) -> pl.DataFrame:
    """Rows of a log on these days as they are loaded at once, labels not known yet."""
    generator = np.random.default_rng([seed, 1])
    day = np.repeat(np.arange(len(days)), generator.integers(*rows_a_day, len(days)))
    count = len(day)
    minutes = generator.integers(4 * 60, 18 * 60, count)  # no hour that summer time leaves out
    amount = np.round(np.exp(generator.normal(3, 1, count)), 2)
    clicks = np.where(generator.random(count) < 0.3, 0, generator.poisson(5, count)).astype(float)
    chance = 1 / (1 + np.exp(-0.7 * (np.log(amount) - 3) + generator.normal(0.3, 0.8, count)))
    predicted_at = [
        datetime.combine(days[position], time()) + timedelta(minutes=int(minute))
        for position, minute in zip(day, minutes, strict=True)
    ]
    frame = pl.DataFrame(
        {
            "row_id": pl.Series([f"{prefix}{number}" for number in range(count)], dtype=pl.String),
            "predicted_at": pl.Series(predicted_at, dtype=pl.Datetime("us")),
            "version": pl.Series(["v1"] * count, dtype=pl.String),
            "is_shadow": pl.Series([False] * count, dtype=pl.Boolean),
            **KINDS[kind].task.scores(chance),
            "amount": amount,
            "clicks": clicks,
            "revenue": np.where(clicks == 3, np.nan, np.round(amount * (1 + chance), 2)),
            "ratio": np.round(generator.random(count), 3),
            "channel": pl.Series(
                generator.choice(CHANNELS, count, p=[0.5, 0.3, 0.15, 0.05]).tolist(),
                dtype=pl.String,
            ),
            "region": pl.Series(
                generator.choice(REGIONS, count, p=[0.7, 0.3]).tolist(), dtype=pl.String
            ),
            "device": pl.Series(generator.choice(DEVICES, count).tolist(), dtype=pl.String),
            "query": pl.Series(
                [f"{prefix}{number // ANSWERS}" for number in range(count)], dtype=pl.String
            ),
        }
    ).with_columns(
        (pl.col("predicted_at") + timedelta(minutes=30)).alias("loaded_at"),
        pl.lit(None, KINDS[kind].task.outcome_type).alias("outcome"),
        pl.lit(None, pl.Datetime("us")).alias("labeled_at"),
    )
    if keeps_utc(kind):
        moments = pl.col("predicted_at", "loaded_at", "labeled_at")
        frame = frame.with_columns(in_zone(moments, kind).name.keep())
    return frame


def outcomes(kind: str, rows: pl.DataFrame, generator: np.random.Generator) -> pl.Series:
    """Labels that are what the scores say, more or less."""
    task = KINDS[kind].task
    return pl.Series("outcome", task.outcomes(rows, generator), dtype=task.outcome_type)


def first_world(name: str, kind: str, seed: int = 1, day_count: int = DAYS_AT_FIRST) -> World:
    """The tables of a log that began on FIRST_DAY, most rows labeled a day later, some not yet.

    Where labels are apart, half of the queries are answered by a second version from the fifth day
    on.
    """
    days = [FIRST_DAY + timedelta(days=number) for number in range(day_count)]
    generator = np.random.default_rng([seed, 2])
    log = make_rows(kind, days, seed, "r")
    next_day = pl.col("predicted_at") + timedelta(days=1)
    is_labeled = pl.Series(generator.random(log.height) < 5 / 6) & (
        local_days(kind, log) < days[-1]
    )
    labeled_log = log.with_columns(outcomes(kind, log, generator), next_day.alias("labeled_at"))
    if "labels" not in KINDS[kind].own_relations:
        rows = log.with_columns(
            pl.when(is_labeled).then(labeled_log[column]).alias(column)
            for column in ("outcome", "labeled_at")
        )
        tables = {"log": rows}
    else:
        is_second = (local_days(kind, log) >= days[min(4, day_count - 1)]) & pl.Series(
            np.arange(log.height) // ANSWERS % 2 == 0
        )
        tables = {
            "log": log.with_columns(
                pl.when(is_second).then(pl.lit("v2")).otherwise("version").alias("version")
            ).drop("outcome", "labeled_at"),
            "labels": labeled_log.filter(is_labeled).select("row_id", "outcome", "labeled_at"),
        }
    if "history" in KINDS[kind].own_relations:
        before = [FIRST_DAY - timedelta(days=number) for number in range(HISTORY_DAYS, 0, -1)]
        history = make_rows(kind, before, seed + 1, "h")
        # The history never had what business metrics are made of.
        tables["history"] = history.with_columns(
            outcomes(kind, history, generator), next_day.alias("labeled_at")
        ).drop("revenue")
    return World(name, kind, tables, configuration(name, kind), days[-1])


def renewed_by_jobs(world: World) -> World:
    """The same monitor with `retrain: true`: versions with held-out scores can be registered."""
    source = {"source": ["serving", f"{world.name}_requests"]}
    requests = world.log.clear().drop("outcome", "labeled_at", strict=False)
    tables = {**world.tables, "requests": requests}
    return replace(world, tables=tables).with_monitor(retrain=True, requests=source)
