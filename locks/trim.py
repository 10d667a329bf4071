"""Takes out of a lock file what the overrides exclude everywhere and what another lock holds.

usage: trim.py LOCK [--without OTHER_LOCK]
"""

import argparse
import re
from pathlib import Path


def blocks(text: str) -> list[str]:
    """The lock's packages, each with its hashes."""
    return [block for block in re.split(r"(?m)^(?=[A-Za-z0-9])", text) if block]


def requirement(block: str) -> str:
    """The line that names a package, its version and where it applies."""
    return block.splitlines()[0].rstrip(" \\")


def trimmed(text: str, other: str = "") -> str:
    """The lock without packages marked `sys_platform == 'never'` and without those of `other`."""
    held = {requirement(block) for block in blocks(other)}
    return "".join(
        block
        for block in blocks(text)
        if "'never'" not in block and requirement(block) not in held
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("lock", type=Path)
    parser.add_argument("--without", type=Path)
    chosen = parser.parse_args()
    other = chosen.without.read_text() if chosen.without else ""
    text = trimmed(chosen.lock.read_text(), other)
    if "://" in text:
        raise SystemExit(f"{chosen.lock}: found an address; expected versions and hashes alone")
    chosen.lock.write_text(text)
