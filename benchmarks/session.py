"""One run of the harness: its options, its cache folder, and the records it keeps.

A record is one measured process: scenario, case, rows, days, repeat, cpu, wall, peak_gib, error
the digest of the project, and whatever the process reported itself (engine_cpu, compute_cpu, ...).
Times are in seconds.
"""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.deployment import Deployment, create_deployment, project_digest
from benchmarks.measure import Measured, must, run_task
from benchmarks.shape import Size, spoken_rows

Record = dict[str, Any]
# The log takes 70 bytes a row of the DuckDB file (measured at 1 million rows); the rest is room for
# what Driftline keeps of it and for spilling.
DISK_BYTES_PER_ROW = 300
DISK_FLOOR = 2 * 2**30


@dataclass(frozen=True)
class Options:
    """What is asked for on the command line."""

    cache: Path
    rows: tuple[int, ...]
    days: int
    peer_rows: int
    peer_days: int
    day_rows: int
    histories: tuple[int, ...]
    repeats: int
    big_repeats: int
    slow_peers: int
    peers: tuple[str, ...]
    big: int
    seed: int
    memory_limit: str


@dataclass
class Session:
    """Runs tasks in child processes, says what they cost and remembers it."""

    options: Options
    records: list[Record] = field(default_factory=list)
    order: random.Random = field(init=False)
    project: str = field(default_factory=project_digest)

    def __post_init__(self) -> None:
        self.order = random.Random(self.options.seed)
        self.clean()

    @property
    def work(self) -> Path:
        """Folder of the big temporary files, emptied after every scenario."""
        return self.options.cache / "work"

    def say(self, text: str) -> None:
        """Print one line of progress at once."""
        print(text, flush=True)

    def make_room(self, rows: int) -> None:
        """Say how much disk a log needs and is free; raises RuntimeError when it is too little."""
        needed = rows * DISK_BYTES_PER_ROW + DISK_FLOOR
        free = shutil.disk_usage(self.work).free
        self.say(
            f"disk: about {needed / 2**30:.1f} GiB needed for {spoken_rows(rows)} rows,"
            f" {free / 2**30:.1f} GiB free"
        )
        if free < needed:
            raise RuntimeError(
                f"disk: found {free / 2**30:.1f} GiB free below the cache folder; expected"
                f" {needed / 2**30:.1f} GiB; free some, or name another folder with --cache"
            )

    def task(self, kind: str, warehouse: Path, **values: Any) -> dict[str, Any]:
        """Return a task of benchmarks.child on this warehouse file."""
        common = {"warehouse": str(warehouse), "memory_limit": self.options.memory_limit}
        return {"kind": kind, **common, **values}

    def step(self, task: dict[str, Any]) -> Measured:
        """Do what must be done between measurements; raises RuntimeError when it fails."""
        return must(run_task(task))

    def generate(self, name: str, size: Size) -> Path:
        """Write a new warehouse file with a log of this size."""
        warehouse = self.work / f"{name}.duckdb"
        done = self.step(
            self.task("generate", warehouse, rows_per_day=size.rows_per_day, days=size.days)
        )
        self.say(
            f"generated {size.rows:,} rows over {size.days} days in {done.wall:.0f} s,"
            f" {done.detail['file_bytes'] / 2**30:.2f} GiB"
        )
        return warehouse

    def deploy(self, name: str, warehouse: Path, segments: bool = True) -> Deployment:
        """Make a deployment and let dbt parse it once, so that later runs parse partially."""
        folder = self.work / name
        deployment = create_deployment(folder, warehouse, segments, self.options.memory_limit)
        self.step(deployment.dbt_task("parse"))
        return deployment

    def measure(
        self, scenario: str, case: str, size: Size, repeat: int, run: Callable[[], Measured]
    ) -> None:
        """Run, record and say what it cost."""
        measured = run()
        record: Record = {
            "scenario": scenario,
            "case": case,
            "rows": size.rows,
            "days": size.days,
            "repeat": repeat,
            "cpu": measured.cpu,
            "wall": measured.wall,
            "peak_gib": measured.peak_gib,
            "error": measured.error,
            "project": self.project,
            **measured.detail,
        }
        self.records.append(record)
        inner = record.get("engine_cpu", record.get("compute_cpu"))
        alone = "" if inner is None else f"{inner:.2f} s CPU alone, "
        outcome = (
            f"FAILED: {measured.error}"
            if measured.error
            else (
                f"{alone}{measured.cpu:.2f} s CPU and {measured.wall:.2f} s wall of the process,"
                f" {measured.peak_gib:.2f} GiB"
            )
        )
        self.say(f"  {scenario} {case} {size.rows:,} rows, {size.days} days #{repeat}: {outcome}")

    def record_missing(self, scenario: str, case: str, size: Size, reason: str) -> None:
        """Record that something could not be measured, and why."""
        self.records.append(
            {
                "scenario": scenario,
                "case": case,
                "rows": size.rows,
                "days": size.days,
                "repeat": 0,
                "error": reason,
                "project": self.project,
            }
        )
        self.say(f"  {scenario} {case}: {reason}")

    def repeats(self, rows: int, case: str) -> int:
        """Return how often a case is measured; only builds of a big log are measured less."""
        is_big = rows >= self.options.big and case == "driftline"
        return self.options.big_repeats if is_big else self.options.repeats

    def clean(self) -> None:
        """Remove the big temporary files."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True, exist_ok=True)


def save(file: Path, machine: dict[str, str], new: list[Record]) -> None:
    """Add the records to those of earlier runs; another machine's or its settings' are dropped.

    Of a scenario and size that was measured again only the new records stay, so that ratios are
    always of one run.
    """
    old: list[Record] = []
    if file.exists():
        content = json.loads(file.read_text())
        old = content["records"] if content["machine"] == machine else []
    measured = {_key(record) for record in new}
    kept = [record for record in old if _key(record) not in measured]
    file.write_text(json.dumps({"machine": machine, "records": kept + new}, indent=1))


def _key(record: Record) -> tuple[str, int]:
    return record["scenario"], 0 if record["scenario"] == "new_day" else record["rows"]
