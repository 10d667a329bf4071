"""One of several classes: the tickets of `nasty`."""

from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl
from sklearn import metrics

from truth.estimates_by_task import Estimate, Influence, Rows, error_of_mean, error_of_sum
from truth.intervals import EPSILON, auc_influences
from truth.performance import auc_error_bound, score_cells

SCALES = {"accuracy": "wilson", "log_loss": "loss", "macro_f1": "logit", "macro_roc_auc": "logit"}
CLASSES = ("bug", "idea", "it's spam")
STEP = 1e-6


def load(frame: pl.DataFrame, outcomes: pl.DataFrame, as_of: date) -> Rows:
    """Of rows loaded twice the last; -1 stands for a class that is not known or not one of them."""
    end = datetime.combine(as_of + timedelta(days=1), time())
    frame = frame.filter(pl.col("opened_at") < end).sort("loaded_at")
    frame = frame.unique("ticket", keep="last", maintain_order=True)
    known = outcomes.filter(pl.col("closed_at") < end)
    frame = frame.join(known, on="ticket", how="left", maintain_order="left")
    scores = frame.select("p_bug", "p_idea", "p_spam").fill_null(np.nan).to_numpy()
    label = np.array([CLASSES.index(kind) if kind in CLASSES else -1 for kind in frame["kind"]])
    filled = np.nan_to_num(scores, nan=9)
    usable = (filled <= 1).all(axis=1) & (np.abs(filled.sum(axis=1) - 1) <= 0.01)
    columns = {
        "version": frame["model"].to_numpy(),
        "channel": frame["channel"].fill_null("unknown").to_numpy(),
        "scores": scores,
        "label": label,
    }
    day = np.array([at.date().toordinal() for at in frame["opened_at"]])
    return Rows(day, usable & (label >= 0), columns)


def estimate(metric: str, rows: Rows, per_unit: int = 50) -> Estimate | None:
    """None where the metric is not defined; `rows` are judged."""
    label, scores, n = rows.columns["label"], rows.columns["scores"], len(rows.day)
    if not n:
        return None
    everything, called = [np.ones(n, bool)], scores.argmax(axis=1)
    if metric == "accuracy":
        value = metrics.accuracy_score(label, called)
        influence = (label == called) - value
        error = np.sqrt(value * (1 - value) / n)
        return Estimate(value, error, rows.day, [Influence(influence, everything)])
    if metric == "log_loss":
        # Scores that add up to nearly 1 are taken as they are, which scikit-learn does not.
        loss = -np.log(np.maximum(scores[np.arange(n), label], EPSILON))
        if np.allclose(scores.sum(axis=1), 1, atol=1e-12):
            assert np.isclose(loss.mean(), metrics.log_loss(label, scores, labels=[0, 1, 2]))
        influence = loss - loss.mean()
        error = error_of_mean(loss)
        return Estimate(loss.mean(), error, rows.day, [Influence(influence, everything)])
    if metric == "macro_f1":
        value = metrics.f1_score(label, called, average="macro")
        influence = n * _weight_derivatives(label, called)
        error = error_of_sum(influence) / n
        return Estimate(value, error, rows.day, [Influence(influence, everything)])
    if len(np.unique(label)) < len(CLASSES):
        return None
    value = metrics.roc_auc_score(
        label,
        scores / scores.sum(axis=1, keepdims=True),
        multi_class="ovr",
        average="macro",
        labels=[0, 1, 2],
    )
    influences, error, tolerance = [], 0.0, 0.0
    for number in range(len(CLASSES)):
        positive = label == number
        # The rank of a class is that of its own score, in cells.
        influence = auc_influences(score_cells(scores[:, number], per_unit).astype(float), positive)
        variance = 0.0
        for group in (positive, ~positive):
            size = group.sum()
            variance += size / (size - 1) * (influence[group] ** 2).sum() if size > 1 else np.nan
        error += np.sqrt(variance) / len(CLASSES)
        tolerance += auc_error_bound(scores[:, number], positive, per_unit) / len(CLASSES)
        influences.append(Influence(n * influence, [positive, ~positive]))
    # Dividing by the sum may change the order of rows that do not add up to 1 exactly.
    return Estimate(value, error, rows.day, influences, tolerance + 2e-3)


def _weight_derivatives(label: np.ndarray, called: np.ndarray) -> np.ndarray:
    """The derivative of the mean F1 in the weight of each row, by differences."""
    counts = np.bincount(label * 3 + called, minlength=9).astype(float)
    assert np.isclose(_mean_f1(counts), metrics.f1_score(label, called, average="macro"))
    steps = STEP * np.eye(9)
    found = [(_mean_f1(counts + step) - _mean_f1(counts - step)) / (2 * STEP) for step in steps]
    return np.array(found)[label * 3 + called]


def _mean_f1(counts: np.ndarray) -> float:
    """Over the classes that came true or were called."""
    confusion = counts.reshape(3, 3)
    involved = confusion.sum(axis=0) + confusion.sum(axis=1)
    return float((2 * confusion.diagonal()[involved > 0.5] / involved[involved > 0.5]).mean())
