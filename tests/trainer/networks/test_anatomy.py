"""What is connected with what, compared with what the networks really compute."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from trainer.networks import lenet1998
from trainer.networks.anatomy import (
    Kind,
    Unit,
    find_followers,
    find_receptive_fields,
    find_sources,
    list_stages,
    parse_unit,
)
from trainer.networks.factory import Network, build, input_shape
from trainer.recipes.catalog import find_recipe
from trainer.recipes.recipe import Recipe

# Every unit's value shall depend on all that it sees: no maximum, no flat activation.
SMOOTH = Recipe(activation="tanh", pooling="average")
RECIPES = {
    "lenet5": SMOOTH,
    "colors": dataclasses.replace(SMOOTH, dataset="cifar10"),
    "1998": find_recipe("lenet5-1998"),
}
UNITS = (
    Unit(1, 0, 0, 0),
    Unit(1, 5, 27, 13),
    Unit(2, 3, 0, 6),
    Unit(2, 1, 13, 13),
    Unit(3, 0, 0, 0),
    Unit(3, 9, 4, 9),
    Unit(3, 15, 9, 9),
    Unit(4, 6, 2, 0),
    Unit(4, 12, 4, 4),
    Unit(5, 119, 0, 0),
    Unit(6, 40, 0, 0),
    Unit(7, 9, 0, 0),
)


def network_of(recipe: Recipe) -> Network:
    return build(recipe, torch.Generator().manual_seed(1)).double().eval()


def some_image(recipe: Recipe) -> torch.Tensor:
    shape = (1, *input_shape(recipe))
    return torch.rand(shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_stages_have_the_shapes_that_the_network_computes(recipe: Recipe) -> None:
    network = network_of(recipe)
    stages = list_stages(network)
    layers = network.layers(some_image(recipe))._asdict()
    assert stages[0].shape == input_shape(recipe)
    for stage in stages[1:]:
        for name in (stage.sums, stage.active):
            shape = tuple(layers[name].shape[1:])
            assert stage.shape == (shape if len(shape) == 3 else (*shape, 1, 1))
        assert len(stage.sees) == stage.shape[0]
        assert stage.flat == (stage.kind in (Kind.FULL, Kind.OUTPUT))


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
def test_receptive_fields_are_what_a_change_of_each_input_pixel_reaches(recipe: Recipe) -> None:
    network = network_of(recipe)
    stages = list_stages(network)
    for unit, reached in _reached(network, some_image(recipe)).items():
        field = find_receptive_fields(stages, unit)[0]
        expected = np.zeros(input_shape(recipe), bool)
        expected[list(field.maps), field.top : field.bottom, field.left : field.right] = True
        np.testing.assert_array_equal(reached, expected, err_msg=str(unit))


@torch.no_grad()
def _reached(network: Network, image: torch.Tensor) -> dict[Unit, NDArray[np.bool_]]:
    """Which pixels change each unit's value when each pixel alone is perturbed."""
    pixels = image.numel()
    perturbed = image.repeat(pixels, 1, 1, 1).reshape(pixels, -1)
    perturbed[range(pixels), range(pixels)] += 3.0
    batches = perturbed.reshape(-1, *image.shape[1:]).split(256)
    values = torch.cat([_of_units(network, batch) for batch in batches])
    changed = (values != _of_units(network, image)).numpy()
    return {unit: changed[:, n].reshape(image.shape[1:]) for n, unit in enumerate(UNITS)}


def _of_units(network: Network, images: torch.Tensor) -> torch.Tensor:
    """The values of `UNITS` before their activation, (images, units)."""
    layers = network.layers(images)._asdict()
    found = []
    for unit in UNITS:
        values = layers[list_stages(network)[unit.stage].sums]
        values = values if values.ndim == 4 else values[..., None, None]
        found.append(values[:, unit.map, unit.y, unit.x])
    return torch.stack(found, 1)


def test_fields_between_are_those_of_the_arithmetic() -> None:
    stages = list_stages(network_of(SMOOTH))
    fields = find_receptive_fields(stages, Unit(4, 2, 1, 3))
    assert fields[3] == ((2,), 2, 6, 4, 8)
    assert fields[2] == (tuple(range(6)), 2, 6, 8, 12)
    assert fields[1] == (tuple(range(6)), 4, 12, 16, 24)
    assert fields[0] == ((0,), 2, 10, 18, 26)


def test_the_papers_table_decides_what_c3_sees() -> None:
    stages = list_stages(network_of(RECIPES["1998"]))
    assert find_sources(stages, Unit(3, 4, 0, 0)).maps == lenet1998.C3_TABLE[4]
    assert find_receptive_fields(stages, Unit(3, 4, 0, 0))[1].maps == tuple(sorted((4, 5, 0)))
    assert find_followers(stages, Unit(2, 0, 5, 5)) == tuple(
        n for n, seen in enumerate(lenet1998.C3_TABLE) if 0 in seen
    )


def test_ends() -> None:
    stages = list_stages(network_of(SMOOTH))
    assert find_followers(stages, Unit(7, 1, 0, 0)) == ()
    assert find_receptive_fields(stages, Unit(0, 0, 3, 3)) == {}
    with pytest.raises(ValueError, match="computed from nothing"):
        find_sources(stages, Unit(0, 0, 3, 3))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("C3,5,6,7", Unit(3, 4, 5, 6)),
        ("input,1,1,28", Unit(0, 0, 0, 27)),
        ("f6, 84", Unit(6, 83, 0, 0)),
        ("output,10", Unit(7, 9, 0, 0)),
    ],
)
def test_units_have_names(text: str, unit: Unit) -> None:
    assert parse_unit(list_stages(network_of(SMOOTH)), text) == unit


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("C4,1,1,1", "there is no layer 'C4': choose input, C1"),
        ("C3,17,1,1", "is no unit of C3, which has 16 x 10 x 10"),
        ("C3,0,1,1", "is no unit of C3"),
        ("C3,1,1", "is no unit of C3"),
        ("F6,a", "is no unit of F6, which has 84"),
        ("", "there is no layer ''"),
    ],
)
def test_what_is_no_unit_is_told(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_unit(list_stages(network_of(SMOOTH)), text)
