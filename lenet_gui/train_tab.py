"""The Train tab: a recipe at the left; runs and their curves at the right."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, Qt, QThread, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.curves import Curve, CurvesView, curve_of
from lenet_gui.data_offer import DataOffer
from lenet_gui.file_dialogs import ask_where_to_save
from lenet_gui.recipe_form import RecipeForm
from lenet_gui.run_buttons import RunButtons, push_button
from lenet_gui.run_events import RunEvents
from lenet_gui.run_list import Run, RunList
from lenet_gui.run_table import RunTable
from lenet_gui.task import Task
from lenet_gui.training_thread import TrainingThread
from trainer import past_runs, runs
from trainer.recipes import Recipe, edited

if TYPE_CHECKING:
    from trainer.weights import Model


class TrainTab(QWidget):
    """Start runs, watch them, and take over the network of any of them."""

    use_model = Signal(object)
    """Put this `Model` on the Draw tab."""
    message = Signal(str)
    """Something to tell the user in passing."""
    data_folder_chosen = Signal(Path)

    def __init__(self, data: Path, runs_folder: Path) -> None:
        super().__init__()
        self.data, self.runs_folder = data, runs_folder
        self._pending: list[Recipe] = []  # wait for their dataset
        self.form = RecipeForm()
        self.list = RunList()
        self.table = RunTable(self.list)
        self.curves = CurvesView()
        self.offer = DataOffer()
        self.buttons = RunButtons()
        self.train_button = push_button("Train", "train_button", "Start a run (Ctrl+Return)")
        self.train_button.setDefault(True)
        self.train_button.setShortcut("Ctrl+Return")
        self.note = QLabel()
        self.note.setObjectName("run_note")
        self.note.setWordWrap(True)
        self.note.hide()
        self._lay_out()
        self._connect()
        self._update_buttons()

    def _lay_out(self) -> None:
        scroll = QScrollArea()
        scroll.setWidget(self.form)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(scroll, 1)
        left.addWidget(self.train_button)
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
        whole = QHBoxLayout(self)
        whole.setContentsMargins(14, 12, 14, 10)
        whole.setSpacing(18)
        # Texts that wrap stay outside the splitter, which would give them one line.
        right = QVBoxLayout()
        right.addWidget(self.offer)
        right.addWidget(self.note)
        right.addWidget(split, 1)
        whole.addLayout(left, 0)
        whole.addLayout(right, 1)
        scroll.setFixedWidth(276)

    def _connect(self) -> None:
        self.train_button.clicked.connect(self.train)
        self.buttons.pause.clicked.connect(self._pause)
        self.buttons.stop.clicked.connect(self._stop)
        self.buttons.use.clicked.connect(self._use)
        self.buttons.folder.clicked.connect(self._open_folder)
        self.buttons.save.clicked.connect(self._save_curves)
        self.table.selectionModel().selectionChanged.connect(self._update_buttons)
        self.list.shown_changed.connect(self._show_curves)
        self.curves.saved.connect(self._saved)
        self.curves.failed.connect(self.message)
        self.offer.ready.connect(self._try_again)
        self.offer.folder_chosen.connect(self._use_folder)
        self.offer.pen_chosen.connect(self._train_on_pen)
        self.offer.dismissed.connect(self._forget_pending)

    # Runs of earlier days

    def look_for_past_runs(self, show_newest: bool = False) -> None:
        """List the runs that the runs folder holds, in the background."""
        Task.begin(
            lambda: (past_runs.past_runs(self.runs_folder), show_newest),
            self._list_past,
            self.message,
        )

    def _list_past(self, found: tuple[tuple[list[past_runs.PastRun], list[str]], bool]) -> None:
        (past, problems), show_newest = found
        self.list.add_past(past)
        if problems:
            self.message.emit(f"Left out of the list: {'; '.join(problems)}")
        if show_newest and self.list.runs:
            for run in self.list.runs[:2]:
                run.shown = True
                self.list.refresh(run)
            self._select(self.list.runs[0])
            self._show_curves()

    # Starting

    def train(self) -> None:
        """Start a run by the form's recipe."""
        self.start(self.form.recipe())

    def start(self, recipe: Recipe) -> Run:
        """Start a run in a background thread of its own."""
        device = self.form.device.currentData()
        run = Run(recipe=recipe, number=self.list.next_number())
        run.thread = TrainingThread(recipe, self.data, self.runs_folder, device)
        events = RunEvents(run, parent=self)
        events.refreshed.connect(self._refreshed)
        events.data_missing.connect(self._data_missing)
        events.ended.connect(self._ended)
        events.told.connect(self.message)
        self.list.add(run)
        self._select(run)
        run.thread.start()
        return run

    def _select(self, run: Run) -> None:
        index = self.list.index(self.list.runs.index(run), 0)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _data_missing(self, run: Run, name: str, problem: str) -> None:
        """Nothing was trained: the offer takes the run's place."""
        self.list.remove(run)
        self._pending.append(run.recipe)
        self.offer.offer(name, problem, self.data)
        self._update_buttons()

    def _try_again(self) -> None:
        pending, self._pending = self._pending, []
        for recipe in pending:
            self.start(recipe)

    def _use_folder(self, folder: Path) -> None:
        self.data = folder
        self.data_folder_chosen.emit(folder)
        self._try_again()

    def _train_on_pen(self) -> None:
        self._pending = [edited(recipe, dataset="pen") for recipe in self._pending]
        self._try_again()

    def _forget_pending(self) -> None:
        self._pending = []

    # While they train

    def selected(self) -> Run | None:
        """The run that the buttons work on."""
        rows = self.table.selectionModel().selectedRows()
        return self.list.runs[rows[0].row()] if rows else None

    def _refreshed(self, run: Run) -> None:
        self.list.refresh(run)
        if run is self.selected():
            self._update_buttons()
        if run.shown and self.isVisible():
            self._show_curves()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was not drawn while another tab was seen."""
        super().showEvent(event)
        self._show_curves()

    def _ended(self, run: Run) -> None:
        self._refreshed(run)
        if run.problem:
            self.message.emit(f"{run.title}: {run.problem}")

    def _update_buttons(self) -> None:
        run = self.selected()
        self.buttons.show_for(run, curves=bool(self.curves.curves))
        self.note.setText(run.problem if run is not None else "")
        self.note.setVisible(bool(self.note.text()))

    def _pause(self) -> None:
        run = self.selected()
        if run is None or run.thread is None:
            return
        if run.state == "paused":
            run.thread.go_on()
            run.state = "training" if run.folder else "waiting"
        else:
            run.thread.pause()
            run.state = "paused"
        self._refreshed(run)

    def _stop(self) -> None:
        run = self.selected()
        if run is not None and run.thread is not None:
            run.thread.stop()
            run.state = "stopping"
            self._refreshed(run)

    def _use(self) -> None:
        run = self.selected()
        if run is None or run.folder is None:
            return
        path, title = run.folder / "best.safetensors", run.title

        def load() -> Model:
            from trainer import weights

            return dataclasses.replace(weights.load(path), name=title)

        Task.begin(load, self.use_model, self.message)

    def _open_folder(self) -> None:
        run = self.selected()
        if run is not None and run.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder)))

    # Curves

    def _show_curves(self) -> None:
        curves: list[Curve] = []
        for run in reversed(self.list.runs):
            if run.shown and run.history is None:
                self._read_history(run)
            elif run.shown and run.history is not None and run.history.epochs["train"]:
                curves.append(curve_of(run.title, run.style, run.history))
        self.curves.show_curves(tuple(curves))
        self._update_buttons()

    def _read_history(self, run: Run) -> None:
        folder = run.folder
        assert folder is not None
        run.history = runs.History()  # what is there until it is read

        def take(history: runs.History) -> None:
            run.history = history
            self._show_curves()

        Task.begin(lambda: past_runs.read_history(folder), take, self.message)

    def _save_curves(self) -> None:
        kinds = ("PNG picture (*.png)", "SVG picture (*.svg)", "CSV table (*.csv)")
        start = Path.home() / "curves.png"
        ask_where_to_save(self, "Save the curves", start, kinds, self.curves.save)

    def _saved(self, path: str) -> None:
        self.message.emit(f"Saved {path}")

    # Closing

    def end(self) -> list[QThread]:
        """Stop all runs and helpers; returns their threads, to be waited for."""
        threads: list[QThread] = [*self.offer.end(), *self.curves.end()]
        for run in self.list.runs:
            if run.thread is not None and run.thread.isRunning():
                run.thread.stop()
                threads.append(run.thread)
        return threads
