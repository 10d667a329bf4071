"""Drift without labels on rows that have not drifted, and on rows that have: how often it is said.

Days shift all rows of one feature by a normal effect, so that rows of a day are not independent.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from jobs.attribution.folds import Trees
from jobs.drift.classifier import Sample, learn_null, tell
from jobs.drift.shares import Contributions, FloatArray, IntArray, compare
from tests.simulation.attribution import KIND, KIND_EFFECTS, NUMERIC, draw

LEVEL = 0.05
"""Of windows without drift at most this share has a smaller p-value than that: what is stated."""
LEAST_POWER = 0.8
"""Of windows whose first feature has moved by half a deviation."""
WINDOW, REFERENCE = 7, 28
WEIGHTS = np.array([1.2, 0.6, 0.3, 0.05])


@dataclass(frozen=True)
class Case:
    """So many windows of seven days, each with a reference of its own, the 28 days before."""

    rows_a_day: int
    effect_of_days: float
    replicates: int
    shift: float = 0.0
    """Deviations that the first feature moves by, and by half of which it spreads."""

    def drawn(self, seed: int) -> tuple[FloatArray, IntArray]:
        """Features and day of each row, the reference first."""
        rng = np.random.default_rng([seed, self.rows_a_day, round(100 * self.effect_of_days)])
        day = np.repeat(np.arange(REFERENCE + WINDOW), self.rows_a_day)
        features = draw(rng, len(day), None, 0.0)
        features[:, 0] += self.effect_of_days * rng.normal(size=REFERENCE + WINDOW)[day]
        current = day >= REFERENCE
        features[current, 0] = features[current, 0] * (1 + self.shift / 2) + self.shift
        return features, day


def p_values_of_classifier(case: Case, trees: Trees | None = None) -> FloatArray:
    """One of each window: all features together."""
    found = []
    trees = trees or Trees(rounds=50)
    for seed in range(case.replicates):
        features, day = case.drawn(seed)
        ids = np.arange(len(day)).astype(str)
        rows = Sample(features.astype(np.float32), day, ids)
        current, reference = rows.part(day >= REFERENCE), rows.part(day < REFERENCE)
        null = learn_null(reference, WINDOW, (KIND,), trees)
        auc = tell(current, reference, (KIND,), trees).auc
        found.append(null.p_value(auc, len(current), len(reference)))
    return np.array(found, dtype=np.float64)


def p_values_of_shares(case: Case) -> FloatArray:
    """One of each window: what a model that adds its features up decides by.

    Of a sum the contribution of a feature is its term less the mean of its term.
    """
    found = []
    for seed in range(case.replicates):
        features, day = case.drawn(seed)
        kinds = KIND_EFFECTS[features[:, KIND].astype(int)]
        terms = np.column_stack([features[:, : len(NUMERIC)] * WEIGHTS, kinds])
        terms -= terms[day < REFERENCE].mean(axis=0)
        sides = [
            Contributions(terms[part], day[part]) for part in (day >= REFERENCE, day < REFERENCE)
        ]
        found.append(compare(*sides).least_q)
    return np.array(found, dtype=np.float64)


def found(cases: list[Case], trees: Trees | None = None, of_rows: bool = True) -> pl.DataFrame:
    """One row per case and question: the share of windows with a p-value of at most LEVEL."""
    asked = {"contributions": p_values_of_shares}
    rows = []
    for case in cases:
        answers = {name: ask(case) for name, ask in asked.items()}
        if of_rows:
            answers["all features"] = p_values_of_classifier(case, trees)
        for name, p_values in answers.items():
            rows.append(
                {
                    "question": name,
                    "rows_a_day": case.rows_a_day,
                    "effect_of_days": case.effect_of_days,
                    "shift": case.shift,
                    "windows": len(p_values),
                    "at_most_0.05": float((p_values <= LEVEL).mean()),
                    "at_most_0.01": float((p_values <= 0.01).mean()),
                }
            )
    return pl.DataFrame(rows)


def outside_stated(told: pl.DataFrame) -> pl.DataFrame:
    """What is said too often without drift, by three standard errors, or too seldom with it."""
    error = (LEVEL * (1 - LEVEL) / pl.col("windows")).sqrt()
    too_often = (pl.col("shift") == 0) & (pl.col("at_most_0.05") > LEVEL + 3 * error)
    too_seldom = (pl.col("shift") > 0) & (pl.col("at_most_0.05") < LEAST_POWER)
    return told.filter(too_often | too_seldom)
