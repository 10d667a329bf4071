"""Bins of features: those the product published, and those that are cut here."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from truth.rows import Rows, Truth


@dataclass(frozen=True)
class Bin:
    """One bin as published: a numeric range, a value, or a category."""

    bin_id: int
    kind: str
    lower: float | None
    upper: float | None
    category: str | None


@dataclass(frozen=True)
class Cell:
    """A range of a numeric feature, or a point, cut here from the raw reference."""

    kind: str
    lower: float
    upper: float
    bin_id: int


def published_bins(feature_bins: pl.DataFrame, monitor: str) -> dict[str, list[Bin]]:
    """Return the bins of the public relation by feature."""
    found: dict[str, list[Bin]] = {}
    for row in feature_bins.filter(pl.col("monitor") == monitor).iter_rows(named=True):
        found.setdefault(row["feature_name"], []).append(
            Bin(
                row["bin_id"],
                row["bin_kind"],
                row["lower_bound"],
                row["upper_bound"],
                row["category"],
            )
        )
    return found


def numeric_bin_ids(values: np.ndarray, nulls: np.ndarray, bins: list[Bin]) -> np.ndarray:
    """Return the bin of each value by the published bounds; every value must have just one."""
    points = {bin_.lower for bin_ in bins if bin_.kind == "point"}
    inner = [bin_ for bin_ in bins if bin_.kind == "interval"]
    largest = max((bin_.upper for bin_ in bins if bin_.kind in ("point", "interval")), default=None)
    finite = ~nulls & np.isfinite(values)
    taken = np.zeros(len(values), int)
    ids = np.full(len(values), -99)

    def put(where: np.ndarray, bin_id: int) -> None:
        taken[where] += 1
        ids[where] = bin_id

    with np.errstate(invalid="ignore"):
        for bin_ in bins:
            if bin_.kind == "null":
                put(nulls, bin_.bin_id)
            elif bin_.kind == "non_finite":
                put(~nulls & ~finite, bin_.bin_id)
            elif bin_.kind == "below":
                put(finite & (values < bin_.upper), bin_.bin_id)
            elif bin_.kind == "above":
                put(finite & (values > bin_.lower), bin_.bin_id)
            elif bin_.kind == "point":
                put(finite & (values == bin_.lower), bin_.bin_id)
        for bin_ in inner:
            is_last = bin_.upper == largest and bin_.upper not in points
            from_below = values > bin_.lower if bin_.lower in points else values >= bin_.lower
            to_above = values <= bin_.upper if is_last else values < bin_.upper
            inside = finite & from_below & to_above
            if (
                is_last
                and bin_.lower < bin_.upper
                and any(other.lower == bin_.upper for other in inner)
            ):
                inside &= values < bin_.upper
            put(inside, bin_.bin_id)
    assert (taken == 1).all(), f"values in no bin or in two: {values[taken != 1][:5]}"
    return ids


def category_bin_ids(values: np.ndarray, reference: np.ndarray, bins: list[Bin]) -> np.ndarray:
    """Return the bin of each category; rare are those the reference has and no bin names."""
    by_category = {bin_.category: bin_.bin_id for bin_ in bins if bin_.kind == "category"}
    by_kind = {bin_.kind: bin_.bin_id for bin_ in bins if bin_.kind != "category"}
    seen = set(reference)

    def bin_of(value: str | None) -> int:
        if value is None:
            return by_kind["null"]
        if value in by_category:
            return by_category[value]
        return by_kind["rare" if value in seen else "unseen"]

    return np.array([bin_of(value) for value in values])


def bin_ids(truth: Truth, bins: dict[str, list[Bin]], feature: str, rows: Rows) -> np.ndarray:
    """Return the published bin of every row for a feature."""
    if feature in rows.numeric:
        return numeric_bin_ids(rows.numeric[feature], rows.nulls[feature], bins[feature])
    reference, mask = truth.bin_reference()
    return category_bin_ids(
        rows.categorical[feature], reference.categorical[feature][mask], bins[feature]
    )


def public_cells(reference: np.ndarray) -> list[Cell]:
    """Cut public bins from finite reference values: points of a tenth, else tenths by rank."""
    values, counts = np.unique(reference, return_counts=True)
    is_point = counts >= 0.1 * counts.sum()
    others, other_counts = values[~is_point], counts[~is_point]
    mass = int(other_counts.sum())
    levels = max(1, int(np.floor(10 * mass / counts.sum() + 0.5)))
    level = (np.cumsum(other_counts) - 1) * levels // max(mass, 1)
    entered = others[np.diff(level, prepend=-1) > 0]
    edges = sorted([*((value, True) for value in values[is_point]), *((v, False) for v in entered)])
    cells: list[Cell] = []
    for (edge, point), following in zip(edges, [*edges[1:], None], strict=True):
        upper = following[0] if following else values[-1]
        if point:
            cells.append(Cell("point", float(edge), float(edge), len(cells) + 1))
        if not point or edge < values[-1]:
            cells.append(Cell("interval", float(edge), float(upper), len(cells) + 1))
    return cells


def split_cells(public: list[Cell]) -> list[Cell]:
    """Cut each public interval into ten parts of equal width; a point stays one cell."""
    fine: list[Cell] = []
    for cell in public:
        edges = np.linspace(cell.lower, cell.upper, _parts(cell, fine=True) + 1)
        fine += [
            Cell(cell.kind, float(lower), float(upper), cell.bin_id)
            for lower, upper in pairwise(edges)
        ]
    return fine


def cell_positions(values: np.ndarray, public: list[Cell], fine: bool) -> np.ndarray:
    """Return the position of each finite value among the cells, public ones or their tenths.

    Below all cells it is -1, above them the number of cells.
    """
    parts = [_parts(cell, fine) for cell in public]
    positions = np.full(len(values), -1)
    positions[values > public[-1].upper] = sum(parts)
    for index, cell in enumerate(public):  # a later cell wins where two share an edge
        first = sum(parts[:index])
        if cell.kind == "point":
            positions[values == cell.lower] = first
            continue
        before = public[index - 1] if index else None
        after_point = before is not None and (before.kind, before.lower) == ("point", cell.lower)
        inside = values > cell.lower if after_point else values >= cell.lower
        inside &= values <= cell.upper
        positions[inside] = first
        if parts[index] > 1:
            share = (values[inside] - cell.lower) / (cell.upper - cell.lower)
            # A decimal at a tenth lies in the tenth that begins there, however it is rounded.
            positions[inside] += np.minimum(np.floor(10 * share + 1e-10), 9).astype(int)
    return positions


def _parts(cell: Cell, fine: bool) -> int:
    return 10 if fine and cell.lower < cell.upper else 1


def quantile_in_cells(values: np.ndarray, public: list[Cell], share: float) -> float:
    """Return the quantile of values inside the cells' range, linear inside its fine cell."""
    cells = split_cells(public)
    counts = np.bincount(cell_positions(values, public, fine=True), minlength=len(cells))
    through = np.cumsum(counts)
    index = int(np.searchsorted(through, share * len(values)))
    cell, before = cells[index], through[index] - counts[index]
    part = (share * len(values) - before) / counts[index]
    return cell.lower + (cell.upper - cell.lower) * part
