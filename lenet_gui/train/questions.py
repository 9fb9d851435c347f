"""What the Train tab asks; each question returns at once and calls back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QWidget,
)

from lenet_gui.widgets.controls import ask
from trainer.runs.notes import LONGEST_TITLE, Notes
from trainer.translation import gettext as _
from trainer.translation import ngettext


def ask_about_twin(
    parent: QWidget,
    twin: str,
    state: str,
    with_other_seed: Callable[[], object],
    start: Callable[[], object],
) -> QMessageBox:
    """Before a run that another one equals.

    Args:
        parent: the window part that asks.
        twin: the other run's title.
        state: the other run's, in words.
        with_other_seed: what to do to have another network.
        start: what to do to have the same one again.
    """
    return ask(
        parent,
        "twin_question",
        _("Train the same recipe again?"),
        _(
            "The run {run} ({state}) has the same recipe and the same seed, so it comes to the "
            "same network. With another seed, you see how much results differ by chance."
        ).format(run=twin, state=state),
        {_("Use another seed"): with_other_seed, _("Train the same again"): start},
    )


def ask_to_delete(parent: QWidget, count: int, delete: Callable[[], object]) -> QMessageBox:
    """Before runs are deleted that can't be moved to the trash."""
    return ask(
        parent,
        "delete_question",
        ngettext("Delete {n} run permanently?", "Delete {n} runs permanently?", count).format(
            n=count
        ),
        _("There is no trash where the files are, so this cannot be undone."),
        {_("Delete permanently"): delete},
    )


class NotesDialog(QDialog):
    """Returns at once from `open`; `taken` tells what was written.

    Args:
        parent: the window part that asks.
        notes: what is written now.
        title: the run's, where it has none of the user's.
    """

    taken = Signal(object)
    """The `Notes` that were written."""

    def __init__(self, parent: QWidget, notes: Notes, title: str) -> None:
        super().__init__(parent)
        self.setObjectName("notes_dialog")
        self.setWindowTitle(_("Name and note"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = QLineEdit(notes.title)
        self.name.setObjectName("run_name")
        self.name.setAccessibleName(_("Name"))
        self.name.setMaxLength(LONGEST_TITLE)
        self.name.setPlaceholderText(title)
        self.name.selectAll()
        self.note = QPlainTextEdit(notes.note)
        self.note.setObjectName("run_note_text")
        self.note.setAccessibleName(_("Note"))
        self.note.setTabChangesFocus(True)
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        form = QFormLayout(self)
        form.addRow(_("&Name"), self.name)
        form.addRow(_("N&ote"), self.note)
        form.addRow(self.buttons)
        self.resize(420, 240)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.accepted.connect(self._take)

    def _take(self) -> None:
        self.taken.emit(Notes(self.name.text(), self.note.toPlainText()))
