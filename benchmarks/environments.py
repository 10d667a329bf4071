"""An environment of its own for every peer, in the cache folder, from its pinned requirements."""

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).parent
STAMP = "installed.sha256"


@dataclass(frozen=True)
class Environment:
    """A peer's Python and what is installed there; without `python`, why there is none."""

    peer: str
    version: str
    python: Path | None
    reason: str = ""


def requirements_of(peer: str) -> Path:
    """Return the file with all pinned packages of a peer."""
    return REQUIREMENTS / f"requirements-{peer}.txt"


def pinned_version(peer: str) -> str:
    """Return the version of the peer itself in its requirements."""
    lines = requirements_of(peer).read_text().splitlines()
    return next(line.split("==")[1] for line in lines if line.startswith(f"{peer}=="))


def environment(peer: str, folder: Path) -> Environment:
    """Create the environment of `peer` below `folder`, or return the one that is there."""
    requirements = requirements_of(peer)
    pinned, version = requirements.read_text(), pinned_version(peer)
    home = folder / peer
    python = home / "bin" / "python"
    digest = hashlib.sha256(f"{sys.version}\n{pinned}".encode()).hexdigest()
    stamp = home / STAMP
    if stamp.exists() and stamp.read_text() == digest:
        return Environment(peer, version, python)
    shutil.rmtree(home, ignore_errors=True)
    steps = (
        [sys.executable, "-m", "venv", str(home)],
        [str(python), "-m", "pip", "install", "--quiet", "-r", str(requirements)],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            return Environment(peer, version, None, _reason(done.stderr))
    stamp.write_text(digest)
    return Environment(peer, version, python)


def _reason(stderr: str) -> str:
    """Return pip's last line that names an error, or its last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no message"])[-1]
