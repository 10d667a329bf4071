"""Writes the inference log with SQL; every value is a function of a hash of its row number.

Shapes: normal, log-normal in cents, zero-inflated and discrete numbers, some with nulls;
Zipf-like categories. Some shift a little every day, so that drift is there to be found. Rows stand
in the order in which they were logged. A label comes 6 to 48 hours after its prediction and
Driftline hides it until then, so a new day brings the labels of the two days before it too.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.shape import CATEGORIES, FIRST_DAY, SOURCE, TABLE, Size

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SECONDS_OF_LOGGING = 85_800  # the last ten minutes of a day are left for loading
DAYS_PER_STATEMENT_ROWS = 5_000_000  # bounds memory: row groups are written in between
BYTES_PER_ROW = 170  # of the DuckDB file, measured at 1 million rows


def bits(stream: int) -> str:
    """Return SQL for 64 bits of row `i`; of one number, for hash(i, stream) ties the streams."""
    return f"hash(i * 256 + {stream})"


def uniform(stream: int) -> str:
    """Return SQL for a number in (0, 1)."""
    return f"((({bits(stream)} >> 11) + 0.5) / 9007199254740992.0)"


def normal(stream: int) -> str:
    """Return SQL for a standard normal number (Box and Muller) from two halves of one hash."""
    radius = f"sqrt(-2 * ln((({bits(stream)} >> 32) + 0.5) / 4294967296.0))"
    angle = f"6.283185307179586 * (({bits(stream)} & 4294967295) / 4294967296.0)"
    return f"({radius} * cos({angle}))"


def nullable(expression: str, stream: int, share: float) -> str:
    """Return SQL that is null in this share of the rows."""
    return f"case when {uniform(stream)} >= {share} then {expression} end"


def zero_inflated(expression: str, stream: int, share: float) -> str:
    """Return SQL that is 0 in this share of the rows."""
    return f"case when {uniform(stream)} < {share} then 0 else {expression} end"


def numeric_expressions() -> dict[str, str]:
    """Return SQL per numeric feature, over the row number `i` and the day number `day`."""
    return {
        "balance": f"1000 + 300 * {normal(1)}",
        "temperature": f"round(12 + 0.01 * day + 8 * {normal(2)}, 1)",
        "signal": nullable(normal(3), 103, 0.02),
        "velocity": f"0.002 * day + {normal(4)}",
        "pressure": f"round(1013 + 9 * {normal(5)}, 2)",
        "amount": f"round(exp(3 + 0.001 * day + 1.1 * {normal(6)}), 2)",
        "income": nullable(f"round(exp(10.3 + 0.6 * {normal(7)}), 0)", 107, 0.05),
        "duration": f"exp(1 + 0.8 * {normal(8)})",
        "distance": f"round(exp(5 + 0.9 * {normal(9)}), 1)",
        "refunds": zero_inflated(f"round(-40 * ln({uniform(10)}), 2)", 110, 0.9),
        "discount": zero_inflated(f"round(0.5 * {uniform(11)}, 2)", 111, 0.6),
        "overdraft": zero_inflated(f"exp(5 + {normal(12)})", 112, 0.75),
        "age": f"18 + floor(72 * power({uniform(13)}, 1.6))",
        "hour": "floor(24 * (i % per_day) / per_day)",
        "visits": f"floor(-3.5 * ln({uniform(15)}))",
        "rating": nullable(f"1 + floor(5 * power({uniform(16)}, 0.5))", 116, 0.1),
    }


def categorical_expressions() -> dict[str, str]:
    """Return SQL per categorical feature: value k has a share of about 1 / (k + 1)."""
    expressions = {}
    for stream, (name, values) in enumerate(CATEGORIES.items(), 21):
        skew = f"({uniform(stream)} + 0.0002 * day)" if name == "product" else uniform(stream)
        code = f"least({values}, floor(power({values + 1}, {skew})))"
        expressions[name] = f"'{name[0]}' || cast(cast({code} as integer) as varchar)"
    expressions["browser"] = nullable(expressions["browser"], 125, 0.01)
    return expressions


def rows_query(size: Size, first: int, last: int) -> str:
    """Return the query of the rows of days first to last - 1, counted from 0."""
    features = numeric_expressions() | categorical_expressions()
    columns = ",\n        ".join(f"{sql} as {name}" for name, sql in features.items())
    logit = (
        "-2 + 0.9 * velocity + 0.4 * coalesce(signal, 0) + 0.3 * (rating is null)::integer"
        f" + 0.25 * ln(1 + visits) + 0.3 * (region = 'r1')::integer + 0.4 * {normal(41)}"
    )
    return f"""
with numbered as (
    select i, i // {size.rows_per_day} as day, {size.rows_per_day} as per_day
    from range({first * size.rows_per_day}, {last * size.rows_per_day}) as numbers(i)
),
featured as (
    select
        i, day, per_day,
        timestamp '{FIRST_DAY} 00:00:00' + to_days(day::integer)
        + to_microseconds((i % per_day) * {SECONDS_OF_LOGGING}000000 // per_day) as predicted_at,
        {columns}
    from numbered
),
scored as (
    select *, {logit} as logit
    from featured
),
labeled as (
    select
        *,
        case
            when {uniform(42)} < 0.97
                then ({uniform(43)} < 1 / (1 + exp(-(1.05 * logit + 0.001 * day))))::integer
        end as label
    from scored
)
select
    i::bigint as id,
    predicted_at,
    predicted_at + to_seconds(1 + 598 * {uniform(44)}) as loaded_at,
    'v1' as model_version,
    1 / (1 + exp(-logit)) as score,
    label,
    case
        when label is not null then predicted_at + to_seconds(21600 + 151200 * {uniform(45)})
    end as labeled_at,
    {", ".join(features)}
from labeled
"""


def create_log(connection: "DuckDBPyConnection", size: Size) -> None:
    """Write the table serving.bench_inferences anew; size.days may be 0: an empty log."""
    connection.execute(f"create schema if not exists {SOURCE}")
    empty = rows_query(Size(1, 1), 0, 0)
    connection.execute(f"create or replace table {SOURCE}.{TABLE} as {empty}")
    step = max(1, DAYS_PER_STATEMENT_ROWS // size.rows_per_day)
    for first in range(0, size.days, step):
        append_days(connection, size, first, min(first + step, size.days))


def append_days(connection: "DuckDBPyConnection", size: Size, first: int, last: int) -> None:
    """Append the rows of days first to last - 1, counted from 0."""
    connection.execute(f"insert into {SOURCE}.{TABLE} {rows_query(size, first, last)}")


def export_days(connection: "DuckDBPyConnection", days: int, target: Path) -> None:
    """Write the first days of the log to a parquet file, without id and loading time."""
    connection.execute(
        f"copy (select * exclude (id, loaded_at), predicted_at::date as day from {SOURCE}.{TABLE}"
        f" where predicted_at < timestamp '{FIRST_DAY}' + to_days({days}))"
        f" to '{target}' (format parquet, compression zstd)"
    )
