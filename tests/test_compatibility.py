"""What version 0.1.0 left behind opens unchanged: a copy of each file in `tests/samples/0.1.0`."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import torch
from pytestqt.qtbot import QtBot

from lenet_gui import __main__ as gui
from lenet_gui.app.session import Settings
from lenet_gui.app.window import Window
from lenet_gui.inspect.shading import Shading
from lenet_gui.my_digits.tab import MyDigitsTab
from lenet_gui.train.tab import TrainTab
from tests.samples import SAMPLES
from tests.samples.commands import describe_commands
from tests.support.gui import MakeWindow
from trainer.cli import parser as cli
from trainer.drawing.rasterize import rasterize
from trainer.drawing.stroke_files import read_drawings
from trainer.my_digits.digit import OwnDigit, own_digit, read_export
from trainer.my_digits.store import MyDigits
from trainer.networks import gate as refusal
from trainer.networks import model as weights
from trainer.recipes import sharing
from trainer.recipes.catalog import current_name, find_recipe
from trainer.recipes.recipe import Recipe
from trainer.runs import listing

EXPECTED: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
COMMANDS: dict[str, Any] = json.loads((SAMPLES / "commands.json").read_text(encoding="utf-8"))
MAINS = {"lenet": cli.main, "lenet-gui": gui.main}
NETWORKS = ("lenet5.safetensors", "lenet5-1998.safetensors")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A copy of all samples that may be written to."""
    return shutil.copytree(SAMPLES, tmp_path / "samples")


@pytest.fixture
def runs_folder(samples: Path, tmp_path: Path) -> Path:
    """A folder of runs, as 0.1.0 left it."""
    with tarfile.open(samples / "runs.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "runs"


def run_called(runs_folder: Path, ending: str) -> Path:
    (folder,) = runs_folder.glob(f"*_{ending}")
    return folder


def printed(capsys: Capture, *arguments: str | Path) -> Any:
    """The JSON that a command of `lenet` prints."""
    assert cli.main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def as_json(values: Any) -> Any:
    """A dataclass as JSON holds it."""
    found = json.loads(json.dumps(dataclasses.asdict(values)))
    if isinstance(values, Recipe) and values.arithmetic == "auto":
        del found["arithmetic"]  # not known then
    return found


# Model files and drawings


@pytest.mark.parametrize("name", NETWORKS)
def test_a_model_file_holds_what_it_held(samples: Path, name: str) -> None:
    model = weights.load(samples / "models" / name)
    expected = EXPECTED["models"][name]
    assert json.loads(model.recipe.to_json()) == expected["recipe"]
    assert list(model.classes) == expected["classes"]
    assert model.history == expected["history"]
    assert model.temperature == expected["temperature"]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("drawings", ["drawings.json", "drawings.json.gz"])
def test_a_model_file_predicts_as_before(
    samples: Path, capsys: Capture, name: str, drawings: str
) -> None:
    model, file = samples / "models" / name, samples / "drawings" / drawings
    predictions = printed(capsys, "predict", "--model", model, "--strokes", file)
    assert_same_predictions(predictions, EXPECTED["predictions"][name]["drawings"])


@pytest.mark.parametrize("name", NETWORKS)
def test_a_drawn_number_is_divided_as_before(samples: Path, capsys: Capture, name: str) -> None:
    model, file = samples / "models" / name, samples / "drawings" / "number.json"
    (found,) = printed(capsys, "predict", "--model", model, "--strokes", file, "--multiple")
    (expected,) = EXPECTED["predictions"][name]["number"]
    assert found["number"] == expected["number"] == "21"
    for key in ("strokes", "box"):
        assert [d[key] for d in found["digits"]] == [d[key] for d in expected["digits"]]
    assert_same_predictions(found["digits"], expected["digits"])


def assert_same_predictions(found: list[Any], expected: list[Any]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert set(one) == set(other)
        assert (one["digit"], one["verdict"]) == (other["digit"], other["verdict"])
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-3)


def test_a_gate_scores_as_before(samples: Path) -> None:
    gate = refusal.load(samples / "models" / "gate.safetensors")
    expected = EXPECTED["predictions"]["gate.safetensors"]
    assert gate.threshold == expected["threshold"]
    drawings = read_drawings(samples / "drawings" / "drawings.json")
    scores = [float(gate.scores(torch.from_numpy(rasterize(d)[None]))) for d in drawings]
    assert scores == pytest.approx(expected["scores"], abs=1e-2)


# Runs


@pytest.mark.parametrize("name", sorted(EXPECTED["runs"]))
def test_a_run_folder_holds_what_it_held(runs_folder: Path, name: str) -> None:
    folder, expected = runs_folder / name, EXPECTED["runs"][name]
    past = listing.read_run(folder)
    assert json.loads(past.recipe.to_json()) == expected["recipe"]
    assert as_json(past.record) == expected["record"]
    assert (past.interrupted, past.resumable) == (expected["interrupted"], expected["resumable"])
    assert as_json(listing.read_history(folder)) == expected["history"]
    files = listing.list_epochs(folder)
    assert [epoch for epoch, _ in files] == expected["epochs"]
    models = [weights.load(path) for path in (*folder.glob("*.safetensors"), *dict(files).values())]
    assert models and all(model.recipe == past.recipe for model in models)


def test_the_run_list_shows_every_run_and_its_curves(
    train_tab: TrainTab, runs_folder: Path, qtbot: QtBot
) -> None:
    train_tab.look_for_past_runs()
    rows = train_tab.list.runs
    qtbot.waitUntil(lambda: len(rows) == len(EXPECTED["runs"]), timeout=30_000)
    assert [run.folder.name for run in rows if run.folder] == sorted(EXPECTED["runs"], reverse=True)
    assert {run.recipe.name: run.state for run in rows} == {
        name: name for name in ("finished", "stopped", "interrupted", "diverged")
    }
    assert {run.recipe.name for run in rows if run.resumable} == {"stopped", "interrupted"}
    for run in rows:
        assert run.folder is not None
        expected = EXPECTED["runs"][run.folder.name]
        record = expected["record"]
        assert (int(run.epochs), run.best, run.test, run.problem) == tuple(
            record[key] for key in ("epochs", "best_val_accuracy", "test_accuracy", "problem")
        )
        index = train_tab.list.index(rows.index(run), 0)
        train_tab.list.setData(index, 2, 10)  # ticked: its curves are read and drawn
    qtbot.waitUntil(lambda: len(train_tab.curves.curves) == len(rows), timeout=30_000)
    for curve in train_tab.curves.curves:
        (expected,) = (
            run for run in EXPECTED["runs"].values() if run["recipe"]["name"] == curve.recipe.name
        )
        assert as_json(curve.history) == expected["history"]


@pytest.mark.usefixtures("small_pen")
@pytest.mark.parametrize("ending", ["stopped", "interrupted"])
def test_a_run_on_digits_of_fewer_forms_keeps_what_it_has(
    runs_folder: Path, tmp_path: Path, capsys: Capture, ending: str
) -> None:
    """Its data is written by code, and the forms have changed since: going on would mix them."""
    folder = run_called(runs_folder, ending)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert cli.main(["resume", str(folder), "--data", str(tmp_path)]) == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert "built-in digits had fewer forms" in told and "can be trained anew" in told
    assert before == {path: path.read_bytes() for path in before}
    assert weights.load(folder / "best.safetensors").recipe.dataset == "pen"


def test_what_has_ended_is_not_resumed(runs_folder: Path, capsys: Capture) -> None:
    assert cli.main(["resume", str(run_called(runs_folder, "finished"))]) == 0
    assert "nothing left to train" in capsys.readouterr().out
    assert cli.main(["resume", str(run_called(runs_folder, "diverged"))]) == 2
    assert "smaller learning rate" in capsys.readouterr().err


# Recipes


@pytest.mark.parametrize("name", sorted(EXPECTED["recipes"]))
def test_a_shared_recipe_is_the_same(samples: Path, capsys: Capture, name: str) -> None:
    recipe = sharing.read_file(samples / "recipes" / name)
    assert without_description(json.loads(recipe.to_json())) == without_description(
        EXPECTED["recipes"][name]
    )


def test_a_whole_recipe_still_trains(samples: Path, capsys: Capture) -> None:
    layers = printed(capsys, "summary", "--recipe", samples / "recipes" / "own.json")
    assert sum(layer["parameters"] for layer in layers) == 60_000


def test_named_recipes_train_as_before(samples: Path) -> None:
    """A shared text holds only what differs from the named recipe that it is based on."""
    named = json.loads((samples / "recipes" / "all-named.json").read_text(encoding="utf-8"))
    for name, expected in named.items():
        recipe = json.loads(find_recipe(name).to_json())
        expected["name"] = current_name(name)  # one was renamed since
        if name == "handwriting":  # trained longer since, on more digits
            assert recipe.pop("epochs") > expected.pop("epochs")
        assert without_description(recipe) == without_description(expected), name


def without_description(recipe: dict[str, Any]) -> dict[str, Any]:
    """A recipe's name and numbers."""
    return {key: value for key, value in recipe.items() if key != "description"}


# My digits


def expected_digits() -> list[OwnDigit]:
    """The entries of my-digits.jsonl, oldest first."""
    return [
        OwnDigit(
            **{
                **entry,
                "strokes": tuple(
                    tuple(tuple(point) for point in stroke) for stroke in entry["strokes"]
                ),
                "image": None if entry["image"] is None else bytes(entry["image"]),
            }
        )
        for entry in EXPECTED["digits"]
    ]


def test_my_digits_are_the_same(samples: Path) -> None:
    mine = MyDigits(samples / "my-digits" / "my-digits.jsonl")
    assert list(mine.load()) == expected_digits()
    assert (mine.damaged, mine.newer) == (1, 1)


def test_my_digits_are_added_to_and_nothing_is_rewritten(samples: Path) -> None:
    path = samples / "my-digits" / "my-digits.jsonl"
    before = path.read_bytes()
    one = own_digit(1, [[[5, 0], [5, 9]]])
    MyDigits(path).add(one)
    assert path.read_bytes().startswith(before)
    assert list(MyDigits(path).load()) == [*expected_digits(), one]


@pytest.mark.parametrize("name", ["exported.json", "exported.json.gz"])
def test_exported_digits_are_the_same(samples: Path, name: str) -> None:
    without_ids = [dataclasses.replace(digit, id="") for digit in expected_digits()]
    imported = read_export(samples / "my-digits" / name)
    assert [dataclasses.replace(digit, id="") for digit in imported] == without_ids


def test_the_my_digits_tab_shows_them(samples: Path, tmp_path: Path, qtbot: QtBot) -> None:
    tab = MyDigitsTab(samples / "my-digits" / "my-digits.jsonl", tmp_path)
    qtbot.addWidget(tab)
    tab.show()
    tab.load()
    qtbot.waitUntil(lambda: bool(tab.list.digits), timeout=30_000)
    assert list(tab.list.digits) == expected_digits()
    assert "1 damaged" in tab.note.text() and "1 of a newer version" in tab.note.text()
    assert all(thread.wait(30_000) for thread in tab.end())


# Settings


def test_a_window_opens_as_the_one_before_was_left(
    samples: Path, tmp_path: Path, make_window: MakeWindow
) -> None:
    shutil.copyfile(samples / "settings" / "lenet-studio.ini", tmp_path / "settings.ini")
    window = make_window()
    assert window.inspect is window.tabs.currentWidget()
    assert window.height() == 640  # the width may be cut by a test machine's small screen
    assert window.draw.width_slider.value() == 150 and window.draw.canvas.pen_width == 1.5
    assert not window.draw.several.isChecked()
    assert window.draw.browser.chosen == "kmnist"
    assert window.draw.kernels_wanted == {False: True, True: False}
    assert window.reader.device == window.evaluate.device == "cpu"
    shading = dataclasses.replace(window.inspect.bar.shading, dark=False)
    assert shading == Shading("diverging", "map", before=True, kernels="change")
    assert window.inspect.tour.step == 3
    # What stands for the color scheme is read by the program before it makes a window.
    assert Settings(tmp_path / "settings.ini").text("scheme", "system") == "dark"


def test_the_folder_of_datasets_is_the_one_chosen_before(
    samples: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    path, data = samples / "settings" / "lenet-studio.ini", tmp_path / "datasets"
    data.mkdir()
    text = path.read_text().replace("/home/me/datasets", data.as_posix())
    path.write_text(text)
    window = Window(None, tmp_path / "runs", Settings(path), my_digits=tmp_path / "digits")
    qtbot.addWidget(window)
    assert window.draw.browser.folder == window.evaluate.data == window.inspect.images.data == data
    window.close()
    assert all(thread.wait(30_000) for thread in window.ending)


def test_a_window_closed_as_it_opened_leaves_the_settings_alone(
    samples: Path, tmp_path: Path, make_window: MakeWindow
) -> None:
    """The older version, opened again, finds what it left."""
    shutil.copyfile(samples / "settings" / "lenet-studio.ini", tmp_path / "settings.ini")
    before = settings_of(tmp_path / "settings.ini")
    make_window().close()
    after = settings_of(tmp_path / "settings.ini")
    del before["geometry"]  # it holds the window's place on this screen
    assert {name: after[name] for name in before} == before


def settings_of(path: Path) -> dict[str, str]:
    """The values of an INI file by their names."""
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the folders are those of Linux")
def test_everything_is_looked_for_where_it_was(samples: Path, tmp_path: Path) -> None:
    config = tmp_path / "config" / "lenet-studio"
    shutil.copytree(samples / "settings", config)
    script = (
        "from trainer import files\nfrom lenet_gui.app.session import Settings\n"
        "print(files.data_folder(), files.runs_folder(), files.my_digits_file())\n"
        "print(Settings().text('scheme', 'none'))"
    )
    places = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": "/home/me/share"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=True,
    )
    home = "/home/me/share/lenet-studio"
    assert done.stdout.split() == [
        f"{home}/data",
        f"{home}/runs",
        f"{home}/my-digits.jsonl",
        "dark",
    ]


# Command lines


@pytest.mark.parametrize("program", MAINS)
def test_every_argument_means_what_it_meant(program: str) -> None:
    """New commands, options and choices may come; none goes, and no default changes."""
    commands = json.loads(json.dumps(describe_commands(MAINS[program])))
    for command, arguments in COMMANDS[program].items():
        assert command in commands
        for name, expected in arguments.items():
            where = f"{program} {command} {name}"
            assert name in commands[command], where
            argument = commands[command][name]
            assert set(argument["options"]) >= set(expected["options"]), where
            if argument["choices"] is not None:  # else anything is taken, as a path is
                assert set(argument["choices"]) >= set(expected["choices"] or ()), where
            keys = {"default", "values", "required", "type"}
            if (command, name.lstrip("-")) == ("gate", "epochs"):
                keys.remove("default")  # trained longer since, on more forms
            for key in sorted(keys):
                assert argument[key] == expected[key], where
            if expected["choices"] is None:
                assert argument["choices"] is None, where
        new = commands[command].keys() - arguments.keys()
        assert not any(commands[command][name]["required"] for name in new)


@pytest.mark.parametrize("command", sorted(COMMANDS["lenet"]))
def test_every_command_prints_its_help(command: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([*command.split(), "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS["lenet"][command] if name.startswith("--"))
