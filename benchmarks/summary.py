"""Medians of the records, by what was measured."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Summary:
    """The records of all runs; every lookup is the median over repeats, None if there is none."""

    records: list[Record]

    def value(
        self, scenario: str, case: str, key: str, rows: int | None = None, days: int | None = None
    ) -> float | None:
        """Return the median of one number of a case; a failed run counts as none."""
        values = [
            record[key]
            for record in self.of(scenario, case)
            if rows in (None, record["rows"])
            and days in (None, record["days"])
            and not record.get("error")
            and key in record
        ]
        return median(values) if values else None

    def greatest(self, scenario: str, case: str, key: str, rows: int) -> float | None:
        """Return the maximum over repeats."""
        records = [record for record in self.of(scenario, case) if record["rows"] == rows]
        return max((record[key] for record in records if not record.get("error")), default=None)

    def of(self, scenario: str, case: str) -> list[Record]:
        """Return the records of one case."""
        return [
            record
            for record in self.records
            if record["scenario"] == scenario and record["case"] == case
        ]

    def sizes(self, scenario: str, case: str) -> list[int]:
        """Return the numbers of rows a case was measured at, ascending."""
        return sorted({record["rows"] for record in self.of(scenario, case)})

    def near(self, scenario: str, case: str, rows: int) -> int | None:
        """Return the measured number of rows that was asked for as `rows`, within 1 percent."""
        sizes = self.sizes(scenario, case)
        return next((size for size in sizes if abs(size - rows) <= 0.01 * rows), None)

    def day_counts(self) -> list[int]:
        """Return the lengths of the histories of new_day, ascending."""
        return sorted({record["days"] for record in self.of("new_day", "day")})

    def net_day(self, days: int, key: str) -> float | None:
        """Return what a new day on this history costs more than a build with nothing new."""
        return difference(
            self.value("new_day", "day", key, days=days),
            self.value("new_day", "empty", key, days=days),
        )

    def error(self, scenario: str, case: str, rows: int) -> str | None:
        """Return why a case failed, if it did and no run of it succeeded."""
        records = [record for record in self.of(scenario, case) if record["rows"] == rows]
        errors = [record.get("error") for record in records]
        return str(errors[0]) if errors and all(errors) else None


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """Return the quotient, None when a side is missing or not above zero."""
    return _both(numerator, denominator, lambda one, other: one / other if other > 0 else None)


def difference(one: float | None, other: float | None) -> float | None:
    """Return one - other, None when a side is missing."""
    return _both(one, other, lambda first, second: first - second)


def _both(
    one: float | None, other: float | None, compute: Callable[[float, float], float | None]
) -> float | None:
    return None if one is None or other is None else compute(one, other)
