"""Draw docs/architecture.svg from the import contracts in pyproject.toml.

python docs/make_architecture.py            write it
python docs/make_architecture.py --check    exit with 1 if it is not what would be written
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"

TITLE = "The packages of lenet_gui and trainer as two staircases, and the two paths through them"
DARK, GRAY = "#1b1b1f", "#5f6570"
BLUE, ORANGE = "#1f5fbf", "#b8560f"
LEFT, RIGHT, WIDTH = 30, 530, 440
TOP, HEIGHT = 56, 34
BETWEEN, WITHIN = 14, 6  # points from one layer to the next, and from row to row of a layer
MOST_IN_A_ROW = 4

READING = (
    ("draw", "draw/canvas.py: a stroke grows"),
    ("app", "app/window.py: passes the sheet to the reader"),
    ("draw", "draw/reader.py: a thread, newest sheet only"),
    ("reading", "reading/sheet_reader.py: from sheet to prediction"),
    ("networks", "networks/lenet5.py, gate.py: the forward pass"),
    ("draw", "draw/result_view.py: bars and feature maps"),
)
TRAINING = (
    ("train", "train/recipe_form.py: the recipe"),
    ("train", "train/training_thread.py: a thread iterates the run"),
    ("runs", "runs/lifecycle.py: the run and its folder"),
    ("training", "training/loop.py: Step and Epoch events"),
    ("gui.curves", "curves/view.py: the history as curves"),
    ("watch", "watch/controller.py: an epoch's weights to the reader"),
)
"""Each step's package and file; "gui." tells apart what both sides have."""


@dataclass(slots=True)
class Drawing:
    """Lines of SVG."""

    lines: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, *, size: float = 13, color: str = DARK,
        weight: str = "normal", anchor: str = "start",
    ) -> None:  # fmt: skip
        """Write one line."""
        self.lines.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" font-weight="{weight}" '
            f'fill="{color}" text-anchor="{anchor}">{text}</text>'
        )

    def disk(self, x: float, y: float, radius: float, mark: str, color: str) -> None:
        """A step's number or letter."""
        self.lines.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{color}"/>')
        self.text(x, y + 4, mark, size=11.5, color="#ffffff", weight="600", anchor="middle")

    def box(self, x: float, y: float, width: float, name: str, marks: str) -> None:
        """A package, with the steps that happen in it."""
        self.lines.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{HEIGHT}" rx="6" '
            'fill="#eef1f6" stroke="#b9bbc2"/>'
        )
        self.text(x + 9, y + HEIGHT / 2 + 5, name, weight="600")
        for place, mark in enumerate(reversed(marks)):
            color = BLUE if mark.isdigit() else ORANGE
            self.disk(x + width - 14 - 20 * place, y + HEIGHT / 2, 9, mark, color)


def layers(top: str) -> list[list[str]]:
    """The packages of `trainer` or `lenet_gui`, the highest layer first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for contract in project["tool"]["importlinter"]["contracts"]:
        found = contract.get("layers", [])
        if found and found[0].startswith(f"{top}."):
            return [[name.strip().removeprefix(f"{top}.") for name in row.split("|")]
                    for row in found]  # fmt: skip
    raise LookupError(f"no contract has the layers of {top}")


def marks_of(name: str, side: str) -> str:
    """The steps in a package."""
    names = {name, f"gui.{name}"} if side == "lenet_gui" else {name}
    digits = "".join(str(number) for number, (at, _) in enumerate(READING, 1) if at in names)
    letters = "".join(chr(ord("a") + n) for n, (at, _) in enumerate(TRAINING) if at in names)
    return digits + letters


def rows_of(names: Sequence[str]) -> Iterable[Sequence[str]]:
    """A layer's packages, as even rows."""
    count = -(-len(names) // MOST_IN_A_ROW)
    size = -(-len(names) // count)
    return [names[start : start + size] for start in range(0, len(names), size)]


def draw_staircase(drawing: Drawing, top: str, x: float, about: str) -> float:
    """One column of packages; returns where it ends."""
    drawing.text(x, 38, top, size=18, weight="700")
    drawing.text(x + WIDTH, 38, about, color=GRAY, anchor="end")
    y = float(TOP)
    for layer in layers(top):
        for row in rows_of(layer):
            # Whoever has more to say gets more of the room.
            needs = [40 + 8 * len(name) + 20 * len(marks_of(name, top)) for name in row]
            left, room = x, WIDTH - 8 * (len(row) - 1)
            for name, need in zip(row, needs, strict=True):
                width = room * need / sum(needs)
                drawing.box(left, y, width, name, marks_of(name, top))
                left += width + 8
            y += HEIGHT + WITHIN
        y += BETWEEN - WITHIN
    return y


def draw_path(
    drawing: Drawing, x: float, y: float, title: str, color: str,
    steps: Iterable[tuple[str, str]],
) -> None:  # fmt: skip
    """The steps of one path, a line each."""
    drawing.text(x, y, title, size=14, weight="700", color=color)
    for number, (_, text) in enumerate(steps):
        mark = str(number + 1) if color == BLUE else chr(ord("a") + number)
        drawing.disk(x + 8, y + 20 + 20 * number, 8.5, mark, color)
        drawing.text(x + 24, y + 24 + 20 * number, text)


def make() -> str:
    """The whole picture."""
    drawing = Drawing()
    below = draw_staircase(drawing, "lenet_gui", LEFT, "Qt widgets and threads")
    draw_path(drawing, LEFT, below + 28, "A drawing is read", BLUE, READING)
    draw_path(drawing, LEFT, below + 192, "A network is trained", ORANGE, TRAINING)
    end = max(below + 340, draw_staircase(drawing, "trainer", RIGHT, "digits and networks, no Qt"))
    middle = (LEFT + WIDTH + RIGHT) / 2
    drawing.lines.append(
        f'<path d="M{LEFT + WIDTH + 6} 195 L{RIGHT - 6} 195" stroke="{GRAY}" stroke-width="2" '
        'fill="none" marker-end="url(#gray)"/>'
    )
    drawing.text(middle, 184, "uses", color=GRAY, anchor="middle")
    rules = (
        "A package may import only what stands below it. Packages of one step, which may be two",
        "rows close together, do not import one another. trainer never imports lenet_gui.",
        "lenet_studio starts the programs.",
    )
    for number, rule in enumerate(rules):
        drawing.text(LEFT, end + 20 + 18 * number, rule, color=GRAY)
    width, height = RIGHT + WIDTH + 30, round(end + 20 + 18 * len(rules))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif" '
        'role="img" aria-labelledby="title">',
        f'<title id="title">{TITLE}</title>',
        '<defs><marker id="gray" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{GRAY}"/></marker>'
        "</defs>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *drawing.lines,
        "</svg>",
        "",
    ])  # fmt: skip


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit status."""
    picture = make()
    if "--check" in arguments:
        return int(PICTURE.read_text("utf-8") != picture)
    PICTURE.write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
