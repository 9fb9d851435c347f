"""Write docs/api.md from the docstrings of the public names: `python docs/make_api.py`.

With `--check` nothing is written: the status is 1 if the page is not what it would be.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import trainer

PAGE = Path(__file__).with_name("api.md")
SECTIONS = {
    "Calls": (
        "load_model", "save_model", "load_recipe", "load_dataset", "make_dataset", "write_digits",
        "train", "evaluate", "read", "read_number", "explain", "plot",
    ),
    "Values": ("Model", "Prediction", "TrainingResult", "Report", "LabelledImages"),
    "Networks": ("LeNet5", "LeNet1998"),
    "Recipes": ("Recipe", "Augmentation", "RECIPES"),
    "Errors": ("UserError", "DataError", "ModelError", "RecipeError"),
    "scikit-learn": ("LeNetClassifier",),
}  # fmt: skip
_HEAD = """# Python interface

<!-- Made by `python docs/make_api.py` from the docstrings; don't edit. -->

Each of these names is imported from `trainer`, and nothing is loaded before it is used:
`import trainer` takes milliseconds. [notebook.ipynb](notebook.ipynb) uses most of them. The
packages below them are described in [architecture.md](architecture.md); what their `__all__`
names can be imported too, and may change from version to version.

```python
from trainer import load_model, read

model = load_model()
prediction = read(model, "photo.png")
print(model.classes[prediction.digit], prediction.verdict)
```
"""


class _Source:
    """A type as it is written in the source."""

    def __init__(self, text: object) -> None:
        self._text = text if isinstance(text, str) else inspect.formatannotation(text)

    def __repr__(self) -> str:
        return self._text


def _signature(value: Any) -> str:
    found = inspect.signature(value)
    parts = [
        each if each.annotation is each.empty else each.replace(annotation=_Source(each.annotation))
        for each in found.parameters.values()
        if each.name != "self"
    ]
    found = found.replace(parameters=parts)
    if found.return_annotation is not found.empty and not inspect.isclass(value):
        found = found.replace(return_annotation=_Source(found.return_annotation))
    else:
        found = found.replace(return_annotation=found.empty)
    line = re.sub(r"<function (\w+) at 0x\w+>", r"\1", str(found))
    if len(line) < 80:
        return line
    body, end = line[1:].rsplit(")", 1)
    return "(\n    " + ",\n    ".join(_split(body)) + f",\n){end}"


def _split(text: str) -> list[str]:
    """Parameters between commas that are outside of brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


_TITLES = ("Args", "Returns", "Raises", "Attributes", "Example", "Yields")


def _markdown(docstring: str) -> str:
    """A docstring with its sections as lists, and its examples as code."""
    lines: list[str] = []
    section = ""
    for line in inspect.cleandoc(docstring).splitlines():
        if line.removesuffix(":") in _TITLES and line.endswith(":"):
            section = line.removesuffix(":")
            lines += ["", f"**{section}**", ""]
            if section == "Example":
                lines.append("```pycon")
            continue
        if section and line and not line.startswith("    "):
            section = ""
        text = line.removeprefix("    ") if section else line
        item = re.fullmatch(r"(\w+): (.*)", text)
        if section in ("Args", "Raises", "Attributes") and item:
            lines.append(f"- `{item[1]}`: {item[2]}")
        elif section in ("Args", "Raises", "Attributes") and text:
            lines.append(f"  {text.strip()}")
        else:
            lines.append(text)
    if section == "Example":
        lines.append("```")
    return "\n".join(lines)


def _describe(name: str) -> str:
    value = getattr(trainer, name)
    parts = [f"### {name}", ""]
    if isinstance(value, dict):
        names = ", ".join(f"`{key}`" for key in value)
        return "\n".join([*parts, f"The named recipes, a dictionary: {names}."])
    is_error = inspect.isclass(value) and issubclass(value, Exception)
    fields = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
    if not is_error and not fields:
        parts += [f"```python\n{name}{_signature(value)}\n```", ""]
    parts += [_markdown(value.__doc__ or ""), ""]
    if fields:
        parts += [_table(value, fields), ""]
    if inspect.isclass(value) and not is_error and (members := _members(value)):
        parts += ["**Members**", "", *members]
    return "\n".join(parts).rstrip()


def _notes(owner: type) -> dict[str, str]:
    """What the source says of each field: the comment behind it, and the text below it."""
    lines = inspect.getsource(owner).splitlines()
    tree = ast.parse("\n".join(lines))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    notes: dict[str, str] = {}
    name = ""
    for node in body:
        if isinstance(node, ast.AnnAssign):
            name = ast.unparse(node.target)
            comment = re.search(r"  # (?!noqa)(.*)", lines[(node.end_lineno or 1) - 1])
            notes[name] = comment[1] if comment else ""
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            text = inspect.cleandoc(str(node.value.value)).replace("\n", " ")
            notes[name] = f"{notes[name]} {text}".strip()
        else:
            name = ""
    return notes


def _table(owner: type, fields: tuple[dataclasses.Field[Any], ...]) -> str:
    lines = ["| Field | Type | Default | |", "| --- | --- | --- | --- |"]
    notes = _notes(owner)
    for field in fields:
        default = "" if field.default is dataclasses.MISSING else f"`{field.default!r}`"
        if dataclasses.is_dataclass(field.default):
            default = f"`{type(field.default).__name__}()`"
        note = field.metadata.get("help", "") or notes.get(field.name, "").replace("|", "\\|")
        if "choices" in field.metadata:
            note += ": " + ", ".join(f"`{choice}`" for choice in field.metadata["choices"])
        if "range" in field.metadata:
            note += " ({:,} to {:,})".format(*field.metadata["range"])
        kind = str(field.type).replace("|", "\\|")
        lines.append(f"| `{field.name}` | `{kind}` | {default} | {note} |")
    return "\n".join(lines)


def _members(value: type) -> list[str]:
    """The public methods and properties of a class itself."""
    parts = []
    for name, member in vars(value).items():
        member = getattr(member, "__func__", member)
        if name.startswith("_") or not getattr(member, "__doc__", None):
            continue
        if isinstance(member, property):
            parts += [f"- `{name}`: {_first_line(member)}"]
        elif inspect.isfunction(member):
            arguments = (
                re.sub(r"\s+", " ", _signature(member)).replace("( ", "(").replace(", )", ")")
            )
            parts += [f"- `{name}{arguments}`: {_first_line(member)}"]
    return parts


def _first_line(member: Any) -> str:
    text: str = inspect.cleandoc(member.__doc__).split("\n\n")[0]
    return text.replace("\n", " ")


def make_page() -> str:
    """The whole text of docs/api.md."""
    parts = [_HEAD]
    for title, names in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [_describe(name) + "\n" for name in names]
    return re.sub("\n{3,}", "\n\n", "\n".join(parts))


def main(arguments: list[str]) -> int:
    """Write the page, or see whether it is as it should be; returns the exit status."""
    page = make_page()
    if arguments == ["--check"]:
        if PAGE.is_file() and PAGE.read_text("utf-8") == page:
            return 0
        print(f"{PAGE} is stale: python docs/make_api.py", file=sys.stderr)
        return 1
    PAGE.write_text(page, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
