"""Learning from my digits in a thread of its own: data, fine-tuning and both measurements."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QThread, Signal

from trainer.errors import UserError
from trainer.my_digits.digit import OwnDigit

if TYPE_CHECKING:
    from trainer.my_digits.fine_tuning import Method
    from trainer.networks.model import Model

_log = logging.getLogger(__name__)
_PROGRESS_EVERY = 0.1  # seconds between two messages to the window


class LearningThread(QThread):
    """Start it once; interrupted, it ends soon and tells nothing."""

    progressed = Signal(object)
    """`Progress`, a few times a second."""
    learned = Signal(object)
    """`fine_tuning.Learned`."""
    failed = Signal(str)

    def __init__(
        self, model: Model, own: tuple[OwnDigit, ...], data: Path, method: Method | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("learning from my digits")
        self._model, self._own, self._data, self._method = model, own, data, method

    def run(self) -> None:
        """The thread."""
        try:
            self._learn()
        except UserError as error:
            self.failed.emit(str(error))
        except Exception as error:  # what fails here must not take the window along
            _log.exception("learning failed")
            self.failed.emit(f"{type(error).__name__}: {error}")

    def _learn(self) -> None:
        import torch

        from trainer.my_digits.fine_tuning import Method
        from trainer.my_digits.rehearsal import learn_from

        torch.set_num_threads(1)  # the other processors are the pen's
        told = 0.0
        method = self._method or Method()
        with closing(learn_from(self._model, self._own, self._data, method)) as work:
            while not self.isInterruptionRequested():
                try:
                    progress = next(work)
                except StopIteration as end:
                    self.learned.emit(end.value)
                    return
                if time.monotonic() - told > _PROGRESS_EVERY:
                    told = time.monotonic()
                    self.progressed.emit(progress)
