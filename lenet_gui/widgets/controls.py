"""Small parts that many tabs use: check boxes, buttons, tooltips, questions.

Types of Qt's are made when they are first named: those that the first window doesn't show are
not imported by name.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6 import QtWidgets
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontInfo,
    QGuiApplication,
    QHelpEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QCheckBox, QPushButton, QToolTip, QWidget
from shiboken6 import isValid

from lenet_gui.widgets.formatting import format_tooltip
from lenet_gui.widgets.theme import application

SIDE = 14.0
REDO_KEYS = [QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")]
"""Both are usual somewhere; the first is told."""


def paint_check_mark(painter: QPainter, box: QRectF, ticked: bool, palette: QPalette) -> None:
    """The box, `SIDE` wide and high, and the tick."""
    accent = palette.color(QPalette.ColorRole.Accent)
    edge = accent if ticked else palette.color(QPalette.ColorRole.PlaceholderText)
    painter.setPen(QPen(edge, 1.2))
    painter.setBrush(accent if ticked else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)
    if ticked:
        painter.setPen(QPen(QColor("white"), 1.8))
        corner = box.topLeft()
        tick = [QPointF(3.2, 7.2), QPointF(6, 10), QPointF(10.8, 4.2)]
        painter.drawPolyline([corner + point for point in tick])


class ThemedCheckBox(QCheckBox):
    """Such a box with its text."""

    def sizeHint(self) -> QSize:
        """Box, gap and text."""
        metrics = self.fontMetrics()
        width = SIDE + 8 + metrics.horizontalAdvance(self.text())
        return QSize(round(width) + 3, max(round(SIDE), metrics.height()) + 4)

    def minimumSizeHint(self) -> QSize:
        """The text is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, text, and a line beneath it where keys go."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        if not self.isEnabled():
            painter.setOpacity(0.45)
        box = QRectF(1, (self.height() - SIDE) / 2, SIDE, SIDE)
        paint_check_mark(painter, box, self.isChecked(), palette)
        painter.setPen(palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText))
        words = QRectF(SIDE + 8, 0, self.width() - SIDE - 8, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Accent), 1.4))
            below = QPointF(0, 1)
            painter.drawLine(words.bottomLeft() - below, words.bottomRight() - below)


class TooltipWidget(QWidget):
    """Subclasses say in `tooltip_at` what there is."""

    def tooltip_at(self, point: QPointF) -> str:
        """What there is at a point of the widget; "" for no tooltip."""
        raise NotImplementedError

    def event(self, event: QEvent) -> bool:
        """Qt asks for a tooltip where the mouse rests."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = format_tooltip(self.tooltip_at(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


class OverlayCard(QWidget):
    """Lies over other widgets, and stands out from them; subclasses say in `place` where.

    Args:
        below: what it lies on.
        beside: what its place depends on as well.
    """

    def __init__(self, below: QWidget, *beside: QWidget) -> None:
        super().__init__(below)
        for widget in (below, *beside):
            widget.installEventFilter(self)

    def place(self) -> None:
        """Take the place and the size that are right now."""
        raise NotImplementedError

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What it lies on has another size, or another layout."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and not self.isHidden():
            self.place()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Larger text takes more room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Rounded, in the window's color."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


def make_push_button(text: str, name: str, tip: str) -> QPushButton:
    """A button with its names and tooltip."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button


def make_label_button(text: str, name: str, tip: str) -> QtWidgets.QToolButton:
    """A button of a row in which one click says which digit a picture is."""
    button = QtWidgets.QToolButton()
    button.setText(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setMinimumHeight(26)
    if len(text) == 1:
        button.setMinimumWidth(22)
        policy = QtWidgets.QSizePolicy.Policy
        button.setSizePolicy(policy.Expanding, policy.Fixed)
    return button


def make_action(
    parent: QWidget,
    text: str,
    tip: str,
    *keys: str | QKeySequence | QKeySequence.StandardKey,
    name: str = "",
) -> QAction:
    """An action whose keys work on its part of the window alone: on another tab, they mean others.

    Args:
        parent: that part.
        text: in menus.
        tip: the tooltip, to which the first of the keys is added.
        keys: at least one.
        name: as an object.
    """
    action = QAction(text, parent)
    action.setObjectName(name)
    action.setShortcuts([QKeySequence(each) for each in keys])
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    native = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{tip} ({native})")
    parent.addAction(action)
    return action


class _NarrowButton(QObject):
    """Keeps a button as wide as its text, which another font or another text changes."""

    def __init__(self, button: QPushButton, least: int) -> None:
        super().__init__(button)
        self._button, self._least = button, least
        button.installEventFilter(self)
        self._fit()

    def eventFilter(self, button: QObject, event: QEvent) -> bool:
        """Fit it anew whenever its text may take other room."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.Polish, QEvent.Type.Show):
            self._fit()
        return super().eventFilter(button, event)

    def _fit(self) -> None:
        flag = Qt.TextFlag.TextShowMnemonic.value
        text = self._button.fontMetrics().size(flag, self._button.text()).width()
        self._button.setMinimumWidth(max(self._least, text + _BESIDE_TEXT))


_BESIDE_TEXT = 12
"""Pixels: a button's frame, and what keeps the text off it."""


def allow_narrow(button: QPushButton, least: int = 0) -> None:
    """Let a button give up the room around its text where others need it.

    Args:
        button: keeps the room that the text itself needs.
        least: pixels that it keeps in any case.
    """
    _NarrowButton(button, least)


def ask(
    parent: QWidget,
    name: str,
    text: str,
    information: str,
    answers: dict[str, Callable[[], object]],
) -> QtWidgets.QMessageBox:
    """Open a question whose answers call back; closing it is the answer Cancel, which does nothing.

    Args:
        parent: the window part that asks.
        name: of the box, as an object; that of each button is this and its place, from 0.
        text: the question, as plain text.
        information: what the answers come to, as plain text.
        answers: a button's text, and what to do; the first one is the default.
    """
    box = QtWidgets.QMessageBox(
        QtWidgets.QMessageBox.Icon.Question, parent.window().windowTitle(), text, parent=parent
    )
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(information)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    calls: dict[QtWidgets.QAbstractButton, Callable[[], object]] = {}
    for number, (title, call) in enumerate(answers.items()):
        button = box.addButton(title, QtWidgets.QMessageBox.ButtonRole.ActionRole)
        button.setObjectName(f"{name}_{number}")
        calls[button] = call
        if not number:
            box.setDefaultButton(button)
    cancel = box.addButton(QtWidgets.QMessageBox.StandardButton.Cancel)
    cancel.setObjectName(f"{name}_cancel")
    box.setEscapeButton(cancel)
    box.buttonClicked.connect(lambda button: calls.get(button, lambda: None)())
    box.open()
    return box


_USUAL_TEXT = 12
"""Pixels of the letters for which the sizes of dialogs are given."""


def resize_for_text(window: QWidget, wide: int, high: int) -> None:
    """Give a dialog its first size: larger where text is, never larger than the screen."""
    larger = max(1.0, QFontInfo(window.font()).pixelSize() / _USUAL_TEXT)
    size = QSize(round(wide * larger), round(high * larger))
    window.resize(size.boundedTo(window.screen().availableSize()))


OWN_RING = "own_focus_ring"
"""A property of widgets that show their focus themselves."""
_WIDE = 2


class FocusRing(QWidget):
    """A ring over the edge of a widget, with which it scrolls and goes.

    Its mask leaves out the inside: what the widget paints there costs no more than without it.

    Args:
        around: what has the focus.
    """

    def __init__(self, around: QWidget) -> None:
        super().__init__(around)
        self.setObjectName("focus_ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        around.installEventFilter(self)
        self._fit(around)
        self.show()
        self.raise_()

    def _fit(self, around: QWidget) -> None:
        room = around.rect()
        self.setGeometry(room)
        inside = room.adjusted(_WIDE, _WIDE, -_WIDE, -_WIDE)
        self.setMask(QRegion(room) - QRegion(inside))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The widget has another size."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self._fit(watched)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """In the color that stands out from the window, its fields and its blue buttons."""
        painter = QPainter(self)
        text = self.palette().color(QPalette.ColorRole.WindowText)
        color = QColor("white") if text.lightness() > 128 else text
        painter.setPen(QPen(color, _WIDE, j=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))


class FocusRings(QObject):
    """Shows in a window where keys go, the same way everywhere, once they are used.

    Args:
        window: lists that pop up, and dialogs, have no ring.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._ring: FocusRing | None = None
        self._clicked = False  # what has the focus, or had it before it could be used no longer
        application().focusChanged.connect(self._follow)

    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        if self._ring is not None and isValid(self._ring):  # else it went with its widget
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None
        # What was clicked may be gray or gone by now: then its focus went on by itself.
        if before is None or (isValid(before) and before.isEnabled() and before.isVisible()):
            self._clicked = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if self._clicked:
            return  # whoever clicks there knows where it is
        inside = now is not None and now is not self._window and now.window() is self._window
        if now is not None and inside and not now.property(OWN_RING):
            self._ring = FocusRing(now)
