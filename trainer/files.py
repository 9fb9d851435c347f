"""Where files lie, and how they are written so that none is ever half there."""

from __future__ import annotations

import errno
import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from platformdirs import user_cache_path, user_data_path, user_log_path

from trainer.errors import UserError


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


def my_digits_file(given: Path | None = None) -> Path:
    """Where the user's own labelled digits are kept. It need not exist."""
    if given is not None:
        return given
    return user_data_path("lenet-studio", appauthor=False) / "my-digits.jsonl"


def cache_folder() -> Path:
    """Where what can be computed again is kept. It need not exist."""
    return user_cache_path("lenet-studio", appauthor=False)


def log_folder() -> Path:
    """Where the window's log is."""
    return user_log_path("lenet-studio", appauthor=False)


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


def make_new_folder(parent: Path, name: str) -> Path:
    """Make a folder that nobody else, of this program or another one, has.

    Args:
        parent: where; made if it is not there.
        name: what to call it; what no file's name may hold becomes "-", and a
            number follows if the name is taken.

    Raises:
        OSError: it can't be made.
    """
    name = re.sub(r"[^\w+-]+", "-", name)
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        path = parent / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise FileExistsError(errno.EEXIST, "too many folders of one name")


@contextmanager
def convert_write_errors(place: Path, kind: type[UserError] = UserError) -> Iterator[None]:
    """Let what fails to be written inside be told as a `kind` that names `place`."""
    try:
        yield
    except OSError as error:
        raise kind(f"{place} cannot be written: {error.strerror or error}") from None


def check_writable(folder: Path) -> None:
    """See whether files could be made in `folder`, which need not exist; makes nothing.

    Raises:
        OSError: they could not, and why.
    """
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(there, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def lock(file: IO[bytes]) -> Iterator[None]:
    """Hold an open file while nobody else of this program does, in any of its windows.

    Raises:
        OSError: the system can't lock it.
    """
    _lock(file, wait=True)
    try:
        yield
    finally:
        _unlock(file)


@contextmanager
def try_lock(file: IO[bytes], patience: float = 0.0) -> Iterator[bool]:
    """Hold an open file as `exclusive` does, but only if nobody else does; yields whether.

    Where the system can't lock it, nobody holds it.

    Args:
        file: open for reading or writing.
        patience: seconds to go on trying, as whoever only looks holds it for a moment too.
    """
    last = time.monotonic() + patience
    while True:
        try:
            _lock(file, wait=False)
            break
        except (BlockingIOError, PermissionError):
            if time.monotonic() >= last:
                yield False
                return
            time.sleep(0.02)
        except OSError:
            yield True
            return
    try:
        yield True
    finally:
        _unlock(file)


if sys.platform == "win32":
    import msvcrt

    _BEYOND = 1 << 40  # a byte far beyond the content: there a lock keeps nobody from reading

    def _lock(file: IO[bytes], wait: bool) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[bytes]) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes], wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


def _beside(path: Path) -> Path:
    """Where to write what shall become `path`."""
    # Not `tempfile`: its files are for their owner alone, and the usual permissions
    # can only be asked for by changing them for all threads for a moment.
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it holds either what it held or all of `content`.

    Raises:
        OSError: it can't be written; what was there is untouched.
    """
    beside = _beside(path)
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def link_or_copy(path: Path, other: Path) -> None:
    """Give a file, which nobody changes in place, a second name; or a copy, where that can't be.

    Args:
        path: the file.
        other: in a folder of the same disk; what is there is replaced.

    Raises:
        OSError: it can't be written; what was there is untouched.
    """
    beside = _beside(other)
    try:
        os.link(path, beside)
        beside.replace(other)
        beside.unlink(missing_ok=True)  # left where both were the same file already
    except OSError:  # such as on a memory card's file system
        beside.unlink(missing_ok=True)
        write_whole(other, path.read_bytes())
