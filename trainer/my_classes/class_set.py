"""A set of drawings with the classes and the writers that they have; every change makes a new one.

Drawings are shared between a set and those made of it, so that all earlier ones can be kept
to be gone back to.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import StrokesError, as_points
from trainer.errors import UserError
from trainer.recipes.own_dataset import FEWEST_CLASSES, MOST_CLASSES, is_one_line
from trainer.translation import gettext as _
from trainer.translation import ngettext

LONGEST_NAME = 40
"""Letters of a class's or a writer's name, as a model file takes them."""
MOST_DRAWINGS = 20_000
_MOST_STEPS = 200
"""Changes that can be undone."""

Strokes = tuple[tuple[tuple[float, ...], ...], ...]
"""Strokes of points (x, y) or (x, y, width), in any unit; y points down."""


class ClassSetError(UserError):
    """A change that can't be; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ClassDrawing:
    """One drawing of a class, with its writer."""

    label: str  # its class
    strokes: Strokes
    writer: str = ""  # who drew it; empty if it is not said

    def __hash__(self) -> int:
        # Of all points it would take as long as a drawing has points, for each set made of it.
        return hash((self.label, self.writer, len(self.strokes), self.strokes[:1][0][:2]))


def make_drawing(
    label: str, strokes: Sequence[Sequence[Sequence[float]]], writer: str = ""
) -> ClassDrawing:
    """A drawing, its ink checked.

    Raises:
        ClassSetError: there is no ink, or it can't be drawn.
    """
    try:
        drawn = [as_points(np.asarray(stroke)) for stroke in strokes if len(stroke)]
    except (StrokesError, ValueError, TypeError) as error:
        raise ClassSetError(_("it can't be drawn: {reason}").format(reason=error)) from None
    if not drawn:
        raise ClassSetError(_("nothing is drawn"))
    plain = tuple(tuple(tuple(point) for point in stroke.tolist()) for stroke in drawn)
    return ClassDrawing(label, plain, check_name(writer) if writer else "")


def check_name(name: str) -> str:
    """The name of a class or a writer, without blanks around it.

    Raises:
        ClassSetError: it is empty, too long, or not one line.
    """
    name = " ".join(name.split())
    if not name or not is_one_line(name):
        raise ClassSetError(_("a name must be one line of letters"))
    if len(name) > LONGEST_NAME:
        raise ClassSetError(
            _("{name} … is too long for a name, which has {most} letters at most").format(
                name=name[:LONGEST_NAME], most=LONGEST_NAME
            )
        )
    return name


@dataclass(frozen=True, slots=True)
class ClassSet:
    """Classes in their order, and drawings in the order in which they came."""

    classes: tuple[str, ...] = ()
    drawings: tuple[ClassDrawing, ...] = ()

    def __len__(self) -> int:
        return len(self.drawings)

    @property
    def writers(self) -> tuple[str, ...]:
        """Who drew, in the order in which they came."""
        return tuple(dict.fromkeys(drawing.writer for drawing in self.drawings))

    def counts(self) -> dict[str, int]:
        """How many drawings each class has."""
        counts = Counter(drawing.label for drawing in self.drawings)
        return {name: counts[name] for name in self.classes}

    def problem(self, fewest: int) -> str:
        """Why no network can be trained on it; empty if one can.

        Args:
            fewest: drawings that each class must have.
        """
        if len(self.classes) < FEWEST_CLASSES:
            return _("At least {n} classes are needed").format(n=FEWEST_CLASSES)
        few = [name for name, count in self.counts().items() if count < fewest]
        if few:
            return ngettext(
                "Draw at least {fewest} examples of {names}",
                "Draw at least {fewest} examples each of {names}",
                len(few),
            ).format(names=", ".join(few[:5]) + (" …" if len(few) > 5 else ""), fewest=fewest)
        return ""

    # Classes

    def with_class(self, name: str) -> ClassSet:
        """With a class more, which has no drawings yet.

        Raises:
            ClassSetError: it is there, there are too many, or the name can't be.
        """
        name = check_name(name)
        if name in self.classes:
            raise ClassSetError(_("there is a class {name} already").format(name=name))
        if len(self.classes) >= MOST_CLASSES:
            raise ClassSetError(_("more than {n} classes can't be").format(n=MOST_CLASSES))
        return dataclasses.replace(self, classes=(*self.classes, name))

    def renamed(self, name: str, new: str) -> ClassSet:
        """With another name for a class.

        Raises:
            ClassSetError: there is a class of the new name, which `merged` joins it with; there
                is none of the old; or the name can't be.
        """
        self._check_known(name)
        new = check_name(new)
        if new != name and new in self.classes:
            raise ClassSetError(
                _("there is a class {name} already: merge the two, or take another name").format(
                    name=new
                )
            )
        classes = tuple(new if each == name else each for each in self.classes)
        return ClassSet(classes, self._relabel(name, new))

    def merged(self, name: str, into: str) -> ClassSet:
        """With the drawings of one class in another; the first is gone.

        Raises:
            ClassSetError: one of them is not there.
        """
        self._check_known(name)
        self._check_known(into)
        if name == into:
            return self
        classes = tuple(each for each in self.classes if each != name)
        return ClassSet(classes, self._relabel(name, into))

    def without_class(self, name: str) -> ClassSet:
        """Without a class and its drawings."""
        self._check_known(name)
        return ClassSet(
            tuple(each for each in self.classes if each != name),
            tuple(drawing for drawing in self.drawings if drawing.label != name),
        )

    def _check_known(self, name: str) -> None:
        if name not in self.classes:
            raise ClassSetError(_("there is no class {name}").format(name=name))

    def _relabel(self, name: str, new: str) -> tuple[ClassDrawing, ...]:
        return tuple(
            dataclasses.replace(drawing, label=new) if drawing.label == name else drawing
            for drawing in self.drawings
        )

    # Drawings

    def with_drawings(self, drawings: Iterable[ClassDrawing]) -> ClassSet:
        """With these at its end; those that are there already are passed over.

        Raises:
            ClassSetError: a class is not there, or there are too many.
        """
        known = set(self.drawings)
        new = [drawing for drawing in dict.fromkeys(drawings) if drawing not in known]
        for drawing in new:
            self._check_known(drawing.label)
        if len(self) + len(new) > MOST_DRAWINGS:
            raise ClassSetError(_("more than {n:,} drawings can't be kept").format(n=MOST_DRAWINGS))
        return dataclasses.replace(self, drawings=(*self.drawings, *new))

    def without_drawings(self, places: Iterable[int]) -> ClassSet:
        """Without those at these places in `drawings`."""
        gone = set(places)
        left = tuple(each for place, each in enumerate(self.drawings) if place not in gone)
        return dataclasses.replace(self, drawings=left)

    def relabeled(self, places: Iterable[int], label: str) -> ClassSet:
        """With those at these places in another class.

        Raises:
            ClassSetError: it is not there.
        """
        self._check_known(label)
        moved = set(places)
        drawings = (
            dataclasses.replace(each, label=label) if place in moved else each
            for place, each in enumerate(self.drawings)
        )
        return dataclasses.replace(self, drawings=tuple(drawings))

    def of_writer(self, writer: str) -> ClassSet:
        """One person's drawings alone, in all classes."""
        own = tuple(each for each in self.drawings if each.writer == writer)
        return dataclasses.replace(self, drawings=own)

    def signed(self, writer: str) -> ClassSet:
        """With a name for those drawings of which it is not said who drew them."""
        writer = check_name(writer)
        drawings = (
            each if each.writer else dataclasses.replace(each, writer=writer)
            for each in self.drawings
        )
        return dataclasses.replace(self, drawings=tuple(drawings))


def merge_sets(sets: Iterable[ClassSet]) -> ClassSet:
    """All drawings of several sets, as of a whole class of pupils; writers are kept.

    Classes of one name are one, whatever its letters' case, and the first spelling stands; but
    "a" and "A" stay two where one of the sets has both.

    Raises:
        ClassSetError: too many classes or drawings.
    """
    sets = list(sets)
    ambiguous = set[str]()  # names that are two classes in some set
    for each in sets:
        folded = Counter(name.casefold() for name in each.classes)
        ambiguous.update(name for name, count in folded.items() if count > 1)

    def key(name: str) -> str:
        return name if name.casefold() in ambiguous else name.casefold()

    merged = ClassSet()
    names: dict[str, str] = {}
    for each in sets:
        for name in each.classes:
            if key(name) not in names:
                merged = merged.with_class(name)
                names[key(name)] = name
        merged = merged.with_drawings(
            dataclasses.replace(drawing, label=names[key(drawing.label)])
            for drawing in each.drawings
        )
    return merged


def combine_changes(before: ClassSet, one: ClassSet, other: ClassSet) -> ClassSet:
    """What two people made of the same set, as one: nothing that either of them added is lost.

    What one of them took away is gone, but for a class that the other has put drawings into.

    Args:
        before: what both began with.
        one: decides the order.
        other: comes after it.

    Raises:
        ClassSetError: together they are too many.
    """
    if other == before:
        return one
    if one == before:
        return other
    added = _without(other.drawings, set(before.drawings))
    gone = set(_without(before.drawings, set(other.drawings)))
    drawings = (*(each for each in one.drawings if each not in gone), *added)
    needed = {each.label for each in drawings}
    kept = [
        name
        for name in one.classes
        if name in needed or name in other.classes or name not in before.classes
    ]
    new = [
        name
        for name in other.classes
        if name not in kept and (name in needed or name not in before.classes)
    ]
    both = ClassSet()
    for name in (*kept, *new):
        both = both.with_class(name)
    return both.with_drawings(drawings)


def _without(drawings: Iterable[ClassDrawing], known: set[ClassDrawing]) -> list[ClassDrawing]:
    return [each for each in drawings if each not in known]


class EditHistory:
    """A set, and what it was before, to be gone back to."""

    def __init__(self, begin: ClassSet) -> None:
        self._before: list[ClassSet] = []
        self._after: list[ClassSet] = []
        self.now = begin

    def change(self, new: ClassSet) -> None:
        """It is this from now on."""
        if new != self.now:
            self._before = [*self._before[1 - _MOST_STEPS :], self.now]
            self._after = []
            self.now = new

    def take_in(self, before: ClassSet, others: ClassSet) -> None:
        """Somebody else made `others` of `before`: that is in all steps, and none undoes it.

        Raises:
            ClassSetError: together they are too many; nothing has changed.
        """
        now = combine_changes(before, self.now, others)
        past = [combine_changes(before, each, others) for each in self._before]
        later = [combine_changes(before, each, others) for each in self._after]
        self._before, self.now, self._after = past, now, later

    @property
    def can_undo(self) -> bool:
        """Whether there is something to go back to."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return bool(self._after)

    def undo(self) -> None:
        """Go back by one change."""
        if self._before:
            self._after.append(self.now)
            self.now = self._before.pop()

    def redo(self) -> None:
        """Do again what was undone last."""
        if self._after:
            self._before.append(self.now)
            self.now = self._after.pop()


def hold_out(drawn: ClassSet, share: float, seed: int) -> NDArray[np.bool_]:
    """Which drawings to test with: those of some writers, or some of each class.

    By writers where there are several, and every class is drawn by one of those that are left:
    then the test tells how strangers' drawings will be read.

    Args:
        drawn: the set.
        share: how many, 0 to 1.
        seed: decides which.

    Returns:
        bool, (drawings,).
    """
    rng = np.random.default_rng(seed)
    writers = np.array([drawn.writers.index(drawing.writer) for drawing in drawn.drawings])
    labels = np.array([drawn.classes.index(drawing.label) for drawing in drawn.drawings])
    chosen = np.zeros(len(drawn), bool)
    for writer in rng.permutation(len(drawn.writers)):
        if chosen.sum() >= share * len(drawn):
            break
        more = chosen | (writers == writer)
        left = set(labels[~more].tolist()) == set(labels.tolist())
        if left and more.sum() <= len(drawn) / 2:
            chosen = more
    if chosen.any():
        return chosen
    for label in range(len(drawn.classes)):
        places = rng.permutation(np.flatnonzero(labels == label))
        if len(places) > 1:
            chosen[places[: max(1, round(len(places) * share))]] = True
    return chosen
