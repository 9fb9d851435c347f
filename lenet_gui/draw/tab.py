"""The Draw tab: paper and tools on the left, what the network makes of it on the right."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.draw.canvas import Canvas
from lenet_gui.draw.dataset_browser import DatasetBrowser
from lenet_gui.draw.picture_input import PictureInput
from lenet_gui.draw.result_view import Correction, ResultView, make_marks
from lenet_gui.draw.watch_bar import WatchBar
from lenet_gui.widgets.colormap import encode_png
from lenet_gui.widgets.controls import REDO_KEYS, OverlayCard, make_action, make_push_button
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.widgets.formatting import name_of_classes
from lenet_gui.widgets.labels import Label, make_page
from lenet_gui.widgets.live_updates import Throttle
from lenet_gui.widgets.theme import make_icon
from lenet_gui.workers.serial import BackgroundTask
from trainer.files import save_file
from trainer.reading.sheet_reading import SheetReading, claimed_digit
from trainer.translation import gettext as _

_GAP = 8  # pixels between the offer to learn and what is beside it
_BESIDE_BUTTONS = 120  # pixels of the offer that are not its buttons, where its text is beside them


class LearnOffer(OverlayCard):
    """After the first correction of a session: the network can learn from it; two buttons.

    It lies over the tab, below the tools or on the paper's lower edge, so that nothing moves as it
    comes and goes.

    Args:
        tab: what it lies on.
        tools: what is beneath the paper, which it does not cover.
    """

    accepted = Signal()

    def __init__(self, tab: QWidget, tools: QWidget) -> None:
        super().__init__(tab, tools)
        self._tab, self._tools = tab, tools
        self.setObjectName("learn_offer")
        self._offered = self._on_paper = False
        self.text = Label()
        self.text.setWordWrap(True)
        self.learn = make_push_button(
            _("Learn now"),
            "learn_now_button",
            _("Train the network on your digits, on the My digits tab"),
        )
        self.dismiss = make_push_button(_("Not now"), "not_now_button", _("Keep drawing"))
        self._box, buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight, self), QHBoxLayout()
        self._box.setContentsMargins(12, 8, 12, 8)
        self._box.addWidget(self.text, 1)
        self._box.addLayout(buttons)
        buttons.setSpacing(8)
        buttons.addWidget(self.learn)
        buttons.addWidget(self.dismiss)
        buttons.addStretch(1)
        self.learn.clicked.connect(self._accept)
        self.dismiss.clicked.connect(self.hide)
        self.hide()

    def offer(self, digit: int) -> None:
        """Say that the drawing is kept, and that the network can learn it; only the first time."""
        if self._offered:
            return
        self._offered = True
        self.text.setText(
            _(
                "Your {digit} is saved to My digits. The network can learn your handwriting in a "
                "few seconds."
            ).format(digit=digit)
        )
        self.place()
        self.show()
        self.raise_()

    def _accept(self) -> None:
        self.hide()
        self.accepted.emit()

    def place(self) -> None:
        """Below the tools, or, where there is no room, above them, on the paper's lower edge."""
        tools = QRect(self._tools.mapTo(self._tab, QPoint()), self._tools.size())
        buttons = self.learn.sizeHint().width() + self.dismiss.sizeHint().width()
        beside = tools.width() > 2 * buttons + _BESIDE_BUTTONS
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        high = self._box.totalHeightForWidth(tools.width())
        lowest = self._tab.height() - high - _GAP
        below = tools.bottom() + _GAP
        top = below if below <= lowest else min(lowest, tools.top() - high - _GAP)
        self._on_paper = top < tools.top()
        self.setGeometry(tools.left(), top, tools.width(), high)

    def make_way(self) -> None:
        """The pen is back: ink is not drawn beneath it."""
        if self._on_paper:
            self.hide()


PEN_WIDTHS = (50, 160)
"""Thinnest and thickest pen, in hundredths of the usual one."""
_BESIDE_NAMES = 310
"""Pixels of the tools' row, which takes half of the tab, that are not their names."""


class DrawTab(QWidget):
    """Draw, and see it read while the pen moves."""

    message = Signal(str)
    """Something to tell the user in passing."""
    corrected = Signal(object)
    """What a drawing should have been read as (`Correction`)."""
    correction_withdrawn = Signal(object)
    """This `Correction` was taken back."""
    several_wanted = Signal(bool, bool)
    """Whether several digits are looked for, and punctuation between them."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas = Canvas()
        self.pictures = PictureInput(self)
        self.browser = DatasetBrowser()
        self.view = ResultView()
        self.bar = WatchBar()
        self.preprocessing, self.correction = self.view.preprocessing, self.view.correction
        self.prediction, self.probabilities = self.view.prediction, self.view.probabilities
        self.conv1, self.conv2 = self.view.conv1, self.view.conv2
        self.reading: SheetReading | None = None
        self._should_be: int | None = None  # said before the reading of the drawing came
        self._kept: dict[object, int] = {}  # strokes or picture, and what they were kept as
        self._drawing_seen = True
        self._soon = Throttle(self._update_actions, self)
        self._make_actions()
        self._lay_out()
        self.canvas.changed.connect(self._drawing_changed)
        self.canvas.changed.connect(self.learn_offer.make_way)
        self.canvas.digit_chosen.connect(self.prediction.chosen)
        self.pictures.found.connect(self.canvas.show_picture)
        self.pictures.notice.connect(self.canvas.show_notice)
        self.pictures.message.connect(self.message)
        self.pictures.refusal_changed.connect(self._update_actions)
        self.browser.found.connect(self.canvas.show_picture)
        self.addActions(self.browser.actions_of_tab)
        self.correction.chosen.connect(self.correct)
        self.learn_offer.dismiss.clicked.connect(self.canvas.setFocus)
        self._update_actions()

    # Actions

    def _make_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.pen = make_action(self, _("Pen"), _("Draw"), "P", name="pen")
        self.eraser = make_action(
            self, _("Eraser"), _("Erase; the right mouse button does too"), "E", name="eraser"
        )
        for tool in (self.pen, self.eraser):
            tool.setCheckable(True)
        tools = QActionGroup(self)
        tools.addAction(self.pen)
        tools.addAction(self.eraser)
        self.pen.setChecked(True)
        self.eraser.toggled.connect(self.canvas.set_erasing)
        self.undo = make_action(self, _("Undo"), _("Undo the last stroke"), keys.Undo, name="undo")
        self.redo = make_action(self, _("Redo"), _("Redo the last stroke"), *REDO_KEYS, name="redo")
        # On a Mac, the key above the right hand is called delete.
        delete = ("Del", "Backspace") if sys.platform == "darwin" else ("Del",)
        self.clear = make_action(self, _("Clear"), _("Clear the sheet"), *delete, name="clear")
        self.copy = make_action(
            self, _("Copy"), _("Copy the drawing as a picture"), keys.Copy, name="copy"
        )
        self.save = make_action(
            self,
            _("Save drawing…"),
            _("Save the drawing as a picture or as strokes"),
            "Ctrl+D",
            name="save_drawing",
        )
        self.adjust = make_action(
            self,
            _("Adjust picture…"),
            _("Correct what was taken for ink on the picture"),
            "Ctrl+J",
            name="adjust_picture",
        )
        for action, icon in (
            *((self.pen, "pencil"), (self.eraser, "eraser"), (self.undo, "undo-2")),
            *((self.redo, "redo-2"), (self.clear, "trash"), (self.copy, "copy")),
            *((self.save, "save"), (self.adjust, "crop")),
        ):
            action.setIcon(make_icon(icon))
        self._make_reading_actions()
        self.undo.triggered.connect(self.canvas.undo)
        self.redo.triggered.connect(self.canvas.redo)
        self.clear.triggered.connect(self.canvas.clear)
        self.copy.triggered.connect(self._copy)
        self.save.triggered.connect(self._save)

    def _make_reading_actions(self) -> None:
        """How drawings are read, and what is shown of it."""
        self.several = QAction(_("Several &digits"), self)
        self.several.setObjectName("several")
        self.several.setCheckable(True)
        self.several.setChecked(True)
        self.several.setToolTip(_("Recognize a number digit by digit"))
        self.punctuation = QAction(_("Pun&ctuation"), self)
        self.punctuation.setObjectName("punctuation")
        self.punctuation.setCheckable(True)
        self.punctuation.setToolTip(
            _("Read decimal points, commas, minus signs and spaces between digits")
        )
        for action in (self.several, self.punctuation):
            action.toggled.connect(self._several_toggled)
        self.kernels = make_action(
            self,
            _("Kernels"),
            _("Show the weights that compute the maps"),
            "Ctrl+K",
            name="kernels",
        )
        self.kernels.setCheckable(True)
        self.kernels.toggled.connect(self._show_kernels)
        self.kernels_wanted = {False: False, True: True}
        """Whether kernels are shown: usually, and while a run is watched."""
        self.bar.kernels.setToolTip(self.kernels.toolTip())
        self.bar.kernels.toggled.connect(self.kernels.setChecked)

    def _drawing_changed(self) -> None:
        self._should_be = None
        self.pictures.refused = None
        self.browser.follow(self.canvas.drawing.picture)
        if self.canvas.drawing_now:
            self.undo.setEnabled(self._drawing_seen)
            self._soon.trigger()  # first the ink, and what is read of it
        else:
            self._soon.flush()
        if self.canvas.drawing.empty and not self.canvas.drawing_now:
            self.pen.setChecked(True)  # an eraser would do nothing on a clean sheet
        if not self.preprocessing.options.all and self._is_new_sheet():
            self.preprocessing.take_all()

    def _is_new_sheet(self) -> bool:
        """Whether nothing is left of what was read last; the first ink on a clean sheet is not."""
        if self.reading is None or self.reading.sheet.empty:
            return False
        before = {id(point) for stroke in self.reading.sheet.strokes for point in stroke}
        now = (id(point) for stroke in self.canvas.drawing.strokes for point in stroke)
        return before.isdisjoint(now)

    def set_drawing_seen(self, seen: bool) -> None:
        """Whether the drawing is seen, on whichever tab; what changes it is grayed if not."""
        self._drawing_seen = seen
        self._enable_number_actions()
        self._update_actions()

    def _several_toggled(self) -> None:
        self._enable_number_actions()
        self.several_wanted.emit(self.several.isChecked(), self.punctuation.isChecked())

    def _enable_number_actions(self) -> None:
        self.several.setEnabled(self._drawing_seen)
        self.punctuation.setEnabled(self._drawing_seen and self.several.isChecked())

    def _update_actions(self) -> None:
        drawing, seen = self.canvas.drawing, self._drawing_seen
        self.undo.setEnabled(seen and drawing.can_undo)
        self.redo.setEnabled(seen and drawing.can_redo)
        for action in (self.clear, self.copy):
            action.setEnabled(seen and not drawing.empty)
        self.save.setEnabled(not drawing.empty)
        adjustable = self.pictures.adjustable(drawing.picture) is not None
        self.adjust.setEnabled(seen and adjustable)
        self._tool_buttons[-1].setVisible(adjustable)

    # Layout

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.canvas, 1)
        beneath = QWidget()
        self.learn_offer = LearnOffer(self, beneath)
        column = QVBoxLayout(beneath)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._tools())
        column.addWidget(self.browser)
        column.addWidget(self.view.nearest)
        left.addWidget(beneath)
        left.addStretch(0)
        halves = QHBoxLayout()
        halves.setSpacing(20)
        halves.addLayout(left, 1)
        halves.addWidget(self.view, 1)
        whole = QVBoxLayout(make_page(self))
        whole.setContentsMargins(14, 12, 14, 10)
        whole.setSpacing(8)
        whole.addLayout(halves, 1)
        whole.addWidget(self.bar)
        # What offers to learn comes after the button that made it appear.
        QWidget.setTabOrder(self.correction.buttons[-1], self.learn_offer.learn)
        QWidget.setTabOrder(self.learn_offer.learn, self.learn_offer.dismiss)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._tool_buttons: list[QToolButton] = []
        for action in (self.pen, self.eraser, self.undo, self.redo, self.clear, self.adjust):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName(f"{action.objectName()}_button")
            button.setAutoRaise(True)
            button.setMinimumSize(QSize(30, 28))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
            self._tool_buttons.append(button)
        self._tool_buttons[-1].hide()
        row.addStretch(1)
        self.width_slider = QSlider(Qt.Orientation.Horizontal)
        self.width_slider.setObjectName("pen_width")
        self.width_slider.setAccessibleName(_("Pen width"))
        self.width_slider.setRange(*PEN_WIDTHS)
        self.width_slider.setValue(100)
        self.width_slider.setMinimumWidth(60)
        self.width_slider.setMaximumWidth(130)
        self.width_slider.setToolTip(_("Pen width"))
        self.width_slider.valueChanged.connect(self._set_width)
        self._width_label = Label(_("Width"))
        self._width_label.setBuddy(self.width_slider)
        row.addWidget(self._width_label)
        row.addWidget(self.width_slider)
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is no room for the tools' names, their icons do."""
        super().resizeEvent(event)
        names = [*(button.text() for button in self._tool_buttons), self._width_label.text()]
        named = self.fontMetrics().horizontalAdvance("".join(names)) + _BESIDE_NAMES
        narrow = self.width() < 2 * named
        style = Qt.ToolButtonStyle
        for button in self._tool_buttons:
            button.setToolButtonStyle(
                style.ToolButtonIconOnly if narrow else style.ToolButtonTextBesideIcon
            )

    def _set_width(self, value: int) -> None:
        self.canvas.pen_width = value / 100

    # Watching a run

    def set_watching(self, watching: bool) -> None:
        """Make room for the bar, or take the room back."""
        self.view.set_watching(watching)
        self.bar.setVisible(watching)
        self.show_wanted_kernels()

    def show_wanted_kernels(self) -> None:
        """Show the kernels or not, as it was chosen for now."""
        self.kernels.setChecked(self.kernels_wanted[not self.bar.isHidden()])

    def _show_kernels(self, shown: bool) -> None:
        self.kernels_wanted[not self.bar.isHidden()] = shown
        self.bar.kernels.setChecked(shown)
        self.view.show_kernels(shown)

    # What the network says, and what it should have said

    def set_classes(self, classes: tuple[str, ...]) -> None:
        """Ask for what the network on show reads."""
        self.view.set_classes(classes)
        self.canvas.set_wanted(name_of_classes(classes))

    def show_reading(self, reading: SheetReading) -> None:
        """Show what the reader made of the drawing."""
        self.reading = reading
        self.view.show_reading(reading, moving=self.canvas.drawing_now)
        self.canvas.show_marks(make_marks(reading))
        self._show_kept()
        if self._should_be is not None and reading.sheet == self.canvas.drawing.sheet:
            self._correct(reading, self._should_be)

    def correct(self, digit: int) -> None:
        """The drawing, or the chosen digit of several, is this one; once more takes it back."""
        if self.canvas.drawing.empty:
            return
        self._should_be = digit
        if self.reading is not None and self.reading.sheet == self.canvas.drawing.sheet:
            self._correct(self.reading, digit)

    def _correct(self, reading: SheetReading, digit: int) -> None:
        self._should_be = None
        withdrawn = self._kept.get(_subject(reading)) == digit
        self._kept[_subject(reading)] = digit
        if withdrawn:
            del self._kept[_subject(reading)]
        self._show_kept()
        read_as = claimed_digit(reading)
        picture = reading.sheet.picture
        source = picture.source if picture is not None else ""
        correction = Correction(digit, reading.strokes, reading.image, read_as, source)
        if withdrawn:
            self.correction_withdrawn.emit(correction)
            return
        self.corrected.emit(correction)
        if read_as != digit:
            self.learn_offer.offer(digit)

    def _show_kept(self) -> None:
        assert self.reading is not None
        kept = self._kept.get(_subject(self.reading)) if self._kept else None
        self.view.show_kept(kept)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit's key that no field or list in here wants says what the drawing is."""
        free = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        digit = event.key() - Qt.Key.Key_0
        if 0 <= digit <= 9 and not free and self.correction.isVisible():
            self.correct(digit)
        elif event.key() == Qt.Key.Key_Escape and self.bar.isVisible():
            self.bar.stop.click()
        else:
            super().keyPressEvent(event)

    # Copy and save

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self.canvas.picture())
        self.message.emit(_("Drawing copied"))

    def _save(self) -> None:
        kinds = [_("PNG picture (*.png)")]
        if self.canvas.drawing.strokes:
            kinds.append(_("Drawing, as strokes (*.json)"))
        start = Path.home() / "digit.png"
        ask_where_to_save(self, _("Save the drawing"), start, tuple(kinds), self.save_to)

    def save_to(self, path: Path) -> None:
        """Save the drawing as strokes (.json) or as a PNG; `message` tells how it went."""
        picture, strokes = self.canvas.picture(), self.canvas.drawing.strokes
        as_strokes = path.suffix.lower() == ".json"

        def save() -> str:
            if as_strokes:
                content = json.dumps([{"strokes": strokes}]).encode()
            else:
                content = encode_png(picture)
            save_file(path, content)
            return _("Saved {path}").format(path=path)

        BackgroundTask.begin(save, self.message.emit, self.message, context=self)


def _subject(reading: SheetReading) -> object:
    """What a reading is about: strokes, or a picture."""
    return reading.sheet.picture or reading.strokes
