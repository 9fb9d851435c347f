"""Trains a network on a set of drawings in seconds: by a network's convolutions or from nothing.

A network that reads digits has found edges and corners already, which tell other drawings apart
as well: its two convolutions are kept as they are, what they find in each drawing is computed
once, and only the three layers behind them learn. From nothing, all five layers do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.optim.lr_scheduler import OneCycleLR

from trainer.data.augment import distort
from trainer.drawing.rasterize import rasterize, render_drawing
from trainer.drawing.variation import vary
from trainer.my_classes.class_set import ClassDrawing, ClassSet, ClassSetError, hold_out
from trainer.networks.factory import build, normalize_images, scale_images
from trainer.networks.lenet5 import LeNet5
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.recipes.own_dataset import OwnDataset
from trainer.recipes.recipe import AUGMENTATIONS, Augmentation, Recipe
from trainer.runtime.torch_workarounds import without_dynamo
from trainer.translation import gettext as _

FEWEST = 3
"""Drawings that each class must have."""


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """All numbers of the training."""

    pictures: int = 3000  # that are made of all drawings together, varied
    most_variants: int = 60  # of one drawing
    distortion: Augmentation = AUGMENTATIONS["affine"]
    steps: int = 300
    batch: int = 64
    rate: float = 3e-3
    held_out: float = 0.2  # share of the drawings by which the network is tested


@dataclass(frozen=True, slots=True, eq=False)
class LearnedClasses:
    """What came of it."""

    model: Model  # learned from all drawings
    accuracy: float  # 0 to 1, of one like it on drawings that it had not seen
    tested: int  # so many
    by_writer: bool  # whether these were of people whose drawings it had not seen


def learn_classes(
    drawn: ClassSet,
    path: Path,
    start: Model | None = None,
    options: LearningOptions = LearningOptions(),
    seed: int = 1,
) -> Generator[Progress, None, LearnedClasses]:
    """Train a network that tells the classes of a set apart.

    Of the CPU one thread is enough, and several slow it down on a busy machine
    (`trainer.runtime.cpu.use_background_threads`).

    Args:
        drawn: at least `FEWEST` drawings of each class.
        path: where the set is kept, for the network's recipe.
        start: a network whose convolutions are kept; None to begin from nothing.
        options: all numbers.
        seed: decides all chance.

    Raises:
        ClassSetError: too few classes or drawings, or a network of another kind to start from.
    """
    if problem := drawn.problem(FEWEST):
        raise ClassSetError(problem)
    if start is not None and (not isinstance(start.network, LeNet5) or start.network.shape[0] != 1):
        raise ClassSetError(
            _("{name} is no LeNet-5 of today for gray pictures: begin with another network, or "
              "from nothing").format(name=start.name)
        )  # fmt: skip
    recipe = _recipe(drawn, path, start)
    images, sources = yield from _vary_all(drawn.drawings, options, seed)
    labels = torch.tensor([drawn.classes.index(each.label) for each in drawn.drawings])
    tested = hold_out(drawn, options.held_out, seed)
    trained_on = torch.from_numpy(~tested)[sources]
    shown = normalize_images(scale_images(images), recipe)
    plain = torch.from_numpy(np.stack([_draw(each) for each in drawn.drawings])[tested])
    total = 2 * options.steps
    other = yield from _train(
        recipe, start, shown[trained_on], labels[sources[trained_on]], options, seed, (0, total)
    )
    with torch.no_grad():
        scores = other(normalize_images(scale_images(plain), recipe))
    right = (scores.argmax(1) == labels[torch.from_numpy(tested)]).float()
    network = yield from _train(
        recipe, start, shown, labels[sources], options, seed, (options.steps, total)
    )
    model = Model(
        network,
        recipe,
        drawn.classes,
        {"test_accuracy": float(right.mean())},
        OwnDataset(str(path), len(drawn.classes)).title.split(".")[0],
        data_sources=start.data_sources if start is not None else (),
    )
    return LearnedClasses(model, float(right.mean()), len(right), _by_writer(drawn, tested))


def _by_writer(drawn: ClassSet, tested: NDArray[np.bool_]) -> bool:
    """Whether nobody drew both for training and for testing."""
    pairs = list(zip(drawn.drawings, tested.tolist(), strict=True))
    return {d.writer for d, out in pairs if out}.isdisjoint(d.writer for d, out in pairs if not out)


def _recipe(drawn: ClassSet, path: Path, start: Model | None) -> Recipe:
    """What the model file says of the network: where it learned, and how it is built."""
    own = OwnDataset(str(path.absolute()), len(drawn.classes))
    if start is None:
        return Recipe(name="my-classes", dataset=own.name, mean=0.1307, std=0.3081)
    return dataclasses.replace(
        start.recipe,
        name="my-classes",
        description="",
        dataset=own.name,
        streamed=0,
        teacher_epochs=0,
    )


def _draw(drawing: ClassDrawing) -> NDArray[np.uint8]:
    """As the canvas's drawings are read: uint8 (28, 28)."""
    return render_drawing([np.array(stroke) for stroke in drawing.strokes])


def _vary_all(
    drawings: tuple[ClassDrawing, ...], options: LearningOptions, seed: int
) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
    """Each drawing as it is, and varied as the same hand might have drawn it.

    Returns:
        uint8 (N, 28, 28), and of each picture the number of its drawing, int64 (N,).
    """
    times = min(max(1, options.pictures // len(drawings)), options.most_variants)
    rng = np.random.default_rng(seed)
    images, sources = [], []
    for number, drawing in enumerate(drawings):
        if number % 10 == 0:
            yield Progress(_("varying your drawings"), number, len(drawings))
        images.append(_draw(drawing))
        strokes = [np.array(stroke) for stroke in drawing.strokes]
        for _time in range(times):
            varied, width = vary(strokes, rng)
            images.append(rasterize(varied, width=width))
        sources += [number] * (times + 1)
    stacked = torch.from_numpy(np.stack(images))
    moved = distort(scale_images(stacked), options.distortion, torch.Generator().manual_seed(seed))
    return moved.mul(255).round().to(torch.uint8).squeeze(1), torch.tensor(sources)


def _train(
    recipe: Recipe,
    start: Model | None,
    images: Tensor,
    labels: Tensor,
    options: LearningOptions,
    seed: int,
    progress: tuple[int, int],
) -> Generator[Progress, None, LeNet5]:
    """A network that learned these; images are float32 (N, 1, 28, 28), normalized."""
    source = torch.Generator().manual_seed(seed)
    network = build(recipe, source)
    assert isinstance(network, LeNet5)
    read: Callable[[Tensor], Tensor] = network
    if start is not None:
        _take_over(network, start.network.state_dict())
        for layer in (network.conv1, network.conv2):
            layer.requires_grad_(False)
        with torch.no_grad():
            images = torch.cat([network.layers(part).pool2 for part in images.split(500)])

        def read(pool2: Tensor) -> Tensor:
            return network.head(pool2)[-1]

    weights = [weight for weight in network.parameters() if weight.requires_grad]
    kind = without_dynamo(torch.optim.AdamW)
    optimizer = kind(weights, options.rate, (0.9, 0.99), weight_decay=0.01, fused=True)
    schedule = OneCycleLR(optimizer, options.rate, total_steps=options.steps + 1, pct_start=0.1)
    done, total = progress
    network.train()
    for step in range(options.steps):
        if step % 10 == 0:
            yield Progress(_("learning your classes"), done + step, total)
        batch = torch.randint(len(labels), (options.batch,), generator=source)
        with torch.enable_grad():
            loss = F.cross_entropy(read(images[batch]), labels[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
        optimizer.step()
        schedule.step()
    return network.requires_grad_(False).eval()


def _take_over(network: LeNet5, weights: dict[str, Tensor]) -> None:
    """All layers but the last one, which has other classes."""
    own = network.state_dict()
    kept = {
        name: value
        for name, value in weights.items()
        if not name.startswith("fc3.") and own[name].shape == value.shape
    }
    network.load_state_dict(own | kept)
