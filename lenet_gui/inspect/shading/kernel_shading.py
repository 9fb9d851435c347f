"""Kernels as the shading asks for them: trained, as they began, or what training changed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from lenet_gui.draw.kernels_view import diverging
from lenet_gui.widgets.colormap import picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lenet_gui.inspect.common.inspection import Inspection
    from lenet_gui.inspect.shading.values import Shading
    from trainer.networks.anatomy import Stage, Unit
    from trainer.networks.kernels import Kernels
    from trainer.networks.model import Model


def shown_kernels(inspection: Inspection, shading: Shading) -> Kernels | None:
    """The kernels to show; None where those of the start are asked for and can't be known."""
    return _kernels(inspection.model, shading.kernels)


def initial_known(model: Model) -> bool:
    """Whether the weights that a network's training began with can be known; kept, once found."""
    from trainer.inspect.weights import initial

    return initial(model) is not None


@lru_cache(maxsize=12)
def _kernels(model: Model, which: str) -> Kernels | None:
    """Of a model, which stays as it is; drawing the first weights takes about 2 ms, once."""
    from trainer.inspect.weights import initial
    from trainer.networks.kernels import Kernels, kernels

    trained = kernels(model.network)
    if which == "trained":
        return trained
    start = initial(model)
    if start is None:
        return None
    began = kernels(start)
    if which == "initial":
        return began
    return Kernels(trained.conv1 - began.conv1, trained.conv2 - began.conv2)


def shown_incoming(
    model: Model, stages: tuple[Stage, ...], unit: Unit, which: str
) -> tuple[NDArray[np.float32] | None, float]:
    """What a unit multiplies the stage before with, and the largest magnitude of its like.

    Args:
        model: on the CPU.
        stages: its network's anatomy.
        unit: of any stage but the input.
        which: "trained", "initial" or "change".

    Returns:
        `trainer.kernels.incoming`; None where there are no weights, or those of
        the start are asked for and can't be known. The magnitude is that of
        all kernels of a convolution's layer, else of the unit's own weights.
    """
    from trainer.inspect.weights import initial
    from trainer.networks.kernels import incoming

    values = incoming(model.network, stages, unit)
    if values is not None and which != "trained":
        start = initial(model)
        began = None if start is None else incoming(start, stages, unit)
        values = began if began is None or which == "initial" else values - began
    if values is None:
        return None, 1.0
    layer = {1: "conv1", 3: "conv2"}.get(unit.stage)
    whole = _kernels(model, which) if layer else None
    return values, limit(values if whole is None or layer is None else getattr(whole, layer))


def limit(kernels: NDArray[np.float32]) -> float:
    """The largest magnitude, to which the colours of a layer's kernels go; above 0."""
    import numpy as np

    return max(float(np.nanmax(np.abs(kernels))), 1e-9)


def kernel_picture(kernel: NDArray[np.float32], limit: float, dark: bool) -> QImage | None:
    """A kernel in colours, RGB32, one pixel a weight.

    Zero has the ground's colour, below it is blue and above it orange; a kernel
    that sees three colours shows them, around grey.

    Args:
        kernel: float32, (1, h, w) or (3, h, w).
        limit: the weight that gets the strongest colour.
        dark: the ground.

    Returns:
        None where there is no such connection: its weights are NaN.
    """
    import numpy as np

    if np.isnan(kernel).any():
        return None
    levels = np.clip(np.round((kernel / limit + 1) * 127.5), 0, 255).astype(np.uint8)
    if len(levels) == 1:
        return picture(levels, diverging(dark))
    _, height, width = levels.shape
    data = np.ascontiguousarray(levels.transpose(1, 2, 0)).tobytes()
    image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)
