"""Versions that the jobs train: held-out scores, registration, promotion. Of binary tasks only."""

from datetime import date, datetime, time, timedelta
from zlib import crc32

import polars as pl

from jobs.pointers import HISTORY_SCHEMA
from jobs.training.records import MODEL_VERSIONS, TRAINING_RUNS
from tests.incremental.world.draw import Draw
from tests.incremental.world.monitor import World, local_days


def registered_version(draw: Draw) -> World:
    """A version is trained on the newest day and promoted, its held-out scores are recorded.

    It is a version that the log has rows of and nobody registered yet, or else a new one. About
    four in five of the rows of one or two weeks are held out.
    """
    world, generator = draw.world, draw.generator
    if world.monitor is None or not world.monitor.get("retrain"):
        return world
    registered = world.records["model_versions"]["model_version"].to_list() if world.records else []
    waiting = sorted(set(world.log["version"]) - set(registered))
    version = waiting[0] if waiting else f"v{world.serial + 3}"
    last = world.today - timedelta(days=world.monitor["label_horizon_days"])
    first = last - timedelta(days=int(generator.choice([6, 13])))
    rows = [world.log.select("row_id", "score").filter(world.days.is_between(first, last))]
    if "history" in world.tables:
        days = local_days(world.kind, world.tables["history"])
        history = world.tables["history"].select("row_id", "score")
        rows.append(history.filter(days.is_between(first, last)))
    seen = pl.concat(rows).unique("row_id", maintain_order=True)
    held_out = seen.filter(pl.Series(generator.random(seen.height) < 0.8, dtype=pl.Boolean))
    noise = pl.Series(generator.uniform(-0.2, 0.2, held_out.height), dtype=pl.Float64)
    scores = (held_out["score"].fill_null(0.5) + noise).clip(0.01, 0.99).round(4)
    return world.with_records(records_of(world, version, first, last, held_out["row_id"], scores))


def records_of(
    world: World, version: str, first: date, last: date, ids: pl.Series, scores: pl.Series
) -> dict[str, pl.DataFrame]:
    """Rows of the jobs' tables about one version that is promoted on the newest day."""
    noon = datetime.combine(world.today, time(12))
    trained_from = first - timedelta(days=14)
    run_id = f"{world.name} {world.serial}"
    common = {
        "monitor": world.name, "model_version": version, "run_id": run_id, "recorded_at": noon,
        "train_from": trained_from, "train_to": last, "holdout_from": first, "holdout_to": last,
        "train_rows": 1000, "parameters": "{}",
    }  # fmt: skip
    run = {
        **common, "as_of": world.today, "strategy": "full", "reason": "test",
        "holdout_rows": ids.len(), "effective_sample_size": 1000.0, "best_iteration": 10,
        "data_hash": "0", "seed": 0, "seconds": 1.0,
    }  # fmt: skip
    registered = {
        **common, "algorithm": "test", "features": "[]", "tree_count": 10, "calibration": "{}",
        "artifact_path": version, "artifact_sha256": "0", "code_version": "0", "environment": "{}",
        "created_on": world.today,
    }  # fmt: skip
    deployment = {
        "deployment_id": 10_000 * (crc32(world.name.encode()) % 100_000) + world.serial,
        "monitor": world.name, "model_version": version, "previous_version": None,
        "action": "promote", "effective_on": world.today + timedelta(days=1),
        "decided_by": "policy", "reason": "test", "recorded_at": noon,
    }  # fmt: skip
    keys = [pl.lit(world.name).alias("monitor"), pl.lit(version).alias("model_version")]
    return {
        "training_runs": pl.DataFrame([run], schema=dict(TRAINING_RUNS)),
        "model_versions": pl.DataFrame([registered], schema=dict(MODEL_VERSIONS)),
        "holdout_scores": pl.DataFrame({"inference_id": ids, "score": scores}).select(
            *keys, "inference_id", "score"
        ),
        "feature_importance": pl.DataFrame(
            {"feature_name": ["amount", "clicks"], "gain": [3.0, 1.0], "gain_share": [0.75, 0.25]}
        ).select(*keys, "feature_name", "gain", "gain_share"),
        "deployments": pl.DataFrame(
            [{**deployment, "run_id": run_id}], schema=dict(HISTORY_SCHEMA)
        ).drop("run_id"),
    }


def toggled_retrain(draw: Draw) -> World:
    """The monitor is only watched from now on, or is renewed again."""
    if "requests" not in draw.world.tables or draw.world.monitor is None:
        return draw.world
    return draw.world.with_monitor(retrain=not draw.world.monitor.get("retrain", False))
