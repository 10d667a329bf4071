from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from window_double import SMALL, make_window

from jobs.errors import ArtifactError
from jobs.training.artifact import ServingModel, load, read_facts, save
from jobs.training.calibrate import Calibration
from jobs.training.dataset import Encoder, build_dataset
from jobs.training.train import refit

WINDOW = make_window(days=30, per_day=30, holdout=5)
DATA = build_dataset(WINDOW, Encoder.fit(WINDOW, ["amount", "age"], ["region"]))
MODEL = ServingModel(
    refit(DATA, SMALL, 5), DATA.encoder, Calibration("platt", 0.9, 0.1, 900), {"run_id": "abc"}
)


def test_what_is_loaded_predicts_the_same(tmp_path: Path) -> None:
    checksum = save(tmp_path / "v1", MODEL)
    loaded = load(tmp_path / "v1", checksum)
    assert sorted(path.name for path in (tmp_path / "v1").iterdir()) == [
        "SHA256SUMS", "model.json", "model.txt",
    ]  # fmt: skip
    scores = loaded.predict(WINDOW)
    assert scores.shape == (WINDOW.height,)
    np.testing.assert_array_equal(scores, MODEL.predict(WINDOW))
    assert loaded.calibration == MODEL.calibration
    assert loaded.facts == read_facts(tmp_path / "v1") == {"run_id": "abc"}
    assert loaded.predict(WINDOW.clear()).shape == (0,)


def test_unseen_and_missing_values_get_a_score(tmp_path: Path) -> None:
    rows = pl.DataFrame(
        {"numeric_values": [[None, float("inf")]], "categorical_values": [["nowhere"]]},
        schema={"numeric_values": pl.List(pl.Float64), "categorical_values": pl.List(pl.String)},
    )
    assert np.isfinite(MODEL.predict(rows)).all()


def test_saving_again_is_fine_and_other_content_is_not(tmp_path: Path) -> None:
    first = save(tmp_path / "v1", MODEL)
    assert save(tmp_path / "v1", MODEL) == first
    with pytest.raises(ArtifactError, match="another model under this version"):
        save(tmp_path / "v1", replace(MODEL, calibration=Calibration("platt", 1.0, 0.0, 9)))
    assert load(tmp_path / "v1", first).calibration == MODEL.calibration
    assert [path.name for path in tmp_path.iterdir()] == ["v1"]


@pytest.mark.parametrize("name", ["model.txt", "model.json", "SHA256SUMS"])
def test_a_changed_file_is_named(tmp_path: Path, name: str) -> None:
    checksum = save(tmp_path / "v1", MODEL)
    path = tmp_path / "v1" / name
    content = path.read_bytes()
    path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    with pytest.raises(ArtifactError, match=name) as error:
        load(tmp_path / "v1", checksum)
    assert "restore the folder" in str(error.value)


@pytest.mark.parametrize("name", ["model.txt", "model.json", "SHA256SUMS"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    save(tmp_path / "v1", MODEL)
    (tmp_path / "v1" / name).unlink()
    with pytest.raises(ArtifactError, match=name):
        load(tmp_path / "v1")


def test_a_consistent_swap_is_found_by_the_registered_checksum(tmp_path: Path) -> None:
    checksum = save(tmp_path / "v1", MODEL)
    save(tmp_path / "v2", replace(MODEL, facts={"run_id": "other"}))
    with pytest.raises(ArtifactError, match="as the version was registered"):
        load(tmp_path / "v2", checksum)


def test_a_kill_while_writing_leaves_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "v1", MODEL)
    monkeypatch.undo()
    assert not (tmp_path / "v1").exists()
    assert load(tmp_path / "v1", save(tmp_path / "v1", MODEL)).facts == {"run_id": "abc"}
