"""What was being worked on comes back at the next start: network, drawing, form and runs.

The network in use is a file of its own beside my digits; so is each one that was learned.
Whatever cannot be read any more is left out without a word.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from lenet_gui.app.menus import ModelFiles, add_action
from lenet_gui.app.session import Settings
from lenet_gui.draw.canvas import Canvas
from trainer.drawing.sheet import PAPER, Stroke
from trainer.recipes import sharing
from trainer.recipes.recipe import RecipeError

if TYPE_CHECKING:
    from lenet_gui.train.tab import TrainTab
    from trainer.networks.model import Model

_MOST_CHARACTERS = 400_000
"""Of a drawing, as text; a longer one is not kept."""
_MOST_QUEUED = 50
"""Runs that had not begun; of more, the rest is not kept."""
_ENDING = ".safetensors"


class KeptNetworks:
    """The network in use, and those that were learned.

    Args:
        folder: where their files are.
        settings: says whether there is one in use, and its name; None to remember nothing.
        model_files: reads and writes them.
    """

    def __init__(self, folder: Path, settings: Settings | None, model_files: ModelFiles) -> None:
        self._folder, self._settings, self._files = folder, settings, model_files
        self._in_use = folder / "in use" / f"network{_ENDING}"
        self._restoring = False

    def use(self, model: Model, shipped: bool) -> None:
        """Remember that this network is in use; the built-in one needs no file."""
        if self._settings is None or self._restoring:
            self._restoring = False
            return
        self._settings.remember("network", "" if shipped else model.name)
        if not shipped:
            self._files.write(model, self._in_use)

    def restore(self) -> None:
        """Use the network that was in use when the program ran last."""
        name = self._settings.text("network", "") if self._settings is not None else ""
        if name and self._in_use.is_file():
            self._restoring = True
            self._files.load(self._in_use, self._not_restored, name)

    def _not_restored(self, _problem: str) -> None:
        self._restoring = False

    def keep_learned(self, model: Model) -> None:
        """Save what was learned under a name of its own."""
        name = re.sub(r"[^\w .+-]+", "-", model.name).strip() or "network"
        self._files.write(
            model, self._folder / f"{name} {time.strftime('%Y-%m-%d %H.%M.%S')}{_ENDING}"
        )

    def learned(self) -> list[Path]:
        """The files of the networks that were learned, newest first."""
        found = self._folder.glob(f"*{_ENDING}") if self._folder.is_dir() else ()
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)

    def fill(self, menu: QMenu) -> None:
        """List them in a menu that is about to be shown."""
        menu.clear()
        for path in self.learned():
            add_action(menu, path.stem.replace("&", "&&"), "", partial(self._files.load, path))
        if menu.isEmpty():
            menu.addAction("None yet: keep what is learned on My digits").setEnabled(False)


def remember_drawing(canvas: Canvas, settings: Settings) -> None:
    """Keep the strokes on the paper; a picture is not kept."""
    text = json.dumps(canvas.drawing.strokes)
    settings.remember("drawing", text if len(text) <= _MOST_CHARACTERS else "")


def restore_drawing(canvas: Canvas, settings: Settings) -> None:
    """Lay the strokes of last time on the paper."""
    try:
        strokes = _strokes_in(json.loads(settings.text("drawing", "[]")))
    except (ValueError, TypeError, RecursionError):
        return
    if strokes:
        canvas.show_strokes(strokes)


def _strokes_in(found: object) -> tuple[Stroke, ...]:
    """What was read as strokes.

    Raises:
        ValueError, TypeError: it is none.
    """
    strokes = tuple(tuple((float(x), float(y), float(w)) for x, y, w in s) for s in found)  # type: ignore[attr-defined]
    for x, y, width in (point for stroke in strokes for point in stroke):
        inside = 0 <= x <= PAPER and 0 <= y <= PAPER and 0 < width < math.inf
        if not inside:
            raise ValueError("a point is not on the paper")
    return tuple(stroke for stroke in strokes if stroke)


def remember_training(tab: TrainTab | None, settings: Settings) -> None:
    """Keep the form's recipe, the ticked runs, and how runs are trained; if there is a tab."""
    if tab is None:
        return
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


def restore_training(tab: TrainTab, settings: Settings | None) -> None:
    """Put the recipe of last time into the form, and tick the same runs once they are listed."""
    if settings is None:
        return
    with contextlib.suppress(RecipeError):  # then the form begins with the first recipe
        tab.form.show_recipe(sharing.read(settings.text("recipe", "")))
    tab.ticked = set(_texts(settings, "ticked_runs"))
    for text in _texts(settings, "queued_runs")[:_MOST_QUEUED]:
        with contextlib.suppress(RecipeError):
            tab.put_back(sharing.read(text))
    tab.train_at_once(settings.number("trainings_at_once", tab.queue.at_once, *tab.queue.limits))
    tab.buttons.notify.setChecked(settings.number("notify_ends", 1, 0, 1) == 1)


def _texts(settings: Settings, name: str) -> list[str]:
    """The texts of a remembered list; those that can be read."""
    try:
        found = json.loads(settings.text(name, "[]"))
    except (ValueError, RecursionError):
        return []
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []
