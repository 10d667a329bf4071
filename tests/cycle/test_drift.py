"""The cycle asks what the model decides by, and whether its rows can be told apart."""

import shutil
from datetime import timedelta
from pathlib import Path

import deployment as world
import duckdb
import numpy as np
import polars as pl
import pytest

import jobs.cycle
from jobs.cycle import Deployment, run_cycle
from jobs.errors import ArtifactError
from jobs.paths import Paths
from jobs.training.artifact import load

FIRST_DAY = world.SECOND_AS_OF - timedelta(days=6)


def test_rows_that_are_like_those_of_training_are_decided_by_the_same_features(
    renewed: Path, built_warehouse: Path
) -> None:
    """Only what price says was turned round; what the model sees and decides by stayed the same."""
    model = load(renewed / "warehouse" / "artifacts" / "orders" / "v1")
    with duckdb.connect(str(built_warehouse), read_only=True) as connection:
        window = pl.DataFrame(
            connection.sql(
                "select price, age, channel from serving.order_log "
                "where not is_shadow and cast(ordered_at as date) between ? and ?",
                params=[FIRST_DAY, world.SECOND_AS_OF],
            ).to_arrow_table()
        )
        found = pl.DataFrame(
            connection.sql("select * from driftline.contribution_drift").to_arrow_table()
        )
        together = pl.DataFrame(
            connection.sql("select * from driftline.multivariate_drift").to_arrow_table()
        )
    asked = pl.DataFrame(
        {
            "numeric_values": window.select("price", "age").to_numpy().tolist(),
            "categorical_values": [[one] for one in window["channel"]],
        }
    )
    raw = model.booster.predict(model.encoder.transform(asked), pred_contrib=True)
    sizes = model.calibration.slope * np.abs(np.asarray(raw)[:, :3]).mean(axis=0)
    assert found.height == 2 * 4 and set(found["model_version"]) == {"v1"}
    assert set(found["metric_date"]) == {world.SECOND_AS_OF}, "no label is waited for"
    for reference in ("training", "stable"):
        of_one = found.filter(pl.col("reference") == reference)
        for name, size in zip(("price", "age", "channel"), sizes, strict=True):
            (row,) = of_one.filter(pl.col("feature_name") == name).to_dicts()
            assert row["mean_contribution"] == pytest.approx(size)
            assert row["contribution_share"] == pytest.approx(size / sizes.sum())
        (of_all,) = of_one.filter(pl.col("feature_name") == "all").to_dicts()
        assert (of_all["status"], of_all["current_rows"]) == ("ok", 7 * world.ROWS_A_DAY)
        assert of_all["ndcg"] > 0.99
    assert set(together["status"]) == {"ok"} and set(together["null_blocks"]) == {4}
    assert together["domain_auc"].is_between(0.4, 0.6).all()


def test_an_error_beside_the_work_is_a_warning_of_the_cycle(
    renewed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "deployment"
    shutil.copytree(renewed, folder)
    ended = []
    for step in ("check", "mirror", "build", "_score", "_renew"):
        monkeypatch.setattr(jobs.cycle, step, lambda *_: None)
    monkeypatch.setattr(jobs.cycle, "publish", lambda *_: ended.append("published"))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("of a library")

    def lost(*_: object) -> None:
        raise ArtifactError("model.txt: found no such file")

    monkeypatch.setattr(jobs.cycle, "ask", broken)
    monkeypatch.setattr(jobs.cycle, "ask_of_rows", lost)
    told: list[str] = []
    paths = Paths.find(folder / "dbt_project", folder / "profiles")
    report = run_cycle(Deployment.of(paths), world.SECOND_AS_OF, told.append)
    assert ended == ["published"] and not report.failed
    warnings = ["attribute: of a library", "contributions: model.txt: found no such file"]
    assert report.warnings == {"orders": warnings}
    assert [line for line in told if "warning" in line] == [
        f"orders: warning: {one}" for one in warnings
    ]
