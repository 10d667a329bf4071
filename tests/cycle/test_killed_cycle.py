"""A cycle killed at any boundary and run again ends as if nothing had happened."""

import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import deployment as world
import pytest
from run_until import BOUNDARIES
from running import drive, state

MOMENTS = [
    ("scored batch", "before"),
    ("scoring", "after"),
    ("first mirror", "after"),
    ("build", "after"),
    ("artifact", "before"),
    ("artifact", "after"),
    ("holdout scores", "after"),
    ("training run", "before"),
    ("training run", "after"),
    ("evaluation", "after"),
    ("verdict", "after"),
    ("pointer", "after"),
    ("second mirror", "after"),
    ("publish", "before"),
    ("publish", "after"),
]


@pytest.fixture(scope="module")
def undisturbed(before: Path) -> dict[str, object]:
    folder = before.with_name("undisturbed")
    shutil.copytree(before, folder)
    done = drive(folder, world.SECOND_AS_OF.isoformat())
    assert done.returncode == 0, done.stderr
    return state(folder)


def test_the_undisturbed_cycle_renews_the_model(undisturbed: dict[str, object]) -> None:
    assert undisturbed["pointers"] == [
        ("orders", "live", "v2"),
        ("orders", "shadow", "v1"),
    ]


def test_every_boundary_is_one_that_is_killed() -> None:
    assert {name for name, _ in MOMENTS} | {"second build"} == set(BOUNDARIES)


def test_a_killed_cycle_is_finished_by_the_next(
    before: Path, undisturbed: dict[str, object]
) -> None:
    def killed_and_run_again(boundary: tuple[str, str]) -> list[str]:
        folder = before.with_name("killed-" + "-".join(boundary).replace(" ", "-"))
        shutil.copytree(before, folder)
        as_of = world.SECOND_AS_OF.isoformat()
        killed = drive(folder, as_of, *boundary)
        if killed.returncode != -signal.SIGKILL:
            return [f"{boundary}: was not killed but left with {killed.returncode}, {killed.stderr}"]
        again = drive(folder, as_of)
        if again.returncode != 0:
            return [f"{boundary}: the second run failed: {again.stderr}"]
        after = state(folder)
        differing = [name for name in undisturbed if after.get(name) != undisturbed[name]]
        differing += [f"{name} (only here)" for name in after if name not in undisturbed]
        shutil.rmtree(folder)
        return [f"{boundary}: differs in {name}" for name in differing]

    with ThreadPoolExecutor(max_workers=2) as pool:
        faults = [line for lines in pool.map(killed_and_run_again, MOMENTS) for line in lines]
    assert not faults, "\n".join(faults)
