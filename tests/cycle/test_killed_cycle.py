"""A cycle killed at any boundary and run again ends as if nothing had happened."""

import os
import shutil
import signal
from pathlib import Path

import deployment as world
import pytest
from run_until import BOUNDARIES
from running import drive, state

*IN_TURN, SECOND_BUILD, PUBLISH = BOUNDARIES
# Each run but the last is killed one boundary further, so that what is left at one boundary is what
# the way to the next one starts from. A run that finds the model renewed builds once only.
# `make soak` kills at every boundary, `make test` at every sixth one.
STEP = 1 if os.environ.get("DRIFTLINE_EVERY_BOUNDARY") else 6
KILLS = [[*IN_TURN[::STEP], PUBLISH], [SECOND_BUILD]]


@pytest.fixture(scope="module")
def undisturbed(renewed: Path) -> dict[str, object]:
    return state(renewed)


def test_the_undisturbed_cycle_renews_the_model(undisturbed: dict[str, object]) -> None:
    assert undisturbed["pointers"] == [
        ("orders", "live", "v2"),
        ("orders", "shadow", "v1"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("boundaries", KILLS, ids=["in turn", "late"])
def test_a_killed_cycle_is_finished_by_the_next(
    before: Path, undisturbed: dict[str, object], boundaries: list[str], tmp_path: Path
) -> None:
    """Builds run no data tests, which take as long as all else: the undisturbed cycle has run them
    on what must be the same rows."""
    folder = tmp_path / "deployment"
    shutil.copytree(before, folder)
    with (folder / "dbt_project" / "dbt_project.yml").open("a") as file:
        file.write("\ndata_tests: {driftline: {+enabled: false}}\n")
    for boundary in boundaries:
        status, told = drive(folder, world.SECOND_AS_OF, boundary)
        assert status == -signal.SIGKILL, (boundary, told)
        assert state(folder) != undisturbed
    status, told = drive(folder, world.SECOND_AS_OF)
    assert status == 0, told

    after = state(folder)
    differing = [name for name in undisturbed if after.get(name) != undisturbed[name]]
    differing += [f"{name} (only here)" for name in after if name not in undisturbed]
    assert not differing
