"""`lenet`: everything but drawing, from a terminal.

Begin with `parser`, which gathers every command's options from `arguments` and imports only the
command asked for; each command is a function that takes the parsed arguments and returns the exit
status. Knows nothing of the window.
"""

__all__ = [
    "arguments",
    "classes",
    "common",
    "data",
    "evaluate",
    "exchange",
    "installation",
    "listings",
    "output",
    "pages",
    "parser",
    "predict",
    "robustness",
    "train",
]
