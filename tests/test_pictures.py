from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from trainer.pictures import PictureError, read_picture
from trainer.strokes import rasterize


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
    assert np.array_equal(read_picture(saved(tmp_path / "dark.png", two())), two())
    assert np.array_equal(read_picture(saved(tmp_path / "light.png", 255 - two())), two())


@pytest.mark.parametrize("name", ["page.png", "page.bmp", "page.webp", "page.jpg", "page.tif"])
@pytest.mark.parametrize("light", [True, False])
def test_a_larger_one_is_fitted(tmp_path: Path, name: str, light: bool) -> None:
    page = large(two())
    found = read_picture(saved(tmp_path / name, 255 - page if light else page))
    assert difference(found, two()) < 12
    assert difference(np.zeros((28, 28), np.uint8), two()) > 24  # what 12 has to be seen beside


def test_grey_paper_is_no_ink(tmp_path: Path) -> None:
    page = large(two()).astype(int)
    photo = (200 - page * 150 // 255).astype(np.uint8)
    assert difference(read_picture(saved(tmp_path / "photo.png", photo)), two()) < 12


def test_colour_and_transparency(tmp_path: Path) -> None:
    page = large(two())
    inked = np.zeros((*page.shape, 4), np.uint8)
    inked[..., 2] = 120  # dark blue ink on nothing
    inked[..., 3] = page
    found = read_picture(saved(tmp_path / "ink.png", inked))
    assert difference(found, two()) < 14


@pytest.mark.parametrize("light", [True, False])
def test_16_bits_of_grey(tmp_path: Path, light: bool) -> None:
    page = large(two())
    deep = (255 - page if light else page).astype(np.uint16) * 257
    assert difference(read_picture(saved(tmp_path / "deep.png", deep)), two()) < 12


def test_a_black_and_white_scan(tmp_path: Path) -> None:
    page = large(two())
    assert difference(read_picture(saved(tmp_path / "scan.png", page < 128)), two()) < 20


def test_a_phones_picture_is_turned_upright(tmp_path: Path) -> None:
    upright = Image.fromarray(255 - large(two()))
    tags = Image.Exif()
    tags[0x0112] = 6  # "turn by 90 degrees to the right to see it"
    path = tmp_path / "phone.jpg"
    upright.transpose(Image.Transpose.ROTATE_90).save(path, exif=tags)
    assert difference(read_picture(path), two()) < 12


@pytest.mark.parametrize("size", [(1, 1), (300, 200)])
def test_an_empty_page_is_paper(tmp_path: Path, size: tuple[int, int]) -> None:
    for shade in (0, 128, 255):
        path = saved(tmp_path / "empty.png", np.full(size, shade, np.uint8))
        assert not read_picture(path).any()


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


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM"])
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
            assert read_picture(path).shape == (28, 28)
        except PictureError as error:
            refused += 1
            assert str(path) in str(error)
    assert refused > 0


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(PictureError, match="cannot be read"):
        read_picture(saved(tmp_path / "bomb.png", np.zeros((200, 200), np.uint8)))
