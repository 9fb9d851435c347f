"""The Draw tab: paper and tools on the left, what the network makes of it on the right."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QGuiApplication,
    QImageWriter,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.canvas import Canvas
from lenet_gui.feature_maps import MapsView, input_view
from lenet_gui.file_dialogs import ask_where_to_save
from lenet_gui.probabilities import PredictionView, ProbabilitiesView
from lenet_gui.reader import Reading
from lenet_gui.task import Task
from trainer.files import write_whole, writing

LOADING = "Loading the network …"
NOTHING = "Draw a digit"
PEN_WIDTHS = (50, 160)
"""Thinnest and thickest pen, in hundredths of the usual one."""


class DrawTab(QWidget):
    """Draw, and see it read while the pen moves."""

    message = Signal(str)
    """Something to tell the user in passing."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas = Canvas()
        self.network_input = input_view()
        self.prediction = PredictionView()
        self.probabilities = ProbabilitiesView()
        self.conv1 = MapsView("conv1", "conv1, six feature maps", 1, 6, "viridis")
        self.conv2 = MapsView("conv2", "conv2, sixteen feature maps", 2, 8, "viridis")
        self.conv1.setToolTip("conv1 after its activation: 6 maps of 28 x 28")
        self.conv2.setToolTip("conv2 after its activation: 16 maps of 10 x 10")
        self.idle_note = LOADING
        self._make_actions()
        self._lay_out()
        self.canvas.changed.connect(self._update_actions)
        self._update_actions()
        self.show_reading(None)

    # Actions

    def _make_actions(self) -> None:
        keys = QKeySequence.StandardKey
        self.pen = self._action("Pen", "Draw", "P")
        self.eraser = self._action("Eraser", "Rub out; the right mouse button does too", "E")
        for tool in (self.pen, self.eraser):
            tool.setCheckable(True)
        tools = QActionGroup(self)
        tools.addAction(self.pen)
        tools.addAction(self.eraser)
        self.pen.setChecked(True)
        self.eraser.toggled.connect(self.canvas.set_erasing)
        self.undo = self._action("Undo", "Take the last stroke back", keys.Undo)
        self.redo = self._action("Redo", "Do it again", "Ctrl+Shift+Z")
        self.clear = self._action("Clear", "A clean sheet", "Del")
        self.copy = self._action("Copy", "Copy the drawing as a picture", keys.Copy)
        self.save = self._action("Save drawing …", "Save the drawing as a PNG picture", "Ctrl+D")
        self.undo.triggered.connect(self.canvas.undo)
        self.redo.triggered.connect(self.canvas.redo)
        self.clear.triggered.connect(self.canvas.clear)
        self.copy.triggered.connect(self._copy)
        self.save.triggered.connect(self._save)
        if sys.platform == "darwin":  # the key above the right hand is called delete there
            self.clear.setShortcuts([QKeySequence("Del"), QKeySequence("Backspace")])

    def _action(self, text: str, tip: str, shortcut: str | QKeySequence.StandardKey) -> QAction:
        action = QAction(text, self)
        action.setObjectName(text.removesuffix(" …").lower().replace(" ", "_"))
        action.setShortcut(QKeySequence(shortcut))
        # Delete or Ctrl+Z on another tab must not change the drawing unseen.
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({keys})")
        self.addAction(action)
        return action

    def _update_actions(self) -> None:
        drawing = self.canvas.drawing
        self.undo.setEnabled(drawing.can_undo)
        self.redo.setEnabled(drawing.can_redo)
        for action in (self.clear, self.copy, self.save):
            action.setEnabled(not drawing.empty)

    # Layout

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.canvas, 1)
        left.addLayout(self._tools())
        left.addStretch(0)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self._answer(), 11)
        right.addSpacing(4)
        right.addWidget(_caption("conv1: 6 maps of 28 x 28"))
        right.addWidget(self.conv1, 6)
        right.addSpacing(4)
        right.addWidget(_caption("conv2: 16 maps of 10 x 10"))
        right.addWidget(self.conv2, 9)
        right.addStretch(0)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 10)
        whole.setSpacing(20)
        whole.addLayout(left, 1)
        whole.addLayout(right, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The answer takes no more height than its bars or its pictures need."""
        super().resizeEvent(event)
        self.answer.setMaximumHeight(30 + max(270, round(self.width() * 0.19)))

    def _answer(self) -> QWidget:
        self.answer = QWidget()
        grid = QGridLayout(self.answer)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(6)
        grid.addWidget(_caption("What the network sees"), 0, 0)
        grid.addWidget(_caption("It reads"), 0, 1)
        grid.addWidget(_caption("Probabilities"), 0, 2)
        seen = QVBoxLayout()
        seen.addWidget(self.network_input, 1)
        seen.addStretch(0)
        grid.addLayout(seen, 1, 0)
        grid.addWidget(self.prediction, 1, 1)
        grid.addWidget(self.probabilities, 1, 2)
        for column, stretch in enumerate((7, 7, 9)):
            grid.setColumnStretch(column, stretch)
        grid.setRowStretch(1, 1)
        return self.answer

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for action in (self.pen, self.eraser, self.undo, self.redo, self.clear):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setObjectName(f"{action.objectName()}_button")
            button.setAutoRaise(True)
            button.setMinimumSize(QSize(30, 28))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addStretch(1)
        self.width_slider = QSlider(Qt.Orientation.Horizontal)
        self.width_slider.setObjectName("pen_width")
        self.width_slider.setAccessibleName("Pen width")
        self.width_slider.setRange(*PEN_WIDTHS)
        self.width_slider.setValue(100)
        self.width_slider.setMinimumWidth(60)
        self.width_slider.setMaximumWidth(130)
        self.width_slider.setToolTip("Pen width")
        self.width_slider.valueChanged.connect(self._set_width)
        label = QLabel("Width")
        label.setBuddy(self.width_slider)
        row.addWidget(label)
        row.addWidget(self.width_slider)
        return row

    def _set_width(self, value: int) -> None:
        self.canvas.pen_width = value / 100

    # What the network says

    def set_idle_note(self, note: str) -> None:
        """What to say where the answer will be, while nothing is drawn."""
        self.idle_note = note
        if not self.prediction.answer:
            self.prediction.show_answer("", note)

    def show_reading(self, reading: Reading | None) -> None:
        """Show what the reader made of the drawing; None for nothing at all."""
        drawn = reading is not None and bool(reading.image.any())
        self.network_input.show_maps(reading.image[None] if reading and drawn else None)
        prediction = reading.prediction if reading else None
        if reading is None or prediction is None:
            self.prediction.show_answer("", self.idle_note)
            self.probabilities.show_values((), reading.classes if reading else ())
            self.conv1.show_maps(None)
            self.conv2.show_maps(None)
            return
        share = prediction.probabilities[prediction.digit]
        self.prediction.show_answer(reading.classes[prediction.digit], f"{share * 100:.1f} %")
        self.probabilities.show_values(prediction.probabilities, reading.classes)
        self.conv1.show_maps(prediction.maps["conv1_active"].values)
        self.conv2.show_maps(prediction.maps["conv2_active"].values)

    # Copy and save

    def _copy(self) -> None:
        QGuiApplication.clipboard().setImage(self.canvas.picture())
        self.message.emit("The drawing is on the clipboard")

    def _save(self) -> None:
        start = Path.home() / "digit.png"
        ask_where_to_save(self, "Save the drawing", start, ("PNG picture (*.png)",), self.save_to)

    def save_to(self, path: Path) -> None:
        """Save the drawing as a PNG; `message` tells how it went."""
        picture = self.canvas.picture()

        def save() -> str:
            content = QBuffer()
            QImageWriter(content, QByteArray(b"png")).write(picture)
            with writing(path):
                write_whole(path, bytes(content.data().data()))
            return f"Saved {path}"

        Task.begin(save, self.message.emit, self.message)


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("caption")
    return label
