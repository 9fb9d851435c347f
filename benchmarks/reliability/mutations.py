"""Damages bytes and values at random, as accidents and other programs do.

Every damage is decided by the generator that is given: the same one makes the same damage.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

_NUMBER = re.compile(rb"-?\d+(\.\d+)?")
_TOKENS = (
    *(b"-1", b"0", b"1e999", b"-1e999", b"NaN", b"Infinity", b"9" * 400, b"9" * 5000),
    *(b"1e308", b"9223372036854775808", b"18446744073709551616", b"0.0000000001", b"null"),
    *(b"true", b"[]", b"{}", b'""', b'"\\ud800"', b"\0", b"[" * 300, b"[" * 20_000, b"{" * 2000),
    *(b"\n", b"\r\n", b"\xff\xfe", b"\xef\xbb\xbf", b",", b'"', b"\\", b"../../", b" " * 5000),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 3, 1e308, -1e308, float("nan"), float("inf"), 2**31, 2**63),
    *(10**30, 10**400, 0.1, "", "\0", "\ud800", "plain", "é" * 300, "9" * 5000, [], {}, [[]]),
    *([0] * 1000, {"a": {}}, [[[0, 0]]], [None], "../../etc", "nan"),
)
"""What a value of JSON, or of a checkpoint, is replaced with."""


def damage(content: bytes, chance: random.Random) -> bytes:
    """Bytes with one to four damages."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        _damage_once(found, chance)
    return bytes(found)


def _damage_once(found: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(found) + 1)
    # The beginning holds what decides how the rest is read.
    at = min(at, chance.choice((len(found), len(found), 16, 256)))
    length = chance.choice((1, 2, 4, 8, 64, 1024))
    way = chance.randrange(8)
    if way == 0 and at < len(found):
        found[at] ^= 1 << chance.randrange(8)
    elif way == 1:
        found[at : at + length] = chance.randbytes(length)
    elif way == 2:
        del found[at : at + length]
    elif way == 3:
        found[at:at] = found[at : at + length]
    elif way == 4:
        del found[at:]
    elif way == 5:
        found[at:at] = chance.choice(_TOKENS)
    elif way == 6:
        found[at : at + length] = chance.choice((b"\0", b"\xff", b"\x7f")) * length
    else:
        numbers = list(_NUMBER.finditer(found[:100_000]))
        if numbers:
            place = chance.choice(numbers)
            found[place.start() : place.end()] = chance.choice(_TOKENS)


def replace_value(values: Any, chance: random.Random) -> Any:
    """Values of JSON, or such as hold tensors, of which one, at any depth, is another one."""
    if isinstance(values, dict) and values and chance.random() < 0.9:
        key = chance.choice(list(values))
        if chance.random() < 0.1:
            return {k: v for k, v in values.items() if k != key}
        return {**values, key: replace_value(values[key], chance)}
    if isinstance(values, list | tuple) and values and chance.random() < 0.9:
        changed = list(values)
        at = chance.randrange(len(changed))
        changed[at] = replace_value(changed[at], chance)
        return type(values)(changed) if type(values) in (list, tuple) else changed
    return chance.choice(VALUES)


def damage_json(content: bytes, chance: random.Random) -> bytes:
    """JSON with another value somewhere, or damaged as bytes."""
    if chance.random() < 0.4:
        return damage(content, chance)
    values = replace_value(json.loads(content), chance)
    return json.dumps(values).encode("utf-8", "surrogatepass")
