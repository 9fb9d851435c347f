"""One file from the network, whole and checked or not at all."""

from __future__ import annotations

import hashlib
import http.client
import urllib.request
from collections.abc import Generator
from pathlib import Path

from trainer.files import move_into_place, part_beside
from trainer.progress import Progress

LARGEST_FILE = 64 << 20  # bytes; of MNIST's and Fashion-MNIST's files the largest has 26 MB


class FetchError(Exception):
    """A file that can't be had from one place; the message says why."""


def fetch(
    url: str, target: Path, md5: str, what: str, largest: int | None = None
) -> Generator[Progress, None, None]:
    """Download a file beside its place, check it, and then move it there.

    Ended at any moment, nothing half-written is left.

    Args:
        url: where it is.
        target: its place, in a folder that exists.
        md5: its checksum.
        what: for the progress.
        largest: bytes after which it can't be the right file; if None, 64 MB.

    Raises:
        FetchError: network or disk failed, or what came is another file.
    """
    partial = part_beside(target)
    try:
        yield from _write(url, partial, md5, what, largest or LARGEST_FILE)
        move_into_place(partial, target)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise FetchError(str(getattr(error, "reason", None) or error)) from None
    finally:
        partial.unlink(missing_ok=True)


def _write(
    url: str, partial: Path, md5: str, what: str, largest: int
) -> Generator[Progress, None, None]:
    request = urllib.request.Request(url, headers={"User-Agent": "lenet-studio"})
    digest = hashlib.md5(usedforsecurity=False)
    done = 0
    with urllib.request.urlopen(request, timeout=20) as response, partial.open("wb") as file:
        total = int(response.headers.get("Content-Length") or 0)
        while chunk := response.read(1 << 16):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if done > largest:
                raise ValueError("what comes is far larger than the file that was published")
            yield Progress(what, done, total)
    if digest.hexdigest() != md5:
        raise ValueError("what came is cut off or damaged (its checksum differs)")
