from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.drawing.test_segmentation import DIGITS, row
from trainer.cli import parser as cli
from trainer.drawing.rasterize import StrokesError, rasterize
from trainer.handwriting import font
from trainer.handwriting.allographs import ALLOGRAPHS
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.reading.numbers import NumberOptions, read_number

Capture = pytest.CaptureFixture[str]
Points = np.ndarray


@pytest.fixture(scope="module")
def model() -> Model:
    return weights.load_shipped()


def written(labels: str, seed: int, gap: float = 0.3) -> tuple[list[Points], list[int]]:
    """Built-in digits side by side, in heights, and which digit each stroke is of."""
    rng = np.random.default_rng(seed)
    strokes: list[Points] = []
    owners: list[int] = []
    right = 0.0
    for place, label in enumerate(labels):
        digit = [line[:, :2] for line in font.write_digit(int(label), rng).strokes]
        left = min(line[:, 0].min() for line in digit)
        digit = [line + np.array([right + gap - left, 0]) for line in digit]
        right = max(line[:, 0].max() for line in digit)
        strokes += digit
        owners += [place] * len(digit)
    return strokes, owners


def test_a_number_and_its_digits(model: Model) -> None:
    strokes, _ = row("plain 2", "slashed 0", "plain 2", "crossed 7")
    number = read_number(model, strokes)
    assert number.text == "2027"
    assert [digit.stroke_indices for digit in number.digits] == [(0,), (1, 2), (3,), (4, 5)]
    assert number.digits[0].box == (5, 0, 58, 98)
    assert number.digits[3].box == (255 + 2, 0, 255 + 55, 100)


def test_each_digit_is_read_as_it_is_alone(model: Model) -> None:
    strokes, _ = row("plain 2", "two-stroke 4")
    for digit in read_number(model, strokes, smallest=150).digits:
        alone = predict.read(
            model, rasterize([strokes[n] for n in digit.stroke_indices], smallest=150)
        )
        assert np.array_equal(digit.prediction.image, alone.image)
        assert digit.prediction.digit == alone.digit
        assert digit.prediction.verdict == alone.verdict
        np.testing.assert_allclose(digit.prediction.probabilities, alone.probabilities, atol=1e-6)
        assert list(digit.prediction.maps) == list(alone.maps)
        for name, map_ in alone.maps.items():
            np.testing.assert_allclose(
                digit.prediction.maps[name].values, map_.values, atol=1e-4, err_msg=name
            )


def test_nothing_drawn_is_no_number(model: Model) -> None:
    for strokes in ([], [[]]):
        number = read_number(model, strokes)
        assert (number.digits, number.text) == ((), "")


def test_what_is_no_stroke_is_refused(model: Model) -> None:
    with pytest.raises(StrokesError):
        read_number(model, [[[0, "1"]]])  # type: ignore[list-item]


@pytest.mark.parametrize("name", DIGITS)
def test_a_single_digit_stays_whole(model: Model, name: str) -> None:
    assert len(read_number(model, DIGITS[name]).digits) == 1


def test_the_network_tells_a_stem_added_later_from_a_1(model: Model) -> None:
    strokes, _ = row("two-stroke 4", "plain 2", "plain 1")
    body, stem, *others = strokes
    assert read_number(model, [body, *others, stem]).text == "421"


def test_built_in_digits_of_every_form_stay_whole(model: Model) -> None:
    rng = np.random.default_rng(3)
    torn = []
    for label, forms in ALLOGRAPHS.items():
        for form in forms:
            for _ in range(4):
                strokes = font.write_digit(label, rng, form).strokes
                if len(strokes) > 1 and len(read_number(model, strokes).digits) != 1:
                    torn.append(f"{label} {form}")
    assert len(torn) <= 2, torn


def test_numbers_of_built_in_digits(model: Model) -> None:
    rng = np.random.default_rng(5)
    right = 0
    for seed in range(60):
        labels = "".join(map(str, rng.integers(0, 10, size=2 + seed % 5)))
        strokes, owners = written(labels, seed)
        found = read_number(model, strokes)
        truth = [
            tuple(n for n, owner in enumerate(owners) if owner == place)
            for place in range(len(labels))
        ]
        right += [digit.stroke_indices for digit in found.digits] == truth
    assert right >= 57


def test_real_single_digits_stay_whole(model: Model, real_data: Path) -> None:
    from trainer.data import pen_digits

    place = pen_digits.find(real_data)
    if place is None:
        pytest.skip("no real pen digits in LENET_DATA")
    digits = pen_digits.read(place)
    people = [
        digit.strokes
        for digit, split in zip(digits, pen_digits.assign_splits(digits), strict=True)
        if split == "validation" and len(digit.strokes) > 1
    ]
    torn = sum(len(read_number(model, strokes).digits) != 1 for strokes in people[:150])
    assert torn <= 1  # these are of several strokes each; those of one can't be torn


# lenet predict --strokes FILE --multiple


def lenet(*arguments: str | Path) -> int:
    return cli.main([str(argument) for argument in arguments])


def strokes_file(path: Path, *drawings: list[list[tuple[float, float]]]) -> Path:
    path.write_text(json.dumps([{"strokes": drawing} for drawing in drawings]))
    return path


def test_predict_multiple_as_json(tmp_path: Path, model: Model, capsys: Capture) -> None:
    drawing = row("plain 2", "crossed 7")[0]
    path = strokes_file(tmp_path / "numbers.json", drawing, [])
    assert lenet("predict", "--strokes", path, "--multiple", "--device", "cpu", "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    number, nothing = json.loads(captured.out)
    assert nothing == {"number": "", "digits": []}
    assert number["number"] == "27"
    expected = read_number(model, drawing)
    for said, digit in zip(number["digits"], expected.digits, strict=True):
        assert set(said) == {"digit", "probabilities", "verdict", "strokes", "box"}
        assert said["digit"] == digit.prediction.digit
        assert said["probabilities"] == pytest.approx(digit.prediction.probabilities)
        assert said["strokes"] == list(digit.stroke_indices)
        assert said["box"] == list(digit.box)


def test_predict_multiple_for_people(
    model: Model, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawings = [{"strokes": row("plain 2", "crossed 7")[0]}, {"strokes": []}]
    given = io.TextIOWrapper(io.BytesIO(json.dumps(drawings).encode()))
    monkeypatch.setattr(sys, "stdin", given)
    assert lenet("predict", "--strokes", "-", "--multiple", "--device", "cpu") == 0
    first, second = capsys.readouterr().out.splitlines()
    place, digits = first.split(": ")
    assert place == "drawing 0"
    number, two, sure, seven, surer = digits.split()
    assert (number, two, seven) == ("27", "2", "7")
    assert sure.endswith("%")
    assert surer.endswith("%")
    assert second == "drawing 1: nothing drawn"


def test_a_page_of_dots_takes_no_longer_than_its_square(model: Model) -> None:
    dots = np.random.default_rng(1).uniform(0, 300, (600, 1, 2))
    began = time.process_time()
    read_number(model, list(dots), 0.0)
    assert time.process_time() - began < 10  # 2 s here; each part copied the whole page: 20 s


@pytest.mark.parametrize(("count", "side"), [(1600, 20.0), (1600, 280.0), (5000, 1.0)])
def test_what_nobody_writes_is_left_whole_within_a_second(
    model: Model, count: int, side: float
) -> None:
    places = np.random.default_rng(1).uniform(0, side, (count, 2))
    strokes = [[(x, y, 12.0), (x + 9, y + 5, 12.0)] for x, y in places.tolist()]
    began = time.process_time()
    number = read_number(model, strokes, 20.0, NumberOptions(punctuation=True, graph=True))
    assert time.process_time() - began < 3  # 0.4 s, on a machine that does nothing else
    assert [digit.stroke_indices for digit in number.digits] == [tuple(range(count))]
    assert number.graph is not None and len(number.graph.arcs) == 1
