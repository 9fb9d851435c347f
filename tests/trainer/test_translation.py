"""Texts are translated once a language is in use, and English without one."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainer.translation import DOMAIN, N_, gettext, ngettext, pgettext, use_language


def write_catalog(path: Path, texts: dict[str, str]) -> None:
    """A compiled catalog as the GNU format has it, little-endian, version 0."""
    path.parent.mkdir(parents=True)
    entries = sorted((key.encode(), value.encode()) for key, value in texts.items())
    start = 28 + 16 * len(entries)
    tables: list[bytes] = []
    body = b""
    for column in (0, 1):
        for entry in entries:
            tables.append(struct.pack("<II", len(entry[column]), start + len(body)))
            body += entry[column] + b"\0"
    n = len(entries)
    path.write_bytes(
        struct.pack("<7I", 0x950412DE, 0, n, 28, 28 + 8 * n, 0, 0) + b"".join(tables) + body
    )


@pytest.fixture
def catalogs(tmp_path: Path) -> Iterator[Path]:
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"
    write_catalog(
        tmp_path / "zh_CN" / "LC_MESSAGES" / f"{DOMAIN}.mo",
        {
            "": header,
            "Draw a digit": "写一个数字",
            "{n} digit\0{n} digits": "{n} 个数字",
            "menu\x04Open": "打开",
        },
    )
    yield tmp_path
    use_language("en", tmp_path)


def test_a_language_in_use_translates(catalogs: Path) -> None:
    assert use_language("zh_CN", catalogs) == "zh_CN"
    assert gettext("Draw a digit") == "写一个数字"
    assert ngettext("{n} digit", "{n} digits", 3).format(n=3) == "3 个数字"
    assert pgettext("menu", "Open") == "打开"


def test_what_is_marked_stays_english_until_it_is_shown(catalogs: Path) -> None:
    title = N_("Draw a digit")
    use_language("zh_CN", catalogs)
    assert (title, gettext(title)) == ("Draw a digit", "写一个数字")


def test_what_nobody_translated_stays_english(catalogs: Path) -> None:
    use_language("zh_CN", catalogs)
    assert gettext("Train") == "Train"
    assert gettext("") == ""


def test_a_language_without_a_catalog_is_english(catalogs: Path) -> None:
    use_language("zh_CN", catalogs)
    assert use_language("xx", catalogs) == "en"
    assert gettext("Draw a digit") == "Draw a digit"
    assert ngettext("{n} digit", "{n} digits", 1).format(n=1) == "1 digit"
