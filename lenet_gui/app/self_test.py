"""`lenet-gui --self-test`: the program in its real window, from a drawing to a trained network.

Draws a seven, sees it read, trains one epoch on digits written by code, reads with what came of
it, and closes. Needs no data, and leaves nothing behind: whoever packs or installs the program
starts it to see that all parts are there.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from lenet_gui.app.window import Window
from trainer.recipes.catalog import QUICKEST, find_recipe
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.train.run_item import RunItem
    from trainer.networks.model import Model
    from trainer.reading.sheet_reading import SheetReading

_MOST_SECONDS = 600
_SEVEN = (
    ((80.0, 70.0, 1.0), (140.0, 68.0, 1.0), (200.0, 70.0, 1.0)),
    ((200.0, 70.0, 1.0), (160.0, 145.0, 1.0), (120.0, 220.0, 1.0)),
)


class SelfTest(QObject):
    """Drives a window; `status` is 0 if all went well. Prints a line for each part."""

    def __init__(self, window: Window, began: float) -> None:
        super().__init__()
        self._window, self._began = window, began
        self.status = 1
        self._run: RunItem | None = None
        self._ended = False  # that run
        self._trained: Model | None = None
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(lambda: self.refuse(_("it took longer than ten minutes")))
        self._late.start(_MOST_SECONDS * 1000)
        window.reader.failed.connect(self.refuse)
        window.reader.done.connect(self._read)
        window.once_imported(self._draw)
        self._tell(_("the window is open"))

    def _tell(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:7.2f} s  {text}", flush=True)

    def _draw(self) -> None:
        self._tell(_("PyTorch is loaded"))
        self._window.draw.canvas.show_strokes(_SEVEN)

    def _read(self, reading: SheetReading) -> None:
        if reading.prediction is None or reading.model is None or self.status == 0:
            return
        answer = reading.classes[reading.prediction.digit]
        if self._run is None:
            self._tell(_("the drawing was read as {digit}").format(digit=answer))
            if answer == "7":
                self._train()
            else:
                self.refuse(_("a seven was drawn"))
        elif reading.model is self._trained:
            self._tell(_("the new network read it as {digit}").format(digit=answer))
            self.status = 0
            self._end()

    def _train(self) -> None:
        recipe = dataclasses.replace(
            find_recipe(QUICKEST), name="self-test", dataset="pen", epochs=1, arithmetic="plain"
        )
        self._window.tabs.setCurrentWidget(self._window.train)
        self._run = run = self._window.train.start(recipe)
        self._window.train.list.dataChanged.connect(lambda: self._follow(run))
        self._window.train.use_model.connect(self._use)

    def _follow(self, run: RunItem) -> None:
        if self._ended or run.under_way:
            return
        self._ended = True
        if run.test is None:
            self.refuse(_("the training ended as: {state}").format(state=run.problem or run.state))
            return
        self._tell(_("one epoch trained: {accuracy:.2%}").format(accuracy=run.test))
        QTimer.singleShot(0, self._window.train.buttons.use.click)  # once it is enabled

    def _use(self, model: Model) -> None:
        self._trained = model
        self._window.tabs.setCurrentWidget(self._window.draw)

    def refuse(self, problem: str) -> None:
        """Say what went wrong and end."""
        print(f"lenet-gui: {problem}", file=sys.stderr, flush=True)
        self.status = 1
        self._end()

    def _end(self) -> None:
        self._late.stop()
        self._window.close()
