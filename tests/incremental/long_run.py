"""The long run: many random sequences, each compared with a fresh warehouse.

    python -m tests.incremental.long_run --sequences 200

runs batches of 12 sequences of 5 steps until so many are done, prints progress, and for a batch
that differs the steps of the failing sequences; exit code 1 if one did. To see the step at which a
sequence first differs (a fresh build after each step):

    python -m tests.incremental.long_run --batch 17 --only visits_3 --every-step
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.incremental.sequences import Batch, failing_monitors, run_batch, story


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.incremental.long_run")
    parser.add_argument("--sequences", type=int, default=200, help="how many, 200 by default")
    parser.add_argument("--steps", type=int, default=5, help="steps of a sequence, 5 by default")
    parser.add_argument("--first-batch", type=int, default=100)
    parser.add_argument("--width", type=int, default=12, help="sequences of a batch")
    parser.add_argument("--batch", type=int, help="run this batch alone")
    parser.add_argument("--only", nargs="+", default=[], help="monitors of the batch")
    parser.add_argument("--every-step", action="store_true", help="compare after each step")
    asked = parser.parse_args()
    count = 1 if asked.batch is not None else -(-asked.sequences // asked.width)
    first = asked.batch if asked.batch is not None else asked.first_batch
    failed = 0
    for position, number in enumerate(range(first, first + count)):
        batch = Batch.draw(number, asked.width, asked.steps)
        batch = batch.only(asked.only) if asked.only else batch
        started, worked = time.monotonic(), time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            told = run_batch(batch, Path(folder), say, asked.every_step)
        say(
            f"batch {number} ({position + 1} of {count}): {len(batch.monitors)} sequences, "
            f"{time.monotonic() - started:.0f} s ({time.process_time() - worked:.0f} s of CPU), "
            f"{'differs' if told else 'the same'}"
        )
        if told:
            failed += 1
            names = failing_monitors(told, batch)
            say("\n".join(told))
            say(story(batch.only(names) if names else batch))
    say(f"{count - failed} of {count} batches the same")
    return 1 if failed else 0


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
