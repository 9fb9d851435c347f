"""`lenet doctor`: what a report of a fault needs to know, and what is wrong.

Every part is asked for, and its library imported, by itself: one that is broken is told of and
hides no other. Folders of
the user are shown from "~" on, so that a report does not name its author.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from trainer import __version__, files
from trainer.errors import describe_error
from trainer.files import is_there
from trainer.recipes.recipe import DATASETS
from trainer.translation import gettext as _

LIBRARIES = (
    "torch", "torchvision", "numpy", "PySide6_Essentials", "matplotlib", "captum",
    "opencv-python-headless", "pillow", "safetensors", "platformdirs",
)  # fmt: skip
"""Distributions whose versions a report needs."""
_EXTRAS = {"heic": "pillow-heif", "sklearn": "scikit-learn", "tensorboard": "tensorboard"}
"""By the name of an extra in pyproject.toml, the package that it brings."""
_LEAST_FREE = 2.0  # GB, for runs, a dataset and a cache

Report = dict[str, Any]


def doctor(options: argparse.Namespace) -> int:
    """Print the report; 1 if it names a problem."""
    report = make_report(options.data)
    print(json.dumps(report) if options.json else format_report(report))
    return 1 if report["problems"] else 0


def make_report(data: Path | None = None) -> Report:
    """All that is known of this installation.

    Args:
        data: folder of datasets; None for the usual one.
    """
    problems: list[str] = []
    report: Report = {
        "program": _describe_program(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "extras": {extra: _version(name) for extra, name in _EXTRAS.items()},
        "devices": _ask(_describe_devices, problems, {}),
        "display": _describe_display(),
        "folders": _describe_folders(data, problems),
        "datasets": _ask(lambda: _find_datasets(data), problems, {}),
        "fonts": _ask(_describe_fonts, problems, {}),
        "problems": problems,
    }
    for name, version in report["libraries"].items():
        if version is None:
            problems.append(
                _("{name} is not installed: pip install --force-reinstall lenet-studio").format(
                    name=name
                )
            )
    _ask(_check_built_in_network, problems, None)
    return report


def _ask(question: Callable[[], Any], problems: list[str], otherwise: Any) -> Any:
    """What `question` answers; what it fails with goes to the problems."""
    try:
        return question()
    except Exception as error:  # of any kind: it is what the report is about
        problems.append(describe_error(error))
        return otherwise


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _describe_program() -> Report:
    return {
        "version": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": _memory(),
        "packed": bool(getattr(sys, "frozen", False)),
        "place": _short(Path(__file__).resolve().parents[3]),
        "environment": {
            name: value
            for name, value in sorted(os.environ.items())
            if name.startswith(("LENET_", "CUDA_VISIBLE", "OMP_NUM", "MKL_NUM"))
        },
    }


def _memory() -> float | None:
    """GB of the computer; None where Python can't tell."""
    try:
        return round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1)
    except (AttributeError, ValueError, OSError):  # Windows
        return None


def _describe_devices() -> Report:
    """Each kind of device: its name, or why it can't be used."""
    devices = resolve_name("trainer.runtime.devices:list_devices")()
    values: Report = {each.name: each.problem or each.title for each in devices}
    values["usable"] = [each.name for each in devices if not each.problem]
    values["threads"] = resolve_name("torch:get_num_threads")()
    values["cuda_build"] = resolve_name("torch:version.cuda")
    return values


def _describe_display() -> Report:
    names = (
        "DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP",
        "QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "LANG",
    )  # fmt: skip
    return {name: os.environ[name] for name in names if name in os.environ}


def _describe_folders(data: Path | None, problems: list[str]) -> Report:
    """Where everything lies, whether it can be written, and how much room there is."""
    places = {
        "data": files.data_folder(data),
        "runs": files.runs_folder(),
        "my_digits": files.my_digits_file().parent,
        "cache": files.cache_folder(),
        "log": files.log_folder(),
    }
    if (bundle := files.bundle_folder()) is not None:
        places["bundle"] = bundle
    return {name: _describe_folder(name, path, problems) for name, path in places.items()}


def _describe_folder(name: str, path: Path, problems: list[str]) -> Report:
    writable = True
    try:
        files.check_writable(path)
    except OSError as error:
        writable = False
        if name not in ("data", "bundle"):  # which a class may share, and only read
            problems.append(
                _("{folder} cannot be written: {reason}").format(
                    folder=_short(path), reason=error.strerror or error
                )
            )
    there = next(place for place in (path, *path.absolute().parents) if is_there(place))
    free = round(shutil.disk_usage(there).free / 1e9, 1)
    if writable and free < _LEAST_FREE:
        problems.append(
            _("only {free} GB are free for {folder}").format(free=free, folder=_short(path))
        )
    return {"path": _short(path), "exists": is_there(path), "writable": writable, "free_gb": free}


def _find_datasets(data: Path | None) -> dict[str, bool]:
    """Of each dataset that is no sum of others, whether it is there."""
    list_missing = resolve_name("trainer.data.loading:list_missing")
    place = files.data_folder(data)
    names = [name for name in DATASETS if "+" not in name]
    present = {name: not list_missing(name, place) for name in names}
    find_pen_digits = resolve_name("trainer.data.pen_digits:find")
    return present | {"unipen": find_pen_digits(place) is not None}


def _describe_fonts() -> Report:
    """How many fonts the system has, and which one figures use."""
    find_all = resolve_name("matplotlib.font_manager:findSystemFonts")
    sans_serif = resolve_name("matplotlib.font_manager:FontProperties")(family=["sans-serif"])
    used = resolve_name("matplotlib.font_manager:findfont")(sans_serif)
    return {"system": len(find_all()), "figures": Path(used).name}


def _check_built_in_network() -> None:
    resolve_name("trainer.networks.model:load_shipped")()


def _short(path: Path) -> str:
    """A path, from "~" on where it is the user's."""
    try:
        return str(Path("~") / path.absolute().relative_to(Path.home()))
    except (ValueError, RuntimeError):  # elsewhere, or nobody's home
        return str(path)


def format_report(report: Report) -> str:
    """The report for people, a line for each fact."""
    titles = {
        "program": _("Program"),
        "libraries": _("Libraries"),
        "extras": _("Optional parts"),
        "devices": _("Devices"),
        "display": _("Display"),
        "folders": _("Folders"),
        "datasets": _("Datasets"),
        "fonts": _("Fonts"),
    }
    lines: list[str] = []
    for key, title in titles.items():
        lines += [title, *(f"  {name:<24}{_say(value)}" for name, value in report[key].items()), ""]
    lines.append(_("Problems") if report["problems"] else _("No problem was found"))
    lines += [f"  {problem}" for problem in report["problems"]]
    return "\n".join(lines)


def _say(value: object) -> str:
    if value is None:
        return _("not installed")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict) and "free_gb" in value:
        state = _("can be written") if value["writable"] else _("read only")
        return _("{path} ({state}, {free} GB free)").format(
            path=value["path"], state=state, free=value["free_gb"]
        )
    if isinstance(value, dict):
        return " ".join(f"{name}={each}" for name, each in value.items()) or "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
