"""What the window remembers from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lenet_gui.draw.dataset_browser import BROWSABLE
from lenet_gui.draw.tab import PEN_WIDTHS
from lenet_gui.inspect.tab import CHOICES

if TYPE_CHECKING:
    from lenet_gui.app.settings import Settings
    from lenet_gui.app.window import Window

TABS = ("draw", "inspect", "train", "evaluate", "mine")
"""The tabs' names, from left to right."""
_KERNELS = ("kernels", "kernels_watching")
"""How it is remembered whether they are shown: usually, and while a run is watched."""


def restore(window: Window, settings: Settings) -> None:
    """Let a new window be as the one before was left."""
    window.restoreGeometry(settings.data("geometry"))
    window.tabs.setCurrentIndex(TABS.index(settings.text("tab", "draw", TABS)))
    draw = window.draw
    draw.width_slider.setValue(settings.number("pen_width", 100, *PEN_WIDTHS))
    draw.browser.choose_dataset(settings.text("browsed", BROWSABLE[0], BROWSABLE))
    for watching, name in enumerate(_KERNELS):
        draw.kernels_wanted[bool(watching)] = settings.number(name, watching, 0, 1) == 1
    draw.show_wanted_kernels()
    draw.several.setChecked(settings.number("several_digits", 1, 0, 1) == 1)
    window.reader.device = settings.text("device", "auto", ("auto", "cuda", "mps", "cpu"))
    window.evaluate.device = window.reader.device
    for name in CHOICES:
        window.inspect.choices[name] = settings.text(f"inspect_{name}", "")


def remember(window: Window, settings: Settings) -> None:
    """Keep what was chosen in a window that closes."""
    draw = window.draw
    settings.remember("geometry", window.saveGeometry())
    settings.remember("tab", TABS[window.tabs.currentIndex()])
    settings.remember("pen_width", draw.width_slider.value())
    settings.remember("several_digits", int(draw.several.isChecked()))
    for watching, name in enumerate(_KERNELS):
        settings.remember(name, int(draw.kernels_wanted[bool(watching)]))
    settings.remember("browsed", draw.browser.chosen)
    for name, value in window.inspect.chosen().items():
        settings.remember(f"inspect_{name}", value)
