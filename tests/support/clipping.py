"""Texts that have less room than they need, and widgets that lie on one another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QRadioButton,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

from lenet_gui.widgets.labels import CutLabel, ExpandableText

ON_PURPOSE = (CutLabel,)
"""Labels that shorten their text themselves, and show the whole one in a tooltip."""
OWN_PARTS = (QAbstractScrollArea, QComboBox, QAbstractSpinBox, QLineEdit, QTabBar, QMainWindow)
"""Widgets of Qt that place what is in them as they like."""
PIXELS = 1
"""Sizes are rounded."""


def list_faults(root: QWidget) -> list[str]:
    """What is cut or covered in a widget that is shown, and in all that is in it."""
    shown = [each for each in (root, *root.findChildren(QWidget)) if each.isVisibleTo(root)]
    return [fault for widget in shown for fault in (*_cut(widget), *_covered(widget))]


def _cut(widget: QWidget) -> Iterator[str]:
    """Its texts that have too little room."""
    if isinstance(widget, QTabBar):
        for number in range(widget.count()):
            if widget.isTabVisible(number):
                text, room = widget.tabText(number), widget.tabRect(number).size()
                yield from _compare(widget, text, _size(widget, text), room)
        return
    found = _text_and_room(widget)
    if found is not None and found[0].strip():
        text, needed, room = found
        yield from _compare(widget, text, needed, room)


def _text_and_room(widget: QWidget) -> tuple[str, QSize, QSize] | None:
    """A widget's text, the size that it needs, and the one that it has."""
    if isinstance(widget, ON_PURPOSE):
        return None
    if isinstance(widget, QLabel):
        room = widget.contentsRect().size()
        if widget.wordWrap():
            if isinstance(widget.parentWidget(), ExpandableText):
                return None
            return widget.text(), QSize(0, widget.heightForWidth(widget.width())), widget.size()
        if widget.textFormat() != Qt.TextFormat.PlainText and "<" in widget.text():
            return widget.text(), widget.sizeHint(), widget.size()
        return widget.text(), _size(widget, widget.text()), room
    if isinstance(widget, QAbstractButton):
        return _text_of_button(widget)
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        control = QStyle.ComplexControl.CC_ComboBox
        room = widget.style().subControlRect(control, option, field, widget).size()
        text = widget.currentText()
        # As Qt asks for its room: a full-width parenthesis at the end has a blank half.
        return text, QSize(widget.fontMetrics().boundingRect(text).width(), 0), room
    if isinstance(widget, QLineEdit) and not widget.hasFocus():
        text = widget.text() or widget.placeholderText()
        margins = widget.textMargins()
        room = widget.size().shrunkBy(margins)
        return text, _size(widget, text), room
    return None


def _text_of_button(button: QAbstractButton) -> tuple[str, QSize, QSize] | None:
    text, room = button.text(), button.size()
    needed = _size(button, text)
    if isinstance(button, QCheckBox | QRadioButton):
        indicator = QStyle.PixelMetric.PM_IndicatorWidth
        spacing = QStyle.PixelMetric.PM_CheckBoxLabelSpacing
        metric = button.style().pixelMetric
        beside = metric(indicator, None, button) + metric(spacing, None, button)
        return text, needed + QSize(beside, 0), room
    if isinstance(button, QToolButton):
        style = button.toolButtonStyle()
        if style == Qt.ToolButtonStyle.ToolButtonIconOnly and not button.icon().isNull():
            return None
        if style == Qt.ToolButtonStyle.ToolButtonTextBesideIcon:
            needed += QSize(button.iconSize().width(), 0)
    elif isinstance(button, QPushButton) and not button.icon().isNull():
        needed += QSize(button.iconSize().width(), 0)
    return text, needed, room


def _size(widget: QWidget, text: str) -> QSize:
    """Of a text in the widget's font; of several lines, all of them."""
    shown = Qt.TextFlag.TextShowMnemonic
    return widget.fontMetrics().size(shown.value, text)


def _compare(widget: QWidget, text: str, needed: QSize, room: QSize) -> Iterator[str]:
    missing = needed - room
    if missing.width() > PIXELS or missing.height() > PIXELS:
        yield (
            f"{_name(widget)} {' '.join(text.split())[:60]!r} needs {needed.width()} x "
            f"{needed.height()} and has {room.width()} x {room.height()}"
        )


def _covered(widget: QWidget) -> Iterator[str]:
    """Widgets in it that lie on one another, or reach over its edge."""
    placed = list(_places(widget))
    for (one, first), (other, second) in itertools.combinations(placed, 2):
        both = first.intersected(second)
        if both.width() > PIXELS and both.height() > PIXELS:
            yield f"{_name(one)} and {_name(other)} lie on one another by {both.size().toTuple()}"
    inside = widget.rect().adjusted(-PIXELS, -PIXELS, PIXELS, PIXELS)
    for one, place in placed:
        if not inside.contains(place):
            yield f"{_name(one)} {place.size().toTuple()} reaches over {widget.size().toTuple()}"


def _places(widget: QWidget) -> Iterator[tuple[QWidget, QRect]]:
    """What lies side by side in a widget; not what scrolls, nor what floats above the rest."""
    if isinstance(widget, OWN_PARTS) or isinstance(widget.parentWidget(), QAbstractScrollArea):
        return
    floating = Qt.WidgetAttribute.WA_TransparentForMouseEvents
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        shown = child.isVisibleTo(widget) and not child.isWindow() and not child.size().isEmpty()
        if shown and not child.testAttribute(floating):
            yield child, child.geometry()


def _name(widget: QWidget) -> str:
    """Its class and name, and the nearest names around it."""
    names: list[str] = []
    around: QWidget | None = widget
    while around is not None and len(names) < 3:
        if around.objectName() and not around.objectName().startswith("qt_"):
            names.append(around.objectName())
        around = around.parentWidget()
    top = widget.mapTo(widget.window(), QPoint(0, 0)).toTuple()
    return f"{type(widget).__name__} {' < '.join(names)} at {top}"
