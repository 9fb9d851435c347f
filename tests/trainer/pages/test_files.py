"""Folders of pictures and scans of several pages: a bad file is named, the rest is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.support.pages import draw_page, save_page
from trainer.errors import UserError
from trainer.networks.model import load_shipped
from trainer.pages.files import list_files, read_files
from trainer.pages.page import FilePage, Refused, make_csv
from trainer.progress import Progress


def save_scan(path: Path) -> Path:
    first, second = (Image.fromarray(draw_page([text])) for text in ("27", "50"))
    first.save(path, save_all=True, append_images=[second])
    return path


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
    refused = [event for event in events if isinstance(event, Refused)]
    assert [each.path.name for each in refused] == ["page3.png"] and "page3.png" in refused[0].why
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done) and done[-1] == 3
    table = make_csv(pages).splitlines()
    assert len(table) == 7 and table[0].startswith("file,page,line,place,digit")
    assert table[3].split(",")[1:5] == ["2", "1", "1", "5"]


def test_the_pages_of_a_pdf(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    first, second = (Image.fromarray(draw_page([text])) for text in ("27", "50"))
    path = tmp_path / "scan.pdf"
    first.save(path, save_all=True, append_images=[second])
    pages = [e for e in read_files(load_shipped(), [path]) if isinstance(e, FilePage)]
    assert [page.page.text.replace(" ", "") for page in pages] == ["27", "50"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no pictures"):
        list_files([tmp_path])
