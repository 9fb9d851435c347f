"""Small parts that many tabs use: check boxes, buttons, labels, tooltips, and lists of cards."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QLabel,
    QListView,
    QPushButton,
    QStyle,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

SIDE = 14.0


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
            QToolTip.showText(event.globalPos(), self.tooltip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)


def make_push_button(text: str, name: str, tip: str) -> QPushButton:
    """A button with its names and tooltip."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tip)
    return button


_FEWEST = 4


class ExpandableText(QWidget):
    """Text of some lines, at most `most_lines` at first.

    Args:
        name: the label's object name.
        most_lines: as many are shown without a click.
    """

    def __init__(self, name: str, most_lines: int = 8) -> None:
        super().__init__()
        self._most = most_lines
        self.label = QLabel()
        self.label.setObjectName(name)
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QToolButton()
        self.more.setObjectName(f"{name}_more")
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.toggled.connect(self._fit)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.label)
        whole.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def text(self) -> str:
        """All of it."""
        return self.label.text()

    def set_text(self, text: str) -> None:
        """Show another text, folded."""
        self.label.setText(text)
        self.more.setChecked(False)
        self._fit()

    def set_most_lines(self, lines: int) -> None:
        """Show as many lines without a click, but not fewer than four."""
        self._most = max(_FEWEST, lines)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width takes another number of lines."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Cut below the last whole line that has room."""
        line = self.label.fontMetrics().lineSpacing()
        needed = self.label.heightForWidth(self.width())
        # A click for one line more would be more trouble than the line.
        fits = needed <= (self._most + 1) * line
        self.more.setVisible(not fits)
        self.more.setText("Less" if self.more.isChecked() else "Read on")
        shown = needed if fits or self.more.isChecked() else self._most * line
        self.label.setFixedHeight(max(0, shown))


class FixedWidthLabel(QLabel):
    """A wrapped label that at one width grows by a line where it must, and never shrinks."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._wide = 0

    def show_text(self, text: str) -> None:
        """Show this in place of what is there."""
        self.setText(text)
        self._grow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width begins anew."""
        super().resizeEvent(event)
        if self.width() != self._wide:
            self._wide = self.width()
            self.setMinimumHeight(0)
            self._grow()

    def _grow(self) -> None:
        if self._wide and self.text():
            needed = self.heightForWidth(self._wide)
            self.setMinimumHeight(max(self.minimumHeight(), needed))


def make_caption(text: str) -> QLabel:
    """A heading that leaves the eye to what it is above."""
    made = QLabel(text)
    made.setObjectName("caption")
    return made


def lay_out_as_cards(view: QListView) -> None:
    """Cards of one size side by side, as many as there is room for; several can be chosen."""
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setMovement(QListView.Movement.Static)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setUniformItemSizes(True)
    view.setSpacing(0)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.verticalScrollBar().setSingleStep(24)
    view.setFrameShape(QFrame.Shape.NoFrame)
    view.viewport().setAutoFillBackground(False)


def paint_card(painter: QPainter, room: QRectF, state: QStyle.StateFlag, palette: QPalette) -> None:
    """A card's ground, in the accent color's frame where it is chosen or the keys are."""
    role = QPalette.ColorRole
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    over = bool(state & QStyle.StateFlag.State_MouseOver)
    current = bool(state & QStyle.StateFlag.State_HasFocus)
    painter.setBrush(palette.color(role.AlternateBase if chosen else role.Base))
    edge = palette.color(role.Accent if chosen or current else role.AlternateBase)
    if over and not chosen:
        edge = palette.color(role.Mid)
    style = Qt.PenStyle.DotLine if current and not chosen else Qt.PenStyle.SolidLine
    painter.setPen(QPen(edge, 2 if chosen else 1, style))
    painter.drawRoundedRect(room, 6, 6)
