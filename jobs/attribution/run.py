"""The attribution job: fetch rows, tell data drift from concept drift, write the verdicts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

import polars as pl

from jobs.attribution.decompose import decompose
from jobs.attribution.folds import Trees
from jobs.attribution.losses import TASK_LOSS, RowLoss
from jobs.attribution.null_band import NullBand, null_band
from jobs.attribution.question import AttributionWarehouse, Question, Span
from jobs.attribution.records import KEY, TABLE, Verdict, known_band, verdict_rows
from jobs.attribution.rows import Judged, fetch
from jobs.config.model import Monitor
from jobs.training.dataset import Encoder, data_hash
from jobs.warehouse import sql_text

Connect = Callable[[], AbstractContextManager[AttributionWarehouse]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class AttributionPlan:
    """What a policy or the command line may choose."""

    window_days: int = 7
    max_rows: int = 60_000
    """Most rows of each side that are fetched."""
    min_rows: int = 200
    """Fewer rows of a side say nothing."""
    interval_days: int = 7
    """Days between two judgements while performance is in order."""
    trees: Trees = field(default_factory=Trees)


@dataclass(frozen=True)
class _Sides:
    """Rows of the window and of each reference that can be judged."""

    current: Judged
    references: dict[str, Judged]
    bands: dict[str, NullBand]
    """Null bands known from earlier runs, by the hash of the reference's rows."""


def attribute(
    connect: Connect,
    monitor: Monitor,
    question: Question,
    plan: AttributionPlan | None = None,
    say: Say | None = None,
) -> list[Verdict]:
    """Judge the question's window against its references and write `drift_attributions`.

    No connection is open while models are fitted. All verdicts are written together, under a key
    of the question; nothing is drawn from the clock, so doing it again writes the same rows.
    """
    plan, say = plan or AttributionPlan(), say or _quiet
    loss = TASK_LOSS[monitor.task]
    with connect() as warehouse:
        sides = _fetch(warehouse, question, loss, plan)
    verdicts: list[Verdict] = []
    for reference in question.references:
        twin = next((one for one in verdicts if _is_same(question, one.reference, reference)), None)
        if twin is not None:  # a version without a registration is compared with its first weeks
            verdicts.append(replace(twin, reference=reference))
            continue
        verdict = _judge(monitor, question, reference, sides, loss.name, plan, say)
        verdicts.append(verdict)
        say(f"{monitor.name}: {reference}: {verdict.note}")
    with connect() as warehouse:
        warehouse.replace(TABLE, verdict_rows(question, verdicts), list(KEY))
    return verdicts


def _fetch(
    warehouse: AttributionWarehouse, question: Question, loss: RowLoss, plan: AttributionPlan
) -> _Sides:
    current = fetch(warehouse, question, question.window, loss, plan.max_rows)
    references = {
        name: fetch(warehouse, question, span, loss, plan.max_rows)
        for name, span in question.references.items()
        if isinstance(span, Span) and question.too_short is None
    }
    written = warehouse.frame(
        f"""
        select
            reference_hash, null_blocks, domain_auc_null_lower, domain_auc_null_upper,
            mix_null_bound, change_null_bound
        from {TABLE}
        where monitor = {sql_text(question.monitor)} and window_days = {question.window_days}
            and metric_name = {sql_text(loss.name)} and seed = {plan.trees.seed}
            and null_blocks is not null
        """
    )
    bands = {str(row["reference_hash"]): known_band(row) for row in written.to_dicts()}
    return _Sides(current, references, bands)


def _judge(
    monitor: Monitor,
    question: Question,
    reference: str,
    sides: _Sides,
    metric_name: str,
    plan: AttributionPlan,
    say: Say,
) -> Verdict:
    span = question.references[reference]
    if isinstance(span, str):
        return Verdict(reference, "no_reference", span, metric_name)
    if question.too_short is not None:
        return Verdict(reference, "insufficient_data", question.too_short, metric_name, span)
    current, past = sides.current, sides.references[reference]
    seen = Verdict(
        reference, "insufficient_data", "", metric_name, span, current.row_count, past.row_count,
        current.frame.height, past.frame.height,
    )  # fmt: skip
    least = min(current.frame.height, past.frame.height)
    if least < plan.min_rows or current.mean_loss is None or past.mean_loss is None:
        note = (
            f"{current.frame.height} labelled rows against {past.frame.height}; at least "
            f"{plan.min_rows} of each are needed"
        )
        return replace(seen, note=note)
    both = pl.concat([current.frame, past.frame])
    encoder = Encoder.fit(both, monitor.numeric, monitor.categorical)
    categorical = tuple(encoder.categorical_positions)
    parts = decompose(current.rows(encoder), past.rows(encoder), categorical, plan.trees).of_all(
        current.mean_loss, past.mean_loss
    )
    reference_hash = data_hash(past.frame)
    band = sides.bands.get(reference_hash)
    if band is None:
        own = Encoder.fit(past.frame, monitor.numeric, monitor.categorical)
        band = null_band(
            past.rows(own), question.window_days, categorical, plan.trees,
            lambda done, of: say(f"{monitor.name}: {reference}: null band, block {done} of {of}"),
        )  # fmt: skip
    note = (
        f"{metric_name} changed by {parts.total:+.4g}: mix {parts.mix:+.4g}, concept "
        f"{parts.concept:+.4g}, out of support {parts.outside:+.4g}"
    )
    return replace(
        seen,
        status="judged",
        note=note,
        parts=parts,
        band=band,
        seed=plan.trees.seed,
        data_hash=data_hash(both),
        reference_hash=reference_hash,
    )


def _is_same(question: Question, one: str, other: str) -> bool:
    spans = question.references
    return isinstance(spans[one], Span) and spans[one] == spans[other]


def _quiet(_: str) -> None:
    """Say nothing."""
