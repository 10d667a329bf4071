"""One deployment on nasty data, built once and judged by every test of this folder."""

from collections.abc import Callable, Iterator

import duckdb
import nasty
import polars as pl
import pytest
from project import Project
from truth.rows import Truth, judged_dates, load

from jobs.dbt import close_connections


@pytest.fixture(scope="session")
def tables() -> dict[str, pl.DataFrame]:
    return nasty.raw_tables()


@pytest.fixture(scope="session")
def built(
    tables: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """The deployment after its first build. No test changes it but those of test_rebuilds."""
    project = Project.create(tmp_path_factory.mktemp("nasty"), nasty.MONITORS, tables)
    project.build(as_of=nasty.AS_OF)
    yield project
    close_connections()


@pytest.fixture(scope="session")
def calibration_groups(built: Project) -> pl.DataFrame:
    """The maps from score to probability as the first build left them."""
    with duckdb.connect(str(built.paths.warehouse), read_only=True) as connection:
        query = "select * from driftline_internal.int_calibration_groups order by group_id"
        return pl.DataFrame(connection.sql(query).to_arrow_table())


@pytest.fixture(scope="session")
def first_build(built: Project, calibration_groups: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Every public relation as the first build left it."""
    return built.everything()


@pytest.fixture(scope="session")
def truths(tables: dict[str, pl.DataFrame]) -> dict[str, Truth]:
    return load(tables, nasty.AS_OF)


@pytest.fixture(scope="session")
def slices(
    first_build: dict[str, pl.DataFrame], truths: dict[str, Truth]
) -> Callable[..., pl.DataFrame]:
    """Rows of a relation for one monitor and segment value, on the judged days only."""
    kept = {}

    def rows(
        relation: str, monitor: str, segment: tuple[str, str], every_day: bool = False
    ) -> pl.DataFrame:
        key = (relation, monitor, every_day)
        if key not in kept:
            frame = first_build[relation].filter(pl.col("monitor") == monitor)
            if not every_day:
                wanted = [nasty.date.fromordinal(day) for day in judged_dates(truths[monitor])]
                frame = frame.filter(pl.col("metric_date").is_in(wanted))
            kept[key] = frame.partition_by("segment_name", "segment_value", as_dict=True)
        return kept[key].get(segment, first_build[relation].clear())

    return rows
