"""A recipe's optimizer, learning rate schedule and running mean of weights; the one way in which
the networks beside the LeNet, the teacher and the gate, are trained.

Beside PyTorch's optimizers there is the one of LeNet-5's paper, stochastic diagonal
Levenberg-Marquardt (`SDLM`): each weight has a step of its own, the rate over
(damping + curvature), where the curvature is that of the loss along this weight alone.
The paper's appendix C says how it is found, layer by layer from the output, as gradients are.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.grad import conv2d_input, conv2d_weight
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    SequentialLR,
    StepLR,
)
from torch.optim.swa_utils import AveragedModel

from trainer.networks.factory import Network
from trainer.networks.lenet5 import Layers
from trainer.networks.lenet1998 import LeNet1998, Subsampling, TableConvolution, squash_slope
from trainer.progress import Progress
from trainer.recipes.recipe import Recipe
from trainer.runtime.torch_workarounds import without_dynamo

AUXILIARY_BATCH = 256
"""Images of each step of `train_auxiliary`, by which its caller divides them."""
_RATE, _DECAY, _MEMORY = 3e-3, 0.05, 0.998
_STRIDE = 10  # batches between two events

Trained = TypeVar("Trained", bound=nn.Module)


class SDLM(torch.optim.Optimizer):
    """weight -= lr / (damping + curvature) * gradient.

    With gradients summed over a batch, one step is, to first order, the steps
    that the batch's images would make one by one.

    The curvature is part of the state dict.

    Args:
        network: whose weights to train.
        lr: the paper's eta.
        damping: the paper's mu; keeps steps finite where the loss is flat.
    """

    def __init__(self, network: LeNet1998, lr: float, damping: float) -> None:
        self.network = network
        self._divisors: list[Tensor] = []  # damping + curvature, once it is known
        super().__init__(network.parameters(), {"lr": lr, "damping": damping})

    def estimate(self, images: Tensor, rubbish: float | None) -> None:
        """Estimate the curvature, before each epoch, on some hundred images.

        Args:
            images: float, (N, 1, 32, 32).
            rubbish: of the MAP loss; None for the MSE loss.
        """
        for weight, curvature in estimate_curvature(self.network, images, rubbish).items():
            self.state[weight]["curvature"] = curvature
        self._divide()

    def _divide(self) -> None:
        group = self.param_groups[0]
        if all("curvature" in self.state[weight] for weight in group["params"]):
            curvatures = [self.state[weight]["curvature"] for weight in group["params"]]
            self._divisors = [group["damping"] + values for values in curvatures]

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with a `state_dict` of an optimizer for the same network."""
        super().load_state_dict(state_dict)
        self._divide()

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every weight against its gradient.

        Raises:
            RuntimeError: there is no curvature yet.
        """
        if not self._divisors:
            raise RuntimeError("the curvature must be estimated before the first step")
        group = self.param_groups[0]
        weights: list[Tensor] = group["params"]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        torch._foreach_addcdiv_(weights, gradients, self._divisors, value=-group["lr"])


@torch.no_grad()
def estimate_curvature(
    network: LeNet1998, images: Tensor, rubbish: float | None
) -> dict[Tensor, Tensor]:
    """The loss's second derivative along each weight, as the paper approximates it.

    The mean over the images. Squashing is taken as straight at each unit's
    value (Gauss-Newton, so no curvature is negative), and units, like the
    connections that share a weight, as independent of each other.

    Args:
        network: whose weights.
        images: float, (N, 1, 32, 32).
        rubbish: of the MAP loss; None for the MSE loss.

    Returns:
        by weight, of its shape.
    """
    layers = network.layers(images)
    curvatures: dict[Tensor, Tensor] = {}
    # The second derivatives along a layer's values, then along its weighted
    # sums, then along the values of the layer before it.
    values = _output_curvature(network, layers, rubbish) / len(images)
    sums = values * squash_slope(layers.fc2).square()
    values = _through_dense(network.fc2, layers.fc1, sums, curvatures)
    sums = values * squash_slope(layers.fc1).square()
    values = _through_convolution(network.fc1, layers.pool2, sums[..., None, None], curvatures)
    sums = values * squash_slope(layers.pool2).square()
    values = _through_subsampling(network.pool2, layers.conv2_active, sums, curvatures)
    sums = values * squash_slope(layers.conv2_active).square()
    values = _through_convolution(network.conv2, layers.pool1, sums, curvatures)
    sums = values * squash_slope(layers.pool1).square()
    values = _through_subsampling(network.pool1, layers.conv1_active, sums, curvatures)
    sums = values * squash_slope(layers.conv1_active).square()
    _through_convolution(network.conv1, images, sums, curvatures)
    return curvatures


def _output_curvature(network: LeNet1998, layers: Layers, rubbish: float | None) -> Tensor:
    """Each image's loss along each unit of F6, (N, 84): exact, and never negative.

    The right digit's penalty has curvature 2. MAP takes from it the other
    digits' by their shares of belief, and adds four times the variance, over
    all classes, of the distance from the unit to the class's pixel (the rubbish
    class, which looks at no unit, has distance 0).
    """
    if rubbish is None:
        return torch.full_like(layers.fc2, 2.0)
    shares = F.pad(layers.logits, (0, 1), value=-rubbish).softmax(1)
    distances = F.pad(layers.fc2[:, None] - network.bitmaps, (0, 0, 0, 1))
    from_mean = distances - torch.einsum("nc,ncu->nu", shares, distances)[:, None]
    variance = torch.einsum("nc,ncu->nu", shares, from_mean.square())
    return 2 * shares[:, -1:] + 4 * variance


def _through_dense(
    layer: nn.Linear, inputs: Tensor, sums: Tensor, curvatures: dict[Tensor, Tensor]
) -> Tensor:
    """From a layer's weighted sums (N, outputs) to its weights, `curvatures`, and its inputs."""
    curvatures[layer.weight] = sums.T @ inputs.square()
    curvatures[layer.bias] = sums.sum(0)
    return sums @ layer.weight.square()


def _through_convolution(
    layer: nn.Conv2d | TableConvolution,
    inputs: Tensor,
    sums: Tensor,
    curvatures: dict[Tensor, Tensor],
) -> Tensor:
    """From a layer's weighted sums (N, maps, h, w) to its weights, `curvatures`, and its inputs."""
    weight = layer.dense() if isinstance(layer, TableConvolution) else layer.weight
    along = conv2d_weight(inputs.square(), weight.shape, sums)
    if isinstance(layer, TableConvolution):
        along = layer.of_connections(along)
    curvatures[layer.weight] = along
    assert layer.bias is not None
    curvatures[layer.bias] = sums.sum((0, 2, 3))
    before: Tensor = conv2d_input(inputs.shape, weight.square(), sums)
    return before


def _through_subsampling(
    layer: Subsampling, inputs: Tensor, sums: Tensor, curvatures: dict[Tensor, Tensor]
) -> Tensor:
    """From a layer's weighted sums (N, maps, h, w) to its weights, `curvatures`, and its inputs.

    Each of the four inputs has a connection of its own, of the same weight.
    """
    squares = F.avg_pool2d(inputs.square(), 2, divisor_override=1)
    curvatures[layer.weight] = (sums * squares).sum((0, 2, 3))
    curvatures[layer.bias] = sums.sum((0, 2, 3))
    along = sums * layer.weight.square()[:, None, None]
    return along.repeat_interleave(2, 2).repeat_interleave(2, 3)


def build_optimizer(network: Network, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimizer for all of the network's weights."""
    if recipe.optimizer == "sdlm":
        assert isinstance(network, LeNet1998)  # a recipe is checked for that
        return without_dynamo(SDLM)(network, recipe.learning_rate, recipe.damping)
    weights, rate, decay = network.parameters(), recipe.learning_rate, recipe.weight_decay
    if recipe.optimizer == "sgd":
        return without_dynamo(torch.optim.SGD)(weights, rate, recipe.momentum, weight_decay=decay)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    betas = (recipe.momentum, recipe.beta2)
    # One kernel for all weights where there is one: the step costs a quarter.
    fused = next(network.parameters()).device.type in ("cpu", "cuda")
    return without_dynamo(kind)(weights, rate, betas, weight_decay=decay, fused=fused)


def build_schedule(
    optimizer: torch.optim.Optimizer, recipe: Recipe, steps_per_epoch: int
) -> LRScheduler:
    """The learning rate batch by batch: an optional rise, then what the recipe says."""
    steps = steps_per_epoch * recipe.epochs
    warmup = round(steps * recipe.warmup)
    main = _main_schedule(optimizer, recipe, steps - warmup, steps_per_epoch)
    if not warmup:
        return main
    rise = LinearLR(optimizer, start_factor=0.01, total_iters=warmup)
    return SequentialLR(optimizer, [rise, main], milestones=[warmup])


def _main_schedule(
    optimizer: torch.optim.Optimizer, recipe: Recipe, steps: int, steps_per_epoch: int
) -> LRScheduler:
    """PyTorch's own schedule of the recipe's name, over `steps` batches."""
    if recipe.schedule == "cosine":
        return CosineAnnealingLR(optimizer, T_max=max(1, steps))
    if recipe.schedule == "step":
        return StepLR(optimizer, recipe.step_epochs * steps_per_epoch, recipe.step_factor)
    if recipe.schedule == "one_cycle":
        # One more than there are: it is asked for the next rate after the last one too.
        return OneCycleLR(
            optimizer,
            recipe.learning_rate,
            total_steps=max(2, steps + 1),
            cycle_momentum=recipe.optimizer != "sdlm",  # which has none
        )
    if recipe.schedule == "table":
        return LambdaLR(
            optimizer,
            lambda step: (
                learning_rate_at(recipe, step // steps_per_epoch + 1) / recipe.learning_rate
            ),
        )
    return ConstantLR(optimizer, factor=1.0, total_iters=0)


def learning_rate_at(recipe: Recipe, epoch: int) -> float:
    """What a recipe's table of learning rates says for an epoch, from 1."""
    return [rate for first, rate in recipe.rates if first <= epoch][-1]


def build_running_mean(network: Network, recipe: Recipe) -> RunningMean | None:
    """The running mean of the network's weights, or None where the recipe wants none."""
    return RunningMean(network, recipe.weight_average) if recipe.weight_average else None


class RunningMean(AveragedModel):
    """The running mean of a network's weights, and of what its normalisation has counted.

    PyTorch's, but without its long memory of the first weights: the decay rises
    as (1 + n) / (10 + n) to `decay`, so that a short run's mean is not mostly
    its initial weights. And without its waiting: it asks a GPU how many weights
    it has seen, and so lets it run dry after every step; here the CPU counts.

    Args:
        network: on any device; `module` is its mean, there as well.
        decay: 0 to 1.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        super().__init__(network, use_buffers=True)
        self._decay = decay

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Take in the network's weights of now."""
        n = int(self.n_averaged)
        means = [*self.module.parameters(), *self.module.buffers()]
        values = [*model.parameters(), *model.buffers()]
        for mean, now in zip(means, values, strict=True):
            if not n or not mean.is_floating_point():  # batches that were seen: no mean of it
                mean.copy_(now)
        if n:
            torch._foreach_lerp_(
                [mean for mean in means if mean.is_floating_point()],
                [value for value in values if value.is_floating_point()],
                1 - min(self._decay, (1 + n) / (10 + n)),
            )
        self.n_averaged += 1


def train_auxiliary(
    network: Trained,
    compute_loss: Callable[[Tensor, Tensor], Tensor],
    batches: Iterable[tuple[Tensor, Tensor]],
    steps: int,
    what: str,
) -> Generator[Progress, None, Trained]:
    """Train a network that is no recipe's: AdamW, one cycle of the rate, a running mean.

    Args:
        network: on the device of its batches.
        compute_loss: the mean over a batch's images and targets.
        batches: `steps` of them; each is made when it is its turn.
        steps: at least 2.
        what: of the progress, for people.

    Returns:
        (of the generator) the running mean, in evaluation mode, its weights frozen.
    """
    mean = RunningMean(network, _MEMORY)
    optimizer = torch.optim.AdamW(network.parameters(), _RATE, (0.9, 0.99), weight_decay=_DECAY)
    schedule = OneCycleLR(optimizer, _RATE, total_steps=steps + 1, pct_start=0.1)
    for done, (images, targets) in enumerate(batches):
        if done % _STRIDE == 0:
            yield Progress(what, done, steps)
        loss = compute_loss(images, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        mean.update_parameters(network)
    trained = mean.module
    assert isinstance(trained, type(network))
    return trained.eval().requires_grad_(False)
