"""The weights that a network began with, found again; and the weights of any one unit."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from lenet_gui.inspect.shading import (
    Shading,
    color_limit,
    find_incoming_weights,
    find_shown_kernels,
    render_kernel,
)
from tests.support.inspecting import DIGITS, inspection, paper_model, shipped
from trainer.data import loading, pen, pen_digits
from trainer.data.labelled_images import LabelledImages
from trainer.inspect.weights import (
    EARLIER_TRAINING_IMAGES,
    RESEMBLANCE,
    TRAINING_IMAGES,
    load_initial_network,
    measure_resemblance,
    rebuild_initial_network,
)
from trainer.networks.anatomy import Unit, list_stages
from trainer.networks.factory import build
from trainer.networks.kernels import collect_kernels, incoming_weights
from trainer.networks.model import Model
from trainer.recipes.catalog import find_recipe
from trainer.recipes.recipe import DATASETS
from trainer.training import training


@pytest.mark.parametrize("name", ["lenet5-1998", "fashion-studio"])
def test_the_start_is_a_runs_own(name: str, digits: LabelledImages) -> None:
    recipe = find_recipe(name)
    run = training.initial_snapshot(recipe, digits).weights
    found = rebuild_initial_network(recipe, len(digits)).state_dict()
    assert run.keys() == found.keys()
    assert all(torch.equal(run[key], found[key]) for key in run)


def test_every_datasets_number_of_images_is_known() -> None:
    assert {part for name in DATASETS for part in name.split("+")} == set(TRAINING_IMAGES)
    assert TRAINING_IMAGES["pen"] == pen.WRITTEN["train"]
    for name, published in loading.PUBLISHED.items():
        assert TRAINING_IMAGES[name] == published.splits["train"].count


def test_the_network_that_ships_is_known_to_have_begun_so() -> None:
    model = shipped()
    start = load_initial_network(model)
    assert start is not None and not start.training
    assert measure_resemblance(start, model.network) > 1.5 * RESEMBLANCE
    for seed in (7, 8, 9):
        other = rebuild_initial_network(dataclasses.replace(model.recipe, seed=seed), 95_186)
        assert abs(measure_resemblance(other, model.network)) < RESEMBLANCE


def test_the_number_of_images_is_that_of_the_real_pen_digits(real_data: Path) -> None:
    files = pen_digits.find(real_data)
    if files is None:
        pytest.skip("no real pen digits in LENET_DATA")
    splits = pen_digits.assign_splits(pen_digits.read(files))
    images = pen.VARIANTS * splits.count("train") + splits.count("validation")
    assert images in (TRAINING_IMAGES["unipen"], EARLIER_TRAINING_IMAGES["unipen"])


def test_a_start_that_is_not_the_seeds_is_not_claimed() -> None:
    assert load_initial_network(paper_model()) is None
    recipe = dataclasses.replace(paper_model().recipe, seed=5)
    network = rebuild_initial_network(recipe, 60_000)
    known = Model(network, recipe, DIGITS)
    assert load_initial_network(known) is not None
    unknown = Model(build(recipe, torch.Generator().manual_seed(5)), recipe, DIGITS)
    assert load_initial_network(unknown) is None  # the order of the images was not drawn before it


def test_kernels_before_and_after_and_what_was_added() -> None:
    shown, model = inspection(shipped()), shipped()
    start = load_initial_network(model)
    assert start is not None
    found = {
        which: find_shown_kernels(shown, Shading(kernels=which)) for which in ("initial", "change")
    }
    began, change, now = found["initial"], found["change"], collect_kernels(model.network)
    assert began is not None and change is not None
    assert np.array_equal(began.conv2, start.conv2.weight.detach().numpy())
    assert np.allclose(began.conv1 + change.conv1, now.conv1, atol=1e-6)
    assert find_shown_kernels(inspection(paper_model()), Shading(kernels="initial")) is None
    assert (
        find_incoming_weights(
            paper_model(), list_stages(paper_model().network), Unit(1, 0, 0, 0), "change"
        )[0]
        is None
    )
    c5, largest = find_incoming_weights(model, shown.stages, Unit(5, 7, 0, 0), "change")
    weight = model.network.fc1.weight.detach() - start.fc1.weight.detach()
    assert c5 is not None and np.array_equal(c5.ravel(), weight[7].numpy().ravel())
    assert largest == pytest.approx(float(weight[7].abs().max()))


@pytest.mark.parametrize("name", ["lenet5-1998", "mnist-relu-1998layout", "fashion-studio"])
def test_a_unit_is_what_comes_in_times_its_weights(name: str) -> None:
    recipe = find_recipe(name)
    network = build(recipe, torch.Generator().manual_seed(4)).eval()
    shown = inspection(Model(network, recipe, DIGITS))
    biases = {1: network.conv1, 3: network.conv2, 5: network.fc1, 6: network.fc2}
    for unit in (Unit(1, 2, 9, 8), Unit(3, 7, 4, 5), Unit(5, 33, 0, 0), Unit(6, 80, 0, 0)):
        weights, before = (
            incoming_weights(network, shown.stages, unit),
            shown.values(unit.stage - 1),
        )
        assert weights is not None and before is not None
        stage = shown.stages[unit.stage]
        top, left = unit.y - stage.padding, unit.x - stage.padding
        seen = before[:, top : top + weights.shape[1], left : left + weights.shape[2]]
        there = {n for n, kernel in enumerate(weights) if np.isfinite(kernel).all()}
        if not stage.flat:
            assert there == set(stage.sees[unit.map])
        total = float(np.nansum(weights.astype(np.float64) * seen))
        bias = biases[unit.stage].bias
        assert bias is not None
        value = shown.value(unit, before=True)
        assert value == pytest.approx(total + float(bias.detach()[unit.map]), abs=1e-4)


def test_outputs_and_pooling_have_what_their_network_has() -> None:
    paper, today = paper_model().network, shipped().network
    stages = list_stages(paper)
    bitmap = incoming_weights(paper, stages, Unit(7, 4, 0, 0))
    assert bitmap is not None and np.array_equal(bitmap.ravel(), paper.bitmaps[4].numpy())
    coefficient = incoming_weights(paper, stages, Unit(4, 9, 0, 0))
    assert coefficient is not None
    assert coefficient.tolist() == [[[paper.pool2.weight[9].item()]]]
    assert incoming_weights(paper, stages, Unit(0, 0, 0, 0)) is None
    stages = list_stages(today)
    output = incoming_weights(today, stages, Unit(7, 4, 0, 0))
    assert output is not None
    assert np.array_equal(output.ravel(), today.fc3.weight[4].detach().numpy())
    assert incoming_weights(today, stages, Unit(2, 0, 0, 0)) is None
    assert incoming_weights(today, stages, Unit(0, 0, 0, 0)) is None


def test_kernel_pictures_have_zero_in_the_grounds_color() -> None:
    kernel = np.zeros((1, 5, 5), np.float32)
    kernel[0, 1, 2], kernel[0, 3, 3] = 2.0, -2.0
    assert color_limit(kernel) == 2.0
    image = render_kernel(kernel, 2.0, dark=False)
    assert image is not None and image.size().toTuple() == (5, 5)
    assert image.pixelColor(2, 1).red() > 200 > image.pixelColor(2, 1).blue()
    assert image.pixelColor(3, 3).blue() > 150 > image.pixelColor(3, 3).red()
    assert image.pixelColor(0, 0).lightness() > 250
    assert render_kernel(np.full((1, 5, 5), np.nan, np.float32), 1.0, False) is None
