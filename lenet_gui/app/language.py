"""The window's language: chosen at the start, and anew while the program runs.

Texts are made when widgets are; another language therefore means another window, which takes
over what the one before knows. Runs train on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox

from lenet_gui.app import building
from lenet_gui.app.session import Settings
from lenet_gui.app.window import Window
from lenet_gui.widgets import formatting
from trainer import files, translation
from trainer.translation import LANGUAGES
from trainer.translation import gettext as _

SYSTEM = "system"
CHOICES = (SYSTEM, *LANGUAGES)
"""What can be chosen: the system's language, or one of those there are."""
_EVERY = 300  # ms
_SOON = 20  # ms, in which a new window is painted
_CHINESE_FONTS = "fonts-noto-cjk"
"""A package of Debian and Ubuntu with all Chinese characters."""


def chosen(settings: Settings | None) -> str:
    """The choice that is remembered."""
    return settings.text("language", SYSTEM, CHOICES) if settings is not None else SYSTEM


class Language:
    """The language of all texts, Qt's own as well, and of numbers and dates.

    Args:
        app: whose texts they are.
    """

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._qt = QTranslator(app)
        self.used = "en"

    def use(self, choice: str) -> None:
        """Translate from here on.

        Args:
            choice: one of `CHOICES`.
        """
        system = QLocale.system()
        names = system.uiLanguages() if choice == SYSTEM else [choice]
        name = translation.match_language(names)
        self.used = translation.use_language(name, files.asset("locale"))
        # A German who reads English texts keeps the comma, unless English was asked for.
        same = choice == SYSTEM or QLocale(self.used).language() == system.language()
        formatting.use_locale(system if same else QLocale(self.used))
        self._app.removeTranslator(self._qt)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if self.used != "en" and self._qt.load(f"qtbase_{self.used}", folder):
            self._app.installTranslator(self._qt)

    @property
    def problem(self) -> str:
        """Why its characters cannot be shown; empty if they can."""
        chinese = QFontDatabase.WritingSystem.SimplifiedChinese
        if self.used != "zh_CN" or QFontDatabase.families(chinese):
            return ""
        # Not translated: nobody could read it.
        return (
            "No font on this computer has Chinese characters: install one, such as "
            f"{_CHINESE_FONTS} (sudo apt install {_CHINESE_FONTS}), and start LeNet Studio again."
        )


class Windows:
    """The window on screen, and those before it, in other languages, while threads of theirs end.

    Args:
        first: the one on screen.
        language: in which it is.
        opened: called with each window that takes the place of another one.
    """

    def __init__(
        self, first: Window, language: Language, opened: Callable[[Window], object]
    ) -> None:
        self.all = [first]
        self._language, self._opened = language, opened
        self._freeing = QTimer(interval=_EVERY)
        self._freeing.timeout.connect(self._free)
        first.language_chosen.connect(self.show_in)

    @property
    def current(self) -> Window:
        """The one on screen."""
        return self.all[-1]

    def show_in(self, choice: str) -> None:
        """Show all in this language, one of `CHOICES`, and remember the choice."""
        old = self.current
        if old.settings is not None:
            old.settings.remember("language", choice)
        digits = old.lazy_my_digits.built
        if digits is not None and digits.learning.learning:
            old.tell(_("The language changes at the next start: your digits are being learned now"))
            return
        self._language.use(choice)
        new = replace(old)
        self.all.append(new)
        self._freeing.start()
        new.language_chosen.connect(self.show_in)
        self._opened(new)
        if self._language.problem:
            new.tell(self._language.problem)

    def _free(self) -> None:
        """Delete the windows that nobody sees and of which no thread is left.

        But none that still asks: Qt's own question, whether a file may be replaced, lies on the
        stack of the dialog that asks it, and must not be deleted with its parents.
        """
        for window in self.all[:-1]:
            shown = _reject_dialogs(window)
            asking = any(isinstance(dialog, QFileDialog | QMessageBox) for dialog in shown)
            if not asking and not any(thread.isRunning() for thread in window.ending):
                self.all.remove(window)
                window.deleteLater()
        if len(self.all) == 1:
            self._freeing.stop()


def replace(old: Window) -> Window:
    """Put a new window in the place of one, with the same on show; runs train on.

    What takes long, the Train tab above all, comes a moment later: until then, the new window keeps
    what it is to show, and hands it on if yet another one takes its place.
    """
    old.remember()
    data, runs, my_digits = old.places
    new = Window(data, runs, old.settings, old.scheme, my_digits)
    new.restoreGeometry(old.saveGeometry())
    new.tabs.setCurrentIndex(old.tabs.currentIndex())
    drawing = old.draw.canvas.drawing
    if drawing.picture is not None:
        new.draw.canvas.show_picture(drawing.picture)
    elif drawing.strokes != new.draw.canvas.drawing.strokes:
        new.draw.canvas.show_strokes(drawing.strokes)
    watched, old.to_watch = old.to_watch, None
    if watched is None and not old.draw.bar.isHidden():
        watched = old.watching.run
        old.watching.stop()
    model = old.reader.model
    new.inherited_runs, old.inherited_runs = old.inherited_runs, None
    if old.lazy_train.built is not None:
        new.inherited_runs = old.lazy_train.built.hand_over()
    new.show()
    new.start(restore_network=False)
    if model is not None and model is not old.shipped:
        new.use_model(model)
    # In turns of their own: the window is seen before, and answers in between.
    QTimer.singleShot(_SOON, new, lambda: building.take_over_runs(new))
    if watched is not None:
        new.to_watch = watched
        new.once_imported(
            lambda: QTimer.singleShot(_SOON, new, lambda: building.watch_inherited(new))
        )
    _reject_dialogs(old)
    # Not closed: that would remember once more, by now without the runs, and wait for threads.
    old.end()
    return new


def _reject_dialogs(window: Window) -> list[QDialog]:
    """End the dialogs of a window that nobody sees any more: those that were on screen."""
    shown = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    for dialog in shown:
        dialog.reject()
    return shown
