"""Measures by how much each pixel of a photo differs from the paper around it, whatever the light.

The paper's brightness is estimated as the morphological opening of the photo's: what is narrower
than the structuring element is no paper. The difference of the two is the white top-hat transform
(Gonzalez and Woods, "Digital Image Processing", section 9.6). All is computed in logarithms of
brightness, along the one color that tells ink from paper best.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from trainer.drawing.photos.preparation import Floats, Mask, compute_log_brightness, scale_size
from trainer.drawing.rasterize import Pixels

LEAST_CONTRAST = 0.045
"""Ink differs from paper by this at least, in logarithms. Of gray ink that is 0.026 in each of the
three colors: a 38th of the brightness."""
_PAPER_PERCENTILE = 35
"""This percentile of contrast is paper's, even where half of a photo is ink."""
_WIDEST_INK = 0.3
"""What is narrower than this share of the shorter side may be ink; what is wider is paper."""
_AXIS_SIDE = 160
"""Longer side, in pixels, at which the color of ink is found."""
_LEAST_BETWEEN_CLASSES = 0.8
"""Share of the variance that lies between ink and paper where there is nothing else."""
_GRAY_LENGTH = np.float32(np.sqrt(3))
"""The length, in the space of three colors, of a change of all three by 1 in logarithms."""


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """How much each pixel differs from paper, in one polarity: toward lighter, or darker.

    Attributes:
        values: (H, W), 0 for paper, more for ink, in logarithms of brightness.
        noise: the paper's standard deviation.
        typical: the 90th percentile of what is above `noise_floor`; 0 where nothing is.
        strongest: the 99th; of all that differs, printed squares may be much and ink a hundredth.
        scale: by how much the photo was enlarged.
    """

    values: Floats
    noise: float
    typical: float
    strongest: float
    scale: float

    @property
    def noise_floor(self) -> float:
        """What is less than this may be noise."""
        return max(5 * self.noise, LEAST_CONTRAST)

    @property
    def has_ink(self) -> bool:
        """Whether anything differs from paper."""
        return self.strongest > self.noise_floor


def is_bimodal(contrast: Contrast) -> bool:
    """Whether a photo is ink and paper, and little in between: no texture and no clouds.

    By the share of the variance that lies between the two classes (Otsu, "A Threshold Selection
    Method from Gray-Level Histograms", 1979).
    """
    values = contrast.values
    above = values > 0.5 * contrast.typical
    share = float(above.mean())
    if not 0 < share < 1:
        return False
    step = float(values[above].mean()) - float(values[~above].mean())
    return share * (1 - share) * step**2 > _LEAST_BETWEEN_CLASSES * float(values.var())


def stretch_contrast(contrast: Contrast) -> Floats:
    """The share of each pixel that is inked, float32 (H, W), 0 to 1.

    A twelfth of the typical contrast is taken as 0, and eleven twelfths of it as 1.
    """
    share = contrast.values * np.float32(1.2 / contrast.typical) - np.float32(0.1)
    return np.asarray(np.clip(share, 0, 1), np.float32)


class InkProjection:
    """A photo projected onto the axis of color that tells its ink from its paper.

    Args:
        colors: uint8 (H, W, 3), resized as it is searched.
        scale: by how much it was enlarged.

    Attributes:
        lighter_ink_likelier: whether ink is more probably lighter than the paper, or darker.
    """

    def __init__(self, colors: Pixels, scale: float) -> None:
        axis, self.lighter_ink_likelier = _find_brightness_axis(colors)
        blurred = np.asarray(cv2.GaussianBlur(colors, (0, 0), 1.0), np.uint8)
        brightness = compute_log_brightness(blurred)
        # OpenCV adds three colors in half the time of NumPy's product of matrices.
        self._brightness = np.asarray(cv2.transform(brightness, axis[None]), np.float32)
        self.scale = scale

    def measure_local_contrast(self, lighter: bool) -> Contrast:
        """Contrast with the paper around each pixel, which may lie in any light.

        Args:
            lighter: the polarity: whether ink is lighter than the paper.
        """
        inkiness = self._brightness if lighter else -self._brightness
        height, width = inkiness.shape
        quarter = (max(1, width // 4), max(1, height // 4))
        paper = estimate_background(inkiness, quarter, _WIDEST_INK)
        contrast = inkiness - paper
        contrast -= np.float32(np.percentile(contrast[::2, ::2], _PAPER_PERCENTILE))
        return self._summarize(_convert_to_coverage(contrast, lighter))

    def measure_global_contrast(self, lighter: bool) -> Contrast:
        """Contrast with the darkest (or lightest) of the photo, for one cropped to its ink.

        Args:
            lighter: the polarity: whether ink is lighter than the paper.
        """
        inkiness = self._brightness if lighter else -self._brightness
        low, most = _measure_range(inkiness, lighter)
        values = _convert_to_coverage(inkiness - np.float32(low), lighter)
        return Contrast(values, 0.0, most, most, self.scale)

    def measure_step(self, one: Mask, other: Mask) -> float:
        """The difference in log brightness of two parts, bool (H, W); 0 if one is empty."""
        if not one.any() or not other.any():
            return 0.0
        parts = (self._brightness[one], self._brightness[other])
        return abs(float(np.median(parts[0])) - float(np.median(parts[1])))

    def measure_dark_border(self) -> float:
        """Share of the photo's border that is dark; 0.5 where dark and light are not far apart."""
        darkness = -self._brightness
        low, most = _measure_range(darkness, lighter=False)
        if most < 0.3:
            return 0.5
        border = np.concatenate([darkness[0], darkness[-1], darkness[:, 0], darkness[:, -1]])
        return float((_convert_to_coverage(border - np.float32(low), False) > 0.5 * most).mean())

    def _summarize(self, values: Floats) -> Contrast:
        """The contrast with its statistics."""
        # The 25th percentile of |x| is σ / 3.14 of a normal distribution. Not the median: of a
        # small photo, ink and what is blurred around it may be half.
        noise = 3.14 * float(np.percentile(np.abs(values[::2, ::2]), 25))
        inked = values[values > max(5 * noise, LEAST_CONTRAST)]
        strongest, typical = np.percentile(inked, (99, 90)).tolist() if len(inked) else (0.0, 0.0)
        return Contrast(values, noise, typical, strongest, self.scale)


def _measure_range(inkiness: Floats, lighter: bool) -> tuple[float, float]:
    """The least inkiness (3rd percentile), and the contrast of the greatest (97th) with it."""
    low, high = np.percentile(inkiness[::2, ::2], (3, 97)).tolist()
    return low, float(_convert_to_coverage(np.array([high - low], np.float32), lighter)[0])


def _convert_to_coverage(contrast: Floats, lighter: bool) -> Floats:
    """Contrast in proportion to how much of a pixel is inked; small contrasts stay as they are.

    A pixel that is half inked reflects the mean of ink's and paper's light, not of its logarithms.
    """
    shares = np.clip(contrast / _GRAY_LENGTH, -3, 3)
    linear = np.expm1(shares) if lighter else -np.expm1(-shares)
    return np.asarray(_GRAY_LENGTH * linear, np.float32)


def estimate_background(inkiness: Floats, size: tuple[int, int], widest_ink: float) -> Floats:
    """The paper's value at each pixel: a morphological opening, computed on fewer pixels.

    Args:
        inkiness: float32 (H, W), larger for ink.
        size: width and height at which it is computed; light changes slowly.
        widest_ink: side of the square structuring element, as a share of the shorter side. The
            edges of paper and of shadows, which are wider, are kept. It does not reach beyond the
            photo's edges: a stroke along one is narrow, however long it is.

    Returns:
        float32 (H, W).
    """
    height, width = inkiness.shape
    small = cv2.resize(inkiness, size, interpolation=cv2.INTER_AREA)
    side = max(3, round(widest_ink * min(size)))
    kernel = np.ones((side, side), np.uint8)
    opened = cv2.morphologyEx(small, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_REPLICATE)
    background = cv2.dilate(opened, np.ones((3, 3), np.uint8))  # resizing blurred its edges
    return np.asarray(cv2.resize(background, (width, height)), np.float32)


def find_ink_axis(deviations: Floats, weights: Floats | None = None) -> tuple[Floats, float]:
    """The axis of color along which ink differs from paper: the first principal component.

    Args:
        deviations: (N, 3), each pixel's difference from the paper around it, in logarithms.
        weights: (N,), of the pixels; None: all alike.

    Returns:
        float32 (3,) of length 1, and the third moment along it, whose sign is that of ink: ink is
        less of what is seen than paper, and differs more from the mean.
    """
    weighted = deviations if weights is None else deviations * weights[:, None]
    _, directions = np.linalg.eigh(weighted.T @ deviations)
    axis = np.asarray(directions[:, -1], np.float32)
    cubes = (deviations @ axis) ** 3
    return axis, float((cubes if weights is None else weights * cubes).sum())


def _find_brightness_axis(colors: Pixels) -> tuple[Floats, bool]:
    """The ink axis of a photo, uint8 (H, W, 3), and whether ink is its lighter end.

    Returns:
        float32 (3,), of length 1, from darker to lighter.
    """
    size = scale_size(colors.shape, _AXIS_SIDE / max(colors.shape[:2]))
    small = np.asarray(cv2.resize(colors, size, interpolation=cv2.INTER_AREA), np.uint8)
    paper = np.asarray(cv2.medianBlur(small, max(3, min(size) // 2) | 1), np.uint8)
    deviations = compute_log_brightness(small) - compute_log_brightness(paper)
    y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
    centrality = np.exp(-2 * (x * x + y * y)).astype(np.float32).ravel()
    axis, third_moment = find_ink_axis(deviations.reshape(-1, 3), centrality)
    if axis.sum() < 0:
        axis, third_moment = -axis, -third_moment
    return axis, third_moment > 0
