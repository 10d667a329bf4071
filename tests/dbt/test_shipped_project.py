"""The dbt project as it ships builds by itself, twice, without any job and without any row."""

import os
import shutil
from collections.abc import Iterator

import duckdb
import pytest
from project import DERIVED, ROOT

from jobs.dbt import run_dbt
from jobs.paths import Paths


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paths]:
    folder = tmp_path_factory.mktemp("shipped")
    for name in ("dbt_project", "profiles", "seeds"):
        shutil.copytree(ROOT / name, folder / name, ignore=DERIVED)
    before = os.environ.pop("DRIFTLINE_WAREHOUSE", None)
    yield Paths.find(folder / "dbt_project", folder / "profiles")
    if before:
        os.environ["DRIFTLINE_WAREHOUSE"] = before


def contents(paths: Paths) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema like 'driftline%' and table_type = 'BASE TABLE'"
        ).fetchall()
        return {
            f"{schema}.{name}": sorted(
                connection.execute(f'select * from {schema}."{name}"').fetchall(), key=repr
            )
            for schema, name in names
        }


def test_builds_twice_with_all_its_tests(shipped: Paths) -> None:
    first = run_dbt(shipped, ["build"])
    before = contents(shipped)
    second = run_dbt(shipped, ["build"])

    kinds = [node.unique_id.partition(".")[0] for node in first.nodes]
    assert not first.failed
    assert not second.failed
    assert kinds.count("unit_test") >= 10
    assert kinds.count("test") >= 20
    assert before == contents(shipped)
    assert len(before["driftline.monitors"]) == 1


@pytest.mark.slow
def test_a_full_refresh_is_the_same(shipped: Paths) -> None:
    before = contents(shipped)
    run_dbt(shipped, ["build", "--full-refresh", "--exclude-resource-type", "unit_test"])
    assert before == contents(shipped)


@pytest.mark.slow
def test_its_unit_tests_know_neither_the_monitors_nor_the_day(shipped: Paths) -> None:
    """Whose own monitors take the place of the demo's, and who looks back, build all the same."""
    elsewhere = ["--vars", '{"monitors": {}, "as_of": "2013-07-31"}']
    found = run_dbt(shipped, ["test", "--select", "test_type:unit", *elsewhere])
    assert len(found.nodes) > 100
