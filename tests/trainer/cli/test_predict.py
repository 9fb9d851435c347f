"""`lenet predict` reads drawings in one thread while another still draws the next ones."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from trainer.cli import predict
from trainer.cli.parser import main
from trainer.drawing import rasterize
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


def test_a_picture_that_cannot_be_read_ends_it(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.png"
    path.write_text("words")
    assert main(["predict", str(path)]) != 0
    assert "a.png is not a picture" in capsys.readouterr().err
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


def test_one_bad_picture_among_several_does_not_end_it(tmp_path: Path, capsys: Capture) -> None:
    page = Image.new("L", (150, 200), 250)
    ImageDraw.Draw(page).line([(40, 40), (100, 40), (60, 160)], fill=20, width=9)
    good, blank, second = (tmp_path / name for name in ("good.png", "blank.png", "second.jpeg"))
    page.save(good)
    page.save(second)
    Image.new("L", (150, 200), 250).save(blank)
    given = [str(good), str(blank), str(tmp_path / "none.png"), str(second)]
    assert main(["predict", *given]) == 2
    told = capsys.readouterr()
    assert [line.split(": ")[0] for line in told.out.splitlines()] == [given[0], given[3]]
    assert [line.split(": ")[1].split(" cannot")[0] for line in told.err.splitlines()] == given[1:3]
    assert main(["predict", "--json", *given]) == 2
    found = json.loads(capsys.readouterr().out)
    assert [list(answer) for answer in found[1:3]] == [["error"], ["error"]]
    assert found[0]["digit"] == found[3]["digit"] == 7
    assert "nothing is written there" in found[1]["error"]


def test_where_nothing_is_drawn_there_is_no_answer(drawings: Path, capsys: Capture) -> None:
    seven = json.loads(drawings.read_text())[0]
    drawings.write_text(json.dumps([{"strokes": []}, seven, {"strokes": [[], []]}]))
    assert main(["predict", "--strokes", str(drawings)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [lines[0], lines[2]] == ["drawing 0: nothing drawn", "drawing 2: nothing drawn"]
    assert main(["predict", "--strokes", str(drawings), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found[0] == {"digit": None, "probabilities": [], "verdict": "nothing drawn"}
    assert found[1]["digit"] is not None


@pytest.mark.skipif(sys.platform == "win32", reason="has no /dev/full")
@pytest.mark.parametrize("redirected", [">&-", "> /dev/full", ">&- 2>&-"])
@pytest.mark.parametrize("more", ["predict --strokes", "predict --json --strokes"])
def test_an_output_that_cannot_be_written_is_one_line(
    drawings: Path, redirected: str, more: str
) -> None:
    command = f"{shlex.quote(sys.executable)} -m trainer {more} {shlex.quote(str(drawings))}"
    done = subprocess.run(
        ["sh", "-c", f"{command} {redirected}"], capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 2 and done.stdout == ""
    if "2>&-" not in redirected:
        assert done.stderr.startswith("lenet: ") and "output" in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="its shell closes nothing")
@pytest.mark.parametrize("command", ["predict --strokes -", "summary --recipe -"])
def test_an_input_that_is_closed_is_one_line(command: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{shlex.quote(sys.executable)} -m trainer {command} <&-"],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 2 and "standard input" in done.stderr
    assert done.stderr.count("\n") == 1
