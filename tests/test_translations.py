"""Texts for people: all are marked, the catalog is up to date, and translations are whole."""

from __future__ import annotations

import gettext as catalogs
import io
import re
import string
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message

from tests.support import translations
from trainer.translation import LANGUAGES

TRANSLATED = [language for language in LANGUAGES if language != "en"]
REFRESH = "python -m tests.support.translations brings it up to date"


def ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def translated(language: str) -> Iterator[Message]:
    """What translators have written so far."""
    yield from (message for message in translations.read(language) if message.id and message.string)


def texts_in(catalog: catalogs.GNUTranslations) -> object:
    """All that a compiled catalog holds."""
    return vars(catalog)["_catalog"]


def fields(text: str) -> list[str]:
    """The names in braces, and argparse's with percent signs."""
    try:
        named = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:  # a brace of JSON's, in a text without fields
        named = []
    return sorted([*named, *re.findall(r"%(?:\(\w+\))?[srd]", text)])


def test_template_is_up_to_date() -> None:
    made = translations.write_po(translations.template())
    assert translations.TEMPLATE.read_bytes() == made, REFRESH


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalog_has_all_texts_and_no_others(language: str) -> None:
    wanted = {(ids(m), m.context) for m in translations.template()}
    assert {(ids(m), m.context) for m in translations.read(language)} == wanted, REFRESH


@pytest.mark.parametrize("language", TRANSLATED)
def test_compiled_catalog_is_up_to_date(language: str) -> None:
    fresh = catalogs.GNUTranslations(io.BytesIO(translations.write_mo(translations.read(language))))
    with translations.path_of(language, "mo").open("rb") as file:
        compiled = catalogs.GNUTranslations(file)
    assert texts_in(compiled) == texts_in(fresh), REFRESH


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_fields_of_their_originals(language: str) -> None:
    for message in translated(language):
        wanted = fields(ids(message)[-1])
        for form in forms(message):
            assert fields(form) == wanted, f"{ids(message)[0]!r}: {form!r}"
