"""What the Inspect tab's own threads compute; imported there alone, because it brings torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lenet_gui.inspect.common.inspection import Inspection
from trainer.drawing.rasterize import SIDE, even_pen_widths
from trainer.inspect import sliding
from trainer.inspect.contributions import ablate_each_map
from trainer.inspect.sliding import Line, LinePicture, digits_on_line, draw_line
from trainer.inspect.tour import Drawn, TourStep, build_tour
from trainer.networks.interventions import Intervention, as_hook


def write_tour(inspection: Inspection) -> tuple[TourStep, ...]:
    """The guided tour's texts about a reading."""
    reading = inspection.reading
    drawn = Drawn(
        strokes=0 if reading.sheet.picture is not None else len(reading.strokes),
        digits=max(1, len(reading.digits)),
        changed=reading.instead is not None,
        prepared=reading.steps.all,
        held=reading.plain is not None,
    )
    return build_tour(inspection.model, inspection.prediction, inspection.stages, drawn)


def ablate_layer(inspection: Inspection, stage: int) -> NDArray[np.float64]:
    """The answer's probability with each map of a stage switched off, one after the other."""
    assert inspection.prediction is not None
    answer = inspection.reading.plain or inspection.prediction
    layer = inspection.stages[stage].active
    return ablate_each_map(inspection.model, inspection.reading.image, layer, answer.digit)


def slide(
    inspection: Inspection, edits: tuple[Intervention, ...]
) -> tuple[Line, LinePicture, list[int], tuple[bool, ...]]:
    """Slide the network along the chosen digit's line of writing, with maps held.

    Returns:
        What it answers; the line's picture; the reading's digits that stand on the line;
        and for each place, whether there is no ink in its window.
    """
    reading = inspection.reading
    members = digits_on_line([digit.box for digit in reading.digits], reading.chosen)
    digits = [reading.digits[n] for n in members]
    strokes = [reading.sheet.strokes[n] for digit in digits for n in digit.strokes]
    picture = draw_line(even_pen_widths(strokes), [digit.box for digit in digits])
    line = sliding.slide(inspection.model, picture.pixels, as_hook(edits))
    starts = range(0, len(line.scores) * sliding.STRIDE, sliding.STRIDE)
    blank = tuple(not picture.pixels[:, start : start + SIDE].any() for start in starts)
    return line, picture, members, blank
