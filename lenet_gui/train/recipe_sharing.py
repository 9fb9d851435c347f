"""A recipe out of the window as text or file, and back in again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from lenet_gui.widgets.file_dialogs import ask_what_to_open, ask_where_to_save
from lenet_gui.workers.task import Task
from trainer.files import write_whole, writing
from trainer.recipes import sharing
from trainer.recipes.recipe import Recipe, RecipeError

_KIND = "Recipe (*.json)"


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
        super().__init__("Share")
        self._recipe = recipe
        self.setObjectName("share_button")
        self.setToolTip("Hand this recipe on as text or file, or take one from elsewhere")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        entries = (
            ("copy_recipe", "Copy as text", self._copy, "A small text that makes the same run"),
            ("paste_recipe", "Paste recipe", self._paste, "Take the recipe that was copied"),
            ("open_recipe", "Open recipe file …", self._open, "Take the recipe in a file"),
            ("save_recipe", "Save recipe file …", self._save, "For lenet train --recipe, too"),
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
            self.message.emit("The recipe is on the clipboard, as text to hand on")

    def _paste(self) -> None:
        try:
            recipe = sharing.read(QGuiApplication.clipboard().text())
        except RecipeError as error:
            self.refused.emit(f"What was copied can't be taken: {error}")
        else:
            self.opened.emit(recipe)

    def _open(self) -> None:
        ask_what_to_open(self, "Open a recipe", "recipe_dialog", (_KIND,), self.read)

    def read(self, path: Path) -> None:
        """Take the recipe in a file; `opened` or `refused` tells."""
        Task.begin(lambda: sharing.read_file(path), self.opened, self.refused)

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
        Task.begin(lambda: write(recipe, path), tell, tell)

    start = Path.home() / f"{recipe.name}.json"
    ask_where_to_save(parent, "Save the recipe", start, (_KIND,), save)


def write(recipe: Recipe, path: Path) -> str:
    """Write a recipe's text to a file; returns what to tell.

    Raises:
        UserError: it can't be written.
    """
    with writing(path):
        write_whole(path, sharing.text(recipe).encode() + b"\n")
    return f"Saved {path}"
