"""Maps switched off or held: the panel, and what each map is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.change_panel import ChangePanel
from tests.support.inspecting import empty, inspection, paper_model, picture, shipped
from trainer.inspect import contributions
from trainer.networks.anatomy import Unit
from trainer.networks.interventions import EDITABLE, Intervention
from trainer.networks.model import Model
from trainer.reading import predict

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[ChangePanel]:
    made = ChangePanel()
    qtbot.addWidget(made)
    made.resize(300, 470)
    made.show()
    qtbot.waitExposed(made)
    yield made
    for thread in made.end():
        thread.wait()


@pytest.mark.parametrize("model", [shipped(), paper_model()], ids=["lenet5", "1998"])
@pytest.mark.parametrize("layer", EDITABLE)
def test_an_ablation_is_what_the_network_says_with_each_map_off(model: Model, layer: str) -> None:
    found = contributions.ablate_each_map(model, picture(), layer, 0)
    assert len(found) == predict.read(model, picture()).maps[layer].values.shape[0]
    for number in (0, 2, len(found) - 1):
        alone = predict.read(model, picture(), (Intervention(layer, number, 0.0),))
        assert found[number] == pytest.approx(alone.probabilities[0], abs=1e-5)


def test_nothing_can_be_held_until_a_map_is_chosen(panel: ChangePanel) -> None:
    assert not panel.off.isEnabled() and "Select a map" in panel.heading.text()
    panel.show_inspection(inspection(shipped()))
    for stage in (0, 7):
        panel.show_unit(Unit(stage, 0, 0, 0))
        assert not panel.off.isEnabled() and "can't be fixed" in panel.heading.text()


def test_switching_off_and_letting_go(panel: ChangePanel, qtbot: QtBot) -> None:
    panel.show_inspection(inspection(shipped()))
    panel.show_unit(Unit(3, 4, 2, 2))
    with qtbot.waitSignal(panel.changed) as told:
        QTest.mouseClick(panel.off, LEFT)
    assert told.args == [(Intervention("conv2_active", 4, 0.0),)]
    panel.show_unit(Unit(5, 100, 0, 0))
    with qtbot.waitSignal(panel.changed):
        QTest.mouseClick(panel.off, LEFT)
    assert [panel.held.item(n).text() for n in range(2)] == [
        "C3, map 5 = 0.00",
        "C5, unit 101 = 0.00",
    ]
    panel.show_unit(Unit(3, 4, 2, 2))
    with qtbot.waitSignal(panel.changed) as told:
        QTest.mouseClick(panel.hold, LEFT, pos=QPoint(8, panel.hold.height() // 2))
    assert told.args == [(Intervention("fc1", 100, 0.0),)]
    with qtbot.waitSignal(panel.changed) as told:
        QTest.mouseClick(panel.release, LEFT)
    assert told.args == [()]
    assert panel.held.count() == 0 and not panel.release.isEnabled()


def test_the_slider_holds_within_what_the_layer_reaches(panel: ChangePanel, qtbot: QtBot) -> None:
    shown = inspection(shipped())
    panel.show_inspection(shown)
    panel.show_unit(Unit(1, 2, 5, 5))
    panel.slider.setFocus()
    with qtbot.waitSignal(panel.changed) as told:
        QTest.keyClick(panel.slider, Qt.Key.Key_End)
    values = shown.values(1)
    assert values is not None
    assert told.args[0][0].value == pytest.approx(float(values.max()), abs=0.006)
    with qtbot.waitSignal(panel.changed) as told:
        panel.value.setFocus()
        panel.value.selectAll()
        QTest.keyClicks(panel.value, "-1.25")
        QTest.keyClick(panel.value, Qt.Key.Key_Return)
    assert panel.interventions == (Intervention("conv1_active", 2, -1.25),)


def test_del_lets_the_chosen_one_go(panel: ChangePanel, qtbot: QtBot) -> None:
    panel.show_inspection(inspection(shipped()))
    for number in (1, 2):
        panel.show_unit(Unit(4, number, 0, 0))
        QTest.mouseClick(panel.off, LEFT)
    panel.held.setFocus()
    with qtbot.waitSignal(panel.unit_asked) as asked:
        QTest.keyClick(panel.held, Qt.Key.Key_Up)
    assert asked.args == [Unit(4, 1, 0, 0)]
    with qtbot.waitSignal(panel.changed) as told:
        QTest.keyClick(panel.held, Qt.Key.Key_Delete)
    assert told.args == [(Intervention("pool2", 2, 0.0),)]


def test_both_answers_are_told(panel: ChangePanel) -> None:
    interventions = (Intervention("fc2", 3, 0.0), Intervention("pool1", 0, 0.0))
    shown = inspection(shipped(), interventions=interventions)
    panel.show_inspection(shown)
    plain, held = (
        predict.read(shipped(), picture()),
        predict.read(shipped(), picture(), interventions),
    )
    assert panel.bars.values == held.probabilities
    assert panel.bars.before == plain.probabilities
    lines = panel.answer.text().split("\n")
    for line, found in zip(lines, (plain, held), strict=True):
        assert line.endswith(f": {found.digit}, {max(found.probabilities) * 100:.1f} %")
    panel.show_inspection(empty(shipped()))
    assert panel.bars.values == () and "Draw something" in panel.answer.text()


def test_a_click_on_a_bar_asks_for_its_map(panel: ChangePanel, qtbot: QtBot) -> None:
    panel.show_inspection(inspection(shipped()))
    panel.show_unit(Unit(3, 0, 0, 0))
    qtbot.waitUntil(lambda: len(panel.ablations.values) == 16)
    expected = contributions.ablate_each_map(shipped(), picture(), "conv2_active", 0)
    np.testing.assert_allclose(panel.ablations.values, expected, atol=1e-9)
    with qtbot.waitSignal(panel.unit_asked) as asked:
        QTest.mouseClick(panel.ablations, LEFT, pos=panel.ablations.bar(11).center().toPoint())
    assert asked.args == [Unit(3, 11, 0, 0)]
