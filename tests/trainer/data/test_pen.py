"""Rendered pen digits: whose go where, and that none is in two splits."""

import gzip
import json
from pathlib import Path

import pytest
import torch

from trainer import progress
from trainer.data import loading, pen, pen_digits
from trainer.data.labelled_images import (
    TRAINING,
    VALIDATION,
    DataError,
    LabelledImages,
    concatenate,
)
from trainer.data.pen_digits import PenFiles
from trainer.drawing.rasterize import rasterize
from trainer.handwriting.font import write_digits
from trainer.progress import result_of
from trainer.recipes.recipe import Recipe
from trainer.training.events import Epoch
from trainer.training.training import train


@pytest.fixture
def pen_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixty people's built-in digits, in the real set's form; of three contributors, one small."""
    monkeypatch.setattr(pen_digits, "FEW", 50)
    monkeypatch.setattr(pen, "VARIANTS", 3)
    monkeypatch.setattr(progress, "shared_results", {})
    contributors = ["apa"] * 30 + ["syn"] * 28 + ["lou"] * 2
    items = [
        {
            "label": digit.label,
            "writer": f"{contributors[number // 10]}-{number // 10}",
            "contributor": contributors[number // 10],
            "strokes": [stroke[:, :2].round(3).tolist() for stroke in digit.strokes],
        }
        for number, digit in enumerate(write_digits(600, seed=11))
    ]
    folder = tmp_path / "pen"
    folder.mkdir()
    (folder / "pen-digits.json.gz").write_bytes(gzip.compress(json.dumps(items).encode()))
    return tmp_path


def load(split: str, folder: Path, name: str = "unipen") -> LabelledImages:
    return result_of(loading.load(name, split, folder))


def test_people_are_divided_and_only_those_trained_on_are_varied(pen_file: Path) -> None:
    digits = pen_digits.read(PenFiles(json=pen_file / "pen" / "pen-digits.json.gz"))
    splits = pen_digits.assign_splits(digits)
    training, test = load("train", pen_file), load("test", pen_file)
    assert training.allotted is not None
    assert len(test) == splits.count("writers") + splits.count("contributors")
    assert splits.count("contributors") == 20
    assert int((training.allotted == TRAINING).sum()) == 3 * splits.count("train")
    assert int((training.allotted == VALIDATION).sum()) == splits.count("validation")
    kept = training.images[training.allotted == VALIDATION]
    plain = [
        rasterize(digit.strokes)
        for digit, split in zip(digits, splits, strict=True)
        if split == "validation"
    ]
    assert all(torch.equal(a, torch.from_numpy(b)) for a, b in zip(kept, plain, strict=True))
    assert test.allotted is None


def test_variants_are_different_pictures_of_one_drawing(pen_file: Path) -> None:
    training = load("train", pen_file)
    assert training.allotted is not None
    varied = training.images[training.allotted == TRAINING]
    assert not torch.equal(varied[0], varied[1])
    labels = training.labels[training.allotted == TRAINING]
    assert labels[0] == labels[1] == labels[2]


def test_a_sum_has_people_who_are_only_for_validation(pen_file: Path, small_pen: None) -> None:
    both = load("train", pen_file, "unipen"), load("train", pen_file, "pen")
    digits = concatenate(list(both))
    training, held_out = digits.split(0.1, torch.randperm(len(digits)))
    people = int((both[0].allotted == VALIDATION).sum())
    assert len(held_out) == people + round(0.1 * len(both[1]))
    assert len(training) + len(held_out) == len(digits)


def test_a_run_on_them_is_checked_by_other_people(pen_file: Path) -> None:
    *_, last = train(Recipe(dataset="unipen", epochs=1), load("train", pen_file))
    assert isinstance(last, Epoch)
    assert 0.2 <= last.temperature <= 5


def test_where_they_can_be_had_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="zenodo"):
        load("train", tmp_path)


def test_rendering_is_done_once(pen_file: Path) -> None:
    assert load("train", pen_file) is load("train", pen_file)


def test_drawings_can_be_rendered_as_they_are(pen_file: Path) -> None:
    files = pen_digits.find(pen_file)
    assert files is not None
    plain = result_of(pen.load_pen_digits("train", files, varied=False))
    assert plain.allotted is not None
    images = plain.images[plain.allotted == TRAINING]
    assert torch.equal(images[0], images[1])
    assert len(plain) == len(load("train", pen_file))
