"""All features together, of every task, on the relations that a build leaves; no row is written."""

from datetime import datetime, time, timedelta
from pathlib import Path

import duckdb
import nasty
import polars as pl
import pytest
from project import Project
from reading import Reading

from jobs.attribution.folds import Trees
from jobs.config import load_project
from jobs.drift.question import ask
from jobs.drift.records import CLASSIFICATIONS, CONTRIBUTIONS
from jobs.drift.run import DriftPlan, look

MOMENTS = {"fares": "asked_at", "tickets": "opened_at", "searches": "asked_at"}


@pytest.mark.parametrize("name", ["orders", *MOMENTS])
def test_no_label_and_no_model_is_needed(
    built: Project, tables: dict[str, pl.DataFrame], name: str
) -> None:
    monitor = load_project(built.paths.project_dir).monitor(name)
    plan = DriftPlan(max_rows=400, min_rows=20, trees=Trees(rounds=5))
    with duckdb.connect(str(built.paths.warehouse), read_only=True) as connection:
        reading = Reading(connection)
        question = ask(reading, monitor, nasty.AS_OF, plan.window_days)
        found = look(reading.connect, monitor, question, Path("nowhere"), plan)
    assert CONTRIBUTIONS not in reading.written and found.not_applicable is not None
    rows = reading.written[CLASSIFICATIONS]
    assert rows["reference"].to_list() == ["training", "stable"]
    assert rows["domain_auc"].is_between(0, 1).all() and rows["p_value"].is_between(0, 1).all()
    assert rows["top_feature"].is_in(monitor.features).all()
    assert set(rows["metric_date"]) == {nasty.AS_OF}, "no label is waited for"
    if name in MOMENTS:
        first = datetime.combine(nasty.AS_OF - timedelta(days=6), time())
        moment = pl.col(MOMENTS[name])
        raw = tables[name].filter(moment >= first, moment < first + timedelta(days=7))
        assert set(rows["current_rows"]) == {min(raw.height, 400)}
