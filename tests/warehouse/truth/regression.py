"""Predicted numbers: the fares of `nasty`."""

from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl
from sklearn import metrics

from truth.estimates_by_task import Estimate, Influence, Rows, error_of_mean, error_of_sum

GREATEST = 1e37
"""Whose fourth power every engine holds."""
SCALES = {"rmse": "loss", "mae": "loss", "mape": "loss", "wape": "loss", "r2": "unexplained"}


def load(frame: pl.DataFrame, as_of: date) -> Rows:
    """A score or label that cannot be used, or is not known yet, is NaN."""
    end = datetime.combine(as_of + timedelta(days=1), time())
    frame = frame.filter(pl.col("asked_at") < end)
    known = (frame["paid_at"] < end).fill_null(False).to_numpy()
    label = frame["fare"].fill_null(np.nan).to_numpy()
    score = frame["predicted_fare"].fill_null(np.nan).to_numpy()
    columns = {
        "version": frame["model"].to_numpy(),
        "zone": frame["zone"].fill_null("unknown").to_numpy(),
        "score": np.where(np.abs(score) <= GREATEST, score, np.nan),
        "label": np.where(np.isfinite(label) & known, label, np.nan),
    }
    is_judged = ~np.isnan(columns["score"]) & (np.abs(columns["label"]) <= GREATEST)
    day = np.array([at.date().toordinal() for at in frame["asked_at"]])
    return Rows(day, is_judged, columns)


def estimate(metric: str, rows: Rows) -> Estimate | None:
    """None where the metric is not defined; `rows` are judged."""
    label, score, n = rows.columns["label"], rows.columns["score"], len(rows.day)
    absolute, square = np.abs(score - label), (score - label) ** 2
    counted, total = np.ones(n, bool), np.abs(label).sum()
    if metric == "mape":
        counted = label != 0
        absolute = np.where(counted, absolute / np.abs(np.where(counted, label, 1)), 0)
    if not counted.any() or (metric == "wape" and not total):
        return None
    if metric == "r2" and np.ptp(label) == 0:
        return None
    if metric == "mae":
        value, error = metrics.mean_absolute_error(label, score), error_of_mean(absolute)
        influence = absolute - value
    elif metric == "mape":
        value = metrics.mean_absolute_percentage_error(label[counted], score[counted])
        error = error_of_mean(absolute[counted])
        influence = np.where(counted, absolute - value, 0)
    elif metric == "rmse":
        value = metrics.root_mean_squared_error(label, score)
        error = error_of_mean(square) / (2 * value)
        influence = square - value**2
    elif metric == "wape":
        value = absolute.sum() / total
        influence = absolute - value * np.abs(label)
        error = error_of_sum(influence) / total
    else:
        value = metrics.r2_score(label, score)
        around = (label - label.mean()) ** 2
        influence = square - (1 - value) * around
        error = error_of_sum(influence) / around.sum()
        influence = influence / around.mean()
    return Estimate(value, error, rows.day, [Influence(influence, [counted])])
