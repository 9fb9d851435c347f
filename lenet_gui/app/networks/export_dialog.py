"""File > Export network: the dialog that writes a network in another format.

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
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.controls import ThemedCheckBox, make_push_button, resize_for_text
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.lists import make_chooser
from lenet_gui.workers.generator import BackgroundWork
from lenet_gui.workers.serial import LongTask
from trainer.exchange import ENDINGS, FORMATS, TITLES, WITH_OPTIONS, Format
from trainer.progress import Progress
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.exchange.export import Exported
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
            _("Export…"), "export_write", _("Choose a file, write it, and compare its results")
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
        self.note.setText(_("Writing {file}…").format(file=path.name))
        self._work.start(
            lambda: _write_network(model, kind, path, data, softmax=softmax, normalize=normalize)
        )
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


def _write_network(
    model: Model, kind: Format, path: Path, data: Path, *, softmax: bool, normalize: bool
) -> Generator[Any, None, Exported]:
    """Write a network in another format; see `trainer.exchange.export`."""
    module = pkgutil.resolve_name("trainer.exchange.export")
    options = module.ExportOptions(softmax, normalize)
    done: Exported = yield from module.export(model, kind, path, data, options)
    return done
