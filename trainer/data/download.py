"""One file from the network, whole and checked or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import shutil
import ssl
import urllib.parse
import urllib.request
from collections.abc import Generator, Iterator
from pathlib import Path

import truststore

from trainer.files import move_into_place, part_beside
from trainer.progress import Progress
from trainer.translation import gettext as _

LARGEST_FILE = 64 << 20  # bytes; of MNIST's and Fashion-MNIST's files the largest has 26 MB

_THIS_COMPUTER = ("127.0.0.1", "::1", "localhost")


class FetchError(Exception):
    """A file that can't be had from one place; the message says why."""


def fetch(
    url: str,
    target: Path,
    checksums: dict[str, str],
    what: str,
    largest: int | None = None,
) -> Generator[Progress, None, None]:
    """Download a file beside its place, check it, and then move it there.

    Ended at any moment, nothing half-written is left. Certificates are the system's, those of a
    school or a company included; proxies are those of the environment or the system.

    Args:
        url: where it is.
        target: its place, in a folder that exists.
        checksums: of its content, hexadecimal, each by its algorithm as `hashlib.new` calls it.
            MD5 guards against damage alone; without "sha256", which guards against forgery,
            nothing is taken from an address without encryption.
        what: for the progress.
        largest: bytes after which it can't be the right file; if None, 64 MB.

    Raises:
        FetchError: network or disk failed, or what came is another file.
    """
    partial = part_beside(target)
    try:
        if "sha256" not in checksums:
            _check_encrypted(url)
        yield from _write(url, partial, checksums, what, largest or LARGEST_FILE)
        move_into_place(partial, target)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise FetchError(str(getattr(error, "reason", None) or error)) from None
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def unpacking_folder(parent: Path) -> Iterator[Path]:
    """A folder beside what an archive's files will be, gone with all that is left in it.

    Raises:
        OSError: it can't be made.
    """
    beside = part_beside(parent / "unpacking")  # swept, if this process is killed
    beside.mkdir()
    try:
        yield beside
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check_encrypted(url: str) -> None:
    """See whether nobody on the way can change what comes.

    Raises:
        ValueError: somebody can.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _THIS_COMPUTER:
        raise ValueError(
            _("the address is without encryption, and the file's SHA-256 is not known")
        )


def _write(
    url: str, partial: Path, checksums: dict[str, str], what: str, largest: int
) -> Generator[Progress, None, None]:
    """Write what comes.

    Raises:
        OSError, ValueError, http.client.HTTPException: it fails, or is another file.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "lenet-studio"})
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in checksums}
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    done = 0
    with (
        urllib.request.urlopen(request, timeout=20, context=context) as response,
        partial.open("wb") as file,
    ):
        if "sha256" not in digests:
            _check_encrypted(response.url)  # it may have led elsewhere
        total = int(response.headers.get("Content-Length") or 0)
        while chunk := response.read(1 << 16):
            file.write(chunk)
            for digest in digests.values():
                digest.update(chunk)
            done += len(chunk)
            if done > largest:
                raise ValueError(_("what comes is far larger than the file that was published"))
            yield Progress(what, done, total)
    if any(digest.hexdigest() != checksums[name] for name, digest in digests.items()):
        raise ValueError(_("what came is cut off or damaged (its checksum differs)"))
