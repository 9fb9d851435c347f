"""matplotlib's own toolbar for the curves, in the window's colours.

Importing this imports matplotlib: do it in the background first.
"""

# mypy: allow-untyped-calls
# matplotlib's Qt classes have no types.

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.backends.backend_qt import NavigationToolbar2QT
from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from lenet_gui.curves.canvas import CurveCanvas

_SIDE = 18  # of an icon, in points
_IMAGES = Path(matplotlib.get_data_path()) / "images"
_DRAWINGS = {
    name: (_IMAGES / f"{name}.svg").read_bytes()
    for name in ("home", "move", "zoom_to_rect", "filesave")
}


def icon(name: str, colour: QColor) -> QIcon:
    """One of matplotlib's icons in a colour."""
    drawing, wanted = _DRAWINGS[name], colour.name().encode()
    for kind in (b"fill:", b"stroke:"):
        drawing = drawing.replace(kind + b"black", kind + wanted)
    renderer = QSvgRenderer(QByteArray(drawing))
    made = QIcon()
    for ratio in (1, 2, 3):
        pixmap = QPixmap(_SIDE * ratio, _SIDE * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(pixmap.rect()))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        made.addPixmap(pixmap)
    return made


class CurveToolbar(NavigationToolbar2QT):
    """matplotlib's own toolbar, with those of its tools that make sense here."""

    save_asked = Signal()
    toolitems: list[tuple[str, ...] | tuple[None, ...]] = [  # noqa: RUF012  as matplotlib has it
        ("Home", "See all again, and what still comes in", "home", "home"),
        ("Pan", "Drag the curves: left button moves, right button stretches", "move", "pan"),
        ("Zoom", "Drag a frame about a part to see it larger", "zoom_to_rect", "zoom"),
        ("Save", "Save the curves as PNG, SVG or CSV", "filesave", "save_figure"),
    ]

    def __init__(self, canvas: CurveCanvas, parent: QWidget) -> None:
        super().__init__(canvas, parent, coordinates=False)
        self._curves = canvas
        self.setObjectName("curve_tools")
        self.setIconSize(QSize(_SIDE, _SIDE))
        for name, action in self._actions.items():
            action.setObjectName(f"curves_{name}")

    def _icon(self, name: str) -> QIcon:
        # matplotlib's own icons read a file at each painting, and warn of Qt's old names.
        return icon(name.removesuffix(".png"), self.palette().color(QPalette.ColorRole.WindowText))

    def changeEvent(self, event: QEvent) -> None:
        """Light became dark or dark light."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for _, _, file, callback in self.toolitems:
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
