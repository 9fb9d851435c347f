"""The icons of Lucide, in the color of the text beside them.

They are painted anew in the palette's color each time, so that they follow a change between
light and dark, and are sharp at every size.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from trainer.files import asset


class TintedIconEngine(QIconEngine):
    """Paints one SVG picture whose color is "currentColor".

    Args:
        source: of the SVG picture.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source

    def clone(self) -> QIconEngine:
        """Another one of the same picture; Qt asks for it when an icon is copied."""
        return TintedIconEngine(self._source)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """The picture, in the color of texts in this mode."""
        group = QPalette.ColorGroup.Active
        if mode is QIcon.Mode.Disabled:
            group = QPalette.ColorGroup.Disabled
        color = QGuiApplication.palette().color(group, QPalette.ColorRole.ButtonText)
        picture = self._source.replace("currentColor", color.name())
        QSvgRenderer(QByteArray(picture.encode())).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The picture on a transparent ground."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


@cache
def _source_of(name: str) -> str:
    return asset(f"icons/{name}.svg").read_text(encoding="utf-8")


def make_icon(name: str) -> QIcon:
    """The icon of this name in `assets/icons`."""
    return QIcon(TintedIconEngine(_source_of(name)))
