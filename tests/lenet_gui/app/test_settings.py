"""What was remembered, whatever is in its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from lenet_gui.app.session import Settings

OBJECTS = (
    r"@Variant(\xff\xff\xff\xff\0)",
    r"@Variant(\0\0\0\x7f)",
    r"@DateTime(\0\0\0\x10)",
    r'"a, @Variant(\0\0\x4\0\0)"',
    r"\x40Variant(\xff\xff\xff\x9e\0)",
)


@pytest.mark.parametrize("value", OBJECTS)
def test_an_object_of_qts_counts_as_not_set(tmp_path: Path, value: str) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(f"[General]\nscheme={value}\ngeometry=@ByteArray(abc)\ntab=train\n")
    settings = Settings(path)
    assert settings.text("scheme", "system") == "system"
    assert settings.text("tab", "draw") == "train"
    assert settings.data("geometry") == QByteArray(b"abc")
    assert settings.number("pen_width", 100, 50, 200) == 100


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"[[[", b"scheme=@Invalid()\n", b"\xff="])
def test_damaged_files_are_read_as_far_as_they_go(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.ini"
    path.write_bytes(content)
    assert Settings(path).text("scheme", "system") == "system"


def test_a_place_that_can_not_be_read_remembers_nothing(tmp_path: Path) -> None:
    settings = Settings(tmp_path)  # a folder
    settings.remember("scheme", "dark")
    assert settings.number("pen_width", 100, 50, 200) == 100


def test_what_is_remembered_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text("[General]\nscheme=@Variant(\\0\n")
    Settings(path).remember("scheme", "dark")
    assert Settings(path).text("scheme", "system") == "dark"
