"""Metrics of scores and labels, with how far cells of the score may move them."""

from dataclasses import dataclass

import numpy as np
from sklearn import metrics

Z = 1.959963984540054


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
