"""Small monitors as values, and all that can happen to them.

A monitor is a `World`: raw tables, configuration, policies, what the jobs recorded. An operation
makes another one of it. Kinds say which task a monitor has (kinds.py, tasks.py), first.py how it
begins, operations.py what may happen.
"""

from tests.incremental.world.draw import Draw
from tests.incremental.world.first import DAYS_AT_FIRST, FIRST_DAY, first_world, renewed_by_jobs
from tests.incremental.world.kinds import BUSINESS, KINDS
from tests.incremental.world.monitor import World, local_days
from tests.incremental.world.on_configuration import EAGER_POLICIES, POLICY_COLUMNS
from tests.incremental.world.on_rows import label
from tests.incremental.world.operations import (
    ON_BUSINESS,
    ON_CONFIGURATION,
    ON_ROWS,
    ON_VERSIONS,
    OPERATIONS,
    changed,
)

__all__ = [
    "BUSINESS",
    "DAYS_AT_FIRST",
    "EAGER_POLICIES",
    "FIRST_DAY",
    "KINDS",
    "ON_BUSINESS",
    "ON_CONFIGURATION",
    "ON_ROWS",
    "ON_VERSIONS",
    "OPERATIONS",
    "POLICY_COLUMNS",
    "Draw",
    "World",
    "changed",
    "first_world",
    "label",
    "local_days",
    "renewed_by_jobs",
]
