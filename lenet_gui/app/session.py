"""What the window remembers from one start to the next: choices, the drawing, the form and runs.

Whatever cannot be read counts as not set, and is left out without a word.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMainWindow, QTabWidget

from lenet_gui.draw.canvas import Canvas
from lenet_gui.draw.dataset_browser import BROWSABLE
from lenet_gui.draw.reader import Reader
from lenet_gui.draw.tab import PEN_WIDTHS, DrawTab
from lenet_gui.widgets import theme
from lenet_gui.widgets.file_dialogs import remember_saving_folder, saving_folder
from trainer.drawing.sheet import PAPER, Stroke
from trainer.files import is_file, write_whole
from trainer.recipes import sharing
from trainer.recipes.recipe import RecipeError

if TYPE_CHECKING:
    from lenet_gui.train.tab import TrainTab


_OBJECTS = re.compile(rb"(@|\\x0*40|\\0*100)(Variant|DateTime)\(", re.IGNORECASE)
"""A value that is an object of Qt's, such as we never write; "@" may be written as its code."""


FIRST_SIZE = QSize(1180, 720)
"""The window's, in points, where nothing else was chosen and the screen has room for it."""
_TITLE_BAR = 32  # points, about; it is not known before the window shows


def fit_to_screen(size: QSize, available: QSize) -> QSize:
    """A window's first size: a screen's room, less a title bar, is not exceeded."""
    return size.boundedTo(available - QSize(0, _TITLE_BAR))


class Settings:
    """Typed access to one INI file: `file`, or the one in the user's folder."""

    def __init__(self, file: Path | None = None) -> None:
        ini = QSettings.Format.IniFormat
        if file is None:
            user = QSettings.Scope.UserScope
            file = Path(QSettings(ini, user, "lenet-studio", "lenet-studio").fileName())
        try:
            _drop_objects(file)
        except OSError:
            file = Path()  # nothing is remembered
        self._file = QSettings(str(file), ini)

    def text(self, name: str, default: str, allowed: tuple[str, ...] = ()) -> str:
        """A text; `default` if there is none, or not one of `allowed`."""
        value = self._file.value(name)
        if not isinstance(value, str) or (allowed and value not in allowed):
            return default
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number; `default` if there is none from `low` to `high`."""
        try:
            value = int(str(self._file.value(name)))
        except ValueError:
            return default
        return value if low <= value <= high else default

    def data(self, name: str) -> QByteArray:
        """Bytes that Qt made, such as a window's geometry; empty if there are none."""
        value = self._file.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def folder(self, name: str) -> Path | None:
        """A folder, which may be gone: to look would wait for a disk that does not answer."""
        value = self.text(name, "")
        return Path(value) if value and "\0" not in value else None

    def remember(self, name: str, value: str | int | QByteArray) -> None:
        """Keep a value for the next start."""
        self._file.setValue(name, value)


def _drop_objects(file: Path) -> None:
    """Take out what Qt would abort the program over: it believes any serialized object."""
    content = file.read_bytes() if is_file(file) else b""
    if _OBJECTS.search(content):
        lines = content.splitlines(keepends=True)
        write_whole(file, b"".join(line for line in lines if not _OBJECTS.search(line)))


class TextZoom:
    """How large text is, remembered from one start to the next.

    Args:
        settings: None to remember nothing.
    """

    def __init__(self, settings: Settings | None) -> None:
        self._settings = settings
        percent = (
            settings.number("text_zoom", 100, theme.ZOOMS[0], theme.ZOOMS[-1]) if settings else 100
        )
        self.percent = percent if percent in theme.ZOOMS else 100

    def apply(self) -> None:
        """Let all text have this size."""
        theme.set_text_zoom(theme.application(), self.percent)

    def step(self, by: int) -> None:
        """One step larger (1) or smaller (-1), or the usual size (0)."""
        at = theme.ZOOMS.index(self.percent) + by if by else theme.ZOOMS.index(100)
        self.set_percent(theme.ZOOMS[min(max(at, 0), len(theme.ZOOMS) - 1)])

    def set_percent(self, percent: int) -> None:
        """Let all text have this size, one of `theme.ZOOMS`."""
        self.percent = percent
        self.apply()
        if self._settings is not None:
            self._settings.remember("text_zoom", self.percent)


TABS = ("draw", "inspect", "train", "evaluate", "mine", "classes")
"""The tabs' names, from left to right."""
_IN_INSPECT = ("colors", "scale", "before", "kernels", "tour")
"""The names of what is chosen on the Inspect tab."""
_KERNELS = ("kernels", "kernels_watching")
"""How it is remembered whether they are shown: usually, and while a run is watched."""


def _inspect_key(name: str) -> str:
    """The key of a choice in the Inspect tab; version 0.1.0 spelled "colors" another way."""
    return "inspect_colours" if name == "colors" else f"inspect_{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The parts of a window of which something is remembered."""

    window: QMainWindow
    tabs: QTabWidget
    reader: Reader
    draw: DrawTab
    inspect_choices: dict[str, str]


def restore(parts: Remembered, settings: Settings) -> None:
    """Let a new window be as the one before was left."""
    parts.window.restoreGeometry(settings.data("geometry"))
    parts.reader.device = settings.text("device", "auto", ("auto", "cuda", "mps", "cpu"))
    parts.tabs.setCurrentIndex(TABS.index(settings.text("tab", "draw", TABS)))
    remember_saving_folder(settings.folder("save_folder"))
    draw = parts.draw
    draw.width_slider.setValue(settings.number("pen_width", 100, *PEN_WIDTHS))
    draw.browser.choose_dataset(settings.text("browsed", BROWSABLE[0], BROWSABLE))
    for watching, name in enumerate(_KERNELS):
        draw.kernels_wanted[bool(watching)] = settings.number(name, watching, 0, 1) == 1
    draw.show_wanted_kernels()
    draw.several.setChecked(settings.number("several_digits", 1, 0, 1) == 1)
    draw.punctuation.setChecked(settings.number("punctuation", 0, 0, 1) == 1)
    for name in _IN_INSPECT:
        parts.inspect_choices[name] = settings.text(_inspect_key(name), "")


def remember(parts: Remembered, settings: Settings) -> None:
    """Keep what was chosen in a window that closes."""
    draw = parts.draw
    settings.remember("geometry", parts.window.saveGeometry())
    settings.remember("tab", TABS[parts.tabs.currentIndex()])
    settings.remember("pen_width", draw.width_slider.value())
    settings.remember("several_digits", int(draw.several.isChecked()))
    settings.remember("punctuation", int(draw.punctuation.isChecked()))
    for watching, name in enumerate(_KERNELS):
        settings.remember(name, int(draw.kernels_wanted[bool(watching)]))
    settings.remember("save_folder", str(saving_folder() or ""))
    settings.remember("browsed", draw.browser.chosen)
    for name, value in parts.inspect_choices.items():
        settings.remember(_inspect_key(name), value)


_MOST_CHARACTERS = 400_000
"""Of a drawing, as text; a longer one is not kept."""
_WIDEST = 100.0
"""Of a point: many times what any pen or pressure gives."""
_MOST_QUEUED = 50
"""Runs that had not begun; of more, the rest is not kept."""


def remember_drawing(canvas: Canvas, settings: Settings) -> None:
    """Keep the strokes on the paper; a picture is not kept."""
    text = json.dumps(canvas.drawing.strokes)
    settings.remember("drawing", text if len(text) <= _MOST_CHARACTERS else "")


def restore_drawing(canvas: Canvas, settings: Settings) -> None:
    """Lay the strokes of last time on the paper."""
    try:
        strokes = _strokes_in(json.loads(settings.text("drawing", "[]")))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return
    if strokes:
        canvas.show_strokes(strokes)


def _strokes_in(values: object) -> tuple[Stroke, ...]:
    """What was read as strokes.

    Raises:
        ValueError, TypeError, OverflowError: it is none.
    """
    strokes = tuple(tuple((float(x), float(y), float(w)) for x, y, w in s) for s in values)  # type: ignore[attr-defined]
    for x, y, width in (point for stroke in strokes for point in stroke):
        inside = 0 <= x <= PAPER and 0 <= y <= PAPER and 0 < width <= _WIDEST
        if not inside:
            raise ValueError("a point is not on the paper")
    return tuple(stroke for stroke in strokes if stroke)


def remember_work(canvas: Canvas, tab: TrainTab | None, settings: Settings) -> None:
    """Keep the drawing, and what is on the Train tab if that is built."""
    remember_drawing(canvas, settings)
    if tab is not None:
        remember_training(tab, settings)


def remember_training(tab: TrainTab, settings: Settings) -> None:
    """Keep the form's recipe, the ticked runs, and how runs are trained."""
    if not tab.form.problem:
        settings.remember("recipe", sharing.text(tab.form.recipe()))
    ticked = [run.folder.name for run in tab.list.runs if run.shown and run.folder is not None]
    settings.remember("ticked_runs", json.dumps(ticked))
    queued = [
        sharing.text(run.recipe)
        for run in reversed(tab.list.runs)
        if run.folder is None and (run.resumable or run.under_way)
    ]
    settings.remember("queued_runs", json.dumps(queued[:_MOST_QUEUED]))
    settings.remember("trainings_at_once", tab.queue.at_once)
    settings.remember("notify_ends", int(tab.buttons.notify.isChecked()))


def restore_training(tab: TrainTab, settings: Settings) -> None:
    """Put the recipe of last time into the form, and tick the same runs once they are listed."""
    with contextlib.suppress(RecipeError):  # then the form begins with the first recipe
        tab.form.show_recipe(sharing.read(settings.text("recipe", "")))
    tab.ticked = set(_texts(settings, "ticked_runs"))
    inherited = bool(tab.list.runs)  # from a window before, and with them the queue
    for text in [] if inherited else _texts(settings, "queued_runs")[:_MOST_QUEUED]:
        with contextlib.suppress(RecipeError):
            tab.put_back(sharing.read(text))
    tab.train_at_once(settings.number("trainings_at_once", tab.queue.at_once, *tab.queue.limits))
    tab.buttons.notify.setChecked(settings.number("notify_ends", 1, 0, 1) == 1)


def _texts(settings: Settings, name: str) -> list[str]:
    """The texts of a remembered list; those that can be read."""
    try:
        values = json.loads(settings.text(name, "[]"))
    except (ValueError, RecursionError):
        return []
    return [text for text in values if isinstance(text, str)] if isinstance(values, list) else []


def follow_classes(writer: QLineEdit, by_itself: QAbstractButton, settings: Settings) -> None:
    """Fill in who drew My classes last time, and how drawings were added; remember changes."""
    writer.setText(settings.text("class_writer", ""))
    by_itself.setChecked(settings.number("add_by_itself", 1, 0, 1) == 1)
    writer.editingFinished.connect(lambda: settings.remember("class_writer", writer.text()))
    by_itself.toggled.connect(lambda on: settings.remember("add_by_itself", int(on)))
