"""Drawings in SVG are drawn as large as is needed, and what could take hours is refused."""

from __future__ import annotations

import gzip
import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from trainer.drawing.picture_file import PictureError, read_colors
from trainer.drawing.svg import is_svg

SPACE = 'xmlns="http://www.w3.org/2000/svg"'
BAR = '<rect x="40" y="10" width="20" height="80"/>'


def read(path: Path, text: str | bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_colors(path, 100)


@pytest.mark.parametrize(
    "root",
    [
        f'<svg {SPACE} width="100" height="100">',
        f'<svg {SPACE} viewBox="0 0 100 100" width="90000mm">',
        f'<?xml version="1.0"?><!-- {"license " * 200} --><svg {SPACE} width="100" height="100">',
        '<svg width="100px" height="100px">',
    ],
)
@pytest.mark.parametrize("packing", ["plain", "utf-16", "gzip"])
def test_a_drawing_is_drawn_as_large_as_is_needed(tmp_path: Path, root: str, packing: str) -> None:
    text = f"{root}{BAR}</svg>"
    if packing == "utf-16":
        content = text.encode("utf-16")
    else:
        content = gzip.compress(text.encode()) if packing == "gzip" else text.encode()
    colors = read(tmp_path / ("a.svgz" if packing == "gzip" else "a.svg"), content)
    assert colors.shape == (200, 200, 3)
    assert colors[100, 100].tolist() == [0, 0, 0] and colors[100, 20].tolist() == [255] * 3


def test_it_is_known_by_its_content_and_a_picture_is_none(tmp_path: Path) -> None:
    assert read(tmp_path / "a.png", f'<svg {SPACE} viewBox="0 0 100 50">{BAR}</svg>').any()
    stream = io.BytesIO()
    Image.new("RGB", (30, 20)).save(stream, "PNG")
    assert read(tmp_path / "b.svg", stream.getvalue()).shape == (20, 30, 3)
    assert not is_svg(b"\x89PNG\r\n <svg", ".png")


@pytest.mark.parametrize(
    ("inside", "element"),
    [
        ('<image href="/etc/hostname" width="9" height="9"/>', "image"),
        ('<filter id="f"><feTurbulence numOctaves="999999"/></filter>', "filter"),
        ('<mask id="m"><rect mask="url(#n)"/></mask>', "mask"),
        ("<style>rect { fill: url(#p) }</style>", "style"),
    ],
)
def test_what_could_take_hours_or_reads_other_files_is_refused(
    tmp_path: Path, inside: str, element: str
) -> None:
    with pytest.raises(PictureError, match=f"an SVG with <{element}> in it, which is not read"):
        read(tmp_path / "a.svg", f"<svg {SPACE}>{inside}{BAR}</svg>")


def test_a_small_file_that_grows_without_end_is_refused(tmp_path: Path) -> None:
    levels = "".join(
        f'<g id="a{n}">{"".join(f"<use href={chr(34)}#a{n - 1}{chr(34)}/>" for _ in range(20))}</g>'
        for n in range(1, 9)
    )
    began = time.monotonic()
    with pytest.raises(PictureError, match="is damaged"):
        read(tmp_path / "a.svg", f'<svg {SPACE}><g id="a0">{BAR}</g>{levels}</svg>')
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "text",
    [
        "<svg",
        f"<svg {SPACE}><g></svg>",
        "<html><svg/></html>",
        gzip.compress(b"<svg", mtime=0)[:-9],
    ],
)
def test_a_damaged_one_is_named(tmp_path: Path, text: str | bytes) -> None:
    path = tmp_path / ("a.svg" if isinstance(text, str) else "a.svgz")
    with pytest.raises(PictureError, match=r"a\.svgz? cannot be read, for it is damaged"):
        read(path, text)
