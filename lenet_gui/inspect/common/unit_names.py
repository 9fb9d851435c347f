"""What a map and a unit are called, counted from 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.networks.anatomy import Stage, Unit

_CHANNELS = ("red", "green", "blue")


def map_name(stage: Stage, number: int, classes: tuple[str, ...] = ()) -> str:
    """Such as "C3, map 5" or "F6, unit 12".

    Args:
        stage: of the anatomy.
        number: of the map, from 0.
        classes: the network's, by which its outputs are called.
    """
    if stage.name == "input":
        return "input" if stage.shape[0] == 1 else f"input, {_CHANNELS[number]}"
    if stage.name == "output" and classes:
        return f"output, {classes[number]}"
    return f"{stage.name}, {'unit' if stage.flat else 'map'} {number + 1}"


def map_label(stage: Stage, number: int) -> str:
    """Where the stage is known already: "map 5", or "red"."""
    return _CHANNELS[number] if stage.shape[0] == 3 else f"map {number + 1}"


def unit_name(stage: Stage, unit: Unit, classes: tuple[str, ...] = ()) -> str:
    """Such as "C3, map 5, row 2, column 7"; of a flat stage as `map_name`."""
    name = map_name(stage, unit.map, classes)
    return name if stage.flat else f"{name}, row {unit.y + 1}, column {unit.x + 1}"
