"""Make the pictures of README.md and docs/user-guide.md anew: assets/*.png, from the real window.

    python -m benchmarks.pictures [--data DIR] [--out DIR] [NAME ...]

Takes some minutes: runs are trained for the pictures of Train, on MNIST, which must lie in --data
or LENET_DATA. Nothing of the user's is read or changed: settings, runs and digits are made up, in a
folder that is deleted afterwards. Look at the pictures before you commit them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trainer import load_model, read
from trainer.drawing.rasterize import rasterize
from trainer.drawing.sheet import fit_to_sheet
from trainer.files import data_folder
from trainer.handwriting.font import write_digit
from trainer.my_digits.digit import own_digit
from trainer.my_digits.store import MyDigits
from trainer.runs.record import Notes, write_notes

ROOT = Path(__file__).resolve().parent.parent
SEVEN = ROOT / "assets" / "seven.json"

RUNS = (
    ("mnist-sigmoid-adamw", 12, "Sigmoid and average pooling"),
    ("mnist-relu-1998layout", 8, "ReLU, the layout of 1998"),
)
"""Recipe, epochs, and the run's name; the last is the one that is watched."""
PAGE = ("2026 1130", "17 408 95", "314159", "60 70 82")
"""What is written on the sheet of several digits, line by line."""
_HEIGHT, _MARGIN = 96, 70  # of a digit, and around the lines, in pixels


@dataclass(frozen=True)
class Home:
    """A folder in which programs find nothing of the user's.

    Attributes:
        folder: it.
        data: where MNIST lies.
    """

    folder: Path
    data: Path

    @cached_property
    def environment(self) -> dict[str, str]:
        """Of every program that is started."""
        places = ("CONFIG", "DATA", "CACHE", "STATE")
        folders = {f"XDG_{name}_HOME": str(self.folder / name.lower()) for name in places}
        folders |= {name: str(self.folder) for name in ("HOME", "LOCALAPPDATA", "APPDATA")}
        locale = {"LC_ALL": "C.UTF-8", "LANGUAGE": "en"}
        return {**os.environ, **folders, **locale, "QT_QPA_PLATFORM": "offscreen"}

    def run(self, module: str, *arguments: str | Path) -> str:
        """Start a program; returns what it prints.

        Raises:
            subprocess.CalledProcessError: it failed, and has said why.
        """
        command = [sys.executable, "-m", module, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def window(self, picture: Path, *arguments: str | Path) -> None:
        """Save what the window shows."""
        places = ("--data", self.data, "--runs", self.runs_folder, "--my-digits", self.my_digits)
        self.run("lenet_gui", "--style", "light", "--screenshot", picture, *places, *arguments)

    @property
    def runs_folder(self) -> Path:
        """Where runs lie."""
        return self.folder / "runs"

    @cached_property
    def runs(self) -> list[Path]:
        """Folders of runs, which are trained when they are first asked for."""
        return [self._train(*run) for run in RUNS]

    def _train(self, recipe: str, epochs: int, name: str) -> Path:
        where = ("--data", self.data, "--runs", self.runs_folder)
        what = ("--recipe", recipe, "--epochs", str(epochs), "--json")
        printed = self.run("trainer", "train", *what, *where)
        folder = Path(json.loads(printed.splitlines()[-1])["run"])
        write_notes(folder, Notes(name))
        return folder

    @cached_property
    def my_digits(self) -> Path:
        """A file of digits that code has written, each fourth of them misread."""
        path = self.folder / "my-digits.jsonl"
        store, model, rng = MyDigits(path), load_model(), np.random.default_rng(11)
        store.load()
        misread, correct = 7, 21
        while misread or correct:
            written = write_digit(int(rng.integers(10)), rng)
            image = rasterize(written.strokes, width=written.width)
            digit = read(model, image).digit
            if digit == written.label and correct:
                correct -= 1
            elif digit != written.label and misread:
                misread -= 1
            else:
                continue
            strokes = fit_to_sheet([stroke[:, :2].tolist() for stroke in written.strokes])
            store.add(own_digit(written.label, strokes, read_as=digit))
        return path


def draw_page(path: Path) -> None:
    """Write the lines of `PAGE` as on a sheet of paper."""
    rng = np.random.default_rng(4)
    strokes = [
        stroke
        for row, line in enumerate(PAGE)
        for stroke in _write_line(line, _MARGIN + 1.6 * _HEIGHT * row, rng)
    ]
    right, bottom = np.concatenate(strokes).max(axis=0)
    image = Image.new("RGB", (round(right) + _MARGIN, round(bottom) + _MARGIN), (247, 246, 242))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        _draw_stroke(pen, stroke)
    image.save(path)


def _write_line(line: str, top: float, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    """Strokes of shape (n, 2), in pixels."""
    strokes: list[NDArray[np.float64]] = []
    left = _MARGIN + float(rng.uniform(0, 20))
    for letter in line:
        if letter == " ":
            left += 0.6 * _HEIGHT
            continue
        written = write_digit(int(letter), rng).strokes
        points = np.concatenate(written)[:, :2]
        scale = _HEIGHT / float(np.ptp(points[:, 1]))
        corner = points.min(axis=0)
        move = left, top + float(rng.uniform(-8, 8))
        strokes += [(stroke[:, :2] - corner) * scale + move for stroke in written]
        left += float(np.ptp(points[:, 0])) * scale + 0.22 * _HEIGHT
    return strokes


def _draw_stroke(pen: ImageDraw.ImageDraw, points: NDArray[np.float64]) -> None:
    width = 9
    ends = [(float(x), float(y)) for x, y in points]
    pen.line(ends, fill=(35, 38, 60), width=width, joint="curve")
    for x, y in (ends[0], ends[-1]):
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=(35, 38, 60))


_SHOW_PAGES = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from lenet_gui.pages.window import PagesWindow
from lenet_gui.widgets.theme import apply
from trainer import load_model

app = QApplication([])
apply(app, "light")
window = PagesWindow(None, load_model(), [Path(sys.argv[1])])
window.show()
save = lambda: (window.grab().save(sys.argv[2]), app.quit())
window.worker.finished.connect(lambda: QTimer.singleShot(1000, save))
app.exec()
"""


def show_pages(home: Home, picture: Path) -> None:
    """The window of several digits, which no option of the program opens."""
    page = home.folder / "sheet.png"
    draw_page(page)
    command = [sys.executable, "-c", _SHOW_PAGES, str(page), str(picture)]
    subprocess.run(command, cwd=ROOT, env=home.environment, check=True)


def _watch(home: Home, picture: Path) -> None:
    home.window(picture, "--strokes", SEVEN, "--watch", home.runs[-1])


def _train(home: Home, picture: Path) -> None:
    _trained = home.runs
    home.window(picture, "--tab", "train")


PICTURES: dict[str, Callable[[Home, Path], None]] = {
    "draw": lambda home, picture: home.window(picture, "--strokes", SEVEN),
    "inspect": lambda home, picture: home.window(
        picture, "--tab", "inspect", "--unit", "C3,8,4,5", "--size", "1400x860", "--strokes", SEVEN
    ),
    "mine": lambda home, picture: home.window(picture, "--tab", "mine"),
    "pages": show_pages,
    "evaluate": lambda home, picture: home.window(picture, "--evaluate", "mnist"),
    "train": _train,
    "watch": _watch,
}


def main() -> int:
    """Make those that are named, or all; returns the exit status."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    parser.add_argument("--data", type=Path, metavar="DIR", help="where MNIST is")
    parser.add_argument("--out", type=Path, default=ROOT / "assets", metavar="DIR", help="[assets]")
    options = parser.parse_args()
    if unknown := set(options.names) - set(PICTURES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PICTURES)}")
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lenet-studio-") as folder:
        home = Home(Path(folder), (options.data or data_folder()).resolve())
        for name in options.names or PICTURES:
            picture = options.out.resolve() / f"{name}.png"
            PICTURES[name](home, picture)
            print(picture, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
