"""Watching a run learn: which of its moments is on show, live or from its saved epochs.

The network on show is the reader's; here is decided which one it is, and it is made, in a thread
(`EpochModels`). What a run's thread tells comes by its signals, what else happens to a run by the
list's. Also here: a run's saved epochs, found on disk, and any of its moments in words.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, QThread, QTimer, Signal

from lenet_gui.draw.watch_bar import WatchBar
from lenet_gui.train.run_item import RowState, RunItem
from lenet_gui.train.run_model import RunModel
from lenet_gui.train.training_thread import TrainingThread
from lenet_gui.widgets.formatting import format_percent
from lenet_gui.widgets.model_chooser import ModelSource
from lenet_gui.workers.latest import LatestWorker
from lenet_gui.workers.serial import BackgroundTask
from trainer.errors import UserError
from trainer.networks.model import Model, from_weights
from trainer.recipes.recipe import Recipe
from trainer.runs import listing
from trainer.runs.record import Started
from trainer.training.events import Epoch, Snapshot
from trainer.translation import gettext as _


def list_saved_epochs(folder: Path) -> tuple[list[SavedEpoch], int | None]:
    """A run's saved epochs, in their order, and the best one where that is known."""
    files = [SavedEpoch(epoch, path) for epoch, path in listing.list_epochs(folder)]
    try:
        best = listing.read_record(folder).best_epoch
    except (OSError, ValueError, TypeError, RecursionError):
        return files, None
    return files, best or None


def describe_moment(run: RunItem, shown: SavedEpoch | LiveEpoch, model: Model) -> str:
    """Such as "epoch 3 of 20, step 1,234"."""
    if isinstance(shown, LiveEpoch):
        snapshot = shown.snapshot
        text = _("epoch {epoch} of {epochs}, step {step}").format(
            epoch=snapshot.epoch, epochs=run.recipe.epochs, step=f"{snapshot.step:,}"
        )
    elif not shown.epoch:
        text = _("before its first step")
    else:
        accuracy = model.history.get("val_accuracy")
        known = _("after epoch {epoch} of {epochs}, {accuracy}")
        template = _("after epoch {epoch} of {epochs}") if accuracy is None else known
        text = template.format(
            epoch=shown.epoch, epochs=run.recipe.epochs, accuracy=format_percent(accuracy)
        )
    paused = run.state is RowState.PAUSED
    return _("{moment}, paused").format(moment=text) if paused else text


_PLAY_EVERY = 200  # ms


class WatchController(QObject):
    """Give it a run with `watch`; it fills the bar and says which model to show."""

    show_model = Signal(object)
    """Read with this `Model`, for as long as the run is watched."""
    named = Signal(str)
    """What the model on show is, in words."""
    use_model = Signal(object)
    """The user keeps this `Model`; no run is watched any longer."""
    began = Signal()
    ended = Signal()
    """No run is watched any longer; what was on show before is to be shown again."""
    message = Signal(str)

    def __init__(self, runs: RunModel, bar: WatchBar) -> None:
        super().__init__()
        self.run: RunItem | None = None
        self.model: Model | None = None
        """What is on show of the run; None until the first of it is."""
        self.files: list[SavedEpoch] = []
        """The run's saved epochs."""
        self.at: int | None = None
        """The epoch that is asked for; None to follow the network as it learns."""
        self._best: int | None = None  # epoch
        self._thread: TrainingThread | None = None
        self._shown: SavedEpoch | LiveEpoch | None = None  # what `model` is of
        self._asked = False  # for a model that is not there yet
        self._runs, self.bar = runs, bar
        self.models = EpochModels()
        self.player = QTimer(self)
        self.player.setInterval(_PLAY_EVERY)
        self._connect()

    def _connect(self) -> None:
        self.models.done.connect(self._show_made)
        self.models.failed.connect(self._not_made)
        self._runs.dataChanged.connect(self._run_changed)
        self._runs.rowsRemoved.connect(self._run_removed)
        self.player.timeout.connect(self._play_on)
        self.bar.seen.connect(self._ask_thread)
        self.bar.picked.connect(self._picked)
        self.bar.play.toggled.connect(self._play)
        self.bar.now.clicked.connect(self.follow)
        self.bar.use.clicked.connect(self._use)
        self.bar.stop.clicked.connect(self.stop)

    # Which run

    def watch(self, run: RunItem) -> None:
        """Show this run's network from now on: as it learns, or its last epoch."""
        began = self.run is None
        self._leave_thread()
        self.run, self.model, self.at, self.files, self._best = run, None, None, [], None
        self.bar.play.setChecked(False)
        if not self.models.isRunning():
            self.models.start()
        self._follow_thread()
        self.bar.title.show_text(run.short_title, run.title)
        self.bar.moment.show_text(self._waits_for())
        self.bar.use.setEnabled(False)
        self._show_stops()
        self._look()
        self.bar.show()
        if began:
            self.began.emit()

    def stop(self) -> None:
        """Watch no longer; what was on show before is shown again."""
        if self.run is not None:
            self.leave()
            self.ended.emit()

    def leave(self) -> None:
        """Watch no longer: another model is on show."""
        self._leave_thread()
        self.run, self.files = None, []
        self.bar.play.setChecked(False)
        self.bar.hide()

    def end(self) -> list[QThread]:
        """Close: what still works, to be waited for."""
        self._leave_thread()
        self.player.stop()
        self.models.end()
        return [self.models] if self.models.isRunning() else []

    @property
    def live(self) -> bool:
        """Whether the run still learns."""
        return self.run is not None and self.run.under_way

    def _follow_thread(self) -> None:
        if self.run is None or self.run.thread is None or not self.run.under_way:
            return
        self._thread = self.run.thread
        self._thread.yielded.connect(self._yielded)
        self._ask_thread()

    def _ask_thread(self) -> None:
        """Let the run's thread show its network, or not: it costs some time of the processor."""
        if self._thread is not None:
            self._thread.watching = self.at is None and self.bar.isVisible()

    def _leave_thread(self) -> None:
        if self._thread is not None:
            self._thread.watching = False
            self._thread.yielded.disconnect(self._yielded)
            self._thread = None

    # What happens to it

    def _yielded(self, value: object) -> None:
        if isinstance(value, Epoch | Started):
            self._look()
        elif not isinstance(value, Snapshot) or self.sender() is not self._thread:
            return  # a thread may still forward what it was asked for before
        elif self.run is not None and self.at is None:
            self._want(LiveEpoch(value, self.run.recipe))

    def _run_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        run = self.run
        if run is None or run not in self._runs.runs[first.row() : last.row() + 1]:
            return
        was_live = self._thread is not None
        if self._thread is not (run.thread if run.under_way else None):
            self._leave_thread()  # it ended, or it is taken up again
            self._follow_thread()
        if (was_live and not run.under_way) or run.state is RowState.ELSEWHERE:
            self._look()  # what it left behind, or another program brought
        self.bar.title.show_text(run.short_title, run.title)
        self._say()
        self._show_stops()

    def _run_removed(self) -> None:
        if self.run is not None and self.run not in self._runs.runs:
            text = _("{run} is no longer in the list, and so it is not watched")
            self.message.emit(text.format(run=self.run.title))
            self.stop()

    # Its saved epochs

    def _look(self) -> None:
        """See in the background which epochs are saved by now."""
        run = self.run
        if run is None or run.folder is None:
            return
        folder = run.folder
        BackgroundTask.begin(
            lambda: (run, *list_saved_epochs(folder)),
            self._show_saved_epochs,
            self.message,
            context=self.bar,
        )

    def _show_saved_epochs(self, result: tuple[RunItem, list[SavedEpoch], int | None]) -> None:
        run, files, best = result
        if run is not self.run:
            return
        newest = self.files[-1].epoch if self.files else -1
        if files:  # else the folder was deleted: what was read of it is still there
            self.files, self._best = files, best
        self._show_stops()
        if self.at is None and self.files and (self.files[-1].epoch > newest or not self.live):
            self._want(self.files[-1])
        self._say()

    # Which moment

    def _stops(self) -> list[int | None]:
        """The epochs that the slider goes through; None, in the end, is now."""
        epochs: list[int | None] = [file.epoch for file in self.files]
        return [*epochs, None] if self.live else epochs

    def _show_stops(self) -> None:
        stops = self._stops()
        at = stops.index(self.at) if self.at in stops else len(stops) - 1
        best = stops.index(self._best) if self._best in stops and self._best is not None else None
        self.bar.show_stops(len(stops), max(0, at), best, self.live)

    def _picked(self, stop: int) -> None:
        self.bar.play.setChecked(False)
        stops = self._stops()
        if stop < len(stops):
            self._go_to(stops[stop])

    def follow(self) -> None:
        """Show the network as it learns."""
        self.bar.play.setChecked(False)
        self._go_to(None)

    def _go_to(self, epoch: int | None) -> None:
        self.at = epoch
        self._ask_thread()
        file = next((file for file in self.files if file.epoch == epoch), None)
        if file is not None:
            self._want(file)
        elif self.files:  # now: until the next step brings it, the nearest to it
            self._want(self.files[-1])
        self._show_stops()

    def _want(self, what: SavedEpoch | LiveEpoch) -> None:
        assert self.run is not None
        self._asked = True
        self.models.ask(EpochRequest(self.run, self.run.short_title, what))

    def _show_made(self, result: EpochResult) -> None:
        what = result.request.what
        if result.request.run is not self.run or (
            isinstance(what, LiveEpoch) and self.at is not None
        ):
            return
        self._asked = False
        self.model, self._shown = result.model, what
        self.bar.use.setEnabled(True)
        self._say()
        self.show_model.emit(result.model)

    def _not_made(self, problem: str) -> None:
        self._asked = False
        if self.run is not None:
            self.bar.play.setChecked(False)
            self.message.emit(problem)

    def _say(self) -> None:
        """What is on show, in the bar and for the window."""
        run = self.run
        assert run is not None
        if self.model is None or self._shown is None:
            self.bar.moment.show_text(self._waits_for())
            return
        self.bar.moment.show_text(describe_moment(run, self._shown, self.model))
        epoch = (
            self._shown.snapshot.epoch if isinstance(self._shown, LiveEpoch) else self._shown.epoch
        )
        under_way = _("{run}, epoch {epoch} ({state})")
        template = under_way if run.under_way else _("{run}, epoch {epoch}")
        text = template.format(run=run.short_title, epoch=epoch, state=run.state_text)
        self.named.emit(text)

    def _waits_for(self) -> str:
        """Why nothing of the run is on show yet."""
        assert self.run is not None
        if self.live:
            return _("waiting for its first step")
        return _("no epoch of it is kept") if self.run.folder else _("it left nothing behind")

    # Play, keep

    def _play(self, playing: bool) -> None:
        if not playing:
            self.player.stop()
            return
        stops = self._stops()
        if self.at not in stops[:-1]:
            self._go_to(stops[0])
        self.player.start()

    def _play_on(self) -> None:
        if self._asked:  # a slow disk: no epoch is left out
            return
        stops = self._stops()
        following = stops.index(self.at) + 1 if self.at in stops else len(stops)
        if following < len(stops):
            self._go_to(stops[following])
        if following >= len(stops) - 1:
            self.bar.play.setChecked(False)

    def _use(self) -> None:
        model = self.model
        if model is not None:
            self.leave()
            self.use_model.emit(model)


# Models of a run's saved epochs, and of its network as it learns, made in the background

MOST_KEPT = 128
"""Models in memory; each takes some 300 KB."""


@dataclass(frozen=True, slots=True)
class SavedEpoch:
    """An epoch's file."""

    epoch: int  # 0: before the first step
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class LiveEpoch:
    """The network at a moment of its training."""

    snapshot: Snapshot
    recipe: Recipe


@dataclass(frozen=True, slots=True, eq=False)
class EpochRequest:
    """What to make a model of."""

    run: object  # handed back, so that whoever asked knows whether it still matters
    title: str
    what: SavedEpoch | LiveEpoch


@dataclass(frozen=True, slots=True, eq=False)
class EpochResult:
    """The model that was wanted."""

    request: EpochRequest
    model: Model


class EpochModels(LatestWorker):
    """Ask with an `EpochRequest`; `done` has an `EpochResult`.

    What was read once is kept, within `MOST_KEPT`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cached: OrderedDict[Path, tuple[object, Model]] = OrderedDict()
        # A run, the latest of its epochs that was read, and what was fitted to its scores then.
        self._latest: tuple[object, int, float] = (None, 0, 1.0)

    def work(self, request: EpochRequest) -> EpochResult:
        """Read a file, or build a network of weights.

        Raises:
            ModelError: the file can't be read.
            UserError: the weights are not numbers any longer.
        """
        what = request.what
        if isinstance(what, LiveEpoch):
            return EpochResult(request, self._built(request, what))
        model = dataclasses.replace(
            self._read(what.path),
            name=_("{run}, epoch {epoch}").format(run=request.title, epoch=what.epoch),
        )
        run, epoch, _temperature = self._latest
        if run is not request.run or what.epoch >= epoch:
            self._latest = request.run, what.epoch, model.temperature
        return EpochResult(request, model)

    def _read(self, path: Path) -> Model:
        stamp = _stamp(path)
        before = self.cached.pop(path, None)
        # One whose file is gone since is still good.
        if before is not None and stamp in (before[0], None):
            self.cached[path] = before
            return before[1]
        model = ModelSource("", path=path).load()
        self.cached[path] = stamp, model
        if len(self.cached) > MOST_KEPT:
            self.cached.popitem(last=False)
        return model

    def _built(self, request: EpochRequest, live: LiveEpoch) -> Model:
        snapshot = live.snapshot
        if not all(bool(w.isfinite().all()) for w in snapshot.weights.values()):
            text = _("{run}: its weights are no longer numbers")
            raise UserError(text.format(run=request.title))
        run, _epoch, temperature = self._latest
        return from_weights(
            snapshot.weights,
            live.recipe,
            snapshot.classes,
            {},
            _("{run}, step {step}").format(run=request.title, step=snapshot.step),
            temperature if run is request.run else 1.0,
        )


def _stamp(path: Path) -> object:
    """Changes when the file does; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
