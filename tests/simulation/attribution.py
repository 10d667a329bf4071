"""Data drift or concept drift on rows whose cause is known: what the joint verdict says of it.

The label of a row depends on four features that depend on each other. What is said to have shifted
has, and nothing else: the true parts of the change follow from the probabilities themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl

from jobs.attribution.decompose import Decomposition, Rows, decompose
from jobs.attribution.folds import Trees
from jobs.attribution.losses import log_loss, squared_error
from jobs.attribution.null_band import null_band

FloatArray = npt.NDArray[np.float64]
NUMERIC = ("x0", "x1", "x2", "idle")
FEATURES = (*NUMERIC, "kind")
MATTERING = ("x0", "x1", "x2", "kind")
KIND = len(NUMERIC)
KIND_EFFECTS = np.array([-1.2, -0.6, 0.0, 0.6, 1.2, 2.4])
KIND_SHARES = np.array([0.3, 0.25, 0.2, 0.15, 0.07, 0.03])
SHIFTED_SHARES = np.array([0.05, 0.08, 0.12, 0.2, 0.25, 0.3])
LEAST_SHARE, LARGEST_GAP = 0.85, 0.15
"""Of one cause alone, and of both: what is stated."""
MOST_BEYOND = 0.05
"""Of windows without drift beyond the null band."""


def draw(rng: np.random.Generator, count: int, shifted: str | None, size: float) -> FloatArray:
    """Features of `count` rows, shape (count, 5); `shifted` has moved by `size` deviations."""
    common = rng.normal(size=(count, 1))
    numeric = np.sqrt(0.2) * common + np.sqrt(0.8) * rng.normal(size=(count, len(NUMERIC)))
    part = min(size, 1.0) if shifted == "kind" else 0.0
    shares = (1 - part) * KIND_SHARES + part * SHIFTED_SHARES
    kind = rng.choice(len(shares), size=count, p=shares / shares.sum())
    if shifted in NUMERIC:
        numeric[:, NUMERIC.index(shifted)] += size
    return np.column_stack([numeric, kind])


def true_logit(features: FloatArray) -> FloatArray:
    """Log odds of a positive label, with an interaction."""
    x = features[:, :KIND]
    kinds = KIND_EFFECTS[features[:, KIND].astype(int)]
    return np.asarray(-3.0 + 1.2 * x[:, :3].sum(axis=1) + kinds + 0.3 * x[:, 0] * x[:, 1])


def turned_logit(features: FloatArray, size: float) -> FloatArray:
    """The same after the world has changed: more positives, and x0 says less or the opposite."""
    return true_logit(features) + size * (1.0 - 0.8 * features[:, 0])


def misled_logit(features: FloatArray) -> FloatArray:
    """What a model says that overrates x0, hardly sees x1, halves the kinds, and believes in
    `idle`."""
    kinds = KIND_EFFECTS[features[:, KIND].astype(int)]
    weights = np.array([1.9, 0.25, 1.2, 0.5])
    return np.asarray(-3.0 + features[:, :KIND] @ weights + 0.5 * kinds)


def bad_model(features: FloatArray) -> FloatArray:
    """Scores of a model that is misled."""
    return _expit(misled_logit(features))


@dataclass(frozen=True)
class Model:
    """A model, and what it loses by labels whose log odds (mean, of numbers) are known."""

    score: Callable[[FloatArray], FloatArray]
    drawn_loss: Callable[[np.random.Generator, FloatArray, FloatArray], FloatArray]
    """Of a score and a label that is drawn around a log odds."""
    expected_loss: Callable[[FloatArray, FloatArray], FloatArray]
    """Its mean."""


def _drawn_surprise(
    rng: np.random.Generator, score: FloatArray, log_odds: FloatArray
) -> FloatArray:
    return log_loss(score, (rng.random(len(score)) < _expit(log_odds)) * 1.0)


def _expected_surprise(score: FloatArray, log_odds: FloatArray) -> FloatArray:
    chance = _expit(log_odds)
    positive, negative = log_loss(score, np.ones_like(score)), log_loss(score, np.zeros_like(score))
    return chance * positive + (1 - chance) * negative


def _drawn_square(rng: np.random.Generator, score: FloatArray, mean: FloatArray) -> FloatArray:
    return squared_error(score, mean + rng.normal(size=len(mean)))


def _expected_square(score: FloatArray, mean: FloatArray) -> FloatArray:
    return squared_error(score, mean) + 1.0


def numbers_model(features: FloatArray) -> FloatArray:
    """Predicted means of a model that is misled on x2 too: where it is right no shift does harm."""
    return misled_logit(features) + 0.8 * features[:, 2]


MODELS = {
    "good": Model(lambda x: _expit(true_logit(x)), _drawn_surprise, _expected_surprise),
    "bad": Model(bad_model, _drawn_surprise, _expected_surprise),
    "numbers": Model(numbers_model, _drawn_square, _expected_square),
}
"""A model that knows the probabilities, one that is misled, and a regression that is."""


@dataclass(frozen=True)
class Case:
    """A reference and current rows; `mix_size` moves a feature, `concept_size` the labels.

    A `certain` one has the loss that the probabilities let expect in the place of that of a drawn
    label: what is left of an error is that of the method.
    """

    model: str
    shifted: str | None
    mix_size: float
    concept_size: float
    rows: int = 20_000
    seed: int = 0
    certain: bool = False

    @property
    def cause(self) -> str:
        """What has changed, in a word."""
        if self.mix_size and self.concept_size:
            return "both"
        return "mix" if self.mix_size else "concept"

    def sides(self) -> tuple[Rows, Rows, float]:
        """Current rows, reference rows, and the part of the change that the mix truly has."""
        rng = np.random.default_rng([self.seed, FEATURES.index(self.shifted or "kind")])
        model = MODELS[self.model]
        sides, expected = [], []
        for is_current in (False, True):
            mix_size = self.mix_size if is_current else 0.0
            concept_size = self.concept_size if is_current else 0.0
            features = draw(rng, self.rows, self.shifted if is_current else None, mix_size)
            log_odds, score = turned_logit(features, concept_size), model.score(features)
            expected.append(model.expected_loss(score, true_logit(features)))
            drawn = model.drawn_loss(rng, score, log_odds)
            loss = model.expected_loss(score, log_odds) if self.certain else drawn
            sides.append(
                Rows(
                    features=features.astype(np.float32),
                    loss=loss,
                    day=np.arange(self.rows) * 28 // self.rows,
                    ids=np.array([f"{is_current}{number}" for number in range(self.rows)]),
                )
            )
        return sides[1], sides[0], float(expected[1].mean() - expected[0].mean())

    def judged(self, trees: Trees | None = None) -> tuple[Decomposition, float]:
        """What is said, and the true mix effect."""
        current, reference, true_mix = self.sides()
        return decompose(current, reference, (KIND,), trees), true_mix


def cases(rows: int = 20_000, replicates: int = 3) -> list[Case]:
    """Each feature in turn alone, the labels alone, and both in about equal parts."""
    found = []
    for model, seed in product(MODELS, range(replicates)):
        # Squares grow faster.
        turned = 0.25 if model == "numbers" else 0.5
        found += [Case(model, feature, 1.2, 0.0, rows, seed) for feature in MATTERING]
        found += [Case(model, None, 0.0, size, rows, seed) for size in (0.8, 1.2)]
        found += [Case(model, feature, 0.9, turned, rows, seed) for feature in MATTERING]
    return found


def verdicts(judged: Sequence[Case], trees: Trees | None = None) -> pl.DataFrame:
    """One row per case: the change, its parts as shares of it, and the true share of the mix."""
    found = []
    for case in judged:
        parts, true_mix = case.judged(trees)
        found.append(
            {
                "model": case.model,
                "cause": case.cause,
                "shifted": case.shifted or "labels",
                "size": case.mix_size + case.concept_size,
                "total": parts.total,
                "mix_share": parts.mix / parts.total,
                "true_share": true_mix / parts.total,
                "concept_share": parts.concept / parts.total,
                "outside_share": parts.outside / parts.total,
                "mix_error": parts.mix_error,
                "mix_gap": parts.mix - true_mix,
                "domain_auc": parts.domain_auc,
            }
        )
    return pl.DataFrame(found)


def summary(found: pl.DataFrame) -> pl.DataFrame:
    """Mean over the replicates of each case, and how many of them there are."""
    key = ["model", "cause", "shifted", "size"]
    return found.group_by(key, maintain_order=True).agg(
        pl.len().alias("replicates"), pl.all().mean()
    )


def outside_stated(found: pl.DataFrame) -> pl.DataFrame:
    """The cases whose mean verdict is not what is asked for."""
    cause = pl.col("cause")
    return summary(found).filter(
        ((cause == "mix") & (pl.col("mix_share") < LEAST_SHARE))
        | ((cause == "concept") & (pl.col("concept_share") < LEAST_SHARE))
        | ((cause == "both") & ((pl.col("mix_share") - pl.col("true_share")).abs() > LARGEST_GAP))
    )


def beyond_band(
    replicates: int, rows_a_day: int, effect_of_days: float, window_days: int = 7
) -> pl.DataFrame:
    """One row per window without drift: whether mix and AUC lie beyond the 95 % null band.

    Days shift all rows of x0 by `effect_of_days` standard deviations; the reference has 28.
    """
    found = []
    for seed in range(replicates):
        rng = np.random.default_rng([seed, rows_a_day, round(100 * effect_of_days)])
        days = np.repeat(np.arange(28 + window_days), rows_a_day)
        features = draw(rng, len(days), None, 0.0)
        features[:, 0] += effect_of_days * rng.normal(size=28 + window_days)[days]
        label = (rng.random(len(days)) < _expit(true_logit(features))) * 1.0
        ids = np.array([f"{seed}-{number}" for number in range(len(days))])
        loss = log_loss(bad_model(features), label)
        rows = Rows(features.astype(np.float32), loss, days, ids)
        reference, current = rows.part(days < 28), rows.part(days >= 28)
        parts, band = decompose(current, reference, (KIND,)), null_band(reference, 7, (KIND,))
        assert band.mix_bound is not None and band.auc_lower is not None
        assert band.auc_upper is not None and band.change_bound is not None
        found.append(
            {
                "rows_a_day": rows_a_day,
                "effect_of_days": effect_of_days,
                "mix": abs(parts.mix) > band.mix_bound,
                "change": abs(parts.total) > band.change_bound,
                "auc": not band.auc_lower <= parts.domain_auc <= band.auc_upper,
            }
        )
    return pl.DataFrame(found)


def beyond(found: pl.DataFrame) -> pl.DataFrame:
    """Share of the windows beyond each band."""
    shares = pl.col("mix", "change", "auc").mean()
    return found.group_by("rows_a_day", "effect_of_days", maintain_order=True).agg(
        pl.len().alias("windows"), shares
    )


def too_often(found: pl.DataFrame) -> pl.DataFrame:
    """The bands that more windows lie beyond than what is stated and three standard errors."""
    error = (MOST_BEYOND * (1 - MOST_BEYOND) / pl.col("windows")).sqrt()
    over = pl.max_horizontal("mix", "change", "auc") > MOST_BEYOND + 3 * error
    return beyond(found).filter(over)


def _expit(log_odds: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))
