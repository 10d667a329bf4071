"""A tiny dbt project with its own warehouse file, for tests of what stands around dbt."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from jobs.dbt import close_connections
from jobs.paths import Paths

ROOT = Path(__file__).parents[2]

PROJECT = """
name: tiny
version: 0.1.0
config-version: 2
profile: driftline
flags: {send_anonymous_usage_stats: false}
models:
  tiny:
    +materialized: table
"""
PROFILES = """
driftline:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{ env_var('DRIFTLINE_WAREHOUSE', '../warehouse/tiny.duckdb') }}"
      schema: driftline
      threads: 2
      settings: {preserve_insertion_order: false}
"""
SOURCES = """
version: 2
sources:
  - name: serving
    tables: [{name: log}, {name: absent}]
  - name: driftline_jobs
    tables: [{name: deployments}, {name: routing}]
"""
TABLES = """
create schema serving;
create schema driftline_jobs;
create table serving.log (
    inference_id varchar, predicted_at timestamp, model_version varchar, score double,
    label integer, distance double, is_hub boolean, carrier varchar, "Wind Speed" float
);
insert into serving.log values
    ('a', '2026-01-01 10:00:00', 'v1', 0.5, 1, 100, true, 'UA', 3),
    ('b', '2026-01-02 10:00:00', 'v1', 0.1, 0, 3000, false, 'AA', 4);
create table driftline_jobs.deployments (
    deployment_id bigint, monitor varchar, model_version varchar, previous_version varchar,
    action varchar, effective_on date, decided_by varchar, reason varchar, recorded_at timestamp
);
create table driftline_jobs.routing (monitor varchar, role varchar, model_version varchar);
"""
MODELS = {
    "alerts": "select 1 as alert_id, 'open' as status",
    "alert_counts": (
        "{{ config(materialized='view') }} select count(*) as alert_count from {{ ref('alerts') }}"
    ),
}


@pytest.fixture
def project_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("DRIFTLINE_WAREHOUSE", raising=False)
    monkeypatch.delenv("DBT_PROFILES_DIR", raising=False)
    project = tmp_path / "dbt_project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(PROJECT)
    (project / "models" / "sources.yml").write_text(SOURCES)
    for name, sql in MODELS.items():
        (project / "models" / f"{name}.sql").write_text(sql)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "profiles.yml").write_text(PROFILES)
    (tmp_path / "warehouse").mkdir()
    with duckdb.connect(str(tmp_path / "warehouse" / "tiny.duckdb")) as connection:
        connection.execute(TABLES)
    yield project
    close_connections()


@pytest.fixture
def paths(project_dir: Path) -> Paths:
    return Paths.find(project_dir)


@pytest.fixture
def start_python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python code in another process and wait for its first line; killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
