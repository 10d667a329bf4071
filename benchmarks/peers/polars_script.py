"""Daily histograms, PSI and AUC as a competent polars script would compute them.

Numbers: ten quantile bins of the reference, `[lower, upper)` and the last one closed, and one bin
each for below, above and null. Categories: every value is a bin. PSI of each day against the first
28 days, half a row added to every bin. AUC per day, exact, ties count half. Of several ways tried
(codes by search_sorted, cut or comparisons, then group_by; in memory or streaming) none took less
CPU than this one: one streaming scan that counts `x < edge` for all edges of all numbers.
"""

from datetime import timedelta
from pathlib import Path

import polars as pl

from benchmarks.peers.compute import DAY, run
from benchmarks.shape import CATEGORICAL, FEATURES, FIRST_DAY, NUMERIC, REFERENCE_DAYS

LAST_REFERENCE_DAY = FIRST_DAY + timedelta(days=REFERENCE_DAYS - 1)
TENTHS = [tenth / 10 for tenth in range(11)]
HALF_A_ROW = 0.5


def quantile_edges(log: pl.LazyFrame) -> dict[str, list[float]]:
    """Return the distinct deciles, least and greatest value included, of each number."""
    reference = log.filter(pl.col(DAY) <= LAST_REFERENCE_DAY)
    deciles = reference.select(pl.col(NUMERIC).quantile(TENTHS, "linear")).collect()
    return {name: deciles[name].list.unique().list.sort()[0].to_list() for name in NUMERIC}


def numeric_histograms(log: pl.LazyFrame, edges: dict[str, list[float]]) -> pl.DataFrame:
    """Return the columns feature, day, bin, rows; bins 0 (below) to k + 1 (above) and -1 (null)."""
    counts = []
    for name in NUMERIC:
        below = [(pl.col(name) < edge).sum() for edge in edges[name]]
        counts += [count.alias(f"{name}|{bin}") for bin, count in enumerate(below)]
        counts.append((pl.col(name) > edges[name][-1]).sum().alias(f"{name}|above"))
        counts.append(pl.col(name).null_count().alias(f"{name}|null"))
    wide = log.group_by(DAY).agg(pl.len(), *counts).collect(engine="streaming")
    return pl.concat(_bins(wide, name, len(edges[name])) for name in NUMERIC)


def _bins(wide: pl.DataFrame, name: str, edge_count: int) -> pl.DataFrame:
    """Turn counts below each edge into counts of the bins between them."""
    above, null = pl.col(f"{name}|above"), pl.col(f"{name}|null")
    cumulative = [pl.col(f"{name}|{bin}") for bin in range(edge_count - 1)]
    cumulative.append(pl.col("len") - above - null)  # the last inner bin is closed
    bins = [cumulative[0].alias("0")]
    for bin in range(1, edge_count):
        bins.append((cumulative[bin].cast(pl.Int64) - cumulative[bin - 1]).alias(str(bin)))
    bins += [above.alias(str(edge_count)), null.alias("-1")]
    long = wide.select(DAY, *(bin.cast(pl.Int64) for bin in bins)).unpivot(
        index=DAY, variable_name="bin", value_name="rows"
    )
    return long.select(pl.lit(name).alias("feature"), DAY, "bin", "rows")


def categorical_histograms(log: pl.LazyFrame) -> pl.DataFrame:
    """Return the columns feature, day, bin (the value, or null), rows; absent values with 0."""
    queries = [log.group_by(DAY, name).len("rows") for name in CATEGORICAL]
    found = pl.collect_all(queries, engine="streaming")
    dense = []
    for name, counts in zip(CATEGORICAL, found, strict=True):
        every = counts.select(DAY).unique().join(counts.select(name).unique(), how="cross")
        filled = every.join(counts, on=[DAY, name], how="left", nulls_equal=True)
        dense.append(
            filled.select(
                pl.lit(name).alias("feature"),
                DAY,
                pl.col(name).alias("bin"),
                pl.col("rows").fill_null(0).cast(pl.Int64),
            )
        )
    return pl.concat(dense)


def daily_psi(histograms: pl.DataFrame) -> pl.DataFrame:
    """Return the columns feature, day, psi from counts that have every bin on every day."""
    reference = (
        histograms.filter(pl.col(DAY) <= LAST_REFERENCE_DAY)
        .group_by("feature", "bin")
        .agg(pl.col("rows").sum().alias("reference_rows"))
    )
    both = histograms.join(reference, on=["feature", "bin"], nulls_equal=True)
    current, expected = (
        (pl.col(rows) + HALF_A_ROW) / (pl.col(rows) + HALF_A_ROW).sum()
        for rows in ("rows", "reference_rows")
    )
    psi = ((current - expected) * (current / expected).log()).sum().alias("psi")
    return both.group_by("feature", DAY).agg(psi).sort("feature", DAY)


def daily_auc(log: pl.LazyFrame) -> pl.DataFrame:
    """Return the columns day, auc over the labeled rows, from ranks of the scores."""
    ranks = pl.col("score").rank("average").filter(pl.col("label") == 1)
    positives, rows = pl.col("positives"), pl.col("rows")
    wins = pl.col("rank_sum") - positives * (positives + 1) / 2
    return (
        log.filter(pl.col("label").is_not_null())
        .select(DAY, "score", "label")
        .group_by(DAY)
        .agg(
            pl.col("label").sum().cast(pl.Float64).alias("positives"),
            pl.len().cast(pl.Float64).alias("rows"),
            ranks.sum().alias("rank_sum"),
        )
        .select(
            DAY,
            (wins / (positives * (rows - positives))).alias("auc"),
        )
        .sort(DAY)
        .collect(engine="streaming")
    )


def monitor_log(file: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return daily_psi of all features and daily_auc of one parquet file."""
    log = pl.scan_parquet(file).select(DAY, "score", "label", *FEATURES)
    numeric = numeric_histograms(log, quantile_edges(log))
    histograms = pl.concat([numeric, categorical_histograms(log)])
    return daily_psi(histograms), daily_auc(log)


def compute(file: Path) -> int:
    """Return how many numbers were found."""
    psi, auc = monitor_log(file)
    return psi.height + auc.height


if __name__ == "__main__":
    run(compute, lambda file: file)
