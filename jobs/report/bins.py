"""Bins as people read them."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.report.text import columns, short

LABEL_DIGITS = (3, 4, 6, 9, 17)
SPECIAL_BINS = {
    "null": "(missing)",
    "non_finite": "(not finite)",
    "invalid": "(not finite)",
    "rare": "(rare)",
    "unseen": "(unseen)",
}


def bin_labels(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a distinct label for every bin, with as few digits as tell them apart."""
    labels: list[str] = []
    for digits in LABEL_DIGITS:
        labels = [_bin_label(row, digits) for row in rows]
        if len(set(labels)) == len(labels):
            break
    return labels


def _bin_label(row: Mapping[str, Any], digits: int) -> str:
    kind = row["bin_kind"]
    if kind in SPECIAL_BINS:
        return SPECIAL_BINS[kind]
    if kind == "category":
        return str(row["category"])
    lower, upper = short(row["lower_bound"], digits), short(row["upper_bound"], digits)
    if kind == "below":
        return f"< {upper}"
    if kind == "above":
        return f"> {lower}"
    return f"= {lower}" if kind == "point" else f"{lower} to {upper}"


def bin_columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return shares and rows of bins by column: in their order, missing and unseen ones last."""
    last = max((row["bin_id"] for row in rows), default=0)
    told = [
        {
            **row,
            "bin_label": label,
            "bin_order": row["bin_id"] if row["bin_id"] >= 0 else last - row["bin_id"],
        }
        for row, label in zip(rows, bin_labels(rows), strict=True)
    ]
    told.sort(key=lambda row: row["bin_order"])
    names = ("bin_label", "bin_order", "then_share", "now_share", "then_rows", "now_rows")
    return columns(told, names)
