"""What the job leaves in the warehouse, in the declared order of columns."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from jobs.attribution.question import Question, Span
from jobs.drift.classifier import Null, Told
from jobs.drift.shares import ShareDrift, ranks

CONTRIBUTIONS = "driftline_jobs.feature_contributions"
CLASSIFICATIONS = "driftline_jobs.domain_classifications"
"""Written last: its rows mark a question as answered."""
KEY = ("monitor", "metric_date", "window_days", "as_of")
ALL = "all"
TOP = 5
Status = Literal["ok", "drifted", "insufficient_data"]
Row = dict[str, object]
Schema = Mapping[str, type[pl.DataType]]

_COMMON: Schema = {
    "status": pl.String,
    "note": pl.String,
    "reference_from": pl.Date,
    "reference_to": pl.Date,
    "current_rows": pl.Int64,
    "reference_rows": pl.Int64,
}
CONTRIBUTIONS_SCHEMA: Schema = {
    "monitor": pl.String,
    "model_version": pl.String,
    "metric_date": pl.Date,
    "window_days": pl.Int32,
    "reference": pl.String,
    "feature_name": pl.String,
    "as_of": pl.Date,
    **_COMMON,
    "mean_contribution": pl.Float64,
    "reference_mean_contribution": pl.Float64,
    "contribution_share": pl.Float64,
    "reference_share": pl.Float64,
    "share_change": pl.Float64,
    "row_standard_error": pl.Float64,
    "standard_error": pl.Float64,
    "lower_bound": pl.Float64,
    "upper_bound": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "contribution_rank": pl.Int64,
    "reference_rank": pl.Int64,
    "score_effect": pl.Float64,
    "ndcg": pl.Float64,
    "rank_correlation": pl.Float64,
    "data_hash": pl.String,
    "recorded_at": pl.Datetime,
}
CLASSIFICATIONS_SCHEMA: Schema = {
    "monitor": pl.String,
    "metric_date": pl.Date,
    "window_days": pl.Int32,
    "reference": pl.String,
    "as_of": pl.Date,
    "model_version": pl.String,
    **_COMMON,
    "domain_auc": pl.Float64,
    "null_mean": pl.Float64,
    "null_stddev": pl.Float64,
    "null_blocks": pl.Int32,
    "null_block_rows": pl.Int64,
    "null_p95": pl.Float64,
    "null_p99": pl.Float64,
    "p_value": pl.Float64,
    "top_feature": pl.String,
    "top_features": pl.String,
    "seed": pl.Int32,
    "data_hash": pl.String,
    "reference_hash": pl.String,
    "recorded_at": pl.Datetime,
}


@dataclass(frozen=True)
class Limits:
    """From when on a difference that chance does not explain counts as drift."""

    share_change: float = 0.05
    ndcg: float = 0.9
    q_value: float = 0.05
    p_value: float = 0.01


@dataclass(frozen=True)
class Compared:
    """What was found against one reference; without `told` the note says why there is nothing."""

    reference: str
    note: str = ""
    span: Span | None = None
    current_rows: int | None = None
    reference_rows: int | None = None
    told: Told | None = None
    null: Null | None = None
    shares: ShareDrift | None = None
    seed: int = 0
    data_hash: str | None = None
    reference_hash: str | None = None

    @property
    def p_value(self) -> float | None:
        """Of the classifier: share of windows without drift that reach its AUC."""
        if self.told is None or self.null is None:
            return None
        return self.null.p_value(self.told.auc, *self._rows)

    @property
    def _rows(self) -> tuple[int, int]:
        return self.current_rows or 0, self.reference_rows or 0

    def classified(self, question: Question, features: Sequence[str], limits: Limits) -> Row:
        """The row of all features together."""
        row: Row = {
            **_of(question, self),
            "status": self.drift_status(limits),
            "note": self.note,
            "seed": self.seed,
            "reference_hash": self.reference_hash,
        }
        if self.told is not None:
            share = self.told.gain_share
            order = sorted(range(len(features)), key=lambda one: (-share[one], features[one]))
            top = [one for one in order if share[one] > 0][:TOP]
            row |= {
                "domain_auc": self.told.auc,
                "top_feature": features[top[0]] if top else None,
                "top_features": ", ".join(f"{features[one]} {share[one]:.1%}" for one in top),
            }
        if self.null is not None:
            row |= {
                "null_mean": self.null.mean,
                "null_stddev": self.null.stddev,
                "null_blocks": self.null.block_count,
                "null_block_rows": self.null.block_rows,
                "null_p95": self.null.quantile(0.95, *self._rows),
                "null_p99": self.null.quantile(0.99, *self._rows),
                "p_value": self.p_value,
            }
        return row

    def contributed(self, question: Question, features: Sequence[str], limits: Limits) -> list[Row]:
        """The row of all features, and one of each where there was something to compare."""
        shared = {**_of(question, self), "note": self.note}
        if self.shares is None:
            return [{**shared, "feature_name": ALL, "status": "insufficient_data"}]
        one, found = self.shares, []
        places = ranks(one.current_size), ranks(one.reference_size)
        for at, name in enumerate(features):
            found.append(
                {
                    **shared,
                    "feature_name": name,
                    "status": _feature_status(one, at, limits),
                    "mean_contribution": float(one.current_size[at]),
                    "reference_mean_contribution": float(one.reference_size[at]),
                    "contribution_share": float(one.current_share[at]),
                    "reference_share": float(one.reference_share[at]),
                    "share_change": float(one.change[at]),
                    "row_standard_error": float(one.row_error[at]),
                    "standard_error": _known(one.error[at]),
                    "lower_bound": _known(one.lower[at]),
                    "upper_bound": _known(one.upper[at]),
                    "p_value": _known(one.p_value[at]),
                    "q_value": _known(one.q_value[at]),
                    "contribution_rank": int(places[0][at]),
                    "reference_rank": int(places[1][at]),
                    "score_effect": float(one.score_effect[at]),
                }
            )
        of_all = {
            **shared,
            "feature_name": ALL,
            "status": self.contribution_status(limits),
            "mean_contribution": float(one.current_size.sum()),
            "reference_mean_contribution": float(one.reference_size.sum()),
            "contribution_share": float(one.current_share.sum()),
            "reference_share": float(one.reference_share.sum()),
            "share_change": one.moved,
            "p_value": _known(one.least_q),
            "q_value": _known(one.least_q),
            "score_effect": float(one.score_effect.sum()),
            "ndcg": one.ndcg,
            "rank_correlation": one.rank_correlation,
        }
        return [of_all, *found]

    def drift_status(self, limits: Limits) -> Status:
        """Of all features together."""
        if self.p_value is None:
            return "insufficient_data"
        return "drifted" if self.p_value <= limits.p_value else "ok"

    def contribution_status(self, limits: Limits) -> Status:
        """Of what the model decides by."""
        if self.shares is None or math.isnan(self.shares.least_q):
            return "insufficient_data"
        each = [_feature_status(self.shares, at, limits) for at in range(len(self.shares.change))]
        reordered = self.shares.ndcg is not None and self.shares.ndcg < limits.ndcg
        if "drifted" in each or (reordered and self.shares.least_q <= limits.q_value):
            return "drifted"
        return "ok"


def frame_of(rows: Sequence[Row], schema: Schema) -> pl.DataFrame:
    """Rows in the declared order of columns; what a row lacks is null."""
    recorded_at = datetime.now(UTC).replace(tzinfo=None)
    full = [{**dict.fromkeys(schema), **row, "recorded_at": recorded_at} for row in rows]
    return pl.DataFrame(full, schema=dict(schema))


def known_null(row: Mapping[str, object]) -> Null:
    """The null of a row that was written before."""
    mean, stddev = (None if row[name] is None else float(str(row[name])) for name in
                    ("null_mean", "null_stddev"))  # fmt: skip
    counts = [int(str(row[name])) for name in ("null_blocks", "null_block_rows")]
    return Null(counts[0], mean, stddev, counts[1])


def _feature_status(shares: ShareDrift, at: int, limits: Limits) -> Status:
    if not shares.current_size[at] and not shares.reference_size[at]:
        return "ok"  # the model does not use it
    if math.isnan(shares.q_value[at]):
        return "insufficient_data"
    is_drift = shares.q_value[at] <= limits.q_value
    return "drifted" if is_drift and abs(shares.change[at]) >= limits.share_change else "ok"


def _of(question: Question, one: Compared) -> Row:
    return {
        "monitor": question.monitor,
        "model_version": question.model_version,
        "metric_date": question.metric_date,
        "window_days": question.window_days,
        "reference": one.reference,
        "as_of": question.as_of,
        "reference_from": one.span and one.span.first,
        "reference_to": one.span and one.span.last,
        "current_rows": one.current_rows,
        "reference_rows": one.reference_rows,
        "data_hash": one.data_hash,
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
