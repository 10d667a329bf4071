"""Are two warehouses the same, row by row?"""

from collections.abc import Mapping

import numpy as np
import polars as pl

RELATIVE, ABSOLUTE = 1e-9, 1e-11
# Roots of a difference of equal sums: their last digits are noise of a larger size.
ROOTS = {"stddev": 1e-7, "js_distance": 1e-7, "debiased_error": 1e-7}


def differences(
    found: Mapping[str, pl.DataFrame], expected: Mapping[str, pl.DataFrame], shown: int = 3
) -> list[str]:
    """Describe every relation that differs; an empty list means that all are the same.

    Floats may differ by 1e-9 of themselves, all else (also what is null) must be equal.
    """
    told = [f"{name}: in one of the two only" for name in sorted(found.keys() ^ expected.keys())]
    for name in sorted(found.keys() & expected.keys()):
        told += _in_relation(name, found[name], expected[name], shown)
    return told


def _in_relation(name: str, found: pl.DataFrame, expected: pl.DataFrame, shown: int) -> list[str]:
    if found.columns != expected.columns:
        return [f"{name}: columns {found.columns}, expected {expected.columns}"]
    floats = [column for column, kind in found.schema.items() if kind.is_float()]
    keys = [column for column in found.columns if column not in floats]
    both = [in_order(frame, keys) for frame in (found, expected)]
    if not both[0].select(keys).equals(both[1].select(keys)):
        surplus = both[0].join(both[1], on=keys, how="anti", nulls_equal=True)
        missing = both[1].join(both[0], on=keys, how="anti", nulls_equal=True)
        if surplus.height or missing.height:
            return [
                f"{name}: {surplus.height} rows too many or different, e.g. "
                f"{surplus.head(shown).to_dicts()}; {missing.height} rows missing or different, "
                f"e.g. {missing.head(shown).to_dicts()}"
            ]
        return [f"{name}: {found.height} rows, expected {expected.height}, some repeated"]
    differs = pl.Series([False] * found.height, dtype=pl.Boolean)
    for column in floats:
        differs |= _differs(both[0][column], both[1][column], ROOTS.get(column, ABSOLUTE))
    if not differs.any():
        return []
    rows = [frame.filter(differs).head(shown).to_dicts() for frame in both]
    return [
        f"{name}: {differs.sum()} rows with other numbers: {_only_other(a, b)}"
        for a, b in zip(*rows, strict=True)
    ]


def _differs(found: pl.Series, expected: pl.Series, absolute: float) -> pl.Series:
    """Where one is null and the other is not, or both are numbers too far from each other."""
    values = [series.fill_null(0.0).to_numpy() for series in (found, expected)]
    is_close = np.isclose(*values, rtol=RELATIVE, atol=absolute, equal_nan=True)
    return pl.Series(~is_close) | (found.is_null() != expected.is_null())


def _only_other(found: dict[str, object], expected: dict[str, object]) -> dict[str, object]:
    """The row's key, and both values where they differ."""
    return {
        column: value if value == expected[column] else (value, expected[column])
        for column, value in found.items()
        if not isinstance(value, float) or value != expected[column]
    }


def in_order(frame: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Sort by the keys, then by all other columns."""
    others = [column for column in frame.columns if column not in keys]
    return frame.sort([*keys, *others], nulls_last=True) if frame.width else frame
