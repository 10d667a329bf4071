"""Whether rows can be told apart by all features together, and better than chance tells days."""

import numpy as np
import pytest
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score

from jobs.attribution.folds import FoldModels, Trees, folds_of
from jobs.drift.classifier import Null, Sample, learn_null, tell
from tests.simulation.attribution import KIND, draw

TREES = Trees(rounds=15)


def drawn(seed: int, days: int, shifted: str | None = None, size: float = 0.0) -> Sample:
    """Rows of `days` days, 40 a day; `kind` holds codes."""
    features = draw(np.random.default_rng(seed), 40 * days, shifted, size).astype(np.float32)
    ids = np.array([f"{seed}-{number}" for number in range(len(features))])
    return Sample(features, np.arange(len(features)) // 40, ids)


def test_the_auc_is_that_of_scikit_learn_on_the_same_folds() -> None:
    current, reference = drawn(1, 7, "x0", 0.7), drawn(2, 28)
    fold = np.concatenate([folds_of(one.day, one.ids, True) for one in (current, reference)])
    features = np.concatenate([current.features, reference.features])
    is_current = np.arange(len(features)) < len(current)
    weight = np.where(is_current, 0.5 / is_current.mean(), 0.5 / (1 - is_current.mean()))
    target = is_current.astype(float)
    models = FoldModels.fit(features, target, fold, (KIND,), "binary", TREES, weight)
    raw = models.unseen(features, fold)
    folds = [(is_current[fold == one], raw[fold == one]) for one in np.unique(fold)]
    pairs = [positive.sum() * (~positive).sum() for positive, _ in folds]
    expected = np.average([roc_auc_score(*one) for one in folds], weights=pairs)
    told = tell(current, reference, (KIND,), TREES)
    assert told.auc == pytest.approx(expected) and told.auc > 0.6
    assert told.gain_share.sum() == pytest.approx(1) and told.gain_share.argmax() == 0


def test_a_change_of_what_goes_together_is_seen_where_no_feature_moves_alone() -> None:
    one, other, both = np.random.default_rng(3).normal(size=(3, 2_000))
    day, ids = np.arange(2_000) // 100, np.arange(2_000).astype(str)
    apart = Sample(np.column_stack([one, other]).astype(np.float32), day, ids)
    together = Sample(np.column_stack([both, both]).astype(np.float32), day, np.char.add("c", ids))
    assert tell(together, apart, trees=TREES).auc > 0.8


def test_missing_values_and_unseen_categories_tell_rows_apart() -> None:
    current, reference = drawn(4, 7), drawn(5, 28)
    null = learn_null(reference, 7, (KIND,), TREES)
    rows = len(current), len(reference)
    assert (null.p_value(tell(current, reference, (KIND,), TREES).auc, *rows) or 0) > 0.05
    current.features[::4, 1] = np.nan
    current.features[1::4, KIND] = 9
    told = tell(current, reference, (KIND,), TREES)
    assert (null.p_value(told.auc, *rows) or 1) < 0.01
    assert set(np.argsort(-told.gain_share)[:2]) == {1, KIND}


def test_the_null_by_hand() -> None:
    """Four blocks of 1,000 rows with mean 0.5 and deviation 0.02."""
    null = Null(4, 0.5, 0.02, 1_000)
    assert null.spread(1_000, 4_000) == pytest.approx(0.02 * np.sqrt(1.25))
    assert null.quantile(0.95, 1_000, 4_000) == pytest.approx(0.5 + 2.3534 * 0.02236, abs=1e-4)
    assert null.p_value(0.5 + 2.3534 * 0.02236, 1_000, 4_000) == pytest.approx(0.05, abs=1e-4)
    # Of a hundred rows the AUC varies more.
    more = 4_101 / (12 * 100 * 4_000) - 4_001 / (12 * 1_000 * 3_000)
    spread = np.sqrt((0.02**2 + more) * 1.25)
    assert null.spread(100, 4_000) == pytest.approx(spread)
    assert null.p_value(0.6, 100, 4_000) == pytest.approx(student.sf(0.1 / spread, 3))
    assert Null(4, 0.5, 0.0, 1_000).p_value(0.5, 1_000, 4_000) == pytest.approx(0.5)
    assert Null(0).p_value(0.9, 100, 100) is None and Null(0).quantile(0.95, 9, 9) is None


def test_a_reference_of_few_days_has_no_null() -> None:
    reference = drawn(6, 5)
    assert learn_null(reference, 7) == Null(0)
    told: list[tuple[int, int]] = []
    null = learn_null(drawn(6, 28), 7, (KIND,), Trees(rounds=5), lambda *step: told.append(step))
    assert null.block_count == 4 and told[-1] == (4, 4)
    assert null.mean == pytest.approx(0.5, abs=0.06)
