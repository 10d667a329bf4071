"""Two dbt builds at once on PostgreSQL: one is told to wait, and no row is there twice."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from jobs.dbt import run_dbt
from jobs.errors import LeaseHeldError
from jobs.paths import Paths
from jobs.postgres import connect, run
from tests.warehouse.project import ROOT

# Building the first model takes as long as somebody else holds the lock 7.
MODELS = {
    "first": "{{ config(post_hook=var('meanwhile', '')) }}"
    "select 1 as number from pg_advisory_xact_lock(7)",
    "second": "select number from {{ ref('first') }}",
}
PROJECT = """
name: driftline
version: 0.1.0
config-version: 2
profile: driftline
flags: {send_anonymous_usage_stats: false}
on-run-start: ["create schema if not exists driftline_internal", "{{ begin_build() }}"]
models:
  driftline:
    +materialized: table
    +pre-hook: "{{ hold_turn() }}"
"""
TURN = "driftline_internal.build_turn"
pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


@pytest.fixture
def project(paths: Paths) -> Paths:
    """Two models, one after the other, with the hooks of the shipped project."""
    macros, models = paths.project_dir / "macros", paths.project_dir / "models"
    macros.mkdir()
    models.mkdir()
    shutil.copy(ROOT / "dbt_project" / "macros" / "engines" / "begin_build.sql", macros)
    (paths.project_dir / "dbt_project.yml").write_text(PROJECT)
    for name, sql in MODELS.items():
        (models / f"{name}.sql").write_text(sql)
    return paths


@pytest.fixture
def other(paths: Paths) -> Iterator[Any]:
    """A connection of somebody else."""
    with closing(connect(paths.control or {})) as connection:
        yield connection


def rows(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    with closing(run(connection, sql)) as cursor:
        return list(cursor.fetchall()) if cursor.description else []


def test_builds_follow_each_other(project: Paths, other: Any) -> None:
    for _ in range(2):
        run_dbt(project, ["build"])
    assert len(rows(other, f"select * from {TURN}")) == 1
    assert rows(other, "select number from driftline.second") == [(1,)]


def test_a_build_is_refused_while_another_builds_a_model(project: Paths, other: Any) -> None:
    """And no longer than that: whatever ends the other build ends its transaction."""
    run_dbt(project, ["build"])
    turn = rows(other, f"select * from {TURN}")
    at_work = connect(project.control or {})
    sql = run_dbt(project, ["compile", "--inline", "select {{ turn_lock() }}"]).raw.results[0]
    rows(at_work, "begin")
    rows(at_work, f"select pg_advisory_xact_lock_shared(({sql.node.compiled_code}))")
    with pytest.raises(LeaseHeldError, match=r"^another dbt build is at work .* repeat"):
        run_dbt(project, ["build"])
    assert rows(other, f"select * from {TURN}") == turn
    at_work.close()
    run_dbt(project, ["build"])
    assert rows(other, f"select * from {TURN}") != turn


def until(connection: Any, sql: str, wanted: int) -> None:
    """Wait until a count is what it is to be."""
    for _ in range(600):
        if rows(connection, sql) == [(wanted,)]:
            return
        time.sleep(0.1)
    raise AssertionError(f"not {wanted} within a minute: {sql}")


def test_a_build_that_is_killed_is_not_in_the_way(project: Paths, other: Any) -> None:
    locks = "select count(*) from pg_locks where locktype = 'advisory'"
    rows(other, "select pg_advisory_lock(7)")
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--target", "postgres"]
    folders = ["--project-dir", project.project_dir, "--profiles-dir", project.profiles_dir]
    with subprocess.Popen([*command, *folders], stdout=subprocess.DEVNULL) as killed:
        until(other, f"{locks} and not granted", 1)
        with pytest.raises(LeaseHeldError, match="another dbt build is at work"):
            run_dbt(project, ["build"])
        killed.kill()
    rows(other, "select pg_advisory_unlock(7)")
    until(other, locks, 0)
    assert rows(other, "select count(*) from pg_class where relname = 'first'") == [(0,)]
    run_dbt(project, ["build"])
    assert rows(other, "select number from driftline.second") == [(1,)]


def test_a_build_that_was_overtaken_builds_no_more(project: Paths, other: Any) -> None:
    taken = f"update {TURN} set invocation_id = 'another', began_at = '2026-03-01 06:15:00 UTC'"
    with pytest.raises(LeaseHeldError, match="another dbt build began at 2026-03-01 06:15:00 UTC"):
        run_dbt(project, ["build"], {"meanwhile": taken})
    built = "select relname from pg_class where relname in ('first', 'second')"
    assert rows(other, built) == [("first",)]
    run_dbt(project, ["build"])
    assert rows(other, "select number from driftline.second") == [(1,)]
