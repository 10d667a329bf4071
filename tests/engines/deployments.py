"""An empty deployment on each engine, apart from every other test's."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from jobs.dbt import close_connections
from jobs.paths import Paths
from jobs.postgres import connect, run
from tests.warehouse.project import ROOT

ENGINES = ("duckdb", "postgres", "spark")
SCHEMA = "driftline_test"
PROJECT = """
name: tiny
version: 0.1.0
config-version: 2
profile: driftline
flags: {send_anonymous_usage_stats: false}
"""


@contextmanager
def deployment_on(
    engine: str, request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Paths]:
    """A tiny dbt project with the shipped profile, its target an engine whose server runs.

    PostgreSQL, also as the control store of Spark, is a database of its own. Spark's metastore is
    shared by the session, so tests drop the schemas they create.
    """
    for name in ("DRIFTLINE_WAREHOUSE", "DBT_PROFILES_DIR", "DRIFTLINE_ARTIFACTS"):
        monkeypatch.delenv(name, raising=False)
    (folder / "dbt_project").mkdir()
    (folder / "dbt_project" / "dbt_project.yml").write_text(PROJECT)
    shutil.copytree(ROOT / "profiles", folder / "profiles")
    monkeypatch.setenv("DRIFTLINE_TARGET", engine)
    if engine == "duckdb":
        yield Paths.find(folder / "dbt_project")
    else:
        request.getfixturevalue(engine)  # a session that began without its cluster would stay
        monkeypatch.setenv("DRIFTLINE_ARTIFACTS", str(folder / "artifacts"))
        with own_database(request.getfixturevalue("postgres")) as variables:
            for name, value in variables.items():
                prefix = "DRIFTLINE_PG_" if engine == "postgres" else "DRIFTLINE_CONTROL_"
                monkeypatch.setenv(name.replace("DRIFTLINE_PG_", prefix), value)
            yield Paths.find(folder / "dbt_project")
    close_connections()


@contextmanager
def own_database(postgres: dict[str, str]) -> Iterator[dict[str, str]]:
    """A database of the server for one test; yields the variables that name it."""
    name = f"test_{uuid4().hex[:12]}"
    with closing(connect(libpq(postgres))) as connection:
        run(connection, f"create database {name}").close()
        try:
            yield {**postgres, "DRIFTLINE_PG_DATABASE": name}
        finally:
            run(connection, f"drop database {name} with (force)").close()


def libpq(variables: dict[str, str]) -> dict[str, str]:
    """libpq's keywords of the variables of the postgres target."""
    return {
        "dbname" if name == "DATABASE" else name.lower(): value
        for name, value in (
            (key.removeprefix("DRIFTLINE_PG_"), variables[key]) for key in variables
        )
    }
