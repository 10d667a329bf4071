"""What the numbers were measured on: no names, no paths."""

import os
import platform
from importlib.metadata import version

PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "polars")


def machine(memory_limit: str) -> dict[str, str]:
    """Return the machine and the versions, as words for the document."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return {
        "system": f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores,"
        f" {memory:.0f} GiB of memory",
        "versions": f"Python {platform.python_version()}, {packages}",
        "memory_limit": memory_limit,
    }
