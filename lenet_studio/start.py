"""Begin, unless another distribution has put its own package in the place of one of ours.

Several distributions have a package called `trainer`. Installed into the same environment, they
overwrite files of each other, and what fails then is an import somewhere, in words that tell
nobody what to do. So before anything is imported, it is looked at what would be.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

DISTRIBUTION = "lenet-studio"
_MARK = {"trainer": '"LeNet Studio"', "lenet_gui": '"LeNet Studio"'}
"""What the source of each package's `__init__.py` holds, and nobody else's does."""


def lenet() -> int:
    """Run `lenet`; returns the exit status, 2 where the package is not ours."""
    return _run("lenet", "trainer.cli.parser:main")


def lenet_gui() -> int:
    """Run `lenet-gui`; returns the exit status, 2 where a package is not ours."""
    return _run("lenet-gui", "lenet_gui.__main__:main")


def _run(program: str, place: str) -> int:
    problem = find_foreign_package()
    if problem:
        if sys.stderr is not None:  # as under pythonw
            print(f"{program}: {problem}", file=sys.stderr)
        return 2
    main: Callable[[], int] = pkgutil.resolve_name(place)
    return main()


def find_foreign_package() -> str:
    """One line that says which package is not ours and what to do; empty if both are.

    Imports neither of them. It is in English: the translations are in a package that may not be
    ours.
    """
    if getattr(sys, "frozen", False):  # a program of PyInstaller's has no other packages
        return ""
    return next(filter(None, map(_describe_foreign, _MARK)), "")


def _describe_foreign(package: str) -> str:
    spec = importlib.util.find_spec(package)
    place = Path(spec.origin) if spec is not None and spec.origin else None
    if place is not None and _MARK[package] in _read(place):
        return ""
    where = f" in {place.parent}" if place is not None else ""
    others = _other_distributions(package)
    again = f"pip install --force-reinstall --no-deps {DISTRIBUTION}"
    if others:
        names = " ".join(others)
        return (
            f"the package {package!r}{where} is not LeNet Studio's: {' and '.join(others)} "
            f"has one of the same name. Use an environment of its own for LeNet Studio, or: "
            f"pip uninstall {names}; {again}"
        )
    if place is None:
        return f"the package {package!r} is missing or incomplete: {again}"
    return (
        f"the package {package!r}{where} is not LeNet Studio's, and is found first: rename that "
        "folder, start the program from another one, or take it out of PYTHONPATH"
    )


def _read(place: Path) -> str:
    try:
        return place.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _other_distributions(package: str) -> list[str]:
    """The distributions beside ours that have a package of this name."""
    distributions = importlib.metadata.packages_distributions().get(package, [])
    return sorted(
        {name for name in distributions if name.lower().replace("_", "-") != DISTRIBUTION}
    )
