"""The network along a line: its answers against the network's own, window by window."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.support.inspecting import DIGITS, paper_model, picture, shipped
from trainer.handwriting import font
from trainer.inspect import sliding
from trainer.inspect.sliding import digits_on_line, draw_line
from trainer.networks.factory import build, prepare_images
from trainer.networks.interventions import Intervention, as_hook
from trainer.networks.model import Model
from trainer.reading import predict
from trainer.recipes.catalog import find_recipe


@cache
def other(**changed: object) -> Model:
    """A network of today's layout with initial weights."""
    recipe = replace(find_recipe("studio"), **changed)  # type: ignore[arg-type]
    network = build(recipe, torch.Generator().manual_seed(5)).eval()
    return Model(network, recipe, DIGITS, temperature=1.5)


IDS = ("shipped", "1998", "tanh", "sigmoid", "color", "paper", "enlarged", "none")


def models() -> list[Model]:
    return [
        shipped(),
        paper_model(),
        other(activation="tanh", pooling="average", hidden_activation="none"),
        other(c5="convolution", activation="sigmoid"),
        other(dataset="cifar10"),
        other(border="paper"),
        other(border="enlarged", std=-0.3),
        other(border="none"),
    ]


@cache
def written() -> list[NDArray[np.uint8]]:
    """Ten built-in digits of different classes."""
    return [image for image, _ in font.render_digits(10, seed=5)]


@cache
def line() -> NDArray[np.uint8]:
    """Three digits with some paper between them, (28, 96)."""
    made = np.zeros((28, 96), np.uint8)
    for number, left in enumerate((0, 30, 66)):
        made[:, left : left + 28] = np.maximum(made[:, left : left + 28], written()[number])
    return made


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_a_line_of_one_window_is_the_network_itself(model: Model) -> None:
    for image in (picture(), np.random.default_rng(3).integers(0, 256, (28, 28), np.uint8)):
        (row,) = sliding.slide(model, image).probabilities
        assert row == pytest.approx(predict.read(model, image).probabilities, abs=1e-6)


@pytest.mark.parametrize("model", models(), ids=IDS)
def test_every_place_is_the_network_on_its_own_columns_of_the_line(model: Model) -> None:
    given = sliding.prepare_line(torch.tensor(line()), model.recipe)
    scores = sliding.slide(model, line()).scores
    assert len(scores) == (96 - 28) // 4 + 1
    network, reach = copy.deepcopy(model.network), 0
    if model.recipe.network == "lenet5" and model.recipe.border == "zeros":
        # Padded above and below only, it takes the two columns on each side from the line.
        network.conv1.padding = (2, 0)
        reach = 2
    side = given.shape[2]
    for place in range(1 if reach else 0, len(scores) - (1 if reach else 0)):
        window = given[..., place * 4 - reach : place * 4 + side + reach]
        if model.recipe.border == "enlarged":
            window = prepare_images(
                torch.tensor(line())[None, :, place * 4 :][..., :28], model.recipe
            )
        with torch.inference_mode():
            expected = network.layers(window).logits[0].numpy()
        assert scores[place] == pytest.approx(expected, abs=1e-4, rel=1e-5)


def test_beside_paper_the_paper_s_network_answers_as_for_the_window_cut_out() -> None:
    made = np.zeros((28, 28 * 3), np.uint8)
    made[:, 28:56] = picture()
    alone = predict.read(paper_model(), picture()).probabilities
    found = sliding.slide(paper_model(), made).probabilities[7]
    assert found == pytest.approx(alone, abs=1e-6)


def test_beside_paper_today_s_network_differs_by_its_padding_alone() -> None:
    made = np.zeros((28, 28 * 3), np.uint8)
    made[:, 28:56] = picture()
    model = shipped()
    found = sliding.slide(model, made).scores[7]
    given = prepare_images(torch.tensor(picture()[None]), model.recipe)
    # Zeros are between paper and ink; with zeros beside the window it would be the same.
    with torch.inference_mode():
        alone = model.network.layers(given).logits[0].numpy()
        surrounded = torch.zeros(1, 1, 28, 84)
        surrounded[..., 28:56] = given
        zeros = sliding.logits_along_line(model.network, surrounded)[7].numpy()
    assert zeros == pytest.approx(alone, abs=1e-4)
    assert np.abs(found - alone).max() > 0.01
    assert found.argmax() == alone.argmax()


@pytest.mark.parametrize("model", [shipped(), paper_model()], ids=["today", "1998"])
def test_held_maps_are_held_along_the_line(model: Model) -> None:
    interventions = (
        Intervention("pool1", 2, 0.5),
        Intervention("conv2_active", 3, -0.1),
        Intervention("fc1", 7, 1.0),
    )
    (row,) = sliding.slide(model, picture(), as_hook(interventions)).probabilities
    assert row == pytest.approx(
        predict.read(model, picture(), interventions).probabilities, abs=1e-6
    )
    assert row != pytest.approx(predict.read(model, picture()).probabilities, abs=1e-4)


def test_what_is_no_line() -> None:
    for wrong in (np.zeros((28, 27), np.uint8), np.zeros((27, 40), np.uint8)):
        with pytest.raises(ValueError, match="line"):
            sliding.slide(shipped(), wrong)
    with pytest.raises(ValueError, match="float32"):
        sliding.slide(shipped(), np.zeros((28, 40), np.float32))


# Answers to digits


def test_a_line_is_read() -> None:
    found = sliding.slide(shipped(), line())
    alone = [predict.read(shipped(), image).digit for image in written()[:3]]
    assert len(set(alone)) == 3
    assert [digit.digit for digit in found.digits] == alone
    for digit, left in zip(found.digits, (0, 30, 66), strict=True):
        assert abs(digit.column - (left + 14)) <= 4
        assert digit.probability == found.probabilities[digit.place].max()


def test_a_clean_line_has_no_digits() -> None:
    assert sliding.slide(shipped(), np.zeros((28, 80), np.uint8)).digits == ()
    assert len(sliding.slide(shipped(), picture()).digits) == 1


def test_the_places_chosen_have_the_largest_sum() -> None:
    rng = np.random.default_rng(8)
    for _ in range(20):
        worth = rng.normal(0.0, 1.0, 9)
        ways = itertools.chain.from_iterable(
            itertools.combinations(range(9), count) for count in range(4)
        )
        allowed = [way for way in ways if all(b - a >= 4 for a, b in itertools.pairwise(way))]
        best = max(allowed, key=lambda way: sum(worth[list(way)]))
        assert sliding.choose_places(worth) == best


# The line's picture

RING = [(0.0, 0.0), (60.0, 0.0), (60.0, 100.0), (0.0, 100.0), (0.0, 0.0)]
BOX = (0.0, 0.0, 60.0, 100.0)


def moved(across: float, down: float = 0.0) -> list[tuple[float, float]]:
    return [(x + across, y + down) for x, y in RING]


def test_the_middle_sized_digit_is_twenty_pixels_high() -> None:
    for unit in (0.01, 1.0, 30.0):
        strokes = [[(x * unit, y * unit) for x, y in moved(at)] for at in (0, 90, 180)]
        boxes = [(at * unit, 0.0, (at + 60) * unit, 100 * unit) for at in (0, 90, 180)]
        made = draw_line(strokes, boxes)
        (rows,) = np.nonzero(made.pixels.any(axis=1))
        (columns,) = np.nonzero(made.pixels.any(axis=0))
        assert (rows[0], rows[-1]) == (4, 23)
        assert made.pixels.shape[0] == 28 and made.pixels.shape[1] % 4 == 0
        assert columns[0] >= 13 and made.pixels.shape[1] - 1 - columns[-1] >= 13
        assert np.diff(made.middles) == pytest.approx(90 * 17.7 / 100, abs=1e-6)
        left, middle = made.middles[0], made.pixels.shape[1] / 2
        assert made.middles[1] == pytest.approx(middle)
        half = 60 * 17.7 / 100 / 2
        inked = made.pixels[14] > 127
        assert inked[round(left - half)] and inked[round(left + half - 1)]
        assert not inked[round(left)]


def test_a_line_that_climbs_is_drawn_smaller() -> None:
    strokes = [moved(0), moved(90, 80)]
    made = draw_line(strokes, [BOX, (90.0, 80.0, 150.0, 180.0)])
    (rows,) = np.nonzero(made.pixels.any(axis=1))
    assert rows[-1] - rows[0] + 1 == pytest.approx(26, abs=1)


def test_only_one_line_of_writing_is_taken() -> None:
    upper = [(0, 0, 10, 20), (15, 15, 25, 32)]
    lower = [(0, 50, 10, 70), (15, 48, 25, 68)]
    boxes = [tuple(map(float, box)) for box in upper + lower]
    assert digits_on_line(boxes, 0) == [0, 1]  # type: ignore[arg-type]
    assert digits_on_line(boxes, 3) == [2, 3]  # type: ignore[arg-type]


def test_a_line_without_ink() -> None:
    with pytest.raises(ValueError, match="digit"):
        draw_line([], [])
