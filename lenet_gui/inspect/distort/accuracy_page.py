"""Accuracy over a dataset's distorted test images, as the Distort panel shows it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.inspect.distort.chart import Chart, ChartLine, ValueChart
from lenet_gui.inspect.distort.workers import measure
from lenet_gui.widgets.controls import allow_narrow, make_push_button
from lenet_gui.widgets.dataset_offer import DatasetOffer
from lenet_gui.widgets.formatting import format_count, progress_format
from lenet_gui.widgets.labels import make_caption
from lenet_gui.widgets.lists import make_chooser
from lenet_gui.widgets.model_chooser import ModelSource
from lenet_gui.workers.generator import BackgroundWork
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.robustness.distortions import PARAMETERS, Distortion
from trainer.robustness.sweep import Robustness
from trainer.translation import N_
from trainer.translation import gettext as _

_HINT = N_(
    "Press Measure to test on a dataset's distorted test images and plot the "
    "accuracy against the distortion."
)
_COUNTS = ((N_("First 1,000"), 1000), (N_("All images"), None))


class AccuracyPage(QWidget):
    """Owns the thread; its owner says which networks."""

    asked = Signal()
    """Measure: call `start`."""
    save_asked = Signal()
    data_folder_chosen = Signal(Path)
    """Datasets are there, the user says."""
    measured = Signal()
    """It is over, however it went; not if it was cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.data = Path()
        """Where datasets are."""
        self.result: Robustness | None = None
        """What is shown."""
        self._work = work = BackgroundWork("robustness", self)
        work.yielded.connect(self._yielded)
        work.returned.connect(self._finish)
        work.data_missing.connect(self._data_missing)
        work.errored.connect(self._failed)
        self._make_choosers()
        self.button = make_push_button(
            _("&Measure"), "robustness_button", _("Test on the distorted images, in the background")
        )
        self.cancel = make_push_button(
            _("Cancel"), "cancel_robustness", _("Stop; complete curves are kept")
        )
        self.save = make_push_button(
            _("Save…"), "save_robustness", _("Save the curves as PNG, SVG or CSV")
        )
        self.save.setEnabled(False)
        for button in (self.button, self.cancel, self.save):
            allow_narrow(button, 56)  # a narrow panel has no room for the usual width
        self.bar = QProgressBar()
        self.bar.setObjectName("robustness_progress")
        self.note = make_caption("", wrapped=True)
        self.chart = ValueChart("robustness_chart", _("Accuracy on distorted images"), _(_HINT))
        self.offer = DatasetOffer(instead=False)
        self._lay_out()
        self._connect()
        self._show_busy(False)

    def _make_choosers(self) -> None:
        self.dataset = _chooser("robustness_dataset", _("Dataset to distort"))
        for name in DATASETS:
            if "+" not in name:  # a sum's test split is that of its first part
                self.dataset.addItem(_(DATASETS[name]), name)
        self.over = _chooser("robustness_over", _("Distortion to measure"))
        self.over.addItem(_("All distortions"), "")
        for amount in PARAMETERS.values():
            self.over.addItem(_(amount.title), amount.name)
        self.over.setCurrentIndex(self.over.findData("rotation"))
        self.count = _chooser("robustness_count", _("How many images"))
        self.count.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for text, number in ((_(text), number) for text, number in _COUNTS):
            self.count.addItem(text, number)
        self.shown = _chooser("robustness_shown", _("Curve to show"))

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(6)
        grid.addWidget(self.dataset, 0, 0)
        grid.addWidget(self.count, 0, 1)
        grid.addWidget(self.over, 1, 0)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.button)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        grid.addLayout(buttons, 1, 1)
        grid.setColumnStretch(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(grid)
        whole.addWidget(self.offer)
        whole.addWidget(self.bar)
        whole.addWidget(self.shown)
        whole.addWidget(self.chart, 1)
        whole.addWidget(self.note)
        self.shown.hide()

    def _connect(self) -> None:
        self.button.clicked.connect(self.asked)
        self.cancel.clicked.connect(self.stop)
        self.save.clicked.connect(self.save_asked)
        self.shown.currentIndexChanged.connect(lambda _: self._paint())
        self.dataset.activated.connect(self.offer.hide)
        self.offer.ready.connect(self.asked)
        self.offer.folder_chosen.connect(self._use_folder)

    @property
    def busy(self) -> bool:
        """Whether it is under way."""
        return self._work.busy

    def start(self, sources: list[ModelSource], base: Distortion) -> None:
        """Measure what is chosen, in the background.

        Args:
            sources: the networks, one or two.
            base: only whether to fit again, and the seed, are taken of it.
        """
        if self.busy:
            return
        over = str(self.over.currentData())
        names = (over,) if over else tuple(PARAMETERS)
        dataset, count = str(self.dataset.currentData()), self.count.currentData()
        folder, also = self.data, Distortion(refit=base.refit, seed=base.seed)

        def begin() -> Generator[object, None, None]:
            return measure(sources, dataset, folder, names, count, also)

        self._show_busy(True)
        self._work.start(begin)

    def stop(self) -> None:
        """Cancel; the curves that are complete stay."""
        self._work.cancel()
        self._show_busy(False)
        self.note.setText(_("Canceled."))

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        return [*self._work.end(), *self.offer.end()]

    # What the thread tells

    def _yielded(self, value: Progress | Robustness) -> None:
        if not isinstance(value, Progress):
            self._show(value)
            return
        self.bar.setRange(0, value.total)
        self.bar.setValue(value.done)
        self.bar.setFormat(progress_format(value.what))

    def _show(self, result: Robustness) -> None:
        self.result = result
        chosen = self.shown.currentData()
        self.shown.blockSignals(True)
        self.shown.clear()
        for curve in result.curves:
            self.shown.addItem(_(curve.parameter.title), curve.parameter.name)
        self.shown.setCurrentIndex(max(0, self.shown.findData(chosen)))
        self.shown.blockSignals(False)
        self.shown.setVisible(len(result.curves) > 1)
        self._paint()

    def _finish(self) -> None:
        self._show_busy(False)
        self.measured.emit()

    def _failed(self, problem: str) -> None:
        self.note.setText(problem)
        self._finish()

    def _data_missing(self, name: str, problem: str) -> None:
        self.offer.offer(name, problem, self.data)
        self._finish()

    def _use_folder(self, folder: Path) -> None:
        self.data = folder
        self.data_folder_chosen.emit(folder)
        self.asked.emit()

    # What is seen

    def _show_busy(self, busy: bool) -> None:
        self.bar.setRange(0, 0)
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.button.setVisible(not busy)
        self.save.setEnabled(not busy and self.result is not None)
        if busy:
            self.note.clear()
            self.offer.hide()

    def _paint(self) -> None:
        """The chosen curve."""
        result = self.result
        if result is None:
            return
        curve = result.curves[max(0, self.shown.currentIndex())]
        lines = tuple(
            ChartLine(
                name,
                "",
                number,
                tuple(zip(curve.values, row, strict=True)),
                dashed=number > 0,
                dots=True,
            )
            for number, (name, row) in enumerate(zip(result.names, curve.accuracies, strict=True))
        )
        self.chart.show_chart(Chart(curve.parameter, lines, legend=result.names))
        text = _("Accuracy on {count} test images of {dataset}.")
        if result.refit:
            text = _("Accuracy on {count} test images of {dataset}, centered again.")
        self.note.setText(text.format(count=format_count(result.count), dataset=result.title))


def _chooser(name: str, title: str) -> QComboBox:
    return make_chooser(name, title, title, characters=8)
