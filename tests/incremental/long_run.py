"""The long run: many random sequences, each compared with a fresh warehouse.

    python -m tests.incremental.long_run --sequences 200

runs batches of 20 sequences of 5 steps, two at a time, until so many are done, and prints progress;
for a batch that differs also how, and the steps of the failing sequences. Exit code 1 if one did.
What is done is kept in .soak.jsonl: the same command goes on where it was stopped, unless the
project, the jobs or these tests have changed since. To see the step at which a sequence first
differs (a fresh build after each step):

    python -m tests.incremental.long_run --batch 117 --only visits_3 --every-step
"""

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.incremental.sequences import Batch, failing_monitors, run_batch, story

ROOT = Path(__file__).parents[2]
DONE = ROOT / ".soak.jsonl"
DECIDING = ("dbt_project", "jobs", "seeds", "tests/incremental", "tests/warehouse")
DECIDING_KINDS = {".sql", ".yml", ".csv", ".py"}


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.incremental.long_run")
    parser.add_argument("--sequences", type=int, default=200, help="how many, 200 by default")
    parser.add_argument("--steps", type=int, default=5, help="steps of a sequence, 5 by default")
    parser.add_argument("--first-batch", type=int, default=100, help="the seed; 100 by default")
    parser.add_argument("--width", type=int, default=20, help="sequences of a batch")
    parser.add_argument("--processes", type=int, default=2, help="batches at a time, 2 by default")
    parser.add_argument("--anew", action="store_true", help="forget what is done")
    parser.add_argument("--batch", type=int, help="run this batch alone")
    parser.add_argument("--only", nargs="+", default=[], help="monitors of the batch")
    parser.add_argument("--every-step", action="store_true", help="compare after each step")
    asked = parser.parse_args()
    if asked.batch is not None:
        return one_batch(asked)
    if asked.anew:
        DONE.unlink(missing_ok=True)
    key = [code_digest(), asked.width, asked.steps]
    count = -(-asked.sequences // asked.width)
    numbers = range(asked.first_batch, asked.first_batch + count)
    results = {found["batch"]: found for found in done_before(key) if found["batch"] in numbers}
    if results:
        say(f"{len(results)} of {count} batches were done before")
    remaining = [number for number in numbers if number not in results]
    started = time.monotonic()
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(judged, number, asked.width, asked.steps) for number in remaining]
        for position, future in enumerate(as_completed(futures), start=1):
            result = future.result()
            results[result["batch"]] = result
            with DONE.open("a") as file:
                file.write(json.dumps({"key": key, **result}) + "\n")
            passed = time.monotonic() - started
            left = passed / position * (len(remaining) - position)
            say(
                f"batch {result['batch']}: {'differs' if result['told'] else 'the same'} "
                f"({len(results)} of {count}; {result['seconds']:.0f} s; {left / 60:.0f} min left)"
            )
            if result["told"]:
                say(result["told"])
    differing = sorted(number for number, result in results.items() if result["told"])
    if differing:
        say(f"{len(differing)} of {count} batches differ from a fresh build: {differing}")
        return 1
    say(
        f"{count * asked.width} random sequences of {asked.steps} steps: "
        "every one left the rows of a fresh build"
    )
    return 0


def one_batch(asked: argparse.Namespace) -> int:
    """Run a batch or some of its sequences, telling each step."""
    batch = Batch.draw(asked.batch, asked.width, asked.steps)
    batch = batch.only(asked.only) if asked.only else batch
    with tempfile.TemporaryDirectory() as folder:
        told = run_batch(batch, Path(folder), say, asked.every_step)
    say("\n".join([*told, story(batch)]) if told else "the same")
    return 1 if told else 0


def judged(number: int, width: int, steps: int) -> dict[str, Any]:
    """Run a batch; `told` is empty, or how it differs and what the failing sequences did."""
    started = time.monotonic()
    batch = Batch.draw(number, width, steps)
    with tempfile.TemporaryDirectory() as folder:
        told = run_batch(batch, Path(folder))
    if told:
        names = failing_monitors(told, batch)
        told.append(story(batch.only(names) if names else batch))
    return {"batch": number, "told": "\n".join(told), "seconds": time.monotonic() - started}


def done_before(key: list[Any]) -> Iterator[dict[str, Any]]:
    """What earlier runs of the same code have found out."""
    if DONE.exists():
        for line in DONE.read_text().splitlines():
            with suppress(json.JSONDecodeError):  # a run was killed while it wrote
                found = json.loads(line)
                if found.pop("key") == key:
                    yield found


def code_digest() -> str:
    """A hash of everything that decides how a sequence ends."""
    digest = hashlib.sha256()
    for folder in DECIDING:
        for file in sorted((ROOT / folder).rglob("*")):
            is_built = {"target", "logs"} & set(file.relative_to(ROOT).parts)
            if file.suffix in DECIDING_KINDS and not is_built:
                digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
