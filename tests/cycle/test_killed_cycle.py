"""A cycle killed at any boundary and run again ends as if nothing had happened."""

import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import deployment as world
import pytest
from running import drive, state

AS_OF = world.SECOND_AS_OF.isoformat()
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


def test_a_killed_cycle_is_finished_by_the_next(
    before: Path, undisturbed: dict[str, object]
) -> None:
    folders = {}
    for boundary, moment in MOMENTS:
        folder = before.with_name(f"killed {moment} {boundary}".replace(" ", "-"))
        folders[boundary, moment] = shutil.copytree(before, folder)

    def killed_and_run_again(moments: list[tuple[str, str]]) -> list[str]:
        cycles = [[str(folders[one]), AS_OF, *kill] for one in moments for kill in (one, ())]
        status, errors = drive(*cycles)
        faults = []
        for number, one in enumerate(moments):
            killed, again = status[2 * number : 2 * number + 2]
            if (killed, again) != (-signal.SIGKILL, 0):
                faults.append(f"{one}: left with {killed}, then {again}: {errors}")
                continue
            after = state(folders[one])
            differing = [name for name in undisturbed if after.get(name) != undisturbed[name]]
            differing += [f"{name} (only here)" for name in after if name not in undisturbed]
            faults += [f"{one}: differs in {name}" for name in differing]
        return faults

    with ThreadPoolExecutor(max_workers=2) as pool:
        found = pool.map(killed_and_run_again, (MOMENTS[::2], MOMENTS[1::2]))
        faults = [line for lines in found for line in lines]
    assert not faults, "\n".join(faults)
