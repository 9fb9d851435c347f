from __future__ import annotations

import dataclasses

import pytest
import torch
from torch.nn import functional as F
from torchvision.transforms import v2

from trainer.networks import factory
from trainer.networks.lenet5 import LeNet5
from trainer.networks.lenet1998 import LeNet1998
from trainer.recipes.catalog import RECIPES, find_recipe
from trainer.recipes.recipe import Recipe
from trainer.training import losses, optimizers


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def pictures(shape: tuple[int, ...] = (28, 28)) -> torch.Tensor:
    return torch.randint(0, 256, (4, *shape), dtype=torch.uint8, generator=seeded())


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda r: r.name)
def test_every_recipe_builds_a_network_that_answers(recipe: Recipe) -> None:
    network = factory.build(recipe, seeded()).eval()
    images = factory.prepare_images(pictures(), recipe)
    assert images.shape == (4, *factory.input_shape(recipe))
    layers = network.layers(images)
    assert layers.logits.shape == (4, 10)
    # Not to the last bit: an activation may come after the maximum here, and before it there.
    torch.testing.assert_close(network(images), layers.logits)
    expected = 60_000 if recipe.network == "lenet5-1998" else 61_706
    assert factory.count_parameters(recipe) == expected


@pytest.mark.parametrize("network", ["lenet5", "lenet5-1998"])
def test_both_networks_have_layers_of_the_same_shapes(network: str) -> None:
    recipe = find_recipe({"lenet5": "studio"}.get(network, network))
    layers = factory.build(recipe).layers(factory.prepare_images(pictures(), recipe))
    assert {name: tuple(values.shape) for name, values in layers._asdict().items()} == {
        "conv1": (4, 6, 28, 28),
        "conv1_active": (4, 6, 28, 28),
        "pool1_sums": (4, 6, 14, 14),
        "pool1": (4, 6, 14, 14),
        "conv2": (4, 16, 10, 10),
        "conv2_active": (4, 16, 10, 10),
        "pool2_sums": (4, 16, 5, 5),
        "pool2": (4, 16, 5, 5),
        "fc1_sums": (4, 120),
        "fc1": (4, 120),
        "fc2_sums": (4, 84),
        "fc2": (4, 84),
        "logits": (4, 10),
    }


def test_color_images_take_83126_parameters() -> None:
    recipe = Recipe(dataset="cifar10")
    network = factory.build(recipe)
    assert isinstance(network, LeNet5)
    assert (
        sum(p.numel() for p in network.parameters()) == factory.count_parameters(recipe) == 83_126
    )
    layers = network.layers(factory.prepare_images(pictures((3, 32, 32)), recipe))
    assert layers.pool2.flatten(1).shape == (4, 576)
    rows = {row.name: row for row in factory.summarize(network)}
    assert rows["input"].output == (3, 32, 32)
    assert rows["conv1"].connections == 6 * 32 * 32 * 76


@pytest.mark.parametrize("dataset", ["mnist", "cifar10"])
def test_c5_as_a_convolution_is_the_same_function(dataset: str) -> None:
    one = factory.build(Recipe(dataset=dataset), seeded())
    other = factory.build(Recipe(dataset=dataset, c5="convolution"), seeded())
    assert isinstance(other, LeNet5) and other.fc1.weight.ndim == 4
    flat = {name: w.flatten(1) if w.ndim == 4 and "fc1" in name else w
            for name, w in other.state_dict().items()}  # fmt: skip
    assert all(torch.equal(w, flat[name]) for name, w in one.state_dict().items())
    images = torch.rand(3, *factory.image_shape(dataset), generator=seeded())
    torch.testing.assert_close(one(images), other(images))


def test_no_activation_after_the_hidden_layers_makes_them_linear() -> None:
    network = factory.build(find_recipe("mnist-sigmoid-sgd"), seeded())
    assert isinstance(network, LeNet5)
    with torch.no_grad():
        found = torch.rand(2, 400, generator=seeded())
        middle = network.head(found.mean(0, keepdim=True))[-1]
        torch.testing.assert_close(network.head(found)[-1].mean(0, keepdim=True), middle)


def test_dropout_leaves_out_a_share_in_training_only() -> None:
    network = factory.build(Recipe(dropout=0.25), seeded())
    assert isinstance(network, LeNet5)
    images = torch.rand(200, 1, 28, 28, generator=seeded())
    network.dropout_source = seeded()
    with torch.no_grad():
        trained = network.train().layers(images).fc1
        network.dropout_source = seeded()
        assert torch.equal(network.layers(images).fc1, trained)  # the generator decides it all
        whole = network.eval().layers(images).fc1
    active = whole > 0
    left_out = (trained == 0)[active].float().mean()
    assert abs(float(left_out) - 0.25) < 0.02
    kept = active & (trained != 0)
    torch.testing.assert_close(trained[kept], whole[kept] / 0.75)


@pytest.mark.parametrize(
    ("recipe", "shape"),
    [
        (Recipe(dataset="cifar10"), (28, 28)),
        (Recipe(dataset="mnist"), (3, 32, 32)),
        (Recipe(network="lenet5-1998"), (28, 28)),
        (Recipe(network="lenet5-1998"), (3, 32, 32)),
    ],
    ids=["gray to colors", "colors to gray", "1998", "colors to 1998"],
)
def test_any_picture_is_fitted_into_any_network(recipe: Recipe, shape: tuple[int, ...]) -> None:
    images = pictures(shape)
    fitted = factory.prepare_images(images, recipe)
    assert fitted.shape == (4, *factory.input_shape(recipe))
    if shape == (28, 28):  # paper around it, the same in each color
        for channel in fitted.unbind(1):
            assert torch.equal(channel[:, 2:-2, 2:-2], images.float() / 255)
            assert not channel[:, :2].any() and not channel[:, :, -2:].any()


@pytest.mark.parametrize(
    ("border", "side", "maps", "parameters"),
    [("zeros", 28, 5, 61_706), ("paper", 32, 5, 61_706), ("enlarged", 32, 5, 61_706),
     ("none", 28, 4, 44_426)],
)  # fmt: skip
@pytest.mark.parametrize("c5", ["full", "convolution"])
def test_borders(border: str, side: int, maps: int, parameters: int, c5: str) -> None:
    recipe = Recipe(border=border, c5=c5, mean=0.1, std=0.3)
    network = factory.build(recipe, seeded())
    images = factory.prepare_images(pictures(), recipe)
    assert images.shape[2:] == (side, side)
    layers = network.layers(images)
    assert layers.pool2.shape == (4, 16, maps, maps)
    torch.testing.assert_close(network(images), layers.logits)
    assert factory.count_parameters(recipe) == parameters
    by_bands = factory.build(recipe, seeded()).train()
    by_bands.arithmetic = "banded bfloat16"
    torch.testing.assert_close(by_bands(images), layers.logits, atol=0.05, rtol=0.05)


def test_a_picture_is_enlarged_as_torchvision_does_it() -> None:
    images = pictures()
    found = factory.prepare_images(images, Recipe(border="enlarged"))
    resize = v2.Resize((32, 32))
    torch.testing.assert_close(found, resize(images[:, None].float() / 255), atol=1e-5, rtol=0)


def test_dark_ink_is_the_picture_inverted() -> None:
    images = pictures()
    found = factory.prepare_images(images, Recipe(mean=1 - 0.1307, std=-0.3081))
    inverted = factory.prepare_images(255 - images, Recipe(mean=0.1307, std=0.3081))
    torch.testing.assert_close(found, inverted)


def test_the_papers_input_is_its_own_white_and_black() -> None:
    images = torch.tensor([0, 255], dtype=torch.uint8).repeat(28, 14)[None]
    fitted = factory.prepare_images(images, find_recipe("lenet5-1998"))
    values = sorted(fitted.unique().tolist())
    assert values == pytest.approx([-0.1, 1.175], abs=1e-6)
    assert fitted[0, 0, 0, 0] == pytest.approx(-0.1, abs=1e-6)


def test_losses() -> None:
    logits, labels = torch.randn(5, 10, generator=seeded()), torch.arange(5)
    smoothed = losses.recipe_loss(logits, labels, Recipe(label_smoothing=0.1))
    assert torch.equal(smoothed, F.cross_entropy(logits, labels, label_smoothing=0.1))
    # A cross-entropy of logits is what a source writes as log-softmax and negative likelihood.
    plain = losses.recipe_loss(logits, labels, Recipe())
    torch.testing.assert_close(plain, F.nll_loss(F.log_softmax(logits, 1), labels))
    penalties = logits.abs()
    mse = losses.recipe_loss(-penalties, labels, Recipe(network="lenet5-1998", loss="mse"))
    torch.testing.assert_close(mse, penalties[labels, labels].mean())
    found = losses.recipe_loss(
        -penalties, labels, Recipe(network="lenet5-1998", loss="map", rubbish=0.5)
    )
    by_hand = [
        penalties[n, n] + torch.log(torch.exp(torch.tensor(-0.5)) + (-penalties[n]).exp().sum())
        for n in range(5)
    ]
    torch.testing.assert_close(found, torch.stack(by_hand).mean())


def rates(recipe: Recipe, steps_per_epoch: int) -> list[float]:
    optimizer = optimizers.build_optimizer(factory.build(recipe, seeded()), recipe)
    schedule = optimizers.build_schedule(optimizer, recipe, steps_per_epoch)
    seen = []
    for _ in range(steps_per_epoch * recipe.epochs):
        seen.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedule.step()
    return seen


def test_the_papers_step_sizes() -> None:
    # Its own optimizer asks for the curvature before it makes a step.
    seen = rates(dataclasses.replace(find_recipe("lenet5-1998"), optimizer="sgd"), 3)
    passes = [5e-4] * 2 + [2e-4] * 3 + [1e-4] * 3 + [5e-5] * 4 + [1e-5] * 8
    assert seen == pytest.approx([rate for rate in passes for _ in range(3)])


def test_a_tenth_after_every_ten_epochs() -> None:
    seen = rates(find_recipe("mnist-sigmoid-sgd"), 2)
    assert seen == pytest.approx([1e-3] * 20 + [1e-4] * 20 + [1e-5] * 20)


def test_one_cycle_rises_once_to_the_learning_rate_and_falls() -> None:
    seen = rates(find_recipe("fashion-improved"), 2)
    top = seen.index(max(seen))
    assert max(seen) == pytest.approx(1e-3, rel=1e-3)
    assert 0.25 < top / len(seen) < 0.35
    assert seen == [*sorted(seen[:top]), *sorted(seen[top:], reverse=True)]
    assert seen[0] < 1e-4 and seen[-1] < 1e-6


def test_the_paper_itself_says_how_large_the_first_weights_are() -> None:
    network = factory.build(find_recipe("lenet5-1998"), seeded())
    assert isinstance(network, LeNet1998)
    again = factory.build(find_recipe("lenet5-1998"), seeded())
    assert all(
        torch.equal(one, other)
        for one, other in zip(network.parameters(), again.parameters(), strict=True)
    )
