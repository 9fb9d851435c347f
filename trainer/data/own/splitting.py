"""Names the classes of one's own data, and divides its pictures where the files do not.

By chance, but always the same: of each class a tenth is kept for testing, and a tenth of all for
choosing the epoch; the rest is trained on. Where the files say which pictures are for testing,
or for validation, they decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.data.labelled_images import DataError
from trainer.data.own.source import Role
from trainer.recipes.own_dataset import FEWEST_CLASSES, MOST_CLASSES, is_one_line
from trainer.translation import gettext as _
from trainer.translation import ngettext

_TENTH = 0.1
_FEWEST = 3  # pictures of a class, one for each purpose
_SEED = 1998
_LONGEST = 40  # characters of a class's name, as a model file takes them
_MOST_TOLD = 5


def order_classes(keys: set[str]) -> tuple[str, ...]:
    """Names of classes in order: whole numbers by their value, other names as words."""
    if all(key.isascii() and key.isdigit() for key in keys):
        # Not by `int`, which takes no more than 4,300 digits.
        return tuple(sorted(keys, key=lambda key: (len(key.lstrip("0")), key.lstrip("0"), key)))
    return tuple(sorted(keys, key=lambda key: (key.casefold(), key)))


def clean_names(keys: Sequence[str]) -> tuple[str, ...]:
    """Names as a model file takes them: one line each, none too long, no two the same."""
    names: list[str] = []
    for key in keys:
        name = "".join(c if is_one_line(c) else "?" for c in key).strip() or "?"
        name = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
        number = 2
        while name in names:
            end = f" ({number})"
            name, number = name[: _LONGEST - len(end)] + end, number + 1
        names.append(name)
    return tuple(names)


def choose_classes(
    roles: Sequence[Role], keys: Sequence[str], wanted: tuple[str, ...], path: object
) -> tuple[tuple[str, ...], list[str]]:
    """The classes that have enough pictures, in order.

    Args:
        roles: of each picture.
        keys: of each picture, its class.
        wanted: the classes in their order; if empty, they are put in order.
        path: of which folder or file.

    Returns:
        The classes' keys, and what is said of those that are left out.

    Raises:
        DataError: too few or too many are left.
    """
    has_test = Role.TEST in roles
    counts = Counter(
        key for role, key in zip(roles, keys, strict=True) if role in (Role.ALL, Role.TRAIN)
    )
    fewest = 1 if has_test and Role.VALIDATION in roles else 2 if has_test else _FEWEST
    names = {key for key in keys if key}
    few = {key for key in names if counts[key] < fewest}
    kept = names - few
    classes = tuple(key for key in wanted if key in kept) if wanted else order_classes(kept)
    notes = []
    if few:
        notes.append(
            ngettext(
                "{n} class has fewer than {fewest} pictures to train on: {names}",
                "{n} classes have fewer than {fewest} pictures to train on: {names}",
                len(few),
            ).format(n=len(few), fewest=fewest, names=_list(order_classes(few)))
        )
    if not FEWEST_CLASSES <= len(classes) <= MOST_CLASSES:
        reason = f" ({notes[0]})" if notes else ""
        raise DataError(
            ngettext(
                "{path} has {n} class: there must be {low} to {high}{reason}",
                "{path} has {n} classes: there must be {low} to {high}{reason}",
                len(classes),
            ).format(
                path=path, n=len(classes), low=FEWEST_CLASSES, high=MOST_CLASSES, reason=reason
            )
        )
    return classes, notes


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_TOLD]) + (" …" if len(names) > _MOST_TOLD else "")


def divide(roles: list[Role], labels: NDArray[np.int64]) -> tuple[list[Role], str]:
    """What each picture is for.

    Args:
        roles: as far as the files say.
        labels: of each picture, its class.

    Returns:
        Roles without ALL, and how they came about, for people.
    """
    parts: list[Role] = [Role.TRAIN if role is Role.ALL else role for role in roles]
    rng = np.random.default_rng(_SEED)
    test_given, validation_given = Role.TEST in roles, Role.VALIDATION in roles
    if not test_given:
        _draw(parts, labels, Role.TEST, _TENTH, rng)
    if not validation_given:
        share = _TENTH if test_given else _TENTH / (1 - _TENTH)
        _draw(parts, labels, Role.VALIDATION, share, rng)
    if test_given and validation_given:
        return parts, _("Given by the files: training, validation and test")
    if test_given:
        return parts, _("Test given by the files; of the others, 10 % of each class for validation")
    if validation_given:
        return parts, _(
            "Validation given by the files; of the others, 10 % of each class for testing"
        )
    return parts, _("By chance, always the same: of each class 80 % to train on, 10 % for "
                   "validation, 10 % for testing")  # fmt: skip


def _draw(
    roles: list[Role], labels: NDArray[np.int64], role: Role, share: float, rng: np.random.Generator
) -> None:
    """Give a share of each class's training pictures, one at the least, another role."""
    free = np.array([each is Role.TRAIN for each in roles])
    for label in np.unique(labels):
        places = rng.permutation(np.flatnonzero(free & (labels == label)))
        if len(places) > 1:
            for place in places[: max(1, round(len(places) * share))].tolist():
                roles[place] = role
