"""The Evaluate tab: one network, or two side by side, on a dataset's test images.

Shows a `trainer.evaluation.report.Report` and computes nothing itself: `evaluation` runs in
a thread. Begin with `tab`, then `results_view`.
"""

__all__ = [
    "class_table",
    "confusion_matrix",
    "evaluation",
    "gallery",
    "maps_page",
    "panel",
    "plots",
    "results_view",
    "tab",
]
