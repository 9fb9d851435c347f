"""Pictures of several digits: numbers, rows, tables and whole pages, found, divided and read.

`reader.read_page` takes a picture's pixels and returns a `Page`: each digit with its box in
the picture, in reading order. The modules in the order in which a picture passes them:
`binarization` tells ink from paper, `skew` rotates rows level, `ruled_lines` removes printed
lines, `components` finds connected components and orders them in rows, `cuts` offers places to cut
touching digits apart at, and `division` chooses the best path through a row's segmentation graph.
`opening` tells a picture of one digit from one of several; `files` reads folders and scans. How
ink is told from paper, and laid out on 28x28, is shared with `trainer.drawing.photos`. Knows
nothing of windows.
"""

__all__ = [
    "binarization",
    "components",
    "cuts",
    "division",
    "files",
    "opening",
    "page",
    "reader",
    "ruled_lines",
    "skew",
]
