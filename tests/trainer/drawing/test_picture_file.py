"""Which picture files are opened, and that none takes more memory or time than it may."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from trainer.cli.parser import main
from trainer.drawing import picture_file
from trainer.drawing.picture_file import PictureError, count_pages, read_colors, read_pages

SEVEN = [(0.35, 0.2), (0.65, 0.2), (0.45, 0.8)]


def page(width: int, height: int, mode: str = "L") -> Image.Image:
    drawn = Image.new("L", (width, height), 250)
    line = [(x * width, y * height) for x, y in SEVEN]
    ImageDraw.Draw(drawn).line(line, fill=20, width=max(1, width // 20))
    return drawn.convert(mode)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def blank_png(path: Path, width: int, height: int, depth: int = 8, color: int = 0) -> Path:
    """A PNG of a few hundred kilobytes, whatever its size."""
    row = bytes(1 + width * depth * {0: 1, 2: 3, 6: 4}[color] // 8)
    packing = zlib.compressobj(1)
    packed = b"".join(packing.compress(row) for _ in range(height)) + packing.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


def announced_png(path: Path, width: int, height: int) -> Path:
    """A PNG that only says how large it is."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x" * 50))
    return path


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{} loop\n", "a.png", "PostScript"),
        (b"DDS " + bytes(200), "a.dds", "DDS"),
        (struct.pack(">4f", 1, 60, 60, 0) + bytes(900), "a.spi", "SPIDER"),
        (b"8BPS\0\1" + bytes(90), "a.jpg", "Photoshop"),
        (b"\xff\x0a" + bytes(90), "a.jxl", "JPEG XL"),
        (bytes(90), "a.tga", "TGA"),
    ],
)
def test_a_file_of_another_format_is_named_and_never_opened(
    tmp_path: Path, content: bytes, name: str, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PictureError) as error:
        read_colors(path, 1000)
    assert str(error.value) == f"{path} is {told}, which is not read: save it as a PNG"


@pytest.mark.parametrize("kind", ["EPS", "DDS", "SPIDER", "TGA", "PCX", "SGI", "ICO"])
def test_what_pillow_could_open_besides_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture.png"
    stream = io.BytesIO()  # by its name, SPIDER would be written as .png from then on
    page(40, 50, "F" if kind == "SPIDER" else "L").save(stream, kind)
    path.write_bytes(stream.getvalue())
    with pytest.raises(PictureError, match="save it as"):
        read_colors(path, 1000)


@pytest.mark.parametrize("brands", [b"heic\0\0\0\0mif1heic", b"mif1\0\0\0\0mif1heic"])
def test_a_picture_of_an_iphone_is_read_with_a_package_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brands: bytes
) -> None:
    monkeypatch.setattr(picture_file, "HEIC", False)
    path = tmp_path / "phone.jpg"
    path.write_bytes(struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(99))
    with pytest.raises(PictureError, match=r"is a HEIC picture: install pillow-heif"):
        read_colors(path, 1000)


@pytest.mark.skipif(not picture_file.HEIC, reason="pillow-heif is not installed")
def test_a_picture_of_an_iphone_is_read(tmp_path: Path) -> None:
    page(90, 120, "RGB").save(tmp_path / "phone.heic", "HEIF")
    assert read_colors(tmp_path / "phone.heic", 1000).shape == (120, 90, 3)


def test_too_large_a_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = announced_png(tmp_path / "huge.png", 20_000, 20_000)
    began = time.monotonic()
    with pytest.raises(PictureError) as error:
        read_colors(path, 1000)
    assert time.monotonic() - began < 2
    assert str(error.value).startswith(f"{path} has 400 megapixels, and a PNG of its kind may have")
    assert "make it smaller" in str(error.value) and "ecompression" not in str(error.value)


def test_a_phones_jpeg_of_200_megapixels_is_decoded_at_an_eighth(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    Image.new("L", (16_320, 12_240), 250).save(path, quality=50)
    began = time.process_time()
    assert read_colors(path, 1000).shape[:2] == (1530, 2040)
    assert time.process_time() - began < 5


def test_a_jpeg_in_several_scans_is_kept_whole_and_so_may_be_less_large(tmp_path: Path) -> None:
    stream = io.BytesIO()
    page(80, 80, "RGB").save(stream, "JPEG", progressive=True, subsampling=0)
    content = bytearray(stream.getvalue())
    at = content.index(b"\xff\xc2") + 5
    content[at : at + 4] = struct.pack(">HH", 14_000, 14_000)
    (tmp_path / "scans.jpg").write_bytes(content)
    with pytest.raises(PictureError, match="has 196 megapixels, and a JPEG of its kind may have"):
        read_colors(tmp_path / "scans.jpg", 1000)


PEAK = """
import resource, sys
from pathlib import Path
from trainer.drawing.picture_file import read_colors
{before}
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
print(read_colors(Path(sys.argv[1]), 1000).shape, (peak() - before) >> 10)
"""


def read_apart(path: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    """In a process of its own: the picture's shape, and the megabytes that it took."""
    code = [sys.executable, "-c", PEAK.format(before=before), str(path)]
    return subprocess.run(code, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told in other units")
@pytest.mark.parametrize(("depth", "color", "most"), [(16, 0, 190), (8, 6, 290), (1, 0, 120)])
def test_a_large_picture_takes_hardly_more_than_its_own_pixels(
    tmp_path: Path, depth: int, color: int, most: int
) -> None:
    done = read_apart(blank_png(tmp_path / "large.png", 8_000, 8_000, depth, color))
    assert done.stdout.startswith("(2000, 2000, 3)"), done.stderr
    assert int(done.stdout.split()[-1]) < most


@pytest.mark.skipif(sys.platform != "linux", reason="memory can't be limited")
def test_too_little_memory_is_told(tmp_path: Path) -> None:
    path = blank_png(tmp_path / "large.png", 10_000, 10_000)
    limit = "import os; used = int(open('/proc/self/statm').read().split()[0]) * 4096\n"
    limit += "resource.setrlimit(resource.RLIMIT_AS, (used + (40 << 20),) * 2)"
    told = read_apart(path, limit).stderr.splitlines()[-1]
    assert told.endswith("needs more memory than is free: close other programs, or make it smaller")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_a_large_picture_looks_as_a_small_one(tmp_path: Path, mode: str) -> None:
    large = page(6_000, 4_500)
    if mode in ("RGBA", "LA"):
        ink = Image.new("RGBA", large.size, (20, 20, 20, 0))
        ink.putalpha(large.point(lambda level: 255 if level < 99 else 0))
        ink.convert(mode).save(tmp_path / "large.png")
    else:
        large.convert(mode).save(tmp_path / "large.png", compress_level=1)
    found = read_colors(tmp_path / "large.png", 1000)
    assert found.shape == (1500, 2000, 3)
    wanted = np.asarray(page(2_000, 1_500, "RGB"), int)
    if mode != "I;16":  # which 8 bits in 16 are white is not known
        assert np.abs(found - wanted).mean() < 10


def test_what_a_camera_says_may_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    page(60, 90).save(path, exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)
    assert read_colors(path, 1000).shape == (90, 60, 3)


@pytest.mark.parametrize(
    "name", ["a.png", "a.gif", "a.tif", "a.webp", "a.bmp", "a.avif", "a.jp2", "a.ppm"]
)
def test_a_damaged_picture_is_one_line_and_no_more(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    path = tmp_path / name
    kind = {"compression": "tiff_lzw"} if name == "a.tif" else {}
    page(300, 400).save(path, **kind)
    whole = path.read_bytes()
    spoiled = whole[: len(whole) // 2] if name != "a.tif" else whole[:9] + b"\xff" * 60 + whole[69:]
    path.write_bytes(spoiled)
    assert main(["predict", str(path)]) == 2
    told = capfd.readouterr().err
    assert len(told.splitlines()) == 1 and str(path) in told


def test_a_pdf_is_read_with_a_package_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_file, "PDF", False)
    path = tmp_path / "scan.png"
    path.write_bytes(b"%PDF-1.7\n")
    with pytest.raises(PictureError, match=r"is a PDF: install pypdfium2"):
        read_colors(path, 1000)


@pytest.mark.skipif(not picture_file.PDF, reason="pypdfium2 is not installed")
def test_pages_of_a_pdf_are_read(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    white, gray = Image.new("L", (60, 40), 255), Image.new("L", (60, 40), 100)
    white.save(path, save_all=True, append_images=[gray])
    pages = list(read_pages(path, 300))
    assert [int(np.median(each)) for each in pages] == [255, 100]
    assert pages[0].shape == (400, 600, 3)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(PictureError, match="is damaged"):
        read_colors(path, 300)


def test_pages_of_a_damaged_scan_are_counted_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    page(30, 40).save(path, save_all=True, append_images=[page(30, 40)])
    assert count_pages(path) == 2
    path.write_bytes(path.read_bytes()[:1000])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert count_pages(path) == 1
    assert not said


@pytest.mark.skipif(not picture_file.PDF, reason="pypdfium2 is not installed")
def test_a_large_pdf_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    Image.new("L", (60, 40), 100).save(path)
    objects, found, table = path.read_bytes().rpartition(b"xref\n0 ")
    end = 80 << 20  # a hole before the table of objects, which takes no room on the disk
    with path.open("wb") as file:
        file.write(objects)
        file.seek(end)
        file.write(found + table.split(b"startxref")[0] + b"startxref\n%d\n%%%%EOF" % end)
    assert int(np.median(read_colors(path, 300))) == 100


def test_light_ink_on_nothing_is_shown_on_black(tmp_path: Path) -> None:
    for level, ground in ((250, 0), (20, 255)):
        pixels = np.full((30, 30, 4), 255, np.uint8)
        pixels[..., 3] = 0
        pixels[10:20, 14:17] = (level, level, level, 255)
        path = tmp_path / "ink.png"
        Image.fromarray(pixels).save(path)
        colors = read_colors(path, 1000)
        assert colors[0, 0].tolist() == [ground] * 3 and colors[15, 15].tolist() == [level] * 3


def test_a_sticker_is_shown_on_its_own_paper(tmp_path: Path) -> None:
    pixels = np.full((30, 30, 4), 255, np.uint8)
    pixels[:4, :4, 3] = 0
    pixels[10:20, 12:18, :3] = 0
    path = tmp_path / "sticker.png"
    Image.fromarray(pixels).save(path)
    assert read_colors(path, 1000)[0, 0].tolist() == [255] * 3


@pytest.mark.parametrize("top", [1.0, 0.01, 4095.0])
def test_deep_gray_of_any_range_is_spread(tmp_path: Path, top: float) -> None:
    deep = np.linspace(0, top, 12, dtype=np.float32).reshape(3, 4)
    deep[0, 1] = np.nan
    path = tmp_path / "deep.tif"
    Image.fromarray(deep).save(path)
    found = read_colors(path, 1000)[..., 0]
    assert found[0, 0] == 0 and found[-1, -1] == 255 and 110 < found[1, 1] < 120


def test_every_page_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    shades = [Image.new("L", (40, 30), shade) for shade in (250, 120)]
    shades[0].save(path, save_all=True, append_images=shades[1:])
    assert [int(each[0, 0, 0]) for each in read_pages(path, 1000)] == [250, 120]


def test_no_filter_of_warnings_is_left_by_a_file_read_in_part(tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    page(60, 90).save(path, save_all=True, append_images=[page(60, 90)])
    before = list(warnings.filters)
    pages = read_pages(path, 1000)
    next(pages)
    assert warnings.filters == before  # the second page is still to come
    pages.close()  # type: ignore[attr-defined]
    assert warnings.filters == before
