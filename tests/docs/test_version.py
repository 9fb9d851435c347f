"""The version is in one place; what names it elsewhere agrees."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import trainer

ROOT = Path(__file__).parents[2]


def test_each_document_names_this_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE)[1] == trainer.__version__  # type: ignore[index]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"\n## [{trainer.__version__}] - " in changes


def test_packages_take_it_from_the_source() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "trainer/__init__.py"


def test_each_program_begins_where_packages_are_looked_at_first() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for place in (*project["scripts"].values(), *project["gui-scripts"].values()):
        entry = importlib.metadata.EntryPoint("x", place, "console_scripts")
        assert place.startswith("lenet_studio.start:") and callable(entry.load())
