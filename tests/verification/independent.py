"""Metrics and distances of raw rows by scikit-learn and scipy."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from scipy import stats
from sklearn import metrics

from tests.verification.data_sets import CLASSES, DataSet

DEPTH = 10
Values = Mapping[str, float | None]


def values_of(data_set: DataSet, rows: pl.DataFrame) -> Values:
    """Every metric of the task; None where it is not defined."""
    return {"binary": _binary, "multiclass": _multiclass, "regression": _regression,
            "ranking": _ranking}[data_set.task](rows)  # fmt: skip


def _binary(rows: pl.DataFrame) -> Values:
    label, score = rows["label"].to_numpy(), rows["score"].to_numpy()
    called, both = score >= 0.5, len(np.unique(label)) == 2
    auc = metrics.roc_auc_score(label, score) if both else None
    return {
        "accuracy": metrics.accuracy_score(label, called),
        "precision": metrics.precision_score(label, called) if called.any() else None,
        "recall": metrics.recall_score(label, called) if label.any() else None,
        "f1": metrics.f1_score(label, called) if (called | (label == 1)).any() else None,
        "roc_auc": auc,
        "gini": 2 * auc - 1 if auc is not None else None,
        "average_precision": metrics.average_precision_score(label, score) if label.any() else None,
        "log_loss": metrics.log_loss(label, score, labels=[0, 1]),
        "brier": metrics.brier_score_loss(label, score),
    }


def _multiclass(rows: pl.DataFrame) -> Values:
    names, scores = np.array(list(CLASSES)), rows.select(CLASSES.values()).to_numpy()
    label, called = rows["label"].to_numpy(), names[scores.argmax(axis=1)]
    everyone, order = len(np.unique(label)) == len(names), np.argsort(names)
    sums = scores.sum(axis=1, keepdims=True)
    return {
        "accuracy": metrics.accuracy_score(label, called),
        "macro_f1": metrics.f1_score(label, called, average="macro"),
        "macro_roc_auc": metrics.roc_auc_score(
            label, (scores / sums)[:, order], multi_class="ovr", labels=names[order]
        )
        if everyone
        else None,
        "log_loss": metrics.log_loss(label, scores[:, order] / sums, labels=names[order]),
    }


def _regression(rows: pl.DataFrame) -> Values:
    label, score = rows["label"].to_numpy().astype(float), rows["score"].to_numpy().astype(float)
    some = label != 0
    return {
        "rmse": metrics.root_mean_squared_error(label, score),
        "mae": metrics.mean_absolute_error(label, score),
        "r2": metrics.r2_score(label, score) if np.ptp(label) else None,
        "mape": metrics.mean_absolute_percentage_error(label[some], score[some])
        if some.any()
        else None,
        "wape": np.abs(score - label).sum() / np.abs(label).sum() if some.any() else None,
    }


def _ranking(rows: pl.DataFrame) -> Values:
    queries = [one for one in rows.partition_by("query") if one["label"].max() > 0]  # type: ignore[operator]
    if not queries:
        return {"ndcg": None}
    gains = [
        metrics.ndcg_score([one["label"].to_numpy()], [one["score"].to_numpy()], k=DEPTH)
        for one in queries
    ]
    return {"ndcg": float(np.mean(gains))}


def ks(current: np.ndarray, reference: np.ndarray) -> float:
    """Of the rows themselves, in no bins."""
    return float(stats.ks_2samp(current, reference).statistic)


def psi(current: np.ndarray, reference: np.ndarray) -> float:
    """Of counts by bin: half a row a bin is added to each side, shared out like all rows."""
    bins = ((current + reference) > 0).sum()
    pooled = (current + reference) / (current + reference).sum()
    shares = [(one + 0.5 * bins * pooled)[pooled > 0] for one in (current, reference)]
    return float(stats.entropy(*shares) + stats.entropy(*shares[::-1]))


def average_precisions(label: np.ndarray, score: np.ndarray) -> tuple[float, float]:
    """When rows of equal scores come in the worst and in the best order."""
    places = [np.lexsort((side * label, score)).argsort() for side in (-1, 1)]
    worst, best = (float(metrics.average_precision_score(label, place)) for place in places)
    return worst, best
