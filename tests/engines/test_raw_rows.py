"""Rows of some days of a log: those that belong to them, and on PostgreSQL found by an index."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from jobs.dbt import run_dbt
from jobs.warehouse import Warehouse
from tests.engines.deployments import deployment_on
from tests.engines.engine_project import EngineProject
from tests.engines.test_odd_columns import MONITOR

ENGINES = ("duckdb", "postgres")
# Clocks that skip a day, that go back over midnight, that change by the hour, and of UTC.
CLOCKS = {
    "Pacific/Apia": datetime(2011, 12, 25, tzinfo=UTC),
    "America/St_Johns": datetime(2006, 10, 25, tzinfo=UTC),
    "America/New_York": datetime(2026, 3, 3, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 10, 20, tzinfo=UTC),
    "UTC": datetime(2026, 3, 3, tzinfo=UTC),
}
DAYS = 12
MANY = 200_000
LONG = ("long_plain", "long_instant", "long_date")


def moments(first: datetime) -> list[datetime]:
    return [first + timedelta(minutes=7 * row) for row in range(DAYS * 24 * 60 // 7)]


def log_of(ordered_at: list[Any]) -> pl.DataFrame:
    count = len(ordered_at)
    return pl.DataFrame(
        {
            "order_id": [str(row) for row in range(count)],
            "ordered_at": ordered_at,
            "version": ["v1"] * count,
            "score": [0.5] * count,
            "outcome": [1.0] * count,
            "price": [1.0] * count,
            "is_gift": [True] * count,
            "channel": ["web"] * count,
        }
    )


@pytest.fixture(scope="module", params=ENGINES)
def project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineProject]:
    """Logs of instants in some zones, and long ones of each type of a moment."""
    logs = {f"log_{number}": log_of(moments(first)) for number, first in enumerate(CLOCKS.values())}
    start = datetime(2026, 1, 1)
    plain = [start + timedelta(minutes=2 * row) for row in range(MANY)]
    logs["long_plain"] = log_of(plain)
    logs["long_instant"] = log_of([moment.replace(tzinfo=UTC) for moment in plain])
    logs["long_date"] = log_of([moment.date() for moment in plain])
    zones = {**dict(zip(logs, CLOCKS, strict=False))}
    monitors = {
        name: {
            **{key: value for key, value in MONITOR.items() if key not in ("history", "labels")},
            "inferences": {"source": ["serving", name]},
            "time_zone": zones.get(name, "America/New_York"),
        }
        for name in logs
    }
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp(request.param)
        with deployment_on(request.param, request, folder, patch) as paths:
            yield EngineProject.deployed(paths, monitors, logs)


def compiled(project: EngineProject, asked: dict[str, list[tuple[date, date]]]) -> dict[str, str]:
    """The query of the rows of each log on these spans of days."""
    parts = []
    for name, spans in asked.items():
        written = ", ".join(
            f"{{'first': as_date('{first}'), 'last': as_date('{last}')}}" for first, last in spans
        )
        parts.append(
            f"--- {name}\nselect row_id, metric_date, score from {{{{ raw_rows('{name}', "
            f"monitors()['{name}'], 'log', ['row_id', 'score'], {{'spans': [{written}]}}) }}}}"
            " as found\n"
        )
    text = "".join(parts)
    result = run_dbt(project.paths, ["compile", "--inline", text]).raw.results[0]
    sql = result.node.compiled_code.split("--- ")[1:]
    return {name: query for name, _, query in (part.partition("\n") for part in sql)}


def test_rows_are_those_of_the_days_on_the_clock_of_the_zone(project: EngineProject) -> None:
    """Whatever the clock does: a day may have 23, 25 or no hours, or begin twice."""
    asked, expected = {}, {}
    for number, (zone, start) in enumerate(CLOCKS.items()):
        first = start.date()
        days = [first + timedelta(days=one) for one in range(DAYS)]
        spans = [(days[2], days[2]), (days[4], days[7]), (days[9], days[9])]
        wanted = {days[2], *days[4:8], days[9]}
        asked[f"log_{number}"] = spans
        expected[f"log_{number}"] = {
            str(row): moment.astimezone(ZoneInfo(zone)).date()
            for row, moment in enumerate(moments(start))
            if moment.astimezone(ZoneInfo(zone)).date() in wanted
        }
    queries = compiled(project, asked)
    with Warehouse.open(project.paths) as warehouse:
        for name, query in queries.items():
            found = warehouse.frame(query)
            rows = dict(found.select("row_id", "metric_date").iter_rows())
            assert rows == expected[name], name
            assert found.height == len(rows)


@pytest.fixture
def answer(project: EngineProject) -> Iterator[Callable[[str], list[Any]]]:
    """Runs statements on PostgreSQL as they are: the warehouse's are all copied out."""
    import psycopg2

    options = {key: value for key, value in (project.paths.control or {}).items() if value}
    with closing(psycopg2.connect(**options)) as connection, connection.cursor() as cursor:

        def ask(sql: str) -> list[Any]:
            cursor.execute(sql)
            return [row[0] for row in cursor.fetchall()] if cursor.description else []

        yield ask


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_an_index_finds_the_rows_of_one_day(
    project: EngineProject, answer: Callable[[str], list[Any]]
) -> None:
    day = date(2026, 5, 5)
    for name, query in compiled(project, {name: [(day, day)] for name in LONG}).items():
        answer(f"create index on serving.{name} (ordered_at)")
        answer(f"analyze serving.{name}")
        plan = "\n".join(answer(f"explain verbose {query}"))
        assert "Index Cond: " in plan and "Seq Scan" not in plan, plan
        assert "pg_typeof" not in plan, plan
        assert len(answer(query)) == 24 * 30


@pytest.mark.parametrize("project", ["postgres"], indirect=True)
def test_partitions_of_other_days_are_not_read(
    project: EngineProject, answer: Callable[[str], list[Any]]
) -> None:
    days = [(date(2026, 2, 10), date(2026, 2, 10)), (date(2026, 6, 10), date(2026, 6, 11))]
    for name, query in compiled(project, dict.fromkeys(LONG, days)).items():
        log = f"serving.{name}"
        answer(f"create table {log}_parts (like {log}) partition by range (ordered_at)")
        for month in range(1, 12):
            answer(
                f"create table {log}_{month} partition of {log}_parts for values "
                f"from ('2026-{month}-01') to ('2026-{month + 1}-01')"
            )
        of_parts = query.replace(f'"{name}"', f'"{name}_parts"')
        assert of_parts != query
        plan = "\n".join(answer(f"explain {of_parts}"))
        read = [month for month in range(1, 12) if f" on {name}_{month}" in plan]
        assert read == [2, 6], plan
