"""What the marts should say, computed from the raw tables alone with numpy, scipy, scikit-learn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import nasty
import numpy as np
import polars as pl
from scipy import stats
from sklearn import metrics

Z = 1.959963984540054
WINDOWS = (1, 7, 30)
REFERENCES = ("training", "stable", "rolling", "previous")


def ordinal(day: date) -> int:
    return day.toordinal()


@dataclass(frozen=True)
class Rows:
    """Counted rows of one monitor as arrays; null is NaN in score and label, True in `nulls`."""

    day: np.ndarray
    version: np.ndarray
    is_shadow: np.ndarray
    score: np.ndarray
    label: np.ndarray
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
class Bin:
    """One bin as published: a numeric range, a value, or a category."""

    bin_id: int
    kind: str
    lower: float | None
    upper: float | None
    category: str | None


@dataclass(frozen=True)
class Cell:
    """A range of a numeric feature, or a point, cut here from the raw reference."""

    kind: str
    lower: float
    upper: float
    bin_id: int


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
    _cache: dict[Any, Any] = field(default_factory=dict)

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
        .select("order_id", pl.col("outcome").alias("label"))
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
        .alias("label")
    )
    watched = nasty.VISITS["features"]
    return {
        "orders": Truth(
            "orders",
            _rows(log, orders, orders_segments),
            _rows(history, orders, orders_segments),
            ordinal(as_of),
            3,
            0.4,
            orders,
        ),
        "visits": Truth(
            "visits",
            _rows(visits, watched, {"device": pl.col("device")}),
            None,
            ordinal(as_of),
            2,
            0.5,
            watched,
        ),
    }


def _rows(
    frame: pl.DataFrame, features: Mapping[str, list[str]], segments: Mapping[str, pl.Expr]
) -> Rows:
    score = frame["score"].to_numpy().astype(float)
    label = frame["label"].cast(pl.Float64).to_numpy().astype(float)
    return Rows(
        day=np.array([ordinal(day) for day in frame["day"]]),
        version=np.array(frame["version"].to_list(), object),
        is_shadow=frame["is_shadow"].to_numpy().astype(bool),
        score=np.where(np.isfinite(score), score, np.nan),
        label=np.where(np.isin(label, [0, 1]), label, np.nan),
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


def published_bins(feature_bins: pl.DataFrame, monitor: str) -> dict[str, list[Bin]]:
    """Return the bins of the public relation by feature."""
    found: dict[str, list[Bin]] = {}
    for row in feature_bins.filter(pl.col("monitor") == monitor).iter_rows(named=True):
        found.setdefault(row["feature_name"], []).append(
            Bin(
                row["bin_id"],
                row["bin_kind"],
                row["lower_bound"],
                row["upper_bound"],
                row["category"],
            )
        )
    return found


def numeric_bin_ids(values: np.ndarray, nulls: np.ndarray, bins: list[Bin]) -> np.ndarray:
    """Return the bin of each value by the published bounds; every value must have just one."""
    points = {bin_.lower for bin_ in bins if bin_.kind == "point"}
    inner = [bin_ for bin_ in bins if bin_.kind == "interval"]
    largest = max((bin_.upper for bin_ in bins if bin_.kind in ("point", "interval")), default=None)
    finite = ~nulls & np.isfinite(values)
    taken = np.zeros(len(values), int)
    ids = np.full(len(values), -99)

    def put(where: np.ndarray, bin_id: int) -> None:
        taken[where] += 1
        ids[where] = bin_id

    with np.errstate(invalid="ignore"):
        for bin_ in bins:
            if bin_.kind == "null":
                put(nulls, bin_.bin_id)
            elif bin_.kind == "non_finite":
                put(~nulls & ~finite, bin_.bin_id)
            elif bin_.kind == "below":
                put(finite & (values < bin_.upper), bin_.bin_id)
            elif bin_.kind == "above":
                put(finite & (values > bin_.lower), bin_.bin_id)
            elif bin_.kind == "point":
                put(finite & (values == bin_.lower), bin_.bin_id)
        for bin_ in inner:
            is_last = bin_.upper == largest and bin_.upper not in points
            from_below = values > bin_.lower if bin_.lower in points else values >= bin_.lower
            to_above = values <= bin_.upper if is_last else values < bin_.upper
            inside = finite & from_below & to_above
            if (
                is_last
                and bin_.lower < bin_.upper
                and any(other.lower == bin_.upper for other in inner)
            ):
                inside &= values < bin_.upper
            put(inside, bin_.bin_id)
    assert (taken == 1).all(), f"values in no bin or in two: {values[taken != 1][:5]}"
    return ids


def category_bin_ids(values: np.ndarray, reference: np.ndarray, bins: list[Bin]) -> np.ndarray:
    """Return the bin of each category; rare are those the reference has and no bin names."""
    by_category = {bin_.category: bin_.bin_id for bin_ in bins if bin_.kind == "category"}
    by_kind = {bin_.kind: bin_.bin_id for bin_ in bins if bin_.kind != "category"}
    seen = set(reference)

    def bin_of(value: str | None) -> int:
        if value is None:
            return by_kind["null"]
        if value in by_category:
            return by_category[value]
        return by_kind["rare" if value in seen else "unseen"]

    return np.array([bin_of(value) for value in values])


def bin_ids(truth: Truth, bins: dict[str, list[Bin]], feature: str, rows: Rows) -> np.ndarray:
    """Return the published bin of every row for a feature."""
    if feature in rows.numeric:
        return numeric_bin_ids(rows.numeric[feature], rows.nulls[feature], bins[feature])
    reference, mask = truth.bin_reference()
    return category_bin_ids(
        rows.categorical[feature], reference.categorical[feature][mask], bins[feature]
    )


def public_cells(reference: np.ndarray) -> list[Cell]:
    """Cut public bins from finite reference values: points of a tenth, else tenths by rank."""
    values, counts = np.unique(reference, return_counts=True)
    is_point = counts >= 0.1 * counts.sum()
    others, other_counts = values[~is_point], counts[~is_point]
    mass = int(other_counts.sum())
    levels = max(1, int(np.floor(10 * mass / counts.sum() + 0.5)))
    level = (np.cumsum(other_counts) - 1) * levels // max(mass, 1)
    entered = others[np.diff(level, prepend=-1) > 0]
    edges = sorted([*((value, True) for value in values[is_point]), *((v, False) for v in entered)])
    cells: list[Cell] = []
    for (edge, point), following in zip(edges, [*edges[1:], None], strict=True):
        upper = following[0] if following else values[-1]
        if point:
            cells.append(Cell("point", float(edge), float(edge), len(cells) + 1))
        if not point or edge < values[-1]:
            cells.append(Cell("interval", float(edge), float(upper), len(cells) + 1))
    return cells


def split_cells(public: list[Cell]) -> list[Cell]:
    """Cut each public interval into ten parts of equal width; a point stays one cell."""
    fine: list[Cell] = []
    for cell in public:
        edges = np.linspace(cell.lower, cell.upper, _parts(cell, fine=True) + 1)
        fine += [
            Cell(cell.kind, float(lower), float(upper), cell.bin_id)
            for lower, upper in pairwise(edges)
        ]
    return fine


def cell_positions(values: np.ndarray, public: list[Cell], fine: bool) -> np.ndarray:
    """Return the position of each finite value among the cells, public ones or their tenths.

    Below all cells it is -1, above them the number of cells.
    """
    parts = [_parts(cell, fine) for cell in public]
    positions = np.full(len(values), -1)
    positions[values > public[-1].upper] = sum(parts)
    for index, cell in enumerate(public):  # a later cell wins where two share an edge
        first = sum(parts[:index])
        if cell.kind == "point":
            positions[values == cell.lower] = first
            continue
        before = public[index - 1] if index else None
        after_point = before is not None and (before.kind, before.lower) == ("point", cell.lower)
        inside = values > cell.lower if after_point else values >= cell.lower
        inside &= values <= cell.upper
        positions[inside] = first
        if parts[index] > 1:
            share = (values[inside] - cell.lower) / (cell.upper - cell.lower)
            # A decimal at a tenth lies in the tenth that begins there, however it is rounded.
            positions[inside] += np.minimum(np.floor(10 * share + 1e-10), 9).astype(int)
    return positions


def _parts(cell: Cell, fine: bool) -> int:
    return 10 if fine and cell.lower < cell.upper else 1


def quantile_in_cells(values: np.ndarray, public: list[Cell], share: float) -> float:
    """Return the quantile of values inside the cells' range, linear inside its fine cell."""
    cells = split_cells(public)
    counts = np.bincount(cell_positions(values, public, fine=True), minlength=len(cells))
    through = np.cumsum(counts)
    index = int(np.searchsorted(through, share * len(values)))
    cell, before = cells[index], through[index] - counts[index]
    part = (share * len(values) - before) / counts[index]
    return cell.lower + (cell.upper - cell.lower) * part


def psi(current: np.ndarray, reference: np.ndarray) -> float | None:
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


def block_psi_p99(daily: np.ndarray, window: int) -> float | None:
    """99th percentile of the PSI of each block of days against the other days of a reference."""
    daily = daily[:, daily.sum(axis=0) > 0]
    while True:
        found = []
        for last in range(window, len(daily) + 1):
            block = daily[last - window : last].sum(axis=0)
            rest = daily.sum(axis=0) - block
            if block.sum() > 0 and rest.sum() > 0:
                extra = 0.5 * daily.shape[1]
                pooled = extra * (block + rest) / (block.sum() + rest.sum())
                p = (block + pooled) / (block.sum() + extra)
                q = (rest + pooled) / (rest.sum() + extra)
                found.append(float(((p - q) * np.log(p / q)).sum()))
        if found:
            return float(np.quantile(found, 0.99))
        if window == 1:
            return None
        window = 7 if window == 30 else 1


def psi_null(current: np.ndarray, reference: np.ndarray, block: float | None) -> float | None:
    """The larger of the 99th percentiles of independent rows and of blocks of days."""
    if current.sum() == 0 or reference.sum() == 0:
        return None
    bins = int((current + reference > 0).sum())
    inverse = 1 / current.sum() + 1 / reference.sum()
    return max(float(stats.chi2.ppf(0.99, max(bins - 1, 1))) * inverse, block or 0.0)


def score_cells(score: np.ndarray, per_unit: int) -> np.ndarray:
    """Return the cell of each probability on the grid of the logit."""
    logit = np.log(np.maximum(score, 1e-5) / np.maximum(1 - score, 1e-5))
    return np.clip(np.floor(per_unit * logit), -10 * per_unit, 10 * per_unit - 1).astype(int)


@dataclass(frozen=True)
class Metric:
    """A metric's value from raw rows, and how far cells of the score may move it."""

    value: float | None
    tolerance: float = 1e-9


def all_metrics(
    score: np.ndarray, label: np.ndarray, threshold: float, per_unit: int
) -> dict[str, Metric]:
    """Return the nine metrics of judged rows (label known, score between 0 and 1)."""
    called = score >= threshold
    positive = label == 1
    n, p = len(score), int(positive.sum())
    nothing = Metric(None)
    found = {
        "accuracy": Metric(metrics.accuracy_score(positive, called)) if n else nothing,
        "precision": Metric(metrics.precision_score(positive, called)) if called.any() else nothing,
        "recall": Metric(metrics.recall_score(positive, called)) if p else nothing,
        "f1": Metric(metrics.f1_score(positive, called)) if (called | positive).any() else nothing,
        "log_loss": Metric(metrics.log_loss(positive, score, labels=[False, True]))
        if n
        else nothing,
        "brier": Metric(float(np.mean((score - label) ** 2))) if n else nothing,
        "roc_auc": nothing,
        "gini": nothing,
        "average_precision": nothing,
    }
    if 0 < p < n:
        auc = metrics.roc_auc_score(positive, score)
        bound = auc_error_bound(score, positive, per_unit)
        found["roc_auc"] = Metric(auc, bound + 1e-9)
        found["gini"] = Metric(2 * auc - 1, 2 * bound + 1e-9)
        assert np.isclose(found["brier"].value, metrics.brier_score_loss(positive, score))
    if p:
        worst, best = average_precision_range(score, positive, per_unit)
        value = metrics.average_precision_score(positive, score)
        found["average_precision"] = Metric(value, max(value - worst, best - value) + 1e-9)
    return found


def auc_error_bound(score: np.ndarray, positive: np.ndarray, per_unit: int) -> float:
    """Half of the pairs whose order a cell hides, as a share of all pairs."""
    cells = score_cells(score, per_unit) + 10 * per_unit
    positives = np.bincount(cells[positive], minlength=20 * per_unit)
    negatives = np.bincount(cells[~positive], minlength=20 * per_unit)
    return 0.5 * float((positives * negatives).sum()) / (positives.sum() * negatives.sum())


def average_precision_range(
    score: np.ndarray, positive: np.ndarray, per_unit: int
) -> tuple[float, float]:
    """Return the least and the greatest average precision that the cells allow: each ranks its
    negatives first or last, its positives one after the other or, as the mart has it, all at once.
    """
    cells = score_cells(score, per_unit)
    worst = best = 0.0
    true_before = false_before = 0
    for cell in np.unique(cells)[::-1]:
        inside = cells == cell
        p, n = int(positive[inside].sum()), int((~positive[inside]).sum())
        ranks = true_before + np.arange(1, p + 1)
        at_once = p * (true_before + p) / (true_before + p + false_before + n)
        worst += min(float((ranks / (ranks + false_before + n)).sum()), at_once)
        best += max(float((ranks / (ranks + false_before)).sum()), at_once)
        true_before, false_before = true_before + p, false_before + n
    return worst / true_before, best / true_before


def delong_standard_error(score: np.ndarray, positive: np.ndarray) -> float:
    """DeLong, DeLong and Clarke-Pearson (1988) by comparing every positive with every negative."""
    difference = score[positive][:, None] - score[~positive][None, :]
    wins = (difference > 0) + 0.5 * (difference == 0)
    p, n = wins.shape
    variance = wins.mean(axis=1).var(ddof=1) / p + wins.mean(axis=0).var(ddof=1) / n
    return float(np.sqrt(variance))


def wilson(share: float, trials: float) -> tuple[float, float]:
    """Wilson's (1927) 95 % interval."""
    middle = (share + Z * Z / (2 * trials)) / (1 + Z * Z / trials)
    half = (
        Z
        / (1 + Z * Z / trials)
        * np.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    )
    return middle - half, middle + half


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


def by_key(frame: pl.DataFrame, keys: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the rows of a relation by key; a key met twice is a fault."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in frame.iter_rows(named=True):
        if "metric_date" in row and row["metric_date"] is not None:
            row["metric_date"] = ordinal(row["metric_date"])
        key = tuple(row[name] for name in keys)
        assert key not in found, f"twice: {dict(zip(keys, key, strict=True))}"
        found[key] = row
    return found


def is_close(
    found: float | None, expected: float | None, rel: float = 1e-9, tol: float = 1e-9
) -> bool:
    """Compare two numbers of which null equals null alone."""
    if found is None or expected is None:
        return found is None and expected is None
    return bool(abs(found - expected) <= tol + rel * abs(expected))


def windows_of(truth: Truth) -> Iterator[tuple[int, int]]:
    for window in WINDOWS:
        for day in judged_dates(truth):
            yield window, day
