"""A rollout and a person who changes the pointer at the same time."""

from datetime import date

import deployment as world
import pytest

from jobs.config.parse import parse_project
from jobs.control import ControlStore
from jobs.errors import NothingToDo
from jobs.paths import Paths
from jobs.serving.rollout import rollout
from jobs.warehouse import Warehouse

DAY = date(2026, 3, 1)
JUDGED = """
create table driftline_jobs.promotion_decisions as
select
    'r3' as run_id, 'orders' as monitor, 'verdict' as gate_name, 'v3' as model_version,
    'v2' as champion_version, 'passed' as status, 'better' as reason;
create schema driftline;
create table driftline.policies_in_force as
select
    'orders' as monitor, 'rollout' as rule_id, parameter, parameter_value,
    date '2026-01-01' as valid_from, cast(null as date) as valid_until
from (
    values ('automatic_approval', 'true'), ('keep_baseline_in_shadow', 'false')
) as given (parameter, parameter_value)
"""


class RolledBackMeanwhile(ControlStore):
    """The live version is rolled back by a person right after it was read."""

    def live_version(self, monitor: str) -> str | None:
        found = super().live_version(monitor)
        self.rollback(monitor, DAY, "ada", "scores too high")
        return found


def test_a_rollback_between_look_and_change_is_not_overtaken(paths: Paths) -> None:
    monitor = parse_project({"orders": world.MONITOR}).monitor("orders")
    control = RolledBackMeanwhile.of(paths)
    control.point("orders", "v1", "initial", DAY, "gates", "first")
    control.point("orders", "v2", "promote", DAY, "gates", "better")
    with Warehouse.open(paths) as warehouse:
        for statement in JUDGED.split(";"):
            warehouse.execute(statement)
        with pytest.raises(NothingToDo, match="v3 was to follow v2, but v1 is live now"):
            rollout(warehouse, control, monitor, "r3", DAY)
    assert [one.action for one in control.history("orders")] == ["initial", "promote", "rollback"]
