from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trainer.cli.parser import main
from trainer.drawing.picture import PictureError, from_pixels, read_picture
from trainer.drawing.rasterize import rasterize
from trainer.networks import model
from trainer.reading import predict


def two() -> NDArray[np.uint8]:
    """As the network reads it: ink 255."""
    return rasterize([[[0, 2], [3, 0], [5, 2], [0, 9], [6, 9]]])


def large(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same on a page of 150x200, off the middle."""
    page = np.zeros((200, 150), np.uint8)
    page[90:174, 10:94] = np.kron(image, np.ones((3, 3), np.uint8))
    return page


def saved(path: Path, pixels: NDArray[np.generic]) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def test_a_picture_of_28x28_is_taken_as_it_is(tmp_path: Path) -> None:
    for name, pixels in (("dark.png", two()), ("light.png", 255 - two())):
        found = read_picture(saved(tmp_path / name, pixels))
        assert np.array_equal(found.image, two()) and np.array_equal(found.shown, two())
        assert found.caption == name


@pytest.mark.parametrize("name", ["page.png", "page.bmp", "page.webp", "page.jpg", "page.tif"])
@pytest.mark.parametrize("light", [True, False])
def test_a_larger_one_is_fitted(tmp_path: Path, name: str, light: bool) -> None:
    page = large(two())
    found = read_picture(saved(tmp_path / name, 255 - page if light else page)).image
    assert difference(found, two()) < 12
    assert difference(np.zeros((28, 28), np.uint8), two()) > 24  # what 12 has to be seen beside


def test_grey_paper_is_no_ink(tmp_path: Path) -> None:
    page = large(two()).astype(int)
    photo = (200 - page * 150 // 255).astype(np.uint8)
    assert difference(read_picture(saved(tmp_path / "photo.png", photo)).image, two()) < 12


def test_color_and_transparency(tmp_path: Path) -> None:
    page = large(two())
    inked = np.zeros((*page.shape, 4), np.uint8)
    inked[..., 2] = 120  # dark blue ink on nothing
    inked[..., 3] = page
    found = read_picture(saved(tmp_path / "ink.png", inked)).image
    assert difference(found, two()) < 14


@pytest.mark.parametrize("light", [True, False])
def test_16_bits_of_grey(tmp_path: Path, light: bool) -> None:
    page = large(two())
    deep = (255 - page if light else page).astype(np.uint16) * 257
    assert difference(read_picture(saved(tmp_path / "deep.png", deep)).image, two()) < 12


def test_a_black_and_white_scan(tmp_path: Path) -> None:
    page = large(two())
    assert difference(read_picture(saved(tmp_path / "scan.png", page < 128)).image, two()) < 20


def test_a_phones_picture_is_turned_upright(tmp_path: Path) -> None:
    upright = Image.fromarray(255 - large(two()))
    tags = Image.Exif()
    tags[0x0112] = 6  # "turn by 90 degrees to the right to see it"
    path = tmp_path / "phone.jpg"
    upright.transpose(Image.Transpose.ROTATE_90).save(path, exif=tags)
    assert difference(read_picture(path).image, two()) < 12


@pytest.mark.parametrize("size", [(1, 1), (300, 200)])
def test_an_empty_page_says_that_nothing_is_written(tmp_path: Path, size: tuple[int, int]) -> None:
    for shade in (0, 128, 255):
        path = saved(tmp_path / "empty.png", np.full(size, shade, np.uint8))
        with pytest.raises(PictureError, match=r"empty\.png: nothing is written there"):
            read_picture(path)


def test_what_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"none\.png cannot be read: No such file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(PictureError, match="cannot be read"):
        read_picture(tmp_path)


def test_what_is_no_picture_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "text.png"
    path.write_text("no picture")
    with pytest.raises(PictureError, match=r"text\.png is not a picture"):
        read_picture(path)


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM", "AVIF", "JPEG2000"]
)
def test_a_damaged_picture_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    """Whatever the decoders raise, it comes out as a PictureError."""
    stream = io.BytesIO()
    Image.fromarray(255 - large(two())).save(stream, kind)
    whole = stream.getvalue()
    path = tmp_path / "damaged"
    random = np.random.default_rng(1)
    refused = 0
    for number in range(60):
        content = bytearray(whole)
        if number % 3 == 0:
            del content[int(random.integers(len(content))) :]
        else:
            for at in random.integers(min(len(content), 400 if number % 3 == 1 else 10**6), size=4):
                content[at] = random.integers(256)
        path.write_bytes(content)
        try:
            assert read_picture(path).image.shape == (28, 28)
        except PictureError as error:
            refused += 1
            assert str(path) in str(error)
    assert refused > 0


# Photos


Floats = NDArray[np.float64]
SEVEN = [(170, 150), (330, 140), (230, 420)]


def photo(
    lines: list[list[tuple[int, int]]], width: int = 18, ink: float = 0.15, seed: int = 1
) -> Floats:
    """Strokes on a sheet of 480x560 in soft light, 0 to 255, with a camera's noise."""
    page = Image.new("L", (480, 560))
    for line in lines:
        ImageDraw.Draw(page).line(line, fill=255, width=width, joint="curve")
    drawn = np.asarray(page, np.float64) / 255
    noise = np.random.default_rng(seed).normal(0, 4, drawn.shape)
    return np.asarray(245 * (1 - (1 - ink) * drawn) + noise)


def as_photo(gray: Floats) -> NDArray[np.uint8]:
    return np.repeat(np.clip(gray, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def read_as(pixels: NDArray[np.uint8]) -> int:
    found = from_pixels(pixels, "photo")
    assert found.shown.shape[0] == found.shown.shape[1] and found.shown.dtype == np.uint8
    (row,) = predict.read_many(model.load_shipped(), found.image[None])
    return int(np.argmax(row))


def shadow() -> Floats:
    """Light falls off to the right, and a hard shadow's edge runs through the digit."""
    y, x = np.mgrid[0:560, 0:480]
    return np.asarray((1 - 0.5 * x / 480) * np.where(x + y / 3 > 340, 0.5, 1.0))


def test_a_photo_in_a_shadow_dark_or_light() -> None:
    page = photo([SEVEN])
    for gray in (page, page * shadow(), 255 - page, (255 - page) * shadow()):
        assert read_as(as_photo(gray)) == 7


@pytest.mark.parametrize("width", [3, 70])
def test_a_thin_and_a_thick_pen_are_brought_to_a_usual_line(width: int) -> None:
    pixels = as_photo(photo([SEVEN], width=width))
    assert read_as(pixels) == 7
    usual = from_pixels(as_photo(photo([SEVEN])), "photo").image.sum(dtype=int)
    share = from_pixels(pixels, "photo").image.sum(dtype=int) / usual
    assert 0.8 < share < 1.8  # and not a sixth or four times as much


def test_ink_as_light_as_its_colored_paper_is_told_by_its_color() -> None:
    page = photo([SEVEN], ink=0.0)[..., None] / 245
    paper, ink = np.array([205.0, 150, 90]), np.array([90.0, 165, 210])
    pixels = np.clip(ink + (paper - ink) * page, 0, 255).astype(np.uint8)
    assert np.ptp(np.asarray(Image.fromarray(pixels).convert("L"))[200:300]) < 25
    assert read_as(pixels) == 7


def test_printed_lines_are_not_read() -> None:
    rules: list[list[tuple[int, int]]] = [[(0, y), (480, y)] for y in range(30, 560, 90)]
    rules += [[(x, 0), (x, 560)] for x in range(30, 480, 90)]
    page = np.minimum(photo([SEVEN]), photo(rules, width=3, ink=0.7, seed=2))
    plain = from_pixels(as_photo(photo([SEVEN])), "photo").image
    assert difference(from_pixels(as_photo(page), "photo").image, plain) < 4


def test_a_fives_bar_that_stands_apart_belongs_to_it() -> None:
    body = [(200, 150), (190, 260), (260, 250), (300, 310), (260, 380), (180, 370)]
    whole = from_pixels(as_photo(photo([body, [(225, 150), (320, 145)]])), "photo").image
    alone = from_pixels(as_photo(photo([body])), "photo").image
    assert difference(whole, alone) > 10
    assert read_as(as_photo(photo([body, [(225, 150), (320, 145)]]))) == 5


def test_dust_and_the_table_around_the_paper_are_no_ink() -> None:
    plain = from_pixels(as_photo(photo([SEVEN])), "photo").image
    page = photo([SEVEN])
    for x, y in np.random.default_rng(3).integers(20, 460, (60, 2)):
        page[y : y + 3, x : x + 3] = 30
    assert difference(from_pixels(as_photo(page), "photo").image, plain) < 6
    table = np.full((760, 700), 50.0)
    table[100:660, 110:590] = photo([SEVEN])
    turned = Image.fromarray(as_photo(table)).rotate(4, fillcolor=(50, 50, 50))
    assert read_as(np.asarray(turned)) == 7


def test_a_picture_cut_to_the_very_ink() -> None:
    page = as_photo(photo([SEVEN]))[131:430, 165:340]
    assert read_as(page) == 7 and read_as(255 - page) == 7


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([[(100, 200), (100, 350)], [(200, 200), (300, 200), (240, 350)]], "more than one thing"),
        ([[(0, 280), (480, 285)]], "no digit was found"),
        (
            [
                [(x, y), (x + 8, y + 20), (x + 16, y)]
                for x in range(20, 450, 30)
                for y in range(20, 520, 40)
            ],
            "there is much on it",
        ),
    ],
)
def test_what_is_not_one_digit_is_refused_with_advice(
    lines: list[list[tuple[int, int]]], problem: str
) -> None:
    with pytest.raises(PictureError, match=f"^photo: .*{problem}.*: (cut|fill) the picture"):
        from_pixels(as_photo(photo(lines, width=6)), "photo")


def test_noise_and_blots_are_no_digits() -> None:
    random = np.random.default_rng(5)
    noise = random.integers(0, 256, (300, 400, 3)).astype(np.uint8)
    blot = np.full((560, 480, 3), 240, np.uint8)
    blot[200:330, 180:310] = 20
    y, x = np.mgrid[0:560, 0:480]
    blot[(x - 240) ** 2 + (y - 265) ** 2 < 90**2] = 20
    for pixels in (noise, blot):
        with pytest.raises(PictureError, match="no digit was found"):
            from_pixels(pixels, "photo")


def test_a_cameras_twelve_megapixels_take_well_under_a_second(tmp_path: Path) -> None:
    small = Image.fromarray(as_photo(photo([SEVEN]) * shadow()))
    small.resize((3000, 3500), Image.Resampling.BICUBIC).save(tmp_path / "camera.jpg", quality=85)
    began = time.process_time()
    assert read_picture(tmp_path / "camera.jpg").image.any()
    assert time.process_time() - began < 2  # loose: a machine may be busy or slow


def test_predict_reads_a_photo_the_same_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = saved(tmp_path / "photo.png", as_photo(photo([SEVEN]) * shadow()))
    assert main(["predict", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: 7")
    empty = saved(tmp_path / "empty.png", as_photo(photo([])))
    assert main(["predict", str(empty)]) == 2
    assert "empty.png: nothing is written there" in capsys.readouterr().err
