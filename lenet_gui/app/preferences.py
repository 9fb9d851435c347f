"""The dialog, and the kinds of choice that it can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.controls import ThemedCheckBox, make_push_button
from lenet_gui.widgets.file_dialogs import ask_for_folder
from lenet_gui.widgets.labels import CutLabel, Label, ScrollArea, make_heading
from lenet_gui.widgets.lists import make_chooser
from lenet_gui.widgets.theme import GRID
from trainer.translation import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePreference:
    """One of several.

    Attributes:
        name: of the field, as an object.
        options: a key and a title each.
        chosen: gives the key of the present one.
        choose: takes the key of another one.
    """

    name: str
    title: str
    options: tuple[tuple[str, str], ...]
    chosen: Callable[[], str]
    choose: Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchPreference:
    """Yes or no."""

    name: str
    title: str
    on: Callable[[], bool]
    switch: Callable[[bool], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPreference:
    """A folder; `choose` is None where it can only be looked at."""

    name: str
    title: str
    folder: Callable[[], Path]
    choose: Callable[[Path], object] | None
    show: Callable[[Path], object]


Preference = ChoicePreference | SwitchPreference | FolderPreference


class PreferencesDialog(QDialog):
    """Choices under headings.

    Args:
        parent: the window.
        sections: a heading, and the preferences under it, each.
    """

    def __init__(self, parent: QWidget, sections: list[tuple[str, list[Preference]]]) -> None:
        super().__init__(parent)
        self.setObjectName("preferences")
        self.setWindowTitle(_("Preferences"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._refreshes: list[Callable[[], object]] = []
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(GRID, GRID, GRID, GRID)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(GRID)
        grid.setColumnStretch(1, 1)
        row = 0
        for heading, preferences in sections:
            if row:
                grid.setRowMinimumHeight(row, GRID)
                row += 1
            grid.addWidget(make_heading(heading), row, 0, 1, 2)
            for preference in preferences:
                row += 1
                self._add(grid, row, preference)
            row += 1
        grid.setRowStretch(row, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(ScrollArea(page, sideways=True), 1)
        column.addWidget(buttons)
        self.resize(max(520, page.sizeHint().width() + 5 * GRID), 460)

    def refresh(self) -> None:
        """Show what is chosen now: it may have been changed elsewhere."""
        for refresh in self._refreshes:
            refresh()

    def _add(self, grid: QGridLayout, row: int, preference: Preference) -> None:
        if isinstance(preference, SwitchPreference):
            grid.addWidget(self._make_switch(preference), row, 1)
            return
        label = Label(preference.title)
        grid.addWidget(label, row, 0)
        if isinstance(preference, ChoicePreference):
            field = self._make_choice(preference)
            label.setBuddy(field)
            grid.addWidget(field, row, 1)
        else:
            grid.addLayout(self._make_folder(preference), row, 1)

    def _make_switch(self, preference: SwitchPreference) -> QWidget:
        box = ThemedCheckBox(preference.title)
        box.setObjectName(preference.name)

        def refresh() -> None:
            blocker = QSignalBlocker(box)
            box.setChecked(preference.on())
            blocker.unblock()

        refresh()
        self._refreshes.append(refresh)
        box.toggled.connect(preference.switch)
        return box

    def _make_choice(self, preference: ChoicePreference) -> QWidget:
        field = make_chooser(preference.name, preference.title)
        for key, title in preference.options:
            field.addItem(title, key)

        def refresh() -> None:
            blocker = QSignalBlocker(field)
            field.setCurrentIndex(max(0, field.findData(preference.chosen())))
            blocker.unblock()

        refresh()
        self._refreshes.append(refresh)
        field.activated.connect(lambda index: preference.choose(field.itemData(index)))
        return field

    def _make_folder(self, preference: FolderPreference) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        label = CutLabel(preference.name)

        def refresh() -> None:
            folder = str(preference.folder())
            label.show_text(folder)

        def choose(folder: Path) -> None:
            assert preference.choose is not None
            preference.choose(folder)
            refresh()

        def ask() -> None:
            ask_for_folder(self, preference.title, f"{preference.name}_dialog", choose)

        refresh()
        self._refreshes.append(refresh)
        row.addWidget(label, 1)
        show = make_push_button(_("Show"), f"{preference.name}_show", _("Open this folder"))
        show.setAutoDefault(False)
        show.clicked.connect(lambda: preference.show(preference.folder()))
        row.addWidget(show)
        if preference.choose is not None:
            change = make_push_button(
                _("Change…"), f"{preference.name}_change", _("Choose another folder")
            )
            change.setAutoDefault(False)
            change.clicked.connect(ask)
            row.addWidget(change)
        return row
