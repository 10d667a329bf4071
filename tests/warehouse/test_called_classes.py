"""The chance that the class called comes true: its calibration, and accuracy without labels."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.isotonic import IsotonicRegression
from test_task_marts import DAYS, WINDOWS, Tables, rows_of
from truth import calibration, intervals
from truth.comparing import is_close
from truth.estimates_by_task import Rows

KEYS = [("serving", "overall", "all"), ("t1", "overall", "all"), ("serving", "channel", "web")]


def said_and_came(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """The greatest score of each row and whether its class came true; of equal ones the first."""
    scores = rows.columns["scores"]
    called = scores.argmax(axis=1)
    return scores[np.arange(len(called)), called], (called == rows.columns["label"]).astype(float)


def found_rows(frame: pl.DataFrame, key: tuple[str, str, str], *by: str) -> dict[Any, Any]:
    own = frame.filter(
        pl.col("monitor") == "tickets",
        pl.col("model_version") == key[0],
        pl.col("segment_name") == key[1],
        pl.col("segment_value") == key[2],
    )
    return {
        (row["metric_date"].toordinal(), row["window_days"], *(row[name] for name in by)): row
        for row in own.iter_rows(named=True)
    }


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_calibration_is_that_of_the_class_called(
    first_build: Tables, tables: Tables, key: tuple[str, str, str]
) -> None:
    rows = rows_of(tables, "tickets", *key).judged
    bins = found_rows(first_build["calibration"], key, "bin_id")
    summaries = found_rows(first_build["calibration_summary"], key)
    looked_at = 0

    def month_of(day: int) -> intervals.Rows:
        own = rows.between(day - 29, day)
        return intervals.Rows(*said_and_came(own), own.day)

    for day in DAYS:
        for window in WINDOWS:
            score, hit = said_and_came(rows.between(day - window + 1, day))
            if not len(score) or (day, window) not in summaries:
                assert not len(score) or key[0] != "serving"
                continue
            per_unit = 50 if key[1] == "overall" else 10
            tenth = calibration.bins_of(score, per_unit)
            effect = calibration.effect_on("rate", month_of, day, per_unit)
            days = rows.between(day - window + 1, day).day
            widened = calibration.design_effects(tenth, hit, effect, days)
            ece = 0.0
            for number in np.unique(tenth):
                row, own = bins[day, window, int(number)], tenth == number
                assert (row["row_count"], row["positive_rows"]) == (own.sum(), hit[own].sum())
                assert is_close(row["mean_score"], score[own].mean())
                assert is_close(row["observed_rate"], hit[own].mean())
                assert is_close(row["design_effect"], widened[int(number)], rel=1e-6)
                low, high = calibration.bounds(
                    hit[own].mean(), own.sum(), effect, row["design_effect"]
                )
                assert is_close(row["lower_bound"], low, tol=1e-4)
                assert is_close(row["upper_bound"], high, tol=1e-4)
                ece += abs(score[own].sum() - hit[own].sum()) / len(score)
            row, looked_at = summaries[day, window], looked_at + 1
            assert is_close(row["ece"], ece)
            assert is_close(row["bias"], score.mean() - hit.mean())
            assert is_close(row["brier"], np.mean((score - hit) ** 2))
            effect = calibration.effect_on("bias", month_of, day)
            assert is_close(row["design_effect"], effect.of(np.unique(days, return_counts=True)[1]))
            half = calibration.bias_error(score, hit) * np.sqrt(row["design_effect"])
            half *= effect.quantile(row["design_effect"])
            low, high = np.clip(row["bias"] + half * np.array([-1, 1]), -1, 1)
            assert is_close(row["bias_lower_bound"], low, tol=1e-3 * half)
            assert is_close(row["bias_upper_bound"], high, tol=1e-3 * half)
            rarer = min(hit.sum(), len(hit) - hit.sum())
            assert row["status"] == ("ok" if rarer >= 30 else "insufficient_data")
            if len(np.unique(score)) > 2:
                slope, intercept = np.polyfit(score, hit, 1)
                assert is_close(row["slope"], slope, rel=1e-6, tol=1e-6)
                assert is_close(row["intercept"], intercept, rel=1e-6, tol=1e-6)
    assert looked_at > 10


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_expected_accuracy_is_the_mean_of_mapped_scores(
    first_build: Tables, tables: Tables, key: tuple[str, str, str]
) -> None:
    """Isotonic regression of scikit-learn on raw scores of each version's first 28 days. The groups
    of the map hold a hundredth of its rows, so that steps are cut elsewhere."""
    found = found_rows(first_build["estimated_performance"], key, "metric_name")
    assert {metric for *_, metric in found} == {"accuracy"}
    rows, estimated = rows_of(tables, "tickets", *key), 0
    maps, last_days = {}, {}
    for version in set(rows.columns["version"]):
        own = rows_of(tables, "tickets", version, "overall", "all")
        last_days[version] = int(own.day.min()) + 27
        taught = own.judged.between(0, last_days[version])
        maps[version] = IsotonicRegression(out_of_bounds="clip").fit(*said_and_came(taught))
    for (day, window, _), row in found.items():
        inside = rows.between(day - window + 1, day)
        versions = inside.columns["version"]
        is_taught = any(
            inside.day[versions == one].min() <= last_days[one] for one in set(versions)
        )
        if row["estimated_value"] is None:
            assert is_taught or row["status"] != "ok"
            continue
        assert not is_taught
        filled = np.nan_to_num(inside.columns["scores"], nan=9)
        usable = (filled <= 1).all(axis=1) & (np.abs(filled.sum(axis=1) - 1) <= 0.01)
        said = [
            maps[one].predict([score.max()])[0]
            for one, score in zip(versions[usable], filled[usable], strict=True)
        ]
        assert is_close(row["estimated_value"], np.mean(said), tol=0.02, rel=0), (day, window)
        assert row["error_bound"] < 1e-12
        assert row["lower_bound"] < row["estimated_value"] < row["upper_bound"]
        estimated += 1
    assert estimated > 20


def test_realised_accuracy_stands_beside_it(first_build: Tables) -> None:
    found = first_build["estimated_performance"].filter(pl.col("monitor") == "tickets")
    keys = ["model_version", "segment_name", "segment_value", "metric_date", "window_days"]
    of_labels = first_build["performance"].filter(
        (pl.col("monitor") == "tickets")
        & (pl.col("metric_name") == "accuracy")
        & (pl.col("reference") == "previous")
    )
    both = found.join(of_labels, on=keys, how="full")
    assert both.height == found.height == of_labels.height
    mature = both.filter("is_mature")
    assert mature["realised_value"].equals(mature["metric_value"])
    assert found.filter(status="ok").height > 30
