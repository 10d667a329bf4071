"""What was known on a past day, against the raw rows with the labels as they were on that day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import nasty
import numpy as np
import polars as pl
import pytest
from truth import multiclass, regression
from truth.comparing import is_close
from truth.estimates_by_task import Estimator, Rows
from truth.performance import all_metrics
from truth.rows import load

Tables = dict[str, pl.DataFrame]
WINDOWS = (1, 7, 30)
FIRST = nasty.FIRST_DAY.toordinal()
# Labels are corrected and withdrawn in the first two weeks, and come late all along.
DAYS = (4, 8, 11, 33, 60, 89)
AGES = (0, 1, 2, 3, 5, 9, 25, 26, 27, 31, 33, 40)


@dataclass(frozen=True)
class Seen:
    """Rows that answered, as of now, with the labels of a day."""

    day: np.ndarray
    has_label: np.ndarray
    is_judged: np.ndarray
    measured: Callable[[np.ndarray], Mapping[str, float | None]]


def binary(tables: Tables, monitor: str, day: date) -> Seen:
    tonight = datetime.combine(day + timedelta(days=1), time())
    labels = tables["orders_labels"].filter(pl.col("labeled_at") < tonight)
    truth = (
        load({**tables, "orders_labels": labels}, nasty.AS_OF)
        if monitor == "orders"
        else load(tables, day)
    )[monitor]
    served = truth.rows.served
    score, label = truth.rows.score[served], truth.rows.label[served]

    def measured(rows: np.ndarray) -> dict[str, float | None]:
        found = all_metrics(score[rows], label[rows], truth.threshold, 50)
        names = ("accuracy", "precision", "recall", "f1", "log_loss", "brier")
        return {name: found[name].value for name in names}

    is_judged = ~np.isnan(label) & (np.nan_to_num(score, nan=-1) >= 0)
    return Seen(truth.rows.day[served], ~np.isnan(label), is_judged & (score <= 1), measured)


def of_task(rows: Rows, names: tuple[str, ...], estimate: Estimator, has_label: np.ndarray) -> Seen:
    def measured(inside: np.ndarray) -> dict[str, float | None]:
        chosen = rows.inside(inside)
        estimates = {name: estimate(name, chosen) if len(chosen.day) else None for name in names}
        return {name: found and found.value for name, found in estimates.items()}

    return Seen(rows.day, has_label, rows.is_judged, measured)


def seen(tables: Tables, monitor: str, day: date) -> Seen:
    if monitor == "fares":
        rows = regression.load(tables["fares"], day)
        has_label = ~np.isnan(rows.columns["label"])
        return of_task(rows, ("rmse", "mae", "mape", "wape"), regression.estimate, has_label)
    if monitor == "tickets":
        rows = multiclass.load(tables["tickets"], tables["ticket_outcomes"], day)
        has_label = rows.columns["label"] >= 0
        return of_task(rows, ("accuracy", "log_loss"), multiclass.estimate, has_label)
    return binary(tables, monitor, day)


@pytest.mark.parametrize("monitor", ["orders", "visits", "fares", "tickets"])
def test_what_is_asked_of_a_past_day_is_what_its_labels_said(
    first_build: Tables, tables: Tables, monitor: str
) -> None:
    known = first_build["performance_as_known"].filter(pl.col("monitor") == monitor)
    horizon = nasty.MONITORS[monitor]["label_horizon_days"]
    compared = 0
    for number in DAYS:
        day = nasty.FIRST_DAY + timedelta(days=number)
        then = known.filter(pl.col("known_on") <= day, pl.col("known_through") >= day)
        rows = {
            (row["metric_date"].toordinal(), row["window_days"], row["metric_name"]): row
            for row in then.iter_rows(named=True)
        }
        assert len(rows) == then.height, "one value of each is valid at a time"
        truth = seen(tables, monitor, day)
        for age in AGES:
            end = FIRST + number - age
            for window in WINDOWS:
                inside = (truth.day > end - window) & (truth.day <= end)
                is_told = age <= horizon + 31 - window and end - window + 1 >= truth.day.min()
                measured = truth.measured(inside & truth.is_judged)
                for metric, value in measured.items():
                    row, at = rows.get((end, window, metric)), (day, age, window, metric)
                    assert (row is not None) == (is_told and bool(inside.any())), at
                    if row is None:
                        continue
                    assert row["row_count"] == inside.sum(), at
                    assert row["labeled_rows"] == (inside & truth.is_judged).sum(), at
                    coverage = (inside & truth.has_label).sum() / inside.sum()
                    assert is_close(row["label_coverage"], coverage), (at, row, coverage)
                    assert is_close(row["metric_value"], value, tol=1e-8), (at, row, value)
                    assert row["is_mature"] == (age >= horizon), at
                    compared += 1
    assert compared > 100


@pytest.mark.parametrize("monitor", ["orders", "visits"])
def test_labels_were_corrected(first_build: Tables, monitor: str) -> None:
    """Without that, the test above would say little: as many labels as the day before, others."""
    known = first_build["performance_as_known"].filter(
        pl.col("monitor") == monitor,
        pl.col("metric_name") == "log_loss",
        pl.col("window_days") == 1,
    )
    known = known.sort("metric_date", "known_on").with_columns(
        pl.col("labeled_rows", "metric_value").diff().over("metric_date").name.suffix("_change")
    )
    corrected = (pl.col("labeled_rows_change") == 0) & (pl.col("metric_value_change").abs() > 1e-6)
    assert known.filter(corrected).height > 0


def test_the_newest_that_is_known_is_performance(first_build: Tables) -> None:
    """While all labels that came are within what is told apart."""
    known = first_build["performance_as_known"]
    assert known["known_on"].max() == known["known_through"].max() == nasty.AS_OF
    performance = first_build["performance"].filter(
        pl.col("model_version") == "serving",
        pl.col("segment_name") == "overall",
        pl.col("reference") == "previous",
    )
    both = known.filter(pl.col("known_through") == nasty.AS_OF).join(
        performance, on=["monitor", "metric_date", "window_days", "metric_name"], suffix="_now"
    )
    assert both.height > 300
    assert both["labeled_rows"].equals(both["labeled_rows_now"])
    gap = (both["metric_value"] - both["metric_value_now"]).abs().max()
    assert isinstance(gap, float) and gap < 1e-8
    assert both["metric_value"].is_null().equals(both["metric_value_now"].is_null())
