"""How well a network reads everyone's handwriting, and when it says that it can't.

    python benchmarks/accuracy.py [--model FILE] [--data DIR] [--json]

Reads MNIST's test set, the real pen digits of held-out people and contributors
(`trainer/unipen.py` says who) and the built-in ones; the held-out pen digits
again as a mouse would draw them: at a third of the canvas, in each corner, with
the thinnest and the widest pen, in whole screen pixels. Then how far
probabilities come true, and what is refused. What is not in DIR is left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from lenet_gui.draw.tab import PEN_WIDTHS
from trainer.data import loading, unipen
from trainer.data.labelled_images import Digits
from trainer.drawing.rasterize import evened, rasterize
from trainer.drawing.sheet import PAPER, SMALLEST
from trainer.evaluation.calibration import expected_calibration_error
from trainer.files import data_folder
from trainer.handwriting.non_digits import SMALLEST as SMALLEST_MARK
from trainer.handwriting.non_digits import write_non_digits
from trainer.networks import model as weights
from trainer.progress import result_of
from trainer.reading.predict import Verdict, answers

_MARGIN_OF_PAPER = 4.0
_PIXEL = 0.6
"""A screen's pixel on the paper, in the paper's unit: a canvas of about 460 pixels."""


def placed(
    strokes: list[NDArray[np.float64]], share: float, corner: tuple[float, float]
) -> list[NDArray[np.float64]]:
    """A digit as a mouse draws it on the paper.

    Args:
        strokes: in any unit.
        share: its longest side, of the paper's.
        corner: (0, 0) puts it into the paper's top left corner, (1, 1) into the
            bottom right one, (0.5, 0.5) into the middle.
    """
    points = np.concatenate(strokes)
    low, span = points.min(axis=0), points.max(axis=0) - points.min(axis=0)
    scale = share * PAPER / (float(span.max()) or 1.0)
    room = PAPER - 2 * _MARGIN_OF_PAPER - span * scale
    offset = _MARGIN_OF_PAPER + room * np.array(corner)
    return [np.rint(((stroke - low) * scale + offset) / _PIXEL) * _PIXEL for stroke in strokes]


def rendered(
    digits: list[unipen.PenDigit],
    share: float = 0.68,
    corner: tuple[float, float] = (0.5, 0.5),
    width: float = 1.0,
) -> Digits:
    """Pen digits drawn on the paper and rendered as the window does."""
    images = []
    for digit in digits:
        points = placed(digit.strokes, share, corner)
        drawn = evened(np.insert(stroke, 2, width, axis=1) for stroke in points)
        images.append(rasterize(drawn, smallest=SMALLEST))
    return Digits(
        torch.from_numpy(np.stack(images)), torch.tensor([digit.label for digit in digits])
    )


def placements(digits: list[unipen.PenDigit]) -> Iterator[tuple[str, Digits]]:
    """The same digits small, in corners, thin and wide."""
    yield "at a third of the canvas", rendered(digits, 1 / 3)
    corners = {
        "top left": (0, 0),
        "top right": (1, 0),
        "bottom left": (0, 1),
        "bottom right": (1, 1),
    }
    for name, corner in corners.items():
        yield f"a third, {name}", rendered(digits, 1 / 3, corner)
    thin, wide = (width / 100 for width in PEN_WIDTHS)
    yield "thinnest pen", rendered(digits, width=thin)
    yield "widest pen", rendered(digits, width=wide)
    yield "a third, in a corner, thinnest pen", rendered(digits, 1 / 3, (0, 1), thin)
    yield "a third, in a corner, widest pen", rendered(digits, 1 / 3, (0, 1), wide)


def test_sets(data: Path) -> tuple[dict[str, Digits], list[unipen.PenDigit]]:
    """The sets that measure, by name, and the held-out people's digits as strokes."""
    sets, people = {}, []
    if not loading.missing("mnist", data):
        sets["MNIST test"] = result_of(loading.load("mnist", "test", data))
    path = unipen.find(data)
    if path is not None:
        digits = unipen.read(path)
        for split in ("writers", "contributors"):
            held_out = [d for d, s in zip(digits, unipen.splits(digits), strict=True) if s == split]
            sets[f"pen, held-out {split}"] = rendered(held_out)
            people += held_out
    sets["built-in test"] = result_of(loading.load("pen", "test", data))
    return sets, people


def measured(model: weights.Model, digits: Digits) -> dict[str, float]:
    """Shares of all (0 to 1): right, unsure, right among the sure, refused; and calibration."""
    found = answers(model, digits.images.numpy())
    probabilities = torch.tensor([answer.probabilities for answer in found])
    verdicts = [answer.verdict for answer in found]
    right = torch.tensor([answer.digit for answer in found]) == digits.labels
    sure = torch.tensor([verdict is Verdict.SURE for verdict in verdicts])
    return {
        "count": len(digits),
        "right": float(right.float().mean()),
        "unsure": verdicts.count(Verdict.UNSURE) / len(found),
        "right_if_sure": float(right[sure].float().mean()),
        "refused": verdicts.count(Verdict.NOT_A_DIGIT) / len(found),
        "calibration_error": expected_calibration_error(probabilities, digits.labels),
    }


def accepted(model: weights.Model) -> dict[str, float]:
    """The share of what is no digit that is not refused, by kind; drawings never taught."""
    kinds: dict[str, list[NDArray[np.uint8]]] = {}
    for mark in write_non_digits(4000, 4711):
        kinds.setdefault(mark.kind, []).append(
            rasterize(mark.strokes, width=mark.width, smallest=SMALLEST_MARK)
        )
    found = {}
    for kind, images in sorted(kinds.items()):
        read = answers(model, np.stack(images))
        found[kind] = sum(a.verdict is not Verdict.NOT_A_DIGIT for a in read) / len(read)
    counts = {kind: len(images) for kind, images in kinds.items()}
    found["all"] = sum(found[k] * n for k, n in counts.items()) / sum(counts.values())
    return found


def main() -> None:
    """Measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--model", type=Path, metavar="FILE", help="default: the one that ships")
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = weights.load(given.model) if given.model else weights.shipped()
    sets, people = test_sets(data_folder(given.data))
    rows = {name: measured(model, digits) for name, digits in sets.items()}
    if people:
        rows["pen, held out, all"] = measured(model, rendered(people))
        rows |= {name: measured(model, digits) for name, digits in placements(people)}
    marks = accepted(model)
    if given.json:
        print(json.dumps({"read": rows, "accepted": marks}, indent=1))
        return
    line = "{:<36}{:>8}{:>9}{:>9}{:>15}{:>9}{:>13}"
    print(line.format("", "digits", "right", "unsure", "right if sure", "refused", "calibration"))
    for name, row in rows.items():
        shares = (f"{row[k]:.2%}" for k in ("right", "unsure", "right_if_sure", "refused"))
        print(line.format(name, f"{row['count']:,}", *shares, f"{row['calibration_error']:.2%}"))
    print("\nwhat is no digit, and was not refused")
    for kind, share in marks.items():
        print(f"{kind:<36}{share:>8.1%}")


if __name__ == "__main__":
    main()
