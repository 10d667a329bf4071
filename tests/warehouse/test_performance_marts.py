"""Performance and calibration against scikit-learn, scipy and numpy on raw rows."""

from collections.abc import Callable
from functools import cache
from typing import Any

import nasty
import numpy as np
import polars as pl
import pytest
from segments import IDS, OVERALL, SEGMENTS
from sklearn import metrics
from truth import calibration
from truth.comparing import by_key, is_close
from truth.intervals import (
    DayEffect,
    Pull,
    Rows,
    average_precision,
    day_effect,
    day_pull,
    error_of_loss,
    losses,
)
from truth.performance import Metric, Z, all_metrics, delong_standard_error, score_cells, wilson
from truth.rows import REFERENCES, WINDOWS, Truth, judged_dates, ordinal

Slices = Callable[..., pl.DataFrame]
Segment = tuple[str, str]

VERSIONS = [
    *[(monitor, "serving", segment) for monitor, segment in SEGMENTS],
    ("orders", "v1", OVERALL),
    ("orders", "v2", OVERALL),
    ("orders", "v2", ("region", "north")),
    ("orders", "canary", OVERALL),
    ("orders", "canary", ("region", "")),
    ("visits", "theirs", OVERALL),
]
VERSION_IDS = ["-".join([monitor, version, *segment]) for monitor, version, segment in VERSIONS]
SHARES = ("accuracy", "precision", "recall")
METRICS = (
    "accuracy",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "gini",
    "average_precision",
    "log_loss",
    "brier",
)


class Window:
    """The rows of one key between two days, both included."""

    def __init__(self, truth: Truth, version: str, segment: Segment, first: int, last: int) -> None:
        rows = truth.rows
        inside = rows.of_version(version) & rows.in_segment(*segment)
        inside &= (rows.day >= first) & (rows.day <= last)
        self.threshold = truth.threshold
        self.per_unit = 50 if segment == OVERALL else 10
        self.row_count = int(inside.sum())
        self.known_labels = int((~np.isnan(rows.label[inside])).sum())
        with np.errstate(invalid="ignore"):
            valid = (rows.score >= 0) & (rows.score <= 1)
        judged = inside & ~np.isnan(rows.label) & valid
        self.score, self.label = rows.score[judged], rows.label[judged]
        self.day = rows.day[judged]

    @property
    def metrics(self) -> dict[str, Metric]:
        return all_metrics(self.score, self.label, self.threshold, self.per_unit)

    @property
    def rows(self) -> Rows:
        return Rows(self.score, self.label, self.day)

    @property
    def rows_a_day(self) -> np.ndarray:
        return np.unique(self.day, return_counts=True)[1].astype(float)

    def shares(self) -> dict[str, tuple[int, int]]:
        """Return successes and trials of the metrics that are shares."""
        called, positive = self.score >= self.threshold, self.label == 1
        hits = int((called & positive).sum())
        return {
            "accuracy": (int((called == positive).sum()), len(self.label)),
            "precision": (hits, int(called.sum())),
            "recall": (hits, int(positive.sum())),
            "f1": (hits, int((called | positive).sum())),
        }


@pytest.fixture(scope="module")
def versions_rows(first_build: dict[str, pl.DataFrame]) -> dict[tuple[Any, ...], pl.DataFrame]:
    return first_build["performance"].partition_by(
        "monitor", "model_version", "segment_name", "segment_value", as_dict=True
    )


def rows_of(
    parts: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    version: str,
    segment: Segment,
    window: int,
) -> dict[tuple[Any, ...], dict[str, Any]]:
    return by_key(
        parts[monitor, version, *segment].filter(pl.col("window_days") == window),
        ["metric_name", "metric_date", "reference"],
    )


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("monitor", "version", "segment"), VERSIONS, ids=VERSION_IDS)
def test_metrics_equal_scikit_learn(
    truths: dict[str, Truth],
    versions_rows: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    version: str,
    segment: Segment,
    window: int,
) -> None:
    truth = truths[monitor]
    found = rows_of(versions_rows, monitor, version, segment, window)
    first, _ = truth.span(version)
    days = truth.days_of(version, segment)
    for day in judged_dates(truth):
        if day not in days:
            assert ("accuracy", day, "stable") not in found
            continue
        rows = Window(truth, version, segment, day - window + 1, day)
        expected = rows.metrics
        for metric in METRICS:
            row, at = found[metric, day, "previous"], (metric, day)
            value, tolerance = expected[metric].value, expected[metric].tolerance
            assert is_close(row["metric_value"], value, tol=tolerance), (
                at,
                row["metric_value"],
                expected[metric],
            )
            if metric == "roc_auc" and value is not None:
                assert is_close(row["error_bound"], tolerance - 1e-9), at
            assert row["row_count"] == rows.row_count, at
            assert row["labeled_rows"] == len(rows.label), at
            coverage = rows.known_labels / rows.row_count if rows.row_count else None
            assert is_close(row["label_coverage"], coverage), at
            assert row["is_mature"] == (day + truth.horizon <= truth.as_of), at
            rarer = min((rows.label == 1).sum(), (rows.label == 0).sum())
            if value is None or rarer < 30 or len(rows.label) < 200:
                assert row["status"] == "insufficient_data", at
            else:
                is_whole = day - first + 1 >= window
                assert (row["status"] == "insufficient_data") == (not is_whole), at


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("monitor", "version", "segment"), VERSIONS, ids=VERSION_IDS)
def test_references_are_the_metric_of_the_reference_rows(
    truths: dict[str, Truth],
    versions_rows: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    version: str,
    segment: Segment,
    window: int,
) -> None:
    truth = truths[monitor]
    found = rows_of(versions_rows, monitor, version, segment, window)
    first, _ = truth.span(version)
    days = truth.days_of(version, segment)
    for day in judged_dates(truth):
        if day not in days:
            continue
        spans = {
            "rolling": (day - window - 29, day - window),
            "previous": (day - 2 * window + 1, day - window),
        }
        if day - window >= first + 27:
            spans["stable"] = spans["training"] = (first, first + 27)
        for reference in REFERENCES:
            begin, end = spans.get(reference, (1, 0))
            expected = Window(truth, version, segment, begin, end).metrics
            for metric in METRICS:
                row, at = found[metric, day, reference], (metric, day, reference)
                other = expected[metric]
                assert is_close(row["reference_value"], other.value, tol=other.tolerance), (
                    at,
                    row["reference_value"],
                    other,
                )
                if other.value is None and row["metric_value"] is not None:
                    assert row["status"] in ("no_reference", "insufficient_data"), at
                if row["metric_value"] is not None and other.value:
                    change = row["metric_value"] / row["reference_value"] - 1
                    change *= np.sign(row["reference_value"])
                    assert is_close(row["relative_change"], change), at


class DayEffects:
    """Day effects of one version and segment, each day's pulls worked out once."""

    def __init__(self, truth: Truth, version: str, segment: Segment) -> None:
        self.key = truth, version, segment
        self.days: dict[int, dict[str, Pull | None]] = {}

    def of(self, metric: str, day: int) -> DayEffect:
        """From the four weeks that end on the day."""
        found = [self.on(other) for other in range(day - 27, day + 1)]
        return day_effect([pulls[metric] for pulls in found if pulls.get(metric)])

    def on(self, day: int) -> dict[str, Pull | None]:
        """What a day pulls each metric."""
        if day not in self.days:
            month = Window(*self.key, day - 29, day)
            self.days[day] = {
                metric: day_pull(metric, month.rows, day, month.threshold, month.per_unit)
                for metric in METRICS
                if (month.day == day).any()
            }
        return self.days[day]


def expected_bounds(
    metric: str, rows: Window, month: Window, effect: DayEffect, design_effect: float
) -> tuple[float | None, float | None]:
    """Return the bounds of a metric: Wilson for shares (F1 through the Jaccard share), the log of
    losses, the logit of what depends on ranks, whose cells are part of the statistic."""
    quantile = effect.quantile(design_effect)
    widening = np.sqrt(design_effect) * quantile / Z
    if metric in (*SHARES, "f1"):
        successes, trials = rows.shares()[metric]
        if trials == 0:
            return None, None
        bounds = wilson(successes / trials, trials / widening**2)
        if metric == "f1":
            return 2 * bounds[0] / (1 + bounds[0]), 2 * bounds[1] / (1 + bounds[1])
        return bounds
    if metric in ("log_loss", "brier"):
        loss, of_month = losses(metric, rows.rows), losses(metric, month.rows)
        if len(loss) < 2:
            return None, None
        error = error_of_loss(
            loss.std(ddof=1) / np.sqrt(len(loss)),
            loss.mean(),
            len(loss),
            (of_month.std(ddof=1) / np.sqrt(len(of_month)), of_month.mean(), len(of_month)),
        )
        factor = np.exp(Z * widening * error / loss.mean())
        return loss.mean() / factor, loss.mean() * factor
    positive = rows.label == 1
    cells = score_cells(rows.score, rows.per_unit).astype(float)
    if min(positive.sum(), (~positive).sum()) < 2:
        return None, None
    if metric == "average_precision":
        value, _, _, excess, error = average_precision(cells, positive)
    else:
        value, excess = metrics.roc_auc_score(positive, cells), 0.0
        error = delong_standard_error(cells, positive)
    centre = value - excess
    if not 1e-9 < centre < 1 - 1e-9:
        return None, None
    half = Z * widening * error / (centre * (1 - centre))
    logit = np.log(centre / (1 - centre))
    lower, upper = (1 / (1 + np.exp(-(logit + sign * half))) for sign in (-1, 1))
    if metric == "gini":
        return 2 * lower - 1, 2 * upper - 1
    return min(lower, value), max(upper, value)


@pytest.mark.parametrize(("monitor", "version", "segment"), VERSIONS, ids=VERSION_IDS)
def test_bounds_follow_their_formulas(
    truths: dict[str, Truth],
    versions_rows: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    version: str,
    segment: Segment,
) -> None:
    """Independent rows first, then the days: their variance, scaled to the sizes of the window's
    days, with Student's quantile, because it is known from few days."""
    truth = truths[monitor]
    days = truth.days_of(version, segment)
    effects = DayEffects(truth, version, segment)
    seen = set()
    for window in WINDOWS:
        found = rows_of(versions_rows, monitor, version, segment, window)
        for day in judged_dates(truth):
            if day not in days:
                continue
            rows = Window(truth, version, segment, day - window + 1, day)
            month = Window(truth, version, segment, day - 29, day)
            for metric in METRICS:
                row, at = found[metric, day, "stable"], (metric, day, window)
                effect = effects.of(metric, day)
                design_effect = effect.of(rows.rows_a_day)
                assert is_close(row["design_effect"], design_effect, rel=1e-4), (at, row)
                lower, upper = expected_bounds(metric, rows, month, effect, design_effect)
                # The quantile of t and harmonic sums are expansions; few rows raise the former to a
                # power.
                rel = 4e-3 if metric in ("log_loss", "brier") else 1e-3
                assert is_close(row["lower_bound"], lower, rel=rel, tol=1e-4), (at, row, lower)
                assert is_close(row["upper_bound"], upper, rel=rel, tol=1e-4), (at, row, upper)
                seen.add(row["design_effect"] == 1)
    if segment == OVERALL:
        assert True in seen
    if (monitor, version, segment) == ("orders", "serving", OVERALL):
        assert seen == {True, False}


@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_average_precision_takes_a_cell_in_random_order(
    truths: dict[str, Truth],
    versions_rows: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    segment: Segment,
) -> None:
    truth = truths[monitor]
    found = rows_of(versions_rows, monitor, "serving", segment, 7)
    for day in judged_dates(truth):
        if day not in truth.days_of("serving", segment):
            continue
        rows = Window(truth, "serving", segment, day - 6, day)
        positive = rows.label == 1
        if not 1 < positive.sum() < len(positive):
            continue
        cells = score_cells(rows.score, rows.per_unit).astype(float)
        value, worst, best, _, _ = average_precision(cells, positive)
        row = found["average_precision", day, "stable"]
        assert is_close(row["metric_value"], value, rel=2e-5), (day, row, value)
        bound = max(value - worst, best - value)
        assert is_close(row["error_bound"], bound, tol=2e-5), (day, row, bound)


def test_the_coarse_scores_of_the_shadow_leave_no_doubt_about_auc(
    truths: dict[str, Truth], versions_rows: dict[tuple[Any, ...], pl.DataFrame]
) -> None:
    """Where each cell holds one distinct score, AUC is exact."""
    truth = truths["orders"]
    found = rows_of(versions_rows, "orders", "v2", OVERALL, 7)
    compared = 0
    for day in truth.days_of("v2", OVERALL):
        if day >= ordinal(nasty.FIRST_DAY) + nasty.SECOND_VERSION_FROM:
            break
        rows = Window(truth, "v2", OVERALL, day - 6, day)
        positive = rows.label == 1
        if 0 < positive.sum() < len(positive):
            compared += 1
            auc = metrics.roc_auc_score(positive, rows.score)
            assert is_close(found["roc_auc", day, "stable"]["metric_value"], auc)
    assert compared >= 10


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_calibration_equals_numpy(
    truths: dict[str, Truth], slices: Slices, monitor: str, segment: Segment, window: int
) -> None:
    truth = truths[monitor]
    found = by_key(
        slices("calibration", monitor, segment).filter(
            pl.col("window_days") == window, pl.col("model_version") == "serving"
        ),
        ["metric_date", "bin_id"],
    )
    summaries = by_key(
        slices("calibration_summary", monitor, segment).filter(
            pl.col("window_days") == window, pl.col("model_version") == "serving"
        ),
        ["metric_date"],
    )
    month_of = cache(lambda day: Window(truth, "serving", segment, day - 29, day).rows)
    seen = set()
    for day in judged_dates(truth):
        rows = Window(truth, "serving", segment, day - window + 1, day)
        n = len(rows.label)
        if n == 0:
            assert (day,) not in summaries
            continue
        ids = calibration.bins_of(rows.score, rows.per_unit)
        effect = calibration.effect_on("rate", month_of, day, rows.per_unit)
        widened = calibration.design_effects(ids, rows.label, effect, rows.rows.day)
        assert {bin_id for at, bin_id in found if at == day} == set(ids.tolist())
        mean_score, rate, parts = np.empty(n), np.empty(n), []
        for bin_id in np.unique(ids):
            inside = ids == bin_id
            size, score, label = inside.sum(), rows.score[inside].mean(), rows.label[inside].mean()
            row = found[day, int(bin_id)]
            assert row["row_count"] == size and row["positive_rows"] == rows.label[inside].sum()
            assert is_close(row["mean_score"], score)
            assert is_close(row["observed_rate"], label)
            assert is_close(row["design_effect"], widened[int(bin_id)], rel=1e-6)
            # Student's quantile is an expansion.
            bounds = calibration.bounds(label, size, effect, row["design_effect"])
            assert is_close(row["lower_bound"], bounds[0], tol=1e-4), (day, row, bounds)
            assert is_close(row["upper_bound"], bounds[1], tol=1e-4), (day, row, bounds)
            mean_score[inside], rate[inside] = score, label
            parts.append((size, score, label, row["design_effect"]))
            seen.add(row["design_effect"] > 1)
        row = summaries[(day,)]
        sizes, scores, rates, wider = np.array(parts).T
        weights = sizes / n
        base = rows.label.mean()
        assert row["labeled_rows"] == n
        assert is_close(row["mean_score"], rows.score.mean())
        assert is_close(row["observed_rate"], base)
        assert is_close(row["bias"], rows.score.mean() - base)
        assert is_close(row["ece"], float((weights * np.abs(scores - rates)).sum()))
        effect = calibration.effect_on("bias", month_of, day)
        assert is_close(row["design_effect"], effect.of(rows.rows_a_day), rel=1e-6)
        error = calibration.bias_error(rows.score, rows.label) * np.sqrt(row["design_effect"])
        half = effect.quantile(row["design_effect"]) * error
        for bound, sign in (("bias_lower_bound", -1), ("bias_upper_bound", 1)):
            expected = np.clip(row["bias"] + sign * half, -1, 1)
            assert is_close(row[bound], float(expected), tol=1e-3 * half + 1e-9)
        chance = np.minimum(wider * rates * (1 - rates) / np.maximum(sizes - wider, 1), 0.25)
        debiased = (weights * (scores - rates) ** 2).sum() - (weights * chance).sum()
        assert is_close(row["debiased_error"], float(np.sqrt(max(debiased, 0))), tol=1e-7)
        assert is_close(row["brier"], float(np.mean((rows.score - rows.label) ** 2)))
        binned_brier = float(np.mean((mean_score - rows.label) ** 2))
        identity = row["brier_reliability"] - row["brier_resolution"] + row["brier_uncertainty"]
        assert is_close(identity, binned_brier), (day, identity, binned_brier)
        assert is_close(row["brier_uncertainty"], base * (1 - base))
        resolution = float((weights * (rates - base) ** 2).sum())
        assert is_close(row["brier_resolution"], resolution)
        positives = int(rows.label.sum())
        is_thin = min(positives, n - positives) < 30
        assert row["status"] == ("insufficient_data" if is_thin else "ok")
        if len(np.unique(rows.score)) == 1:
            assert row["slope"] is None and row["intercept"] is None, (day, row["slope"])
        else:
            slope, intercept = np.polyfit(rows.score, rows.label, 1)
            assert is_close(row["slope"], slope, rel=1e-6, tol=1e-6), (day, row, slope)
            assert is_close(row["intercept"], intercept, rel=1e-6, tol=1e-6), (day, row)
    if (monitor, segment) == ("orders", OVERALL):
        assert seen == {True, False}
