"""The Train tab: a recipe at the left; runs and their curves at the right."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, QThread, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from lenet_gui.curves.view import Curve, CurvesView
from lenet_gui.train.plateau_note import PlateauNote
from lenet_gui.train.recipe_panel import NARROW, WIDE, RecipePanel
from lenet_gui.train.results_window import ResultsWindow
from lenet_gui.train.run_actions import RunActions, RunButtons, ask_about_twin, ask_to_delete
from lenet_gui.train.run_item import RowState, RunEvents, RunItem
from lenet_gui.train.run_model import RunModel
from lenet_gui.train.run_queue import WaitingRuns
from lenet_gui.train.run_table import RunTable
from lenet_gui.train.runs_on_disk import (
    RunsOnDisk,
    Trashed,
    delete_for_good,
    explain_left_out,
    move_to_trash,
)
from lenet_gui.train.training_thread import TrainingThread
from lenet_gui.widgets.banner import Banner
from lenet_gui.widgets.dataset_offer import DatasetOffer
from lenet_gui.widgets.file_dialogs import PICTURE_KINDS, ask_where_to_save
from lenet_gui.widgets.labels import Label, make_page
from lenet_gui.workers.serial import BackgroundTask
from trainer.recipes.catalog import edit_recipe
from trainer.recipes.recipe import Recipe
from trainer.runs import listing
from trainer.runs.listing import Listed
from trainer.training.history import History
from trainer.translation import gettext as _
from trainer.translation import ngettext

MOST_POINTS = 100_000
"""Of a run of earlier, as many are shown: a screen has no more, and more would stop the window."""

_LINE = 16  # pixels of a line of text for which the form's widths are meant


class TrainTab(QWidget):
    """Start runs, watch them, and take over the network of any of them."""

    use_model = Signal(object)
    """Put this `Model` on the Draw tab."""
    watch_run = Signal(object)
    """Show this `RunItem`'s network on the Draw tab as it learns."""
    message = Signal(str)
    """Something to tell the user in passing."""
    run_ended = Signal(object)
    """This `RunItem` was trained here, and is no longer."""
    run_gone = Signal()
    """A run's thread is gone, and the next ones have begun."""
    data_folder_chosen = Signal(Path)

    def __init__(self, data: Path, runs_folder: Path, runs: RunModel | None = None) -> None:
        super().__init__()
        self.data, self.runs_folder = data, runs_folder
        # The form is made where it lies: with a style sheet, Qt goes through all that a widget
        # holds, for some milliseconds, whenever it gets another parent.
        self._page = make_page(self)
        self.panel = RecipePanel(self._page)
        self.form, self.train_button = self.panel.form, self.panel.train_button
        self.list = RunModel() if runs is None else runs  # those of a window before
        self.queue = self.list.queue
        self.disk = RunsOnDisk(lambda: self.runs_folder)
        self.table = RunTable(self.list)
        self.table.offer(self.panel.quickest)
        self.curves = CurvesView()
        self.banner = Banner()
        self.offer = DatasetOffer()
        self.waiting = WaitingRuns(self.offer)
        self.buttons = RunButtons()
        self.actions_of_run = RunActions(self.buttons, self.selected_runs)
        self.plateau = PlateauNote()
        self.results: ResultsWindow | None = None
        self.ticked: set[str] = set()
        """Names of runs' folders, to be ticked once they are listed."""
        self._show_newest = False
        self._problems: tuple[str, ...] = ()  # of runs left out of the list
        self.note = Label()
        self.note.setObjectName("run_note")
        self.note.setWordWrap(True)
        self.note.hide()
        self._lay_out()
        self._connect()
        self._update_buttons()

    def _lay_out(self) -> None:
        whole = QHBoxLayout(self._page)
        whole.setContentsMargins(14, 12, 14, 10)
        whole.setSpacing(18)
        whole.addWidget(self.panel, 0)
        # Texts that wrap stay outside the splitter, which would give them one line.
        right = QVBoxLayout()
        whole.addLayout(right, 1)
        split, upper = QSplitter(Qt.Orientation.Vertical), QWidget()
        for part in (self.banner, self.offer, self.note, split, self.plateau):
            right.addWidget(part, int(part is split))
        split.addWidget(upper)
        split.addWidget(self.curves)
        split.setSizes([200, 400])
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        above = QVBoxLayout(upper)
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self.table, 1)
        above.addWidget(self.buttons)
        banner, panel = self.banner, self.panel
        chain: list[QWidget] = [panel.results_button, banner.more, banner.dismiss, banner.details]
        chain += [self.table, panel.quickest, *self.buttons.row, self.curves.tabs]
        for one, other in itertools.pairwise(chain):
            QWidget.setTabOrder(one, other)

    def _connect(self) -> None:
        self.panel.train_asked.connect(self.ask_to_start)
        self.form.numbers.own_data.take_drops(self)
        self.panel.results_asked.connect(self.show_results)
        self.panel.message.connect(self.message)
        self._connect_actions()
        self.table.selectionModel().selectionChanged.connect(self._update_buttons)
        self.table.menu_asked.connect(self.buttons.menu.popup)
        self.table.delete_asked.connect(self.actions_of_run.delete)
        self.table.opened.connect(self.actions_of_run.describe)
        self.list.shown_changed.connect(self._show_curves)
        self.queue.turn.connect(self._begin)
        self.queue.changed.connect(self._refreshed)
        self.disk.listed.connect(self._list)
        self.disk.failed.connect(self._fail)
        for events in self.list.findChildren(RunEvents):
            self._listen(events)
        self.queue.hold(False)
        self.curves.saved.connect(lambda path: self._say(_("Saved {file}").format(file=path)))
        self.curves.save_asked.connect(self._save_curves)
        self.curves.failed.connect(self._fail)
        self.plateau.asked.connect(self.ask_to_start)
        self.waiting.start.connect(self.start)
        self.waiting.resume.connect(self.resume)
        self.waiting.folder_chosen.connect(self._use_folder)

    def _connect_actions(self) -> None:
        actions, buttons = self.actions_of_run, self.buttons
        actions.use_model.connect(self.banner.clear)
        actions.use_model.connect(self.use_model)
        actions.watch.connect(self.watch_run)
        actions.cloned.connect(self.panel.take)
        actions.resume.connect(self.resume)
        actions.take_out.connect(self._take_out)
        actions.described.connect(self._described)
        actions.deleted.connect(self._delete)
        actions.refreshed.connect(self._refreshed)
        actions.message.connect(self._say)
        actions.failed.connect(self._fail)
        buttons.save.triggered.connect(self._save_curves)
        buttons.stop_all.triggered.connect(self.stop_all)
        buttons.at_once.triggered.connect(lambda action: self.train_at_once(action.data()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a wide window the recipe has room to be told in words."""
        super().resizeEvent(event)
        self._fit_panel()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_panel()

    def _fit_panel(self) -> None:
        larger = max(1.0, self.fontMetrics().lineSpacing() / _LINE)
        wide = max(NARROW, min(WIDE, self.width() * 3 // 10))
        most = self.width() * 9 // 20
        self.panel.setFixedWidth(max(NARROW, min(round(wide * larger), most)))

    def show_results(self) -> None:
        """Show what each recipe reaches."""
        if self.results is None:
            self.results = ResultsWindow(self)
            self.results.chosen.connect(self.panel.take_named)
        self.results.open_table()

    def _say(self, text: str) -> None:
        """Something succeeded."""
        self.banner.clear()
        self.message.emit(text)

    def _fail(self, problem: str, details: str = "") -> None:
        self.banner.show_error(problem, details)

    # Runs of earlier days, and those of other windows

    def look_for_past_runs(self, show_newest: bool = False) -> None:
        """List the runs that the runs folder holds, in the background."""
        self._show_newest = self._show_newest or show_newest
        self.disk.look()

    def _list(self, listed: Listed) -> None:
        count = len(self.list.runs)
        new = self.list.follow(listed)
        changed = bool(new) or len(self.list.runs) != count
        self.panel.offer_quickest(not self.list.runs)
        if listed.problems != self._problems:
            self._problems = listed.problems
            if listed.problems:
                self._fail(explain_left_out(listed), "\n".join(listed.problems))
        for run in new:
            if run.folder is not None and run.folder.name in self.ticked:
                self.ticked.discard(run.folder.name)
                run.shown = True
                self.list.refresh(run)
        if self._show_newest and self.list.runs:
            for run in self.list.runs[:2]:
                run.shown = True
                self.list.refresh(run)
            self._select(self.list.runs[0])
        self._show_newest = False
        if changed or any(run.shown and run.outdated for run in self.list.runs):
            self._show_curves()

    # Starting

    def ask_to_start(self, recipe: Recipe) -> None:
        """Start a run; before one that another equals, ask."""
        twin = next((run for run in self.list.runs if run.is_twin(recipe)), None)
        if twin is None:
            self.start(recipe)
            return
        seeds = {run.recipe.seed for run in self.list.runs}
        free = next(n for n in range(len(seeds) + 1) if n not in seeds)
        ask_about_twin(
            self,
            twin.title,
            twin.state_text,
            lambda: self.start(edit_recipe(recipe, seed=free)),
            lambda: self.start(recipe),
        )

    def start(self, recipe: Recipe) -> RunItem:
        """Train a new run as soon as it is its turn, in a background thread of its own."""
        run = RunItem(recipe=recipe, number=self.list.next_number(), state=RowState.QUEUED)
        self.list.add(run)
        self.panel.offer_quickest(False)
        self._select(run)
        self.queue.add(run)
        return run

    def put_back(self, recipe: Recipe) -> None:
        """List a run that was queued when the program ran last; Resume trains it."""
        self.list.add(RunItem(recipe, self.list.next_number(), state=RowState.STOPPED))
        self.panel.offer_quickest(False)

    def resume(self, run: RunItem) -> None:
        """Train a run on from where it ended, in its row, as soon as it is its turn."""
        run.before = run.state if run.folder is not None else None  # it had not begun
        run.problem = run.details = ""
        run.shown = True
        self.queue.add(run)
        self._refreshed(run)

    def _begin(self, run: RunItem) -> None:
        device = self.form.device.currentData()
        run.thread = TrainingThread(run.recipe, self.data, self.runs_folder, device, run.folder)
        events = RunEvents(run, parent=self.list)
        events.gone.connect(self.queue.leave)
        self._listen(events)
        run.thread.start()
        self._refreshed(run)

    def _listen(self, events: RunEvents) -> None:
        events.refreshed.connect(self._refreshed)
        events.began.connect(self.banner.clear)
        events.data_missing.connect(self._data_missing)
        events.ended.connect(self._ended)
        events.gone.connect(self.run_gone)
        events.failed.connect(self._fail)

    def hand_over(self) -> RunModel:
        """Give the runs, which train on, to the tab of another window; none is left here."""
        runs, queue, self.list = self.list, self.queue, RunModel()
        queue.hold(True)  # until the other tab is there
        for events in runs.findChildren(RunEvents):
            signals = (
                events.refreshed,
                events.began,
                events.data_missing,
                events.ended,
                events.failed,
            )
            for signal in signals:
                signal.disconnect()
            events.gone.disconnect(self.run_gone)
        for signal in (runs.dataChanged, runs.shown_changed, queue.turn, queue.changed):
            signal.disconnect()
        self.queue = self.list.queue
        self.table.setModel(self.list)  # no row of theirs stays selected
        return runs

    def _select(self, run: RunItem) -> None:
        index = self.list.index(self.list.runs.index(run), 0)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _data_missing(self, run: RunItem, name: str, problem: str) -> None:
        """Nothing was trained: the offer takes a new run's place."""
        if run.folder is None:
            self._remove(run)
        self.waiting.add(run, name, problem, self.data)
        self._update_buttons()

    def _remove(self, run: RunItem) -> None:
        self.list.remove(run)
        self.panel.offer_quickest(not self.list.runs)

    def _use_folder(self, folder: Path) -> None:
        self.data = folder
        self.data_folder_chosen.emit(folder)

    def _take_out(self, run: RunItem) -> None:
        self.queue.take_out(run)
        if run.folder is None:
            self._remove(run)
        self._refreshed(run)

    def runs_under_way(self) -> list[RunItem]:
        """Those that train here, or wait for their turn."""
        return [run for run in self.list.runs if run.under_way]

    def stop_all(self) -> None:
        """Stop every run that trains here, and let none of the queue begin."""
        self.actions_of_run.stop(list(self.list.runs))

    def train_at_once(self, number: int) -> None:
        """Train at most so many runs at the same time."""
        for action in self.buttons.at_once.actions():
            action.setChecked(action.data() == number)
        self.queue.at_once = number

    # Names and notes, and deleting

    def _described(self, run: RunItem) -> None:
        self.banner.clear()
        self._refreshed(run)
        self._update_buttons()

    def _delete(self, runs: list[RunItem]) -> None:
        """Take runs out of the list, and their folders to the trash."""
        for run in runs:
            if run.state is RowState.QUEUED:
                self.queue.take_out(run)
            if run.folder is None:
                self._remove(run)
        folders = [run.folder for run in runs if run.folder is not None]
        if folders:
            BackgroundTask.begin(
                lambda: move_to_trash(folders), self._trashed, self._fail, context=self
            )
        self._show_curves()

    def _trashed(self, trashed: Trashed) -> None:
        self._forget(trashed.moved)
        count = len(trashed.moved)
        if count:
            text = ngettext("{n} run moved to the trash", "{n} runs moved to the trash", count)
            self._say(text.format(n=count))
        if trashed.left:
            left = trashed.left
            ask_to_delete(self, len(left), lambda: self._delete_for_good(left))

    def _delete_for_good(self, folders: Sequence[Path]) -> None:
        def deleted(trashed: Trashed) -> None:
            self._forget(trashed.moved)
            count = len(trashed.moved)
            text = ngettext("{n} run deleted", "{n} runs deleted", count)
            self._say(text.format(n=count))

        BackgroundTask.begin(lambda: delete_for_good(folders), deleted, self._fail, context=self)

    def _forget(self, folders: Sequence[Path]) -> None:
        """Take the rows away whose folders are gone; the one that follows is selected."""
        row = self.table.currentIndex().row()
        for run in [run for run in self.list.runs if run.folder in folders]:
            self._remove(run)
        if self.list.runs and not self.selected_runs():
            self._select(self.list.runs[min(max(row, 0), len(self.list.runs) - 1)])
        self._show_curves()

    # While they train

    def selected_runs(self) -> list[RunItem]:
        """The runs that the buttons work on, from top to bottom."""
        rows = self.table.selectionModel().selectedRows()
        return [self.list.runs[row] for row in sorted(index.row() for index in rows)]

    def selected(self) -> RunItem | None:
        """The run that is selected alone, or was clicked last of several."""
        runs = self.selected_runs()
        row = self.table.currentIndex().row()
        current = self.list.runs[row] if 0 <= row < len(self.list.runs) else None
        return current if current in runs else runs[0] if runs else None

    def _refreshed(self, run: RunItem) -> None:
        self.list.refresh(run)
        if not self.isVisible():
            return  # it catches up when it is shown
        if run.shown:
            self._show_curves()
        elif run in self.selected_runs():
            self._update_buttons()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was not drawn, and what others trained, while another tab was seen."""
        super().showEvent(event)
        self.disk.look()
        self.disk.follow(True)
        self._show_curves()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks at the list."""
        super().hideEvent(event)
        self.disk.follow(False)

    def _ended(self, run: RunItem) -> None:
        self._refreshed(run)
        if run.state is RowState.FINISHED:
            self.banner.clear()
        elif run.problem and run.state is not RowState.STOPPED:
            self._fail(f"{run.title}: {run.problem}", run.details)
        self.run_ended.emit(run)

    def _update_buttons(self) -> None:
        run = self.selected()
        under_way = bool(self.runs_under_way())
        self.buttons.show_for(self.selected_runs(), under_way, curves=bool(self.curves.curves))
        texts = (run.notes.note, run.problem) if run is not None else ()
        self.note.setText("\n".join(filter(None, texts)))
        self.note.setVisible(bool(self.note.text()))
        self.plateau.show_for(*((run.recipe, run.history) if run is not None else (None, None)))

    # Curves

    def _show_curves(self) -> None:
        curves: list[Curve] = []
        for run in reversed(self.list.runs):
            if run.shown and run.folder is not None and (run.history is None or run.outdated):
                self._read_history(run)
            if run.shown and run.history is not None and run.history.epochs["train"]:
                curves.append(Curve(run.title, run.style, run.history, run.recipe, run.test))
        begins = any(run.shown and run.in_thread for run in self.list.runs)
        self.curves.show_curves(tuple(curves), begins)
        self._update_buttons()

    def _read_history(self, run: RunItem) -> None:
        folder = run.folder
        assert folder is not None
        run.history = run.history or History()  # what is there until it is read
        run.outdated = False

        def take(history: History) -> None:
            if not run.in_thread:  # else it was taken up meanwhile, and brings its own
                run.history = history
                self._show_curves()

        BackgroundTask.begin(
            lambda: listing.read_history(folder).thinned(MOST_POINTS),
            take,
            self._fail,
            context=self,
        )

    def _save_curves(self) -> None:
        kinds = (*map(_, PICTURE_KINDS), _("CSV table (*.csv)"))
        title, start = _("Save the curves"), Path.home() / "curves.png"
        ask_where_to_save(self, title, start, kinds, self.curves.save)

    # Closing

    def end(self) -> list[QThread]:
        """Stop all runs and helpers; returns their threads, to be waited for."""
        self.disk.follow(False)
        own_data = self.form.numbers.own_data
        threads: list[QThread] = [*self.offer.end(), *self.curves.end(), *own_data.end()]
        for run in list(self.queue.waiting):
            self.queue.take_out(run)
        for run in self.list.runs:
            if run.thread is not None and run.thread.isRunning():
                run.thread.stop()
                threads.append(run.thread)
        return threads
