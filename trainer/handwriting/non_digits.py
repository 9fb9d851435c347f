"""What is not a digit, written by code: letters, symbols, scribbles, marks.

For teaching a network's reader to refuse, and for measuring whether it does.
The same hand that writes the built-in digits writes these, so that nothing but
the form tells them apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from trainer.handwriting.font import Points, write_form
from trainer.handwriting.hand import Form
from trainer.handwriting.letters import LETTERS, LIKE_DIGITS, SYMBOLS
from trainer.handwriting.scribbles import MARKS, SCRIBBLES

__all__ = [
    "FOR_TEACHING",
    "FOR_TESTING",
    "KINDS",
    "LIKE_DIGITS",
    "SMALLEST",
    "WrittenMark",
    "write_non_digit",
    "write_non_digits",
]

SMALLEST = 0.1
"""What to pass to `trainer.drawing.rasterize.rasterize` as `smallest` for these: as on the window's
paper, where a digit is usually two thirds as high as the paper."""

KINDS: dict[str, dict[str, Form]] = {
    "letters": LETTERS,
    "symbols": SYMBOLS,
    "scribbles": SCRIBBLES,
    "marks": MARKS,
}
"""By kind, then by name; no name is of two kinds."""


def _halves() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every other name of each kind, without those that are like digits.

    By the alphabet, not by how hard they are. A letter's capital and small form
    go together, for many a pair is one form in two sizes.
    """
    halves: tuple[list[str], list[str]] = ([], [])
    for forms in KINDS.values():
        alphabet = sorted({name.lower() for name in forms})
        for name in sorted(forms):
            if name not in LIKE_DIGITS:
                halves[alphabet.index(name.lower()) % 2].append(name)
    return tuple(halves[0]), tuple(halves[1])


FOR_TEACHING, FOR_TESTING = _halves()
"""Names that may be learned from, and names that are only for measuring: forms never seen."""


@dataclass(frozen=True, slots=True)
class WrittenMark:
    """Something that is not a digit.

    Strokes are of shape (n, 2), or (n, 3) with pressure, in heights of a digit;
    `width` is the pen's, as `trainer.drawing.rasterize.rasterize` takes it.
    """

    kind: str
    name: str
    strokes: list[Points]
    width: float


def write_non_digit(
    rng: np.random.Generator, kind: str | None = None, name: str | None = None
) -> WrittenMark:
    """Write one.

    Args:
        rng: where every variation comes from.
        kind: a key of `KINDS`; None draws one, or takes that of `name`.
        name: a form's; None draws one of the kind.

    Raises:
        ValueError: no such kind, or no such form (of it).
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    if name is None:
        kind = _one(list(KINDS), rng) if kind is None else kind
        name = _one(list(KINDS[kind]), rng)
    elif (kind_of_form := _kind_of(name)) is None or kind not in (None, kind_of_form):
        raise ValueError(f"no form {name!r} among {kind or 'all kinds'}")
    else:
        kind = kind_of_form
    strokes, width = write_form(KINDS[kind][name], rng)
    return WrittenMark(kind, name, strokes, width)


def write_non_digits(
    count: int, seed: int, names: Collection[str] = FOR_TEACHING + FOR_TESTING
) -> Iterator[WrittenMark]:
    """Write `count` of them: kinds by turns, and within a kind any of `names`.

    The same arguments give the same marks in the same order.

    Args:
        count: how many.
        seed: where every variation comes from.
        names: which forms; without those in `LIKE_DIGITS` unless they are asked for.

    Raises:
        ValueError: none of `names` is a form's.
    """
    kinds = [[name for name in forms if name in names] for forms in KINDS.values()]
    kinds = [forms for forms in kinds if forms]
    if not kinds:
        raise ValueError(f"no form among {', '.join(names) or 'no names'}")
    rng = np.random.default_rng(seed)
    for number in range(count):
        yield write_non_digit(rng, name=_one(kinds[number % len(kinds)], rng))


def _one(names: list[str], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]


def _kind_of(name: str) -> str | None:
    return next((kind for kind, forms in KINDS.items() if name in forms), None)
