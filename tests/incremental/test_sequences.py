"""An incremental build leaves the very rows of a full build, whatever happened before.

Five random sequences, one a monitor and of all tasks, run through one warehouse; after each step
the whole project is built incrementally, and at the end every public relation is compared, row by
row, with one build of an empty warehouse from the final raw tables. See `Fleet.fresh` for what
becomes of the bins: where their reference is what it was, the empty warehouse must cut the same
ones itself.

The long run: `make soak`.
"""

from pathlib import Path

import pytest

from tests.incremental.sequences import Batch, run_batch, story
from tests.incremental.world import KINDS


@pytest.mark.slow
@pytest.mark.parametrize("number", [885])
def test_sequences_end_where_a_fresh_build_does(number: int, tmp_path: Path) -> None:
    batch = Batch.draw(number, sequences=len(KINDS), step_count=3)
    told = run_batch(batch, tmp_path)
    assert not told, "\n".join([*told, story(batch)])
