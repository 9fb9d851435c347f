from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.drawing.test_segmentation import DIGITS, Line, line, moved, ring
from trainer.cli import parser as cli
from trainer.networks.model import load_shipped
from trainer.reading.numbers import NumberOptions, read_number
from trainer.reading.punctuation import find_marks

POINT: Line = ring(75, 96, 6, 6)
COMMA: Line = line((78, 92), (77, 104), (68, 118))
MINUS: Line = line((0, 52), (40, 50))
TWO, SEVEN = DIGITS["plain 2"], DIGITS["crossed 7"]

DRAWINGS = {
    "2.7": [*TWO, POINT, *moved(SEVEN, 95)],
    "2,7": [*TWO, COMMA, *moved(SEVEN, 95)],
    "-2": [MINUS, *moved(TWO, 60)],
    "2 7": [*TWO, *moved(SEVEN, 190)],
    "27": [*TWO, *moved(SEVEN, 85)],
    "-2.7": [MINUS, *moved([*TWO, POINT, *moved(SEVEN, 95)], 60)],
}


@pytest.mark.parametrize("text", DRAWINGS)
@pytest.mark.parametrize("scale", [0.01, 1.0, 50.0])
def test_marks_are_read_where_they_stand(text: str, scale: float) -> None:
    strokes = moved(DRAWINGS[text], 0, scale=scale)
    number = read_number(load_shipped(), strokes, options=NumberOptions(punctuation=True))
    assert number.text == text
    assert [digit.prediction.digit for digit in number.digits] == [
        int(t) for t in text if t in "27"
    ]
    assert [mark.text for mark in number.marks] == [t for t in text if t in ".,-"]


def test_the_order_of_drawing_does_not_matter() -> None:
    strokes = DRAWINGS["-2.7"][::-1]
    assert (
        read_number(load_shipped(), strokes, options=NumberOptions(punctuation=True)).text == "-2.7"
    )


def test_without_the_option_there_are_no_marks() -> None:
    number = read_number(load_shipped(), DRAWINGS["2.7"])
    assert (number.text, number.marks) == ("27", ())


@pytest.mark.parametrize("name", DIGITS)
def test_a_digits_own_strokes_are_no_marks(name: str) -> None:
    strokes = [*DIGITS[name], *moved(DIGITS["plain 2"], 85)]
    assert find_marks([np.array(stroke) for stroke in strokes]) == []


@pytest.mark.parametrize("mark", [POINT, COMMA, MINUS])
def test_a_mark_by_itself_has_no_line_to_stand_on(mark: Line) -> None:
    assert find_marks([np.array(mark)]) == []
    assert find_marks([]) == []


def test_predict_reads_punctuation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "numbers.json"
    path.write_text(json.dumps([{"strokes": DRAWINGS["-2.7"]}]))
    given = ["predict", "--strokes", str(path), "--device", "cpu", "--punctuation"]
    assert cli.main([*given, "--multiple", "--json"]) == 0
    (number,) = json.loads(capsys.readouterr().out)
    assert number["number"] == "-2.7"
    assert [digit["digit"] for digit in number["digits"]] == [2, 7]
    picture = ["predict", "number.png", "--multiple", "--punctuation"]
    assert cli.main(picture) == 2
    assert "--punctuation is for --strokes" in capsys.readouterr().err
    assert cli.main(given) == 2
    assert capsys.readouterr().err == (
        "lenet: --punctuation reads marks between digits: give --multiple, too\n"
    )
