"""Pictures of several digits: numbers, rows, tables and whole pages, found, divided and read.

`reader.read_page` takes a picture's pixels and returns a `Page`: each digit with its box in
the picture, in reading order. `ink` tells ink from paper and draws a part of it as MNIST would
show it, `skew` turns rows level, `rulings` takes printed lines away, `components` finds what hangs
together and orders it in rows, `cuts` offers places to divide touching digits at, `division`
chooses among the ways to divide a row. `opening` tells a picture of one digit from one of several.
Knows nothing of windows.
"""

__all__ = [
    "components",
    "cuts",
    "division",
    "files",
    "ink",
    "opening",
    "page",
    "reader",
    "rulings",
    "skew",
]
