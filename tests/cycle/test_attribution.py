"""The cycle tells data drift from concept drift."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import deployment as world
import duckdb
import polars as pl
import pytest

from jobs.cli import main


def test_a_label_that_means_the_opposite_is_concept_drift(built_warehouse: Path) -> None:
    """What price says was turned round on the first day of the log; the mix stayed the same."""
    with duckdb.connect(str(built_warehouse), read_only=True) as connection:
        found = connection.sql(
            """
            select
                attribution.reference, attribution.metric_date, attribution.verdict,
                attribution.status, attribution.total_change, attribution.mix_effect,
                attribution.concept_effect, attribution.out_of_support_effect,
                performance.metric_value - performance.reference_value as published_change,
                attribution.mix_null_bound
            from driftline.drift_attribution as attribution
            inner join driftline.performance as performance
                using (monitor, model_version, metric_date, window_days, reference, metric_name)
            where attribution.status <> 'not_judged' and performance.segment_name = 'overall'
                and attribution.feature_name = 'joint'
            order by attribution.reference desc
            """
        ).fetchall()
        others = connection.sql(
            "select count(*), max(total_change) from driftline.drift_attribution "
            "where status = 'not_judged' and verdict = 'unknown'"
        ).fetchall()
    assert [row[0] for row in found] == ["training", "stable"]
    for _, day, _, status, total, mix, concept, outside, published, _ in found:
        assert (day, status) == (world.SECOND_AS_OF - timedelta(days=1), "judged")
        assert total == pytest.approx(published, rel=1e-12)
        assert mix + concept + outside == pytest.approx(total, abs=1e-15)
    training, stable = found
    assert training[2] == "concept" and training[6] > 0.95 * training[4] > 0.5
    assert stable[2] == "no_change" and abs(stable[5]) < stable[9]
    assert others == [(2 * 43, None)]


def test_seen_from_its_feature_it_is_concept_too(built_warehouse: Path) -> None:
    """Against the held-out rows of the version that was live, before it was replaced."""
    with duckdb.connect(str(built_warehouse), read_only=True) as connection:
        found = connection.sql(
            """
            select feature_name, total_change, mix_effect, concept_lower_bound, reference_to,
                sampled_reference_rows
            from driftline.drift_attribution
            where feature_name <> 'joint' and reference = 'training' and window_days = 30
                and status = 'judged' and metric_date = $day
            order by feature_name
            """,
            params={"day": world.SECOND_AS_OF - timedelta(days=1)},
        ).fetchall()
        labels = connection.sql(
            """
            select corr(observed_rate - training_observed_rate, bin_id)
            from driftline.error_patterns
            where feature_name = 'price' and window_days = 30 and metric_date = $day
            """,
            params={"day": world.SECOND_AS_OF - timedelta(days=1)},
        ).fetchall()
    assert [row[0] for row in found] == ["age", "channel", "price"]
    for _, total, mix, lower, reference_to, rows in found:
        assert abs(mix) < 0.05 * total and lower > 0.5 * total > 0.25
        assert reference_to == world.FIRST_AS_OF - timedelta(days=1)
        assert rows == 14 * world.ROWS_A_DAY
    assert labels[0][0] < -0.9, "the more it cost, the less it is returned now, of what it was"


def test_alone_it_judges_whole_days_and_says_its_verdict(
    renewed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No day was named, so the newest one, and labels that come on it, may not be complete."""
    folder = tmp_path / "deployment"
    shutil.copytree(renewed, folder)
    arguments = ["--project-dir", f"{folder / 'dbt_project'}", "--profiles-dir"]
    arguments += [f"{folder / 'profiles'}", "attribute", "--monitor", "orders", "--json"]
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert not left.value.code
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    with duckdb.connect(str(folder / "warehouse" / "warehouse.duckdb")) as connection:
        written = connection.sql(
            "select distinct as_of, metric_date from driftline_jobs.drift_attributions "
            "where as_of <> $of_the_cycle",
            params={"of_the_cycle": world.SECOND_AS_OF},
        ).fetchall()
    newest = world.tables()["order_labels"]["labeled_at"].cast(pl.Date).max()
    assert isinstance(newest, date)
    horizon = int(world.MONITOR["label_horizon_days"])  # type: ignore[call-overload]
    assert written == [(newest, newest - timedelta(days=1 + horizon))]
    assert {one["reference"]: one["verdict"] for one in told} == {
        "training": "concept",
        "stable": "no_change",
    }
