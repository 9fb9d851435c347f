"""Folders of pictures: a folder for each class, as torchvision's ImageFolder takes them.

They may lie in folders called train, test and validation, which then say how to divide.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from trainer.data.labelled_images import DataError
from trainer.data.own.place import Place
from trainer.data.own.source import OwnPart, Pixels, RawPictures, Role, role_of
from trainer.drawing.picture_file import read_colors
from trainer.translation import gettext as _
from trainer.translation import ngettext

_WORKING = 160
"""Pixels of the longer side that are enough: those of the ink's box, drawn finely."""


def read_folders(place: Place) -> RawPictures:
    """The pictures of a folder, none of them opened yet.

    Raises:
        DataError: they do not lie in folders of classes.
    """
    paths = [(file, file.relative_to(place.path).parts[:-1]) for file in place.files]
    paths = _without_wrapping(paths)
    tops = {folders[0].lower() for _file, folders in paths if folders}
    divided = bool(tops) and Role.ALL not in map(role_of, tops) and role_of_any(tops, Role.TRAIN)
    depth = 1 if divided else 0
    loose = [file for file, folders in paths if len(folders) <= depth]
    kept = [(file, folders) for file, folders in paths if len(folders) > depth]
    if not kept:
        raise DataError(
            _(
                "{path} holds pictures, but no folder for each class: put the pictures of a class "
                "into a folder that has the class's name"
            ).format(path=place.path)
        )
    parts = []
    for role in Role:
        own = [
            (file, folders[depth])
            for file, folders in kept
            if (role_of(folders[0]) if divided else Role.ALL) is role
        ]
        if own:
            parts.append(_part(role, own))
    return RawPictures(tuple(parts), skipped=(*_tell_loose(loose), *tell_others(place.others)))


def role_of_any(names: set[str], role: Role) -> bool:
    """Whether one of these names says this of its pictures."""
    return any(role_of(name) is role for name in names)


def _without_wrapping(
    paths: list[tuple[Path, tuple[str, ...]]],
) -> list[tuple[Path, tuple[str, ...]]]:
    """Without a folder that holds all the others, as it comes out of an archive."""
    while paths and all(len(folders) > 1 and folders[0] == paths[0][1][0] for _f, folders in paths):
        paths = [(file, folders[1:]) for file, folders in paths]
    return paths


def _part(role: Role, files: list[tuple[Path, str]]) -> OwnPart:
    def picture(number: int) -> Pixels:
        return as_gray_if_it_is(read_colors(files[number][0], _WORKING))

    return OwnPart(role, [name for _file, name in files], picture)


def as_gray_if_it_is(colors: Pixels) -> Pixels:
    """Pixels (H, W, 3) as (H, W) where the three are equal everywhere."""
    if (colors == colors[:, :, :1]).all():
        return np.ascontiguousarray(colors[:, :, 0])
    return colors


def to_gray(colors: Pixels) -> Pixels:
    """The light of a picture: uint8 (H, W), by ITU-R BT.601."""
    return colors if colors.ndim == 2 else np.asarray(Image.fromarray(colors).convert("L"))


def _tell_loose(loose: list[Path]) -> list[str]:
    if not loose:
        return []
    return [
        ngettext(
            "{n} picture lies in no class's folder, such as {name}",
            "{n} pictures lie in no class's folder, such as {name}",
            len(loose),
        ).format(n=len(loose), name=loose[0].name)
    ]


def tell_others(others: tuple[Path, ...]) -> list[str]:
    """What is said of files of another kind than those that are read."""
    if not others:
        return []
    kinds = Counter(file.suffix.lower() or file.name for file in others)
    names = ", ".join(kind for kind, _count in kinds.most_common(3))
    return [
        ngettext(
            "{n} file of another kind ({kinds})", "{n} files of other kinds ({kinds})", len(others)
        ).format(n=len(others), kinds=names)
    ]
