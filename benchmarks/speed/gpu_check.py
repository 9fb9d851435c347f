"""Whether a GPU computes what the processor does: each recipe, reading, learning, evaluation.

`python -m benchmarks.speed.gpu --check` runs it, in under five minutes, on data that are made up
or written by code. Which figures may differ by how much stands at each check.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.command import progress
from trainer.data.labelled_images import LabelledImages
from trainer.evaluation.report import compute_logits
from trainer.handwriting.font import render_digits
from trainer.my_digits.digit import own_digit
from trainer.my_digits.fine_tuning import FineTuningOptions, fine_tune
from trainer.networks.factory import image_shape
from trainer.networks.model import Model, load_shipped
from trainer.progress import result_of
from trainer.reading.captured import LiveReading
from trainer.reading.predict import read
from trainer.recipes.catalog import RECIPES
from trainer.recipes.recipe import AUGMENTATIONS, Recipe, count_classes
from trainer.runtime.devices import run_with_cpu_fallback
from trainer.training.events import DeviceLost, Epoch
from trainer.training.training import Training

CPU = torch.device("cpu")
_IMAGES = 600
_LOSS, _ACCURACY = 0.1, 0.1
"""By how much validation after one short epoch may differ: a share of the loss, and accuracy."""
_PROBABILITY, _LOGIT = 2e-3, 2e-2
"""By how much an answer may: GPUs multiply with fewer digits (TF32)."""
_TOO_LARGE = 1 << 50  # bytes; no GPU has them


class Difference(Exception):
    """A GPU computed something else; the message says what."""


def check(device: torch.device, seconds: float = 300.0) -> int:
    """Do all checks and print a line for each; returns how many failed.

    Args:
        device: the GPU.
        seconds: after so many no further check is begun, and each left out counts as failed.
    """
    until, failed = time.monotonic() + seconds, 0
    for name, work in list_checks(device):
        began = time.monotonic()
        try:
            if began > until:
                raise Difference("left out: time is up")
            work()
            told = "same"
        except Exception as error:  # one that fails keeps no other from being seen
            failed += 1
            told = f"FAILED: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        progress(f"{name:32}{time.monotonic() - began:6.1f} s  {told}")
    return failed


def list_checks(device: torch.device) -> Iterator[tuple[str, Callable[[], None]]]:
    """All checks by name."""
    for name, recipe in RECIPES.items():
        yield f"recipe {name}", lambda recipe=recipe: check_recipe(recipe, device)  # type: ignore[misc]
    yield "reading", lambda: check_reading(device)
    yield "evaluation", lambda: check_evaluation(device)
    yield "learning", lambda: check_learning(device)
    yield "out of memory, reading", lambda: check_fallback(device)
    yield "out of memory, training", lambda: check_lost(device)


def make_images(recipe: Recipe, count: int = _IMAGES) -> LabelledImages:
    """Digits written by code, or, for other classes, patterns that tell them apart."""
    classes = count_classes(recipe.dataset)
    if image_shape(recipe.dataset) == (1, 28, 28) and classes == 10:
        images, labels = zip(*render_digits(count, seed=1), strict=True)
        return LabelledImages(torch.from_numpy(np.stack(images)), torch.tensor(labels))
    source = torch.Generator().manual_seed(1)
    known = torch.arange(count) % classes
    shape = image_shape(recipe.dataset) if recipe.dataset == "cifar10" else (28, 28)
    patterns = torch.rand(classes, *shape, generator=source)
    noisy = patterns[known] * 200 + torch.rand(count, *shape, generator=source) * 55
    return LabelledImages(noisy.to(torch.uint8), known, tuple(str(n) for n in range(classes)))


def train(recipe: Recipe, digits: LabelledImages, device: torch.device) -> Epoch:
    """The last epoch of a run; none of its steps may have fallen back to the CPU."""
    last = None
    for event in Training(recipe, digits, device):
        if isinstance(event, DeviceLost):
            raise Difference(f"the device failed: {event.reason}")
        last = event if isinstance(event, Epoch) else last
    if last is None or not math.isfinite(last.val_loss):
        raise Difference("no epoch with a finite loss")
    return last


def check_recipe(recipe: Recipe, device: torch.device) -> None:
    """As it is on the GPU; and without anything that is drawn there, as on the processor."""
    brief = replace(
        recipe,
        epochs=1,
        batch_size=min(recipe.batch_size, 64),
        teacher_epochs=min(recipe.teacher_epochs, 1),
        streamed=min(recipe.streamed, _IMAGES),
        validation=0.2,
    )
    digits = make_images(recipe)
    train(brief, digits, device)
    plain = replace(
        brief, augmentation=AUGMENTATIONS["none"], dropout=0.0, streamed=0, teacher_epochs=0
    )
    there, here = train(plain, digits, device), train(plain, digits, CPU)
    loss = abs(there.val_loss - here.val_loss) / here.val_loss
    accuracy = abs(there.val_accuracy - here.val_accuracy)
    if loss > _LOSS or accuracy > _ACCURACY:
        raise Difference(
            f"validation loss {there.val_loss:.4f} and accuracy {there.val_accuracy:.2%}, "
            f"on the processor {here.val_loss:.4f} and {here.val_accuracy:.2%}"
        )


def check_reading(device: torch.device) -> None:
    """Twenty digits, layer by layer and captured: the same answers, probabilities and maps."""
    model = load_shipped()
    there, live = model.to(device), LiveReading()
    for image, label in render_digits(20, seed=3):
        expected = read(model, image)
        for way, found in (("", read(there, image)), ("captured, ", live.read(there, image))):
            _compare_answers(f"{way}a {label}", found.probabilities, expected.probabilities)
            if found.verdict is not expected.verdict:
                raise Difference(f"{way}a {label} is {found.verdict}, not {expected.verdict}")
            for name, layer in expected.maps.items():
                if not np.allclose(found.maps[name].values, layer.values, atol=_LOGIT, rtol=1e-2):
                    raise Difference(f"{way}layer {name} of a {label}")
    if problem := live.take_problem():
        raise Difference(problem)


def _compare_answers(what: str, found: tuple[float, ...], expected: tuple[float, ...]) -> None:
    most = max(abs(a - b) for a, b in zip(found, expected, strict=True))
    if most > _PROBABILITY:
        raise Difference(f"{what}: probabilities differ by {most:.5f}")


def check_evaluation(device: torch.device) -> None:
    """The scores of a thousand digits, and how many of them are read rightly."""
    model = load_shipped()
    digits = make_images(model.recipe, 1000)
    here = result_of(compute_logits(model.network, digits, model.recipe))
    there = result_of(
        compute_logits(model.to(device).network, digits.to(device), model.recipe)
    ).cpu()
    if not torch.allclose(here, there, atol=_LOGIT, rtol=1e-2):
        raise Difference(f"scores differ by {float((here - there).abs().max()):.4f}")
    right = [int((logits.argmax(1) == digits.labels).sum()) for logits in (here, there)]
    if abs(right[0] - right[1]) > 1:
        raise Difference(f"{right[1]} of 1,000 digits read, {right[0]} on the processor")


def check_learning(device: torch.device) -> None:
    """From a few own digits: the same network, as learning is done by the processor."""
    model = load_shipped()
    own = [own_digit(7, [[(n, 0.0), (n / 2, 9.0)]]) for n in range(4)]
    known = make_images(model.recipe)
    method = FineTuningOptions(steps=20, pictures=100, folds=2, known_batch=64)

    def learn(model: Model) -> Model:
        return result_of(fine_tune(model, own, known, {}, method)).model

    here, there = learn(model).network.state_dict(), learn(model.to(device)).network.state_dict()
    if not all(torch.equal(here[name], there[name].cpu()) for name in here):
        raise Difference("another network was learned")


def check_fallback(device: torch.device) -> None:
    """A request for more memory than there is ends on the processor, with the reason told."""
    reasons: list[str] = []

    def work(place: torch.device) -> str:
        torch.empty(_TOO_LARGE if place.type != "cpu" else 1, dtype=torch.uint8, device=place)
        return place.type

    found = run_with_cpu_fallback(device, work, reasons.append)
    if found != "cpu" or len(reasons) != 1:
        raise Difference(f"it ended on {found}, and told {reasons}")


def check_lost(device: torch.device) -> None:
    """A training without enough memory goes on on the processor, and the GPU is usable after it."""
    recipe = Recipe(dataset="pen", epochs=1, batch_size=200, validation=0.2)
    digits = make_images(recipe)
    training = Training(recipe, digits, device)
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(0.0)  # of this process alone
    try:
        events = list(training)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    lost = any(isinstance(event, DeviceLost) for event in events)
    if not lost or not isinstance(events[-1], Epoch):
        raise Difference(f"{'it' if lost else 'no device'} was lost, and ended with {events[-1]}")
    train(recipe, digits, device)


def command(problem: str, script: Path) -> int:
    """What `--check` does; returns the exit status: 1 if something differs, 2 without a GPU."""
    if problem:
        progress(f"{script.name} --check: nothing to check: {problem}")
        return 2
    failed = check(torch.device("cuda"))
    progress(f"{failed} checks failed" if failed else "the GPU computes what the processor does")
    return int(bool(failed))
