"""What a report leaves in its folder, and `lenet evaluate --report`."""

from __future__ import annotations

import csv
import errno
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import pen_digits
from trainer import files
from trainer.cli import parser as cli
from trainer.data.loading import FASHION_CLASSES
from trainer.evaluation import export, figures, report
from trainer.evaluation.figures import (
    draw_calibration,
    draw_confusion,
    draw_gallery,
    draw_maps,
    draw_rejection,
    encode_figure,
)
from trainer.evaluation.map_rows import compute_map_rows
from trainer.evaluation.report import Report, ReportError, compare
from trainer.networks import factory
from trainer.networks import model as weights
from trainer.networks.model import Model
from trainer.progress import Progress, result_of
from trainer.recipes.recipe import Recipe

PICTURES = ("confusion", "calibration", "rejection", "misread", "maps")
TABLES = ("classes", "confusion", "misread", "calibration", "rejection")

FILES = {"report.json", *(f"{name}.csv" for name in TABLES)}
FILES |= {f"{name}.{ending}" for name in PICTURES for ending in ("png", "svg")}

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def reports() -> list[Report]:
    """Of the network that ships and of an untrained one, on images of which some are misread."""
    digits = pen_digits(60, seed=11)
    digits.labels[::6] = (digits.labels[::6] + 5) % 10
    recipe = Recipe()
    network = factory.build(recipe, torch.Generator().manual_seed(3)).eval()
    untrained = Model(network, recipe, tuple("0123456789"), name="untrained")
    models = (weights.load_shipped(), untrained)
    return [result_of(report.evaluate_in_full(model, digits, "mnist")) for model in models]


@pytest.fixture(scope="module")
def folder(reports: list[Report], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report") / "new" / "folder"
    export.save(reports[0], place)
    return place


def table(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_all_files_are_there_and_no_others(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == FILES


def test_json_has_it_all(folder: Path, reports: list[Report]) -> None:
    made = reports[0]
    told = json.loads((folder / "report.json").read_text())
    assert told["accuracy"] == made.accuracy and told["loss"] == made.loss
    assert told["wrong"] == len(made.misread) and told["dataset"]["count"] == 60
    assert told["confusion"] == made.confusion.tolist()
    assert told["classes"][3]["recall"] == made.per_class[3].recall
    assert told["calibration"]["error"] == made.calibration_error
    assert len(told["calibration"]["bins"]) == 15
    assert told["rejection"]["points"][-1]["share_answered"] == 1
    assert told["model"]["name"] == made.model.name
    assert [row["index"] for row in told["misread"]] == made.misread.tolist()
    assert told["environment"]["torch"] == torch.__version__


def test_tables(folder: Path, reports: list[Report]) -> None:
    made = reports[0]
    head, *rows = table(folder / "classes.csv")
    assert head == ["class", "precision", "recall", "f1", "support", "answered"]
    assert [row[0] for row in rows] == list(made.classes)
    assert float(rows[2][2]) == pytest.approx(made.per_class[2].recall, abs=1e-5)
    counts = np.array([row[1:] for row in table(folder / "confusion.csv")[1:]], int)
    assert np.array_equal(counts, made.confusion)
    _, *misread = table(folder / "misread.csv")
    assert [int(row[0]) for row in misread] == made.misread.tolist()
    number = int(misread[0][0])
    assert misread[0][1] == str(made.labels[number]) and misread[0][2] == str(made.answers[number])
    assert float(misread[0][3]) == pytest.approx(made.confidences[number], abs=1e-5)
    _, *bins = table(folder / "calibration.csv")
    assert sum(int(row[4]) for row in bins) == 60 and "" in [row[2] for row in bins]
    _, *points = table(folder / "rejection.csv")
    assert float(points[-1][1]) == pytest.approx(made.accuracy, abs=1e-5)


@pytest.mark.usefixtures("no_pictures")
def test_comparison_files(reports: list[Report], tmp_path: Path) -> None:
    export.save(reports[0], tmp_path, reports[1])
    names = {path.name for path in tmp_path.iterdir()}
    assert names == FILES | {"comparison.json", "comparison.csv", "second"}
    assert {path.name for path in (tmp_path / "second").iterdir()} == FILES
    found = compare(*reports)
    told = json.loads((tmp_path / "comparison.json").read_text())
    assert told["only_first_right"] == len(found.only_first) > 0
    assert told["difference"] == pytest.approx(reports[1].accuracy - reports[0].accuracy)
    _, *rows = table(tmp_path / "comparison.csv")
    only_first = [int(row[0]) for row in rows if row[-1] == "first"]
    assert only_first == found.only_first.tolist()


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(folder: Path, name: str) -> None:
    with Image.open(folder / f"{name}.png") as picture:
        picture.load()
        gray = np.asarray(picture.convert("L"))
        assert picture.width >= 600 and gray.max() == 255 and gray.min() < 80
    root = ElementTree.parse(folder / f"{name}.svg").getroot()
    assert root.tag.endswith("svg")


def test_the_curves_of_two_networks_are_drawn_together(reports: list[Report]) -> None:
    for draw in (draw_calibration, draw_rejection):
        texts = [text.get_text() for text in draw(reports).axes[0].get_legend().get_texts()]
        assert texts[-2].startswith("lenet5") and texts[-1].startswith("untrained")


def test_the_same_report_gives_the_same_pictures(reports: list[Report]) -> None:
    rows = compute_map_rows(
        reports[0].model, reports[0].images, reports[0].labels, [3], tuple("0123456789")
    )
    assert encode_figure(draw_maps(rows, "one"), "svg") == encode_figure(
        draw_maps(rows, "one"), "svg"
    )


def test_the_picture_of_maps_shows_each_image(reports: list[Report]) -> None:
    made = reports[0]
    numbers = [0, 1, 2]
    rows = compute_map_rows(made.model, made.images, made.labels, numbers, made.classes)
    axes = draw_maps(rows, "three").axes[0]
    assert len(axes.images) == 3 * (1 + 6 + 16)
    assert np.array_equal(np.asarray(axes.images[0].get_array())[..., 0], 255 - made.images[0])


@pytest.mark.usefixtures("no_pictures")
def test_progress_is_told(reports: list[Report], tmp_path: Path) -> None:
    told = list(export.save_with_progress(reports[0], tmp_path))
    assert all(isinstance(p, Progress) for p in told)
    assert told[0].done == 0 and told[0].total == 16 and told[-1].what == "writing the report"


def test_a_perfect_network_has_a_report_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits = pen_digits(20, seed=3)
    model = weights.load_shipped()
    first = result_of(report.evaluate_in_full(model, digits, "pen"))
    digits.labels[:] = torch.from_numpy(first.answers)
    perfect = result_of(report.evaluate_in_full(model, digits, "pen"))
    assert perfect.accuracy == 1 and len(perfect.misread) == 0
    assert len(draw_gallery(perfect, perfect.misread, "none").axes[0].images) == 0
    assert draw_confusion(perfect).axes[0].texts  # all counts lie on the diagonal
    monkeypatch.setattr(figures, "draw_figure", lambda *of: None)
    monkeypatch.setattr(figures, "encode_figure", lambda figure, ending: b"picture")
    export.save(perfect, tmp_path)
    assert table(tmp_path / "misread.csv") == [["index", "label", "answer", "probability"]]


@pytest.mark.usefixtures("no_pictures")
def test_a_folder_that_cannot_be_written(reports: list[Report], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="file cannot be written: "):
        export.save(reports[0], tmp_path / "file")


@pytest.mark.usefixtures("no_pictures")
def test_a_full_disk_leaves_older_files_whole(
    reports: list[Report], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export.save(reports[0], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(ReportError, match=r"report.json cannot be written: No space left"):
        export.save(reports[1], tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# lenet evaluate --report


def lenet(*arguments: str | Path) -> int:
    return cli.main([str(argument) for argument in arguments])


def evaluate(*more: str | Path) -> int:
    return lenet("evaluate", "--dataset", "pen", "--device", "cpu", *more)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    network = factory.build(Recipe(), torch.Generator().manual_seed(1)).eval()
    path = tmp_path / "other.safetensors"
    weights.save(Model(network, Recipe(), tuple("0123456789")), path)
    return path


@pytest.mark.usefixtures("small_pen", "no_pictures")
def test_evaluate_report(tmp_path: Path, capsys: Capture) -> None:
    assert evaluate("--report", tmp_path / "told", "--json") == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert captured.err == ""
    assert found["count"] == 100 and found["report"] == str(tmp_path / "told")
    written = json.loads((tmp_path / "told" / "report.json").read_text())
    assert written["accuracy"] == found["accuracy"] and written["loss"] == found["loss"]
    assert evaluate("--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert {name: found[name] for name in plain} == plain


@pytest.mark.usefixtures("small_pen", "no_pictures")
def test_evaluate_report_for_people(tmp_path: Path, capsys: Capture) -> None:
    assert evaluate("--report", tmp_path / "told") == 0
    first, head, *rows, last = capsys.readouterr().out.splitlines()
    assert first.startswith("Pen digits (built in): ") and " of 100 correct" in first
    assert head.split() == ["class", "precision", "recall", "F1", "images"] and len(rows) == 10
    assert last == f"report in {tmp_path / 'told'}"


@pytest.mark.usefixtures("small_pen", "no_pictures")
def test_evaluate_compare(tmp_path: Path, model_file: Path, capsys: Capture) -> None:
    assert evaluate("--compare", model_file, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    comparison = told["comparison"]
    assert comparison["second"]["model"] == "other" and comparison["only_first_right"] > 50
    assert comparison["first"]["accuracy"] == told["accuracy"]
    assert evaluate("--compare", model_file, "--report", tmp_path / "two") == 0
    assert "only the first correct" in capsys.readouterr().out
    assert (tmp_path / "two" / "second" / "report.json").is_file()


@pytest.mark.usefixtures("small_pen", "no_pictures")
def test_other_names_are_told_and_tested_all_the_same(tmp_path: Path, capsys: Capture) -> None:
    model = weights.load_shipped()
    path = tmp_path / "clothes.safetensors"
    weights.save(Model(model.network, model.recipe, FASHION_CLASSES), path)
    assert evaluate("--model", path, "--report", tmp_path / "told", "--json") == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("lenet: The names differ: clothes knows T-shirt, Trouser")
    assert "names differ" in json.loads((tmp_path / "told" / "report.json").read_text())["note"]


@pytest.mark.usefixtures("small_pen", "no_pictures")
def test_what_cannot_be_is_said(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("no folder")
    assert evaluate("--report", tmp_path / "file") == 2
    assert "file cannot be written: " in capsys.readouterr().err
    assert evaluate("--report", tmp_path / "told", "--compare", tmp_path / "file") == 2
    assert "file is not a whole safetensors file" in capsys.readouterr().err
    assert not (tmp_path / "told").exists()


@pytest.mark.usefixtures("no_pictures")
def test_the_real_test_set_in_full(real_data: Path, tmp_path: Path, capsys: Capture) -> None:
    arguments = ("--data", real_data, "--report", tmp_path / "told", "--json")
    assert lenet("evaluate", "--device", "cpu", *arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["count"] == 10_000 and found["accuracy"] > 0.99


def test_a_class_called_like_a_formula_is_no_formula_in_a_table() -> None:
    assert export.as_csv([["=1+1", -0.5, "+"]]) == b"'=1+1,-0.5,+\n"
