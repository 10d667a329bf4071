"""Confidence-based performance estimation from raw rows: scikit-learn's isotonic regression, sums
over rows, derivatives by differences."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats
from sklearn.isotonic import IsotonicRegression

from truth.performance import Z, score_cells
from truth.rows import Truth

METRICS = ("accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "brier")
EPSILON = 2.220446049250313e-16
STEP = 1e-5
FIT_DAYS = 28


@dataclass(frozen=True)
class Map:
    """What a version's labelled rows of its first four weeks say of its scores, on one grid."""

    score: np.ndarray
    label: np.ndarray
    day: np.ndarray
    last_day: int
    per_unit: int
    threshold: float

    @classmethod
    def of(cls, truth: Truth, version: str, per_unit: int) -> "Map":
        rows = truth.rows
        first, _ = truth.span(version)
        with np.errstate(invalid="ignore"):
            fitted = rows.of_version(version) & (rows.score >= 0) & (rows.score <= 1)
        fitted &= ~np.isnan(rows.label) & (rows.day < first + FIT_DAYS)
        return cls(
            rows.score[fitted],
            rows.label[fitted],
            rows.day[fitted],
            first + FIT_DAYS - 1,
            per_unit,
            truth.threshold,
        )

    @cached_property
    def cells(self) -> np.ndarray:
        return score_cells(self.score, self.per_unit)

    @cached_property
    def groups(self) -> np.ndarray:
        """The group of each row: a run of cells that holds a hundredth of the rows and of what the
        scores would have as positives, on average of both."""
        cells, rows = np.unique(self.cells, return_counts=True)
        chance = 1 / (1 + np.exp(-(cells + 0.5) / self.per_unit))
        middles = np.zeros(len(cells))
        for mass in (rows, rows * (1 + np.floor(1e6 * chance))):
            middles += (np.cumsum(mass) - mass / 2) / mass.sum()
        of_cell = 1 + np.floor(50 * middles).astype(int)
        return np.asarray(of_cell[np.searchsorted(cells, self.cells)])

    @cached_property
    def fitted(self) -> dict[int, float]:
        """The probability of each group."""
        groups, place, rows = np.unique(self.groups, return_inverse=True, return_counts=True)
        positives = np.bincount(place, weights=self.label)
        fit = IsotonicRegression().fit_transform(groups, positives / rows, sample_weight=rows)
        return dict(zip(groups.tolist(), fit.tolist(), strict=True))

    @cached_property
    def starts(self) -> tuple[np.ndarray, np.ndarray]:
        groups = np.array(list(self.fitted))
        return groups, np.array([self.cells[self.groups == group].min() for group in groups])

    def group_of(self, cells: np.ndarray) -> np.ndarray:
        """A cell that no row was fitted in belongs to the group below it."""
        groups, starts = self.starts
        return np.asarray(groups[np.maximum(np.searchsorted(starts, cells, side="right") - 1, 0)])

    def probability(self, cells: np.ndarray) -> np.ndarray:
        return np.array([self.fitted[group] for group in self.group_of(cells).tolist()])

    def blocks(self, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the block of each cell, and the variance of a label in it."""
        own = self.probability(self.cells)
        of_rate = {}
        for rate in np.unique(own).tolist():
            inside = np.isclose(own, rate, rtol=1e-12, atol=0)
            n, k = inside.sum(), self.label[inside].sum()
            of_rate[rate] = n, (k + 1) * (n - k + 1) / (n + 2) ** 2
        rows, variance = np.array([of_rate[rate] for rate in self.probability(cells).tolist()]).T
        return rows, variance

    @cached_property
    def day_excess(self) -> dict[str, tuple[float, float]]:
        """What a row more on each day adds to the variance of labels, and from how many days."""
        everything = np.full(len(self.score), "v", object)
        window = Window(self.score, everything, self.day, {"v": self}, self.threshold, 50)
        table = Table.of(window)
        in_order = np.argsort(table.cell)
        place = np.searchsorted(table.cell[in_order], window.cells)
        _, variance = self.blocks(window.cells)
        days = np.unique(self.day)
        found = {}
        for metric, influence in table.influences().items():
            assert influence is not None
            of_row = influence[in_order][place]
            pulls, by_chance, by_days = [], [], []
            for day in days:
                own = self.day == day
                others = 1 - own.mean()
                pulls.append((of_row * (self.label - window.chance))[own].sum() ** 2)
                by_chance.append((of_row**2 * variance)[own].sum() * others)
                by_days.append(by_chance[-1] * own.sum() * others)
            size = sum(by_chance) ** 2 / sum(np.array(by_chance) ** 2)
            above = sum(pulls) / sum(by_chance) - 1
            kept = max(1 - 1 / size / above**2, 0.0) if above > 0 and len(days) >= 7 else 0.0
            found[metric] = kept * above * sum(by_chance) / sum(by_days), size
        return found

    def raw_isotonic(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scores in their order, the probability that isotonic regression on them as they are gives
        each row, and the group of each."""
        order = np.argsort(self.score, kind="stable")
        score = self.score[order]
        return (
            score,
            IsotonicRegression().fit_transform(score, self.label[order]),
            self.groups[order],
        )


@dataclass(frozen=True)
class Window:
    """Rows of a window with a score between 0 and 1, the map each goes through, and its day."""

    score: np.ndarray
    map_of: np.ndarray
    day: np.ndarray
    maps: Mapping[str, Map]
    threshold: float
    per_unit: int

    @cached_property
    def cells(self) -> np.ndarray:
        return score_cells(self.score, self.per_unit)

    @cached_property
    def chance(self) -> np.ndarray:
        found = np.empty(len(self.score))
        for version, fitted in self.maps.items():
            own = self.map_of == version
            found[own] = fitted.probability(self.cells[own])
        return found

    def values(self) -> dict[str, float | None]:
        """The metrics at expected labels, row by row with the scores as they are."""
        return metrics_of(
            np.ones(len(self.score)),
            self.chance,
            self.score,
            self.score,
            self.score >= self.threshold,
        )

    def bounds(self) -> dict[str, float | None]:
        """How far cells may move each: what the threshold cuts called as a whole or not at all,
        pairs of a cell, the spread of a loss in a cell."""
        logit = self.per_unit * np.log(self.threshold / (1 - self.threshold))
        table = Table.of(self)
        found: dict[str, float | None] = {}
        for metric in METRICS[:4]:
            ends = [
                table.value(metric, called=(table.cell >= edge).astype(float))
                for edge in (np.ceil(logit), np.floor(logit))
            ]
            middle = table.value(metric)
            known = [abs(end - middle) for end in ends if end is not None and middle is not None]
            found[metric] = max(known, default=None)
        hidden = 0.0
        for cell in np.unique(self.cells):
            inside = self.chance[self.cells == cell]
            hidden += 0.5 * inside.sum() * (1 - inside).sum()
        pairs = self.chance.sum() * (1 - self.chance).sum()
        found["roc_auc"] = hidden / pairs if pairs else None
        found["log_loss"], found["brier"] = 1 / (8 * self.per_unit**2), 1 / (64 * self.per_unit**2)
        return found

    def standard_errors(self) -> dict[str, float | None]:
        """Of the differences from what labels will show, times Student's quantile over z."""
        table = Table.of(self).split()
        influences = table.influences()
        return {metric: self._error(metric, table, influences[metric]) for metric in METRICS}

    def _error(self, metric: str, table: "Table", influence: np.ndarray | None) -> float | None:
        if influence is None:
            return None
        of_rows = of_days = 0.0
        fewest = np.inf
        for version, fitted in self.maps.items():
            own = table.version == version
            if not own.any():
                continue
            rows, variance = fitted.blocks(table.cell[own])
            of_labels = (table.rows[own] * influence[own] ** 2 * variance).sum()
            of_map = 0.0
            chance = table.chance[own]
            for rate in np.unique(chance):
                block = np.isclose(chance, rate, rtol=1e-12, atol=0)
                moved = (table.rows[own] * influence[own])[block].sum()
                of_map += moved**2 * variance[block][0] / rows[block][0]
            excess, days = self.maps[f"{version} fine"].day_excess[metric]
            n = np.unique(self.day[self.map_of == version], return_counts=True)[1]
            m = np.unique(fitted.day, return_counts=True)[1]
            of_rows += of_labels + of_map
            of_days += excess * (of_labels * (n**2).sum() / n.sum())
            of_days += excess * (of_map * (m**2).sum() / m.sum())
            fewest = min(fewest, days)
        share = of_days / (of_rows + of_days)
        degrees = max(fewest / share**2, 4) if share else np.inf
        return float(np.sqrt(of_rows + of_days) * stats.t.ppf(0.975, degrees) / Z)


@dataclass(frozen=True)
class Table:
    """Rows by version and cell, as arrays; `called` is the part of a cell above the threshold."""

    version: np.ndarray
    cell: np.ndarray
    rows: np.ndarray
    chance: np.ndarray
    mean_score: np.ndarray
    called: np.ndarray

    @classmethod
    def of(cls, window: Window) -> "Table":
        keys, place, rows = np.unique(
            np.char.add(window.map_of.astype(str), np.char.mod("/%d", window.cells)),
            return_inverse=True,
            return_counts=True,
        )
        first = np.array([np.flatnonzero(place == number)[0] for number in range(len(keys))])
        cell = window.cells[first]
        scores = np.bincount(window.cells + 1000, weights=window.score)
        counts = np.bincount(window.cells + 1000)
        logit = window.per_unit * np.log(window.threshold / (1 - window.threshold))
        return cls(
            window.map_of[first],
            cell,
            rows.astype(float),
            window.chance[first],
            scores[cell + 1000] / counts[cell + 1000],
            np.clip(cell + 1 - logit, 0, 1),
        )

    def value(self, metric: str, called: np.ndarray | None = None) -> float | None:
        return self.values(self.chance, called)[metric]

    def values(self, chance: np.ndarray, called: np.ndarray | None = None) -> dict[str, Any]:
        called = self.called if called is None else called
        return metrics_of(self.rows, chance, self.cell, self.mean_score, called)

    def split(self) -> "Table":
        """The cell that the threshold cuts as two, one called and one not."""
        parts = [(self.called > 0, self.called, 1.0), (self.called < 1, 1 - self.called, 0.0)]
        return Table(
            *(
                np.concatenate([getattr(self, name)[kept] for kept, _, _ in parts])
                for name in ("version", "cell")
            ),
            np.concatenate([(self.rows * part)[kept] for kept, part, _ in parts]),
            *(
                np.concatenate([getattr(self, name)[kept] for kept, _, _ in parts])
                for name in ("chance", "mean_score")
            ),
            np.concatenate([np.full(kept.sum(), called) for kept, _, called in parts]),
        )

    def influences(self) -> dict[str, np.ndarray | None]:
        """What a label that turns from 0 to 1 adds to each metric, by differences."""
        ends = []
        for place in range(len(self.cell)):
            step = np.zeros(len(self.cell))
            step[place] = STEP
            ends.append([self.values(self.chance + sign * step) for sign in (1, -1)])
        return {
            metric: None
            if self.value(metric) is None
            else np.array([above[metric] - below[metric] for above, below in ends])
            / (2 * STEP * self.rows)
            for metric in METRICS
        }


def metrics_of(
    rows: np.ndarray,
    chance: np.ndarray,
    order: np.ndarray,
    score: np.ndarray,
    called: np.ndarray,
) -> dict[str, float | None]:
    """Expected metrics of rows with a chance each; equal `order` is a tie."""
    positive, negative = rows * chance, rows * (1 - chance)
    all_positive, all_negative = positive.sum(), negative.sum()
    true = (positive * called).sum()
    all_called = (rows * called).sum()
    _, place = np.unique(order, return_inverse=True)
    in_place = np.bincount(place, weights=negative)
    below = (np.cumsum(in_place) - 0.5 * in_place)[place]
    pairs = all_positive * all_negative
    loss = -positive * np.log(np.maximum(score, EPSILON))
    loss -= negative * np.log(np.maximum(1 - score, EPSILON))
    n = rows.sum()
    return {
        "accuracy": (true + (negative * (1.0 - called)).sum()) / n if n else None,
        "precision": true / all_called if all_called else None,
        "recall": true / all_positive if all_positive else None,
        "f1": 2 * true / (all_called + all_positive) if all_called + all_positive else None,
        "roc_auc": (positive * below).sum() / pairs if pairs else None,
        "log_loss": loss.sum() / n if n else None,
        "brier": (positive * (1 - score) ** 2 + negative * score**2).sum() / n if n else None,
    }
