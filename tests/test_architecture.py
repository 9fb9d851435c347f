"""What holds of the source as a whole; import-linter has the packages' order (pyproject.toml)."""

from __future__ import annotations

import ast
import builtins
import graphlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP_PACKAGES = ("trainer", "lenet_gui")
FILES = sorted(path for name in TOP_PACKAGES for path in (ROOT / name).rglob("*.py"))
PACKAGES = sorted(path.parent for path in FILES if path.name == "__init__.py")

MOST_FILES = 356
MOST_FILES_IN_A_PACKAGE = 15
MOST_LINES_IN_A_FILE = 500
MOST_IMPORTS_IN_FUNCTIONS = 40
SHORTEST_PACKAGE_DOCSTRING = 120
"""Characters: about two sentences."""

Import = ast.Import | ast.ImportFrom
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """As it is imported: "trainer.files", and of an `__init__.py` the package's."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path) for path in FILES}


def imported_modules(path: Path) -> Iterator[str]:
    """The program's modules that a file imports: at its top, in functions, and for types alone."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{relative(path)}:{node.lineno} is relative"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else node.module for name in inner]
        else:
            continue
        yield from (name for name in names if name in MODULES and name != module_name(path))


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {module_name(path): set(imported_modules(path)) for path in FILES}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


# Imports in functions


def imports_in_functions(path: Path) -> Iterator[tuple[Function, Import]]:
    """Each with the innermost function round it."""

    def visit(node: ast.AST, function: Function | None) -> Iterator[tuple[Function, Import]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Import) and function is not None:
                yield function, child
            yield from visit(child, child if isinstance(child, Function) else function)

    return visit(parse(path), None)


def is_explained(path: Path, function: Function, statement: Import) -> bool:
    """By a comment on it or above it, above the imports that it follows, or by the docstring."""
    if "import" in (ast.get_docstring(function) or "").lower():
        return True
    lines = path.read_text(encoding="utf-8").splitlines()
    if any("#" in line for line in lines[statement.lineno - 1 : statement.end_lineno]):
        return True
    above = statement.lineno - 2
    while lines[above].lstrip().startswith(("import ", "from ")):
        above -= 1
    return lines[above].lstrip().startswith("#")


def test_imports_in_functions_are_few_and_say_why() -> None:
    places = [(path, *found) for path in FILES for found in imports_in_functions(path)]
    unexplained = [
        f"{relative(path)}:{statement.lineno}"
        for path, function, statement in places
        if not is_explained(path, function, statement)
    ]
    assert unexplained == []
    assert len(places) <= MOST_IMPORTS_IN_FUNCTIONS


# Files and packages


def test_files_are_few_and_short() -> None:
    lines = {relative(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {path: n for path, n in lines.items() if n > MOST_LINES_IN_A_FILE} == {}
    sizes = {relative(package): len(list(package.glob("*.py"))) for package in PACKAGES}
    assert {path: n for path, n in sizes.items() if n > MOST_FILES_IN_A_PACKAGE} == {}
    assert len(FILES) <= MOST_FILES


@pytest.mark.parametrize("package", PACKAGES, ids=relative)
def test_a_package_says_what_it_is_for_and_what_is_public(package: Path) -> None:
    module = parse(package / "__init__.py")
    assert len(ast.get_docstring(module) or "") >= SHORTEST_PACKAGE_DOCSTRING
    (names,) = (node for node in module.body if "__all__" in assigned_names(node))
    assert isinstance(names, ast.Assign)
    if package != ROOT / "trainer":  # whose names are the public interface
        modules = {path.stem for path in package.glob("[!_]*.py")}
        packages = {path.parent.name for path in package.glob("*/__init__.py")}
        assert modules | packages <= set(ast.literal_eval(names.value))


def assigned_names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.AnnAssign):
        return [ast.unparse(node.target)]
    return [ast.unparse(target) for target in getattr(node, "targets", ())]


# Docstrings

FOREIGN_NAMES = {
    *("save_to_disk", "pixel0", "pixel783", "ujipenchars2.txt", "torch._dynamo"),
    *("_use_grad_for_differentiable", "torch.distributed.Store", "resource.getrusage"),
    *("docs", "unipen.def", "Exec"),
}
"""Names between backquotes that are of other programs, of columns or of files."""
NAME = re.compile(r"`(?!test_)([A-Za-z_][\w.]*)[`(]")


def names_in(tree: ast.Module) -> Iterator[str]:
    """All names that a file defines or uses, and the short texts in it, such as keys."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.alias):
            yield from (node.asname or node.name).split(".")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_docstrings_name_what_is_there() -> None:
    known = {part for module in MODULES for part in module.split(".")} | set(dir(builtins))
    known |= {name for path in FILES for name in names_in(parse(path))}
    unknown = {
        (relative(path), name)
        for path in FILES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for name in NAME.findall(str(node.value.value))
        if name not in FOREIGN_NAMES and not known >= set(name.strip(".").split("."))
    }
    assert unknown == set()


@pytest.mark.parametrize("name", TOP_PACKAGES)
def test_a_class_name_is_used_once(name: str) -> None:
    names = Counter(
        node.name
        for path in FILES
        if path.is_relative_to(ROOT / name)
        for node in parse(path).body
        if isinstance(node, ast.ClassDef)
    )
    assert [each for each, count in names.items() if count > 1] == []
