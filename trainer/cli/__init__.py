"""`lenet`: everything but drawing, from a terminal.

Begin with `parser`, which has every command's options and imports only the command asked
for; each command is a function of its own module that takes the parsed arguments and
returns the exit status. Knows nothing of the window.
"""

__all__ = [
    "common",
    "download",
    "evaluate",
    "gate",
    "installation",
    "listings",
    "output",
    "own",
    "parser",
    "predict",
    "robustness",
    "summary",
    "train",
]
