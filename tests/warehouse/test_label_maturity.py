"""How many labels of a day were known at each age, against a count of the raw rows."""

from datetime import date
from typing import Any

import nasty
import numpy as np
import polars as pl
import pytest
from truth.comparing import by_key, is_close
from truth.rows import Truth, ordinal

MONITORS = ("orders", "visits")


class Ages:
    """Labels of the rows that answered on each day, by the day on which they became known."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.known_on = {
            day: truth.rows.known_on[truth.rows.served & (truth.rows.day == day)]
            for day in truth.days
        }

    def known(self, day: int, age: int) -> tuple[int, int]:
        """Labels known by the end of a day's age, and rows of that day."""
        known_on = self.known_on.get(day, np.array([]))
        with np.errstate(invalid="ignore"):
            return int((known_on <= day + age).sum()), len(known_on)

    def expected(self, day: int, age: int) -> float | None:
        """The same over the 28 days before, if seven of them have rows."""
        before = np.array([self.known(day - back, age) for back in range(1, 29)])
        if (before[:, 1] > 0).sum() < 7:
            return None
        return float(before[:, 0].sum() / before[:, 1].sum())


@pytest.fixture(scope="module")
def rows(first_build: dict[str, pl.DataFrame]) -> dict[str, dict[tuple[Any, ...], Any]]:
    parts = first_build["label_maturity"].partition_by("monitor", as_dict=True)
    return {str(key[0]): by_key(part, ["metric_date", "label_age_days"])
            for key, part in parts.items()}  # fmt: skip


@pytest.mark.parametrize("monitor", MONITORS)
def test_coverage_at_each_age_equals_a_count_of_raw_rows(
    truths: dict[str, Truth], rows: dict[str, dict[tuple[Any, ...], Any]], monitor: str
) -> None:
    truth = truths[monitor]
    ages = Ages(truth)
    expected = {
        (day, age)
        for day in truth.days
        if len(ages.known_on[day])
        for age in range(truth.horizon + 31)
        if day + age <= truth.as_of
    }
    assert set(rows[monitor]) == expected
    for (day, age), row in rows[monitor].items():
        known, total = ages.known(day, age)
        assert (row["known_rows"], row["row_count"]) == (known, total), (day, age)
        assert is_close(row["label_coverage"], known / total)
        assert row["is_mature"] == (age >= truth.horizon)
    for day in (truth.first_day + 6, truth.first_day + 7, truth.first_day + 34, truth.as_of - 3):
        for age in (0, 1, truth.horizon):
            found = rows[monitor].get((day, age))
            if found:
                assert is_close(found["expected_coverage"], ages.expected(day, age)), (day, age)


def test_labels_come_late(truths: dict[str, Truth], rows: dict[str, dict[Any, Any]]) -> None:
    """Without these, the test above would say little."""
    first = truths["orders"].first_day
    by_age = [rows["orders"][first, age]["known_rows"] for age in range(34)]
    assert by_age[0] < by_age[3] < by_age[-1] < rows["orders"][first, 0]["row_count"]


def test_coverage_at_the_horizon_is_that_of_performance_when_it_is_just_reached(
    first_build: dict[str, pl.DataFrame], rows: dict[str, dict[Any, Any]]
) -> None:
    """On the day that matures on the as-of day both have seen the same labels."""
    for monitor, settings in nasty.MONITORS.items():
        horizon = settings["label_horizon_days"]
        day = date.fromordinal(ordinal(nasty.AS_OF) - horizon)
        coverage = first_build["performance"].filter(
            pl.col("monitor") == monitor, pl.col("model_version") == "serving",
            pl.col("metric_date") == day, pl.col("window_days") == 1,
            pl.col("segment_name") == "overall",
        )["label_coverage"].unique()  # fmt: skip
        assert coverage.to_list() == [rows[monitor][ordinal(day), horizon]["label_coverage"]]
