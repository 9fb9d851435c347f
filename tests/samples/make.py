# ruff: noqa: I001  written for the modules of version 0.1.0, and run with them alone
"""Writes `tests/samples/0.1.0`: one small file of each kind that version 0.1.0 leaves behind.

    python -m tests.samples.make FOLDER

Runs with version 0.1.0 only, whose modules it uses; README.md beside it says what
each file is. A version that changes a format adds a folder and a script of its own,
and leaves this one as it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import io
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import torch
from PySide6.QtWidgets import QApplication

from lenet_gui import __main__ as gui
from lenet_gui.inspect.shading import Shading
from lenet_gui.settings import Settings
from lenet_gui.window import Window
from tests.samples.commands import describe_commands
from trainer import __main__ as cli
from trainer import __version__, past_runs, pen_sets, refusal, runs, sharing, weights
from trainer.events import Epoch, Step
from trainer.files import asset
from trainer.my_digits import MyDigits
from trainer.named_recipes import RECIPES, edited
from trainer.own_digits import export, own_digit
from trainer.recipes import AUGMENTATIONS, Augmentation, Recipe
from trainer.stroke_font import write_digits
from trainer.strokes import rasterize

CPU = torch.device("cpu")
FINISHED = Recipe(
    name="finished",
    description="one epoch of plain SGD, whose optimizer keeps nothing",
    dataset="pen",
    epochs=1,
    batch_size=10,
    optimizer="sgd",
    momentum=0.0,
    learning_rate=0.1,
    schedule="one_cycle",
    augmentation=AUGMENTATIONS["affine"],
    dropout=0.1,
    mean=0.1307,
    std=0.3081,
)
STOPPED = Recipe(
    name="stopped",
    description="the network of 1998, stopped in its second epoch",
    dataset="pen",
    epochs=3,
    batch_size=30,
    network="lenet5-1998",
    loss="map",
    optimizer="sgd",
    momentum=0.0,
    learning_rate=0.02,
    schedule="table",
    rates=((1, 0.02), (2, 0.01)),
    mean=0.1,
    std=0.8,
)
INTERRUPTED = Recipe(
    name="interrupted",
    description="AdamW, killed in its second epoch",
    dataset="pen",
    epochs=3,
    batch_size=30,
    learning_rate=3e-3,
    schedule="cosine",
    warmup=0.2,
    augmentation=AUGMENTATIONS["elastic"],
    weight_decay=0.01,
    label_smoothing=0.05,
)
DIVERGED = dataclasses.replace(
    INTERRUPTED,
    name="diverged",
    description="a learning rate that is far too large",
    optimizer="sgd",
    learning_rate=10.0,
    weight_decay=1.0,
    batch_size=10,
    schedule="constant",
    warmup=0.0,
    std=0.01,
    augmentation=Augmentation(),
)
TRAINED = Recipe(name="lenet5", dataset="pen", epochs=12, batch_size=20, learning_rate=2e-3)
TRAINED_1998 = dataclasses.replace(
    TRAINED, name="lenet5-1998", network="lenet5-1998", activation="tanh", mean=0.1, std=0.8
)
SEVEN = [[[0, 0], [40, 0], [15, 70]], [[10, 35], [35, 35]]]
PRESSED = [[[140.5, 60.25, 0.8], [139.75, 140.0, 1.0], [141.0, 220.5, 1.25]]]
TWENTY_ONE = [
    [[10, 20], [25, 5], [40, 20], [30, 40], [10, 70], [45, 70]],
    [[80, 5], [80, 70]],
]


def main() -> None:
    """Write all of them."""
    if __version__ != "0.1.0":
        sys.exit(f"these are the samples of version 0.1.0, and this is {__version__}")
    torch.set_num_threads(1)
    pen_sets.WRITTEN = {"train": 300, "test": 100}  # as the tests' small dataset has
    sys.modules["tensorboard"] = None  # type: ignore[assignment]  its files hold the host's name
    platform.platform = lambda *_, **__: "Linux"  # run.json shall not name the maker's own system
    if sys.argv[1:2] == ["--until-killed"]:
        run_until_killed(Path(sys.argv[2]))
    out = Path(sys.argv[1])
    out.mkdir(parents=True)
    expected: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        expected["models"] = make_models(out / "models", Path(folder))
        expected["runs"] = make_runs(out / "runs.tar.xz", Path(folder) / "runs")
    expected["recipes"] = make_recipes(out / "recipes")
    make_drawings(out / "drawings")
    expected["digits"] = make_my_digits(out / "my-digits")
    make_settings(out / "settings")
    expected["predictions"] = predict(out)
    write_json(out / "expected.json", expected)
    programs = {"lenet": cli.main, "lenet-gui": gui.main}
    commands = {name: describe_commands(program) for name, program in programs.items()}
    write_json(out / "commands.json", commands)


def write_json(path: Path, values: object) -> None:
    """As text that a person can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


# Model files


def make_models(out: Path, scratch: Path) -> dict[str, Any]:
    """Two networks that runs have trained, and the gate that ships."""
    out.mkdir()
    expected = {}
    for recipe in (TRAINED, TRAINED_1998):
        folder = list(runs.run(recipe, data=scratch, runs=scratch / "models", device=CPU))[
            -1
        ].folder
        path = out / f"{recipe.name}.safetensors"
        shutil.copyfile(folder / "best.safetensors", path)
        model = weights.load(path)
        expected[path.name] = {
            "recipe": json.loads(model.recipe.to_json()),
            "classes": model.classes,
            "history": model.history,
            "temperature": model.temperature,
        }
    shutil.copyfile(asset(refusal.SHIPPED), out / "gate.safetensors")
    return expected


def predict(out: Path) -> dict[str, Any]:
    """What the gate scores each drawing, and what `lenet predict` prints for each model."""
    drawings = json.loads((out / "drawings" / "drawings.json").read_text())
    images = [rasterize(drawing["strokes"]) for drawing in drawings]
    gate = refusal.load(out / "models" / "gate.safetensors")
    expected: dict[str, Any] = {
        "gate.safetensors": {
            "threshold": gate.threshold,
            "scores": [float(gate.scores(torch.from_numpy(image[None]))) for image in images],
        }
    }
    for path in sorted((out / "models").glob("lenet5*.safetensors")):
        command = ["predict", "--model", str(path), "--json", "--strokes"]
        expected[path.name] = {
            "drawings": printed(*command, str(out / "drawings" / "drawings.json")),
            "number": printed(*command, str(out / "drawings" / "number.json"), "--multiple"),
        }
    return expected


def printed(*arguments: str) -> Any:
    """The JSON that a command of `lenet` prints."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        assert cli.main(list(arguments)) == 0
    return json.loads(text.getvalue())


# Run folders


def make_runs(out: Path, folder: Path) -> dict[str, Any]:
    """A finished, a stopped, a killed and a diverged run, packed; and what comes of them."""
    list(runs.run(FINISHED, data=folder, runs=folder, device=CPU))
    with contextlib.closing(runs.run(STOPPED, data=folder, runs=folder, device=CPU)) as events:
        steps = (event for event in events if isinstance(event, Step) and event.epoch == 2)
        next(event for event in steps if event.step == 13)
    kill_in_second_epoch(folder)
    list(runs.run(DIVERGED, data=folder, runs=folder, device=CPU))
    expected = {
        path.name: expected_of_run(path, folder.parent) for path in sorted(folder.iterdir())
    }
    # Best and last model file are hard links, and equal files are packed once.
    with tarfile.open(out, "w:xz", preset=9) as archive:
        archive.add(folder, "runs", filter=pack_entry)
    return expected


def run_until_killed(folder: Path) -> None:
    """Train, and be killed as by a power failure: nothing is put in order."""
    epochs = 0
    for event in runs.run(INTERRUPTED, data=folder, runs=folder, device=CPU):
        epochs += isinstance(event, Epoch)
        if epochs and isinstance(event, Step) and event.step == 12:
            os.kill(os.getpid(), signal.SIGKILL)


def kill_in_second_epoch(folder: Path) -> None:
    """A run that is killed in a process of its own."""
    command = [sys.executable, "-m", "tests.samples.make", "--until-killed", str(folder)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


def expected_of_run(path: Path, scratch: Path) -> dict[str, Any]:
    """What a run's folder holds, and what resuming a copy of it ends with."""
    past = past_runs.read_run(path)
    expected: dict[str, Any] = {
        "recipe": json.loads(past.recipe.to_json()),
        "record": dataclasses.asdict(past.record),
        "interrupted": past.interrupted,
        "resumable": past.resumable,
        "history": dataclasses.asdict(past_runs.read_history(path)),
        "epochs": [epoch for epoch, _ in past_runs.epoch_files(path)],
    }
    if past.resumable:
        copy = scratch / "copies" / path.name
        shutil.copytree(path, copy)
        list(runs.resume(copy, data=scratch, device=CPU))
        ended = past_runs.read_run(copy)
        expected["resumed"] = {
            "record": dataclasses.asdict(ended.record),
            "history": dataclasses.asdict(past_runs.read_history(copy)),
        }
    return expected


def pack_entry(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """An entry without its owner; none for the curves, large pictures that nothing reads back."""
    if Path(entry.name).stem == "curves":
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


# Recipes


def make_recipes(out: Path) -> dict[str, Any]:
    """Texts as the window shares them, and whole ones; and every named recipe."""
    out.mkdir()
    changed = edited(
        RECIPES["studio"],
        seed=7,
        epochs=3,
        augmentation=Augmentation(rotation=5.0, elastic=0.3),
        batch_size=64,
    )
    made = {
        "named.json": RECIPES["lenet5-1998"],
        "edited.json": changed,
        "defaults.json": Recipe(name="as it comes"),
        "own.json": dataclasses.replace(STOPPED, name="von mir – 我的", seed=2**31 - 1),
    }
    expected = {}
    for name, recipe in made.items():
        (out / name).write_text(sharing.text(recipe) + "\n", encoding="utf-8")
        expected[name] = json.loads(recipe.to_json())
    mail = f"Hello,\n\ntry this one:\n\n```json\n{sharing.text(changed)}\n```\n\nYours, me\n"
    (out / "mail.txt").write_text(mail, encoding="utf-8")
    expected["mail.txt"] = expected["edited.json"]
    whole = RECIPES["ninety-nine"]
    (out / "whole.json").write_text(whole.to_json(), encoding="utf-8")
    expected["whole.json"] = json.loads(whole.to_json())
    named = {name: json.loads(recipe.to_json()) for name, recipe in RECIPES.items()}
    write_json(out / "all-named.json", named)
    return expected


# Drawings


def make_drawings(out: Path) -> None:
    """As `lenet predict --strokes` and `lenet-gui --strokes` take them."""
    out.mkdir()
    drawings: list[dict[str, Any]] = [
        {"label": 7, "strokes": SEVEN},
        {"label": 1, "strokes": PRESSED, "writer": "me", "contributor": "me"},
    ]
    for digit in write_digits(8, seed=3):
        strokes = [stroke[:, :2].round(4).tolist() for stroke in digit.strokes]
        drawings.append({"label": digit.label, "strokes": strokes})
    content = json.dumps(drawings, separators=(",", ":"))
    (out / "drawings.json").write_text(content)
    (out / "drawings.json.gz").write_bytes(gzip.compress(content.encode(), mtime=0))
    (out / "number.json").write_text(json.dumps([{"strokes": TWENTY_ONE}]))


# My digits


def make_my_digits(out: Path) -> list[dict[str, Any]]:
    """A file with every kind of line, and what is exported of it."""
    out.mkdir()
    mine = MyDigits(out / "my-digits.jsonl")
    picture = bytes(400) + bytes(range(1, 256)) + bytes(129)
    digits = [
        own_digit(7, SEVEN, read_as=1, when="2026-11-21T14:15:00+00:00"),
        own_digit(1, PRESSED, when="2026-11-21T14:16:00+00:00"),
        own_digit(0, (), picture, read_as=0, when="2026-11-21T14:17:00+00:00"),
        own_digit(4, [[[1, 2], [3, 4]]], read_as=9, when="2026-11-21T14:18:00+00:00"),
        own_digit(5, [[[5, 6], [7, 8]]], read_as=6, when="2026-11-21T14:19:00+00:00"),
    ]
    for digit in digits:
        mine.add(digit)
    mine.relabel([digits[1].id], 2)
    mine.delete([digits[3].id, digits[4].id])
    mine.restore([digits[4]])
    with mine.path.open("ab") as file:
        file.write(b'{"version":2,"do":"add","id":"f","label":3,"ink":"of a later version"}\n')
        file.write(b'{"version":1,"do":"add","id":"0","label":3,"strokes":[[[1,')  # cut short
    mine.add(own_digit(3, [[[9, 9], [8, 8]]], when="2026-11-21T14:20:00+00:00"))
    kept = MyDigits(mine.path)
    digits = list(kept.load())
    assert (kept.damaged, kept.newer) == (1, 1)
    export(digits, out / "exported.json")
    export(digits, out / "exported.json.gz")
    return [
        dataclasses.asdict(digit) | {"image": None if digit.image is None else list(digit.image)}
        for digit in digits
    ]


# Settings


def make_settings(out: Path) -> None:
    """What a window remembers in which everything was chosen anew."""
    app = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        settings = Settings(out / "lenet-studio.ini")
        window = Window(data, data, settings, my_digits=data / "digits")
        window.show()
        window.resize(1000, 640)
        window.set_scheme("dark")
        window.set_device("cpu")
        window.inspect.data_folder_chosen.emit(Path("/home/me/datasets"))
        window.draw.width_slider.setValue(150)
        window.draw.several.setChecked(False)
        window.draw.browser.choose_dataset("kmnist")
        window.draw.kernels_wanted[False], window.draw.kernels_wanted[True] = True, False
        window.tabs.setCurrentWidget(window.inspect)
        view = window.inspect.view
        view.bar.set_shading(Shading("diverging", "map", before=True, kernels="change"))
        view.tour.step = 3
        app.processEvents()
        window.close()
        for thread in window.ending:
            thread.wait()


if __name__ == "__main__":
    main()
