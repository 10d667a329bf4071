"""Every leaf macro means the same on every engine: nasty inputs against values worked out by hand.

The cases of a kind are a file of `leaf_cases`. All cases of an engine are compiled by one call of
dbt and then run one by one on the engine itself.
"""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import DERIVED, ROOT

from tests.engines.leaf_cases import collections, dates, hashes, numbers, texts
from tests.engines.leaf_cases.case import ENGINES, Case

SEPARATOR = "--- case "
CASES = [case for kind in (collections, dates, hashes, numbers, texts) for case in kind.CASES]

Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, monkeypatch_module: pytest.MonkeyPatch) -> str:
    """Name of the engine, its server running and its variables set."""
    monkeypatch_module.setenv("DRIFTLINE_WAREHOUSE", ":memory:")
    if request.param != "duckdb":
        for name, value in request.getfixturevalue(request.param).items():
            monkeypatch_module.setenv(name, value)
    return str(request.param)


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield monkeypatch


@pytest.fixture(scope="module")
def compiled(engine: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """SQL of each case on the engine, by the name of the case."""
    return compile_cases(cases_of(engine), engine, tmp_path_factory.mktemp(engine))


def compile_cases(cases: list[Case], engine: str, folder: Path) -> dict[str, str]:
    from dbt.cli.main import dbtRunner

    for name in ("dbt_project", "profiles", "seeds"):
        shutil.copytree(ROOT / name, folder / name, ignore=DERIVED)
    text = "".join(f"{SEPARATOR}{case.name}\n{case.sql}\n" for case in cases)
    folders = [
        "--project-dir",
        str(folder / "dbt_project"),
        "--profiles-dir",
        str(folder / "profiles"),
    ]
    outcome = dbtRunner().invoke(
        ["--quiet", "compile", "--inline", text, "--target", engine, *folders]
    )
    assert outcome.success, outcome.exception or outcome.result
    parts = outcome.result.results[0].node.compiled_code.split(SEPARATOR)[1:]
    return {name: sql for name, _, sql in (part.partition("\n") for part in parts)}


@pytest.fixture(scope="module")
def query(engine: str, compiled: dict[str, str]) -> Iterator[Query]:
    """Runs one statement on the engine and returns its rows."""
    if engine == "duckdb":
        with duckdb.connect() as connection:
            yield lambda sql: connection.execute(sql).fetchall()
    elif engine == "postgres":
        import psycopg2

        connection = psycopg2.connect(
            host=os.environ["DRIFTLINE_PG_HOST"],
            user=os.environ["DRIFTLINE_PG_USER"],
            dbname=os.environ["DRIFTLINE_PG_DATABASE"],
        )
        connection.autocommit = True
        cursor = connection.cursor()

        def ask(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

        yield ask
        connection.close()
    else:
        from pyspark.sql import SparkSession

        session = SparkSession.builder.getOrCreate()
        yield lambda sql: [tuple(row) for row in session.sql(sql).collect()]


def cases_of(engine: str) -> list[Case]:
    return [case for case in CASES if engine in case.only]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_leaf_macro(case: Case, engine: str, compiled: dict[str, str], query: Query) -> None:
    if engine in case.only:
        assert comparable(query(compiled[case.name])) == comparable(case.expected)


def test_a_filter_on_local_timestamp_reaches_the_scan_of_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a plain timestamp only the column is left, so row groups out of range are not read."""
    monkeypatch.setenv("DRIFTLINE_WAREHOUSE", ":memory:")
    day = "{{ local_timestamp('seen_at', 'Europe/Berlin') }}"
    case = Case(
        "scan",
        f"explain select * from (select *, {day} as local_at from seen) as seen "
        "where local_at >= {{ day_start(\"date '2026-01-20'\") }}",
        [],
    )
    sql = compile_cases([case], "duckdb", tmp_path)["scan"]
    with duckdb.connect() as connection:
        connection.execute(
            "create table seen as from (values (timestamp '2026-01-01'), "
            "(timestamp '2026-02-01')) as days (seen_at)"
        )
        plan = connection.execute(sql).fetchall()[0][1]
    assert "seen_at >= '2026-01-20 00:00:00'::TIMESTAMP" in plan
    assert "timezone" not in plan


def comparable(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with decimals as floats and NaN equal to itself."""
    return [tuple(map(_comparable, row)) for row in rows]


def _comparable(value: Any) -> Any:
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value
