"""How a network's values become colors: which colors, and from which value to which.

Kernels as the shading asks for them: trained, as they began, or what training changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.widgets import colormap
from lenet_gui.widgets.colormap import apply_table, diverging_table
from trainer.inspect.weights import load_initial_network
from trainer.networks.anatomy import Kind, Stage, Unit
from trainer.networks.kernels import Kernels, collect_kernels, incoming_weights
from trainer.networks.model import Model
from trainer.reading.predict import Prediction
from trainer.translation import N_

COLORS = ("viridis", "gray", "diverging")
SCALES = ("map", "layer", "network", "fixed")
KERNELS = ("trained", "initial", "change")

FIXED = {
    "relu": (0.0, 5.0),
    "leaky_relu": (-1.0, 5.0),
    "elu": (-1.0, 5.0),
    "gelu": (-1.0, 5.0),
    "silu": (-1.0, 5.0),
    "none": (-5.0, 5.0),
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
}
"""The fixed scale of values after an activation.

Of those that end somewhere it is their whole range; the others go to 5, beyond
which a trained network's values are rare.
"""
SUMS = (-5.0, 5.0)
"""The fixed scale of values before any activation: beyond it, those that bend at all are flat."""
SQUASHED = (-1.7159, 1.7159)
"""The fixed scale of the 1998 network's values: its scaled tanh's range."""
LOGITS, PENALTIES = (-20.0, 20.0), (-200.0, 0.0)
"""The fixed scales of today's outputs, and of the 1998 network's, which are minus its penalties."""

CHOICES: dict[str, tuple[str, tuple[tuple[Any, str, str], ...]]] = {
    "colors": (
        N_("Colors"),
        (
            ("viridis", N_("Viridis"), N_("from blue, low, over green to yellow, high")),
            ("gray", N_("Gray"), N_("from black, low, to white, high")),
            (
                "diverging",
                N_("Blue to orange"),
                N_("blue below zero, orange above, zero as the ground"),
            ),
        ),
    ),
    "scale": (
        N_("Scale of the colors"),
        (
            ("map", N_("Each map"), N_("from a map's own lowest value to its highest")),
            (
                "layer",
                N_("Each layer"),
                N_("from the lowest value of all maps of a layer to the highest"),
            ),
            ("network", N_("All layers"), N_("from the lowest value of C1 to F6 to the highest")),
            ("fixed", N_("Fixed"), N_("the activation's range, or to 5 where it has no end")),
        ),
    ),
    "before": (
        N_("Which values"),
        (
            (False, N_("Activations"), N_("what the next layer sees")),
            (True, N_("Sums"), N_("what a unit adds up, before its activation")),
        ),
    ),
    "kernels": (
        N_("Which kernels"),
        (
            ("trained", N_("Kernels: trained"), N_("as they are now")),
            ("initial", N_("Kernels: initial"), N_("as they were before the (first) training")),
            ("change", N_("Kernels: change"), N_("what the training has added to them")),
        ),
    ),
}
"""For each field of `Shading` that is chosen: its title, and of each value what it is called."""


@dataclass(frozen=True, slots=True)
class Shading:
    """What the bar above the network's picture has chosen."""

    colors: str = "viridis"  # one of `COLORS`
    scale: str = "layer"  # one of `SCALES`: over what the lowest and highest value are taken
    before: bool = False  # the activation
    kernels: str = "trained"  # one of `KERNELS`: see `shading.find_shown_kernels`
    dark: bool = False  # the ground, on which the diverging colors' zero is not seen

    def __post_init__(self) -> None:
        for name, allowed in (("colors", COLORS), ("scale", SCALES), ("kernels", KERNELS)):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it must be one of {allowed}")

    @property
    def table(self) -> list[int]:
        """256 colors, as Qt's numbers, from the lowest value to the highest."""
        if self.colors == "diverging":
            return diverging_table(self.dark)
        return colormap.color_table(self.colors)

    def ranges(self, inspection: Inspection, stage: int) -> NDArray[np.float32]:
        """Lowest and highest value of the colors, for each map of a stage.

        By scale: "map" takes the map's own, "layer" the stage's, "network"
        those of C1 to F6 together, and "fixed" the same at all times. A single
        unit has no range of its own, and the input and the outputs are no
        activations: C5, F6 and output by map are taken as a layer, and input
        and output over the network too. Diverging colors reach as far below
        zero as above it.

        Returns:
            float32, (maps, 2).

        Raises:
            ValueError: nothing is drawn.
        """
        ranges = self._ranges(inspection, stage)
        return np.broadcast_to(ranges, (inspection.stages[stage].shape[0], 2)).copy()

    def _ranges(self, inspection: Inspection, stage: int) -> NDArray[np.float32]:
        """As `ranges`, (maps, 2), or (1, 2) where all maps have one range."""
        values = self._find_ranges(inspection, stage)
        if self.colors != "diverging":
            return values

        limit = np.abs(values).max(1)
        return np.stack((-limit, limit), 1)

    def _find_ranges(self, inspection: Inspection, stage: int) -> NDArray[np.float32]:
        """The same, not yet symmetric around zero."""
        layer = inspection.stages[stage]
        values = inspection.values(stage, self.before)
        if values is None or inspection.prediction is None:
            raise ValueError("nothing is drawn, so there are no values")
        if self.scale == "fixed":
            low, high = fixed_range(inspection.model, layer, self.before)
        elif self.scale == "map" and not layer.flat:
            flat = values.reshape(len(values), -1)
            return np.stack((flat.min(1), flat.max(1)), 1)
        elif self.scale == "network" and layer.kind not in (Kind.INPUT, Kind.OUTPUT):
            low, high = _over_all(inspection.prediction, inspection.stages, self.before)
        else:
            every = values.reshape(-1)
            return every[[every.argmin(), every.argmax()]][None]

        return np.array([[low, high]], np.float32)

    def levels(self, inspection: Inspection, stage: int) -> NDArray[np.uint8]:
        """A stage's values as places in `table`: uint8, (maps, height, width).

        Raises:
            ValueError: nothing is drawn.
        """
        values = inspection.values(stage, self.before)
        if values is None:
            raise ValueError("nothing is drawn, so there are no values")
        return to_levels(values, self._ranges(inspection, stage))

    def image(self, inspection: Inspection, stage: int) -> QImage:
        """All maps of a stage below one another, RGB32: width w, height maps * h.

        A flat stage is one pixel wide and has a row for each unit.

        Raises:
            ValueError: nothing is drawn.
        """
        return apply_table(self.levels(inspection, stage), self.table)


def to_levels(values: NDArray[np.float32], ranges: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Values (maps, h, w) as 0 to 255 between each map's `ranges` (maps, 2); what is beyond, at it.

    Of one range alone, all maps have it. Where lowest and highest are the same, all is the lowest.
    """
    # Nothing of numpy's is imported: that would take as long as a stage of few values.
    low = ranges[:, :1, None]
    wide = ranges[:, 1:, None] - low
    wide[wide <= 0] = float("inf")
    shares: NDArray[np.float32] = (values - low) / wide
    shares *= 255
    shares += 0.5
    return shares.clip(0, 255, out=shares).astype("uint8")


def fixed_range(model: Model, stage: Stage, before: bool) -> tuple[float, float]:
    """The same lowest and highest value at all times, for the scale "fixed".

    Args:
        model: whose network the stage is of.
        stage: one of its anatomy's.
        before: the activation.
    """
    recipe = model.recipe
    paper = recipe.network == "lenet5-1998"
    if stage.kind == Kind.INPUT:
        low, high = sorted(((0 - recipe.mean) / recipe.std, (1 - recipe.mean) / recipe.std))
        return low, high
    if stage.kind == Kind.OUTPUT:
        return PENALTIES if paper else LOGITS
    # Today's pooling has no activation: its sums are the values of the one before it.
    if before and (paper or stage.kind != Kind.POOLING):
        return SUMS
    return SQUASHED if paper else FIXED[activation(model, stage)]


def activation(model: Model, stage: Stage) -> str:
    """The activation that a stage's values went through: a key of `FIXED`, or "squash".

    "none" for the input and the outputs, and "squash" for the 1998 network's scaled tanh.
    """
    recipe = model.recipe
    if stage.kind in (Kind.INPUT, Kind.OUTPUT):
        return "none"
    if recipe.network == "lenet5-1998":
        return "squash"
    if stage.kind == Kind.FULL and recipe.hidden_activation != "same":
        return recipe.hidden_activation
    return recipe.activation


@lru_cache(maxsize=4)
def _over_all(
    prediction: Prediction, stages: tuple[Stage, ...], before: bool
) -> tuple[float, float]:
    """The lowest and highest value of C1 to F6; kept, as each stage asks for it."""
    inner = [stage for stage in stages if stage.kind not in (Kind.INPUT, Kind.OUTPUT)]
    maps = [prediction.maps[stage.sums if before else stage.active].values for stage in inner]
    return min(float(each.min()) for each in maps), max(float(each.max()) for each in maps)


def find_shown_kernels(inspection: Inspection, shading: Shading) -> Kernels | None:
    """The kernels to show; None where those of the start are asked for and can't be known."""
    return _kernels(inspection.model, shading.kernels)


def has_initial_weights(model: Model) -> bool:
    """Whether the weights that a network's training began with can be known; kept, once found."""
    return load_initial_network(model) is not None


@lru_cache(maxsize=12)
def _kernels(model: Model, which: str) -> Kernels | None:
    """Of a model, which stays as it is; drawing the first weights takes about 2 ms, once."""
    trained = collect_kernels(model.network)
    if which == "trained":
        return trained
    start = load_initial_network(model)
    if start is None:
        return None
    began = collect_kernels(start)
    if which == "initial":
        return began
    return Kernels(trained.conv1 - began.conv1, trained.conv2 - began.conv2)


def find_incoming_weights(
    model: Model, stages: tuple[Stage, ...], unit: Unit, which: str
) -> tuple[NDArray[np.float32] | None, float]:
    """What a unit multiplies the stage before with, and the largest magnitude of its like.

    Args:
        model: on the CPU.
        stages: its network's anatomy.
        unit: of any stage but the input.
        which: "trained", "initial" or "change".

    Returns:
        What `trainer.networks.kernels.incoming_weights` returns; None where there are no weights,
        or the initial ones are asked for and not known. The magnitude is that of all kernels of
        a convolution's layer, else of the unit's own weights.
    """
    values = incoming_weights(model.network, stages, unit)
    if values is not None and which != "trained":
        start = load_initial_network(model)
        began = None if start is None else incoming_weights(start, stages, unit)
        values = began if began is None or which == "initial" else values - began
    if values is None:
        return None, 1.0
    layer = {1: "conv1", 3: "conv2"}.get(unit.stage)
    whole = _kernels(model, which) if layer else None
    return values, color_limit(values if whole is None or layer is None else getattr(whole, layer))


def color_limit(kernels: NDArray[np.float32]) -> float:
    """The largest magnitude, to which the colors of a layer's kernels go; above 0."""
    return max(float(np.nanmax(np.abs(kernels))), 1e-9)


def render_kernel(kernel: NDArray[np.float32], limit: float, dark: bool) -> QImage | None:
    """A kernel in colors, RGB32, one pixel a weight.

    Zero has the ground's color, below it is blue and above it orange; a kernel
    that sees three colors shows them, around gray.

    Args:
        kernel: float32, (1, h, w) or (3, h, w).
        limit: the weight that gets the strongest color.
        dark: the ground.

    Returns:
        None where there is no such connection: its weights are NaN.
    """
    if np.isnan(kernel).any():
        return None
    levels = np.clip(np.round((kernel / limit + 1) * 127.5), 0, 255).astype(np.uint8)
    if len(levels) == 1:
        return apply_table(levels, diverging_table(dark))
    _, height, width = levels.shape
    data = np.ascontiguousarray(levels.transpose(1, 2, 0)).tobytes()
    image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
