"""Batch scoring with the live routing: requests in, rows of the inference log out.

Each batch is one transaction that writes the live version's rows and those of every shadow, so a
killed run leaves whole batches and goes on where it stopped. On Spark the executors score
(`jobs.serving.executors`).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from jobs.config.model import Monitor
from jobs.control import ControlStore
from jobs.dbt import Relations
from jobs.errors import ConfigurationError, NothingToDo, WarehouseError
from jobs.paths import Paths
from jobs.serving.pending import pending
from jobs.training.artifact import ServingModel, load
from jobs.warehouse import Warehouse
from jobs.warehouse.spark import SparkWarehouse

BATCH_ROWS = 50_000


@dataclass(frozen=True)
class Scored:
    """What a scoring run did."""

    monitor: str
    live_version: str
    shadow_versions: tuple[str, ...]
    rows: int


def score(
    paths: Paths,
    relations: Relations,
    monitor: Monitor,
    as_of: date,
    progress: Callable[[int], None] | None = None,
    connect: Callable[[], AbstractContextManager[Warehouse]] | None = None,
) -> Scored:
    """Score every request up to the end of `as_of` that the live version has not answered.

    Shadow versions score the same requests, never ones they were trained on. Raises NothingToDo
    without a live version and ConfigurationError without a relation of requests.
    """
    if monitor.requests is None:
        raise ConfigurationError(
            f"monitors.{monitor.name}.requests: found nothing; expected the relation to score"
        )
    control = ControlStore.of(paths)
    live = control.live_version(monitor.name)
    if live is None:
        raise NothingToDo(f"{monitor.name}: no version is live; run `driftline run` to train one")
    shadows = control.shadow_versions(monitor.name)
    models = {
        version: load(paths.artifacts / monitor.name / version) for version in (live, *shadows)
    }
    if shadows and monitor.columns.is_shadow is None:
        raise ConfigurationError(
            f"monitors.{monitor.name}.columns.is_shadow: found nothing; expected the column of the "
            f"log that marks shadow rows, because {', '.join(shadows)} runs in shadow"
        )
    requests = relations.configured(monitor.requests)
    log = relations.configured(monitor.inferences)
    total = 0
    with (connect or (lambda: Warehouse.open(paths)))() as warehouse:
        if isinstance(warehouse, SparkWarehouse):
            from jobs.serving.executors import score_on_executors

            total = score_on_executors(
                warehouse, monitor, requests, log, as_of, models, live, progress
            )
            return Scored(monitor.name, live, shadows, total)
        while (batch := _pending(warehouse, monitor, requests, log, as_of)).height:
            with warehouse.transaction():
                if not _write(warehouse, monitor, log, batch, live, models[live], False):
                    raise WarehouseError(
                        f"{log}: none of {batch.height} rows of {live} could be appended because "
                        "rows of the same id and version are there as shadow rows; remove them"
                    )
                for version in shadows:
                    _write(warehouse, monitor, log, batch, version, models[version], True)
            total += batch.height
            if progress:
                progress(total)
    return Scored(monitor.name, live, shadows, total)


def _pending(
    warehouse: Warehouse, monitor: Monitor, requests: str, log: str, as_of: date
) -> pl.DataFrame:
    """The next requests without an answer, oldest first, with features as arrays."""
    query = pending(warehouse, monitor, requests, log)
    return warehouse.frame(
        f"{query.sql} order by {query.predicted}, {query.identity} limit {BATCH_ROWS}",
        [as_of + timedelta(days=1)],
    ).unique(subset=monitor.columns.id, keep="last", maintain_order=True)


def _write(
    warehouse: Warehouse,
    monitor: Monitor,
    log: str,
    batch: pl.DataFrame,
    version: str,
    model: ServingModel,
    is_shadow: bool,
) -> int:
    """Append a version's rows of a batch to the log; return how many."""
    columns = monitor.columns
    if is_shadow:
        trained_to = date.fromisoformat(str(model.facts["train_to"]))
        batch = batch.filter(pl.col(columns.predicted_at).cast(pl.Date) > trained_to)
    scored = batch.with_columns(
        pl.Series(columns.score, model.predict(batch), dtype=pl.Float64),
        pl.lit(version).alias(columns.model_version),
    )
    if columns.is_shadow:
        scored = scored.with_columns(pl.lit(is_shadow).alias(columns.is_shadow))
    if columns.loaded_at and columns.loaded_at not in scored.columns:
        scored = scored.with_columns(pl.col(columns.predicted_at).alias(columns.loaded_at))
    wanted = list(warehouse.columns(log))
    missing = [name for name in wanted if name not in scored.columns]
    filled = scored.with_columns([pl.lit(None).alias(name) for name in missing]).select(wanted)
    return warehouse.append_new(log, filled, [columns.id, columns.model_version])
