"""A throw-away copy of the shipped project that watches the generated log alone."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.shape import (
    CATEGORICAL,
    LABEL_HORIZON_DAYS,
    MONITOR,
    NUMERIC,
    SEGMENTS,
    SOURCE,
    TABLE,
)

ROOT = Path(__file__).parents[1]
DERIVED = shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb")

# The whole project as a cycle builds it, and what other tools measure too: every feature's daily
# histogram and its drift (here against four references, with all distances), and AUC.
WHOLE = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
SAME_MEASURES = (*WHOLE, "--select", "+feature_drift", "+int_rank_metrics")
ONE_AT_A_TIME = ("--threads", "1")


@dataclass(frozen=True)
class Deployment:
    """The project folders of one deployment and the warehouse file it builds in."""

    folder: Path
    warehouse: Path

    def dbt_task(self, *args: str) -> dict[str, Any]:
        """Return the task, for benchmarks.child, of one dbt command in this deployment."""
        return {
            "kind": "dbt",
            "project": str(self.folder / "dbt_project"),
            "profiles": str(self.folder / "profiles"),
            "warehouse": str(self.warehouse),
            "args": list(args),
        }


def create_deployment(
    folder: Path, warehouse: Path, segments: bool, memory_limit: str
) -> Deployment:
    """Copy the project into `folder` (anew) with the one monitor `bench`.

    `memory_limit` is DuckDB's, such as "6GB": left alone it keeps pages of the file in memory up
    to four fifths of the machine's.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("dbt_project", "profiles", "seeds"):
        shutil.copytree(ROOT / name, folder / name, ignore=DERIVED)
    declared = folder / "dbt_project" / "models" / "staging" / "_serving_sources.yml"
    sources = [{"name": SOURCE, "schema": SOURCE, "tables": [{"name": TABLE}]}]
    declared.write_text(yaml.safe_dump({"version": 2, "sources": sources}))
    variables = {"vars": {"monitors": {MONITOR: monitor(segments)}}}
    (folder / "dbt_project" / "vars.yml").write_text(yaml.safe_dump(variables, sort_keys=False))
    _limit_memory(folder / "profiles" / "profiles.yml", memory_limit)
    return Deployment(folder, warehouse)


def project_digest() -> str:
    """Return eight characters that tell one state of the models and the profile from another."""
    files = [
        file
        for name in ("dbt_project/models", "dbt_project/macros", "dbt_project/seeds", "profiles")
        for file in sorted((ROOT / name).rglob("*"))
        if file.suffix in (".sql", ".yml", ".csv")
    ]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:8]


def monitor(segments: bool) -> dict[str, Any]:
    """Return the configuration of the monitor `bench`, with three segment dimensions or none."""
    columns = ("predicted_at", "loaded_at", "model_version", "score", "label", "labeled_at")
    return {
        "description": "Generated rows with a little drift",
        "owner": "bench@example.com",
        "task": "binary",
        "inferences": {"source": [SOURCE, TABLE]},
        "columns": {"id": "id"} | {name: name for name in columns},
        "time_zone": "UTC",
        "label_horizon_days": LABEL_HORIZON_DAYS,
        "unlabeled_means": "unknown",
        "features": {"numeric": list(NUMERIC), "categorical": list(CATEGORICAL)},
        "segments": {name: name for name in SEGMENTS} if segments else {},
        "primary_metric": "roc_auc",
        "retrain": False,
    }


def _limit_memory(profiles: Path, memory_limit: str) -> None:
    content = yaml.safe_load(profiles.read_text())
    for output in content["driftline"]["outputs"].values():
        if output.get("type") == "duckdb":
            output.setdefault("settings", {})["memory_limit"] = memory_limit
    profiles.write_text(yaml.safe_dump(content, sort_keys=False))
