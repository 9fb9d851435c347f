"""The Draw tab: the canvas, the thread that reads what is drawn, and the answer.

Knows neither training nor the other tabs. Begin with `tab`; `canvas` takes the pen,
`reader` reads in a thread of its own, `result_view` shows what it found.
"""

__all__ = [
    "answer_view",
    "canvas",
    "canvas_painting",
    "dataset_browser",
    "dataset_lookup",
    "maps_view",
    "nearest_forms_view",
    "picture_input",
    "preprocessing_view",
    "reader",
    "result_view",
    "tab",
    "watch_bar",
]
