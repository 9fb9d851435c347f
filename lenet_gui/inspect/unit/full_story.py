"""The page of a unit that sees all units before it: C5, F6, and the outputs of both networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lenet_gui.inspect.common.unit_names import unit_name
from lenet_gui.inspect.unit.blocks import Block, Row, Rows, Unfold, Words
from lenet_gui.inspect.unit.grids import BitmapGrids
from lenet_gui.inspect.unit.unit_rows import account_decimals, ending, formula
from lenet_gui.widgets.formatting import decimals, number
from trainer.networks.anatomy import Unit

if TYPE_CHECKING:
    from lenet_gui.inspect.common.inspection import Inspection
    from trainer.inspect.workings import Arithmetic, Differences, Full, Softmax

FEW = 10
"""Contributions that are listed before the rest is asked for."""


def of_full(
    inspection: Inspection, arithmetic: Arithmetic, full: Full, unfolded: bool
) -> list[Block]:
    """Contributions, their sum, and of an output its probability.

    Args:
        inspection: of something drawn.
        arithmetic: of the unit.
        full: its working.
        unfolded: list all contributions, not the largest alone.
    """
    stages, count = inspection.stages, full.count if unfolded else FEW
    listed = full.largest(count)
    flat = stages[full.stage].flat
    rest = arithmetic.sum - full.bias - sum(one.product for one in listed)
    places = account_decimals(arithmetic, full.bias, *(one.product for one in listed))
    rows = [
        Row(
            f"unit {one.source.map + 1}" if flat else _place(one.source),
            number(one.product, places),
            one.product,
            detail=f"{number(one.value, 2)} × {number(one.weight, 2)}",
            target=one.source,
            told=(
                f"{unit_name(stages[full.stage], one.source)}: {number(one.value)} × "
                f"{number(one.weight)} = {number(one.product)}. Click to choose that unit."
            ),
        )
        for one in listed
    ]
    others = full.count - len(listed)
    if others:
        told = "Click to list them all."
        shown = f"{others} others", number(rest, places)
        rows.append(Row(*shown, detail="show all", target=Unfold(), told=told))
    else:
        told = "Click to list only the largest."
        rows.append(Row("Only the largest", "", detail="show fewer", target=Unfold(), told=told))
    rows.append(Row("Bias", number(full.bias, places), full.bias))
    rows += ending(arithmetic, places, "Value" if full.softmax is None else "Score")
    what = "unit" if flat else "map, row, column"
    told = f"{stages[full.stage].name} ({what}): value × weight, the largest first"
    parts: list[Block] = [Words(told), Rows(rows)]
    if arithmetic.activation is not None:
        parts.append(Words(formula(arithmetic)))
    if full.softmax is not None:
        parts += _shares(inspection, arithmetic.unit, full.softmax)
    return parts


def _place(unit: Unit) -> str:
    return f"{unit.map + 1}, {unit.y + 1}, {unit.x + 1}"


def of_differences(
    inspection: Inspection, arithmetic: Arithmetic, differences: Differences
) -> list[Block]:
    """The penalty of the 1998 network's output, pixel by pixel of its bitmap."""
    penalty = -arithmetic.sum
    places = decimals(penalty)
    name = inspection.reading.classes[arithmetic.unit.map]
    rows = [
        Row(f"Penalty of {name}: all 84", number(penalty, places)),
        Row("Score: minus the penalty", number(-penalty, places), strong=True),
    ]
    told = f"F6 as a picture is compared with the bitmap of {name}, pixel by pixel."
    return [
        Rows(rows),
        Words(told),
        BitmapGrids(differences, arithmetic.unit.stage - 1),
        *_shares(inspection, arithmetic.unit, differences.softmax),
    ]


def _shares(inspection: Inspection, unit: Unit, softmax: Softmax) -> list[Block]:
    """The scores as probabilities."""
    scores, powers = softmax.scores.tolist(), softmax.powers.tolist()
    probabilities = softmax.probabilities.tolist()
    places = decimals(max(map(abs, scores)))
    rows = [
        Row(
            *(name, f"{share * 100:.1f} %", share),
            detail=f"{number(score, min(places, 2))}  {power:.3f}",
            marked=number_ == unit.map,
            target=Unit(unit.stage, number_, 0, 0),
            told=f"{name}: score {number(score)}, power {power:.3g}. Click to choose this output.",
        )
        for number_, (name, score, power, share) in enumerate(
            zip(inspection.reading.classes, scores, powers, probabilities, strict=True)
        )
    ]
    rows.append(Row("Sum", "100.0 %", detail=f"{sum(powers):.3f}", strong=True))
    divided = (
        "" if softmax.temperature == 1 else f", over the temperature {softmax.temperature:.3g}"
    )
    told = (
        "Score, then e to the power of it less the largest score"
        f"{divided}. A probability is a power's share of their sum (softmax)."
    )
    return [
        Words("From scores to probabilities", caption=True),
        Words(told),
        Rows(rows, signed=False, limit=1.0),
    ]
