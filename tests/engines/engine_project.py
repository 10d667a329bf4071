"""A throw-away deployment of the whole project on any engine."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import yaml

from jobs.paths import Paths
from jobs.warehouse import Warehouse
from tests.warehouse.project import DERIVED, PUBLIC_SCHEMA, ROOT, Project

RAW_SCHEMA = "serving"
TEXTS = ("character", "text", "string")
PUBLIC_RELATIONS = """
select table_name from information_schema.tables where table_schema = ?
"""


@dataclass(frozen=True)
class EngineProject(Project):
    """As Project, but raw tables and public relations go through the warehouse of the target."""

    @classmethod
    def deployed(
        cls,
        paths: Paths,
        monitors: Mapping[str, Any],
        tables: Mapping[str, pl.DataFrame],
    ) -> "EngineProject":
        """Put the shipped project, these monitors and raw tables into an empty deployment."""
        folder = paths.project_dir.parent
        for name in ("dbt_project", "seeds"):
            shutil.copytree(ROOT / name, folder / name, ignore=DERIVED, dirs_exist_ok=True)
        sources = [{"name": RAW_SCHEMA, "tables": [{"name": name} for name in tables]}]
        declared = paths.project_dir / "models" / "staging" / "_serving_sources.yml"
        declared.write_text(yaml.safe_dump({"version": 2, "sources": sources}))
        project = cls(paths)
        project.configure(monitors)
        project.load(tables)
        return project

    def load(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Replace raw tables, rows in an order that owes nothing to their days."""
        with Warehouse.open(self.paths) as warehouse:
            warehouse.execute(f"create schema if not exists {RAW_SCHEMA}")
            for name, frame in tables.items():
                table = f"{RAW_SCHEMA}.{name}"
                kinds = _types(warehouse, frame)
                columns = ", ".join(
                    f"{warehouse.quoted(column)} {kind}" for column, kind in kinds.items()
                )
                warehouse.execute(f"create table if not exists {table} ({columns})")
                warehouse.overwrite(table, frame.sample(fraction=1, shuffle=True, seed=7))

    def read(self, relation: str, where: str = "true") -> pl.DataFrame:
        """Return the rows of one public relation, such as `alerts`."""
        with Warehouse.open(self.paths) as warehouse:
            return warehouse.frame(f"select * from {PUBLIC_SCHEMA}.{relation} where {where}")

    def relations(self) -> list[str]:
        """Return the names of all public relations."""
        folder = self.paths.project_dir / "models" / "marts"
        return sorted(path.stem for path in folder.rglob("*.sql"))


def _types(warehouse: Warehouse, frame: pl.DataFrame) -> dict[str, str]:
    """The engine's types for the columns of a frame."""
    is_spark = warehouse.text_type == "string"
    words: dict[type[pl.DataType], str] = {
        pl.Float64: warehouse.number_type,
        pl.String: warehouse.text_type,
        pl.Int64: "bigint",
        pl.Int32: "integer",
        pl.Boolean: "boolean",
        pl.Date: "date",
    }
    kinds = {}
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.Datetime):
            local, instant = (
                ("timestamp_ntz", "timestamp") if is_spark else ("timestamp", "timestamptz")
            )
            kinds[name] = instant if kind.time_zone else local
        else:
            kinds[name] = words[type(kind)]
    return kinds
