"""Which dataset's images to look through, how far that is, and the thread that does it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from lenet_gui.widgets.controls import allow_narrow, make_push_button
from lenet_gui.widgets.dataset_offer import DatasetOffer
from lenet_gui.widgets.formatting import progress_format
from lenet_gui.widgets.lists import make_chooser
from lenet_gui.workers.latest import LatestWorker
from trainer.data import loading, pen_digits
from trainer.errors import UserError
from trainer.inspect import top_images
from trainer.inspect.top_images import TopImages
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.recipes.recipe import DATASETS, dataset_title
from trainer.translation import gettext as _


def list_available(names: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """Which of the datasets `names` need no download."""
    return tuple(
        name
        for name in names
        if not loading.list_missing(name, folder) and (name != "unipen" or pen_digits.find(folder))
    )


CHOICES = tuple(name for name in DATASETS if "+" not in name)
"""The datasets that can be looked through: a sum's test split is that of its first part."""
_TELL_EVERY = 0.1  # seconds between two messages to the window


@dataclass(frozen=True, slots=True, eq=False)
class SearchRequest:
    """The images of a dataset's test split that excite each map of a network."""

    model: Model
    dataset: str  # one of `CHOICES`
    folder: Path  # where datasets are
    compute: bool  # False only looks whether it was found before


@dataclass(frozen=True, slots=True, eq=False)
class SearchResult:
    """What came of it; neither `exciting` nor a problem says that it is still to be computed."""

    search: SearchRequest
    exciting: TopImages | None = None
    problem: str = ""
    missing: bool = False  # the dataset is one that can be downloaded


class TopImagesWorker(LatestWorker):
    """Ask it for a `SearchRequest`; it answers with `done(SearchResult | None)`.

    None, asked for or answered, is that nothing is wanted any longer.
    """

    progressed = Signal(object)
    """`Progress`, a few times a second."""
    present = Signal(object)
    """Which of `CHOICES` are on this computer, a tuple; once, and after each search."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("exciting")

    def work(self, request: SearchRequest | None) -> SearchResult | None:
        """Answer one request."""
        if request is None:
            return None
        self.present.emit(list_available(CHOICES, request.folder))
        where = (request.model, request.dataset, request.folder)
        try:
            if not request.compute:
                return SearchResult(request, top_images.load_cached(*where))
            search = top_images.find_top_images(*where)
            return SearchResult(request, self.result_of(search, self.progressed.emit, _TELL_EVERY))
        except UserError as error:
            return SearchResult(request, problem=str(error), missing=bool(error.dataset))


class ImagesSearch(QWidget):
    """Looks whether they were found before, at once; looks through them, at a press of Compute."""

    changed = Signal()
    """What was found, what it is about, or that it is under way."""
    searched = Signal()
    """It is known whether there is anything to show."""
    data_folder_chosen = Signal(Path)
    """Datasets are there, the user says."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self.data = data
        """Where datasets are."""
        self.exciting: TopImages | None = None
        """What was found in the dataset chosen."""
        self.busy = False
        """Whether images are looked through."""
        self.problem = ""
        """Why there is nothing to show, where there is more to say than that."""
        self._model: Model | None = None
        self._by_hand = False  # the user has chosen the dataset
        self._worker = TopImagesWorker()
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self._fail)
        self._worker.progressed.connect(self._show_progress)
        self._worker.present.connect(self._mark)
        self._make_fields()
        self._lay_out()
        self.changed.connect(self._show)
        self._show()

    def _make_fields(self) -> None:
        self.dataset = make_chooser(
            "images_dataset",
            _("Dataset whose images are looked through"),
            _("The images of its test split are looked through"),
            characters=12,
        )
        for name in CHOICES:
            self.dataset.addItem(_(DATASETS[name]), name)
        self.dataset.activated.connect(self._dataset_chosen)
        self.compute = make_push_button(
            _("Compute"),
            "compute_images_button",
            _("Look through all test images, for all maps at once"),
        )
        self.compute.clicked.connect(self.start)
        self.cancel = make_push_button(
            _("Cancel"), "cancel_images_button", _("Stop looking through them")
        )
        self.cancel.clicked.connect(self._cancel)
        self.bar = QProgressBar()
        self.bar.setObjectName("images_progress")
        self.bar.setAccessibleName(_("How many images were looked at"))
        self.offer = DatasetOffer(instead=False)
        self.offer.ready.connect(self.start)
        self.offer.folder_chosen.connect(self._use_folder)
        for button in (self.offer.download, self.offer.choose, self.offer.cancel):
            allow_narrow(button, 60)  # side by side they need more than a narrow panel has

    def _lay_out(self) -> None:
        which = QHBoxLayout()
        which.setSpacing(6)
        which.addWidget(self.dataset, 1)
        which.addWidget(self.compute)
        which.addWidget(self.cancel)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(which)
        whole.addWidget(self.bar)
        whole.addWidget(self.offer)

    @property
    def title(self) -> str:
        """The dataset's, in short."""
        return dataset_title(self._name).split(" (")[0]

    @property
    def _name(self) -> str:
        """One of `CHOICES`."""
        return str(self.dataset.currentData())

    def set_model(self, model: Model) -> None:
        """It is this network's maps that are to be excited."""
        known = self._model is not None and self._model.classes == model.classes
        self._model = model
        if not self._by_hand and not known:
            self._choose(model.recipe.dataset.split("+")[0])
        self.look()

    def begin(self) -> None:
        """It is seen now: see whether there is something to show."""
        if not self._worker.isRunning():
            self._worker.start(QThread.Priority.LowPriority)
        if self.exciting is None and not self.busy:
            self.look()

    def end(self) -> list[QThread]:
        """Ask its threads to end; returns them, to be waited for."""
        self._worker.end()
        return [self._worker, *self.offer.end()]

    # Asking

    def look(self) -> None:
        """See whether it was found before; what is under way is for naught."""
        self.exciting, self.busy, self.problem = None, False, ""
        self.offer.hide()
        if self._model is not None and self.isVisible():
            self._worker.ask(SearchRequest(self._model, self._name, self.data, compute=False))
        self.changed.emit()

    def start(self) -> None:
        """Look through the dataset chosen, in the background."""
        if self._model is None or self.busy:
            return
        self.offer.hide()
        self.busy, self.problem = True, ""
        self.bar.setRange(0, 0)
        self._worker.ask(SearchRequest(self._model, self._name, self.data, compute=True))
        self.changed.emit()

    def _cancel(self) -> None:
        self._worker.ask(None)
        self.busy, self.problem = False, _("Canceled.")
        self.changed.emit()

    def _choose(self, name: str) -> None:
        if self.dataset.findData(name) < 0:  # one's own data
            self.dataset.addItem(dataset_title(name), name)
        self.dataset.setCurrentIndex(self.dataset.findData(name))

    def _dataset_chosen(self) -> None:
        self._by_hand = True
        self.look()

    def _use_folder(self, folder: Path) -> None:
        self.data = folder
        self.data_folder_chosen.emit(folder)
        self.start()

    # Answers

    def _take(self, answer: SearchResult | None) -> None:
        if answer is None or answer.search.model is not self._model:
            return
        if answer.search.dataset != self._name:
            return
        if answer.search.compute or answer.exciting is not None:
            self.busy = False
        self.exciting, self.problem = answer.exciting, answer.problem
        if answer.missing:
            self.problem = ""
            self.offer.offer(answer.search.dataset, answer.problem, answer.search.folder)
        self.changed.emit()
        self.searched.emit()

    def _fail(self, problem: str) -> None:
        self.busy, self.problem = False, problem
        self.changed.emit()

    def _show_progress(self, progress: Progress) -> None:
        if self.busy:
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)
            self.bar.setFormat(progress_format(progress.what))

    def _mark(self, present: tuple[str, ...]) -> None:
        """Tell which datasets are here; unless the user chose, take none that is not."""
        for row, name in enumerate(CHOICES):
            text = "{dataset}" if name in present else _("{dataset} – not here yet")
            self.dataset.setItemText(row, text.format(dataset=_(DATASETS[name])))
        away = self._name in CHOICES and self._name not in present
        if away and not self._by_hand and not self.busy:
            self._choose("pen")
            self.look()

    def _show(self) -> None:
        self.compute.setVisible(not self.busy)
        self.compute.setEnabled(self._model is not None and self.exciting is None)
        self.cancel.setVisible(self.busy)
        self.bar.setVisible(self.busy)
