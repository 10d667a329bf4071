"""Scoring on Spark: the executors read the requests, score them and write the log.

No row passes through this process. Requests are taken day by day, in groups of whole days; a
killed run has finished whole groups, or a part of one, and goes on with what has no answer.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from jobs.config.model import Monitor
from jobs.errors import WarehouseError
from jobs.serving.arrow_scores import LISTS, ArrowScores
from jobs.serving.pending import DAY, MOMENT, Pending
from jobs.serving.routing import Routes
from jobs.training.artifact import ServingModel
from jobs.warehouse.base import real_name, sql_text
from jobs.warehouse.spark import SparkWarehouse

GROUP_ROWS = 2_000_000
TAG = "driftline-score"
"""Under which Spark's pages list what scores."""


def score_on_executors(
    warehouse: SparkWarehouse,
    monitor: Monitor,
    log: str,
    query: Pending,
    as_of: date,
    routes: Routes,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Score the requests up to the end of `as_of` with every model; return how many there were.

    The live version is written last: only its rows count as an answer. The executors need this
    package and its dependencies; a function as large as a model reaches them as a broadcast.
    Raises WarehouseError when requests have no answer in the end.
    """
    total = 0
    for first, last, row_count in _groups(warehouse, query, as_of):
        routing = routes.now()
        for version, model in routing.models.items():
            _append(warehouse, monitor, log, query, first, last, version, model,
                    is_shadow=version != routing.live)  # fmt: skip
        total += row_count
        if progress:
            progress(total)
    if left := sum(rows for _, _, rows in _groups(warehouse, query, as_of)):
        raise WarehouseError(
            f"{log}: {left} requests have no answer after their answers were appended; "
            f"compare the type of {monitor.columns.id} in both relations"
        )
    return total


def _groups(
    warehouse: SparkWarehouse, query: Pending, as_of: date
) -> Sequence[tuple[date, date, int]]:
    """(first day, last day, requests) of groups of days with at most GROUP_ROWS, or one day."""
    days = warehouse.frame(
        f"""
        select {DAY} as day, count(distinct {warehouse.quoted(query.identity)}) as row_count
        from ({query.sql}) as pending
        group by 1
        order by 1
        """,
        [as_of + timedelta(days=1)],
    )
    groups: list[tuple[date, date, int]] = []
    for day, row_count in days.iter_rows():
        if groups and groups[-1][2] + row_count <= GROUP_ROWS:
            first, _, rows = groups.pop()
            groups.append((first, day, rows + row_count))
        else:
            groups.append((day, day, row_count))
    return groups


def _append(
    warehouse: SparkWarehouse,
    monitor: Monitor,
    log: str,
    query: Pending,
    first: date,
    last: date,
    version: str,
    model: ServingModel,
    is_shadow: bool,
) -> None:
    """Append a version's rows of some days to the log, those left out that it has already."""
    columns, logged = monitor.columns, warehouse.columns(log)
    if is_shadow:
        # A shadow never scores the days it was trained on.
        trained_to = date.fromisoformat(str(model.facts["train_to"]))
        first = max(first, trained_to + timedelta(days=1))
        if first > last:
            return
    identity, predicted = (warehouse.quoted(one) for one in (query.identity, query.predicted))
    answered = "1 = 0"
    if is_shadow:  # of the live version those that are there have no request in the query
        same_id, same_version = (
            f"log.{warehouse.quoted(real_name(name, logged))}"
            for name in (columns.id, columns.model_version)
        )
        answered = f"{same_id} = ranked.{identity} and {same_version} = {sql_text(version)}"
    rows = warehouse.query(
        f"""
        with ranked as (
            select
                pending.*,
                row_number() over (partition by {identity} order by {predicted} desc)
                    as driftline_copy
            from ({query.sql}) as pending
            where {DAY} >= ?
        )

        select * from ranked
        where driftline_copy = 1 and not exists (select 1 from {log} as log where {answered})
        """,
        [last + timedelta(days=1), first],
    )
    score = real_name(columns.score, logged)
    given: dict[str, Any] = {real_name(columns.model_version, logged): version}
    if columns.is_shadow:
        given[real_name(columns.is_shadow, logged)] = is_shadow
    rows = rows.drop("driftline_copy", DAY, MOMENT, score, *given)
    schema = rows.drop(*LISTS).schema.add(score, "double")
    scored = rows.mapInArrow(ArrowScores(model, score), schema)
    instead = {}
    if columns.loaded_at:
        instead[real_name(columns.loaded_at, logged)] = query.predicted
    with warehouse.tagged(TAG):
        warehouse.append_rows(log, scored, given, instead)
