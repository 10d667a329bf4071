"""A cycle killed at any boundary and run again ends as if nothing had happened."""

import shutil
import signal
from pathlib import Path

import deployment as world
import pytest
from running import drive, state

MOMENTS = [
    ("scored batch", "before"),
    ("scoring", "after"),
    ("first mirror", "after"),
    ("build", "after"),
    ("artifact", "after"),
    ("training run", "after"),
    ("verdict", "after"),
    ("pointer", "after"),
    ("second build", "before"),
    ("publish", "before"),
]


@pytest.fixture(scope="module")
def undisturbed(renewed: Path) -> dict[str, object]:
    return state(renewed)


def test_the_undisturbed_cycle_renews_the_model(undisturbed: dict[str, object]) -> None:
    assert undisturbed["pointers"] == [
        ("orders", "live", "v2"),
        ("orders", "shadow", "v1"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("boundary", "moment"), MOMENTS)
def test_a_killed_cycle_is_finished_by_the_next(
    before: Path, undisturbed: dict[str, object], boundary: str, moment: str
) -> None:
    folder = before.with_name(f"killed {moment} {boundary}".replace(" ", "-"))
    shutil.copytree(before, folder)

    status, told = drive(folder, world.SECOND_AS_OF, boundary, moment)
    assert status == -signal.SIGKILL, told
    status, told = drive(folder, world.SECOND_AS_OF)
    assert status == 0, told

    after = state(folder)
    differing = [name for name in undisturbed if after.get(name) != undisturbed[name]]
    differing += [f"{name} (only here)" for name in after if name not in undisturbed]
    assert not differing
    shutil.rmtree(folder)
