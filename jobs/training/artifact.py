"""A version on disk: `model.txt`, `model.json` and `SHA256SUMS`, and nothing pickled."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import polars as pl

from jobs.errors import ArtifactError
from jobs.training.calibrate import Calibration
from jobs.training.dataset import Encoder, FeatureMatrix
from jobs.training.train import predict_raw

FloatArray = npt.NDArray[np.float64]
FORMAT = 1
MODEL_FILE = "model.txt"
FACTS_FILE = "model.json"
SUMS_FILE = "SHA256SUMS"
HELP = "restore the folder from a backup, or roll back to another version and retrain"


@dataclass(frozen=True)
class ServingModel:
    """What serves: encoder, trees and calibration, with the facts of training."""

    booster: Any
    encoder: Encoder
    calibration: Calibration
    facts: Mapping[str, Any] = field(default_factory=dict)
    """JSON values: monitor, version, run_id, spans, parameters, library versions, ..."""
    task: str = "binary"

    def predict(self, rows: pl.DataFrame) -> FloatArray:
        """Probabilities of shape (n_rows,), inside [1e-6, 1 - 1e-6].

        `rows` has `numeric_values` and `categorical_values` in the order of the features; no other
        column is read. Raises ValidationFailedError when the lists do not fit.
        """
        return self.predict_features(self.encoder.transform(rows))

    def predict_features(self, features: FeatureMatrix) -> FloatArray:
        """The same for rows that are encoded already, shape (n_rows, n_features)."""
        return self.calibration.apply(predict_raw(self.booster, features))


def save(directory: Path, model: ServingModel) -> str:
    """Write a version into `directory` and return the sha256 (hex) of its SHA256SUMS.

    Atomic: the folder appears complete or not at all, also when the process is killed. The same
    content may be saved again; other content under the same name raises ArtifactError and leaves
    what is there. `model.facts` must not hold the time of writing, or repeating would differ.
    """
    contents = _contents(model)
    checksum = _sha256(contents[SUMS_FILE])
    if directory.exists():
        _require_same(directory, contents[SUMS_FILE])
        return checksum
    directory.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        temporary.chmod(0o755)
        for name, content in contents.items():
            _write_synced(temporary / name, content)
        _sync_folder(temporary)
        try:
            temporary.rename(directory)
        except OSError:
            # Another process may have been first; then what is there must be the same.
            if not directory.exists():
                raise
            _require_same(directory, contents[SUMS_FILE])
        _sync_folder(directory.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return checksum


def load(directory: Path, expected_sha256: str | None = None) -> ServingModel:
    """Read a version back after checking every file against its checksum.

    `expected_sha256` is what `save` returned and `model_versions` records. Raises ArtifactError
    that names the file when one is missing, changed or cannot be read.
    """
    contents = _verified(directory, expected_sha256)
    path = directory / FACTS_FILE
    try:
        written = json.loads(contents[FACTS_FILE])["format"]
        if written != FORMAT:
            raise ArtifactError(
                f"{path}: found format {written}; expected {FORMAT}; "
                "load it with the release that wrote it, or retrain"
            )
        return model_from_texts(contents[FACTS_FILE].decode(), contents[MODEL_FILE].decode())
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path}: found {error!r}; expected a model description; {HELP}") from (
            error
        )
    except lgb.basic.LightGBMError as error:
        raise ArtifactError(
            f"{directory / MODEL_FILE}: found {error}; expected a LightGBM text model; {HELP}"
        ) from error


def model_texts(model: ServingModel) -> tuple[str, str]:
    """The description (JSON) and the trees (LightGBM's text) that are the whole model."""
    contents = _contents(model)
    return contents[FACTS_FILE].decode(), contents[MODEL_FILE].decode()


def model_from_texts(description: str, trees: str) -> ServingModel:
    """Inverse of `model_texts`; raises KeyError or ValueError when a part is missing."""
    parsed = json.loads(description)
    return ServingModel(
        booster=lgb.Booster(model_str=trees),
        encoder=Encoder.from_json(parsed["encoder"]),
        calibration=Calibration.from_json(parsed["calibration"]),
        facts=parsed["facts"],
        task=parsed["task"],
    )


def read_facts(directory: Path) -> dict[str, Any]:
    """Training facts of a version without loading its trees; raises ArtifactError as `load`."""
    try:
        facts = json.loads(_verified(directory, None)[FACTS_FILE])["facts"]
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(
            f"{directory / FACTS_FILE}: found {error!r}; expected a model description; {HELP}"
        ) from error
    return dict(facts)


def _contents(model: ServingModel) -> dict[str, bytes]:
    described = {
        "format": FORMAT,
        "task": model.task,
        "features": list(model.encoder.feature_names),
        "encoder": model.encoder.to_json(),
        "calibration": model.calibration.to_json(),
        "facts": dict(model.facts),
    }
    files = {
        FACTS_FILE: json.dumps(
            described, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False
        ).encode()
        + b"\n",
        MODEL_FILE: model.booster.model_to_string().encode(),
    }
    sums = "".join(f"{_sha256(content)}  {name}\n" for name, content in sorted(files.items()))
    return {**files, SUMS_FILE: sums.encode()}


def _verified(directory: Path, expected_sha256: str | None) -> dict[str, bytes]:
    """Contents of the model files; raises ArtifactError unless all checksums hold."""
    sums = _read(directory / SUMS_FILE)
    if expected_sha256 is not None and _sha256(sums) != expected_sha256:
        raise ArtifactError(
            f"{directory / SUMS_FILE}: found sha256 {_sha256(sums)}; expected {expected_sha256}, "
            f"as the version was registered; {HELP}"
        )
    listed = {}
    for line in sums.decode(errors="replace").splitlines():
        checksum, _, name = line.partition("  ")
        listed[name] = checksum
    contents = {}
    for name in (MODEL_FILE, FACTS_FILE):
        if name not in listed:
            raise ArtifactError(
                f"{directory / SUMS_FILE}: found no checksum of {name}; expected one; {HELP}"
            )
        contents[name] = _read(directory / name)
        found = _sha256(contents[name])
        if found != listed[name]:
            raise ArtifactError(
                f"{directory / name}: found sha256 {found}; expected {listed[name]}; {HELP}"
            )
    return contents


def _require_same(directory: Path, sums: bytes) -> None:
    """Raise ArtifactError unless the folder holds exactly this content, undamaged."""
    _verified(directory, None)
    if _read(directory / SUMS_FILE) != sums:
        raise ArtifactError(
            f"{directory}: found another model under this version; expected the same content or "
            "no folder; versions are never overwritten: save under a new version"
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"{path}: found {error.strerror or error}; expected a readable file; {HELP}"
        ) from error


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
