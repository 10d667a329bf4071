"""The estimation job: learn what predictions are off by, write what to expect of new ones."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import polars as pl

from jobs.attribution.folds import Trees
from jobs.attribution.question import Span
from jobs.attribution.run import Connect
from jobs.config.model import Monitor
from jobs.estimation.error_model import METRICS, ErrorModel
from jobs.estimation.question import WINDOWS, Question
from jobs.estimation.records import KEY, SCHEMA, TABLE
from jobs.estimation.rows import Current, fetch_current, fetch_reference
from jobs.training.dataset import data_hash

LEAST_SPREAD = 30
"""A loss that fewer rows have nearly all of is theirs, and nothing to be expected of others."""
Row = dict[str, object]


@dataclass(frozen=True)
class EstimationPlan:
    """What a policy may choose."""

    max_rows: int = 20_000
    """Most rows of the reference, and of the windows, that are fetched."""
    min_rows: int = 100
    """Fewer labelled rows teach nothing, and fewer rows of a window say nothing."""
    trees: Trees = field(default_factory=Trees)


def estimate(
    connect: Connect,
    monitor: Monitor,
    question: Question,
    plan: EstimationPlan | None = None,
) -> pl.DataFrame:
    """Estimate MAE and RMSE of the question's windows; returns what was written.

    No connection is open while the model is fitted. All rows are written together under keys of
    the question; nothing but `recorded_at` is drawn from the clock, so doing it again writes the
    same rows.
    """
    plan = plan or EstimationPlan()
    rows = pl.DataFrame(list(_rows(connect, monitor, question, plan)), schema=dict(SCHEMA))
    with connect() as warehouse:
        warehouse.replace(TABLE, rows, list(KEY))
    return rows


def told(question: Question, rows: pl.DataFrame) -> str:
    """What was written, in a line for people: the newest window of a week, or why it has none."""
    newest = rows.filter(
        pl.col("model_version") == question.model_version,
        pl.col("metric_date") == question.days[-1],
        pl.col("segment_name") == "overall",
        pl.col("window_days") == 7,
    )
    notes = newest["note"].drop_nulls().unique(maintain_order=True).to_list()
    return f"7 days to {question.days[-1]}: {'; '.join(notes) or 'too few rows'}"


def _rows(
    connect: Connect, monitor: Monitor, question: Question, plan: EstimationPlan
) -> Iterator[Row]:
    span = question.reference
    if not isinstance(span, Span):
        yield from _refused(question, {"status": "no_reference", "note": span})
        return
    with connect() as warehouse:
        reference = fetch_reference(warehouse, question, span, plan.max_rows)
        current = fetch_current(warehouse, question, span, plan.max_rows)
    learned: Row = {
        "reference_from": span.first,
        "reference_to": span.last,
        "reference_rows": reference.height,
    }
    if reference.height < max(plan.min_rows, 2):
        note = (
            f"{reference.height} labelled rows; at least {plan.min_rows} are needed to learn from"
        )
        yield from _refused(question, learned | {"status": "insufficient_data", "note": note})
        return
    model = ErrorModel.fit(reference, monitor.numeric, monitor.categorical, plan.trees)
    learned |= {"seed": plan.trees.seed, "reference_hash": data_hash(reference)}
    yield from _estimated(monitor, question, plan, current, model, span.last, learned)


def _estimated(
    monitor: Monitor,
    question: Question,
    plan: EstimationPlan,
    current: Current,
    model: ErrorModel,
    reference_to: date,
    learned: Row,
) -> Iterator[Row]:
    predicted, day = model.predict(current.frame), current.day
    for group in current.groups(monitor):
        for last in question.days:
            for window_days in WINDOWS:
                first = last - timedelta(days=window_days - 1)
                counts = current.of(group, first, last)
                if counts.is_empty():
                    continue
                key = _key(question, last, window_days) | {
                    "model_version": group.model_version,
                    "segment_name": group.segment_name,
                    "segment_value": group.segment_value,
                    "window_rows": int(counts["all_rows"].sum()),
                }
                inside = group.mask & (day >= first.toordinal()) & (day <= last.toordinal())
                scored, sampled = int(counts["scored_rows"].sum()), int(inside.sum())
                problem = None
                if first <= reference_to:
                    problem = "it begins on a day that the errors were learned from"
                elif group.model_version == "serving" and not _answered_all(current, first, last):
                    problem = f"{question.model_version} did not answer all of it"
                elif not sampled:
                    problem = "none of its rows was sampled"
                for metric in METRICS:
                    row = key | learned | {
                        "metric_name": metric,
                        "sampled_rows": sampled,
                        "reference_value": model.reference[metric],
                        "status": "insufficient_data",
                        "note": problem,
                    }  # fmt: skip
                    if problem is None:
                        found = model.estimate(
                            metric, predicted[metric][inside], day[inside], scored
                        )
                        lower, upper = found.bounds
                        row |= {
                            "estimated_value": found.value,
                            "standard_error": found.standard_error,
                            "lower_bound": lower,
                            "upper_bound": upper,
                            "note": f"{metric} {found.value:.6g}, {lower:.6g} to {upper:.6g}; "
                            f"{model.reference[metric]:.6g} in the reference",
                        }
                        spread = model.losses[metric].effective_rows
                        if spread < LEAST_SPREAD:
                            row["note"] = f"the reference has {metric} of some {spread:.0f} rows"
                        elif sampled >= plan.min_rows:
                            row["status"] = "estimated"
                    yield dict.fromkeys(SCHEMA) | row


def _answered_all(current: Current, first: date, last: date) -> bool:
    """Whether all rows that were answered in a window are the version's own."""
    inside = current.counts.filter(
        pl.col("segment_name") == "overall", pl.col("metric_date").is_between(first, last)
    )
    by_version = dict(inside.group_by("model_version").agg(pl.col("answered_rows").sum()).rows())
    return by_version.get("serving") == by_version.get(current.version)


def _refused(question: Question, why: Row) -> Iterator[Row]:
    """A row for each window of all rows that says why it has no estimate."""
    for last in question.days:
        for window_days in WINDOWS:
            for metric in METRICS:
                for version in (question.model_version, "serving"):
                    yield dict.fromkeys(SCHEMA) | _key(question, last, window_days) | {
                        "model_version": version,
                        "segment_name": "overall",
                        "segment_value": "all",
                        "metric_name": metric,
                    } | why  # fmt: skip


def _key(question: Question, last: date, window_days: int) -> Row:
    return {
        "monitor": question.monitor,
        "metric_date": last,
        "window_days": window_days,
        "as_of": question.as_of,
        "recorded_at": datetime.now(UTC).replace(tzinfo=None),
    }
