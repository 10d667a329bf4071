"""The tables of the jobs as dbt creates them on each engine, and the control store's mirror."""

import shutil
from datetime import date

import polars as pl

from jobs.control import ControlStore
from jobs.dbt import Relations, run_dbt
from jobs.paths import Paths
from jobs.warehouse import Warehouse
from tests.warehouse.project import ROOT

SHIPPED = (
    "macros/config/create_job_tables.sql",
    *(
        f"macros/engines/{name}.sql"
        for name in ("create_job_table", "engine_type", "type_double", "type_local_timestamp")
    ),
    "models/marts/governance/_jobs_sources.yml",
)
DAY = date(2026, 3, 1)


def test_tables_are_created_and_written_by_key(paths: Paths) -> None:
    for name in SHIPPED:
        copy = paths.project_dir / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "dbt_project" / name, copy)
    file = paths.project_dir / "dbt_project.yml"
    file.write_text(file.read_text().replace("name: tiny", "name: driftline"))
    relations = Relations(paths)
    gates = relations.jobs_table("promotion_decisions")
    for _ in range(2):
        run_dbt(paths, ["run-operation", "create_job_tables"])
    control = ControlStore.of(paths)
    control.point("m", "v1", "initial", DAY, "me", "first")
    control.point("m", "v2", "promote", DAY, "me", "better", keep_in_shadow=["v1"])
    with Warehouse.open(paths) as warehouse:
        assert warehouse.exists(gates)
        kinds = warehouse.columns(gates)
        assert (kinds["run_id"], kinds["observed"], kinds["decided_on"]) == (
            "VARCHAR",
            "DOUBLE",
            "DATE",
        )
        row = dict.fromkeys(kinds, "x") | {"observed": 1.0, "required": None, "decided_on": DAY}
        rows = pl.DataFrame([row | {"gate_name": name} for name in ("ece", "verdict")])
        for _ in range(2):
            warehouse.replace(gates, rows, ["run_id", "gate_name"])
            control.mirror(warehouse, relations)
        assert warehouse.frame(f"select count(*) as n from {gates}").item() == 2
        routing = warehouse.frame(f"select * from {relations.jobs_table('routing')}")
        columns = ["monitor", "role", "model_version"]
        assert sorted(routing.select(columns).rows()) == [
            ("m", "live", "v2"),
            ("m", "shadow", "v1"),
        ]
        changes = warehouse.frame(
            f"select deployment_id, action from {relations.jobs_table('deployments')} order by 1"
        )
        assert changes.rows() == [(1, "initial"), (2, "promote")]
        for table in ("promotion_decisions", "routing", "deployments"):
            warehouse.overwrite(
                relations.jobs_table(table),
                warehouse.frame(f"select * from {relations.jobs_table(table)}").clear(),
            )
