"""matplotlib figures for files: how they begin, and how they become PNG or SVG.

Knows nothing of what is drawn. Figures are made without pyplot, so any thread may draw them.
"""

from __future__ import annotations

import io

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def make_figure(width: float, height: float) -> Figure:
    """An empty figure of that size in inches, whose parts keep clear of one another."""
    figure = Figure((width, height), 150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def encode_figure(figure: Figure, ending: str) -> bytes:
    """A figure as the content of a ".png" or ".svg" file; the same figure, the same bytes."""
    buffer = io.BytesIO()
    kind = ending.lower().lstrip(".")
    metadata = {"Date": None} if kind == "svg" else None
    with matplotlib.rc_context({"svg.hashsalt": "lenet-studio"}):
        figure.savefig(buffer, format=kind, facecolor=figure.get_facecolor(), metadata=metadata)
    return buffer.getvalue()
