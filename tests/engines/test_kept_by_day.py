"""A table that is kept by day: the days that are replaced are found without reading the others."""

import shutil
from pathlib import Path

import pytest

from jobs.dbt import run_dbt
from jobs.warehouse import Warehouse
from tests.engines.deployments import deployment_on
from tests.warehouse.project import ROOT

MACROS = ("get_incremental_changed_days_sql.sql", "rebuilds_everything.sql")
PLANNING = ("plan_for_scans.sql", "refresh_statistics.sql")
HOOKS = """
models:
  +pre-hook: "{{ plan_for_scans() }}"
  +post-hook: "{{ refresh_statistics() }}"
"""
KEPT = """
{{ config(materialized='incremental', incremental_strategy='changed_days',
    meta={'days': 'changed'}) }}
select 'm' as monitor, date '2026-01-01' + cast(floor(place / 100.0) as integer) as metric_date,
    place, repeat('x', 200) as filling
from generate_series(0, 36499) as places (place)
where {{ "place between 20000 and 20099" if is_incremental() else "true" }}
-- depends_on: {{ ref('changed') }}
"""
CHANGED = "select 'm' as monitor, date '2026-01-01' + 200 as metric_date"
USES = "select sum(idx_scan) from pg_stat_user_indexes where indexrelname = 'kept_by_day'"


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_days_are_replaced_by_an_index_where_that_helps(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with deployment_on(engine, request, tmp_path, monkeypatch) as paths:
        for folder, names in (("incremental", MACROS), ("engines", PLANNING)):
            (paths.project_dir / "macros").mkdir(exist_ok=True)
            for name in names:
                shutil.copy(
                    ROOT / "dbt_project" / "macros" / folder / name, paths.project_dir / "macros"
                )
        file = paths.project_dir / "dbt_project.yml"
        file.write_text(file.read_text().replace("name: tiny", "name: driftline") + HOOKS)
        models = paths.project_dir / "models"
        models.mkdir()
        (models / "kept.sql").write_text(KEPT)
        (models / "changed.sql").write_text("{{ config(materialized='table') }}" + CHANGED)
        for _ in range(3):
            run_dbt(paths, ["run"])
        with Warehouse.open(paths) as warehouse:
            found = warehouse.frame("select place from driftline.kept order by place")
            assert found["place"].to_list() == list(range(36_500))
            if engine == "duckdb":
                assert warehouse.frame("select count(*) from duckdb_indexes()").item() == 0
                return
            assert warehouse.frame(USES).item() >= 2, "by the second and the third build"
