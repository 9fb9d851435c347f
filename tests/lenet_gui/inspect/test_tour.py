"""The tour's card: walking, resuming, following the drawing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.tour import TourCard
from tests.support.inspecting import empty, inspection, paper_model, picture, shipped
from trainer.inspect.tour import Drawn, TourStep, build_tour


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[TourCard]:
    made = TourCard()
    made.resize(940, 110)
    qtbot.addWidget(made)
    made.show()
    yield made
    for thread in made.end():
        assert thread.wait(10_000)


class Listener:
    """What the card asked for, in order."""

    def __init__(self, card: TourCard) -> None:
        self.asked: list[tuple[str, object]] = []
        card.spotlight.connect(self.spotlight)
        card.unit_asked.connect(self.unit)
        card.ended.connect(self.ended)

    def spotlight(self, stages: object) -> None:
        self.asked.append(("spotlight", stages))

    def unit(self, unit: object) -> None:
        self.asked.append(("unit", unit))

    def ended(self) -> None:
        self.asked.append(("ended", None))

    def take(self) -> list[tuple[str, object]]:
        taken, self.asked = self.asked, []
        return taken


def expected(number: int = 0) -> tuple[TourStep, ...]:
    given = inspection(shipped(), picture(number))
    return build_tour(shipped(), given.prediction, given.stages, Drawn())


def begin(qtbot: QtBot, card: TourCard, step: int = 0, number: int = 0) -> None:
    card.show_inspection(inspection(shipped(), picture(number)))
    card.start(step)
    steps = [each.text for each in expected(number)]
    qtbot.waitUntil(lambda: card.text.text() in steps)


def test_it_walks_through_all_steps(qtbot: QtBot, card: TourCard) -> None:
    listener = Listener(card)
    begin(qtbot, card)
    steps = expected()
    assert not card.back.isEnabled() and not card.sample.isVisible()
    for number, step in enumerate(steps):
        assert card.step == number
        assert card.title.text() == step.title
        assert card.text.text() == step.text
        assert card.count.text() == f"{number + 1} of {len(steps)}"
        asked = dict(listener.take())
        assert asked["spotlight"] == (step.stages or None)
        if number and step.unit != steps[number - 1].unit:
            assert asked["unit"] == step.unit
        assert card.next.text() == ("Finish" if number + 1 == len(steps) else "Next")
        QTest.mouseClick(card.next, Qt.MouseButton.LeftButton)
    assert listener.take() == [("spotlight", None), ("ended", None)]
    assert card.step == 0


def test_page_keys_and_escape(qtbot: QtBot, card: TourCard) -> None:
    listener = Listener(card)
    begin(qtbot, card, step=3)
    QTest.keyClick(card, Qt.Key.Key_PageDown)
    QTest.keyClick(card, Qt.Key.Key_PageDown)
    assert card.step == 5
    QTest.keyClick(card.next, Qt.Key.Key_PageUp)  # from a button too
    assert card.step == 4
    QTest.mouseClick(card.back, Qt.MouseButton.LeftButton)
    assert card.step == 3
    listener.take()
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert listener.take() == [("spotlight", None), ("ended", None)]
    assert card.step == 3


def test_it_is_resumed_where_it_was_left(qtbot: QtBot, card: TourCard) -> None:
    begin(qtbot, card, step=6)
    listener = Listener(card)
    QTest.mouseClick(card.close_button, Qt.MouseButton.LeftButton)
    listener.take()
    card.start(card.step)
    assert listener.take() == [
        ("spotlight", expected()[6].stages),
        ("unit", expected()[6].unit),
    ]
    card.start(99)
    assert card.step == len(expected()) - 1


def test_left_at_its_end_it_begins_anew(qtbot: QtBot, card: TourCard) -> None:
    begin(qtbot, card, step=len(expected()) - 1)
    assert card.next_step == 0
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert card.step == 0


def test_the_numbers_follow_the_drawing(qtbot: QtBot, card: TourCard) -> None:
    begin(qtbot, card, step=8)
    listener = Listener(card)
    card.show_inspection(inspection(shipped(), picture(3)))
    qtbot.waitUntil(lambda: card.text.text() == expected(3)[8].text)
    assert expected(3)[8].unit != expected()[8].unit
    assert listener.take() == [("unit", expected(3)[8].unit)]
    assert card.worker is not None
    with qtbot.waitSignal(card.worker.done):  # nothing new: nothing is asked
        card.show_inspection(inspection(shipped(), picture(3)))
    assert listener.take() == []


def test_another_network_tells_of_itself(qtbot: QtBot, card: TourCard) -> None:
    begin(qtbot, card, step=10)
    assert card.title.text() == "The output: ten scores"
    card.show_inspection(inspection(paper_model()))
    qtbot.waitUntil(lambda: "penalty" in card.text.text())
    assert card.step == 10


def test_on_a_clean_sheet_it_offers_a_sample(qtbot: QtBot, card: TourCard) -> None:
    card.show_inspection(empty(shipped()))
    card.start()
    qtbot.waitUntil(lambda: card.sample.isVisible())
    assert "Draw a digit" in card.text.text()
    with qtbot.waitSignal(card.sample_asked):
        QTest.mouseClick(card.sample, Qt.MouseButton.LeftButton)
    card.show_inspection(inspection(shipped()))
    qtbot.waitUntil(lambda: not card.sample.isVisible())
    assert card.text.text() == expected()[0].text


def test_before_there_is_a_network(qtbot: QtBot, card: TourCard) -> None:
    card.show_inspection(None)
    card.start(2)
    assert card.end() == []
    assert not card.next.isEnabled() and "not ready" in card.text.text()
    listener = Listener(card)
    card.show_inspection(inspection(shipped()))
    qtbot.waitUntil(lambda: card.next.isEnabled())
    assert card.text.text() == expected()[2].text
    assert listener.take() == [("spotlight", (0,)), ("unit", expected()[2].unit)]


def test_every_control_says_what_it_does(card: TourCard) -> None:
    for button in (card.back, card.next, card.sample, card.close_button):
        assert button.objectName() and button.accessibleName() and button.toolTip()
