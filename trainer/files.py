"""Where files lie, and how they are written so that none is ever half there."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import os
import re
import shutil
import stat
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from platformdirs import user_cache_path, user_data_path, user_log_path

from trainer.errors import UserError
from trainer.translation import gettext as _

PICTURE_ENDINGS = (
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".jp2", ".j2k",
    ".ppm", ".pgm", ".pbm", ".pnm", ".heic", ".heif", ".svg",
)  # fmt: skip
"""Of files that are taken for pictures by their names."""
PAGE_ENDINGS = (*PICTURE_ENDINGS, ".pdf")
"""Of files that may hold pages with digits."""


def data_folder(chosen: Path | None = None) -> Path:
    """Where datasets are looked for and downloaded to.

    `chosen` if there is one, else the environment's `LENET_DATA`, else that of a bundle, else
    `data` in the user's data folder. It need not exist.
    """
    if chosen is not None:
        return chosen
    if from_environment := os.environ.get("LENET_DATA"):
        return Path(from_environment)
    if (bundle := bundle_folder()) is not None:
        return bundle / "data"
    return user_data_path("lenet-studio", appauthor=False) / "data"


def environment_chooses_data() -> bool:
    """Whether `data_folder` is the environment's, and not the user's own."""
    return bool(os.environ.get("LENET_DATA") or os.environ.get("LENET_BUNDLE"))


def bundle_folder() -> Path | None:
    """What `lenet bundle` collected, by the environment's `LENET_BUNDLE`; None without it."""
    from_environment = os.environ.get("LENET_BUNDLE")
    return Path(from_environment) if from_environment else None


def runs_folder(chosen: Path | None = None) -> Path:
    """Where training runs leave their folders. It need not exist."""
    if chosen is not None:
        return chosen
    return user_data_path("lenet-studio", appauthor=False) / "runs"


def my_digits_file(chosen: Path | None = None) -> Path:
    """Where the user's own labelled digits are kept. It need not exist."""
    if chosen is not None:
        return chosen
    return user_data_path("lenet-studio", appauthor=False) / "my-digits.jsonl"


def cache_folder() -> Path:
    """Where what can be computed again is kept. It need not exist."""
    return user_cache_path("lenet-studio", appauthor=False)


def user_folder() -> Path:
    """Where datasets, runs, networks and labeled digits are, unless other places were chosen."""
    return user_data_path("lenet-studio", appauthor=False)


def log_folder() -> Path:
    """Where the window's log is."""
    return user_log_path("lenet-studio", appauthor=False)


_HERE = Path(__file__).resolve().parent


def asset(name: str) -> Path:
    """A file, or a folder, that ships with the program.

    In a wheel the assets lie in this package; in a checkout, and so in an
    editable install, in `assets/` beside it, and the documents in `docs/`.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    for folder in (_HERE / "assets", _HERE.parent / "assets", _HERE.parent):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(
        _("{name} is not among the program's assets: reinstall lenet-studio").format(name=name)
    )


# Unlike `Path`'s own, they never fail: a name may be too long, or a folder somebody else's.


def is_there(path: Path) -> bool:
    """Whether anything is there, as far as can be told."""
    return os.path.exists(path)  # noqa: PTH110


def is_file(path: Path) -> bool:
    """Whether a file is there, as far as can be told."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: Path) -> bool:
    """Whether a folder is there, as far as can be told."""
    return os.path.isdir(path)  # noqa: PTH112


def expand_user(path: Path) -> Path:
    """The path with the user's folder in place of ~; as it is where nobody knows that folder."""
    with contextlib.suppress(RuntimeError):
        return path.expanduser()
    return path


_LONGEST_NAME = 120  # bytes


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
    # A file's name has at most 255 bytes in most file systems, and a letter up to four.
    name = name.encode()[:_LONGEST_NAME].decode(errors="ignore")
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        path = parent / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise FileExistsError(errno.EEXIST, _("too many folders of one name"))


@contextmanager
def convert_write_errors(place: Path, kind: type[UserError] = UserError) -> Iterator[None]:
    """Let what fails to be written inside be told as a `kind` that names `place`."""
    try:
        yield
    except OSError as error:
        raise kind(
            _("{place} cannot be written: {reason}").format(
                place=place, reason=error.strerror or error
            )
        ) from None


def save_file(path: Path, content: bytes, kind: type[UserError] = UserError) -> None:
    """Write a whole file where the user wants it; what there was is replaced.

    Raises:
        UserError: it can't be written; of the class `kind`.
    """
    with convert_write_errors(path, kind):
        write_whole(path, content)


@contextmanager
def convert_read_errors(place: Path | str, kind: type[UserError] = UserError) -> Iterator[None]:
    """Let what fails to be read inside be told as a `kind` that names `place`."""
    try:
        yield
    except OSError as error:
        raise kind(
            _("{path} cannot be read: {reason}").format(path=place, reason=error.strerror or error)
        ) from None


def keep_cached(path: Path, content: bytes, most: int) -> None:
    """Write a file of a cache, and delete the oldest of its kind beyond `most`.

    Raises:
        OSError: it can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
    kept = sorted(path.parent.glob(f"*{path.suffix}"), key=lambda file: file.stat().st_mtime)
    for old in kept[:-most]:
        old.unlink(missing_ok=True)


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


_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS)
"""What file systems say that have no locks, as some of NFS and FUSE."""


@contextmanager
def lock(file: IO[bytes]) -> Iterator[bool]:
    """Hold an open file while nobody else of this program does, in any of its windows.

    Yields:
        whether it is held: a file system may have no locks.

    Raises:
        OSError: the system can't lock it, for another reason.
    """
    try:
        _lock(file, wait=True)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        yield False
        return
    try:
        yield True
    finally:
        _unlock(file)


@contextmanager
def try_lock(file: IO[bytes], patience: float = 0.0) -> Iterator[bool]:
    """Hold an open file as `lock` does, but only if nobody else does; yields whether.

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

    def _lock(file: IO[bytes], *, wait: bool) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[bytes]) -> None:
        file.seek(_BEYOND)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes], *, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


_NODE = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
_HOST = f"{zlib.crc32(_NODE.encode()):08x}"[:6]
_PART = re.compile(r"\..+\.([0-9a-f]{6})-([0-9]{1,9})-[0-9a-f]{12}\.part")
_ABANDONED = 6 * 3600.0
"""Seconds after which nobody still writes a file that has not changed since."""
_swept: set[Path] = set()
_LONGEST_PART = 200  # bytes of a file's name in its part's, which has some more


def part_beside(path: Path) -> Path:
    """Where to write what shall become `path`; what a killed process left there is swept.

    Raises:
        OSError: `path` has no name, or is a device or a pipe, which a file may not replace.
    """
    if not path.name or is_folder(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if is_there(path) and not is_file(path):
        raise _no_file()
    if path.parent not in _swept:
        _swept.add(path.parent)
        sweep_parts(path.parent)
    # Not `tempfile`: its files are for their owner alone, and the usual permissions
    # can only be asked for by changing them for all threads for a moment.
    name = os.fsdecode(os.fsencode(path.name)[:_LONGEST_PART])
    return path.with_name(f".{name}.{_HOST}-{os.getpid()}-{os.urandom(6).hex()}.part")


def sweep_parts(folder: Path) -> None:
    """Delete what saves that were killed have left in a folder; what a living process writes stays.

    Files and folders are deleted that `part_beside` has named.

    On another computer, or where it can't be asked whether a process lives, a file's age tells.
    """
    with contextlib.suppress(OSError):
        for path in list(folder.glob(".*.part")):
            match = _PART.fullmatch(path.name)
            if match is None or path.is_symlink():
                continue
            with contextlib.suppress(OSError):
                old = time.time() - path.stat().st_mtime > _ABANDONED
                if old or (match[1] == _HOST and not _lives(int(match[2]))):
                    if path.is_dir():  # of an archive
                        shutil.rmtree(path)
                    else:
                        path.unlink()


def _lives(process: int) -> bool:
    """Whether a process of this computer lives, as far as can be told."""
    if sys.platform == "win32":  # where asking with `os.kill` would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def move_into_place(part: Path, path: Path) -> None:
    """Let a whole, closed file become `path`, also after a power failure.

    Raises:
        OSError: it can't be moved.
    """
    part.replace(path)
    if sys.platform == "win32":  # which can't open a folder
        return
    with contextlib.suppress(OSError):  # some file systems can't
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it holds either what it held or all of `content`.

    Raises:
        OSError: it can't be written; what was there is untouched.
    """
    beside = part_beside(path)
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        move_into_place(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


_GIVEN = (Path("/dev/fd"), Path("/proc/self/fd"))  # what a process was given open


def check_is_plain(path: Path) -> None:
    """See that opening a path, or reading it, would not wait for another program.

    Raises:
        OSError: nothing is there, or a device, a pipe or a socket that this process was not
            given open, as standard input is.
    """
    try:
        mode = path.stat().st_mode
    except ValueError:  # of a name that no file can have
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL)) from None
    given = path == Path("/dev/stdin") or path.parent in _GIVEN
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or given):
        raise _no_file()


def _no_file() -> OSError:
    return OSError(errno.EINVAL, _("it is a device or a pipe, and no file"))


def open_plain(path: Path) -> io.BufferedReader:
    """Open a file that a user has named, for reading.

    Raises:
        OSError: it can't be read; as for `check_is_plain`.
    """
    check_is_plain(path)
    return path.open("rb")


_PIECE = 1 << 20  # bytes that are read or unpacked at once


def read_bounded(path: Path, most: int) -> bytes:
    """A file's content, unpacked if it is gzipped.

    Args:
        path: the file.
        most: bytes that such a file can have, unpacked. Hardly more than that is ever held.

    Raises:
        OSError: it can't be read, is damaged, or has more; `strerror` says which.
    """
    with open_plain(path) as file:
        return unpack(read_stream(file, most), most)


def read_stream(file: IO[bytes] | gzip.GzipFile, most: int) -> bytes:
    """What is left of a stream, such as standard input.

    Raises:
        OSError: it can't be read, or has more than `most` bytes.
    """
    parts, length = [], 0
    while part := file.read(min(_PIECE, most + 1 - length)):
        parts.append(part)
        length += len(part)
        if length > most:
            raise _too_much(most)
    return b"".join(parts)


def unpack(content: bytes, most: int) -> bytes:
    """Bytes as they are, or as they were before gzip packed them.

    Raises:
        OSError: they are damaged, or more than `most`.
    """
    if content[:2] != b"\x1f\x8b":
        if len(content) > most:
            raise _too_much(most)
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            return read_stream(file, most)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise OSError(
            errno.EINVAL, _("its packing is damaged ({error})").format(error=error)
        ) from None


def _too_much(most: int) -> OSError:
    return OSError(
        errno.EFBIG,
        _("it has more than the {most} MB that such a file can have").format(most=most >> 20),
    )


def decode_text(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16, as a shell on Windows writes it; with a mark or without one.

    Raises:
        UnicodeDecodeError: it is neither.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    if b"\0" in content[:2]:  # no text that is read here begins with anything but ASCII
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le")
    return content.decode("utf-8-sig")
