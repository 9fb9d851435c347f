"""A unit's arithmetic as the parts of a page: what is said of each kind of unit, and in what order.

First the account that ends in the sum, the activation and the value, then the grids that
its lines come from, then what takes the value.
"""

from __future__ import annotations

from lenet_gui.inspect.common.inspection import Inspection, map_name, unit_name
from lenet_gui.inspect.unit.blocks import Block, BlockRow, BlockRows, Jump, TextBlock, Unfold
from lenet_gui.inspect.unit.grids import BitmapGrids, TermGrids, WindowGrid
from lenet_gui.widgets.formatting import decimals_for, format_number, format_percent
from trainer.inspect import arithmetic as kinds
from trainer.inspect.arithmetic import (
    FORMULAS,
    Arithmetic,
    Contribution,
    Convolution,
    Differences,
    Full,
    Pixel,
    Pooling,
    Softmax,
)
from trainer.networks.anatomy import Stage, Unit
from trainer.translation import gettext as _
from trainer.translation import ngettext


def count_decimals(arithmetic: Arithmetic, *others: float) -> int:
    """As many as all of an account can have."""
    return decimals_for(max(abs(arithmetic.sum), abs(arithmetic.value), *map(abs, others), 0.0))


def describe_result(arithmetic: Arithmetic, places: int, result: str = "") -> list[BlockRow]:
    """The sum, what the activation makes of it, and what the map is held at."""
    computed = format_number(arithmetic.computed, places)
    if arithmetic.activation is None:
        rows = [BlockRow(result or _("Value"), computed, strong=True)]
    else:
        rows = [
            BlockRow(_("Sum, a"), format_number(arithmetic.sum, places), strong=True),
            BlockRow(_symbol(arithmetic), computed, strong=True),
        ]
    if arithmetic.held:
        held = _("The map is fixed at this value, whatever the sum (Change tab).")
        rows.append(
            BlockRow(
                _("Fixed at"),
                format_number(arithmetic.value, places),
                strong=True,
                description=held,
            )
        )
    return rows


def _symbol(arithmetic: Arithmetic) -> str:
    """The activation's left side, such as "tanh(a)"."""
    return activation_formula(arithmetic).split(" = ")[0]


def activation_formula(arithmetic: Arithmetic) -> str:
    """The activation as it is written."""
    if arithmetic.activation is None:
        return _("There is no activation: the value is the sum.")
    return _(FORMULAS[arithmetic.activation.name])


FEW = 10
"""Contributions that are listed before the rest is asked for."""


def account_of_full(
    inspection: Inspection, arithmetic: Arithmetic, full: Full, unfolded: bool
) -> list[Block]:
    """Contributions, their sum, and of an output its probability.

    Args:
        inspection: of something drawn.
        arithmetic: of the unit.
        full: its working.
        unfolded: list all contributions, not the largest alone.
    """
    stage, count = inspection.stages[full.stage], full.count if unfolded else FEW
    listed = full.largest(count)
    rest = arithmetic.sum - full.bias - sum(one.product for one in listed)
    places = count_decimals(arithmetic, full.bias, *(one.product for one in listed))
    rows = [_contribution_row(stage, one, places) for one in listed]
    others = full.count - len(listed)
    if others:
        text = _("Click to list them all.")
        shown = (
            ngettext("{count} other", "{count} others", others).format(count=others),
            format_number(rest, places),
        )
        rows.append(BlockRow(*shown, detail=_("show all"), target=Unfold(), description=text))
    else:
        text = _("Click to list only the largest.")
        rows.append(
            BlockRow(
                _("Only the largest"), "", detail=_("show fewer"), target=Unfold(), description=text
            )
        )
    rows.append(BlockRow(_("Bias"), format_number(full.bias, places), full.bias))
    rows += describe_result(arithmetic, places, _("Value") if full.softmax is None else _("Score"))
    text = _("{layer} (map, row, column): value × weight, the largest first")
    if stage.flat:
        text = _("{layer} (unit): value × weight, the largest first")
    text = text.format(layer=stage.name)
    parts: list[Block] = [TextBlock(text), BlockRows(rows)]
    if arithmetic.activation is not None:
        parts.append(TextBlock(activation_formula(arithmetic)))
    if full.softmax is not None:
        parts += _shares(inspection, arithmetic.unit, full.softmax)
    return parts


def _contribution_row(stage: Stage, one: Contribution, places: int) -> BlockRow:
    """A unit's value times its weight; a click selects it.

    Args:
        stage: the unit's.
        one: the unit, its value and its weight.
        places: decimals of the product.
    """
    sentence = _("{unit_name}: {value} × {weight} = {product}. Click to select that unit.")
    return BlockRow(
        _("unit {map}").format(map=one.source.map + 1) if stage.flat else _place(one.source),
        format_number(one.product, places),
        one.product,
        detail=f"{format_number(one.value, 2)} × {format_number(one.weight, 2)}",
        target=one.source,
        description=sentence.format(
            unit_name=unit_name(stage, one.source),
            value=format_number(one.value),
            weight=format_number(one.weight),
            product=format_number(one.product),
        ),
    )


def _place(unit: Unit) -> str:
    return f"{unit.map + 1}, {unit.y + 1}, {unit.x + 1}"


def account_of_differences(
    inspection: Inspection, arithmetic: Arithmetic, differences: Differences
) -> list[Block]:
    """The penalty of the 1998 network's output, pixel by pixel of its bitmap."""
    penalty = -arithmetic.sum
    places = decimals_for(penalty)
    name = inspection.reading.classes[arithmetic.unit.map]
    rows = [
        BlockRow(_("Penalty of {name}: all 84").format(name=name), format_number(penalty, places)),
        BlockRow(_("Score: minus the penalty"), format_number(-penalty, places), strong=True),
    ]
    text = _("F6 as a picture is compared with the bitmap of {name}, pixel by pixel.").format(
        name=name
    )
    return [
        BlockRows(rows),
        TextBlock(text),
        BitmapGrids(differences, arithmetic.unit.stage - 1),
        *_shares(inspection, arithmetic.unit, differences.softmax),
    ]


def _shares(inspection: Inspection, unit: Unit, softmax: Softmax) -> list[Block]:
    """The scores as probabilities."""
    scores, powers = softmax.scores.tolist(), softmax.powers.tolist()
    probabilities = softmax.probabilities.tolist()
    places = decimals_for(max(map(abs, scores)))
    rows = [
        BlockRow(
            label=name,
            number=format_percent(share, 1),
            amount=share,
            detail=f"{format_number(score, min(places, 2))}  {power:.3f}",
            marked=number_ == unit.map,
            target=Unit(unit.stage, number_, 0, 0),
            description=_(
                "{name}: score {score}, power {power:.3g}. Click to select this output."
            ).format(name=name, score=format_number(score), power=power),
        )
        for number_, (name, score, power, share) in enumerate(
            zip(inspection.reading.classes, scores, powers, probabilities, strict=True)
        )
    ]
    rows.append(
        BlockRow(_("Sum"), format_percent(1.0, 1), detail=f"{sum(powers):.3f}", strong=True)
    )
    text = _(
        "Score, then e^(score − largest score). Each probability is its power divided by the sum "
        "of all of them (softmax)."
    )
    if softmax.temperature != 1:
        text = _(
            "Score, then e^((score − largest score) / {temperature}), with the temperature "
            "{temperature}. Each probability is its power divided by the sum of all of them "
            "(softmax)."
        ).format(temperature=f"{softmax.temperature:.3g}")
    return [
        TextBlock(_("From scores to probabilities"), caption=True),
        TextBlock(text),
        BlockRows(rows, signed=False, limit=1.0),
    ]


def build_account(
    inspection: Inspection, arithmetic: Arithmetic, unfolded: bool = False
) -> list[Block]:
    """The page's parts, from above.

    Args:
        inspection: of something drawn.
        arithmetic: of one of its units.
        unfolded: list all contributions.
    """
    working = arithmetic.working
    if isinstance(working, kinds.Pixel):
        return _of_pixel(arithmetic, working)
    if isinstance(working, kinds.Convolution):
        return _of_convolution(inspection, arithmetic, working)
    if isinstance(working, kinds.Pooling):
        return _of_pooling(inspection, arithmetic, working)
    if isinstance(working, kinds.Differences):
        return account_of_differences(inspection, arithmetic, working)
    return account_of_full(inspection, arithmetic, working, unfolded)


def _of_pixel(arithmetic: Arithmetic, pixel: Pixel) -> list[Block]:
    share = pixel.level / 255
    rows = [
        BlockRow(_("Ink of this pixel"), _("{level} of 255").format(level=pixel.level)),
        BlockRow(_("As a share of 1"), format_number(share)),
        BlockRow(_("− mean"), format_number(-pixel.mean)),
        BlockRow(_("÷ deviation"), format_number(pixel.deviation)),
        BlockRow(_("Value"), format_number(arithmetic.computed), strong=True),
    ]
    text = _(
        "The network was trained on pictures with their mean subtracted and divided by "
        "their standard deviation, so the drawing is normalized in the same way."
    )
    return [BlockRows(rows), TextBlock(text)]


def _of_convolution(
    inspection: Inspection, arithmetic: Arithmetic, convolution: Convolution
) -> list[Block]:
    stages, before = inspection.stages, arithmetic.unit.stage - 1
    names = [_capital(map_name(stages[before], term.map)) for term in convolution.terms]
    sums = [term.sum for term in convolution.terms]
    places = count_decimals(arithmetic, *sums, convolution.bias)
    rows = [
        BlockRow(
            label=name,
            number=format_number(total, places),
            amount=total,
            target=Jump(2 + n),
            description=_("The sum of 25 products with {name}. Click to see them.").format(
                name=name
            ),
        )
        for n, (name, total) in enumerate(zip(names, sums, strict=True))
    ]
    rows.append(BlockRow(_("Bias"), format_number(convolution.bias, places), convolution.bias))
    rows += describe_result(arithmetic, places)
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
        BlockRows(rows),
        TextBlock(activation_formula(arithmetic)),
        *grids,
        *_account_of_taken(inspection, arithmetic.unit, convolution.taken),
    ]


def _account_of_taken(inspection: Inspection, unit: Unit, taken: Arithmetic) -> list[Block]:
    """What pooling makes of a unit and its neighbors."""
    pooling = taken.working
    assert isinstance(pooling, Pooling)
    name = unit_name(inspection.stages[taken.unit.stage], taken.unit)
    lines = {
        "max": [_("The largest of"), _("the four:")],
        "average": [_("The mean of"), _("the four:")],
        "subsampling": [_("Added, weighted,"), _("squashed:")],
    }[pooling.name]
    mine = (unit.y - pooling.top) * 2 + unit.x - pooling.left
    lines = [*lines, format_number(taken.value)]
    stage = inspection.stages[taken.unit.stage].name
    followed = BlockRow(
        f"→ {name}",
        format_number(taken.value),
        target=taken.unit,
        description=_("Click to select that unit."),
    )
    return [
        TextBlock(_("How {stage} pools it").format(stage=stage), caption=True),
        WindowGrid(pooling, unit.stage, unit.map, lines, mine),
        BlockRows([followed]),
    ]


def _of_pooling(inspection: Inspection, arithmetic: Arithmetic, pooling: Pooling) -> list[Block]:
    unit = arithmetic.unit
    before = map_name(inspection.stages[unit.stage - 1], unit.map)
    total = float(pooling.window.sum())
    rows: list[BlockRow] = []
    if pooling.name == "max":
        lines = [_("the largest:"), format_number(float(pooling.window.max()))]
    else:
        lines = [_("their sum:"), format_number(total)]
    if pooling.name == "average":
        rows += [
            BlockRow(_("Sum of the four"), format_number(total)),
            BlockRow("÷ 4", format_number(total / 4)),
        ]
    if pooling.coefficient is not None and pooling.bias is not None:
        places = count_decimals(arithmetic, total, pooling.coefficient)
        weighted = total * pooling.coefficient
        rows += [
            BlockRow(_("Sum of the four"), format_number(total, places)),
            BlockRow(
                _("× coefficient"),
                format_number(weighted, places),
                detail=format_number(pooling.coefficient),
            ),
            BlockRow(_("+ bias"), format_number(pooling.bias, places)),
        ]
    places = count_decimals(arithmetic)
    rows += describe_result(arithmetic, places)
    parts: list[Block] = [
        TextBlock(_("Four units of {before}").format(before=before), caption=True),
        WindowGrid(pooling, unit.stage - 1, unit.map, lines),
        BlockRows(rows),
    ]
    if arithmetic.activation is not None:
        parts.append(TextBlock(activation_formula(arithmetic)))
    return parts


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]
