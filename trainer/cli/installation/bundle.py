"""`lenet bundle`: one folder with what computers without a network connection need.

    lab/
        README.txt            how to install and start from it
        requirements.txt      all packages with their versions; with --wheels, their checksums
        wheels/               with --wheels: the packages themselves
        data/                 datasets, as LENET_DATA would have them
        networks/             model files, the built-in one among them
        bundle.json           the SHA-256 of each of these files, by which --check goes

The program takes datasets and networks from there where the environment's LENET_BUNDLE names it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import platform
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from trainer import __version__, files
from trainer.cli.output import show_progress
from trainer.data import cifar10, loading, mnist_like, pen_digits
from trainer.errors import UserError, printable
from trainer.files import (
    convert_read_errors,
    convert_write_errors,
    is_file,
    is_folder,
    open_plain,
    read_bounded,
    save_file,
)
from trainer.networks import model
from trainer.translation import gettext as _
from trainer.translation import ngettext

_MANIFEST = "bundle.json"
_LARGEST_MANIFEST = 16 << 20  # bytes
_PROGRAM = "lenet-studio"


def bundle(options: argparse.Namespace) -> int:
    """Collect everything, or check what was collected; 1 if a bundle is not whole."""
    if options.check:
        return _check(options.folder)
    for path in options.model:  # a wrong one is told of before anything is copied
        model.load(path)
    with convert_write_errors(options.folder):
        options.folder.mkdir(parents=True, exist_ok=True)
    data = files.data_folder(options.data)
    for name in dict.fromkeys(options.dataset or ["mnist"]):
        _collect_dataset(name, data, options.folder / "data")
    _collect_networks(options.model, options.folder / "networks")
    requirements = list_requirements()
    _write(options.folder / "requirements.txt", "\n".join(requirements) + "\n")
    if options.wheels:
        _collect_wheels(options.folder)
    _write(options.folder / "README.txt", _instructions(bool(options.wheels)))
    count = _write_manifest(options.folder)
    print(
        ngettext(
            "{folder} holds {count} file ({size:.0f} MB)",
            "{folder} holds {count} files ({size:.0f} MB)",
            count,
        ).format(folder=options.folder, count=count, size=_megabytes(options.folder))
    )
    return 0


# Datasets and networks


def _collect_dataset(name: str, data: Path, place: Path) -> None:
    """Copy a dataset from `data` to `place`, or download what is not there."""
    for source, inner in list(_dataset_files(name, data)):
        if source.absolute() != (place / inner).absolute():
            _copy(source, place / inner)
    for missing in loading.list_missing(name, place):
        show_progress(loading.download(missing, place), False)
    if name == "unipen" and pen_digits.find(place) is None:
        raise UserError(
            _(
                "The real pen digits are not in {folder}, and UNIPEN's can't be downloaded: "
                "unpack train_r01_v07 there, or leave unipen out"
            ).format(folder=data)
        )


def _dataset_files(name: str, data: Path) -> Iterator[tuple[Path, Path]]:
    """Each file of a dataset that is there, with its place in a folder of datasets."""
    if name == "cifar10":
        root = cifar10.find(data)
        paths = [] if root is None else sorted(root.glob("cifar-10-batches-py/*"))
        yield from ((path, Path("CIFAR10") / path.relative_to(root or data)) for path in paths)
    elif name == "unipen":
        pen_files = pen_digits.find(data)
        for path in pen_files.paths() if pen_files is not None else ():
            inner = path.relative_to(data) if path.is_relative_to(data) else Path(path.name)
            yield path, inner
    else:
        published = mnist_like.PUBLISHED[name]
        for file in published.files():
            for path in mnist_like.candidate_paths(published, file, data)[:1]:
                packed = file + (".gz" if path.suffix == ".gz" else "")
                yield path, Path(published.folder) / "raw" / packed


def _copy(source: Path, target: Path) -> None:
    """A file, or a folder with all that is in it."""
    with convert_write_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_folder(source):
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)


def _collect_networks(paths: list[Path], place: Path) -> None:
    for path in (files.asset(model.SHIPPED), *paths):
        _copy(path, place / path.name)


# Packages


def list_requirements() -> list[str]:
    """The program and all that it needs here, each with its version: lines for pip."""
    requirements: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(_PROGRAM)]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if (name, frozenset(wanted.extras)) in seen:
            continue
        seen.add((name, frozenset(wanted.extras)))
        try:
            distribution = importlib.metadata.distribution(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            if name == canonicalize_name(_PROGRAM):
                raise UserError(
                    _("LeNet Studio is not installed here, so its packages are not known: "
                      "install it first, with pip install lenet-studio")
                ) from None  # fmt: skip
            continue  # of another system
        requirements[name] = __version__ if name == _PROGRAM else distribution.version
        for line in distribution.requires or ():
            needed = Requirement(line)
            if needed.marker is None or any(
                needed.marker.evaluate({"extra": extra}) for extra in (*wanted.extras, "")
            ):
                waiting.append(needed)
    return [f"{name}=={version}" for name, version in sorted(requirements.items())]


def _collect_wheels(folder: Path) -> None:
    """Download the packages, and add their checksums to the list.

    Raises:
        UserError: pip can't; the message is its own last line.
    """
    wheels, listed = folder / "wheels", folder / "requirements.txt"
    command = [sys.executable, "-m", "pip", "download", "--only-binary=:all:"]
    ended = subprocess.run(
        [*command, "--requirement", str(listed), "--dest", str(wheels)],
        stdout=sys.stderr,  # how far it is
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ended.returncode:
        reason = next(reversed(ended.stderr.strip().splitlines()), str(ended.returncode))
        raise UserError(_("The packages could not be downloaded: {reason}").format(reason=reason))
    _write(listed, list_hashes(wheels))


def list_hashes(wheels: Path) -> str:
    """Lines for `pip install --require-hashes` of all wheels in a folder."""
    hashes: dict[str, list[str]] = defaultdict(list)
    for path in sorted(wheels.glob("*.whl")):
        name, version, *_rest = parse_wheel_filename(path.name)
        hashes[f"{name}=={version}"].append(f"--hash=sha256:{_sha256(path)}")
    return "".join(f"{name} {' '.join(each)}\n" for name, each in sorted(hashes.items()))


# What says how whole it is


def _write_manifest(folder: Path) -> int:
    """Write the checksums of all files; returns how many there are."""
    sums = {path.relative_to(folder).as_posix(): _sha256(path) for path in _files(folder)}
    manifest = {
        "program": __version__,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "system": f"{platform.system()} {platform.machine()}",
        "files": sums,
    }
    _write(folder / _MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return len(sums)


def _check(folder: Path) -> int:
    """Compare each file with its checksum; 1 if one is missing or another one."""
    try:
        manifest = json.loads(read_bounded(folder / _MANIFEST, _LARGEST_MANIFEST))
        sums = dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            _("{folder} is not a bundle: its {file} cannot be read ({error})").format(
                folder=folder, file=_MANIFEST, error=getattr(error, "strerror", None) or error
            )
        ) from None
    there = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    damaged = [name for name in sums if name in there and _sha256(there[name]) != sums[name]]
    missing = [name for name in sums if name not in there]
    for name in missing:
        print(_("{file} is missing").format(file=printable(str(name))))
    for name in damaged:
        print(_("{file} is damaged").format(file=printable(name)))
    if missing or damaged:
        return 1
    count = len(sums)
    print(
        ngettext("The {count} file is whole", "All {count} files are whole", count).format(
            count=count
        )
    )
    return 0


def _files(folder: Path) -> list[Path]:
    return [p for p in sorted(folder.rglob("*")) if is_file(p) and p != folder / _MANIFEST]


def _sha256(path: Path) -> str:
    with convert_read_errors(path), open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in _files(folder)) / 1e6


def _write(path: Path, text: str) -> None:
    save_file(path, text.encode())


def _instructions(with_wheels: bool) -> str:
    """What README.txt says."""
    install = (
        "pip install --no-index --find-links wheels --require-hashes -r requirements.txt"
        if with_wheels
        else "pip install -r requirements.txt"
    )
    return _(
        "LeNet Studio {version} for computers without a network connection\n"
        "\n"
        "Install, in this folder and in an environment of its own (Python {python}):\n"
        "    {install}\n"
        "Start:\n"
        "    LENET_BUNDLE=FOLDER lenet-gui\n"
        "FOLDER is this folder, which may be shared and read only. Datasets are taken from its\n"
        "data, and --model NAME finds a network in its networks.\n"
        "See whether it is whole:\n"
        "    lenet bundle FOLDER --check\n"
    ).format(
        version=__version__,
        python=".".join(platform.python_version_tuple()[:2]),
        install=install,
    )
