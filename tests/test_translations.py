"""Texts for people: all are marked, the catalog is up to date, and translations are whole."""

from __future__ import annotations

import ast
import gettext as catalogs
import io
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

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
    yield from (
        message for message in translations.read(language) if message.id and any(forms(message))
    )


def texts_in(catalog: catalogs.GNUTranslations) -> object:
    """All that a compiled catalog holds."""
    return {text: told for text, told in vars(catalog)["_catalog"].items() if text}


def fields(text: str) -> list[str]:
    """The names in braces, and argparse's with percent signs."""
    try:
        named = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        named = [name for name in named if re.fullmatch(r"\w*", name)]  # not { and }
    except ValueError:  # a brace of JSON's, in a text without fields
        named = []
    return sorted([*set(named), *re.findall(r"%(?:\(\w+\))?[srd]", text)])


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


# Texts that are not marked

SAYING = {
    *("Label", "QLabel", "QPushButton", "QToolButton", "QAction", "QCheckBox", "ThemedCheckBox"),
    *("QRadioButton", "make_push_button", "add_action", "addAction", "addMenu", "addTab"),
    *("setText", "setToolTip", "setWindowTitle", "setTitle", "setPlaceholderText", "setStatusTip"),
    *("setWhatsThis", "setAccessibleName", "setAccessibleDescription", "setTabToolTip"),
    *("showMessage", "set_idle_note", "tell", "show_text", "refuse", "Progress", "BlockRow"),
    *("TextBlock", "add_argument", "add_parser", "ArgumentParser", "ArgumentTypeError"),
    *("drawText", "elidedText", "setFormat"),
}
"""What is called with texts for people, beside errors that people can mend."""
OTHERS = {"setObjectName", "set_defaults", "get", "format_rounded", "format_value", "startswith"}
"""What may be called with a word inside of one of these."""
NO_TEXT = {
    "LeNet Studio": "a name",
    "PyTorch": "a name",
    "<br><br>": "no words",
    "<br>": "no words",
    "[mnist]": "a name",
    '<a href="  ">  </a>': "no words",
}
TERMS = re.compile(r"conv[12]|[A-Z]?[a-z]*[._]\w+|LENET_\w+|store_true|append|version|F1|ms|px")
"""Names of layers, settings, actions of argparse, and units."""
WORDS = re.compile(r"[^\W\d_]{2,}")


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def errors_for_people() -> set[str]:
    """`UserError` and what is derived from it, by name."""
    found, before = {"UserError"}, 0
    trees = [parse(path) for path in translations.source_files()]
    while len(found) > before:
        before = len(found)
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                    if bases & found:
                        found.add(node.name)
    return found


def words_of(node: ast.expr) -> str:
    """The fixed words of a literal; empty for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return " ".join(words_of(part) for part in node.values).strip()
    return ""


def literals(node: ast.expr) -> Iterator[ast.expr]:
    """The literals that an argument is made of; not those that are marked or looked up."""
    if words_of(node):
        yield node
    elif isinstance(node, ast.BinOp):
        yield from (*literals(node.left), *literals(node.right))
    elif isinstance(node, ast.IfExp):
        yield from (*literals(node.body), *literals(node.orelse))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from literals(node.func.value)


def given_texts(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that are shown to people."""
    name = translations.called_name(call)
    if name in ("add_argument", "add_parser", "ArgumentParser"):
        shown = [word.value for word in call.keywords if word.arg in ("help", "description")]
    elif name == "make_push_button":
        shown = [call.args[0], *call.args[2:]]
    elif name in ("add_action", "addAction"):
        shown = call.args[:2]
    else:
        shown = [*call.args, *(word.value for word in call.keywords)]
    for argument in shown:
        yield from literals(argument)


def unmarked(path: Path, errors: set[str]) -> Iterator[str]:
    """Places of a module where a text is shown that is not marked."""
    for call in ast.walk(parse(path)):
        if not isinstance(call, ast.Call):
            continue
        if translations.called_name(call) not in SAYING | errors:
            continue
        for literal in given_texts(call):
            words = words_of(literal)
            if words in NO_TEXT or not WORDS.search(TERMS.sub("", words)):
                continue
            yield f"{path.relative_to(translations.ROOT)}:{literal.lineno} {words!r}"


def test_texts_for_people_are_marked() -> None:
    errors = errors_for_people()
    found = [place for path in translations.source_files() for place in unmarked(path, errors)]
    assert found == []


def test_marked_texts_are_literals() -> None:
    wrong = [
        f"{path.relative_to(translations.ROOT)}:{call.lineno}"
        for path in translations.source_files()
        for call in ast.walk(parse(path))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in translations.MARKS
        and any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in call.args)
    ]
    assert wrong == [], "a text with an f-string or a sum in it can't be found in the catalog"


def test_all_texts_have_the_same_apostrophe() -> None:
    curly = [text for message in translations.read("zh_CN") for text in ids(message) if "’" in text]
    assert not curly
