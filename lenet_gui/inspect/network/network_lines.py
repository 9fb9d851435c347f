"""What a unit is connected with in the stages before and after, and how strongly just now.

Knows nothing of where things are painted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from trainer.networks.anatomy import Kind, Region, Stage, Unit, followers, sources

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lenet_gui.inspect.common.inspection import Inspection
    from trainer.networks.model import Model


class Link(NamedTuple):
    """Some neighbouring units of one map that a unit is computed from, or that see it."""

    stage: int
    region: Region  # of one map; of a flat stage, one unit
    product: float | None
    """What they add to the unit's sum, or the unit to theirs; None where that is not one number,
    or nothing is drawn."""


def incoming(inspection: Inspection, unit: Unit) -> list[Link]:
    """What a unit is computed from, a link for each map; none for a unit of the input.

    A convolution's product is its patch times its kernel; of the 1998
    network's outputs it is minus the squared difference that a unit of F6 adds
    to the penalty. Pooling has none.
    """
    if unit.stage == 0:
        return []
    stages = inspection.stages
    region = sources(stages, unit)
    before = unit.stage - 1
    values = inspection.values(before)
    products: list[float] | list[None] = [None] * len(region.maps)
    if values is not None and stages[unit.stage].kind != Kind.POOLING:
        products = _products(inspection, unit, region, values)
    return [
        Link(before, region._replace(maps=(number,)), product)
        for number, product in zip(region.maps, products, strict=True)
    ]


def outgoing(inspection: Inspection, unit: Unit) -> list[Link]:
    """What a unit is seen by in the next stage, a link for each map; none for an output."""
    stages = inspection.stages
    after = unit.stage + 1
    numbers = followers(stages, unit)
    if not numbers:
        return []
    rows, columns = _seen_by(stages[after], unit)
    products: list[float] | list[None] = [None] * len(numbers)
    value = inspection.value(unit)
    if stages[after].flat and value is not None:
        products = _given(inspection, unit, value)
    return [
        Link(after, Region((number,), rows[0], columns[0], rows[1], columns[1]), product)
        for number, product in zip(numbers, products, strict=True)
        if rows[0] < rows[1] and columns[0] < columns[1]
    ]


def _seen_by(following: Stage, unit: Unit) -> tuple[tuple[int, int], tuple[int, int]]:
    """First row and the one after the last, and columns, of the units that see a unit."""
    if following.flat:
        return (0, 1), (0, 1)

    def span(at: int, length: int) -> tuple[int, int]:
        # The window of unit n covers n * stride - padding up to that + window - 1.
        first = -((following.window - 1 - at - following.padding) // following.stride)
        last = (at + following.padding) // following.stride
        return max(0, first), min(length, last + 1)

    _, height, width = following.shape
    return span(unit.y, height), span(unit.x, width)


def _products(
    inspection: Inspection, unit: Unit, region: Region, values: NDArray[np.float32]
) -> list[float]:
    import numpy as np

    stage = inspection.stages[unit.stage]
    weights = _weights(inspection.model)
    if stage.kind == Kind.OUTPUT and weights.bitmaps is not None:
        return [float(d) for d in -((values[:, 0, 0] - weights.bitmaps[unit.map]) ** 2)]
    if stage.kind != Kind.CONVOLUTION:
        of_unit = weights.full[stage.name][unit.map]
        seen = of_unit.reshape(values.shape) * values
        return [float(total) for total in seen.sum((1, 2))]
    kernels = weights.convolutions[stage.name][unit.map]
    top, left = (at * stage.stride - stage.padding for at in (unit.y, unit.x))
    inside = (
        slice(region.top - top, region.bottom - top),
        slice(region.left - left, region.right - left),
    )
    patches = values[:, region.top : region.bottom, region.left : region.right]
    maps = list(region.maps)
    found = np.einsum("myx,myx->m", kernels[maps][:, *inside], patches[maps])
    return [float(total) for total in found]


def _given(inspection: Inspection, unit: Unit, value: float) -> list[float]:
    """What a unit adds to each unit of the full layer after it."""
    after = inspection.stages[unit.stage + 1]
    weights = _weights(inspection.model)
    if after.kind == Kind.OUTPUT and weights.bitmaps is not None:
        return [float(d) for d in -((value - weights.bitmaps[:, unit.map]) ** 2)]
    full = weights.full[after.name]
    shape = inspection.stages[unit.stage].shape
    column = full.reshape(len(full), *shape)[:, unit.map, unit.y, unit.x]
    return [float(product) for product in column * value]


class _Weights(NamedTuple):
    """A network's weights as arrays, by the stage that they make."""

    convolutions: dict[str, NDArray[np.float32]]  # (maps, maps before, 5, 5)
    full: dict[str, NDArray[np.float32]]  # (units, all units before)
    bitmaps: NDArray[np.float32] | None  # (10, 84), of the 1998 network


@lru_cache(maxsize=2)
def _weights(model: Model) -> _Weights:
    from trainer.networks.kernels import kernels
    from trainer.networks.lenet1998 import LeNet1998

    network = model.network
    of_maps = kernels(network)

    def flat(layer: object) -> NDArray[np.float32]:
        found: NDArray[np.float32] = layer.weight.detach().flatten(1).numpy()  # type: ignore[attr-defined]
        return found

    full = {"C5": flat(network.fc1), "F6": flat(network.fc2)}
    bitmaps = None
    if isinstance(network, LeNet1998):
        bitmaps = network.bitmaps.numpy()
    else:
        full["output"] = flat(network.fc3)
    return _Weights({"C1": of_maps.conv1, "C3": of_maps.conv2}, full, bitmaps)
