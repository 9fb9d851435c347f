"""One's own data as a recipe names them: `own:26:gray:/home/ann/letters`.

The name says where the data lie, how many classes they have, and whether their pictures have
colors: all that a network's shape hangs on. So whoever has the recipe can build the network
without the data. In the path, "%" is written as "%25" and "+" as "%2B", since a "+" in a
dataset's name joins two datasets. Pure data; `trainer.data.own` reads what lies there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

FEWEST_CLASSES, MOST_CLASSES = 2, 100
LONGEST_PATH = 1000
"""Characters."""
_JOINERS = str.maketrans("", "", "\u200c\u200d")
"""Joiners within words and emoji, which Python does not count among what can be printed."""
_NAME = re.compile(r"own:([0-9]{1,3}):(gray|color):(.+)")


@dataclass(frozen=True, slots=True)
class OwnDataset:
    """What a recipe knows of one's own data."""

    path: str  # absolute, of a folder or a file
    classes: int
    color: bool = False  # pictures of 3x32x32 rather than gray ones of 28x28

    @property
    def name(self) -> str:
        """What a recipe calls it."""
        path = self.path.replace("%", "%25").replace("+", "%2B")
        return f"own:{self.classes}:{'color' if self.color else 'gray'}:{path}"

    @property
    def title(self) -> str:
        """What people call it: the last part of its path."""
        return PurePosixPath(self.path.replace("\\", "/")).name or self.path


def parse_own(name: object) -> OwnDataset | None:
    """What a name of one's own data says; None if it is the name of something else, or damaged."""
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        return None
    classes, path = int(match[1]), match[3].replace("%2B", "+").replace("%25", "%")
    if not FEWEST_CLASSES <= classes <= MOST_CLASSES:
        return None
    if len(path) > LONGEST_PATH or not path.isprintable():
        return None
    return OwnDataset(path, classes, match[2] == "color")


def is_one_line(text: str) -> bool:
    """Whether a text shows what it says: no line ends, and nothing that turns letters around."""
    return text.translate(_JOINERS).isprintable()
