"""What the job leaves in the warehouse, in the declared order of columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from jobs.attribution.decompose import Decomposition
from jobs.attribution.null_band import NullBand
from jobs.attribution.question import AttributionWarehouse, Question, Span, date_sql
from jobs.warehouse import sql_text

TABLE = "driftline_jobs.drift_attributions"
KEY = (
    "monitor", "metric_date", "window_days", "reference", "metric_name", "feature_name", "as_of",
)  # fmt: skip
JOINT = "joint"
Status = Literal["judged", "insufficient_data", "no_reference"]
SCHEMA: Mapping[str, type[pl.DataType]] = {
    "monitor": pl.String,
    "model_version": pl.String,
    "metric_date": pl.Date,
    "window_days": pl.Int32,
    "reference": pl.String,
    "metric_name": pl.String,
    "feature_name": pl.String,
    "as_of": pl.Date,
    "status": pl.String,
    "note": pl.String,
    "reference_from": pl.Date,
    "reference_to": pl.Date,
    "reference_traffic": pl.String,
    "current_rows": pl.Int64,
    "reference_rows": pl.Int64,
    "sampled_current_rows": pl.Int64,
    "sampled_reference_rows": pl.Int64,
    "current_loss": pl.Float64,
    "reference_loss": pl.Float64,
    "total_change": pl.Float64,
    "mix_effect": pl.Float64,
    "mix_standard_error": pl.Float64,
    "concept_effect": pl.Float64,
    "out_of_support_effect": pl.Float64,
    "out_of_support_share": pl.Float64,
    "effective_rows": pl.Float64,
    "domain_auc": pl.Float64,
    "domain_auc_null_lower": pl.Float64,
    "domain_auc_null_upper": pl.Float64,
    "mix_null_bound": pl.Float64,
    "change_null_bound": pl.Float64,
    "null_blocks": pl.Int32,
    "seed": pl.Int32,
    "data_hash": pl.String,
    "reference_hash": pl.String,
    "recorded_at": pl.Datetime,
}


@dataclass(frozen=True)
class Verdict:
    """The answer for one reference; without `parts` the status and note say why there is none."""

    reference: str
    status: Status
    note: str
    metric_name: str
    span: Span | None = None
    current_rows: int | None = None
    reference_rows: int | None = None
    sampled_current_rows: int | None = None
    sampled_reference_rows: int | None = None
    parts: Decomposition | None = None
    band: NullBand | None = None
    seed: int = 0
    data_hash: str | None = None
    reference_hash: str | None = None


def verdict_rows(question: Question, verdicts: Sequence[Verdict]) -> pl.DataFrame:
    """One row per verdict."""
    return pl.DataFrame([_row(question, one) for one in verdicts], schema=dict(SCHEMA))


def _row(question: Question, verdict: Verdict) -> dict[str, object]:
    span, parts, band = verdict.span, verdict.parts, verdict.band
    row: dict[str, object] = dict.fromkeys(SCHEMA) | {
        "monitor": question.monitor,
        "model_version": question.model_version,
        "metric_date": question.metric_date,
        "window_days": question.window_days,
        "reference": verdict.reference,
        "metric_name": verdict.metric_name,
        "feature_name": JOINT,
        "as_of": question.as_of,
        "status": verdict.status,
        "note": verdict.note,
        "current_rows": verdict.current_rows,
        "reference_rows": verdict.reference_rows,
        "sampled_current_rows": verdict.sampled_current_rows,
        "sampled_reference_rows": verdict.sampled_reference_rows,
        "seed": verdict.seed,
        "data_hash": verdict.data_hash,
        "reference_hash": verdict.reference_hash,
        "recorded_at": datetime.now(UTC).replace(tzinfo=None),
    }
    if span is not None:
        row |= {
            "reference_from": span.first,
            "reference_to": span.last,
            "reference_traffic": span.traffic,
        }
    if parts is not None:
        row |= {
            "current_loss": parts.current_loss,
            "reference_loss": parts.reference_loss,
            "total_change": parts.total,
            "mix_effect": parts.mix,
            "mix_standard_error": parts.mix_error,
            "concept_effect": parts.concept,
            "out_of_support_effect": parts.outside,
            "out_of_support_share": parts.outside_share,
            "effective_rows": parts.effective_rows,
            "domain_auc": parts.domain_auc,
        }
    if band is not None:
        row |= {
            "domain_auc_null_lower": band.auc_lower,
            "domain_auc_null_upper": band.auc_upper,
            "mix_null_bound": band.mix_bound,
            "change_null_bound": band.change_bound,
            "null_blocks": band.block_count,
        }
    return row


def known_band(row: Mapping[str, object]) -> NullBand:
    """The null band of a row that was written before."""
    return NullBand(
        block_count=int(str(row["null_blocks"])),
        auc_lower=_number(row["domain_auc_null_lower"]),
        auc_upper=_number(row["domain_auc_null_upper"]),
        mix_bound=_number(row["mix_null_bound"]),
        change_bound=_number(row["change_null_bound"]),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def verdicts_said(warehouse: AttributionWarehouse, question: Question) -> dict[str, str]:
    """The verdict of drift_attribution on each reference, once it was built after the job."""
    rows = warehouse.frame(
        f"""
        select reference, verdict from driftline.drift_attribution
        where monitor = {sql_text(question.monitor)} and feature_name = '{JOINT}'
            and model_version = {sql_text(question.model_version)}
            and metric_date = {date_sql(question.metric_date)}
            and window_days = {question.window_days}
        """
    )
    return dict(rows.iter_rows())
