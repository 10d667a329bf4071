"""The raw tables and the configuration of one small monitor, and all that can happen to them.

A monitor of kind `orders` has a history and labels of its own; one of kind `visits` has neither:
its bins come from its first 28 days, its label stands in the log, and its days begin in Berlin. A
`World` is a value: an operation makes another one of it. What an operation does follows from its
name and one number, so a list of (name, number) tells a sequence.

No operation stays inside the documented blind spot of the default fingerprint (a day whose row
count, newest load and label times, counts and sums of scores and labels are what they were).
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from jobs.pointers import HISTORY_SCHEMA
from jobs.training.records import MODEL_VERSIONS, TRAINING_RUNS

FIRST_DAY = date(2026, 3, 2)
DAYS_AT_FIRST = 38
HISTORY_DAYS = 12
ZONES = {"orders": "UTC", "visits": "Europe/Berlin"}
REGIONS = np.array(["north", "south"], dtype=object)
CHANNELS = np.array(["web", "app", "fax", None], dtype=object)
DEVICES = np.array(["phone", "desk"], dtype=object)
COLUMNS = {
    "id": "row_id",
    "predicted_at": "predicted_at",
    "loaded_at": "loaded_at",
    "model_version": "version",
    "is_shadow": "is_shadow",
    "score": "score",
    "label": "outcome",
    "labeled_at": "labeled_at",
}
BUSINESS = {"yield": {"numerator": "revenue", "denominator": "clicks", "direction": "higher"}}
POLICY_COLUMNS = (
    "policy_id,monitor,rule_id,metric_name,segment_name,segment_value,feature_name,parameter,"
    "parameter_value,valid_from,note"
)
# So few rows say nothing under the shipped policies; here they raise and resolve alerts.
EAGER_POLICIES = (
    "eager_rows,*,*,*,*,*,*,min_rows,20,1900-01-01,",
    "eager_evidence,*,*,*,*,*,*,evidence_z,0.3,1900-01-01,",
    "eager_days,*,*,*,*,*,*,open_days,1,1900-01-01,",
    "eager_close,*,*,*,*,*,*,close_days,3,1900-01-01,",
    "eager_volume,*,row_volume,*,*,*,*,threshold_yellow,0.2,1900-01-01,",
)


def configuration(name: str, kind: str) -> dict[str, Any]:
    """The monitor as vars.yml declares it."""
    own_relations = {
        role: {"source": ["serving", f"{name}_{role}"]} for role in ("labels", "history")
    }
    return {
        "description": f"Like {kind}",
        "owner": "tests",
        "task": "binary",
        "inferences": {"source": ["serving", f"{name}_log"]},
        **(own_relations if kind == "orders" else {}),
        "columns": COLUMNS,
        "time_zone": ZONES[kind],
        "label_horizon_days": 3 if kind == "orders" else 2,
        "decision_threshold": 0.4,
        "features": {"numeric": ["amount", "clicks"], "categorical": ["channel"]},
        "segments": {"region": "region"},
        "protected": ["region"],
        "business_metrics": BUSINESS,
        "primary_metric": "roc_auc" if kind == "orders" else "log_loss",
    }


@dataclass(frozen=True)
class World:
    """One monitor: its tables by role, its configuration (None: taken out), its policy rows."""

    name: str
    kind: str
    tables: Mapping[str, pl.DataFrame]
    monitor: Mapping[str, Any] | None
    today: date
    policies: tuple[str, ...] = ()
    records: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """What the jobs recorded of it, by table of driftline_jobs."""
    serial: int = 0
    """Counts what happened: later loads have later times and ids of their own."""

    @property
    def log(self) -> pl.DataFrame:
        return self.tables["log"]

    @cached_property
    def days(self) -> pl.Series:
        """The local day of each row of the log."""
        return local_days(self.kind, self.log)

    @cached_property
    def log_days(self) -> list[date]:
        """The days that have rows, oldest first."""
        return self.days.unique().sort().to_list()

    def now(self) -> pl.Expr:
        """A moment on the evening of the newest day, later than all that was loaded before."""
        return moment(self.kind, datetime.combine(self.today, time(20)), self.serial)

    def with_table(self, role: str, frame: pl.DataFrame) -> "World":
        return replace(self, tables={**self.tables, role: frame}, serial=self.serial + 1)

    def with_rows(self, role: str, rows: pl.DataFrame) -> "World":
        table = self.tables[role]
        return self.with_table(role, pl.concat([table, rows.select(table.columns)]))

    def with_records(self, rows: Mapping[str, pl.DataFrame]) -> "World":
        """The same after the jobs have written rows."""
        records = {
            table: pl.concat([self.records[table], new]) if table in self.records else new
            for table, new in rows.items()
        }
        return replace(self, records={**self.records, **records}, serial=self.serial + 1)

    def with_monitor(self, **changes: Any) -> "World":
        if self.monitor is None:
            return self
        monitor = {**deepcopy(dict(self.monitor)), **changes}
        return replace(self, monitor=monitor, serial=self.serial + 1)


def local_days(kind: str, frame: pl.DataFrame, column: str = "predicted_at") -> pl.Series:
    """The day of each row where the monitor is."""
    moments = frame[column]
    if kind == "visits":
        moments = moments.dt.convert_time_zone(ZONES[kind])
    return moments.dt.date()


def moment(kind: str, local: datetime, seconds: int = 0) -> pl.Expr:
    """A moment as the tables keep it: `orders` in local time, `visits` in UTC."""
    expression = pl.lit(local + timedelta(seconds=seconds)).cast(pl.Datetime("us"))
    return in_zone(expression) if kind == "visits" else expression


def in_zone(local: pl.Expr) -> pl.Expr:
    return local.dt.replace_time_zone("Europe/Berlin").dt.convert_time_zone("UTC")


def make_rows(
    kind: str,
    days: list[date],
    seed: int,
    prefix: str,
    rows_a_day: tuple[int, int] = (8, 20),
) -> pl.DataFrame:
    """Rows of a log on these days as they are loaded at once, labels not known yet."""
    generator = np.random.default_rng([seed, 1])
    day = np.repeat(np.arange(len(days)), generator.integers(*rows_a_day, len(days)))
    count = len(day)
    minutes = generator.integers(4 * 60, 18 * 60, count)  # no hour that summer time leaves out
    amount = np.round(np.exp(generator.normal(3, 1, count)), 2)
    clicks = np.where(generator.random(count) < 0.3, 0, generator.poisson(5, count)).astype(float)
    score = 1 / (1 + np.exp(-0.7 * (np.log(amount) - 3) + generator.normal(0.3, 0.8, count)))
    predicted_at = [
        datetime.combine(days[position], time()) + timedelta(minutes=int(minute))
        for position, minute in zip(day, minutes, strict=True)
    ]
    frame = pl.DataFrame(
        {
            "row_id": pl.Series([f"{prefix}{number}" for number in range(count)], dtype=pl.String),
            "predicted_at": pl.Series(predicted_at, dtype=pl.Datetime("us")),
            "version": pl.Series(["v1"] * count, dtype=pl.String),
            "is_shadow": pl.Series([False] * count, dtype=pl.Boolean),
            "score": np.round(score, 4),
            "amount": amount,
            "clicks": clicks,
            "revenue": np.where(clicks == 3, np.nan, np.round(amount * (1 + score), 2)),
            "ratio": np.round(generator.random(count), 3),
            "channel": pl.Series(
                generator.choice(CHANNELS, count, p=[0.5, 0.3, 0.15, 0.05]).tolist(),
                dtype=pl.String,
            ),
            "region": pl.Series(
                generator.choice(REGIONS, count, p=[0.7, 0.3]).tolist(), dtype=pl.String
            ),
            "device": pl.Series(generator.choice(DEVICES, count).tolist(), dtype=pl.String),
        }
    ).with_columns(
        (pl.col("predicted_at") + timedelta(minutes=30)).alias("loaded_at"),
        pl.lit(None, pl.Float64).alias("outcome"),
        pl.lit(None, pl.Datetime("us")).alias("labeled_at"),
    )
    if kind == "visits":
        frame = frame.with_columns(
            in_zone(pl.col("predicted_at", "loaded_at", "labeled_at")).name.keep()
        )
    return frame


def outcomes(rows: pl.DataFrame, generator: np.random.Generator) -> pl.Series:
    """Labels that are what the scores say, more or less."""
    chances = rows["score"].fill_null(0.5).to_numpy()
    return pl.Series("outcome", (generator.random(rows.height) < chances).astype(float))


def first_world(name: str, kind: str, seed: int = 1, day_count: int = DAYS_AT_FIRST) -> World:
    """The tables of a log that began on FIRST_DAY, most rows labeled a day later, some not yet.

    From the fifth day on half of the rows of `orders` are answered by a second version.
    """
    days = [FIRST_DAY + timedelta(days=number) for number in range(day_count)]
    generator = np.random.default_rng([seed, 2])
    log = make_rows(kind, days, seed, "r")
    next_day = pl.col("predicted_at") + timedelta(days=1)
    is_labeled = pl.Series(generator.random(log.height) < 5 / 6) & (
        local_days(kind, log) < days[-1]
    )
    labeled_log = log.with_columns(outcomes(log, generator), next_day.alias("labeled_at"))
    if kind == "visits":
        rows = log.with_columns(
            pl.when(is_labeled).then(labeled_log[column]).alias(column)
            for column in ("outcome", "labeled_at")
        )
        tables = {"log": rows}
    else:
        before = [FIRST_DAY - timedelta(days=number) for number in range(HISTORY_DAYS, 0, -1)]
        history = make_rows(kind, before, seed + 1, "h")
        is_second = (local_days(kind, log) >= days[min(4, day_count - 1)]) & pl.Series(
            np.arange(log.height) % 2 == 0
        )
        tables = {
            "log": log.with_columns(
                pl.when(is_second).then(pl.lit("v2")).otherwise("version").alias("version")
            ).drop("outcome", "labeled_at"),
            "labels": labeled_log.filter(is_labeled).select("row_id", "outcome", "labeled_at"),
            # The history never had what business metrics are made of.
            "history": history.with_columns(
                outcomes(history, generator), next_day.alias("labeled_at")
            ).drop("revenue"),
        }
    return World(name, kind, tables, configuration(name, kind), days[-1])


def renewed_by_jobs(world: World) -> World:
    """The same monitor with `retrain: true`: versions with held-out scores can be registered."""
    source = {"source": ["serving", f"{world.name}_requests"]}
    requests = world.log.clear().drop("outcome", "labeled_at", strict=False)
    tables = {**world.tables, "requests": requests}
    return replace(world, tables=tables).with_monitor(retrain=True, requests=source)


@dataclass
class Draw:
    """The choices of one operation, all from its number."""

    world: World
    number: int
    generator: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.generator = np.random.default_rng([self.number, 3])
        days = self.world.log_days
        self.day = days[int(self.generator.integers(len(days)))]

    @property
    def on_day(self) -> pl.Series:
        return self.world.days == self.day

    @cached_property
    def some_on_day(self) -> pl.Series:
        """About a third of the rows of the day, at least one."""
        positions = np.flatnonzero(self.on_day.to_numpy())
        chosen = self.generator.choice(positions, max(1, len(positions) // 3), replace=False)
        return pl.Series(np.isin(np.arange(self.world.log.height), chosen))

    def loaded_now(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(self.world.now().alias("loaded_at"))

    def new_rows(self, days: list[date], rows_a_day: tuple[int, int] = (8, 20)) -> pl.DataFrame:
        """Rows with ids of their own, as they would have been loaded on their days."""
        prefix = f"n{self.world.serial}_"
        return make_rows(self.world.kind, days, self.number, prefix, rows_a_day)


def new_days(draw: Draw) -> World:
    """One to three new days; labels of the days before come along."""
    world, count = draw.world, int(draw.generator.integers(1, 4))
    days = [world.today + timedelta(days=number) for number in range(1, count + 1)]
    world = replace(world.with_rows("log", draw.new_rows(days)), today=days[-1])
    return label(world, draw.generator, [day - timedelta(days=1) for day in days], share=0.8)


def label(world: World, generator: np.random.Generator, days: list[date], share: float) -> World:
    """Label a share of what has no label yet on these days, now."""
    log = world.log
    chosen = world.days.is_in(days) & pl.Series(generator.random(log.height) < share)
    labels = outcomes(log, generator)
    if world.kind == "orders":
        known = world.tables["labels"]["row_id"].implode()
        rows = log.with_columns(labels, world.now().alias("labeled_at")).filter(
            chosen, ~pl.col("row_id").is_in(known)
        )
        return world.with_rows("labels", rows.unique("row_id", maintain_order=True))
    chosen &= log["outcome"].is_null()
    return world.with_table(
        "log",
        log.with_columns(
            pl.when(chosen).then(labels).otherwise("outcome").alias("outcome"),
            pl.when(chosen).then(world.now()).otherwise("labeled_at").alias("labeled_at"),
        ),
    )


def backfill(draw: Draw) -> World:
    """Rows of an old day that are loaded only now."""
    return draw.world.with_rows("log", draw.loaded_now(draw.new_rows([draw.day], (2, 6))))


def earlier_first_day(draw: Draw) -> World:
    """A day before the first one of the log is loaded now."""
    day = draw.world.log_days[0] - timedelta(days=int(draw.generator.integers(1, 3)))
    return draw.world.with_rows("log", draw.loaded_now(draw.new_rows([day])))


def late_labels(draw: Draw) -> World:
    """Labels of an old day that arrive today."""
    return label(draw.world, draw.generator, [draw.day], share=0.7)


def flipped_labels(draw: Draw) -> World:
    """Labels of a day are reported again, and are the opposite."""
    world = draw.world
    if world.kind == "orders":
        ids = world.log.filter(draw.some_on_day)["row_id"].implode()
        reports = world.tables["labels"].filter(pl.col("row_id").is_in(ids))
        reports = reports.unique("row_id", keep="last", maintain_order=True).with_columns(
            1 - pl.col("outcome"), world.now().alias("labeled_at")
        )
        return world.with_rows("labels", reports)
    chosen = draw.some_on_day & world.log["outcome"].is_not_null()
    return world.with_table(
        "log",
        world.log.with_columns(
            pl.when(chosen).then(1 - pl.col("outcome")).otherwise("outcome").alias("outcome"),
            pl.when(chosen).then(world.now()).otherwise("labeled_at").alias("labeled_at"),
        ),
    )


def corrected_scores(draw: Draw) -> World:
    """Scores of a day are corrected in place, with the time of the correction."""
    chosen = draw.some_on_day
    corrected = draw.world.log.with_columns(
        pl.when(chosen).then((1 - pl.col("score")).round(4)).otherwise("score").alias("score"),
        pl.when(chosen).then(draw.world.now()).otherwise("loaded_at").alias("loaded_at"),
    )
    return draw.world.with_table("log", corrected)


def reloaded_rows(draw: Draw) -> World:
    """Rows of a day are loaded once more under their ids, with other values."""
    rows = draw.loaded_now(draw.world.log.filter(draw.some_on_day)).with_columns(
        (pl.col("amount") * 3).round(2),
        (pl.col("score") / 2).round(4),
        pl.lit("app").alias("channel"),
    )
    return draw.world.with_rows("log", rows)


def deleted_rows(draw: Draw) -> World:
    """About a third of a day's rows are deleted."""
    return draw.world.with_table("log", draw.world.log.filter(~draw.some_on_day))


def deleted_day(draw: Draw) -> World:
    """A whole day is deleted."""
    return draw.world.with_table("log", draw.world.log.filter(~draw.on_day))


def deleted_first_day(draw: Draw) -> World:
    """The log begins a day later than it did."""
    is_first = draw.world.days == draw.world.log_days[0]
    return draw.world.with_table("log", draw.world.log.filter(~is_first))


def exact_duplicates(draw: Draw) -> World:
    """Rows of a day are there twice, to the last column."""
    return draw.world.with_rows("log", draw.world.log.filter(draw.some_on_day))


def tied_duplicates(draw: Draw) -> World:
    """Rows of a day are there twice, equal but for the segments."""
    rows = draw.world.log.filter(draw.some_on_day)
    other = {"north": "south", "south": "north", "phone": "desk", "desk": "phone"}
    return draw.world.with_rows("log", rows.with_columns(pl.col("region", "device").replace(other)))


def same_id_on_another_day(draw: Draw) -> World:
    """Ids of a day come once more, up to three days later."""
    later = pl.col("predicted_at") + timedelta(days=3)
    rows = draw.world.log.filter(draw.some_on_day).with_columns(
        pl.min_horizontal(later, draw.world.now()).alias("predicted_at")
    )
    return draw.world.with_rows("log", draw.loaded_now(rows))


def days_out_of_order(draw: Draw) -> World:
    """The day after tomorrow is loaded first; tomorrow follows when gaps are filled."""
    world = replace(draw.world, today=draw.world.today + timedelta(days=2))
    return world.with_rows("log", draw.new_rows([world.today]))


def filled_gaps(draw: Draw) -> World:
    """Days without rows inside the log get theirs, loaded today; without a gap, like backfill."""
    days = draw.world.log_days
    span = [days[0] + timedelta(days=number) for number in range((days[-1] - days[0]).days)]
    missing = [day for day in span if day not in days]
    if not missing:
        return backfill(draw)
    return draw.world.with_rows("log", draw.loaded_now(draw.new_rows(missing)))


def new_version(draw: Draw) -> World:
    """From some day on another version answers too, one time in three in shadow."""
    log = draw.world.log
    is_answered = (draw.world.days >= draw.day) & pl.Series(np.arange(log.height) % 3 == 0)
    rows = (
        log.filter(is_answered)
        .unique("row_id", maintain_order=True)
        .with_columns(
            pl.lit(f"v{draw.world.serial + 3}").alias("version"),
            pl.lit(bool(draw.generator.random() < 1 / 3)).alias("is_shadow"),
            (pl.col("score") * 0.9).round(4),
        )
    )
    return draw.world.with_rows("log", draw.loaded_now(rows))


def new_segment_value(draw: Draw) -> World:
    """A region that was never seen, on some day."""
    rows = draw.new_rows([draw.day], rows_a_day=(2, 4))
    rows = rows.with_columns(pl.lit(f"region {draw.world.serial}").alias("region"))
    return draw.world.with_rows("log", draw.loaded_now(rows))


def registered_version(draw: Draw) -> World:
    """A version is trained on the newest day and promoted, its held-out scores are recorded.

    It is a version that the log has rows of and nobody registered yet, or else a new one. About
    four in five of the rows of one or two weeks are held out.
    """
    world, generator = draw.world, draw.generator
    if world.monitor is None or not world.monitor.get("retrain"):
        return world
    registered = world.records["model_versions"]["model_version"].to_list() if world.records else []
    waiting = sorted(set(world.log["version"]) - set(registered))
    version = waiting[0] if waiting else f"v{world.serial + 3}"
    last = world.today - timedelta(days=world.monitor["label_horizon_days"])
    first = last - timedelta(days=int(generator.choice([6, 13])))
    rows = [world.log.select("row_id", "score").filter(world.days.is_between(first, last))]
    if "history" in world.tables:
        days = local_days(world.kind, world.tables["history"])
        history = world.tables["history"].select("row_id", "score")
        rows.append(history.filter(days.is_between(first, last)))
    seen = pl.concat(rows).unique("row_id", maintain_order=True)
    held_out = seen.filter(pl.Series(generator.random(seen.height) < 0.8, dtype=pl.Boolean))
    noise = pl.Series(generator.uniform(-0.2, 0.2, held_out.height), dtype=pl.Float64)
    scores = (held_out["score"].fill_null(0.5) + noise).clip(0.01, 0.99).round(4)
    return world.with_records(records_of(world, version, first, last, held_out["row_id"], scores))


def records_of(
    world: World, version: str, first: date, last: date, ids: pl.Series, scores: pl.Series
) -> dict[str, pl.DataFrame]:
    """Rows of the jobs' tables about one version that is promoted on the newest day."""
    noon = datetime.combine(world.today, time(12))
    trained_from = first - timedelta(days=14)
    run_id = f"{world.name} {world.serial}"
    common = {
        "monitor": world.name, "model_version": version, "run_id": run_id, "recorded_at": noon,
        "train_from": trained_from, "train_to": last, "holdout_from": first, "holdout_to": last,
        "train_rows": 1000, "parameters": "{}",
    }  # fmt: skip
    run = {
        **common, "as_of": world.today, "strategy": "full", "reason": "test",
        "holdout_rows": ids.len(), "effective_sample_size": 1000.0, "best_iteration": 10,
        "data_hash": "0", "seed": 0, "seconds": 1.0,
    }  # fmt: skip
    registered = {
        **common, "algorithm": "test", "features": "[]", "tree_count": 10, "calibration": "{}",
        "artifact_path": version, "artifact_sha256": "0", "code_version": "0", "environment": "{}",
        "created_on": world.today,
    }  # fmt: skip
    deployment = {
        "deployment_id": 10_000 * (crc32(world.name.encode()) % 100_000) + world.serial,
        "monitor": world.name, "model_version": version, "previous_version": None,
        "action": "promote", "effective_on": world.today + timedelta(days=1),
        "decided_by": "policy", "reason": "test", "recorded_at": noon,
    }  # fmt: skip
    keys = [pl.lit(world.name).alias("monitor"), pl.lit(version).alias("model_version")]
    return {
        "training_runs": pl.DataFrame([run], schema=dict(TRAINING_RUNS)),
        "model_versions": pl.DataFrame([registered], schema=dict(MODEL_VERSIONS)),
        "holdout_scores": pl.DataFrame({"inference_id": ids, "score": scores}).select(
            *keys, "inference_id", "score"
        ),
        "feature_importance": pl.DataFrame(
            {"feature_name": ["amount", "clicks"], "gain": [3.0, 1.0], "gain_share": [0.75, 0.25]}
        ).select(*keys, "feature_name", "gain", "gain_share"),
        "deployments": pl.DataFrame(
            [{**deployment, "run_id": run_id}], schema=dict(HISTORY_SCHEMA)
        ).drop("run_id"),
    }


def toggled_retrain(draw: Draw) -> World:
    """The monitor is only watched from now on, or is renewed again."""
    if "requests" not in draw.world.tables or draw.world.monitor is None:
        return draw.world
    return draw.world.with_monitor(retrain=not draw.world.monitor.get("retrain", False))


def toggled_feature(draw: Draw) -> World:
    """`ratio` becomes the first of the features, or is taken out again."""
    if draw.world.monitor is None:
        return draw.world
    features = deepcopy(draw.world.monitor["features"])
    others = [name for name in features["numeric"] if name != "ratio"]
    features["numeric"] = others if "ratio" in features["numeric"] else ["ratio", *others]
    return draw.world.with_monitor(features=features)


def toggled_segment(draw: Draw) -> World:
    """Segments by device come before those by region, or are taken out again."""
    if draw.world.monitor is None:
        return draw.world
    has_devices = "device" in draw.world.monitor["segments"]
    segments = {"region": "region"} if has_devices else {"device": "device", "region": "region"}
    return draw.world.with_monitor(segments=segments)


def reordered_segments(draw: Draw) -> World:
    """The same segments in another order; where there is one alone, devices follow it."""
    if draw.world.monitor is None:
        return draw.world
    segments = dict(draw.world.monitor["segments"])
    if len(segments) < 2:
        return draw.world.with_monitor(segments={**segments, "device": "device"})
    return draw.world.with_monitor(segments=dict(reversed(segments.items())))


def other_threshold(draw: Draw) -> World:
    """Scores call other rows positive."""
    threshold = float(draw.generator.choice([0.3, 0.5, 0.6]))
    return draw.world.with_monitor(decision_threshold=threshold)


def other_meaning(draw: Draw) -> World:
    """What has no label at the horizon counts as negative, or is unknown again."""
    now = (draw.world.monitor or {}).get("unlabeled_means", "unknown")
    meaning = "negative" if now == "unknown" else "unknown"
    return draw.world.with_monitor(unlabeled_means=meaning)


def toggled_monitor(draw: Draw) -> World:
    """The monitor is taken out of the configuration, or comes back."""
    world = draw.world
    if world.monitor is not None:
        return replace(world, monitor=None, serial=world.serial + 1)
    world = replace(world, monitor=configuration(world.name, world.kind), serial=world.serial + 1)
    return renewed_by_jobs(world) if "requests" in world.tables else world


def corrected_revenues(draw: Draw) -> World:
    """Revenues of a day are corrected in place, and nothing says when; huge ones drop out."""
    revenue = pl.when(pl.col("clicks") > 6).then(1e300).otherwise(pl.col("revenue") * 1.5 - 20)
    corrected = draw.world.log.with_columns(
        pl.when(draw.some_on_day).then(revenue).otherwise("revenue").alias("revenue")
    )
    return draw.world.with_table("log", corrected)


def toggled_business_metric(draw: Draw) -> World:
    """Another business metric comes before the one there is, or all are taken out."""
    if draw.world.monitor is None:
        return draw.world
    other = {"numerator": "amount", "denominator": 1, "direction": "lower", "horizon_days": 2}
    declared = {"price": other, **BUSINESS} if draw.world.monitor["business_metrics"] else BUSINESS
    if len(draw.world.monitor["business_metrics"]) > 1:
        declared = {}
    return draw.world.with_monitor(business_metrics=declared)


def raised_bins_version(draw: Draw) -> World:
    """Bins are cut anew."""
    bins_version = (draw.world.monitor or {}).get("bins_version", 1) + 1
    return draw.world.with_monitor(bins_version=bins_version)


def policy_row(draw: Draw) -> World:
    """A threshold that holds from some day on."""
    rules = [("feature_psi", 0.02), ("performance_level", 0.001), ("row_volume", 0.4)]
    rule, value = rules[int(draw.generator.integers(len(rules)))]
    row = (
        f"{draw.world.name}_{draw.world.serial},{draw.world.name},{rule},*,*,*,*,threshold_yellow,"
        f"{value},{draw.day.isoformat()},"
    )
    policies = (*draw.world.policies, row)
    return replace(draw.world, policies=policies, serial=draw.world.serial + 1)


Operation = Callable[[Draw], World]
ON_ROWS: dict[str, Operation] = {
    operation.__name__: operation
    for operation in (
        new_days, backfill, earlier_first_day, late_labels, flipped_labels, corrected_scores,
        reloaded_rows, deleted_rows, deleted_day, deleted_first_day, exact_duplicates,
        tied_duplicates, same_id_on_another_day, days_out_of_order, filled_gaps, new_version,
        new_segment_value,
    )
}  # fmt: skip
ON_CONFIGURATION: dict[str, Operation] = {
    operation.__name__: operation
    for operation in (
        toggled_feature, toggled_segment, reordered_segments, other_threshold, other_meaning,
        toggled_monitor, raised_bins_version, policy_row,
    )
}  # fmt: skip
# What business metrics alone depend on.
ON_BUSINESS: dict[str, Operation] = {
    operation.__name__: operation for operation in (corrected_revenues, toggled_business_metric)
}
# Of monitors that are `renewed_by_jobs`.
ON_VERSIONS: dict[str, Operation] = {
    operation.__name__: operation for operation in (registered_version, toggled_retrain)
}
OPERATIONS = ON_ROWS | ON_CONFIGURATION | ON_VERSIONS | ON_BUSINESS


def changed(world: World, operation: str, number: int) -> World:
    """Return the world after an operation, named as in OPERATIONS, with the choices of `number`."""
    return OPERATIONS[operation](Draw(world, number))
