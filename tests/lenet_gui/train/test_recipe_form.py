"""The form: what is put in comes out, whatever it is; and what can't be is said beside it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QWheelEvent
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.train.recipe_fields import ChoiceField, RatesEdit, set_field
from lenet_gui.train.recipe_panel import RecipePanel
from lenet_gui.widgets.number_field import NumberField
from lenet_gui.workers.serial import BackgroundTask
from trainer.errors import UserError
from trainer.networks import factory
from trainer.recipes import sharing
from trainer.recipes.catalog import QUICKEST, RECIPES, edit_recipe, find_recipe
from trainer.recipes.recipe import Augmentation, Recipe, RecipeError

FOREIGN = Recipe(
    name="from-elsewhere",
    description="Someone else's",
    dataset="pen",
    validation=1 / 7,
    momentum=0.123456789,
    learning_rate=1.23456789e-5,
    augmentation=Augmentation(rotation=1 / 3, flip=0.25, crop=2),
    rates=((1, 1 / 3), (4, 0.01)),
    schedule="table",
    seed=2**31 - 1,
)


@pytest.fixture
def panel(qtbot: QtBot) -> RecipePanel:
    panel = RecipePanel()
    qtbot.addWidget(panel)
    panel.resize(320, 700)
    panel.show()
    return panel


@pytest.fixture(autouse=True)
def no_task_is_left(qtbot: QtBot, panel: RecipePanel) -> object:
    """The parameters are counted in the background."""
    yield
    assert all(task.wait(30_000) for task in BackgroundTask.running())


def field(panel: RecipePanel, name: str) -> QWidget:
    return panel.form.numbers.fields[name]


def choose(box: QWidget, value: object) -> None:
    """Choose an item with the keyboard, as a user does."""
    assert isinstance(box, QComboBox)
    box.setFocus()
    wanted = next(n for n in range(box.count()) if box.itemData(n) == value)
    while box.currentIndex() != wanted:
        QTest.keyClick(box, Qt.Key.Key_Down if wanted > box.currentIndex() else Qt.Key.Key_Up)


def type_into(box: QWidget, text: str) -> None:
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


def action(panel: RecipePanel, name: str) -> QAction:
    found = panel.findChild(QAction, name)
    assert isinstance(found, QAction)
    return found


# What travels through


@pytest.mark.parametrize(
    "recipe",
    [
        *RECIPES.values(),
        FOREIGN,
        edit_recipe(find_recipe("studio"), seed=9),
        edit_recipe(FOREIGN, epochs=2),
    ],
    ids=lambda recipe: recipe.name,
)
def test_an_untouched_recipe_comes_out_as_it_went_in(panel: RecipePanel, recipe: Recipe) -> None:
    panel.form.show_recipe(recipe)
    assert panel.form.recipe() == recipe
    panel.form.numbers.more.click()
    assert panel.form.recipe() == recipe


def test_every_value_of_a_recipe_has_a_field(panel: RecipePanel) -> None:
    names = {spec.name for spec in dataclasses.fields(Recipe)}
    names -= {"name", "description", "augmentation"}
    names |= {f"augmentation.{spec.name}" for spec in dataclasses.fields(Augmentation)}
    panel.form.numbers.more.click()
    for name in names:
        box = field(panel, name)
        assert box.isVisible(), name
        assert box.objectName() == name and box.accessibleName()
        assert box.toolTip() or name == "rates", name


def test_enter_in_a_field_leaves_digits_that_are_not_shown(panel: RecipePanel) -> None:
    panel.form.show_recipe(FOREIGN)
    panel.form.numbers.more.click()
    for name in ("validation", "momentum", "augmentation.rotation"):
        box = field(panel, name)
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert panel.form.recipe() == FOREIGN


def test_numbers_typed_and_chosen_are_in_the_recipe(panel: RecipePanel) -> None:
    choose(panel.form.name, "mnist-sigmoid-adamw")
    panel.form.numbers.more.click()
    type_into(field(panel, "epochs"), "3")
    type_into(field(panel, "dropout"), "0.25")
    choose(field(panel, "activation"), "relu")
    choose(field(panel, "schedule"), "table")
    type_into(field(panel, "rates"), "1: 0.01, 3: 0.002")
    assert panel.form.recipe() == edit_recipe(
        find_recipe("mnist-sigmoid-adamw"),
        epochs=3,
        dropout=0.25,
        activation="relu",
        schedule="table",
        rates=((1, 0.01), (3, 0.002)),
    )


def test_a_named_augmentation_is_its_numbers(panel: RecipePanel) -> None:
    choose(panel.form.name, "mnist-sigmoid-adamw")
    chooser = panel.form.numbers.augmentation
    assert chooser.currentData() == "none"
    choose(chooser, "affine")
    assert panel.form.recipe().augmentation.rotation == 12
    panel.form.numbers.more.click()
    type_into(field(panel, "augmentation.rotation"), "5")
    assert chooser.currentData() == ""
    type_into(field(panel, "augmentation.rotation"), "12")
    assert chooser.currentData() == "affine"


def test_the_wheel_passes_over_a_field_without_changing_it(panel: RecipePanel) -> None:
    box = field(panel, "epochs")
    assert isinstance(box, NumberField)
    panel.train_button.setFocus()
    before = box.value()
    place = QPointF(box.rect().center())
    wheel = QWheelEvent(
        place, QPointF(box.mapToGlobal(place)), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, wheel)
    assert box.value() == before


# What is told


def test_a_recipe_is_told_in_words(panel: RecipePanel) -> None:
    choose(panel.form.name, "fashion-paper")
    assert "87.34 %" in panel.form.description.text()
    told = "Published result: 87.34\u00a0% on the validation images"
    assert panel.form.facts.text() == told and panel.form.facts.isVisible()
    choose(panel.form.name, "studio")
    assert not panel.form.facts.isVisible()


def test_a_long_description_is_folded_where_room_is_scarce(panel: RecipePanel) -> None:
    panel.resize(284, 430)
    choose(panel.form.name, "lenet5-1998")
    description = panel.form.description
    folded = description.label.height()
    assert description.more.isVisible()
    assert folded < description.label.heightForWidth(description.label.width())
    QTest.mouseClick(description.more, Qt.MouseButton.LeftButton)
    assert description.label.height() == description.label.heightForWidth(description.width())
    QTest.mouseClick(description.more, Qt.MouseButton.LeftButton)
    assert description.label.height() == folded


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"optimizer": "sdlm"}, "SDLM works only with LeNet-5 of 1998"),
        ({"loss": "map"}, "This loss works only with LeNet-5 of 1998"),
        ({"network": "lenet5-1998", "dataset": "cifar10"}, "sees no colors"),
        ({"network": "lenet5-1998", "dataset": "emnist-balanced"}, "ten classes"),
        ({"network": "lenet5-1998", "teacher_epochs": 3}, "no teacher"),
        ({"schedule": "table"}, "Write that table"),
        ({"streamed": 1000}, "Set New images to 0"),
    ],
)
def test_values_that_contradict_each_other_are_told_in_the_forms_words(
    panel: RecipePanel, changes: dict[str, object], told: str
) -> None:
    for name, value in changes.items():
        set_field(panel.form.numbers.fields[name], value)
    assert told in panel.problem.text() and not panel.train_button.isEnabled()
    with pytest.raises(RecipeError):  # the form refuses what a recipe would, and no more
        edit_recipe(find_recipe(QUICKEST), **changes)


def test_no_field_moves_when_a_value_is_changed(panel: RecipePanel, qtbot: QtBot) -> None:
    def places() -> list[QPoint]:
        return [each.mapTo(panel, QPoint(0, 0)) for each in panel.form.numbers.fields.values()]

    before = places()
    type_into(field(panel, "epochs"), "3")
    qtbot.waitUntil(panel.form.changes.isVisible)
    QCoreApplication.processEvents()
    assert places() == before


def test_what_is_unfolded_is_seen_and_leaves_no_gap(panel: RecipePanel, qtbot: QtBot) -> None:
    panel.resize(300, 500)
    form, button = panel.form, panel.form.numbers.more
    QCoreApplication.processEvents()
    height = form.height()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    first = form.numbers.fields["mean"]
    qtbot.waitUntil(lambda: first.visibleRegion().boundingRect().height() == first.height())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.height() == height)


def test_what_was_changed_is_told_and_can_be_undone(panel: RecipePanel) -> None:
    assert not panel.form.changes.isVisible()
    type_into(field(panel, "epochs"), "3")
    type_into(field(panel, "seed"), "5")
    assert "Changed: 3 epochs, seed 5." in panel.form.changes.text()
    assert panel.form.recipe().name == "ninety-nine-edited"
    panel.form.changes.linkActivated.emit("undo")
    assert panel.form.recipe() == find_recipe(QUICKEST) and not panel.form.changes.isVisible()


def test_a_change_taken_back_by_hand_is_none(panel: RecipePanel) -> None:
    panel.form.show_recipe(edit_recipe(find_recipe("studio"), epochs=3))
    type_into(field(panel, "epochs"), str(find_recipe("studio").epochs))
    assert panel.form.recipe() == find_recipe("studio")


def test_that_parameters_cannot_be_counted_is_told_once(
    panel: RecipePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_recipe: Recipe) -> int:
        raise UserError("no room")

    qtbot.waitUntil(lambda: bool(panel.parameters.text()), timeout=30_000)
    monkeypatch.setattr(factory, "count_parameters", fail)
    told = QSignalSpy(panel.message)
    QTest.keyClick(field(panel, "dataset"), Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: told.count() == 1, timeout=30_000)
    assert told.at(0) == ["The parameters of this network can't be counted: no room"]
    choose(field(panel, "activation"), "tanh")
    assert not BackgroundTask.running() and told.count() == 1
    assert panel.parameters.text() == "" and panel.train_button.isEnabled()


def test_parameters_are_counted(panel: RecipePanel, qtbot: QtBot) -> None:
    for name, count in (("studio", "61,706"), ("lenet5-1998", "60,000")):
        choose(panel.form.name, name)
        wanted = f"{count} parameters"
        qtbot.waitUntil(lambda: panel.parameters.text() == wanted, timeout=30_000)  # noqa: B023
    choose(panel.form.name, "fashion-improved")
    choose(field(panel, "dataset"), "cifar10")
    qtbot.waitUntil(lambda: panel.parameters.text() == "83,126 parameters", timeout=30_000)


def test_numbers_that_do_not_go_together_are_told_beside_the_form(panel: RecipePanel) -> None:
    choose(field(panel, "optimizer"), "sdlm")
    assert panel.problem.isVisible()
    assert "SDLM works only with LeNet-5 of 1998" in panel.problem.text()
    assert not panel.train_button.isEnabled()
    choose(field(panel, "network"), "lenet5-1998")
    assert not panel.problem.isVisible() and panel.train_button.isEnabled()


def test_rates_that_are_none_are_told(panel: RecipePanel) -> None:
    panel.form.show_recipe(find_recipe("lenet5-1998"))
    panel.form.numbers.more.click()
    rates = field(panel, "rates")
    assert isinstance(rates, RatesEdit)
    type_into(rates, "soon: small")
    assert 'Rates is "soon: small"' in panel.problem.text()
    type_into(rates, "2: 0.1")
    assert "rates is ((2, 0.1),)" in panel.problem.text()
    type_into(rates, "1: 0.0005")
    assert panel.form.recipe().rates == ((1, 0.0005),) and not panel.problem.isVisible()


def test_what_has_no_effect_is_grey(panel: RecipePanel) -> None:
    gray = {"damping", "rubbish", "rates", "step_epochs", "distillation"}
    assert {n for n, f in panel.form.numbers.fields.items() if not f.isEnabled()} >= gray
    panel.form.show_recipe(find_recipe("lenet5-1998"))
    for name in ("damping", "rubbish", "rates"):
        assert field(panel, name).isEnabled(), name
    for name in ("activation", "dropout", "learning_rate", "momentum"):
        assert not field(panel, name).isEnabled(), name


# Sharing


def test_copy_here_and_paste_there(panel: RecipePanel, qtbot: QtBot) -> None:
    panel.form.show_recipe(FOREIGN)
    action(panel, "copy_recipe").trigger()
    there = RecipePanel()
    qtbot.addWidget(there)
    action(there, "paste_recipe").trigger()
    assert there.form.recipe() == FOREIGN
    assert there.form.name.currentText() == "from-elsewhere"
    choose(there.form.name, "studio")
    assert there.form.recipe() == find_recipe("studio")
    assert there.form.name.findData("from-elsewhere") == -1


@pytest.mark.parametrize("text", ["", "a shopping list", '{"epochs": 0}', "{" * 70_000])
def test_pasting_what_is_no_recipe_is_told_and_changes_nothing(
    panel: RecipePanel, qtbot: QtBot, text: str
) -> None:
    before = panel.form.recipe()
    QGuiApplication.clipboard().setText(text)
    with qtbot.waitSignal(panel.message):
        action(panel, "paste_recipe").trigger()
    assert panel.problem.text().startswith("The clipboard holds no recipe")
    assert panel.problem.isVisible() and panel.train_button.isEnabled()
    assert panel.form.recipe() == before
    type_into(field(panel, "epochs"), "3")
    assert not panel.problem.isVisible()


def test_a_form_that_holds_no_recipe_copies_none(panel: RecipePanel, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("before")
    choose(field(panel, "optimizer"), "sdlm")
    with qtbot.waitSignal(panel.share.refused):
        action(panel, "copy_recipe").trigger()
    assert QGuiApplication.clipboard().text() == "before"


def test_a_recipe_file_is_saved_and_opened_again(
    panel: RecipePanel, qtbot: QtBot, tmp_path: Path
) -> None:
    from lenet_gui.train.recipe_panel import write

    write(FOREIGN, tmp_path / "mine.json")
    assert sharing.read_file(tmp_path / "mine.json") == FOREIGN
    with qtbot.waitSignal(panel.share.opened, timeout=10_000):
        panel.share.read(tmp_path / "mine.json")
    assert panel.form.recipe() == FOREIGN


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "cannot be read"),
        (b'{"learning_rate": "fast"}', "learning_rate is 'fast'"),
        (b'{"learn_rate": 1}', "learn_rate is not known"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_broken_recipe_file_is_told(
    panel: RecipePanel, qtbot: QtBot, tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_bytes(content)
    with qtbot.waitSignal(panel.share.refused, timeout=10_000):
        panel.share.read(path)
    assert message in panel.problem.text() and "broken.json" in panel.problem.text()
    assert panel.form.recipe() == find_recipe(QUICKEST)


def test_a_form_can_be_filled_from_text_written_by_hand(panel: RecipePanel) -> None:
    QGuiApplication.clipboard().setText(json.dumps({"based_on": "studio", "epochs": 3}))
    action(panel, "paste_recipe").trigger()
    assert panel.form.recipe() == edit_recipe(find_recipe("studio"), epochs=3)


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("1: 0,01, 3: 0,002", ((1, 0.01), (3, 0.002))),
        ("1: 1e-2; 3: 2E-3", ((1, 0.01), (3, 0.002))),
        ("1:1,3:0.5", ((1, 1.0), (3, 0.5))),
    ],
)
def test_rates_are_written_with_points_and_commas(
    panel: RecipePanel, text: str, rates: tuple[tuple[int, float], ...]
) -> None:
    panel.form.numbers.more.click()
    choose(field(panel, "schedule"), "table")
    type_into(field(panel, "rates"), text)
    assert panel.form.recipe().rates == rates


def test_a_number_that_is_refused_is_seen_and_not_trained(panel: RecipePanel) -> None:
    box = field(panel, "learning_rate")
    type_into(box, "1e99")
    assert panel.problem.isVisible()
    assert "“1e99” is not a number from 0.000001 to 10" in panel.problem.text()
    assert not panel.train_button.isEnabled()
    type_into(box, "0,02")
    assert not panel.problem.isVisible() and panel.train_button.isEnabled()
    assert panel.form.recipe().learning_rate == 0.02


# The fields themselves


def test_a_choice_that_is_not_there_is_the_first(qtbot: QtBot) -> None:
    choice = ChoiceField({"one": 1, "two": 2})
    qtbot.addWidget(choice)
    set_field(choice, 2)
    set_field(choice, 3)
    assert choice.currentData() == 1


def test_a_number_typed_after_an_exact_one_counts(qtbot: QtBot) -> None:
    number = NumberField(0, 1)
    qtbot.addWidget(number)
    number.setValue(1 / 3)
    assert number.value() == 1 / 3 and number.text() == "0.333333"
    type_into(number, "0.5")
    assert number.value() == 0.5
    number.stepUp()
    assert number.value() > 0.5
