"""Inference: from a sheet or images to answers with all that was computed on the way.

Knows nothing of training, data sets or the window. Begin with `sheet_reader`, whose
`read_sheet` answers a request of `sheet_reading`; `predict` reads images, `captured` does
so on a GPU one image at a time, and `numbers` reads several digits on one sheet.
"""

__all__ = [
    "arc_weights",
    "arcs",
    "captured",
    "interpretation",
    "numbers",
    "pictures",
    "predict",
    "punctuation",
    "sheet_reader",
    "sheet_reading",
    "verdict",
]
