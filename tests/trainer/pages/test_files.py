"""Folders of pictures and scans of several pages: a bad file is named, the rest is read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from tests.support.pages import draw_page, save_page
from trainer.errors import UserError
from trainer.networks.model import load_shipped
from trainer.pages.files import list_files, load_page, read_files
from trainer.pages.page import FilePage, RefusedFile, make_csv
from trainer.progress import Progress


def save_scan(path: Path) -> Path:
    first, second = (Image.fromarray(draw_page([text])) for text in ("27", "50"))
    first.save(path, save_all=True, append_images=[second])
    return path


def texts_of(path: Path) -> list[str]:
    """What is read on each page of a file."""
    pages = [e for e in read_files(load_shipped(), [path]) if isinstance(e, FilePage)]
    return [each.page.text.replace(" ", "") for each in pages]


def test_a_folder_and_a_scan_of_two_pages(tmp_path: Path) -> None:
    save_page(tmp_path / "page10.png", "48")
    save_scan(tmp_path / "page2.tif")
    (tmp_path / "page3.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("not looked into")
    paths = list_files([tmp_path])
    assert [path.name for path in paths] == ["page2.tif", "page3.png", "page10.png"]
    events = list(read_files(load_shipped(), paths))
    pages = [event for event in events if isinstance(event, FilePage)]
    assert [(p.path.name, p.number, p.page.text.replace(" ", "")) for p in pages] == [
        ("page2.tif", 1, "27"),
        ("page2.tif", 2, "50"),
        ("page10.png", 1, "48"),
    ]
    refused = [event for event in events if isinstance(event, RefusedFile)]
    assert [each.path.name for each in refused] == ["page3.png"]
    assert "page3.png" in refused[0].reason
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done) and done[-1] == 3
    table = make_csv(pages).splitlines()
    assert len(table) == 7 and table[0].startswith("file,page,line,place,digit")
    assert table[3].split(",")[1:5] == ["2", "1", "1", "5"]


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="pipes have no names here")
def test_a_page_from_a_pipe(tmp_path: Path) -> None:
    save_page(tmp_path / "page.png", "48")
    with subprocess.Popen(["cat", tmp_path / "page.png"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert texts_of(Path(f"/dev/fd/{process.stdout.fileno()}")) == ["48"]


def test_a_damaged_page_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    first, second = (Image.fromarray(draw_page([text])) for text in ("27", "50"))
    first.save(path, save_all=True, append_images=[second], compression="tiff_deflate")
    with Image.open(path) as scan:
        scan.seek(1)
        start: int = scan.tag_v2[ExifTags.Base.StripOffsets][0]  # type: ignore[attr-defined]
    content = bytearray(path.read_bytes())
    content[start : start + 40] = bytes(40)
    path.write_bytes(content)
    events = list(read_files(load_shipped(), [path]))
    read = [(e.number, e.pages) for e in events if isinstance(e, FilePage)]
    refused = [e.reason for e in events if isinstance(e, RefusedFile)]
    assert read == [(1, 2)] and len(refused) == 1
    assert f"{path}, page 2 cannot be read, for it is damaged" in refused[0]


def test_a_page_of_deep_gray_is_read_as_one_alone(tmp_path: Path) -> None:
    page = draw_page(["27"])[..., 0].astype(np.uint16) * 16  # as a scanner of 12 bits has it
    scan = [Image.fromarray(page), Image.fromarray(page)]
    scan[0].save(tmp_path / "deep.tif", save_all=True, append_images=scan[1:])
    pages = [
        e for e in read_files(load_shipped(), [tmp_path / "deep.tif"]) if isinstance(e, FilePage)
    ]
    assert [each.page.text.replace(" ", "") for each in pages] == ["27", "27"]


def test_the_pages_of_a_pdf(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    first, second = (Image.fromarray(draw_page([text])) for text in ("27", "50"))
    path = tmp_path / "scan.pdf"
    first.save(path, save_all=True, append_images=[second])
    assert texts_of(path) == ["27", "50"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no pictures"):
        list_files([tmp_path])


@pytest.mark.parametrize("ending", ["tif", "pdf"])
def test_one_page_is_read_without_those_before_it(tmp_path: Path, ending: str) -> None:
    if ending == "pdf":
        pytest.importorskip("pypdfium2")
    path = tmp_path / f"scan.{ending}"
    pages = [Image.new("RGB", (60 + 20 * n, 40), (80 * n, 0, 0)) for n in range(3)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    for number in (3, 1, 2):
        page = load_page(path, number)
        assert page is not None
        assert abs(int(np.median(page[..., 0])) - 80 * (number - 1)) < 3
    assert load_page(path, 4) is None


def test_a_page_behind_a_damaged_one_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    rng = np.random.default_rng(0)
    noise = [Image.fromarray(rng.integers(0, 255, (40, 60, 3), np.uint8)) for _ in range(2)]
    noise[0].save(path, save_all=True, append_images=noise[1:], compression="tiff_lzw")
    content = bytearray(path.read_bytes())
    with Image.open(path) as picture:
        offset = picture.tag_v2[ExifTags.Base.StripOffsets][0]  # type: ignore[attr-defined]
    content[offset : offset + 200] = bytes([0xFF]) * 200
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        load_page(path, 1)
    second = load_page(path, 2)
    assert second is not None and np.array_equal(second, np.asarray(noise[1]))
