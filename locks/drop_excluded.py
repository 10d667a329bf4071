"""Take the packages that overrides.txt excludes everywhere out of a lock file."""

import re
import sys
from pathlib import Path


def without_excluded(text: str) -> str:
    """The lock without the blocks (a package and its hashes) marked `sys_platform == 'never'`."""
    blocks = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    return "".join(block for block in blocks if "'never'" not in block)


if __name__ == "__main__":
    lock = Path(sys.argv[1])
    lock.write_text(without_excluded(lock.read_text()))
