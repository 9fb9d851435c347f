"""Accuracy over a dataset's distorted test images, as the Distort panel shows it.

Measuring accuracy on distorted test images, in a thread of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QThread, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.inspect.distort.chart import Chart, ChartLine
from lenet_gui.inspect.distort.chart_widget import ValueChart
from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.dataset_offer import DatasetOffer
from lenet_gui.workers.generator import DatasetWorker
from lenet_gui.workers.model_source import ModelSource
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS
from trainer.robustness.distortions import PARAMETERS, Distortion

if TYPE_CHECKING:
    from trainer.data.labelled_images import LabelledImages
    from trainer.networks.model import Model
    from trainer.robustness.sweep import Robustness


class RobustnessThread(DatasetWorker):
    """Start it once; interrupted, it ends soon and tells nothing.

    Args:
        sources: the networks.
        dataset: a key of `DATASETS`.
        data: where datasets are.
        names: of the distortions to measure.
        images: how many of the test images at most; None for all.
        base: what is done besides.
    """

    measured = Signal(object)
    """`Robustness`: with the curves so far, and at the end with all."""

    def __init__(
        self,
        sources: list[ModelSource],
        dataset: str,
        data: Path,
        names: tuple[str, ...],
        images: int | None = None,
        base: Distortion = Distortion(),  # noqa: B008  it is frozen
    ) -> None:
        super().__init__(sources, dataset, data)
        self.setObjectName("robustness")
        self._names, self._images, self._base = names, images, base

    def work(self, models: list[Model], digits: LabelledImages) -> None:
        """Measure, telling of each curve as it is done."""
        from trainer.robustness import sweep

        wanted = sweep.choose_parameters(self._names)
        part = self._part(digits)
        work = sweep.measure_robustness(models, part, self._dataset, wanted, self._base)
        names = tuple(source.title for source in self._sources)
        curves: list[sweep.Curve] = []

        def keep(curve: object) -> None:
            if isinstance(curve, sweep.Curve):
                curves.append(curve)
                # All of them so far: whoever looks need not put them together.
                found = sweep.Robustness(
                    self._dataset, len(part), names, tuple(curves), self._base.refit
                )
                self.measured.emit(found)

        self.result_of(work, keep)

    def _part(self, digits: LabelledImages) -> LabelledImages:
        """The first of them."""
        import torch

        if self._images is None:
            return digits
        return digits.at(torch.arange(min(self._images, len(digits))))


_HINT = (
    "Measure reads a dataset's test images, distorted, and draws the accuracy against the "
    "distortion."
)
_COUNTS = (("First 1,000", 1000), ("All images", None))


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
        self._thread: RobustnessThread | None = None  # the one that is listened to
        self._threads: set[RobustnessThread] = set()
        self.dataset = _chooser("robustness_dataset", "Dataset to distort")
        for name in DATASETS:
            if "+" not in name:  # a sum's test split is that of its first part
                self.dataset.addItem(DATASETS[name], name)
        self.over = _chooser("robustness_over", "Distortion to measure")
        self.over.addItem("All distortions", "")
        for amount in PARAMETERS.values():
            self.over.addItem(amount.title, amount.name)
        self.over.setCurrentIndex(self.over.findData("rotation"))
        self.count = _chooser("robustness_count", "How many images")
        for text, number in _COUNTS:
            self.count.addItem(text, number)
        self.button = make_push_button(
            "&Measure", "robustness_button", "Read the distorted test images, in the background"
        )
        self.cancel = make_push_button(
            "Cancel", "cancel_robustness", "Stop; complete curves are kept"
        )
        self.save = make_push_button(
            "Save …", "save_robustness", "Save the curves as PNG, SVG or CSV"
        )
        self.save.setEnabled(False)
        for button in (self.button, self.cancel, self.save):
            button.setMinimumWidth(56)  # a narrow panel has no room for the usual width
        self.bar = QProgressBar()
        self.bar.setObjectName("robustness_progress")
        self.note = QLabel()
        self.note.setObjectName("caption")
        self.note.setWordWrap(True)
        self.shown = _chooser("robustness_shown", "Curve to show")
        self.chart = ValueChart("robustness_chart", "Accuracy on distorted images", _HINT)
        self.offer = DatasetOffer(instead=False)
        self._lay_out()
        self._connect()
        self._show_busy(False)

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
        return self._thread is not None

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
        thread = RobustnessThread(
            sources,
            str(self.dataset.currentData()),
            self.data,
            names,
            self.count.currentData(),
            Distortion(refit=base.refit, seed=base.seed),
        )
        thread.progressed.connect(self._progress)
        thread.measured.connect(self._show)
        thread.data_missing.connect(self._data_missing)
        thread.failed.connect(self._failed)
        thread.finished.connect(self._finished)
        self._thread = thread
        self._threads.add(thread)
        self._show_busy(True)
        thread.start()

    def stop(self) -> None:
        """Cancel; the curves that are complete stay."""
        if self._thread is not None:
            self._thread.requestInterruption()
            self._thread = None
        self._show_busy(False)
        self.note.setText("Cancelled.")

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        for thread in self._threads:
            thread.requestInterruption()
        return [*self._threads, *self.offer.end()]

    # What the thread tells; nothing is heard of one that was cancelled

    def _heard(self) -> bool:
        return self._thread is not None and self.sender() is self._thread

    def _progress(self, progress: Progress) -> None:
        if self._heard():
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            self.bar.setFormat(f"{progress.what[:1].upper()}{progress.what[1:]}: %p %")

    def _show(self, found: Robustness) -> None:
        if not self._heard():
            return
        self.result = found
        chosen = self.shown.currentData()
        self.shown.blockSignals(True)
        self.shown.clear()
        for curve in found.curves:
            self.shown.addItem(curve.parameter.title, curve.parameter.name)
        self.shown.setCurrentIndex(max(0, self.shown.findData(chosen)))
        self.shown.blockSignals(False)
        self.shown.setVisible(len(found.curves) > 1)
        self._paint()

    def _finished(self) -> None:
        thread = self.sender()
        if isinstance(thread, RobustnessThread):
            self._threads.discard(thread)
        if thread is self._thread:
            self._thread = None
            self._show_busy(False)
            self.measured.emit()

    def _failed(self, problem: str) -> None:
        if self._heard():
            self.note.setText(problem)

    def _data_missing(self, name: str, problem: str) -> None:
        if self._heard():
            self.offer.offer(name, problem, self.data)

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
        found = self.result
        if found is None:
            return
        curve = found.curves[max(0, self.shown.currentIndex())]
        lines = tuple(
            ChartLine(
                name,
                "",
                number,
                tuple(zip(curve.values, row, strict=True)),
                dashed=number > 0,
                dots=True,
            )
            for number, (name, row) in enumerate(zip(found.names, curve.accuracies, strict=True))
        )
        self.chart.show_chart(Chart(curve.parameter, lines, legend=found.names))
        again = ", fitted again" if found.refit else ""
        self.note.setText(f"Accuracy on {found.count:,} test images of {found.title}{again}.")


def _chooser(name: str, title: str) -> QComboBox:
    made = QComboBox()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(title)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    return made
