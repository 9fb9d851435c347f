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


def predict(options: argparse.Namespace) -> int:
    """Print what pictures or pen strokes are read as, in the order given."""
    if options.strokes is not None and options.images:
        raise UserError(_("give either pictures or --strokes, not both"))
    if options.strokes is None and not options.images:
        raise UserError(_("nothing to read: give picture files or --strokes FILE"))
    if options.punctuation and not options.multiple:
        raise UserError(_("--punctuation reads marks between digits: give --multiple, too"))
    if options.punctuation and options.strokes is None:
        raise UserError(
            _("--punctuation is for --strokes: on pictures, only digits and spaces are read")
        )
    if options.csv and (options.strokes is not None or not options.multiple):
        raise UserError(_("--csv is for pictures of several digits: give pictures and --multiple"))
    if options.multiple and options.strokes is None:
        preload_torch()
        return int(_pages().predict_pages(options))
    decoded: dict[int, tuple[NDArray[np.uint8], picture_file.Size]] = {}
    places: dict[int, picture.Place] = {}
    if options.strokes is None:
        images = _picture_images(options, decoded, places)
        inputs = _Inputs([str(path) for path in options.images], images)
    else:
        drawings = (
            stroke_files.drawings_from_stream(sys.stdin.buffer, _("standard input"))
            if options.strokes == "-"
            else stroke_files.read_drawings(Path(options.strokes))
        )
        if options.multiple:
            return _predict_numbers(options, drawings)
        names = [_("drawing {number}").format(number=n) for n in range(len(drawings))]
        inputs = _Inputs(names, _drawing_images(drawings))
    model, answers = _read_all(options, inputs.readable())
    by_number = dict(zip(inputs.numbers, answers, strict=True))
    several: dict[int, Page] = {}
    if options.strokes is None and model.classes == DIGITS:
        alone = [by_number.get(number) for number in range(len(inputs.names))]
        for number, page in _pages().find_several(options, model, alone, decoded, places).items():
            if isinstance(page, UserError):
                inputs.refused[number] = page
            else:
                several[number] = page
                inputs.refused.pop(number, None)
    if inputs.refused and len(inputs.names) == 1:
        raise inputs.refused[0]
    _show(options, inputs, model, by_number, several)
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
    options: argparse.Namespace,
    decoded: dict[int, tuple[NDArray[np.uint8], picture_file.Size]],
    places: dict[int, picture.Place],
) -> Iterator[_Image]:
    """The digit on each picture.

    The pixels are put into `decoded` while there is room, and into `places` where it was found.
    """
    layout = picture.Layout.DIGIT

    def scorer(images: NDArray[np.uint8]) -> list[float]:
        scores: list[float] = _import_reading("pictures").score_digits(images)
        return scores

    if options.model is not None:
        model = load_model(options)
        pictures = _import_reading("pictures")
        scorer, layout = pictures.make_scorer(model), pictures.choose_layout(model)
    room = _MOST_DECODED
    for number, path in enumerate(options.images):
        try:
            pages = picture_file.read_sized_pages(path, WORKING, picture_file.MOST_PAGES)
            first, size = next(pages)
            room -= first.nbytes
            if room > 0:
                decoded[number] = first, size
            colors = itertools.chain((first,), (other for other, _size in pages))
            results = picture.find_in_pages(colors, path, scorer, layout=layout)
            if results.place is not None:
                places[number] = results.place
            yield results.image
        except UserError as error:
            yield error


def _drawing_images(drawings: Iterable[list[Stroke]]) -> Iterator[_Image]:
    for drawing in drawings:
        yield render_drawing(drawing) if any(len(stroke) for stroke in drawing) else None


def _show(
    options: argparse.Namespace,
    inputs: _Inputs,
    model: Model,
    answers: dict[int, Answer],
    several: dict[int, Page],
) -> None:
    """Print what was read, in the order given, and on standard error what could not be."""
    values: list[dict[str, Any]] = []
    for number, name in enumerate(inputs.names):
        if number in inputs.refused:
            why = str(inputs.refused[number])
            print(f"lenet: {why}", file=sys.stderr)
            values.append({"error": why})
        elif number in inputs.empty:
            values.append({"digit": None, "probabilities": [], "verdict": NOTHING_DRAWN})
            if not options.json:
                print(f"{name}: {_(NOTHING_DRAWN)}")
        elif number in several:
            values.append(_pages().page_as_json(several[number]))
            if not options.json:
                print(f"{name}: {_pages().page_in_words(several[number])}")
        else:
            answer = answers[number]
            values.append(_named(answer, model.classes) | _as_json(answer))
            if not options.json:
                print(f"{name}: {_in_words(answer, model.classes)}")
    if options.json:
        print(json.dumps(values))


def _read_all(
    options: argparse.Namespace, images: Iterable[NDArray[np.uint8]]
) -> tuple[Model, list[Answer]]:
    """The network asked for, and what it makes of the pictures.

    They are read in a thread of its own, which first imports torch: pictures are
    drawn meanwhile.
    """

    def prepare() -> Model:
        preload_torch()
        # Here, in the thread that reads: importing torch takes as long as drawing thousands.
        model = load_model(options)
        # The other core draws; and for such small pictures two are no faster than one.
        sys.modules["torch"].set_num_threads(1)
        return model

    def read(part: list[NDArray[np.uint8]]) -> list[Answer]:
        model, stacked = prepared.result(), np.stack(part)
        predict = _import_reading("predict")
        return on_device(
            options.device, lambda device: predict.read_answers(model.to(device), stacked)
        )

    with ThreadPoolExecutor(1, "reading") as reader:
        prepared = reader.submit(prepare)
        try:
            parts = [reader.submit(read, part) for part in _parts(images)]
            answers = [answer for part in parts for answer in part.result()]
        except BaseException:
            reader.shutdown(cancel_futures=True)
            raise
    return prepared.result(), answers


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


def _predict_numbers(arguments: argparse.Namespace, drawings: list[list[Stroke]]) -> int:
    """Print the number that each drawing is read as, and its digits."""
    numbers = _import_reading("numbers")
    model, options = load_model(arguments), numbers.NumberOptions(punctuation=arguments.punctuation)

    def read(device: torch.device) -> list[Number]:
        placed = model.to(device)
        return [
            numbers.read_number(placed, drawing, smallest_mark(drawing), options)
            for drawing in drawings
        ]

    readings = on_device(arguments.device, read)
    if arguments.json:
        print(json.dumps([_number_as_json(number) for number in readings]))
        return 0
    for place, number in enumerate(readings):
        said = [digit.prediction for digit in number.digits]
        digits = "  ".join(
            f"{model.classes[one.digit]} {one.probabilities[one.digit]:.1%}" for one in said
        )
        name = _("drawing {number}").format(number=place)
        print(f"{name}: {number.text or _(NOTHING_DRAWN)}  {digits}".rstrip())
    return 0


def _number_as_json(number: Number) -> dict[str, Any]:
    digits = [
        {**_as_json(digit.prediction), "strokes": digit.stroke_indices, "box": digit.box}
        for digit in number.digits
    ]
    return {"number": number.text, "digits": digits}
