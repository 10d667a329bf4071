"""The drift job: sample rows, ask what the model decides by and whether they can be told apart."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from jobs.attribution.folds import Trees
from jobs.attribution.question import AttributionWarehouse, Question, Span
from jobs.config.model import Monitor
from jobs.drift.classifier import Null, learn_null, tell
from jobs.drift.records import (
    CLASSIFICATIONS,
    CLASSIFICATIONS_SCHEMA,
    CONTRIBUTIONS,
    CONTRIBUTIONS_SCHEMA,
    KEY,
    Compared,
    Limits,
    frame_of,
    known_null,
)
from jobs.drift.rows import fetch, sample
from jobs.drift.shares import Contributions, compare
from jobs.training.artifact import ServingModel, load
from jobs.training.dataset import Encoder, data_hash, day_ordinals
from jobs.warehouse import sql_text

Connect = Callable[[], AbstractContextManager[AttributionWarehouse]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class DriftPlan:
    """What a policy or the command line may choose."""

    window_days: int = 7
    max_rows: int = 5_000
    """Most rows of each side that are looked at."""
    min_rows: int = 200
    """Fewer rows of a side say nothing."""
    interval_days: int = 7
    limits: Limits = field(default_factory=Limits)
    trees: Trees = field(default_factory=lambda: Trees(rounds=50))


@dataclass(frozen=True)
class Found:
    """What the job wrote: a comparison for each reference, and whether a model was looked into."""

    compared: list[Compared]
    not_applicable: str | None
    """Why no contributions were asked for, None where they were."""
    limits: Limits

    def lines(self) -> list[str]:
        """What was found, for people."""
        told = []
        for one in self.compared:
            told.append(f"{one.reference}: rows {one.drift_status(self.limits)}: {one.note}")
            if self.not_applicable is None and one.shares is not None:
                told.append(
                    f"{one.reference}: contributions {one.contribution_status(self.limits)}: "
                    f"{one.shares.moved:.1%} of the deciding moved to other features"
                )
        if self.not_applicable is not None:
            told.append(f"contributions not applicable: {self.not_applicable}")
        return told

    def results(self) -> dict[str, object]:
        """The same for programs: what both tables hold, but for the single features."""
        return {
            "not_applicable": self.not_applicable,
            "references": {
                one.reference: {
                    "status": one.drift_status(self.limits),
                    "note": one.note,
                    "domain_auc": one.told and one.told.auc,
                    "p_value": one.p_value,
                    "contributions": one.contribution_status(self.limits),
                    "share_moved": one.shares and one.shares.moved,
                    "ndcg": one.shares and one.shares.ndcg,
                }
                for one in self.compared
            },
        }


@dataclass(frozen=True)
class _Sides:
    current: pl.DataFrame
    references: Mapping[str, pl.DataFrame]
    nulls: Mapping[str, Null]
    """Nulls known from earlier runs, by the hash of the reference's rows."""


def look(
    connect: Connect,
    monitor: Monitor,
    question: Question,
    artifacts: Path,
    plan: DriftPlan | None = None,
    say: Say | None = None,
) -> Found:
    """Compare the question's window with its references and write both tables of the job.

    No connection is open while models are fitted. A question's rows are written together under its
    key; nothing is drawn from the clock, so doing it again writes the same rows. Raises
    ArtifactError where the live version is registered and its files are not there as registered.
    """
    plan, say = plan or DriftPlan(), say or _quiet
    with connect() as warehouse:
        sides = _fetch(warehouse, question, plan)
        checksum = _registered(warehouse, question)
    model = None
    reason: str | None = f"no job trained {question.model_version}"
    if checksum is not None:
        model = load(artifacts / question.monitor / question.model_version, checksum)
        reason = _unfit(model, monitor)
    model = None if reason else model
    compared: list[Compared] = []
    for reference, span in question.references.items():
        twin = next((one for one in compared if isinstance(span, Span) and one.span == span), None)
        if twin is not None:
            compared.append(replace(twin, reference=reference))
        else:
            compared.append(_compare(monitor, question, reference, sides, model, plan, say))
    _write(connect, monitor, question, compared, model, plan.limits)
    return Found(compared, reason, plan.limits)


def _fetch(warehouse: AttributionWarehouse, question: Question, plan: DriftPlan) -> _Sides:
    references = {
        name: fetch(warehouse, question.monitor, span, plan.max_rows)
        for name, span in question.references.items()
        if isinstance(span, Span) and question.too_short is None
    }
    written = warehouse.frame(
        f"""
        select reference_hash, null_blocks, null_block_rows, null_mean, null_stddev
        from {CLASSIFICATIONS}
        where monitor = {sql_text(question.monitor)} and window_days = {question.window_days}
            and seed = {plan.trees.seed} and null_blocks is not null
        """
    )
    return _Sides(
        current=fetch(warehouse, question.monitor, question.window, plan.max_rows),
        references=references,
        nulls={str(row["reference_hash"]): known_null(row) for row in written.to_dicts()},
    )


def _registered(warehouse: AttributionWarehouse, question: Question) -> str | None:
    """The checksum of the live version's artifact, None where no job trained it."""
    found = warehouse.frame(
        f"""
        select artifact_sha256 from driftline_jobs.model_versions
        where monitor = {sql_text(question.monitor)}
            and model_version = {sql_text(question.model_version)}
        """
    )
    return None if found.is_empty() else str(found.item(0, 0))


def _unfit(model: ServingModel, monitor: Monitor) -> str | None:
    """Why the logged features are not those of the model, None where they are."""
    encoder = model.encoder
    if (encoder.numeric, encoder.categorical) == (monitor.numeric, monitor.categorical):
        return None
    return (
        f"it was trained on {', '.join(encoder.feature_names)}, and the log is read for "
        f"{', '.join(monitor.features)}"
    )


def _compare(
    monitor: Monitor,
    question: Question,
    reference: str,
    sides: _Sides,
    model: ServingModel | None,
    plan: DriftPlan,
    say: Say,
) -> Compared:
    span = question.references[reference]
    if isinstance(span, str):
        return Compared(reference, span)
    if question.too_short is not None:
        return Compared(reference, question.too_short, span)
    current, past = sides.current, sides.references[reference]
    seen = Compared(reference, "", span, current.height, past.height)
    if min(current.height, past.height) < plan.min_rows:
        note = (
            f"{current.height} rows against {past.height}; at least {plan.min_rows} of each are "
            "needed"
        )
        return replace(seen, note=note)
    both = pl.concat([current, past])
    encoder = Encoder.fit(both, monitor.numeric, monitor.categorical)
    categorical = tuple(encoder.categorical_positions)
    then = sample(past, encoder)
    told = tell(sample(current, encoder), then, categorical, plan.trees)
    reference_hash = data_hash(past)
    null = sides.nulls.get(reference_hash)
    if null is None:
        own = sample(past, Encoder.fit(past, monitor.numeric, monitor.categorical))
        null = learn_null(
            own, question.window_days, categorical, plan.trees,
            lambda done, of: say(f"{monitor.name}: {reference}: null, block {done} of {of}"),
        )  # fmt: skip
    found = replace(
        seen,
        told=told,
        null=null,
        shares=None
        if model is None
        else compare(contributions(model, current), contributions(model, past)),
        seed=plan.trees.seed,
        data_hash=data_hash(both),
        reference_hash=reference_hash,
    )
    limit = null.quantile(0.99, current.height, past.height)
    beside = "no null: too few days" if limit is None else f"99 % without drift below {limit:.3f}"
    return replace(found, note=f"told apart with an AUC of {told.auc:.3f}; {beside}")


def contributions(model: ServingModel, rows: pl.DataFrame) -> Contributions:
    """Contributions of each feature to the log odds that the version serves, of every row.

    With the expected value, which is left out, they add up to the calibrated log odds.
    """
    features = model.encoder.transform(rows)
    found = np.asarray(model.booster.predict(features, pred_contrib=True), dtype=np.float64)
    return Contributions(
        values=model.calibration.slope * found[:, :-1],
        day=day_ordinals(rows["metric_date"]),
    )


def _write(
    connect: Connect,
    monitor: Monitor,
    question: Question,
    compared: list[Compared],
    model: ServingModel | None,
    limits: Limits,
) -> None:
    names = monitor.features
    together = [one.classified(question, names, limits) for one in compared]
    by_feature = [row for one in compared for row in one.contributed(question, names, limits)]
    with connect() as warehouse:
        if model is not None:
            frame = frame_of(by_feature, CONTRIBUTIONS_SCHEMA)
            warehouse.replace(CONTRIBUTIONS, frame, list(KEY))
        frame = frame_of(together, CLASSIFICATIONS_SCHEMA)
        warehouse.replace(CLASSIFICATIONS, frame, list(KEY))


def _quiet(_: str) -> None:
    """Say nothing."""
