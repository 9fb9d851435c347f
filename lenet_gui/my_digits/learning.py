"""Learn from my digits: start it, follow it, see what it brought, keep it or undo it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QThread, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.formatting import format_count, format_percent
from lenet_gui.widgets.labels import Label
from lenet_gui.workers.generator import BackgroundWork
from trainer.my_digits.digit import OwnDigit
from trainer.my_digits.fine_tuning import (
    PRACTICING,
    AccuracyChange,
    FineTuningOptions,
    Learned,
    learn_from,
)
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.runtime import cpu
from trainer.translation import N_
from trainer.translation import gettext as _


def learn(
    model: Model, own: tuple[OwnDigit, ...], data: Path, method: FineTuningOptions | None
) -> Generator[Progress, None, Learned]:
    """Learn from `own`, in the usual way if `method` is None; `data` is the datasets' folder."""
    cpu.use_background_threads()
    return (yield from learn_from(model, own, data, method or FineTuningOptions()))


WIDTH, NARROWEST = 280, 210
_WHAT = N_(
    "Train the current network on your digits for a few seconds, mixed with familiar "
    "ones so that it forgets nothing. Compare the results, then decide."
)
_VERDICTS = {
    "better": N_("Your digits are recognized better, and others as well as before: keep it."),
    "mixed": N_(
        "Your digits are recognized better, but others worse. Keep it if yours count most."
    ),
    "known": N_(
        "All of your digits were recognized before, too. Keep the new network if some of them were "
        "unsure."
    ),
    "same": N_(
        "This did not help: your digits, in the first row, are recognized no better than before. "
        "Undo it. Check their labels, or label a few more drawings, and learn again."
    ),
    "worse": N_(
        "This did not help: your digits, in the first row, are recognized worse than before. "
        "Undo it. Check their labels, or label a few more drawings, and learn again."
    ),
}
_TOLERATED, _TOLERATED_PICTURES = 0.0005, 2.5
"""Of the accuracy on other digits, and of them: a smaller loss is chance."""
_KEPT = N_("You are using the new network. It is saved to your networks.")


def judge(changes: Sequence[AccuracyChange]) -> str:
    """Whether what was learned is worth keeping: a key of `_VERDICTS`.

    Args:
        changes: of my digits, and then of others.
    """
    own, *others = changes
    if own.after < own.before:
        return "worse"
    if own.after == own.before:
        return "known" if own.after == 1.0 else "same"
    worse = any(
        other.before - other.after > max(_TOLERATED, _TOLERATED_PICTURES / other.count)
        for other in others
    )
    return "mixed" if worse else "better"


class LearningPanel(QWidget):
    """Owns the thread, and what came of it."""

    use_model = Signal(object)
    """Read with this `Model`."""
    message = Signal(str)

    def __init__(self, data: Path) -> None:
        super().__init__()
        self.data = data
        self.model: Model | None = None
        self.method: FineTuningOptions | None = None
        """How to learn; None for the usual way."""
        self.learned: Learned | None = None
        self._own: tuple[OwnDigit, ...] = ()
        self._before: Model | None = None  # what the learning began with
        self._work = work = BackgroundWork("learning from my digits", self)
        work.yielded.connect(self._progress)
        work.returned.connect(self._show_learned)
        work.errored.connect(self._failed)
        self.learn = make_push_button(
            _("Learn from my digits"), "learn_button", _("Takes a few seconds, in the background")
        )
        self.cancel = make_push_button(_("Cancel"), "cancel_learning_button", _("Stop learning"))
        self.keep = make_push_button(_("Keep"), "keep_button", _("Use the new network"))
        self.undo = make_push_button(
            _("Undo"), "undo_learning_button", _("Return to the previous network")
        )
        self.what, self.note = Label(_(_WHAT)), Label()
        self.bar = QProgressBar()
        self.bar.setObjectName("learning_progress")
        self.bar.setTextVisible(False)
        self.table = QGridLayout()
        self.results = QWidget()
        self._lay_out()
        self.learn.clicked.connect(self.start)
        self.cancel.clicked.connect(self._cancel)
        self.keep.clicked.connect(self._keep)
        self.undo.clicked.connect(self._undo)
        self._update()

    def event(self, event: QEvent) -> bool:
        """Larger text needs more room; the button asks for it once it has its font."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        button = self.learn.sizeHint().width()
        self.setMinimumWidth(max(NARROWEST, button))
        self.setMaximumWidth(max(WIDTH, button))

    def sizeHint(self) -> QSize:
        """As wide as it may be, where there is room."""
        return QSize(self.maximumWidth(), super().sizeHint().height())

    def _lay_out(self) -> None:
        self._fit()
        for label, name in ((self.what, "description"), (self.note, "learning_note")):
            label.setObjectName(name)
            label.setWordWrap(True)
        self.table.setContentsMargins(0, 6, 0, 6)
        self.table.setHorizontalSpacing(14)
        self.table.setVerticalSpacing(8)
        self.table.setColumnStretch(0, 1)
        self.figures = QWidget()
        self.figures.setLayout(self.table)
        buttons = QHBoxLayout()
        buttons.addWidget(self.keep)
        buttons.addWidget(self.undo)
        buttons.addStretch(1)
        self.measured = Label()
        self.measured.setObjectName("description")
        self.measured.setWordWrap(True)
        results = QVBoxLayout(self.results)
        results.setContentsMargins(0, 0, 0, 0)
        results.setSpacing(8)
        results.addWidget(self.figures)
        results.addWidget(self.measured)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        for widget in (self.what, self.learn, self.bar, self.cancel, self.results, self.note):
            whole.addWidget(widget)
        whole.addLayout(buttons)
        whole.addStretch(1)

    # What it works with

    def show_digits(self, own: tuple[OwnDigit, ...]) -> None:
        """Learn from these when asked to."""
        self._own = own
        self._update()

    def set_model(self, model: Model) -> None:
        """The model on show; what was learned from another one can't be undone any longer."""
        self.model = model
        ours = (self._before, self.learned.model if self.learned else None)
        if self.learned is not None and model not in ours:
            self._forget()
        self._update()

    @property
    def learning(self) -> bool:
        """Whether it is under way."""
        return self._work.busy

    # Learning

    def start(self) -> None:
        """Learn, in the background."""
        if self.model is None or self.learning:
            return
        # What has learned from these digits already would not be read with them held out:
        # learning once more begins with the network before.
        model = self._before if self.kept and self._before is not None else self.model
        self._forget()
        self._before = model
        own, data, method = self._own, self.data, self.method

        def begin() -> Generator[Progress, None, Learned]:
            return learn(model, own, data, method)

        self.bar.setRange(0, 0)
        self.note.setText(_("Starting…"))
        self._work.start(begin)
        self._update()

    def _progress(self, progress: Progress) -> None:
        self.note.setText(progress.what[:1].upper() + progress.what[1:])
        # What is prepared before and after is short, and would send the bar back.
        total = progress.total if progress.what == _(PRACTICING) else 0
        self.bar.setRange(0, total)
        self.bar.setValue(progress.done)

    def _cancel(self) -> None:
        self._work.cancel()
        self.note.setText(_("Canceled; the network is unchanged"))
        self._update()

    def _failed(self, problem: str) -> None:
        self.note.setText(problem)
        self._update()

    def _forget(self) -> None:
        self.learned = self._before = None
        self.note.setText("")

    # What came of it

    def _show_learned(self, learned: Learned) -> None:
        self.learned = learned
        while (item := self.table.takeAt(0)) is not None:
            if (label := item.widget()) is not None:
                label.deleteLater()
        self._fill_row(0, ("", _("before"), _("after")), "caption")
        for row, change in enumerate(learned.changes, start=1):
            self._fill_row(
                row,
                (
                    f"{_(change.name)} ({format_count(change.count)})",
                    format_percent(change.before),
                    format_percent(change.after),
                ),
            )
        self.figures.setVisible(learned.changed)  # else each is twice the same
        self.measured.setText(learned.measured)
        verdict = judge(learned.changes)
        self.note.setText(_(_VERDICTS[verdict]) if learned.changed else "")
        self.keep.setProperty("primary", verdict == "better")
        self.keep.setStyle(self.keep.style())  # takes the look that goes with the property
        self._update()

    def _fill_row(self, row: int, texts: tuple[str, ...], name: str = "") -> None:
        for column, text in enumerate(texts):
            label = Label(text)
            label.setObjectName(name or f"change_{row}_{column}")
            label.setWordWrap(column == 0)
            if column:
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.addWidget(label, row, column)

    @property
    def kept(self) -> bool:
        """Whether what was learned is the model on show."""
        return self.learned is not None and self.model is self.learned.model

    def _keep(self) -> None:
        if self.learned is not None:
            self.use_model.emit(self.learned.model)
            self.note.setText(_(_KEPT))

    def _undo(self) -> None:
        before, kept = self._before, self.kept
        self._forget()
        if kept and before is not None:
            self.use_model.emit(before)
        self.note.setText(_("Undone; the previous network is back"))
        self._update()

    def _update(self) -> None:
        """Show what can be done now."""
        self.learn.setEnabled(self.model is not None and not self.learning and bool(self._own))
        self.learn.setVisible(not self.learning)
        self.bar.setVisible(self.learning)
        self.cancel.setVisible(self.learning)
        self.results.setVisible(self.learned is not None)
        for button in (self.keep, self.undo):
            button.setVisible(self.learned is not None and self.learned.changed)
        self.keep.setEnabled(not self.kept)
        self.note.setVisible(bool(self.note.text()))

    # Closing

    def end(self) -> list[QThread]:
        """Stop learning; returns the threads, to be waited for."""
        return self._work.end()
