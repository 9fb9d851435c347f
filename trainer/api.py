"""The public interface: train, read, evaluate and explain in one call each.

    from trainer import load_model, read

    model = load_model()
    print(model.classes[read(model, "photo.png").digit])

`trainer` itself offers these names, and imports this module when one is first used. What a call
does is in the packages below; this module adds nothing but defaults. Knows no terminal, no
window, and writes no files but those it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from trainer import files
from trainer.curves.export import draw as draw_curves
from trainer.data import loading
from trainer.data.labelled_images import DataError, LabelledImages
from trainer.drawing.picture import from_pixels, read_picture
from trainer.drawing.rasterize import SIDE, Stroke, render_drawing
from trainer.errors import UserError
from trainer.evaluation.report import Report, evaluate_in_full
from trainer.handwriting.font import render_digits
from trainer.inspect.attribution import Attribution, AttributionMethod, Question, attribute
from trainer.networks import model as model_file
from trainer.networks.model import Model
from trainer.progress import result_of
from trainer.reading import predict
from trainer.reading.numbers import Number
from trainer.reading.numbers import read_number as read_strokes
from trainer.reading.predict import Prediction
from trainer.recipes import sharing
from trainer.recipes.catalog import QUICKEST, find_recipe
from trainer.recipes.recipe import DIGIT_CLASSES, Recipe, count_classes
from trainer.runtime import cpu, devices
from trainer.training.events import Diverged, Epoch, Event, Step
from trainer.training.history import History
from trainer.training.training import limit_to_one_thread_when_contended
from trainer.training.training import train as train_by_recipe
from trainer.translation import gettext as _

PathLike = str | os.PathLike[str]
Drawing = Sequence[Stroke]
"""Strokes, each a list of points (x, y) or (x, y, pressure); y points down."""


def load_recipe(name: PathLike) -> Recipe:
    """A named recipe, or the one in a file.

    Args:
        name: such as "ninety-nine" (`lenet recipes` lists them), or a path that ends in ".json".

    Raises:
        RecipeError: there is none of that name, or the file holds none.

    Example:
        >>> load_recipe("ninety-nine").epochs
        2
    """
    text = os.fspath(name)
    return sharing.read_file(Path(text)) if text.endswith(".json") else find_recipe(text)


def load_model(path: PathLike | None = None) -> Model:
    """A network from a model file, on the CPU; without a path, the built-in one.

    Raises:
        ModelError: the file can't be read, or is no model file; the message says which.

    Example:
        >>> load_model().classes
        ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
    """
    return model_file.load_shipped() if path is None else model_file.load(Path(path))


def save_model(model: Model, path: PathLike) -> None:
    """Write a model file, which the window and `lenet` open.

    Raises:
        ModelError: it can't be written; what was there is untouched.
    """
    model_file.save(model, Path(path))


def load_dataset(
    name: str, split: str = "train", folder: PathLike | None = None, *, download: bool = False
) -> LabelledImages:
    """A dataset by its name.

    Args:
        name: a key of `trainer.recipes.recipe.DATASETS`, such as "mnist", "fashion" or "pen";
            "pen" is written by code and needs no files.
        split: "train" or "test".
        folder: where the files are; the environment's LENET_DATA if None, else the user's folder.
        download: whether to get what is missing.

    Raises:
        DataError: it can't be had; the message says why and what to do.
    """
    place = files.data_folder(None if folder is None else Path(folder))
    if split not in ("train", "test"):
        raise DataError(
            _('The split is {split!r}; it must be "train" or "test"').format(split=split)
        )
    for part in loading.list_missing(name, place) if download else ():
        result_of(loading.download(part, place))
    return result_of(loading.load(name, split, place))


def make_dataset(
    images: ArrayLike, labels: ArrayLike, classes: Sequence[str] = DIGIT_CLASSES
) -> LabelledImages:
    """A dataset of arrays.

    Args:
        images: uint8, (N, 28, 28) with 0 for paper and 255 for full ink, or (N, 3, 32, 32).
        labels: whole numbers, (N,): indices into `classes`.
        classes: their names.

    Raises:
        DataError: another shape or type, or a label that no class has.

    Example:
        >>> import numpy as np
        >>> len(make_dataset(np.zeros((3, 28, 28), np.uint8), [0, 1, 2]))
        3
    """
    pictures, numbers = np.asarray(images), np.asarray(labels)
    if pictures.dtype != np.uint8 or pictures.shape[1:] not in ((SIDE, SIDE), (3, 32, 32)):
        raise DataError(
            _(
                "The images are {dtype} {shape}; they must be uint8 (N, 28, 28) or (N, 3, 32, 32)"
            ).format(dtype=pictures.dtype, shape=pictures.shape)
        )
    if numbers.dtype.kind not in "iu" or numbers.shape != pictures.shape[:1]:
        raise DataError(
            _("The labels are {dtype} {shape}; they must be {count} whole numbers").format(
                dtype=numbers.dtype, shape=numbers.shape, count=len(pictures)
            )
        )
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(classes):
        raise DataError(
            _("The labels go from {low} to {high}; they must be from 0 to {last}").format(
                low=numbers.min(), high=numbers.max(), last=len(classes) - 1
            )
        )
    return LabelledImages(
        torch.tensor(pictures), torch.tensor(numbers, dtype=torch.int64), tuple(classes)
    )


def write_digits(count: int, seed: int = 1) -> LabelledImages:
    """Digits written by code, in many hands: a dataset that needs no files.

    Args:
        count: how many.
        seed: the same seed gives the same digits.

    Example:
        >>> write_digits(20).images.shape
        torch.Size([20, 28, 28])
    """
    images, labels = zip(*render_digits(count, seed), strict=True) if count else ((), ())
    pictures = np.array(images, np.uint8).reshape(-1, SIDE, SIDE)
    return make_dataset(pictures, np.array(labels, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class TrainingResult:
    """What came of a training."""

    model: Model  # of the epoch that the recipe keeps, on the CPU
    history: History
    test: Report | None  # on the test split, where there was one


def train(
    recipe: Recipe | str = QUICKEST,
    data: LabelledImages | PathLike | None = None,
    *,
    test: LabelledImages | None = None,
    device: str = "auto",
    threads: int = 0,
    on_event: Callable[[Any], object] | None = None,
) -> TrainingResult:
    """Train a network, in this process and without files; it ends when the recipe says so.

    A training that leaves a folder and can be resumed is `trainer.runs.lifecycle.run`.

    Args:
        recipe: every number of the run, or the name of a recipe.
        data: the training images; or the folder of datasets in which those of the recipe are,
            which also have a test split; None for the usual folder.
        test: what to test the network on at the end.
        device: "auto", "cuda", "mps" or "cpu".
        threads: of the CPU; 0 for as many as PyTorch uses, and for one where other programs keep
            the processor busy and the recipe's arithmetic is "auto".
        on_event: called with each `Step`, `Epoch` and other event of `trainer.training.events`.

    Raises:
        UserError: the data can't be had or don't fit the recipe, the device can't be used, or
            the training diverged.

    Example:
        >>> from dataclasses import replace
        >>> recipe = replace(load_recipe("ninety-nine"), epochs=1, arithmetic="plain")
        >>> result = train(recipe, write_digits(300), device="cpu")
        >>> result.model.classes[0]
        '0'
    """
    if isinstance(recipe, str):
        recipe = load_recipe(recipe)
    if not isinstance(data, LabelledImages):
        folder, data = data, load_dataset(recipe.dataset, "train", data)
        test = load_dataset(recipe.dataset, "test", folder) if test is None else test
    _check_classes(recipe, data)
    history, best = History(), None
    with cpu.use_threads(threads):
        for event in _events(recipe, data, devices.choose(device), threads):
            if isinstance(event, Step):
                _add_step(history, event)
            elif isinstance(event, Epoch):
                _add_epoch(history, event)
                best = event if event.best or best is None else best
            elif isinstance(event, Diverged):
                raise UserError(str(event))
            if on_event is not None:
                on_event(event)
    assert best is not None  # a recipe has an epoch at least
    model = _model_of(best, recipe, data)
    return TrainingResult(model, history, None if test is None else evaluate(model, test))


def _events(
    recipe: Recipe, data: LabelledImages, device: torch.device, threads: int
) -> Generator[Event, None, None]:
    """What happens in a training.

    Raises:
        DataError: there are too few images.
    """
    try:
        run = train_by_recipe(recipe, data, device)
        if not threads and recipe.arithmetic == "auto":
            run = limit_to_one_thread_when_contended(_generate(run))
        yield from run
    except ValueError as error:
        if isinstance(error, UserError):
            raise
        raise DataError(str(error)) from None


def _generate(events: Iterator[Event]) -> Generator[Event, None, None]:
    yield from events


def _check_classes(recipe: Recipe, data: LabelledImages) -> None:
    """See that the recipe's network has an output for each class."""
    if len(data.classes) != count_classes(recipe.dataset):
        raise DataError(
            _(
                "The data have {given} classes and the recipe's dataset {dataset} has {expected}: "
                "choose another dataset in the recipe"
            ).format(
                given=len(data.classes),
                dataset=recipe.dataset,
                expected=count_classes(recipe.dataset),
            )
        )


def _add_step(history: History, step: Step) -> None:
    history.add(
        "train",
        step.step / step.steps_per_epoch,
        step.loss,
        step.accuracy,
        step=step.step,
        seconds=step.seconds,
        learning_rate=step.learning_rate,
    )


def _add_epoch(history: History, epoch: Epoch) -> None:
    history.add(
        "validation",
        float(epoch.epoch),
        epoch.val_loss,
        epoch.val_accuracy,
        step=epoch.step,
        seconds=epoch.seconds,
        learning_rate=epoch.learning_rate,
    )


def _model_of(epoch: Epoch, recipe: Recipe, data: LabelledImages) -> Model:
    return model_file.from_weights(
        epoch.weights,
        recipe,
        data.classes,
        {"best_epoch": epoch.epoch, "val_accuracy": epoch.val_accuracy, "epochs": recipe.epochs},
        recipe.name,
        epoch.temperature,
    )


def read(model: Model, what: PathLike | Drawing | NDArray[np.uint8]) -> Prediction:
    """Read one picture or drawing, and keep all that the network computed on the way.

    Args:
        model: on any device.
        what: a picture file; pixels, uint8 (28, 28) with 0 for paper, taken as they are, or
            (H, W) or (H, W, 3) as a screen shows them, in which the digit is looked for;
            or strokes, each a list of points (x, y), y pointing down, in any unit.

    Returns:
        `digit` is an index into `model.classes`, `probabilities` are calibrated, `maps` has each
        layer's values.

    Raises:
        UserError: no picture, no digit in it, or strokes that are none.

    Example:
        >>> seven = [[(10, 10), (50, 10), (25, 80)]]
        >>> model = load_model()
        >>> model.classes[read(model, seven).digit]
        '7'
    """
    return predict.read(model, _image_of(what))


def _image_of(what: PathLike | Drawing | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (28, 28): what a network is shown."""
    if isinstance(what, str | os.PathLike):
        return read_picture(Path(what)).image
    if not isinstance(what, np.ndarray):
        return render_drawing(what)
    if what.dtype != np.uint8 or what.ndim not in (2, 3) or what.shape[2:] not in ((), (3,)):
        raise UserError(
            _("The picture is {dtype} {shape}; it must be uint8 (H, W) or (H, W, 3)").format(
                dtype=what.dtype, shape=what.shape
            )
        )
    if what.shape == (SIDE, SIDE):
        return what
    colors = what if what.ndim == 3 else np.repeat(what[:, :, np.newaxis], 3, 2)
    return from_pixels(colors, _("the array")).image


def read_number(model: Model, drawing: Drawing) -> Number:
    """Divide a drawing into digits, and read each.

    Args:
        model: one that reads the ten digits.
        drawing: strokes, as `read` takes them.

    Returns:
        `text` is the number, `digits` has each digit's prediction and box.

    Raises:
        StrokesError: a stroke is no list of points.

    Example:
        >>> one, seven = [(10, 10), (10, 80)], [(60, 10), (100, 10), (75, 80)]
        >>> read_number(load_model(), [one, seven]).text
        '17'
    """
    return read_strokes(model, drawing)


def evaluate(model: Model, data: LabelledImages, *, device: str = "auto") -> Report:
    """Test a network on images.

    Args:
        model: on any device.
        data: with as many classes as the network tells apart.
        device: "auto", "cuda", "mps" or "cpu".

    Returns:
        `accuracy`, `confusion`, `per_class`, calibration and rejection; the numbers of
        the misread images.

    Raises:
        UserError: no images, another number of classes, or a device that can't be used.

    Example:
        >>> evaluate(load_model(), write_digits(50), device="cpu").accuracy > 0.9
        True
    """
    placed = devices.choose(device)
    return result_of(evaluate_in_full(model.to(placed), data.to(placed)))


def explain(
    model: Model,
    prediction: Prediction,
    *,
    target: int | None = None,
    against: int | None = None,
    method: str = "gradient",
) -> Attribution:
    """Which pixels speak for an answer, and which against it.

    Args:
        model: the one that gave the prediction.
        prediction: what `read` returned.
        target: number of the class that is explained; the predicted one if None.
        against: why not this class; None explains the target's score alone.
        method: "gradient", "integrated gradients" or "occlusion".

    Returns:
        `values`, float32 (28, 28), is above 0 where a pixel speaks for the target.

    Raises:
        ValueError: no such class or method, or a class against itself.

    Example:
        >>> model = load_model()
        >>> explain(model, read(model, [[(10, 10), (50, 10), (25, 80)]])).values.shape
        (28, 28)
    """
    question = Question(prediction.digit if target is None else target, against)
    return attribute(AttributionMethod(method), model, prediction.image, question)


def plot(results: TrainingResult | Mapping[str, TrainingResult]) -> Figure:
    """Loss and accuracy by epoch, of one training or of several by their names.

    Returns:
        a matplotlib figure, to be shown or saved.
    """
    if isinstance(results, TrainingResult):
        results = {results.model.name: results}
    return draw_curves({name: result.history for name, result in results.items()})
