"""Where networks come from, and a list to choose from: on show, shipped, of a run, or of a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox

from lenet_gui.widgets.file_dialogs import ask_what_to_open
from lenet_gui.widgets.formatting import day_or_time, format_tooltip, run_title
from lenet_gui.workers.serial import BackgroundTask
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.evaluation import report
from trainer.files import is_file
from trainer.networks import model as weights
from trainer.networks.builtin import BUILTIN, BuiltinNetwork
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.recipes.recipe import dataset_title
from trainer.runs.listing import list_runs
from trainer.runtime import cpu
from trainer.translation import N_
from trainer.translation import gettext as _


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a network comes from: it is here, in a file, built in, or else the one that ships."""

    title: str
    model: Model | None = None
    path: Path | None = None
    builtin: BuiltinNetwork | None = None

    def load(self) -> Model:
        """The network, on the CPU.

        Raises:
            ModelError: its file can't be read.
        """
        if self.model is not None:
            return self.model
        if self.builtin is not None:
            return weights.load_named(Path(self.builtin.name))
        if self.path is None:
            return weights.load_shipped()
        return dataclasses.replace(weights.load(self.path), name=self.title)


def load_for_test(
    sources: list[ModelSource], dataset: str, data: Path
) -> Generator[Progress, None, tuple[list[Model], LabelledImages]]:
    """Load the networks and a dataset's test split, all on the CPU.

    The calling thread may use all cores but one from then on.

    Args:
        sources: the networks.
        dataset: as recipes name it.
        data: folder of datasets.

    Raises:
        DataMissing: the dataset is not there.
        UserError: a network can't be read, or knows other classes.
    """
    cpu.use_run_threads()
    models = [source.load() for source in sources]
    learned = [(model.recipe.dataset, model.classes) for model in models]
    images = yield from loading.load_for_test(dataset, data, learned)
    for model in models:
        report.check(model, images.classes, dataset_title(dataset))
    return models, images


_FILE = N_("A file…")


class ModelChooser(QComboBox):
    """Has a `ModelSource` for each entry; the last entry asks for a file.

    Args:
        name: the widget's name.
        title: what a screen reader calls it.
        none: text of a first entry for no network at all; "" for no such entry.
    """

    source_changed = Signal()
    refused = Signal(str)
    """A file that was chosen holds no network."""

    def __init__(self, name: str, title: str, none: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        self.setMaxVisibleItems(20)
        self._none = none
        self._runs: list[ModelSource] = []
        self._files: list[ModelSource] = []
        self._shown: ModelSource | None = None
        self._last = 0  # row, to go back to when no file was chosen
        self.activated.connect(self._activated)
        self._fill()

    @property
    def source(self) -> ModelSource | None:
        """What is chosen; None for nothing, or while there is no network on show."""
        source: ModelSource | None = self.currentData()
        return source

    @property
    def waiting(self) -> bool:
        """Whether the network on show is chosen, and there is none yet."""
        return self.source is None and self.currentIndex() == self._first_row()

    def show_model(self, source: ModelSource | None) -> None:
        """This network is on show."""
        self._shown = source
        self._fill()

    def show_runs(self, runs: list[ModelSource]) -> None:
        """These runs have best weights."""
        if runs != self._runs:
            self._runs = runs
            self._fill()

    def add_file(self, path: Path) -> None:
        """Choose this model file."""
        source = ModelSource(_title(path), path=path)
        if source not in self._files:
            self._files.append(source)
        self._fill()
        self._choose(source)

    def _fill(self) -> None:
        """All entries anew; the chosen one stays, the one on show even if it is another now."""
        row, before = self.currentIndex(), self.source
        first = self._first_row()
        self.blockSignals(True)
        self.clear()
        if self._none:
            self.addItem(self._none, None)
        if self._shown is None:
            self.addItem(_("The current network"), None)
        else:
            self.addItem(_("Current: {title}").format(title=self._shown.title), self._shown)
        for network in BUILTIN.values():
            self.addItem(_(network.title), ModelSource(network.name, builtin=network))
            tip = format_tooltip(_(network.description))
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        for title, sources in (("run", self._runs), ("file", self._files)):
            if sources:
                self.insertSeparator(self.count())
            for source in sources:
                self.addItem(source.title, source)
                tip = format_tooltip(f"{title}: {source.path}")
                self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.insertSeparator(self.count())
        self.addItem(_(_FILE), _FILE)
        self.blockSignals(False)
        if row > first and before is not None:
            self._choose(before)
        else:
            self.setCurrentIndex(max(0, row))
        self._last = self.currentIndex()

    def _first_row(self) -> int:
        """The row of the network on show."""
        return 1 if self._none else 0

    def _choose(self, source: ModelSource) -> None:
        for row in range(self.count()):
            if self.itemData(row) == source:
                self.setCurrentIndex(row)
                break
        else:
            self.setCurrentIndex(self._first_row())
        self._last = self.currentIndex()
        self.source_changed.emit()

    def _activated(self, row: int) -> None:
        if self.itemData(row) == _FILE:
            self.setCurrentIndex(self._last)
            self._ask()
            return
        self._last = row
        self.source_changed.emit()

    def _ask(self) -> None:
        kinds = (_("LeNet Studio network (*.safetensors)"), _("All files (*)"))
        ask_what_to_open(self, _("A network's file"), "network_dialog", kinds, self.check_file)

    def check_file(self, path: Path) -> None:
        """Choose this file if it holds a network; else `refused` tells what it is."""
        source = ModelSource(_title(path), path=path)
        BackgroundTask.begin(
            source.load, lambda _model: self.add_file(path), self.refused, context=self
        )


def _title(path: Path) -> str:
    """A file's name; of a run's own files, which are all called the same, the run's as well."""
    if path.stem in ("best", "last"):
        return f"{path.parent.name} {path.stem}"
    return path.stem


def networks_of_runs(folder: Path) -> list[ModelSource]:
    """The best weights of every run, newest first; damaged runs are left out."""
    weights_of_runs = [(past, past.folder / "best.safetensors") for past in list_runs(folder)[0]]
    return [
        ModelSource(run_title(past.recipe, day_or_time(past.record.started)), path=path)
        for past, path in weights_of_runs
        if is_file(path)
    ]
