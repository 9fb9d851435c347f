"""How the chosen unit's value comes about, number by number, as the pen moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QThread, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from lenet_gui.inspect.common.inspection import unit_name
from lenet_gui.inspect.unit.account import build_account
from lenet_gui.inspect.unit.blocks import Unfold
from lenet_gui.inspect.unit.page import UnitPage
from lenet_gui.widgets.formatting import decimals_for, format_number
from lenet_gui.widgets.labels import Label, ScrollArea

if TYPE_CHECKING:
    from lenet_gui.inspect.common.inspection import Inspection
    from trainer.networks.anatomy import Unit

_NOTHING_CHOSEN = (
    "Click a unit of any map, and its arithmetic stands here: the numbers it sees, its weights, "
    "their sum, the activation, and what pooling makes of it.\n\nThe arrow keys go from unit to "
    "unit."
)
_NOTHING_DRAWN = "Draw something: this unit's arithmetic then stands here, as the pen moves."


class UnitPanel(QWidget):
    """Give it readings with `show_inspection` and the unit with `show_unit`."""

    unit_asked = Signal(object)
    """A unit that was clicked here should be chosen (`Unit`)."""
    unit_pointed = Signal(object)
    """The unit whose number is pointed at here (`Unit`), or None."""
    message = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("unit_panel")
        self.setAccessibleName("Arithmetic")
        self._inspection: Inspection | None = None
        self._unit: Unit | None = None
        self._shown: tuple[Unit, object, bool] | None = None
        self._unfolded = False
        self.name, self.value, self.note = _label("unit_name"), _label("unit_value"), Label()
        self.name.setWordWrap(True)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.note.setObjectName("description")
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.page = UnitPage()
        self.page.activated.connect(self._follow)
        self.page.pointed.connect(self.unit_pointed)
        self.page.wanted.connect(self.make_visible)
        self._above = QVBoxLayout()
        self.area = _Scroll(self.page, self._content())
        self._lay_out()
        self._show()

    def _content(self) -> QWidget:
        """What scrolls: something about the layer, a note or the page."""
        note = QVBoxLayout()
        note.setContentsMargins(8, 2, 8, 0)
        note.addWidget(self.note)
        made = QWidget()
        inside = QVBoxLayout(made)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(2)
        inside.addLayout(self._above)
        inside.addLayout(note)
        inside.addWidget(self.page)
        inside.addStretch(1)
        return made

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setContentsMargins(8, 6, 8, 2)
        heading.addWidget(self.name, 1)
        heading.addWidget(self.value)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addLayout(heading)
        whole.addWidget(self.area, 1)

    def set_heading_widget(self, widget: QWidget) -> None:
        """Put something above the arithmetic, such as a text about the layer."""
        while (item := self._above.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.setParent(None)
        self._above.addWidget(widget)

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Tell of this reading from now on."""
        self._inspection = inspection
        self._show()

    def show_unit(self, unit: Unit | None) -> None:
        """Tell of this unit from now on."""
        if unit != self._unit:
            # Of a unit beside it, the same part is of interest.
            if unit is None or self._unit is None or unit.stage != self._unit.stage:
                self.area.verticalScrollBar().setValue(0)
            self._unit, self._unfolded = unit, False
        self._show()

    def end(self) -> list[QThread]:
        """It has no threads."""
        return []

    def _show(self) -> None:
        inspection, unit = self._inspection, self._unit
        if inspection is None or unit is None or not _exists(inspection, unit):
            self._show_nothing("", _NOTHING_CHOSEN)
            return
        name = unit_name(inspection.stages[unit.stage], unit, inspection.reading.classes)
        name = name[0].upper() + name[1:]
        if inspection.prediction is None:
            self._show_nothing(name, _NOTHING_DRAWN)
            return
        # Brings torch: not before the window shows.
        from trainer.inspect.arithmetic import explain_unit

        found = explain_unit(inspection.model, inspection.prediction, inspection.stages, unit)
        self.name.setText(name)
        self.value.setText(f"= {format_number(found.value, decimals_for(abs(found.value)))}")
        self.note.hide()
        shown = (unit, inspection.model, self._unfolded)
        self.page.show_blocks(
            build_account(inspection, found, self._unfolded), keep=shown == self._shown
        )
        self._shown = shown
        self.page.show()

    def _show_nothing(self, name: str, note: str) -> None:
        self.name.setText(name)
        self.value.setText("")
        self.note.setText(note)
        self.note.show()
        self.page.hide()
        self._shown = None

    def _follow(self, target: object) -> None:
        if isinstance(target, Unfold):
            self._unfolded = not self._unfolded
            self._show()
        else:
            self.unit_asked.emit(target)

    def make_visible(self, place: QRectF, top: bool = False) -> None:
        """Scroll so far that a place of the page is seen, or until it is at the top."""
        bar = self.area.verticalScrollBar()
        height = self.area.viewport().height()
        place = place.translated(0, self.page.y())
        if top or place.top() < bar.value():
            bar.setValue(int(place.top()) - 4)
        elif place.bottom() > bar.value() + height:
            bar.setValue(int(place.bottom()) - height + 4)


class _Scroll(ScrollArea):
    """Tells the page how much room it has."""

    def __init__(self, page: UnitPage, content: QWidget) -> None:
        super().__init__(content)
        self.setObjectName("unit_scroll")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page = page

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The page is as wide as what scrolls."""
        self._page.set_room(self.room)
        super().resizeEvent(event)


def _label(name: str) -> QLabel:
    made = Label()
    made.setObjectName(name)
    font = QFont(made.font())
    font.setWeight(QFont.Weight.DemiBold)
    made.setFont(font)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def _exists(inspection: Inspection, unit: Unit) -> bool:
    """Whether this network has such a unit: another one may have come since it was chosen."""
    shape = inspection.stages[unit.stage].shape
    return all(0 <= at < size for at, size in zip(unit[1:], shape, strict=True))
