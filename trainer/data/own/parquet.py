"""Hugging Face's `datasets`: parquet files, or the arrow files of `save_to_disk`.

A column holds the pictures, encoded as PNG or JPEG, and another the labels; the files'
metadata name them and the classes. pyarrow, which reads both, is an optional package.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Generator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from trainer.data.labelled_images import DataError
from trainer.data.own.folders import as_gray_if_it_is
from trainer.data.own.place import DataFormat, Place, cannot_read
from trainer.data.own.source import (
    MOST_BYTES,
    OwnPart,
    Pixels,
    RawPictures,
    Role,
    check_amount,
    role_of,
)
from trainer.errors import UserError, describe_error
from trainer.files import check_is_plain
from trainer.progress import Progress
from trainer.translation import gettext as _

_IMAGES = ("image", "img", "picture", "pixels")
_LABELS = ("label", "labels", "fine_label", "digit", "character", "class", "target")
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
_MOST_PIXELS = 20_000_000
_BATCH = 32
"""Rows read at once: each may be as large as all of the file, whose values can be shared."""

_Columns = tuple[str, str, tuple[str, ...]]
"""The pictures' column, the labels', and the names of the classes, if they are told."""


def read_parquet(place: Place) -> Generator[Progress, None, RawPictures]:
    """The pictures of a dataset's files, still encoded.

    Raises:
        DataError: pyarrow is not installed; damaged, too large, or without pictures and labels.
    """
    try:
        arrow = import_module("pyarrow")
    except ImportError:
        raise DataError(
            _(
                "{path} is a Hugging Face dataset, which pyarrow reads: install it with "
                "pip install 'lenet-studio[parquet]'"
            ).format(path=place.path)
        ) from None
    encoded: dict[Role, tuple[list[bytes | None], list[str]]] = {}
    names: tuple[str, ...] = ()
    total = 0
    for file in place.files:
        role = _role(file, place.path)
        pictures, keys = encoded.setdefault(role, ([], []))
        try:
            check_is_plain(file)
            with closing(_batches(file, place.kind)) as batches:
                for columns, rows in batches:
                    names = names or columns[2]
                    for content, label in rows:
                        pictures.append(content)
                        keys.append(_key(label, columns[2]))
                        total += len(content or b"")
                    check_amount(len(pictures), 1, place.path)
                    _check_size(total, place.path)
                    yield Progress(_("reading {name}").format(name=file.name), len(pictures), 0)
        except UserError:
            raise
        except (arrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise cannot_read(file, error) from None
            raise DataError(
                _("{path} cannot be read, for it is damaged ({reason})").format(
                    path=file, reason=describe_error(error)
                )
            ) from None
    parts = [OwnPart(role, keys, _decoder(pictures)) for role, (pictures, keys) in encoded.items()]
    return RawPictures(tuple(parts), tuple(n for n in names if _occurs(n, parts)))


def _occurs(name: str, parts: list[OwnPart]) -> bool:
    return any(name in part.keys for part in parts)


def _role(file: Path, folder: Path) -> Role:
    """What a file's name says of its pictures, or else that of a folder it lies in."""
    inner = file.relative_to(folder).parts if file != folder else (file.name,)
    roles = (role_of(name) for name in reversed(inner))
    return next((role for role in roles if role is not Role.ALL), Role.ALL)


def _batches(
    file: Path, kind: DataFormat
) -> Generator[tuple[_Columns, list[tuple[bytes | None, object]]], None, None]:
    """Pictures and labels, some rows at a time."""
    if kind is DataFormat.PARQUET:
        with import_module("pyarrow.parquet").ParquetFile(file) as opened:
            groups = (opened.metadata.row_group(n) for n in range(opened.num_row_groups))
            _check_size(max((group.total_byte_size for group in groups), default=0), file)
            columns = _columns(opened.schema_arrow, file)
            for batch in opened.iter_batches(batch_size=_BATCH, columns=list(columns[:2])):
                yield columns, _rows(batch, columns, file)
        return
    arrow = import_module("pyarrow")
    with arrow.OSFile(str(file)) as plain, arrow.ipc.open_stream(plain) as stream:
        columns = _columns(stream.schema, file)
        for batch in stream:
            yield columns, _rows(batch, columns, file)


def _check_size(size: int, path: Path) -> None:
    """Refuse what takes too much memory, before it is unpacked.

    Raises:
        DataError: it does.
    """
    if size > MOST_BYTES:
        raise DataError(
            _("{path} holds {size:,} MB, and at most {most:,} can be read: divide it").format(
                path=path, size=size >> 20, most=MOST_BYTES >> 20
            )
        )


def _rows(batch: Any, columns: _Columns, file: Path) -> list[tuple[bytes | None, object]]:
    _check_size(batch.nbytes, file)
    pictures = batch.column(columns[0]).to_pylist()
    labels = batch.column(columns[1]).to_pylist()
    contents = [value.get("bytes") if isinstance(value, dict) else value for value in pictures]
    return [
        (content if isinstance(content, bytes) else None, label)
        for content, label in zip(contents, labels, strict=True)
    ]


def _columns(schema: Any, file: Path) -> _Columns:
    """Which columns hold what, by the metadata that Hugging Face writes, or by their names.

    Raises:
        DataError: there is none of pictures, or none of labels.
    """
    features = _features(schema)
    kinds = {name: feature.get("_type", "") for name, feature in features.items()}
    image = _first(schema.names, kinds, "Image", _IMAGES)
    label = _first(schema.names, kinds, "ClassLabel", _LABELS)
    if image is None or label is None:
        raise DataError(
            _(
                "{path} has no column of pictures and one of labels, called image and label (it "
                "has: {names})"
            ).format(path=file, names=", ".join(schema.names[:8]))
        )
    names = features.get(label, {}).get("names")
    return image, label, tuple(map(str, names)) if isinstance(names, list) else ()


def _features(schema: Any) -> dict[str, dict[str, Any]]:
    """The metadata of each column; empty where they have another form."""
    try:
        values = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    except (ValueError, RecursionError):
        return {}
    for key in ("info", "features"):
        values = values.get(key) if isinstance(values, dict) else None
    if not isinstance(values, dict):
        return {}
    return {name: feature for name, feature in values.items() if isinstance(feature, dict)}


def _first(
    names: list[str], kinds: dict[str, object], kind: str, usual: tuple[str, ...]
) -> str | None:
    by_kind = [name for name in names if kinds.get(name) == kind]
    by_name = [name for name in usual if name in names]
    return next(iter((*by_kind, *by_name)), None)


def _key(label: object, names: tuple[str, ...]) -> str:
    if isinstance(label, list) and sorted(label, key=str) == [0] * (len(label) - 1) + [1]:
        label = label.index(1)  # one-hot
    elif isinstance(label, float) and label.is_integer():
        label = int(label)
    if isinstance(label, int) and 0 <= label < len(names):
        return names[label]
    return "" if label is None else str(label)


def _decoder(contents: list[bytes | None]) -> Callable[[int], Pixels]:
    def picture(number: int) -> Pixels:
        return _decode(contents[number])

    return picture


def _decode(content: bytes | None) -> Pixels:
    """An encoded picture as (H, W) or (H, W, 3).

    Raises:
        DataError: there is none in the file, or it can't be read.
    """
    if content is None:
        raise DataError(_("the picture itself is not in the file"))
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise DataError(_("it has too many pixels"))
            picture: Image.Image = opened
            if picture.has_transparency_data:
                colored = picture.convert("RGBA")
                picture = Image.alpha_composite(Image.new("RGBA", colored.size, "white"), colored)
            return as_gray_if_it_is(np.asarray(picture.convert("RGB")))
    except UserError:
        raise
    except Exception as error:  # of any kind, as the content may be anything
        raise DataError(_("it is damaged")) from error
