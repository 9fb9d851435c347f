"""A network's structure: its stages, and the units that each unit is computed from.

For display and explanation, of the modern layout and the paper's alike. Knows nothing of
values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from trainer.networks.factory import Network
from trainer.networks.lenet1998 import C3_TABLE, LeNet1998
from trainer.translation import gettext as _


class Kind(StrEnum):
    """What a stage computes."""

    INPUT = "input"
    CONVOLUTION = "convolution"
    POOLING = "pooling"  # in the 1998 network, subsampling with weights
    FULL = "full"  # every unit sees every unit before it
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the eight stages of a network.

    A unit's value comes from a window of `window` x `window` units in each of
    the maps that its map sees in the stage before. The windows of neighbors
    are `stride` apart and begin `padding` units outside the map; what lies
    outside counts as 0.
    """

    name: str  # the paper's: input, C1, S2, C3, S4, C5, F6, output
    kind: Kind
    sums: str  # its values before the activation, by name in `lenet5.Layers`; "input"
    active: str  # and after it, which the next stage sees
    shape: tuple[int, int, int]  # maps, height, width; (units, 1, 1) for C5, F6 and output
    window: int = 1
    stride: int = 1
    padding: int = 0
    sees: tuple[tuple[int, ...], ...] = ()  # for each map, maps of the stage before; () for input

    @property
    def flat(self) -> bool:
        """Whether its maps are single units."""
        return self.shape[1:] == (1, 1)


class Unit(NamedTuple):
    """One unit of a network; of a flat stage, `map` is the unit and y and x are 0."""

    stage: int  # 0 for the input, 7 for the output
    map: int
    y: int
    x: int


class Region(NamedTuple):
    """A rectangle in some maps of a stage; `bottom` and `right` are the first outside."""

    maps: tuple[int, ...]
    top: int
    left: int
    bottom: int
    right: int


def list_stages(network: Network) -> tuple[Stage, ...]:
    """The network's eight stages, from the input to the output."""
    if isinstance(network, LeNet1998):
        return _stages((1, 32, 32), 0, C3_TABLE, 10)
    table = (tuple(range(6)),) * 16
    return _stages(network.shape, network.padding, table, network.fc3.out_features)


@cache  # asked for with every reading; the same ones are soon compared
def _stages(
    shape: tuple[int, int, int], padding: int, table: tuple[tuple[int, ...], ...], classes: int
) -> tuple[Stage, ...]:
    first = shape[1] + 2 * padding - 4
    second = first // 2 - 4
    last = second // 2
    own = tuple((number,) for number in range(16))  # a map of pooling sees its own alone
    kind = Kind
    return (
        Stage("input", kind.INPUT, "input", "input", shape),
        Stage("C1", kind.CONVOLUTION, "conv1", "conv1_active", (6, first, first),
              window=5, padding=padding, sees=_all_of(shape[0], 6)),
        Stage("S2", kind.POOLING, "pool1_sums", "pool1", (6, first // 2, first // 2),
              window=2, stride=2, sees=own[:6]),
        Stage("C3", kind.CONVOLUTION, "conv2", "conv2_active", (16, second, second),
              window=5, sees=table),
        Stage("S4", kind.POOLING, "pool2_sums", "pool2", (16, last, last),
              window=2, stride=2, sees=own),
        # C5's window is all of S4: a convolution in the paper, a full layer for one image.
        Stage("C5", kind.FULL, "fc1_sums", "fc1", (120, 1, 1),
              window=last, sees=_all_of(16, 120)),
        Stage("F6", kind.FULL, "fc2_sums", "fc2", (84, 1, 1), sees=_all_of(120, 84)),
        Stage("output", kind.OUTPUT, "logits", "logits", (classes, 1, 1),
              sees=_all_of(84, classes)),
    )  # fmt: skip


def _all_of(inputs: int, maps: int) -> tuple[tuple[int, ...], ...]:
    """A table in which each map sees all maps of the previous stage."""
    return (tuple(range(inputs)),) * maps


def parse_unit(stages: tuple[Stage, ...], text: str) -> Unit:
    """Parse a unit such as "C3,5,6,6": stage, map, row and column, from 1.

    Of a flat stage, "F6,12" is enough.

    Raises:
        ValueError: there is no such unit; the message says which there are.
    """
    name, *counted = text.split(",")
    numbers = {stage.name.lower(): n for n, stage in enumerate(stages)}
    if name.strip().lower() not in numbers:
        raise ValueError(
            _("there is no layer {name!r}: choose {names}").format(
                name=name, names=", ".join(stage.name for stage in stages)
            )
        )
    stage = stages[numbers[name.strip().lower()]]
    if stage.flat:
        counted = [*counted[:1], "1", "1"]
    places = [int(n) - 1 if n.strip().isdecimal() else -1 for n in counted]
    fits = len(places) == 3 and all(
        0 <= n < size for n, size in zip(places, stage.shape, strict=True)
    )
    if not fits:
        sizes = " x ".join(map(str, stage.shape[:1] if stage.flat else stage.shape))
        raise ValueError(
            _("{text!r} is no unit of {layer}, which has {sizes}").format(
                text=text, layer=stage.name, sizes=sizes
            )
        )
    return Unit(numbers[stage.name.lower()], *places)


def find_sources(stages: tuple[Stage, ...], unit: Unit) -> Region:
    """The units of the previous stage that a unit is computed from, without those of the padding.

    Raises:
        ValueError: a unit of the input, which is computed from nothing.
    """
    stage = stages[unit.stage]
    if stage.kind == Kind.INPUT:
        raise ValueError("the input's units are computed from nothing")
    top, left = (at * stage.stride - stage.padding for at in (unit.y, unit.x))
    box = (top, left, top + stage.window, left + stage.window)
    return _clip(stages[unit.stage - 1], stage.sees[unit.map], *box)


def find_receptive_fields(stages: tuple[Stage, ...], unit: Unit) -> dict[int, Region]:
    """A unit's receptive field in each earlier stage, by the stage's number.

    The field is exact: every unit in it can change the unit's value, and none
    outside can, but for weights that happen to be 0 and activations that
    happen to be flat.
    """
    fields: dict[int, Region] = {}
    region = Region((unit.map,), unit.y, unit.x, unit.y + 1, unit.x + 1)
    for number in range(unit.stage, 0, -1):
        stage = stages[number]
        maps = sorted({source for map_ in region.maps for source in stage.sees[map_]})
        stride, padding = stage.stride, stage.padding
        region = _clip(
            stages[number - 1],
            tuple(maps),
            region.top * stride - padding,
            region.left * stride - padding,
            (region.bottom - 1) * stride - padding + stage.window,
            (region.right - 1) * stride - padding + stage.window,
        )
        fields[number - 1] = region
    return fields


def find_followers(stages: tuple[Stage, ...], unit: Unit) -> tuple[int, ...]:
    """The maps of the next stage that see a unit's map; none after the output."""
    if unit.stage + 1 >= len(stages):
        return ()
    following = stages[unit.stage + 1]
    return tuple(n for n, inputs in enumerate(following.sees) if unit.map in inputs)


def _clip(
    stage: Stage, maps: tuple[int, ...], top: int, left: int, bottom: int, right: int
) -> Region:
    height, width = stage.shape[1:]
    return Region(maps, max(0, top), max(0, left), min(height, bottom), min(width, right))
