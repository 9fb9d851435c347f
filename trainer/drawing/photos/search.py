"""Finds the one digit in a photo or scan, and draws its ink as MNIST would have shown it.

Dark on light or light on dark, in any light. What is ink can often be seen in several ways: at
a lower or a higher contrast, dark or light, with or without a printed frame. All that are
likely are laid on 28x28, and a judge, who knows digits, decides for the surest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.photos import ink as inks
from trainer.drawing.photos.blobs import (
    NoDigit,
    find_digit_mask,
    is_one_thing,
    no_digit,
    nothing_written,
)
from trainer.drawing.photos.ink import AUTOMATIC, Bits, Contrast, FoundInk, Inkiness, InkSettings
from trainer.drawing.photos.laying import Laid, lay
from trainer.drawing.rasterize import Pixels

Judge = Callable[[Pixels], Sequence[float]]
"""How surely each of uint8 pictures (N, 28, 28) is a digit: 0 not at all, 1 quite."""

_ENOUGH = 0.9
"""What is as sure as this need not be looked at in other ways."""
_FAR_FETCHED, _QUITE = 0.92, 0.6
"""A way of seeing it that is less likely than the one counts only if it is surer than the other."""
_BY_LEVEL = (1.0, 0.6, 0.55, 0.5)
"""How likely it is that a part of the ink, at a higher level, is the digit, and not all of it."""
_WITH_LINES = 0.7
"""How likely it is that straight lines from edge to edge are not printed."""
_THE_SAME = 0.005
"""Masks that differ by less than this share of them are not read twice."""
_FAIR = 0.3
"""This share of the usual contrast is ink where nobody judges."""
_BOLD = 3.2
"""Lines thicker than this, in pixels of 28, are laid out in other ways too."""


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
    search = _Search(Inkiness(resized, scale), settings)
    best: tuple[float, _Candidate] | None = None
    for tier in search.tiers():
        if not tier:
            continue
        images = np.stack([candidate.laid.image for candidate in tier])
        sure = judge(images) if judge is not None else [1.0] * len(tier)
        for candidate, each in zip(tier, sure, strict=True):
            score = (each + 0.01) * candidate.likely
            if best is None or score > best[0]:
                if best is not None and candidate.likely < _FAR_FETCHED and each < _QUITE:
                    continue
                best = (score, candidate)
        if best is not None and best[0] > _ENOUGH * best[1].likely:
            break
        if any(_is_large(candidate.mask) for candidate in tier):
            break  # whatever it is, the picture is of that
    found = best[1] if best is not None else None
    if found is None and settings.crop is not None:
        found = search.take_all()
    if found is None:
        raise search.problem or no_digit()
    return FoundDigit(found.laid.show(), found.laid.image, found.mask, found.settings)


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
        first = inkiness.lighter_first if settings.inverted is None else settings.inverted
        self._sides = [first] if settings.inverted is not None else [first, not first]

    def tiers(self) -> Iterator[list[_Candidate]]:
        """Candidates, in lists of like chance."""
        contrasts = [self._inkiness.local(side) for side in self._sides]
        if not any(contrast.inked for contrast in contrasts):
            whole = self._inkiness.whole(self._sides[0])
            if whole.usual < 0.3:
                self.problem = nothing_written()
                return
        at_the_edges = self._find_ink_at_the_edges()
        crowded = 0.04 < at_the_edges < 0.96
        first = self._seen(contrasts[0], self._sides[0], 1.0)
        if crowded:
            for side in self._sides:
                first += self._cut(side, 1.0)
        yield first
        # Paper at all edges, and ink apart from it: then it is not the other way round.
        if len(contrasts) > 1 and (crowded or (at_the_edges > 0.5) != self._sides[0]):
            yield self._seen(contrasts[1], self._sides[1], 0.9)

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

    def _find_ink_at_the_edges(self) -> float:
        """Share of the edges that is dark; 0.5 where dark and light are not apart."""
        whole = self._inkiness.whole(False)
        if whole.usual < 0.3:
            return 0.5
        values = whole.values
        ring = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
        return float((ring > 0.5 * whole.usual).mean())

    def _seen(self, contrast: Contrast, lighter: bool, likely: float) -> list[_Candidate]:
        """The digit among the ink of one polarity, at several contrasts."""
        if not contrast.inked:
            return []
        found: list[_Candidate] = []
        masks: list[Bits] = []
        settings = replace(self._settings, inverted=lighter)
        for ink, level, share in self._inks(contrast):
            weight = likely * share
            each = replace(settings, threshold=min(level / max(contrast.usual, 1e-6), 1.0))
            without = inks.remove_printed_lines(ink)
            if without is not None:
                found += self._among(contrast, without, weight, each, masks)
                weight *= _WITH_LINES
            found += self._among(contrast, ink, weight, each, masks)
        return found

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
    ) -> list[_Candidate]:
        """The digit among `ink`, if it is none of `masks`, to which it is added."""
        try:
            mask, _score = find_digit_mask(ink.mask)
        except NoDigit as problem:
            self.problem = self.problem or problem
            return []
        size = np.count_nonzero(mask)
        if any(np.count_nonzero(mask ^ other) < _THE_SAME * size for other in masks):
            return []
        masks.append(mask)
        if self._settings.threshold is None and not inks.has_sharp_edge(contrast, mask):
            self.problem = self.problem or no_digit()
            return []
        return self._laid(ink, mask, likely, settings)

    def _laid(
        self, ink: FoundInk, mask: Bits, likely: float, settings: InkSettings
    ) -> list[_Candidate]:
        laid = lay(ink, mask)
        if laid is None:
            self.problem = self.problem or no_digit()
            return []
        found = [_Candidate(laid, mask, likely, settings)]
        if laid.line > _BOLD:
            bold = lay(ink, mask, line=(laid.line, laid.line))
            if bold is not None:
                found.append(_Candidate(bold, mask, likely * 0.95, settings))
        return found

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
        if not 0.04 < share < 0.85 or not inks.has_two_levels(whole) or not is_one_thing(ink.mask):
            return []
        settings = replace(self._settings, inverted=lighter, threshold=0.5)
        found = self._laid(ink, ink.mask, likely * (1.0 if share < 0.5 else 0.85), settings)
        return found
