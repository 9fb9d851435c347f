"""A recipe as one small text, and back: whoever has the text gets the same run.

    {
     "lenet_studio": "0.1.0",        the program that wrote it
     "name": "studio-edited",
     "based_on": "studio",           a named recipe; without it, the defaults
     "seed": 7,
     "epochs": 3,                    only what is other than in that recipe
     "check": "c0d72c41"             whether it came through whole
    }

A whole recipe, as `lenet recipes NAME` prints it and a run's recipe.json holds
it, is taken as well. Needs neither torch nor Qt.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import IO, Any

from trainer import __version__
from trainer.files import convert_read_errors, decode_text, open_plain
from trainer.recipes.catalog import RECIPES, current_name, edit_recipe, original_name
from trainer.recipes.recipe import Augmentation, Recipe, RecipeError
from trainer.translation import gettext as _

LONGEST = 64 * 1024
"""Characters that a recipe's text has at most; a whole one has 3,000."""

_WORDS = ("name", "description")  # they change nothing of what a run does


def text(recipe: Recipe) -> str:
    """The text from which `read` makes an equal recipe, here or elsewhere."""
    base = RECIPES.get(original_name(recipe))
    values: dict[str, Any] = {"lenet_studio": __version__, "name": recipe.name}
    if base is not None:
        values["based_on"] = base.name
    values["seed"] = recipe.seed
    values |= _differences(recipe, base or Recipe())
    values["check"] = _check(recipe)
    return json.dumps(values, indent=1, ensure_ascii=False)


def read(text: str) -> Recipe:
    """The recipe that a text stands for.

    Text of a mail or of a Markdown page around the braces does not disturb.

    Raises:
        RecipeError: no recipe, an unknown name, a value that is not allowed, a
            recipe that this program does not have, or a text that was changed
            on its way; the message says which.
    """
    values = _object_in(text)
    version = _text_of(values, "lenet_studio")
    base_name = current_name(_text_of(values, "based_on"))
    check = _text_of(values, "check")
    if base_name and base_name not in RECIPES:
        raise RecipeError(
            _(
                "this text is based on the recipe {name!r}, which is not in LeNet Studio "
                "{version}{writer}"
            ).format(name=base_name, version=__version__, writer=_describe_writer(version))
        )
    recipe = _recipe(RECIPES[base_name] if base_name else None, values)
    if check and check != _check(recipe):
        raise RecipeError(
            _(
                "this text does not give the recipe that it was made of: it was changed on its "
                'way, or the program is another one{writer}. Remove its line "check" to take it '
                "as it is."
            ).format(writer=_describe_writer(version))
        )
    return recipe


def read_file(path: Path) -> Recipe:
    """The recipe in a file.

    Raises:
        RecipeError: it can't be read, or holds none; the message names the file.
    """
    with convert_read_errors(path, RecipeError), open_plain(path) as file:
        return _read_bytes(file, str(path))


def read_input() -> Recipe:
    """The recipe on standard input.

    Raises:
        RecipeError: it holds none.
    """
    return _read_bytes(sys.stdin.buffer, _("standard input"))


def _read_bytes(file: IO[bytes], source: str) -> Recipe:
    """The recipe in UTF-8 or UTF-16.

    Raises:
        OSError: it can't be read.
        RecipeError: it is none; the message names `source`.
    """
    try:
        content = decode_text(file.read(4 * LONGEST + 4))  # a character has at most 4 bytes
    except UnicodeDecodeError as error:
        raise RecipeError(
            _("{file} cannot be read: {reason}").format(file=source, reason=error)
        ) from None
    try:
        return read(content)
    except RecipeError as error:
        raise RecipeError(f"{source}: {error}") from None


def _differences(recipe: Recipe, base: Recipe) -> dict[str, Any]:
    """The values of `recipe` that `base` has not, its name left out; distortions that are 0 too."""
    values = dataclasses.asdict(recipe)
    before = dataclasses.asdict(base)
    changed = {k: v for k, v in values.items() if v != before[k] and k != "name"}
    if "augmentation" in changed:
        none = dataclasses.asdict(Augmentation())
        changed["augmentation"] = {
            name: value for name, value in changed["augmentation"].items() if value != none[name]
        }
    return changed


def _check(recipe: Recipe) -> str:
    """Eight characters that differ where a number of two recipes does.

    Values that are the default do not count, so that a program with more of
    them comes to the same.
    """
    values = {k: v for k, v in _differences(recipe, Recipe()).items() if k not in _WORDS}
    # 1 and 1.0 are equal, so they must be the same text.
    plain = json.dumps(values, sort_keys=True)
    plain = re.sub(r"(?<=\d)\.0(?![\de])", "", plain)
    import hashlib  # brings OpenSSL: the window, which knows this module, opens sooner

    return hashlib.sha256(plain.encode()).hexdigest()[:8]


def _object_in(text: str) -> dict[str, Any]:
    """The JSON object in a text, with what stands around its braces left out."""
    if len(text) > LONGEST:
        raise RecipeError(
            _("this is too long for a recipe, which has {most:,} characters at most").format(
                most=LONGEST
            )
        )
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise RecipeError(
            _("this is no recipe: a recipe's text stands between { and }")
            if text.strip()
            else _("there is no text, and so no recipe")
        )
    try:
        values: Any = json.loads(text[start : end + 1])
    except (ValueError, RecursionError) as error:
        raise RecipeError(_("a recipe must be JSON: {problem}").format(problem=error)) from None
    if not isinstance(values, dict):  # pragma: no cover  what begins with a brace is an object
        raise RecipeError(_("a recipe must be a JSON object"))
    return values


def _text_of(values: dict[str, Any], key: str) -> str:
    """Take a text out of `values`; empty if it is not there."""
    value = values.pop(key, "")
    if not isinstance(value, str) or len(value) > 80:
        raise RecipeError(
            _("{key} is {value!r}; it must be a short text").format(key=key, value=value)
        )
    return value


def _recipe(base: Recipe | None, values: dict[str, Any]) -> Recipe:
    """`values` over those of `base`; a name that is not given says what it was made of."""
    start = dataclasses.asdict(base) if base is not None else {}
    recipe = Recipe.from_json(json.dumps(start | values))
    if base is None or "name" in values:
        return recipe
    names = (spec.name for spec in dataclasses.fields(recipe))
    return edit_recipe(base, **{name: getattr(recipe, name) for name in names})


def _describe_writer(version: str) -> str:
    """Who wrote the text, where that may be the reason."""
    if version in ("", __version__):
        return ""
    return _(" (the text is by LeNet Studio {version})").format(version=version)
