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
    """Rows that answered on each day, and when their labels became known or were taken back."""

    def __init__(self, truth: Truth, tables: dict[str, pl.DataFrame]) -> None:
        self.truth = truth
        served = truth.rows.served
        self.rows = {day: int((served & (truth.rows.day == day)).sum()) for day in truth.days}
        if truth.name == "orders":
            reports = spans_of_reports(tables["orders_labels"])
            rows = pl.DataFrame(
                {"order_id": list(truth.rows.ids[served]), "day": truth.rows.day[served]}
            ).join(reports, on="order_id")
            self.day, self.gained, self.lost = (
                rows[name].to_numpy().astype(float) for name in ("day", "gained", "lost")
            )
        else:
            # Who is not said to have bought has not, from the horizon on.
            self.day = truth.rows.day[served].astype(float)
            known_on = truth.rows.known_on[served]
            self.gained = np.fmin(known_on, self.day + truth.horizon)
            self.gained[np.isnan(known_on)] = np.nan
            self.lost = np.full(len(self.day), np.nan)

    def known(self, day: int, age: int) -> tuple[int, int]:
        """Labels known by the end of a day's age, and rows of that day."""
        own = self.day == day
        with np.errstate(invalid="ignore"):
            gained = (self.gained[own] <= day + age).sum()
            return int(gained - (self.lost[own] <= day + age).sum()), self.rows.get(day, 0)

    def expected(self, day: int, age: int) -> float | None:
        """The same over the 28 days before, if seven of them have rows."""
        before = np.array([self.known(day - back, age) for back in range(1, 29)])
        if (before[:, 1] > 0).sum() < 7:
            return None
        return float(before[:, 0].sum() / before[:, 1].sum())


def spans_of_reports(labels: pl.DataFrame) -> pl.DataFrame:
    """From which day to which each report that is a label was the newest of its id."""
    known = labels.filter(pl.col("labeled_at").dt.date() <= nasty.AS_OF)
    known = known.sort("order_id", "labeled_at", "outcome", nulls_last=False)
    until = pl.col("labeled_at").shift(-1).over("order_id")
    days = {"gained": pl.col("labeled_at"), "lost": until}
    return known.with_columns(
        ((moment.dt.date() - date(1, 1, 1)).dt.total_days() + 1).alias(name)
        for name, moment in days.items()
    ).filter(pl.col("outcome").is_in([0.0, 1.0]))


@pytest.fixture(scope="module")
def rows(first_build: dict[str, pl.DataFrame]) -> dict[str, dict[tuple[Any, ...], Any]]:
    parts = first_build["label_maturity"].partition_by("monitor", as_dict=True)
    return {str(key[0]): by_key(part, ["metric_date", "label_age_days"])
            for key, part in parts.items()}  # fmt: skip


@pytest.mark.parametrize("monitor", MONITORS)
def test_coverage_at_each_age_equals_a_count_of_raw_rows(
    truths: dict[str, Truth],
    tables: dict[str, pl.DataFrame],
    rows: dict[str, dict[tuple[Any, ...], Any]],
    monitor: str,
) -> None:
    truth = truths[monitor]
    ages = Ages(truth, tables)
    expected = {
        (day, age)
        for day in truth.days
        if ages.rows[day]
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
            ~pl.col("metric_name").is_in(list(settings.get("business_metrics", {}))),
        )["label_coverage"].unique()  # fmt: skip
        assert coverage.to_list() == [rows[monitor][ordinal(day), horizon]["label_coverage"]]
