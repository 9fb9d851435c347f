"""Texts for people, in their language, by gettext: `from trainer.translation import gettext as _`.

A text is a whole sentence with named fields, filled after it was translated:
`_("{file} is not a picture").format(file=name)`. What depends on a count is
`ngettext("{n} digit", "{n} digits", n).format(n=n)`. A text that is made when a module
is imported, such as a title in a table, is marked with `N_` there and translated with
`_` where it is shown, since the language may change while the program runs.
"""

from __future__ import annotations

import gettext as catalogs
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

DOMAIN = "lenet-studio"
"""The name of the files of translated texts."""
LANGUAGES = {"en": "English", "zh_CN": "中文"}
"""The languages that there are, each by the name that its speakers give it."""
_TRADITIONAL = {"hant", "hk", "mo", "tw"}
"""Parts of the names of Chinese written with other characters than ours."""

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
    if language == "en":  # the texts' own
        _catalog = catalogs.NullTranslations()
        return language
    try:
        _catalog = catalogs.translation(DOMAIN, folder, [language])
    except FileNotFoundError:
        _catalog = catalogs.NullTranslations()
        return "en"
    return language


def match_language(preferred: Iterable[str]) -> str:
    """The first of these languages that there is; "en" if there is none of them.

    Args:
        preferred: such as "zh_CN.UTF-8" or "zh-Hans-CN", the most preferred first.
    """
    for name in preferred:
        language, *others = re.split(r"[-_.@]", name.lower())
        if language in ("en", "c", "posix"):
            break
        if language == "zh" and not _TRADITIONAL.intersection(others):
            return "zh_CN"
    return "en"


def wanted_languages(environment: Mapping[str, str]) -> list[str]:
    """What the environment asks for, as GNU gettext reads it; the most wanted first."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name].split(":")
    return []


def follow_environment(environment: Mapping[str, str], folder: Path) -> None:
    """Use the language that the environment asks for; argparse's own messages as well.

    Args:
        environment: of the process.
        folder: as for `use_language`.
    """
    use_language(match_language(wanted_languages(environment)), folder)
    # argparse asks Python's own catalog, which looks into the same environment.
    catalogs.bindtextdomain(DOMAIN, str(folder))
    catalogs.textdomain(DOMAIN)
