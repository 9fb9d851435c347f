"""Networks' files: opened, saved, kept for the next start, and what was learned."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from lenet_gui.app import networks
from lenet_gui.app.networks.button import RecentFiles
from lenet_gui.app.session import Settings
from lenet_gui.widgets.file_dialogs import ask_what_to_open, ask_where_to_save
from lenet_gui.workers.serial import BackgroundTask
from trainer.files import convert_read_errors, convert_write_errors
from trainer.networks.builtin import BuiltinNetwork
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.networks.model import Model

_ENDING = ".safetensors"
_FOREIGN = "*.pt *.pth *.params *.bin *.safetensors *.npz *.h5 *.keras *.onnx"
_KIND = N_("LeNet Studio network (*.safetensors)")


class ModelFiles:
    """What the File menu does with networks.

    Args:
        parent: of the dialogs; nothing is told once it is gone.
        on_show: the network on show, None while there is none.
        use: is given the network that was opened.
        tell: is given what went wrong, and where one was saved.
        recent: learns of each file that was opened or saved by name.
        data: the folder of datasets, on which a foreign network is tried.
    """

    def __init__(
        self,
        parent: QWidget,
        on_show: Callable[[], Model | None],
        use: Callable[[Model], None],
        tell: Callable[[str], None],
        recent: RecentFiles,
        data: Callable[[], Path],
    ) -> None:
        self.parent, self._on_show, self._use, self.tell = parent, on_show, use, tell
        self._asked = 0  # how many loads were begun; only the last one counts
        self._recent, self._data = recent, data

    def ask_what_to_open(self) -> None:
        """Ask for a model file and use it."""
        title = _("Open a network")
        ask_what_to_open(self.parent, title, "open_dialog", (_(_KIND),), self.open)

    def open(self, path: Path) -> None:
        """Use a model file that the user chose, and list it among the recent ones if it is one."""

        self._begin(path, lambda _model: self._recent.add(path), self.tell)

    def load(
        self, path: Path, refused: Callable[[str], None] | None = None, name: str = ""
    ) -> None:
        """Use a model file, under its own name or this one; the present one stays if it can't be.

        What is wrong with it is told.
        """
        self._begin(path, lambda _model: None, refused or self.tell, name)

    def _begin(
        self,
        path: Path,
        then: Callable[[Model], object],
        refused: Callable[[str], None],
        name: str = "",
    ) -> None:
        """Load in the background; of several that are asked for, the last one is used."""
        self._asked += 1
        number = self._asked

        def use(model: Model) -> None:
            then(model)
            if number == self._asked:
                self._use(model)

        BackgroundTask.begin(lambda: _load(path, name), use, refused, context=self.parent)

    def load_builtin(self, network: BuiltinNetwork) -> None:
        """Use a network that comes with the program."""
        try:
            self.load(network.path)
        except FileNotFoundError as error:
            self.tell(str(error))

    def ask_what_to_import(self) -> None:
        """Ask for a file of another program, and show what is in it."""
        kinds = (f"{_('Networks of other programs')} ({_FOREIGN})", f"{_('All files')} (*)")
        title = _("Import a network")
        ask_what_to_open(self.parent, title, "import_file_dialog", kinds, self.import_file)

    def import_file(self, path: Path) -> None:
        """Show what is in a file of another program; the user uses it, or not."""
        dialog = networks.import_dialog.ImportDialog(self.parent, path, self._data(), self._use)
        dialog.open()
        dialog.begin()

    def show_export(self) -> None:
        """Ask for a format in which the network on show is to be written."""
        model = self._on_show()
        if model is None:
            self.tell(_("There is no network to export yet"))
            return
        networks.export_dialog.ExportDialog(self.parent, model, self._data(), self.tell).open()

    def ask_where_to_save(self) -> None:
        """Ask for a name and save the network on show."""
        model = self._on_show()
        if model is None:
            self.tell(_("There is no network to save yet"))
            return
        start = Path.home() / f"{model.name.replace(':', '')}.safetensors"
        ask_where_to_save(self.parent, _("Save the network"), start, (_(_KIND),), self.save)

    def save(self, path: Path) -> None:
        """Save the network on show, of which there is one."""
        model = self._on_show()
        assert model is not None

        def saved(text: str) -> None:
            self._recent.add(path)
            self.tell(text)

        self.write(model, path, saved)

    def write(
        self, model: Model, path: Path, saved: Callable[[str], object] = lambda _told: None
    ) -> None:
        """Save a network in the background, in a folder that may be new; `saved` hears of it."""

        def save() -> str:
            with convert_write_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
            _weights().save(dataclasses.replace(model, name=path.stem), path)
            return _("Saved {file}").format(file=path)

        BackgroundTask.begin(save, saved, self.tell, context=self.parent)


def _weights() -> ModuleType:
    # Brings torch: not before the window shows.
    from trainer.networks import model

    return model


def _load(path: Path, name: str = "") -> Model:
    """The network in a file, under its own name or this one."""
    model: Model = _weights().load(path)
    return dataclasses.replace(model, name=name) if name else model


class KeptNetworks:
    """The network in use, and those that were learned.

    Args:
        folder: where their files are.
        settings: says whether there is one in use, and its name; None to remember nothing.
        model_files: reads and writes them.
    """

    def __init__(self, folder: Path, settings: Settings | None, model_files: ModelFiles) -> None:
        self._folder, self._settings, self._files = folder, settings, model_files
        self._in_use = folder / "in use" / f"network{_ENDING}"
        self._restoring = ""  # the name of the network that is being restored
        self._listed: list[Path] = []  # of the learned ones, those that were there at last

    def use(self, model: Model, shipped: bool) -> None:
        """Remember that this network is in use; the built-in one needs no file."""
        restored, self._restoring = self._restoring, ""
        if self._settings is None or (restored and model.name == restored):
            return
        self._settings.remember("network", "" if shipped else model.name)
        if not shipped:
            self._files.write(model, self._in_use)

    def restore(self) -> None:
        """Use the network that was in use when the program ran last, and see what was learned."""
        tell, window = self._files.tell, self._files.parent
        BackgroundTask.begin(self.learned, self._remember_learned, tell, context=window)
        name = self._settings.text("network", "") if self._settings is not None else ""
        if name:
            self._restoring = name
            self._files.load(self._in_use, self._not_restored, name)

    def _remember_learned(self, paths: list[Path]) -> None:
        self._listed = paths

    def _not_restored(self, problem: str) -> None:
        name, self._restoring = self._restoring, ""
        if name:  # else another one is in use by now
            text = _("The network used last, {name}, can't be opened: {problem}")
            self._files.tell(text.format(name=name, problem=problem))

    def keep_learned(self, model: Model) -> None:
        """Save what was learned under a name of its own."""
        name = re.sub(r"[^\w .+-]+", "-", model.name).strip() or "network"
        self._files.write(
            model, self._folder / f"{name} {time.strftime('%Y-%m-%d %H.%M.%S')}{_ENDING}"
        )

    def learned(self) -> list[Path]:
        """The files of the networks that were learned, newest first; call it in the background.

        Raises:
            UserError: the folder is there, and can't be read.
        """
        with convert_read_errors(self._folder):
            try:
                paths = [path for path in self._folder.iterdir() if path.suffix == _ENDING]
            except FileNotFoundError:
                return []  # nothing was learned yet
            return sorted(paths, key=lambda path: path.lstat().st_mtime, reverse=True)

    def fill(self, menu: QMenu) -> None:
        """List in a menu that is about to be shown those known of, and soon all that are there."""
        self._list_in(menu)

        def show(paths: list[Path]) -> None:
            if paths != self._listed:
                self._listed = paths
                self._list_in(menu)

        BackgroundTask.begin(self.learned, show, self._files.tell, context=menu)

    def _list_in(self, menu: QMenu) -> None:
        menu.clear()
        for path in self._listed:
            menu.addAction(path.stem.replace("&", "&&"), partial(self._files.load, path))
        if menu.isEmpty():
            menu.addAction(_("None yet: teach the network on the My digits tab")).setEnabled(False)
