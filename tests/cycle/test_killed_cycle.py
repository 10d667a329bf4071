"""A cycle killed at any boundary and run again ends as if nothing had happened."""

import shutil
import signal
from pathlib import Path

import deployment as world
import pytest
from run_until import BOUNDARIES
from running import drive, state
from shared import shared

FIRST, *_, LAST = BOUNDARIES


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
    """Deployments, by boundary, as they are when their second cycle is killed there.

    The first and the last are really killed, one with an open transaction and one between two; the
    others are copies of the last while it was stopped. Their builds run no data tests, which take
    as long as all else: the undisturbed cycle has run them on what must be the same rows.
    """

    def make(folder: Path) -> None:
        for boundary in (LAST, FIRST):
            one = folder / boundary
            shutil.rmtree(one, ignore_errors=True)  # the copy, of what is killed next
            shutil.copytree(before, one)
            with (one / "dbt_project" / "dbt_project.yml").open("a") as file:
                file.write("\ndata_tests: {driftline: {+enabled: false}}\n")
            status, told = drive(one, world.SECOND_AS_OF, str(folder), boundary)
            assert status == -signal.SIGKILL, told

    return shared(tmp_path_factory, "killed", make)


@pytest.mark.slow
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_killed_cycle_is_finished_by_the_next(
    killed: Path, undisturbed: dict[str, object], boundary: str
) -> None:
    folder = killed / boundary
    assert state(folder) != undisturbed
    status, told = drive(folder, world.SECOND_AS_OF)
    assert status == 0, told

    after = state(folder)
    differing = [name for name in undisturbed if after.get(name) != undisturbed[name]]
    differing += [f"{name} (only here)" for name in after if name not in undisturbed]
    assert not differing
    shutil.rmtree(folder)
