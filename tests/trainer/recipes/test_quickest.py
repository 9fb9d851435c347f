"""The recipe that takes seconds, and the button with which whoever is new begins."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from lenet_gui.train.tab import TrainTab
from trainer import progress
from trainer.data import pen
from trainer.recipes.catalog import QUICKEST, RECIPES, edit_recipe, find_recipe
from trainer.recipes.recipe import Recipe


@pytest.fixture
def tab(train_tab: TrainTab) -> TrainTab:
    return train_tab


@pytest.fixture
def button(tab: TrainTab, qtbot: QtBot) -> QPushButton:
    """The button, on the tab of somebody who has trained nothing."""
    found = tab.findChild(QPushButton, "quickest_button")
    assert isinstance(found, QPushButton) and not found.isVisible()  # until that is known
    tab.look_for_past_runs()
    qtbot.waitUntil(found.isVisible, timeout=10_000)
    return found


def press(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_it_is_the_first_recipe_and_made_for_mnist() -> None:
    assert QUICKEST == "ninety-nine" == next(iter(RECIPES))
    assert find_recipe(QUICKEST).dataset == "mnist" and find_recipe(QUICKEST).epochs <= 2


def test_without_mnist_the_button_makes_the_usual_offer(
    tab: TrainTab, button: QPushButton, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(button)
    assert not button.isVisible()
    qtbot.waitUntil(tab.offer.isVisible, timeout=30_000)
    assert "MNIST" in tab.offer.text.text() and tab.offer.pen.isVisible()
    assert not tab.list.runs and button.isVisible()
    monkeypatch.setattr(pen, "WRITTEN", {"train": 300, "test": 100})
    monkeypatch.setattr(progress, "shared_results", {})
    press(tab.offer.pen)
    run = tab.list.runs[0]
    assert run.recipe == edit_recipe(find_recipe(QUICKEST), dataset="pen")
    qtbot.waitUntil(lambda: run.state == "finished", timeout=30_000)
    assert not button.isVisible()


def test_the_button_trains_the_recipe_whatever_is_in_the_form(
    tab: TrainTab, button: QPushButton, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Recipe] = []
    tab.panel.train_asked.disconnect()
    tab.panel.train_asked.connect(started.append)
    tab.panel.take_named("studio")
    press(button)
    assert started == [find_recipe(QUICKEST)] == [tab.panel.form.recipe()]


def test_nothing_jumps_as_the_button_goes(tab: TrainTab, button: QPushButton) -> None:
    """It stands in the empty list of runs, beneath what is written there."""
    QCoreApplication.processEvents()
    assert tab.table.viewport().rect().contains(button.geometry())
    parts = (tab.panel.scroll_area, tab.train_button, tab.table, tab.buttons, tab.curves)
    before = [part.geometry() for part in parts]
    tab.panel.offer_quickest(False)
    QCoreApplication.processEvents()
    assert not button.isVisible() and [part.geometry() for part in parts] == before


def test_whoever_has_trained_before_is_not_offered_it(
    tab: TrainTab, qtbot: QtBot, small_pen: None
) -> None:
    run = tab.start(Recipe(name="quick", dataset="pen", epochs=1))
    qtbot.waitUntil(lambda: run.state == "finished", timeout=30_000)
    again = TrainTab(tab.data, tab.runs_folder)
    qtbot.addWidget(again)
    again.show()
    again.look_for_past_runs()
    qtbot.waitUntil(lambda: len(again.list.runs) == 1, timeout=10_000)
    assert not again.panel.quickest.isVisible()
    again.close()
    assert all(thread.wait(30_000) for thread in again.end())
