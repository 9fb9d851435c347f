"""The bar beneath the paper that lays a dataset's test pictures on it, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QThread, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.controls import ThemedCheckBox, make_action
from lenet_gui.widgets.formatting import format_count, format_tooltip
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.number_field import NumberField
from lenet_gui.workers.latest import LatestWorker
from trainer.errors import UserError
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.draw.dataset_lookup import DatasetLookup, FoundPicture
    from lenet_gui.widgets.dataset_offer import DatasetOffer
    from trainer.drawing.picture import Picture
    from trainer.networks.model import Model

BROWSABLE = tuple(name for name in DATASETS if "+" not in name and name != "cifar10")
"""The datasets that are not sums of others, and whose pictures the paper can show."""


@dataclass(frozen=True, slots=True, eq=False)
class LookupRequest:
    """One picture of a dataset's test split; what is not said here is in `DatasetLookup.find`."""

    dataset: str
    folder: Path
    model: Model | None
    label: int | None = None
    wrong: bool = False
    place: int | None = None
    number: int = 0
    show: bool = True  # on the paper; else only to tell how many there are


@dataclass(frozen=True, slots=True, eq=False)
class LookupResult:
    """What came of it; without `found`, the dataset can't be had, or can't be filtered so."""

    request: LookupRequest
    found: FoundPicture | None
    problem: str = ""
    missing: bool = False  # it is one that can be downloaded


class LookupThread(LatestWorker):
    """Ask it for a `LookupRequest`; it answers with `done(LookupResult | None)`.

    None says that the answer was not worth finding: a newer request waits.
    """

    progressed = Signal(str)
    """What is done meanwhile, where it takes a while."""

    def prepare(self) -> None:
        """PyTorch keeps its own number of CPU threads: all pictures may have to be read."""
        # Brings torch: in the thread.
        from lenet_gui.draw.dataset_lookup import DatasetLookup

        self._lookup: DatasetLookup = DatasetLookup()

    def work(self, request: LookupRequest) -> LookupResult:
        """Look one picture up."""
        search = self._lookup.find(
            request.dataset,
            request.folder,
            request.model,
            label=request.label,
            wrong=request.wrong,
            place=request.place,
            number=request.number,
        )
        try:
            return LookupResult(request, self.result_of(search, self.progressed.emit))
        except UserError as error:
            return LookupResult(request, None, str(error), bool(error.dataset))


class DatasetBrowser(QWidget):
    """Hidden until `toggle` shows it; it then begins to read the dataset."""

    found = Signal(object)
    """A picture to lay on the paper (`Picture`)."""
    folder_chosen = Signal(Path)
    """Datasets are there, the user says."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dataset_browser")
        self.folder = Path()
        self.model: Model | None = None
        self.last: FoundPicture | None = None  # what is shown
        self._offer: DatasetOffer | None = None  # there once a dataset was missing
        self._place = 0  # asked for last, among what the filters leave
        self._reader = LookupThread()
        self._reader.done.connect(self._take)
        self._reader.failed.connect(self._tell)
        self._reader.progressed.connect(self._tell)
        self._make_actions()
        self._make_fields()
        self._lay_out()
        self.hide()

    def _make_actions(self) -> None:
        self.toggle = make_action(self, _("Browse a dataset"), _("Browse a dataset"), "Ctrl+B")
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._show)
        self.previous = make_action(self, _("Previous picture"), _("Previous picture"), "Alt+Left")
        self.next = make_action(self, _("Next picture"), _("Next picture"), "Alt+Right")
        self.previous.triggered.connect(lambda: self._step(-1))
        self.next.triggered.connect(lambda: self._step(1))
        self.actions_of_tab = (self.toggle, self.previous, self.next)

    def _make_fields(self) -> None:
        self.dataset, self.label = QComboBox(), QComboBox()
        for name in BROWSABLE:
            self.dataset.addItem(_(DATASETS[name]), name)
        self.dataset.setObjectName("browse_dataset")
        self.dataset.setAccessibleName(_("Dataset to browse"))
        self.label.setObjectName("browse_label")
        self.label.setAccessibleName(_("Which class to show"))
        self._set_classes(())
        self.wrong = ThemedCheckBox(_("Only misread"))
        self.wrong.setObjectName("browse_wrong")
        self.wrong.setToolTip(_("Show only the pictures that the current network misreads"))
        self.place = NumberField(0, 0, whole=True, grouped=True, tracking=False)
        self.place.setObjectName("browse_place")
        self.place.setAccessibleName(_("Number of the picture"))
        self.place.setToolTip(_("Type a number to jump there"))
        self.count, self.note = Label(), Label()
        self.note.setObjectName("browse_note")
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.dataset.activated.connect(self._dataset_chosen)
        self.label.activated.connect(lambda: self._ask(self._number()))
        self.wrong.toggled.connect(lambda: self._ask(self._number()))
        self.place.valueChanged.connect(lambda value: self._go(int(value) - 1))
        self.place.refused.connect(self._tell)

    def _lay_out(self) -> None:
        which, where = QHBoxLayout(), QHBoxLayout()
        for field in (self.dataset, self.label, self.wrong):
            which.addWidget(field)
        which.addStretch(1)
        for action, arrow in (
            (self.previous, Qt.ArrowType.LeftArrow),
            (self.next, Qt.ArrowType.RightArrow),
        ):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setArrowType(arrow)
            button.setObjectName("browse_" + action.text().split()[0].lower())
            button.setAutoRaise(True)
            button.setMinimumSize(30, 28)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            where.addWidget(button)
            if action is self.previous:
                where.addWidget(self.place)
                where.addWidget(self.count)
        where.addSpacing(8)
        where.addWidget(self.note, 1)
        self._whole = whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(which)
        whole.addLayout(where)
        self._show_count(0)

    @property
    def offer(self) -> DatasetOffer:
        """What can be done where a dataset is missing."""
        if self._offer is None:
            # Brings torch, which is imported by now: a dataset was looked for.
            from lenet_gui.widgets.dataset_offer import DatasetOffer

            self._offer = DatasetOffer(instead=False)
            self._offer.ready.connect(lambda: self._ask(self._number()))
            self._offer.folder_chosen.connect(self._use_folder)
            self._whole.addWidget(self._offer)
        return self._offer

    # Asking

    def choose_dataset(self, name: str) -> None:
        """Browse that one; a name of `BROWSABLE`."""
        self.dataset.setCurrentIndex(BROWSABLE.index(name))

    @property
    def chosen(self) -> str:
        """The dataset chosen, a name of `BROWSABLE`."""
        return str(self.dataset.currentData())

    def use_model(self, model: Model) -> None:
        """Say from now on what this network reads; the paper stays as it is."""
        self.model = model
        if self.last is not None and self.toggle.isChecked():
            self._ask(self._number(), show=False)

    def follow(self, picture: Picture | None) -> None:
        """Say nothing of a picture that is no longer the one on the paper."""
        if self.last is not None and picture is not self.last.picture:
            self._tell("")

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        self._reader.end()
        return [self._reader, *(self._offer.end() if self._offer is not None else ())]

    def _show(self, shown: bool) -> None:
        self.setVisible(shown)
        if shown:
            if not self._reader.isRunning():
                self._reader.start()
            self._ask(self._number())
        self._enable_steps()

    def _dataset_chosen(self) -> None:
        self.last = None
        self._hide_offer()
        self._set_classes(())
        self._show_count(0)
        self._ask(0)

    def _use_folder(self, folder: Path) -> None:
        self.folder = folder
        self.folder_chosen.emit(folder)
        self._ask(0)

    def _number(self) -> int:
        return 0 if self.last is None else self.last.number

    def _ask(self, number: int, show: bool = True, place: int | None = None) -> None:
        """Ask for the first picture from that one on, or for that place."""
        label = self.label.currentData()
        wrong = self.wrong.isChecked()
        self._reader.ask(
            LookupRequest(self.chosen, self.folder, self.model, label, wrong, place, number, show)
        )

    def _step(self, by: int) -> None:
        if self.last is not None and self.last.count:
            self._go(min(max(self._place + by, 0), self.last.count - 1))

    def _go(self, place: int) -> None:
        self._place = place
        self._ask(self._number(), place=place)
        self._enable_steps()

    # Answers

    def _hide_offer(self) -> None:
        if self._offer is not None:
            self._offer.hide()

    def _take(self, answer: LookupResult | None) -> None:
        if answer is None or answer.request.dataset != self.chosen:
            return
        picture = answer.found
        if picture is None:
            self._show_count(0)
            self._tell("" if answer.missing else answer.problem)
            if answer.missing:
                self.offer.offer(answer.request.dataset, answer.problem, answer.request.folder)
            return
        self._hide_offer()
        self.last, self._place = picture, picture.place
        self._set_classes(picture.classes)
        self._show_count(picture.count)
        if answer.request.show or self.note.text():
            self._tell(_describe(picture, answer.request.wrong))
        if picture.picture is not None and answer.request.show:
            self.found.emit(picture.picture)

    def _tell(self, text: str) -> None:
        self.note.setText(text)
        self.note.setToolTip(format_tooltip(text))

    def _set_classes(self, classes: tuple[str, ...]) -> None:
        if self.label.count() == len(classes) + 1:
            return
        self.label.clear()
        self.label.addItem(_("All"), None)
        for number, name in enumerate(classes):
            self.label.addItem(name, number)

    def _show_count(self, count: int) -> None:
        self.place.blockSignals(True)
        self.place.setRange(min(1, count), count)
        self.place.setValue(self._place + 1)
        self.place.blockSignals(False)
        self.place.setEnabled(count > 0)
        self.count.setText(_("of {count}").format(count=format_count(count)))
        self._enable_steps()

    def _enable_steps(self) -> None:
        some = self.toggle.isChecked() and self.place.isEnabled()
        self.previous.setEnabled(some and self._place > 0)
        self.next.setEnabled(some and self._place < self.place.maximum() - 1)


def _describe(answer: FoundPicture, wrong: bool) -> str:
    """What the picture is, and what it is read as."""
    if answer.picture is None:
        return _("None misread") if wrong else _("None")
    if answer.read_as is None:
        return answer.picture.caption
    read = (
        _("recognized correctly")
        if answer.right
        else _("recognized as {read_as}").format(read_as=answer.read_as)
    )
    return f"{answer.picture.caption}, {read}"
