"""Are two warehouses the same, row by row?"""

from collections.abc import Mapping

import numpy as np
import polars as pl

RELATIVE, ABSOLUTE = 1e-9, 1e-11
# Roots of a difference of equal sums: their last digits are noise of a larger size.
ROOTS = dict.fromkeys(
    ("stddev", "js_distance", "same_weekday_js_distance", "debiased_error", "cramers_v"), 1e-7
)


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
    differs = _any_differs(*both, floats)
    if not differs.any():
        return []
    rows = [frame.filter(differs).head(shown).to_dicts() for frame in both]
    return [
        f"{name}: {differs.sum()} rows with other numbers: {_only_other(a, b)}"
        for a, b in zip(*rows, strict=True)
    ]


def changed_rows(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows of either that have no equal in the other, floats compared as by `differences`."""
    floats = [column for column, kind in before.schema.items() if kind.is_float()]
    keys = [column for column in before.columns if column not in floats]
    pairs = before.with_row_index("_before").join(
        after.with_row_index("_after"), on=keys, nulls_equal=True, suffix="_now"
    )
    now = pairs.select(pl.col(f"{column}_now").alias(column) for column in floats)
    same = pairs.filter(~_any_differs(pairs, now, floats))
    return pl.concat(
        frame.with_row_index("_row").filter(~pl.col("_row").is_in(rows.implode())).drop("_row")
        for frame, rows in ((before, same["_before"]), (after, same["_after"]))
    )


def _any_differs(found: pl.DataFrame, expected: pl.DataFrame, floats: list[str]) -> pl.Series:
    differs = pl.Series([False] * found.height, dtype=pl.Boolean)
    for column in floats:
        differs |= _differs(found[column], expected[column], ROOTS.get(column, ABSOLUTE))
    return differs


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
