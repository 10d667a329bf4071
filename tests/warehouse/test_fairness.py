"""Rates of protected groups and their gaps against numpy and scikit-learn on raw rows."""

from typing import Any

import nasty
import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn import metrics
from truth.comparing import by_key, is_close
from truth.performance import Z, wilson
from truth.rows import WINDOWS, Truth, judged_dates, ordinal

RATES = ("selection_rate", "true_positive_rate", "false_positive_rate", "accuracy")
ATTRIBUTES = [("orders", "region"), ("visits", "device")]
VERSIONS = {"orders": ("serving", "v2", "canary"), "visits": ("serving",)}
KEY = ["model_version", "metric_date", "window_days", "group_value", "metric_name"]


class Groups:
    """Scored rows of one version: which count for a rate, and which of them are hits."""

    def __init__(self, truth: Truth, version: str, attribute: str) -> None:
        rows = truth.rows
        with np.errstate(invalid="ignore"):
            scored = rows.of_version(version) & (rows.score >= 0) & (rows.score <= 1)
        self.day, self.group = rows.day[scored], rows.segments[attribute][scored]
        self.called = rows.score[scored] >= truth.threshold
        self.positive, self.negative = (rows.label[scored] == label for label in (1, 0))

    def rows_of(self, rate: str) -> tuple[np.ndarray, np.ndarray]:
        return {
            "selection_rate": (self.called, np.ones(len(self.day), bool)),
            "true_positive_rate": (self.called, self.positive),
            "false_positive_rate": (self.called, self.negative),
            "accuracy": (self.called == self.positive, self.positive | self.negative),
        }[rate]


def per_day(day: np.ndarray, hit: np.ndarray, mask: np.ndarray, last: int) -> np.ndarray:
    """Hits and trials on each of the 30 days up to the last, as an array of shape (30, 2)."""
    inside = mask & (day > last - 30) & (day <= last)
    at = day[inside] - (last - 29)
    return np.stack([np.bincount(at, hit[inside], 30), np.bincount(at, minlength=30)], axis=1)


def design_effect(pulls: np.ndarray, variance: float, days: int) -> float:
    """What days pull, squared, over what independent rows would give."""
    found = float((pulls**2).sum())
    return found / variance if days >= 7 and found > variance > 0 else 1.0


def widening(effect: float, days: int) -> float:
    """With Student's quantile of Satterthwaite's degrees of freedom, at least 4."""
    if effect == 1:
        return 1.0
    degrees = max((days - 1) / (1 - 1 / effect) ** 2, 4)
    return float(effect * (stats.t.ppf(0.975, degrees) / Z) ** 2)


def binomial_variance(side: np.ndarray) -> float:
    """Of the sum of hits about the rate of all days, for independent rows."""
    trials = side[:, 1].sum()
    share = side[:, 0].sum() / trials
    return float(share * (1 - share) * (side[:, 1] * (1 - side[:, 1] / trials)).sum())


def expected(own: np.ndarray, other: np.ndarray, window: int) -> dict[str, Any]:
    """Everything of one rate of one group from counts per day, of shape (30, 2) each."""
    found: dict[str, Any] = dict.fromkeys(
        ["metric_value", "lower_bound", "upper_bound", "value_of_others", "gap",
         "gap_lower_bound", "gap_upper_bound"]
    )  # fmt: skip
    (hits, trials), (other_hits, other_trials) = own[-window:].sum(0), other[-window:].sum(0)
    days, shared = (own[:, 1] > 0).sum(), ((own[:, 1] > 0) & (other[:, 1] > 0)).sum()
    effect = gap_effect = 1.0
    pulls, variances = [], []
    for side in (own, other):
        total = side.sum(0)
        if total[1] > 0:
            pulls.append(side[:, 0] - total[0] / total[1] * side[:, 1])
            variances.append(binomial_variance(side))
    if own[:, 1].sum() > 0:
        effect = design_effect(pulls[0], variances[0], days)
    if len(pulls) == 2:
        n, m = own[:, 1].sum(), other[:, 1].sum()
        gap_variance = variances[0] / n**2 + variances[1] / m**2
        gap_effect = design_effect(pulls[0] / n - pulls[1] / m, gap_variance, shared)
    if trials:
        share = hits / trials
        lower, upper = wilson(share, trials / widening(effect, days))
        found |= {"metric_value": share, "lower_bound": lower, "upper_bound": upper}
    if other_trials:
        found["value_of_others"] = rate = other_hits / other_trials
    if trials and other_trials:
        narrowed = widening(gap_effect, shared)
        low, high = wilson(share, trials / narrowed)
        other_low, other_high = wilson(rate, other_trials / narrowed)
        found |= {
            "gap": share - rate,
            "gap_lower_bound": share - rate - np.hypot(share - low, other_high - rate),
            "gap_upper_bound": share - rate + np.hypot(high - share, rate - other_low),
        }
    return found | {
        "numerator": hits, "denominator": trials, "numerator_of_others": other_hits,
        "denominator_of_others": other_trials, "design_effect": effect,
        "gap_design_effect": gap_effect,
    }  # fmt: skip


@pytest.fixture(scope="module")
def rows(first_build: dict[str, pl.DataFrame]) -> dict[tuple[Any, ...], pl.DataFrame]:
    return first_build["fairness"].partition_by("monitor", "protected_attribute", as_dict=True)


@pytest.mark.parametrize(("monitor", "attribute"), ATTRIBUTES)
def test_rates_gaps_and_bounds_equal_numpy(
    truths: dict[str, Truth],
    rows: dict[tuple[Any, ...], pl.DataFrame],
    monitor: str,
    attribute: str,
) -> None:
    truth = truths[monitor]
    wanted = [nasty.date.fromordinal(day) for day in judged_dates(truth)]
    found = by_key(rows[monitor, attribute].filter(pl.col("metric_date").is_in(wanted)), KEY)
    looked_at = set()
    for version in VERSIONS[monitor]:
        groups = Groups(truth, version, attribute)
        for group in sorted(set(truth.rows.segments[attribute])):
            days = truth.days_of(version, (attribute, group))
            for day in set(days) & set(judged_dates(truth)):
                for rate in RATES:
                    hit, counted = groups.rows_of(rate)
                    own = per_day(groups.day, hit, counted & (groups.group == group), day)
                    other = per_day(groups.day, hit, counted & (groups.group != group), day)
                    for window in WINDOWS:
                        key = (version, day, window, group, rate)
                        for column, value in expected(own, other, window).items():
                            # The model's quantile is an expansion.
                            rel = 1e-3 if column.endswith("bound") else 1e-9
                            assert is_close(found[key][column], value, rel), (key, column)
                        looked_at.add(key)
    assert {key for key in found if key[0] in VERSIONS[monitor]} == looked_at


@pytest.mark.parametrize(("monitor", "attribute"), ATTRIBUTES)
def test_groups_with_enough_rows_are_compared(
    rows: dict[tuple[Any, ...], pl.DataFrame], monitor: str, attribute: str
) -> None:
    frame = rows[monitor, attribute]
    compared = frame.filter(pl.col("status") == "ok", pl.col("group_value") != "unknown")
    spans = {}
    for key, rates in compared.group_by("model_version", "metric_date", "window_days",
                                        "metric_name"):  # fmt: skip
        values = rates["metric_value"]
        spans[key] = (values.len(), values.max() - values.min(), values.min() / values.max())
    counts = {count for count, *_ in spans.values()}
    assert counts - {1}, "groups are compared"
    assert counts - {compared.n_unique("group_value")}, "and not always all of them"
    for row in frame.iter_rows(named=True):
        key = tuple(row[name] for name in ["model_version", "metric_date", "window_days",
                                           "metric_name"])  # fmt: skip
        count, gap, ratio = spans.get(key, (0, None, None))
        assert row["compared_groups"] == count
        assert is_close(row["gap_between_groups"], gap if count > 1 else None)
        assert is_close(row["ratio_between_groups"], ratio if count > 1 else None)


def test_the_equal_opportunity_difference_is_that_of_recalls(
    truths: dict[str, Truth], rows: dict[tuple[Any, ...], pl.DataFrame]
) -> None:
    """The largest difference of scikit-learn's recall between groups, as Fairlearn defines it."""
    truth = truths["visits"]
    month = rows["visits", "device"].filter(
        pl.col("model_version") == "serving",
        pl.col("metric_name") == "true_positive_rate",
        pl.col("metric_date") == nasty.AS_OF,
        pl.col("window_days") == 30,
    )
    groups = Groups(truth, "serving", "device")
    recalls = []
    for group in ("phone", "desk"):
        mask = (groups.group == group) & (groups.day > truth.as_of - 30)
        mask &= groups.positive | groups.negative
        recalls.append(metrics.recall_score(groups.positive[mask], groups.called[mask]))
    assert set(month.filter(pl.col("status") == "ok")["group_value"]) >= {"phone", "desk"}
    assert is_close(month["gap_between_groups"][0], max(recalls) - min(recalls))


def test_selection_waits_for_no_label(
    truths: dict[str, Truth], first_build: dict[str, pl.DataFrame]
) -> None:
    """Groups are compared by it while labels are too few, or not due."""
    found = first_build["fairness"]
    key = ["monitor", "model_version", "metric_date", "window_days", "group_value"]
    selected, right = (
        found.filter(pl.col("metric_name") == name, pl.col("status") == "ok")
        for name in ("selection_rate", "accuracy")
    )
    early = selected.join(right, on=key, how="anti")
    assert (early["denominator"] > early["labeled_rows"]).any()
    for monitor, truth in truths.items():
        rows = found.filter(pl.col("monitor") == monitor).select("metric_date", "is_mature")
        for day, is_mature in rows.unique().iter_rows():
            assert is_mature == (ordinal(day) + truth.horizon <= truth.as_of)
    coverage = pl.col("labeled_rows") / pl.col("row_count")
    assert (found["label_coverage"] >= found.select(coverage)["labeled_rows"] - 1e-12).all()


def test_it_has_the_days_and_groups_of_performance(first_build: dict[str, pl.DataFrame]) -> None:
    segments = pl.struct("monitor", "segment_name").is_in(
        [{"monitor": monitor, "segment_name": name} for monitor, name in ATTRIBUTES]
    )
    keys = ["monitor", "model_version", "metric_date", "window_days"]
    measured = first_build["performance"].filter(segments)
    found = first_build["fairness"].rename(
        {"protected_attribute": "segment_name", "group_value": "segment_value"}
    )
    keys += ["segment_name", "segment_value"]
    assert set(found[keys].iter_rows()) == set(measured[keys].iter_rows())
    assert found.height == 4 * found[keys].unique().height
