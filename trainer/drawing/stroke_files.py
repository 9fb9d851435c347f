"""Drawings read from JSON, as `lenet predict --strokes` takes them, and as other programs write.

Read are a list of drawings, one drawing alone, and one a line; a drawing is an object with
`strokes` (or `drawing`, as in Quick, Draw!), or the list of its strokes; a stroke is a list of
points, an object with `points`, or a list of all x and one of all y; a point is `[x, y]`,
`[x, y, pressure]`, or an object with `x`, `y` and perhaps `pressure`. Of the library
signature_pad the list of strokes is one drawing; so is an InkML file (W3C, 2011), which is XML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from trainer.drawing.rasterize import Stroke, StrokesError, as_points
from trainer.files import convert_read_errors, decode_text, read_bounded, read_stream, unpack
from trainer.translation import N_
from trainer.translation import gettext as _

LARGEST_FILE = 64 << 20
"""Bytes that a file of drawings can have, unpacked: fifty thousand drawings."""
MOST_DRAWINGS = 200_000
"""Drawings of a file: reading as many takes minutes."""
_SIZES = {"[": 72, "{": 250, ",": 32, '"': 30}
"""Bytes of memory for each: a list, an object, a number or a place in a list, half a string."""
_MOST_MEMORY = 800 << 20
WIDEST = 4.5
"""Pressures from 0 to this are drawn as they are (`rasterize.compute_fine_widths`)."""
_FEWEST_TIMES = 5
"""So many numbers that only rise are no pressures."""
_FORM = N_('must be a JSON list of {"strokes": [[[x, y], ...], ...]}')


def drawings_from_json(text: str) -> list[list[Stroke]]:
    """Drawings from JSON, in any of the forms that the module's docstring names.

    Other keys of an object are ignored. What can't be a pressure is left out: times, counters,
    and the levels of a tablet.

    Raises:
        StrokesError: the text is none of them; the message names the place.
    """
    drawings = []
    for number, item in enumerate(items_from_json(text)):
        try:
            drawings.append(strokes_of(item))
        except StrokesError as error:
            raise StrokesError(
                _("drawing {number}: {error}").format(number=number, error=error)
            ) from None
    return drawings


def items_from_json(text: str) -> list[Any]:
    """What stands for a drawing each: a list's items, one object alone, or an object a line.

    Raises:
        StrokesError: it is not JSON, or something else.
    """
    if text.lstrip().startswith("<") and (traces := _read_inkml(text)):
        return [{"strokes": traces}]
    check_memory(text)
    try:
        items = _parse(text)
    except (ValueError, RecursionError) as error:
        raise StrokesError(_("not JSON: {error}").format(error=error)) from None
    if isinstance(items, dict) and not items.keys().isdisjoint(_KEYS):
        return [items]
    if not isinstance(items, list):
        raise StrokesError(_(_FORM))
    if len(items) > MOST_DRAWINGS:
        raise StrokesError(
            _(
                "{count:,} drawings are more than the {most:,} that are read at once: "
                "divide the file"
            ).format(count=len(items), most=MOST_DRAWINGS)
        )
    if (strokes := _of_signature_pad(items)) is not None:
        return [{"strokes": strokes}]
    return [items] if _depth(items) == 3 else items


def _of_signature_pad(items: list[Any]) -> list[Any] | None:
    """The strokes as signature_pad hands them out, in any version; None for anything else.

    Its points have a pressure, by which it doesn't draw, and which a mouse leaves at 0 or 0.5.
    """
    strokes: list[Any] = [
        item.get("points") if isinstance(item, dict) and "strokes" not in item else item
        for item in items
        if not isinstance(item, dict)
        or item.get("compositeOperation") in (None, "source-over")  # else it rubs out
    ]
    if not strokes or not all(
        isinstance(stroke, list)
        and stroke
        and all(isinstance(point, dict) and {"x", "y"} <= point.keys() for point in stroke)
        for stroke in strokes
    ):
        return None
    return [[[point["x"], point["y"]] for point in stroke] for stroke in strokes]


_TRACE = re.compile(r"<(?:\w{1,40}:)?trace\b[^<>]*>([^<]*)<")
_CHANNEL = re.compile(r"<(?:\w{1,40}:)?channel\b[^<>]*\bname\s*=\s*[\"'](\w+)")
_VALUE = re.compile(r"([!'\"]?)\s*(-?\d*\.?\d+)")
_BYTES_OF_VALUE = 200


def _read_inkml(text: str) -> list[list[list[float]]]:
    """The traces of an InkML file, each a stroke; none if it is something else.

    Of each point x and y are taken, by the order of its channels.

    Raises:
        StrokesError: they take too much memory.
    """
    if _BYTES_OF_VALUE * sum(map(text.count, " ,-.'\"!\n\t")) > _MOST_MEMORY:
        raise StrokesError(_("it holds more than can be read at once: divide the file"))
    names = list(dict.fromkeys(_CHANNEL.findall(text)))
    places = (names.index("X"), names.index("Y")) if {"X", "Y"} <= {*names} else (0, 1)
    strokes = (_read_trace(match.group(1), places) for match in _TRACE.finditer(text))
    return [stroke for stroke in strokes if stroke]


def _read_trace(trace: str, places: tuple[int, int]) -> list[list[float]]:
    """The points of a trace, whose values may be differences: ' from the last one, " of these."""
    points: list[list[float]] = []
    signs: dict[int, str] = {}
    values: dict[int, float] = {}
    steps: dict[int, float] = {}
    for point in trace.replace("&quot;", '"').replace("&apos;", "'").split(","):
        for n, (sign, number) in enumerate(_VALUE.findall(point)):
            signs[n] = sign or signs.get(n, "!")
            value = float(number)
            if signs[n] != "!":
                steps[n] = value + (steps.get(n, 0.0) if signs[n] == '"' else 0.0)
                value = values.get(n, 0.0) + steps[n]
            values[n] = value
        if all(place in values for place in places) and point.strip():
            points.append([values[place] for place in places])
    return points


def check_memory(text: str) -> None:
    """Refuse JSON that would take too much memory: 3 bytes can become a list, which takes 72.

    Raises:
        StrokesError: it would.
    """
    if sum(size * text.count(sign) for sign, size in _SIZES.items()) > _MOST_MEMORY:
        raise StrokesError(_("it holds more than can be read at once: divide the file"))


def _parse(text: str) -> Any:
    """JSON, or JSON in each line.

    Raises:
        ValueError, RecursionError: neither.
    """
    try:
        return parse_json(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise
        return [json.loads(line) for line in lines]


def parse_json(text: str) -> Any:
    """JSON as `json.loads` reads it, but a long list or object part by part.

    One call that parses millions of numbers keeps all of Python's threads waiting, and with
    them the window's, for seconds.

    Raises:
        ValueError, RecursionError: it is none.
    """
    value, end = _parse_at(text, _skip_space(text, 0), _PARTS)
    _check_end(text, end)
    return value


def iterate_json(text: str) -> Iterator[Any]:
    """The values of a JSON list, one after the other, of which none is kept; no other JSON has any.

    Raises:
        ValueError, RecursionError: it is no JSON.
    """
    begin = _skip_space(text, 0)
    if text.startswith("[", begin):
        _check_end(text, (yield from _walk(text, begin, 1, "]")))
    else:
        parse_json(text)


def _check_end(text: str, at: int) -> None:
    if (at := _skip_space(text, at)) < len(text):
        raise json.JSONDecodeError("Extra data", text, at)


_PARTS = 2
"""So many levels are taken apart: a list of drawings, in an object perhaps."""
_SPACE = re.compile(r"[ \t\n\r]*")
_parse_part = json.JSONDecoder().raw_decode


def _parse_at(text: str, at: int, levels: int) -> tuple[Any, int]:
    """The value at a place, and where it ends."""
    close = {"[": "]", "{": "}"}.get(text[at : at + 1]) if levels else None
    if close is None:
        return _parse_part(text, at)
    items, walk = [], _walk(text, at, levels, close)
    while True:
        try:
            items.append(next(walk))
        except StopIteration as end:
            return items if close == "]" else dict(items), end.value


def _walk(text: str, at: int, levels: int, end: str) -> Generator[Any, None, int]:
    """What stands in brackets, or the pairs in braces; returns where it ends."""
    at = _skip_space(text, at + 1)
    if text.startswith(end, at):
        return at + 1
    while True:
        key = None
        if end == "}":
            if not text.startswith('"', at):
                raise json.JSONDecodeError(
                    "Expecting property name enclosed in double quotes", text, at
                )
            key, at = _parse_part(text, at)
            at = _expect(text, _skip_space(text, at), ":")
        item, at = _parse_at(text, at, levels - 1)
        yield item if key is None else (key, item)
        at = _skip_space(text, at)
        if text.startswith(end, at):
            return at + 1
        at = _expect(text, at, ",")


def _expect(text: str, at: int, sign: str) -> int:
    """Where what follows a sign begins."""
    if not text.startswith(sign, at):
        raise json.JSONDecodeError(f"Expecting {sign!r} delimiter", text, at)
    return _skip_space(text, at + 1)


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match is not None else at


def _depth(value: Any) -> int:
    """How many lists begin a list: 3 for one drawing's strokes, 4 for those of several."""
    depth = 0
    while isinstance(value, list) and value and depth < 9:
        value, depth = value[0], depth + 1
    return depth


_KEYS = ("strokes", "drawing")
_QUICK_DRAW = ("word", "key_id")
"""What stands beside `drawing` in a line of Quick, Draw!, whose strokes are lists of x and of y."""


def strokes_of(item: Any) -> list[Stroke]:
    """The strokes of one drawing.

    Raises:
        StrokesError: it has none, or what can't be drawn.
    """
    certain = isinstance(item, dict) and any(key in item for key in _QUICK_DRAW)
    if isinstance(item, dict):
        item = next((item[key] for key in _KEYS if key in item), None)
    if not isinstance(item, list):
        raise StrokesError(_('it has no "strokes" list'))
    strokes = [_points_of(stroke) for stroke in item]
    if _is_by_axis(strokes, certain):
        strokes = [list(zip(*axes, strict=True)) for axes in strokes]
    drawn = [as_points(stroke) for stroke in strokes]
    if not any(len(stroke) and len(stroke[0]) > 2 for stroke in strokes):
        return strokes  # most have no third number
    if _are_pressures([points[:, 2] for points in drawn]):
        return strokes
    return [points[:, :2].tolist() for points in drawn]


def _points_of(stroke: Any) -> Any:
    """A stroke whose points are lists, as they are or made of objects."""
    if isinstance(stroke, dict):
        stroke = stroke.get("points")
    if not isinstance(stroke, list) or not any(isinstance(point, dict) for point in stroke):
        return stroke
    try:
        return [[point["x"], point["y"], point.get("pressure", 1.0)] for point in stroke]
    except (AttributeError, KeyError, TypeError):
        raise StrokesError(_('a point must be [x, y] or {"x": 1, "y": 2}')) from None


def _is_by_axis(strokes: list[Any], certain: bool) -> bool:
    """Whether each stroke is a list of all x, one of all y, and perhaps one of times.

    Two or three points with more than three numbers each look the same; nobody writes them. Of
    two or three points with as many numbers, only `certain`, by who wrote them, tells.
    """
    if not all(
        isinstance(stroke, list)
        and len(stroke) in (2, 3)
        and all(isinstance(axis, list) and len(axis) == len(stroke[0]) for axis in stroke)
        for stroke in strokes
    ):
        return False
    return certain or any(len(stroke[0]) > 3 for stroke in strokes)


def _are_pressures(thirds: list[NDArray[np.float64]]) -> bool:
    """Whether the third numbers of all points, stroke by stroke, are widths of a line.

    They are times or counters if they rise from each point to the next, and a tablet's levels if
    any is wider than a line can be.
    """
    values = np.concatenate([*thirds, [1.0]])
    if values.min() < 0 or values.max() > WIDEST:
        return False
    steps = np.concatenate([np.empty(0), *(np.diff(each) for each in thirds)])
    return len(steps) + 1 < _FEWEST_TIMES or not (steps > 0).all()


def read_drawings(path: Path) -> list[list[Stroke]]:
    """`drawings_from_json` of a file, gzipped or not.

    Raises:
        StrokesError: unreadable, too large, or none of the forms.
    """
    with convert_read_errors(path, StrokesError):
        content = read_bounded(path, LARGEST_FILE)
    return drawings_from_bytes(content, str(path))


def drawings_from_stream(file: IO[bytes], source: str) -> list[list[Stroke]]:
    """`drawings_from_json` of a stream, such as standard input, gzipped or not.

    Args:
        file: open for reading.
        source: what it is, for the message.

    Raises:
        StrokesError: as `read_drawings` does.
    """
    with convert_read_errors(source, StrokesError):
        content = unpack(read_stream(file, LARGEST_FILE), LARGEST_FILE)
    return drawings_from_bytes(content, source)


def drawings_from_bytes(content: bytes, source: str) -> list[list[Stroke]]:
    """`drawings_from_json` of UTF-8 or UTF-16.

    Args:
        content: the bytes.
        source: where they come from, for the message.

    Raises:
        StrokesError: damaged, or none of the forms.
    """
    try:
        return drawings_from_json(decode_text(content))
    except UnicodeDecodeError as error:
        raise StrokesError(
            _("{source} cannot be read: {error}").format(source=source, error=error)
        ) from None
    except StrokesError as error:
        raise StrokesError(f"{source}: {error}") from None
    except MemoryError:
        raise StrokesError(
            _("{source} needs more memory than is free").format(source=source)
        ) from None
