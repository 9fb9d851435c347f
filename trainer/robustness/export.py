"""What was found about robustness, as tables, as JSON and as pictures for files.

The curves are drawn by matplotlib on white, as a slide or a paper is. Knows no window; figures
are made without pyplot, so any thread may draw them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trainer.curves.spec import style_of
from trainer.evaluation.export import as_csv
from trainer.evaluation.figures import encode_figure, make_figure
from trainer.robustness.distortions import Parameter
from trainer.robustness.sweep import Curve, Robustness, Sweep

_INK, _FAINT, _LIMIT = "#202124", "#9a9ca3", "#b3400f"
_SEEN = 0.02
"""Classes that are never more probable than this are not drawn."""


def draw_robustness(result: Robustness) -> Figure:
    """Accuracy against each distortion, a panel each."""
    columns = min(3, len(result.curves))
    rows = math.ceil(len(result.curves) / columns)
    figure = make_figure(4.2 * columns, 2.9 * rows + 0.6)
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, curve in zip(panels.flat, result.curves, strict=False):
        _paint_curve(axes, curve, result.names)
    for axes in panels.flat[len(result.curves) :]:
        axes.set_visible(False)
    for row in panels:
        row[0].set_ylabel("accuracy")
    again = ", fitted again" if result.refit else ""
    figure.suptitle(f"{result.title}, {result.count:,} test images distorted{again}", size=11)
    lines, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    return figure


def _paint_curve(axes: Axes, curve: Curve, names: tuple[str, ...]) -> None:
    at = [curve.parameter.share(value) for value in curve.values]
    for number, (name, row) in enumerate(zip(names, curve.accuracies, strict=True)):
        style = style_of(number)
        dashes = (0, style.dashes) if style.dashes else "-"
        axes.plot(
            at,
            row,
            color=style.light,
            linestyle=dashes,
            marker=style.marker,
            markersize=4,
            label=name,
        )
    _dress(axes, curve.parameter, (min(at), max(at)))


def draw_sweep(sweep: Sweep) -> Figure:
    """The probability of each class against the distortion, a panel for each network."""
    count = len(sweep.names)
    figure = make_figure(7.4, 3.4 * count + 0.4)
    panels = figure.subplots(count, 1, squeeze=False, sharex=True)[:, 0]
    at = [sweep.parameter.share(value) for value in sweep.values]
    for network, axes in enumerate(panels):
        for number, name in enumerate(sweep.classes):
            shares = sweep.probabilities[network, :, number]
            if shares.max() >= _SEEN:
                color = style_of(number).light
                axes.plot(at, shares, color=color, linewidth=1.8, label=name)
        for interval in sweep.answer_intervals(network):
            middle = (at[interval.first] + at[interval.last]) / 2
            axes.text(middle, 1.04, sweep.classes[interval.answer], ha="center", size=9, color=_INK)
            if interval.first:
                edge = (at[interval.first - 1] + at[interval.first]) / 2
                axes.axvline(edge, color=_FAINT, linewidth=0.8)
        axes.set_title(sweep.names[network], size=10, loc="left", pad=16)
        axes.set_ylabel("probability")
        _dress(axes, sweep.parameter, (at[0], at[-1]))
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _dress(axes: Axes, shown: Parameter, ends: tuple[float, float]) -> None:
    """Scale, grid, and how far the paper's network went."""
    for limit in shown.limits:
        if ends[0] - 1e-6 <= shown.share(limit) <= ends[1] + 1e-6:
            axes.axvline(shown.share(limit), color=_LIMIT, linewidth=1, linestyle=(0, (4, 3)))
    marks = [
        mark for mark in shown.marks() if ends[0] - 0.01 <= shown.share(mark) <= ends[1] + 0.01
    ]
    axes.set_xticks([shown.share(mark) for mark in marks], [shown.short(mark) for mark in marks])
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlim(ends[0] - 0.02, ends[1] + 0.02)
    axes.set_yticks((0, 0.25, 0.5, 0.75, 1), ("0", "25 %", "50 %", "75 %", "100 %"))
    axes.grid(color="#e9eaee", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=8, colors=_INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#d5d6da")
    dashed = "; dashed: the paper's network" if shown.limits else ""
    pixels = ", pixels" if shown.unit == "px" else ""
    axes.set_xlabel(f"{shown.title.lower()}{pixels}{dashed}", size=9)


def as_json(result: Robustness) -> dict[str, Any]:
    """What `lenet robustness --json` prints."""
    return {
        "dataset": result.dataset,
        "count": result.count,
        "networks": list(result.names),
        "refit": result.refit,
        "seed": result.seed,
        "distortions": [
            {
                "name": curve.parameter.name,
                "unit": curve.parameter.unit,
                "values": list(curve.values),
                "accuracies": [list(row) for row in curve.accuracies],
            }
            for curve in result.curves
        ],
    }


def write_csv(result: Robustness | Sweep) -> bytes:
    """CSV in UTF-8, a row for each network and value.

    Of a dataset: network, distortion, value, accuracy, images. Of one digit: network,
    distortion, value, answer, and each class's probability.
    """
    return as_csv(_measured_rows(result) if isinstance(result, Robustness) else _swept_rows(result))


def _measured_rows(result: Robustness) -> Iterable[Iterable[Any]]:
    yield "network", "distortion", "value", "accuracy", "images"
    for curve in result.curves:
        for name, row in zip(result.names, curve.accuracies, strict=True):
            for value, accuracy in zip(curve.values, row, strict=True):
                yield name, curve.parameter.name, f"{value:.6g}", f"{accuracy:.6g}", result.count


def _swept_rows(sweep: Sweep) -> Iterable[Iterable[Any]]:
    yield "network", "distortion", "value", "answer", *sweep.classes
    for name, rows in zip(sweep.names, sweep.probabilities, strict=True):
        for value, row in zip(sweep.values, rows, strict=True):
            shares = (f"{share:.6g}" for share in row)
            answer = sweep.classes[int(row.argmax())]
            yield name, sweep.parameter.name, f"{value:.6g}", answer, *shares


def content(result: Robustness | Sweep, ending: str) -> bytes:
    """What a file that ends in ".png", ".svg" or ".csv" holds of it."""
    return write_csv(result) if ending.lower() == ".csv" else render_picture(result, ending)


def render_picture(result: Robustness | Sweep, ending: str) -> bytes:
    """The curves as what a file that ends in ".png" or ".svg" holds."""
    figure = draw_robustness(result) if isinstance(result, Robustness) else draw_sweep(result)
    return encode_figure(figure, ending)
