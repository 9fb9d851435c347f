"""Finds the one digit on a photo or scan, and normalizes its ink as MNIST would have shown it.

Dark on light or light on dark, in any light. What is ink can often be seen in several ways: at a
lower or a higher threshold, of either polarity, with or without a printed frame. Each way gives
candidates, 28x28, with the prior probability that they are the digit; a scorer, which knows
digits, decides among them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from trainer.drawing.photos.binarization import (
    BinarizedInk,
    has_sharp_edges,
    remove_printed_lines,
    threshold_globally,
    threshold_locally,
)
from trainer.drawing.photos.components import (
    NoDigitError,
    NoInkError,
    SeveralObjectsError,
    find_digit_masks,
    is_one_object,
)
from trainer.drawing.photos.contrast import Contrast, InkProjection, is_bimodal, stretch_contrast
from trainer.drawing.photos.preparation import (
    AUTOMATIC,
    InkSettings,
    Mask,
    fill_outside_sheet,
    resize_for_search,
)
from trainer.drawing.photos.size_normalization import (
    MNIST_WIDTHS,
    NormalizedDigit,
    normalize_grays,
    normalize_ink,
)
from trainer.drawing.rasterize import Pixels

CandidateScorer = Callable[[Pixels], Sequence[float]]
"""The score of each candidate, uint8 (N, 28, 28), as a digit: 0 it is rejected, 1 it is certain."""

_SUFFICIENT_SCORE = 0.9
"""After a candidate of this score no others are looked at."""
_LEAST_PRIOR, _LEAST_SCORE = 0.92, 0.6
"""A candidate of a lower prior replaces a better one only with a score of this at least."""
_OTHER_POLARITY_SCORE = 0.95
"""What is paper by all appearance, and not ink, must have this score to be the digit."""
_LOW_PRIOR = 0.6
"""A candidate of a lower prior needs `_SUFFICIENT_SCORE`: of what shows no digit, some part looks
like one."""
_THRESHOLD_PRIORS = (1.0, 0.6, 0.55, 0.5)
"""That the ink above a higher threshold is the digit, and not only a part of it."""
_LINES_PRIOR = 0.7
"""That straight lines from edge to edge are not printed."""
_CROPPED_DENSE_PRIOR = 0.85
"""That a photo cropped to its ink is ink by more than half."""
_SAME_MASK = 0.005
"""Masks that differ by less than this share of them are not looked at twice."""
_TYPICAL_SHARE = 0.3
"""This share of the typical contrast is ink where nothing is scored."""
_LEAST_GLOBAL_CONTRAST = 0.3
"""A photo of less contrast, in logarithms, is not cropped to its ink, but blank."""
_MIXED_BORDER = 0.04
"""Where this share of a photo's border is dark, and this share light, neither is paper's alone."""
_FEW_PIXELS_SCALE = 7.0
"""What was enlarged by more, of 34 pixels or less, is normalized in its grays, too."""
_STRETCHED_WIDTH, _STRETCHED_PRIOR = 0.5, 0.7
"""By how much narrower a digit may have been that fills a square, and how likely that is."""
_DISTANT_BLUR = 0.018
"""Blurred by a Gaussian of this share of a photo's longer side, dots are seen as a line."""
_LEAST_RELATIVE_WIDTH = 0.4
"""A part of a digit has at least this share of its stroke width, each in pixels of 28. What has not
is written on something that is dark: a shadow."""
_MOST_STEP = 0.7
"""And its brightness differs by less than this, in logarithms, from that of the other parts."""
_BOLD_WIDTH = 3.2
"""Wider strokes than this, in pixels of 28, are also normalized to other widths."""
_BOLD_PRIOR = 0.95
_VERY_BOLD_WIDTH, _VERY_BOLD_PRIOR = 5.5, 0.55
"""Strokes as wide as this are seldom a digit's."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundDigit:
    """A digit on a photo.

    Attributes:
        shown: uint8 (448, 448), for people.
        image: uint8 (28, 28), for the network.
        mask: bool (H, W) of the photo rotated, cropped and resized: what was taken for ink.
        settings: as given, with what was found automatically in place of None.
    """

    shown: Pixels
    image: Pixels
    mask: Mask
    settings: InkSettings


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """What may be the digit."""

    digit: NormalizedDigit
    mask: Mask
    prior: float  # 0 to 1, before it is scored
    settings: InkSettings


def find_digit(
    colors: Pixels,
    longest: int,
    score_candidates: CandidateScorer | None = None,
    settings: InkSettings = AUTOMATIC,
) -> FoundDigit:
    """Find the digit on a photo.

    Args:
        colors: uint8 (H, W, 3), any size.
        longest: pixels of the longer side at which it is searched; larger photos are reduced.
        score_candidates: decides among several candidates; None: geometry alone does.
        settings: what a person has decided.

    Raises:
        NoDigitError: nothing there, or more than one thing.
    """
    resized, scale = resize_for_search(settings.apply(colors), longest=longest)
    selection = _Selection(score_candidates)
    sheet = fill_outside_sheet(resized) if settings.crop is None else None
    if sheet is not None:
        _search(_CandidateSource(InkProjection(sheet, scale), settings), selection)
    least = _OTHER_POLARITY_SCORE if selection.best is not None else 0.0
    source = _CandidateSource(InkProjection(resized, scale), settings)
    if selection.score <= _SUFFICIENT_SCORE:
        _search(source, selection, least)
    in_parts = isinstance(source.problem, SeveralObjectsError)
    if in_parts and (selection.rejected or selection.best is None):
        sigma = _DISTANT_BLUR * max(resized.shape)
        blurred = np.asarray(cv2.GaussianBlur(resized, (0, 0), sigma), np.uint8)
        projection = InkProjection(blurred, max(scale, 0.6 * sigma))
        _search(_CandidateSource(projection, settings), selection, _LEAST_SCORE)
    best = selection.best
    if selection.rejected and settings == AUTOMATIC:
        raise source.problem or NoDigitError()
    if best is None and settings.crop is not None:
        best = source.take_all_ink()
    if best is None:
        raise source.problem or NoDigitError()
    return FoundDigit(best.digit.show(), best.digit.image, best.mask, best.settings)


def find_ink(
    colors: Pixels, longest: int, settings: InkSettings = AUTOMATIC
) -> tuple[Mask, InkSettings]:
    """Find all ink of a photo, whether there is a digit among it or not.

    Args:
        colors: uint8 (H, W, 3), any size.
        longest: as for `find_digit`.
        settings: what a person has decided.

    Returns:
        bool (H, W) of the photo rotated, cropped and resized; and the settings, with what was
        found automatically in place of None.
    """
    resized, scale = resize_for_search(settings.apply(colors), longest=longest)
    ink, used = _CandidateSource(InkProjection(resized, scale), settings).binarize_all()
    return ink.mask, used


def _search(source: _CandidateSource, selection: _Selection, least: float = 0.0) -> None:
    """Score one photo's candidates, the likelier ones first, until one is certain enough.

    Args:
        source: of the candidates.
        selection: where the best is kept.
        least: the score that one must have at least.
    """
    for tier in source.make_tiers():
        # The likeliest by itself: it takes a fraction of the time, and is most often the digit.
        first = list(itertools.islice(tier.candidates, 1))
        selection.consider(first, max(least, tier.least_score))
        if tier.first_is_likeliest and selection.score > _SUFFICIENT_SCORE:
            break
        others = list(tier.candidates)
        selection.consider(others, max(least, tier.least_score))
        certain = selection.score > _SUFFICIENT_SCORE
        if certain or any(_is_large(candidate.mask) for candidate in (*first, *others)):
            break  # whatever the large one is, the photo is of that


def _is_large(mask: Mask) -> bool:
    """Whether ink is in more rows or columns than half of a photo's shorter side."""
    height, width = np.count_nonzero(mask.any(axis=1)), np.count_nonzero(mask.any(axis=0))
    return bool(max(height, width) > 0.5 * min(mask.shape))


class _Selection:
    """The best candidate so far: that of the greatest score times prior.

    Attributes:
        best: None where there is none.
        rejected: whether it has no score at all.
    """

    def __init__(self, score_candidates: CandidateScorer | None) -> None:
        self._score_candidates = score_candidates
        self._weighted_score = 0.0
        self.best: _Candidate | None = None
        self.rejected = False

    @property
    def score(self) -> float:
        """The score of the best, whatever its prior."""
        return self._weighted_score / self.best.prior if self.best is not None else 0.0

    def consider(self, candidates: Sequence[_Candidate], least: float) -> None:
        """Score more candidates, the likelier ones first; a score below `least` does not count."""
        if not candidates:
            return
        images = np.stack([candidate.digit.image for candidate in candidates])
        no_scores = [1.0] * len(candidates)
        scores = self._score_candidates(images) if self._score_candidates else no_scores
        for candidate, score in zip(candidates, scores, strict=True):
            weighted = (score + 0.01) * candidate.prior
            doubtful = candidate.prior < _LEAST_PRIOR and score < _LEAST_SCORE
            unlikely = candidate.prior < _LOW_PRIOR and score < _SUFFICIENT_SCORE
            if score < least or unlikely or (self.best is not None and doubtful):
                continue
            if weighted > self._weighted_score:
                self.best, self._weighted_score = candidate, weighted
                self.rejected = score <= 0


@dataclass(frozen=True, slots=True, eq=False)
class _Tier:
    """Candidates of similar priors."""

    candidates: Iterator[_Candidate]
    first_is_likeliest: bool = False  # no other is as likely as the first
    least_score: float = 0.0  # that one must have


class _CandidateSource:
    """Makes the candidates of one photo.

    Attributes:
        problem: why the likeliest way of seeing the photo gives no candidate; None where it does.
    """

    def __init__(self, projection: InkProjection, settings: InkSettings) -> None:
        self._projection, self._settings = projection, settings
        self.problem: NoDigitError | None = None
        self._cropped: dict[bool, _Candidate] = {}  # by polarity: all ink, if cropped to that
        first = projection.lighter_ink_likelier
        if settings.inverted is None:
            self._polarities = [first, not first]
        else:
            self._polarities = [settings.inverted]

    def make_tiers(self) -> Iterator[_Tier]:
        """Candidates in tiers, the likelier ones first; each is made when it is asked for."""
        polarity, *others = self._polarities
        contrast = self._projection.measure_local_contrast(polarity)
        opposite = [] if contrast.has_ink else [self._measure_local(other) for other in others]
        if not contrast.has_ink and not any(each.has_ink for each in opposite):
            whole = self._projection.measure_global_contrast(polarity)
            if whole.typical < _LEAST_GLOBAL_CONTRAST:
                self.problem = NoInkError()
                return
        dark_border = self._projection.measure_dark_border()
        mixed = _MIXED_BORDER < dark_border < 1 - _MIXED_BORDER
        cropped: list[_Candidate] = []
        for lighter in self._polarities if mixed else [dark_border > 0.5]:
            found = self._make_cropped(lighter)
            cropped += found
            self._cropped.update((lighter, candidate) for candidate in found[:1])
        usual = self._make_by_thresholds(contrast, polarity, prior=1.0)
        yield _Tier(itertools.chain(usual, cropped), first_is_likeliest=not cropped)
        # Not where there is paper at all edges, and ink apart from it: that is its polarity.
        if others and (mixed or (dark_border > 0.5) != polarity):
            contrast = opposite[0] if opposite else self._measure_local(others[0])
            unusual = self._make_by_thresholds(contrast, others[0], prior=0.9)
            yield _Tier(unusual, least_score=_OTHER_POLARITY_SCORE)

    def binarize_all(self) -> tuple[BinarizedInk, InkSettings]:
        """All ink of the likelier polarity, by one threshold, and what was used for it."""
        polarity = self._polarities[0]
        contrast = self._measure_local(polarity)
        share = self._settings.threshold
        if share is None:
            threshold = max(contrast.noise_floor, _TYPICAL_SHARE * contrast.typical)
        else:
            threshold = max(share * contrast.typical, 1e-3)
        used = replace(_set_threshold(self._settings, threshold, contrast), inverted=polarity)
        return threshold_globally(contrast, threshold), used

    def take_all_ink(self) -> _Candidate | None:
        """All ink as the digit of a photo that a person cropped to it; None where there is none."""
        ink, settings = self.binarize_all()
        digit = normalize_ink(ink, ink.mask) if ink.mask.any() else None
        return None if digit is None else _Candidate(digit, ink.mask, 1.0, settings)

    def _measure_local(self, lighter: bool) -> Contrast:
        return self._projection.measure_local_contrast(lighter)

    def _make_by_thresholds(
        self, contrast: Contrast, lighter: bool, *, prior: float
    ) -> Iterator[_Candidate]:
        """The digit among the ink of one polarity, by several thresholds."""
        if not contrast.has_ink:
            return
        masks: list[Mask] = []
        polarized = replace(self._settings, inverted=lighter)
        for ink, threshold, threshold_prior in self._binarize(contrast):
            weight = prior * threshold_prior
            settings = _set_threshold(polarized, threshold, contrast)
            without_lines = remove_printed_lines(ink)
            if without_lines is not None:
                self._cropped.pop(lighter, None)  # lines reach the edges, the digit does not
                for mask in self._find_new_masks(contrast, without_lines, masks):
                    yield from self._normalize(without_lines, mask, weight, settings)
                weight *= _LINES_PRIOR
            for mask in self._find_new_masks(contrast, ink, masks):
                yield from self._normalize(ink, mask, weight, settings)

    def _binarize(self, contrast: Contrast) -> Iterator[tuple[BinarizedInk, float, float]]:
        """What may be ink: with its least threshold, in logarithms, and its prior."""
        if self._settings.threshold is not None:
            threshold = max(self._settings.threshold * contrast.typical, 1e-3)
            yield threshold_globally(contrast, threshold), threshold, 1.0
            return
        typical, floor = contrast.typical, contrast.noise_floor
        thresholds = [max(floor, share * typical) for share in (0.03, 0.12, 0.3)]
        for number, lowest in enumerate(thresholds):
            if not number or lowest > 1.2 * thresholds[number - 1]:
                seed, prior = max(0.35 * typical, lowest), _THRESHOLD_PRIORS[number]
                yield threshold_locally(contrast, lowest, seed), lowest, prior
                if number < 2:
                    faint = threshold_locally(contrast, lowest, seed, highest=0.2 * typical)
                    yield faint, lowest, 0.97 * prior
        threshold = max(floor, 0.5 * contrast.strongest)
        yield threshold_globally(contrast, threshold), threshold, _THRESHOLD_PRIORS[-1]

    def _find_new_masks(
        self, contrast: Contrast, ink: BinarizedInk, masks: list[Mask]
    ) -> Iterator[Mask]:
        """The masks of the digit among `ink` that are none of `masks`, to which they are added."""
        try:
            found = find_digit_masks(ink.mask)
        except NoDigitError as problem:
            self.problem = self.problem or problem
            return
        for mask in found:
            most_different = _SAME_MASK * np.count_nonzero(mask)
            if any(np.count_nonzero(mask ^ other) < most_different for other in masks):
                continue
            masks.append(mask)
            if self._settings.threshold is None and not has_sharp_edges(contrast, mask):
                self.problem = self.problem or NoDigitError()
            else:
                yield mask

    def _normalize(
        self, ink: BinarizedInk, mask: Mask, prior: float, settings: InkSettings
    ) -> list[_Candidate]:
        """The candidates of one mask: bold strokes may be normalized to several widths."""
        digit = normalize_ink(ink, mask)
        if digit is None:
            self.problem = self.problem or NoDigitError()
            return []
        whole = self._cropped.get(bool(settings.inverted))
        if whole is not None and self._is_part(digit, mask, whole):
            prior *= min(1.0, np.count_nonzero(mask) / np.count_nonzero(whole.mask))
        candidates = [_Candidate(digit, mask, prior, settings)]
        width = digit.stroke_width
        if width > _BOLD_WIDTH:
            for target in (width, (MNIST_WIDTHS[1] + width) / 2):
                bold = normalize_ink(ink, mask, stroke_widths=(target, target))
                if bold is not None:
                    share = _BOLD_PRIOR if width < _VERY_BOLD_WIDTH else _VERY_BOLD_PRIOR
                    candidates.append(_Candidate(bold, mask, prior * share, settings))
        return candidates

    def _is_part(self, digit: NormalizedDigit, mask: Mask, whole: _Candidate) -> bool:
        """Whether ink is a part of all that is inked, and not written on a shadow."""
        if digit.stroke_width < _LEAST_RELATIVE_WIDTH * whole.digit.stroke_width:
            return False
        return self._projection.measure_step(mask, whole.mask & ~mask) < _MOST_STEP

    def _make_cropped(self, lighter: bool) -> list[_Candidate]:
        """The digit where it fills the photo alone, without paper around it."""
        contrast = self._projection.measure_global_contrast(lighter)
        if contrast.typical < _LEAST_GLOBAL_CONTRAST:
            return []
        ink = threshold_globally(contrast, 0.5 * contrast.typical)
        height, width = ink.mask.shape
        rows, columns = np.flatnonzero(ink.mask.any(axis=1)), np.flatnonzero(ink.mask.any(axis=0))
        if not len(rows) or (len(rows) < 0.8 * height and len(columns) < 0.8 * width):
            return []
        density = float(ink.mask.mean())
        settings = replace(self._settings, inverted=lighter, threshold=0.5)
        prior = 1.0 if density < 0.5 else _CROPPED_DENSE_PRIOR
        candidates: list[_Candidate] = []
        if 0.04 < density < 0.85 and is_bimodal(contrast) and is_one_object(ink.mask):
            candidates = self._normalize(ink, ink.mask, prior, settings)
        # Collections of one size have stretched even a 1 to a square.
        shapes = [(1.0, prior)]
        if height < 1.25 * width:
            shapes.append((_STRETCHED_WIDTH, _STRETCHED_PRIOR * prior))
        for width_factor, shape_prior in shapes:
            digits: list[NormalizedDigit | None] = []
            if self._projection.scale > _FEW_PIXELS_SCALE:
                digits.append(normalize_grays(stretch_contrast(contrast), width_factor))
            if width_factor < 1 and (candidates or any(digits)):
                digits.append(normalize_ink(ink, ink.mask, width_factor=width_factor))
            candidates += [_Candidate(d, ink.mask, shape_prior, settings) for d in digits if d]
        return candidates


def _set_threshold(settings: InkSettings, threshold: float, contrast: Contrast) -> InkSettings:
    """The settings with a threshold, in logarithms, as a share of the typical contrast."""
    return replace(settings, threshold=min(threshold / max(contrast.typical, 1e-6), 1.0))
