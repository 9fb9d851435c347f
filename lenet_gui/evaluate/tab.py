"""The Evaluate tab: test any network on any dataset, or two of them side by side."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import Qt, QThread, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.evaluate import evaluation
from lenet_gui.evaluate.evaluation import Evaluation
from lenet_gui.evaluate.results_view import ResultsView
from lenet_gui.own_data import OwnDataChooser
from lenet_gui.widgets.controls import allow_narrow, make_push_button
from lenet_gui.widgets.dataset_offer import DatasetOffer
from lenet_gui.widgets.file_dialogs import ask_for_folder
from lenet_gui.widgets.formatting import (
    format_count,
    format_rounded,
    image_caption,
    progress_format,
)
from lenet_gui.widgets.labels import Label, make_page
from lenet_gui.widgets.lists import make_chooser
from lenet_gui.widgets.model_chooser import ModelChooser, ModelSource, networks_of_runs
from lenet_gui.workers.generator import BackgroundWork
from lenet_gui.workers.serial import BackgroundTask
from trainer import files
from trainer.drawing.picture import Picture
from trainer.evaluation import export
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.translation import N_
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
            lambda: networks_of_runs(self.runs_folder),
            self.panel.show_runs,
            self.message,
            context=self,
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
        self.message.emit(_("Saving the report…"))

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

        BackgroundTask.begin(save, self.message.emit, self.message, context=self)

    # Closing

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        return [*self._work.end(), *self.panel.offer.end(), *self.panel.own_data.end()]


# What is seen of it: choosers above, then how it goes, then what came of it

_HINT = N_(
    "Choose a network and a dataset, then press Evaluate.\n\n"
    "Add a second network to see on which images the two differ."
)


class EvaluationPanel(QWidget):
    """Widgets only; whoever owns it does the work."""

    save_asked = Signal(Path)
    """Save the report into a new folder in this one."""
    opened = Signal(int)
    """Look at the image of this number."""
    message = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.model = ModelChooser("evaluate_model", _("Network to test"))
        self.second = ModelChooser("evaluate_second", _("Network to compare with"), _("None"))
        self.model.refused.connect(self.message)
        self.second.refused.connect(self.message)
        self.dataset = make_chooser("evaluate_dataset", _("Dataset to test on"), characters=11)
        for name in DATASETS:
            if "+" not in name:  # a sum's test split is that of its first part
                self.dataset.addItem(_(DATASETS[name]), name)
        self.evaluate = make_push_button(
            _("Evaluate"),
            "evaluate_button",
            _("Test on the dataset's whole test split (Ctrl+Return)"),
        )
        self.evaluate.setShortcut("Ctrl+Return")
        self.cancel = make_push_button(
            _("Cancel"), "cancel_evaluation_button", _("Stop; nothing is lost")
        )
        self.save = make_push_button(
            _("Save report…"),
            "save_report_button",
            _("Save figures, tables and pictures to a new folder"),
        )
        self.bar = QProgressBar()
        self.bar.setObjectName("evaluation_progress")
        self.note = Label()
        self.note.setObjectName("evaluation_note")
        self.note.setWordWrap(True)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.offer = DatasetOffer(instead=False)
        self.own_data = OwnDataChooser(self.dataset, self)
        self._view: ResultsView | None = None
        self._lay_out()
        self.save.setEnabled(False)
        self.save.clicked.connect(self._ask_where_to_save)
        self.dataset.activated.connect(self.offer.hide)
        self.show_busy(False)

    def _lay_out(self) -> None:
        choosers = QHBoxLayout()
        choosers.setSpacing(8)
        for text, field, share in (
            (_("&Network"), self.model, 3),
            (_("Data&set"), self.dataset, 2),
            (_("&Compare with"), self.second, 3),
        ):
            label = Label(text)
            label.setBuddy(field)
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(label)
            column.addWidget(field)
            choosers.addLayout(column, share)
        choosers.addSpacing(6)
        allow_narrow(self.evaluate, 110)
        choosers.addWidget(self.evaluate, 0, Qt.AlignmentFlag.AlignBottom)
        row = QHBoxLayout()
        row.addWidget(self.note, 1)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.save)
        hint = Label(_(_HINT))
        hint.setObjectName("description")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setWordWrap(True)
        self.results = QStackedWidget()
        self.results.addWidget(hint)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addLayout(choosers)
        whole.addLayout(row)
        whole.addWidget(self.offer)
        whole.addWidget(self.results, 1)

    @property
    def view(self) -> ResultsView:
        """What came of it; built for the first result, so that the tab itself opens at once."""
        if self._view is None:
            self._view = ResultsView()
            self._view.opened.connect(self.opened)
            self._view.message.connect(self.message)
            self.results.addWidget(self._view)
        return self._view

    # What is chosen

    def sources(self) -> list[ModelSource]:
        """The networks to test, one or two; none while the one on show is still loading."""
        if self.model.source is None or self.second.waiting:
            return []
        other = self.second.source
        return [self.model.source] if other is None else [self.model.source, other]

    @property
    def dataset_name(self) -> str:
        """A key of `DATASETS`."""
        return str(self.dataset.currentData())

    def choose_dataset(self, name: str) -> bool:
        """Choose this one; whether there is such a one."""
        self.own_data.admit(name)
        index = self.dataset.findData(name)
        if index >= 0:
            self.dataset.setCurrentIndex(index)
        return index >= 0

    def show_model(self, source: ModelSource) -> None:
        """This network is on show."""
        self.model.show_model(source)
        self.second.show_model(source)

    def show_runs(self, runs: list[ModelSource]) -> None:
        """These runs have best weights."""
        self.model.show_runs(runs)
        self.second.show_runs(runs)

    # How it goes

    def show_busy(self, busy: bool) -> None:
        """It is under way, or no longer."""
        self.offer.hide()
        self.bar.setRange(0, 0)
        self.evaluate.setEnabled(not busy)
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.note.setVisible(not busy)
        self.save.setVisible(not busy)

    def show_progress(self, progress: Progress) -> None:
        """How far it is."""
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self.bar.setFormat(progress_format(progress.what))

    def tell(self, text: str) -> None:
        """Say something above the results, which stay."""
        self.note.setText(text)

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show what came of it."""
        first = evaluation.first
        notes = [each.note for each in evaluation.reports if each.note]
        device = first.environment["device"]  # a GPU has a name of its own
        took = sum(each.seconds for each in evaluation.reports)
        alone = _("{network} on the {count} test images of {dataset}, in {seconds} s on {device}.")
        both = _(
            "{network} and {other} on the {count} test images of {dataset}, in {seconds} s on "
            "{device}."
        )
        text = (alone if len(evaluation.reports) == 1 else both).format(
            network=first.model.name,
            other=evaluation.reports[-1].model.name,
            count=format_count(len(first)),
            dataset=first.title,
            seconds=format_rounded(took, 1),
            device=device.upper() if device.islower() else device,
        )
        self.tell(" ".join([text, *notes[:1]]))
        self.view.show_evaluation(evaluation)
        self.results.setCurrentWidget(self.view)
        self.save.setEnabled(True)

    def _ask_where_to_save(self) -> None:
        title = _("Choose where to save the report")
        ask_for_folder(self, title, "report_dialog", self.save_asked.emit, to_save=True)
