"""`make verify`: every metric, PSI and KS against scikit-learn and scipy on real data sets.

Prints the largest absolute difference of each, and what the marts themselves state as their
error. Ends with 1 when a difference is larger than that.
"""

import argparse
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tests.verification import independent
from tests.verification.data_sets import DataSet, load
from tests.warehouse.project import Project

WINDOWS = (1, 7, 30)
ROUNDING = 1e-9


def main() -> int:
    """Build the warehouse of all sets and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.verification", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="their folder")
    folder = parser.parse_args().data
    started = time.monotonic()
    sets = load(folder)
    with tempfile.TemporaryDirectory() as work:
        project = Project.create(
            Path(work), {one.name: one.monitor for one in sets}, {one.name: one.log for one in sets}
        )
        project.build()
        parts = [part(one, project) for one in sets for part in (performance, drift)]
    table = pl.concat(parts).sort("data_set", "measure")
    with pl.Config(
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=140,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        float_precision=3,
        fmt_str_lengths=40,
    ):
        print(table)
    apart = table.filter(pl.col("beyond_stated") > 0)
    print(f"{time.monotonic() - started:.0f} s, {len(sets)} data sets. Beyond what is stated: "
          f"{apart['measure'].to_list() or 'none'}")  # fmt: skip
    return int(apart.height > 0)


def performance(data_set: DataSet, project: Project) -> pl.DataFrame:
    """Windows of serving, all rows."""
    found = project.read(
        "performance",
        f"monitor = '{data_set.name}' and model_version = 'serving' and reference = 'previous'"
        " and segment_name = 'overall'",
    )
    day = data_set.log["at"].dt.date()
    rows = []
    for metric_date, window in found.select("metric_date", "window_days").unique().iter_rows():
        inside = data_set.log.filter(_in_window(day, metric_date, window))
        if inside.is_empty():
            continue
        expected = independent.values_of(data_set, inside)
        of_window = found.filter(metric_date=metric_date, window_days=window)
        for row in of_window.iter_rows(named=True):
            value = expected.get(row["metric_name"])
            if row["metric_name"] not in expected:
                continue
            if (row["metric_value"] is None) != (value is None):
                raise AssertionError(f"{data_set.name} {metric_date} {window}: {row}, {value}")
            if value is not None:
                gap = abs(row["metric_value"] - value)
                if row["metric_name"] == "average_precision":
                    # scikit-learn takes equal scores all at once, which no order does.
                    worst, best = independent.average_precisions(
                        inside["label"].to_numpy(), inside["score"].to_numpy()
                    )
                    value = min(max(row["metric_value"], worst), best)
                    gap = abs(row["metric_value"] - value)
                stated = row["error_bound"] + ROUNDING * max(1, abs(value))
                rows.append((row["metric_name"], gap, stated, abs(value)))
    return _summary(data_set, rows)


def drift(data_set: DataSet, project: Project) -> pl.DataFrame:
    """Weeks of each feature against the week before: PSI on the frozen bins, KS on the rows."""
    found = project.read(
        "feature_drift",
        f"monitor = '{data_set.name}' and segment_name = 'overall' and window_days = 7"
        " and reference = 'previous' and psi is not null",
    )
    bins = project.read("feature_bins", f"monitor = '{data_set.name}'")
    day = data_set.log["at"].dt.date()
    rows = []
    for row in found.iter_rows(named=True):
        values = data_set.log[row["feature_name"]].cast(pl.Float64)
        current = values.filter(_in_window(day, row["metric_date"], 7)).to_numpy()
        before = values.filter(
            _in_window(day, row["metric_date"] - timedelta(days=7), 7)
        ).to_numpy()
        of_feature = bins.filter(feature_name=row["feature_name"])
        exact = independent.psi(_counts(of_feature, current), _counts(of_feature, before))
        rows.append(("psi", abs(row["psi"] - exact), ROUNDING * max(1, exact), exact))
        finite = [one[np.isfinite(one)] for one in (current, before)]
        if row["ks"] is not None and min(map(len, finite)):
            exact = independent.ks(*finite)
            rows.append(("ks", abs(row["ks"] - exact), row["ks_error_bound"] + ROUNDING, exact))
    return _summary(data_set, rows)


def _in_window(day: pl.Series, last: date, window: int) -> pl.Series:
    return (day <= last) & (day > last - timedelta(days=window))


def _counts(bins: pl.DataFrame, values: np.ndarray) -> np.ndarray:
    """Rows of each public bin, from its bounds."""
    counts = []
    inner = bins.filter(pl.col("bin_kind").is_in(["interval", "point"])).sort("lower_bound")
    points = set(inner.filter(pl.col("bin_kind") == "point")["lower_bound"])
    smallest, largest = inner["lower_bound"].min(), inner["upper_bound"].max()
    free = ~np.isin(values, list(points))
    for kind, low, high in bins.select("bin_kind", "lower_bound", "upper_bound").iter_rows():
        if kind == "point":
            counts.append((values == low).sum())
        elif kind == "interval":
            closed = (values == high) & (high == largest)
            counts.append((free & (((values >= low) & (values < high)) | closed)).sum())
        elif kind == "below":
            counts.append((values < smallest).sum())
        elif kind == "above":
            counts.append((values > largest).sum())
        else:
            counts.append({"null": np.isnan(values), "not_finite": np.isinf(values)}.get(
                kind, np.zeros(len(values), bool)).sum())  # fmt: skip
    return np.array(counts, dtype=float)


def _summary(data_set: DataSet, rows: list[tuple[str, float, float, float]]) -> pl.DataFrame:
    frame = pl.DataFrame(
        rows, schema={"measure": pl.String, "gap": float, "stated": float, "value": float},
        orient="row",
    )  # fmt: skip
    return frame.group_by("measure").agg(
        pl.lit(data_set.name).alias("data_set"),
        pl.lit(data_set.task).alias("task"),
        pl.len().alias("windows"),
        *(
            pl.col(column).max().map_elements("{:.2g}".format, pl.String).alias(f"largest_{name}")
            for column, name in (("value", "value"), ("gap", "difference"), ("stated", "stated"))
        ),
        (pl.col("gap") > pl.col("stated")).sum().alias("beyond_stated"),
    )


if __name__ == "__main__":
    raise SystemExit(main())
