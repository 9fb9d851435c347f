"""Where examples are drawn, one after another, as fast as a hand draws them.

A drawing is added once the pen has rested for a moment, which a line beneath the paper counts,
or at once by a key or a button; then the paper is clean for the next one. Before there are
classes, an `EmptyPage` is in its place.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimeLine, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.draw.canvas import Canvas
from lenet_gui.widgets.controls import ThemedCheckBox, make_push_button
from lenet_gui.widgets.labels import Label, make_heading
from trainer.drawing.sheet import Drawing
from trainer.my_classes.class_set import LONGEST_NAME, Strokes
from trainer.translation import gettext as _

REST = 1200
"""Milliseconds without the pen after which a drawing is done."""

_SMALLEST = 200


class DrawingArea(QWidget):
    """The paper, and what adds what is on it."""

    drawn = Signal(object, str)
    """`Strokes`, and the class that they are an example of."""
    take_elsewhere = Signal()
    """Add what is on the Draw tab's paper."""
    step = Signal(int)
    """Draw the next class, or the one before (-1)."""

    def __init__(self) -> None:
        super().__init__()
        self.label = ""
        """The class that is drawn."""
        self.canvas = Canvas("class_canvas")
        self.canvas.setMinimumSize(_SMALLEST, _SMALLEST)
        self.title = make_heading("")  # cut where a name is wider than the paper
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.rest = QTimeLine(REST, self)
        self.rest.setFrameRange(0, 100)
        self.bar = QProgressBar()
        self.bar.setObjectName("rest_bar")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.by_itself = ThemedCheckBox(_("Add after a short pause"))
        self.by_itself.setObjectName("add_by_itself")
        self.by_itself.setChecked(True)
        self.by_itself.setToolTip(_("Add each drawing when the pen has rested for a moment"))
        self.add = make_push_button(_("Add"), "add_drawing_button", _("Add the drawing (Enter)"))
        self.clear = make_push_button(
            _("Clear"), "clear_drawing_button", _("Clear the drawing (Del)")
        )
        self.elsewhere = make_push_button(
            _("Add from Draw tab"),
            "add_from_draw_button",
            _("Add the drawing on the Draw tab to this class"),
        )
        self._lay_out()
        self.canvas.installEventFilter(self)
        self.canvas.changed.connect(self._changed)
        self.rest.frameChanged.connect(self.bar.setValue)
        self.rest.finished.connect(self.finish)
        self.by_itself.toggled.connect(self._changed)
        self.add.clicked.connect(self._add)
        self.clear.clicked.connect(self._clear)
        self.elsewhere.clicked.connect(self.take_elsewhere)
        self._changed()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.add, self.clear, self.elsewhere):
            row.addWidget(button)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self.title)
        whole.addWidget(self.canvas, 100)
        whole.addWidget(self.bar)
        whole.addLayout(row)
        whole.addWidget(self.by_itself, 0, Qt.AlignmentFlag.AlignLeft)
        whole.addStretch(1)

    @property
    def ink(self) -> Strokes:
        """What is on the paper, and not added yet."""
        return tuple(
            tuple((round(x, 2), round(y, 2), round(width, 3)) for x, y, width in stroke)
            for stroke in self.canvas.drawing.strokes
        )

    def choose(self, label: str) -> None:
        """Draw this class from now on; what was drawn of the one before is its example."""
        if label == self.label:
            return
        if self.by_itself.isChecked():
            self.finish()
        self.label = label
        self.title.setText(label)
        self.canvas.set_hint(_("Draw {name} here").format(name=label))
        self.canvas.setAccessibleDescription(
            _("Draw examples of {name} here with the mouse, a finger or a pen").format(name=label)
        )

    def finish(self) -> None:
        """The drawing is done: it is added, and the paper is clean for the next one."""
        self.rest.stop()
        ink = self.ink
        if not ink or self.canvas.drawing.pen_down or not self.label:
            return
        self.drawn.emit(ink, self.label)
        self.canvas.clear()
        self.canvas.drawing = Drawing()  # its undo would bring back what is added already
        self._changed()

    def undo(self) -> bool:
        """Take back a stroke that is not added yet; whether there was one."""
        if self.canvas.drawing.empty:
            return False
        self.canvas.undo()
        self._wait()
        return True

    def redo(self) -> bool:
        """Draw that stroke again; whether there was one."""
        if not self.canvas.drawing.can_redo:
            return False
        self.canvas.redo()
        self._wait()
        return True

    def _add(self) -> None:
        self.finish()
        self.canvas.setFocus()  # else it would go to a button: this one is gray now

    def _clear(self) -> None:
        self.canvas.clear()
        self.canvas.setFocus()

    def _wait(self) -> None:
        """Add nothing before the next stroke."""
        self.rest.stop()
        self.bar.setValue(0)

    def _changed(self) -> None:
        drawing = self.canvas.drawing
        self._wait()
        if not drawing.empty and not drawing.pen_down and self.by_itself.isChecked():
            self.rest.start()
        self.add.setEnabled(not drawing.empty)
        self.clear.setEnabled(not drawing.empty)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys while the paper has them."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        keys = Qt.Key
        commands: dict[int, Callable[[], object]] = {
            keys.Key_Return: self.finish,
            keys.Key_Enter: self.finish,
            keys.Key_Space: self.finish,
            keys.Key_Delete: self.canvas.clear,
            keys.Key_Backspace: self.canvas.clear,
            keys.Key_Up: lambda: self.step.emit(-1),
            keys.Key_Down: lambda: self.step.emit(1),
        }
        command = commands.get(event.key())
        if command is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        command()
        return True


class EmptyPage(QWidget):
    """In the place of the classes while there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.begin = make_push_button(
            _("Begin with two classes"), "begin_classes_button", _("You can rename them later")
        )
        self.begin.setProperty("primary", True)
        label = Label(
            _(
                "Draw a few examples each of letters, shapes or anything else, and train a "
                "network that tells them apart in seconds."
            )
        )
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setMaximumWidth(420)
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addStretch(2)
        for widget in (label, self.begin):
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(widget, 4 if widget is label else 0)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(3)


class WriterField(QLineEdit):
    """The name of whoever draws."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("class_writer")
        self.setAccessibleName(_("Who draws"))
        self.setPlaceholderText(_("name"))
        self.setMaxLength(LONGEST_NAME)
        self.setMaximumWidth(180)
        self.setToolTip(
            _("Whose drawings these are. With several people, the test is on people left out.")
        )
