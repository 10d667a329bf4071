"""PSI and what it may be without any drift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

from truth.comparing import is_close
from truth.rows import Rows, Truth, rows_a_day


def smoothed_psi(current: np.ndarray, reference: np.ndarray) -> float | None:
    """Half a row per used bin is added, shared out in proportion to the pooled counts."""
    if current.sum() == 0 or reference.sum() == 0:
        return None
    used = current + reference > 0
    current, reference = current[used].astype(float), reference[used].astype(float)
    extra = 0.5 * len(current)
    pooled = extra * (current + reference) / (current.sum() + reference.sum())
    p = (current + pooled) / (current.sum() + extra)
    q = (reference + pooled) / (reference.sum() + extra)
    return float(((p - q) * np.log(p / q)).sum())


def psi_parts(
    current: np.ndarray, reference: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smoothed shares of both sides by bin, and what each adds to PSI; bins without rows add 0."""
    used = current + reference > 0
    extra = 0.5 * used.sum()
    pooled = extra * (current + reference) / (current.sum() + reference.sum())
    p = (current + pooled) / (current.sum() + extra)
    q = (reference + pooled) / (reference.sum() + extra)
    terms = np.zeros(len(current))
    terms[used] = (p - q)[used] * np.log(p[used] / q[used])
    return p, q, terms


def chi_square(
    current: np.ndarray, reference: np.ndarray
) -> tuple[float | None, int | None, float | None]:
    """Chi-square of two samples, degrees of freedom, V corrected for bias (Bergsma 2013)."""
    if current.sum() == 0 or reference.sum() == 0:
        return None, None, None
    table = np.array([current, reference])[:, current + reference > 0]
    found = stats.chi2_contingency(table, correction=False)
    total, (rows, bins) = table.sum(), table.shape
    squared = max(found.statistic / total - (bins - 1) * (rows - 1) / (total - 1), 0.0)
    least = min(size - (size - 1) ** 2 / (total - 1) for size in (bins, rows)) - 1
    return found.statistic, found.dof, float(np.sqrt(squared / least)) if least > 0 else None


def block_psi(daily: np.ndarray, window: int) -> list[tuple[float, float, float, int, float]]:
    """PSI of each block of days against the other days of a reference, both sides' rows, bins, and
    the rows of a day, by which what days share makes PSI larger than that of independent rows:
    its variance goes with the squares of the days' shares, theirs with 1 over the rows."""
    daily = daily[:, daily.sum(axis=0) > 0]
    found = []
    for last in range(window, len(daily) + 1):
        block = daily[last - window : last].sum(axis=0)
        rest = daily.sum(axis=0) - block
        if block.sum() > 0 and rest.sum() > 0:
            extra = 0.5 * daily.shape[1]
            pooled = extra * (block + rest) / (block.sum() + rest.sum())
            p = (block + pooled) / (block.sum() + extra)
            q = (rest + pooled) / (rest.sum() + extra)
            psi = float(((p - q) * np.log(p / q)).sum())
            n, m = float(block.sum()), float(rest.sum())
            inside = np.arange(len(daily)) >= last - window
            inside &= np.arange(len(daily)) < last
            shares = np.where(inside, daily.sum(axis=1) / n, daily.sum(axis=1) / m)
            found.append((psi, n, m, daily.shape[1], float((shares**2).sum() / (1 / n + 1 / m))))
    return found


def weekday_psi(daily: np.ndarray) -> list[tuple[float, float, float, int, float]]:
    """The same of each day against the other days of its weekday."""
    return [
        found for weekday in range(min(7, len(daily))) for found in block_psi(daily[weekday::7], 1)
    ]


def expected_psi(n: float, m: float, bins: int) -> float:
    """Mean of the smoothed PSI of independent rows: that of a chi-square over the harmonic size,
    less what half a row per bin takes from a difference of shares, as sparse bins have it."""
    shrinking = (1 / (n + bins / 2) + 1 / (m + bins / 2)) / (1 / n + 1 / m)
    crowd = min(n, m) / bins
    sparse = 1 + 0.5 / crowd if crowd >= 5 else min(max(1.015 + 0.16 * np.log(crowd), 0.6), 1.12)
    sparse += 0.2 * min(n, m) / max(n, m) / max(crowd, 0.5)
    return max(bins - 1, 1) * (1 / n + 1 / m) * shrinking**2 * sparse


def row_spread(n: float, m: float, bins: int) -> float:
    """Half the squared coefficient of variation of the same."""
    crowd = min(n, m) / bins
    sparse = 1 + 2.15 / crowd if crowd >= 5 else min(max(0.56 + 0.674 * np.log(crowd), 0.2), 1.43)
    return sparse / max(bins - 1, 1)


@dataclass(frozen=True)
class DayNull:
    """How much more the days of a reference differ than independent rows would, in how few
    directions, from how many blocks of how many rows a day that is known."""

    excess: float = 0.0
    concentration: float = 1.0
    blocks: float = 0.0
    rows: float = 1.0
    largest: float = np.inf

    @classmethod
    def of(cls, daily: np.ndarray, window: int) -> "DayNull":
        """From blocks as long as the window, or shorter ones where there are under four of them;
        of a week or longer no less than days show beside their weekday."""
        for length in [length for length in (30, 7, 1) if length <= window]:
            found = block_psi(daily, length)
            blocks = (len(found) + length - 1) / length
            if found and (length == 1 or blocks >= 4):
                break
        else:
            return cls()
        known = cls._of_blocks(found, length, blocks)
        beside = cls.of_weekdays(daily) if length >= 7 else known
        if beside.excess / beside.rows > known.excess / known.rows:
            return replace(beside, largest=known.largest)
        return known

    @classmethod
    def of_weekdays(cls, daily: np.ndarray) -> "DayNull":
        """From days against the others of their weekday, of which each has one less than it has
        days to say; where that leaves under seven, from days against all others."""
        found = weekday_psi(daily)
        days = daily.sum(axis=1) > 0
        blocks = len(found) - sum(days[weekday::7].sum() > 1 for weekday in range(7))
        return cls._of_blocks(found, 0, blocks) if blocks >= 7 else cls.of(daily, 1)

    @classmethod
    def _of_blocks(
        cls,
        found: list[tuple[float, float, float, int, float]],
        length: int,
        blocks: float,
    ) -> "DayNull":
        rows = float(np.mean([size for *_, size in found]))
        p99 = float(np.quantile([psi for psi, *_ in found], 0.99))
        largest = p99 if p99 > 1 else np.inf
        if length == 1 and blocks < 7:
            return cls(blocks=blocks, rows=rows, largest=largest)
        ratios = np.array([psi / expected_psi(n, m, bins) for psi, n, m, bins, _ in found])
        spread = float(np.mean([row_spread(n, m, bins) for _, n, m, bins, _ in found]))
        above = float(ratios.mean()) - 1
        if above <= 0:
            return cls(blocks=blocks, rows=rows, largest=largest)
        freedom = max(*(bins - 1 for *_, bins, _ in found), 1)
        squares = (ratios.var(ddof=1) if len(ratios) > 1 else 0.0) / 2 - spread
        single = min(max((squares - 2 * above / freedom) / above**2, 1 / freedom), 1.0)
        return cls(above, (84 + blocks * single) / (84 + blocks), blocks, rows, largest)


@dataclass(frozen=True)
class Weights:
    """How much single days weigh in a window and in its reference: the sum of squares of their
    shares of all answered rows. Days of a reference that moves, or is not over before the window,
    are taken to be no more than its rows make of days as large as those of the window.
    """

    window: float
    moving: float | None
    still: float | None

    @classmethod
    def of(
        cls, truth: Truth, reference: str, day: int, window: int, history: Rows | None = None
    ) -> "Weights":
        """`history` is what features are compared with as `training`, else the first 28 days."""
        days = np.array(truth.days)
        if reference in ("training", "stable"):
            of_day = rows_a_day(truth, days < truth.first_day + 28)
            is_over = day - window >= truth.first_day + 27
            if reference == "training" and history is not None:
                of_day = np.unique(history.day, return_counts=True)[1]
                is_over = day - window >= history.day.max()
            of_window = _weight(truth, (days > day - window) & (days <= day))
            return cls(of_window, None, _of_shares(of_day) if is_over else None)
        first = {"rolling": day - window - 29, "previous": day - 2 * window + 1}.get(reference)
        if reference == "same_weekday":
            moving = same_weekdays(day, days)
        else:
            assert first is not None
            moving = (days >= first) & (days <= day - window)
        of_window = (days > day - window) & (days <= day)
        return cls(_weight(truth, of_window), _weight(truth, moving), None)


def _weight(truth: Truth, chosen: np.ndarray) -> float:
    return _of_shares(rows_a_day(truth, chosen))


def _of_shares(of_day: np.ndarray) -> float:
    return float(((of_day / max(of_day.sum(), 1)) ** 2).sum())


@dataclass(frozen=True)
class PsiNull:
    """PSI without any drift: a sum of squares, bins less one for the rows, fewer for the days."""

    expected: float
    days: float
    variance: float
    tail: float
    shape: float
    divisor: float
    largest: float
    """Percentile of the reference's own blocks, where these speak for themselves."""

    @classmethod
    def of(
        cls, current: np.ndarray, reference: np.ndarray, weights: Weights, known: DayNull
    ) -> "PsiNull | None":
        n, m = float(current.sum()), float(reference.sum())
        if n == 0 or m == 0:
            return None
        bins = int((current + reference > 0).sum())
        freedom, spread = max(bins - 1, 1), row_spread(n, m, bins)
        of_reference = max(weights.window * n / m, weights.moving or 0.0)
        if weights.still is not None:
            of_reference = weights.still
        days = known.excess / known.rows * (weights.window + of_reference) / (1 / n + 1 / m)
        squares = known.concentration * days**2
        variance = 2 * (spread + 2 * days / freedom + squares)
        third = 8 * (
            freedom * np.sqrt(spread / freedom) ** 3
            + 3 * days / freedom**2
            + 3 * squares / freedom
            + known.concentration**2 * days**3
        )
        shape = max(2 * (1 + days) ** 2 / variance, 1.0)
        return cls(
            expected=expected_psi(n, m, bins),
            days=days,
            variance=float(variance),
            tail=max(float(8 * variance**3 / third**2), 1.0),
            shape=float(shape),
            divisor=shape * known.blocks * (1 + 1 / days) ** 2 if days > 0 else np.inf,
            largest=known.largest,
        )

    @property
    def p99(self) -> float:
        return min(float(psi_quantile([self], 0.01)[0]), self.largest)


def psi_quantile(nulls: Sequence[PsiNull], exceeded: np.ndarray | float) -> np.ndarray:
    """The PSI that each null exceeds so often, the blocks' own percentile left out."""
    expected, days, variance, tail, shape, divisor = (
        np.array([getattr(null, name) for null in nulls])
        for name in ("expected", "days", "variance", "tail", "shape", "divisor")
    )
    squares = (stats.chi2.isf(exceeded, tail) - tail) / np.sqrt(2 * tail)
    few = np.where(
        np.isinf(divisor),
        1.0,
        stats.f.isf(exceeded, shape, np.minimum(divisor, 1e9))
        / (stats.chi2.isf(exceeded, shape) / shape),
    )
    return expected * (1 + days + np.sqrt(variance) * squares) * few


def psi_null(
    current: np.ndarray, reference: np.ndarray, weights: Weights, known: DayNull
) -> float | None:
    """The 99th percentile of PSI without any drift."""
    null = PsiNull.of(current, reference, weights, known)
    return None if null is None else null.p99


def same_weekdays(day: int, days: np.ndarray) -> np.ndarray:
    """Which days are the same weekday of the four weeks before."""
    return np.isin(days, [day - 7 * week for week in (1, 2, 3, 4)])


def assert_beside_weekdays(
    row: Mapping[str, Any],
    current: np.ndarray,
    other: np.ndarray,
    weights: Weights,
    known: DayNull,
) -> None:
    """What a row says of the day against its own weekdays, from the rows of both in each bin."""
    names = ("same_weekday_psi", "same_weekday_js_distance", "same_weekday_psi_null_p99")
    psi = smoothed_psi(current, other)
    if psi is None:
        assert [row[name] for name in (*names, "same_weekday_rows")] == [None] * 4, row
        return
    assert row["same_weekday_rows"] == other.sum(), row
    distance = float(jensenshannon(current, other, base=np.e))
    null = psi_null(current, other, weights, known)
    for name, expected, slack in zip(names, (psi, distance, null), (1e-9, 1e-7, 0.03), strict=True):
        assert is_close(row[name], expected, rel=slack, tol=min(slack, 1e-7)), (row, name, expected)
