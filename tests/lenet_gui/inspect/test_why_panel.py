"""The Why panel: what it asks, what it says, and what it lays over the input."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip
from pytestqt.qtbot import QtBot

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.inspect.why import heat as heat_menu
from lenet_gui.inspect.why import methods
from lenet_gui.inspect.why.heat import HeatMap, HeatRow, render_heat_map
from lenet_gui.inspect.why.panel import WhyPanel, WhyRequest, WhyThread
from lenet_gui.widgets import theme
from lenet_gui.widgets.colormap import diverging_table
from tests.support.by_hand import COLORS, varied
from tests.support.gui import wait_until_active
from tests.support.inspecting import empty, inspection, paper_model, picture, shipped
from trainer.inspect.attribution import Attribution, AttributionMethod, Question, attribute
from trainer.networks.anatomy import Unit
from trainer.networks.interventions import Intervention
from trainer.networks.model import Model

GRADIENT, INTEGRATED, OCCLUSION = AttributionMethod


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[WhyPanel]:
    made = WhyPanel()
    qtbot.addWidget(made)
    made.setPalette(theme.palette(False))
    made.resize(300, 700)
    made.show()
    yield made
    for thread in made.end():
        assert thread.wait(30_000)


def explained(qtbot: QtBot, panel: WhyPanel, shown: Inspection) -> Inspection:
    """Show it, and wait for all that is found."""
    with qtbot.waitSignal(panel.worker.done, timeout=30_000):
        panel.show_inspection(shown)
    return shown


def expected(
    shown: Inspection, method: AttributionMethod, question: Question
) -> NDArray[np.float32]:
    """With one thread, as the panel's own computes: only then is it the same to the last bit."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return attribute(method, shown.model, shown.reading.image, question).values
    finally:
        torch.set_num_threads(threads)


def logits(shown: Inspection) -> list[float]:
    values = shown.values(7)
    assert values is not None
    return [float(value) for value in values.ravel()]


def choose(chooser: object, row: int) -> None:
    """With the keyboard, as a user would."""
    assert hasattr(chooser, "currentIndex")
    key = Qt.Key.Key_Down if row > chooser.currentIndex() else Qt.Key.Key_Up
    while chooser.currentIndex() != row:
        QTest.keyClick(chooser, key)  # type: ignore[call-overload]


# What is explained


@pytest.mark.parametrize("model", [shipped(), paper_model()], ids=["shipped", "1998"])
def test_the_answer_is_explained(panel: WhyPanel, qtbot: QtBot, model: Model) -> None:
    shown = explained(qtbot, panel, inspection(model))
    assert shown.prediction is not None
    question = Question(shown.prediction.digit)
    assert panel.question == question and panel.heading.text() == f"Why {question.target}?"
    for number, method in enumerate(AttributionMethod):
        heat = panel.pictures.heats[number]
        assert heat is not None and heat.image is shown.reading.image
        assert np.array_equal(heat.values, expected(shown, method, question))
    score = methods.format_plain(logits(shown)[question.target])
    minus = " (minus its penalty)" if model is paper_model() else ""
    assert panel.score.text().startswith(f"Score of {question.target}{minus}: {score}; of blank")


def test_the_numbers_add_up(panel: WhyPanel, qtbot: QtBot) -> None:
    shown = explained(qtbot, panel, inspection(shipped()))
    blank = inspection(shipped(), np.zeros((28, 28), np.uint8))
    assert panel.question is not None
    score, of_blank = (logits(one)[panel.question.target] for one in (shown, blank))
    total = float(expected(shown, INTEGRATED, panel.question).astype(float).sum())
    told = panel.methods.numbers[INTEGRATED].text()
    assert told.startswith("64 forward passes, 64 backward. It adds up to ")
    assert f"adds up to {total:.2f}; {score:.2f} − (−{-of_blank:.2f}) is " in told.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    off = abs(total - (score - of_blank))
    assert f" is {score - of_blank:.2f}: off by {off:.3f}." in told
    slopes = expected(shown, GRADIENT, panel.question)
    ends = (methods.format_signed(float(end)) for end in (slopes.min(), slopes.max()))
    assert panel.methods.numbers[GRADIENT].text() == (
        "One forward pass, one backward. From {} to {} for each full pixel of ink.".format(*ends)
    )
    lost = float(expected(shown, OCCLUSION, panel.question).max())
    assert (
        panel.methods.numbers[OCCLUSION]
        .text()
        .startswith(
            f"577 forward passes. Around a pixel, at most {methods.format_plain(lost)} is lost"
        )
    )
    for method, cost in panel.methods.costs.items():
        took, unit = cost.text().split()
        assert unit == "ms" and abs(float(took) - panel.attributions[method].milliseconds) <= 0.5


def test_why_not_another(panel: WhyPanel, qtbot: QtBot) -> None:
    shown = explained(qtbot, panel, inspection(shipped()))
    assert shown.prediction is not None
    answer, second = shown.prediction.digit, shown.prediction.second
    other = (answer + 1) % 10
    for row, against in ((1, second), (other + 2, other)):
        with qtbot.waitSignals([panel.worker.done], timeout=30_000):
            choose(panel.asking.against, row)
        qtbot.waitUntil(lambda a=against: panel.attributions[OCCLUSION].question.against == a)
        question = Question(answer, against)
        assert panel.question == question
        assert panel.heading.text() == f"Why {answer} and not {against}?"
        assert panel.legend.ends == (f"for {against}", f"for {answer}")
        assert np.array_equal(
            panel.attributions[OCCLUSION].values, expected(shown, OCCLUSION, question)
        )
        difference = methods.format_plain(logits(shown)[answer] - logits(shown)[against])
        assert f"minus that of {against}: {difference}; of blank" in panel.score.text()


def test_a_class_against_itself_is_explained_alone(panel: WhyPanel, qtbot: QtBot) -> None:
    shown = explained(qtbot, panel, inspection(shipped()))
    answer = logits(shown).index(max(logits(shown)))
    with qtbot.waitSignal(panel.worker.done, timeout=30_000):
        panel.asking.against.setCurrentIndex(answer + 2)
        panel.show_inspection(shown)
    assert panel.question == Question(answer)
    assert "can't be compared with itself" in panel.score.text()


def test_a_chosen_output_is_explained_until_none_is(panel: WhyPanel, qtbot: QtBot) -> None:
    shown = explained(qtbot, panel, inspection(shipped()))
    assert shown.prediction is not None
    answer, other = shown.prediction.digit, (shown.prediction.digit + 3) % 10
    with qtbot.waitSignal(panel.worker.done, timeout=30_000):
        panel.show_unit(Unit(7, other, 0, 0))
    assert panel.question == Question(other) == panel.attributions[OCCLUSION].question
    panel.show_unit(Unit(3, 1, 2, 2))  # a unit of no output changes nothing
    assert panel.question == Question(other)
    panel.show_unit(None)
    assert panel.question == Question(answer)


def test_a_class_chosen_by_hand_stays(panel: WhyPanel, qtbot: QtBot) -> None:
    explained(qtbot, panel, inspection(shipped()))
    choose(panel.asking.target, 5)
    panel.show_unit(None)
    assert panel.question == Question(4)


def test_classes_have_their_names(panel: WhyPanel, qtbot: QtBot) -> None:
    choose(panel.asking.against, 1)
    shown = explained(qtbot, panel, inspection(varied(dataset="cifar10")))
    assert shown.prediction is not None
    first, second = COLORS[shown.prediction.digit], COLORS[shown.prediction.second]
    assert panel.heading.text() == f"Why {first} and not {second}?"
    assert panel.asking.target.itemText(2) == "automobile"
    assert panel.asking.against.currentText() == "next best"


def test_held_maps_are_held_in_the_explanation(panel: WhyPanel, qtbot: QtBot) -> None:
    interventions = tuple(Intervention("pool2", number, 0.2) for number in range(16))
    panel.show_interventions(interventions)
    explained(qtbot, panel, inspection(shipped(), interventions=interventions))
    assert np.abs(panel.attributions[GRADIENT].values).max() == 0
    explained(qtbot, panel, inspection(shipped()))  # read before the maps were held
    assert np.abs(panel.attributions[GRADIENT].values).max() > 0


def test_a_clean_sheet_asks_to_draw(panel: WhyPanel, qtbot: QtBot) -> None:
    assert panel.score.text().startswith("Draw something")
    with qtbot.waitSignal(panel.worker.done, timeout=30_000):
        panel.show_inspection(inspection(shipped()))
        assert panel.score.text() == "Computing…"  # captum is imported first
    assert panel.score.text() != "Computing…"
    with qtbot.waitSignal(panel.overlay, check_params_cb=lambda values: values is None):
        panel.show_inspection(empty(shipped()))
    assert panel.question is None and panel.pictures.heats == [None] * 3
    assert panel.heading.text() == "Why?" and panel.legend.ends == ("", "")
    assert panel.methods.numbers[GRADIENT].text() == ""
    panel.show_inspection(None)
    assert panel.question is None


# The thread


def test_the_newest_question_wins(qtbot: QtBot) -> None:
    thread = WhyThread()
    found: list[tuple[WhyRequest, Attribution]] = []
    thread.found.connect(lambda asked, answer: found.append((asked, answer)))
    questions = [WhyRequest(shipped(), picture(), Question(number)) for number in range(6)]
    for asked in questions:
        thread.ask(asked)
    with qtbot.waitSignal(thread.done, timeout=30_000) as done:
        thread.start()
    assert done.args == [questions[-1]]
    assert [(asked, answer.method) for asked, answer in found] == [
        (questions[-1], method) for method in AttributionMethod
    ]
    thread.end()
    assert thread.wait(30_000)


def test_dear_methods_wait_while_questions_come_fast(panel: WhyPanel, qtbot: QtBot) -> None:
    explained(qtbot, panel, inspection(shipped()))
    other = inspection(shipped(), picture(2))
    asked = WhyRequest(other.model, other.reading.image, Question(0))
    # The thread as it is while the pen moves: there is always a newer question.
    hasty = WhyThread()
    hasty.stale = lambda *_: True  # type: ignore[method-assign]
    answers: list[AttributionMethod] = []
    hasty.found.connect(lambda _, found: answers.append(found.method))
    assert hasty.work(asked) is asked and answers == [GRADIENT]
    for _ in range(2):
        panel.settle(asked)
        assert panel.pictures.pale == [False] * 3  # no flicker
    panel.settle(asked)
    assert panel.pictures.pale == [True] * 3
    explained(qtbot, panel, inspection(shipped()))
    assert panel.pictures.pale == [False] * 3


def test_a_failure_is_told(panel: WhyPanel, qtbot: QtBot) -> None:
    shown = inspection(shipped(), np.zeros((28, 28), np.uint8))
    wrong = np.zeros((27, 28), np.uint8)
    damaged = dataclasses.replace(shown, reading=dataclasses.replace(shown.reading, image=wrong))
    with qtbot.waitSignal(panel.message, timeout=30_000) as told:
        panel.show_inspection(damaged)
    assert "uint8 (28, 28)" in told.args[0]


# Over the input


def test_the_chosen_picture_lies_over_the_input(panel: WhyPanel, qtbot: QtBot) -> None:
    laid: list[NDArray[np.float32] | None] = []
    panel.overlay.connect(laid.append)
    explained(qtbot, panel, inspection(shipped()))
    assert laid[-1] is panel.attributions[GRADIENT].values
    center = panel.pictures.place(2).center().toPoint()
    QTest.mouseClick(panel.pictures, Qt.MouseButton.LeftButton, pos=center)
    assert panel.pictures.chosen == 2 and laid[-1] is panel.attributions[OCCLUSION].values
    wait_until_active(qtbot, panel)
    panel.pictures.setFocus()
    QTest.keyClick(panel.pictures, Qt.Key.Key_Left)
    assert laid[-1] is panel.attributions[INTEGRATED].values
    QTest.keyClick(panel.over, Qt.Key.Key_Space)
    assert laid[-1] is None
    QTest.keyClick(panel.over, Qt.Key.Key_Space)
    assert laid[-1] is panel.attributions[INTEGRATED].values
    panel.hide()
    assert laid[-1] is None


# The pictures


def row_of(values: NDArray[np.float32], dark: bool, qtbot: QtBot) -> HeatRow:
    row = HeatRow(("One", "Two", "Three"))
    qtbot.addWidget(row)
    row.setPalette(theme.palette(dark))
    row.resize(400, row.heightForWidth(400))
    row.show_heat(1, HeatMap(picture(), values))
    return row


@pytest.mark.parametrize("dark", [False, True])
def test_colors_tell_sign_and_size(qtbot: QtBot, dark: bool) -> None:
    values = np.zeros((28, 28), np.float32)
    values[4, 6], values[5, 6], values[6, 6] = 2.0, -2.0, 1.0
    row = row_of(values, dark, qtbot)
    image: QImage = row.grab().toImage()
    place, side = row.place(1), row.place(1).width() / 28

    def color(y: int, x: int) -> NDArray[np.float64]:
        at = QPointF(place.x() + (x + 0.5) * side, place.y() + (y + 0.5) * side).toPoint()
        return np.array(image.pixelColor(at).getRgb()[:3], float)

    full = [np.array(QColor.fromRgb(diverging_table(dark)[end]).getRgb()[:3]) for end in (255, 0)]
    paper = np.array(row.palette().base().color().getRgb()[:3], float)
    assert np.array_equal(color(4, 6), full[0]) and np.array_equal(color(5, 6), full[1])
    assert picture()[6, 6] == 0 and np.abs(color(6, 6) - (paper + full[0]) / 2).max() <= 1
    assert np.array_equal(color(1, 1), paper)
    inked = np.argwhere(picture() == 255)[0]
    text = np.array(row.palette().windowText().color().getRgb()[:3], float)
    assert np.abs(color(*inked) - (paper + (text - paper) * 0.42)).max() <= 1


def test_a_pixel_tells_its_value(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.zeros((28, 28), np.float32)
    values[4, 6], values[27, 27] = -1.25, 0.0123
    row = row_of(values, False, qtbot)
    row.show()
    place, side = row.place(1), row.place(1).width() / 28
    at = place.topLeft() + QPointF(6.5 * side, 4.5 * side)
    ink = int(picture()[4, 6])
    assert row.tooltip_at(at) == f"Row 5, column 7: −1.25 (ink {ink} of 255)"
    assert row.tooltip_at(place.bottomRight() - QPointF(1, 1)).startswith(
        "Row 28, column 28: +0.0123"
    )
    assert row.tooltip_at(row.place(0).center()).startswith("Click")
    spot = at.toPoint()
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _, text, __: shown.append(text))
    QApplication.sendEvent(row, QHelpEvent(QEvent.Type.ToolTip, spot, row.mapToGlobal(spot)))
    assert shown == [row.tooltip_at(at)]


@pytest.mark.parametrize("dark", [False, True])
def test_a_saved_picture_is_the_one_that_is_seen(qtbot: QtBot, dark: bool) -> None:
    values = np.random.default_rng(4).normal(size=(28, 28)).astype(np.float32)
    row = row_of(values, dark, qtbot)
    heat = row.heats[1]
    assert heat is not None
    saved = heat_menu.make_mosaic(heat, "Gradient", row.palette())
    assert np.array_equal(saved.array, values)
    seen, kept = render_heat_map(heat, dark, row.palette()), saved.blocks[0].image()
    for y in range(28):
        for x in range(28):
            pair = zip(seen.pixelColor(x, y).getRgb(), kept.pixelColor(x, y).getRgb(), strict=True)
            assert max(abs(a - b) for a, b in pair) < 16


@pytest.mark.parametrize(
    "reason", [QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard]
)
def test_a_picture_is_copied_from_its_menu(
    panel: WhyPanel,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    reason: QContextMenuEvent.Reason,
) -> None:
    opened: list[QPoint] = []
    # Without a screen Qt can't show menus.
    monkeypatch.setattr(QMenu, "popup", lambda _, at: opened.append(at))
    spot = panel.pictures.place(2).center().toPoint()
    event = QContextMenuEvent(reason, spot, panel.pictures.mapToGlobal(spot))
    QApplication.sendEvent(panel.pictures, event)
    assert panel.findChild(QMenu, "heat_menu") is None  # there is nothing yet
    explained(qtbot, panel, inspection(shipped()))
    QApplication.sendEvent(panel.pictures, event)
    menu = panel.findChild(QMenu, "heat_menu")
    assert menu is not None and len(opened) == 1
    copied = {action.text(): action for action in menu.actions()}
    with qtbot.waitSignal(panel.message) as told:
        copied["Copy values"].trigger()
    chosen = OCCLUSION if reason == QContextMenuEvent.Reason.Mouse else GRADIENT
    assert panel.question is not None
    name = f"{methods.NAMES[chosen]}, Why {panel.question.target}"
    assert told.args == [f"Copied the values of {name}"]
    rows = QApplication.clipboard().text().splitlines()
    table = np.array([[float(cell) for cell in row.split("\t")] for row in rows])
    assert np.allclose(table, panel.attributions[chosen].values, rtol=1e-4, atol=1e-6)


def test_pictures_stay_within_any_width(qtbot: QtBot) -> None:
    row = row_of(np.ones((28, 28), np.float32), False, qtbot)
    row.show()
    for width in (row.minimumWidth(), 260, 341, 900):
        row.resize(width, row.heightForWidth(width))
        last = row.column(2)
        assert last.right() <= width and last.bottom() <= row.height() and row.column(0).left() >= 0
        assert row.place(0).right() < row.place(1).left()
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(899, 5))  # beside them all
    assert row.chosen == 0


# Texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.0, "+0.00"), (1.234, "+1.23"), (-0.5, "−0.50"), (0.01234, "+0.0123")),
        *((-12.34, "−12.3"), (128.4, "+128"), (9.96, "+10.0"), (99.6, "+100")),
    ],
)
def test_numbers_have_few_digits(value: float, text: str) -> None:
    assert methods.format_signed(value) == text
    assert methods.format_plain(value) == text.removeprefix("+")


def test_what_is_lost_and_gained() -> None:
    def told(least: float, most: float) -> str:
        values = np.full((28, 28), least, np.float32)
        values[0, 0] = most
        return methods.describe_values(
            Attribution(OCCLUSION, Question(1), values, 1.0, 0.0, 577, 0, 20.0)
        )

    assert told(-1.0, 2.0) == "Around a pixel, at most 2.00 is lost and at most 1.00 gained."
    assert told(0.0, 2.0) == "Around a pixel, at most 2.00 is lost."
    assert told(-1.0, -0.5) == "Around a pixel, nothing is lost and at most 1.00 gained."


def test_how_far_the_sum_is_off() -> None:
    def told(total: float) -> str:
        values = np.zeros((28, 28), np.float32)
        values[0, 0] = total
        found = Attribution(INTEGRATED, Question(1), values, 5.0, -1.0, 64, 64, 20.0)
        return methods.describe_values(found).replace("\N{NO-BREAK SPACE}", " ")

    assert told(6.0) == "It adds up to 6.00; 5.00 − (−1.00) is 6.00: off by less than 0.001."
    assert told(6.0127).endswith("off by 0.013.")
    assert told(4.5).endswith("off by 1.50.")
