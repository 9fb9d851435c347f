"""Icons have the color of text, and follow the palette."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from pytestqt.qtbot import QtBot

from lenet_gui.widgets.theme import make_icon


def ink_of(icon: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> QColor:
    """The color of the most opaque pixel."""
    image = icon.pixmap(QSize(48, 48), mode).toImage()
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return max((image.pixelColor(x, y) for x, y in places), key=QColor.alpha)


def test_an_icon_has_the_color_of_text_and_follows_it(qtbot: QtBot) -> None:
    icon, before = make_icon("pencil"), QGuiApplication.palette()
    try:
        for name, faint in (("#102030", "#a0a0a0"), ("#f0e0d0", "#505050")):
            palette = QPalette(before)
            palette.setColor(QPalette.ColorRole.ButtonText, QColor(name))
            group = QPalette.ColorGroup.Disabled
            palette.setColor(group, QPalette.ColorRole.ButtonText, QColor(faint))
            QGuiApplication.setPalette(palette)
            for mode, expected in ((QIcon.Mode.Normal, name), (QIcon.Mode.Disabled, faint)):
                ink = ink_of(icon, mode)
                assert ink.alpha() > 200
                wanted = QColor(expected)
                for part in ("red", "green", "blue"):
                    assert abs(getattr(ink, part)() - getattr(wanted, part)()) <= 8
    finally:
        QGuiApplication.setPalette(before)


def test_an_icon_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        make_icon("no such icon")
