"""Checks of the training rows before anything is fitted."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

from jobs.errors import ValidationFailedError
from jobs.training.dataset import COLUMNS

Status = Literal["passed", "failed", "warned"]
SPLITS = ("train", "validation", "holdout")


@dataclass(frozen=True)
class Check:
    """One check, with what was found and what is allowed in words."""

    name: str
    status: Status
    observed: str
    required: str
    reason: str


@dataclass(frozen=True)
class DataLimits:
    """What training rows must satisfy; each is a policy parameter."""

    minimum_rows: dict[str, int] = field(
        default_factory=lambda: {"train": 1000, "validation": 300, "holdout": 300}
    )
    minimum_class_rows: int = 30
    minimum_label_rate: float = 0.001
    maximum_label_rate: float = 0.999
    maximum_null_share: float = 0.95
    null_share_limits: dict[str, float] = field(default_factory=dict)
    """Limits of single features, in place of `maximum_null_share`."""
    maximum_null_shift: float = 0.2
    """How far the null share of the newest rows may be from that of the training rows."""


def validate(
    frame: pl.DataFrame,
    numeric: Sequence[str],
    categorical: Sequence[str],
    as_of: date,
    limits: DataLimits | None = None,
) -> list[Check]:
    """All checks of a frame with the columns `dataset.COLUMNS`, in a fixed order.

    Pure: a failed check is a result, `require_passed` turns it into an error. Where the schema is
    wrong the other checks cannot be made and only `schema` is returned.
    """
    limits = limits or DataLimits()
    schema = _check_schema(frame, numeric, categorical)
    if schema.status == "failed":
        return [schema]
    shares = _feature_shares(frame, numeric, categorical)
    return [
        schema,
        _check_rows(frame, limits),
        _check_labels(frame),
        _check_classes(frame, limits),
        _check_label_rate(frame, limits),
        _check_duplicates(frame),
        _check_future(frame, as_of),
        _check_weights(frame),
        _check_split_order(frame),
        _check_null_share(shares, limits),
        _check_null_shift(shares, limits),
        _check_constant(shares),
    ]


def require_passed(checks: Iterable[Check]) -> None:
    """Raise ValidationFailedError that names every failed check; do nothing when none failed."""
    failed = [check for check in checks if check.status == "failed"]
    if failed:
        found = "; ".join(
            f"{check.name}: found {check.observed}; expected {check.required}" for check in failed
        )
        raise ValidationFailedError(
            f"training data failed {len(failed)} checks and nothing was trained: {found}. "
            "Mend the rows or change the limits in the policies, then retrain"
        )


def _judge(
    name: str, ok: bool, observed: str, required: str, reason: str, soft: bool = False
) -> Check:
    status: Status = "passed" if ok else "warned" if soft else "failed"
    return Check(name, status, observed, required, reason)


def _check_schema(frame: pl.DataFrame, numeric: Sequence[str], categorical: Sequence[str]) -> Check:
    required = "the columns " + ", ".join(COLUMNS) + ", lists as long as the features"
    reason = "the rows must have the shape that the configuration declares"
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        return _judge("schema", False, "no column " + ", ".join(missing), required, reason)
    for column, names in (("numeric_values", numeric), ("categorical_values", categorical)):
        if not names:
            continue
        if not isinstance(frame[column].dtype, pl.List):
            return _judge("schema", False, f"{column} is no list", required, reason)
        wrong = int((frame[column].list.len().fill_null(0) != len(names)).sum())
        if wrong:
            found = f"{wrong} rows whose {column} has not {len(names)} entries"
            return _judge("schema", False, found, required, reason)
    nulls = [
        name
        for name in ("inference_id", "metric_date", "split")
        if name in frame.columns and frame[name].null_count()
    ]
    if nulls:
        return _judge("schema", False, "nulls in " + ", ".join(nulls), required, reason)
    return _judge("schema", True, "all columns", required, reason)


def _check_rows(frame: pl.DataFrame, limits: DataLimits) -> Check:
    counts = {split: frame.filter(pl.col("split") == split).height for split in SPLITS}
    minimum = {split: limits.minimum_rows.get(split, 1) for split in SPLITS}
    return _judge(
        "rows",
        all(counts[split] >= minimum[split] for split in SPLITS),
        _listed(counts),
        "at least " + _listed(minimum),
        "too few rows make neither a model nor a judgement",
    )


def _check_labels(frame: pl.DataFrame) -> Check:
    label = frame["label"].cast(pl.Float64, strict=False)
    wrong = int((~label.is_in([0.0, 1.0])).fill_null(True).sum())
    return _judge(
        "labels", wrong == 0, f"{wrong} other labels", "0 or 1 in every row",
        "only matured rows with a label take part in training",
    )  # fmt: skip


def _check_classes(frame: pl.DataFrame, limits: DataLimits) -> Check:
    fewest = {}
    for split in SPLITS:
        label = frame.filter(pl.col("split") == split)["label"].cast(pl.Float64, strict=False)
        fewest[split] = min(int((label == 1.0).sum()), int((label == 0.0).sum()))
    return _judge(
        "classes",
        all(count >= max(1, limits.minimum_class_rows) for count in fewest.values()),
        "rows of the rarer class: " + _listed(fewest),
        f"at least {max(1, limits.minimum_class_rows)} in each split",
        "with one class alone nothing can be learned or measured",
    )


def _check_label_rate(frame: pl.DataFrame, limits: DataLimits) -> Check:
    rates: dict[str, float] = {}
    for split in SPLITS:
        rows = frame.filter(pl.col("split") == split)["label"].cast(pl.Float64, strict=False)
        if rows.len():
            rate = rows.mean()
            rates[split] = float(rate) if isinstance(rate, int | float) else float("nan")
    inside = [
        limits.minimum_label_rate <= rate <= limits.maximum_label_rate for rate in rates.values()
    ]
    return _judge(
        "label_rate",
        bool(rates) and all(inside),
        ", ".join(f"{split} {rate:.4g}" for split, rate in rates.items()) or "no rows",
        f"{limits.minimum_label_rate:g} to {limits.maximum_label_rate:g} in each split",
        "a rate outside the range points at a broken label feed",
    )


def _check_duplicates(frame: pl.DataFrame) -> Check:
    repeated = frame.height - frame["inference_id"].n_unique()
    return _judge(
        "duplicates", repeated == 0, f"{repeated} repeated ids", "each inference_id once",
        "a row that stands in two splits leaks its label",
    )  # fmt: skip


def _check_future(frame: pl.DataFrame, as_of: date) -> Check:
    late = int((frame["metric_date"].cast(pl.Date) > as_of).sum())
    return _judge(
        "future_rows", late == 0, f"{late} rows after {as_of}", f"no day after {as_of}",
        "nothing after the as-of day may be seen",
    )  # fmt: skip


def _check_weights(frame: pl.DataFrame) -> Check:
    weight = frame["sample_weight"].cast(pl.Float64, strict=False).fill_null(float("nan"))
    wrong = int((~(weight.is_finite() & (weight > 0))).sum())
    return _judge(
        "weights", wrong == 0, f"{wrong} weights that are not above 0",
        "a finite weight above 0 in every row", "a weight says how much a row counts",
    )  # fmt: skip


def _check_split_order(frame: pl.DataFrame) -> Check:
    spans = {}
    for split in SPLITS:
        days = frame.filter(pl.col("split") == split)["metric_date"].cast(pl.Date)
        if days.len():
            spans[split] = (str(days.min()), str(days.max()))
    ordered = list(spans.values())
    pairs = itertools.pairwise(ordered)
    ok = all(before[1] < after[0] for before, after in pairs)
    return _judge(
        "split_order", ok,
        ", ".join(f"{split} {first} to {last}" for split, (first, last) in spans.items()),
        "train before validation before holdout, in days",
        "a random split shares days between splits and flatters the model", soft=True,
    )  # fmt: skip


def _feature_shares(
    frame: pl.DataFrame, numeric: Sequence[str], categorical: Sequence[str]
) -> pl.DataFrame:
    """One row per feature: null_share and distinct values in train, null share in holdout."""
    columns: list[tuple[str, pl.Expr]] = []
    for position, name in enumerate(numeric):
        value = pl.col("numeric_values").list.get(position).cast(pl.Float64)
        columns.append((name, pl.when(value.is_finite()).then(value)))
    for position, name in enumerate(categorical):
        columns.append((name, pl.col("categorical_values").list.get(position)))
    train = frame.filter(pl.col("split") == "train")
    newest = frame.filter(pl.col("split") == "holdout")
    rows = []
    for name, value in columns:
        seen = train.select(value.alias("v"))["v"]
        later = newest.select(value.alias("v"))["v"]
        rows.append(
            {
                "feature_name": name,
                "null_share": seen.null_count() / max(1, seen.len()),
                "newest_null_share": later.null_count() / max(1, later.len()),
                "value_count": seen.drop_nulls().n_unique(),
            }
        )
    schema = {
        "feature_name": pl.String,
        "null_share": pl.Float64,
        "newest_null_share": pl.Float64,
        "value_count": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema)


def _check_null_share(shares: pl.DataFrame, limits: DataLimits) -> Check:
    over = []
    for name, share in shares.select("feature_name", "null_share").iter_rows():
        limit = limits.null_share_limits.get(name, limits.maximum_null_share)
        if share > limit:
            over.append(f"{name} {share:.3f} (limit {limit:g})")
    return _judge(
        "null_share", not over, ", ".join(over) or "all within limits",
        f"at most {limits.maximum_null_share:g}, or the feature's own limit",
        "a feature that is hardly ever filled points at a broken pipeline",
    )  # fmt: skip


def _check_null_shift(shares: pl.DataFrame, limits: DataLimits) -> Check:
    gap = (pl.col("newest_null_share") - pl.col("null_share")).abs()
    over = shares.filter(gap > limits.maximum_null_shift)["feature_name"].to_list()
    return _judge(
        "null_shift", not over, ", ".join(over) or "none",
        f"null shares of train and holdout within {limits.maximum_null_shift:g}",
        "the feature is not served as it was in training", soft=True,
    )  # fmt: skip


def _check_constant(shares: pl.DataFrame) -> Check:
    constant = shares.filter(pl.col("value_count") <= 1)["feature_name"].to_list()
    return _judge(
        "constant_features", not constant, ", ".join(constant) or "none",
        "more than one value in each feature", "a constant feature cannot help", soft=True,
    )  # fmt: skip


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
