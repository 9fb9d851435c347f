"""What runs on a GPU, on one that computes nothing: everything has to lie on one device."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from tests.support.fake_gpu import GPU, GpuGenerator, fake_gpu, moved
from trainer.data import augment
from trainer.data.labelled_images import LabelledImages
from trainer.evaluation.report import compute_logits
from trainer.networks import gate as gates
from trainer.networks import model as weights
from trainer.networks.factory import build, input_shape, prepare_images
from trainer.networks.interventions import Intervention
from trainer.progress import result_of
from trainer.reading import predict
from trainer.recipes.catalog import RECIPES
from trainer.recipes.recipe import AUGMENTATIONS, DIGIT_CLASSES, Recipe
from trainer.runtime.process_group import ALONE
from trainer.runtime.shard import BatchPart
from trainer.training import losses, optimizers
from trainer.training.batches import Batches

COUNT, BATCH = 40, 16
OLD = RECIPES["lenet5-1998"]
RECIPE = Recipe(dataset="pen", augmentation=AUGMENTATIONS["elastic"], batch_size=BATCH)
CIFAR = Recipe(dataset="cifar10", batch_size=BATCH)

pytestmark = pytest.mark.skipif(
    torch.cuda.is_available(), reason="benchmarks.speed.gpu --check does it there"
)


@pytest.fixture(autouse=True)
def gpu() -> Iterator[None]:
    with fake_gpu():
        yield


def images(recipe: Recipe, device: torch.device = GPU) -> LabelledImages:
    """Images of a recipe's dataset, without values."""
    shape = (3, 32, 32) if recipe.dataset == "cifar10" else (28, 28)
    return LabelledImages(
        torch.empty(COUNT, *shape, dtype=torch.uint8, device=device),
        torch.zeros(COUNT, dtype=torch.int64, device=device),
    )


def batches(recipe: Recipe) -> Batches:
    return Batches(recipe, images(recipe), GpuGenerator(), ALONE)


EACH = pytest.mark.parametrize("recipe", list(RECIPES.values()), ids=list(RECIPES))


@EACH
def test_a_step_of_each_recipe_stays_on_the_gpu(recipe: Recipe) -> None:
    recipe = dataclasses.replace(recipe, batch_size=BATCH, streamed=0)
    network = moved(build_outside(recipe)).train()
    made = batches(recipe)
    order = made.order(torch.Generator())
    assert order.device == GPU
    for batch in made.iterate(0, order, 0):
        shown, labels = made.load(batch, BatchPart.whole(len(batch)), 0)
        assert (shown.device, labels.device) == (GPU, GPU)
        assert shown.shape == (len(batch), *input_shape(recipe))
        network.dropout_source = GpuGenerator()
        loss = losses.recipe_loss(network(shown), labels, recipe)
        assert loss.device == GPU  # its gradients can't be asked for without a driver


def build_outside(recipe: Recipe) -> torch.nn.Module:
    """A network with real initial weights, which are none of the GPU's."""
    with torch._subclasses.fake_tensor.unset_fake_temporarily():
        return build(recipe)


@pytest.mark.parametrize("name", ["affine", "elastic"])
@pytest.mark.parametrize("more", [{}, {"flip": 0.5}, {"crop": 4, "flip": 0.5}])
def test_distortion_draws_on_the_gpu(name: str, more: dict[str, float]) -> None:
    how = dataclasses.replace(AUGMENTATIONS[name], **more)
    shown = torch.empty(BATCH, 1, 28, 28, device=GPU)
    moved_images = augment.distort(shown, how, GpuGenerator())
    assert moved_images.device == GPU and moved_images.shape == shown.shape
    with pytest.raises(AssertionError, match="by a generator on cpu"):
        augment.distort(shown, how, torch.Generator())


@pytest.mark.parametrize("recipe", [RECIPE, OLD, CIFAR], ids=["today's", "1998", "colors"])
def test_evaluation_stays_on_the_gpu(recipe: Recipe) -> None:
    network = moved(build_outside(recipe)).eval()
    logits = result_of(compute_logits(network, images(recipe), recipe))
    assert logits.device == GPU and logits.shape == (COUNT, 10)
    with pytest.raises((RuntimeError, AssertionError)):
        result_of(compute_logits(network, images(recipe, torch.device("cpu")), recipe))


@pytest.mark.parametrize("interventions", [(), (Intervention("conv1_active", 2, 0.5),)])
def test_a_reading_computes_all_layers_on_the_gpu(
    monkeypatch: pytest.MonkeyPatch, interventions: tuple[Intervention, ...]
) -> None:
    with torch._subclasses.fake_tensor.unset_fake_temporarily():
        model = weights.load_shipped()
        gate = gates.load_gate_for(DIGIT_CLASSES, torch.device("cpu"))
        assert gate is not None
        network = gates.GateNetwork().eval()
    model = dataclasses.replace(model, network=moved(model.network))
    asked: list[torch.device] = []

    def load(_: object, device: torch.device) -> gates.Gate:
        asked.append(device)
        return gates.Gate(moved(network), gate.threshold)

    monkeypatch.setattr(predict, "load_gate_for", load)
    pictures = torch.empty(1, 28, 28, dtype=torch.uint8, device=GPU)
    found = predict.compute_layers(model, pictures, interventions)
    assert asked == [GPU] and {values.device for values in found.values()} == {GPU}
    assert found[predict.REJECTED_KEY].dtype == torch.bool


def test_a_teacher_and_what_is_learned_from_it_stay_on_the_gpu() -> None:
    with torch._subclasses.fake_tensor.unset_fake_temporarily():
        teacher = losses.Teacher(10)
    recipe = dataclasses.replace(RECIPE, teacher_epochs=1)
    shown = prepare_images(images(recipe).images[:BATCH], recipe)
    taught = moved(teacher).eval()(shown)
    logits = moved(build_outside(recipe))(shown)
    loss = losses.distillation_loss(logits, images(recipe).labels[:BATCH], taught, recipe)
    assert loss.device == GPU


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "sgd"])
def test_an_optimizer_keeps_its_moments_on_the_gpu(optimizer: str) -> None:
    recipe = dataclasses.replace(RECIPE, optimizer=optimizer, weight_average=0.9)
    network = moved(build_outside(recipe))
    made = optimizers.build_optimizer(network, recipe)
    for weight in network.parameters():
        weight.grad = torch.empty_like(weight)
    made.step()
    moments = [v for s in made.state.values() for v in s.values() if isinstance(v, Tensor)]
    assert moments and {values.device for values in moments if values.ndim} == {GPU}


@pytest.mark.parametrize(
    "mistake",
    [
        lambda shown: shown + torch.empty(28, 28),  # a tensor
        lambda shown: shown.index_select(0, torch.zeros(3, dtype=torch.int64)),  # an index
        lambda shown: torch.rand(3, device=GPU, generator=torch.Generator()),  # a generator
        lambda shown: torch.rand(3, generator=GpuGenerator()),
    ],
)
def test_a_device_mistaken_fails_here(mistake: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises((RuntimeError, AssertionError)):
        mistake(torch.empty(BATCH, 28, 28, device=GPU))
