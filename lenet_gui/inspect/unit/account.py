"""A unit's arithmetic as the parts of a page: what is said of each kind of unit, and in what order.

First the account that ends in the value, then the grids that its lines come
from, then what takes the value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lenet_gui.inspect.common.unit_names import map_name, unit_name
from lenet_gui.inspect.unit.blocks import Block, Jump, Row, Rows, Words
from lenet_gui.inspect.unit.full_story import of_differences, of_full
from lenet_gui.inspect.unit.grids import WindowGrid
from lenet_gui.inspect.unit.term_grids import TermGrids
from lenet_gui.inspect.unit.unit_rows import account_decimals, ending, formula
from lenet_gui.widgets.formatting import number

if TYPE_CHECKING:
    from lenet_gui.inspect.common.inspection import Inspection
    from trainer.inspect.workings import Arithmetic, Convolution, Pixel, Pooling
    from trainer.networks.anatomy import Unit


def story(inspection: Inspection, arithmetic: Arithmetic, unfolded: bool = False) -> list[Block]:
    """The page's parts, from above.

    Args:
        inspection: of something drawn.
        arithmetic: of one of its units.
        unfolded: list all contributions.
    """
    from trainer.inspect import workings as kinds  # whoever has one has imported it

    working = arithmetic.working
    if isinstance(working, kinds.Pixel):
        return _of_pixel(inspection, arithmetic, working)
    if isinstance(working, kinds.Convolution):
        return _of_convolution(inspection, arithmetic, working)
    if isinstance(working, kinds.Pooling):
        return _of_pooling(inspection, arithmetic, working)
    if isinstance(working, kinds.Differences):
        return of_differences(inspection, arithmetic, working)
    return of_full(inspection, arithmetic, working, unfolded)


def _of_pixel(inspection: Inspection, arithmetic: Arithmetic, pixel: Pixel) -> list[Block]:
    share = pixel.level / 255
    rows = [
        Row("Ink of this pixel", f"{pixel.level} of 255"),
        Row("As a share of 1", number(share)),
        Row("− mean", number(-pixel.mean)),
        Row("÷ deviation", number(pixel.deviation)),
        Row("Value", number(arithmetic.computed), strong=True),
    ]
    told = (
        "The network was trained on pictures with their mean taken away and divided by their "
        "deviation, so the drawing is given to it in the same way."
    )
    return [Rows(rows), Words(told)]


def _of_convolution(
    inspection: Inspection, arithmetic: Arithmetic, convolution: Convolution
) -> list[Block]:
    stages, before = inspection.stages, arithmetic.unit.stage - 1
    names = [_capital(map_name(stages[before], term.map)) for term in convolution.terms]
    sums = [term.sum for term in convolution.terms]
    places = account_decimals(arithmetic, *sums, convolution.bias)
    rows = [
        Row(
            *(name, number(total, places), total),
            target=Jump(2 + n),
            told=f"The sum of 25 products with {name}. Click to see them.",
        )
        for n, (name, total) in enumerate(zip(names, sums, strict=True))
    ]
    rows.append(Row("Bias", number(convolution.bias, places), convolution.bias))
    rows += ending(arithmetic, places)
    # All on one scale, so that they compare; that of the patches is their whole layer's.
    values = inspection.values(before)
    assert values is not None
    limits = (
        float(abs(values).max()),
        max(float(abs(term.kernel).max()) for term in convolution.terms),
        max(float(abs(term.products).max()) for term in convolution.terms),
    )
    grids = [
        TermGrids(term, name, before, limits)
        for term, name in zip(convolution.terms, names, strict=True)
    ]
    return [
        Rows(rows),
        Words(formula(arithmetic)),
        *grids,
        *_taken(inspection, arithmetic.unit, convolution.taken),
    ]


def _taken(inspection: Inspection, unit: Unit, taken: Arithmetic) -> list[Block]:
    """What pooling makes of a unit and its neighbours."""
    from trainer.inspect.workings import Pooling

    pooling = taken.working
    assert isinstance(pooling, Pooling)
    name = unit_name(inspection.stages[taken.unit.stage], taken.unit)
    lines = {
        "max": ["The largest of", "the four:"],
        "average": ["The mean of", "the four:"],
        "subsampling": ["Added, weighted,", "squashed:"],
    }[pooling.name]
    mine = (unit.y - pooling.top) * 2 + unit.x - pooling.left
    lines = [*lines, number(taken.value)]
    stage = inspection.stages[taken.unit.stage].name
    followed = Row(
        f"→ {name}", number(taken.value), target=taken.unit, told="Click to choose that unit."
    )
    return [
        Words(f"What {stage} makes of it", caption=True),
        WindowGrid(pooling, unit.stage, unit.map, lines, mine),
        Rows([followed]),
    ]


def _of_pooling(inspection: Inspection, arithmetic: Arithmetic, pooling: Pooling) -> list[Block]:
    unit = arithmetic.unit
    before = map_name(inspection.stages[unit.stage - 1], unit.map)
    total = float(pooling.window.sum())
    rows: list[Row] = []
    if pooling.name == "max":
        lines = ["the largest:", number(float(pooling.window.max()))]
    else:
        lines = ["their sum:", number(total)]
    if pooling.name == "average":
        rows += [Row("Sum of the four", number(total)), Row("÷ 4", number(total / 4))]
    if pooling.coefficient is not None and pooling.bias is not None:
        places = account_decimals(arithmetic, total, pooling.coefficient)
        weighted = total * pooling.coefficient
        rows += [
            Row("Sum of the four", number(total, places)),
            Row("× coefficient", number(weighted, places), detail=number(pooling.coefficient)),
            Row("+ bias", number(pooling.bias, places)),
        ]
    places = account_decimals(arithmetic)
    rows += ending(arithmetic, places)
    parts: list[Block] = [
        Words(f"Four units of {before}", caption=True),
        WindowGrid(pooling, unit.stage - 1, unit.map, lines),
        Rows(rows),
    ]
    if arithmetic.activation is not None:
        parts.append(Words(formula(arithmetic)))
    return parts


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
