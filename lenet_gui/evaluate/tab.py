"""The Evaluate tab: test any network on any dataset, or two of them side by side."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lenet_gui.evaluate import evaluation
from lenet_gui.evaluate.evaluation import Evaluation
from lenet_gui.evaluate.panel import EvaluationPanel
from lenet_gui.widgets.formatting import image_caption
from lenet_gui.widgets.labels import make_page
from lenet_gui.widgets.model_chooser import ModelSource, networks_of_runs
from lenet_gui.workers.generator import BackgroundWork
from lenet_gui.workers.serial import BackgroundTask
from trainer import files
from trainer.drawing.picture import Picture
from trainer.evaluation import export
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _


class EvaluateTab(QWidget):
    """Owns the thread, and what came of it."""

    message = Signal(str)
    """Something to tell the user in passing."""
    open_picture = Signal(object)
    """Lay this `Picture` on the Draw tab's paper."""
    data_folder_chosen = Signal(Path)
    """Datasets are there, the user says."""
    evaluated = Signal()
    """A new result is shown."""
    failed = Signal(str)
    """There is none, and why."""

    def __init__(self, data: Path, runs_folder: Path) -> None:
        super().__init__()
        self.setObjectName("evaluate_tab")
        self.data, self.runs_folder = data, runs_folder
        self.device = "auto"
        """Where to compute: one of `devices.NAMES`."""
        self.evaluation: Evaluation | None = None
        self.model: Model | None = None
        self._work = work = BackgroundWork("evaluation", self)
        work.returned.connect(self._show)
        work.data_missing.connect(self._data_missing)
        work.errored.connect(self._failed)
        self.panel = panel = EvaluationPanel()
        whole = QVBoxLayout(make_page(self))
        whole.setContentsMargins(14, 12, 14, 10)
        whole.addWidget(panel)
        work.yielded.connect(panel.show_progress)
        panel.evaluate.clicked.connect(self.start)
        panel.cancel.clicked.connect(self._cancel)
        panel.offer.ready.connect(self.start)
        panel.offer.folder_chosen.connect(self._use_folder)
        panel.save_asked.connect(self.save_to)
        panel.opened.connect(self._open)
        panel.message.connect(self.message)

    def showEvent(self, event: QShowEvent) -> None:
        """Runs may have been trained since."""
        super().showEvent(event)
        BackgroundTask.begin(
            lambda: networks_of_runs(self.runs_folder), self.panel.show_runs, self.message
        )

    def set_model(self, model: Model) -> None:
        """The model on show is this one."""
        self.model = model
        self.panel.show_model(ModelSource(model.name, model))

    # Evaluating

    @property
    def evaluating(self) -> bool:
        """Whether it is under way."""
        return self._work.busy

    def start(self) -> None:
        """Test what is chosen, in the background."""
        panel = self.panel
        sources = panel.sources()
        if self.evaluating:
            return
        if not sources:
            panel.tell(_("The network is still loading. Try again in a moment."))
            return
        dataset, data, device = panel.dataset_name, self.data, self.device

        def evaluate() -> Generator[Progress, None, Evaluation]:
            return evaluation.evaluate(sources, dataset, data, device)

        panel.show_busy(True)
        self._work.start(evaluate)

    def _cancel(self) -> None:
        self._work.cancel()
        self.panel.show_busy(False)
        self.panel.tell(_("Canceled."))

    def _show(self, evaluation: Evaluation) -> None:
        self.panel.show_busy(False)
        self.evaluation = evaluation
        self.panel.show_evaluation(evaluation)
        self.evaluated.emit()

    def _failed(self, problem: str) -> None:
        self.panel.show_busy(False)
        self.panel.tell(problem)
        self.failed.emit(problem)

    def _data_missing(self, name: str, problem: str) -> None:
        self._failed(problem)
        self.panel.tell("")
        self.panel.offer.offer(name, problem, self.data)

    def _use_folder(self, folder: Path) -> None:
        self.data = folder
        self.data_folder_chosen.emit(folder)
        self.start()

    # What is done with a result

    def _open(self, number: int) -> None:
        picture = self._picture(number)
        if picture is not None:
            self.open_picture.emit(picture)

    def _picture(self, number: int) -> Picture | None:
        """A test image as the paper takes it."""
        assert self.evaluation is not None
        report = self.evaluation.first
        image = report.images[number]
        if image.ndim != 2:
            self.message.emit(
                _("The sheet takes gray pictures of 28 × 28 pixels, and this one is in color.")
            )
            return None
        title = image_caption(report.dataset, report.classes[int(report.labels[number])], number)
        reads = (
            _("{classes} by {name}").format(
                classes=each.model.classes[int(each.answers[number])], name=each.model.name
            )
            for each in self.evaluation.reports
        )
        caption = _("{told}; recognized as {list}").format(told=title, list=", ".join(reads))
        source = f"{report.dataset.split('+')[0]} test {number}"  # of a sum, the first is tested
        return Picture(image.copy(), image.copy(), caption, source)

    def save_to(self, parent: Path) -> None:
        """Save the report into a new folder there; `message` tells how it went."""
        evaluation = self.evaluation
        if evaluation is None:
            return
        self.message.emit(_("Saving the report …"))

        def save() -> str:
            first = evaluation.first
            dataset = first.dataset if first.dataset in DATASETS else first.title
            name = f"report {first.model.name} {dataset}"
            with files.convert_write_errors(parent):
                folder = files.make_new_folder(parent, name)
            try:
                written = export.save(first, folder, evaluation.second)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)  # of a report, half is worth nothing
                raise
            return _("Saved {count} files in {folder}").format(count=len(written), folder=folder)

        BackgroundTask.begin(save, self.message.emit, self.message)

    # Closing

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        return [*self._work.end(), *self.panel.offer.end(), *self.panel.own_data.end()]
