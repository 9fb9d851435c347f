"""What the window remembers from one start to the next.

Whatever cannot be read counts as not set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QMainWindow, QTabWidget

from lenet_gui.draw.dataset_browser import BROWSABLE
from lenet_gui.draw.reader import Reader
from lenet_gui.draw.tab import PEN_WIDTHS, DrawTab
from lenet_gui.widgets import theme
from lenet_gui.widgets.file_dialogs import remember_saving_folder, saving_folder
from trainer.files import is_file, is_folder, write_whole

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
        """A folder that still exists."""
        value = self.text(name, "")
        return Path(value) if value and is_folder(Path(value)) else None

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
