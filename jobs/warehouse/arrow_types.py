"""Arrow tables of PostgreSQL and Spark in the shape and with the type names DuckDB would give."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa

DECIMAL = "DECIMAL"
Test = Callable[[Any], bool]
NAMES: tuple[tuple[Test, str], ...] = (
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_int8, "TINYINT"),
    (pa.types.is_int16, "SMALLINT"),
    (pa.types.is_int32, "INTEGER"),
    (pa.types.is_int64, "BIGINT"),
    (pa.types.is_float32, "FLOAT"),
    (pa.types.is_float64, "DOUBLE"),
    (pa.types.is_date, "DATE"),
    (pa.types.is_time, "TIME"),
    (pa.types.is_string, "VARCHAR"),
    (pa.types.is_large_string, "VARCHAR"),
    (pa.types.is_binary, "BLOB"),
    (pa.types.is_large_binary, "BLOB"),
)


def type_name(kind: Any) -> str:
    """DuckDB's name of an Arrow type; the Arrow name for what the jobs never read."""
    for test, name in NAMES:
        if test(kind):
            return name
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP" if kind.tz is None else "TIMESTAMP WITH TIME ZONE"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"{type_name(kind.value_type)}[]"
    return DECIMAL if is_numeric_text(kind) else str(kind).upper()


def is_numeric_text(kind: Any) -> bool:
    """Whether ADBC hands over a `numeric` of PostgreSQL, which it does as text."""
    return isinstance(kind, pa.OpaqueType) and kind.type_name == "numeric"


def names_of(schema: Any) -> dict[str, str]:
    """{column: type} of an Arrow schema."""
    return {field.name: type_name(field.type) for field in schema}


def plain(table: Any, without_zone: bool) -> Any:
    """The table with `numeric` as double and, when asked, timestamps in UTC without their zone."""
    columns, fields = [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = field.type
        if is_numeric_text(kind):
            chunks = [chunk.storage for chunk in column.chunks]
            column = pa.chunked_array(chunks, kind.storage_type).cast(pa.float64())
        elif isinstance(kind, pa.OpaqueType):
            chunks = [chunk.storage for chunk in column.chunks]
            column = pa.chunked_array(chunks, kind.storage_type)
        elif without_zone and pa.types.is_timestamp(kind) and kind.tz is not None:
            column = column.cast(pa.timestamp(kind.unit))  # the instant in UTC
        columns.append(column)
        fields.append(pa.field(field.name, column.type))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))
