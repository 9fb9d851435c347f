"""How every account of a unit ends: its sum, the activation, its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lenet_gui.inspect.unit.blocks import Row
from lenet_gui.widgets.formatting import decimals, number

if TYPE_CHECKING:
    from trainer.inspect.workings import Arithmetic


def account_decimals(arithmetic: Arithmetic, *others: float) -> int:
    """As many as all of an account can have."""
    return decimals(max(abs(arithmetic.sum), abs(arithmetic.value), *map(abs, others), 0.0))


def ending(arithmetic: Arithmetic, places: int, result: str = "Value") -> list[Row]:
    """The sum, what the activation makes of it, and what the map is held at."""
    made = number(arithmetic.computed, places)
    if arithmetic.activation is None:
        rows = [Row(result, made, strong=True)]
    else:
        rows = [
            Row("Sum, a", number(arithmetic.sum, places), strong=True),
            Row(_symbol(arithmetic), made, strong=True),
        ]
    if arithmetic.held:
        held = "The map is held at this value, whatever the sum (tab Change)."
        rows.append(Row("Held at", number(arithmetic.value, places), strong=True, told=held))
    return rows


def _symbol(arithmetic: Arithmetic) -> str:
    """The activation's left side, such as "tanh(a)"."""
    return formula(arithmetic).split(" = ")[0]


def formula(arithmetic: Arithmetic) -> str:
    """The activation as it is written."""
    from trainer.inspect.workings import FORMULAS

    if arithmetic.activation is None:
        return "There is no activation: the value is the sum."
    return FORMULAS[arithmetic.activation.name]
