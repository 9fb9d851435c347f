"""The left of the Train tab: the form, what it comes to, and the buttons that act on it.

A recipe out of the window as text or file, and back in again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.train.recipe_form import RecipeForm
from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.file_dialogs import ask_what_to_open, ask_where_to_save
from lenet_gui.widgets.labels import Label, ScrollArea
from lenet_gui.workers.serial import BackgroundTask
from trainer.files import save_file
from trainer.recipes import sharing
from trainer.recipes.catalog import QUICKEST, find_recipe
from trainer.recipes.recipe import Recipe, RecipeError
from trainer.translation import N_, ngettext
from trainer.translation import gettext as _

_KIND = N_("Recipe (*.json)")


class RecipeSharing(QPushButton):
    """A button with a menu: copy, paste, open and save what `recipe` gives.

    Args:
        recipe: gives the recipe to share; may raise `RecipeError`.
    """

    opened = Signal(object)
    """A recipe from elsewhere (`Recipe`)."""
    refused = Signal(str)
    """Text or file held no recipe; why, in words."""
    message = Signal(str)

    def __init__(self, recipe: Callable[[], Recipe]) -> None:
        super().__init__(_("Share"))
        self._recipe = recipe
        self.setObjectName("share_button")
        self.setToolTip(_("Hand this recipe on as text or file, or take one from elsewhere"))
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        entries = (
            (
                *("copy_recipe", _("Copy as text"), self._copy),
                _("A short text from which others train the same run"),
            ),
            (
                *("paste_recipe", _("Paste recipe"), self._paste),
                _("Take the recipe on the clipboard"),
            ),
            (
                *("open_recipe", _("Open recipe file…"), self._open),
                _("Take the recipe in a file"),
            ),
            (
                *("save_recipe", _("Save recipe file…"), self._save),
                _("For lenet train --recipe, too"),
            ),
        )
        for name, text, call, tip in entries:
            action = menu.addAction(text)
            action.setObjectName(name)
            action.setToolTip(tip)
            action.triggered.connect(call)
        self.setMenu(menu)

    def _copy(self) -> None:
        try:
            copy_text(self._recipe())
        except RecipeError as error:
            self.refused.emit(str(error))
        else:
            self.message.emit(_("The recipe is on the clipboard, as text to hand on"))

    def _paste(self) -> None:
        try:
            recipe = sharing.read(QGuiApplication.clipboard().text())
        except RecipeError as error:
            text = _("The clipboard holds no recipe that can be used: {problem}")
            self.refused.emit(text.format(problem=error))
        else:
            self.opened.emit(recipe)

    def _open(self) -> None:
        ask_what_to_open(self, _("Open a recipe"), "recipe_dialog", (_(_KIND),), self.read)

    def read(self, path: Path) -> None:
        """Take the recipe in a file; `opened` or `refused` tells."""
        BackgroundTask.begin(
            lambda: sharing.read_file(path), self.opened, self.refused, context=self
        )

    def _save(self) -> None:
        try:
            recipe = self._recipe()
        except RecipeError as error:
            self.refused.emit(str(error))
        else:
            ask_where_to_save_recipe(self, recipe, self.message)


def copy_text(recipe: Recipe) -> None:
    """Put a recipe's text on the clipboard."""
    QGuiApplication.clipboard().setText(sharing.text(recipe))


def ask_where_to_save_recipe(
    parent: QWidget, recipe: Recipe, tell: Callable[[str], object] | SignalInstance
) -> None:
    """Ask for a place, and write a recipe's text there; `tell` hears how that went."""

    def save(path: Path) -> None:
        BackgroundTask.begin(lambda: write(recipe, path), tell, tell, context=parent)

    start = Path.home() / f"{recipe.name}.lenet-recipe.json"  # which desktops know
    ask_where_to_save(parent, _("Save the recipe"), start, (_(_KIND),), save)


def write(recipe: Recipe, path: Path) -> str:
    """Write a recipe's text to a file; returns what to tell.

    Raises:
        UserError: it can't be written.
    """
    save_file(path, sharing.text(recipe).encode() + b"\n")
    return _("Saved {file}").format(file=path)


NARROW, WIDE = 292, 346
_MAIN_NUMBERS = 370  # pixels that they take, more or less


class RecipePanel(QWidget):
    """Choose what to train, and press Train."""

    train_asked = Signal(object)
    """Start a run (`Recipe`)."""
    results_asked = Signal()
    """Show the published results."""
    message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scroll_area = ScrollArea(parent=self)
        viewport = self.scroll_area.viewport()
        self.form = RecipeForm(viewport)
        self.scroll_area.setWidget(self.form)
        self.parameters = Label()
        self.parameters.setObjectName("parameters")
        self.parameters.setToolTip(_("Trainable parameters of the network"))
        self.problem = Label()
        self.problem.setObjectName("form_problem")
        self.problem.setWordWrap(True)
        self.quickest = make_push_button(
            _("Quick start: 99 % on MNIST"),
            "quickest_button",
            _("Train with the recipe ninety-nine, which takes seconds, and watch it learn"),
        )
        """Who owns this panel finds a place for it."""
        self.quickest.hide()
        self.train_button = make_push_button(
            _("Train"), "train_button", _("Start a run (Ctrl+Return)")
        )
        self.train_button.setDefault(True)
        self.train_button.setShortcut("Ctrl+Return")
        self.share = RecipeSharing(self.form.recipe)
        self.results_button = make_push_button(
            _("Published results"),
            "results_button",
            _("What each recipe reaches, beside what its source reported"),
        )
        self._unfolding = False  # all numbers, which have no place yet
        self._refused_beside: Recipe | None = None  # in the form when something was refused
        self._lay_out()
        self.quickest.clicked.connect(self._train_quickest)
        self.train_button.clicked.connect(self._train)
        self.results_button.clicked.connect(self.results_asked)
        self.form.checked.connect(self._checked)
        self.form.message.connect(self.message)
        self.form.numbers.more.toggled.connect(self._unfold)
        self.scroll_area.verticalScrollBar().rangeChanged.connect(self._scroll_to_numbers)
        self.share.opened.connect(self.take)
        self.share.refused.connect(self._refuse)
        self.share.message.connect(self.message)
        self._checked()

    def _lay_out(self) -> None:
        self.scroll_area.setAccessibleName(_("Recipe"))
        below = QHBoxLayout()
        below.addWidget(self.share)
        below.addWidget(self.results_button, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.scroll_area, 1)
        whole.addWidget(self.form.changes)
        whole.addWidget(self.parameters)
        whole.addWidget(self.problem)
        whole.addWidget(self.train_button)
        whole.addLayout(below)
        # Not first to what scrolls: who comes here wants a field.
        self.form.order_keys(self.scroll_area)
        QWidget.setTabOrder(self.scroll_area, self.train_button)
        QWidget.setTabOrder(self.train_button, self.share)
        QWidget.setTabOrder(self.share, self.results_button)

    def _unfold(self, unfolded: bool) -> None:
        self._unfolding = unfolded

    def _scroll_to_numbers(self) -> None:
        """What was unfolded is seen, and its button still is under the mouse or above."""
        if self._unfolding:
            self._unfolding = False
            more = self.form.numbers.more
            top = more.mapTo(self.form, QPoint(0, 0)).y() - more.height() // 2
            self.scroll_area.verticalScrollBar().setValue(top)

    def _checked(self) -> None:
        """What the form holds is another recipe, or none."""
        count = self.form.parameters
        text = ngettext("{n} parameter", "{n} parameters", count or 0)
        self.parameters.setText("" if count is None else text.format(n=f"{count:,}"))
        self.parameters.setVisible(not self.form.problem)
        if self.form.problem:
            self._say(self.form.problem)
        elif self._refused_beside != self.form.recipe():
            self._say("")
        self.train_button.setEnabled(not self.form.problem)

    def _say(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))

    def _refuse(self, problem: str) -> None:
        """Text or a file held no recipe; the form keeps what it has."""
        self._refused_beside = None if self.form.problem else self.form.recipe()
        self._say(problem)
        self.message.emit(problem)

    def take(self, recipe: Recipe) -> None:
        """Put a recipe into the form, with all its numbers."""
        self.form.show_recipe(recipe)
        self.scroll_area.verticalScrollBar().setValue(0)
        self.message.emit(_("Loaded recipe “{recipe}”").format(recipe=recipe.name))

    def take_named(self, name: str) -> None:
        """Put a named recipe into the form."""
        self.take(find_recipe(name))

    def offer_quickest(self, offered: bool) -> None:
        """Let whoever has trained nothing yet begin with one button."""
        self.quickest.setVisible(offered)

    def _train_quickest(self) -> None:
        self.take(find_recipe(QUICKEST))
        self._train()

    def _train(self) -> None:
        try:
            self.train_asked.emit(self.form.recipe())
        except RecipeError as error:
            self._refuse(str(error))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The description gets what the main numbers leave of the height, and is folded beyond."""
        super().resizeEvent(event)
        line = self.fontMetrics().lineSpacing()
        left = self.scroll_area.height() - _MAIN_NUMBERS
        self.form.description.set_most_lines(left // line)
