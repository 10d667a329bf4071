"""Random sequences of what can happen to raw tables, each step followed by an incremental build.

Monitors do not know of each other, so a batch runs many sequences at once, one a monitor: each
step draws one operation for each of them, and what is common to all (the as-of day, a build that
dies). Everything follows from the number of the batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tests.incremental.compare import differences
from tests.incremental.fleet import Fleet
from tests.incremental.truth import seen_rows
from tests.incremental.world import (
    KINDS,
    ON_BUSINESS,
    ON_CONFIGURATION,
    ON_ROWS,
    World,
    changed,
    first_world,
    local_days,
    renewed_by_jobs,
)

ON_VERSIONS_OFTEN = ["registered_version"] * 3 + ["toggled_retrain"]
PARTS = (
    ("--select", "+performance"),
    ("--select", "+int_feature_distance", "+int_metric_estimates"),
    ("--exclude", "performance+", "feature_drift+"),
    ("--exclude", "int_built_days"),
)


@dataclass(frozen=True)
class Step:
    """What happens before one complete build. Repr is how a failing sequence is told."""

    operations: dict[str, tuple[str, int]]
    as_of_back: int | None = None
    """The as-of day is named, so many days before the newest one; None: it is not named."""
    dies: str = ""
    """`part 0` to `part 3`: a build of PARTS before; `broken <monitor>`: one that really fails."""
    is_undone: bool = False
    """What a dying build saw is taken back before the complete one."""
    is_refresh: bool = False


@dataclass(frozen=True)
class Batch:
    """The steps of some sequences, all from one number."""

    number: int
    monitors: tuple[str, ...]
    steps: tuple[Step, ...]

    @classmethod
    def draw(cls, number: int, sequences: int = 12, step_count: int = 5) -> "Batch":
        """Draw a batch; two of its steps change the configuration."""
        generator = np.random.default_rng([number, 4])
        kinds = [*KINDS]
        monitors = tuple(f"{kinds[index % len(kinds)]}_{index}" for index in range(sequences))
        with_configuration = generator.choice(step_count, min(2, step_count), replace=False)
        steps: list[Step] = []
        as_of_back: int | None = None
        for index in range(step_count):
            if generator.random() < 0.5:
                back = int(generator.choice([0, 0, 1, 2, 3, 5, 8, 12]))
                as_of_back = back if generator.random() < 0.7 else None
            operations = {}
            for monitor in monitors:
                is_other = index in with_configuration and generator.random() < 0.5
                names = sorted((ON_CONFIGURATION if is_other else ON_ROWS) | ON_BUSINESS)
                if is_renewed(monitor) and generator.random() < 0.5:
                    names = ON_VERSIONS_OFTEN
                name = names[int(generator.integers(len(names)))]
                operations[monitor] = (name, int(generator.integers(1_000_000)))
            built = how(generator, monitors)
            if index == step_count - 1:  # a full refresh would heal what went wrong before
                built.pop("is_refresh", None)
            steps.append(Step(operations, as_of_back, **built))
        return cls(number, monitors, tuple(steps))

    def only(self, monitors: Sequence[str]) -> "Batch":
        """The same for some of the sequences."""
        steps = [
            replace(step, operations={name: step.operations[name] for name in monitors})
            for step in self.steps
        ]
        return replace(self, monitors=tuple(monitors), steps=tuple(steps))

    def first_worlds(self) -> list[World]:
        return [first_of(monitor) for monitor in self.monitors]


def how(generator: np.random.Generator, monitors: Sequence[str]) -> dict[str, object]:
    """Draw how a step is built: one in three sees a build die first, one in ten a full refresh."""
    draw = generator.random()
    is_undone = bool(generator.random() < 0.5)
    part = int(generator.integers(len(PARTS)))
    victim = monitors[int(generator.integers(len(monitors)))]
    if draw < 0.24:
        return {"dies": f"part {part}", "is_undone": is_undone}
    if draw < 0.34:
        return {"dies": f"broken {victim}", "is_undone": is_undone}
    return {"is_refresh": bool(draw > 0.9)}


def first_of(monitor: str) -> World:
    """The world of a monitor before its first step: `visits_3` is of kind visits and seed 3.

    Half of the logs have not lived long enough for frozen bins of 28 days.
    """
    kind, seed = monitor.split("_")
    day_count = 38 if int(seed) % 4 in (0, 3) else 26
    world = first_world(monitor, kind, int(seed), day_count)
    return renewed_by_jobs(world) if is_renewed(monitor) else world


def is_renewed(monitor: str) -> bool:
    """One binary monitor in three has versions with held-out scores."""
    kind, seed = monitor.split("_")
    return KINDS[kind].task_name == "binary" and int(seed) % 3 == 0


@dataclass
class Run:
    """A batch at work in a fleet."""

    fleet: Fleet
    say: Callable[[str], None] = lambda _: None
    trace: list[str] = field(default_factory=list)

    def day(self, back: int | None, worlds: dict[str, World]) -> date | None:
        newest = max(world.today for world in worlds.values())
        return None if back is None else newest - timedelta(days=back)

    def take(self, step: Step) -> None:
        """Do what the step says, and build."""
        before, before_as_of = dict(self.fleet.worlds), self.fleet.as_of
        after = {
            name: changed(before[name], operation, number)
            for name, (operation, number) in step.operations.items()
        }
        self.fleet.give(after)
        as_of = self.day(step.as_of_back, self.fleet.worlds)
        if step.dies:
            self._die(step.dies, as_of)
        if step.is_undone:
            self.fleet.give(before)
            as_of = before_as_of
        self.fleet.build(as_of, ["--full-refresh"] if step.is_refresh else [])

    def _die(self, how_it_dies: str, as_of: date | None) -> None:
        """A build that does not complete: what is remembered of the last one must stay."""
        kind, what = how_it_dies.split()
        state = self.fleet.internal("int_built_days")
        if kind == "part":
            self.fleet.build(as_of, PARTS[int(what)], check=False)
        else:
            self._die_of_a_value(what, as_of)
        unmoved = self.fleet.internal("int_built_days")
        columns = ["monitor", "metric_date"]
        assert unmoved.sort(columns).equals(state.sort(columns)), f"{how_it_dies}: state advanced"

    def _die_of_a_value(self, monitor: str, as_of: date | None) -> None:
        """The amount of one row cannot be read as a number: every reader of features fails.

        It is the row that was loaded last on the newest day in sight, and was loaded a second later
        than before, so its day has to be read again.
        """
        world = self.fleet.worlds[monitor]
        seen = seen_rows(world.kind, world.log, min(as_of or world.today, world.today))
        if world.monitor is None or seen.is_empty():
            return
        days = local_days(world.kind, seen)
        loaded_at = seen.filter(days == days.max())["loaded_at"].max()
        is_broken = (world.days == days.max()) & (world.log["loaded_at"] == loaded_at)
        amount = pl.when(is_broken).then(pl.lit("n/a")).otherwise(pl.col("amount").cast(pl.String))
        later = pl.when(is_broken).then(pl.col("loaded_at") + timedelta(seconds=1))
        broken = world.log.with_columns(
            amount.alias("amount"), later.otherwise("loaded_at").alias("loaded_at")
        )
        self.fleet.project.load({f"{monitor}_log": broken})
        self.fleet.build(as_of, check=False)
        self.fleet.project.load({f"{monitor}_log": world.log})


def run_batch(
    batch: Batch,
    folder: Path,
    say: Callable[[str], None] = lambda _: None,
    every_step: bool = False,
) -> list[str]:
    """Return how the warehouse of a batch differs from a fresh one; see Fleet.fresh for bins.

    With `every_step` they are compared after each step, and the first difference ends the run.
    """
    fleet = Fleet(folder, batch.first_worlds())
    fleet.build()
    run = Run(fleet)
    for index, step in enumerate(batch.steps):
        run.take(step)
        say(f"  batch {batch.number}, step {index + 1} of {len(batch.steps)}")
        if every_step and (found := compare(fleet)):
            return [f"after step {index + 1}, {step}", *found]
    return [] if every_step else compare(fleet)


def compare(fleet: Fleet) -> list[str]:
    """How what builds made step by step differs from what one build of an empty warehouse makes."""
    return differences(fleet.everything(), fleet.fresh())


def failing_monitors(told: Sequence[str], batch: Batch) -> list[str]:
    """The sequences whose rows a difference names."""
    return [name for name in batch.monitors if any(f"'{name}'" in line for line in told)]


def story(batch: Batch) -> str:
    """A batch as a list of steps."""
    return "\n".join(
        [f"batch {batch.number} of {', '.join(batch.monitors)}", *map(repr, batch.steps)]
    )
