"""One map large: what is painted where, and walking over it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lenet_gui.inspect import enlarged_side
from lenet_gui.inspect.common.value_cells import ValueCells, is_bright, number_format
from lenet_gui.inspect.enlarged_map import EnlargedMap, EnlargedPage
from lenet_gui.inspect.shading import Shading
from lenet_gui.widgets import theme
from lenet_gui.widgets.formatting import format_rounded, format_value, longest_text
from tests.support.by_hand import varied
from tests.support.inspecting import empty, inspection, paper_model, picture, shipped
from trainer.inspect.weights import load_initial_network
from trainer.networks.anatomy import Unit
from trainer.networks.model import Model

LEFT = Qt.MouseButton.LeftButton
GRAY = Shading("gray", "layer")


@pytest.fixture
def large(qtbot: QtBot) -> EnlargedMap:
    made = EnlargedMap()
    qtbot.addWidget(made)
    made.setPalette(theme.palette(False))
    made.resize(760, 620)
    made.show()
    return made


def color_at(large: EnlargedMap, unit: Unit) -> QColor:
    """Beside the number in a unit's square."""
    corner = large.unit_rect(unit).topLeft() + QPointF(3, 3)
    return large.grab().toImage().pixelColor(corner.toPoint())


@pytest.mark.parametrize("make", [shipped, paper_model])
def test_each_square_has_its_units_color(large: EnlargedMap, make: Callable[[], Model]) -> None:
    shown = inspection(make())
    for unit in (Unit(3, 4, 1, 6), Unit(5, 77, 0, 0), Unit(6, 20, 0, 0), Unit(0, 0, 9, 14)):
        large.show_map(shown, unit, GRAY)
        # Another one is chosen, whose frame would be in the way.
        page = large.page
        assert page is not None
        large.show_map(shown, page.unit_of(*(n - 1 for n in page.size)), GRAY)
        values = shown.values(unit.stage)
        assert values is not None
        value = float(values[unit.map, unit.y, unit.x])
        share = (value - values.min()) / (values.max() - values.min())
        assert color_at(large, unit).red() == pytest.approx(255 * share, abs=1)


def test_every_unit_is_where_it_is_painted(large: EnlargedMap) -> None:
    shown = inspection(shipped())
    for unit in (Unit(1, 2, 5, 27), Unit(4, 15, 4, 0), Unit(6, 83, 0, 0), Unit(7, 9, 0, 0)):
        large.show_map(shown, unit, GRAY)
        assert large.unit_at(large.unit_rect(unit).center()) == unit
        assert large.rect().contains(large.unit_rect(unit).toAlignedRect())
    assert large.unit_at(QPointF(2, 2)) is None


def test_the_mouse_points_and_chooses(large: EnlargedMap, qtbot: QtBot) -> None:
    shown = inspection(shipped())
    large.show_map(shown, Unit(3, 4, 1, 6), GRAY)
    other = Unit(3, 4, 8, 2)
    place = large.unit_rect(other).center().toPoint()
    with qtbot.waitSignal(large.pointed) as told:
        QTest.mouseMove(large, place)
    assert told.args == [other] and large.pointed_unit == other
    with qtbot.waitSignal(large.chosen) as told:
        QTest.mouseClick(large, LEFT, pos=place)
    assert told.args == [other] and large.unit == other
    with qtbot.waitSignal(large.pointed) as told:
        QTest.mouseMove(large, QPoint(3, large.height() - 3))
    assert told.args == [None]


def test_the_arrows_walk_and_stop_at_the_edge(large: EnlargedMap) -> None:
    large.show_map(inspection(shipped()), Unit(3, 4, 1, 8), GRAY)
    seen: list[Unit] = []
    large.chosen.connect(seen.append)
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Right, keys.Key_Up, keys.Key_Up, keys.Key_Left):
        QTest.keyClick(large, key)
    assert seen == [Unit(3, 4, 1, 9), Unit(3, 4, 0, 9), Unit(3, 4, 0, 8)]
    for key in (keys.Key_PageDown, keys.Key_PageUp, keys.Key_PageUp):
        QTest.keyClick(large, key)
    assert [unit.map for unit in seen[3:]] == [5, 4, 3]
    large.show_map(inspection(shipped()), Unit(3, 15, 0, 0), GRAY)
    QTest.keyClick(large, keys.Key_PageDown)
    assert large.unit == Unit(3, 15, 0, 0)


def test_in_a_flat_stage_the_arrows_walk_over_its_grid(large: EnlargedMap) -> None:
    large.show_map(inspection(shipped()), Unit(6, 8, 0, 0), GRAY)
    QTest.keyClick(large, Qt.Key.Key_Down)
    assert large.unit == Unit(6, 15, 0, 0)  # seven in a row, as in the bitmaps
    QTest.keyClick(large, Qt.Key.Key_Left)
    QTest.keyClick(large, Qt.Key.Key_Left)
    assert large.unit == Unit(6, 14, 0, 0)


def test_escape_and_the_cross_close(large: EnlargedMap, qtbot: QtBot) -> None:
    large.show_map(inspection(shipped()), Unit(3, 4, 1, 8), GRAY)
    with qtbot.waitSignal(large.closed):
        QTest.keyClick(large, Qt.Key.Key_Escape)
    with qtbot.waitSignal(large.closed):
        QTest.mouseClick(large.close_button, LEFT)


def test_the_menu_is_asked_for_by_mouse_and_key(large: EnlargedMap, qtbot: QtBot) -> None:
    unit = Unit(3, 4, 1, 8)
    large.show_map(inspection(shipped()), unit, GRAY)
    other = Unit(3, 4, 5, 5)
    reason = QContextMenuEvent.Reason
    for how, wanted in ((reason.Mouse, other), (reason.Keyboard, unit)):
        at = large.unit_rect(other).center().toPoint()
        with qtbot.waitSignal(large.menu_asked) as told:
            QApplication.sendEvent(large, QContextMenuEvent(how, at, large.mapToGlobal(at)))
        assert told.args[0] == wanted


def test_a_newer_reading_is_followed(large: EnlargedMap) -> None:
    unit = Unit(0, 0, 14, 14)
    model = shipped()
    blank = np.zeros((28, 28), np.uint8)
    full = blank.copy()
    full[2:27, 2:27] = 255
    large.show_map(inspection(model, blank + np.uint8(0)), Unit(0, 0, 0, 0), GRAY)
    large.show_inspection(inspection(model, full))
    assert color_at(large, unit).red() == 255
    assert "0.0000" not in large.accessibleDescription()
    large.show_inspection(empty(model))
    assert large.page is not None and large.page.cells is None
    large.grab()
    large.show_inspection(inspection(model, full))
    assert color_at(large, unit).red() == 255
    large.set_shading(Shading("viridis", "layer"))
    assert color_at(large, unit).red() > 200 > color_at(large, unit).blue()


def test_another_network_may_have_smaller_maps(large: EnlargedMap) -> None:
    colors = varied(dataset="cifar10")
    large.show_map(inspection(colors), Unit(0, 2, 31, 31), GRAY)
    assert large.page is not None and large.page.title() == "input, blue"
    large.grab()
    large.show_inspection(inspection(shipped()))
    assert large.unit == Unit(0, 0, 27, 27)
    large.show_map(inspection(colors), Unit(7, 1, 0, 0), GRAY)
    assert large.page.describe(Unit(7, 1, 0, 0)).startswith("output, automobile: ")
    large.grab()
    kernel = enlarged_side.list_groups(inspection(colors), Unit(1, 0, 0, 0), GRAY)[0]
    assert [name for name, _ in kernel.blocks] == ["red", "green", "blue"]


@pytest.mark.parametrize("size", [(440, 470), (1050, 850)])
@pytest.mark.parametrize("make", [shipped, paper_model])
def test_every_stage_is_painted_in_any_room(
    large: EnlargedMap, make: Callable[[], Model], size: tuple[int, int]
) -> None:
    large.resize(*size)
    shown = inspection(make())
    for number, stage in enumerate(shown.stages):
        large.show_map(shown, Unit(number, stage.shape[0] - 1, 0, 0), Shading(scale="map"))
        places = large.places()
        assert places is not None and large.page is not None
        room = large.rect().toRectF()
        assert room.contains(places.map) and room.contains(places.beside)
        assert len({color.name() for color in sampled(large)}) > 3


def sampled(large: EnlargedMap) -> list[QColor]:
    image = large.grab().toImage()
    places = large.places()
    assert places is not None
    center, step = places.map.center().toPoint(), 7
    return [image.pixelColor(center.x(), y) for y in range(60, image.height() - 60, step)]


# Numbers


def test_numbers_are_short_and_have_a_real_minus() -> None:
    assert [format_value(v) for v in (0.4213, -1.3, 12.345, -205.4, -0.001, 9.996)] == [
        *("0.42", "−1.30", "12.3", "−205", "0.00", "10.0")
    ]
    assert format_rounded(-0.04, 1) == "0.0" and longest_text(-1.5, 12, 1) == "−0.0"


def test_squares_have_numbers_where_they_can_be_read(qtbot: QtBot) -> None:
    font, values = QFont(), np.array([[0.12, -3.4], [1.0, 2.25]], np.float32)
    assert number_format(font, 60, values) == (15, 2)
    narrow = number_format(font, 28, values)
    assert narrow is not None and narrow[1] == 1 and narrow[0] >= 8
    assert number_format(font, 14, values) is None
    whole = np.array([[1.0, -1.0]], np.float32)
    found = number_format(font, 24, whole)
    assert found is not None and found[1] == 0


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_numbers_are_read_on_every_color() -> None:
    def luminance(color: QColor) -> float:
        parts = np.array([color.redF(), color.greenF(), color.blueF()])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    for shading in (GRAY, Shading(), Shading("diverging"), Shading("diverging", dark=True)):
        table = tuple(shading.table)
        cells = ValueCells(
            np.zeros((16, 16), np.float32), np.arange(256, dtype=np.uint8).reshape(16, 16), table
        )
        for value, ink in zip(table, cells.inks(), strict=True):
            assert contrast(luminance(QColor(value)), luminance(ink)) > 4
        assert len(is_bright(table)) == 256


def test_the_lens_shows_what_is_around_a_unit() -> None:
    shown = inspection(shipped())
    page = EnlargedPage(shown, Unit(1, 2, 0, 0), GRAY)
    values = shown.values(1)
    assert page.cells is not None and values is not None
    group = enlarged_side.build_lens(page.cells, 10, 12)
    assert np.array_equal(group.blocks[0][1].values, values[2, 8:13, 10:15])
    assert group.outlined == (2, 2) and group.title == "Around row 11, column 13"
    corner = enlarged_side.build_lens(page.cells, 27, 0)
    assert np.array_equal(corner.blocks[0][1].values, values[2, 23:, :5])
    assert corner.outlined == (4, 0)


def test_where_numbers_do_not_fit_there_is_a_lens(large: EnlargedMap) -> None:
    large.resize(440, 470)
    large.show_map(inspection(shipped()), Unit(1, 0, 3, 3), GRAY)
    places = large.places()
    assert places is not None and places.lens is not None
    before = large.grab().toImage().copy(places.lens.toRect())
    QTest.mouseMove(large, large.unit_rect(Unit(1, 0, 14, 8)).center().toPoint())
    assert large.grab().toImage().copy(places.lens.toRect()) != before
    large.show_map(inspection(shipped()), Unit(3, 0, 3, 3), GRAY)
    places = large.places()
    assert places is not None and places.lens is None


# Beside it


def test_beside_a_map_stand_its_kernels() -> None:
    today, paper = inspection(shipped()), inspection(paper_model())
    group = enlarged_side.list_groups(today, Unit(3, 9, 0, 0), GRAY)[0]
    weight = shipped().network.conv2.weight.detach().numpy()[9]
    assert group.title == "Kernels over S2" and len(group.blocks) == 6
    for number, (name, cells) in enumerate(group.blocks):
        assert name == f"map {number + 1}" and np.array_equal(cells.values, weight[number])
    seen = enlarged_side.list_groups(paper, Unit(3, 1, 0, 0), GRAY)[0]
    assert [name for name, _ in seen.blocks] == ["map 2", "map 3", "map 4"]
    began = enlarged_side.list_groups(today, Unit(1, 0, 0, 0), Shading(kernels="initial"))[0]
    assert began.title == "Kernel over the input, before training"
    start = load_initial_network(shipped())
    assert start is not None
    for shading in (GRAY, Shading(kernels="initial")):
        both = {
            each.title: each for each in enlarged_side.list_groups(today, Unit(3, 9, 0, 0), shading)
        }
        assert set(both) == {"Kernels over S2", "Kernels over S2, before training"}
        first = both["Kernels over S2, before training"].blocks[2][1]
        assert np.array_equal(first.values, start.conv2.weight[9, 2].detach().numpy())
        # On one scale: the same weight has the same color.
        scale = np.abs(shipped().network.conv2.weight.detach().numpy()).max()
        assert np.array_equal(first.levels, np.round((first.values / scale + 1) * 127.5))
    unknown = enlarged_side.list_groups(paper, Unit(1, 0, 0, 0), Shading(kernels="initial"))[0]
    assert not unknown.blocks and "not known" in unknown.title


def test_pooling_is_told_in_words() -> None:
    today, paper = inspection(shipped()), inspection(paper_model())
    said = enlarged_side.list_groups(today, Unit(2, 0, 0, 0), GRAY)[0].title
    assert (
        said.replace("\N{NO-BREAK SPACE}", " ") == "Each unit is the largest of 2 × 2 units of C1."
    )
    layer = paper_model().network.pool2
    weight, bias = (each[3].item() for each in (layer.weight, layer.bias))
    said = enlarged_side.list_groups(paper, Unit(4, 3, 0, 0), GRAY)[0].title
    assert f"times\N{NO-BREAK SPACE}{format_value(weight)}" in said
    assert format_value(abs(bias)) in said and "squashed" in said


def test_in_the_1998_network_f6_stands_beside_the_nearest_bitmap() -> None:
    shown = inspection(paper_model(), picture(2))
    assert shown.prediction is not None
    group = enlarged_side.list_groups(shown, Unit(6, 0, 0, 0), GRAY)[0]
    digit = shown.prediction.digit
    bitmap = paper_model().network.bitmaps[digit].numpy().reshape(12, 7)
    assert np.array_equal(group.blocks[0][1].values, bitmap)
    f6 = shown.values(6)
    assert f6 is not None
    penalty = float(((f6.ravel() - bitmap.ravel()) ** 2).sum())
    assert group.title == f"Nearest bitmap: {digit}, penalty {format_value(penalty)}"
    output = enlarged_side.list_groups(shown, Unit(7, 5, 0, 0), GRAY)[0]
    five = paper_model().network.bitmaps[5].numpy().reshape(12, 7)
    assert np.array_equal(output.blocks[0][1].values, five)


def test_other_colors_are_painted_at_once(large: EnlargedMap) -> None:
    large.show_map(inspection(shipped()), Unit(3, 4, 1, 6), GRAY)
    corner = large.rect().bottomRight() - QPoint(3, 3)
    assert large.grab().toImage().pixelColor(corner).lightness() > 240
    large.setPalette(theme.palette(True))
    QApplication.sendEvent(large, QEvent(QEvent.Type.PaletteChange))
    assert large.grab().toImage().pixelColor(corner).lightness() < 60
