"""Files of `compress`: read as `gzip -d` reads them."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from trainer.data import unipen


def compress(content: bytes, *, widest: int = 12, clear_every: int = 0) -> bytes:
    """What `compress -b WIDEST` writes; `clear_every` so many bytes, the table is cleared."""
    packed = bytearray([0x1F, 0x9D, 0x80 | widest])
    table: dict[bytes, int] = {}
    group: list[int] = []
    width, string = 9, b""

    def write(fill_up: bool) -> None:
        bits = sum(code << number * width for number, code in enumerate(group))
        length = width if fill_up else -(-len(group) * width // 8)
        packed.extend(bits.to_bytes(width, "little")[:length] if group else b"")
        group.clear()

    def emit(code: int) -> None:
        group.append(code)
        if len(group) == 8:
            write(fill_up=True)

    def number_of(string: bytes) -> int:
        return string[0] if len(string) == 1 else table[string]

    for place, value in enumerate(content):
        if clear_every and place and place % clear_every == 0:
            emit(number_of(string))
            emit(256)
            write(fill_up=True)
            table, width, string = {}, 9, b""
        longer = string + bytes([value])
        if len(longer) == 1 or longer in table:
            string = longer
            continue
        emit(number_of(string))
        if 257 + len(table) < 1 << widest:
            table[longer] = 257 + len(table)
            if 257 + len(table) > 1 << width and width < widest:
                write(fill_up=True)
                width += 1
        string = longer[-1:]
    if string:
        emit(number_of(string))
    write(fill_up=False)
    return bytes(packed)


def text(length: int) -> bytes:
    chance = random.Random(length)
    return bytes(chance.choice(b"0123456789 \n.PEN_DOWN") for _ in range(length))


CASES = [(0, 16, 0), (1, 16, 0), (500, 16, 0), (60_000, 16, 0), (20_000, 11, 0), (9_000, 12, 3333)]


@pytest.mark.parametrize(("length", "widest", "clear_every"), CASES)
def test_what_was_packed_comes_back(length: int, widest: int, clear_every: int) -> None:
    packed = compress(text(length), widest=widest, clear_every=clear_every)
    assert unipen.is_packed(packed)
    assert unipen.decompress(packed) == text(length)


@pytest.mark.skipif(shutil.which("gzip") is None, reason="no gzip here")
@pytest.mark.parametrize(("length", "widest", "clear_every"), CASES)
def test_gzip_reads_the_same(tmp_path: Path, length: int, widest: int, clear_every: int) -> None:
    path = tmp_path / "text.Z"
    path.write_bytes(compress(text(length), widest=widest, clear_every=clear_every))
    unpacked = subprocess.run(["gzip", "-dc", str(path)], capture_output=True, check=True)
    assert unpacked.stdout == text(length)


def test_a_string_that_repeats_itself_comes_back() -> None:
    # Its codes name the entry that they make themselves.
    assert unipen.decompress(compress(b"a" * 1000)) == b"a" * 1000


def test_a_file_without_clearing_comes_back() -> None:
    # Codes 65, 66 and 256, which is "AB" where nothing clears the table.
    codes = 65 | 66 << 9 | 256 << 18
    assert unipen.decompress(b"\x1f\x9d\x10" + codes.to_bytes(4, "little")) == b"ABAB"


def test_a_truncated_file_gives_its_beginning() -> None:
    packed = compress(text(5000))
    part = unipen.decompress(packed[: len(packed) // 2])
    assert 0 < len(part) < 5000
    assert text(5000).startswith(part)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x1f\x9d", b"\x1f\x8b\x08", b"\x1f\x9d\x91", b"\x1f\x9d\x84", b"\x1f\x9d\x90\xff\xff"],
)
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\.Z|bits|table"):
        unipen.decompress(content)


def test_a_file_that_unpacks_to_more_than_it_may_is_refused() -> None:
    packed = compress(b"a" * (3 << 20), widest=16)
    assert len(packed) < 20_000
    with pytest.raises(ValueError, match="more than 2 MB"):
        unipen.decompress(packed, 2 << 20)
