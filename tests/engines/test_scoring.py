"""Scoring: on Spark's executors as in this process, and the log the same on every engine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import lightgbm as lgb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from jobs.config.model import Columns, Monitor, Relation
from jobs.control import ControlStore
from jobs.paths import Paths
from jobs.serving.arrow_scores import ArrowScores
from jobs.serving.pending import pending
from jobs.serving.score import score
from jobs.training.artifact import ServingModel, save
from jobs.training.calibrate import Calibration
from jobs.training.dataset import Encoder
from jobs.warehouse import Warehouse
from tests.engines.deployments import SCHEMA
from tests.engines.test_warehouse import create

DAY = date(2026, 3, 1)
REQUESTS, LOG = f"{SCHEMA}.requests", f"{SCHEMA}.log"
MONITOR = Monitor(
    name="orders", description="", owner="", task="binary",
    inferences=Relation("source", ("serving", "log")),
    columns=Columns(
        id="order_id", predicted_at="ordered_at", model_version="model_version", score="score",
        label="label", loaded_at="loaded_at", is_shadow="is_shadow",
    ),
    time_zone="UTC", label_horizon_days=1, numeric=("price", "is_member"),
    categorical=("channel",), primary_metric="roc_auc", labels=None, history=None,
    requests=Relation("source", ("serving", "requests")), filter="", unlabeled_means="unknown",
    decision_threshold=0.5, segments={}, protected=(), retrain=True, bins_version=1, card={},
)  # fmt: skip


class Names:
    """The relations of the monitor, without a dbt project."""

    def configured(self, relation: Relation) -> str:
        return f"{SCHEMA}.{relation.names[1]}"


def requests(first: date, days: int, per_day: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    count = days * per_day
    start = datetime.combine(first, datetime.min.time())
    return pl.DataFrame(
        {
            "order_id": [f"{seed}-{row:05d}" for row in range(count)],
            "ordered_at": [
                start + timedelta(days=row // per_day, seconds=row % per_day)
                for row in range(count)
            ],
            "price": np.where(rng.random(count) < 0.1, np.nan, rng.normal(size=count)),
            "is_member": rng.random(count) < 0.5,
            "channel": rng.choice(["web", "shop", None], size=count).tolist(),
        }
    ).with_columns(pl.col("channel").cast(pl.String))


def as_lists(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(
        numeric_values=pl.concat_list("price", pl.col("is_member").cast(pl.Float64)),
        categorical_values=pl.concat_list("channel"),
    )


def model_of(seed: int, train_to: date) -> ServingModel:
    rows = as_lists(requests(DAY - timedelta(days=30), 10, 200, seed))
    encoder = Encoder.fit(rows, MONITOR.numeric, MONITOR.categorical)
    rng = np.random.default_rng(seed)
    label = (rows["price"].fill_nan(0).to_numpy() + rng.normal(size=rows.height) > 0).astype(float)
    booster = lgb.train(
        {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": seed},
        lgb.Dataset(encoder.transform(rows), label),
        num_boost_round=30,
    )
    facts = {"train_to": train_to.isoformat(), "seed": seed}
    return ServingModel(booster, encoder, Calibration("platt", 0.9, 0.1, rows.height), facts)


def placed(scores: ArrowScores) -> Callable[[Any], Iterator[Any]]:
    """The scores, each row with the folder of the worker that computed it."""

    # A function inside a function travels to the executors, which cannot import the tests.
    def compute(batches: Any) -> Iterator[Any]:
        folder = str(Path.cwd())
        for batch in scores(batches):
            table = pa.Table.from_batches([batch])
            place = pa.array([folder] * table.num_rows, pa.string())
            yield from table.append_column("place", place).to_batches()

    return compute


def test_both_workers_of_spark_score_as_this_process_does(spark: dict[str, str]) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.enableHiveSupport().getOrCreate()
    model = model_of(1, DAY)
    rows = as_lists(requests(DAY, 4, 2500, 2))
    wanted = rows.select("order_id", "numeric_values", "categorical_values")
    frame = session.createDataFrame(wanted.to_arrow()).repartition(8)
    scored = frame.mapInArrow(
        placed(ArrowScores(model, "score")), "order_id string, score double, place string"
    )
    found = pl.DataFrame(pl.from_arrow(scored.toArrow())).sort("order_id")
    assert found["order_id"].to_list() == sorted(rows["order_id"].to_list())
    expected = model.predict(rows.sort("order_id"))
    np.testing.assert_allclose(found["score"].to_numpy(), expected, rtol=0, atol=1e-12)
    workers = {part for place in found["place"] for part in Path(place).parts if "worker" in part}
    assert workers == {"worker1", "worker2"}


@pytest.fixture
def served(warehouse: Warehouse, paths: Paths) -> Warehouse:
    """Three days of requests; v2 is live, v1 its shadow, which was trained to the first day."""
    request = {
        "order_id": "text", "ordered_at": "timestamp", "price": "number", "is_member": "boolean",
        "channel": "text",
    }  # fmt: skip
    create(warehouse, REQUESTS, request)
    answer = {"model_version": "text", "is_shadow": "boolean", "score": "number",
              "loaded_at": "timestamp", "comment": "text"}  # fmt: skip
    create(warehouse, LOG, {**request, **answer})
    warehouse.append_new(REQUESTS, requests(DAY, 3, 40, 5), ["order_id"])
    control = ControlStore.of(paths)
    for version, seed in (("v1", 1), ("v2", 2)):
        save(paths.artifacts / "orders" / version, model_of(seed, DAY))
        action = "initial" if version == "v1" else "promote"
        keep = () if version == "v1" else ("v1",)
        control.point("orders", version, action, DAY, "me", "test", keep_in_shadow=keep)
    return warehouse


def test_the_log_is_the_same_on_every_engine(served: Warehouse, paths: Paths) -> None:
    names: Any = Names()
    told: list[int] = []
    first = score(paths, names, MONITOR, DAY + timedelta(days=1), told.append)
    assert (first.rows, first.live_version, first.shadow_versions) == (80, "v2", ("v1",))
    assert told[-1] == 80
    assert score(paths, names, MONITOR, DAY + timedelta(days=1)).rows == 0
    rest = score(paths, names, MONITOR, DAY + timedelta(days=9))
    assert rest.rows == 40
    log = served.frame(f"select * from {LOG} order by model_version, order_id")
    asked = requests(DAY, 3, 40, 5)
    for version, seed, is_shadow, rows in (
        ("v1", 1, True, asked.filter(pl.col("ordered_at").dt.date() > DAY)),
        ("v2", 2, False, asked),
    ):
        said = log.filter(model_version=version)
        assert said["order_id"].to_list() == rows["order_id"].to_list()
        assert said["is_shadow"].unique().to_list() == [is_shadow]
        assert said["loaded_at"].to_list() == rows["ordered_at"].to_list()
        assert said["channel"].to_list() == rows["channel"].to_list()
        assert said["comment"].null_count() == said.height
        expected = model_of(seed, DAY).predict(as_lists(rows))
        np.testing.assert_allclose(said["score"].to_numpy(), expected, rtol=0, atol=1e-12)


def test_categories_that_are_floats_are_those_that_were_trained(served: Warehouse) -> None:
    """dbt writes whole ones without a point (test_leaf_macros); so must the requests be read."""
    numbers = [1.0, -0.0, 0.5, float("nan"), float("-inf"), None]
    asked = requests(DAY, 1, len(numbers), 6).with_columns(price=pl.Series(numbers))
    served.overwrite(REQUESTS, asked)
    query = pending(served, replace(MONITOR, categorical=("price",)), REQUESTS, LOG)
    found = served.frame(query.sql, [datetime.combine(DAY + timedelta(days=1), time())])
    texts = found.sort("order_id")["categorical_values"].to_list()
    assert texts == [["1"], ["0"], ["0.5"], ["NaN"], ["-Infinity"], [None]]


def test_a_killed_run_is_completed(served: Warehouse, paths: Paths) -> None:
    """Only a part of the rows got into the log, of the shadow as of the live version."""
    names: Any = Names()
    score(paths, names, MONITOR, DAY + timedelta(days=9))
    whole = served.frame(f"select * from {LOG}")
    partial = pl.concat([whole.filter(model_version=version).head(25) for version in ("v1", "v2")])
    served.overwrite(LOG, partial)
    score(paths, names, MONITOR, DAY + timedelta(days=9))
    again = served.frame(f"select * from {LOG}")
    # A shadow row of a request that was answered is not made up for; no row is there twice.
    keys = ["order_id", "model_version"]
    assert again.height == again.select(keys).n_unique()
    live = whole.filter(model_version="v2").sort("order_id")
    assert again.filter(model_version="v2").sort("order_id").equals(live)


def test_shadow_rows_are_no_answers(served: Warehouse, paths: Paths) -> None:
    """A run died after the shadow's rows, and the shadow was made live before the next."""
    names: Any = Names()
    score(paths, names, MONITOR, DAY + timedelta(days=9))
    log = served.frame(f"select * from {LOG}").filter(model_version="v2")
    served.overwrite(LOG, log.with_columns(is_shadow=pl.lit(True)))
    score(paths, names, MONITOR, DAY + timedelta(days=9))
    again = served.frame(f"select * from {LOG}").filter(model_version="v2", is_shadow=False)
    assert again.sort("order_id").equals(log.sort("order_id"))


def test_a_rollback_meanwhile_holds_from_the_next_batch_on(
    served: Warehouse, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Spark a batch is a group of whole days. Some ids come again two days later."""
    again = requests(DAY, 3, 40, 5).head(5).with_columns(pl.col("ordered_at").dt.offset_by("2d"))
    served.append_new(REQUESTS, again, ["order_id", "ordered_at"])
    monkeypatch.setattr("jobs.serving.score.BATCH_ROWS", 40)
    monkeypatch.setattr("jobs.serving.executors.GROUP_ROWS", 40)
    names: Any = Names()

    def roll_back(done: int) -> None:
        if done == 40:
            ControlStore.of(paths).rollback("orders", DAY, "me", "test")

    assert score(paths, names, MONITOR, DAY + timedelta(days=9), roll_back).live_version == "v1"
    log = served.frame(f"select * from {LOG}").filter(is_shadow=False)
    by_day = (
        log.select(pl.col("ordered_at").cast(pl.Date), "model_version").unique().sort("ordered_at")
    )
    assert by_day["model_version"].to_list() == ["v2", "v1", "v1"]
    assert log["order_id"].is_unique().all()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_days_are_those_of_the_monitor(served: Warehouse, paths: Paths, zone: str) -> None:
    """23:00 in UTC on the first day is 18:00 of it in New York, and 08:00 of the next in Tokyo."""
    at, kind = f"{DAY} 23:00:00+00:00", "timestamptz"
    if paths.profile.engine == "spark":
        kind = "timestamp"
    served.execute(f"drop table {REQUESTS}")
    served.execute(
        f"create table {REQUESTS} as select 'late' as order_id, "
        f"cast('{at}' as {kind}) as ordered_at, cast(1 as {served.number_type}) as price, "
        f"true as is_member, cast('web' as {served.text_type}) as channel"
    )
    names: Any = Names()
    monitor = replace(MONITOR, time_zone=zone)
    is_early = zone == "America/New_York"
    local_day = DAY if is_early else DAY + timedelta(days=1)
    assert score(paths, names, monitor, DAY).rows == int(is_early)
    assert score(paths, names, monitor, DAY + timedelta(days=1)).rows == int(not is_early)
    if paths.profile.engine != "spark":  # there the log's plain timestamp is an instant too
        logged = served.frame(f"select ordered_at, loaded_at from {LOG} where not is_shadow")
        local = datetime.fromisoformat(at).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert local.date() == local_day
        assert logged.rows() == [(local, local)]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)
def test_what_only_the_log_has_takes_its_default_and_case_tells_no_columns_apart(
    served: Warehouse, paths: Paths
) -> None:
    served.execute(f"drop table {LOG}")
    served.execute(
        f'create table {LOG} ("Order_ID" varchar, ordered_at timestamp, "Price" double precision, '
        "is_member boolean, channel varchar, model_version varchar, is_shadow boolean, "
        "score double precision, loaded_at timestamp, comment varchar not null default 'none')"
    )
    names: Any = Names()
    monitor = replace(MONITOR, columns=replace(MONITOR.columns, id='"order_id"'))
    assert score(paths, names, monitor, DAY).rows == 40
    assert score(paths, names, monitor, DAY).rows == 0
    log = served.frame(f"select * from {LOG}").filter(is_shadow=False).sort("Order_ID")
    asked = requests(DAY, 3, 40, 5).head(40).sort("order_id")
    assert log["Order_ID"].to_list() == asked["order_id"].to_list()
    assert log["Price"].to_list() == pytest.approx(asked["price"].to_list(), nan_ok=True)
    assert set(log["comment"]) == {"none"}


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize("kind", ["numeric", "numeric(20,0)", "uuid", "bigint"])
def test_ids_of_every_type_are_answered_once(served: Warehouse, paths: Paths, kind: str) -> None:
    number = 1234567890123456700 if kind == "bigint" else 12345678901234567000
    ids = f"cast({number} + n as {kind})"
    if kind == "uuid":
        ids = "cast(md5(cast(n as text)) as uuid)"
    for table in (REQUESTS, LOG):
        served.execute(f"alter table {table} drop column order_id")
        served.execute(f"alter table {table} add column order_id {kind}")
        served.execute(
            f"alter table {table} add column paid numeric(30,10), add column host inet, "
            "add column stay daterange"
        )
    served.execute(f"delete from {REQUESTS}")
    served.execute(
        f"insert into {REQUESTS} (order_id, ordered_at, price, paid, host, stay) "
        f"select {ids}, timestamp '{DAY} 10:00', 1, 0.1234567891 + n * 1e15, '10.0.0.1', "
        "daterange('2026-01-01', '2026-01-03') "
        "from generate_series(1, 30) as numbers (n)"
    )
    names: Any = Names()
    assert score(paths, names, MONITOR, DAY).rows == 30
    assert score(paths, names, MONITOR, DAY).rows == 0
    same = served.frame(
        f"select count(*) from {LOG} as log inner join {REQUESTS} as requests on "
        "log.order_id = requests.order_id and log.paid = requests.paid "
        "and log.host = requests.host and log.stay = requests.stay"
    )
    assert same.item() == 30


def test_scores_do_not_depend_on_batches() -> None:
    model = model_of(3, DAY)
    rows = as_lists(requests(DAY, 1, 100, 4)).select(
        "order_id", "numeric_values", "categorical_values"
    )
    whole = rows.to_arrow().combine_chunks().to_batches()
    cut = rows.to_arrow().combine_chunks().to_batches(max_chunksize=7)
    scores = ArrowScores(model, "score")
    found = [pa.Table.from_batches(list(scores(batches))) for batches in (whole, cut)]
    assert found[0].equals(found[1])
    assert found[0].column_names == ["order_id", "score"]
