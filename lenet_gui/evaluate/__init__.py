"""The Evaluate tab: one network, or two side by side, on a dataset's test images.

Shows a `trainer.evaluation.report.Report` and computes nothing itself: `evaluation` runs in
a thread. Begin with `tab`, then `results_view`.
"""

from typing import TYPE_CHECKING

from trainer import import_when_used

if TYPE_CHECKING:
    from lenet_gui.evaluate import tab

__all__ = [
    "class_table",
    "confusion_matrix",
    "evaluation",
    "gallery",
    "maps_page",
    "plots",
    "results_view",
    "tab",
]

__getattr__ = import_when_used(__name__, __all__)
