"""Finds the one digit in a photo or scan, and draws its ink as MNIST would have shown it.

Dark on light or light on dark, in any light. What is ink can often be seen in several ways: at
a lower or a higher contrast, dark or light, with or without a printed frame. All that are
likely are laid on 28x28, and a judge, who knows digits, decides for the surest.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos import ink as inks
from trainer.drawing.photos.blobs import (
    NoDigit,
    SeveralThings,
    find_digit_masks,
    is_one_thing,
    no_digit,
    nothing_written,
)
from trainer.drawing.photos.ink import AUTOMATIC, Bits, Contrast, FoundInk, Inkiness, InkSettings
from trainer.drawing.photos.laying import THICKEST, Laid, lay, lay_grays
from trainer.drawing.rasterize import Pixels

Judge = Callable[[Pixels], Sequence[float]]
"""How surely each of uint8 pictures (N, 28, 28) is a digit: 0 it is refused, 1 quite."""

_ENOUGH = 0.9
"""What is as sure as this need not be looked at in other ways."""
_FAR_FETCHED, _QUITE = 0.92, 0.6
"""A way of seeing it that is less likely than the one counts only if it is surer than the other."""
_OTHERWISE = 0.95
"""What is paper by all appearance, and not ink, must be as sure as this to be the digit."""
_UNLIKELY = 0.6
"""What is less likely than this must be as sure as `_ENOUGH`: of what shows no digit, some part
looks like one."""
_BY_LEVEL = (1.0, 0.6, 0.55, 0.5)
"""How likely it is that a part of the ink, at a higher level, is the digit, and not all of it."""
_WITH_LINES = 0.7
"""How likely it is that straight lines from edge to edge are not printed."""
_THE_SAME = 0.005
"""Masks that differ by less than this share of them are not read twice."""
_FAIR = 0.3
"""This share of the usual contrast is ink where nobody judges."""
_CROWDED = 0.04
"""Where this share of a picture's edges is dark, and this share light, no side is paper's."""
_SMALL = 7.0
"""What was enlarged so much, of 34 pixels or less, is laid out in its grays, too."""
_NARROWER = 0.5
"""How much narrower than it is a digit may have been that fills a square."""
_FAR = 0.018
"""From so far that what is this share of a picture is blurred, dots are seen as a line."""
_AS_THICK = 0.4
"""A part of a digit has at least this share of its line's width, each in pixels of 28. What has
not is written on something that is dark: a shadow."""
_STEP = 0.7
"""And its lightness differs by less than this, in logarithms, from that of the other parts."""
_BOLD = 3.2
"""Lines thicker than this, in pixels of 28, are laid out in other ways too."""
_BLOT = 5.5
"""Lines as thick as this are seldom a digit's."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundDigit:
    """A digit on a photo."""

    shown: Pixels  # uint8 (448, 448)
    image: Pixels  # uint8 (28, 28)
    mask: Bits  # (H, W) of the turned and cut picture made smaller: what was taken for ink
    settings: InkSettings  # as given, with what was found out in place of None


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """One way of seeing the picture."""

    laid: Laid
    mask: Bits
    likely: float  # 0 to 1, before anyone has read it
    settings: InkSettings


def find_digit(
    colors: NDArray[np.uint8],
    longest: int,
    judge: Judge | None = None,
    settings: InkSettings = AUTOMATIC,
) -> FoundDigit:
    """The digit in a photo.

    Args:
        colors: uint8, shape (H, W, 3), any size.
        longest: side in pixels at which it is looked for; larger photos are made smaller.
        judge: decides between several ways of seeing it; None: geometry alone does.
        settings: what a person has decided.

    Raises:
        NoDigit: nothing there, or more than one thing.
    """
    resized, scale = inks.resize(settings.apply(colors), longest)
    choice = _Choice(judge)
    sheet = inks.leave_sheet(resized) if settings.crop is None else None
    if sheet is not None:
        _look(_Search(Inkiness(sheet, scale), settings), choice)
    least = _OTHERWISE if choice.best is not None else 0.0
    search = _Search(Inkiness(resized, scale), settings)
    if choice.sure <= _ENOUGH:
        _look(search, choice, least)
    apart = isinstance(search.problem, SeveralThings)
    if apart and (choice.refused or choice.best is None):
        far = _FAR * max(resized.shape)
        blurred = np.asarray(cv2.GaussianBlur(resized, (0, 0), far), np.uint8)
        _look(_Search(Inkiness(blurred, max(scale, 0.6 * far)), settings), choice, _QUITE)
    found = choice.best
    if choice.refused and settings == AUTOMATIC:
        raise search.problem or no_digit()
    if found is None and settings.crop is not None:
        found = search.take_all()
    if found is None:
        raise search.problem or no_digit()
    return FoundDigit(found.laid.show(), found.laid.image, found.mask, found.settings)


def _look(search: _Search, choice: _Choice, least: float = 0.0) -> None:
    """Look at one picture in all ways that are needed until one is sure enough.

    Args:
        search: of the picture.
        choice: to which what is found is added.
        least: how sure it must be at least.
    """
    for tier in search.tiers():
        # The likeliest by itself: it takes a fraction of the time, and is most often the digit.
        first = list(itertools.islice(tier.candidates, 1))
        choice.consider(first, max(least, tier.least))
        if tier.ordered and choice.sure > _ENOUGH:
            break
        others = list(tier.candidates)
        choice.consider(others, max(least, tier.least))
        if choice.sure > _ENOUGH or any(_is_large(each.mask) for each in (*first, *others)):
            break  # if it is large: whatever it is, the picture is of that


class _Choice:
    """The surest of the ways of seeing a picture that were looked at."""

    def __init__(self, judge: Judge | None) -> None:
        self._judge = judge
        self.best: _Candidate | None = None
        self.score = 0.0
        self.refused = False

    @property
    def sure(self) -> float:
        """How sure it is, however likely it was before it was read."""
        return self.score / self.best.likely if self.best is not None else 0.0

    def consider(self, candidates: Sequence[_Candidate], least: float) -> None:
        """Look at more ways, the likelier ones first; they must be as sure as `least`."""
        if not candidates:
            return
        images = np.stack([candidate.laid.image for candidate in candidates])
        sure = self._judge(images) if self._judge is not None else [1.0] * len(candidates)
        for candidate, each in zip(candidates, sure, strict=True):
            score = (each + 0.01) * candidate.likely
            far_fetched = candidate.likely < _FAR_FETCHED and each < _QUITE
            unlikely = candidate.likely < _UNLIKELY and each < _ENOUGH
            if each < least or unlikely or (self.best is not None and far_fetched):
                continue
            if score > self.score:
                self.best, self.score, self.refused = candidate, score, each <= 0


@dataclass(frozen=True, slots=True, eq=False)
class _Tier:
    """Ways of seeing a picture, of like chance."""

    candidates: Iterator[_Candidate]
    ordered: bool = False  # no other is as likely as the first
    least: float = 0.0  # how sure one must be


def find_ink(
    colors: NDArray[np.uint8], longest: int, settings: InkSettings = AUTOMATIC
) -> tuple[Bits, InkSettings]:
    """All ink of a photo, whether there is a digit among it or not.

    Args:
        colors: uint8, shape (H, W, 3), any size.
        longest: as for `find_digit`.
        settings: what a person has decided.

    Returns:
        bool (H, W) of the turned and cut picture made smaller; and the settings, with what was
        found out in place of None.
    """
    resized, scale = inks.resize(settings.apply(colors), longest)
    ink, found = _Search(Inkiness(resized, scale), settings).find_all()
    return ink.mask, found


def _is_large(mask: Bits) -> bool:
    """Whether something takes much of a picture, bool (H, W)."""
    high, wide = np.count_nonzero(mask.any(axis=1)), np.count_nonzero(mask.any(axis=0))
    return bool(max(high, wide) > 0.5 * min(mask.shape))


class _Search:
    """All ways of seeing one picture, the likelier ones first."""

    def __init__(self, inkiness: Inkiness, settings: InkSettings) -> None:
        self._inkiness, self._settings = inkiness, settings
        self.problem: NoDigit | None = None
        self._whole: dict[bool, _Candidate] = {}  # of each polarity: all ink, if cut to that
        first = inkiness.lighter_first if settings.inverted is None else settings.inverted
        self._sides = [first] if settings.inverted is not None else [first, not first]

    def tiers(self) -> Iterator[_Tier]:
        """Candidates, the likelier ones first; each is made when it is asked for."""
        side, *others = self._sides
        contrast = self._inkiness.local(side)
        beside = [self._inkiness.local(other) for other in others if not contrast.inked]
        if not contrast.inked and not any(each.inked for each in beside):
            whole = self._inkiness.whole(side)
            if whole.usual < 0.3:
                self.problem = nothing_written()
                return
        at_the_edges = self._inkiness.find_dark_edges()
        crowded = _CROWDED < at_the_edges < 1 - _CROWDED
        cut: list[_Candidate] = []
        for one in self._sides if crowded else [at_the_edges > 0.5]:
            found = self._cut(one, 1.0)
            cut += found
            self._whole.update((one, each) for each in found[:1])
        seen = self._seen(contrast, side, 1.0)
        yield _Tier(itertools.chain(seen, cut), ordered=not cut)
        # Paper at all edges, and ink apart from it: then it is not the other way round.
        if others and (crowded or (at_the_edges > 0.5) != side):
            contrast = beside[0] if beside else self._inkiness.local(others[0])
            yield _Tier(self._seen(contrast, others[0], 0.9), least=_OTHERWISE)

    def find_all(self) -> tuple[FoundInk, InkSettings]:
        """All that has a fair share of the usual contrast."""
        side, contrast = self._sides[0], self._inkiness.local(self._sides[0])
        share = self._settings.threshold
        if share is None:
            level = max(contrast.floor, _FAIR * contrast.usual)
        else:
            level = max(share * contrast.usual, 1e-3)
        found = min(level / max(contrast.usual, 1e-6), 1.0)
        settings = replace(self._settings, inverted=side, threshold=found)
        return inks.threshold(contrast, level), settings

    def take_all(self) -> _Candidate | None:
        """All ink as the digit: a person cut the picture to it."""
        ink, settings = self.find_all()
        laid = lay(ink, ink.mask) if ink.mask.any() else None
        return None if laid is None else _Candidate(laid, ink.mask, 1.0, settings)

    def _seen(self, contrast: Contrast, lighter: bool, likely: float) -> Iterator[_Candidate]:
        """The digit among the ink of one polarity, at several contrasts."""
        if not contrast.inked:
            return
        masks: list[Bits] = []
        settings = replace(self._settings, inverted=lighter)
        for ink, level, share in self._inks(contrast):
            weight = likely * share
            each = replace(settings, threshold=min(level / max(contrast.usual, 1e-6), 1.0))
            without = inks.remove_printed_lines(ink)
            if without is not None:
                self._whole.pop(lighter, None)  # lines reach the edges; it is not cut to a digit
                yield from self._among(contrast, without, weight, each, masks)
                weight *= _WITH_LINES
            yield from self._among(contrast, ink, weight, each, masks)

    def _inks(self, contrast: Contrast) -> Iterator[tuple[FoundInk, float, float]]:
        """What may be ink, at which contrast, and how likely."""
        if self._settings.threshold is not None:
            level = max(self._settings.threshold * contrast.usual, 1e-3)
            yield inks.threshold(contrast, level), level, 1.0
            return
        usual, high, floor = contrast.usual, contrast.high, contrast.floor
        levels = [max(floor, share * usual) for share in (0.03, 0.12, 0.3)]
        for number, level in enumerate(levels):
            if not number or level > 1.2 * levels[number - 1]:
                seed, share = max(0.35 * usual, level), _BY_LEVEL[number]
                yield inks.trace(contrast, level, seed), level, share
                if number < 2:
                    yield inks.trace(contrast, level, seed, 0.2 * usual), level, 0.97 * share
        level = max(floor, 0.5 * high)
        yield inks.threshold(contrast, level), level, _BY_LEVEL[-1]

    def _among(
        self,
        contrast: Contrast,
        ink: FoundInk,
        likely: float,
        settings: InkSettings,
        masks: list[Bits],
    ) -> Iterator[_Candidate]:
        """The digit among `ink`, if it is none of `masks`, to which it is added."""
        try:
            found = find_digit_masks(ink.mask)
        except NoDigit as problem:
            self.problem = self.problem or problem
            return
        for mask in found:
            size = np.count_nonzero(mask)
            if any(np.count_nonzero(mask ^ other) < _THE_SAME * size for other in masks):
                continue
            masks.append(mask)
            if self._settings.threshold is None and not inks.has_sharp_edge(contrast, mask):
                self.problem = self.problem or no_digit()
            else:
                yield from self._laid(ink, mask, likely, settings)

    def _laid(
        self, ink: FoundInk, mask: Bits, likely: float, settings: InkSettings
    ) -> list[_Candidate]:
        laid = lay(ink, mask)
        if laid is None:
            self.problem = self.problem or no_digit()
            return []
        whole = self._whole.get(bool(settings.inverted))
        if whole is not None and self._is_part(laid, mask, whole):
            likely *= min(1.0, np.count_nonzero(mask) / np.count_nonzero(whole.mask))
        found = [_Candidate(laid, mask, likely, settings)]
        if laid.line > _BOLD:
            for line in (laid.line, (THICKEST + laid.line) / 2):
                bold = lay(ink, mask, line=(line, line))
                if bold is not None:
                    share = 0.95 if laid.line < _BLOT else 0.55
                    found.append(_Candidate(bold, mask, likely * share, settings))
        return found

    def _is_part(self, laid: Laid, mask: Bits, whole: _Candidate) -> bool:
        """Whether ink is a part of all that is inked, and not written on a shadow."""
        if laid.line < _AS_THICK * whole.laid.line:
            return False
        return self._inkiness.measure_step(mask, whole.mask & ~mask) < _STEP

    def _cut(self, lighter: bool, likely: float) -> list[_Candidate]:
        """The digit where it fills the picture alone, without paper about it."""
        whole = self._inkiness.whole(lighter)
        if whole.usual < 0.3:
            return []
        level = 0.5 * whole.usual
        ink = inks.threshold(whole, level)
        high, wide = ink.mask.shape
        rows, columns = np.flatnonzero(ink.mask.any(axis=1)), np.flatnonzero(ink.mask.any(axis=0))
        if not len(rows) or (len(rows) < 0.8 * high and len(columns) < 0.8 * wide):
            return []
        share = float(ink.mask.mean())
        settings = replace(self._settings, inverted=lighter, threshold=0.5)
        likely *= 1.0 if share < 0.5 else 0.85
        found: list[_Candidate] = []
        if 0.04 < share < 0.85 and inks.has_two_levels(whole) and is_one_thing(ink.mask):
            found = self._laid(ink, ink.mask, likely, settings)
        # Collections of one size have stretched even a 1 to a square.
        stretched = high < 1.25 * wide
        shapes = [(1.0, likely), (_NARROWER, 0.7 * likely)] if stretched else [(1.0, likely)]
        for narrower, each in shapes:
            if self._inkiness.scale > _SMALL:
                grays = lay_grays(inks.sharpen(whole), narrower)
                found += [_Candidate(grays, ink.mask, each, settings)] if grays else []
            if narrower < 1 and found:
                laid = lay(ink, ink.mask, narrower=narrower)
                found += [_Candidate(laid, ink.mask, each, settings)] if laid else []
        return found
