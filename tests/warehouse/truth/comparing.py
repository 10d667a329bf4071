"""Rows of a relation by key, and numbers that are close."""

from typing import Any

import polars as pl

from truth.rows import ordinal


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
