"""`lenet predict` reads drawings in one thread while another still draws the next ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from trainer.cli import predict
from trainer.cli.parser import main
from trainer.drawing import picture, rasterize
from trainer.errors import UserError
from trainer.handwriting.font import write_digits
from trainer.networks import model
from trainer.reading import predict as reading

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    """Seven drawings."""
    written = [
        {"strokes": [stroke.tolist() for stroke in digit.strokes]} for digit in write_digits(7, 3)
    ]
    path = tmp_path / "drawings.json"
    path.write_text(json.dumps(written))
    return path


def reading_threads() -> Iterator[str]:
    return (thread.name for thread in threading.enumerate() if thread.name.startswith("reading"))


@pytest.mark.parametrize("at_once", [1, 3, 7, 100])
def test_however_many_are_read_at_once_all_come_in_order(
    drawings: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, at_once: int
) -> None:
    monkeypatch.setattr(predict, "BATCH_SIZE", at_once)
    assert main(["predict", "--strokes", str(drawings), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    given = json.loads(drawings.read_text())
    images = np.stack([rasterize.render_drawing(drawing["strokes"]) for drawing in given])
    wanted = reading.read_answers(model.load_shipped(), images)
    assert [answer["digit"] for answer in found] == [answer.digit for answer in wanted]
    for answer, other in zip(found, wanted, strict=True):
        assert answer["probabilities"] == pytest.approx(other.probabilities, abs=1e-5)
    assert not list(reading_threads())


def test_a_picture_that_cannot_be_read_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def refuse(path: Path) -> picture.Picture:
        raise UserError(f"{path.name} is no picture")

    monkeypatch.setattr(picture, "read_picture", refuse)
    assert main(["predict", str(tmp_path / "a.png")]) != 0
    assert "a.png is no picture" in capsys.readouterr().err
    assert not list(reading_threads())


def test_a_network_that_cannot_be_read_is_told(
    drawings: Path, tmp_path: Path, capsys: Capture
) -> None:
    missing = str(tmp_path / "none.safetensors")
    assert main(["predict", "--strokes", str(drawings), "--model", missing]) != 0
    assert "none.safetensors" in capsys.readouterr().err


def test_no_drawing_at_all_is_no_answer(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "none.json"
    path.write_text("[]")
    assert main(["predict", "--strokes", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
