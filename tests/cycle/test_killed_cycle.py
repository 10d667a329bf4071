"""A cycle killed at any boundary and run again ends as if nothing had happened."""

import shutil
import signal
from pathlib import Path

import deployment as world
import pytest
from run_until import BOUNDARIES, LAST
from running import drive, state
from shared import shared


@pytest.fixture(scope="module")
def undisturbed(renewed: Path) -> dict[str, object]:
    return state(renewed)


def test_the_undisturbed_cycle_renews_the_model(undisturbed: dict[str, object]) -> None:
    assert undisturbed["pointers"] == [
        ("orders", "live", "v2"),
        ("orders", "shadow", "v1"),
    ]


@pytest.fixture(scope="module")
def killed(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment whose second cycle was killed; beside it, what kills at its boundaries leave."""

    def make(folder: Path) -> None:
        shutil.copytree(before, folder)
        status, told = drive(folder, world.SECOND_AS_OF, is_killed=True)
        assert status == -signal.SIGKILL, told

    return shared(tmp_path_factory, "killed", make)


@pytest.mark.slow
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_killed_cycle_is_finished_by_the_next(
    killed: Path, undisturbed: dict[str, object], boundary: str
) -> None:
    folder = killed if boundary == LAST else killed.with_name(f"{killed.name} {boundary}")
    status, told = drive(folder, world.SECOND_AS_OF)
    assert status == 0, told

    after = state(folder)
    differing = [name for name in undisturbed if after.get(name) != undisturbed[name]]
    differing += [f"{name} (only here)" for name in after if name not in undisturbed]
    assert not differing
