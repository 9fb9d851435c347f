"""The arithmetic of a unit against numpy, for both kinds of network and all their layers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lenet_gui.inspect.common.inspection import Inspection
from tests.support.by_hand import ACTIVATIONS, computed, varied
from tests.support.inspecting import inspection, paper_model, picture, shipped
from trainer.inspect.arithmetic import (
    FORMULAS,
    Arithmetic,
    Convolution,
    Differences,
    Full,
    Pixel,
    Pooling,
    explain_unit,
)
from trainer.networks import lenet5
from trainer.networks.anatomy import Unit
from trainer.networks.interventions import Intervention
from trainer.networks.lenet1998 import C3_TABLE, LeNet1998
from trainer.networks.model import Model

MODELS = {
    "shipped": shipped,
    "1998": paper_model,
    "average": lambda: varied(activation="tanh", pooling="average", c5="convolution"),
    "no hidden activation": lambda: varied(activation="sigmoid", hidden_activation="none"),
    "colors": lambda: varied(activation="elu", dataset="cifar10", hidden_activation="gelu"),
}


def found(seen: Inspection, unit: Unit) -> Arithmetic:
    assert seen.prediction is not None
    return explain_unit(seen.model, seen.prediction, seen.stages, unit)


def units(seen: Inspection, stage: int) -> list[Unit]:
    """Corners, edges and the middle of some of a stage's maps, the first and the last of them."""
    maps, height, width = seen.stages[stage].shape
    rows, columns = ({0, 1, size // 2, size - 1} & {*range(size)} for size in (height, width))
    numbers = {0, maps // 2, maps - 1}
    return [Unit(stage, n, y, x) for n in numbers for y in rows for x in columns]


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> Model:
    made: Model = MODELS[request.param]()
    return made


def test_every_sum_and_value_is_the_networks_own_and_numpys(model: Model) -> None:
    seen = inspection(model)
    by_hand = computed(model, picture())
    if isinstance(model.network, LeNet1998):
        bitmaps = model.network.bitmaps.numpy().astype(np.float64)
        differences = by_hand["fc2"].ravel() - bitmaps
        by_hand["logits"] = -np.square(differences).sum(1)[:, None, None]
    for number, stage in enumerate(seen.stages):
        for unit in units(seen, number):
            one, place = found(seen, unit), unit[1:]
            assert one.sum == pytest.approx(seen.value(unit, before=True), abs=1e-4)
            assert one.computed == pytest.approx(seen.value(unit), abs=1e-4)
            assert one.value == seen.value(unit)
            assert one.sum == pytest.approx(by_hand[stage.sums][place], abs=1e-4)
            assert one.computed == pytest.approx(by_hand[stage.active][place], abs=1e-4)
            assert not one.held


def test_a_pixel_is_the_picture_normalized(model: Model) -> None:
    seen, edge = inspection(model), (computed(model, picture())["input"].shape[1] - 28) // 2
    inked = np.argwhere(picture() > 128)[0].tolist()
    for y, x, level in ((*inked, int(picture()[*inked])), (-edge, 27 + edge, 0)):
        pixel = found(seen, Unit(0, 0, y + edge, x + edge)).working
        assert isinstance(pixel, Pixel)
        assert (pixel.level, pixel.mean) == (level, model.recipe.mean)
        assert pixel.deviation == model.recipe.std


def test_a_convolution_is_patches_times_kernels_plus_a_bias(model: Model) -> None:
    seen, by_hand = inspection(model), computed(model, picture())
    weights = {k: w.numpy() for k, w in model.network.state_dict().items()}
    sparse = isinstance(model.network, LeNet1998)
    connections = [len(row) for row in C3_TABLE]
    for number, name in ((1, "conv1"), (3, "conv2")):
        stage = seen.stages[number]
        before = np.pad(
            by_hand[seen.stages[number - 1].active], ((0, 0), *2 * [2 * [stage.padding]])
        )
        outside = np.pad(np.zeros((1, *seen.stages[number - 1].shape[1:])), stage.padding) == 0
        assert outside.any()
        for unit in units(seen, number):
            working = found(seen, unit).working
            assert isinstance(working, Convolution)
            table = C3_TABLE[unit.map] if sparse and number == 3 else range(len(before))
            assert [term.map for term in working.terms] == [*table]
            box = slice(unit.y, unit.y + 5), slice(unit.x, unit.x + 5)
            for place, term in enumerate(working.terms):
                np.testing.assert_allclose(term.patch, before[term.map][box], atol=1e-5)
                if sparse and number == 3:
                    kernel = weights["conv2.weight"][sum(connections[: unit.map]) + place]
                else:
                    kernel = weights[f"{name}.weight"][unit.map, term.map]
                np.testing.assert_array_equal(term.kernel, kernel)
                products = before[term.map][box] * kernel
                np.testing.assert_allclose(term.products, products, atol=1e-5)
                assert term.sum == pytest.approx(products.sum(), abs=1e-5)
            assert working.bias == weights[f"{name}.bias"][unit.map]
            total = sum(term.sum for term in working.terms) + working.bias
            assert found(seen, unit).sum == pytest.approx(total, abs=1e-12)
            taken = Unit(number + 1, unit.map, unit.y // 2, unit.x // 2)
            assert working.taken.unit == taken
            assert working.taken.value == seen.value(taken)


@pytest.mark.parametrize("name", ["shipped", "colors"])
def test_what_lies_outside_the_picture_counts_as_zero(name: str) -> None:
    seen = inspection(MODELS[name]())
    _, height, width = seen.stages[1].shape
    for y, x, top, left in ((0, 0, -2, -2), (height - 1, width - 1, height - 3, width - 3)):
        working = found(seen, Unit(1, 2, y, x)).working
        assert isinstance(working, Convolution)
        for term in working.terms:
            assert (term.top, term.left) == (top, left)
            inside = np.zeros((5, 5), bool)
            part = slice(2, 5) if top < 0 else slice(0, 3)
            inside[part, part] = True
            np.testing.assert_array_equal(term.inside, inside)
            assert not term.patch[~inside].any()
            assert term.patch[inside].all()


def test_pooling_takes_four_neighbors_of_its_own_map(model: Model) -> None:
    seen, by_hand = inspection(model), computed(model, picture())
    for number, name in ((2, "pool1"), (4, "pool2")):
        for unit in units(seen, number):
            working = found(seen, unit).working
            assert isinstance(working, Pooling)
            before = by_hand[seen.stages[number - 1].active][unit.map]
            y, x = 2 * unit.y, 2 * unit.x
            window = before[y : y + 2, x : x + 2]
            np.testing.assert_allclose(working.window, window, atol=1e-5)
            assert (working.top, working.left) == (y, x)
            if isinstance(model.network, LeNet1998):
                layer = getattr(model.network, name)
                assert working.name == "subsampling"
                assert working.coefficient == layer.weight[unit.map].item()
                assert working.bias == layer.bias[unit.map].item()
                assert found(seen, unit).sum == pytest.approx(
                    window.sum() * working.coefficient + working.bias, abs=1e-5
                )
            else:
                assert working.name == model.recipe.pooling
                assert (working.coefficient, working.bias) == (None, None)


def test_a_full_units_contributions_come_largest_first_and_add_up(model: Model) -> None:
    seen, by_hand = inspection(model), computed(model, picture())
    weights = {k: w.numpy() for k, w in model.network.state_dict().items()}
    last = 6 if isinstance(model.network, LeNet1998) else 7
    for number in range(5, last + 1):
        before = by_hand[seen.stages[number - 1].active]
        for unit in units(seen, number):
            one = found(seen, unit)
            assert isinstance(one.working, Full)
            row = weights[f"fc{number - 4}.weight"][unit.map].reshape(before.shape)
            everything = one.working.largest(one.working.count)
            assert len(everything) == before.size
            assert len({each.source for each in everything}) == before.size
            for each in everything[:30]:
                assert each.value == pytest.approx(before[each.source[1:]], abs=1e-5)
                assert each.weight == row[each.source[1:]]
                assert each.source.stage == number - 1
                assert each.product == pytest.approx(each.value * each.weight, abs=1e-12)
            sizes = [abs(each.product) for each in everything]
            assert sizes == sorted(sizes, reverse=True)
            assert sizes[0] == pytest.approx(np.abs(before * row).max(), abs=1e-5)
            assert one.working.largest(7) == everything[:7]
            total = sum(each.product for each in everything) + one.working.bias
            assert total == pytest.approx(one.sum, abs=1e-9)
            assert one.working.bias == weights[f"fc{number - 4}.bias"][unit.map]


def test_the_outputs_of_1998_are_squared_differences_to_their_bitmaps() -> None:
    model = paper_model()
    seen, by_hand = inspection(model), computed(model, picture())
    assert isinstance(model.network, LeNet1998)
    for digit in range(10):
        one = found(seen, Unit(7, digit, 0, 0))
        assert isinstance(one.working, Differences)
        bitmap = model.network.bitmaps[digit].numpy().reshape(12, 7)
        np.testing.assert_array_equal(one.working.bitmap, bitmap)
        values = by_hand["fc2"].reshape(12, 7)
        np.testing.assert_allclose(one.working.values, values, atol=1e-5)
        np.testing.assert_allclose(one.working.squares, (values - bitmap) ** 2, atol=1e-5)
        assert one.sum == pytest.approx(-((values - bitmap) ** 2).sum(), abs=1e-4)
        assert seen.value(one.unit) == pytest.approx(one.sum, abs=1e-4)


def test_scores_become_the_predictions_probabilities(model: Model) -> None:
    seen = inspection(model)
    assert seen.prediction is not None
    working = found(seen, Unit(7, 0, 0, 0)).working
    assert isinstance(working, Full | Differences)
    softmax = working.softmax
    assert softmax is not None
    scores = [seen.value(Unit(7, n, 0, 0)) or 0.0 for n in range(10)]
    powers = [math.exp((score - max(scores)) / model.temperature) for score in scores]
    np.testing.assert_allclose(softmax.powers, powers, rtol=1e-9)
    shares = [power / sum(powers) for power in powers]
    np.testing.assert_allclose(softmax.probabilities, shares, rtol=1e-9)
    np.testing.assert_allclose(softmax.probabilities, seen.prediction.probabilities, atol=1e-9)


@pytest.mark.parametrize("name", lenet5.ACTIVATIONS)
def test_every_activation_has_its_formula_and_its_numbers(name: str) -> None:
    seen = inspection(varied(activation=name, hidden_activation="same"))
    for unit in (Unit(1, 0, 9, 9), Unit(3, 1, 4, 4), Unit(5, 7, 0, 0), Unit(6, 3, 0, 0)):
        one = found(seen, unit)
        assert one.activation is not None
        assert (one.activation.name, one.activation.before) == (name, one.sum)
        expected = ACTIVATIONS[name](np.array(one.sum))
        assert one.activation.after == pytest.approx(float(expected), abs=1e-12)
    assert name in FORMULAS


def test_a_map_held_at_a_value_is_told_from_what_its_sum_leads_to() -> None:
    held = (Intervention("conv2_active", 4, 2.5),)
    seen = inspection(shipped(), interventions=held)
    plain = inspection(shipped())
    unit = Unit(3, 4, 5, 5)
    one = found(seen, unit)
    assert (one.value, one.held) == (2.5, True)
    assert one.computed == pytest.approx(plain.value(unit), abs=1e-4)
    assert not found(seen, unit._replace(map=5)).held
    pooled = found(seen, Unit(4, 4, 2, 2))
    assert pooled.computed == 2.5
    assert not pooled.held
    following = found(seen, Unit(5, 0, 0, 0))
    assert following.computed == pytest.approx(seen.value(following.unit), abs=1e-4)


def test_a_unit_that_the_network_lacks_is_an_error() -> None:
    with pytest.raises(IndexError):
        found(inspection(shipped()), Unit(1, 6, 0, 0))
