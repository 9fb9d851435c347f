"""The gallery shows every widget in every state, and `docs/design.md` has the theme's figures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from lenet_gui.help.gallery import STATES, WidgetGallery
from lenet_gui.widgets import theme
from lenet_gui.widgets.number_field import NumberField
from lenet_gui.widgets.sliders import JumpSlider


def test_every_kind_of_widget_is_there_in_every_state(qtbot: QtBot) -> None:
    gallery = WidgetGallery()
    qtbot.addWidget(gallery)
    gallery.show()
    for kind in (NumberField, QComboBox, JumpSlider, QLineEdit, QPushButton):
        widgets = [w for w in gallery.findChildren(kind) if not isinstance(w.parent(), NumberField)]
        assert len(widgets) >= len(STATES), kind
        assert not all(widget.isEnabled() for widget in widgets), kind
    assert gallery.findChildren(QGridLayout)


def test_the_document_has_the_colors(qtbot: QtBot) -> None:
    text = (Path(__file__).parents[3] / "docs" / "design.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    checked = 0
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        for name in cells[0].replace("`", "").split(", "):
            role = getattr(QPalette.ColorRole, name, None)
            if role is not None:
                colors = [theme.palette(dark).color(role).name() for dark in (False, True)]
                assert [cell.strip("`") for cell in cells[1:3]] == colors, name
                checked += 1
    assert checked >= 10
