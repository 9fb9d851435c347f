"""Loss and accuracy curves of several runs, drawn by matplotlib in a thread of its own.

Drawing takes matplotlib tens of milliseconds and its import longer, so the
window only shows finished pictures; the newest request wins.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QThread, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lenet_gui.latest import LatestWorker
from lenet_gui.line_styles import LineStyle
from lenet_gui.task import Task
from trainer.files import write_whole, writing
from trainer.runs import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_POINTS = 120  # a curve of more is thinned: single batches are too noisy to compare


_LEAST, _SUREST = 0.02, 0.9995
_ACCURACY_TICKS = (0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)


@dataclass(frozen=True, slots=True)
class Curve:
    """One run's part of the picture; a copy, so that the run may go on meanwhile."""

    title: str
    style: LineStyle
    train: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    validation: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    # epochs, losses, accuracies


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture to draw."""

    curves: tuple[Curve, ...]
    size: tuple[float, float]  # in points of the screen
    ratio: float  # device pixels in each
    text: str  # colours, as matplotlib takes them
    paper: str
    font_size: float


def curve_of(title: str, style: LineStyle, history: History) -> Curve:
    """A run's curves as they are now, thinned to what can be seen."""

    def part(split: str) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
        return (
            _thinned(history.epochs[split]),
            _thinned(history.losses[split]),
            _thinned(history.accuracies[split]),
        )

    return Curve(title, style, part("train"), part("validation"))


def _thinned(values: list[float]) -> tuple[float, ...]:
    """At most about `_MOST_POINTS` values, each the mean of a few neighbours."""
    width = -(-len(values) // _MOST_POINTS)
    if width <= 1:
        return tuple(values)
    parts = (values[n : n + width] for n in range(0, len(values), width))
    return tuple(sum(part) / len(part) for part in parts)


class CurvesWorker(LatestWorker):
    """Draws a `Plot` to a QImage."""

    def prepare(self) -> None:
        """Import what drawing needs."""
        import matplotlib.backends.backend_agg
        import matplotlib.figure
        import matplotlib.ticker  # noqa: F401

    def work(self, request: Any) -> QImage:
        """The picture."""
        plot: Plot = request
        figure = _figure(plot)
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        width, height = canvas.get_width_height(physical=True)
        data = bytes(canvas.buffer_rgba())
        image = QImage(data, width, height, width * 4, QImage.Format.Format_RGBA8888).copy()
        image.setDevicePixelRatio(plot.ratio)
        return image


def _file_content(plot: Plot, ending: str) -> bytes:
    """The picture, or with ".csv" the figures that it shows."""
    if ending == ".csv":
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(("run", "split", "epoch", "loss", "accuracy"))
        for curve in plot.curves:
            for split, part in (("train", curve.train), ("validation", curve.validation)):
                rows = zip(*part, strict=True)
                table.writerows((curve.title, split, *(f"{v:.6g}" for v in row)) for row in rows)
        return text.getvalue().encode()
    buffer = io.BytesIO()
    _figure(plot).savefig(buffer, format=ending.lstrip("."), facecolor=plot.paper)
    return buffer.getvalue()


def _figure(plot: Plot) -> Figure:
    """Two panels: loss at the left, accuracy at the right."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator

    # Sizes are given in pixels of 1/100 inch, whatever the screen.
    dpi = 100 * plot.ratio
    figure = Figure((plot.size[0] / 100, plot.size[1] / 100), dpi, layout="constrained")
    figure.patch.set_facecolor(plot.paper)
    loss, accuracy = figure.subplots(1, 2)
    for axes, title, column in ((loss, "Loss", 1), (accuracy, "Accuracy, %", 2)):
        for curve in plot.curves:
            _draw_curve(axes, curve, column, curve.style.on(QColor(plot.paper)))
        _dress(axes, title, plot)
    if any(min(c.train[1], default=1) > 0 for c in plot.curves):
        loss.set_yscale("log")
        loss.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        loss.yaxis.set_minor_locator(NullLocator())
        loss.yaxis.set_major_formatter("{x:g}")
    _stretch_accuracy(accuracy, plot)
    handles, labels = accuracy.get_legend_handles_labels()
    if handles:
        legend = accuracy.legend(
            handles, labels, loc="lower right", fontsize=plot.font_size * 0.9, frameon=True
        )
        legend.get_frame().set(facecolor=plot.paper, edgecolor="none", alpha=0.8)
        for text in legend.get_texts():
            text.set_color(plot.text)
    return figure


def _draw_curve(axes: Axes, curve: Curve, column: int, colour: str) -> None:
    """Training thin, validation thick with markers."""
    style, dashes = curve.style, (0, curve.style.dashes) if curve.style.dashes else "-"
    axes.plot(
        curve.train[0],
        _plotted(curve.train[column], column),
        color=colour,
        linewidth=0.9,
        linestyle=dashes,
        alpha=0.55,
    )
    axes.plot(
        curve.validation[0],
        _plotted(curve.validation[column], column),
        color=colour,
        linewidth=1.8,
        linestyle=dashes,
        marker=style.marker,
        markersize=4,
        markevery=max(1, len(curve.validation[0]) // 12),
        label=curve.title,
    )


def _plotted(values: tuple[float, ...], column: int) -> list[float]:
    """Losses as they are; accuracies kept off 0 and 1, where a logit has no value."""
    if column == 1:
        return list(values)
    return [min(max(value, _LEAST), _SUREST) for value in values]


def _stretch_accuracy(axes: Axes, plot: Plot) -> None:
    """A logit scale: one class guessed, 99 % and 99.6 % are all told apart."""
    from matplotlib.ticker import FixedLocator, NullLocator

    seen = [value for c in plot.curves for value in (*c.train[2], *c.validation[2])]
    if not seen:
        return
    axes.set_yscale("logit")
    # A little room above the best and below the worst.
    low, high = min(seen), min(max(seen), _SUREST)
    axes.set_ylim(max(_LEAST, low) * 0.8, 1 - (1 - high) * 0.7)
    axes.yaxis.set_major_locator(FixedLocator(_ACCURACY_TICKS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda share, _: f"{share * 100:g}")


def _dress(axes: Axes, title: str, plot: Plot) -> None:
    """Quiet axes in the window's colours."""
    axes.set_facecolor(plot.paper)
    axes.set_title(title, fontsize=plot.font_size * 1.05, color=plot.text, loc="left")
    axes.set_xlabel(
        "epoch  (thin: training, with marks: validation)", fontsize=plot.font_size, color=plot.text
    )
    axes.tick_params(colors=plot.text, which="both", labelsize=plot.font_size * 0.9)
    axes.grid(color=plot.text, alpha=0.15, linewidth=0.6)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_edgecolor(plot.text)
        spine.set_alpha(0.4)


class CurvesView(QWidget):
    """Shows the newest picture; asks for another no more than four times a second."""

    saved = Signal(str)
    failed = Signal(str)
    painted = Signal()
    """A new picture is in."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("curves")
        self.setAccessibleName("Curves of loss and accuracy")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(360, 170)
        self._curves: tuple[Curve, ...] = ()
        self._image: QImage | None = None
        self._worker = CurvesWorker()
        self._worker.done.connect(self._show)
        self._worker.failed.connect(self.failed)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)

    def sizeHint(self) -> QSize:
        """Two panels side by side."""
        return QSize(760, 320)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is shown, or about to be."""
        return self._curves

    def show_curves(self, curves: tuple[Curve, ...]) -> None:
        """Show these instead."""
        self._curves = curves
        if self.isVisible() and not self._soon.isActive():
            self._soon.start(250)

    def save(self, path: Path) -> None:
        """Save as PNG, SVG or CSV, by the name's ending; `saved` or `failed` tells."""
        # A lecture's slide is white, whatever the window's colours are.
        plot = Plot(self._curves, (900, 400), 2.0, "#202124", "white", 9.0)

        def save() -> str:
            content = _file_content(plot, path.suffix.lower())
            with writing(path):
                write_whole(path, content)
            return str(path)

        Task.begin(save, self.saved.emit, self.failed)

    def end(self) -> list[QThread]:
        """Let the thread finish; returns it, to be waited for."""
        self._soon.stop()
        self._worker.end()
        return [self._worker]

    def _ask(self) -> None:
        if not self._worker.isRunning():
            self._worker.start()
        palette = self.palette()
        plot = Plot(
            self._curves,
            (self.width(), self.height()),
            self.devicePixelRatioF(),
            palette.color(QPalette.ColorRole.WindowText).name(),
            palette.color(QPalette.ColorRole.Window).name(),
            self.fontInfo().pixelSize() * 0.68,
        )
        self._worker.ask(plot)

    def _show(self, image: QImage) -> None:
        self._image = image
        self.update()
        self.painted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden."""
        self._soon.start(0 if self._image is None else 50)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The picture is drawn anew at the new size."""
        self._soon.start(120)

    def changeEvent(self, event: Any) -> None:
        """Light became dark or dark light."""
        super().changeEvent(event)
        if event.type() == event.Type.PaletteChange:
            self.show_curves(self._curves)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, or what to do to get one."""
        painter = QPainter(self)
        if self._curves and self._image is not None:
            painter.drawImage(self.rect(), self._image)
            return
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        hint = "Curves appear here: press Train, or tick a run above"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, hint)
