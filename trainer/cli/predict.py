"""`lenet predict`: digits from pictures or pen strokes, one or several a drawing."""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trainer.cli.common import load_model, on_device
from trainer.drawing import picture, picture_file, stroke_files
from trainer.drawing.rasterize import Stroke, render_drawing
from trainer.drawing.sheet import smallest_mark
from trainer.errors import UserError
from trainer.pages.page import WORKING
from trainer.reading.sheet_reading import DIGITS
from trainer.recipes.recipe import DIGIT_CLASSES
from trainer.runtime.preloading import preload_torch
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    import torch

    from trainer.networks.model import Model
    from trainer.pages.page import Page
    from trainer.reading.numbers import Number
    from trainer.reading.predict import Answer, Prediction

_MOST_DECODED = 256 << 20
"""Bytes of pixels that are kept until it is known which pictures show several digits."""
BATCH_SIZE = 512
"""How many pictures are read while the next ones are drawn."""


def predict(given: argparse.Namespace) -> int:
    """Print what pictures or pen strokes are read as, in the order given."""
    if given.strokes is not None and given.images:
        raise UserError(_("give either pictures or --strokes, not both"))
    if given.strokes is None and not given.images:
        raise UserError(_("nothing to read: give picture files or --strokes FILE"))
    if given.punctuation and not given.multiple:
        raise UserError(_("--punctuation reads marks between digits: give --multiple, too"))
    if given.punctuation and given.strokes is None:
        raise UserError(
            _("--punctuation is for --strokes: on pictures, only digits and spaces are read")
        )
    if given.csv and (given.strokes is not None or not given.multiple):
        raise UserError(_("--csv is for pictures of several digits: give pictures and --multiple"))
    if given.multiple and given.strokes is None:
        preload_torch()
        return int(_pages().predict_pages(given))
    decoded: dict[int, NDArray[np.uint8]] = {}
    places: dict[int, picture.Place] = {}
    if given.strokes is None:
        images = _picture_images(given, decoded, places)
        inputs = _Inputs([str(path) for path in given.images], images)
    else:
        drawings = (
            stroke_files.drawings_from_stream(sys.stdin.buffer, _("standard input"))
            if given.strokes == "-"
            else stroke_files.read_drawings(Path(given.strokes))
        )
        if given.multiple:
            return _predict_numbers(given, drawings)
        names = [_("drawing {number}").format(number=n) for n in range(len(drawings))]
        inputs = _Inputs(names, _drawing_images(drawings))
    model, answers = _read_all(given, inputs.readable())
    by_number = dict(zip(inputs.numbers, answers, strict=True))
    several: dict[int, Page] = {}
    if given.strokes is None and model.classes == DIGITS:
        alone = [by_number.get(number) for number in range(len(inputs.names))]
        for number, page in _pages().find_several(given, model, alone, decoded, places).items():
            if isinstance(page, UserError):
                inputs.refused[number] = page
            else:
                several[number] = page
                inputs.refused.pop(number, None)
    if inputs.refused and len(inputs.names) == 1:
        raise inputs.refused[0]
    _show(given, inputs, model, by_number, several)
    return 2 if inputs.refused else 0


def _pages() -> ModuleType:
    """The command of pictures of several digits."""
    # Brings torch, which pictures of one digit are drawn without.
    from trainer.cli import pages

    return pages


NOTHING_DRAWN = N_("nothing drawn")

_Image = NDArray[np.uint8] | UserError | None
"""What is to be read; or why it can't be; or None where nothing is drawn."""


class _Inputs:
    """Pictures or drawings in the order given, of which some can't be read."""

    def __init__(self, names: list[str], images: Iterator[_Image]) -> None:
        self.names, self._images = names, images
        self.numbers: list[int] = []  # of those that can be read
        self.refused: dict[int, UserError] = {}
        self.empty: set[int] = set()

    def readable(self) -> Iterator[NDArray[np.uint8]]:
        """The images that can be read; of the others it is kept why not."""
        for number, image in enumerate(self._images):
            if isinstance(image, UserError):
                self.refused[number] = image
            elif image is None:
                self.empty.add(number)
            else:
                self.numbers.append(number)
                yield image


def _import_reading(name: str) -> ModuleType:
    """A module of `trainer.reading`, each when it is needed.

    They bring torch, which drawing, and pictures laid out as MNIST's, do not wait for; and
    `pictures` brings OpenCV, which strokes do without.
    """
    return importlib.import_module(f"trainer.reading.{name}")


def _picture_images(
    given: argparse.Namespace,
    decoded: dict[int, NDArray[np.uint8]],
    places: dict[int, picture.Place],
) -> Iterator[_Image]:
    """The digit on each picture.

    The pixels are put into `decoded` while there is room, and into `places` where it was found.
    """
    how: dict[str, Any] = {"judge": lambda images: _import_reading("pictures").judge_digits(images)}
    if given.model is not None:
        model = load_model(given)
        pictures = _import_reading("pictures")
        how = {"judge": pictures.make_judge(model), "layout": pictures.choose_layout(model)}
    room = _MOST_DECODED
    for number, path in enumerate(given.images):
        try:
            pages = picture_file.read_pages(path, WORKING)
            first = next(pages)
            room -= first.nbytes
            if room > 0:
                decoded[number] = first
            found = picture.find_in_pages(itertools.chain((first,), pages), path, **how)
            if found.place is not None:
                places[number] = found.place
            yield found.image
        except UserError as error:
            yield error


def _drawing_images(drawings: Iterable[list[Stroke]]) -> Iterator[_Image]:
    for drawing in drawings:
        yield render_drawing(drawing) if any(len(stroke) for stroke in drawing) else None


def _show(
    given: argparse.Namespace,
    inputs: _Inputs,
    model: Model,
    answers: dict[int, Answer],
    several: dict[int, Page],
) -> None:
    """Print what was read, in the order given, and on standard error what could not be."""
    told: list[dict[str, Any]] = []
    for number, name in enumerate(inputs.names):
        if number in inputs.refused:
            why = " ".join(str(inputs.refused[number]).split())
            print(f"lenet: {why}", file=sys.stderr)
            told.append({"error": why})
        elif number in inputs.empty:
            told.append({"digit": None, "probabilities": [], "verdict": NOTHING_DRAWN})
            if not given.json:
                print(f"{name}: {_(NOTHING_DRAWN)}")
        elif number in several:
            told.append(_pages().page_as_json(several[number]))
            if not given.json:
                print(f"{name}: {_pages().page_in_words(several[number])}")
        else:
            answer = answers[number]
            told.append(_named(answer, model.classes) | _as_json(answer))
            if not given.json:
                print(f"{name}: {_in_words(answer, model.classes)}")
    if given.json:
        print(json.dumps(told))


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
        model = load_model(given)
        # The other core draws; and for such small pictures two are no faster than one.
        sys.modules["torch"].set_num_threads(1)
        return model

    def read(part: list[NDArray[np.uint8]]) -> list[Answer]:
        model, stacked = prepared.result(), np.stack(part)
        predict = _import_reading("predict")
        return on_device(
            given.device, lambda device: predict.read_answers(model.to(device), stacked)
        )

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


def _named(answer: Answer, classes: tuple[str, ...]) -> dict[str, str]:
    """What a network of other things than digits answers, in words."""
    return {} if classes == DIGIT_CLASSES else {"class": classes[answer.digit]}


def _as_json(answer: Answer | Prediction) -> dict[str, Any]:
    return {
        "digit": answer.digit,
        "probabilities": answer.probabilities,
        "verdict": str(answer.verdict),
    }


def _in_words(answer: Answer | Prediction, classes: tuple[str, ...]) -> str:
    said = f"{classes[answer.digit]}  {answer.probabilities[answer.digit]:.1%}"
    if answer.verdict == "unsure":
        other = f"{classes[answer.second]}  {answer.probabilities[answer.second]:.1%}"
        return _("{answer}, or {other}").format(answer=said, other=other)
    if answer.verdict == "not a digit":
        return _("{answer}, but it does not look like a digit").format(answer=said)
    return said


def _predict_numbers(given: argparse.Namespace, drawings: list[list[Stroke]]) -> int:
    """Print the number that each drawing is read as, and its digits."""
    numbers = _import_reading("numbers")
    model, options = load_model(given), numbers.NumberOptions(punctuation=given.punctuation)

    def read(device: torch.device) -> list[Number]:
        placed = model.to(device)
        return [
            numbers.read_number(placed, drawing, smallest_mark(drawing), options)
            for drawing in drawings
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
        name = _("drawing {number}").format(number=place)
        print(f"{name}: {number.text or _(NOTHING_DRAWN)}  {digits}".rstrip())
    return 0


def _number_as_json(number: Number) -> dict[str, Any]:
    digits = [
        {**_as_json(digit.prediction), "strokes": digit.strokes, "box": digit.box}
        for digit in number.digits
    ]
    return {"number": number.text, "digits": digits}
