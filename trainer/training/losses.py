"""The losses of recipes, and the teacher network that a LeNet can learn from beside the labels.

The teacher predicts probabilities for each distorted image that the LeNet is trained on, and the
LeNet learns to imitate them: Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural
Network", 2015. The teacher is discarded afterwards: the LeNet stays as small as it was.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Generator, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.data.augment import distort
from trainer.data.labelled_images import LabelledImages
from trainer.networks.factory import input_shape, normalize_images, scale_images
from trainer.networks.gate import convolution_block, fast_arithmetic, fuse_batch_norm, initialize
from trainer.networks.lenet1998 import map_loss, mse_loss
from trainer.progress import Progress
from trainer.recipes.recipe import Recipe
from trainer.training.optimizers import AUXILIARY_BATCH, train_auxiliary
from trainer.translation import gettext as _

_SMOOTHING = 0.05  # some labels are wrong


class Teacher(nn.Module):
    """Five 3x3 convolutions with batch normalisation; 150,000 parameters for 28x28 images.

    Args:
        classes: how many.
        shape: channels, height and width of the images.
        generator: source of the initial weights; torch's global one if None.
    """

    def __init__(
        self,
        classes: int,
        shape: tuple[int, int, int] = (1, 28, 28),
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        side = shape[1] // 8  # of the last maps
        self.layers = nn.Sequential(
            *convolution_block(shape[0], 32),  # (N, 32, 28, 28), for images of 28x28
            *convolution_block(32, 32),
            nn.MaxPool2d(2),  # (N, 32, 14, 14)
            *convolution_block(32, 64),
            *convolution_block(64, 64),
            nn.MaxPool2d(2),  # (N, 64, 7, 7)
            *convolution_block(64, 128),
            nn.MaxPool2d(2),  # (N, 128, 3, 3)
            nn.Flatten(),
            nn.Linear(128 * side * side, classes),
        ).to(memory_format=torch.channels_last)
        initialize(self.layers, generator)

    def forward(self, images: Tensor) -> Tensor:
        """Logits, float32 (N, classes), for normalized float images (N, *shape)."""
        images = images.to(memory_format=torch.channels_last)
        with fast_arithmetic(images.device):
            logits: Tensor = self.layers(images)
        return logits.float()


def prepare_for_inference(teacher: Teacher) -> Teacher:
    """A frozen copy of a teacher, with its batch norms fused into the convolutions."""
    copied = copy.deepcopy(teacher)
    copied.layers = fuse_batch_norm(copied.layers)
    return copied.eval().requires_grad_(False)


def train_teacher(recipe: Recipe, training: LabelledImages) -> Generator[Progress, None, Teacher]:
    """Train a teacher for `recipe.teacher_epochs` passes, with the recipe's distortion.

    Args:
        recipe: its seed decides all.
        training: on the device on which the teacher is to be.

    Returns:
        (of the generator) the teacher, in evaluation mode, its weights frozen.
    """
    device = training.images.device
    source = torch.Generator().manual_seed(recipe.seed)
    network = Teacher(len(training.classes), input_shape(recipe), source).to(device)
    generator = torch.Generator(device).manual_seed(recipe.seed)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        for _epoch in range(recipe.teacher_epochs):
            order = torch.randperm(len(training), device=device, generator=generator)
            for index in order.split(AUXILIARY_BATCH):
                yield training.images[index], training.labels[index]

    def compute_loss(images: Tensor, labels: Tensor) -> Tensor:
        distorted = distort(scale_images(images), recipe.augmentation, generator)
        logits = network(normalize_images(distorted, recipe))
        return F.cross_entropy(logits, labels, label_smoothing=_SMOOTHING)

    steps = math.ceil(len(training) / AUXILIARY_BATCH) * recipe.teacher_epochs
    what = _("training the teacher")
    return (yield from train_auxiliary(network, compute_loss, batches(), steps, what))


def distillation_loss(
    logits: Tensor, labels: Tensor, teacher_logits: Tensor, recipe: Recipe
) -> Tensor:
    """The labels' cross-entropy, mixed with the divergence from the teacher's probabilities.

    Args:
        logits: the LeNet's, (N, classes).
        labels: int64, (N,).
        teacher_logits: the teacher's for the same images, (N, classes).
        recipe: `distillation` is the teacher's share, `softness` the
            temperature at which both are compared.
    """
    label_loss = F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
    temperature = recipe.softness
    teacher_loss = F.kl_div(
        (logits / temperature).log_softmax(1),
        (teacher_logits / temperature).softmax(1),
        reduction="batchmean",
    )
    return torch.lerp(label_loss, teacher_loss * temperature * temperature, recipe.distillation)


_LOSSES: dict[str, Callable[[Tensor, Tensor, Recipe], Tensor]] = {
    "cross_entropy": lambda logits, labels, recipe: F.cross_entropy(
        logits, labels, label_smoothing=recipe.label_smoothing
    ),
    "map": lambda logits, labels, recipe: map_loss(logits, labels, recipe.rubbish),
    "mse": lambda logits, labels, recipe: mse_loss(logits, labels),
}


def recipe_loss(logits: Tensor, labels: Tensor, recipe: Recipe) -> Tensor:
    """The recipe's loss, the mean over a batch.

    Cross-entropy of logits is the negative log-likelihood of their log-softmax,
    so this is the loss of sources that write these two.

    Args:
        logits: float, (N, classes); minus the penalties for the network of 1998.
        labels: int64, (N,).
        recipe: whose `loss`, `label_smoothing` and `rubbish` are used.
    """
    return _LOSSES[recipe.loss](logits, labels, recipe)
