"""Where files lie, and how they are written so that none is ever half there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from platformdirs import user_data_path


def data_folder(given: Path | None = None) -> Path:
    """Where datasets are looked for and downloaded to.

    `given` if there is one, else the environment's `LENET_DATA`, else `data`
    in the user's data folder. It need not exist.
    """
    if given is not None:
        return given
    if from_environment := os.environ.get("LENET_DATA"):
        return Path(from_environment)
    return user_data_path("lenet-studio", appauthor=False) / "data"


def runs_folder(given: Path | None = None) -> Path:
    """Where training runs leave their folders. It need not exist."""
    if given is not None:
        return given
    return user_data_path("lenet-studio", appauthor=False) / "runs"


def asset(name: str) -> Path:
    """A file that ships with the program.

    In a wheel the assets lie in this package; in a checkout, and so in an
    editable install, in `assets/` beside it.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "assets", here.parent / "assets"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{name} is not among the program's assets: reinstall lenet-studio")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it holds either what it held or all of `content`.

    Raises:
        OSError: it can't be written; what was there is untouched.
    """
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _allow_as_usual(beside)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _allow_as_usual(path: str) -> None:
    """Give a temporary file, made for its owner alone, the permissions of any new file."""
    mask = os.umask(0)
    os.umask(mask)
    Path(path).chmod(0o666 & ~mask)
