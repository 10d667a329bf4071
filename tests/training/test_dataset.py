import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from window_double import make_window

from jobs.errors import ValidationFailedError
from jobs.training.dataset import Encoder, build_dataset, data_hash

ROWS = pl.DataFrame(
    {
        "numeric_values": [[1.0, None], [float("inf"), 2.0], [3.0, 1e300]],
        "categorical_values": [["b", None], ["a", "x"], ["b", "x"]],
    }
)


def test_codes_are_learned_in_sorted_order_and_numeric_comes_first() -> None:
    encoder = Encoder.fit(ROWS, ["n", "m"], ["c", "d"])
    matrix = encoder.transform(ROWS)
    assert encoder.feature_names == ("n", "m", "c", "d")
    assert encoder.categories == {"c": ("a", "b"), "d": ("x",)}
    assert matrix.dtype == np.float32
    expected = [
        [1.0, np.nan, 1, np.nan],
        [np.nan, 2.0, 0, 0],
        [3.0, np.nan, 1, 0],
    ]
    np.testing.assert_array_equal(matrix, np.array(expected, dtype=np.float32))


def test_unseen_category_is_missing() -> None:
    encoder = Encoder.fit(ROWS, ["n", "m"], ["c", "d"])
    later = pl.DataFrame({"numeric_values": [[0.0, 0.0]], "categorical_values": [["z", "x"]]})
    assert np.isnan(encoder.transform(later)[0, 2])
    assert encoder.transform(later)[0, 3] == 0


def test_missing_values_of_a_feature_complete_in_training_get_its_median() -> None:
    """LightGBM would read them as 0, far outside what it saw."""
    train = pl.DataFrame(
        {"numeric_values": [[250.0], [280.0], [300.0]], "categorical_values": [[]] * 3}
    )
    encoder = Encoder.fit(train, ["kelvin"], [])
    later = pl.DataFrame(
        {"numeric_values": [[None], [float("nan")], [float("-inf")], [290.0]]},
        schema={"numeric_values": pl.List(pl.Float64)},
    )
    assert encoder.transform(later)[:, 0].tolist() == [280.0, 280.0, 280.0, 290.0]


@given(st.lists(st.none() | st.text(max_size=4), min_size=1, max_size=20))
def test_round_trip_through_json_keeps_every_code(values: list[str | None]) -> None:
    rows = pl.DataFrame(
        {"numeric_values": [[0.5]] * len(values), "categorical_values": [[one] for one in values]},
        schema_overrides={"categorical_values": pl.List(pl.String)},
    )
    encoder = Encoder.fit(rows, ["n"], ["c"])
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json())))
    assert again == encoder
    np.testing.assert_array_equal(again.transform(rows), encoder.transform(rows))
    assert np.isnan(encoder.transform(rows)[:, 1]).tolist() == [one is None for one in values]


def test_wrong_list_length_is_refused_with_the_names() -> None:
    with pytest.raises(ValidationFailedError, match="3 of 3 rows"):
        Encoder.fit(ROWS, ["n"], ["c", "d"])


def test_dataset_is_ordered_by_day_and_id_whatever_the_order_of_rows() -> None:
    window = make_window(days=10, per_day=5, holdout=2)
    encoder = Encoder.fit(window, ["amount", "age"], ["region"])
    straight = build_dataset(window, encoder)
    mixed = build_dataset(window.sample(fraction=1, shuffle=True, seed=3), encoder)
    np.testing.assert_array_equal(straight.features, mixed.features)
    assert straight.ids.tolist() == mixed.ids.tolist()
    assert (np.diff(straight.day) >= 0).all()
    first = window["metric_date"].min()
    assert straight.day[0] == first.toordinal()  # type: ignore[union-attr]
    assert set(straight.part("holdout").split) == {"holdout"}


def test_own_weights_follow_their_rows_when_these_are_sorted() -> None:
    window = make_window(days=4, per_day=2, holdout=1).reverse()
    encoder = Encoder.fit(window, ["amount", "age"], ["region"])
    marked = build_dataset(window, encoder, weight=np.arange(window.height))
    by_id = dict(zip(window["inference_id"].to_list(), range(window.height), strict=True))
    assert marked.weight.tolist() == [by_id[one] for one in marked.ids]


def test_missing_column_is_named() -> None:
    window = make_window(days=4, per_day=2, holdout=1)
    encoder = Encoder.fit(window, ["amount", "age"], ["region"])
    with pytest.raises(ValidationFailedError, match="no column label"):
        build_dataset(window.drop("label"), encoder)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_hash_ignores_the_order_of_rows_and_columns(seed: int) -> None:
    window = make_window(days=5, per_day=4, holdout=1)
    twice = pl.concat([window, window.head(3)])
    for frame in (window, twice):
        mixed = frame.sample(fraction=1, shuffle=True, seed=seed).select(sorted(frame.columns))
        assert data_hash(mixed) == data_hash(frame)


@pytest.mark.parametrize(
    "change",
    [
        pl.col("label").replace({0: 1}),
        pl.col("split").replace({"holdout": "train"}),
        pl.col("sample_weight") * 1.0000001,
        pl.col("numeric_values").list.eval(pl.element() + 1e-9),
        pl.col("categorical_values").list.eval(pl.element() + "x"),
        pl.col("numeric_values").list.reverse(),
        pl.col("metric_date").dt.offset_by("1d"),
        pl.col("predicted_at").dt.offset_by("1us"),
    ],
    ids=str,
)
def test_hash_sees_any_change(change: pl.Expr) -> None:
    window = make_window(days=5, per_day=4, holdout=1)
    assert data_hash(window.with_columns(change)) != data_hash(window)


def test_hash_tells_null_from_empty_and_zero() -> None:
    texts = [data_hash(pl.DataFrame({"a": [one]}, schema={"a": pl.String})) for one in (None, "")]
    numbers = [data_hash(pl.DataFrame({"a": [one]}, schema={"a": pl.Float64})) for one in (None, 0)]
    joined = [data_hash(pl.DataFrame({"a": one})) for one in (["ab", "c"], ["a", "bc"])]
    for pair in (texts, numbers, joined):
        assert pair[0] != pair[1]
