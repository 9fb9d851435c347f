"""Slides the network along the line of digits on the paper, in a thread; the newest line wins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from lenet_gui.widgets import colormap
from lenet_gui.widgets.map_view import colours
from lenet_gui.workers.latest import LatestWorker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lenet_gui.inspect.common.inspection import Inspection
    from trainer.inspect.sliding import Line
    from trainer.networks.interventions import Edit


@dataclass(frozen=True, slots=True)
class SlideRequest:
    """What to slide along, and with which maps held."""

    inspection: Inspection
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Slid:
    """A line as it is shown."""

    line: Line
    classes: tuple[str, ...]
    pixels: NDArray[np.uint8]  # (28, W), 0 paper
    picture: QImage  # of them, ink white on black
    heat: QImage  # a row for each class, a column for each place
    blank: tuple[bool, ...]  # for each place: there is no ink in its window
    members: tuple[int, ...]  # the reading's digits that stand on this line
    middles: tuple[float, ...]  # and their columns


class SlidingThread(LatestWorker):
    """Give it a `SlideRequest` of a drawing of several digits; it answers with `done(Slid)`."""

    def prepare(self) -> None:
        """More threads than one would make so short a line slower, and take from training."""
        import torch

        torch.set_num_threads(1)

    def work(self, request: SlideRequest) -> Slid:
        """The chosen digit's line of writing to what the network answers along it."""
        from trainer.drawing.rasterize import SIDE, evened
        from trainer.inspect import sliding
        from trainer.inspect.line_picture import line_picture, of_one_line
        from trainer.networks.interventions import change

        reading = request.inspection.reading
        members = of_one_line([digit.box for digit in reading.digits], reading.chosen)
        digits = [reading.digits[n] for n in members]
        strokes = [reading.sheet.strokes[n] for digit in digits for n in digit.strokes]
        drawn = line_picture(evened(strokes), [digit.box for digit in digits])
        picture = drawn.pixels
        line = sliding.slide(request.inspection.model, picture, change(request.edits))
        starts = range(0, len(line.scores) * sliding.STRIDE, sliding.STRIDE)
        shares = (line.probabilities.T * 255).astype("uint8")
        return Slid(
            line,
            request.inspection.model.classes,
            picture,
            colormap.picture(picture, colours("gray")),
            colormap.picture(shares, colours("viridis")),
            tuple(not picture[:, start : start + SIDE].any() for start in starts),
            tuple(members),
            drawn.middles,
        )
