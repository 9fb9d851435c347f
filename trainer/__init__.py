"""Digits and networks: data, LeNet-5, training, reading. Knows nothing of Qt.

Importing this package imports neither torch nor matplotlib; each module that
needs them does so itself.
"""

__version__ = "0.2.0"

__all__ = [
    "cli",
    "curves",
    "data",
    "drawing",
    "errors",
    "evaluation",
    "files",
    "handwriting",
    "inspect",
    "my_digits",
    "networks",
    "progress",
    "reading",
    "recipes",
    "robustness",
    "runs",
    "runtime",
    "training",
    "translation",
]
