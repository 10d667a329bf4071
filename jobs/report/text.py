"""How numbers, days and names are written for people, and cells as JSON."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

NONE = "\u2013"
MINUS = "\u2212"
LINK_SCHEMES = frozenset({"", "http", "https"})

Cell = str | int | float | bool | None
Row = Mapping[str, object]


def number(value: object, digits: int = 3) -> str:
    """Write a number with fixed decimals, a small one with two digits; a dash for none."""
    found = as_float(value)
    if found is None:
        return NONE
    if digits and abs(found) >= 1e-6:
        digits = max(digits, 1 - math.floor(math.log10(abs(found))))
    text = f"{found:,.{digits}f}"
    if text.strip("-0.,") == "":
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def count(value: object) -> str:
    """Write a whole number with thousands separators."""
    return number(value, 0)


def short(value: object, digits: int = 4) -> str:
    """Write a number with few significant digits, as the edges of bins."""
    found = as_float(value)
    if found is None:
        return NONE
    text = f"{found:.{digits}g}"
    if "e+" in text and abs(found) < 10**15:
        text = f"{float(text):.0f}"
    return text.replace("-", MINUS)


def percent(value: object, digits: int = 1) -> str:
    """Write a share as a percentage with a sign."""
    found = as_float(value)
    if found is None:
        return NONE
    return f"{100 * found:+,.{digits}f} %".replace("-", MINUS)


def share(value: object) -> str:
    """Write a share as a percentage without a sign."""
    return percent(value).removeprefix("+")


def day(value: object) -> str:
    """Write a day as 3 Apr 2013."""
    return f"{value.day} {value:%b} {value.year}" if isinstance(value, date) else NONE


def words(value: object) -> str:
    """Write an identifier as words: `feature_drift` as `feature drift`."""
    return NONE if value is None else str(value).replace("_", " ")


def plural(amount: int, noun: str) -> str:
    """Write an amount with its noun."""
    return f"{amount:,} {noun}{'' if amount == 1 else 's'}"


def link(value: object) -> str | None:
    """Return the address when it is relative or on the web, else None."""
    text = str(value or "").strip()
    try:
        scheme = urlsplit(text).scheme
    except ValueError:
        return None
    return text if text and scheme.lower() in LINK_SCHEMES else None


def as_float(value: object) -> float | None:
    """Return a finite float or None."""
    if isinstance(value, int | float | Decimal):
        found = float(value)
        return found if math.isfinite(found) else None
    return None


def cell(value: object) -> Cell:
    """Return a value as JSON can hold it: six significant digits, ISO days, null for not finite."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        found = as_float(value)
        return None if found is None else float(f"{found:.6g}")
    return value.isoformat() if isinstance(value, date) else str(value)


def columns(rows: Iterable[Row], names: Iterable[str]) -> dict[str, list[Cell]]:
    """Return rows column by column, which is half the size of a list of objects in JSON."""
    kept = list(rows)
    return {name: [cell(row[name]) for row in kept] for name in names}
