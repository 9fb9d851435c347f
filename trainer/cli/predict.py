"""`lenet predict`: digits from pictures or pen strokes, one or several a drawing."""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trainer.cli.common import load_model, on_device
from trainer.drawing import picture, stroke_files
from trainer.drawing.rasterize import Stroke, render_drawing
from trainer.drawing.sheet import smallest_mark
from trainer.errors import UserError
from trainer.runtime.preloading import preload_torch

if TYPE_CHECKING:
    import torch

    from trainer.networks.model import Model
    from trainer.reading.numbers import Number
    from trainer.reading.predict import Answer, Prediction

BATCH_SIZE = 512
"""How many pictures are read while the next ones are drawn."""


def predict(given: argparse.Namespace) -> int:
    """Print what pictures or pen strokes are read as, in the order given."""
    if given.strokes is not None and given.images:
        raise UserError("give either pictures or --strokes, not both")
    if given.strokes is None and not given.images:
        raise UserError("nothing to read: give picture files or --strokes FILE")
    if given.multiple and given.strokes is None:
        raise UserError("--multiple divides a drawing by its strokes: give --strokes FILE")
    if given.strokes is None:
        images = (picture.read_picture(path).image for path in given.images)
    else:
        drawings = (
            stroke_files.drawings_from_stream(sys.stdin.buffer, "standard input")
            if given.strokes == "-"
            else stroke_files.read_drawings(Path(given.strokes))
        )
        if given.multiple:
            return _predict_numbers(given, drawings)
        images = (render_drawing(drawing) for drawing in drawings)
    model, found = _read_all(given, images)
    if given.json:
        print(json.dumps([_as_json(answer) for answer in found]))
        return 0
    names = [str(path) for path in given.images] or [f"drawing {n}" for n in range(len(found))]
    for name, answer in zip(names, found, strict=True):
        print(f"{name}: {_in_words(answer, model.classes)}")
    return 0


def _read_all(
    given: argparse.Namespace, images: Iterable[NDArray[np.uint8]]
) -> tuple[Model, list[Answer]]:
    """The network asked for, and what it makes of the pictures.

    They are read in a thread of its own, which first imports torch: pictures are
    drawn meanwhile.
    """

    def prepare() -> Model:
        preload_torch()
        # Here, in the thread that reads: importing torch takes as long as drawing thousands.
        import torch

        # The other core draws; and for such small pictures two are no faster than one.
        torch.set_num_threads(1)
        return load_model(given)

    def read(part: list[NDArray[np.uint8]]) -> list[Answer]:
        from trainer.reading.predict import read_answers  # torch: see `prepare`

        model, stacked = prepared.result(), np.stack(part)
        return on_device(given.device, lambda device: read_answers(model.to(device), stacked))

    with ThreadPoolExecutor(1, "reading") as reader:
        prepared = reader.submit(prepare)
        try:
            parts = [reader.submit(read, part) for part in _parts(images)]
            found = [answer for part in parts for answer in part.result()]
        except BaseException:
            reader.shutdown(cancel_futures=True)
            raise
    return prepared.result(), found


def _parts(images: Iterable[NDArray[np.uint8]]) -> Iterator[list[NDArray[np.uint8]]]:
    left = iter(images)
    while part := list(itertools.islice(left, BATCH_SIZE)):
        yield part


def _as_json(answer: Answer | Prediction) -> dict[str, Any]:
    return {
        "digit": answer.digit,
        "probabilities": answer.probabilities,
        "verdict": str(answer.verdict),
    }


def _in_words(answer: Answer | Prediction, classes: tuple[str, ...]) -> str:
    said = f"{classes[answer.digit]}  {answer.probabilities[answer.digit]:.1%}"
    if answer.verdict == "unsure":
        return f"{said}, or {classes[answer.second]}  {answer.probabilities[answer.second]:.1%}"
    return f"{said}, but it does not look like a digit" if answer.verdict == "not a digit" else said


def _predict_numbers(given: argparse.Namespace, drawings: list[list[Stroke]]) -> int:
    """Print the number that each drawing is read as, and its digits."""
    from trainer.reading.numbers import read_number  # torch, which pictures are drawn without

    model = load_model(given)

    def read(device: torch.device) -> list[Number]:
        placed = model.to(device)
        return [
            read_number(placed, drawing, smallest=smallest_mark(drawing)) for drawing in drawings
        ]

    found = on_device(given.device, read)
    if given.json:
        print(json.dumps([_number_as_json(number) for number in found]))
        return 0
    for place, number in enumerate(found):
        said = [digit.prediction for digit in number.digits]
        digits = "  ".join(
            f"{model.classes[one.digit]} {one.probabilities[one.digit]:.1%}" for one in said
        )
        print(f"drawing {place}: {number.text or 'nothing drawn'}  {digits}".rstrip())
    return 0


def _number_as_json(number: Number) -> dict[str, Any]:
    digits = [
        {**_as_json(digit.prediction), "strokes": digit.strokes, "box": digit.box}
        for digit in number.digits
    ]
    return {"number": number.text, "digits": digits}
