"""Drawings read from JSON, as `lenet predict --strokes` takes them."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from trainer.drawing.rasterize import Stroke, StrokesError, as_points


def drawings_from_json(text: str) -> list[list[Stroke]]:
    """Drawings from a JSON list of `{"strokes": [[[x, y], ...], ...]}`.

    Other keys of an object are ignored.

    Raises:
        StrokesError: the text is not such a list; the message names the place.
    """
    try:
        drawings: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StrokesError(f"not JSON: {error}") from None
    if not isinstance(drawings, list):
        raise StrokesError('must be a JSON list of {"strokes": [[[x, y], ...], ...]}')
    found = []
    for number, drawing in enumerate(drawings):
        strokes = drawing.get("strokes") if isinstance(drawing, dict) else None
        if not isinstance(strokes, list):
            raise StrokesError(f'drawing {number} has no "strokes" list')
        try:
            for stroke in strokes:
                as_points(stroke)
        except StrokesError as error:
            raise StrokesError(f"drawing {number}: {error}") from None
        found.append(strokes)
    return found


def read_drawings(path: Path) -> list[list[Stroke]]:
    """`drawings_from_json` of a file, gzipped or not.

    Raises:
        StrokesError: unreadable, or not such a list.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StrokesError(f"{path} cannot be read: {error.strerror or error}") from None
    return drawings_from_bytes(content, str(path))


def drawings_from_bytes(content: bytes, source: str) -> list[list[Stroke]]:
    """`drawings_from_json` of UTF-8, gzipped or not.

    Args:
        content: the bytes.
        source: where they come from, for the message.

    Raises:
        StrokesError: damaged, or not such a list.
    """
    try:
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        return drawings_from_json(content.decode("utf-8-sig"))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise StrokesError(f"{source} cannot be read: {error}") from None
    except StrokesError as error:
        raise StrokesError(f"{source}: {error}") from None
