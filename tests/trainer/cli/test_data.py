"""One's own data through the command line: told, trained on, resumed, tested and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.own_data import SHAPES, draw_shape, write_folders
from trainer.cli import parser as cli
from trainer.networks import model as weights
from trainer.recipes.recipe import Recipe

Capture = pytest.CaptureFixture[str]


def lenet(*arguments: str | Path) -> int:
    return cli.main([str(argument) for argument in arguments])


def told(capture: Capture) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capture.readouterr().out.splitlines()]


def test_what_is_there_is_told(tmp_path: Path, capsys: Capture) -> None:
    root = write_folders(tmp_path / "shapes")
    (root / "circle" / "bad.png").write_bytes(b"no picture")
    assert lenet("data", root, "--picture", tmp_path / "samples.png") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("a folder of pictures for each class, 30 pictures, 48x56 to 64x56")
    assert [line.split() for line in lines if line.startswith("  ")] == [
        ["class", "train", "validation", "test"],
        *([name, "8", "1", "1"] for name in SHAPES),
    ]
    assert lines[-1].startswith("Left out: 1 picture can't be read:")
    with Image.open(tmp_path / "samples.png") as page:
        assert page.height == 3 * 30
    assert lenet("data", root, "--json") == 0
    (found,) = told(capsys)
    assert found["classes"][0] == {"name": "circle", "train": 8, "validation": 1, "test": 1}
    assert Recipe(dataset=found["dataset"])


def test_from_a_folder_to_a_reading(tmp_path: Path, capsys: Capture) -> None:
    root = write_folders(tmp_path / "shapes", each=20)
    runs = tmp_path / "runs"
    assert lenet("train", "--dataset", root, "--epochs", 4, "--runs", runs, "--json") == 0
    end = told(capsys)[-1]
    folder = Path(end["run"])
    model = weights.load(folder / "best.safetensors")
    assert model.classes == SHAPES
    assert str(root) in json.loads((folder / "recipe.json").read_text())["dataset"]

    assert lenet("evaluate", "--dataset", root, "--model", folder / "best.safetensors") == 0
    right = f"{end['test_accuracy']:.2%}"
    assert capsys.readouterr().out.startswith(f"shapes: {right} of 6 correct")
    assert lenet("predict", "--model", folder / "best.safetensors", root / "circle/000.png") == 0
    assert "000.png: " in (line := capsys.readouterr().out)
    assert any(name in line for name in SHAPES)

    picture = root / "circle" / "000.png"
    draw_shape("square", (48, 56), 7).save(picture)
    (folder / "run.json").write_text(
        (folder / "run.json").read_text().replace('"finished"', '"stopped"')
    )
    assert lenet("resume", folder) == 2
    assert f"{root} is not the data that it began with" in capsys.readouterr().err


def test_what_is_neither_a_name_nor_a_path(capsys: Capture) -> None:
    assert lenet("train", "--dataset", "mnits") == 2
    refused = capsys.readouterr().err
    assert refused.startswith("lenet: mnits is neither a dataset (mnist, ")
    assert refused.count("\n") == 1
    assert lenet("evaluate", "--dataset", "my-digits") == 2
    assert "my-digits.jsonl cannot be read" in capsys.readouterr().err
