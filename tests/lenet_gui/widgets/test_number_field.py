"""A number is a number in every country; what is none is refused in sight."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lenet_gui.widgets import formatting
from lenet_gui.widgets.number_field import REFUSED, NumberField


@pytest.fixture(params=["en_US", "de_DE", "fr_FR", "tr_TR"], autouse=True)
def country(request: pytest.FixtureRequest) -> Iterator[None]:
    """Qt's default language, which decides nothing here."""
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield
    QLocale.setDefault(before)


def make(qtbot: QtBot, field: NumberField) -> NumberField:
    qtbot.addWidget(field)
    field.show()
    return field


def type_into(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    if text.isascii():
        QTest.keyClicks(field, text)
    else:  # QTest has no keys for it
        QGuiApplication.clipboard().setText(text)
        QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Qt.Key.Key_Return)


def has_red_frame(field: NumberField) -> bool:
    return field.grab().toImage().pixelColor(1, field.height() // 2) == QColor(REFUSED)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.01", 0.01), ("0,01", 0.01), ("1e-3", 1e-3), ("2,5E-3", 2.5e-3), (".5", 0.5), ("1", 1.0)],
)
def test_points_commas_and_exponents(qtbot: QtBot, text: str, value: float) -> None:
    field = make(qtbot, NumberField(1e-6, 10))
    with qtbot.waitSignal(field.valueChanged):
        type_into(field, text)
    assert field.value() == value and not field.problem and not has_red_frame(field)


@pytest.mark.parametrize(
    "text", ["1e99", "0", "1.000,5", "abc", "1 2", "", "nan", "inf", "0x1", "²"]
)
def test_what_is_no_number_is_refused_in_sight(qtbot: QtBot, text: str) -> None:
    field = make(qtbot, NumberField(1e-6, 10, tracking=False))
    field.setValue(0.5)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Qt.Key.Key_Delete)
    type_into(field, text)
    assert field.value() == 0.5
    assert field.text() == text and has_red_frame(field)
    assert field.problem == f"“{text}” is not a number from 0.000001 to 10"
    field.setValue(0.5)
    assert field.text() == "0.5" and not field.problem and not has_red_frame(field)


@pytest.mark.parametrize(("text", "value"), [("10,652", 10_652), ("1e4", 10_000), ("7", 7)])
def test_whole_numbers(qtbot: QtBot, text: str, value: int) -> None:
    field = make(qtbot, NumberField(1, 60_000, whole=True, grouped=True))
    type_into(field, text)
    assert field.value() == value and isinstance(field.value(), int)
    assert field.text() == f"{value:,}"


@pytest.mark.parametrize("text", ["2.5", "2,5", "1e99", "1e-1", "60001"])
def test_what_is_no_whole_number_is_refused(qtbot: QtBot, text: str) -> None:
    field = make(qtbot, NumberField(1, 60_000, whole=True, tracking=False))
    type_into(field, text)
    assert field.value() == 1 and field.text() == text and has_red_frame(field)


def test_arrows_step_within_the_range(qtbot: QtBot) -> None:
    field = make(qtbot, NumberField(0, 0.03))
    type_into(field, "0,028")
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Up)
    assert field.value() == 0.03 and field.text() == "0.03"
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert field.value() == 0.029


def test_a_field_that_waits_counts_once_the_number_is_complete(qtbot: QtBot) -> None:
    field = make(qtbot, NumberField(-9, 9, decimals=2, tracking=False))
    heard: list[float] = []
    field.valueChanged.connect(heard.append)
    type_into(field, "−1,25")
    assert heard == [-1.25] and field.text() == "-1.25"


@pytest.mark.parametrize(
    ("country", "whole", "fraction"),
    [("de_DE", "10.652", "0,25"), ("fr_FR", "10\u202f652", "0,25"), ("zh_CN", "10,652", "0.25")],
)
def test_numbers_are_shown_and_read_as_in_the_country(
    qtbot: QtBot, country: str, whole: str, fraction: str
) -> None:
    formatting.use_locale(QLocale(country))
    try:
        count, share = NumberField(0, 90_000, whole=True, grouped=True), NumberField(0, 1)
        for field, text, value in ((count, whole, 10_652), (share, fraction, 0.25)):
            qtbot.addWidget(field)
            field.setValue(value)
            assert field.text() == text
            field.setValue(0)
            field.selectAll()
            QTest.keyClicks(field, text.replace("\u202f", " "))
            QTest.keyClick(field, Qt.Key.Key_Return)
            assert field.value() == value and field.text() == text and not field.problem
    finally:
        formatting.use_locale(QLocale.c())
