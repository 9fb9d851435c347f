"""Curves as files: a picture as PNG or SVG, or a table of all points.

Drawn by matplotlib's Agg and no window, so that it works in any thread and
without a screen.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from trainer.curves.figure import DPI, Limits, Panels
from trainer.curves.series import COLUMNS, SPLITS, Series
from trainer.curves.spec import CurveLine, PlotStyle, View, style_of
from trainer.errors import as_cell
from trainer.evaluation.figures import encode_figure
from trainer.files import write_whole

if TYPE_CHECKING:
    from trainer.training.history import History

_SIZE = (900.0, 400.0)  # in points of 1/100 inch
_MOST_NAMED = 18  # lines of a legend; more would not fit the picture
_RATIO = 2.0  # pixels of a PNG in each
_SPOKEN = {"accuracies": "accuracy", "losses": "loss", "learning_rates": "learning_rate"}
_SPOKEN |= {"epochs": "epoch", "steps": "step"}


def save(title: str, history: History, folder: Path) -> None:
    """Write one run's curves.png and curves.svg: loss and accuracy by epoch.

    Args:
        title: the run's name in the picture.
        history: may be empty, or hold a single point.
        folder: where; it must be there.

    Raises:
        OSError: they can't be written; each file is whole or not touched.
    """
    picture = draw({title: history})
    for ending in (".png", ".svg"):
        write_whole(folder / f"curves{ending}", encode_figure(picture, ending))


def draw(histories: Mapping[str, History]) -> Figure:
    """Loss and accuracy of runs by their titles, training and validation, by epoch."""
    lines = [
        CurveLine(title, style_of(number), Series(history))
        for number, (title, history) in enumerate(histories.items())
    ]
    return render_figure(lines, View(smoothing=0.9))


def render_figure(lines: Sequence[CurveLine], view: View, limits: Limits | None = None) -> Figure:
    """A figure of its own, with a legend.

    Args:
        lines: the runs.
        view: what is shown of them.
        limits: the part that is seen; all if None.
    """
    # Twice the points of a screen, since a saved picture is looked at closely.
    figure = Figure((_SIZE[0] / DPI, _SIZE[1] / DPI), DPI * _RATIO)
    panels = Panels(figure, view, PlotStyle())
    panels.show(lines)
    panels.take()
    panels.fit()
    if limits is not None:
        panels.set_limits(limits)
    panels.choose_points()
    _add_legend(panels)
    return figure


def render_picture(
    lines: Sequence[CurveLine], view: View, ending: str, limits: Limits | None = None
) -> bytes:
    """As `render_figure`, as the content of a file that ends in ".png" or ".svg"."""
    return encode_figure(render_figure(lines, view, limits=limits), ending)


def _add_legend(panels: Panels) -> None:
    """Each run's line and best accuracy, where curves are least likely to be."""
    look, last = panels.look, panels.panels[-1]
    panel = next((p for p in panels.panels if p.quantity.column == "accuracies"), last)
    handles = panel.validation if panel.quantity.validated else panel.raw
    if not handles:
        return
    named = handles if len(handles) <= _MOST_NAMED else handles[: _MOST_NAMED - 1]
    artists = [trace.artist for trace in named]
    names = [f"{trace.line.title}  {trace.line.best()}".strip() for trace in named]
    if len(named) < len(handles):
        artists.append(Line2D([], [], linewidth=0))
        names.append(f"and {len(handles) - len(named)} more")
    legend = panel.axes.legend(
        artists,
        names,
        loc="upper right" if panel.quantity.column == "losses" else "lower right",
        fontsize=look.font_size * 0.85,
        title="thin: training, with marks: validation" if panel.quantity.validated else None,
        title_fontsize=look.font_size * 0.75,
        alignment="left",
    )
    legend.get_frame().set(facecolor=look.paper, edgecolor="none", alpha=0.8)
    for text in (legend.get_title(), *legend.get_texts()):
        text.set_color(look.text)
        text.set_parse_math(False)  # a recipe may be called "$1"


def write_csv(lines: Sequence[CurveLine]) -> bytes:
    """All points of all runs as CSV, in UTF-8: run, split, and a history's columns."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("run", "split", *(_SPOKEN.get(name, name) for name in COLUMNS)))
    for line in lines:
        for split in SPLITS:
            points = getattr(line.series, split)
            columns = [points.column(name) for name in COLUMNS]
            writer.writerows(
                (as_cell(line.title), split, *(f"{value:.8g}" for value in row))
                for row in zip(*columns, strict=True)
            )
    return text.getvalue().encode()
