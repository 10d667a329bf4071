"""Batch scoring with the live routing: requests in, rows of the inference log out.

Each batch is one transaction that writes the live version's rows and those of every shadow, so a
killed run leaves whole batches and goes on where it stopped. Who serves is asked anew before each:
a rollback meanwhile holds from the next batch on. On Spark the executors score
(`jobs.serving.executors`).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from jobs.config.model import Monitor
from jobs.control import ControlStore
from jobs.dbt import Relations
from jobs.errors import ConfigurationError, WarehouseError
from jobs.paths import Paths
from jobs.serving.pending import DAY, MOMENT, Pending, pending
from jobs.serving.routing import Routes
from jobs.training.artifact import ServingModel
from jobs.warehouse import Warehouse
from jobs.warehouse.base import real_name
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
    control: ControlStore | None = None,
) -> Scored:
    """Score every request up to the end of `as_of` that the live version has not answered.

    Shadow versions score the same requests, never ones they were trained on. Raises NothingToDo
    without a live version and ConfigurationError without a relation of requests.
    """
    if monitor.requests is None:
        raise ConfigurationError(
            f"monitors.{monitor.name}.requests: found nothing; expected the relation to score"
        )
    routes = Routes(paths, control or ControlStore.of(paths), monitor)
    routing = routes.now()
    requests = relations.configured(monitor.requests)
    log = relations.configured(monitor.inferences)
    total = appended = 0
    with (connect or (lambda: Warehouse.open(paths)))() as warehouse:
        if isinstance(warehouse, SparkWarehouse):
            from jobs.serving.executors import score_on_executors

            query = pending(warehouse, monitor, requests, log)
            total = score_on_executors(warehouse, monitor, log, query, as_of, routes, progress)
            routing = routes.now()
            return Scored(monitor.name, routing.live, routing.shadows, total)
        # A literal: with a parameter PostgreSQL's driver holds all rows at once.
        too_late = f"cast('{as_of + timedelta(days=1)}' as date)"
        query = pending(warehouse, monitor, requests, log, too_late)
        for batch in _batches(warehouse, query):
            routing = routes.now()
            with warehouse.transaction():
                for version, model in routing.models.items():
                    is_live = version == routing.live
                    rows = _write(warehouse, monitor, log, query, batch, version, model, is_live)
                    appended += rows * is_live
            total += batch.height
            if progress:
                progress(total)
    if total and not appended:
        raise WarehouseError(
            f"{log}: none of the answers to {total} requests could be appended, because rows of "
            f"the same {monitor.columns.id} and version are there, and yet do not count as answers;"
            f" compare the type of {monitor.columns.id} in both relations"
        )
    return Scored(monitor.name, routing.live, routing.shadows, total)


def _batches(warehouse: Warehouse, query: Pending) -> Iterator[pl.DataFrame]:
    """The requests without an answer, oldest first, with features as arrays."""
    order = ", ".join(warehouse.quoted(name) for name in (query.predicted, query.identity))
    for batch in warehouse.batches(f"{query.sql} order by {order}", BATCH_ROWS):
        yield batch.unique(subset=query.identity, keep="last", maintain_order=True)


def _write(
    warehouse: Warehouse,
    monitor: Monitor,
    log: str,
    query: Pending,
    batch: pl.DataFrame,
    version: str,
    model: ServingModel,
    is_live: bool,
) -> int:
    """Append a version's rows of a batch to the log; return how many.

    Columns go by the log's spelling; those that requests lack take their default there.
    """
    columns, logged = monitor.columns, warehouse.columns(log)
    if not is_live:
        # A shadow never scores the days it was trained on.
        trained_to = date.fromisoformat(str(model.facts["train_to"]))
        batch = batch.filter(pl.col(DAY) > trained_to)
    rows = batch.with_columns(pl.col(MOMENT).alias(query.predicted))
    rows = rows.rename({name: real_name(name, logged) for name in rows.columns})
    given: dict[str, Any] = {
        columns.score: pl.Series(model.predict(batch), dtype=pl.Float64),
        columns.model_version: pl.lit(version),
    }
    if columns.is_shadow:
        given[columns.is_shadow] = pl.lit(not is_live)
    rows = rows.with_columns(
        values.alias(real_name(name, logged)) for name, values in given.items()
    )
    if columns.loaded_at and (loaded := real_name(columns.loaded_at, logged)) not in rows.columns:
        rows = rows.with_columns(pl.col(real_name(query.predicted, logged)).alias(loaded))
    # One live answer, whichever version gives it; of the shadows one each.
    key = [columns.id, *([columns.model_version] if not is_live else [])]
    key += [columns.is_shadow] if columns.is_shadow else []
    return warehouse.append_new(
        log,
        rows.select(name for name in logged if name in rows.columns),
        [real_name(name, logged) for name in key],
        partly=True,
    )
