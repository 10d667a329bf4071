"""Bins of a long reference are cut from a sample that anybody can draw again, by hand here; so are
the rows of a long day whose loss is counted by bin.
"""

from datetime import datetime, timedelta
from hashlib import md5
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from project import Project

ROWS, SAMPLED = 120_000, 50_000
ROWS_OF_THE_DAY = 20_100  # beyond 20,000: a quarter of them is counted
LEAST, GREATEST = -1e6, 1e6
FIRST = datetime(2026, 3, 1)
MONITOR = {
    "description": "A long reference",
    "owner": "tests",
    "task": "binary",
    "inferences": {"source": ["serving", "long_log"]},
    "history": {"source": ["serving", "long_history"]},
    "columns": {
        "id": "id",
        "predicted_at": "at",
        "model_version": "version",
        "score": "score",
        "label": "label",
    },
    "time_zone": "UTC",
    "label_horizon_days": 0,
    "features": {"numeric": ["size"], "categorical": ["kind"]},
    "primary_metric": "brier",
}


def in_sample(row_id: int) -> bool:
    """Whether the first 32 bits of the md5 of an id are among the smallest 50,000 of 120,000."""
    return int(md5(str(row_id).encode()).hexdigest()[:8], 16) < SAMPLED / ROWS * 2**32


@pytest.fixture(scope="module")
def history() -> pl.DataFrame:
    sizes = np.random.default_rng(5).lognormal(size=ROWS)
    ids = np.arange(ROWS)
    # The two ends lie in rows that the sample leaves out.
    outside = [row for row in ids if not in_sample(int(row))][:2]
    sizes[outside] = LEAST, GREATEST
    return pl.DataFrame(
        {
            "id": ids,
            "at": [FIRST + timedelta(seconds=20 * row) for row in range(ROWS)],
            "label": np.zeros(ROWS),
            "size": sizes,
            # Rare in the whole reference, and not in the sample at all.
            "kind": ["lost" if row == outside[0] else "usual" for row in ids],
        }
    )


@pytest.fixture(scope="module")
def log(history: pl.DataFrame) -> pl.DataFrame:
    rng = np.random.default_rng(6)
    return history.head(ROWS_OF_THE_DAY).with_columns(
        pl.lit(FIRST + timedelta(days=60)).alias("at"),
        pl.lit("v1").alias("version"),
        pl.Series("score", rng.random(ROWS_OF_THE_DAY)),
        pl.Series("label", rng.integers(0, 2, ROWS_OF_THE_DAY).astype(float)),
    )


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, history: pl.DataFrame, log: pl.DataFrame
) -> Project:
    project = Project.create(
        tmp_path_factory.mktemp("long"),
        {"long": MONITOR},
        {"long_log": log, "long_history": history},
    )
    project.build(select=["+feature_bins", "+int_pattern_daily"])
    return project


@pytest.fixture(scope="module")
def bins(project: Project) -> pl.DataFrame:
    return project.read("feature_bins")


def test_edges_are_the_tenths_of_the_sampled_rows(
    bins: pl.DataFrame, history: pl.DataFrame, tmp_path: Path
) -> None:
    sampled = history.filter(pl.col("id").map_elements(in_sample, return_dtype=pl.Boolean))
    assert abs(sampled.height - SAMPLED) < 1_000
    values = sorted([*sampled["size"].to_list(), LEAST, GREATEST])
    expected = [values[-(-tenth * len(values) // 10)] for tenth in range(10)]
    intervals = bins.filter(feature_name="size", bin_kind="interval").sort("bin_id")
    assert intervals["lower_bound"].to_list() == expected
    assert intervals["upper_bound"].to_list() == [*expected[1:], GREATEST]


def test_a_tenth_of_all_rows_lies_between_two_edges(
    bins: pl.DataFrame, history: pl.DataFrame
) -> None:
    intervals = bins.filter(feature_name="size", bin_kind="interval").sort("bin_id")
    counts, _ = np.histogram(history["size"], [*intervals["lower_bound"], GREATEST])
    # Four standard errors of a tenth of 50,000 rows.
    assert np.abs(counts / ROWS - 0.1).max() < 4 * np.sqrt(0.09 / SAMPLED)


def test_every_category_of_the_reference_is_known(bins: pl.DataFrame) -> None:
    kinds = bins.filter(feature_name="kind").filter(pl.col("category").is_not_null())
    assert dict(zip(kinds["category"], kinds["bin_kind"], strict=True)) == {
        "usual": "category",
        "lost": "rare",
    }


def test_the_loss_of_a_long_day_is_that_of_a_quarter_of_its_rows(
    project: Project, log: pl.DataFrame
) -> None:
    first_digit = [int(md5(str(row).encode()).hexdigest()[0], 16) for row in log["id"]]
    counted = log.filter(pl.Series(first_digit) < 4)
    assert 0 < counted.height < 6_000
    chance = np.where(counted["label"] == 1, counted["score"], 1 - counted["score"])
    with duckdb.connect(str(project.paths.warehouse), read_only=True) as connection:
        found = connection.sql(
            "select feature_name, sum(labeled_rows) as rows, sum(positive_rows) as positives, "
            "sum(score_sum) as score, sum(loss_sum) as loss, sum(loss_square_sum) as squares "
            "from driftline_internal.int_loss_by_bin_daily group by feature_name"
        ).fetchall()
        stands_for = connection.sql(
            "select sum(labeled_rows), sum(counted_rows) from driftline_internal.int_pattern_daily "
            "group by feature_name"
        ).fetchall()
    assert np.allclose(stands_for, [[ROWS_OF_THE_DAY, counted.height]] * 2, rtol=1e-12)
    assert {name for name, *_ in found} == {"size", "kind"}
    for _, rows, positives, score, loss, squares in found:
        assert (rows, positives) == (counted.height, counted["label"].sum())
        expected = [counted["score"].sum(), -np.log(chance).sum(), (np.log(chance) ** 2).sum()]
        assert np.allclose([score, loss, squares], expected, rtol=1e-9)
