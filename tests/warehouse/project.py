"""A throw-away deployment: the real dbt project with other monitors and a warehouse of its own."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from jobs.dbt import DbtResult, run_dbt
from jobs.paths import Paths

ROOT = Path(__file__).parents[2]
PUBLIC_SCHEMA = "driftline"
DERIVED = shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb")


@dataclass(frozen=True)
class Project:
    """The folder of one deployment; `paths` is what the jobs know about it."""

    paths: Paths

    @classmethod
    def create(
        cls, folder: Path, monitors: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]
    ) -> "Project":
        """Copy the shipped project into `folder` and give it these monitors and raw tables.

        `tables` are the relations of the source `serving`, whose declaration is written anew.
        """
        for name in ("dbt_project", "profiles", "seeds"):
            shutil.copytree(ROOT / name, folder / name, ignore=DERIVED)
        sources = [{"name": "serving", "tables": [{"name": name} for name in tables]}]
        declared = folder / "dbt_project" / "models" / "staging" / "_serving_sources.yml"
        declared.write_text(yaml.safe_dump({"version": 2, "sources": sources}))
        with environment({}, without=["DRIFTLINE_WAREHOUSE", "DBT_PROFILES_DIR"]):
            paths = Paths.find(folder / "dbt_project", folder / "profiles")
        project = cls(paths)
        project.configure(monitors)
        project.load(tables)
        return project

    def configure(self, monitors: Mapping[str, Any]) -> None:
        """Write vars.yml."""
        text = yaml.safe_dump({"vars": {"monitors": dict(monitors)}}, sort_keys=False)
        (self.paths.project_dir / "vars.yml").write_text(text)

    def load(self, tables: Mapping[str, pl.DataFrame], schema: str = "serving") -> None:
        """Replace raw tables, rows in an order that owes nothing to their days."""
        self.paths.warehouse.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(self.paths.warehouse)) as connection:
            connection.execute(f"create schema if not exists {schema}")
            for name, frame in tables.items():
                shuffled = frame.sample(fraction=1, shuffle=True, seed=7)
                connection.register("incoming", shuffled.to_arrow())
                connection.execute(f'create or replace table {schema}."{name}" as from incoming')
                connection.unregister("incoming")

    def build(
        self,
        as_of: date | None = None,
        select: Sequence[str] = (),
        full_refresh: bool = False,
    ) -> None:
        """Run dbt build in this process, without unit tests and data tests."""
        args = ["build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
        args += ["--no-write-json"]  # nobody reads dbt's artifacts
        if select:
            args += ["--select", *select]
        if full_refresh:
            args.append("--full-refresh")
        self._dbt(args, as_of)

    def failing_data_tests(self, as_of: date) -> list[str]:
        """Run the project's data tests and return those that find something."""
        args = ["test", "--exclude-resource-type", "unit_test"]
        return [node.unique_id for node in self._dbt(args, as_of, check=False).failed]

    def _dbt(self, args: Sequence[str], as_of: date | None, check: bool = True) -> DbtResult:
        """The as-of day as the jobs give it: with another variable dbt parses all anew."""
        given = {"DRIFTLINE_AS_OF": as_of.isoformat() if as_of else ""}
        with environment(given, without=["DRIFTLINE_WAREHOUSE"]):
            return run_dbt(self.paths, args, check=check)

    def read(self, relation: str, where: str = "true") -> pl.DataFrame:
        """Return the rows of one public relation, such as `alerts`."""
        with duckdb.connect(str(self.paths.warehouse), read_only=True) as connection:
            query = f"select * from {PUBLIC_SCHEMA}.{relation} where {where}"
            return pl.DataFrame(connection.sql(query).to_arrow_table())

    def relations(self) -> list[str]:
        """Return the names of all public relations."""
        return sorted(self._kinds())

    def views(self) -> set[str]:
        """Return the names of those public relations that are views."""
        return {name for name, kind in self._kinds().items() if kind == "VIEW"}

    def _kinds(self) -> dict[str, str]:
        """Of each public relation its name and `BASE TABLE` or `VIEW`."""
        with duckdb.connect(str(self.paths.warehouse), read_only=True) as connection:
            rows = connection.execute(
                "select table_name, table_type from information_schema.tables "
                "where table_schema = ?",
                [PUBLIC_SCHEMA],
            ).fetchall()
        return dict(rows)

    def everything(self) -> dict[str, pl.DataFrame]:
        """Return every public relation, its rows in a fixed order."""
        return {name: in_order(self.read(name)) for name in self.relations()}


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by all columns, so that two relations can be compared as sets of rows."""
    return frame.sort(frame.columns, nulls_last=True) if frame.width else frame


@contextmanager
def environment(given: Mapping[str, str], without: Sequence[str] = ()) -> Iterator[None]:
    """Set and unset environment variables for a while."""
    names = [*given, *without]
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update(given)
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in before.items() if value is not None})
