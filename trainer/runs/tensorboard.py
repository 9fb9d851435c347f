"""A run's history for TensorBoard, where that is installed; without it nothing is missing.

PyTorch's own SummaryWriter writes it. Its import takes a moment and is done
when the first run begins, in the thread that trains.
"""

from __future__ import annotations

import importlib.util
import logging
import shutil
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trainer.training.history import Row

FOLDER = "tensorboard"
_WRITE_EVERY = 1.0  # seconds
_log = logging.getLogger(__name__)


class Board:
    """Writes a run's event file; does nothing where TensorBoard is not installed.

    Args:
        folder: the run's. Event files that are there are replaced, as a run
            that goes on may go on from before their last line.
        began: when the run started, in seconds since 1970.
        rows: the history so far.

    Raises:
        OSError: it can't be written.
    """

    def __init__(self, folder: Path, began: float, rows: Iterable[Row]) -> None:
        self._began = began
        self._writer: Any = None
        self._waiting: list[Row] = []
        self._written = 0.0
        if importlib.util.find_spec("tensorboard") is None:
            return
        try:
            # An optional package.
            from torch.utils.tensorboard import SummaryWriter
        except Exception as error:  # an extra that is broken is no reason not to train
            _log.warning("TensorBoard can't be used: %s", error)
            return
        _keep_quiet()
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        # A TensorBoard that looks on drops what it has read of the files replaced.
        self._writer = SummaryWriter(str(folder / FOLDER), purge_step=0)
        self._waiting += rows
        self._write()

    def add(self, row: Row) -> None:
        """One line of the history; written within a second of training, or by `flush`.

        Raises:
            OSError: one of those before can't be written.
        """
        if self._writer is None:
            return
        self._waiting.append(row)
        # One by one, training would wait for the writer's thread with each of them.
        if time.monotonic() - self._written > _WRITE_EVERY:
            self._write()

    def _write(self) -> None:
        waiting, self._waiting = self._waiting, []
        for row in waiting:
            self._write_row(row)
        self._written = time.monotonic()

    def _write_row(self, row: Row) -> None:
        when = self._began + row.seconds  # so that a pause leaves no gap
        self._writer.add_scalar(f"loss/{row.split}", row.loss, row.step, when)
        self._writer.add_scalar(f"accuracy/{row.split}", row.accuracy, row.step, when)
        if row.split == "train":
            self._writer.add_scalar("learning_rate", row.learning_rate, row.step, when)

    def flush(self) -> None:
        """Let all of it be on disk.

        Raises:
            OSError: it can't be written.
        """
        if self._writer is not None:
            self._write()
            self._writer.flush()

    def close(self) -> None:
        """Write the rest; `add` does nothing from then on.

        Raises:
            OSError: it can't be written.
        """
        if self._writer is not None:
            try:
                self._write()
            finally:
                writer, self._writer = self._writer, None
                writer.close()


_before = threading.excepthook


def _keep_quiet() -> None:
    """Keep TensorBoard's own thread from printing what `add` raises as well."""
    global _before
    if threading.excepthook is not _report_unless_known:
        _before, threading.excepthook = threading.excepthook, _report_unless_known


def _report_unless_known(fault: threading.ExceptHookArgs) -> None:
    if not type(fault.thread).__module__.startswith("tensorboard."):
        _before(fault)
