"""What the documents name is there: files, links, classes, options, commands and packages."""

import re
import runpy
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lenet_gui.__main__ import main as lenet_gui
from trainer.cli.parser import main as lenet
from trainer.cli.parser import make_parser

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for folder in (ROOT, ROOT / "docs", ROOT / "tests" / "samples")
    for page in folder.glob("*.md")
)
SOURCE = "https://github.com/lenet-studio/lenet-studio/blob/main/"
PICTURES = "https://raw.githubusercontent.com/lenet-studio/lenet-studio/main/"
ABOUT_THE_CODE = ("docs/architecture.md", "docs/glossary.md")
HISTORY = "CHANGELOG.md"
"""It names what is gone, too."""


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    """Without blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors_of(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*)$", text_of(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def links_of(page: Path) -> Iterator[tuple[Path, str]]:
    """The files that it links to, and the heading in each, or ""."""
    for address in re.findall(r"\]\(<?([^)>\s]+)>?\)", text_of(page)):
        for far in (SOURCE, PICTURES):
            if address.startswith(far):
                address = (ROOT / address.removeprefix(far)).as_posix()
        if "://" not in address and not address.startswith("mailto:"):
            target, _, anchor = address.partition("#")
            yield (page.parent / target if target else page), anchor


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in links_of(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors_of(target), f"{target}#{anchor}"


# Files, and names in the code


@cache
def sources() -> dict[str, str]:
    folders = ("trainer", "lenet_gui", "lenet_studio", "benchmarks", "tests", "docs", "packaging")
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


def in_backticks(page: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text_of(page))


def is_in_the_tree(named: str) -> bool:
    """As a path in the tree, in one of the packages, or at the end of one of their paths."""
    tops = (ROOT, ROOT / "trainer", ROOT / "lenet_gui")
    return any((top / named).exists() for top in tops) or any(
        path.endswith(f"/{named}") for path in sources()
    )


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != HISTORY], ids=name_of)
def test_every_file_of_the_tree_is_there(page: Path) -> None:
    ours = r"(?:trainer|lenet_gui|lenet_studio|benchmarks|tests|docs|assets|packaging)/[\w./-]*"
    named = [name for name in in_backticks(page) if re.fullmatch(rf"{ours}|[\w/]+\.py", name)]
    named = [name for name in named if "NAME" not in name]
    assert [name for name in named if not is_in_the_tree(name)] == []


@pytest.mark.parametrize("name", ABOUT_THE_CODE)
def test_every_name_of_the_code_is_in_it(name: str) -> None:
    """Classes are defined; of `under_scores` and methods, each word is there."""
    code = "\n".join(sources().values())
    words = set(re.findall(r"\w+", code))
    classes = set(re.findall(r"^ *class (\w+)|^ *(?=[A-Z])(\w+)(?:: \w+)? = ", code, re.MULTILINE))
    defined = {word for pair in classes for word in pair if word}
    for named in in_backticks(ROOT / name):
        plain = re.sub(r"\(.*\)", "", named)
        if plain.startswith(("torch.", "Q")) or not re.fullmatch(r"[A-Za-z]\w*(\.\w+)*", plain):
            continue
        for word in plain.split("."):
            if re.match(r"[A-Z]+[a-z]", word):
                assert word in defined, named
            elif "_" in word:
                assert word in words, named


def test_the_architecture_names_every_package() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    drawing = (ROOT / "docs" / "architecture.svg").read_text("utf-8")
    for top in ("trainer", "lenet_gui"):
        for package in (ROOT / top).iterdir():
            if (package / "__init__.py").exists():
                assert f"`{package.name}`" in text
                assert f">{package.name}</text>" in drawing


def test_the_picture_of_the_packages_is_not_stale() -> None:
    main = runpy.run_path(str(ROOT / "docs" / "make_architecture.py"))["main"]
    assert main(["--check"]) == 0, "python docs/make_architecture.py"


def test_the_steps_of_the_picture_are_files() -> None:
    drawing = (ROOT / "docs" / "architecture.svg").read_text("utf-8")
    named = re.findall(r">(\w+/\w+\.py)", drawing)
    assert len(named) == 12
    assert [name for name in named if not is_in_the_tree(name)] == []


# What the window says


def test_the_guide_quotes_the_window() -> None:
    """Slanted words are the texts of menus, buttons and headings, as they are now."""
    code = "\n".join(text for path, text in sources().items() if path.startswith(("tr", "le")))
    code = code.replace("&&", "\0").replace("&", "").replace("\0", "&")
    texts = {text.strip(" …:") for text in re.findall(r'"([^"\n]+)"', code)}
    for page in (ROOT / "README.md", ROOT / "docs" / "user-guide.md"):
        plain = re.sub(r"\s+", " ", re.sub(r"`[^`]*`", "", text_of(page)))
        for quoted in re.findall(r"(?<!\*)\*(?!\*)([^*]+)\*(?!\*)", plain):
            if not quoted.startswith(("Measured", "Gradient-Based")):
                assert {part.strip(" …:") for part in quoted.split(" > ")} <= texts, quoted


# Options and commands


def help_of(program: object, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        program(["--help"])  # type: ignore[operator]
    return capsys.readouterr().out


def test_the_guide_has_every_option_of_the_window(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (ROOT / "docs" / "user-guide.md").read_text("utf-8")
    options = set(re.findall(r"--[a-z][a-z-]+", help_of(lenet_gui, capsys)))
    assert {option for option in options if f"`{option}" not in guide} <= {"--help", "--version"}


def test_the_guide_has_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (ROOT / "docs" / "user-guide.md").read_text("utf-8")
    commands = re.findall(r"^    (\w+) ", help_of(lenet, capsys), re.MULTILINE)
    assert len(commands) > 10
    assert [command for command in commands if f"lenet {command}" not in guide] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_of_an_example_is_understood(page: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    for line in "\n".join(blocks).splitlines():
        command = re.search(r"(?:^|\| )lenet ([^#>|]*)", line)
        if command is not None:
            assert make_parser().parse_args(shlex.split(command[1])).command, line
