"""A report's pictures, drawn by matplotlib for files: on white, as a slide or a paper is.

`draw_figure` draws any of `FIGURES`. Knows no window.
"""

from __future__ import annotations

import io
import shutil
import threading

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from trainer.errors import UserError
from trainer.evaluation.calibration import Bin, rejection_floor, rejection_start
from trainer.evaluation.map_rows import MapRows, compute_map_rows
from trainer.evaluation.report import Report, error_shades
from trainer.runtime.workarounds import workarounds_enabled
from trainer.translation import gettext as _

_INK, _FAINT, _ERROR = "#202124", "#7b7e87", "#b3400f"
_COLORS = (("#0072B2", "-"), ("#D55E00", "--"))  # of the first and the second network
_CARDS_A_ROW = 10
_MOST_CARDS = 100
_MAP_ROWS = 10

FIGURES = ("confusion", "calibration", "rejection", "misread", "maps")
"""The figures of a report, by the names of their files."""


def draw_figure(name: str, report: Report, reports: list[Report]) -> Figure:
    """The figure of that name in `FIGURES`; curves show all of `reports`."""
    if name == "confusion":
        return draw_confusion(report)
    if name == "calibration":
        return draw_calibration(reports)
    if name == "rejection":
        return draw_rejection(reports)
    if name == "misread":
        wrong = len(report.misread)
        title = f"{report.model.name} on {report.title}: {wrong:,} misread, the surest first"
        return draw_gallery(report, report.misread[:_MOST_CARDS], title)
    numbers = list(range(min(_MAP_ROWS, len(report))))
    rows = compute_map_rows(report.model, report.images, report.labels, numbers, report.classes)
    title = f"{report.model.name}: what its convolutions see of {report.title}'s test set"
    return draw_maps(rows, title)


def draw_confusion(report: Report) -> Figure:
    """Rows are what the images are, columns what they are read as."""
    many = max(0, len(report.classes) - 15) * 0.22  # inches more, so that counts can be read
    figure = make_figure(7 + many, 6.6 + many)
    axes = figure.subplots()
    strength = error_shades(report.confusion)
    colors = LinearSegmentedColormap.from_list("errors", ["#ffffff", "#fbcaa9", _ERROR])
    axes.imshow(strength, colors, vmin=0, vmax=1)
    for row, column in np.argwhere(report.confusion):
        if row == column:
            axes.add_patch(_tile(row, column))
        ink = _FAINT if row == column else "white" if strength[row, column] > 0.75 else _INK
        weight = "normal" if row == column else "bold"
        text = f"{report.confusion[row, column]:,}"
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            color=ink,
            weight=weight,
            size=6 if many else 9,
        )
    places = range(len(report.classes))
    long = max(map(len, report.model.classes)) > 2
    axes.set_xticks(places, report.model.classes, rotation=40 if long else 0)
    axes.set_yticks(places, report.classes)
    axes.set_xlabel("read as")
    axes.set_ylabel("is", rotation=0)
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, labelsize=9, labeltop=True, labelbottom=False, colors=_INK)
    axes.spines[:].set_color("#d5d6da")
    figure.suptitle(_headline(report), size=11, color=_INK)
    return figure


def _tile(row: int, column: int) -> matplotlib.patches.Rectangle:
    corner = (column - 0.5, row - 0.5)
    return matplotlib.patches.Rectangle(corner, 1, 1, facecolor="#eeeff2", edgecolor="none")


def _headline(report: Report) -> str:
    return (
        f"{report.model.name} on {report.title}'s test set: "
        f"{report.accuracy:.2%} of {len(report):,} read rightly"
    )


def draw_calibration(reports: list[Report]) -> Figure:
    """Above: how often answers of a probability come true. Below: how many there are."""
    figure = make_figure(6, 5.4)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot((0, 1), (0, 1), color=_FAINT, linewidth=1, label="as it should be")
    for report, (color, dashes) in zip(reports, _COLORS, strict=False):
        x, y, _ = filled_bins(report.bins)
        label = f"{report.model.name}: error {report.calibration_error:.2%}"
        upper.plot(x, y, dashes, color=color, marker="o", markersize=5, label=label)
    width = 0.84 / len(reports[0].bins) / len(reports)
    for number, report in enumerate(reports):
        middles = [(b.low + b.high) / 2 + (number - (len(reports) - 1) / 2) * width
                   for b in report.bins]  # fmt: skip
        counts = [b.count for b in report.bins]
        lower.bar(middles, counts, width, color=_COLORS[number][0])
    lower.set_yscale("symlog", linthresh=1)
    lower.set(xlabel="probability that the network gives its answer", ylabel="answers")
    upper.set(ylabel="share that is right", xlim=(0, 1), ylim=(-0.02, 1.02))
    _dress(upper, lower)
    upper.legend(frameon=False, fontsize=9)
    return figure


def filled_bins(bins: tuple[Bin, ...]) -> tuple[list[float], list[float], list[int]]:
    """Confidence, accuracy and count of the bins that hold any answers."""
    some = [(b.confidence, b.accuracy, b.count) for b in bins]
    kept = [(x, y, n) for x, y, n in some if x is not None and y is not None]
    return [x for x, _, _ in kept], [y for _, y, _ in kept], [n for _, _, n in kept]


def draw_rejection(reports: list[Report]) -> Figure:
    """Accuracy of what is answered, against the share that is."""
    figure = make_figure(6, 4.4)
    axes = figure.subplots()
    for report, (color, dashes) in zip(reports, _COLORS, strict=False):
        curve = report.rejection
        label = f"{report.model.name}, by the {curve.rule}"
        axes.plot(curve.shares, curve.accuracies, dashes, color=color, label=label)
    axes.set(xlabel="share answered", ylabel="of those, right")
    curves = [report.rejection for report in reports]
    axes.set(xlim=(rejection_start(curves), 1), ylim=(rejection_floor(curves), 1.0005))
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.yaxis.set_major_formatter(lambda share, _: f"{share * 100:g} %")
    _dress(axes)
    axes.legend(frameon=False, fontsize=9, loc="lower left")
    return figure


def _dress(*all_axes: Axes) -> None:
    """Make the axes faint beside what they show."""
    for axes in all_axes:
        axes.grid(color="#e3e4e8", linewidth=0.7)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color("#b9bbc2")
        axes.tick_params(colors=_INK, labelsize=9)


def draw_gallery(report: Report, numbers: NDArray[np.int64], title: str) -> Figure:
    """Images with what they are and what they are read as, in the order of `numbers`."""
    rows = max(1, -(-len(numbers) // _CARDS_A_ROW))
    figure = Figure((_CARDS_A_ROW * 0.95, rows * 1.35 + 0.45), 150)
    axes = _sheet(figure, _CARDS_A_ROW * 0.95, rows * 1.35 + 0.45)
    axes.text(0.1, 0.28, title, size=10, color=_INK, va="center")
    for place, number in enumerate(numbers.tolist()):
        row, column = divmod(place, _CARDS_A_ROW)
        left, top = column * 0.95 + 0.1, row * 1.35 + 0.5
        _lay(axes, image_to_rgb(report.images[number]), left, top, 0.78, 0.78)
        is_, read = report.classes[report.labels[number]], report.answers[number]
        words = f"{is_} → {report.model.classes[read]}"
        size = 8 if len(words) < 12 else 5.2
        axes.text(left, top + 0.87, words, size=size, color=_INK, va="center", weight="bold")
        text = f"{report.confidences[number]:.1%}  #{number}"
        axes.text(left, top + 1.03, text, size=6, color="#63666e", va="center")
    return figure


def draw_maps(rows: MapRows, title: str) -> Figure:
    """One row an image: the image, conv1's six maps, conv2's sixteen, the answer."""
    side, gap, wide = 0.62, 0.06, 1.5
    width = 0.2 + (1 + 6 + 16) * (side + gap) + 2 * 0.14 + wide
    height = 0.75 + len(rows) * (side + 0.12)
    figure = Figure((width, height), 150)
    axes = _sheet(figure, width, height)
    axes.text(0.1, 0.2, title, size=10, color=_INK, va="center")
    starts = (0.1, 0.1 + side + gap + 0.14, 0.1 + 7 * (side + gap) + 0.28)
    for start, name in zip(starts, ("input", "conv1", "conv2"), strict=True):
        axes.text(start, 0.5, name, size=8, color="#63666e", va="center")
    table = np.asarray(matplotlib.colormaps["viridis"](range(256)))[:, :3]
    for row in range(len(rows)):
        top = 0.65 + row * (side + 0.12)
        _lay(axes, image_to_rgb(rows.images[row]), starts[0], top, side, side)
        for start, layer in zip(starts[1:], rows.levels(row), strict=True):
            for number, levels in enumerate(layer):
                _lay(axes, table[levels], start + number * (side + gap), top, side, side)
        left = starts[2] + 16 * (side + gap) + 0.06
        right = rows.labels[row] == rows.answers[row]
        axes.text(left, top + 0.2, rows.answers[row], size=11, weight="bold",
                  color=_INK if right else _ERROR, va="center")  # fmt: skip
        text = f"{rows.confidences[row]:.1%}" + ("" if right else f", is {rows.labels[row]}")
        axes.text(left, top + 0.46, text, size=7, color="#63666e", va="center")
    return figure


def image_to_rgb(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image of a dataset as (H, W, 3): gray ones dark on white, as ink is."""
    if image.ndim == 3:
        return np.moveaxis(image, 0, 2)
    return np.repeat(255 - image[..., None], 3, axis=2)


def _sheet(figure: Figure, width: float, height: float) -> Axes:
    """All of the figure as one sheet, in inches from the top left corner."""
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return axes


def _lay(
    axes: Axes,
    image: NDArray[np.generic],
    left: float,
    top: float,
    width: float,
    height: float,
) -> None:
    """A picture on a sheet, every pixel of it a sharp square."""
    axes.imshow(
        image,
        extent=(left, left + width, top + height, top),
        interpolation="nearest",
        aspect="auto",
    )
    frame = matplotlib.patches.Rectangle(
        (left, top), width, height, fill=False, edgecolor="#d5d6da", linewidth=0.5
    )
    axes.add_patch(frame)


# Figures as files


FIGURE_ENDINGS = (".png", ".svg", ".pdf", ".pgf")
"""The kinds of file in which a figure is saved."""


def make_figure(width: float, height: float) -> Figure:
    """An empty figure of that size in inches, whose parts keep clear of one another."""
    figure = Figure((width, height), 150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def encode_figure(figure: Figure, ending: str) -> bytes:
    """A figure as the content of a file of this ending; the same figure, the same bytes.

    Args:
        figure: drawn by Agg.
        ending: one of `FIGURE_ENDINGS`.

    Raises:
        UserError: PGF is asked for, and LaTeX, which measures its texts, is not installed.
    """
    buffer = io.BytesIO()
    kind = ending.lower().lstrip(".")
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    with matplotlib.rc_context({"svg.hashsalt": "lenet-studio"}):
        if kind == "pgf" and shutil.which(matplotlib.rcParams["pgf.texsystem"]) is None:
            raise UserError(
                _(
                    "A PGF picture needs LaTeX ({program}), which is not installed: save a PDF"
                ).format(program=matplotlib.rcParams["pgf.texsystem"])
            )
        figure.savefig(buffer, format=kind, facecolor=figure.get_facecolor(), metadata=metadata)
    if threading.current_thread() is not threading.main_thread():
        _close_fonts()
    return buffer.getvalue()


def _close_fonts() -> None:
    """Close the font files that were opened to draw in this thread, which may be ending.

    matplotlib opens them anew in each thread. Whoever draws next opens them again, in some ms.

    - Without it: two more files are open after each run that drew its curves, up to 128.
    - Versions: matplotlib 3.11.2.
    - Upstream: "FontManager API to close font files opened by FT2Font",
      https://github.com/matplotlib/matplotlib/issues/22017; by thread since
      https://github.com/matplotlib/matplotlib/pull/19618.
    - Off: LENET_STUDIO_NO_WORKAROUNDS=1.
    - No longer needed once `test_no_font_stays_open_for_a_thread_that_ended` passes so.
    """
    forget = getattr(getattr(font_manager, "_get_font", None), "cache_clear", None)
    if workarounds_enabled() and forget is not None:
        forget()
