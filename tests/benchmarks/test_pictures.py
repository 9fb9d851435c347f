"""The pictures of the documents are those that one command makes."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.pictures import PICTURES, draw_page

ROOT = Path(__file__).parents[2]


def test_each_picture_can_be_made_anew() -> None:
    pages = [ROOT / "README.md", ROOT / "docs" / "user-guide.md"]
    shown = {
        name for page in pages for name in re.findall(r"assets/(\w+)\.png", page.read_text("utf-8"))
    }
    assert shown == set(PICTURES) == {path.stem for path in (ROOT / "assets").glob("*.png")}


def test_nothing_is_cut_off_the_sheet(tmp_path: Path) -> None:
    draw_page(tmp_path / "sheet.png")
    gray = np.asarray(Image.open(tmp_path / "sheet.png").convert("L"))
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    assert border.min() > 200 > gray.min()
