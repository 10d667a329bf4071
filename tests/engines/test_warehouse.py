"""The warehouse's promises, the same on every engine."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from jobs.errors import ConfigurationError, WarehouseError
from jobs.paths import Paths
from jobs.warehouse import Warehouse
from tests.engines.deployments import SCHEMA

SCORES = f"{SCHEMA}.scores"
DAY = date(2026, 1, 1)


def create(
    warehouse: Warehouse, table: str, columns: dict[str, str], partition: tuple[str, ...] = ()
) -> None:
    """Create a table; `number`, `text` and `texts` stand for the engine's names of these types."""
    words = {
        "number": warehouse.number_type,
        "text": warehouse.text_type,
        "texts": f"{warehouse.text_type}[]",
        "timestamp": "timestamp",
    }
    ending = ""
    if is_spark(warehouse):
        words["texts"] = "array<string>"
        ending = " using parquet"
        ending += f" partitioned by ({', '.join(partition)})" if partition else ""
    declared = ", ".join(
        f"{warehouse.quoted(name)} {words.get(kind, kind)}" for name, kind in columns.items()
    )
    warehouse.execute(f"create table {table} ({declared}){ending}")


def is_spark(warehouse: Warehouse) -> bool:
    return type(warehouse).__name__ == "SparkWarehouse"


def frame_of(rows: list[tuple[str | None, date, float]]) -> pl.DataFrame:
    schema = {"monitor": pl.String, "day": pl.Date, "score": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(pl.lit(["t"]).alias("tags"), "score", "day", "monitor")


@pytest.fixture
def scores(warehouse: Warehouse) -> Warehouse:
    columns = {"score": "decimal(10, 2)", "tags": "texts", "monitor": "text", "day": "date"}
    create(warehouse, SCORES, columns, ("monitor", "day"))
    warehouse.append_new(SCORES, frame_of([("a", DAY, 1), ("b", DAY, 2)]), ["monitor", "day"])
    return warehouse


def stored(warehouse: Warehouse) -> list[tuple[object, ...]]:
    kind = warehouse.number_type
    return warehouse.frame(
        f"select monitor, day, cast(score as {kind}) as score from {SCORES} order by 1, 2"
    ).rows()


def test_replace_by_key_is_repeatable(scores: Warehouse) -> None:
    new = frame_of([("a", DAY, 7.5), ("a", date(2026, 1, 2), 8)])
    for _ in range(2):
        scores.replace(SCORES, new, ["monitor", "day"])
        assert stored(scores) == [("a", DAY, 7.5), ("a", date(2026, 1, 2), 8.0), ("b", DAY, 2.0)]
    scores.replace(SCORES, frame_of([("a", date(2026, 1, 3), 9)]), ["monitor"])
    assert stored(scores) == [("a", date(2026, 1, 3), 9.0), ("b", DAY, 2.0)]
    scores.replace(SCORES, new.clear(), ["monitor"])
    assert len(stored(scores)) == 2


def test_replace_keeps_other_rows_of_the_same_partition(warehouse: Warehouse) -> None:
    table = f"{SCHEMA}.parts"
    create(warehouse, table, {"item": "bigint", "monitor": "text"}, ("monitor",))
    rows = pl.DataFrame({"item": [1, 2, 3], "monitor": ["a", "a", "b"]})
    warehouse.replace(table, rows, ["monitor", "item"])
    warehouse.replace(table, pl.DataFrame({"monitor": ["b"], "item": [1]}), ["item"])
    assert warehouse.frame(f"select * from {table} order by item").rows() == [
        (1, "b"), (2, "a"), (3, "b"),
    ]  # fmt: skip


def test_failed_replace_changes_nothing(scores: Warehouse) -> None:
    broken = frame_of([("a", DAY, 7.5)]).with_columns(score=pl.Series(["many"]))
    before = stored(scores)
    with pytest.raises(WarehouseError, match="many"):
        scores.replace(SCORES, broken, ["monitor"])
    assert stored(scores) == before


def test_columns_must_be_those_of_the_table(scores: Warehouse) -> None:
    frame = frame_of([("a", DAY, 1)]).rename({"score": "scores"})
    expected = "scores: found columns unknown: scores; missing: score; expected exactly score, "
    with pytest.raises(WarehouseError, match=expected):
        scores.replace(SCORES, frame, ["monitor"])
    with pytest.raises(WarehouseError, match="unknown key: nope"):
        scores.append_new(SCORES, frame_of([]), ["nope"])
    with pytest.raises(WarehouseError, match="missing: score"):
        scores.overwrite(SCORES, frame)


def test_null_keys_match_each_other(warehouse: Warehouse) -> None:
    table = f"{SCHEMA}.nulls"
    create(warehouse, table, {"v": "bigint", "k": "text"}, ("k",))
    frame = pl.DataFrame({"k": [None], "v": [2]}, schema={"k": pl.String, "v": pl.Int64})
    assert warehouse.append_new(table, frame.with_columns(v=1), ["k"]) == 1
    assert warehouse.append_new(table, frame, ["k"]) == 0
    warehouse.replace(table, frame, ["k"])
    assert warehouse.frame(f"select k, v from {table}").rows() == [(None, 2)]


def test_append_new_leaves_what_is_there(scores: Warehouse) -> None:
    new = frame_of([("a", DAY, 9), ("c", DAY, 3), ("c", DAY, 4)])
    assert scores.append_new(SCORES, new, ["monitor", "day"]) == 1
    assert scores.append_new(SCORES, new, ["monitor", "day"]) == 0
    assert scores.append_new(SCORES, new.clear(), ["monitor", "day"]) == 0
    assert [row[2] for row in stored(scores)] == [1.0, 2.0, 3.0]


def test_overwrite_leaves_nothing_else(scores: Warehouse) -> None:
    for _ in range(2):
        scores.overwrite(SCORES, frame_of([("c", DAY, 3)]))
        assert stored(scores) == [("c", DAY, 3.0)]
    scores.overwrite(SCORES, frame_of([]))
    assert stored(scores) == []
    scores.overwrite(SCORES, frame_of([("c", DAY, 3)]))
    assert stored(scores) == [("c", DAY, 3.0)]


def test_transaction_is_all_or_nothing_but_on_spark(scores: Warehouse) -> None:
    new = frame_of([("c", DAY, 3)])
    with pytest.raises(ZeroDivisionError), scores.transaction():
        scores.replace(SCORES, new, ["monitor"])
        assert not scores.exists(f"{SCHEMA}.nope")  # asking does not abort the transaction
        assert len(stored(scores)) == 3
        raise ZeroDivisionError
    assert len(stored(scores)) == (3 if is_spark(scores) else 2)
    with scores.transaction():
        scores.replace(SCORES, new, ["monitor"])
    assert len(stored(scores)) == 3


def test_spark_replaces_by_partitions_only(warehouse: Warehouse) -> None:
    table = f"{SCHEMA}.flat"
    create(warehouse, table, {"k": "text", "v": "bigint"})
    frame = pl.DataFrame({"k": ["a"], "v": [1]})
    if not is_spark(warehouse):
        warehouse.replace(table, frame, ["k"])
        return
    with pytest.raises(WarehouseError, match="found no partition columns; expected some of the ke"):
        warehouse.replace(table, frame, ["k"])
    assert warehouse.append_new(table, frame, ["k"]) == 1


def test_every_type_comes_back_as_it_went(warehouse: Warehouse) -> None:
    table = f"{SCHEMA}.kinds"
    columns = {
        "flag": "boolean",
        "small": "integer",
        "big": "bigint",
        "ratio": "number",
        "word": "text",
        "words": "texts",
        "day": "date",
        "moment": "timestamp",
        "Wind Speed": "number",
    }
    create(warehouse, table, columns)
    frame = pl.DataFrame(
        {
            "flag": [True, None],
            "small": pl.Series([1, None], dtype=pl.UInt16),
            "big": [2**40, None],
            "ratio": [0.1 + 0.2, float("nan")],
            "word": ['it\'s "x" é?', None],
            "words": [["a", None], None],
            "day": [date(1999, 12, 31), None],
            "moment": [datetime(2026, 3, 29, 2, 30, 0, 123456), None],
            "Wind Speed": [1.5, None],
        }
    )
    assert warehouse.append_new(table, frame, ["big"]) == 2
    found = warehouse.frame(f"select * from {table} order by big nulls last")
    expected = frame.with_columns(pl.col("small").cast(pl.Int32))
    assert_frame_equal(found, expected.select(found.columns))
    kinds = warehouse.columns(table)
    assert kinds == {
        "flag": "BOOLEAN",
        "small": "INTEGER",
        "big": "BIGINT",
        "ratio": "DOUBLE",
        "word": "VARCHAR",
        "words": "VARCHAR[]",
        "day": "DATE",
        "moment": "TIMESTAMP",
        "Wind Speed": "DOUBLE",
    }


def test_placeholders_take_every_value(scores: Warehouse) -> None:
    table, number = SCORES, scores.number_type
    found = scores.frame(
        f"select '?' as mark, monitor, day from {table} -- ?\n"
        "where monitor = ? and day < ? and day <= ? and coalesce(?, monitor) = monitor "
        f"and ? < cast(score as {number})",
        ["a", datetime(2026, 1, 1, 12), DAY, None, 0.5],
    )
    assert found.rows() == [("?", "a", DAY)]
    assert scores.frame(f"select max(day) as d from {table} where monitor = ?", ["z"]).rows() == [
        (None,)
    ]


def test_decimals_can_be_counted_with(scores: Warehouse) -> None:
    found = scores.frame(f"select sum(score) as total, count(*) as row_count from {SCORES}")
    assert (float(found.item(0, 0)), found.item(0, 1)) == (3.0, 2)


def test_batches_have_a_snapshot_of_their_own(scores: Warehouse) -> None:
    rows = [("n", date.fromordinal(DAY.toordinal() + at), 1.0) for at in range(40)]
    scores.append_new(SCORES, frame_of(rows), ["monitor", "day"])
    seen = []
    query = f"select monitor, day from {SCORES} where monitor = ? order by day"
    for at, batch in enumerate(scores.batches(query, 15, ["n"])):
        seen.append(batch.height)
        scores.append_new(SCORES, frame_of([("n", date(2027, 1, at + 1), 1)]), ["monitor", "day"])
    assert seen == [15, 15, 10]
    assert len(stored(scores)) == 45


def test_what_is_there_and_what_is_not(scores: Warehouse) -> None:
    assert scores.exists(SCORES)
    assert not scores.exists(f"{SCHEMA}.nope")
    assert not scores.exists("no_schema.nope")
    with pytest.raises(WarehouseError, match="nope"):
        scores.columns(f"{SCHEMA}.nope")
    for broken in (f"select nope from {SCORES}", "select from where"):
        with pytest.raises(WarehouseError) as caught:
            scores.frame(broken)
        assert len(str(caught.value).splitlines()) == 1
    assert scores.described(f"select count(*) as n from {SCORES} where 1=0") == ({"n": "BIGINT"}, 1)


def test_arrays_are_typed_also_when_empty(warehouse: Warehouse) -> None:
    numbers = warehouse.array(["1", "null", "2.5"], "number")
    none, words = warehouse.array([], "number"), warehouse.array(["1", "'x'"], "text")
    found = warehouse.frame(f"select {numbers} as n, {none} as e, {words} as w")
    assert found.schema == {
        "n": pl.List(pl.Float64), "e": pl.List(pl.Float64), "w": pl.List(pl.String),
    }  # fmt: skip
    assert found.rows() == [([1.0, None, 2.5], [], ["1", "x"])]


def test_aware_timestamps_are_the_same_instant(warehouse: Warehouse) -> None:
    kind = "timestamp" if is_spark(warehouse) else "timestamp with time zone"
    table = f"{SCHEMA}.instants"
    create(warehouse, table, {"at": kind})
    frame = pl.DataFrame({"at": [datetime(2026, 7, 1, 12, tzinfo=UTC)]})
    warehouse.append_new(table, frame, ["at"])
    [(found,)] = warehouse.frame(f"select * from {table}").rows()
    assert found.replace(tzinfo=UTC) == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_missing_places_are_named(
    paths: Paths, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find: Callable[[], Paths] = lambda: Paths.find(paths.project_dir)  # noqa: E731
    if engine == "duckdb":
        assert find().control is None
        return
    with pytest.raises(ConfigurationError, match="needs a warehouse that is a file"):
        _ = paths.warehouse
    monkeypatch.delenv("DRIFTLINE_ARTIFACTS")
    with pytest.raises(ConfigurationError, match="DRIFTLINE_ARTIFACTS: found nothing; expected"):
        find()
    monkeypatch.setenv("DRIFTLINE_ARTIFACTS", "models")
    if engine == "spark":
        monkeypatch.delenv("DRIFTLINE_CONTROL_HOST")
        with pytest.raises(ConfigurationError, match="DRIFTLINE_CONTROL_HOST: found nothing"):
            find()
    else:
        monkeypatch.setenv("DRIFTLINE_PG_PASSWORD", "secret")
        monkeypatch.setenv("DRIFTLINE_PG_DATABASE", "nowhere")
        with pytest.raises(WarehouseError, match="nowhere") as caught, Warehouse.open(find()):
            pass
        assert "secret" not in str(caught.value)
    assert "secret" not in repr(paths)
