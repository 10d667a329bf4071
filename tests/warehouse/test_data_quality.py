"""Checks of each day, what they are expected to be and how they are judged, from raw rows."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import nasty
import numpy as np
import polars as pl
import pytest
from scipy import stats
from truth.comparing import by_key, is_close
from truth.performance import Z
from truth.rows import Rows, Truth, ordinal

MONITORS = ("orders", "visits")
EVIDENCE = 2.576
SHARE_THRESHOLDS, VOLUME_THRESHOLDS, FRESHNESS_THRESHOLDS = (0.02, 0.1), (0.5, 0.9), (1, 3)
Daily = dict[int, tuple[float, float]]
"""Numerator and denominator by day."""


def counted(rows: Rows, wrong: np.ndarray) -> Daily:
    """Rows that are wrong and all rows that answered, by day."""
    served = rows.served
    days = np.unique(rows.day[served])
    return {
        int(day): (float((wrong & served & (rows.day == day)).sum()),
                   float((served & (rows.day == day)).sum()))
        for day in days
    }  # fmt: skip


def checks_of(truth: Truth, tables: dict[str, pl.DataFrame]) -> Iterator[tuple[str, str, Daily]]:
    """Every check that is a share, with its column and its counts."""
    rows = truth.rows
    reference, in_reference = truth.bin_reference()
    for feature, values in rows.numeric.items():
        null = rows.nulls[feature]
        finite = np.isfinite(values) & ~null
        known = reference.numeric[feature][in_reference & ~reference.nulls[feature]]
        known = known[np.isfinite(known)]
        outside = finite if not len(known) else finite & (
            (values < known.min()) | (values > known.max())
        )  # fmt: skip
        yield "null_share", feature, counted(rows, null)
        yield "non_finite_share", feature, counted(rows, ~finite & ~null)
        yield "out_of_range_share", feature, counted(rows, outside)
    for feature, texts in rows.categorical.items():
        null = rows.nulls[feature]
        known = set(reference.categorical[feature][in_reference & ~reference.nulls[feature]])
        unseen = np.array([text not in known for text in texts]) & ~null
        yield "null_share", feature, counted(rows, null)
        yield "unseen_share", feature, counted(rows, unseen)
    missing = np.isnan(rows.score)
    with np.errstate(invalid="ignore"):
        invalid = ~missing & ~((rows.score >= 0) & (rows.score <= 1))
    yield "null_score_share", "all", counted(rows, missing)
    yield "invalid_score_share", "all", counted(rows, invalid)
    yield "duplicate_share", "all", duplicates(truth, tables)


def duplicates(truth: Truth, tables: dict[str, pl.DataFrame]) -> Daily:
    """Rows as loaded less what is left when each id of a day and version counts once."""
    days, counts = np.unique(truth.rows.day, return_counts=True)
    once = dict(zip(days.tolist(), counts.tolist(), strict=True))
    if truth.name == "visits":
        return {day: (0.0, float(count)) for day, count in once.items()}
    tonight = nasty.AS_OF + timedelta(days=1)
    loaded = tables["orders_log"].filter(
        ~pl.col("is_test"), pl.col("order_id").is_not_null(),
        pl.col("predicted_at") < tonight, pl.col("loaded_at") < tonight,
    )  # fmt: skip
    per_day = loaded["predicted_at"].dt.date().value_counts()
    return {
        ordinal(day): (float(count - once[ordinal(day)]), float(count))
        for day, count in per_day.iter_rows()
    }


def before(daily: Daily, day: int, first: int = 28, last: int = 1) -> np.ndarray:
    """Day, numerator and denominator of the days between `first` and `last` days before."""
    found = [(at, *daily[at]) for at in range(day - first, day - last + 1) if at in daily]
    return np.array(found, float).reshape(-1, 3)


def slope(daily: Daily, day: int) -> float | None:
    """Weighted least squares by numpy; its weights are those of the residuals, not of squares."""
    days = before(daily, day, 27, 0)
    if len(days) < 14:
        return None
    at, hits, trials = days.T
    return float(7 * np.polyfit(at - day, hits / trials, 1, w=np.sqrt(trials))[0])


def judged(excess: float, thresholds: tuple[float, float]) -> str:
    yellow, red = thresholds
    return "red" if excess >= red else "yellow" if excess >= yellow else "ok"


@pytest.fixture(scope="module")
def rows(first_build: dict[str, pl.DataFrame]) -> dict[str, dict[tuple[Any, ...], Any]]:
    parts = first_build["data_quality"].partition_by("monitor", as_dict=True)
    keys = ["check_name", "column_name", "metric_date"]
    return {str(key[0]): by_key(part, keys) for key, part in parts.items()}


@pytest.mark.parametrize("monitor", MONITORS)
def test_shares_equal_counts_of_raw_rows(
    truths: dict[str, Truth],
    tables: dict[str, pl.DataFrame],
    rows: dict[str, dict[tuple[Any, ...], Any]],
    monitor: str,
) -> None:
    looked_at, statuses = set(), set()
    for check, column, daily in checks_of(truths[monitor], tables):
        for day, (hits, trials) in daily.items():
            row = rows[monitor][check, column, day]
            looked_at.add((check, column, day))
            assert (row["numerator"], row["denominator"]) == (hits, trials), (check, column, day)
            assert is_close(row["check_value"], hits / trials)
            found = before(daily, day)
            expected = upper = None
            if len(found) >= 7:
                _, n, d = found.T
                expected = n.sum() / d.sum()
                little = (n.sum() + 1) / (d.sum() + 2)
                spread = np.var(n / d, ddof=1) * (1 + 1 / len(found))
                by_chance = little * (1 - little) * (1 / trials + 1 / d.sum())
                student = stats.t.ppf(0.975, len(found) - 1) / Z
                upper = expected + EVIDENCE * student * np.sqrt(max(spread, by_chance))
            if check == "invalid_score_share":
                expected = upper = 0.0
            assert is_close(row["expected"], expected), (check, column, day)
            assert is_close(row["upper_bound"], upper, 1e-3), (check, column, day)
            assert is_close(row["trend_per_week"], slope(daily, day), 1e-7), (check, column, day)
            if check == "null_score_share" and hits == trials >= 50:
                status = "red"
            elif expected is None or trials < 50:
                status = "insufficient_data"
            elif hits / trials <= row["upper_bound"]:
                status = "ok"
            else:
                status = judged(hits / trials - expected, SHARE_THRESHOLDS)
            assert row["status"] == status, (check, column, day)
            statuses.add(status)
    shares = {key for key in rows[monitor] if key[0].endswith("share")}
    assert {key for key in shares if key[0] != "unusable_label_share"} == looked_at
    assert statuses >= {"ok", "insufficient_data"}


def test_what_is_wrong_is_seen(rows: dict[str, dict[tuple[Any, ...], Any]]) -> None:
    """A channel that nobody knew is expected by now; rows loaded twice in one day are not."""
    flagged = {(key[0], key[1]) for key, row in rows["orders"].items()
               if row["status"] in ("yellow", "red")}  # fmt: skip
    assert ("duplicate_share", "all") in flagged
    usual = [row for key, row in rows["orders"].items() if key[:2] == ("unseen_share", "channel")]
    assert np.mean([row["status"] in ("yellow", "red") for row in usual]) < 0.05
    assert max(row["check_value"] for row in usual) > 0.05


@pytest.mark.parametrize("monitor", MONITORS)
def test_volume_is_compared_with_the_same_weekday_and_freshness_with_the_longest_gap(
    truths: dict[str, Truth], rows: dict[str, dict[tuple[Any, ...], Any]], monitor: str
) -> None:
    truth = truths[monitor]
    served = truth.rows.day[truth.rows.served]
    counts = {day: int((served == day).sum()) for day in truth.days}
    ages = {day: day - max(at for at in truth.days if at <= day and counts[at])
            for day in truth.days}  # fmt: skip
    statuses = set()
    for day in truth.days:
        is_unjudged = day - truth.first_day < 30
        weekdays = [counts[day - back] for back in (7, 14, 21, 28) if day - back in counts]
        volume = rows[monitor]["volume", "all", day]
        expected = np.mean(weekdays) if len(weekdays) == 4 else None
        assert (volume["check_value"], volume["numerator"]) == (counts[day], counts[day])
        assert is_close(volume["expected"], expected), day
        status = "insufficient_data"
        if not is_unjudged and expected is not None:
            status = judged(1 - counts[day] / expected, VOLUME_THRESHOLDS)
        assert volume["status"] == status, day
        freshness = rows[monitor]["freshness", "all", day]
        alive = day - ages[day]
        earlier = [ages[at] for at in range(alive - 27, alive + 1) if at in ages]
        longest = max(earlier) if day - truth.first_day >= 7 else None
        assert (freshness["check_value"], freshness["expected"]) == (ages[day], longest), day
        status = "insufficient_data"
        if not is_unjudged:
            status = judged(ages[day] - longest, FRESHNESS_THRESHOLDS)
        assert freshness["status"] == status, day
        statuses |= {(row["check_name"], row["status"]) for row in (volume, freshness)}
    if monitor == "orders":
        assert ("volume", "red") in statuses
        assert max(ages.values()) == 2


@pytest.mark.parametrize("monitor", MONITORS)
def test_label_coverage_is_judged_as_its_signal_is(
    first_build: dict[str, pl.DataFrame],
    truths: dict[str, Truth],
    rows: dict[str, dict[tuple[Any, ...], Any]],
    monitor: str,
) -> None:
    truth = truths[monitor].rows
    signals = first_build["signals"].filter(
        pl.col("rule_id") == "label_coverage", pl.col("monitor") == monitor
    )
    severities = {ordinal(day): "ok" if severity == "green" else severity
                  for day, severity in signals["metric_date", "severity"].iter_rows()}  # fmt: skip
    found = {key[2]: row for key, row in rows[monitor].items() if key[0] == "label_coverage"}
    with_rows = {day for day in severities if (truth.served & (truth.day == day)).any()}
    assert set(found) == with_rows
    known = counted(truth, ~np.isnan(truth.label))
    for day, row in found.items():
        assert (row["numerator"], row["denominator"]) == known[day]
    agreeing = [row["status"] == severities[day] for day, row in found.items()]
    assert np.mean(agreeing) > 0.95, "their expectations are of 28 and of 30 days"
