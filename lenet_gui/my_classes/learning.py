"""Train a network on the classes: begin, follow, see how well it reads, and use it."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator
from pathlib import Path

from PySide6.QtCore import QThread, Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.formatting import format_count, format_percent
from lenet_gui.widgets.labels import Label, make_caption
from lenet_gui.widgets.lists import make_chooser
from lenet_gui.workers.generator import BackgroundWork
from trainer.my_classes.class_set import ClassSet
from trainer.my_classes.learning import FEWEST, LearnedClasses, LearningOptions, learn_classes
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.progress import Progress
from trainer.runtime import cpu
from trainer.translation import gettext as _
from trainer.translation import ngettext


def learn(
    drawn: ClassSet, path: Path, from_nothing: bool, options: LearningOptions
) -> Generator[Progress, None, LearnedClasses]:
    """Train a network on a set, with one thread of the CPU, as `learn_classes` advises.

    Args:
        drawn: what to learn.
        path: where the set is kept.
        from_nothing: whether all layers learn; else the built-in network's convolutions stay.
        options: all numbers.
    """
    cpu.use_background_threads()
    start = None if from_nothing else weights.load_shipped()
    return (yield from learn_classes(drawn, path, start, options))


class TrainingPanel(QWidget):
    """Owns the thread, and what came of it."""

    used = Signal(object)
    """Read with this `Model`, which was learned here."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.options = LearningOptions()
        self.learned: LearnedClasses | None = None
        self._set = ClassSet()
        self._learned_set = ClassSet()
        self._in_use: Model | None = None
        self._work = BackgroundWork("learning my classes", self)
        self.start_choice = make_chooser("class_start_choice", _("What the training begins with"))
        self.start_choice.addItem(_("From the built-in network"), False)
        self.start_choice.addItem(_("From nothing"), True)
        self.start_choice.setToolTip(
            _(
                "The built-in network has found edges and corners already: its two convolutions "
                "are kept. From nothing, all layers learn."
            )
        )
        self.train = make_push_button(
            _("Train"), "train_classes_button", _("Takes a few seconds, in the background")
        )
        self.cancel = make_push_button(
            _("Cancel"), "cancel_classes_button", _("Stop training; nothing changes")
        )
        self.use = make_push_button(
            _("Use this network"),
            "use_classes_button",
            _("Recognize these classes on the Draw tab, and save the network"),
        )
        self.bar = QProgressBar()
        self.bar.setObjectName("classes_progress")
        self.bar.setTextVisible(False)
        self.result, self.note = Label(), Label()
        self._lay_out()
        self._connect()
        self._update()

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(make_caption(_("Train a network")))
        for label, name in ((self.result, "classes_result"), (self.note, "classes_note")):
            label.setObjectName(name)
            label.setWordWrap(True)
            label.setMinimumWidth(120)  # however long a name in it is
        for widget in (
            self.start_choice,
            self.train,
            self.bar,
            self.cancel,
            self.note,
            self.result,
            self.use,
        ):
            whole.addWidget(widget)

    def _connect(self) -> None:
        self._work.yielded.connect(self._progress)
        self._work.returned.connect(self._show_learned)
        self._work.errored.connect(self._update)
        self.train.clicked.connect(self.start)
        self.cancel.clicked.connect(self._cancel)
        self.use.clicked.connect(self._use)

    # What it works with

    def show_set(self, drawn: ClassSet) -> None:
        """Learn this when asked to."""
        self._set = drawn
        self._update()

    def set_model(self, model: Model) -> None:
        """The network in use is this one."""
        self._in_use = model
        self._update()

    @property
    def learning(self) -> bool:
        """Whether it is under way."""
        return self._work.busy

    # Learning

    def start(self) -> None:
        """Learn, in the background."""
        drawn, file, options = self._set, self.file, self.options
        if self.learning or drawn.problem(FEWEST):
            return
        from_nothing = bool(self.start_choice.currentData())

        def begin() -> Generator[Progress, None, LearnedClasses]:
            return learn(drawn, file, from_nothing, options)

        self._learned_set, self.learned = drawn, None
        self.bar.setRange(0, 0)
        self._work.start(begin)
        self._update(_("Starting…"))

    def _progress(self, progress: Progress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self._update(progress.what[:1].upper() + progress.what[1:])

    def _cancel(self) -> None:
        self._work.cancel()
        self._update(_("Canceled; nothing has changed"))

    def _show_learned(self, learned: LearnedClasses) -> None:
        model = dataclasses.replace(learned.model, name=_("My classes"))
        self.learned = dataclasses.replace(learned, model=model)
        self._update()

    def _use(self) -> None:
        if self.learned is not None:
            self.used.emit(self.learned.model)

    # What is shown

    def _describe_result(self) -> str:
        """How well it reads what it had not seen."""
        learned = self.learned
        if learned is None:
            return ""
        if learned.by_writer:
            text = ngettext(
                "It recognizes {accuracy} of {count} drawing by people it had not seen.",
                "It recognizes {accuracy} of {count} drawings by people it had not seen.",
                learned.tested,
            )
        else:
            text = ngettext(
                "It recognizes {accuracy} of {count} drawing it had not seen.",
                "It recognizes {accuracy} of {count} drawings it had not seen.",
                learned.tested,
            )
        accuracy = format_percent(learned.accuracy, 0 if learned.tested < 1000 else 1)
        return text.format(accuracy=accuracy, count=format_count(learned.tested))

    def _update(self, note: str = "") -> None:
        """Show what can be done now, and this note."""
        problem, learned = self._set.problem(FEWEST), self.learned
        if not note and self.learning:
            note = self.note.text()
        elif not note:
            note = problem
        used = learned is not None and learned.model is self._in_use
        if not note and learned is not None and self._learned_set != self._set:
            note = _("The drawings have changed since. Train again to include the changes.")
        elif not note and used:
            note = _("You are using this network. It is saved to your networks.")
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.result.setText(self._describe_result())
        self.result.setVisible(learned is not None)
        self.use.setVisible(learned is not None)
        self.use.setEnabled(not used)
        new = learned is not None and self._learned_set == self._set and not used
        self._lead_to(self.use if new else self.train)
        had_focus = self.train.hasFocus() or self.cancel.hasFocus()
        self.start_choice.setVisible(not self.learning)
        self.train.setVisible(not self.learning)
        self.train.setEnabled(not problem)
        self.bar.setVisible(self.learning)
        self.cancel.setVisible(self.learning)
        if had_focus and not self.train.hasFocus() and not self.cancel.hasFocus():
            (self.cancel if self.learning else self.train).setFocus()

    def _lead_to(self, button: QPushButton) -> None:
        """Let this one of the buttons stand out: it is what comes next."""
        for each in (self.train, self.use):
            if each.property("primary") is not (each is button):
                each.setProperty("primary", each is button)
                each.style().unpolish(each)
                each.style().polish(each)

    # Closing

    def end(self) -> list[QThread]:
        """Stop learning; returns the threads, to be waited for."""
        return self._work.end()
