"""The kinds of input that the program reads from files: a good one of each, and its reader."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import shutil
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.reliability import foreign_inputs, kept_inputs
from benchmarks.reliability.mutations import damage, damage_json, replace_value
from trainer.data import mnist_like, pen_digits
from trainer.data.labelled_images import LabelledImages
from trainer.data.pen_digits import PenFiles
from trainer.drawing.picture import read_picture
from trainer.drawing.rasterize import even_pen_widths, rasterize
from trainer.drawing.stroke_files import read_drawings
from trainer.errors import UserError
from trainer.files import asset
from trainer.handwriting.font import render_digits
from trainer.my_classes import class_file
from trainer.my_digits.digit import export, own_digit, read_export, render_digit
from trainer.my_digits.store import MyDigits
from trainer.networks import model as weights
from trainer.reading.predict import read_many
from trainer.recipes import sharing
from trainer.recipes.catalog import RECIPES
from trainer.recipes.recipe import Recipe
from trainer.runs import checkpoint, listing
from trainer.runs import folder as run_folder
from trainer.runs.record import Record
from trainer.training.training import Training

Read = Callable[[], object]
SEVEN = [[[10.0, 10.0], [60.0, 12.0], [30.0, 80.0]], [[20.0, 45.0], [50.0, 44.0]]]
RECIPE = Recipe(name="small", dataset="pen", epochs=2, batch_size=16, validation=0.2)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of input."""

    name: str
    make: Callable[[Path], Any]
    """Prepares good input in a new folder, and returns what `damage` takes."""
    damage: Callable[[Any, random.Random], Read]
    """Damages it by chance, and returns what reads the damaged one."""


def _file(
    name: str,
    content: Callable[[], bytes],
    read: Callable[[Path], object],
    spoil: Callable[[bytes, random.Random], bytes] = damage,
    packed: bool = False,
) -> Kind:
    """A kind that is one file, now and then gzipped before or after it is damaged."""

    def make(place: Path) -> tuple[Path, bytes]:
        place.mkdir(parents=True, exist_ok=True)
        return place / name, content()

    def spoiled(base: tuple[Path, bytes], chance: random.Random) -> Read:
        path, good = base
        way = chance.random() if packed else 1.0
        if way < 0.1:
            path.write_bytes(damage(gzip.compress(good), chance))
        else:
            bad = spoil(good, chance)
            path.write_bytes(gzip.compress(bad) if way < 0.3 else bad)
        return lambda: read(path)

    return Kind(name, make, spoiled)


def _files(
    name: str, contents: Callable[[Path], dict[str, bytes]], read: Callable[[Path], object]
) -> Kind:
    """A kind that is one of several files, the ending of which may be another one's."""

    def make(place: Path) -> tuple[Path, dict[str, bytes]]:
        place.mkdir(parents=True, exist_ok=True)
        return place, contents(place)

    def spoiled(base: tuple[Path, dict[str, bytes]], chance: random.Random) -> Read:
        place, files = base
        called = chance.choice(list(files))
        path = place / (called if chance.random() < 0.95 else chance.choice(list(files)))
        path.write_bytes(foreign_inputs.spoil(called, files[called], chance))
        return lambda: read(path)

    return Kind(name, make, spoiled)


def _read_model(path: Path) -> object:
    model = weights.load(path)
    return read_many(model, np.zeros((1, 28, 28), np.uint8))


def _damage_model(good: bytes, chance: random.Random) -> bytes:
    """As bytes, or its header with another value."""
    if chance.random() < 0.4:
        return damage(good, chance)
    length = int.from_bytes(good[:8], "little")
    header = json.loads(good[8 : 8 + length])
    if chance.random() < 0.6:
        told = header["__metadata__"]
        key = chance.choice(list(told))
        with contextlib.suppress(ValueError):
            told[key] = json.dumps(replace_value(json.loads(told[key]), chance))
    else:
        header = replace_value(header, chance)
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(text)) + text + good[8 + length :]


def _read_strokes(path: Path) -> object:
    return [rasterize(even_pen_widths(strokes)) for strokes in read_drawings(path)]


def _strokes() -> bytes:
    return json.dumps([{"strokes": SEVEN, "label": 7}, {"strokes": SEVEN[:1]}] * 2).encode()


def _idx() -> bytes:
    return struct.pack(">HBB3I", 0, 8, 3, 20, 28, 28) + bytes(range(256)) * 61 + bytes(64)


def _read_idx(path: Path) -> object:
    return mnist_like.parse_idx(bytearray(path.read_bytes()), path.name, path.parent)


def _pen_digits() -> bytes:
    who = {"writer": "a", "contributor": "ibm", "label": 7}
    return json.dumps([{**who, "strokes": SEVEN}] * 5).encode()


def _my_digits(place: Path) -> bytes:
    mine = MyDigits(place)
    for label in range(5):
        kept = mine.add(own_digit(label, [[(label, 1), (5, 9), (7, 2)]], read_as=3))
    mine.add(own_digit(0, (), bytes(range(256)) * 3 + bytes(16), source="mnist test 3"))
    mine.relabel([kept.id], 8)
    mine.delete([kept.id])
    return place.read_bytes()


def _temporary(write: Callable[[Path], object]) -> bytes:
    """What `write` writes into a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.json"
        write(path)
        return path.read_bytes()


def _read_my_digits(path: Path) -> object:
    return [render_digit(digit) for digit in MyDigits(path).load()]


def _read_exported(path: Path) -> object:
    return [render_digit(digit) for digit in read_export(path)]


def _exported() -> bytes:
    digits = [own_digit(7, SEVEN, when="2026-01-01"), own_digit(1, SEVEN[:1])]
    return _temporary(lambda path: export(digits, path))


_UNIPEN = {
    "data/1a/ibm/one.dat": ".INCLUDE ibm/set.doc\n.INCLUDE ibm/one.dat\n"
    '.SEGMENT CHARACTER 0-1:2 OK "7"\n.SEGMENT CHARACTER 0,3 ? "4"\n',
    "include/ibm/set.doc": ".X_POINTS_PER_INCH 100\n.Y_POINTS_PER_INCH 90\n.COORD X Y T\n",
    "include/ibm/one.dat": ".WRITER_ID ann\n.PEN_DOWN\n0 10 1\n1 0 2\n"
    ".PEN_UP\n5 9 3\n6 8 4\n7 7 5\n.PEN_DOWN\n4 4 6\n3 3 7\n"
    ".START_SET\n.PEN_DOWN\n2 1 8\n",
}


def _make_unipen(place: Path) -> Path:
    for name, text in _UNIPEN.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


def _damage_unipen(place: Path, chance: random.Random) -> Read:
    _make_unipen(place)
    name = chance.choice(list(_UNIPEN))
    content = damage(_UNIPEN[name].encode(), chance)
    if chance.random() < 0.1:
        content = damage(b"\x1f\x9d\x90" + content, chance)
    (place / name).write_bytes(content)
    return lambda: pen_digits.read(PenFiles(unipen=place))


def _digits() -> LabelledImages:
    images, labels = zip(*render_digits(60, seed=1), strict=True)
    return LabelledImages(torch.from_numpy(np.stack(images)), torch.tensor(labels))


def _make_run(place: Path) -> Path:
    """A run's folder after some steps."""
    digits = _digits()
    training = Training(RECIPE, digits)
    for number, _ in enumerate(training):
        if number == 4:
            break
    start = checkpoint.Checkpoint(
        RECIPE,
        Record(steps_per_epoch=3, started="2026-01-01T00:00:00+00:00"),
        "epoch,step,split,loss,accuracy,learning_rate,seconds\n1,1,train,2.3,0.1,0.001,0.5\n",
        checkpoint.fingerprint(digits),
        training.state(),
    )
    return run_folder.make_run_folder(place, "run", start)


def _damage_run(good: Path, chance: random.Random) -> Read:
    bad = good.with_name("damaged")
    shutil.rmtree(bad, ignore_errors=True)
    shutil.copytree(good, bad)
    name = chance.choice(("run.json", "recipe.json", "history.csv", "run.json"))
    spoil = damage if name == "history.csv" else damage_json
    (bad / name).write_bytes(spoil((good / name).read_bytes(), chance))

    def read() -> object:
        listing.list_runs(bad.parent)
        listing.check_resumable(bad)
        return listing.read_history(bad)

    return read


def _make_checkpoint(place: Path) -> tuple[Path, LabelledImages, bytes, Any]:
    folder = _make_run(place)
    content = (folder / checkpoint.NAME).read_bytes()
    values = torch.load(io.BytesIO(content), weights_only=True)
    return folder, _digits(), content, values


def _damage_checkpoint(
    base: tuple[Path, LabelledImages, bytes, Any], chance: random.Random
) -> Read:
    folder, digits, content, values = base
    if chance.random() < 0.4:
        content = damage(content, chance)
    else:
        written = io.BytesIO()
        torch.save(_replace_deeply(values, chance), written)
        content = written.getvalue()
    (folder / checkpoint.NAME).write_bytes(content)

    def read() -> object:
        kept = checkpoint.load(folder)
        listing.check_recipe(folder, kept.recipe)
        if kept.data != checkpoint.fingerprint(digits):
            raise UserError("other data")
        checkpoint.check_state(kept, folder, digits)
        events = iter(Training(kept.recipe, digits, state=kept.state))
        return [next(events) for _ in range(2)] if kept.step < 6 else None

    return read


def _replace_deeply(values: Any, chance: random.Random) -> Any:
    """As `replace_value`, in the training's state for the most part, tensors by other tensors."""
    if chance.random() < 0.7:
        return {**values, "state": _replace_deeply_in(values["state"], chance)}
    return replace_value(values, chance)


def _replace_deeply_in(values: Any, chance: random.Random) -> Any:
    if isinstance(values, dict) and values and chance.random() < 0.95:
        key = chance.choice(list(values))
        return {**values, key: _replace_deeply_in(values[key], chance)}
    if isinstance(values, list) and values and chance.random() < 0.95:
        at = chance.randrange(len(values))
        return [*values[:at], _replace_deeply_in(values[at], chance), *values[at + 1 :]]
    if isinstance(values, torch.Tensor) and chance.random() < 0.7:
        other = chance.choice((values.flatten(), values.double(), values[None], values * 0))
        return other if chance.random() < 0.8 else values.float() * float("nan")
    return replace_value(values, chance)


_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000")


def _make_picture(place: Path) -> tuple[Path, dict[str, bytes]]:
    place.mkdir(parents=True, exist_ok=True)
    image, _ = next(iter(render_digits(1, seed=1)))
    large = Image.fromarray(255 - image).resize((90, 120)).convert("RGB")
    found = {}
    for name in _FORMATS:
        written = io.BytesIO()
        large.save(written, name)
        found[name] = written.getvalue()
    return place / "picture.png", found


def _damage_picture(base: tuple[Path, dict[str, bytes]], chance: random.Random) -> Read:
    path, pictures = base
    path.write_bytes(damage(pictures[chance.choice(_FORMATS)], chance))
    return lambda: read_picture(path)


def _each() -> Iterator[Kind]:
    studio = RECIPES["studio"]
    yield _file("model", lambda: asset(weights.SHIPPED).read_bytes(), _read_model, _damage_model)
    yield _file(
        "recipe", lambda: studio.to_json().encode(), sharing.read_file, damage_json, packed=False
    )
    yield _file(
        "shared text",
        lambda: sharing.text(studio).encode(),
        lambda path: sharing.read(path.read_bytes().decode("utf-8", "surrogatepass")),
        lambda good, chance: damage_json(good, chance).decode("utf-8", "replace").encode(),
    )
    yield _file("strokes", _strokes, _read_strokes, damage_json, packed=True)
    yield _file("IDX", _idx, _read_idx)
    yield Kind("UNIPEN", _make_unipen, _damage_unipen)
    yield _file(
        "pen digits",
        _pen_digits,
        lambda path: pen_digits.read(PenFiles(json=path)),
        damage_json,
        packed=True,
    )
    yield _file("My digits", lambda: _temporary(_my_digits), _read_my_digits)
    yield _file("exported digits", _exported, _read_exported, damage_json, packed=True)
    yield Kind("run folder", _make_run, _damage_run)
    yield Kind("checkpoint", _make_checkpoint, _damage_checkpoint)
    yield Kind("picture", _make_picture, _damage_picture)
    yield _file("class set", foreign_inputs.make_classes, class_file.load, damage_json)
    for name, contents, read in foreign_inputs.FOREIGN:
        yield _files(name, contents, read)
    yield Kind("settings", kept_inputs.make_settings, kept_inputs.damage_settings)
    yield Kind("caches", kept_inputs.make_caches, kept_inputs.damage_caches)


KINDS = {kind.name: kind for kind in _each()}
"""By their names."""
