from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from window_double import FIRST, make_window

from jobs.errors import ValidationFailedError
from jobs.training.validate import DataLimits, require_passed, validate

WINDOW = make_window(days=60, per_day=40, holdout=10)
AS_OF = FIRST + timedelta(days=62)


def statuses(
    frame: pl.DataFrame, as_of: date = AS_OF, limits: DataLimits | None = None
) -> dict[str, str]:
    checks = validate(frame, ["amount", "age"], ["region"], as_of, limits)
    return {check.name: check.status for check in checks}


def test_sound_rows_pass_every_check() -> None:
    assert set(statuses(WINDOW).values()) == {"passed"}
    require_passed(validate(WINDOW, ["amount", "age"], ["region"], AS_OF))


def one_class(frame: pl.DataFrame) -> pl.DataFrame:
    held = pl.col("split") == "holdout"
    return frame.with_columns(label=pl.when(held).then(0).otherwise(pl.col("label")))


FAULTS: list[tuple[str, Callable[[pl.DataFrame], pl.DataFrame], str]] = [
    ("schema", lambda f: f.drop("sample_weight"), "failed"),
    ("schema", lambda f: f.with_columns(pl.col("numeric_values").list.head(1)), "failed"),
    ("schema", lambda f: f.with_columns(split=pl.lit(None, pl.String)), "failed"),
    ("rows", lambda f: f.filter(pl.col("split") != "validation"), "failed"),
    ("labels", lambda f: f.with_columns(label=pl.col("label") * 2), "failed"),
    ("labels", lambda f: f.with_columns(label=pl.lit(None, pl.Int64)), "failed"),
    ("classes", one_class, "failed"),
    ("label_rate", one_class, "failed"),
    ("duplicates", lambda f: pl.concat([f, f.head(1)]), "failed"),
    ("weights", lambda f: f.with_columns(sample_weight=pl.lit(float("nan"))), "failed"),
    ("weights", lambda f: f.with_columns(sample_weight=pl.lit(0.0)), "failed"),
    ("split_order", lambda f: f.with_columns(split=pl.col("split").reverse()), "warned"),
    (
        "null_share",
        lambda f: f.with_columns(
            numeric_values=pl.col("numeric_values").list.eval(pl.element() * float("nan"))
        ),
        "failed",
    ),
    (
        "constant_features",
        lambda f: f.with_columns(categorical_values=pl.lit(["r0"], pl.List(pl.String))),
        "warned",
    ),
    (
        "null_shift",
        lambda f: f.with_columns(
            numeric_values=pl.when(pl.col("split") == "holdout")
            .then(pl.lit([1.0, None], pl.List(pl.Float64)))
            .otherwise(pl.col("numeric_values"))
        ),
        "warned",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spoil", "expected"), FAULTS)
def test_each_fault_is_found(
    name: str, spoil: Callable[[pl.DataFrame], pl.DataFrame], expected: str
) -> None:
    assert statuses(spoil(WINDOW))[name] == expected


def test_rows_after_the_as_of_day_fail() -> None:
    assert statuses(WINDOW, as_of=FIRST + timedelta(days=58))["future_rows"] == "failed"
    assert statuses(WINDOW, as_of=FIRST + timedelta(days=59))["future_rows"] == "passed"


def test_a_feature_may_have_a_limit_of_its_own() -> None:
    assert (
        statuses(WINDOW, limits=DataLimits(null_share_limits={"age": 0.05}))["null_share"]
        == "failed"
    )


def test_no_rows_fail_rather_than_crash() -> None:
    assert statuses(WINDOW.clear())["rows"] == "failed"


def test_the_error_names_all_that_failed_and_no_other() -> None:
    spoiled = pl.concat([one_class(WINDOW), WINDOW.head(1)])
    with pytest.raises(
        ValidationFailedError, match=r"3 checks.*classes.*label_rate.*duplicates"
    ) as e:
        require_passed(validate(spoiled, ["amount", "age"], ["region"], AS_OF))
    assert "weights" not in str(e.value)
