"""Labels and scores that are there and mean nothing to the task: they are seen, not dropped."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from project import Project

DAYS, ROWS = 12, 60
FIRST = datetime(2026, 5, 4)
RED = 0.01
# How often each label is said, as text or number, and which of them the task can use.
SAID: dict[str, tuple[list[Any], list[float], set[Any]]] = {
    # The class of the configuration is "hamster", and nobody says so.
    "pets": (["cat", "dog", "hamstr", " ", None], [0.5, 0.2, 0.2, 0.05, 0.05], {"cat", "dog"}),
    "loans": (["1", "0", "2", "yes", "", None], [0.3, 0.5, 0.005, 0.045, 0.05, 0.1], {"0", "1"}),
    "prices": (["12.5", "8", "12,5", "-inf", None], [0.5, 0.4, 0.03, 0.02, 0.05], {"12.5", "8"}),
    "answers": ([0.0, 2.0, -1.0, None], [0.5, 0.4, 0.05, 0.05], {0.0, 2.0}),
}
REPORTED = ("pets", "prices")  # in a table of labels
COLUMNS = {"id": "row_id", "predicted_at": "at", "model_version": "version", "label": "label"}
OF_TASK: dict[str, dict[str, Any]] = {
    "pets": {
        "task": "multiclass",
        "columns": COLUMNS
        | {"class_scores": {"cat": "p_cat", "dog": "p_dog", "hamster": "p_hamster"}},
        "primary_metric": "accuracy",
    },
    "loans": {
        "task": "binary",
        "columns": COLUMNS | {"score": "percent"},
        "unlabeled_means": "negative",
        "primary_metric": "brier",
    },
    "prices": {
        "task": "regression",
        "columns": COLUMNS | {"score": "no_number"},
        "primary_metric": "mae",
    },
    "answers": {
        "task": "ranking",
        "columns": COLUMNS | {"score": "p_cat", "query": "query"},
        "primary_metric": "ndcg",
    },
}


def log(name: str) -> pl.DataFrame:
    rng = np.random.default_rng(11)
    values, shares, _ = SAID[name]
    n = DAYS * ROWS
    chances = rng.dirichlet([3, 2, 1], n)
    return pl.DataFrame(
        {
            "row_id": [f"{row}" for row in range(n)],
            "at": [FIRST + timedelta(days=row // ROWS, minutes=row % ROWS) for row in range(n)],
            "version": "v1",
            "label": [values[at] for at in rng.choice(len(values), n, p=shares)],
            "query": [f"q{row // 6}" for row in range(n)],
            "no_number": "high",
            "percent": 2 + 98 * chances[:, 0],
            "amount": rng.normal(size=n),
            **{f"p_{pet}": chances[:, at] for at, pet in enumerate(("cat", "dog", "hamster"))},
        }
    )


def reports(rows: pl.DataFrame) -> pl.DataFrame:
    """Labels of the log in a table, those of the first ten rows also said unreadably."""
    said = rows.select("row_id", "label", pl.col("at").alias("said_at"))
    return pl.concat([said, said[:10].with_columns(pl.lit("zebra").alias("label"))])


def monitors() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, of_task in OF_TASK.items():
        common = {"description": name, "owner": "tests", "time_zone": "UTC"}
        common |= {"label_horizon_days": 1, "features": {"numeric": ["amount"]}}
        found[name] = common | of_task | {"inferences": {"source": ["serving", name]}}
    for name in REPORTED:
        found[name]["labels"] = {"source": ["serving", f"labels_of_{name}"]}
        found[name]["columns"] = found[name]["columns"] | {"labeled_at": "said_at"}
    return found


def raw_tables() -> dict[str, pl.DataFrame]:
    logs = {name: log(name) for name in OF_TASK}
    return logs | {f"labels_of_{name}": reports(logs[name]) for name in REPORTED}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    found = Project.create(tmp_path_factory.mktemp("unusable"), monitors(), raw_tables())
    found.build(select=["+data_quality", "+label_maturity"])
    return found


def is_said(label: pl.Expr) -> pl.Expr:
    """Whether it is neither null nor blank."""
    return (label.cast(pl.String).str.strip_chars() != "").fill_null(value=False)


def said_by_day(name: str) -> pl.DataFrame:
    """Labels that are said and usable, and those that are said and not, of each day."""
    is_usable = pl.col("label").is_in(list(SAID[name][2]))
    said = is_said(pl.col("label"))
    if name in REPORTED:  # of two at one moment the one that can be read
        said = said | (pl.int_range(pl.len()) < 10)
    return (
        log(name)
        .with_columns(said.alias("is_said"))
        .with_columns((pl.col("is_said") & is_usable.fill_null(value=False)).alias("is_usable"))
        .group_by(pl.col("at").dt.date().alias("metric_date"))
        .agg(
            (pl.col("is_said") & ~pl.col("is_usable")).sum().alias("unusable"),
            pl.col("is_said").sum().alias("said"),
        )
        .sort("metric_date")
    )


@pytest.mark.parametrize("name", OF_TASK)
def test_labels_that_are_lost_are_counted_and_never_expected(project: Project, name: str) -> None:
    found = project.read(
        "data_quality", f"monitor = '{name}' and check_name = 'unusable_label_share'"
    ).sort("metric_date")
    said = said_by_day(name)
    assert said["unusable"].sum() > DAYS
    assert found["metric_date"].equals(said["metric_date"])
    assert found["numerator"].to_list() == said["unusable"].to_list()
    assert found["denominator"].to_list() == said["said"].to_list()
    assert set(found["expected"]) == {0.0}
    for row in found.iter_rows(named=True):
        status = "red" if row["check_value"] >= RED else "yellow" if row["numerator"] else "ok"
        assert row["status"] == status, row
    assert "red" in set(found["status"])


@pytest.mark.parametrize("name", REPORTED)
def test_what_is_known_at_an_age_is_what_can_be_read(project: Project, name: str) -> None:
    found = project.read("label_maturity", f"monitor = '{name}' and label_age_days = 0")
    said = said_by_day(name).filter(pl.col("metric_date").is_in(found["metric_date"].implode()))
    expected = (said["said"] - said["unusable"]).to_list()
    assert found.sort("metric_date")["known_rows"].to_list() == expected
    assert found.height == DAYS - 1, "the newest day may still fill"


def test_a_score_that_is_never_a_number_is_red_though_it_was_always_so(project: Project) -> None:
    found = project.read("data_quality", "check_name = 'null_score_share'").sort("metric_date")
    prices = found.filter(pl.col("monitor") == "prices")
    assert set(prices["check_value"]) == {1.0}
    assert set(prices["expected"].drop_nulls()) == {1.0}
    assert set(prices["status"]) == {"red"}
    others = found.filter(pl.col("monitor") != "prices")
    assert set(others["status"]) == {"insufficient_data", "ok"}


def test_a_score_that_is_no_chance_is_red_though_it_was_always_so(project: Project) -> None:
    found = project.read("data_quality", "check_name = 'invalid_score_share'")
    assert set(found["monitor"]) == set(OF_TASK)
    percent = found.filter(pl.col("monitor") == "loans")
    assert set(percent["check_value"]) == {1.0}
    assert set(percent["expected"]) == {0.0}
    assert set(percent["status"]) == {"red"}
    assert set(found.filter(pl.col("monitor") != "loans")["status"]) == {"ok"}


def counted(project: Project) -> pl.DataFrame:
    key = ["monitor", "metric_date"]
    return project.read(
        "data_quality", "check_name in ('unusable_label_share', 'label_coverage')"
    ).select(*key, "check_name", "numerator", "denominator").sort(*key, "check_name")  # fmt: skip


def test_labels_that_are_repaired_where_they_stand_are_seen(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """To 0, too, which adds nothing to a sum of labels, at the time that stood there before.

    Only a build of everything remembers what it read.
    """
    usable = {"pets": "dog", "loans": "0", "prices": "0", "answers": 0.0}
    tables = raw_tables()
    repaired = {
        name: frame.with_columns(
            pl.when(is_said(pl.col("label")) & ~pl.col("label").is_in(list(SAID[monitor][2])))
            .then(pl.lit(usable[monitor]))
            .otherwise(pl.col("label"))
            .alias("label")
        )
        for name, frame in tables.items()
        for monitor in [name.removeprefix("labels_of_")]
    }
    twice, once = (
        Project.create(tmp_path_factory.mktemp(name), monitors(), given)
        for name, given in (("twice", tables), ("once", repaired))
    )
    twice.build()
    before = counted(twice)
    twice.load(repaired)
    twice.build()
    once.build(select=["+data_quality"])
    after, fresh = counted(twice), counted(once)
    assert after.equals(fresh)
    is_unusable = pl.col("check_name") == "unusable_label_share"
    assert set(fresh.filter(is_unusable)["numerator"]) == {0}
    assert not before.equals(after)


def test_of_two_copies_of_a_row_the_one_with_a_label_that_can_be_read_counts(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rows = log("loans")
    copies = rows.with_columns(pl.lit("oops").alias("label"))
    of_loans = {"loans": monitors()["loans"]}
    project = Project.create(
        tmp_path_factory.mktemp("copies"), of_loans, {"loans": pl.concat([copies, rows, copies])}
    )
    project.build(select=["+data_quality"])
    found = project.read("data_quality", "check_name = 'unusable_label_share'")
    assert found["denominator"].sum() == len(rows), "of each row one copy, and something said of it"
    assert found["numerator"].sum() == (~rows["label"].is_in(["0", "1"])).fill_null(True).sum()
