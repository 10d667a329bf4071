"""`make simulate`: stated intervals, null quantiles and verdicts on rows whose truth is known.

Prints a table per size, and ends with 1 if a share lies outside what is stated.
"""

import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from tests.simulation import (
    attribution,
    coverage,
    direct_loss,
    drift,
    estimates,
    null,
    stability,
    tasks,
)

REPLICATES = {200: 250, 1_000: 250, 2_000: 250, 20_000: 75}
REPLICATES_OF_TASKS = {200: 100, 2_000: 50, 20_000: 25}
SERIES = {10: 400, 100: 200}


def main() -> int:
    """Print what was found; the exit code says whether it is as stated."""
    started = time.monotonic()
    with pl.Config(
        tbl_rows=-1, tbl_cols=-1, tbl_width_chars=160, float_precision=4,
        tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True,
    ):  # fmt: skip
        outside = [
            *causes(),
            *without_labels(),
            *psi_null(),
            *weekly(),
            *intervals(),
            *estimated(),
        ]
    print(f"{time.monotonic() - started:.0f} s. Outside what is stated: {outside or 'none'}")
    return bool(outside)


def causes() -> list[tuple[object, ...]]:
    """What the joint verdict says of changes of the loss whose causes are known."""
    print(
        "Change of the loss, 20,000 rows on each side: what is said of known causes, mean of three."
    )
    found = attribution.verdicts(attribution.cases())
    print(attribution.summary(found), flush=True)
    print(
        f"Stated: of one cause alone at least {attribution.LEAST_SHARE:.0%} is given to it, of "
        f"both the mix within {attribution.LARGEST_GAP:.0%} of the change.\n"
    )
    bands = pl.concat(
        attribution.beyond_band(replicates=25, rows_a_day=100, effect_of_days=effect)
        for effect in (0.0, 0.3)
    )
    print("Windows of 7 days without drift beyond the 95 % null band of 28 days: share of 25.")
    print(attribution.beyond(bands), flush=True)
    print(f"Stated: at most {attribution.MOST_BEYOND:.0%} with three standard errors.\n")
    return [*attribution.outside_stated(found).rows(), *attribution.too_often(bands).rows()]


def without_labels() -> list[tuple[object, ...]]:
    """Share of windows of which drift is said that needs no label."""
    print("Drift without labels: share of windows of 7 days, against 28, with such a p-value.")
    cases = [drift.Case(rows, effect, 100) for rows in (30, 150) for effect in (0.0, 0.3)] + [
        drift.Case(150, effect, 25, shift=0.5) for effect in (0.0, 0.3)
    ]
    found = drift.found(cases)
    print(found, flush=True)
    print(f"Stated: without drift at most {drift.LEVEL:.0%} with three standard errors at 0.05,")
    print(f"of a feature that has moved by half a deviation at least {drift.LEAST_POWER:.0%}.\n")
    return drift.outside_stated(found).rows()


def psi_null() -> list[tuple[object, ...]]:
    """Share of windows without drift above the 99 % null quantile."""
    print("PSI without drift above its 99 % null quantile, which 28 days taught: share of windows.")
    outside = []
    for bins, series in SERIES.items():
        cases = [
            null.Case(bins, rows, effect, series)
            for rows in (100, 1_000, 10_000, 100_000)
            for effect in (0.0, 0.1, 0.3)
        ]
        # A log that has shrunk since its reference, or grown.
        cases += [
            null.Case(bins, 10_000, effect, series, reference_rows_a_day=rows)
            for rows in (100_000, 3_000)
            for effect in (0.0, 0.1)
        ]
        # Weekdays that are further apart than days.
        cases += [
            null.Case(bins, rows, effect, series, effect_of_weekdays=0.4)
            for rows in (1_000, 100_000)
            for effect in (0.0, 0.1)
        ]
        # Weeks, of logs that stayed as they were, have grown or shrunk.
        cases += [
            null.Case(bins, rows, effect, series, before, window_days=7)
            for rows, before in (
                (1_000, 1_000),
                (100_000, 100_000),
                (10_000, 1_000),
                (1_000, 10_000),
            )
            for effect in (0.0, 0.1, 0.3)
        ]
        # Weekdays that are further apart than weeks, weekends with a tenth of the rows, and a batch
        # a week.
        cases += [
            null.Case(bins, 1_000, effect, series, effect_of_weekdays=0.4, window_days=7)
            for effect in (0.0, 0.1)
        ]
        cases += [
            null.Case(bins, 2_000, effect, series, window_days=days, weekend=0.1)
            for days in (1, 7)
            for effect in (0.1, 0.3)
        ]
        cases += [null.Case(bins, 1_000, 0.1, series, window_days=7, batch_days=7)]
        with tempfile.TemporaryDirectory() as folder:
            found = null.above_null(Path(folder), cases)
        print(found, flush=True)
        outside += null.outside_stated(found).rows()
    print(f"Stated: {null.STATED}, each side with three standard errors.\n")
    return outside


def weekly() -> list[tuple[object, ...]]:
    """Share of changes from week to week that are called one without cause."""
    print("Scores without a trend: share of changes from week to week that are called one.")
    cases = [
        coverage.Case(process, rows, replicates=200)
        for rows in (210, 2_100)
        for process in stability.PROCESSES
    ]
    with tempfile.TemporaryDirectory() as folder:
        found = stability.changes(Path(folder), cases)
    print(found, flush=True)
    print(
        f"Stated: at most {stability.STATED:.1%}, of percentiles over seven days "
        f"{stability.STATED_OF_PERCENTILES:.1%}, with three standard errors.\n"
    )
    return stability.outside_stated(found).rows()


def intervals() -> list[tuple[object, ...]]:
    """Share of 95 % intervals that hold the long-run value."""
    print("95 % intervals that hold the long-run value: windows of seven days with so many rows.")
    outside = []
    for processes, replicates in (
        (coverage.PROCESSES, REPLICATES),
        # The rows of rankings are queries.
        *((of_task, REPLICATES_OF_TASKS) for of_task in tasks.PROCESSES.values()),
    ):
        for rows, count in replicates.items():
            cases = [coverage.Case(process, rows, count) for process in processes]
            with tempfile.TemporaryDirectory() as folder:
                found = coverage.coverage(Path(folder), cases)
            print(found, flush=True)
            outside += coverage.outside_stated(found).rows()
    print("Days that move scores by nearly as much as rows differ; stated of calibration alone.")
    cases = [coverage.Case(coverage.MOVING_SCORES, *size) for size in ((2_000, 100), (20_000, 25))]
    with tempfile.TemporaryDirectory() as folder:
        found = coverage.coverage(Path(folder), cases)
    print(found, flush=True)
    outside += coverage.outside_stated(found).rows()
    print(f"Stated: {coverage.STATED}, each side with three standard errors.")
    print("Windows with under 30 rows of a class are insufficient_data and not counted.\n")
    return outside


def estimated() -> list[tuple[object, ...]]:
    """Share of windows in which labels show what was estimated without them."""
    print(
        "Bounds of estimates that hold what labels show: windows of seven days, a map of 28 days."
    )
    outside = []
    for rows in (210, 1_050, 2_100):
        cases = [estimates.Case(process, rows, 100) for process in estimates.PROCESSES]
        with tempfile.TemporaryDirectory() as folder:
            found = estimates.estimates(Path(folder), cases)
        print(found, flush=True)
        outside += estimates.outside_stated(found).rows()
    print(f"Stated: {coverage.STATED}, each side with three standard errors.")
    with tempfile.TemporaryDirectory() as folder:
        found = estimates.estimates(
            Path(folder), [estimates.Case(estimates.CONCEPT_DRIFT, 1_050, 50)]
        )
    print("Concept drift, which no estimate can see:", found, sep="\n")
    print("Errors of predicted numbers: share of windows of seven days within the bounds.")
    print(pl.concat(direct_loss.estimates(case) for case in direct_loss.CASES), flush=True)
    print("Stated in docs/statistics.md; where rows have moved far the bounds hold too few.")
    return outside


if __name__ == "__main__":
    sys.exit(main())
