"""Driftline beside NannyML on two of its logs: `python -m benchmarks.agreement --help`.

Both learn from the first 28 days of a log and judge the same windows of whole days after them:
what metrics will be before labels arrive (CBPE), and how far features lie from the reference.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import polars as pl

from benchmarks.environments import environment
from benchmarks.measure import must, run_module
from benchmarks.run import CACHE
from benchmarks.shape import REFERENCE_DAYS
from tests.warehouse.project import Project

TIME, VERSION, CALLED = "event_ts", "model_version", "y_pred"


@dataclass(frozen=True)
class Published:
    """A log that NannyML publishes: its columns, and the metrics that both tools estimate."""

    name: str
    file: str
    task: str
    label: str
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    metrics: tuple[str, ...]
    score: str = ""
    class_scores: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scores(self) -> list[str]:
        """The column of the score, or those of the classes."""
        return list(self.class_scores.values()) or [self.score]

    @property
    def monitor(self) -> dict[str, Any]:
        """How Driftline is told to watch the log."""
        said = (
            {"class_scores": dict(self.class_scores)}
            if self.class_scores
            else {"score": self.score}
        )
        return {
            "description": "A log that NannyML publishes",
            "owner": "bench@example.com",
            "task": self.task,
            "inferences": {"source": ["serving", self.name]},
            "columns": {
                "id": "id",
                "predicted_at": TIME,
                "model_version": VERSION,
                "label": self.label,
                **said,
            },
            "time_zone": "UTC",
            "label_horizon_days": 0,
            "features": {"numeric": list(self.numeric), "categorical": list(self.categorical)},
            "primary_metric": "accuracy",
            **self.settings,
        }


LOGS = (
    Published(
        name="car_loans",
        file="nannyml_synthetic_car_loan.parquet",
        task="binary",
        label="repaid",
        score="y_pred_proba",
        numeric=("car_value", "debt_to_income_ratio", "loan_length", "driver_tenure"),
        categorical=("salary_range", "repaid_loan_on_prev_car", "size_of_downpayment"),
        metrics=("roc_auc", "accuracy", "precision", "recall", "f1"),
        # Scores have two decimals and the least that was called is 0.65. The threshold lies below
        # it, for Driftline takes scores of the cell that it cuts as spread evenly.
        settings={"decision_threshold": 0.645},
    ),
    Published(
        name="credit_cards",
        file="nannyml_synthetic_multiclass.parquet",
        task="multiclass",
        label="y_true",
        class_scores={
            f"{card}_card": f"y_pred_proba_{card}_card"
            for card in ("prepaid", "highstreet", "upmarket")
        },
        numeric=(
            "app_behavioral_score",
            "requested_credit_limit",
            "credit_bureau_score",
            "stated_income",
        ),
        categorical=("acq_channel", "app_channel", "is_customer"),
        metrics=("accuracy",),
    ),
)
WINDOWS = (7, 30)
ALLOWED_SHARE = 0.05
MEASURES = {"jensen_shannon": "js_distance", "kolmogorov_smirnov": "ks", "chi2": "chi_square"}
# NannyML takes the logarithm of base 2, Driftline the natural one.
TO_NATS = math.sqrt(math.log(2))
KEYS = ["window_days", "metric_date"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both tools' figures; returns 1 when too many estimates disagree."""
    flags = _parser().parse_args(arguments)
    for published in LOGS:
        if not (flags.data / published.file).exists():
            file = flags.data / published.file
            print(f"agreement: found no {file}; name its folder with --data", file=sys.stderr)
            return 2
    peer = environment("nannyml", flags.cache / "environments")
    if peer.python is None:
        print(f"agreement: NannyML is not installed: {peer.reason}", file=sys.stderr)
        return 2
    found = []
    for published in LOGS:
        log = read_log(flags.data / published.file, published)
        print(
            f"{published.name}: NannyML {peer.version}, reference {REFERENCE_DAYS} days,"
            f" {len(log):,} rows"
        )
        try:
            found.append(compared(published, log, peer.python))
        except RuntimeError as error:
            print(f"agreement: NannyML failed: {error}", file=sys.stderr)
            return 2
    for published, estimates in zip(LOGS, found, strict=True):
        print(
            f"{published.name}: {share_beyond(estimates):.1%} of {len(estimates)} estimates lie"
            f" more than one sampling error apart; at most {flags.allowed:.1%} may"
        )
    return int(any(share_beyond(estimates) > flags.allowed for estimates in found))


def compared(published: Published, log: pl.DataFrame, python: Path) -> pl.DataFrame:
    """Print what both tools say of a log; returns the estimates, one beside the other."""
    with tempfile.TemporaryDirectory() as folder:
        estimated, drifted = of_nannyml(published, log, Path(folder), python)
        project = built(published, log, Path(folder) / "driftline")
    estimates = with_estimates(estimated, project["estimated_performance"])
    drift = with_drift(drifted, project["feature_drift"])
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=160, tbl_hide_dataframe_shape=True):
        for title, table in (
            ("Estimates by window", estimates),
            ("Drift by window", drift),
            ("Estimates: difference in NannyML's sampling errors", of_metrics(estimates)),
            ("Drift: Driftline less NannyML", of_measures(drift)),
        ):
            print(f"\n{title}\n{table}")
    return estimates


def read_log(file: Path, published: Published) -> pl.DataFrame:
    """Read a log with what Driftline asks for: a version, and categories as text."""
    columns = ["id", TIME, VERSION, *published.scores, published.label, CALLED]
    return (
        pl.read_parquet(file)
        .with_columns(pl.lit("v1").alias(VERSION), pl.col(published.categorical).cast(pl.String))
        .select(*columns, *published.numeric, *published.categorical)
    )


def judged_windows(log: pl.DataFrame) -> list[tuple[int, int]]:
    """Return each length of a window in days and how many whole ones follow the reference.

    The last day of the log is left out: it ends before midnight.
    """
    first, last = span(log)
    days = (last - first).days - REFERENCE_DAYS
    return [(length, days // length) for length in WINDOWS]


def span(log: pl.DataFrame) -> tuple[date, date]:
    """Return the first and the last day of the log."""
    day = log[TIME].dt.date()
    return cast(date, day.min()), cast(date, day.max())


def of_nannyml(
    published: Published, log: pl.DataFrame, folder: Path, python: Path
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return NannyML's estimates and distances, dated by the last day of their window."""
    log.write_parquet(folder / "log.parquet")
    first, _ = span(log)
    task = {
        "parquet": str(folder / "log.parquet"),
        "task": published.task,
        "time": TIME,
        "score": dict(published.class_scores) or published.score,
        "label": published.label,
        "called": CALLED,
        "numeric": published.numeric,
        "categorical": published.categorical,
        "metrics": published.metrics,
        "first_day": str(first),
        "reference_days": REFERENCE_DAYS,
        "windows": judged_windows(log),
    }
    (folder / "task.json").write_text(json.dumps(task))
    module = "benchmarks.peers.nannyml_estimates"
    found = must(run_module(module, [str(folder / "task.json")], python)).detail
    begin = first + timedelta(days=REFERENCE_DAYS)
    estimated, drifted = (
        pl.DataFrame(found[name]).select(
            pl.col("days").cast(pl.Int32).alias("window_days"),
            (pl.lit(begin) + pl.duration(days=(pl.col("chunk") + 1) * pl.col("days") - 1))
            .cast(pl.Date)
            .alias("metric_date"),
            pl.exclude("days", "chunk"),
        )
        for name in ("estimated", "drifted")
    )
    return estimated, drifted


def built(published: Published, log: pl.DataFrame, folder: Path) -> dict[str, pl.DataFrame]:
    """Return Driftline's tables of all rows, from a project in `folder` that watches the log."""
    project = Project.create(folder, {published.name: published.monitor}, {published.name: log})
    names = {
        "estimated_performance": "model_version = 'serving' and segment_name = 'overall'",
        "feature_drift": "reference = 'stable' and segment_name = 'overall'",
    }
    project.build(span(log)[1], select=[f"+{name}" for name in names])
    return {name: project.read(name, where) for name, where in names.items()}


def with_estimates(theirs: pl.DataFrame, ours: pl.DataFrame) -> pl.DataFrame:
    """Return NannyML's estimates with Driftline's beside them; a missing one is null."""
    ours = ours.select(
        *KEYS,
        pl.col("metric_name").alias("metric"),
        pl.col("estimated_value").alias("driftline"),
        pl.col("realised_value").is_between("lower_bound", "upper_bound").alias("bounds_hold"),
    )
    return (
        theirs.rename({"value": "nannyml"})
        .join(ours, on=[*KEYS, "metric"], how="left")
        .with_columns(
            ((pl.col("driftline") - pl.col("nannyml")) / pl.col("sampling_error")).alias("apart")
        )
    )


def with_drift(theirs: pl.DataFrame, ours: pl.DataFrame) -> pl.DataFrame:
    """Return NannyML's distances, in nats, with Driftline's beside them; a missing one is null."""
    ours = (
        ours.rename({"feature_name": "feature"})
        .unpivot(
            list(MEASURES.values()),
            index=[*KEYS, "feature", "ks_error_bound"],
            variable_name="measure",
            value_name="driftline",
        )
        .with_columns(
            pl.when(pl.col("measure") == "ks").then("ks_error_bound").alias("error_bound")
        )
        .drop("ks_error_bound")
    )
    unit = pl.when(pl.col("measure") == "jensen_shannon").then(TO_NATS).otherwise(1.0)
    return (
        theirs.with_columns((pl.col("value") * unit).alias("nannyml"))
        .with_columns(pl.col("measure").replace_strict(MEASURES))
        .drop("value")
        .join(ours, on=[*KEYS, "feature", "measure"], how="left")
        .with_columns((pl.col("driftline") - pl.col("nannyml")).alias("difference"))
    )


def is_beyond() -> pl.Expr:
    """Return whether the tools disagree; an estimate that Driftline lacks counts as well."""
    return ~(pl.col("apart").abs() <= 1).fill_null(value=False)


def share_beyond(estimates: pl.DataFrame) -> float:
    """Return the share of estimates that lie more than one sampling error apart."""
    return float(estimates.select(is_beyond().mean()).item())


def of_metrics(estimates: pl.DataFrame) -> pl.DataFrame:
    """Return one row per window and metric: how far the tools are apart, and each from labels.

    `bounds_hold` is the share of windows in which Driftline's bounds held what labels showed.
    """
    realized = pl.col("realized")
    return estimates.group_by("window_days", "metric", maintain_order=True).agg(
        pl.len().alias("windows"),
        is_beyond().mean().alias("beyond"),
        pl.col("apart").mean().alias("mean"),
        pl.col("apart").abs().max().alias("largest"),
        (pl.col("driftline") - pl.col("nannyml")).abs().max().alias("largest_difference"),
        (pl.col("nannyml") - realized).abs().mean().alias("nannyml_off_labels"),
        (pl.col("driftline") - realized).abs().mean().alias("driftline_off_labels"),
        pl.col("bounds_hold").mean(),
    )


def of_measures(drift: pl.DataFrame) -> pl.DataFrame:
    """Return one row per window, measure and feature: how far the tools are apart.

    `within_bound` is the share of KS distances that lie between Driftline's and its error bound.
    """
    above, bound = -pl.col("difference"), pl.col("error_bound")
    within = pl.when(bound.is_not_null()).then(above.is_between(-1e-9, bound + 1e-9))
    keys = ["window_days", "measure", "feature"]
    return drift.group_by(keys, maintain_order=True).agg(
        pl.len().alias("windows"),
        pl.col("nannyml", "driftline").mean(),
        pl.col("difference").abs().max().alias("largest_difference"),
        pl.corr("nannyml", "driftline").alias("correlation"),
        within.mean().alias("within_bound"),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.agreement",
        description="Compare Driftline with NannyML on logs that NannyML publishes.",
        epilog="Exit code: 0 they agree, 1 too many estimates differ, 2 could not be compared.",
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="has the logs")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where NannyML is installed")
    parser.add_argument(
        "--allowed",
        type=float,
        default=ALLOWED_SHARE,
        help="share of estimates that may lie more than one sampling error of NannyML apart",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
