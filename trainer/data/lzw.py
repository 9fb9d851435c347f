"""Files packed by Unix `compress` (.Z): adaptive LZW with codes of 9 to 16 bits.

After Welch, "A Technique for High-Performance Data Compression", Computer 17(6), 1984. A file
begins with 1F 9D and a byte: the widest code in its low five bits, and whether code 256 clears
the table in its highest one. Codes lie with their low bits first, in groups of eight; where
their width changes, the rest of a group is filled up. Python's own library has no reader.
"""

from __future__ import annotations

from trainer.translation import gettext as _

_MAGIC = b"\x1f\x9d"
_CLEAR = 256
_NARROWEST, _WIDEST = 9, 16  # bits


def is_packed(content: bytes) -> bool:
    """Whether a file's content begins as one that `compress` wrote."""
    return content.startswith(_MAGIC)


def decompress(content: bytes, most: int = 1 << 30) -> bytes:
    """The unpacked content of a .Z file.

    A file that was cut off gives what is there: the format has no length and no checksum.

    Args:
        content: the file's.
        most: bytes that such a file can have, unpacked. Hardly more than that is ever held.

    Raises:
        ValueError: it is not such a file, is damaged, or has more.
    """
    if not is_packed(content) or len(content) < 3:
        raise ValueError(_("not a .Z file"))
    widest, clears = content[2] & 0x1F, bool(content[2] & 0x80)
    if not _NARROWEST < widest <= _WIDEST:
        raise ValueError(_("codes of {widest} bits").format(widest=widest))
    table = [bytes([value]) for value in range(256)] + ([b""] if clears else [])
    codes_begin = len(table)
    unpacked: list[bytes] = []
    previous = b""
    length = 0
    width = _NARROWEST
    group = position = 24  # bits
    while True:
        if len(table) >= 1 << width and width < widest:
            group = position = _end_of_group(group, position, width)
            width += 1
        if position + width > 8 * len(content):
            return b"".join(unpacked)
        byte, shift = divmod(position, 8)
        code = int.from_bytes(content[byte : byte + 3], "little") >> shift & (1 << width) - 1
        position += width
        if clears and code == _CLEAR:
            group = position = _end_of_group(group, position, width)
            del table[codes_begin:]
            width, previous = _NARROWEST, b""
            continue
        if code < len(table):
            entry = table[code]
        elif code == len(table) and previous:
            entry = previous + previous[:1]
        else:
            raise ValueError(_("a code that is not in the table"))
        unpacked.append(entry)
        length += len(entry)
        if length > most:
            raise ValueError(_("it unpacks to more than {most} MB").format(most=most >> 20))
        if previous and len(table) < 1 << widest:
            table.append(previous + entry[:1])
        previous = entry


def _end_of_group(group: int, position: int, width: int) -> int:
    """Where the eight codes end that `position` lies in, all in bits from the file's start."""
    size = 8 * width
    return group + -(-(position - group) // size) * size
