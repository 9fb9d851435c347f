"""Inference: from a sheet or images to predictions with the values of all layers.

Knows nothing of training, data sets or the window. Begin with `sheet_reader`, whose
`read_sheet` answers a request of `sheet_reading`; `predict` reads images, `captured` does
so on a GPU one image at a time, and `numbers` reads several digits on one sheet.
"""

__all__ = [
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
