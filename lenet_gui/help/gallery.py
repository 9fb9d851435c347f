"""Every widget of the window in every state, on one page: `lenet-gui --gallery`.

It is what `docs/design.md` describes, and what a new part of the window is made of.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets import theme
from lenet_gui.widgets.controls import FocusRing, ThemedCheckBox, make_push_button
from lenet_gui.widgets.labels import Label, ScrollArea, enlarge_text, make_caption, make_heading
from lenet_gui.widgets.number_field import NumberField
from lenet_gui.widgets.probabilities import ProbabilitiesView
from lenet_gui.widgets.sliders import JumpSlider
from lenet_gui.widgets.theme import make_icon
from trainer.translation import N_
from trainer.translation import gettext as _

STATES = (N_("Usual"), N_("Focused"), N_("Checked or filled"), N_("Disabled"))
_COLORS = (
    "Window", "WindowText", "PlaceholderText", "Base", "AlternateBase", "Mid", "Accent", "Link",
)  # fmt: skip
_ICONS = (
    "pencil", "eraser", "undo-2", "redo-2", "trash", "copy", "save", "folder-open", "image", "map",
)  # fmt: skip


class WidgetGallery(QWidget):
    """Type, colors, icons, and each widget usual, focused, checked or filled, and disabled."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("gallery")
        self.setWindowTitle(_("Widgets of LeNet Studio"))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(*(2 * theme.GRID,) * 4)
        column.setSpacing(2 * theme.GRID)
        for title, part in (
            (_("Type"), self._type()),
            (_("Colors"), self._colors()),
            (_("Icons"), self._icons()),
            (_("Widgets"), self._widgets()),
            (_("Tabs and lists"), self._lists()),
        ):
            column.addWidget(make_heading(title))
            column.addLayout(part)
        column.addStretch(1)
        area = ScrollArea(page, sideways=True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        self.resize(900, 720)

    def _type(self) -> QVBoxLayout:
        column = QVBoxLayout()
        for name, size in (
            (_("Title"), theme.TITLE), (_("Heading"), theme.HEADING),
            (_("Body"), theme.BODY), (_("Caption"), theme.CAPTION),
        ):  # fmt: skip
            label = make_caption(name) if size == theme.CAPTION else Label(name)
            enlarge_text(label, size, bold=size > theme.BODY)
            column.addWidget(label)
        return column

    def _colors(self) -> QGridLayout:
        grid = QGridLayout()
        for number, name in enumerate(_COLORS):
            swatch = Label()
            swatch.setFixedHeight(3 * theme.GRID)
            swatch.setAutoFillBackground(True)
            palette = swatch.palette()
            color: QColor = palette.color(getattr(QPalette.ColorRole, name))
            palette.setColor(QPalette.ColorRole.Window, color)
            swatch.setPalette(palette)
            grid.addWidget(swatch, 0, number)
            grid.addWidget(make_caption(f"{name}\n{color.name()}"), 1, number)
        return grid

    def _icons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for enabled in (True, False):
            for name in _ICONS:
                button = QToolButton()
                button.setIcon(make_icon(name))
                button.setToolTip(name)
                button.setAccessibleName(name)
                button.setEnabled(enabled)
                row.addWidget(button)
        row.addStretch(1)
        return row

    def _widgets(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * theme.GRID)
        for column, state in enumerate(STATES):
            grid.addWidget(make_caption(_(state)), 0, column + 1)
        makers: tuple[tuple[str, Callable[[], QWidget]], ...] = (
            (_("Button"), lambda: make_push_button(_("Button"), "", "")),
            (_("Primary button"), _make_primary),
            (_("Tool button"), _make_tool),
            (_("Check box"), lambda: ThemedCheckBox(_("Choice"))),
            (_("Text field"), _make_text_field),
            (_("Number field"), lambda: NumberField(0, 10)),
            (_("List of choices"), _make_combo_box),
            (_("Slider"), JumpSlider),
            (_("Progress"), _make_progress),
            (_("Probabilities"), _make_probabilities),
        )
        for row, (name, make) in enumerate(makers, 1):
            grid.addWidget(Label(name), row, 0)
            for column in range(len(STATES)):
                widget = make()
                grid.addWidget(widget, row, column + 1)
                _put_into_state(widget, column)
        return grid

    def _lists(self) -> QHBoxLayout:
        row = QHBoxLayout()
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        for name in (_("Draw"), _("Inspect"), _("Train")):
            tabs.addTab(Label(name), name)
        tabs.setTabEnabled(2, False)
        rows = QListWidget()
        rows.setAccessibleName(_("List"))
        rows.addItems([f"studio {n}" for n in range(20)])
        rows.setCurrentRow(1)
        for widget in (tabs, rows):
            widget.setMaximumHeight(15 * theme.GRID)
            row.addWidget(widget)
        return row


def _put_into_state(widget: QWidget, state: int) -> None:
    if state == 1:
        FocusRing(widget)
    elif state == 2:
        if isinstance(widget, QPushButton | QToolButton):
            widget.setCheckable(True)
        if isinstance(widget, QPushButton | QToolButton | ThemedCheckBox):
            widget.setChecked(True)
        elif isinstance(widget, QLineEdit):
            widget.setText(_("Text"))
        elif isinstance(widget, JumpSlider | QProgressBar):
            widget.setValue(60)
        elif isinstance(widget, ProbabilitiesView):
            widget.show_values((0.02,) * 5 + (0.82,) + (0.02,) * 4, (), marked=(5,))
    elif state == 3:
        widget.setEnabled(False)


def _make_primary() -> QPushButton:
    button = make_push_button(_("Train"), "", "")
    button.setProperty("primary", True)
    return button


def _make_tool() -> QToolButton:
    button = QToolButton()
    button.setIcon(make_icon("pencil"))
    button.setText(_("Pen"))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def _make_text_field() -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(_("Search"))
    return field


def _make_combo_box() -> QComboBox:
    box = QComboBox()
    box.addItems(["MNIST", "Fashion-MNIST"])
    return box


def _make_progress() -> QProgressBar:
    bar = QProgressBar()
    bar.setValue(25)
    return bar


def _make_probabilities() -> ProbabilitiesView:
    view = ProbabilitiesView()
    view.setMinimumHeight(12 * theme.GRID)
    return view
