"""Errors of predicted numbers whose spread is known: do the bounds of estimates hold what comes?"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from jobs.attribution.folds import Trees
from jobs.estimation.error_model import METRICS, ErrorModel
from jobs.training.dataset import day_ordinals
from tests.simulation.processes import FIRST_DAY

REFERENCE_DAYS, WINDOW_DAYS = 28, 7


@dataclass(frozen=True)
class Case:
    """So many rows a day; `moved` by so many standard deviations, days vary by `effect_of_days`."""

    rows_a_day: int
    moved: float = 0.0
    effect_of_days: float = 0.0
    replicates: int = 60


CASES = (
    Case(50), Case(200), Case(200, effect_of_days=0.2), Case(200, moved=0.7),
    Case(50, moved=0.7, effect_of_days=0.2), Case(50, moved=1.0),
)  # fmt: skip


def rows(rng: np.random.Generator, case: Case, first: int, days: int, moved: float) -> pl.DataFrame:
    """Predictions whose errors are the more spread the larger one feature, on some days more."""
    day = np.repeat(np.arange(days), case.rows_a_day)
    size = rng.normal(size=len(day)) + moved
    kind = rng.integers(0, 3, len(day))
    level = case.effect_of_days * rng.normal(size=days)[day]
    spread = np.exp(0.5 * size - 0.3 + level) * (1 + 0.5 * (kind == 2))
    score = 10 + 3 * size + rng.normal(size=len(day))
    return pl.DataFrame(
        {
            "inference_id": [f"{first}-{number}" for number in range(len(day))],
            "metric_date": [FIRST_DAY + timedelta(days=first + int(one)) for one in day],
            "score": score,
            "label": score + spread * rng.normal(size=len(day)),
            "numeric_values": np.column_stack([size, rng.normal(size=len(day))]).tolist(),
            "categorical_values": [[str(one)] for one in kind],
        }
    )


def estimates(case: Case, trees: Trees | None = None) -> pl.DataFrame:
    """Share of windows within the bounds and how far off the estimate, and the reference, were."""
    found = []
    for seed in range(case.replicates):
        rng = np.random.default_rng(seed)
        reference = rows(rng, case, 0, REFERENCE_DAYS, 0.0)
        window = rows(rng, case, REFERENCE_DAYS, WINDOW_DAYS, case.moved)
        model = ErrorModel.fit(reference, ("size", "noise"), ("kind",), trees or Trees())
        predicted, day = model.predict(window), day_ordinals(window["metric_date"])
        error = (window["score"] - window["label"]).to_numpy()
        realised = {"mae": np.abs(error).mean(), "rmse": np.sqrt(np.square(error).mean())}
        for metric in METRICS:
            estimate = model.estimate(metric, predicted[metric], day, window.height)
            lower, upper = estimate.bounds
            found.append(
                {
                    "metric": metric,
                    "held": lower <= realised[metric] <= upper,
                    "estimate_off": estimate.value / realised[metric] - 1,
                    "reference_off": model.reference[metric] / realised[metric] - 1,
                }
            )
    of_case = pl.DataFrame(found).group_by("metric").mean().sort("metric")
    return of_case.select(
        pl.lit(case.rows_a_day).alias("rows_a_day"),
        pl.lit(case.moved).alias("moved"),
        pl.lit(case.effect_of_days).alias("effect_of_days"),
        pl.all(),
    )
