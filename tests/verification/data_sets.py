"""Real data sets as inference logs: 150 days each, scored by the model they came with or by a plain
LightGBM trained on what lies before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl

DAYS = 150
LEARNED = {"learning_rate": 0.05, "num_leaves": 31, "verbosity": -1, "seed": 42, "num_threads": 2}
CLASSES = {"prepaid_card": "y_pred_proba_prepaid_card",
           "highstreet_card": "y_pred_proba_highstreet_card",
           "upmarket_card": "y_pred_proba_upmarket_card"}  # fmt: skip


@dataclass(frozen=True)
class DataSet:
    """A log with the columns row_id, at, version, label, the score (or one a class, or a query) and
    the features."""

    name: str
    task: str
    log: pl.DataFrame
    features: tuple[str, ...]

    @property
    def monitor(self) -> dict[str, Any]:
        columns = {"id": "row_id", "predicted_at": "at", "model_version": "version",
                   "label": "label"}  # fmt: skip
        scores: Mapping[str, Any] = {
            "multiclass": {"class_scores": CLASSES},
            "ranking": {"score": "score", "query": "query"},
        }.get(self.task, {"score": "score"})
        primary = {"binary": "roc_auc", "multiclass": "accuracy", "ranking": "ndcg"}
        return {
            "description": self.name,
            "owner": "verification",
            "task": self.task,
            "inferences": {"source": ["serving", self.name]},
            "columns": columns | scores,
            "time_zone": "UTC",
            "label_horizon_days": 0,
            "features": {"numeric": list(self.features)},
            "primary_metric": primary.get(self.task, "rmse"),
        }


def load(folder: Path) -> list[DataSet]:
    """Every set whose file is in the folder; raises FileNotFoundError when none is."""
    found = [make(folder / f"{name}.parquet") for name, make in SETS.items()
             if (folder / f"{name}.parquet").exists()]  # fmt: skip
    if not found:
        raise FileNotFoundError(f"{folder}: found none of {', '.join(SETS)}")
    return found


def _last_days(frame: pl.DataFrame, at: str = "event_ts") -> pl.DataFrame:
    end = frame[at].max()
    assert isinstance(end, datetime)
    first = datetime(end.year, end.month, end.day) - timedelta(days=DAYS - 1)
    return frame.filter(pl.col(at) >= first)


def _log(frame: pl.DataFrame, **columns: pl.Expr) -> pl.DataFrame:
    return frame.with_row_index("row_id").with_columns(
        pl.col("event_ts").alias("at"), pl.lit("m").alias("version"), **columns
    )


def _learned(
    frame: pl.DataFrame, features: tuple[str, ...], label: str, objective: str
) -> pl.DataFrame:
    """The last days with the score of a model of all days before."""
    log = _last_days(frame)
    before = frame.filter(pl.col("event_ts") < log["event_ts"].min())
    group = None
    if objective == "lambdarank":
        before = before.sort("query", maintain_order=True)
        group = before.group_by("query", maintain_order=True).len()["len"].to_numpy()
    train = lgb.Dataset(before.select(features).to_numpy(), before[label].to_numpy(), group=group)
    model = lgb.train({**LEARNED, "objective": objective}, train, 200)
    score = np.asarray(model.predict(log.select(features).to_numpy()))
    return log.with_columns(pl.Series("score", score))


def _elec2(path: Path) -> DataSet:
    features = ("period", "nswdemand", "vicprice", "vicdemand", "transfer")
    log = _learned(pl.read_parquet(path), features, "target_up", "binary")
    return DataSet("elec2", "binary", _log(log, label=pl.col("target_up")), features)


def _car_loan(path: Path) -> DataSet:
    log = _log(_last_days(pl.read_parquet(path)), label=pl.col("repaid"),
               score=pl.col("y_pred_proba"))  # fmt: skip
    return DataSet("car_loan", "binary", log, ("car_value", "loan_length", "driver_tenure"))


def _cards(path: Path) -> DataSet:
    log = _log(_last_days(pl.read_parquet(path)), label=pl.col("y_true"))
    features = ("app_behavioral_score", "requested_credit_limit", "stated_income")
    return DataSet("credit_cards", "multiclass", log, features)


def _car_price(path: Path) -> DataSet:
    log = _log(_last_days(pl.read_parquet(path)), label=pl.col("y_true"), score=pl.col("y_pred"))
    return DataSet("car_price", "regression", log, ("car_age", "km_driven", "price_new"))


def _bikeshare(path: Path) -> DataSet:
    features = ("hour", "dow", "doy", "temp_min_c", "temp_max_c", "precip_mm", "trips_lag_168h")
    log = _learned(pl.read_parquet(path), features, "trips", "regression")
    return DataSet("bikeshare", "regression", _log(log, label=pl.col("trips")), features)


def _races(path: Path) -> DataSet:
    """A race a day: their real days are weeks apart."""
    features = ("grid_num", "driver_form_5", "constructor_form_10", "driver_starts")
    number = pl.col("event_ts").rank("dense").cast(pl.Int64) - 1
    frame = (
        pl.read_parquet(path)
        .sort("event_ts")
        .with_columns(
            pl.col("race_id").alias("query"),
            (pl.lit(datetime(2020, 1, 1)) + pl.duration(days=number)).alias("event_ts"),
        )
    )
    log = _learned(frame, features, "relevance", "lambdarank")
    return DataSet("races", "ranking", _log(log, label=pl.col("relevance")), features)


SETS: Mapping[str, Callable[[Path], DataSet]] = {
    "elec2": _elec2,
    "nannyml_synthetic_car_loan": _car_loan,
    "nannyml_synthetic_multiclass": _cards,
    "nannyml_synthetic_car_price": _car_price,
    "bikeshare_dc_2010_2019": _bikeshare,
    "f1_race_ranking": _races,
}
