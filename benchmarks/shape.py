"""What the generated inference log looks like: its columns, and its size in rows and days."""

import re
from dataclasses import dataclass
from datetime import date

MONITOR = "bench"
SOURCE = "serving"
TABLE = "bench_inferences"
FIRST_DAY = date(2025, 1, 1)  # days that have not come yet are not seen
REFERENCE_DAYS = 28
LABEL_HORIZON_DAYS = 2

NUMERIC = (
    "balance",
    "temperature",
    "signal",
    "velocity",
    "pressure",
    "amount",
    "income",
    "duration",
    "distance",
    "refunds",
    "discount",
    "overdraft",
    "age",
    "hour",
    "visits",
    "rating",
)
# Name and number of values; the first three are the segment dimensions.
CATEGORIES = {
    "region": 5,
    "channel": 4,
    "device": 3,
    "weather": 12,
    "browser": 25,
    "product": 50,
    "city": 100,
    "merchant": 200,
}
CATEGORICAL = tuple(CATEGORIES)
SEGMENTS = CATEGORICAL[:3]
FEATURES = NUMERIC + CATEGORICAL

UNITS = {"": 1, "k": 1_000, "m": 1_000_000}


@dataclass(frozen=True)
class Size:
    """Rows a day and days of a log; every day has the same number of rows."""

    rows_per_day: int
    days: int

    @property
    def rows(self) -> int:
        """Rows in all."""
        return self.rows_per_day * self.days

    @classmethod
    def of(cls, rows: int, days: int) -> "Size":
        """Spread about `rows` over the days, at least one a day."""
        return cls(max(1, round(rows / days)), days)


def parse_rows(text: str) -> int:
    """Return 10000000 for "10m"; raises ValueError for what is no count of rows."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([km]?)", text.lower())
    if match is None or float(match[1]) == 0:
        raise ValueError(f"rows: found {text}; expected a number such as 100k, 1m or 50m")
    return round(float(match[1]) * UNITS[match[2]])


def spoken_rows(rows: int) -> str:
    """Return "10m" for 10000000, the inverse of parse_rows."""
    for unit, factor in (("m", 1_000_000), ("k", 1_000)):
        if rows % factor == 0:
            return f"{rows // factor}{unit}"
    return str(rows)
