"""Download of one file, which is checked, and written whole or not at all."""

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
    """A file that can't be downloaded from one address; the message says why."""


def fetch(
    url: str,
    target: Path,
    checksums: dict[str, str],
    what: str,
    largest: int | None = None,
) -> Generator[Progress, None, None]:
    """Download a file beside its place, check it, and then move it there.

    Nothing half-written is left, whenever it ends. Certificates are the system's, those of a
    school or a company included; proxies are those of the environment or the system.

    Args:
        url: its address.
        target: where to write it, in a folder that exists.
        checksums: of its content, hexadecimal, by the algorithm's name in `hashlib.new`.
            MD5 guards against damage alone; without "sha256", which guards against forgery,
            nothing is taken from an address without encryption.
        what: the description of the progress.
        largest: the most bytes that the file may have; 64 MB if None.

    Raises:
        FetchError: network or disk failed, or the content is another.
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
    """A temporary folder to unpack an archive in, beside the final place of its files.

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
    """Check that the connection is encrypted, so that nobody can change the content.

    Raises:
        ValueError: it is not.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _THIS_COMPUTER:
        raise ValueError(
            _("the address is without encryption, and the file's SHA-256 is not known")
        )


def _write(
    url: str, partial: Path, checksums: dict[str, str], what: str, largest: int
) -> Generator[Progress, None, None]:
    """Download into a file.

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
