"""Browsing a dataset: what is laid on the paper, which are misread, and how to get about."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from lenet_gui.app.window import Window
from lenet_gui.draw.dataset_browser import BROWSABLE
from lenet_gui.draw.dataset_lookup import FoundPicture
from lenet_gui.draw.tab import DrawTab
from tests.conftest import pen_digits
from tests.support.gui import ONE, MakeWindow, draw, show_active
from trainer.data import loading
from trainer.data.labelled_images import LabelledImages
from trainer.data.loading import FASHION_CLASSES, DataMissing
from trainer.networks import model as weights
from trainer.progress import Progress
from trainer.reading import predict

CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
COUNT = 60
T = TypeVar("T")


@pytest.fixture(scope="module")
def some() -> LabelledImages:
    """Built-in digits, every sixth of them with a wrong label: surely misread."""
    made = pen_digits(COUNT, seed=11)
    made.labels[::6] = (made.labels[::6] + 5) % 10
    return made


@pytest.fixture
def load(some: LabelledImages, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Datasets without files: MNIST is `some`, Fashion-MNIST the same as clothes; the rest lack."""
    asked: list[str] = []

    def load(name: str, split: str, folder: Path) -> Iterator[Progress]:
        asked.append(name)
        assert split == "test"
        yield Progress(f"reading {name}", 0, 0)
        if name not in ("mnist", "fashion") or folder.name == "empty":
            raise DataMissing("mnist", folder)
        clothes = LabelledImages(some.images, some.labels, FASHION_CLASSES)
        return some if name == "mnist" else clothes

    monkeypatch.setattr(loading, "load", load)
    return asked


@pytest.fixture
def tab(qtbot: QtBot, load: list[str]) -> Iterator[DrawTab]:
    tab = DrawTab()
    show_active(qtbot, tab, 1000, 700)
    tab.canvas.setFocus()
    tab.browser.use_model(weights.load_shipped())
    yield tab
    assert all(thread.wait(10_000) for thread in tab.browser.end())


def answer(qtbot: QtBot, tab: DrawTab, what: object) -> FoundPicture:
    """Do something, and wait for the picture that it brings."""
    with qtbot.waitSignal(tab.browser.found, timeout=30_000):
        what()  # type: ignore[operator]
    assert tab.browser.last is not None
    return tab.browser.last


def opened(qtbot: QtBot, tab: DrawTab) -> FoundPicture:
    return answer(qtbot, tab, lambda: QTest.keyClick(tab.canvas, Qt.Key.Key_B, CONTROL))


def misread(some: LabelledImages) -> list[int]:
    rows = predict.read_many(weights.load_shipped(), some.images.numpy())
    return [n for n, row in enumerate(rows) if int(np.argmax(row)) != int(some.labels[n])]


def choose(tab: DrawTab, name: str) -> None:
    combo = tab.browser.dataset
    combo.setCurrentIndex(BROWSABLE.index(name))
    combo.activated.emit(combo.currentIndex())


def test_it_is_hidden_until_it_is_asked_for(
    tab: DrawTab, qtbot: QtBot, some: LabelledImages
) -> None:
    assert not tab.browser.isVisible()
    first = opened(qtbot, tab)
    assert tab.browser.isVisible() and tab.browser.place.maximum() == COUNT
    picture = tab.canvas.drawing.picture
    assert picture is not None and first.picture is picture
    assert np.array_equal(picture.image, some.images[0].numpy())
    assert np.array_equal(picture.shown, picture.image)
    assert picture.caption == f"MNIST test image 1 · label {int(some.labels[0])}"
    QTest.keyClick(tab.canvas, Qt.Key.Key_B, CONTROL)
    assert not tab.browser.isVisible()
    assert tab.browser.note.text().startswith("MNIST test image 1")
    tab.undo.trigger()
    assert tab.canvas.drawing.empty and not tab.browser.note.text()


def test_back_and_forth_by_key_and_button_and_a_number_to_jump_to(
    tab: DrawTab, qtbot: QtBot
) -> None:
    opened(qtbot, tab)
    assert not tab.browser.previous.isEnabled()
    step = tab.browser.findChild(QToolButton, "browse_next")
    assert step is not None
    places = [
        answer(qtbot, tab, lambda: QTest.keyClick(tab.canvas, Qt.Key.Key_Right, ALT)).place,
        answer(qtbot, tab, lambda: QTest.mouseClick(step, Qt.MouseButton.LeftButton)).place,
        answer(qtbot, tab, lambda: QTest.keyClick(tab.canvas, Qt.Key.Key_Left, ALT)).place,
    ]
    assert places == [1, 2, 1]
    field = tab.browser.place
    field.setFocus()
    field.selectAll()

    def type_number() -> None:
        QTest.keyClicks(field, str(COUNT))
        QTest.keyClick(field, Qt.Key.Key_Return)

    assert answer(qtbot, tab, type_number).number == COUNT - 1
    assert not tab.browser.next.isEnabled() and tab.browser.previous.isEnabled()
    assert tab.browser.count.text() == f"of {COUNT}"


def test_holding_the_key_down_ends_at_the_last_one_asked_for(tab: DrawTab, qtbot: QtBot) -> None:
    opened(qtbot, tab)
    for _ in range(20):
        QTest.keyClick(tab.canvas, Qt.Key.Key_Right, ALT)
    qtbot.waitUntil(lambda: tab.browser.last is not None and tab.browser.last.place == 20)
    assert tab.browser.place.value() == 21
    picture = tab.canvas.drawing.picture
    assert picture is not None and picture.caption.startswith("MNIST test image 21 ·")


def test_only_one_class(tab: DrawTab, qtbot: QtBot, some: LabelledImages) -> None:
    opened(qtbot, tab)
    sevens = [n for n, label in enumerate(some.labels.tolist()) if label == 7]
    assert tab.browser.label.itemText(8) == "7"

    def only_sevens() -> None:
        tab.browser.label.setCurrentIndex(8)
        tab.browser.label.activated.emit(8)

    first = answer(qtbot, tab, only_sevens)
    assert (first.number, first.count) == (sevens[0], len(sevens))
    second = answer(qtbot, tab, tab.browser.next.trigger)
    assert second.number == sevens[1]


def test_only_those_that_this_network_misreads(
    tab: DrawTab, qtbot: QtBot, some: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(qtbot, tab)
    wrong = misread(some)
    assert COUNT / 6 <= len(wrong) < COUNT
    read_many, batches = predict.read_many, []

    def counted(model: weights.Model, images: np.ndarray) -> list[tuple[float, ...]]:
        batches.append(len(images))
        return read_many(model, images)

    monkeypatch.setattr(predict, "read_many", counted)
    seen = [answer(qtbot, tab, lambda: tab.browser.wrong.setChecked(True))]
    seen += [answer(qtbot, tab, tab.browser.next.trigger) for _ in wrong[1:]]
    assert [found.number for found in seen] == wrong
    assert batches.count(COUNT) == 1  # all are read once, not again for each step
    assert not any(found.right for found in seen)
    assert tab.browser.note.text().endswith(f"recognized as {seen[-1].read_as}")


def test_what_was_misread_in_evaluation_is_misread_on_the_paper(
    make_window: MakeWindow, load: list[str], qtbot: QtBot, some: LabelledImages
) -> None:
    window = make_window()
    with qtbot.waitSignal(window.reader.loaded, timeout=30_000):
        window.start()
    draw_tab = window.draw
    draw_tab.browser.wrong.setChecked(True)
    window.draw.browser.toggle.trigger()
    for number in misread(some)[:4]:
        qtbot.waitUntil(
            lambda number=number: (
                draw_tab.canvas.drawing.picture is not None
                and draw_tab.canvas.drawing.picture.caption.startswith(
                    f"MNIST test image {number + 1} ·"
                )
            ),
            timeout=30_000,
        )
        found = draw_tab.browser.last
        assert found is not None and found.number == number
        picture = draw_tab.canvas.drawing.picture
        assert picture is not None
        read = predict.read(weights.load_shipped(), picture.image)
        assert str(read.digit) == found.read_as != str(int(some.labels[number]))
        draw_tab.browser.next.trigger()


def test_another_network_is_asked_anew_and_the_paper_stays(
    tab: DrawTab, qtbot: QtBot, some: LabelledImages
) -> None:
    model = weights.load_shipped()
    opened(qtbot, tab)
    answer(qtbot, tab, lambda: tab.browser.wrong.setChecked(True))
    draw(tab.canvas, ONE)
    before, count = tab.canvas.drawing.sheet, tab.browser.place.maximum()
    other = dataclasses.replace(model, network=copy.deepcopy(model.network))
    with torch.no_grad():
        for parameter in other.network.parameters():
            parameter.zero_()  # all are equally probable: the first is said
    tab.browser.use_model(other)
    zeros = int((some.labels == 0).sum())
    qtbot.waitUntil(lambda: tab.browser.place.maximum() == COUNT - zeros, timeout=30_000)
    assert tab.canvas.drawing.sheet is before
    tab.browser.use_model(model)
    qtbot.waitUntil(lambda: tab.browser.place.maximum() == count, timeout=30_000)


def test_a_network_for_other_things_can_be_neither_right_nor_wrong(
    tab: DrawTab, qtbot: QtBot
) -> None:
    opened(qtbot, tab)
    found = answer(qtbot, tab, lambda: choose(tab, "fashion"))
    assert found.read_as is None and found.picture is not None
    assert tab.browser.note.text() == found.picture.caption
    assert found.picture.caption.startswith("Fashion-MNIST test image 1 ·")
    assert tab.browser.label.itemText(10) == "Ankle boot"
    tab.browser.wrong.setChecked(True)
    qtbot.waitUntil(lambda: "no answers for these pictures" in tab.browser.note.text())
    assert not tab.browser.next.isEnabled()


def test_a_network_that_reads_clothes(tab: DrawTab, qtbot: QtBot, some: LabelledImages) -> None:
    opened(qtbot, tab)
    answer(qtbot, tab, lambda: choose(tab, "fashion"))
    clothes = dataclasses.replace(weights.load_shipped(), classes=FASHION_CLASSES)
    tab.browser.use_model(clothes)
    qtbot.waitUntil(lambda: tab.browser.last is not None and tab.browser.last.read_as is not None)
    assert tab.browser.last is not None and tab.browser.last.read_as in FASHION_CLASSES


def test_none_misread_is_said(
    tab: DrawTab, qtbot: QtBot, some: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = [tuple(float(n == label) for n in range(10)) for label in some.labels.tolist()]

    def perfect(_model: weights.Model, images: np.ndarray) -> list[tuple[float, ...]]:
        return truth[: len(images)]

    monkeypatch.setattr(predict, "read_many", perfect)
    opened(qtbot, tab)
    tab.browser.wrong.setChecked(True)
    qtbot.waitUntil(lambda: tab.browser.note.text() == "None misread")
    assert tab.browser.place.maximum() == 0 and not tab.browser.next.isEnabled()


def test_a_dataset_that_is_not_there_is_offered(
    tab: DrawTab, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.browser.folder = tmp_path / "empty"
    QTest.keyClick(tab.canvas, Qt.Key.Key_B, CONTROL)
    offer = tab.browser.offer
    qtbot.waitUntil(offer.isVisible, timeout=20_000)
    assert str(tmp_path / "empty") in offer.text.text()
    assert offer.download.isVisible() and not offer.pen.isVisible()
    monkeypatch.setattr(loading, "list_missing", lambda name, folder: [])
    with qtbot.waitSignals([tab.browser.folder_chosen, tab.browser.found], timeout=20_000):
        offer.try_folder(tmp_path)
    assert not offer.isVisible() and tab.browser.folder == tmp_path


def test_the_newest_request_wins_and_long_reading_is_left_for_it(
    tab: DrawTab, qtbot: QtBot, some: LabelledImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    read_many = predict.read_many

    def slowly(model: weights.Model, images: np.ndarray) -> list[tuple[float, ...]]:
        if len(images) > 1:
            begun.set()
            go_on.wait(10)
        return read_many(model, images)

    opened(qtbot, tab)
    monkeypatch.setattr("lenet_gui.draw.dataset_lookup._AT_ONCE", 20)
    monkeypatch.setattr(predict, "read_many", slowly)
    shown: list[object] = []
    tab.browser.found.connect(shown.append)
    tab.browser.wrong.setChecked(True)
    qtbot.waitUntil(begun.is_set)
    qtbot.waitUntil(lambda: "Reading all pictures: 0 of 60" in tab.browser.note.text())
    tab.browser.wrong.setChecked(False)
    go_on.set()
    qtbot.waitUntil(lambda: len(shown) == 1)
    assert tab.browser.place.maximum() == COUNT


def test_digits_typed_in_the_field_are_not_taken_for_corrections(
    tab: DrawTab, qtbot: QtBot
) -> None:
    opened(qtbot, tab)
    said: list[object] = []
    tab.corrected.connect(said.append)
    tab.browser.place.setFocus()
    QTest.keyClicks(tab.browser.place, "12")
    assert said == []


def test_a_corrected_test_picture_is_kept_with_where_it_is_from(
    load: list[str], window: Window, qtbot: QtBot
) -> None:
    window.draw.browser.toggle.trigger()
    qtbot.waitUntil(lambda: not window.draw.canvas.drawing.empty)
    with qtbot.waitSignal(window.my_digits.added):
        window.draw.correct(3)
    (kept,) = window.my_digits.kept.entries()
    assert (kept.label, kept.source, kept.test_set) == (3, "mnist test 0", "mnist")
    assert (
        "Being a test picture, it is not used for training" in window.statusBar().currentMessage()
    )


def test_the_dataset_is_remembered_and_nothing_else(
    make_window: MakeWindow, load: list[str]
) -> None:
    window = make_window()
    choose(window.draw, "fashion")
    window.draw.browser.wrong.setChecked(True)
    window.draw.browser.toggle.trigger()
    window.close()
    again = make_window()
    assert again.draw.browser.chosen == "fashion"
    assert not again.draw.browser.isVisible() and not again.draw.browser.wrong.isChecked()


def test_it_is_in_the_menu_and_shows_the_draw_tab(window: Window, load: list[str]) -> None:
    window.tabs.setCurrentWidget(window.train)
    window.draw.browser.toggle.trigger()
    assert window.tabs.currentWidget() is window.draw and window.draw.browser.isVisible()


def test_as_many_are_found_as_evaluation_counts(real_data: Path, qtbot: QtBot) -> None:
    """The real test set: as many as `lenet evaluate` counts."""
    from trainer.evaluation import report

    work = loading.load("mnist", "test", real_data)
    digits = result_of(work)
    tab = DrawTab()
    qtbot.addWidget(tab)
    model = weights.load_shipped()
    score = result_of(report.evaluate_with_progress(model.network, digits, model.recipe))
    tab.browser.folder = real_data
    tab.browser.use_model(model)
    tab.browser.wrong.setChecked(True)
    tab.show()
    with qtbot.waitSignal(tab.browser.found, timeout=60_000):
        tab.browser.toggle.trigger()
    assert tab.browser.place.maximum() == round(10_000 * (1 - score.accuracy))
    assert all(thread.wait(10_000) for thread in tab.browser.end())


def result_of(work: Generator[object, None, T]) -> T:
    """What a generator returns."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result
