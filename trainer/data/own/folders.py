"""Folders of pictures: a folder for each class, as torchvision's ImageFolder takes them.

They may lie in folders called train, test and validation, which then say how to divide.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from trainer.data.labelled_images import DataError
from trainer.data.own.place import Place, is_of_the_system
from trainer.data.own.source import OwnPart, Pixels, RawPictures, Role, role_of
from trainer.drawing.picture_file import read_colors
from trainer.translation import gettext as _
from trainer.translation import ngettext

_WORKING = 160
"""Pixels of the longer side that are enough: those of the ink's box, drawn finely."""

_MOST_TOLD = 5

_Found = tuple[Path, tuple[str, ...]]
"""A picture, and the names of the folders that it lies in, from the outermost."""


def read_folders(place: Place) -> RawPictures:
    """The pictures of a folder, none of them opened yet.

    Raises:
        DataError: they do not lie in folders of classes.
    """
    found = [(file, file.relative_to(place.path).parts[:-1]) for file in place.files]
    found = _without_wrapping(found)
    roles = _divide(found)
    classes = {
        role: [(file, folders[0]) for file, folders in own if folders]
        for role, own in roles.items()
    }
    in_classes = {file for own in classes.values() for file, _name in own}
    if not in_classes:
        raise DataError(
            _(
                "{path} holds pictures, but no folder for each class: put the pictures of a class "
                "into a folder that has the class's name"
            ).format(path=place.path)
        )
    loose = [file for file, _folders in found if file not in in_classes]
    parts = [_part(role, classes[role]) for role in Role if classes.get(role)]
    skipped = (*_tell_loose(loose), *_tell_empty(classes, place.files), *tell_others(place.others))
    return RawPictures(tuple(parts), skipped=skipped)


def _divide(found: list[_Found]) -> dict[Role, list[_Found]]:
    """What the pictures are for, by the folders called train or test that hold the classes', or
    that lie in each of them.
    """
    inner = [(file, folders) for file, folders in found if len(folders) > 1]
    for level in (0, 1):
        tops = {folders[level] for _file, folders in inner}
        kinds = {role_of(name) for name in tops}
        # Beside both, a folder of another name holds something else; beside one, a class.
        others = Role.ALL in {role_of(folders[0]) for _file, folders in found if folders}
        if Role.TRAIN not in kinds or (others and len(kinds - {Role.ALL}) < 2 and not level):
            continue
        if level and (Role.ALL in kinds or len(kinds) < 2):
            continue
        divided: dict[Role, list[_Found]] = {role: [] for role in kinds - {Role.ALL}}
        for file, folders in inner:
            role = role_of(folders[level])
            if role is not Role.ALL:
                divided[role].append((file, (*folders[:level], *folders[level + 1 :])))
        return {role: _without_wrapping(own) for role, own in divided.items()}
    return {Role.ALL: found}


def _without_wrapping(found: list[_Found]) -> list[_Found]:
    """Without a folder that holds all the others, as it comes out of an archive."""
    while True:
        inner = [folders for _file, folders in found if folders]
        if not inner or any(len(folders) < 2 or folders[0] != inner[0][0] for folders in inner):
            return found
        found = [(file, folders[1:]) for file, folders in found]


def _tell_empty(classes: dict[Role, list[tuple[Path, str]]], files: tuple[Path, ...]) -> list[str]:
    """What is said of folders beside those of classes that hold no picture."""
    places = {file.parent for file in files}
    filled = places.union(*(place.parents for place in places))
    named = {(file.parent, name) for own in classes.values() for file, name in own}
    outer = {
        folder.parent
        for place, name in named
        for folder in (place, *place.parents)
        if folder.name == name
    }
    empty: set[str] = set()
    for folder in outer & filled:
        with suppress(OSError), os.scandir(folder) as entries:
            empty |= {
                entry.name
                for entry in entries
                if entry.is_dir()
                and not is_of_the_system(entry.name)
                and folder / entry.name not in filled
            }
    if not empty:
        return []
    return [
        ngettext(
            "{n} folder holds no picture: {names}",
            "{n} folders hold no picture: {names}",
            len(empty),
        ).format(n=len(empty), names=", ".join(sorted(empty)[:_MOST_TOLD]))
    ]


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
