"""Maps and units of a network held at a value, to see what the answer owes to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a window that holds interventions does not wait for torch
    from torch import Tensor

    from trainer.networks.lenet5 import Change

EDITABLE = ("conv1_active", "pool1", "conv2_active", "pool2", "fc1", "fc2")
"""The names in `lenet5.Layers` of what can be held."""


@dataclass(frozen=True, slots=True)
class Intervention:
    """One map, all of whose units have one value, whatever the layer before says."""

    layer: str  # one of `EDITABLE`
    map: int  # from 0; of fc1 and fc2, the unit
    value: float


def as_hook(interventions: Iterable[Intervention]) -> Change:
    """What makes a network's `layers` compute with the maps held so.

    Raises:
        ValueError: an intervention on a layer that can't be held.
        IndexError: when it is used, an intervention on a map that the layer does not have.
    """
    held: dict[str, list[Intervention]] = {}
    for intervention in interventions:
        if intervention.layer not in EDITABLE:
            raise ValueError(f"{intervention.layer} can't be held; it must be one of {EDITABLE}")
        held.setdefault(intervention.layer, []).append(intervention)

    def changed(name: str, values: Tensor) -> Tensor:
        if name not in held:
            return values
        values = values.clone()
        for intervention in held[name]:
            values[:, intervention.map] = intervention.value
        return values

    return changed
