"""File > Import and Export network: what a file takes and gives, and what came of it.

Everything that needs torch is done in a thread, as a `LongTask`.
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
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.controls import ThemedCheckBox, make_push_button, resize_for_text
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.lists import fill_row, lay_out_as_table, make_chooser
from lenet_gui.workers.generator import BackgroundWork
from lenet_gui.workers.serial import BackgroundTask, LongTask
from trainer.exchange import ENDINGS, FORMATS, TITLES, WITH_OPTIONS, Format
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.exchange.export import Exported
    from trainer.exchange.importing import Candidates
    from trainer.networks.model import Model


_ABOUT: dict[Format, str] = {
    "onnx": N_("For onnxruntime, Netron, browsers, and most other frameworks."),
    "torch-export": N_("For PyTorch, without this program: torch.export.load."),
    "npz": N_("For NumPy: the documentation has a reader of 40 lines."),
    "c": N_("For microcontrollers: C99, without memory allocation."),
}


class ExportDialog(QDialog):
    """Writes a network in another format, in the background.

    Args:
        parent: the window.
        model: the network.
        data: folder of datasets; pictures of them are read by the file and by the network.
        tell: is given one line when a file was written.
    """

    def __init__(
        self, parent: QWidget, model: Model, data: Path, tell: Callable[[str], object]
    ) -> None:
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self.setWindowTitle(_("Export network"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model, self._data, self._tell = model, data, tell
        self._work = work = BackgroundWork("export", self, LongTask)
        work.yielded.connect(self._show_progress)
        work.returned.connect(self._show_written)
        work.errored.connect(self._show_problem)
        self.format = make_chooser("export_format", _("Format"))
        for kind in FORMATS:
            self.format.addItem(f"{_(TITLES[kind])} (.{ENDINGS[kind]})", kind)
        self.about = Label()
        self.about.setObjectName("export_about")
        self.normalize = ThemedCheckBox(_("Take pictures from 0 to 1; normalize them inside"))
        self.normalize.setObjectName("export_normalize")
        self.normalize.setChecked(True)
        self.softmax = ThemedCheckBox(_("Give probabilities instead of scores"))
        self.softmax.setObjectName("export_softmax")
        self.progress = QProgressBar()
        self.progress.setObjectName("export_progress")
        self.note = Label()
        self.note.setObjectName("export_note")
        self.note.setWordWrap(True)
        self.write = make_push_button(
            _("Export …"), "export_write", _("Choose a file, write it, and compare its results")
        )
        self.close_button = make_push_button(_("Close"), "export_close", _("Close this window"))
        self._lay_out()
        resize_for_text(self, 520, 260)
        self.format.currentIndexChanged.connect(self._update)
        self.write.setDefault(True)
        self.write.clicked.connect(self._ask)
        self.close_button.clicked.connect(self.close)
        self._update()

    def _lay_out(self) -> None:
        form = QFormLayout()
        title = Label(self._model.name)
        title.setObjectName("export_title")
        form.addRow(_("Network"), title)
        form.addRow(_("Format"), self.format)
        form.addRow("", self.about)
        form.addRow("", self.normalize)
        form.addRow("", self.softmax)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.write)
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addStretch(1)
        whole.addWidget(self.progress)
        whole.addWidget(self.note)
        whole.addLayout(buttons)

    @property
    def kind(self) -> Format:
        """The format that is chosen."""
        chosen: Format = self.format.currentData()
        return chosen

    def _update(self) -> None:
        self.about.setText(_(_ABOUT[self.kind]))
        for box in (self.normalize, self.softmax):
            box.setEnabled(self.kind in WITH_OPTIONS)
        self.progress.setVisible(self._work.busy)
        self.write.setEnabled(not self._work.busy)

    def _ask(self) -> None:
        ending = ENDINGS[self.kind]
        start = Path.home() / f"{self._model.name.replace(':', '')}.{ending}"
        kinds = (f"{_(TITLES[self.kind])} (*.{ending})".replace(" (torch.export)", ""),)
        ask_where_to_save(self, _("Export the network"), start, kinds, self.export)

    def export(self, path: Path) -> None:
        """Write the file."""
        model, kind, data = self._model, self.kind, self._data
        plain = kind not in WITH_OPTIONS
        softmax = not plain and self.softmax.isChecked()
        normalize = plain or self.normalize.isChecked()
        self.progress.setRange(0, 0)
        self.note.setText(_("Writing {file} …").format(file=path.name))
        self._work.start(lambda: write_network(model, kind, path, data, softmax, normalize))
        self._update()

    def _show_progress(self, progress: Progress) -> None:
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)

    def _show_written(self, done: Exported) -> None:
        saved = _("Saved {file} ({kilobytes:,} KB).").format(
            file=done.path, kilobytes=-(-done.bytes // 1024)
        )
        if done.accuracy is not None and done.before is not None:
            checked = _(
                "With 8-bit weights, {after:.2%} of {images} are recognized; {before:.2%} before."
            ).format(after=done.accuracy, images=done.tested_on, before=done.before)
        else:
            checked = _(
                "On {count:,} pictures its results are those of the network, to within "
                "{difference:.1g}."
            ).format(count=done.images, difference=done.difference)
        self.note.setText(f"{saved} {checked}")
        self._tell(saved)
        self._update()

    def _show_problem(self, problem: str) -> None:
        self.note.setText(problem)
        self._update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Closed, or its window is: what is not written yet is not."""
        self._work.cancel()
        super().hideEvent(event)


def try_network(path: Path, data: Path, dataset: str) -> Generator[Any, None, Candidates]:
    """Read a foreign file and try how it was trained; see `trainer.exchange.importing`."""
    pkgutil.resolve_name("trainer.runtime.cpu:use_run_threads")()
    work = pkgutil.resolve_name("trainer.exchange.importing:import_network")
    candidates: Candidates = yield from work(path, data, dataset)
    return candidates


def write_network(
    model: Model, kind: Format, path: Path, data: Path, softmax: bool, normalize: bool
) -> Generator[Any, None, Exported]:
    """Write a network in another format; see `trainer.exchange.export`."""
    module = pkgutil.resolve_name("trainer.exchange.export")
    options = module.ExportOptions(softmax, normalize)
    done: Exported = yield from module.export(model, kind, path, data, options)
    return done


_MOST_NAMES = 5


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
        self._work = work = BackgroundWork("import", self, LongTask)
        work.yielded.connect(self._show_progress)
        work.returned.connect(self._show_found)
        work.errored.connect(self._show_problem)
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
        self.title.setText(_("Reading {file} …").format(file=self._path.name))
        self.note.clear()
        self.progress.setRange(0, 0)
        self.progress.show()
        dataset = self.dataset.currentData()
        self._work.start(lambda: try_network(self._path, self._data, dataset))
        self._update()

    def _show_progress(self, progress: Progress) -> None:
        self.progress.setRange(0, progress.total)
        self.progress.setValue(progress.done)

    def _show_found(self, candidates: Candidates) -> None:
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
            BackgroundTask.begin(lambda: candidates.model(number), self._taken, self._show_problem)

    def _taken(self, model: Model) -> None:
        self._use(model)
        self.close()

    def hideEvent(self, event: QHideEvent) -> None:
        """Closed, or its window is: nothing is left to be tried."""
        self._work.cancel()
        super().hideEvent(event)
