"""The list of classes: each with its name, its count and its newest drawings; and its buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPainterPath, QPalette, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.draw.canvas_painting import SHEET, paint_sheet
from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.formatting import format_count, format_tooltip
from lenet_gui.widgets.labels import make_caption
from lenet_gui.widgets.lists import paint_card
from trainer.drawing.sheet import PAPER, Sheet, fit_to_sheet
from trainer.my_classes.class_set import LONGEST_NAME, ClassDrawing, ClassSet, Strokes
from trainer.translation import gettext as _
from trainer.translation import ngettext

_MOST = 2000
"""Pictures that are kept."""


class Thumbnails:
    """Pictures of drawings; the oldest are forgotten."""

    def __init__(self) -> None:
        self._pixmaps: dict[tuple[Strokes, int, float], QPixmap] = {}

    def paint(
        self, painter: QPainter, drawing: ClassDrawing, room: QRectF, palette: QPalette
    ) -> None:
        """A drawing on its paper.

        Args:
            painter: paints it.
            drawing: in any unit; it is brought to the paper's middle.
            room: a square, in the painter's units.
            palette: whose is the color of the frame.
        """
        ratio = painter.device().devicePixelRatioF()
        outline = QPainterPath()
        outline.addRoundedRect(room, 3, 3)
        painter.save()
        painter.setClipPath(outline)
        painter.drawPixmap(room.topLeft(), self._picture(drawing, round(room.width()), ratio))
        painter.restore()
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)

    def _picture(self, drawing: ClassDrawing, side: int, ratio: float) -> QPixmap:
        key = drawing.strokes, side, ratio
        pixmap = self._pixmaps.pop(key, None)
        if pixmap is None:
            pixmap = QPixmap(round(side * ratio), round(side * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(SHEET)
            painter = QPainter(pixmap)
            strokes = [[list(point) for point in stroke] for stroke in drawing.strokes]
            paint_sheet(painter, Sheet(fit_to_sheet(strokes)), side / PAPER)
            painter.end()
        self._pixmaps[key] = pixmap  # the newest stands last
        if len(self._pixmaps) > _MOST:
            del self._pixmaps[next(iter(self._pixmaps))]
        return pixmap


NEWEST_ROLE = Qt.ItemDataRole.UserRole
"""The row's newest drawings, the newest first."""
COUNT_ROLE = Qt.ItemDataRole.UserRole + 1
_MOST_SHOWN = 12
_SIDE = 30
"""Of a drawing, in points."""
_MARGIN = 8
_Index = QModelIndex | QPersistentModelIndex


class ClassListModel(QAbstractListModel):
    """The classes of a set, in their order."""

    renamed = Signal(str, str)
    """A class shall have this other name."""

    def __init__(self) -> None:
        super().__init__()
        self.names: tuple[str, ...] = ()
        self._counts: dict[str, int] = {}
        self._newest: dict[str, list[ClassDrawing]] = {}

    def show_set(self, shown: ClassSet) -> None:
        """Show another set."""
        counts = shown.counts()
        newest: dict[str, list[ClassDrawing]] = {name: [] for name in shown.classes}
        for drawing in reversed(shown.drawings):
            if len(newest[drawing.label]) < _MOST_SHOWN:
                newest[drawing.label].append(drawing)
        same = shown.classes == self.names
        if not same:
            self.beginResetModel()
        self.names, self._counts, self._newest = shown.classes, counts, newest
        if not same:
            self.endResetModel()
        elif self.names:
            self.dataChanged.emit(self.index(0), self.index(len(self.names) - 1))

    # What views ask

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """How many classes there are."""
        return 0 if parent.isValid() else len(self.names)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Names can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name, and what belongs to it."""
        name = self.names[index.row()]
        roles = Qt.ItemDataRole
        if role in (roles.DisplayRole, roles.EditRole):
            return name
        if role == NEWEST_ROLE:
            return self._newest[name]
        if role == COUNT_ROLE:
            return self._counts[name]
        if role in (roles.AccessibleTextRole, roles.ToolTipRole):
            count = self._counts[name]
            sentence = ngettext("{name}, {count} drawing", "{name}, {count} drawings", count)
            text = sentence.format(name=name, count=format_count(count))
            return text if role == roles.AccessibleTextRole else format_tooltip(text)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another name; it is shown once the set has it."""
        new = " ".join(str(value).split())
        name = self.names[index.row()]
        if new and new != name:
            self.renamed.emit(name, new)
        return False


class ClassDelegate(QStyledItemDelegate):
    """Paints a card: name and count, and the newest drawings beneath."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnails = Thumbnails()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """A line and a row of drawings."""
        return QSize(120, option.fontMetrics.height() + _SIDE + 3 * _MARGIN + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One card."""
        palette: QPalette = option.palette
        card = QRectF(option.rect).adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_card(painter, card, option.state, palette)
        line = self._name_line(option)
        flags = Qt.AlignmentFlag
        count = format_count(index.data(COUNT_ROLE))
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.setFont(option.font)
        painter.drawText(line, flags.AlignRight | flags.AlignVCenter, count)
        bold = QFont(option.font)
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        room = line.adjusted(0, 0, -option.fontMetrics.horizontalAdvance(count) - 8, 0)
        name = painter.fontMetrics().elidedText(
            index.data(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, flags.AlignLeft | flags.AlignVCenter, name)
        left, top = card.left() + _MARGIN, card.bottom() - _MARGIN - _SIDE
        for drawing in index.data(NEWEST_ROLE):
            if left + _SIDE > card.right() - _MARGIN:
                break
            self._thumbnails.paint(painter, drawing, QRectF(left, top, _SIDE, _SIDE), palette)
            left += _SIDE + 4
        painter.restore()

    @staticmethod
    def _name_line(option: QStyleOptionViewItem) -> QRect:
        room: QRect = option.rect
        inside = room.adjusted(2 + _MARGIN, 2 + _MARGIN, -2 - _MARGIN, 0)
        inside.setHeight(option.fontMetrics.height())
        return inside

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        """A field for the name."""
        editor = QLineEdit(parent)
        editor.setObjectName("class_name_editor")
        editor.setAccessibleName(_("Name of the class"))
        editor.setMaxLength(LONGEST_NAME)
        return editor

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """The name; what was typed stays when the set changes meanwhile."""
        assert isinstance(editor, QLineEdit)
        if not editor.isModified():
            editor.setText(index.data(Qt.ItemDataRole.EditRole))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        """What was typed is asked for as the name."""
        assert isinstance(editor, QLineEdit)
        model.setData(index, editor.text())

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        """Over the name."""
        line = self._name_line(option)
        high = editor.sizeHint().height()
        editor.setGeometry(line.x() - 4, line.center().y() - high // 2, line.width() + 8, high)


class ClassListView(QListView):
    """The cards, one under the other."""

    delete_wanted = Signal()

    def __init__(self, model: ClassListModel) -> None:
        super().__init__()
        self.setObjectName("class_list")
        self.setAccessibleName(_("Classes"))
        self.setModel(model)
        self.setItemDelegate(ClassDelegate(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(24)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setMinimumHeight(120)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)

    def event(self, event: QEvent) -> bool:
        """F2 renames here, whatever it does elsewhere in the window."""
        renames = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F2
        if renames and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete deletes; the rest moves about, and F2 renames."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)


class ClassPanel(QWidget):
    """The list, a field for new names, and what can be done with a class."""

    chosen = Signal(str)
    """Another class is the one that is drawn now."""
    add_wanted = Signal(str)
    rename_wanted = Signal(str, str)
    merge_wanted = Signal(str, str)
    """The drawings of the first shall be the second's."""
    delete_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.model = ClassListModel()
        self.view = ClassListView(self.model)
        self.name = QLineEdit()
        self.name.setObjectName("new_class_name")
        self.name.setAccessibleName(_("Name of a new class"))
        self.name.setPlaceholderText(_("New class"))
        self.name.setMaxLength(LONGEST_NAME)
        self.add = make_push_button(
            _("Add class"), "add_class_button", _("Add a class of this name")
        )
        self.rename = make_push_button(
            _("Rename"), "rename_class_button", _("Rename the selected class (F2)")
        )
        self.merge = make_push_button(
            _("Merge…"), "merge_class_button", _("Move the drawings of this class into another")
        )
        self.delete = make_push_button(
            _("Delete"), "delete_class_button", _("Delete the selected class and its drawings")
        )
        self._lay_out()
        self.name.returnPressed.connect(self._add)
        self.add.clicked.connect(self._add)
        self.rename.clicked.connect(lambda: self.view.edit(self.view.currentIndex()))
        self.merge.clicked.connect(self._ask_where_to_merge)
        self.delete.clicked.connect(self._delete)
        self.view.delete_wanted.connect(self._delete)
        self.view.selectionModel().currentChanged.connect(self._tell)
        self.model.renamed.connect(self.rename_wanted)

    def _lay_out(self) -> None:
        new = QHBoxLayout()
        new.addWidget(self.name, 1)
        new.addWidget(self.add)
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in (self.rename, self.merge, self.delete):
            row.addWidget(button)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(make_caption(_("Classes")))
        whole.addLayout(new)
        whole.addWidget(self.view, 1)
        whole.addLayout(row)

    @property
    def current(self) -> str:
        """The class that is drawn now; empty if there is none."""
        row = self.view.currentIndex().row()
        return self.model.names[row] if 0 <= row < len(self.model.names) else ""

    def show_set(self, shown: ClassSet, choose: str) -> None:
        """Show another set.

        Args:
            shown: the set.
            choose: the class to choose; if it is not there, the one that is chosen stays so,
                or the one in its place is.
        """
        before, row = self.current, self.view.currentIndex().row()
        blocker = QSignalBlocker(self.view.selectionModel())
        self.model.show_set(shown)
        names = self.model.names
        chosen = next((name for name in (choose, before) if name in names), None)
        place = names.index(chosen) if chosen else min(max(row, 0), len(names) - 1)
        blocker.unblock()
        self.view.setCurrentIndex(self.model.index(place) if names else QModelIndex())
        self.view.viewport().update()
        self.merge.setEnabled(len(names) > 1)
        self._tell()

    def step(self, by: int) -> None:
        """Choose the next class, or the one before (-1)."""
        row = self.view.currentIndex().row() + by
        if 0 <= row < len(self.model.names):
            self.view.setCurrentIndex(self.model.index(row))

    def _tell(self) -> None:
        self.chosen.emit(self.current)

    def _add(self) -> None:
        if self.name.text().strip():
            self.add_wanted.emit(self.name.text())
        else:
            self.name.setFocus()

    def _delete(self) -> None:
        if self.current:
            self.delete_wanted.emit(self.current)

    def _ask_where_to_merge(self) -> None:
        name = self.current
        ask_for_class(
            self,
            _("Merge classes"),
            _("Move its drawings into:"),
            [other for other in self.model.names if other != name],
            lambda into: self.merge_wanted.emit(name, into),
        )


def ask_for_class(
    parent: QWidget, title: str, text: str, names: list[str], take: Callable[[str], object]
) -> None:
    """Open a choice of classes, and return at once; `take` is called with the one chosen.

    Args:
        parent: the window part that asks.
        title: of the dialog.
        text: above the choice.
        names: of the classes.
        take: takes a name.
    """
    dialog = QInputDialog(parent)
    dialog.setObjectName("class_dialog")
    dialog.setWindowTitle(title)
    dialog.setLabelText(text)
    dialog.setComboBoxItems(names)
    dialog.textValueSelected.connect(take)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
