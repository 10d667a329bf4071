"""Answers in an order: the searches of `nasty`."""

import hashlib
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl
from sklearn import metrics

from truth.estimates_by_task import Estimate, Influence, Rows, error_of_mean

SCALES = {"ndcg": "logit", "map": "logit"}
DEPTH = 3
SEGMENTS = ("place", "is_fresh")


def load(frame: pl.DataFrame, as_of: date) -> Rows:
    """A relevance below 0 is none."""
    frame = frame.filter(pl.col("asked_at") < datetime.combine(as_of + timedelta(days=1), time()))
    label = frame["relevance"].fill_null(np.nan).to_numpy()
    score = frame["relevance_score"].to_numpy()
    label = np.where(label >= 0, label, np.nan)
    columns = {
        "version": frame["model"].to_numpy(),
        "place": frame["place"].fill_null("unknown").to_numpy(),
        "is_fresh": np.where(frame["age"].to_numpy() < 1, "true", "false"),
        "search": np.array([value or "" for value in frame["search"]]),
    }
    is_judged = ~np.isnan(score) & ~np.isnan(label)
    columns |= {metric: np.full(frame.height, np.nan) for metric in SCALES}
    columns |= {f"mixed_{segment}": np.zeros(frame.height, bool) for segment in SEGMENTS}
    order = np.argsort(columns["search"], kind="stable")
    names, starts = np.unique(columns["search"][order], return_index=True)
    for name, rows in zip(names, np.split(order, starts[1:]), strict=True):
        # A search whose answers differ in a segment is of none of its values.
        for segment in SEGMENTS:
            columns[f"mixed_{segment}"][rows] = len(set(columns[segment][rows])) > 1
        if name and is_judged[rows].all() and label[rows].max() > 0:
            # Told by the first of its answers.
            columns["ndcg"][rows[0]] = _ndcg(label[rows], score[rows])
            columns["map"][rows[0]] = _average_precision(
                label[rows], score[rows], frame["answer"].to_numpy()[rows]
            )
    day = np.array([at.date().toordinal() for at in frame["asked_at"]])
    return Rows(day, is_judged, columns)


def estimate(metric: str, rows: Rows) -> Estimate | None:
    """None without a query that is whole and has something relevant."""
    of_query = ~np.isnan(rows.columns[metric])
    if not of_query.any():
        return None
    found = rows.columns[metric][of_query]
    influence = Influence(found - found.mean(), [np.ones(len(found), bool)])
    return Estimate(float(found.mean()), error_of_mean(found), rows.day[of_query], [influence])


def _ndcg(label: np.ndarray, score: np.ndarray) -> float:
    if len(label) == 1:
        return 1.0
    return float(metrics.ndcg_score([label], [score], k=DEPTH))


def _average_precision(label: np.ndarray, score: np.ndarray, answer: np.ndarray) -> float:
    """Equal scores in the order of a hash of the id."""
    tie = [hashlib.md5(str(number).encode()).hexdigest() for number in answer]
    order = sorted(range(len(label)), key=lambda row: (-score[row], tie[row]))
    relevant = label[order] > 0
    precision = relevant.cumsum() / np.arange(1, len(relevant) + 1)
    value = (precision * relevant)[:DEPTH].sum() / min(relevant.sum(), DEPTH)
    if len(label) <= DEPTH and len(set(score)) == len(score) and not relevant.all():
        assert np.isclose(value, metrics.average_precision_score(label > 0, score))
    return float(value)
