"""What was being worked on comes back at the next start: drawing, form and runs.

Whatever cannot be read any more is left out without a word.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractButton, QLineEdit

from lenet_gui.app.session import Settings
from lenet_gui.draw.canvas import Canvas
from trainer.drawing.sheet import PAPER, Stroke
from trainer.recipes import sharing
from trainer.recipes.recipe import RecipeError

if TYPE_CHECKING:
    from lenet_gui.train.tab import TrainTab

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


def _strokes_in(found: object) -> tuple[Stroke, ...]:
    """What was read as strokes.

    Raises:
        ValueError, TypeError, OverflowError: it is none.
    """
    strokes = tuple(tuple((float(x), float(y), float(w)) for x, y, w in s) for s in found)  # type: ignore[attr-defined]
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
        found = json.loads(settings.text(name, "[]"))
    except (ValueError, RecursionError):
        return []
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def follow_classes(writer: QLineEdit, by_itself: QAbstractButton, settings: Settings) -> None:
    """Fill in who drew My classes last time, and how drawings were added; remember changes."""
    writer.setText(settings.text("class_writer", ""))
    by_itself.setChecked(settings.number("add_by_itself", 1, 0, 1) == 1)
    writer.editingFinished.connect(lambda: settings.remember("class_writer", writer.text()))
    by_itself.toggled.connect(lambda on: settings.remember("add_by_itself", int(on)))
