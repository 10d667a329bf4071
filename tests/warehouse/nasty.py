"""Monitors with everything in their raw tables that makes monitoring go wrong, from one seed.

`orders` has a history, labels of its own, two versions and shadow rows, and business metrics
that are null, huge, negative or over nothing. `visits` only watches: no
history (its bins come from the first 28 days), the label in the log, a time zone with summer time.
`fares` predicts numbers far from 0, and some that are 0, below 0, unreadable or huge. `tickets` are
of one of three classes, `searches` have a few answers each in an order.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

FIRST_DAY = date(2026, 2, 2)
LOG_DAYS = 90
HISTORY_DAYS = 60
AS_OF = FIRST_DAY + timedelta(days=LOG_DAYS - 1)
EMPTY_DAYS = (20, 21, 60)
SINGLE_ROW_DAY = 33
ALL_ZERO_DAY = 40
ALL_ONE_DAY = 41
EQUAL_SCORES_DAY = 47
SECOND_VERSION_FROM = 45
SHADOW_FROM = 30
CANARY_DAYS = (5, 6, 9, 31, 56, 75)  # a version in shadow that stops, and comes back for a day
DRIFT_DAYS = range(52, 66)
FRESH = "fresh"  # a feature that the history never had
REGIONS = ["north", "süd", "o'hare", "", None]

ORDERS: dict[str, Any] = {
    "description": "Nasty orders",
    "owner": "tests",
    "task": "binary",
    "inferences": {"source": ["serving", "orders_log"]},
    "labels": {"source": ["serving", "orders_labels"]},
    "history": {"source": ["serving", "orders_history"]},
    "filter": "not is_test",
    "columns": {
        "id": "order_id",
        "predicted_at": "predicted_at",
        "loaded_at": "loaded_at",
        "model_version": "version",
        "is_shadow": "is_shadow",
        "score": "score",
        "label": "outcome",
        "labeled_at": "labeled_at",
    },
    "time_zone": "UTC",
    "label_horizon_days": 3,
    "decision_threshold": 0.4,
    "features": {
        "numeric": ["amount", "clicks", "balance", "ratio", "level", "fixed", "fresh"],
        "categorical": ["channel", "city", "code"],
    },
    "segments": {"region": "region", "is_big": "amount >= 50"},
    "protected": ["region"],
    "business_metrics": {
        "cost_per_click": {
            "numerator": "case when amount > 1000000 then 1e300 else amount end",
            "denominator": "least(clicks, 3)",
            "direction": "lower",
        },
        "margin": {
            "numerator": "balance * ratio",
            "denominator": 1,
            "direction": "higher",
            "unit": "EUR",
            "horizon_days": 1,
        },
    },
    "primary_metric": "roc_auc",
}
VISITS: dict[str, Any] = {
    "description": "Watch only",
    "owner": "tests",
    "task": "binary",
    "inferences": {"source": ["serving", "visits"]},
    "columns": {
        "id": "visit",
        "predicted_at": "seen_at",
        "model_version": "model",
        "score": "p",
        "label": "bought",
        "labeled_at": "bought_at",
    },
    "time_zone": "Europe/Berlin",
    "label_horizon_days": 2,
    "unlabeled_means": "negative",
    "features": {"numeric": ["seconds", "pages"], "categorical": ["device"]},
    "segments": {"device": "device"},
    "protected": ["device"],
    "primary_metric": "log_loss",
}
FARES: dict[str, Any] = {
    "description": "A number is predicted",
    "owner": "tests",
    "task": "regression",
    "inferences": {"source": ["serving", "fares"]},
    "columns": {
        "id": "ride",
        "predicted_at": "asked_at",
        "model_version": "model",
        "score": "predicted_fare",
        "label": "fare",
        "labeled_at": "paid_at",
    },
    "time_zone": "UTC",
    "label_horizon_days": 1,
    "features": {"numeric": ["distance"]},
    "segments": {"zone": "zone"},
    # Far from 0: squares of it cancel.
    "business_metrics": {
        "odometer": {
            "numerator": "300000 + distance",
            "denominator": "1",
            "direction": "lower",
            "unit": "km",
        }
    },
    "primary_metric": "rmse",
}
TICKETS: dict[str, Any] = {
    "description": "One of three classes",
    "owner": "tests",
    "task": "multiclass",
    "inferences": {"source": ["serving", "tickets"]},
    "labels": {"source": ["serving", "ticket_outcomes"]},
    "columns": {
        "id": "ticket",
        "predicted_at": "opened_at",
        "loaded_at": "loaded_at",
        "model_version": "model",
        "class_scores": {"bug": "p_bug", "idea": "p_idea", "it's spam": "p_spam"},
        "label": "kind",
        "labeled_at": "closed_at",
    },
    "time_zone": "UTC",
    "label_horizon_days": 2,
    "features": {"numeric": ["words"]},
    "segments": {"channel": "channel"},
    "primary_metric": "macro_f1",
}
SEARCHES: dict[str, Any] = {
    "description": "Ranked answers",
    "owner": "tests",
    "task": "ranking",
    "inferences": {"source": ["serving", "searches"]},
    "columns": {
        "id": "answer",
        "predicted_at": "asked_at",
        "model_version": "model",
        "score": "relevance_score",
        "label": "relevance",
        "query": "search",
    },
    "time_zone": "UTC",
    "label_horizon_days": 0,
    "ranking_depth": 3,
    "features": {"numeric": ["age"]},
    "segments": {"place": "place", "is_fresh": "age < 1"},
    "primary_metric": "ndcg",
}
MONITORS = {
    "orders": ORDERS,
    "visits": VISITS,
    "fares": FARES,
    "tickets": TICKETS,
    "searches": SEARCHES,
}


def raw_tables(seed: int = 20260202) -> dict[str, pl.DataFrame]:
    """Return the raw tables by name; the same seed gives the same rows."""
    generator = np.random.default_rng(seed)
    history, _ = _orders(generator, FIRST_DAY - timedelta(days=HISTORY_DAYS), HISTORY_DAYS, "h")
    log, truth = _orders(generator, FIRST_DAY, LOG_DAYS, "o")
    log = _with_versions(generator, log)
    labels = _labels(generator, log, truth)
    history_label = (generator.random(history.height) < 0.3).astype(float)
    return {
        "orders_log": _with_duplicates(log),
        "orders_labels": labels,
        "orders_history": history.drop("score").with_columns(
            pl.Series("outcome", history_label),
            (pl.col("predicted_at") + timedelta(days=1)).alias("labeled_at"),
        ),
        "visits": _visits(generator),
        "fares": _fares(np.random.default_rng(seed + 1)),
        **_tickets(np.random.default_rng(seed + 2)),
        "searches": _searches(np.random.default_rng(seed + 3)),
    }


def _orders(
    generator: np.random.Generator, first_day: date, day_count: int, prefix: str
) -> tuple[pl.DataFrame, np.ndarray]:
    is_log = prefix == "o"
    day = np.repeat(np.arange(day_count), 110 + generator.integers(-15, 15, day_count))
    if is_log:
        day = day[~np.isin(day, EMPTY_DAYS)]
        single = np.flatnonzero(day == SINGLE_ROW_DAY)
        day = np.delete(day, single[1:])
    n = len(day)
    drifts = np.isin(day, DRIFT_DAYS) & is_log
    amount = np.exp(generator.normal(3.5 + 0.8 * drifts, 1.0))
    if is_log:  # outside what the history has seen, on both sides
        amount[generator.random(n) < 0.01] = 0.0001
        amount[generator.random(n) < 0.01] = 5_000_000.0
    clicks = np.where(generator.random(n) < 0.4, 0, generator.poisson(6 + 5 * drifts, n))
    balance = generator.normal(100, 30, n).round(1)
    balance[generator.random(n) < 0.15] = -1.0
    balance_null = generator.random(n) < 0.35
    ratio = generator.beta(2, 5, n)
    kind = generator.random(n)
    ratio[kind < 0.02] = np.nan
    ratio[(kind >= 0.02) & (kind < 0.03)] = np.inf
    ratio[(kind >= 0.03) & (kind < 0.04)] = -np.inf
    level = generator.integers(1, 6, n).astype(float)
    channels = np.array(["web", "app", "shöp", 'it\'s "x"', "", "fax", "telex"], dtype=object)
    channel = generator.choice(channels, n, p=[0.4, 0.3, 0.15, 0.08, 0.05, 0.012, 0.008])
    channel[generator.random(n) < 0.05] = None
    if is_log:
        channel[generator.random(n) < 0.04] = "drone ✈"
        channel[generator.random(n) < 0.01] = "Web"
    city = np.array([f"c{int(x):02d}" for x in np.minimum(generator.zipf(1.4, n), 70)], object)
    region = generator.choice(np.array(REGIONS, dtype=object), n, p=[0.5, 0.25, 0.12, 0.08, 0.05])
    signal = 0.8 * (np.log(amount) - 3.5) / 1.0 + 0.08 * (clicks - 4) - 0.2 * (level - 3) - 0.7
    signal = np.where(np.abs(signal) > 4, np.sign(signal) * 4, signal)
    chance = 1 / (1 + np.exp(-signal))
    score = np.clip(1 / (1 + np.exp(-(signal + generator.normal(0, 0.6, n)))), 1e-7, 1 - 1e-7)
    kind = generator.random(n)
    for position, special in enumerate([0.0, 1.0, 0.5, 0.25, np.nan, np.inf, -0.2, 1.3]):
        score[(kind >= 0.01 * position) & (kind < 0.01 * (position + 1))] = special
    score[day == EQUAL_SCORES_DAY] = 0.1
    score_null = (kind >= 0.08) & (kind < 0.1) & (day != EQUAL_SCORES_DAY)
    start = datetime(first_day.year, first_day.month, first_day.day)
    micros = day * 86_400_000_000 + generator.integers(0, 86_400_000_000, n)
    frame = pl.DataFrame(
        {
            "order_id": [f"{prefix}{i:06d}" for i in range(n)],
            "predicted_at": [start + timedelta(microseconds=int(m)) for m in micros],
            "amount": amount,
            "clicks": clicks.astype(np.int64),
            "balance": pl.Series(balance).set(pl.Series(balance_null), None),
            "ratio": pl.Series(ratio, nan_to_null=False).set(
                pl.Series(generator.random(n) < 0.1), None
            ),
            "level": level,
            "fixed": np.where(drifts & (generator.random(n) < 0.02), 99.1, 98.6),
            FRESH: pl.Series(amount / 7 if is_log else [None] * n, dtype=pl.Float64),
            "channel": pl.Series(list(channel), dtype=pl.String),
            "city": pl.Series(list(city), dtype=pl.String),
            "code": generator.integers(0, 3, n),
            "region": pl.Series(list(region), dtype=pl.String),
            "is_test": generator.random(n) < 0.02,
            "score": pl.Series(score, nan_to_null=False).set(pl.Series(score_null), None),
        }
    )
    label = (generator.random(n) < chance).astype(float)
    label[drifts] = (generator.random(int(drifts.sum())) < 0.4).astype(float)
    label[day == ALL_ZERO_DAY] = 0
    label[day == ALL_ONE_DAY] = 1
    return frame, label


def _with_versions(generator: np.random.Generator, log: pl.DataFrame) -> pl.DataFrame:
    """Let v2 answer from a day on, before that in shadow with scores on a coarse grid."""
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
    at = pl.col("predicted_at")
    switch = start + timedelta(days=SECOND_VERSION_FROM)
    served = log.with_columns(
        pl.when(at < switch).then(pl.lit("v1")).otherwise(pl.lit("v2")).alias("version"),
        pl.lit(False).alias("is_shadow"),
        (at + timedelta(seconds=30)).alias("loaded_at"),
    )
    score = pl.col("score")
    grid = ((score * 20).round() / 20).clip(0.05, 0.95)
    other = pl.when(at < switch).then(pl.lit("v2")).otherwise(pl.lit("v1"))
    shadow = served.filter(at >= start + timedelta(days=SHADOW_FROM)).with_columns(
        other.alias("version"),
        pl.lit(True).alias("is_shadow"),
        pl.when(score.is_finite()).then(grid).otherwise(0.5).alias("score"),
    )
    day = (pl.col("predicted_at").dt.date() - pl.lit(FIRST_DAY)).dt.total_days()
    canary = served.filter(day.is_in(CANARY_DAYS)).with_columns(
        pl.lit("canary").alias("version"), pl.lit(True).alias("is_shadow")
    )
    return pl.concat([served, shadow, canary])


def _with_duplicates(log: pl.DataFrame) -> pl.DataFrame:
    """Add rows with ids that are there already; only the last loaded one of a day counts."""
    served = log.filter(~pl.col("is_shadow"))
    half = pl.lit(0.5)
    reloaded_same_day = served[50:90].with_columns(
        half.alias("score"),
        pl.lit(1.0).alias("amount"),
        (pl.col("loaded_at") + timedelta(seconds=5)).alias("loaded_at"),
    )
    reloaded_later = served[3000:3040].with_columns(
        pl.lit(0.75).alias("score"),
        pl.lit("fax").alias("channel"),
        (pl.col("loaded_at") + timedelta(days=3)).alias("loaded_at"),
    )
    older_copy = served[4000:4040].with_columns(
        pl.lit(0.9).alias("score"),
        (pl.col("loaded_at") - timedelta(seconds=10)).alias("loaded_at"),
    )
    same_instant = served[5000:5020].with_columns(pl.lit(0.001).alias("score"))
    after_as_of = served[6000:6020].with_columns(
        pl.lit(0.999).alias("score"),
        pl.lit(datetime(2026, 5, 20)).alias("loaded_at"),
    )
    exact_copy = served[7000:7030]
    without_id = served[100:110].with_columns(pl.lit(None, pl.String).alias("order_id"))
    return pl.concat(
        [
            log,
            reloaded_same_day,
            reloaded_later,
            older_copy,
            same_instant,
            after_as_of,
            exact_copy,
            without_id,
        ]
    )


def _labels(generator: np.random.Generator, log: pl.DataFrame, truth: np.ndarray) -> pl.DataFrame:
    served = log.filter(~pl.col("is_shadow"))
    n = served.height
    delay = generator.exponential(1.0, n)
    delay[generator.random(n) < 0.05] += 25  # far beyond the horizon, some after the as-of day
    first = pl.DataFrame(
        {
            "order_id": served["order_id"],
            "outcome": truth,
            "labeled_at": [
                at + timedelta(days=float(d))
                for at, d in zip(served["predicted_at"], delay, strict=True)
            ],
        }
    ).filter(pl.Series(generator.random(n) < 0.93))
    corrected = first[200:260].with_columns(
        (1 - pl.col("outcome")).alias("outcome"),
        (pl.col("labeled_at") + timedelta(days=6)).alias("labeled_at"),
    )
    withdrawn = first[300:320].with_columns(
        pl.lit(None, pl.Float64).alias("outcome"),
        (pl.col("labeled_at") + timedelta(hours=1)).alias("labeled_at"),
    )
    strange = first[400:420].with_columns(
        pl.lit(2.0).alias("outcome"),
        (pl.col("labeled_at") + timedelta(hours=1)).alias("labeled_at"),
    )
    not_a_number = first[420:430].with_columns(
        pl.lit(float("nan")).alias("outcome"),
        (pl.col("labeled_at") + timedelta(hours=1)).alias("labeled_at"),
    )
    older_report = first[500:540].with_columns(
        (1 - pl.col("outcome")).alias("outcome"),
        (pl.col("labeled_at") - timedelta(hours=1)).alias("labeled_at"),
    )
    corrected_too_late = first[600:640].with_columns(
        (1 - pl.col("outcome")).alias("outcome"),
        pl.lit(datetime(2026, 6, 1)).alias("labeled_at"),
    )
    stranger = pl.DataFrame(
        {"order_id": ["nobody"], "outcome": [1.0], "labeled_at": [datetime(2026, 3, 1)]}
    )
    return pl.concat(
        [
            first,
            corrected,
            withdrawn,
            strange,
            not_a_number,
            older_report,
            corrected_too_late,
            stranger,
        ]
    )


def _visits(generator: np.random.Generator) -> pl.DataFrame:
    """Rows around local midnight, over the night of 29 March when Berlin's clocks go forward."""
    n = 45 * LOG_DAYS
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    hours = generator.choice([20.0, 21.5, 22.25, 22.75, 23.25, 23.75, 0.5, 10.0], n)
    day = generator.integers(0, LOG_DAYS, n)
    seen = [
        start + timedelta(days=int(d), hours=float(h) - 4, seconds=int(s))
        for d, h, s in zip(day, hours, generator.integers(0, 7200, n), strict=True)
    ]
    seconds = generator.gamma(2, 60, n)
    pages = np.where(generator.random(n) < 0.5, 1, generator.geometric(0.3, n))
    score = 1 / (1 + np.exp(3.5 - 0.01 * seconds - 0.1 * pages))
    bought = generator.random(n) < score
    device = np.where(generator.random(n) < 0.6, "phone", "desk").astype(object)
    device[generator.random(n) < 0.03] = None
    return pl.DataFrame(
        {
            "visit": np.arange(n),
            "seen_at": pl.Series(seen, dtype=pl.Datetime("us", "UTC")),
            "model": "theirs",
            "p": score,
            "bought": pl.Series(bought.astype(np.int64)).set(pl.Series(~bought), None),
            "bought_at": pl.Series(
                [
                    at + timedelta(days=float(d))
                    for at, d in zip(seen, generator.exponential(1.0, n), strict=True)
                ],
                dtype=pl.Datetime("us", "UTC"),
            ).set(pl.Series(~bought), None),
            "seconds": seconds,
            "pages": pages,
            "device": pl.Series(list(device), dtype=pl.String),
        }
    )


def _fares(generator: np.random.Generator) -> pl.DataFrame:
    """Days that shift label and error, labels of one value on a day, no row on another, refunds and
    what no engine can square."""
    counts = 60 + generator.integers(-20, 20, LOG_DAYS)
    counts[list(EMPTY_DAYS)] = 0
    counts[SINGLE_ROW_DAY] = 1
    day = np.repeat(np.arange(LOG_DAYS), counts)
    n = len(day)
    distance = generator.gamma(2, 3, n)
    fare = 1000 + 12 * distance * np.exp(generator.normal(0, 0.1, LOG_DAYS))[day]
    fare += generator.standard_t(4, n) * 8
    predicted = 1000 + 12 * distance + generator.normal(0, 3, LOG_DAYS)[day]
    predicted[day >= SECOND_VERSION_FROM] -= 20
    fare[generator.random(n) < 0.02] = 0
    fare[day == ALL_ONE_DAY] = 1100
    fare[day == ALL_ZERO_DAY] = 0
    predicted[day == EQUAL_SCORES_DAY] = 1050
    predicted[generator.random(n) < 0.01] *= -1
    fare[generator.random(n) < 0.01] = np.nan
    fare[generator.random(n) < 0.005] = np.inf
    predicted[generator.random(n) < 0.01] = np.nan
    predicted[generator.random(n) < 0.005] = -np.inf
    fare[7::83] *= -1
    predicted[np.flatnonzero(day == 70)[0]] = 1e7
    fare[np.flatnonzero(day == 33)[0]] = predicted[np.flatnonzero(day == 41)[0]] = 1e38
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
    asked = [
        start + timedelta(days=int(d), seconds=int(s))
        for d, s in zip(day, generator.integers(0, 86400, n), strict=True)
    ]
    unknown = generator.random(n) < 0.1
    zone = generator.choice(np.array(["inner", "outer", None], dtype=object), n, p=[0.6, 0.3, 0.1])
    model = np.where(day < SECOND_VERSION_FROM, "m1", "m2")
    return pl.DataFrame(
        {
            "ride": np.arange(n),
            "asked_at": pl.Series(asked, dtype=pl.Datetime("us")),
            "model": model,
            "predicted_fare": pl.Series(predicted, nan_to_null=False).set(
                pl.Series(generator.random(n) < 0.01), None
            ),
            "fare": pl.Series(fare, nan_to_null=False).set(pl.Series(unknown), None),
            "paid_at": pl.Series(
                [
                    at + timedelta(days=float(d))
                    for at, d in zip(asked, generator.exponential(0.5, n), strict=True)
                ],
                dtype=pl.Datetime("us"),
            ).set(pl.Series(unknown), None),
            "distance": distance,
            "zone": pl.Series(list(zone), dtype=pl.String),
        }
    )


def _tickets(generator: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Scores that do not add up, rows loaded twice, labels of no class, a day of one class."""
    counts = 55 + generator.integers(-15, 15, LOG_DAYS)
    counts[list(EMPTY_DAYS)] = 0
    counts[SINGLE_ROW_DAY] = 1
    day = np.repeat(np.arange(LOG_DAYS), counts)
    n = len(day)
    words = generator.gamma(2, 40, n)
    effects = generator.normal(0, 0.4, (LOG_DAYS, 3))
    logits = np.column_stack([0.01 * words, np.full(n, 0.8), -0.5 + 0.003 * words])
    logits += generator.normal(0, 1, (n, 3))
    score = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    logits += effects[day]
    logits[day >= SECOND_VERSION_FROM, 2] += 0.7
    chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    actual = (generator.random(n)[:, None] > chance.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    actual[day == ALL_ONE_DAY] = 1
    score = np.where((generator.random(n) < 0.05)[:, None], score.round(1), score)
    score[generator.random(n) < 0.01] = 1 / 3
    score[generator.random(n) < 0.01] *= 1.5
    score[generator.random(n) < 0.01, 0] = np.nan
    # Of 1 within a hundredth, and not.
    score[40::101] *= 1.009
    score[60::101] *= 1.011
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
    opened = [
        start + timedelta(days=int(d), seconds=int(s))
        for d, s in zip(day, generator.integers(0, 86400, n), strict=True)
    ]
    frame = pl.DataFrame(
        {
            "ticket": np.arange(n),
            "opened_at": pl.Series(opened, dtype=pl.Datetime("us")),
            "loaded_at": pl.Series(opened, dtype=pl.Datetime("us")),
            "model": np.where(day < SECOND_VERSION_FROM, "t1", "t2"),
            "p_bug": pl.Series(score[:, 0], nan_to_null=False),
            "p_idea": pl.Series(score[:, 1]).set(pl.Series(generator.random(n) < 0.01), None),
            "p_spam": score[:, 2],
            "words": words,
            "channel": pl.Series(
                list(generator.choice(np.array(["mail", "web", None], dtype=object), n)),
                dtype=pl.String,
            ),
        }
    )
    again = frame[900:930].with_columns(
        pl.col("p_spam").alias("p_bug"),
        pl.col("p_bug").alias("p_spam"),
        (pl.col("loaded_at") + timedelta(seconds=9)).alias("loaded_at"),
    )
    names = np.array(["bug", "idea", "it's spam", "question"], dtype=object)
    actual[generator.random(n) < 0.02] = 3
    # Always right and as good as sure of it: nothing but rounding is left of a difference of sums.
    sure = pl.Series((np.arange(n) % 53 == 7) & (actual < 3))
    frame = frame.with_columns(
        pl.when(sure).then(pl.lit("sure")).otherwise("channel").alias("channel"),
        *(
            pl.when(sure)
            .then(pl.Series(np.where(actual == position, 1 - 1e-12, 5e-13)))
            .otherwise(column)
            .alias(column)
            for position, column in enumerate(("p_bug", "p_idea", "p_spam"))
        ),
    )
    outcomes = pl.DataFrame(
        {
            "ticket": np.arange(n),
            "kind": pl.Series(list(names[actual]), dtype=pl.String),
            "closed_at": pl.Series(
                [
                    at + timedelta(days=float(d))
                    for at, d in zip(opened, generator.exponential(0.7, n), strict=True)
                ],
                dtype=pl.Datetime("us"),
            ),
        }
    ).filter(pl.Series(generator.random(n) < 0.92))
    return {"tickets": pl.concat([frame, again]), "ticket_outcomes": outcomes}


def _searches(generator: np.random.Generator) -> pl.DataFrame:
    """Ties, searches without anything relevant, of one answer, with an answer that has no label."""
    counts = 14 + generator.integers(-5, 5, LOG_DAYS)
    counts[list(EMPTY_DAYS)] = 0
    search_day = np.repeat(np.arange(LOG_DAYS), counts)
    answers = generator.integers(1, 8, len(search_day))
    search = np.repeat(np.arange(len(search_day)), answers)
    day = search_day[search]
    n = len(day)
    relevance = np.maximum(generator.integers(-2, 4, n), 0).astype(float)
    score = relevance + generator.normal(0, 1.5, n) + generator.normal(0, 0.5, LOG_DAYS)[day]
    score = np.where(generator.random(n) < 0.3, score.round(), score)
    score[generator.random(n) < 0.005] = np.nan
    relevance[generator.random(n) < 0.01] = -1
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
    seconds = generator.integers(0, 86400, len(search_day))[search]
    place = generator.choice(np.array(["top", "side", None], dtype=object), len(search_day))[search]
    # In the best order. The mean of three tied tenths is a hair more than a tenth.
    exact = search % 17 == 3
    relevance[exact] = np.minimum(relevance[exact], 1) / 10
    place[exact], score[exact] = "exact", relevance[exact]
    # A few searches have an answer from elsewhere.
    place[(search % 29 == 5) & (np.diff(search, prepend=-1) > 0)] = "elsewhere"
    return pl.DataFrame(
        {
            "answer": np.arange(n),
            "asked_at": pl.Series(
                [
                    start + timedelta(days=int(d), seconds=int(s))
                    for d, s in zip(day, seconds, strict=True)
                ],
                dtype=pl.Datetime("us"),
            ),
            "model": "r1",
            "search": pl.Series(search)
            .cast(pl.String)
            .set(pl.Series(generator.random(n) < 0.005), None),
            "relevance_score": pl.Series(score, nan_to_null=False),
            "relevance": pl.Series(relevance).set(pl.Series(generator.random(n) < 0.01), None),
            "age": generator.exponential(1, n),
            "place": pl.Series(list(place), dtype=pl.String),
        }
    )
