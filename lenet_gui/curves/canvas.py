"""matplotlib's canvas for the curves, and its own toolbar, in the window's colors.

Importing this imports matplotlib, which takes long: do it in the background
first. The canvas itself belongs to the window's thread. Axes and texts are drawn
once and kept as a picture. Lines are drawn over a copy of it, many of them in
several turns of the event loop; new points let only the part be drawn anew that
lies right of them. What follows the pointer is painted by Qt over both.

Worked around: `CurveToolbar._icon` draws matplotlib's icons once, in the text's color.

- Without it: matplotlib reads and renders a file at each painting of a button: 0.095 ms
  instead of 0.001 ms, by 200 calls of `CurveToolbar._icon("home.png").paint`; on a dark window
  its icons are white, whatever the color of the text.
- Versions: matplotlib 3.11.2; up to 3.10, a pixmap in place of the icon's engine.
- Upstream: https://github.com/matplotlib/matplotlib/pull/30565 made them follow dark windows.
- Off: LENET_STUDIO_NO_WORKAROUNDS=1.
- No longer needed once `test_matplotlib_still_reads_its_icons_at_each_painting` fails.
"""

# Of matplotlib's Qt backend nothing is typed:
# mypy: allow-untyped-calls

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import matplotlib
import numpy as np
from matplotlib.backend_bases import MouseEvent
from matplotlib.backends.backend_qt import NavigationToolbar2QT
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from PySide6.QtCore import QByteArray, QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QIcon,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from lenet_gui.curves.hover import HoveredPoint, Legend, find_nearest, paint_hovered_point
from trainer.curves.figure import DPI, Panels
from trainer.curves.panel import Area
from trainer.curves.spec import CurveLine, PlotStyle, View
from trainer.runtime.workarounds import workarounds_enabled
from trainer.translation import N_
from trainer.translation import gettext as _

_ZOOM = 0.85  # of a range is left by a notch of the wheel
_TURN = 0.05  # seconds that lines are drawn before the window sees to events again
_SMALLEST = 1e-6  # of a value: a range less wide has no numbers to be told apart


class CurveCanvas(FigureCanvasQTAgg):
    """Curves of several runs, to be zoomed, panned and read at the pointer."""

    drawn = Signal()
    """A picture is complete."""

    def __init__(self, view: View, look: PlotStyle) -> None:
        super().__init__(Figure(dpi=DPI))
        self.setObjectName("curve_canvas")
        self.setAccessibleName(_("Curves of loss and accuracy"))
        self.setMinimumSize(200, 100)
        self.toolbar: CurveToolbar | None = None  # which sets it itself
        self.hovered: HoveredPoint | None = None
        self.legend = Legend()
        self.background: Any = None
        self._pointer: QPointF | None = None
        self._pressed = False
        self._undrawn: Iterator[None] = iter(())  # draws a line at each step
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._draw_on)
        self._has_news = False  # points that came while lines were drawn
        self.panels = Panels(self.figure, view, look, animated=True)
        self.mpl_connect("scroll_event", self._wheel)

    def sizeHint(self) -> QSize:
        """Two panels side by side."""
        return QSize(760, 300)

    def minimumSizeHint(self) -> QSize:
        """A panel that is still one."""
        return QSize(200, 100)

    # What is shown

    def show_lines(self, lines: tuple[CurveLine, ...], left_out: int = 0) -> None:
        """Show these runs; a part that was zoomed into stays.

        Args:
            lines: the runs.
            left_out: how many more are ticked, which the legend then says.
        """
        self.legend.left_out = left_out
        held = self.panels.limits() if self.panels.has_other_limits() else None
        self.panels.show(lines)
        self._start(held)

    def set_view(self, view: View) -> None:
        """Show other quantities, or in another way."""
        panels = self.panels
        if _but_smoothing(view) == _but_smoothing(panels.view):
            panels.smooth(view)
            if self._turn.isActive():  # what is still undrawn would be smoothed as before
                self.forget_background()
            self.refresh()
        else:
            self._build(view, panels.look)

    def set_look(self, look: PlotStyle) -> None:
        """Show it in other colors."""
        if look != self.panels.look:
            self._build(self.panels.view, look)

    def _build(self, view: View, look: PlotStyle) -> None:
        same = view == self.panels.view
        held = self.panels.limits() if same and self.panels.has_other_limits() else None
        lines = self.panels.lines
        self.panels = Panels(self.figure, view, look, animated=True)
        self.panels.show(lines)
        if self.toolbar is not None:
            self.toolbar.update_axes()
        self._start(held)

    def _start(self, limits: Any) -> None:
        self.panels.take()
        self.panels.fit()
        if limits is not None:
            self.panels.set_limits(limits)
        self.forget_background()

    def refresh(self) -> None:
        """Draw what the lines' series have gained; a part that was zoomed into stays."""
        if self._turn.isActive():  # else many lines would begin anew and never be complete
            self._has_news = True
            return
        self.panels.take()
        moved = not self._in_use() and self.panels.fit(roomy=True)
        if moved or not self.is_drawn:
            self.forget_background()
        else:
            self._draw_news()

    def settle(self) -> None:
        """Nothing new came for a while: no room is left for it."""
        if not self._in_use() and self.panels.fit():
            self.forget_background()

    def show_all(self) -> None:
        """Choose the ranges by the curves again."""
        self.panels.fit()
        self.forget_background()

    def _in_use(self) -> bool:
        """Whether the ranges are the user's."""
        return self._pressed or self.panels.has_other_limits()

    # Drawing

    @property
    def is_drawn(self) -> bool:
        """Whether the figure was drawn as a whole, and no other drawing of it is due."""
        due = self._draw_pending or self._turn.isActive()
        return self.background is not None and not due

    def forget_background(self) -> None:
        """Draw all of the figure anew when the event loop is reached."""
        self.background = None
        self._turn.stop()
        self.draw_idle()

    def draw(self) -> None:
        """Draw everything, unless nobody would see it."""
        if not self.isVisible():
            self.background = None
            return
        super().draw()
        self.background = np.array(self.renderer.buffer_rgba())
        self._undrawn = self.panels.draw(self.renderer)
        self._draw_lines()

    def _draw_lines(self) -> None:
        """Draw what is undrawn yet, or as much of it as the window may wait for."""
        ends = time.perf_counter() + _TURN
        for _line in self._undrawn:
            if time.perf_counter() > ends:
                self._turn.start(0)
                return
        self._turn.stop()
        self._find()
        self.drawn.emit()
        if self._has_news:
            self._has_news = False
            self.refresh()

    def _draw_on(self) -> None:
        self._draw_lines()
        self.update()

    def _draw_news(self) -> None:
        """Draw anew what lies right of the first point that is another one than before."""
        if self._pointer is not None or self.legend.bests != [
            line.best() for line in self.panels.lines
        ]:
            self.update()
        moved = self.panels.choose_points()
        areas = [p.area(left) for p, left in zip(self.panels.panels, moved, strict=True)]
        self._undrawn = self._draw_areas(areas)
        self._draw_lines()

    def _draw_areas(self, areas: Sequence[Area | None]) -> Iterator[None]:
        """Draw a part of each panel anew; pauses as `Panel.draw` does."""
        picture = np.asarray(self.renderer.buffer_rgba())
        for panel, area in zip(self.panels.panels, areas, strict=True):
            if area is not None:
                rows = slice(len(picture) - area.top, len(picture) - area.bottom)
                columns = slice(area.left, area.right)
                picture[rows, columns] = self.background[rows, columns]
                yield from panel.draw(self.renderer, area)
                self._update_part(area)

    def _update_part(self, area: Area) -> None:
        ratio = float(self.device_pixel_ratio)
        if not ratio.is_integer():  # matplotlib would not find the same pixels for it
            self.update()
            return
        left, right = math.floor(area.left / ratio), math.ceil(area.right / ratio)
        low, high = math.floor(area.bottom / ratio), math.ceil(area.top / ratio)
        self.update(left, self.height() - high, right - left, high - low)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, and over it what follows the pointer."""
        # Of both panels, without all that is between them; PySide's types leave it out.
        for part in cast("Iterable[QRect]", event.region()):
            super().paintEvent(QPaintEvent(part))
        if not self.panels.lines or self.background is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self.font()
        font.setPointSizeF(self.fontInfo().pointSizeF() * 0.9)
        painter.setFont(font)
        whole = QRectF(self.rect())
        beneath = self._pointer is not None and self.legend.rect.contains(self._pointer)
        self.legend.paint(painter, self.panels, whole, faded=beneath)
        if self.hovered is not None:
            paint_hovered_point(painter, self.hovered, self.panels.look, whole)
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was not drawn while hidden."""
        super().showEvent(event)
        self.draw_idle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panels fill the new size."""
        super().resizeEvent(event)
        self.panels.place()

    # The pointer

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the curve beneath it."""
        super().mouseMoveEvent(event)
        dragging = event.buttons() != Qt.MouseButton.NoButton
        self._pointer = None if dragging else event.position()
        self._find()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is read any more."""
        super().leaveEvent(event)
        self._pointer = self.hovered = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """From here on the ranges are the user's, since a drag may begin."""
        self._pressed = True
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The drag is over."""
        super().mouseReleaseEvent(event)
        self._pressed = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """See all again."""
        super().mouseDoubleClickEvent(event)
        self.show_all()

    def _find(self) -> None:
        point = self._pointer
        if point is None or not self.panels.lines:
            self.hovered = None
            return
        ratio = float(self.device_pixel_ratio)
        self.hovered = find_nearest(self.panels, point.x(), point.y(), self.height(), ratio)

    def _wheel(self, event: MouseEvent) -> None:
        """Zoom about the pointer; on any scale."""
        axes = event.inaxes
        if axes is None:
            return
        factor = _ZOOM ** float(np.clip(event.step, -3, 3))
        pointer = np.array([event.x, event.y])
        corners = pointer + (axes.bbox.get_points() - pointer) * factor
        (left, low), (right, high) = axes.transData.inverted().transform(corners)
        limits = np.array([left, right, low, high])
        for start, end in ((left, right), (low, high)):
            if not np.isfinite(limits).all() or end - start < _SMALLEST * max(abs(start), abs(end)):
                return
        axes.set(xlim=(left, right), ylim=(low, high))
        self.draw_idle()


def _but_smoothing(view: View) -> tuple[object, ...]:
    return view.quantities, view.against, view.log


_SIDE = 18  # of an icon, in points
_IMAGES = Path(matplotlib.get_data_path()) / "images"
_DRAWINGS = {
    name: (_IMAGES / f"{name}.svg").read_bytes()
    for name in ("home", "move", "zoom_to_rect", "filesave")
}


def tinted_icon(name: str, color: QColor) -> QIcon:
    """One of matplotlib's icons in a color."""
    drawing, colored = _DRAWINGS[name], color.name().encode()
    for kind in (b"fill:", b"stroke:"):
        drawing = drawing.replace(kind + b"black", kind + colored)
    renderer = QSvgRenderer(QByteArray(drawing))
    icon = QIcon()
    for ratio in (1, 2, 3):
        pixmap = QPixmap(_SIDE * ratio, _SIDE * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(pixmap.rect()))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        icon.addPixmap(pixmap)
    return icon


class CurveToolbar(NavigationToolbar2QT):
    """matplotlib's own toolbar, with those of its tools that make sense here."""

    save_asked = Signal()
    toolitems: list[tuple[str, ...] | tuple[None, ...]] = [  # noqa: RUF012  as matplotlib has it
        (N_("Home"), N_("See all again, and what still comes in"), "home", "home"),
        (
            *(N_("Pan"), N_("Drag the curves: the left button moves, the right one stretches")),
            *("move", "pan"),
        ),
        (N_("Zoom"), N_("Drag a frame about a part to see it larger"), "zoom_to_rect", "zoom"),
        (N_("Save"), N_("Save the curves as PNG, SVG or CSV"), "filesave", "save_figure"),
    ]

    def __init__(self, canvas: CurveCanvas, parent: QWidget) -> None:
        super().__init__(canvas, parent, coordinates=False)
        self._curves = canvas
        self.setObjectName("curve_tools")
        self.setIconSize(QSize(_SIDE, _SIDE))
        for name, action in self._actions.items():
            action.setObjectName(f"curves_{name}")
        for title, tip, _file, callback in self.toolitems:
            self._actions[callback].setText(_(str(title)))
            self._actions[callback].setToolTip(_(str(tip)))

    def _icon(self, name: str) -> QIcon:
        if not workarounds_enabled():
            icon: QIcon = super()._icon(name)
            return icon
        return tinted_icon(
            name.removesuffix(".png"), self.palette().color(QPalette.ColorRole.WindowText)
        )

    def changeEvent(self, event: QEvent) -> None:
        """Light became dark or dark light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for _title, _tip, file, callback in self.toolitems:
                self._actions[callback].setIcon(self._icon(f"{file}.png"))

    def home(self, *args: object) -> None:
        """See all again; matplotlib's own would go back to what all was then."""
        self.update_axes()
        self._curves.show_all()

    def update_axes(self) -> None:
        """Forget views of axes that are no longer there."""
        self._nav_stack.clear()

    def save_figure(self, *args: object) -> None:
        """Let the window ask where to."""
        self.save_asked.emit()
