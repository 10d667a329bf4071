"""What a retrain learns from is read narrowly, and from the logs of monitors that may retrain."""

from collections.abc import Iterator
from datetime import timedelta

import polars as pl
import pytest

from jobs.dbt import close_connections
from tests.incremental.fleet import INTERNAL, Fleet
from tests.incremental.world import FIRST_DAY, changed, first_world, renewed_by_jobs

AS_OF = FIRST_DAY + timedelta(days=45)
OF_ROWS_LOADED_MORE_THAN_ONCE = ("reloaded_rows", "exact_duplicates", "same_id_on_another_day")
COLUMNS = "monitor, origin, inference_id, predicted_at, metric_date, model_version, label"
RANKED_ONE_BY_ONE = f"""
select {COLUMNS} from (
    select *, row_number() over (
        partition by monitor, inference_id
        order by is_shadow, origin desc, model_version nulls last, metric_date desc
    ) as copy
    from {INTERNAL}.int_inferences where monitor = 'renewed'
) where copy = 1
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    renewed = renewed_by_jobs(first_world("renewed", "orders", 9, 20))
    for number, operation in enumerate(OF_ROWS_LOADED_MORE_THAN_ONCE):
        renewed = changed(renewed, operation, number)
    in_shadow = renewed.log.gather_every(3).with_columns(
        pl.lit("v0").alias("version"), pl.lit(True).alias("is_shadow")
    )
    renewed = renewed.with_rows("log", in_shadow)
    worlds = [renewed, first_world("watched", "visits", 9, 20)]
    fleet = Fleet(tmp_path_factory.mktemp("training") / "fleet", worlds)
    assert not fleet.build(AS_OF, ["--select", "+training_window"], check=False).failed
    yield fleet
    close_connections()


def test_the_training_window_holds_each_id_as_the_rows_one_by_one_have_it(fleet: Fleet) -> None:
    found = fleet.query(f"select {COLUMNS} from driftline.training_window order by all")
    expected = fleet.query(RANKED_ONE_BY_ONE + " order by all")
    logged = fleet.worlds["renewed"].log
    keys = ["row_id", "version"]
    assert logged.select(keys).is_duplicated().any(), "rows were loaded more than once"
    assert logged.select(keys).unique()["row_id"].is_duplicated().any(), "and by two versions"
    assert found.equals(expected)
    assert "v0" not in found["model_version"], "the version in shadow answered nothing"
    assert found["monitor"].unique().to_list() == ["renewed"]


def test_the_log_of_a_monitor_that_never_retrains_is_not_opened(fleet: Fleet) -> None:
    plan = fleet.query(f"explain select * from {INTERNAL}.int_training_rows").rows()
    text = "\n".join(str(part) for row in plan for part in row)
    assert "renewed_log" in text
    assert "watched_log" not in text


def test_rows_loaded_once_are_placed_without_their_features(fleet: Fleet) -> None:
    """The features of a log are most of its bytes."""
    view = fleet.query(
        "select sql from duckdb_views() where view_name = 'int_training_rows'"
    ).item()
    loaded_once = view.partition("loaded_once AS")[2].partition("ranked AS")[0]
    assert "predicted_at" in loaded_once
    assert "numeric_values" not in loaded_once
