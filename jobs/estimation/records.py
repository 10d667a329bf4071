"""What the job leaves in the warehouse, in the declared order of columns."""

from collections.abc import Mapping

import polars as pl

TABLE = "driftline_jobs.performance_estimates"
KEY = (
    "monitor", "model_version", "metric_date", "window_days", "segment_name", "segment_value",
    "metric_name", "as_of",
)  # fmt: skip
SCHEMA: Mapping[str, type[pl.DataType]] = {
    "monitor": pl.String,
    "model_version": pl.String,
    "metric_date": pl.Date,
    "window_days": pl.Int32,
    "segment_name": pl.String,
    "segment_value": pl.String,
    "metric_name": pl.String,
    "as_of": pl.Date,
    "status": pl.String,
    "note": pl.String,
    "estimated_value": pl.Float64,
    "standard_error": pl.Float64,
    "lower_bound": pl.Float64,
    "upper_bound": pl.Float64,
    "window_rows": pl.Int64,
    "sampled_rows": pl.Int64,
    "reference_from": pl.Date,
    "reference_to": pl.Date,
    "reference_rows": pl.Int64,
    "reference_value": pl.Float64,
    "seed": pl.Int32,
    "reference_hash": pl.String,
    "recorded_at": pl.Datetime,
}
