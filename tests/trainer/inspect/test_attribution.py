"""Attributions against computations by hand, in numpy from the weights and in float64."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.support.inspecting import paper_model, picture, shipped
from trainer.inspect.attribution import (
    SQUARE,
    STEPS,
    Attribution,
    AttributionMethod,
    Question,
    attribute,
)
from trainer.networks import factory
from trainer.networks.interventions import Intervention
from trainer.networks.lenet1998 import LeNet1998
from trainer.networks.model import Model
from trainer.recipes.recipe import Recipe

Floats = NDArray[np.float64]
QUESTION = Question(3, 5)


@cache
def of_colors() -> Model:
    """A network for CIFAR's 32x32 in three colors, smooth, with C5 as a convolution."""
    smooth = {"activation": "tanh", "pooling": "average", "c5": "convolution"}
    recipe = dataclasses.replace(Recipe(), dataset="cifar10", std=0.25, **smooth)
    network = factory.build(recipe, torch.Generator().manual_seed(5)).eval()
    return Model(network, recipe, ("aeroplane", "automobile", *"23456789"))


MODELS = {"shipped": shipped, "1998": paper_model, "colors": of_colors}
each_model = pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
Build = Callable[[], Model]


# The networks again, in numpy


def _weights(model: Model) -> dict[str, Floats]:
    named = dict(model.network.state_dict())
    if isinstance(model.network, LeNet1998):
        named["conv2.weight"] = model.network.conv2.dense()
        named["bitmaps"] = model.network.bitmaps
    return {name: values.detach().double().numpy() for name, values in named.items()}


def _convolved(images: Floats, kernels: Floats, bias: Floats) -> Floats:
    windows = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[2:], (2, 3))
    found = np.tensordot(windows, kernels, ((1, 4, 5), (1, 2, 3)))
    return found.transpose(0, 3, 1, 2) + bias[:, None, None]


def _fours(images: Floats) -> Floats:
    n, maps, height, width = images.shape
    fours = images.reshape(n, maps, height // 2, 2, width // 2, 2)
    return fours.transpose(0, 1, 2, 4, 3, 5).reshape(n, maps, height // 2, width // 2, 4)


def _logits(model: Model, drawings: Floats) -> Floats:
    """Scores (N, 10) of drawings (N, 28, 28) in 0 to 1."""
    w, recipe = _weights(model), model.recipe
    old = isinstance(model.network, LeNet1998)
    colors = recipe.dataset == "cifar10"
    edge = 2 if old or colors else 0
    images = np.pad(drawings, ((0, 0), (edge, edge), (edge, edge)))[:, None]
    images = (np.repeat(images, 3 if colors else 1, 1) - recipe.mean) / recipe.std

    def squash(sums: Floats) -> Floats:
        if old:
            return 1.7159 * np.tanh(2 / 3 * sums)
        return np.tanh(sums) if colors else np.maximum(sums, 0)

    def pool(maps: Floats, name: str) -> Floats:
        fours = _fours(maps)
        if old:
            weight, bias = w[f"{name}.weight"], w[f"{name}.bias"]
            return squash(fours.sum(4) * weight[:, None, None] + bias[:, None, None])
        return fours.mean(4) if colors else fours.max(4)

    if not old:
        images = np.pad(images, ((0, 0), (0, 0), (2, 2), (2, 2)))
    maps = pool(squash(_convolved(images, w["conv1.weight"], w["conv1.bias"])), "pool1")
    maps = pool(squash(_convolved(maps, w["conv2.weight"], w["conv2.bias"])), "pool2")
    units = maps.reshape(len(maps), -1)
    for name in ("fc1", "fc2"):
        units = squash(
            units @ w[f"{name}.weight"].reshape(-1, units.shape[1]).T + w[f"{name}.bias"]
        )
    if old:
        return -((units[:, None] - w["bitmaps"]) ** 2).sum(2)
    return units @ w["fc3.weight"].T + w["fc3.bias"]


def _score(model: Model, drawings: Floats, question: Question = QUESTION) -> Floats:
    logits = _logits(model, drawings)
    other = 0 if question.against is None else logits[:, question.against]
    return logits[:, question.target] - other


def _drawing() -> Floats:
    return picture(1).astype(float) / 255


def _found(model: Model, method: AttributionMethod, question: Question = QUESTION) -> Attribution:
    return attribute(method, model, picture(1), question)


# What all have in common


@each_model
@pytest.mark.parametrize("method", AttributionMethod)
@pytest.mark.parametrize("question", [Question(3), QUESTION], ids=["one", "two"])
def test_the_scores_are_the_networks(
    build: Build, method: AttributionMethod, question: Question
) -> None:
    model = build()
    found = _found(model, method, question)
    both = np.stack([_drawing(), np.zeros((28, 28))])
    assert [found.score, found.blank] == pytest.approx(_score(model, both, question), abs=2e-4)
    assert found.values.shape == (28, 28) and found.values.dtype == np.float32
    assert np.abs(found.values).max() > 0 and found.milliseconds > 0


@pytest.mark.parametrize("method", AttributionMethod)
def test_two_classes_are_one_less_the_other(method: AttributionMethod) -> None:
    first, second = (_found(paper_model(), method, Question(n)).values for n in (3, 5))
    assert np.allclose(_found(paper_model(), method).values, first - second, atol=2e-4)


@pytest.mark.parametrize(
    ("method", "costs"),
    [
        (AttributionMethod.GRADIENT, (1, 1)),
        (AttributionMethod.INTEGRATED, (STEPS, STEPS)),
        (AttributionMethod.OCCLUSION, (24 * 24 + 1, 0)),
    ],
)
def test_the_passes_are_counted(method: AttributionMethod, costs: tuple[int, int]) -> None:
    found = _found(shipped(), method)
    assert (found.passes, found.backward) == costs


@pytest.mark.parametrize("method", AttributionMethod)
def test_what_is_held_is_held_for_them_too(method: AttributionMethod) -> None:
    # With all maps of C1 held, nothing gets through from the drawing.
    interventions = [Intervention("conv1_active", number, 0.5) for number in range(6)]
    found = attribute(method, shipped(), picture(1), QUESTION, interventions)
    assert np.abs(found.values).max() < 1e-5
    assert found.score == pytest.approx(found.blank, abs=1e-5)
    assert found.score != pytest.approx(_found(shipped(), method).score, abs=0.1)


def test_the_network_stays_as_it_is() -> None:
    network = shipped().network
    before = [values.clone() for values in network.parameters()]
    for method in AttributionMethod:
        _found(shipped(), method)
    for values, kept in zip(network.parameters(), before, strict=True):
        assert values.grad is None and torch.equal(values, kept)


@pytest.mark.parametrize("question", [Question(10), Question(-1), Question(3, 3), Question(3, 10)])
def test_questions_that_make_no_sense(question: Question) -> None:
    with pytest.raises(ValueError, match="classes"):
        attribute(AttributionMethod.GRADIENT, shipped(), picture(1), question)


def test_pictures_that_are_none() -> None:
    with pytest.raises(ValueError, match="uint8"):
        attribute(AttributionMethod.GRADIENT, shipped(), np.zeros((28, 28)), QUESTION)  # type: ignore[arg-type]


# Each by hand


@each_model
def test_the_gradient_is_the_slope(build: Build) -> None:
    # Noise, since over blank paper the four of a window are all its maximum: there is no slope.
    model, step, rng = build(), 1e-6, np.random.default_rng(2)
    image = rng.integers(0, 256, (28, 28), dtype=np.uint8)
    pixels = rng.choice(784, 60, replace=False)
    moved = np.zeros((60, 784))
    moved[np.arange(60), pixels] = step
    both = np.concatenate([image / 255 + moved.reshape(60, 28, 28) * sign for sign in (1, -1)])
    up, down = _score(model, both).reshape(2, 60)
    slopes = (up - down) / (2 * step)
    found = attribute(AttributionMethod.GRADIENT, model, image, QUESTION).values.ravel()[pixels]
    assert np.allclose(found, slopes, atol=1e-3 * np.abs(slopes).max())


@pytest.mark.parametrize("build", [paper_model, of_colors], ids=["1998", "colors"])
def test_integrated_gradients_are_the_integral(build: Build) -> None:
    # Another rule, with slopes by finite differences: a few pixels' mean slope on the way.
    model, step, places = build(), 1e-4, 40
    ink = np.flatnonzero(_drawing().ravel() > 0.3)[::24]
    shares = (np.arange(places) + 0.5) / places
    moved = np.zeros((len(ink), 784))
    moved[np.arange(len(ink)), ink] = step
    on_the_way = shares[:, None, None] * _drawing().ravel()
    both = np.concatenate([(on_the_way + moved * sign).reshape(-1, 28, 28) for sign in (1, -1)])
    up, down = _score(model, both).reshape(2, places, len(ink))
    slopes = ((up - down) / (2 * step)).mean(0)
    found = _found(model, AttributionMethod.INTEGRATED).values.ravel()
    expected = slopes * _drawing().ravel()[ink]
    assert len(ink) > 3
    assert np.allclose(found[ink], expected, atol=2e-3 * np.abs(found).max())


@each_model
def test_integrated_gradients_are_complete(build: Build) -> None:
    found = _found(build(), AttributionMethod.INTEGRATED)
    assert found.total == pytest.approx(float(found.values.astype(float).sum()))
    assert abs(found.gap) < 0.01 * abs(found.score - found.blank)
    assert not found.values[picture(1) == 0].any()  # paper is paper in both


@each_model
def test_occlusion_is_what_erasing_costs(build: Build) -> None:
    model = build()
    erased = np.repeat(_drawing()[None], 24 * 24, 0)
    for number, image in enumerate(erased):
        y, x = divmod(number, 24)
        image[y : y + SQUARE, x : x + SQUARE] = 0
    lost = (_score(model, _drawing()[None]) - _score(model, erased)).reshape(24, 24)
    total, count = np.zeros((28, 28)), np.zeros((28, 28))
    for y in range(24):
        for x in range(24):
            total[y : y + SQUARE, x : x + SQUARE] += lost[y, x]
            count[y : y + SQUARE, x : x + SQUARE] += 1
    found = _found(model, AttributionMethod.OCCLUSION).values
    assert np.allclose(found, total / count, atol=2e-4 + 1e-4 * np.abs(found).max())
