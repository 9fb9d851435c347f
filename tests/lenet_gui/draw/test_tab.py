"""The Draw tab under real events: verdicts, corrections, and several digits on one sheet."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.draw.answer_view import AnswerView
from lenet_gui.draw.result_view import Correction, ResultView
from lenet_gui.draw.tab import DrawTab
from tests.support.gui import ONE, SEVEN, MakeWindow, draw, on_canvas
from trainer.drawing.sheet import PreprocessingOptions
from trainer.my_digits.fine_tuning import FineTuningOptions
from trainer.reading.sheet_reading import SheetReading
from trainer.reading.verdict import Verdict

LEFT = Qt.MouseButton.LeftButton


def small(points: Sequence[tuple[float, float]], x: float, y: float) -> list[tuple[float, float]]:
    """A third as large, with the paper's upper left corner there."""
    return [(x + a / 3, y + b / 3) for a, b in points]


def wait_for(qtbot: QtBot, tab: DrawTab, answer: str) -> None:
    qtbot.waitUntil(lambda: tab.prediction.answer == answer)


def corrections(tab: DrawTab) -> list[Correction]:
    heard: list[Correction] = []
    tab.corrected.connect(heard.append)
    return heard


def newest(window: Window, qtbot: QtBot) -> SheetReading:
    """What is on show, for tests that change its verdict."""
    found: list[SheetReading] = []
    window.reader.done.connect(found.append)
    draw(window.draw.canvas, SEVEN)
    sheet = window.draw.canvas.drawing.sheet
    qtbot.waitUntil(lambda: bool(found) and found[-1].sheet is sheet)
    return found[-1]


def with_verdict(reading: SheetReading, verdict: Verdict, second: int = 4) -> SheetReading:
    assert reading.prediction is not None
    changed = dataclasses.replace(reading.prediction, verdict=verdict, second=second)
    return dataclasses.replace(reading, prediction=changed)


# Verdicts


def test_a_sure_answer_has_its_per_cent_and_one_bar(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    newest(window, qtbot)
    assert tab.prediction.note.endswith(" %") and float(tab.prediction.note[:-2]) > 90
    assert tab.probabilities.marked == (7,)
    assert tab.prediction.accessibleName() == "Prediction: 7"


def test_an_unsure_answer_names_both_and_marks_both(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    tab.show_reading(with_verdict(newest(window, qtbot), Verdict.UNSURE))
    assert tab.prediction.note == "Unsure: 4 or 7"
    assert tab.prediction.answer == "7"
    assert set(tab.probabilities.marked) == {4, 7}
    assert tab.prediction.accessibleDescription() == "Unsure: 4 or 7"


def test_what_is_no_digit_is_not_called_one(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    tab.show_reading(with_verdict(newest(window, qtbot), Verdict.REJECTED))
    assert tab.prediction.answer == "?"
    assert tab.prediction.note == "Doesn't look like a digit"
    assert tab.probabilities.marked == () and len(tab.probabilities.values) == 10
    assert tab.prediction.accessibleName() == "Prediction: none"
    assert "look like a digit" in tab.prediction.accessibleDescription()


def test_doubtful_digits_are_paler(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    reading = newest(window, qtbot)

    def darkest() -> int:
        image = tab.prediction.grab().toImage()
        room = range(0, image.width(), 2), range(0, image.height() * 3 // 4, 2)
        return min(image.pixelColor(x, y).lightness() for x in room[0] for y in room[1])

    sure = darkest()
    tab.show_reading(with_verdict(reading, Verdict.UNSURE))
    assert darkest() > sure + 60


def test_nothing_moves_with_the_verdict(window: Window, qtbot: QtBot) -> None:
    """The nearest forms have room beneath the paper, and the answer is where it was."""
    tab = window.draw
    reading = newest(window, qtbot)
    places = []
    for verdict in Verdict:
        tab.show_reading(with_verdict(reading, verdict))
        if verdict is not Verdict.SURE:
            qtbot.waitUntil(lambda: bool(tab.view.nearest.forms), timeout=30_000)
        QCoreApplication.processEvents()
        parts: list[QWidget] = [tab.canvas, tab.prediction, tab.probabilities, tab.correction]
        places.append([*(part.geometry() for part in parts), tab.prediction.places()])
    assert places[0] == places[1] == places[2]


def test_a_doubtful_answer_shows_the_nearest_forms_of_both_digits(
    window: Window, qtbot: QtBot
) -> None:
    tab, nearest = window.draw, window.draw.view.nearest
    reading = newest(window, qtbot)
    assert not nearest.forms
    tab.show_reading(with_verdict(reading, Verdict.UNSURE))
    qtbot.waitUntil(lambda: bool(nearest.forms), timeout=30_000)
    assert [form.digit for form in nearest.forms] == [7, 4]
    seven, four = nearest.forms
    assert seven.distance < four.distance
    assert f"7, {seven.name}" in nearest.accessibleName()
    tab.show_reading(reading)
    assert not nearest.forms


def test_a_corrected_answer_shows_the_nearest_forms_of_both_digits(
    window: Window, qtbot: QtBot
) -> None:
    tab, nearest = window.draw, window.draw.view.nearest
    newest(window, qtbot)
    assert not nearest.forms
    QTest.mouseClick(tab.correction.buttons[1], LEFT)
    qtbot.waitUntil(lambda: bool(nearest.forms), timeout=30_000)
    assert [form.digit for form in nearest.forms] == [7, 1]
    QTest.mouseClick(tab.correction.buttons[7], LEFT)  # it was read correctly
    assert not nearest.forms


def test_what_is_no_digit_shows_what_it_is_nearest_to(window: Window, qtbot: QtBot) -> None:
    tab, nearest = window.draw, window.draw.view.nearest
    tab.show_reading(with_verdict(newest(window, qtbot), Verdict.REJECTED))
    qtbot.waitUntil(lambda: bool(nearest.forms), timeout=30_000)
    assert [form.digit for form in nearest.forms] == [7, 4]
    tab.clear.trigger()
    qtbot.waitUntil(lambda: not nearest.forms)


def test_forms_are_not_looked_for_while_the_pen_moves(window: Window, qtbot: QtBot) -> None:
    """They take Python's lock from those who read and paint its points."""
    reading = with_verdict(newest(window, qtbot), Verdict.UNSURE)
    view = ResultView()
    qtbot.addWidget(view)
    view.show_reading(reading, moving=True)
    for _point in range(3):
        view.explain(reading)
    assert not view.nearest.worker.isRunning()
    qtbot.waitUntil(lambda: bool(view.nearest.forms), timeout=30_000)  # it rests
    (worker,) = view.nearest.end()
    assert worker.wait(30_000)


# Corrections


def test_one_click_says_what_it_should_have_been(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    heard = corrections(tab)
    button = tab.correction.buttons[4]
    QTest.mouseClick(button, LEFT)
    assert not heard and not tab.correction.isEnabled()  # nothing is drawn
    draw(tab.canvas, SEVEN)
    wait_for(qtbot, tab, "7")
    with qtbot.waitSignal(window.my_digits.added):
        QTest.mouseClick(button, LEFT)
    (told,) = heard
    assert (told.label, told.read_as) == (4, 7)
    assert told.strokes == tab.canvas.drawing.strokes and told.image.shape == (28, 28)
    assert button.isChecked()
    assert "4" in window.statusBar().currentMessage()
    assert [digit.label for digit in window.my_digits.kept.entries()] == [4]


def test_a_second_click_takes_the_label_back(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    newest(window, qtbot)
    button = tab.correction.buttons[4]
    with qtbot.waitSignal(window.my_digits.added):
        QTest.mouseClick(button, LEFT)
    assert button.isChecked()
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: window.my_digits.kept.entries() == ())
    assert not button.isChecked()
    qtbot.waitUntil(lambda: "Removed" in window.statusBar().currentMessage())


def test_what_was_called_no_digit_was_read_as_nothing(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    reading = newest(window, qtbot)
    tab.show_reading(with_verdict(reading, Verdict.REJECTED))
    with qtbot.waitSignal(tab.corrected) as corrected:
        QTest.mouseClick(tab.correction.buttons[7], LEFT)
    assert (corrected.args[0].label, corrected.args[0].read_as) == (7, None)


def test_the_first_correction_offers_to_learn(window: Window, qtbot: QtBot) -> None:
    tab, offer = window.draw, window.draw.learn_offer
    newest(window, qtbot)
    qtbot.mouseClick(tab.correction.buttons[7], Qt.MouseButton.LeftButton)
    assert offer.isHidden()  # it was read correctly
    qtbot.mouseClick(tab.correction.buttons[1], Qt.MouseButton.LeftButton)
    assert offer.isVisible() and "Your 1 is saved" in offer.text.text()
    window.resize(800, 480)  # the page scrolls, and the offer stays in sight
    assert offer.text.height() >= offer.text.heightForWidth(offer.text.width())
    button = offer.learn
    qtbot.waitUntil(
        lambda: button.isVisible() and button.visibleRegion().boundingRect() == button.rect()
    )
    qtbot.mouseClick(offer.dismiss, Qt.MouseButton.LeftButton)
    assert offer.isHidden() and tab.canvas.hasFocus()
    qtbot.mouseClick(tab.correction.buttons[2], Qt.MouseButton.LeftButton)
    assert offer.isHidden()  # once a session is enough


@pytest.mark.parametrize("size", [(1180, 720), (1024, 768)])
def test_nothing_moves_as_the_offer_comes(
    window: Window, qtbot: QtBot, size: tuple[int, int]
) -> None:
    tab, offer = window.draw, window.draw.learn_offer
    window.resize(*size)
    newest(window, qtbot)
    shown = (tab.canvas, tab.width_slider, tab.correction, tab.conv1, tab.conv2)
    before = [(part.mapTo(tab, QPoint()), part.size()) for part in shown]
    QTest.mouseClick(tab.correction.buttons[1], LEFT)
    assert offer.isVisible() and tab.rect().contains(offer.geometry())
    assert [(part.mapTo(tab, QPoint()), part.size()) for part in shown] == before
    tools = tab.width_slider.mapTo(tab, QPoint()).y()
    assert not offer.geometry().top() <= tools <= offer.geometry().bottom()
    on_paper = offer.geometry().bottom() < tools
    draw(tab.canvas, [(100.0, 20.0), (120.0, 20.0)])
    assert offer.isVisible() != on_paper  # it hides no ink


def test_the_offer_follows_the_button_that_made_it_appear(window: Window, qtbot: QtBot) -> None:
    tab, offer = window.draw, window.draw.learn_offer
    newest(window, qtbot)
    button = tab.correction.buttons[9]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert offer.isVisible()
    for expected in (offer.learn, offer.dismiss):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert expected.hasFocus()


def test_the_offer_begins_to_learn(window: Window, qtbot: QtBot) -> None:
    tab, offer = window.draw, window.draw.learn_offer
    newest(window, qtbot)
    qtbot.mouseClick(tab.correction.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.my_digits.list.rowCount() == 1)
    learning = window.my_digits.learning
    learning.method = FineTuningOptions(steps=1, pictures=10)
    qtbot.mouseClick(offer.learn, Qt.MouseButton.LeftButton)
    assert window.tabs.currentWidget() is window.my_digits
    qtbot.waitUntil(lambda: learning.learned is not None, timeout=30_000)


def test_another_digit_relabels_the_same_drawing(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    draw(tab.canvas, SEVEN)
    wait_for(qtbot, tab, "7")
    for digit in (4, 1):
        with qtbot.waitSignal(window.my_digits.added):
            QTest.mouseClick(tab.correction.buttons[digit], LEFT)
    assert [digit.label for digit in window.my_digits.kept.entries()] == [1]
    assert [n for n, button in enumerate(tab.correction.buttons) if button.isChecked()] == [1]


@pytest.mark.parametrize("pad", [False, True])
def test_a_digits_key_does_the_same(window: Window, qtbot: QtBot, pad: bool) -> None:
    tab = window.draw
    heard = corrections(tab)
    newest(window, qtbot)  # read as a whole: a key before that is told once, and the last counts
    modifier = Qt.KeyboardModifier.KeypadModifier if pad else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(tab.canvas, Qt.Key.Key_9, modifier)
    QTest.keyClick(tab.canvas, Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(tab.preprocessing.switches["box"], Qt.Key.Key_2)
    qtbot.waitUntil(lambda: [told.label for told in heard] == [9, 2])


def test_a_key_before_the_answer_waits_for_it(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    with qtbot.waitSignal(tab.corrected) as corrected:
        draw(tab.canvas, SEVEN)
        QTest.keyClick(tab.canvas, Qt.Key.Key_1)
    told: Correction = corrected.args[0]
    assert told.label == 1 and told.strokes == tab.canvas.drawing.strokes


@pytest.mark.parametrize("kind", [QSpinBox, QComboBox])
def test_digits_typed_into_a_field_correct_nothing(
    window: Window, qtbot: QtBot, kind: type[QSpinBox | QComboBox]
) -> None:
    tab = window.draw
    heard = corrections(tab)
    draw(tab.canvas, SEVEN)
    wait_for(qtbot, tab, "7")
    field = kind(tab)
    if isinstance(field, QComboBox):
        field.addItems(["any digit", "4", "5"])
    field.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClick(field, Qt.Key.Key_5)
    assert heard == []
    text = field.currentText() if isinstance(field, QComboBox) else field.text()
    assert "5" in text
    field.deleteLater()


def test_digits_keys_on_another_tab_correct_nothing(window: Window, qtbot: QtBot) -> None:
    heard = corrections(window.draw)
    draw(window.draw.canvas, SEVEN)
    wait_for(qtbot, window.draw, "7")
    window.tabs.setCurrentWidget(window.train)
    window.train.table.setFocus()
    QTest.keyClick(window.train.table, Qt.Key.Key_5)
    assert heard == []


def test_a_new_drawing_is_not_kept_yet(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    draw(tab.canvas, SEVEN)
    wait_for(qtbot, tab, "7")
    QTest.mouseClick(tab.correction.buttons[4], LEFT)
    qtbot.waitUntil(tab.correction.buttons[4].isChecked)
    tab.clear.trigger()
    wait_for(qtbot, tab, "")
    assert not any(button.isChecked() for button in tab.correction.buttons)
    tab.undo.trigger()
    wait_for(qtbot, tab, "7")
    assert tab.correction.buttons[4].isChecked()


def test_the_row_is_hidden_for_a_network_of_other_things(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    draw(tab.canvas, SEVEN)
    wait_for(qtbot, tab, "7")
    assert tab.correction.isVisible() and window.shipped is not None
    place = tab.conv1.geometry()
    window.use_model(dataclasses.replace(window.shipped, classes=tuple("ABCDEFGHIJ")))
    qtbot.waitUntil(lambda: not tab.correction.isVisible())
    heard = corrections(tab)
    QTest.keyClick(tab.canvas, Qt.Key.Key_5)
    assert heard == [] and tab.conv1.geometry() == place


# Steps left out


def test_clear_takes_every_step_again(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    draw(tab.canvas, small(SEVEN, 5, 5))
    wait_for(qtbot, tab, "7")
    for name in ("box", "fit", "center"):
        box = tab.preprocessing.switches[name]
        QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    qtbot.waitUntil(lambda: tab.prediction.answer != "7")
    # More ink on the same sheet leaves the switches alone.
    draw(tab.canvas, [(200, 200), (210, 210)])
    assert tab.preprocessing.options == PreprocessingOptions(False, False, False)
    QTest.keyClick(tab.canvas, Qt.Key.Key_Delete)
    assert tab.preprocessing.options == PreprocessingOptions()
    draw(tab.canvas, small(SEVEN, 5, 5))
    wait_for(qtbot, tab, "7")


def test_a_switch_set_on_a_clean_sheet_holds_for_what_is_drawn(
    window: Window, qtbot: QtBot
) -> None:
    tab = window.draw
    tab.preprocessing.switches["box"].click()
    draw(tab.canvas, small(SEVEN, 5, 5))
    qtbot.waitUntil(lambda: tab.prediction.answer != "")
    assert tab.preprocessing.options == PreprocessingOptions(box=False)
    tab.canvas.show_strokes(((((20.0, 20.0, 1.0), (90.0, 90.0, 1.0))),))
    assert tab.preprocessing.options == PreprocessingOptions()


# Several digits


def write_71(window: Window, qtbot: QtBot) -> None:
    draw(window.draw.canvas, small(SEVEN, 10, 60))
    draw(window.draw.canvas, small(ONE, 110, 60))
    wait_for(qtbot, window.draw, "71")


def test_a_number_is_read_and_its_digits_are_boxed_on_the_paper(
    window: Window, qtbot: QtBot
) -> None:
    tab = window.draw
    write_71(window, qtbot)
    first, second = tab.canvas.marks
    assert (first.text[0], second.text[0]) == ("7", "1") and "%" in first.text
    assert (first.chosen, second.chosen) == (False, True)
    left, top, right, bottom = first.box
    for x, y in small(SEVEN, 10, 60):
        assert left < x < right and top < y < bottom
    assert tab.probabilities.marked == (1,)
    assert tab.prediction.accessibleName() == "Prediction: 71"


def test_one_of_several_that_is_no_digit_has_a_question_mark(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    write_71(window, qtbot)
    reading = window.reading
    assert reading is not None
    first, second = reading.digits
    refused = dataclasses.replace(first.prediction, verdict=Verdict.REJECTED)
    digits = (dataclasses.replace(first, prediction=refused), second)
    tab.show_reading(dataclasses.replace(reading, digits=digits))
    assert tab.prediction.answer == "?1"
    assert tab.canvas.marks[0].text == "?" and tab.canvas.marks[1].text[0] == "1"


def test_the_mark_of_the_chosen_digit_stands_right_under_it(qtbot: QtBot) -> None:
    view = AnswerView()
    qtbot.addWidget(view)
    view.resize(240, 240)
    view.show_answer(("1", "4"), "", marked=1)
    palette, image = view.palette(), view.grab().toImage()
    place = view.places()[1].toRect()
    column = [image.pixelColor(place.center().x(), y) for y in range(image.height())]
    mark = column.index(palette.color(QPalette.ColorRole.Highlight))
    paper = palette.color(QPalette.ColorRole.Window)
    rows = [
        y
        for y in range(mark)
        if any(image.pixelColor(x, y) != paper for x in range(place.left(), place.right()))
    ]
    assert 0 < mark - max(rows) < 8


def test_a_click_on_a_digit_shows_how_it_was_read(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    write_71(window, qtbot)
    seven = tab.prediction.places()[0].center().toPoint()
    QTest.mouseClick(tab.prediction, LEFT, pos=seven)
    qtbot.waitUntil(lambda: tab.probabilities.marked == (7,))
    assert [mark.chosen for mark in tab.canvas.marks] == [True, False]
    assert tab.prediction.answer == "71"
    tab.prediction.setFocus()
    QTest.keyClick(tab.prediction, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: tab.probabilities.marked == (1,))


def test_a_correction_goes_to_the_chosen_digit_alone(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    heard = corrections(tab)
    write_71(window, qtbot)
    QTest.mouseClick(tab.correction.buttons[2], LEFT)
    qtbot.waitUntil(tab.correction.buttons[2].isChecked)
    QTest.mouseClick(tab.prediction, LEFT, pos=tab.prediction.places()[0].center().toPoint())
    qtbot.waitUntil(lambda: tab.probabilities.marked == (7,))
    assert not tab.correction.buttons[2].isChecked()
    QTest.mouseClick(tab.correction.buttons[9], LEFT)
    strokes = tab.canvas.drawing.strokes
    assert [(told.label, told.read_as, told.strokes) for told in heard] == [
        (2, 1, strokes[1:]),
        (9, 7, strokes[:1]),
    ]


def test_boxes_go_with_the_ink(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    write_71(window, qtbot)
    assert len(tab.canvas.marks) == 2
    tab.undo.trigger()
    wait_for(qtbot, tab, "7")
    assert tab.canvas.marks == ()


def test_one_digit_of_several_strokes_stays_one(window: Window, qtbot: QtBot) -> None:
    tab = window.draw
    draw(tab.canvas, SEVEN)
    draw(tab.canvas, [(110, 140), (200, 140)])
    wait_for(qtbot, tab, "7")
    assert tab.canvas.marks == ()


def test_looking_for_several_can_be_switched_off_and_is_remembered(
    window: Window, make_window: MakeWindow, qtbot: QtBot
) -> None:
    tab = window.draw
    edit = next(m for m in window.menuBar().findChildren(QMenu) if m.title() == "&Edit")
    assert tab.several in edit.actions() and tab.several.isChecked()
    write_71(window, qtbot)
    tab.several.trigger()
    qtbot.waitUntil(lambda: len(tab.prediction.answer) == 1 and tab.canvas.marks == ())
    window.close()
    assert not make_window().draw.several.isChecked()


def test_punctuation_is_read_if_it_is_switched_on_and_that_is_remembered(
    window: Window, make_window: MakeWindow, qtbot: QtBot
) -> None:
    tab = window.draw
    edit = next(m for m in window.menuBar().findChildren(QMenu) if m.title() == "&Edit")
    assert tab.punctuation in edit.actions() and not tab.punctuation.isChecked()
    write_71(window, qtbot)
    seven, one = (mark.box for mark in tab.canvas.marks)
    dot = ((seven[2] + one[0]) / 2, seven[3] - 12)
    draw(tab.canvas, [dot, (dot[0] + 2, dot[1] + 2)])
    tab.punctuation.trigger()
    wait_for(qtbot, tab, "7.1")
    assert len(tab.canvas.marks) == 2
    tab.several.trigger()
    assert not tab.punctuation.isEnabled()
    tab.several.trigger()
    wait_for(qtbot, tab, "7.1")
    window.close()
    assert make_window().draw.punctuation.isChecked()


# Room


def test_at_the_smallest_size_nothing_is_cut_or_overlaps(window: Window, qtbot: QtBot) -> None:
    window.resize(960, 600)
    qtbot.waitUntil(lambda: window.height() == 600)
    view = window.draw.view
    parts: list[QWidget] = [
        *(
            view.preprocessing.strokes,
            view.preprocessing.read,
            *view.preprocessing.switches.values(),
        ),
        *(view.prediction, view.probabilities, *view.correction.buttons),
        *(view.conv1, view.conv2),
    ]
    boxes = []
    for part in parts:
        assert part.width() >= part.minimumSizeHint().width(), part.objectName()
        assert part.height() >= part.minimumSizeHint().height(), part.objectName()
        assert part.height() >= part.minimumHeight(), part.objectName()
        box = part.rect().translated(part.mapTo(view, QPoint()))
        assert view.rect().contains(box), part.objectName()
        assert not any(box.intersects(other) for other in boxes), part.objectName()
        boxes.append(box)
    assert window.height() == 600


def test_ink_is_drawn_where_a_box_is_shown(window: Window, qtbot: QtBot) -> None:
    """The pen writes through boxes; only a click, which moves nowhere, leaves no ink."""
    tab = window.draw
    write_71(window, qtbot)
    left, top, right, bottom = tab.canvas.marks[0].box
    x, y = (left + right) / 2, (top + bottom) / 2
    QTest.mouseClick(tab.canvas, LEFT, pos=on_canvas(tab.canvas, x, y))
    assert len(tab.canvas.drawing.strokes) == 2
    draw(tab.canvas, [(x, y), (x + 10, y + 10)])
    assert len(tab.canvas.drawing.strokes) == 3
