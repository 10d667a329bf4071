"""Training rows as arrays, and the encoder that turns served features into model inputs."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from jobs.errors import ValidationFailedError

FloatArray = npt.NDArray[np.float64]
FeatureMatrix = npt.NDArray[np.float32]

COLUMNS = (
    "inference_id",
    "predicted_at",
    "metric_date",
    "label",
    "sample_weight",
    "split",
    "numeric_values",
    "categorical_values",
)


@dataclass(frozen=True)
class Encoder:
    """Feature names and what was learned of them on the training rows.

    `categories[name]` are the values seen in training; the code of a value is its place. A value
    that was not seen, or null, is missing (NaN). `numeric_fill` is the training median of a numeric
    feature that had no missing value in training, and None for the others: LightGBM learns where
    missing rows go only for features that had some, and reads NaN as 0 otherwise.
    """

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    numeric_fill: tuple[float | None, ...]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names in the order of the matrix: numeric first, then categorical."""
        return self.numeric + self.categorical

    @property
    def categorical_positions(self) -> list[int]:
        """Columns of the matrix that hold category codes."""
        return list(range(len(self.numeric), len(self.feature_names)))

    @classmethod
    def fit(
        cls, rows: pl.DataFrame, numeric: Sequence[str], categorical: Sequence[str]
    ) -> "Encoder":
        """Learn categories and medians; `rows` must be training rows only.

        `rows` has `numeric_values` and `categorical_values`, lists in the order of the names.
        Raises ValidationFailedError when the lists have another length.
        """
        check_feature_lists(rows, numeric, categorical)
        fill: list[float | None] = []
        for position in range(len(numeric)):
            column = _numeric_column(rows, position)
            complete = column.size > 0 and not np.isnan(column).any()
            fill.append(float(np.median(column)) if complete else None)
        categories = {}
        for position, name in enumerate(categorical):
            values = rows["categorical_values"].list.get(position).drop_nulls().unique().sort()
            categories[name] = tuple(values.cast(pl.String).to_list())
        return cls(tuple(numeric), tuple(categorical), categories, tuple(fill))

    def transform(self, rows: pl.DataFrame) -> FeatureMatrix:
        """Model inputs, float32 of shape (n_rows, n_features), numeric columns first.

        Infinite values are missing. Raises ValidationFailedError when the lists do not fit the
        features.
        """
        check_feature_lists(rows, self.numeric, self.categorical)
        matrix = np.empty((rows.height, len(self.feature_names)), dtype=np.float32, order="C")
        for position, fill in enumerate(self.numeric_fill):
            column = _numeric_column(rows, position)
            if fill is not None:
                column = np.where(np.isnan(column), np.float32(fill), column)
            matrix[:, position] = column
        for position, name in enumerate(self.categorical):
            matrix[:, len(self.numeric) + position] = self._codes(rows, position, name)
        return matrix

    def _codes(self, rows: pl.DataFrame, position: int, name: str) -> FeatureMatrix:
        known = self.categories[name]
        if not known:
            return np.full(rows.height, np.nan, dtype=np.float32)
        codes = (
            rows["categorical_values"]
            .list.get(position)
            .replace_strict(
                list(known), list(range(len(known))), default=None, return_dtype=pl.Int32
            )
        )
        return codes.cast(pl.Float32).fill_null(float("nan")).to_numpy()

    def to_json(self) -> dict[str, Any]:
        """The encoder as JSON values; `from_json` is its inverse."""
        return {
            "numeric": list(self.numeric),
            "categorical": list(self.categorical),
            "categories": {name: list(values) for name, values in self.categories.items()},
            "numeric_fill": list(self.numeric_fill),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Encoder":
        """Read back what `to_json` gave; raises KeyError when a part is missing."""
        return cls(
            tuple(value["numeric"]),
            tuple(value["categorical"]),
            {name: tuple(values) for name, values in value["categories"].items()},
            tuple(value["numeric_fill"]),
        )


@dataclass(frozen=True)
class TrainingData:
    """Rows ready to train on; every array has n_rows as its first length."""

    features: FeatureMatrix
    label: FloatArray
    weight: FloatArray
    day: npt.NDArray[np.int64]
    """Local day as the proleptic ordinal, `date.toordinal`."""
    split: npt.NDArray[np.str_]
    ids: npt.NDArray[np.str_]
    encoder: Encoder

    def __len__(self) -> int:
        return len(self.label)

    def part(self, *splits: str) -> "TrainingData":
        """Rows of these splits, in the order they stand."""
        mask = np.isin(self.split, splits)
        return TrainingData(
            self.features[mask],
            self.label[mask],
            self.weight[mask],
            self.day[mask],
            self.split[mask],
            self.ids[mask],
            self.encoder,
        )


def build_dataset(
    frame: pl.DataFrame, encoder: Encoder, weight: npt.ArrayLike | None = None
) -> TrainingData:
    """Arrays of a frame with the columns `COLUMNS`, in the order (metric_date, inference_id).

    The order makes training independent of the order in which the warehouse returns rows. `weight`
    of shape (n_rows,), in the order of `frame`, takes the place of `sample_weight`. Raises
    ValidationFailedError when a column is missing.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValidationFailedError(
            f"training rows: found no column {', '.join(missing)}; expected {', '.join(COLUMNS)}; "
            "rebuild training_window and int_inferences"
        )
    if weight is not None:
        frame = frame.with_columns(
            pl.Series("sample_weight", np.asarray(weight, dtype=np.float64), dtype=pl.Float64)
        )
    ordered = frame.with_columns(pl.col("inference_id").cast(pl.String)).sort(
        "metric_date", "inference_id"
    )
    return TrainingData(
        features=encoder.transform(ordered),
        label=ordered["label"].cast(pl.Float64).to_numpy(),
        weight=ordered["sample_weight"].cast(pl.Float64).to_numpy(),
        day=day_ordinals(ordered["metric_date"]),
        split=text_array(ordered["split"]),
        ids=text_array(ordered["inference_id"]),
        encoder=encoder,
    )


def day_ordinals(days: pl.Series) -> npt.NDArray[np.int64]:
    """Ordinals (`date.toordinal`) of a Date column without nulls, shape (n_rows,)."""
    epoch = 719163  # date(1970, 1, 1).toordinal()
    return days.cast(pl.Date).to_physical().cast(pl.Int64).to_numpy() + epoch


def check_feature_lists(
    rows: pl.DataFrame, numeric: Sequence[str], categorical: Sequence[str]
) -> None:
    """Raise ValidationFailedError unless every list is as long as there are names."""
    for column, names in (("numeric_values", numeric), ("categorical_values", categorical)):
        if not names:
            continue
        lengths = rows[column].list.len()
        wrong = int((lengths.fill_null(0) != len(names)).sum())
        if wrong:
            raise ValidationFailedError(
                f"{column}: found {wrong} of {rows.height} rows whose list has not "
                f"{len(names)} entries; expected one for each of {', '.join(names)}; "
                "rebuild int_inferences after a change of the monitor's features"
            )


def data_hash(frame: pl.DataFrame) -> str:
    """Fingerprint of the training rows, sha256 in hex; the order of rows and columns is ignored.

    Every column counts, with its name: changing any value, split or weight changes the hash.
    """
    flat = _flatten(frame)
    key = "inference_id"
    if key in flat.columns and flat[key].n_unique() == flat.height:
        flat = flat.sort(key)
    elif flat.columns:
        flat = flat.sort(flat.columns)
    digest = hashlib.sha256(str(flat.height).encode())
    for name in flat.columns:
        digest.update(f"\x00{name}\x00".encode())
        for part in _column_bytes(flat[name]):
            digest.update(part)
    return digest.hexdigest()


def _flatten(frame: pl.DataFrame) -> pl.DataFrame:
    """One scalar column for each list position, and the list's length; columns sorted by name."""
    columns: list[pl.Series] = []
    for series in frame.get_columns():
        if not isinstance(series.dtype, pl.List):
            columns.append(series)
            continue
        length = series.list.len()
        longest = length.max()
        columns.append(length.alias(f"{series.name}#"))
        width = longest if isinstance(longest, int) else 0
        columns += [
            series.list.get(position, null_on_oob=True).alias(f"{series.name}#{position:05d}")
            for position in range(width)
        ]
    return pl.DataFrame(sorted(columns, key=lambda series: series.name))


def _column_bytes(series: pl.Series) -> Iterable[bytes]:
    """Canonical bytes of a scalar column: null flags, then the values."""
    yield np.packbits(series.is_null().to_numpy()).tobytes()
    if series.dtype.is_float():
        values = series.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0
        yield np.where(np.isnan(values), np.nan, values).tobytes()
    elif series.dtype.is_integer() or series.dtype == pl.Boolean:
        yield series.cast(pl.Int64).fill_null(0).to_numpy().tobytes()
    elif series.dtype == pl.Date:
        yield series.to_physical().cast(pl.Int64).fill_null(0).to_numpy().tobytes()
    elif isinstance(series.dtype, pl.Datetime):
        yield series.dt.epoch("us").fill_null(0).to_numpy().tobytes()
    else:
        text = series.cast(pl.String).fill_null("")
        yield text.str.len_bytes().cast(pl.Int64).to_numpy().tobytes()
        yield "".join(text.to_list()).encode()


def _numeric_column(rows: pl.DataFrame, position: int) -> FeatureMatrix:
    """One numeric feature as float32; null, infinite and too large for float32 become NaN."""
    column = rows["numeric_values"].list.get(position).cast(pl.Float64).fill_null(float("nan"))
    with np.errstate(over="ignore"):
        values = column.to_numpy().astype(np.float32)
    return np.where(np.isfinite(values), values, np.float32("nan"))


def text_array(series: pl.Series) -> npt.NDArray[np.str_]:
    """Texts of a column without nulls, shape (n_rows,)."""
    return np.asarray(series.cast(pl.String).to_list(), dtype=np.str_)
