"""Performance and calibration against scikit-learn, scipy and numpy on raw rows."""

from collections.abc import Callable
from typing import Any

import nasty
import numpy as np
import polars as pl
import pytest
from segments import IDS, OVERALL, SEGMENTS
from sklearn import metrics
from truth.comparing import by_key, is_close
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

    @property
    def metrics(self) -> dict[str, Metric]:
        return all_metrics(self.score, self.label, self.threshold, self.per_unit)

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


@pytest.mark.parametrize(("monitor", "version", "segment"), VERSIONS, ids=VERSION_IDS)
def test_bounds_follow_their_formulas(
    truths: dict[str, Truth],
    versions_rows: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    version: str,
    segment: Segment,
) -> None:
    """Wilson for shares (F1 through the Jaccard share), Student's mean, DeLong on the logit.

    With days that vary no more than rows do (design effect 1) they are those of independent rows;
    otherwise the trials are divided by the design effect, and errors grow with its root.
    """
    truth = truths[monitor]
    days = truth.days_of(version, segment)
    seen = set()
    for window in WINDOWS:
        found = rows_of(versions_rows, monitor, version, segment, window)
        for day in judged_dates(truth):
            if day not in days:
                continue
            rows = Window(truth, version, segment, day - window + 1, day)
            for metric, (successes, trials) in rows.shares().items():
                row, at = found[metric, day, "stable"], (metric, day, window)
                if trials == 0:
                    assert row["lower_bound"] is None and row["upper_bound"] is None, at
                    continue
                bounds = wilson(successes / trials, trials / row["design_effect"])
                if metric == "f1":
                    bounds = tuple(2 * share / (1 + share) for share in bounds)
                assert is_close(row["lower_bound"], bounds[0]), (at, row, bounds)
                assert is_close(row["upper_bound"], bounds[1]), (at, row, bounds)
            clipped = np.clip(rows.score, 2.220446049250313e-16, 1 - 2.220446049250313e-16)
            losses = {
                "log_loss": -np.where(rows.label == 1, np.log(clipped), np.log1p(-clipped)),
                "brier": (rows.score - rows.label) ** 2,
            }
            for metric, loss in losses.items():
                row, at = found[metric, day, "stable"], (metric, day, window)
                if len(loss) < 2:
                    assert row["lower_bound"] is None and row["upper_bound"] is None, at
                    continue
                error = Z * loss.std(ddof=1) / np.sqrt(len(loss)) * np.sqrt(row["design_effect"])
                assert is_close(row["lower_bound"], loss.mean() - error, tol=1e-7), at
                assert is_close(row["upper_bound"], loss.mean() + error, tol=1e-7), at
            row, at = found["roc_auc", day, "stable"], ("roc_auc", day, window)
            positive = rows.label == 1
            if min(positive.sum(), (~positive).sum()) < 2:
                assert row["lower_bound"] is None and row["upper_bound"] is None, (at, row)
                continue
            auc = row["metric_value"]
            if not 0 < auc < 1:
                continue
            # The cells are part of the statistic: scores at their cell give the same ranks.
            cells = score_cells(rows.score, rows.per_unit).astype(float)
            error = delong_standard_error(cells, positive) * np.sqrt(row["design_effect"])
            half = Z * error / (auc * (1 - auc))
            logit = np.log(auc / (1 - auc))
            assert is_close(row["lower_bound"], 1 / (1 + np.exp(half - logit))), (at, row)
            assert is_close(row["upper_bound"], 1 / (1 + np.exp(-half - logit))), (at, row)
            if row["design_effect"] == 1 and min(positive.sum(), (~positive).sum()) >= 30:
                exact = delong_standard_error(rows.score, positive)
                assert is_close(error, exact, rel=0.02), (at, error, exact)
            seen.add(row["design_effect"] == 1)
    if segment == OVERALL:
        assert True in seen


def test_the_coarse_scores_of_the_shadow_leave_no_doubt_about_auc(
    truths: dict[str, Truth], versions_rows: dict[tuple[Any, ...], pl.DataFrame]
) -> None:
    """Where each cell holds one distinct score, AUC and average precision are exact."""
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
            precision = metrics.average_precision_score(positive, rows.score)
            assert is_close(found["roc_auc", day, "stable"]["metric_value"], auc)
            assert is_close(found["average_precision", day, "stable"]["metric_value"], precision)
    assert compared >= 10


@pytest.mark.parametrize("metric", ["accuracy", "brier", "roc_auc"])
@pytest.mark.parametrize(("monitor", "segment"), SEGMENTS, ids=IDS)
def test_design_effect_is_the_variation_between_days_over_that_of_rows(
    truths: dict[str, Truth],
    versions_rows: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    segment: Segment,
    metric: str,
) -> None:
    truth = truths[monitor]
    found = rows_of(versions_rows, monitor, "serving", segment, 1)
    days = truth.days_of("serving", segment)
    daily = {}
    for day in truth.days:
        rows = Window(truth, "serving", segment, day, day)
        positive = rows.label == 1
        if min(positive.sum(), (~positive).sum()) < 10:
            continue
        if metric == "accuracy":
            successes, trials = rows.shares()["accuracy"]
            value = successes / trials
            error = np.sqrt((successes + 1) * (trials - successes + 1) / (trials + 2) ** 3)
        elif metric == "brier":
            loss = (rows.score - rows.label) ** 2
            value, error = loss.mean(), loss.std(ddof=1) / np.sqrt(len(loss))
        else:
            cells = score_cells(rows.score, rows.per_unit).astype(float)
            value = metrics.roc_auc_score(positive, cells)
            error = delong_standard_error(cells, positive)
        if error > 1e-12:
            daily[day] = (value, error)
    for day in judged_dates(truth):
        if day not in days:
            continue
        used = [daily[other] for other in range(day - 27, day + 1) if other in daily]
        expected = 1.0
        if len(used) >= 7:
            values, errors = np.array(used).T
            weights = errors**-2
            mean = (weights * values).sum() / weights.sum()
            expected = max(1.0, (weights * (values - mean) ** 2).sum() / (len(used) - 1))
        row = found[metric, day, "stable"]
        assert is_close(row["design_effect"], expected, rel=1e-6), (day, row, expected)


def calibration_bins(rows: Window) -> np.ndarray:
    """Return the bin of each judged row: a tenth of the mass, whole cells of the score together."""
    cells = score_cells(rows.score, rows.per_unit)
    distinct, counts = np.unique(cells, return_counts=True)
    middle = np.cumsum(counts) - counts + 0.5 * counts
    bins = 1 + np.floor(10.0 * middle / counts.sum()).astype(int)
    return bins[np.searchsorted(distinct, cells)]


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
    for day in judged_dates(truth):
        rows = Window(truth, "serving", segment, day - window + 1, day)
        n = len(rows.label)
        if n == 0:
            assert (day,) not in summaries
            continue
        ids = calibration_bins(rows)
        assert {bin_id for at, bin_id in found if at == day} == set(ids.tolist())
        mean_score, rate, parts = np.empty(n), np.empty(n), []
        for bin_id in np.unique(ids):
            inside = ids == bin_id
            size, score, label = inside.sum(), rows.score[inside].mean(), rows.label[inside].mean()
            row = found[day, int(bin_id)]
            assert row["row_count"] == size and row["positive_rows"] == rows.label[inside].sum()
            assert is_close(row["mean_score"], score)
            assert is_close(row["observed_rate"], label)
            bounds = wilson(label, size)
            assert is_close(row["lower_bound"], bounds[0])
            assert is_close(row["upper_bound"], bounds[1])
            mean_score[inside], rate[inside] = score, label
            parts.append((size, score, label))
        row = summaries[(day,)]
        sizes, scores, rates = np.array(parts).T
        weights = sizes / n
        base = rows.label.mean()
        assert row["labeled_rows"] == n
        assert is_close(row["mean_score"], rows.score.mean())
        assert is_close(row["observed_rate"], base)
        assert is_close(row["bias"], rows.score.mean() - base)
        assert is_close(row["ece"], float((weights * np.abs(scores - rates)).sum()))
        chance = np.where(sizes > 1, rates * (1 - rates) / np.maximum(sizes - 1, 1), 0)
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
