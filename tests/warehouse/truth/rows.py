"""Counted rows of the monitors of `nasty`, and which days are looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import nasty
import numpy as np
import polars as pl

WINDOWS = (1, 7, 30)
REFERENCES = ("training", "stable", "rolling", "previous")


def ordinal(day: date) -> int:
    return day.toordinal()


@dataclass(frozen=True)
class Rows:
    """Counted rows of one monitor as arrays; null is NaN in score and label, True in `nulls`."""

    day: np.ndarray
    ids: np.ndarray
    version: np.ndarray
    is_shadow: np.ndarray
    score: np.ndarray
    label: np.ndarray
    known_on: np.ndarray
    """The day on which the label became known; NaN where it is not."""
    numeric: Mapping[str, np.ndarray]
    nulls: Mapping[str, np.ndarray]
    categorical: Mapping[str, np.ndarray]
    segments: Mapping[str, np.ndarray]

    @property
    def served(self) -> np.ndarray:
        return ~self.is_shadow

    def of_version(self, version: str) -> np.ndarray:
        return self.served if version == "serving" else self.version == version

    def in_segment(self, name: str, value: str) -> np.ndarray:
        if name == "overall":
            return np.ones(len(self.day), bool)
        return self.segments[name] == value


@dataclass(frozen=True)
class Truth:
    """One monitor: its rows, its reference rows and where its time begins and ends."""

    name: str
    rows: Rows
    history: Rows | None
    as_of: int
    horizon: int
    threshold: float
    features: Mapping[str, list[str]]

    @cached_property
    def first_day(self) -> int:
        return int(self.rows.day.min())

    @cached_property
    def days(self) -> range:
        return range(self.first_day, self.as_of + 1)

    def segment_keys(self) -> list[tuple[str, str]]:
        served = self.rows.served
        return [("overall", "all")] + [
            (name, value)
            for name, values in self.rows.segments.items()
            for value in sorted(set(values[served]))
        ]

    def bin_reference(self, segment: tuple[str, str] = ("overall", "all")) -> tuple[Rows, Any]:
        """Return rows and mask that the bins are cut from."""
        if self.history is not None:
            return self.history, self.history.in_segment(*segment)
        first_weeks = self.rows.day < self.first_day + 28
        return self.rows, first_weeks & self.rows.served & self.rows.in_segment(*segment)

    def span(self, version: str) -> tuple[int, int]:
        """Return the first and last day of a version; serving goes on to the as-of day."""
        days = self.rows.day[self.rows.of_version(version)]
        last = self.as_of if version == "serving" else int(days.max())
        return int(days.min()), last

    def days_of(self, version: str, segment: tuple[str, str]) -> list[int]:
        """Return the days for which the marts have rows of a key.

        From the day a segment value is first seen on: each day for serving, and for a version
        those on which it has a row of its own, in whatever segment.
        """
        days = self.rows.day[self.rows.of_version(version)]
        first = days[self.rows.in_segment(*segment)[self.rows.of_version(version)]].min()
        own = self.days if version == "serving" else np.unique(days)
        return [int(day) for day in own if day >= first]


def load(tables: Mapping[str, pl.DataFrame], as_of: date) -> dict[str, Truth]:
    """Return the truth of both monitors of `nasty`, seen on the evening of `as_of`."""
    tonight = as_of + timedelta(days=1)
    log = tables["orders_log"].filter(
        ~pl.col("is_test"),
        pl.col("order_id").is_not_null(),
        pl.col("predicted_at") < tonight,
        pl.col("loaded_at") < tonight,
    )
    log = log.with_columns(pl.col("predicted_at").dt.date().alias("day"))
    log = log.sort("loaded_at", "score", "predicted_at", descending=True, nulls_last=True).unique(
        ["day", "order_id", "version"], keep="first", maintain_order=True
    )
    labels = (
        tables["orders_labels"]
        .filter(pl.col("labeled_at") < tonight)
        .sort("labeled_at", "outcome", descending=True, nulls_last=True)
        .unique("order_id", keep="first", maintain_order=True)
        .select("order_id", pl.col("outcome").alias("label"), "labeled_at")
    )
    log = log.join(labels, on="order_id", how="left")
    history = (
        tables["orders_history"]
        .filter(~pl.col("is_test"))
        .with_columns(
            pl.col("predicted_at").dt.date().alias("day"),
            pl.lit("history").alias("version"),
            pl.lit(False).alias("is_shadow"),
            pl.lit(None, pl.Float64).alias("score"),
            pl.col("outcome").alias("label"),
            pl.lit(None, pl.Datetime).alias("labeled_at"),
        )
    )
    orders_segments = {
        "region": pl.col("region"),
        "is_big": pl.when(pl.col("amount") >= 50).then(pl.lit("true")).otherwise(pl.lit("false")),
    }
    orders = nasty.ORDERS["features"]
    visits = tables["visits"].with_columns(
        pl.col("seen_at").dt.convert_time_zone("Europe/Berlin").dt.replace_time_zone(None),
        pl.col("bought_at").dt.convert_time_zone("Europe/Berlin").dt.replace_time_zone(None),
    )
    visits = visits.filter(pl.col("seen_at") < tonight).with_columns(
        pl.col("seen_at").dt.date().alias("day"),
        pl.col("model").alias("version"),
        pl.lit(False).alias("is_shadow"),
        pl.col("p").alias("score"),
    )
    is_known = pl.col("bought").is_not_null() & (pl.col("bought_at") < tonight)
    is_mature = pl.col("day") + timedelta(days=2) <= as_of
    visits = visits.with_columns(
        pl.when(is_known)
        .then(pl.col("bought").cast(pl.Float64))
        .when(is_mature)
        .then(0.0)
        .alias("label"),
        # Nobody reported it: known at the horizon.
        pl.when(is_known)
        .then(pl.col("bought_at"))
        .when(is_mature)
        .then(pl.col("day") + timedelta(days=2))
        .alias("labeled_at"),
    )
    watched = nasty.VISITS["features"]
    return {
        "orders": Truth(
            "orders",
            _rows(log, "order_id", orders, orders_segments),
            _rows(history, "order_id", orders, orders_segments),
            ordinal(as_of),
            3,
            0.4,
            orders,
        ),
        "visits": Truth(
            "visits",
            _rows(visits, "visit", watched, {"device": pl.col("device")}),
            None,
            ordinal(as_of),
            2,
            0.5,
            watched,
        ),
    }


def _rows(
    frame: pl.DataFrame,
    key: str,
    features: Mapping[str, list[str]],
    segments: Mapping[str, pl.Expr],
) -> Rows:
    score = frame["score"].to_numpy().astype(float)
    label = frame["label"].cast(pl.Float64).to_numpy().astype(float)
    known_on = [at.date().toordinal() if at else np.nan for at in frame["labeled_at"]]
    return Rows(
        day=np.array([ordinal(day) for day in frame["day"]]),
        ids=np.array(frame[key].cast(pl.String).to_list(), object),
        version=np.array(frame["version"].to_list(), object),
        is_shadow=frame["is_shadow"].to_numpy().astype(bool),
        score=np.where(np.isfinite(score), score, np.nan),
        label=np.where(np.isin(label, [0, 1]), label, np.nan),
        known_on=np.where(np.isin(label, [0, 1]), known_on, np.nan),
        numeric={
            name: frame[name].cast(pl.Float64).to_numpy().astype(float)
            for name in features["numeric"]
        },
        nulls={
            name: frame[name].is_null().to_numpy() for names in features.values() for name in names
        },
        categorical={
            name: np.array(frame[name].cast(pl.String).to_list(), object)
            for name in features["categorical"]
        },
        segments={
            name: np.array(
                frame.select(expression.alias("s"))["s"].fill_null("unknown").to_list(), object
            )
            for name, expression in segments.items()
        },
    )


def judged_dates(truth: Truth) -> list[int]:
    """Return ends, empty, single-row and one-class days, the change of version, days of drift."""
    zero = ordinal(nasty.FIRST_DAY)
    offsets = (
        0,
        5,
        27,
        28,
        *nasty.EMPTY_DAYS,
        nasty.SINGLE_ROW_DAY,
        nasty.ALL_ZERO_DAY,
        nasty.ALL_ONE_DAY,
        nasty.SECOND_VERSION_FROM,
        nasty.EQUAL_SCORES_DAY,
        31,
        56,
        75,
        nasty.LOG_DAYS - 1,
    )
    return sorted({truth.first_day, *(zero + offset for offset in offsets)} & set(truth.days))


def rows_a_day(truth: Truth, is_chosen: np.ndarray) -> np.ndarray:
    """How many rows were answered on each chosen day that has any, of all segments and versions."""
    chosen = np.array(truth.days)[is_chosen]
    served = truth.rows.day[truth.rows.served]
    return np.unique(served[np.isin(served, chosen)], return_counts=True)[1]
