"""SVG drawings to pixels, by resvg; what could take hours, or read other files, is refused.

A drawing is looked into first: it is drawn at the size that is needed, whatever it asks for.
"""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

from PIL import Image

from trainer.files import unpack

try:
    import resvg_py
except ImportError:  # there may be none for a rare machine
    SVG = False
else:
    SVG = True
"""Whether drawings in SVG can be read."""

_LARGEST = 8 << 20  # bytes, unpacked
_LENGTH = re.compile(r"\s*([\d.]+(?:e[+-]?\d+)?)\s*(px|pt|pc|mm|cm|in|)\s*", re.IGNORECASE)
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
"""In pixels (CSS Values and Units 3, section 6.2)."""
_REFUSED = ("image", "filter", "foreignObject")
"""Elements that hold other files, or may take hours."""
_REPEATED = ("pattern", "mask", "clipPath", "marker")
"""Elements that are drawn wherever they are named; within one another, they multiply."""


class RefusedSvgError(ValueError):
    """A drawing in SVG that has something that is not drawn here; the message is its name."""


def is_svg(head: bytes, ending: str) -> bool:
    """Whether a file that begins with `head` is SVG, packed or not, by that or by its ending."""
    if head[:2] == b"\x1f\x8b":
        return ending == ".svgz"
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return text[:1] == b"<" and (b"<svg" in text or ending == ".svg")


def draw_svg(content: bytes, side: int) -> Image.Image:
    """A drawing as an RGBA picture, its longer side `side` pixels.

    Raises:
        RefusedSvgError: it has something in it that is not drawn.
        ValueError: it is damaged, or too large.
    """
    root = ElementTree.fromstring(_unpack(content))
    _check(root)
    width, height = _fit(root, side)
    if root.tag == "svg":  # without its namespace, as browsers take it
        root.set("xmlns", "http://www.w3.org/2000/svg")
    text = ElementTree.tostring(root, encoding="unicode")
    try:
        drawn = resvg_py.svg_to_bytes(svg_string=text, width=width, height=height)
    except BaseException as error:  # what Rust did not expect comes as no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(str(error)) from None
    return Image.open(io.BytesIO(bytes(drawn)), formats=("PNG",)).convert("RGBA")


def _unpack(content: bytes) -> bytes:
    try:
        return unpack(content, _LARGEST)
    except OSError as error:
        raise ValueError(error.strerror) from None


def _name(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _check(root: ElementTree.Element) -> None:
    """Refuse what is not drawn.

    Raises:
        RefusedSvgError: as above.
        ValueError: it is XML, but no SVG.
    """
    if _name(root) != "svg":
        raise ValueError(f"it begins with {_name(root)}, not with svg")
    for element in root.iter():
        name = _name(element)
        if name in _REFUSED or (name == "style" and "url(" in (element.text or "")):
            raise RefusedSvgError(name)
        if name in _REPEATED and any(
            "url(" in value for part in element.iter() for value in part.attrib.values()
        ):
            raise RefusedSvgError(name)


def _fit(root: ElementTree.Element, side: int) -> tuple[int, int]:
    """Have it drawn at the size that is needed, and return that; what it shows stays."""
    sizes = [_length(root.get(name, "")) for name in ("width", "height")]
    box = [float(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if part]
    if len(box) != 4 or min(box[2:]) <= 0:
        width, height = (size or default for size, default in zip(sizes, (300, 150), strict=True))
        box = [0.0, 0.0, width, height]
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    width, height = box[2:]
    scale = side / max(width, height)
    fitted = max(1, round(width * scale)), max(1, round(height * scale))
    root.set("width", str(fitted[0]))
    root.set("height", str(fitted[1]))
    return fitted


def _length(text: str) -> float:
    """In pixels; 0 where it isn't told."""
    match = _LENGTH.fullmatch(text)
    return float(match[1]) * _UNITS[match[2].lower()] if match else 0.0
