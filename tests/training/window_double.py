"""A warehouse in memory and a training window with a known truth, for the tests of this folder."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import duckdb
import numpy as np
import polars as pl

from jobs.config.model import Columns, Monitor, Relation

FIRST = date(2024, 1, 1)
SMALL = {"num_leaves": 7, "min_data_in_leaf": 30, "learning_rate": 0.1, "max_rounds": 80,
         "early_stopping_rounds": 20, "num_threads": 1}  # fmt: skip
TABLES = """
create schema driftline; create schema driftline_internal; create schema driftline_jobs;
create table driftline_jobs.training_runs (run_id varchar, monitor varchar, as_of date,
    model_version varchar, strategy varchar, reason varchar, train_from date, train_to date,
    holdout_from date, holdout_to date, train_rows bigint, holdout_rows bigint,
    effective_sample_size double, best_iteration integer, data_hash varchar, seed integer,
    parameters varchar, seconds double, recorded_at timestamp);
create table driftline_jobs.model_versions (monitor varchar, model_version varchar,
    run_id varchar, algorithm varchar, parameters varchar, features varchar, train_from date,
    train_to date, holdout_from date, holdout_to date, train_rows bigint, tree_count integer,
    calibration varchar, artifact_path varchar, artifact_sha256 varchar, code_version varchar,
    environment varchar, created_on date, recorded_at timestamp);
create table driftline_jobs.feature_importance (monitor varchar, model_version varchar,
    feature_name varchar, gain double, gain_share double);
create table driftline_jobs.holdout_scores (monitor varchar, model_version varchar,
    inference_id varchar, score double);
create table driftline_jobs.evaluation_results (run_id varchar, monitor varchar,
    challenger_version varchar, champion_version varchar, segment_name varchar,
    segment_value varchar, metric_name varchar, row_count bigint, day_count bigint,
    challenger_value double, champion_value double, difference double, lower_bound double,
    upper_bound double);
create table driftline_jobs.promotion_decisions (run_id varchar, gate_name varchar,
    monitor varchar, model_version varchar, champion_version varchar, status varchar,
    observed double, required double, reason varchar, decided_on date);
"""
MONITOR = Monitor(
    name="loans", description="", owner="", task="binary",
    inferences=Relation("source", ("serving", "loans")),
    columns=Columns("id", "at", "version", "score", "label"),
    time_zone="UTC", label_horizon_days=2, numeric=("amount", "age"), categorical=("region",),
    primary_metric="roc_auc", labels=None, history=None, requests=None, filter="",
    unlabeled_means="unknown", decision_threshold=0.4, segments={"region": "region"},
    protected=(), retrain=True, bins_version=1, card={},
)  # fmt: skip


class Killed(BaseException):
    """Stands for the end of the process."""


class Double:
    """The jobs' view of a warehouse; `open` counts connections, `kill_at` ends before a table."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        for statement in TABLES.split(";"):
            if statement.strip():
                self.connection.execute(statement)
        self.open = 0
        self.kill_at: str | None = None

    @contextmanager
    def connect(self) -> Iterator["Double"]:
        self.open += 1
        try:
            yield self
        finally:
            self.open -= 1

    def fill(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Create the tables, or replace them."""
        for name, frame in tables.items():
            self.connection.register("incoming", frame)
            self.connection.execute(f"create or replace table {name} as from incoming")
            self.connection.unregister("incoming")

    def frame(self, sql: str) -> pl.DataFrame:
        assert self.open == 1
        found: pl.DataFrame = self.connection.sql(sql).pl()
        return found

    def replace(self, table: str, frame: pl.DataFrame, key: Sequence[str]) -> None:
        assert self.open == 1
        if table == self.kill_at:
            raise Killed
        self.connection.register("incoming", frame)
        same = " and ".join(f"t.{one} = i.{one}" for one in key)
        self.connection.execute(
            f"delete from {table} t where exists (select 1 from incoming i where {same})"
        )
        self.connection.execute(f"insert into {table} select * from incoming")
        self.connection.unregister("incoming")

    def rows(self, table: str) -> list[dict[str, object]]:
        """All rows of a jobs' table in a fixed order, without the time of writing."""
        found: pl.DataFrame = self.connection.sql(
            f"select * from driftline_jobs.{table} order by all"
        ).pl()
        return found.drop("recorded_at", strict=False).to_dicts()

    def load(self, window: pl.DataFrame, logged_version: str = "bought") -> None:
        """Fill the training window and the log with these rows, in place of what was there."""
        full = window.with_columns(
            monitor=pl.lit("loans"), origin=pl.lit("log"), is_shadow=pl.lit(False),
            model_version=pl.lit(logged_version), exclusion_reason=pl.lit(None, pl.String),
            segment_values=pl.concat_list(pl.col("categorical_values").list.get(0)),
        )  # fmt: skip
        if "score" not in full.columns:
            full = full.with_columns(score=pl.lit(None, pl.Float64))
        self.connection.register("full_rows", full)
        self.connection.execute(
            "create or replace table driftline.training_window as select monitor, inference_id, "
            "origin, model_version, predicted_at, metric_date, label, sample_weight, split, "
            "exclusion_reason from full_rows"
        )
        self.connection.execute(
            "create or replace table driftline_internal.int_inferences as select monitor, origin, "
            "inference_id, metric_date, model_version, is_shadow, score, label, numeric_values, "
            "categorical_values, segment_values from full_rows"
        )
        self.connection.execute(
            "create or replace table driftline_internal.int_performance_daily as "
            "select distinct monitor, model_version from full_rows"
        )
        self.connection.unregister("full_rows")


def make_window(
    days: int = 100, per_day: int = 50, seed: int = 1, first: date = FIRST, holdout: int = 20
) -> pl.DataFrame:
    """Rows whose log odds are 1.5 * amount plus an effect of region; `age` is noise."""
    generator = np.random.default_rng(seed)
    count = days * per_day
    amount, age = generator.normal(size=count), generator.normal(size=count)
    region = generator.integers(0, 4, size=count)
    logit = 1.5 * amount + np.array([-1.5, -1.0, -0.5, 0.0])[region]
    label = (generator.random(count) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    age[generator.random(count) < 0.1] = np.nan
    day = np.repeat(np.arange(days), per_day)
    split = np.where(
        day >= days - holdout, "holdout", np.where(day >= days - 2 * holdout, "validation", "train")
    )
    dates = [first + timedelta(days=int(one)) for one in day]
    return pl.DataFrame(
        {
            "inference_id": [f"{one}-{place % per_day}" for place, one in enumerate(dates)],
            "predicted_at": [datetime(one.year, one.month, one.day, 12) for one in dates],
            "metric_date": dates,
            "label": label,
            "sample_weight": np.ones(count),
            "split": split,
            "numeric_values": np.column_stack([amount, age]).tolist(),
            "categorical_values": [[f"r{one}"] for one in region],
        }
    )
