"""Runs dbt in this process, quietly, and leaves the warehouse file closed behind it."""

import gc
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from typing import Any

from jobs.config.model import Relation
from jobs.config.problems import nearest
from jobs.errors import ConfigurationError, DriftlineError, LeaseHeldError, WarehouseError
from jobs.paths import Paths
from jobs.warehouse.duckdb_file import LOCKED, opening_failed

JOBS_SOURCE = "driftline_jobs"
CONFIGURATION_FAULT = re.compile(r"monitors(\.\S+)?: found .*; expected .*")
ANOTHER_BUILD = re.compile(r"another dbt build .* repeat the command")
FAILED = ("error", "fail", "runtime error", "partial success")


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed, test or hook."""

    unique_id: str
    status: str
    message: str


@dataclass(frozen=True)
class DbtResult:
    """What became of one dbt call; `raw` is dbt's own result (for parse: the manifest)."""

    nodes: tuple[NodeResult, ...]
    raw: Any

    @property
    def failed(self) -> tuple[NodeResult, ...]:
        """The nodes that failed, in the order in which they ran."""
        return tuple(node for node in self.nodes if node.status in FAILED)


def run_dbt(
    paths: Paths,
    args: Sequence[str],
    variables: Mapping[str, Any] | None = None,
    check: bool = True,
) -> DbtResult:
    """Run a dbt command such as ["build", "--select", "marts"] from whatever folder.

    Raises ConfigurationError when the project, its configuration or the arguments are wrong,
    WarehouseError when another process has the warehouse, LeaseHeldError when another build is at
    work in it, and, with `check`, DriftlineError when a node failed; the message holds dbt's first
    useful line. No Warehouse may be open meanwhile.
    """
    from dbt.cli.main import dbtRunner

    if paths.file is not None:
        paths.file.parent.mkdir(parents=True, exist_ok=True)
    command = ["--quiet", "--no-use-colors", "--log-level", "none", *args]
    command += ["--project-dir", str(paths.project_dir), "--profiles-dir", str(paths.profiles_dir)]
    command += ["--target", paths.profile.target]
    if variables:
        command += ["--vars", json.dumps(dict(variables), default=str)]
    try:
        with chdir(paths.project_dir):
            outcome = dbtRunner().invoke(command)
    finally:
        close_connections()
    if outcome.exception is not None:
        _raise_for(paths, args[0], outcome.exception)
    result = DbtResult(_nodes(outcome.result), outcome.result)
    if check and (result.failed or not outcome.success):
        _raise_for_nodes(paths, args[0], result.failed)
    return result


def close_connections() -> None:
    """Close every connection dbt holds, so that another process can open the warehouse file."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import FACTORY, reset_adapters

    for adapter in list(FACTORY.adapters.values()):
        adapter.cleanup_connections()
    reset_adapters()
    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()  # close_all_connections alone forgets the connection, open as it is
    DuckDBConnectionManager.close_all_connections()
    del environment
    gc.collect()


class Relations:
    """Full relation names in the warehouse, from dbt's manifest; dbt parses once, when asked."""

    def __init__(self, paths: Paths, variables: Mapping[str, Any] | None = None) -> None:
        self._paths = paths
        self._variables = variables
        self._names: dict[tuple[str, ...], str] | None = None

    def configured(self, relation: Relation) -> str:
        """Return the name of a relation of the configuration.

        Raises ConfigurationError when no sources file declares it or no model has that name.
        """
        known = self._known()
        if relation.names in known:
            return known[relation.names]
        shown = ".".join(relation.names)
        candidates = [".".join(names) for names in known if len(names) == len(relation.names)]
        expected = (
            "a table that a sources file under models/ declares"
            if relation.kind == "source"
            else "a model or seed of the dbt project"
        )
        raise ConfigurationError(
            f"{relation.kind} {shown}: found nothing of that name; expected {expected}"
            f"{nearest(shown, candidates)}"
        )

    def model(self, name: str) -> str:
        """Return the name of a model or seed, such as the public relation `alerts`."""
        return self.configured(Relation("ref", (name,)))

    def source(self, source_name: str, table: str) -> str:
        """Return the name of a table of a dbt source."""
        return self.configured(Relation("source", (source_name, table)))

    def jobs_table(self, table: str) -> str:
        """Return the name of a table that the jobs write, such as `training_runs`."""
        return self.source(JOBS_SOURCE, table)

    def _known(self) -> dict[tuple[str, ...], str]:
        if self._names is None:
            manifest = run_dbt(self._paths, ["parse"], self._variables).raw
            self._names = {
                (node.name,): node.relation_name
                for node in manifest.nodes.values()
                if node.resource_type in ("model", "seed", "snapshot") and node.relation_name
            }
            for source in manifest.sources.values():
                self._names[(source.source_name, source.name)] = source.relation_name
        return self._names


def _nodes(result: Any) -> tuple[NodeResult, ...]:
    return tuple(
        NodeResult(
            unique_id=str(getattr(node.node, "unique_id", "")),
            status=str(getattr(node.status, "value", node.status)),
            message=str(node.message or ""),
        )
        for node in getattr(result, "results", None) or ()
        if hasattr(node, "status") and hasattr(node, "node")
    )


def _raise_for(paths: Paths, command: str, exception: BaseException) -> None:
    text = str(exception)
    if LOCKED in text:
        raise WarehouseError(opening_failed(paths, text)) from exception
    words = f"{type(exception).__name__} {text}"
    is_configuration = re.match(r"\w*(Compilation|Parsing|Project|Profile|Usage)", words) or any(
        line in text for line in ("Compilation Error", "Parsing Error")
    )
    raised = ConfigurationError if is_configuration else DriftlineError
    raise _worded(raised, f"dbt {command}", text) from exception


def _raise_for_nodes(paths: Paths, command: str, failed: Sequence[NodeResult]) -> None:
    log = paths.project_dir / "logs" / "dbt.log"
    if not failed:
        raise DriftlineError(f"dbt {command} failed without naming a model; see {log}")
    first = failed[0]
    if LOCKED in first.message:
        raise WarehouseError(opening_failed(paths, first.message))
    more = f" (and {len(failed) - 1} more; see {log})" if len(failed) > 1 else f" (see {log})"
    raise _worded(DriftlineError, f"dbt {command} failed at {first.unique_id}", first.message, more)


def _worded(kind: type[DriftlineError], what: str, text: str, more: str = "") -> DriftlineError:
    """Return the error with dbt's first useful line, or our own configuration message alone."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fault = next((match for line in lines if (match := CONFIGURATION_FAULT.search(line))), None)
    if fault:
        return ConfigurationError(fault.group(0))
    if another := ANOTHER_BUILD.search(" ".join(lines)):
        return LeaseHeldError(another.group(0))
    has_header = len(lines) > 1 and re.match(r"[\w ]+ Error( in .*)?$", lines[0])
    header = f"{lines[0]}: " if has_header and not more else ""
    useful = lines[1] if has_header else (lines or ["no message"])[0]
    return kind(f"{what}: {header}{useful}{more}")
