"""One way from a drawing to an answer, for the window's sheets and the command line's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trainer.cli.parser import main
from trainer.drawing.sheet import Sheet, fit_to_sheet
from trainer.handwriting.font import write_digits
from trainer.networks.model import load_shipped
from trainer.reading.sheet_reader import SheetReader, read_sheet
from trainer.reading.sheet_reading import ReadingRequest
from trainer.runtime import devices

Strokes = list[list[list[float]]]
SEVEN: Strokes = [[[0.0, 0, 2.5], [60, 2, 1.7], [40, 50, 0.4], [25, 98, 1.0]]]
TWENTY_SEVEN: Strokes = [
    [[5, 20], [20, 2], [45, 2], [58, 25], [40, 55], [10, 95], [58, 98]],
    [[x + 100, y, width] for x, y, width in SEVEN[0]],
]
WITH_A_DOT: Strokes = [*TWENTY_SEVEN, [[200, 90], [203, 93], [200, 96]]]


def predict(drawings: list[Strokes], folder: Path, capsys: Any, *options: str) -> list[Any]:
    path = folder / "drawings.json"
    path.write_text(json.dumps([{"strokes": strokes} for strokes in drawings]))
    assert main(["predict", "--strokes", str(path), "--json", "--device", "cpu", *options]) == 0
    answers: list[Any] = json.loads(capsys.readouterr().out)
    return answers


def test_the_command_line_reads_a_drawing_as_the_window_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = load_shipped()
    written = write_digits(10, seed=7)
    drawings: list[Strokes] = [SEVEN, *([line.tolist() for line in d.strokes] for d in written)]
    for strokes, answer in zip(drawings, predict(drawings, tmp_path, capsys), strict=True):
        request = ReadingRequest(Sheet(fit_to_sheet(strokes)), several=False)
        prediction = read_sheet(model, request).prediction
        assert prediction is not None
        assert answer["digit"] == prediction.digit
        assert answer["verdict"] == prediction.verdict
        assert answer["probabilities"] == pytest.approx(prediction.probabilities, abs=1e-5)


@pytest.mark.parametrize("strokes", [TWENTY_SEVEN, WITH_A_DOT])
def test_the_command_line_divides_a_drawing_as_the_window_does(
    strokes: Strokes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (number,) = predict([strokes], tmp_path, capsys, "--multiple")
    reading = read_sheet(load_shipped(), ReadingRequest(Sheet(fit_to_sheet(strokes))))
    assert len(reading.digits) >= 2
    for answer, digit in zip(number["digits"], reading.digits, strict=True):
        assert tuple(answer["strokes"]) == digit.stroke_indices
        assert answer["verdict"] == digit.prediction.verdict
        expected = pytest.approx(digit.prediction.probabilities, abs=1e-5)
        assert answer["probabilities"] == expected


def test_without_a_network_the_image_is_prepared() -> None:
    sheet = Sheet(fit_to_sheet(SEVEN))
    alone, read = (read_sheet(m, ReadingRequest(sheet)) for m in (None, load_shipped()))
    assert alone.prediction is None and alone.classes == ()
    assert (alone.image == read.image).all() and alone.image.any()


def test_a_model_is_placed_once_and_its_kernels_are_copied_once() -> None:
    placed: list[tuple[str, str]] = []
    reader = SheetReader(lambda *news: placed.append(news), lambda *_: pytest.fail("no failure"))
    model, request = load_shipped(), ReadingRequest(Sheet(fit_to_sheet(SEVEN)))
    assert reader.read(model, ReadingRequest(), "cpu").prediction is None
    assert placed == []  # an empty sheet needs no device
    first, second = reader.read(model, request, "cpu"), reader.read(model, request, "cpu")
    assert placed == [("cpu", "")]
    assert first.kernels is second.kernels is not None
    assert first.model is second.model is model


def test_a_device_that_fails_is_reported_and_the_cpu_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "is_device_failure", lambda *_: True)
    tried: list[str] = []

    def work(device: Any) -> str:
        tried.append(str(device))
        if len(tried) == 1:
            raise RuntimeError("CUDA error: out of memory\nadvice to programmers")
        return "read"

    reasons: list[str] = []
    device = devices.choose("cpu")
    assert devices.run_with_cpu_fallback(device, work, reasons.append) == "read"
    assert tried == ["cpu", "cpu"] and reasons == ["CUDA error: out of memory"]


def test_an_error_that_is_no_device_failure_is_raised() -> None:
    def work(device: Any) -> None:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        devices.run_with_cpu_fallback(devices.choose("cpu"), work)
