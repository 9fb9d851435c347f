"""The panel of a unit's arithmetic: its numbers against numpy, real mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.common.style import PageStyle
from lenet_gui.inspect.unit.blocks import Block, BlockRow, BlockRows, TextBlock
from lenet_gui.inspect.unit.grids import BitmapGrids, Grids, TermGrids, WindowGrid
from lenet_gui.inspect.unit.panel import Spot, UnitPanel
from lenet_gui.widgets.formatting import decimals_for, format_number, format_short
from tests.support.by_hand import computed, varied
from tests.support.inspecting import empty, inspection, paper_model, picture, shipped
from trainer.networks.anatomy import Unit
from trainer.networks.interventions import Intervention
from trainer.networks.lenet1998 import C3_TABLE
from trainer.networks.model import Model

C1, C3 = Unit(1, 2, 12, 13), Unit(3, 15, 4, 5)


@pytest.fixture
def panel(qtbot: QtBot) -> UnitPanel:
    made = UnitPanel()
    qtbot.addWidget(made)
    made.resize(290, 470)
    made.show()
    qtbot.waitExposed(made)
    for other in QApplication.topLevelWidgets():  # a tooltip of an earlier test takes the mouse
        if other is not made:
            other.hide()
    return made


def shown(panel: UnitPanel, unit: Unit, seen: Inspection | None = None) -> UnitPanel:
    panel.show_inspection(seen or inspection(shipped()))
    panel.show_unit(unit)
    QApplication.processEvents()  # Qt lays out by an event
    return panel


def parts(panel: UnitPanel, kind: type[Block]) -> list[Block]:
    return [block for block in panel.page.blocks if isinstance(block, kind)]


def rows(panel: UnitPanel) -> dict[str, str]:
    """All rows' numbers by their labels."""
    blocks = (block for block in panel.page.blocks if isinstance(block, BlockRows))
    return {row.label: row.number for block in blocks for row in block.rows}


def row(panel: UnitPanel, label: str) -> tuple[Spot, BlockRow]:
    for n, block in enumerate(panel.page.blocks):
        if isinstance(block, BlockRows):
            for key, one in enumerate(block.rows):
                if one.label == label:
                    return Spot(n, key), one
    raise AssertionError(f"no row {label}")


def terms(panel: UnitPanel) -> list[TermGrids]:
    return [block for block in panel.page.blocks if isinstance(block, TermGrids)]


def weights(model: Model) -> dict[str, np.ndarray]:
    return {k: w.numpy().astype(np.float64) for k, w in model.network.state_dict().items()}


def click(panel: UnitPanel, spot: Spot) -> None:
    """With the mouse, wherever the page is scrolled to."""
    panel.make_visible(panel.page.place(spot))
    QTest.mouseClick(panel.page, Qt.MouseButton.LeftButton, pos=middle(panel, spot))


def middle(panel: UnitPanel, spot: Spot) -> QPoint:
    return panel.page.place(spot).center().toPoint()


def close(text: str, value: float, tolerance: float = 0.0006) -> bool:
    return float(text.replace("−", "-")) == pytest.approx(value, abs=tolerance)


# What is said


def test_without_a_unit_or_a_drawing_it_says_what_to_do(panel: UnitPanel) -> None:
    assert "Click any unit" in panel.note.text()
    assert panel.note.isVisible() and not panel.page.isVisible()
    shown(panel, C1, empty(shipped()))
    assert panel.name.text() == "C1, map 3, row 13, column 14"
    assert "Draw something" in panel.note.text()
    assert panel.value.text() == ""
    panel.show_inspection(inspection(shipped()))
    assert panel.page.isVisible() and not panel.note.isVisible()
    panel.show_unit(None)
    assert "Click any unit" in panel.note.text()
    panel.show_inspection(None)
    assert not panel.page.isVisible()


def test_a_unit_that_another_network_lacks_is_not_shown(panel: UnitPanel) -> None:
    far = Unit(1, 0, 31, 31)
    shown(panel, far, inspection(varied(dataset="cifar10")))
    assert panel.page.isVisible()
    panel.show_inspection(inspection(shipped()))
    assert not panel.page.isVisible()
    assert "Click any unit" in panel.note.text()


@pytest.mark.parametrize("model", [shipped, paper_model])
@pytest.mark.parametrize("stage", [1, 3])
def test_a_convolutions_numbers_are_numpys(panel: UnitPanel, model: object, stage: int) -> None:
    given: Model = model()  # type: ignore[operator]
    seen, by_hand, kernels = inspection(given), computed(given, picture()), weights(given)
    unit = Unit(stage, 4, 5, 6)
    shown(panel, unit, seen)
    column, before = seen.stages[stage], by_hand[seen.stages[stage - 1].active]
    edge = column.padding
    before = np.pad(before, ((0, 0), (edge, edge), (edge, edge)))
    paper = given.recipe.network == "lenet5-1998"
    table = C3_TABLE[4] if paper and stage == 3 else range(len(before))
    found, told = terms(panel), rows(panel)
    assert len(found) == len(table)
    total = 0.0
    for place, (map_, grids) in enumerate(zip(table, found, strict=True)):
        patch = before[map_, 5:10, 6:11]
        name = f"conv{1 if stage == 1 else 2}.weight"
        kernel = kernels[name][sum(map(len, C3_TABLE[:4])) + place if paper and stage == 3 else 4]
        kernel = kernel if kernel.ndim == 2 else kernel[map_]
        expected = (patch, kernel, patch * kernel)
        for (_, grid), values in zip(grids.grids, expected, strict=True):
            np.testing.assert_allclose(grid.values, values.ravel(), atol=1e-5)
        total += (patch * kernel).sum()
        label = "Input" if stage == 1 else f"S2, map {map_ + 1}"
        assert close(told[label], (patch * kernel).sum())
    bias = kernels[f"conv{1 if stage == 1 else 2}.bias"][4]
    assert close(told["Bias"], bias)
    assert close(told["Sum, a"], total + bias)
    value = by_hand[column.active][unit[1:]]
    assert close(told["f(a)" if paper else "relu(a)"], value)
    assert close(panel.value.text().removeprefix("= "), value)
    taken = f"→ {'S2' if stage == 1 else 'S4'}, map 5, row 3, column 4"
    assert close(told[taken], by_hand[seen.stages[stage + 1].active][4, 2, 3])


def test_a_color_networks_terms_are_named_by_their_colors(panel: UnitPanel) -> None:
    shown(panel, C1, inspection(varied(dataset="cifar10")))
    assert [*rows(panel)][:3] == ["Input, red", "Input, green", "Input, blue"]


def test_a_pixels_numbers(panel: UnitPanel) -> None:
    y, x = np.argwhere(picture() > 128)[0].tolist()
    shown(panel, Unit(0, 0, y, x))
    recipe, level = shipped().recipe, int(picture()[y, x])
    told = rows(panel)
    assert told["Ink of this pixel"] == f"{level} of 255"
    assert close(told["Value"], (level / 255 - recipe.mean) / recipe.std)


def test_subsamplings_numbers_are_numpys(panel: UnitPanel) -> None:
    model = paper_model()
    shown(panel, Unit(2, 3, 6, 7), inspection(model))
    by_hand, kernels = computed(model, picture()), weights(model)
    window = by_hand["conv1_active"][3, 12:14, 14:16]
    (grids,) = parts(panel, WindowGrid)
    assert isinstance(grids, WindowGrid)
    np.testing.assert_allclose(grids.grids[0][1].values, window.ravel(), atol=1e-5)
    told, coefficient = rows(panel), kernels["pool1.weight"][3]
    assert close(told["Sum of the four"], window.sum())
    assert close(told["× coefficient"], window.sum() * coefficient)
    assert close(row(panel, "× coefficient")[1].detail, coefficient)
    assert close(told["+ bias"], kernels["pool1.bias"][3])
    total = window.sum() * coefficient + kernels["pool1.bias"][3]
    assert close(told["Sum, a"], total)
    assert close(told["f(a)"], 1.7159 * np.tanh(2 / 3 * total))


def test_average_poolings_numbers_are_numpys(panel: UnitPanel) -> None:
    model = varied(activation="tanh", pooling="average")
    shown(panel, Unit(4, 9, 1, 2), inspection(model))
    window = computed(model, picture())["conv2_active"][9, 2:4, 4:6]
    told = rows(panel)
    assert close(told["Sum of the four"], window.sum())
    assert close(told["÷ 4"], window.mean())
    assert close(told["Value"], window.mean())


@pytest.mark.parametrize(("stage", "name", "before"), [(5, "fc1", "pool2"), (6, "fc2", "fc1")])
def test_contributions_are_numpys(panel: UnitPanel, stage: int, name: str, before: str) -> None:
    model = shipped()
    shown(panel, Unit(stage, 11, 0, 0))
    values = computed(model, picture())[before]
    products = values.ravel() * weights(model)[f"{name}.weight"][11]
    order = np.argsort(-np.abs(products))[:10]
    (block,) = parts(panel, BlockRows)
    assert isinstance(block, BlockRows)
    for place, one in zip(order, block.rows, strict=False):
        assert one.target == Unit(
            stage - 1, *(int(n) for n in np.unravel_index(place, values.shape))
        )
        assert close(one.number, products[place])
        value, weight = one.detail.split(" × ")
        assert close(value, values.ravel()[place], 0.006)
        assert close(weight, weights(model)[f"{name}.weight"][11, place], 0.006)
    told, bias = rows(panel), weights(model)[f"{name}.bias"][11]
    rest = products.sum() - products[order].sum()
    assert close(told[f"{len(products) - 10} others"], rest)
    assert close(told["Bias"], bias)
    assert close(told["Sum, a"], products.sum() + bias)
    assert close(told["relu(a)"], max(0, products.sum() + bias))


def test_an_outputs_score_and_probabilities_are_numpys(panel: UnitPanel) -> None:
    model = shipped()
    shown(panel, Unit(7, 3, 0, 0))
    scores = computed(model, picture())["logits"].ravel()
    told = rows(panel)
    assert close(told["Score"], scores[3], 0.006)
    powers = np.exp((scores - scores.max()) / model.temperature)
    for n in range(10):
        assert told[str(n)] == f"{powers[n] / powers.sum() * 100:.1f} %"
        score, power = row(panel, str(n))[1].detail.split()
        assert close(score, scores[n], 0.006)
        assert close(power, powers[n])
    assert row(panel, "3")[1].marked
    assert close(row(panel, "Sum")[1].detail, powers.sum())


def test_the_penalty_of_1998_is_numpys(panel: UnitPanel) -> None:
    model = paper_model()
    shown(panel, Unit(7, 3, 0, 0), inspection(model))
    bitmap = model.network.bitmaps[3].numpy()  # type: ignore[union-attr,operator]
    values = computed(model, picture())["fc2"].ravel()
    (grids,) = parts(panel, BitmapGrids)
    assert isinstance(grids, BitmapGrids)
    expected = (values, bitmap, values - bitmap, (values - bitmap) ** 2)
    for (_, grid), numbers in zip(grids.grids, expected, strict=True):
        np.testing.assert_allclose(grid.values, numbers, atol=1e-5)
    assert close(rows(panel)["Penalty of 3: all 84"], ((values - bitmap) ** 2).sum(), 0.06)
    assert rows(panel)["Score: minus the penalty"] == "−" + rows(panel)["Penalty of 3: all 84"]
    assert f"({format_number(values[9])} " in grids.describe(9)


def test_a_held_maps_value_is_told_beside_its_sum(panel: UnitPanel) -> None:
    shown(
        panel,
        Unit(3, 4, 5, 5),
        inspection(shipped(), interventions=(Intervention("conv2_active", 4, 2.5),)),
    )
    assert rows(panel)["Fixed at"] == "2.500"
    assert panel.value.text() == "= 2.500"
    panel.show_unit(Unit(3, 5, 5, 5))
    assert "Fixed at" not in rows(panel)


def test_the_numbers_follow_the_pen(panel: UnitPanel) -> None:
    shown(panel, C3)
    first = rows(panel)
    QTest.mouseMove(panel.page, middle(panel, Spot(2, 7)))
    panel.show_inspection(inspection(shipped(), picture(3)))
    told, by_hand = rows(panel), computed(shipped(), picture(3))
    assert close(told["Sum, a"], by_hand["conv2"][C3[1:]])
    assert told != first
    assert panel.page.spot == Spot(2, 7)
    panel.show_unit(C1)
    assert panel.page.spot is None


# How it looks


@pytest.mark.parametrize("width", [290, 340, 420, 700])
@pytest.mark.parametrize("unit", [C1, C3, Unit(2, 0, 6, 6), Unit(7, 0, 0, 0)])
def test_no_number_is_clipped_at_any_width(panel: UnitPanel, width: int, unit: Unit) -> None:
    panel.resize(width, 470)
    shown(panel, unit, inspection(paper_model()))
    look = PageStyle(panel.page.font(), panel.page.palette())
    numbered = 0
    for block in parts(panel, Grids):
        assert isinstance(block, Grids)
        for (_, grid), place in zip(block.grids, block.places, strict=True):
            assert place.left() >= 0 and place.right() <= panel.page.width() - 16
            cell = QSizeF(place.width() / grid.columns, place.height() / grid.rows)
            if cell.width() >= 17:
                texts, letters = grid.fitted(cell, look)
                assert max(map(letters.width, texts)) < cell.width()
                assert letters.height <= cell.height()
                assert letters.font.pixelSize() >= 9
                numbered += 1
    assert numbered


def test_wider_panels_have_larger_numbers_and_three_grids_side_by_side(panel: UnitPanel) -> None:
    shown(panel, C1)
    assert terms(panel)[0].places[2].top() > terms(panel)[0].places[0].top()
    panel.resize(700, 470)
    places = terms(panel)[0].places
    assert places[0].top() == places[1].top() == places[2].top()
    assert places[0].right() < places[1].left() and places[1].right() < places[2].left()


def test_a_scroll_bar_that_comes_changes_no_grid(panel: UnitPanel, qtbot: QtBot) -> None:
    panel.resize(290, 900)
    shown(panel, C1)
    bar, width = panel.area.verticalScrollBar(), terms(panel)[0].places[0].width()
    assert not bar.isVisible()
    panel.resize(290, 300)
    qtbot.waitUntil(bar.isVisible)
    assert terms(panel)[0].places[0].width() == width


def test_only_what_is_seen_is_painted(panel: UnitPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    paint = TermGrids.paint

    def noted(self: TermGrids, painter: QPainter, look: PageStyle, current: int | None) -> None:
        painted.append(self._name)
        paint(self, painter, look, current)

    shown(panel, C3)
    QApplication.processEvents()
    monkeypatch.setattr(TermGrids, "paint", noted)
    panel.page.repaint()
    assert painted == ["S2, map 1"] or painted == ["S2, map 1", "S2, map 2"]
    bar = panel.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    painted.clear()
    panel.page.repaint()
    assert painted and set(painted) <= {"S2, map 5", "S2, map 6"}


def test_it_paints_every_kind_of_unit_of_both_networks(panel: UnitPanel) -> None:
    for model in (shipped(), paper_model()):
        seen = inspection(model)
        for stage in range(8):
            shown(panel, Unit(stage, 0, 0, 0), seen)
            image = panel.page.grab().toImage()
            assert len({image.pixel(x, y) for x in range(8, 260, 3) for y in range(20, 60)}) > 3


def test_numbers_of_cells_are_short() -> None:
    narrow = {0.0: "0", -0.004: "0", 0.42: ".42", -0.42: "−.42", 1.31: "1.3", -1.31: "−1.3"}
    narrow |= {0.999: "1.0", 9.96: "10", -12.4: "−12", 123.0: "123", 4e4: "4e4", 0.1: ".10"}
    assert {value: format_short(value, whole=False) for value in narrow} == narrow
    wide = {0.42: "0.42", -1.314: "−1.31", 12.34: "12.3", 99.96: "100", 0.001: "0"}
    assert {value: format_short(value, whole=True) for value in wide} == wide
    assert format_number(-0.0001) == "0.000"
    assert [decimals_for(size) for size in (9.9, 10, 100, 1e4)] == [3, 2, 1, 0]


# Mouse and keys


@pytest.mark.qt_log_ignore("This plugin does not support raise", extend=True)
def test_pointing_at_a_number_tells_its_product(panel: UnitPanel) -> None:
    shown(panel, C1)
    spot, (grids,) = Spot(2, 8), terms(panel)
    for place in grids.places:  # in all three grids
        QTest.mouseMove(panel.page, QPoint(2, 2))
        assert panel.page.spot is None
        center = grids.grids[0][1].cell(place, 8).center() + QPointF(8, panel.page.tops[2])
        QTest.mouseMove(panel.page, center.toPoint())
        assert panel.page.spot == spot
    patch = np.pad(computed(shipped(), picture())["input"][0], 2)[C1.y + 1, C1.x + 3]
    kernel = weights(shipped())["conv1.weight"][C1.map, 0, 1, 3]
    lines = grids.summarize(8)
    assert [text for _, text in lines] == [
        format_number(n) for n in (patch, kernel, patch * kernel)
    ]
    where = middle(panel, spot)
    QApplication.sendEvent(
        panel.page, QHelpEvent(QHelpEvent.Type.ToolTip, where, panel.page.mapToGlobal(where))
    )
    assert QToolTip.text().startswith("Input, row 12, column 15: ")
    assert format_number(patch * kernel) in QToolTip.text()
    assert [label for label, _ in grids.summarize(None)] == ["above 0", "below 0", "sum"]
    QApplication.sendEvent(panel.page, QEvent(QEvent.Type.Leave))
    assert panel.page.spot is None
    QToolTip.hideText()


def test_what_is_above_and_below_zero_adds_up(panel: UnitPanel) -> None:
    shown(panel, C3)
    for grids in terms(panel):
        products = grids.term.patch * grids.term.kernel
        texts = [text for _, text in grids.summarize(None)]
        assert close(texts[0], products[products > 0].sum())
        assert close(texts[1], products[products < 0].sum())
        assert close(texts[2], products.sum())


def test_a_click_on_a_number_asks_for_its_unit(panel: UnitPanel, qtbot: QtBot) -> None:
    shown(panel, C3)
    with qtbot.waitSignal(panel.unit_asked) as asked:
        click(panel, Spot(4, 13))  # S2, map 3: row 2, column 3 of the patch
    assert asked.args == [Unit(2, 2, C3.y + 2, C3.x + 3)]


def test_pointing_at_a_number_points_at_its_unit(panel: UnitPanel, qtbot: QtBot) -> None:
    shown(panel, C1)
    with qtbot.waitSignal(panel.unit_pointed) as pointed:
        QTest.mouseMove(panel.page, middle(panel, Spot(2, 8)))
    assert pointed.args == [Unit(0, 0, C1.y - 1, C1.x + 1)]
    with qtbot.waitSignal(panel.unit_pointed) as pointed:
        QTest.mouseMove(panel.page, QPoint(2, 2))
    assert pointed.args == [None]


def test_a_number_outside_the_picture_is_no_unit(panel: UnitPanel, qtbot: QtBot) -> None:
    shown(panel, Unit(1, 0, 0, 0))
    with qtbot.assertNotEmitted(panel.unit_asked):
        click(panel, Spot(2, 0))
    assert panel.page.describe(Spot(2, 0)).startswith("Outside Input: counts as 0 × ")


def test_a_click_on_a_terms_row_scrolls_to_its_grids(panel: UnitPanel) -> None:
    shown(panel, C3)
    bar = panel.area.verticalScrollBar()
    assert bar.value() == 0
    spot, _ = row(panel, "S2, map 4")
    click(panel, spot)
    assert bar.value() <= panel.page.tops[5] <= bar.value() + 40
    there = bar.value()
    panel.show_unit(C3._replace(x=C3.x + 1))
    assert bar.value() == there  # the same part of the unit beside it
    panel.show_unit(C1)
    assert bar.value() == 0


@pytest.mark.parametrize(
    ("unit", "label", "asked"),
    [
        (C1, "→ S2, map 3, row 7, column 7", Unit(2, 2, 6, 6)),
        (Unit(7, 3, 0, 0), "8", Unit(7, 8, 0, 0)),
    ],
)
def test_a_click_on_a_row_asks_for_its_unit(
    panel: UnitPanel, qtbot: QtBot, unit: Unit, label: str, asked: Unit
) -> None:
    shown(panel, unit)
    with qtbot.waitSignal(panel.unit_asked) as found:
        click(panel, row(panel, label)[0])
    assert found.args == [asked]


def test_all_contributions_can_be_asked_for(panel: UnitPanel, qtbot: QtBot) -> None:
    shown(panel, Unit(5, 11, 0, 0))
    click(panel, row(panel, "390 others")[0])
    (block,) = parts(panel, BlockRows)
    assert isinstance(block, BlockRows)
    listed = [one for one in block.rows if isinstance(one.target, Unit)]
    assert len(listed) == 400
    total = sum(one.amount or 0.0 for one in listed)
    assert close(rows(panel)["Sum, a"], total + weights(shipped())["fc1.bias"][11])
    click(panel, row(panel, "Only the largest")[0])
    assert "390 others" in rows(panel)
    panel.page.activated.emit(row(panel, "390 others")[1].target)
    panel.show_unit(Unit(5, 12, 0, 0))
    assert "390 others" in rows(panel)


def test_the_keys_go_over_rows_and_numbers(panel: UnitPanel, qtbot: QtBot) -> None:
    shown(panel, C3)
    panel.activateWindow()
    panel.page.setFocus(Qt.FocusReason.TabFocusReason)
    assert panel.page.spot == Spot(0, 0)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Down):
        QTest.keyClick(panel.page, key)
    assert panel.page.spot == Spot(0, 1)
    for _ in range(4):
        QTest.keyClick(panel.page, Qt.Key.Key_Down)
    assert panel.page.spot == Spot(0, 5)
    QTest.keyClick(panel.page, Qt.Key.Key_Down)
    spot = panel.page.spot
    assert spot.block == 2 and spot.key < 5  # into the first grid
    QTest.keyClick(panel.page, Qt.Key.Key_Down)
    assert panel.page.spot == Spot(2, spot.key + 5)
    step, key = (Qt.Key.Key_Right, 1) if spot.key < 4 else (Qt.Key.Key_Left, -1)
    QTest.keyClick(panel.page, step)
    assert panel.page.spot == Spot(2, spot.key + 5 + key)
    assert panel.page.accessibleDescription().startswith("S2, map 1, row 6, column ")
    with qtbot.waitSignal(panel.unit_asked) as asked:
        QTest.keyClick(panel.page, Qt.Key.Key_Return)
    assert asked.args == [Unit(2, 0, C3.y + 1, C3.x + spot.key + key)]


def test_something_else_can_stand_above_it(panel: UnitPanel) -> None:
    for name in ("one", "another"):
        label = QLabel(name)
        panel.set_heading_widget(label)
        QApplication.processEvents()
        assert label.isVisible()
        assert label.geometry().bottom() <= panel.note.geometry().top()
    assert not [label for label in panel.findChildren(QLabel) if label.text() == "one"]


def test_words_take_as_many_lines_as_they_need(panel: UnitPanel) -> None:
    look = PageStyle(panel.page.font(), panel.page.palette())
    words = TextBlock("A probability is a power's share of their sum.")
    assert words.arrange(120, look) > words.arrange(600, look)


def test_it_has_no_threads(panel: UnitPanel) -> None:
    assert panel.end() == []
