"""Networks' files opened and saved: the dialogs, and the work in the background."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from lenet_gui.widgets.file_dialogs import ask_what_to_open, ask_where_to_save
from lenet_gui.workers.serial import BackgroundTask

if TYPE_CHECKING:
    from trainer.networks.model import Model

_KIND = "LeNet Studio network (*.safetensors)"


class ModelFiles:
    """What the File menu does with networks.

    Args:
        parent: of the dialogs.
        on_show: the network on show, None while there is none.
        use: is given the network that was opened.
        tell: is given what went wrong, and where one was saved.
    """

    def __init__(
        self,
        parent: QWidget,
        on_show: Callable[[], Model | None],
        use: Callable[[Model], None],
        tell: Callable[[str], None],
    ) -> None:
        self._parent, self._on_show, self._use, self._tell = parent, on_show, use, tell

    def ask_what_to_open(self) -> None:
        """Ask for a model file and use it."""
        ask_what_to_open(self._parent, "Open a network", "open_dialog", (_KIND,), self.load)

    def load(self, path: Path, refused: Callable[[str], None] | None = None) -> None:
        """Use a model file; what is wrong with it is told, and the present one stays."""

        def load() -> Model:
            # Brings torch: not before the window shows.
            from trainer.networks import model as weights

            return weights.load(path)

        BackgroundTask.begin(load, self._use, refused or self._tell)

    def ask_where_to_save(self) -> None:
        """Ask for a name and save the network on show."""
        model = self._on_show()
        if model is None:
            self._tell("There is no network to save yet")
            return
        start = Path.home() / f"{model.name.replace(':', '')}.safetensors"
        ask_where_to_save(self._parent, "Save the network", start, (_KIND,), self.save)

    def save(self, path: Path) -> None:
        """Save the network on show, of which there is one."""
        model = self._on_show()
        assert model is not None

        def save() -> str:
            # Brings torch: not before the window shows.
            from trainer.networks import model as weights

            weights.save(dataclasses.replace(model, name=path.stem), path)
            return f"Saved {path}"

        BackgroundTask.begin(save, self._tell, self._tell)
