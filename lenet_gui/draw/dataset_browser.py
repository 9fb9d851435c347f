"""The bar beneath the paper that lays a dataset's test pictures on it, one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QThread, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.draw.dataset_lookup import DatasetLookup, LookupRequest, LookupResult, NotFound
from lenet_gui.widgets.controls import ThemedCheckBox
from lenet_gui.widgets.dataset_offer import DatasetOffer
from lenet_gui.widgets.formatting import format_tooltip
from lenet_gui.widgets.labels import Label
from trainer.recipes.recipe import DATASETS

if TYPE_CHECKING:
    from trainer.networks.model import Model

BROWSABLE = tuple(name for name in DATASETS if "+" not in name and name != "cifar10")
"""The datasets that are not sums of others, and whose pictures the paper can show."""


class DatasetBrowser(QWidget):
    """Hidden until `toggle` shows it; it then begins to read the dataset."""

    found = Signal(object)
    """A picture to lay on the paper (`trainer.pictures.Picture`)."""
    folder_chosen = Signal(Path)
    """Datasets are there, the user says."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dataset_browser")
        self.folder = Path()
        self.model: Model | None = None
        self.last: LookupResult | None = None  # what is shown
        self._place = 0  # asked for last, among what the filters leave
        self._reader = DatasetLookup()
        self._reader.done.connect(self._take)
        self._reader.failed.connect(self._tell)
        self._reader.progressed.connect(self._tell)
        self._make_actions()
        self._make_fields()
        self._lay_out()
        self.hide()

    def _make_actions(self) -> None:
        self.toggle = self._action("Browse a dataset", "Ctrl+B")
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._show)
        self.previous = self._action("Previous picture", "Alt+Left")
        self.next = self._action("Next picture", "Alt+Right")
        self.previous.triggered.connect(lambda: self._step(-1))
        self.next.triggered.connect(lambda: self._step(1))
        self.actions_of_tab = (self.toggle, self.previous, self.next)

    def _action(self, text: str, keys: str) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        native = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{text} ({native})")
        return action

    def _make_fields(self) -> None:
        self.dataset, self.label = QComboBox(), QComboBox()
        for name in BROWSABLE:
            self.dataset.addItem(DATASETS[name], name)
        self.dataset.setObjectName("browse_dataset")
        self.dataset.setAccessibleName("Dataset to browse")
        self.label.setObjectName("browse_label")
        self.label.setAccessibleName("Which class to show")
        self._set_classes(())
        self.wrong = ThemedCheckBox("Only misread")
        self.wrong.setObjectName("browse_wrong")
        self.wrong.setToolTip("Only those that the network on show reads wrongly")
        self.place = QSpinBox()
        self.place.setObjectName("browse_place")
        self.place.setAccessibleName("Which of them")
        self.place.setToolTip("Type a number to jump there")
        self.place.setGroupSeparatorShown(True)
        self.place.setKeyboardTracking(False)
        self.count, self.told = Label(), Label()
        self.told.setObjectName("browse_told")
        self.told.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.offer = DatasetOffer(instead=False)
        self.offer.ready.connect(lambda: self._ask(self._number()))
        self.offer.folder_chosen.connect(self._use_folder)
        self.dataset.activated.connect(self._dataset_chosen)
        self.label.activated.connect(lambda: self._ask(self._number()))
        self.wrong.toggled.connect(lambda: self._ask(self._number()))
        self.place.valueChanged.connect(lambda value: self._go(value - 1))

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
        where.addWidget(self.told, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(which)
        whole.addLayout(where)
        whole.addWidget(self.offer)
        self._show_count(0)

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
            self._ask(self._number(), lay=False)

    def end(self) -> list[QThread]:
        """Stop; returns the threads, to be waited for."""
        self._reader.end()
        return [self._reader, *self.offer.end()]

    def _show(self, shown: bool) -> None:
        self.setVisible(shown)
        if shown:
            if not self._reader.isRunning():
                self._reader.start()
            self._ask(self._number())
        self._enable_steps()

    def _dataset_chosen(self) -> None:
        self.last = None
        self.offer.hide()
        self._set_classes(())
        self._show_count(0)
        self._ask(0)

    def _use_folder(self, folder: Path) -> None:
        self.folder = folder
        self.folder_chosen.emit(folder)
        self._ask(0)

    def _number(self) -> int:
        return 0 if self.last is None else self.last.number

    def _ask(self, number: int, lay: bool = True, place: int | None = None) -> None:
        """Ask for the first picture from that one on, or for that place."""
        label = self.label.currentData()
        wrong = self.wrong.isChecked()
        self._reader.ask(
            LookupRequest(self.chosen, self.folder, self.model, label, wrong, place, number, lay)
        )

    def _step(self, by: int) -> None:
        if self.last is not None and self.last.count:
            self._go(min(max(self._place + by, 0), self.last.count - 1))

    def _go(self, place: int) -> None:
        self._place = place
        self._ask(self._number(), place=place)
        self._enable_steps()

    # Answers

    def _take(self, answer: LookupResult | NotFound | None) -> None:
        if answer is None or answer.wanted.dataset != self.chosen:
            return
        if isinstance(answer, NotFound):
            self._show_count(0)
            self._tell("" if answer.missing else answer.problem)
            if answer.missing:
                self.offer.offer(answer.wanted.dataset, answer.problem, answer.wanted.folder)
            return
        self.offer.hide()
        self.last, self._place = answer, answer.place
        self._set_classes(answer.classes)
        self._show_count(answer.count)
        self._tell(_told(answer))
        if answer.picture is not None and answer.wanted.lay:
            self.found.emit(answer.picture)

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setToolTip(format_tooltip(text))

    def _set_classes(self, classes: tuple[str, ...]) -> None:
        if self.label.count() == len(classes) + 1:
            return
        self.label.clear()
        self.label.addItem("All", None)
        for number, name in enumerate(classes):
            self.label.addItem(name, number)

    def _show_count(self, count: int) -> None:
        self.place.blockSignals(True)
        self.place.setRange(min(1, count), count)
        self.place.setValue(self._place + 1)
        self.place.blockSignals(False)
        self.place.setEnabled(count > 0)
        self.count.setText(f"of {count:,}")
        self._enable_steps()

    def _enable_steps(self) -> None:
        some = self.toggle.isChecked() and self.place.isEnabled()
        self.previous.setEnabled(some and self._place > 0)
        self.next.setEnabled(some and self._place < self.place.maximum() - 1)


def _told(answer: LookupResult) -> str:
    """What the picture is, and what it is read as."""
    if answer.picture is None:
        return "None is misread" if answer.wanted.wrong else "There is none"
    if answer.read_as is None:
        return answer.picture.caption
    read = "read rightly" if answer.right else f"read as {answer.read_as}"
    return f"{answer.picture.caption}, {read}"
