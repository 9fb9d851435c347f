"""Drawings of classes that are told apart: strokes with a shaking hand."""

from __future__ import annotations

import math

import numpy as np
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from trainer.my_classes import class_file
from trainer.my_classes.class_set import ClassDrawing, ClassSet, make_drawing

FORMS: dict[str, list[tuple[float, float]]] = {
    "circle": [(math.cos(turn / 4), math.sin(turn / 4)) for turn in range(26)],
    "cross": [(-1, -1), (1, 1), (0, 0), (1, -1), (-1, 1)],
    "line": [(0, -1), (0, 0), (0, 1)],
}


def draw_form(name: str, number: int, writer: str = "") -> ClassDrawing:
    """One of `FORMS`; another one for each number."""
    rng = np.random.default_rng(number)
    points = np.array(FORMS[name]) * rng.uniform(0.7, 1.3, 2) + rng.normal(0, 0.06, (1, 2))
    return make_drawing(name, [(points + rng.normal(0, 0.04, points.shape)).tolist()], writer)


def make_set(each: int, writers: tuple[str, ...] = ("",)) -> ClassSet:
    """So many drawings of each class and writer."""
    found = ClassSet()
    for name in FORMS:
        found = found.with_class(name)
    return found.with_drawings(
        draw_form(name, 100 * place + number, writer)
        for place, writer in enumerate(writers)
        for name in FORMS
        for number in range(each)
    )


def keep_set(window: Window, qtbot: QtBot) -> None:
    """Let a window have three classes on its My classes tab."""
    class_file.save(make_set(3), window.my_classes.training.file)
    window.my_classes.load()
    qtbot.waitUntil(lambda: len(window.my_classes.now) == 9)
