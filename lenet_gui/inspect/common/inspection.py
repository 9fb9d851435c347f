"""What the Inspect tab's parts are given: one reading, and the network that it is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.networks.anatomy import Stage, Unit
    from trainer.networks.model import Model
    from trainer.reading.predict import Prediction
    from trainer.reading.sheet_reading import Reading


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """All that one forward pass computed, ready to be looked up."""

    reading: Reading
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
        wanted = self.stages[stage]
        return self.prediction.maps[wanted.sums if before else wanted.active].values

    def value(self, unit: Unit, before: bool = False) -> float | None:
        """One unit's value."""
        values = self.values(unit.stage, before)
        return None if values is None else float(values[unit.map, unit.y, unit.x])


def inspected(reading: Reading) -> Inspection | None:
    """A reading as an inspection; None before there is a network."""
    if reading.model is None:
        return None
    from trainer.networks.anatomy import anatomy

    return Inspection(reading, reading.model, anatomy(reading.model.network))
