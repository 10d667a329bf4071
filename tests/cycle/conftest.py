"""The deployment that every test of this folder starts from."""

from pathlib import Path

import deployment as world
import pytest
from running import drive


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deployment with its first version live and six turned weeks waiting."""
    folder = tmp_path_factory.mktemp("orders") / "before"
    world.create(folder)
    done = drive(folder, world.FIRST_AS_OF.isoformat())
    assert done.returncode == 0, done.stderr
    return folder
