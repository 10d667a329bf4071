"""The split of a change of loss, against cases whose answer is known."""

from dataclasses import replace
from itertools import product

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.metrics import mean_squared_error, roc_auc_score

from jobs.attribution.decompose import Rows, decompose, split
from jobs.attribution.domain import Domain, roc_auc, tell_apart
from jobs.attribution.folds import Trees, folds_of
from jobs.attribution.losses import TASK_LOSS
from jobs.attribution.null_band import null_band
from tests.simulation.attribution import KIND, MATTERING, Case, draw, outside_stated, verdicts


def make(values: list[float], losses: list[float], days: int = 1, tag: str = "r") -> Rows:
    """Rows with one feature."""
    count = len(values)
    return Rows(
        np.array(values, dtype=np.float32).reshape(-1, 1),
        np.array(losses, dtype=np.float64),
        np.arange(count) * days // count,
        np.array([f"{tag}{number}" for number in range(count)]),
    )


def cells(counts: dict[int, int], losses: dict[int, float], tag: str, days: int = 1) -> Rows:
    """Rows of a feature with few values, each with a loss of its own, mixed over the days."""
    values = np.concatenate([np.full(count, value) for value, count in counts.items()])
    values = np.random.default_rng(5).permutation(values)
    return make(values.astype(float).tolist(), [losses[int(value)] for value in values], days, tag)


def test_losses_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    score, label = rng.random(50), rng.integers(0, 2, 50)
    score[:3], label[:3] = (0.0, 1.0, 1.0), (0, 0, 1)
    frame = pl.DataFrame({"score": score, "label": label})
    surprise = TASK_LOSS["binary"].of_rows(frame)
    assert surprise.mean() == pytest.approx(sklearn_log_loss(label, score))
    square = TASK_LOSS["regression"].of_rows(frame)
    assert square.mean() == pytest.approx(mean_squared_error(label, score))
    scores = rng.dirichlet([1, 1, 1], 50)
    position = rng.integers(1, 4, 50)
    frame = pl.DataFrame({"label": position * 1.0, "class_values": scores.tolist()})
    surprise = TASK_LOSS["multiclass"].of_rows(frame)
    assert surprise.mean() == pytest.approx(sklearn_log_loss(position, scores, labels=[1, 2, 3]))


def test_a_score_that_cannot_be_judged_has_no_loss() -> None:
    scores = pl.DataFrame({"score": [-0.1, 0.5, 1.1, None], "label": [1.0] * 4})
    assert TASK_LOSS["binary"].of_rows(scores).tolist() == pytest.approx(
        [np.nan, np.log(2), np.nan, np.nan], nan_ok=True
    )
    numbers = pl.DataFrame({"score": [1e38, 3.0, 0.0], "label": [0.0, 1.0, -1e38]})
    assert TASK_LOSS["regression"].of_rows(numbers).tolist() == pytest.approx(
        [np.nan, 4.0, np.nan], nan_ok=True
    )
    classes = [[0.5, 0.505], [0.5, 0.52], [1.5, -0.5], [None, 1.0], [0.0, 1.0]]
    frame = pl.DataFrame({"label": [1.0] * 5, "class_values": classes})
    assert TASK_LOSS["multiclass"].of_rows(frame).tolist() == pytest.approx(
        [np.log(2), np.nan, np.nan, np.nan, -np.log(np.finfo(float).eps)], nan_ok=True
    )
    assert TASK_LOSS["multiclass"].of_rows(frame.clear()).tolist() == []


def test_parts_by_hand() -> None:
    """Half of the window has value 1 (loss 1.0 there, 0.8 in the reference), a quarter value 0
    (0.2 on both sides) and a quarter value 2, which the reference never held."""
    current = make([0, 1, 1, 2], [0.2, 1.0, 1.0, 3.0])
    reference = make([0, 0, 0, 1], [0.1, 0.2, 0.3, 0.8])
    ratio = {0: 1 / 3 / 0.75, 1: 2 / 3 / 0.25, 2: 1e9}  # the shares inside, over the reference's
    domain = Domain(
        auc=0.9,
        current_ratio=np.array([ratio[int(one)] for one in current.features[:, 0]]),
        reference_ratio=np.array([ratio[int(one)] for one in reference.features[:, 0]]),
    )
    weighted = 1 / 3 * 0.2 + 2 / 3 * 0.8
    # Right when the ratios are and the expected losses are not, and the other way round.
    wrong = np.array([0.4, 0.1, 0.7, 9.0])
    by_weight = split(current, reference, domain, np.full(4, 0.4), np.full(4, 0.4))
    known = {0: 0.2, 1: 0.8, 2: 7.0}
    by_loss = split(
        current,
        reference,
        Domain(0.9, domain.current_ratio, wrong),
        np.array([known[int(one)] for one in current.features[:, 0]]),
        np.array([known[int(one)] for one in reference.features[:, 0]]),
    )
    assert by_weight.weighted_loss == pytest.approx(weighted)
    assert by_weight.mix == pytest.approx(0.75 * (weighted - 0.35))
    assert by_weight.outside == pytest.approx(0.25 * (3.0 - 0.35))
    inside = (0.2 + 1.0 + 1.0) / 3
    assert by_weight.concept == pytest.approx(0.75 * (inside - weighted))
    assert by_weight.outside_share == pytest.approx(0.25)
    weights = [4 / 9, 4 / 9, 4 / 9, 8 / 3]
    assert by_weight.effective_rows == pytest.approx(16 / sum(one**2 for one in weights))
    # What the residuals of value 0 leave: -0.1, 0 and 0.1 with the wrong weights.
    left = (-0.1 * 0.4 + 0.1 * 0.7) / (0.4 + 0.1 + 0.7 + 9.0)
    assert by_loss.weighted_loss == pytest.approx(weighted + left)


@pytest.mark.parametrize("days", [1, 14])
def test_known_weights_are_found_and_the_parts_add_up(days: int) -> None:
    losses_then, losses_now = {0: 0.2, 1: 0.8}, {0: 0.3, 1: 0.8, 2: 2.0}
    reference = cells({0: 1600, 1: 400}, losses_then, "r", days)
    current = cells({0: 500, 1: 1200, 2: 300}, losses_now, "c", days)
    parts = decompose(current, reference)
    # Of the window 15 % lie outside; inside, 5 of 17 rows have value 0.
    weighted = 5 / 17 * 0.2 + 12 / 17 * 0.8
    assert parts.outside_share == pytest.approx(0.15)
    assert parts.outside == pytest.approx(0.15 * (2.0 - 0.32))
    assert parts.mix == pytest.approx(0.85 * (weighted - 0.32), abs=0.002)
    assert parts.concept == pytest.approx(0.25 * (0.3 - 0.2), abs=0.002)
    assert parts.mix + parts.concept + parts.outside == pytest.approx(parts.total, abs=1e-15)


def test_a_sample_splits_the_change_of_all_rows() -> None:
    parts = decompose(cells({0: 300, 1: 300}, {0: 0.1, 1: 0.5}, "c"),
                      cells({0: 300, 1: 300}, {0: 0.1, 1: 0.4}, "r"))  # fmt: skip
    of_all = parts.of_all(0.4, 0.2)
    assert (of_all.total, of_all.mix) == (pytest.approx(0.2), parts.mix)
    assert of_all.mix + of_all.concept + of_all.outside == pytest.approx(0.2, abs=1e-15)


def test_nothing_in_common_is_all_out_of_support() -> None:
    parts = decompose(make([5.0] * 400, [1.0] * 400, tag="c"), make([0.0] * 400, [0.3] * 400))
    assert (parts.outside_share, parts.mix, parts.concept) == (1.0, 0.0, pytest.approx(0.0))
    assert parts.outside == pytest.approx(parts.total)
    assert parts.effective_rows == 0


def test_the_same_rows_on_both_sides_are_no_drift() -> None:
    rng = np.random.default_rng(2)
    rows = make(rng.normal(size=600).tolist(), rng.random(600).tolist(), days=10)
    parts = decompose(replace(rows, ids=np.char.add("c", rows.ids)), rows)
    assert parts.total == 0
    assert parts.domain_auc == pytest.approx(0.5, abs=0.05)
    assert abs(parts.mix) < 3 * parts.mix_error
    assert parts.outside == 0


def test_the_result_depends_on_rows_and_seed_alone() -> None:
    current, reference, _ = Case("bad", "x0", 1.0, 0.5, rows=600).sides()
    first = decompose(current, reference, (KIND,))
    assert decompose(current, reference, (KIND,)) == first
    assert decompose(current, reference, (KIND,), Trees(seed=1)) != first
    with pytest.raises(ValueError, match="found 0 current and 600 reference rows"):
        decompose(current.part(np.zeros(len(current), dtype=bool)), reference)


def test_missing_values_and_unseen_categories_count_as_they_are() -> None:
    """What is missing more often has moved; a category that the reference never held is outside."""
    rng = np.random.default_rng(4)
    sides = []
    for tag, missing, kinds in (("r", 0.1, 3), ("c", 0.6, 4)):
        value = rng.normal(size=2_000)
        value[rng.random(2_000) < missing] = np.nan
        features = np.column_stack([value, rng.integers(0, kinds, 2_000)]).astype(np.float32)
        loss = np.where(np.isnan(value), 1.0, 0.2) + 0.5 * (features[:, 1] == 3)
        ids = np.char.add(tag, np.arange(2_000).astype(str))
        sides.append(Rows(features, loss, np.arange(2_000) // 200, ids))
    reference, current = sides
    parts = decompose(current, reference, (1,))
    is_new = current.features[:, 1] == 3
    assert parts.outside_share == pytest.approx(is_new.mean(), abs=0.02)
    assert parts.mix / (parts.total - parts.outside) > 0.95


def test_all_of_a_weekday_is_in_one_fold() -> None:
    day = np.repeat(np.arange(738_000, 738_028), 3)
    ids = np.array([str(number) for number in range(84)])
    fold = folds_of(day, ids, by_day=True)
    assert all(len(np.unique(fold[day % 7 == weekday])) == 1 for weekday in range(7))
    assert set(fold) == {0, 1, 2, 3}
    assert set(folds_of(day, ids, by_day=False)) == {0, 1, 2, 3}


def test_a_feature_that_names_the_weekday_does_not_mislead() -> None:
    """A window of seven days has each weekday once, the reference four times."""
    rng = np.random.default_rng(3)
    day = np.repeat(np.arange(35), 60)
    features = np.column_stack([rng.normal(size=len(day)), day % 7]).astype(np.float32)
    current, reference = features[day >= 28], features[day < 28]
    fold = np.concatenate([day[day >= 28], day[day < 28]]) % 7 % 4
    assert tell_apart(current, reference, fold, (1,), Trees()).auc == pytest.approx(0.5, abs=0.05)
    current = current + np.array([1.0, 0.0], dtype=np.float32)
    assert tell_apart(current, reference, fold, (1,), Trees()).auc > 0.7


def test_auc_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(6)
    score, positive = rng.integers(0, 9, 200) / 4, rng.random(200) < 0.3
    assert roc_auc(score, positive) == pytest.approx(roc_auc_score(positive, score))


def test_the_null_band_holds_what_chance_gives() -> None:
    rng = np.random.default_rng(7)
    features = draw(rng, 28 * 40, None, 0.0)
    rows = Rows(
        features.astype(np.float32), rng.exponential(size=len(features)),
        np.arange(len(features)) // 40, np.arange(len(features)).astype(str),
    )  # fmt: skip
    told: list[tuple[int, int]] = []
    band = null_band(rows, 7, (KIND,), Trees(rounds=25), progress=lambda *step: told.append(step))
    assert band.block_count == 4 and told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert band.auc_lower is not None and band.auc_upper is not None
    assert band.auc_lower < 0.5 < band.auc_upper
    # Of independent rows: days of 40 rows, one standard deviation each.
    independent = 1.96 * np.sqrt(1 / 280 + 1 / 1120)
    assert band.change_bound == pytest.approx(independent, rel=0.75)
    assert null_band(rows.part(rows.day < 5), 7).change_bound is None
    assert null_band(rows, 1, (KIND,), Trees(rounds=5)).block_count == 7


MISLED = ("bad", "numbers")
MIX = [Case(*one, 1.2, 0.0, 8_000, certain=True) for one in product(MISLED, MATTERING)]
CONCEPT = [Case(one, None, 0.0, 0.8, 4_000, certain=True) for one in MISLED]
BOTH = [Case("bad", feature, 0.9, 0.5, 4_000, certain=True) for feature in MATTERING]


@pytest.mark.parametrize("cases", [MIX, CONCEPT, BOTH], ids=["mix", "concept", "both"])
def test_each_cause_is_named_whichever_feature_has_it(cases: list[Case]) -> None:
    """A small form of `make simulate` without the luck of drawn labels."""
    found = verdicts(cases)
    assert outside_stated(found).is_empty(), outside_stated(found).rows()
    if cases is BOTH:
        assert found["true_share"].is_between(0.4, 0.75).all(), "about half of each"
    parts = found["mix_share"] + found["concept_share"] + found["outside_share"]
    assert np.allclose(parts, 1.0, rtol=0, atol=1e-12)


def test_drawn_labels_are_no_obstacle() -> None:
    found = verdicts([Case("bad", "x0", 1.2, 0.0, 12_000), Case("bad", None, 0.0, 1.2, 4_000)])
    assert outside_stated(found).is_empty(), outside_stated(found).rows()
