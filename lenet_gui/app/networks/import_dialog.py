"""File > Import network: the dialog that tries how a file of another program was trained.

Whatever needs torch runs in a thread, as a `LongTask`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.controls import make_push_button, resize_for_text
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.lists import fill_row, lay_out_as_table, make_chooser
from lenet_gui.workers.generator import BackgroundWork
from lenet_gui.workers.serial import BackgroundTask, LongTask
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _
from trainer.translation import ngettext

if TYPE_CHECKING:
    from trainer.exchange.importing import Candidates
    from trainer.networks.model import Model


_MOST_NAMES = 5
"""Unused tensors of a file that are named."""


class ImportDialog(QDialog):
    """Tries a file in the background; the user picks a row and uses it.

    Args:
        parent: the window.
        path: the file of another program.
        data: folder of datasets.
        use: is given the network that was picked.
    """

    def __init__(
        self, parent: QWidget, path: Path, data: Path, use: Callable[[Model], object]
    ) -> None:
        super().__init__(parent)
        self.setObjectName("import_dialog")
        self.setWindowTitle(_("Import network"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._path, self._data, self._use = path, data, use
        self._work = BackgroundWork("import", self, LongTask)
        self.candidates: Candidates | None = None
        self.title = Label()
        self.title.setObjectName("import_title")
        self.title.setWordWrap(True)
        self.dataset = make_chooser(
            "import_dataset", _("Trained on"), _("The dataset that the network was trained on")
        )
        for name, title in DATASETS.items():
            if "+" not in name and name != "cifar10":  # its networks have colors
                self.dataset.addItem(_(title), name)
        self.progress = QProgressBar()
        self.progress.setObjectName("import_progress")
        self.table = QTableWidget(0, 5)
        self.note = Label()
        self.note.setObjectName("import_note")
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.take = make_push_button(
            _("Use this network"), "import_take", _("Read drawings with the network of this row")
        )
        self.cancel = make_push_button(_("Cancel"), "import_cancel", _("Import nothing"))
        self._lay_out()
        resize_for_text(self, 800, 440)
        self.take.setDefault(True)
        self._connect()

    def _connect(self) -> None:
        self._work.yielded.connect(self._show_progress)
        self._work.returned.connect(self._show_candidates)
        self._work.errored.connect(self._show_problem)
        self.take.clicked.connect(self._take)
        self.cancel.clicked.connect(self.close)
        self.table.itemSelectionChanged.connect(self._update)
        self.table.doubleClicked.connect(self._take)
        self.dataset.activated.connect(self.begin)

    def _lay_out(self) -> None:
        table = self.table
        lay_out_as_table(table, "import_table", _("How the network may have been trained"))
        table.setHorizontalHeaderLabels(
            [_("Accuracy"), _("Input"), _("Ink"), _("Activation"), _("Pooling")]
        )
        table.horizontalHeader().setStretchLastSection(True)
        caption = Label(_("Trained on"))
        caption.setBuddy(self.dataset)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(caption)
        top.addWidget(self.dataset)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.take)
        whole = QVBoxLayout(self)
        whole.addLayout(top)
        whole.addWidget(self.progress)
        whole.addWidget(table, 1)
        whole.addWidget(self.note)
        whole.addLayout(buttons)

    def begin(self) -> None:
        """Read and try the file, anew if it was before."""
        self.candidates = None
        self.table.setRowCount(0)
        self.table.show()
        self.title.setText(_("Reading {file}…").format(file=self._path.name))
        self.note.clear()
        self.progress.setRange(0, 0)
        self.progress.show()
        dataset = self.dataset.currentData()
        self._work.start(lambda: _try_network(self._path, self._data, dataset))
        self._update()

    def _show_progress(self, progress: Progress) -> None:
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)

    def _show_candidates(self, candidates: Candidates) -> None:
        self.candidates = candidates
        self.progress.hide()
        self.title.setText(
            _("{file}: a LeNet-5 of {format}").format(
                file=self._path.name, format=candidates.format
            )
        )
        self.table.setRowCount(len(candidates.trials))
        for number, trial in enumerate(candidates.trials):
            cells = (f"{trial.score.accuracy:.2%}", *trial.variant.describe())
            fill_row(self.table, number, cells)
        self.note.setText(self._describe(candidates))
        self.table.selectRow(0)
        self.table.setFocus()

    def _describe(self, candidates: Candidates) -> str:
        """What the table is, and what else there is to know."""
        lines = [
            _(
                "The file does not say how the network was trained. Each row is a way that was "
                "tried on {images}; the most likely comes first."
            ).format(images=candidates.tested_on)
        ]
        unused = candidates.matched.unused
        if unused:
            names = ", ".join(unused[:_MOST_NAMES]) + (", …" if len(unused) > _MOST_NAMES else "")
            lines.append(
                ngettext(
                    "{count} tensor of the file is not used: {names}.",
                    "{count} tensors of the file are not used: {names}.",
                    len(unused),
                ).format(count=len(unused), names=names)
            )
        if candidates.trials[0].score.accuracy < 0.5:
            lines.append(_("None reads half of them: the network was trained on something else."))
        return " ".join(lines)

    def _show_problem(self, problem: str) -> None:
        self.progress.hide()
        self.table.hide()
        self.title.setText(self._path.name)
        self.note.setText(problem)
        self.cancel.setFocus()

    def _update(self) -> None:
        self.take.setEnabled(bool(self.table.selectionModel().selectedRows()))

    def _take(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if candidates := self.candidates if rows else None:
            number = rows[0].row()
            self.take.setEnabled(False)
            BackgroundTask.begin(
                lambda: candidates.model(number), self._taken, self._show_problem, context=self
            )

    def _taken(self, model: Model) -> None:
        self._use(model)
        self.close()

    def hideEvent(self, event: QHideEvent) -> None:
        """Closed, or its window is: nothing is left to be tried."""
        self._work.cancel()
        super().hideEvent(event)


def _try_network(path: Path, data: Path, dataset: str) -> Generator[Any, None, Candidates]:
    """Read a foreign file and try how it was trained; see `trainer.exchange.importing`."""
    pkgutil.resolve_name("trainer.runtime.cpu:use_run_threads")()
    work = pkgutil.resolve_name("trainer.exchange.importing:import_network")
    candidates: Candidates = yield from work(path, data, dataset)
    return candidates
