"""One panel of curves in a matplotlib figure: the window's, a saved picture's, a run folder's.

Knows no Qt. Every line shows the points that a screen can tell apart, chosen
anew for each range; what a line holds is in `curve_series`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from trainer import curve_ticks
from trainer.curve_series import Points, Values, plateau, smoothed, thinned
from trainer.curve_view import AGAINST, QUANTITIES, Line, Look, View


class Trace:
    """One polyline of a panel: all its points, and the artist with those to be seen."""

    def __init__(self, line: Line, split: str, artist: Line2D) -> None:
        self.line, self.split, self.artist = line, split, artist
        self.x: Values = np.empty(0)
        self.y: Values = np.empty(0)
        self._taken: tuple[object, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._ends: dict[str, tuple[float, ...]] = {}  # by scale

    def take(self, points: Points, against: str, column: str, smoothing: float) -> None:
        """Hold these points from now on."""
        y = points.column(column)
        taken = (len(y), float(y[-1]) if len(y) else 0.0, against, smoothing)
        if taken == self._taken:
            return
        self.x, self.y = points.column(AGAINST[against]), smoothed(y, smoothing)
        self._taken, self._drawn, self._ends = taken, (), {}

    def ends(self, scale: str) -> tuple[float, ...]:
        """The lowest and highest value that a scale can show; empty if there is none."""
        if scale not in self._ends:
            values = self.y[self.y > 0] if scale == "log" else self.y
            known: tuple[float, ...] = ()
            if len(values):
                ends = drawable(np.array([values.min(), values.max()]), scale)
                known = float(ends[0]), float(ends[1])
            self._ends[scale] = known
        return self._ends[scale]

    def draw_within(self, low: float, high: float, columns: int, scale: str) -> None:
        """Give the artist what is seen of the points."""
        drawn = (low, high, columns, scale)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        at = thinned(self.x, self.y, low, high, columns)
        self.artist.set_data(self.x[at], drawable(self.y[at], scale))
        if self.split == "validation":
            self.artist.set_markevery(max(1, len(at) // 12))


def drawable(values: Values, scale: str) -> Values:
    """Values that a scale can show: others are moved to its ends, or left out."""
    if scale == "logit":
        return np.clip(values, curve_ticks.LEAST, curve_ticks.SUREST)
    if scale == "log":
        return np.where(values > 0, values, np.nan)
    return values


class Panel:
    """One quantity of all lines."""

    def __init__(self, axes: Axes, name: str, view: View, look: Look) -> None:
        self.axes, self.quantity = axes, QUANTITIES[name]
        self.view, self.look = view, look
        self.scale = self.quantity.log if view.log else "linear"
        self.raw: list[Trace] = []
        self.smooth: list[Trace] = []
        self.validation: list[Trace] = []
        self.stars: list[Trace] = []
        self.flats: list[Artist] = []
        self.words: list[Artist] = []  # about them
        self._shaded: list[tuple[float, str]] = []
        axes.set_yscale(self.scale)
        curve_ticks.dress_y(axes.yaxis, self.scale, percent=name == "accuracy")
        self._dress()

    def _dress(self) -> None:
        """Quiet axes in the window's colours. What has a fixed place is not measured at a draw."""
        axes, look = self.axes, self.look
        axes.set_facecolor(look.paper)
        axes.set_title(
            self.quantity.title, fontsize=look.font_size * 1.05, color=look.text, loc="left", y=1.0
        )
        axes.set_xlabel(self.view.against, fontsize=look.font_size, color=look.text)
        axes.tick_params(colors=look.text, which="both", labelsize=look.font_size * 0.9)
        axes.grid(color=look.text, alpha=0.13, linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        for spine in axes.spines.values():
            spine.set_edgecolor(look.text)
            spine.set_alpha(0.4)

    def show(self, lines: Sequence[Line], animated: bool) -> None:
        """Make the artists for these lines, in place of earlier ones."""
        for artist in tuple(self.artists()):
            artist.remove()
        self.flats, self.words, self._shaded = [], [], []
        self.raw, self.smooth, self.validation, self.stars = [], [], [], []
        # Behind a smooth line the raw one is a shadow, of no dashes: they would not be seen in it.
        shadow = {"alpha": 0.22, "linestyle": "-"} if self.view.smoothing else {"alpha": 0.6}
        for line in lines:
            self.raw.append(self._trace(line, "train", linewidth=0.8, **shadow))
            self.smooth.append(self._trace(line, "train", linewidth=1.0, alpha=0.75))
            marks = {"marker": line.style.marker, "markersize": 4.0}
            self.validation.append(self._trace(line, "validation", linewidth=1.7, **marks))
            star = {"marker": "*", "markersize": 12.0, "markeredgecolor": self.look.paper}
            self.stars.append(self._trace(line, "star", linewidth=0.0, **star))
        for trace in (*self.raw, *self.smooth, *self.validation, *self.stars):
            trace.artist.set_animated(animated)
            self.axes.add_line(trace.artist)

    def _trace(self, line: Line, split: str, **look: Any) -> Trace:
        if not self.quantity.validated:
            look = {"linewidth": 1.4}
        colour = line.style.on(self.look.dark)
        dashes = (0, line.style.dashes) if line.style.dashes else "-"
        # Round joints would take most of the time that a line of many points takes.
        joints = {"solid_joinstyle": "bevel", "dash_joinstyle": "bevel"}
        artist = Line2D([], [], color=colour, **{"linestyle": dashes, **joints, **look})
        return Trace(line, split, artist)

    def artists(self) -> Iterator[Artist]:
        """What is drawn on the axes, from back to front."""
        yield from self.flats
        for trace in (*self.raw, *self.smooth, *self.validation, *self.stars):
            yield trace.artist
        yield from self.words

    def take(self) -> None:
        """Take over what the lines have gained."""
        column, against, smoothing = self.quantity.column, self.view.against, self.view.smoothing
        for raw, smooth, validation, star in zip(
            self.raw, self.smooth, self.validation, self.stars, strict=True
        ):
            series = raw.line.series
            raw.take(series.train, against, column, 0.0)
            if not self.quantity.validated:
                continue
            if smoothing:
                smooth.take(series.train, against, column, smoothing)
            validation.take(series.validation, against, column, 0.0)
            best = series.best()
            if column == "accuracies" and best is not None:
                star.x = series.validation.column(AGAINST[against])[best : best + 1]
                star.y = series.validation.column(column)[best : best + 1]
                star.artist.set_data(star.x, drawable(star.y, self.scale))

    def seen(self) -> list[Trace]:
        """The traces that the range is chosen by and the pointer finds."""
        smooth = self.smooth if self.view.smoothing and self.quantity.validated else self.raw
        return [*smooth, *self.validation]

    def draw_within(self, low: float, high: float, columns: int) -> None:
        """Choose the points to be seen, on so many columns of the screen."""
        # A shadow is jagged from end to end: with half the points it looks the same.
        shadows = self.view.smoothing and self.quantity.validated
        for trace in self.raw:
            trace.draw_within(low, high, columns // 2 + 1 if shadows else columns, self.scale)
        for trace in (*self.smooth, *self.validation):
            trace.draw_within(low, high, columns, self.scale)

    def range(self) -> tuple[float, float] | None:
        """The lowest and highest value; None if there is none."""
        ends = [end for trace in self.seen() for end in trace.ends(self.scale)]
        return (min(ends), max(ends)) if ends else None

    def shade(self, animated: bool) -> None:
        """Mark the beginnings in which a run gives one answer for all."""
        found = []
        for trace in self.raw if self.quantity.validated else []:
            flat = plateau(trace.line.series)
            if flat is not None:
                epochs = trace.line.series.train.column("epochs")
                found.append((float(np.interp(flat.end, epochs, trace.x)), trace.line))
        key = [(end, line.title) for end, line in found]
        if key == self._shaded:
            return
        self._shaded = key
        for artist in (*self.flats, *self.words):
            artist.remove()
        self.flats, self.words = [], []
        for end, line in found:
            colour = line.style.on(self.look.dark)
            faint = 0.12 / len(found)  # where they lie upon one another too
            self.flats.append(self.axes.axvspan(0, end, color=colour, alpha=faint, linewidth=0))
        if found and self.quantity.column == "accuracies":
            self.words.append(self._flat_text(max(found, key=lambda pair: pair[0])[1].one_class))
        for artist in (*self.flats, *self.words):
            artist.set_animated(animated)

    def _flat_text(self, label: str) -> Artist:
        return self.axes.annotate(
            label,
            (0, 1),
            (5, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            verticalalignment="top",
            fontsize=self.look.font_size * 0.9,
            color=self.look.text,
            bbox={"facecolor": self.look.paper, "edgecolor": "none", "alpha": 0.75, "pad": 1.5},
            annotation_clip=True,  # not beside the axes when its place is out of sight
        )
