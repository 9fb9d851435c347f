"""The Images panel under real events: compute, look, open, make one up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.images.grid import place_on_tile
from lenet_gui.inspect.images.panel import ImagesPanel, format_value
from tests.conftest import pen_digits
from tests.support.gui import wait_until_active
from tests.support.inspecting import empty, inspection, paper_model, shipped
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.data.loading import FASHION_CLASSES, DataMissing
from trainer.drawing.picture import Picture
from trainer.inspect import top_images
from trainer.inspect.top_images import TopImages
from trainer.networks import factory
from trainer.networks.anatomy import Unit
from trainer.networks.model import Model
from trainer.progress import Progress, result_of
from trainer.reading import predict
from trainer.recipes.recipe import Recipe

COUNT = 30
C3 = Unit(3, 4, 2, 2)
LEFT = Qt.MouseButton.LeftButton
# Qt's screenless platform says this of every tooltip.
TOOLTIPS = pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)


def choose(datasets: QComboBox, name: str) -> None:
    datasets.setCurrentIndex(datasets.findData(name))
    datasets.activated.emit(datasets.currentIndex())


@pytest.fixture(scope="module")
def some() -> LabelledImages:
    return pen_digits(COUNT, seed=11)


@pytest.fixture(scope="module")
def expected(some: LabelledImages) -> TopImages:
    return result_of(top_images.search_top_images(shipped(), some, "mnist"))


@pytest.fixture
def load(some: LabelledImages, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Datasets without files: all are `some`, but clothes and colors by name."""
    asked: list[str] = []

    def load(name: str, split: str, folder: Path) -> Iterator[Progress]:
        assert split == "test"
        asked.append(name)
        yield Progress(f"reading {name}", 0, 0)
        if folder.name == "empty":
            raise DataMissing(name, folder)
        if name == "cifar10":
            colors = torch.nn.functional.pad(some.images, (2, 2, 2, 2))
            return LabelledImages(colors[:, None].repeat(1, 3, 1, 1), some.labels)
        clothes = LabelledImages(some.images, some.labels, FASHION_CLASSES)
        return clothes if name == "fashion" else some

    monkeypatch.setattr(loading, "load", load)
    monkeypatch.setattr(
        loading, "list_missing", lambda name, folder: [name] if folder.name == "empty" else []
    )
    return asked


MakePanel = Callable[..., ImagesPanel]


@pytest.fixture
def make_panel(qtbot: QtBot, load: list[str], tmp_path: Path) -> Iterator[MakePanel]:
    """Panels as a window has them: shown, with a network."""
    made: list[ImagesPanel] = []

    def make(model: Model | None = None, data: Path = tmp_path) -> ImagesPanel:
        panel = ImagesPanel(data)
        made.append(panel)
        qtbot.addWidget(panel)
        panel.resize(300, 480)
        panel.set_model(model or shipped())
        with qtbot.waitSignal(panel.search.searched, timeout=30_000):
            panel.show()
        wait_until_active(qtbot, panel)
        return panel

    yield make
    for panel in made:
        assert all(thread.wait(10_000) for thread in panel.end())


@pytest.fixture
def panel(make_panel: MakePanel) -> ImagesPanel:
    return make_panel()


def click(widget: QWidget, at: QPoint | None = None) -> None:
    assert widget.isVisible() and widget.isEnabled(), widget.objectName()
    place = widget.rect().center() if at is None else at
    QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, place)


def computed(qtbot: QtBot, panel: ImagesPanel) -> None:
    with qtbot.waitSignal(panel.search.searched, timeout=30_000):
        click(panel.search.compute)
    assert not panel.search.busy


def made_up(qtbot: QtBot, panel: ImagesPanel) -> None:
    click(panel.synthesis.button)
    qtbot.waitUntil(lambda: panel.synthesis.synthetic is not None, timeout=30_000)
    box: Any = panel.synthesis
    qtbot.waitUntil(lambda: box.synthetic.done == box.synthetic.total, timeout=30_000)


# Finding


def test_it_says_what_to_do(panel: ImagesPanel, qtbot: QtBot) -> None:
    assert panel.hint.isVisible() and panel.hint.text().startswith("Select a map or a unit")
    assert not panel.heading.isVisible() and not panel.synthesis.button.isEnabled()
    panel.show_unit(Unit(0, 0, 3, 3))
    assert panel.hint.text().startswith("The input is the picture itself")
    panel.show_unit(C3)
    assert panel.heading.text() == "C3, map 5" and "of MNIST" in panel.hint.text()
    assert panel.search.compute.isEnabled() and panel.synthesis.button.isEnabled()
    panel.show_unit(None)
    assert panel.hint.text().startswith("Select a map or a unit")


def test_the_nine_images_of_any_map(panel: ImagesPanel, qtbot: QtBot, expected: TopImages) -> None:
    panel.show_unit(C3)
    computed(qtbot, panel)
    assert panel.grid.isVisible() and f"Of {COUNT} images" in panel.caption.text()
    assert not panel.search.compute.isEnabled()
    for unit in (C3, Unit(1, 0, 9, 9), Unit(4, 15, 0, 0), Unit(6, 83, 0, 0), Unit(7, 2, 0, 0)):
        panel.show_unit(unit)
        best = expected.best(unit.stage, unit.map)
        assert [tile.best.number for tile in panel.grid.tiles] == [b.number for b in best]
        assert [tile.value for tile in panel.grid.tiles] == [
            f"{b.value:.2f}".replace("-", "−") for b in best
        ]
    assert "It sees all of an image" in panel.caption.text()
    assert panel.heading.text() == "Output, 2"


def test_a_value_is_what_the_network_computes_of_that_image(
    panel: ImagesPanel, qtbot: QtBot
) -> None:
    panel.show_unit(C3)
    computed(qtbot, panel)
    for tile in panel.grid.tiles:
        values = predict.read(shipped(), tile.best.image).maps["conv2_active"].values
        assert tile.best.value == pytest.approx(float(values[4].max()), abs=1e-5)
        assert tile.best.value == pytest.approx(float(values[tile.best.unit[1:]]), abs=1e-5)


def test_the_patch_is_outlined_on_the_image(panel: ImagesPanel, qtbot: QtBot) -> None:
    panel.show_unit(Unit(1, 2, 0, 0))
    computed(qtbot, panel)
    grid = panel.grid
    best, paper = grid.tiles[0].best, grid.tile_rect(0)
    left, top, right, bottom = best.patch
    seen = place_on_tile(paper, best.patch, best.image.shape[-1])
    step = paper.width() / 28
    assert (right - left, bottom - top) == (5, 5)
    assert seen.left() == pytest.approx(paper.left() + left * step)
    assert seen.bottom() == pytest.approx(paper.top() + bottom * step)
    painted = grid.grab().toImage()
    color = painted.pixelColor(round(seen.center().x()), round(seen.top()))
    assert color.red() > 1.5 * color.green() and color.blue() < 90
    # What the map does not see is veiled: no ink there is as dark as it is in the image.
    image = grid.tiles[0].best.image.astype(int)
    image[int(top) : int(bottom), int(left) : int(right)] = 0
    y, x = np.unravel_index(int(image.argmax()), image.shape)
    ink = place_on_tile(paper, (float(x), float(y), float(x) + 1, float(y) + 1), 28).center()
    assert image.max() > 240 and painted.pixelColor(ink.toPoint()).lightness() > 60


def test_a_click_lays_an_image_on_the_paper_and_so_does_enter(
    panel: ImagesPanel, qtbot: QtBot, some: LabelledImages, expected: TopImages
) -> None:
    panel.show_unit(C3)
    computed(qtbot, panel)
    opened: list[Picture] = []
    panel.open_picture.connect(opened.append)
    click(panel.grid, panel.grid.tile_rect(1).center().toPoint())
    panel.grid.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(panel.grid, key)
    best = expected.best(3, 4)
    for made, rank in zip(opened, (1, 2), strict=True):
        assert np.array_equal(made.image, some.images[best[rank].number].numpy())
        assert made.caption.startswith(f"MNIST test image {best[rank].number + 1} ·")
        assert made.caption.endswith(f"activates C3, map 5 to {best[rank].value:.2f}")
    QTest.keyClick(panel.grid, Qt.Key.Key_Right)  # no further: it is the row's and the last of it
    assert panel.grid.current == 3
    assert panel.grid.accessibleDescription() == panel.grid.tiles[3].description


@TOOLTIPS
def test_the_image_under_the_mouse_is_told(panel: ImagesPanel, qtbot: QtBot) -> None:
    panel.show_unit(C3)
    computed(qtbot, panel)
    best = panel.grid.tiles[4].best
    at = panel.grid.tile_rect(4).center().toPoint()
    QTest.mouseMove(panel.grid, at)
    assert panel.grid.cursor().shape() == Qt.CursorShape.PointingHandCursor
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, panel.grid.mapToGlobal(at))
    QApplication.sendEvent(panel.grid, event)
    where = f"{best.value:.2f} at row {best.unit.y + 1}, column {best.unit.x + 1}"
    assert f"test image {best.number + 1} ·" in QToolTip.text() and where in QToolTip.text()


def test_what_was_found_is_there_the_next_time(
    make_panel: MakePanel, qtbot: QtBot, load: list[str], expected: TopImages
) -> None:
    first = make_panel()
    computed(qtbot, first)
    assert load == ["mnist"]
    second = make_panel()
    second.show_unit(C3)
    assert [tile.best.number for tile in second.grid.tiles] == [
        best.number for best in expected.best(3, 4)
    ]
    assert load == ["mnist"] and not second.search.compute.isEnabled()


def test_another_network_is_another_matter(panel: ImagesPanel, qtbot: QtBot) -> None:
    panel.show_unit(C3)
    panel.show_inspection(empty(shipped()))
    computed(qtbot, panel)
    panel.show_inspection(inspection(shipped()))
    assert panel.search.exciting is not None  # it is the same one
    with qtbot.waitSignal(panel.search.searched, timeout=30_000):
        panel.show_inspection(inspection(paper_model()))
    assert panel.search.exciting is None and panel.hint.isVisible()
    computed(qtbot, panel)
    best = panel.grid.tiles[0].best
    values = predict.read(paper_model(), best.image).maps["conv2_active"].values[4]
    assert best.value == pytest.approx(float(values.max()), abs=1e-5)
    with qtbot.waitSignal(panel.search.searched, timeout=30_000):
        panel.set_model(shipped())
    assert panel.search.exciting is not None and panel.search.exciting.stages[0].shape[1] == 28


def test_it_can_be_cancelled_and_begun_again(
    panel: ImagesPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, closed = threading.Event(), threading.Event(), threading.Event()
    from trainer.inspect import top_images as exciting_cache

    really = exciting_cache.search_top_images

    def slowly(*arguments: Any) -> Iterator[Progress]:
        try:
            yield Progress("looking at images", 5, 10)
            begun.set()
            go_on.wait(10)
            return (yield from really(*arguments))
        finally:
            closed.set()

    monkeypatch.setattr(exciting_cache, "search_top_images", slowly)
    panel.show_unit(C3)
    click(panel.search.compute)
    qtbot.waitUntil(begun.is_set, timeout=30_000)
    assert panel.search.bar.isVisible() and not panel.search.compute.isVisible()
    click(panel.search.cancel)
    assert panel.caption.text() == "Canceled." and not panel.search.bar.isVisible()
    go_on.set()
    qtbot.waitUntil(closed.is_set, timeout=30_000)
    assert panel.search.exciting is None
    computed(qtbot, panel)
    assert panel.grid.isVisible()


def test_a_failure_is_told(
    panel: ImagesPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: Any) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr("trainer.inspect.top_images.find_top_images", fails)
    click(panel.search.compute)
    qtbot.waitUntil(lambda: panel.caption.text() == "no memory", timeout=30_000)
    assert panel.search.compute.isEnabled() and not panel.search.bar.isVisible()


# Datasets


def test_a_dataset_that_is_not_here_is_offered_and_one_without_download_is_the_first_choice(
    make_panel: MakePanel, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        loading, "list_missing", lambda name, _: [] if name in ("pen", "unipen") else [name]
    )
    panel = make_panel(data=tmp_path / "empty")
    search = panel.search
    qtbot.waitUntil(lambda: search.title == "Pen digits", timeout=30_000)
    texts = [search.dataset.itemText(row) for row in range(search.dataset.count())]
    assert "MNIST – not here yet" in texts and "Pen digits (built in)" in texts
    choose(search.dataset, "mnist")
    click(search.compute)
    qtbot.waitUntil(search.offer.isVisible, timeout=30_000)
    assert "11 MB" in search.offer.text.text() and not search.busy
    folders: list[Path] = []
    panel.data_folder_chosen.connect(folders.append)
    monkeypatch.setattr(loading, "list_missing", lambda name, folder: [])
    with qtbot.waitSignal(search.searched, timeout=30_000):
        search.offer.try_folder(tmp_path)
    assert search.exciting is not None and not search.offer.isVisible()
    assert panel.data == tmp_path and folders == [tmp_path]


def test_datasets_may_be_elsewhere(make_panel: MakePanel, qtbot: QtBot, tmp_path: Path) -> None:
    panel = make_panel(data=tmp_path / "empty")
    fields = panel.search.dataset
    first = fields.findData("mnist")
    qtbot.waitUntil(lambda: "not here" in fields.itemText(first), timeout=30_000)
    panel.data = tmp_path
    qtbot.waitUntil(lambda: fields.itemText(first) == "MNIST", timeout=30_000)


def test_clothes_have_names_and_colors_no_place_on_the_paper(
    panel: ImagesPanel, qtbot: QtBot
) -> None:
    panel.show_unit(C3)
    for name in ("fashion", "cifar10"):
        with qtbot.waitSignal(panel.search.searched, timeout=30_000):
            choose(panel.search.dataset, name)
        computed(qtbot, panel)
        tile = panel.grid.tiles[0]
        if name == "fashion":
            assert tile.best.label in FASHION_CLASSES and tile.best.label in tile.description
            assert tile.description.startswith("Fashion-MNIST test")
    assert tile.best.image.shape == (3, 32, 32)
    assert tile.best.patch[2] <= 32 and tile.best.patch[2] - tile.best.patch[0] > 14
    with qtbot.waitSignal(panel.message) as told:
        click(panel.grid, panel.grid.tile_rect(0).center().toPoint())
    assert "in color" in told.args[0]


# Making one up


def test_a_picture_made_up_beside_the_best_image(
    panel: ImagesPanel, qtbot: QtBot, expected: TopImages
) -> None:
    panel.show_unit(C3)
    made_up(qtbot, panel)
    made = panel.synthesis.synthetic
    assert made is not None and "best image" not in panel.synthesis.text.text()
    assert not panel.synthesis.button.isVisible()
    computed(qtbot, panel)
    reached = predict.read(shipped(), made.image).maps["conv2_active"].values[4].max()
    best = expected.best(3, 4)[0].value
    assert made.value == pytest.approx(float(reached), abs=1e-5) and reached > best
    assert (
        f"Generated input: {reached:.2f}. The best image reaches {best:.2f}."
        in panel.synthesis.text.text()
    )
    opened: list[Picture] = []
    panel.open_picture.connect(opened.append)
    click(panel.synthesis.picture)
    panel.synthesis.picture.setFocus()
    QTest.keyClick(panel.synthesis.picture, Qt.Key.Key_Return)
    assert len(opened) == 2 and np.array_equal(opened[0].image, made.image)
    assert opened[0].caption == f"Generated for C3, map 5: {reached:.2f}"
    panel.show_unit(Unit(3, 5, 0, 0))
    assert panel.synthesis.synthetic is None and panel.synthesis.button.isVisible()
    panel.show_unit(Unit(3, 4, 9, 9))
    assert panel.synthesis.synthetic is made  # the same map


def test_making_one_up_can_be_stopped(
    panel: ImagesPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trainer.inspect import activation_maximization

    go_on, really, told = threading.Event(), activation_maximization.synthesize, threading.Event()

    def slowly(model: Model, stage: int, map_: int) -> Iterator[Any]:
        work = really(model, stage, map_)
        yield next(work)
        told.set()
        go_on.wait(10)
        yield next(work)
        return (yield from work)

    monkeypatch.setattr(activation_maximization, "synthesize", slowly)
    panel.show_unit(C3)
    click(panel.synthesis.button)
    qtbot.waitUntil(told.is_set, timeout=30_000)
    qtbot.waitUntil(lambda: panel.synthesis.button.text() == "Stop", timeout=30_000)
    click(panel.synthesis.button)
    assert panel.synthesis.synthetic is None and panel.synthesis.button.text() == "Generate"
    go_on.set()
    monkeypatch.setattr(activation_maximization, "synthesize", really)
    made_up(qtbot, panel)


def test_a_picture_in_colors(make_panel: MakePanel, qtbot: QtBot) -> None:
    recipe = Recipe(dataset="cifar10")
    network = factory.build(recipe, torch.Generator().manual_seed(3)).eval()
    panel = make_panel(Model(network, recipe, tuple("0123456789")))
    panel.show_unit(Unit(2, 3, 0, 0))
    made_up(qtbot, panel)
    assert panel.synthesis.synthetic is not None and panel.synthesis.synthetic.image.shape == (
        3,
        32,
        32,
    )
    with qtbot.waitSignal(panel.message) as told:
        click(panel.synthesis.picture)
    assert "in color" in told.args[0]


def test_a_map_that_nothing_excites(make_panel: MakePanel, qtbot: QtBot) -> None:
    deaf = shipped().to(torch.device("cpu"))
    with torch.no_grad():
        deaf.network.conv1.bias[2] = -100
    panel = make_panel(deaf)
    panel.show_unit(Unit(1, 2, 0, 0))
    computed(qtbot, panel)
    assert panel.caption.text() == f"It is 0 for all {COUNT} images: nothing activates it."


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.424, "0.42"), (-1.3, "−1.30"), (-0.001, "0.00"), (123.45, "123.5"), (-456.0, "−456.0")],
)
def test_numbers(value: float, text: str) -> None:
    assert format_value(value) == text


def test_nothing_is_done_before_it_is_seen(load: list[str], tmp_path: Path, qtbot: QtBot) -> None:
    panel = ImagesPanel(tmp_path)
    qtbot.addWidget(panel)
    panel.set_model(shipped())
    panel.show_unit(C3)
    assert not any(thread.isRunning() for thread in panel.end()) and load == []
