"""The catalog of translated texts: `python -m tests.support.translations` brings it up to date.

It collects all texts of both packages and of `assets/`, adds what is new to each language's
`.po`, where translators write, and compiles that to the `.mo` that the program reads.
"""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

from trainer.translation import DOMAIN, LANGUAGES

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "assets" / "locale"
TEMPLATE = FOLDER / f"{DOMAIN}.pot"
ARGPARSE = FOLDER / "argparse.json"
"""What Python's own argparse says: its texts are not in our source."""
DATA = {
    "assets/layers.json": {"format"},
    "assets/tour.json": {"format", "stages", "unit"},
    "assets/locale/argparse.json": set[str](),
}
"""Files of texts, and the keys whose values are none."""
MARKS = ("_", "gettext", "N_", "ngettext", "pgettext")
"""The functions that are given texts to translate."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is to be translated, and where it is."""

    message: str | tuple[str, str]  # a pair: singular and plural
    context: str | None
    file: str


def source_files() -> list[Path]:
    """The modules of both packages."""
    return sorted(path for name in ("trainer", "lenet_gui") for path in (ROOT / name).rglob("*.py"))


def called_name(call: ast.Call) -> str:
    """The function's or the method's name."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def texts_of_module(path: Path) -> Iterator[Text]:
    """The texts that a module marks."""
    file = path.relative_to(ROOT).as_posix()
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        name = call.func.id
        given = [part.value for part in call.args if isinstance(part, ast.Constant)]
        given = [text for text in given if isinstance(text, str)]
        if name in ("_", "gettext", "N_") and given:
            yield Text(given[0], None, file)
        elif name == "ngettext":
            yield Text((given[0], given[1]), None, file)
        elif name == "pgettext":
            yield Text(given[1], given[0], file)


def texts_of_data(file: str) -> Iterator[Text]:
    """The texts in a file of `assets/`."""

    def walk(found: Any) -> Iterator[str]:
        if isinstance(found, dict):
            for key, value in found.items():
                if key not in DATA[file]:
                    yield from walk(value)
        elif isinstance(found, list):
            for value in found:
                yield from walk(value)
        elif isinstance(found, str) and found:
            yield found

    for text in walk(json.loads((ROOT / file).read_text(encoding="utf-8"))):
        yield Text(text, None, file)


def collect() -> list[Text]:
    """All texts, in the order of their files; one that is there twice is in it twice."""
    marked = [text for path in source_files() for text in texts_of_module(path)]
    return marked + [text for file in DATA for text in texts_of_data(file)]


def _empty(language: str | None) -> Catalog:
    about = {"project": "LeNet Studio", "version": "1", "charset": "utf-8"}
    return Catalog(locale=language, domain=DOMAIN, fuzzy=False, **about)


def template() -> Catalog:
    """All texts without translations."""
    catalog = _empty(None)
    for text in collect():
        # Files without lines: else each change of the source would change the catalog.
        catalog.add(text.message, context=text.context, locations=[(text.file, 0)])
    return catalog


def path_of(language: str, kind: str) -> Path:
    """The file of a language's translations; `kind` is "po" or "mo"."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.{kind}"


def read(language: str) -> Catalog:
    """A language's translations, as translators have written them."""
    with path_of(language, "po").open("rb") as file:
        return pofile.read_po(file, locale=language, domain=DOMAIN)


_LEFT_OUT = (
    b"# ",
    b"#\n",
    b'"POT-',
    b'"PO-',
    b'"Generated',
    b'"Last-',
    b'"Report-',
    b'"Language-T',
)


def write_po(catalog: Catalog) -> bytes:
    """A catalog as a text, without dates and line numbers: it changes with its texts only."""
    made = io.BytesIO()
    pofile.write_po(made, catalog, width=100, omit_header=False, include_lineno=False)
    lines = made.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_LEFT_OUT))


def write_mo(catalog: Catalog) -> bytes:
    """A catalog as the program reads it."""
    made = io.BytesIO()
    mofile.write_mo(made, catalog)
    return made.getvalue()


def refresh() -> None:
    """Bring the template and all languages up to date."""
    fresh = template()
    TEMPLATE.write_bytes(write_po(fresh))
    for language in LANGUAGES:
        if language == "en":
            continue
        path = path_of(language, "po")
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = read(language) if path.is_file() else _empty(language)
        catalog.update(fresh, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.write_bytes(write_po(catalog))
        path_of(language, "mo").write_bytes(write_mo(read(language)))
        left = [message for message in catalog if message.id and not message.string]
        print(f"{language}: {len(catalog)} texts, {len(left)} not translated")


if __name__ == "__main__":
    refresh()
