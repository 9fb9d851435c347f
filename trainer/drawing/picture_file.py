"""Picture files to pixels: which formats are opened, how large they may be, what is said of others.

A file may hold anything, and a small one may ask for gigabytes. So only the formats named
here are ever opened; a picture's size is seen to before it is decoded; and a large one is made
smaller, band by band, before anything else is done with it. Knows nothing of digits.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, JpegImagePlugin, TiffImagePlugin, UnidentifiedImageError

from trainer.drawing.pdf import PDF, LockedPdfError, count_pdf_pages, draw_pdf_pages
from trainer.drawing.svg import SVG, RefusedSvgError, draw_svg, is_svg
from trainer.errors import UserError, describe_error
from trainer.files import is_file, open_plain, read_stream
from trainer.translation import N_
from trainer.translation import gettext as _

try:
    from pillow_heif import register_heif_opener
except ImportError:  # not a part of every installation: see `heic` in pyproject.toml
    HEIC = False
else:
    register_heif_opener(thumbnails=False)
    HEIC = True
"""Whether pictures of iPhones can be read."""

T = TypeVar("T")

# What is more than its own limit, Pillow tells in words that nobody can act upon, and the limit
# is below what phones take. `_check_size` stands in its place, for every format opened here.
Image.MAX_IMAGE_PIXELS = None

_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
_NAMED = N_("PNG, JPEG, WebP, TIFF, BMP, GIF, AVIF, JPEG 2000, PNM or SVG")
_LARGEST_FILE = 64 << 20  # bytes, of those formats whose files are read whole
_MOST_MEMORY = 480_000_000  # bytes, while a picture is decoded
_MOST_PIXELS = 200_000_000
_MOST_PIXELS_OF_JPEG = 400_000_000
"""A JPEG is decoded at an eighth of its size: only its time grows."""
_MOST_PIXELS_BY_DECODER = {"ppm_plain": 4_000_000, "ppm": 4_000_000, "bmp_rle": 60_000_000}
"""Of decoders that are written in Python: so many take seconds."""
_BESIDE = {"WEBP": 14, "AVIF": 10, "HEIF": 10, "JPEG2000": 20}
"""Bytes a pixel that a decoder needs beside the picture; measured, and rounded up."""
_BAND = 4_000_000  # pixels that are made smaller at once
_DRAWN_SIDE = 1280
"""A page of a PDF, and SVG, which can be drawn at any size, need not have more pixels."""
MOST_PAGES = 20
"""What is looked for on the first page with ink is not looked for further."""

_SIGNATURES = {
    b"%!PS": "PostScript", b"\xc5\xd0\xd3\xc6": "PostScript", b"%PDF": "PDF", b"8BPS": "Photoshop",
    b"gimp xcf": "GIMP", b"DDS ": "DDS", b"\xff\x0a": "JPEG XL", b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\1\0": "ICO", b"icns": "ICNS", b"qoif": "QOI", b"\x76\x2f\x31\x01": "OpenEXR",
    b"#?RADIANCE": "Radiance", b"\xd7\xcd\xc6\x9a": "WMF", b"SIMPLE  =": "FITS",
}  # fmt: skip
_ENDINGS = {
    ".ps": "PostScript", ".eps": "PostScript", ".ai": "Illustrator", ".pdf": "PDF", ".heic": "HEIC",
    ".heif": "HEIC", ".spi": "SPIDER", ".spider": "SPIDER",
    ".tga": "TGA", ".pcx": "PCX", ".dds": "DDS", ".psd": "Photoshop", ".xcf": "GIMP",
    ".emf": "EMF", ".wmf": "WMF", ".jxl": "JPEG XL",
}  # fmt: skip
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis")


class PictureError(UserError):
    """A picture that can't be read; the message says why."""


Size = tuple[int, int]
"""Width and height, pixels."""


def read_colors(path: Path, working: int) -> NDArray[np.uint8]:
    """A picture file's first page, as `read_pages` gives it, and raises what that does."""
    return next(read_pages(path, working))


def read_pages(path: Path, working: int) -> Iterator[NDArray[np.uint8]]:
    """The first pages of a picture file, as `read_sized_pages` gives them, without their sizes."""
    return (colors for colors, _size in read_sized_pages(path, working, MOST_PAGES))


def read_sized_pages(
    path: Path, working: int, most: int, first: int = 0
) -> Iterator[tuple[NDArray[np.uint8], Size]]:
    """A picture file's pages or frames, one after the other.

    What is transparent is shown in a color from which the visible part differs.

    Args:
        path: the file.
        working: pixels of the longer side that are enough; what has more than twice as many is
            made smaller.
        most: pages; what comes after them is not read.
        first: how many of them are passed over, and not decoded.

    Yields:
        The pixels, uint8 of shape (H, W, 3), upright; and the page's size before it was made
        smaller, upright as well.

    Raises:
        PictureError: no such file, no picture, a damaged one, or too large a one.
    """
    with _as_picture_errors(path), open_plain(path) as opened:
        file = opened if opened.seekable() else io.BytesIO(read_stream(opened, _LARGEST_FILE))
        yield from _careful(path, _read(path, file, working, most, first), first)


def count_pages(path: Path) -> int:
    """How many pages a PDF or a TIFF has; 1 of any other file, whatever is in it."""
    try:
        with open_plain(path) as file:
            head = file.read(5) if file.seekable() else b""  # of a pipe it would be gone
        if head[:4] in (b"II*\0", b"MM\0*"):
            silent = warnings.catch_warnings(action="ignore")
            with silent, Image.open(path, formats=("TIFF",)) as picture:
                return int(getattr(picture, "n_frames", 1))
        if head == b"%PDF-" and PDF:
            return count_pdf_pages(path)
    except Exception:  # of any kind: whoever reads the pages says what is wrong
        return 1
    return 1


def _careful(path: Path, pages: Iterator[T], first: int) -> Iterator[T]:
    """The same, with the page's number in errors; what libraries warn of is not said.

    That is while they are at work: while a page is looked at, others may read pictures, too, and
    filters are the process's.
    """
    for number in itertools.count(first + 1):
        with warnings.catch_warnings(action="ignore"), _as_picture_errors(path, number):
            try:
                page = next(pages)
            except StopIteration:
                return
        yield page


@contextmanager
def _as_picture_errors(path: Path, number: int = 1) -> Iterator[None]:
    """Have errors of any kind raised as those of a file, and of a page but the first."""
    try:
        yield
    except PictureError:
        raise
    except LockedPdfError:
        said = _("{path} is locked by a password: save it without one")
        raise PictureError(said.format(path=path)) from None
    except RefusedSvgError as error:
        said = _("{path} is an SVG with {element} in it, which is not read: save it as a PNG")
        raise PictureError(said.format(path=path, element=f"<{error}>")) from None
    except MemoryError:
        raise PictureError(
            _(
                "{path} needs more memory than is free: close other programs, or make it smaller"
            ).format(path=_name_page(path, number))
        ) from None
    except OSError as error:
        if error.errno is not None:
            raise PictureError(
                _("{path} cannot be read: {reason}").format(
                    path=path, reason=error.strerror or error
                )
            ) from None
        raise _damaged(_name_page(path, number), error) from None
    except Exception as error:  # of any kind, as the content may be anything
        raise _damaged(_name_page(path, number), error) from None


def _name_page(path: Path, number: int) -> str:
    return str(path) if number == 1 else _("{file}, page {page}").format(file=path, page=number)


def _damaged(page: str, error: Exception) -> PictureError:
    return PictureError(
        _("{path} cannot be read, for it is damaged ({reason}): save it anew").format(
            path=page, reason=describe_error(error)
        )
    )


def _read(
    path: Path, file: IO[bytes], working: int, most: int, first: int
) -> Iterator[tuple[NDArray[np.uint8], Size]]:
    head = file.read(1024)
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    heic, is_pdf = _is_heic(head), b"%PDF-" in head
    drawn, by_name = is_svg(head, path.suffix.lower()), is_pdf and is_file(path)
    whole = drawn or (is_pdf and not by_name) or heic or head[:4] == b"RIFF" or head[4:8] == b"ftyp"
    if whole and length > _LARGEST_FILE:
        raise PictureError(
            _(
                "{path} has {size} MB, and a picture's file may have {most}: "
                "save it smaller, or as a JPEG"
            ).format(path=path, size=length >> 20, most=_LARGEST_FILE >> 20)
        )
    kinds = (("HEIC", heic, HEIC), ("PDF", is_pdf, PDF), ("SVG", drawn, SVG))
    missing = [name for name, found, readable in kinds if found and not readable]
    if missing:
        raise _foreign(path, missing[0])
    if is_pdf or drawn:
        side = max(working, min(2 * working, _DRAWN_SIDE))
        if is_pdf:
            for colors in draw_pdf_pages(path if by_name else file.read(), side, most, first):
                yield colors, (colors.shape[1], colors.shape[0])
        else:
            drawing = draw_svg(file.read(), side)
            yield _to_colors(drawing, working), drawing.size
        return
    try:
        if head[:12] == b"\0\0\0\x0cjP  \r\n\x87\n" or head[:4] == b"\xff\x4f\xff\x51":
            picture, size = _load_jpeg2000(path, file, working)
            yield _to_colors(picture, working), size
            return
        with Image.open(file, formats=("HEIF",) if heic else _FORMATS) as picture:
            for number in range(first, min(getattr(picture, "n_frames", 1), most)):
                if number:
                    picture.seek(number)
                size = picture.size  # less once a JPEG is decoded at a fraction of it
                _check_size(path, picture, working)
                with _without_libtiffs_words() if picture.format == "TIFF" else nullcontext():
                    picture.load()
                upright = size[::-1] if _orientation(picture) in _SIDEWAYS else size
                yield _to_colors(picture, working), upright
    except UnidentifiedImageError:
        raise _foreign(path, _name_format(head, path.suffix.lower())) from None


_words = threading.Lock()


@contextmanager
def _without_libtiffs_words() -> Iterator[None]:
    """Keep off standard error what libtiff prints of a damaged file; the refusal says enough.

    Pillow 13.0 leaves libtiff's own handler of errors in place, and has no way to set another.
    """
    with _words, contextlib.ExitStack() as undo:
        with contextlib.suppress(OSError):  # there is no standard error, as under pythonw
            kept = os.dup(2)
            undo.callback(os.close, kept)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            undo.callback(os.close, nowhere)
            os.dup2(nowhere, 2)
            undo.callback(os.dup2, kept, 2)
        yield


# Formats


def _is_heic(head: bytes) -> bool:
    """Whether it is a HEIF file with a picture as iPhones take them; else it is AVIF's."""
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, _box_length(head), 4))}
    return head[4:8] == b"ftyp" and not brands.isdisjoint(_HEIC_BRANDS)


def _box_length(head: bytes) -> int:
    return min(int.from_bytes(head[:4]), len(head))


def _name_format(head: bytes, ending: str) -> str:
    """What a file is that is none of `_FORMATS`; empty if that can't be told."""
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    return _ENDINGS.get(ending, "")


def _foreign(path: Path, name: str) -> PictureError:
    if name == "HEIC":
        said = _("{path} is a HEIC picture: install pillow-heif ({command}), or save it as a JPEG")
        return PictureError(said.format(path=path, command="pip install pillow-heif"))
    if name == "PDF":
        said = _("{path} is a PDF: install pypdfium2 ({command}), or save its page as a PNG")
        return PictureError(said.format(path=path, command="pip install pypdfium2"))
    if name:
        said = _("{path} is {format}, which is not read: save it as a PNG")
        return PictureError(said.format(path=path, format=name))
    said = _("{path} is not a picture that can be read: save it as {formats}")
    return PictureError(said.format(path=path, formats=_(_NAMED)))


# Size


def _check_size(path: Path, picture: Image.Image, working: int) -> None:
    """Have a JPEG decoded at a fraction of its size, and refuse what is too large all the same.

    Raises:
        PictureError: it takes too much memory or time.
    """
    pixels = picture.width * picture.height
    most = _MOST_PIXELS
    beside = _BESIDE.get(picture.format or "", 0)
    if isinstance(picture, JpegImagePlugin.JpegImageFile):
        whole = _coefficient_bytes(picture)
        # A JPEG can be decoded at a fraction of its size, many times faster.
        share = working / max(picture.size)
        picture.draft("RGB", (round(picture.width * share), round(picture.height * share)))
        scale = math.ceil(pixels / (picture.width * picture.height) - 0.5)
        most = min(_MOST_PIXELS_OF_JPEG, int(_MOST_MEMORY / (4 / scale + whole)))
    else:
        tiles = picture.tile if isinstance(picture, ImageFile.ImageFile) else []
        decoder = tiles[0][0] if tiles else ""
        own = _bytes_per_pixel(picture.mode)
        if isinstance(picture, TiffImagePlugin.TiffImageFile) and decoder == "libtiff":
            depths = picture.tag_v2.get(ExifTags.Base.BitsPerSample, (1,))
            beside = 1 + sum(depths) // 8  # a strip, which may be all of it
        most = min(most, _MOST_MEMORY // (own + beside))
        most = min(most, _MOST_PIXELS_BY_DECODER.get(decoder, most))
    if pixels > most:
        raise _too_large(path, picture, pixels, most)


def _too_large(path: Path, picture: Image.Image, pixels: int, most: int) -> PictureError:
    kind = (picture.format or "picture").replace("JPEG2000", "JPEG 2000")
    return PictureError(
        _(
            "{path} has {pixels} megapixels, and a {format} of its kind may have {most}: "
            "make it smaller"
        ).format(path=path, pixels=_megapixels(pixels), format=kind, most=_megapixels(most))
    )


def _megapixels(pixels: int) -> str:
    return f"{pixels / 1e6:,.0f}"


def _bytes_per_pixel(mode: str) -> int:
    """How Pillow keeps a picture of that mode."""
    return {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}.get(mode, 4)


def _coefficient_bytes(picture: JpegImagePlugin.JpegImageFile) -> float:
    """What a JPEG that comes in several scans needs a pixel: it is kept whole until the last."""
    assert picture.fp is not None
    at = picture.fp.tell()  # behind the head of the first scan, which says how many colors it has
    picture.fp.seek(at - 2 * picture.layers - 8)
    head = picture.fp.read(5)
    picture.fp.seek(at)
    one_scan = bytes([0xFF, 0xDA, 0, 2 * picture.layers + 6, picture.layers])
    if not picture.info.get("progressive") and head == one_scan:
        return 0.0
    shares = [across * down for _, across, down, _ in picture.layer]
    return 2 * sum(shares) / max(shares)


def _load_jpeg2000(path: Path, file: IO[bytes], working: int) -> tuple[Image.Image, Size]:
    """A JPEG 2000, decoded at a fraction of its size: as small a one as it has; and its size.

    Raises:
        PictureError: it is too large.
    """
    halvings: int | None = None
    while True:
        file.seek(0)
        picture = Image.open(file, formats=("JPEG2000",))
        if halvings is None:
            halvings = max(0, int(math.log2(max(*picture.size, 1) / (2 * working))))
        size, pixels = picture.size, picture.width * picture.height
        most = min(_MOST_PIXELS, (_MOST_MEMORY << 2 * halvings) // (4 + _BESIDE["JPEG2000"]))
        if pixels > most:
            raise _too_large(path, picture, pixels, most)
        picture.reduce = halvings  # type: ignore[assignment, method-assign, unused-ignore]
        try:
            picture.load()
        except OSError:
            if not halvings:
                raise
            halvings -= 1  # it has not so many
        else:
            return picture.copy(), size


# Pixels


def _to_colors(picture: Image.Image, working: int) -> NDArray[np.uint8]:
    """As `read_colors` returns it."""
    factor = max(1, max(picture.size) // (2 * working))
    small = _reduce(picture, factor) if factor > 1 else _plain(picture, _depth(picture))
    turn = _TURNS.get(_orientation(picture))
    if turn is not None:
        small = small.transpose(turn)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, _ground(small)), small)
    return np.asarray(small if small.mode == "RGB" else small.convert("RGB"))


def _ground(picture: Image.Image) -> tuple[int, int, int]:
    """What to show behind a transparent RGBA picture, so that the ink on it can be seen.

    White; black where the visible part is of one light color; and where paper is part of the
    picture, such as a sticker's, that paper's color.
    """
    pixels = np.asarray(picture).reshape(-1, 4)
    visible = pixels[pixels[:, 3] > 127, :3].astype(np.float32)
    if not len(visible) or len(visible) == len(pixels):
        return (255, 255, 255)
    usual = np.median(visible, axis=0)
    other = float((np.abs(visible - usual).max(axis=1) > 60).mean())
    if other > 0.02 and len(visible) > 0.4 * len(pixels):
        red, green, blue = (round(float(part)) for part in usual)
        return (red, green, blue)
    return (0, 0, 0) if float(usual.mean()) > 140 else (255, 255, 255)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is put upright, by what its camera says of it (EXIF 2.32, Orientation)."""
_SIDEWAYS = (5, 6, 7, 8)


def _orientation(picture: Image.Image) -> int:
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # of any kind: what a camera says may be damaged, and the picture whole
        return 1
    return orientation if isinstance(orientation, int) else 1


def _bands(picture: Image.Image, step: int) -> Iterator[Image.Image]:
    """A picture from top to bottom, in parts that are a multiple of `step` high."""
    high = step * max(1, _BAND // (picture.width * step))
    for top in range(0, picture.height, high):
        yield picture.crop((0, top, picture.width, min(top + high, picture.height)))


def _reduce(picture: Image.Image, factor: int) -> Image.Image:
    """A picture made smaller by a whole number, as `_plain` has it."""
    depth = _depth(picture)
    size = (math.ceil(picture.width / factor), math.ceil(picture.height / factor))
    reduced: Image.Image | None = None
    top = 0
    for band in _bands(picture, factor):
        part = _plain(band, depth).reduce(factor)
        if reduced is None:
            reduced = Image.new(part.mode, size)
        reduced.paste(part, (0, top))
        top += part.height
    assert reduced is not None  # no picture is without a row
    return reduced


def _plain(picture: Image.Image, depth: tuple[float, float]) -> Image.Image:
    """A picture, or a part of one, as L, RGB, or RGBA where something is transparent."""
    if picture.mode.startswith(("I", "F")):  # deep gray: convert would cut it off at 255
        return Image.fromarray(_as_bytes(np.asarray(picture, np.float32), depth))
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    if picture.mode == "RGB":  # a copy of many pixels takes long
        return picture
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _depth(picture: Image.Image) -> tuple[float, float]:
    """The darkest and the lightest of deep gray, whose range no format tells."""
    if not picture.mode.startswith(("I", "F")):
        return 0.0, 255.0
    lowest, highest = np.inf, -np.inf
    for band in _bands(picture, 1):
        deep = np.asarray(band, np.float32)
        deep = deep[np.isfinite(deep)]
        if deep.size:
            lowest, highest = min(lowest, float(deep.min())), max(highest, float(deep.max()))
    return lowest, highest


def _as_bytes(deep: NDArray[np.float32], depth: tuple[float, float]) -> NDArray[np.uint8]:
    """Gray of any depth as 0 to 255."""
    lowest, highest = depth
    if not highest > lowest:  # all the same, or nothing but what is no number
        return np.full(deep.shape, 255, np.uint8)
    finite = np.nan_to_num(deep, nan=lowest, posinf=highest, neginf=lowest).astype(np.float64)
    return np.asarray(np.rint((finite - lowest) * (255 / (highest - lowest))), np.uint8)
