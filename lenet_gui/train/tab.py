"""The Train tab: a recipe at the left; runs and their curves at the right.

Runs whose dataset is not there: kept until it is, or until something else is trained.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QObject, Qt, QThread, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from lenet_gui.curves.view import Curve, CurvesView
from lenet_gui.train.plateau_note import PlateauNote
from lenet_gui.train.recipe_panel import NARROW, WIDE, RecipePanel
from lenet_gui.train.results_window import ResultsWindow
from lenet_gui.train.run_actions import RunActions, RunButtons
from lenet_gui.train.run_model import RowState, RunEvents, RunItem, RunModel
from lenet_gui.train.run_table import RunTable
from lenet_gui.train.training_thread import TrainingThread
from lenet_gui.widgets.dataset_offer import DatasetOffer
from lenet_gui.widgets.file_dialogs import ask_where_to_save
from lenet_gui.widgets.labels import Label, make_page
from lenet_gui.workers.serial import BackgroundTask
from trainer.recipes.catalog import edit_recipe
from trainer.recipes.recipe import DIGIT_DATASETS, Recipe
from trainer.runs import listing
from trainer.training.history import History


class WaitingRuns(QObject):
    """Listens to the offer that is made in the runs' place."""

    start = Signal(object)
    """Start a run by this `Recipe`."""
    resume = Signal(object)
    """Train this `RunItem` on."""
    folder_chosen = Signal(Path)
    """Datasets are there now; comes before the runs that waited for them."""

    def __init__(self, offer: DatasetOffer) -> None:
        super().__init__(offer)
        self._offer = offer
        self._runs: list[RunItem] = []
        offer.ready.connect(self._try_again)
        offer.folder_chosen.connect(self._use_folder)
        offer.pen_chosen.connect(self._train_on_pen)
        offer.dismissed.connect(self._runs.clear)

    def add(self, run: RunItem, name: str, problem: str, data: Path) -> None:
        """Let a run wait, and offer what can be done about it.

        Args:
            run: a new one without a folder, or one to be taken up again.
            name: the missing dataset.
            problem: what to say.
            data: where it is missing.
        """
        self._runs.append(run)
        # Clothes are no digits, and a run that goes on can't do so with other data.
        pen = all(r.recipe.dataset in DIGIT_DATASETS and r.folder is None for r in self._runs)
        self._offer.offer(name, problem, data, pen)

    def _taken(self) -> list[RunItem]:
        taken = list(self._runs)
        self._runs.clear()
        return taken

    def _try_again(self) -> None:
        for run in self._taken():
            if run.folder is None:
                self.start.emit(run.recipe)
            elif run.resumable:
                self.resume.emit(run)

    def _use_folder(self, folder: Path) -> None:
        self.folder_chosen.emit(folder)
        self._try_again()

    def _train_on_pen(self) -> None:
        for run in self._taken():
            self.start.emit(edit_recipe(run.recipe, dataset="pen"))


MOST_POINTS = 100_000
"""Of a run of earlier, as many are shown: a screen has no more, and more would stop the window."""


class TrainTab(QWidget):
    """Start runs, watch them, and take over the network of any of them."""

    use_model = Signal(object)
    """Put this `Model` on the Draw tab."""
    watch_run = Signal(object)
    """Show this `RunItem`'s network on the Draw tab as it learns."""
    message = Signal(str)
    """Something to tell the user in passing."""
    data_folder_chosen = Signal(Path)

    def __init__(self, data: Path, runs_folder: Path, runs: RunModel | None = None) -> None:
        super().__init__()
        self.data, self.runs_folder = data, runs_folder
        self.panel = RecipePanel()
        self.form, self.train_button = self.panel.form, self.panel.train_button
        self.list = RunModel() if runs is None else runs  # those of a window before
        self.table = RunTable(self.list)
        self.curves = CurvesView()
        self.offer = DatasetOffer()
        self.waiting = WaitingRuns(self.offer)
        self.buttons = RunButtons()
        self.actions_of_run = RunActions(self.buttons, self.selected)
        self.plateau = PlateauNote()
        self.results: ResultsWindow | None = None
        self.ticked: set[str] = set()
        """Names of runs' folders, to be ticked once they are listed."""
        self.note = Label()
        self.note.setObjectName("run_note")
        self.note.setWordWrap(True)
        self.note.hide()
        self._lay_out()
        self._connect()
        self._update_buttons()

    def _lay_out(self) -> None:
        upper = QWidget()
        above = QVBoxLayout(upper)
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self.table, 1)
        above.addWidget(self.buttons)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(upper)
        split.addWidget(self.curves)
        split.setSizes([200, 400])
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        whole = QHBoxLayout(make_page(self))
        whole.setContentsMargins(14, 12, 14, 10)
        whole.setSpacing(18)
        # Texts that wrap stay outside the splitter, which would give them one line.
        right = QVBoxLayout()
        right.addWidget(self.offer)
        right.addWidget(self.note)
        right.addWidget(split, 1)
        right.addWidget(self.plateau)
        whole.addWidget(self.panel, 0)
        whole.addLayout(right, 1)

    def _connect(self) -> None:
        self.form.numbers.own_data.take_drops(self)
        self.panel.train_asked.connect(self.start)
        self.panel.results_asked.connect(self.show_results)
        self.panel.message.connect(self.message)
        actions = self.actions_of_run
        actions.use_model.connect(self.use_model)
        actions.watch.connect(self.watch_run)
        actions.cloned.connect(self.panel.take)
        actions.resume.connect(self.resume)
        actions.refreshed.connect(self._refreshed)
        actions.message.connect(self.message)
        self.buttons.save.clicked.connect(self._save_curves)
        self.table.selectionModel().selectionChanged.connect(self._update_buttons)
        self.table.menu_asked.connect(self.buttons.menu.popup)
        self.list.shown_changed.connect(self._show_curves)
        for events in self.list.findChildren(RunEvents):
            self._listen(events)
        self.curves.saved.connect(self._saved)
        self.curves.save_asked.connect(self._save_curves)
        self.curves.failed.connect(self.message)
        self.plateau.asked.connect(self.start)
        self.waiting.start.connect(self.start)
        self.waiting.resume.connect(self.resume)
        self.waiting.folder_chosen.connect(self._use_folder)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a wide window the recipe has room to be told in words."""
        super().resizeEvent(event)
        self.panel.setFixedWidth(max(NARROW, min(WIDE, self.width() * 3 // 10)))

    def show_results(self) -> None:
        """Show what each recipe reaches."""
        if self.results is None:
            self.results = ResultsWindow(self)
            self.results.chosen.connect(self.panel.take_named)
        self.results.open_table()

    # Runs of earlier days

    def look_for_past_runs(self, show_newest: bool = False) -> None:
        """List the runs that the runs folder holds, in the background."""
        BackgroundTask.begin(
            lambda: (listing.list_runs(self.runs_folder), show_newest),
            self._list_past,
            self.message,
        )

    def _list_past(self, found: tuple[tuple[list[listing.PastRun], list[str]], bool]) -> None:
        (past, problems), show_newest = found
        self.list.add_past(past)
        self.panel.offer_quickest(not self.list.runs)
        if problems:
            self.message.emit(f"Left out of the list: {'; '.join(problems)}")
        for run in self.list.runs:
            if run.folder is not None and run.folder.name in self.ticked:
                run.shown = True
                self.list.refresh(run)
        self.ticked.clear()
        if show_newest and self.list.runs:
            for run in self.list.runs[:2]:
                run.shown = True
                self.list.refresh(run)
            self._select(self.list.runs[0])
        self._show_curves()

    # Starting

    def start(self, recipe: Recipe) -> RunItem:
        """Start a run in a background thread of its own."""
        run = RunItem(recipe=recipe, number=self.list.next_number())
        self.list.add(run)
        self.panel.offer_quickest(False)
        self._begin(run)
        return run

    def resume(self, run: RunItem) -> None:
        """Train a run on from where it ended, in its row."""
        run.before, run.state, run.problem = run.state, RowState.WAITING, ""
        run.shown = True
        self._begin(run)
        self._refreshed(run)

    def _begin(self, run: RunItem) -> None:
        device = self.form.device.currentData()
        run.thread = TrainingThread(run.recipe, self.data, self.runs_folder, device, run.folder)
        self._listen(RunEvents(run, parent=self.list))
        self._select(run)
        run.thread.start()

    def _listen(self, events: RunEvents) -> None:
        events.refreshed.connect(self._refreshed)
        events.data_missing.connect(self._data_missing)
        events.ended.connect(self._ended)
        events.told.connect(self.message)

    def hand_over(self) -> RunModel:
        """Give the runs, which train on, to the tab of another window; none is left here."""
        given, self.list = self.list, RunModel()
        for events in given.findChildren(RunEvents):
            for signal in (events.refreshed, events.data_missing, events.ended, events.told):
                signal.disconnect()
        given.dataChanged.disconnect()
        given.shown_changed.disconnect()
        return given

    def _select(self, run: RunItem) -> None:
        index = self.list.index(self.list.runs.index(run), 0)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _data_missing(self, run: RunItem, name: str, problem: str) -> None:
        """Nothing was trained: the offer takes a new run's place."""
        if run.folder is None:
            self.list.remove(run)
            self.panel.offer_quickest(not self.list.runs)
        self.waiting.add(run, name, problem, self.data)
        self._update_buttons()

    def _use_folder(self, folder: Path) -> None:
        self.data = folder
        self.data_folder_chosen.emit(folder)

    # While they train

    def selected(self) -> RunItem | None:
        """The run that the buttons work on."""
        rows = self.table.selectionModel().selectedRows()
        return self.list.runs[rows[0].row()] if rows else None

    def _refreshed(self, run: RunItem) -> None:
        self.list.refresh(run)
        if not self.isVisible():
            return  # it catches up when it is shown
        if run.shown:
            self._show_curves()
        elif run is self.selected():
            self._update_buttons()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was not drawn, and what others trained, while another tab was seen."""
        super().showEvent(event)
        if any(run.state is RowState.ELSEWHERE for run in self.list.runs):
            self.look_for_past_runs()
        self._show_curves()

    def _ended(self, run: RunItem) -> None:
        self._refreshed(run)
        if run.problem:
            self.message.emit(f"{run.title}: {run.problem}")

    def _update_buttons(self) -> None:
        run = self.selected()
        self.buttons.show_for(run, curves=bool(self.curves.curves))
        self.note.setText(run.problem if run is not None else "")
        self.note.setVisible(bool(self.note.text()))
        self.plateau.show_for(*((run.recipe, run.history) if run is not None else (None, None)))

    # Curves

    def _show_curves(self) -> None:
        curves: list[Curve] = []
        for run in reversed(self.list.runs):
            if run.shown and run.history is None:
                self._read_history(run)
            elif run.shown and run.history is not None and run.history.epochs["train"]:
                curves.append(Curve(run.title, run.style, run.history, run.recipe, run.test))
        self.curves.show_curves(tuple(curves))
        self._update_buttons()

    def _read_history(self, run: RunItem) -> None:
        folder = run.folder
        assert folder is not None
        run.history = History()  # what is there until it is read

        def take(history: History) -> None:
            if run.thread is None:  # else it was taken up meanwhile, and brings its own
                run.history = history
                self._show_curves()

        def read() -> History:
            return listing.read_history(folder).thinned(MOST_POINTS)

        BackgroundTask.begin(read, take, self.message)

    def _save_curves(self) -> None:
        kinds = ("PNG picture (*.png)", "SVG picture (*.svg)", "CSV table (*.csv)")
        start = Path.home() / "curves.png"
        ask_where_to_save(self, "Save the curves", start, kinds, self.curves.save)

    def _saved(self, path: str) -> None:
        self.message.emit(f"Saved {path}")

    # Closing

    def end(self) -> list[QThread]:
        """Stop all runs and helpers; returns their threads, to be waited for."""
        threads: list[QThread] = [
            *self.offer.end(),
            *self.curves.end(),
            *self.form.numbers.own_data.end(),
        ]
        for run in self.list.runs:
            if run.thread is not None and run.thread.isRunning():
                run.thread.stop()
                threads.append(run.thread)
        return threads
