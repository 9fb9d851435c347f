"""Texts for people, in their language, by gettext: `from trainer.translation import gettext as _`.

A text is a whole sentence with named fields, filled after it was translated:
`_("{file} is not a picture").format(file=name)`. What depends on a count is
`ngettext("{n} digit", "{n} digits", n).format(n=n)`. A text that is made when a module
is imported, such as a title in a table, is marked with `N_` there and translated with
`_` where it is shown, since the language may change while the program runs.
"""

from __future__ import annotations

import gettext as catalogs
from pathlib import Path

DOMAIN = "lenet-studio"
"""The name of the files of translated texts."""

_catalog: catalogs.NullTranslations = catalogs.NullTranslations()


def gettext(message: str) -> str:
    """`message` in the language in use; itself where nobody translated it."""
    return _catalog.gettext(message) if message else ""


def ngettext(singular: str, plural: str, number: int) -> str:
    """The form of a text that goes with a count, in the language in use."""
    return _catalog.ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    """`message` where one English word has several meanings; `context` tells which."""
    return _catalog.pgettext(context, message)


def N_(message: str) -> str:
    """`message` itself, marked for translation by `gettext` where it is shown.

    The name is the one that xgettext and its users know.
    """
    return message


def use_language(language: str, folder: Path) -> str:
    """Translate from here on.

    Args:
        language: such as "zh_CN"; "en" or one without a catalog leaves English.
        folder: holds LANGUAGE/LC_MESSAGES/lenet-studio.mo.

    Returns:
        The language in use: `language`, or "en" where it has no catalog.
    """
    global _catalog
    try:
        _catalog = catalogs.translation(DOMAIN, folder, [language])
    except FileNotFoundError:
        _catalog = catalogs.NullTranslations()
        return "en"
    return language
