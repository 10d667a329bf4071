"""An independent, slow computation of what the polars script computes, to compare with it."""

import tempfile
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks.generate import create_log, export_days
from benchmarks.peers.polars_script import monitor_log
from benchmarks.shape import CATEGORICAL, FIRST_DAY, NUMERIC, REFERENCE_DAYS, Size

TOLERANCE = 1e-9
SMALL = Size(rows_per_day=120, days=REFERENCE_DAYS + 2)


def greatest_difference(size: Size = SMALL) -> float:
    """Return the greatest absolute difference of any PSI or AUC on a small generated log.

    Raises AssertionError when it is above TOLERANCE or when a value is missing on either side.
    """
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder) / "log.parquet"
        create_log(connection, size)
        export_days(connection, size.days, file)
        psi, auc = monitor_log(file)
        log = pl.read_parquet(file).sort("predicted_at")
    found = {(row["feature"], row["day"]): row["psi"] for row in psi.iter_rows(named=True)}
    found |= {("auc", row["day"]): row["auc"] for row in auc.iter_rows(named=True)}
    expected = expected_values(log)
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    worst = max(abs(found[key] - expected[key]) for key in expected)
    assert worst <= TOLERANCE, f"found a difference of {worst}; expected {TOLERANCE} at most"
    return float(worst)


def expected_values(log: pl.DataFrame) -> dict[tuple[str, object], float]:
    """Return PSI by (feature, day) and AUC by ("auc", day), straight from the definitions."""
    days = log["day"].to_numpy()
    in_reference = days < np.datetime64(FIRST_DAY) + np.timedelta64(REFERENCE_DAYS, "D")
    scores, labels = log["score"].to_numpy(), log["label"].cast(pl.Float64).to_numpy()
    bins = {name: number_bins(log[name].to_numpy(), in_reference) for name in NUMERIC}
    bins |= {name: category_bins(log[name].to_list()) for name in CATEGORICAL}
    expected: dict[tuple[str, object], float] = {}
    for day in log["day"].unique():
        on_day = days == np.datetime64(day)
        expected["auc", day] = area(scores[on_day], labels[on_day])
        for name, (codes, count) in bins.items():
            expected[name, day] = index(codes[on_day], codes[in_reference], count)
    return expected


def number_bins(values: np.ndarray, in_reference: np.ndarray) -> tuple[np.ndarray, int]:
    """Return a code per row, and how many codes there are."""
    reference = values[in_reference]
    deciles = np.quantile(reference[~np.isnan(reference)], np.arange(11) / 10)
    edges = sorted(set(deciles.tolist()))
    codes = np.empty(len(values), dtype=int)
    for row, value in enumerate(values):
        if np.isnan(value):
            codes[row] = len(edges) + 1
        elif value == edges[-1]:
            codes[row] = len(edges) - 1
        else:
            codes[row] = sum(1 for edge in edges if edge <= value)
    return codes, len(edges) + 2


def category_bins(values: list[str | None]) -> tuple[np.ndarray, int]:
    """Return a code per row, and how many codes there are; null is a value like others."""
    codes = {value: code for code, value in enumerate(sorted(set(values), key=str))}
    return np.array([codes[value] for value in values]), len(codes)


def index(current: np.ndarray, reference: np.ndarray, count: int) -> float:
    """Return the PSI of two samples of codes, half a row added to each of `count` bins."""
    now, then = (
        (np.bincount(codes, minlength=count) + 0.5) / (len(codes) + 0.5 * count)
        for codes in (current, reference)
    )
    return float(np.sum((now - then) * np.log(now / then)))


def area(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of pairs (positive, negative) in the right order, ties half."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    right = (positive[:, None] > negative[None, :]).mean()
    tied = (positive[:, None] == negative[None, :]).mean()
    return float(right + tied / 2)
