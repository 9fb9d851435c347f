"""What the Inspect tab's parts are given: one reading, and the network that it is of.

What a map and a unit are called, counted from 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.networks.anatomy import Stage, Unit, list_stages
from trainer.networks.model import Model
from trainer.reading.predict import Prediction
from trainer.reading.sheet_reading import SheetReading
from trainer.translation import N_
from trainer.translation import gettext as _


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """All that one forward pass computed, ready to be looked up."""

    reading: SheetReading
    model: Model  # on the CPU
    stages: tuple[Stage, ...]  # of its network

    @property
    def prediction(self) -> Prediction | None:
        """The answer with every layer's values; None where nothing is drawn."""
        return self.reading.prediction

    def values(self, stage: int, before: bool = False) -> NDArray[np.float32] | None:
        """A stage's values, (maps, height, width); None where nothing is drawn.

        Args:
            stage: its number.
            before: the activation.
        """
        if self.prediction is None:
            return None
        chosen = self.stages[stage]
        return self.prediction.maps[chosen.sums if before else chosen.active].values

    def value(self, unit: Unit, before: bool = False) -> float | None:
        """One unit's value."""
        values = self.values(unit.stage, before)
        return None if values is None else float(values[unit.map, unit.y, unit.x])


def make_inspection(reading: SheetReading) -> Inspection | None:
    """A reading as an inspection; None before there is a network."""
    if reading.model is None:
        return None
    return Inspection(reading, reading.model, list_stages(reading.model.network))


_CHANNELS = (N_("red"), N_("green"), N_("blue"))


def map_name(stage: Stage, number: int, classes: tuple[str, ...] = ()) -> str:
    """Such as "C3, map 5" or "F6, unit 12".

    Args:
        stage: of the anatomy.
        number: of the map, from 0.
        classes: the network's, by which its outputs are called.
    """
    if stage.name == "input":
        if stage.shape[0] == 1:
            return _("input")
        return _("input, {color}").format(color=_(_CHANNELS[number]))
    if stage.name == "output" and classes:
        return _("output, {label}").format(label=classes[number])
    text = _("{layer}, unit {number}") if stage.flat else _("{layer}, map {number}")
    return text.format(layer=stage.name, number=number + 1)


def map_label(stage: Stage, number: int) -> str:
    """Where the stage is known already: "map 5", or "red"."""
    return (
        _(_CHANNELS[number]) if stage.shape[0] == 3 else _("map {number}").format(number=number + 1)
    )


def unit_name(stage: Stage, unit: Unit, classes: tuple[str, ...] = ()) -> str:
    """Such as "C3, map 5, row 2, column 7"; of a flat stage as `map_name`."""
    name = map_name(stage, unit.map, classes)
    return (
        name
        if stage.flat
        else _("{name}, row {y}, column {x}").format(name=name, y=unit.y + 1, x=unit.x + 1)
    )
