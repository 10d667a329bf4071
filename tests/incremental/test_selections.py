"""A model that is kept by day is never built without what finds and feeds its days."""

from collections.abc import Iterator

import pytest

from jobs.dbt import close_connections
from jobs.errors import DriftlineError
from tests.incremental.compare import differences
from tests.incremental.fleet import Fleet
from tests.incremental.world import first_world

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    fleet = Fleet(
        tmp_path_factory.mktemp("selections") / "fleet", [first_world("orders", "orders")]
    )
    fleet.build()
    fleet.build()  # no day is affected any more
    yield fleet
    close_connections()


@pytest.mark.parametrize(
    ("options", "left_out"),
    [
        (("--select", "feature_drift"), "int_affected_days"),
        (("--select", "feature_drift", "--full-refresh"), "int_affected_days"),
        (("--exclude", "int_performance_window"), "int_performance_window"),
        (("--exclude", "int_day_inputs"), "int_day_inputs"),
    ],
)
def test_part_without_its_parents_is_refused(
    fleet: Fleet, options: tuple[str, ...], left_out: str
) -> None:
    before = fleet.everything()
    refused = rf"is kept by day, and the selection leaves out {left_out}.*dbt build --select \+"
    with pytest.raises(DriftlineError, match=refused):
        fleet.build(options=options)
    assert differences(fleet.everything(), before) == []


def test_part_with_its_parents_is_built(fleet: Fleet) -> None:
    before = fleet.everything()
    fleet.build(options=("--select", "+feature_drift", "--full-refresh"))
    assert differences(fleet.everything(), before) == []
    fleet.build()
    assert differences(fleet.everything(), before) == []


def test_tests_and_seeds_alone_are_no_part_of_it(fleet: Fleet) -> None:
    before = fleet.internal("int_built_days")
    fleet.build(options=("--select", "resource_type:seed"))
    assert fleet.internal("int_built_days").equals(before)


def test_a_log_that_is_a_model_of_the_team_may_be_left_out(fleet: Fleet) -> None:
    before = fleet.everything()
    own = fleet.project.paths.project_dir / "models" / "own" / "orders_as_they_came.sql"
    own.parent.mkdir()
    own.write_text("select * from {{ source('serving', 'orders_log') }}")
    world = fleet.worlds["orders"].with_monitor(inferences={"ref": own.stem})
    fleet.give({"orders": world})
    fleet.build()
    fleet.build(options=("--exclude", own.stem))
    after = fleet.everything()
    assert after.pop(own.stem).height == world.log.height
    assert differences(after, before) == []
