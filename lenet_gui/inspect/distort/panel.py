"""The Distort panel: how much distortion does the network bear, on this drawing and on many?"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.distort.accuracy_page import AccuracyPage
from lenet_gui.inspect.distort.page import DistortPage
from lenet_gui.inspect.distort.workers import Subject
from lenet_gui.widgets.file_dialogs import PICTURE_KINDS, ask_where_to_save
from lenet_gui.widgets.labels import Label, ScrollArea
from lenet_gui.widgets.model_chooser import ModelChooser, ModelSource, networks_of_runs
from lenet_gui.workers.serial import BackgroundTask
from trainer.files import save_file
from trainer.networks.anatomy import Unit
from trainer.reading.predict import Prediction
from trainer.robustness.sweep import Robustness, Sweep
from trainer.translation import N_
from trainer.translation import gettext as _

_KINDS = (*PICTURE_KINDS, N_("Table (*.csv)"))


class DistortPanel(QWidget):
    """Sliders over the present drawing, a sweep of one of them, and accuracy over a dataset.

    Args:
        data: where datasets are.
        runs: where training runs are, whose networks can be compared.
    """

    message = Signal(str)
    distorted = Signal(object)
    """The distorted picture, uint8 (28, 28); None where nothing is distorted any longer."""
    data_folder_chosen = Signal(Path)
    """Datasets are there, the user says."""

    def __init__(self, data: Path = Path(), runs: Path | None = None) -> None:
        super().__init__()
        self.setObjectName("distort_panel")
        self.runs_folder = runs
        self._inspection: Inspection | None = None
        self.page, self.accuracy = DistortPage(), AccuracyPage()
        self.accuracy.data = data
        self.beside = ModelChooser("distort_beside", _("Network to compare with"), _("None"))
        self.beside.refused.connect(self.message)
        self.tabs = QTabBar()
        self.pages = QStackedWidget()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.tabs.setObjectName("distort_tabs")
        self.tabs.setAccessibleName(_("This drawing, or a dataset"))
        self.tabs.setDrawBase(False)
        self.tabs.addTab(_("This drawing"))
        self.tabs.addTab(_("A dataset"))
        label = Label(_("&Compare with"))
        label.setBuddy(self.beside)
        label.setToolTip(_("A second network for the same distorted pictures"))
        self.beside.setToolTip(label.toolTip())
        beside = QHBoxLayout()
        beside.addWidget(label)
        beside.addWidget(self.beside, 1)
        self.pages.addWidget(ScrollArea(self.page))
        self.pages.addWidget(ScrollArea(self.accuracy))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self.tabs)
        whole.addWidget(self.pages, 1)
        whole.addLayout(beside)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self.beside.source_changed.connect(self._compare)
        self.page.distorted.connect(self.distorted)
        self.page.message.connect(self.message)
        self.page.sweep_page.save_asked.connect(self._save_sweep)
        self.accuracy.asked.connect(self._measure)
        self.accuracy.save_asked.connect(self._save_accuracy)
        self.accuracy.data_folder_chosen.connect(self.data_folder_chosen)

    @property
    def data(self) -> Path:
        """Where datasets are."""
        return self.accuracy.data

    @data.setter
    def data(self, folder: Path) -> None:
        self.accuracy.data = folder

    def show_inspection(self, inspection: Inspection | None) -> None:
        """This drawing, read by this network; as it is, or as `distorted` told it to be read."""
        before, self._inspection = self._inspection, inspection
        if inspection is None:
            self.page.show_subject(None, None)
            return
        if before is None or before.model is not inspection.model:
            self.beside.show_model(ModelSource(inspection.model.name, inspection.model))
            self._compare()
        self.page.show_subject(_subject(inspection), _plain(inspection))

    def show_unit(self, unit: Unit | None) -> None:
        """Nothing here is about one unit."""

    def showEvent(self, event: QShowEvent) -> None:
        """Runs may have been trained since."""
        super().showEvent(event)
        if self.runs_folder is not None and not event.spontaneous():
            folder = self.runs_folder
            BackgroundTask.begin(
                lambda: networks_of_runs(folder), self.beside.show_runs, self.message, context=self
            )

    def _compare(self) -> None:
        self.page.compare_with(self.beside.source)

    def _measure(self) -> None:
        if self._inspection is None:
            self.message.emit(_("The network is still loading. Try again in a moment."))
            return
        model = self._inspection.model
        sources = [ModelSource(model.name, model)]
        if self.beside.source is not None:
            sources.append(self.beside.source)
        self.accuracy.start(sources, self.page.sliders.distortion)

    # Saving

    def _save_sweep(self) -> None:
        self._save(self.page.sweep_page.sweep, "sweep")

    def _save_accuracy(self) -> None:
        self._save(self.accuracy.result, "robustness")

    def _save(self, result: Sweep | Robustness | None, name: str) -> None:
        if result is None:
            return

        def save(path: Path) -> None:
            def work() -> str:
                # Brings torch: not before the window shows.
                from trainer.robustness.export import content

                save_file(path, content(result, path.suffix))
                return _("Saved {path}").format(path=path)

            BackgroundTask.begin(work, self.message.emit, self.message, context=self)

        ask_where_to_save(self, _("Save the chart"), Path.home() / f"{name}.png", _KINDS, save)

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        return [*self.page.end(), *self.accuracy.end()]


def _subject(inspection: Inspection) -> Subject | None:
    """What there is to distort; None on a clean sheet."""
    if inspection.prediction is None:
        return None
    reading = inspection.reading
    # Not `reading.image`, which may be a distorted one by now.
    image = reading.sheets_image
    strokes = reading.strokes if reading.preprocessing.all and reading.sheet.picture is None else ()
    return Subject(inspection.model, image, strokes)


def _plain(inspection: Inspection) -> Prediction | None:
    """What the undistorted drawing is read as, with no map held; None if that is not known."""
    reading = inspection.reading
    if reading.image.tobytes() != reading.sheets_image.tobytes():
        return None
    return reading.baseline or reading.prediction
