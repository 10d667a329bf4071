"""The whole cycle on PostgreSQL: what it leaves is what it leaves on DuckDB.

On Spark `make spark-demo` runs it.
"""

from pathlib import Path

import deployment as world
import duckdb
import polars as pl
import pytest
from running import CLOCK

from jobs.control import ControlStore
from jobs.cycle import Deployment, run_cycle
from jobs.paths import Paths
from jobs.warehouse import Warehouse
from jobs.warehouse.duckdb_file import DuckDBWarehouse
from tests.engines.conformance import compare
from tests.engines.engine_project import EngineProject

# The folder of the models is another one.
PLACES = {"artifact_path"}


def relations(warehouse: Warehouse, project: EngineProject) -> dict[str, pl.DataFrame]:
    """Every public relation and the log, without the clock."""
    tables = {name: f"driftline.{name}" for name in project.relations()}
    found = {}
    for name, table in {**tables, "order_log": "serving.order_log"}.items():
        frame = warehouse.frame(f"select * from {table}")
        found[name] = frame.drop([one for one in frame.columns if one in CLOCK | PLACES])
    return found


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_cycle_leaves_what_it_leaves_on_duckdb(paths: Paths, built_warehouse: Path) -> None:
    project = EngineProject.deployed(paths, {"orders": world.MONITOR}, world.tables())
    world.add_policies(project)
    deployment = Deployment.of(paths)
    first, second = (
        run_cycle(deployment, as_of, lambda line: None)
        for as_of in (world.FIRST_AS_OF, world.SECOND_AS_OF)
    )
    assert [first.trained, second.trained] == [{"orders": "v1"}, {"orders": "v2"}]
    assert [one.rows for one in second.scored] == [45 * world.ROWS_A_DAY]
    control = ControlStore.of(paths)
    assert control.live_version("orders") == "v2"
    assert control.shadow_versions("orders") == ("v1",)
    with Warehouse.open(paths) as warehouse:
        found = relations(warehouse, project)
    with duckdb.connect(str(built_warehouse), read_only=True) as connection:
        expected = relations(DuckDBWarehouse(connection), project)
    compared = compare(found, expected)
    assert not compared.faults, compared.faults
    assert not compared.undeclared, compared.undeclared
