"""The drawings of one class: chosen, deleted, and moved to another class."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.my_classes.class_list import Thumbnails, ask_for_class
from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.formatting import format_count, format_tooltip
from lenet_gui.widgets.labels import make_caption
from lenet_gui.widgets.lists import CardList, paint_card
from trainer.my_classes.class_set import ClassDrawing, ClassSet
from trainer.translation import gettext as _
from trainer.translation import ngettext

DRAWING_ROLE = Qt.ItemDataRole.UserRole
"""The row's `ClassDrawing`."""
_SIDE = 56
_MARGIN = 6
_Index = QModelIndex | QPersistentModelIndex


class ExampleList(QAbstractListModel):
    """Drawings, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.drawings: tuple[ClassDrawing, ...] = ()

    def show_drawings(self, drawings: tuple[ClassDrawing, ...]) -> None:
        """Show these, the oldest of which comes first here."""
        newest = tuple(reversed(drawings))
        if newest != self.drawings:
            self.beginResetModel()
            self.drawings = newest
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many there are."""
        return 0 if parent.isValid() else len(self.drawings)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The drawing, and words for it."""
        drawing = self.drawings[index.row()]
        if role == DRAWING_ROLE:
            return drawing
        text = drawing.label
        if drawing.writer:
            text = _("{name}, drawn by {writer}").format(name=text, writer=drawing.writer)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return format_tooltip(text)
        return None


class ExampleDelegate(QStyledItemDelegate):
    """Paints a card with a drawing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = Thumbnails()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """The paper and a margin."""
        side = _SIDE + 2 * _MARGIN
        return QSize(side, side)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One card."""
        card = QRectF(option.rect).adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_card(painter, card, option.state, option.palette)
        paper = QRectF(card.center().x() - _SIDE / 2, card.center().y() - _SIDE / 2, _SIDE, _SIDE)
        self._thumbnails.paint(painter, index.data(DRAWING_ROLE), paper, option.palette)
        painter.restore()


class ExampleGrid(CardList):
    """The cards of one class."""

    delete_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("class_examples", _("Examples of the class"))
        self.list = ExampleList()
        self.setModel(self.list)
        self.setItemDelegate(ExampleDelegate(self))
        self.setMinimumHeight(90)

    def chosen(self) -> tuple[ClassDrawing, ...]:
        """The selected ones."""
        return tuple(i.data(DRAWING_ROLE) for i in self.selectionModel().selectedIndexes())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete deletes; the rest moves about."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)

    def placeholder_text(self) -> str:
        """How drawings come into the list."""
        return _("No examples yet: draw some on the paper.")


class ExamplePanel(QWidget):
    """The grid of the class that is drawn now, and what can be done with its drawings."""

    delete_wanted = Signal(object)
    """These `ClassDrawing`s."""
    move_wanted = Signal(object, str)
    """These `ClassDrawing`s to this class."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: tuple[str, ...] = ()
        self._label = ""
        self.grid = ExampleGrid()
        self.count = make_caption("")
        self.move_button = make_push_button(
            _("Move…"), "move_example_button", _("Move the selected drawings to another class")
        )
        self.delete = make_push_button(
            _("Delete"), "delete_example_button", _("Delete the selected drawings (Del)")
        )
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.count, 1)
        row.addWidget(self.move_button)
        row.addWidget(self.delete)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(row)
        whole.addWidget(self.grid, 1)
        self.delete.clicked.connect(self._delete)
        self.grid.delete_wanted.connect(self._delete)
        self.move_button.clicked.connect(self._ask_where_to_move)
        self.grid.selectionModel().selectionChanged.connect(self._update)
        self.grid.list.modelReset.connect(self._update)
        self._update()

    def show_class(self, shown: ClassSet, label: str) -> None:
        """Show the drawings of this class."""
        self._classes, self._label = shown.classes, label
        own = tuple(drawing for drawing in shown.drawings if drawing.label == label)
        row = self.grid.currentIndex().row()
        self.grid.list.show_drawings(own)
        if row >= 0 and own:  # keys go on where they were
            place = self.grid.list.index(min(row, len(own) - 1))
            flags = QItemSelectionModel.SelectionFlag.NoUpdate
            self.grid.selectionModel().setCurrentIndex(place, flags)
        text = ngettext("{count} example", "{count} examples", len(own))
        self.count.setText(text.format(count=format_count(len(own))))
        self._update()

    def _update(self) -> None:
        chosen = self.grid.selectionModel().hasSelection()
        self.delete.setEnabled(chosen)
        self.move_button.setEnabled(chosen and len(self._classes) > 1)

    def _delete(self) -> None:
        if chosen := self.grid.chosen():
            self.delete_wanted.emit(chosen)

    def _ask_where_to_move(self) -> None:
        chosen = self.grid.chosen()
        ask_for_class(
            self,
            _("Move drawings"),
            _("Move the selected drawings to:"),
            [name for name in self._classes if name != self._label],
            lambda label: self.move_wanted.emit(chosen, label),
        )
