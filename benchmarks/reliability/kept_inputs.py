"""Kinds of input that the program wrote for itself: settings, and what it keeps to be quick."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from benchmarks.reliability.mutations import damage
from trainer.data import pen
from trainer.data.labelled_images import LabelledImages
from trainer.data.own import reading
from trainer.handwriting.font import render_digits
from trainer.inspect import top_images
from trainer.networks import model as weights
from trainer.progress import result_of

if TYPE_CHECKING:
    from lenet_gui.app.window import Window

Read = Callable[[], object]
_OBJECTS = (
    b"@Variant(",
    b"@DateTime(",
    b"@ByteArray(",
    b"@Rect(1 2 3 4)",
    b"@Size(",
    b"@Invalid()",
)
"""Values that Qt takes for more than a text."""


# Settings


@dataclass(frozen=True, slots=True)
class SettingsInput:
    """Settings as a window left them, and a window that takes them over."""

    path: Path
    good: bytes
    window: Window


def make_settings(place: Path) -> SettingsInput:
    """A window with a drawing, a recipe and a run that waits, and what it remembers of them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Qt is for this kind alone: the others begin without it.
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from lenet_gui.app.networks.button import RecentFiles
    from lenet_gui.app.session import Settings
    from lenet_gui.app.window import Window

    app = QApplication.instance() or QApplication([])
    app.setApplicationName("lenet-studio")
    place.mkdir(parents=True, exist_ok=True)
    written = Settings(place / "written.ini")
    written.remember("welcomed", 1)
    window = Window(place, place / "runs", written, my_digits=place / "digits")
    window.draw.canvas.show_strokes((((40.0, 40.0, 16.0), (90.0, 200.0, 16.0)),))
    recipe = window.train.form.recipe()
    window.train.put_back(recipe)
    window.remember()
    for name, value in (("scheme", "dark"), ("language", "zh_CN"), ("text_zoom", 125)):
        written.remember(name, value)
    RecentFiles(written, "recent_networks").add(place / "network.safetensors")
    QSettings(str(place / "written.ini"), QSettings.Format.IniFormat).sync()
    return SettingsInput(place / "damaged.ini", (place / "written.ini").read_bytes(), window)


def damage_settings(base: SettingsInput, chance: random.Random) -> Read:
    """As bytes, or a value by what is an object of Qt's."""
    content = base.good
    if chance.random() < 0.4:
        lines = content.splitlines()
        at = chance.randrange(len(lines))
        name = lines[at].partition(b"=")[0]
        lines[at] = name + b"=" + chance.choice(_OBJECTS) + chance.randbytes(8).hex().encode()
        content = b"\n".join(lines) + b")\n"
    if chance.random() < 0.8:
        content = damage(content, chance)
    base.path.write_bytes(content)
    return lambda: _read_settings(base)


def _read_settings(base: SettingsInput) -> object:
    """As a window does at its start."""
    from lenet_gui.app import language, session  # as above
    from lenet_gui.app.networks.button import RecentFiles

    window, settings = base.window, session.Settings(base.path)
    parts = session.Remembered(
        window=window,
        tabs=window.tabs,
        reader=window.reader,
        draw=window.draw,
        inspect_choices={},
    )
    session.restore(parts, settings)
    session.restore_drawing(window.draw.canvas, settings)
    session.restore_training(window.train, settings)
    for run in list(window.train.list.runs):
        window.train.list.remove(run)
    found = RecentFiles(settings, "recent_networks").paths
    return found, session.TextZoom(settings), language.chosen(settings)


# Caches


@dataclass(frozen=True, slots=True)
class CachedFile:
    """One file that was kept, and what uses it, or makes it anew."""

    path: Path
    good: bytes
    use: Read


def make_caches(place: Path) -> list[CachedFile]:
    """Top images, own data as they were drawn, and rendered digits."""
    os.environ["XDG_CACHE_HOME"] = str(place / "cache")
    place.mkdir(parents=True, exist_ok=True)
    table = place / "table.csv"
    rows = [[n % 3, *range(n, n + 16)] for n in range(24)]
    table.write_text("\n".join(",".join(map(str, row)) for row in rows))
    model = weights.load_shipped()
    images, labels = zip(*render_digits(30, seed=1), strict=True)
    digits = LabelledImages(torch.from_numpy(np.stack(images)), torch.tensor(labels))
    top_images.cache(result_of(top_images.search_top_images(model, digits, "pen")), model, place)

    def render() -> Any:
        yield from ()
        return digits

    uses: dict[str, Read] = {
        "exciting": lambda: top_images.load_cached(model, "pen", place),
        "own-data": lambda: result_of(reading.inspect(table)),
        "rendered": lambda: result_of(pen.keep_rendered("fuzz", render())),
    }
    for use in uses.values():
        use()
    found = []
    for name, use in uses.items():
        (path,) = (place / "cache").rglob(f"{name}/*")
        found.append(CachedFile(path, path.read_bytes(), use))
    return found


def damage_caches(base: list[CachedFile], chance: random.Random) -> Read:
    """Any of them as bytes: what can't be used is as good as none."""
    kept = chance.choice(base)
    kept.path.write_bytes(damage(kept.good, chance))

    def read() -> object:
        found = kept.use()
        if found is None and "exciting" not in kept.path.parts:
            raise ValueError("nothing was made in its place")
        return found

    return read
