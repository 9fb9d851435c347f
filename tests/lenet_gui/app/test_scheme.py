"""Light and dark: a window that is switched is the same as one that was started so."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QApplication, QMenu, QProgressBar, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from lenet_gui.app.session import FIRST_SIZE
from lenet_gui.app.window import Window
from lenet_gui.widgets import theme
from tests.support.class_sets import keep_set
from tests.support.gui import SEVEN, MakeWindow, draw, steady_picture
from trainer.recipes.catalog import edit_recipe, find_recipe

SCHEMES = ("light", "dark")


pytestmark = pytest.mark.usefixtures("own_look")


def application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def open_window(make_window: MakeWindow, qtbot: QtBot) -> Window:
    window = make_window()
    window.resize(FIRST_SIZE)
    with qtbot.waitSignal(window.reader.loaded, timeout=30_000):
        window.start()
    draw(window.draw.canvas, SEVEN)
    qtbot.waitUntil(lambda: window.draw.prediction.answer == "7", timeout=30_000)
    keep_set(window, qtbot)
    window.train.form.show_recipe(edit_recipe(find_recipe("ninety-nine"), epochs=3))  # a link
    own = window.my_digits, window.my_classes
    for tab in (window.inspect, window.train, window.evaluate, *own, window.draw):
        window.tabs.setCurrentWidget(tab)
        QCoreApplication.processEvents()
    return window


def pictures(window: Window, qtbot: QtBot) -> list[QImage]:
    """What each tab looks like, without what moves by itself."""
    found = []
    for number in range(window.tabs.count()):
        window.tabs.setCurrentIndex(number)
        window.statusBar().hide()
        window.setFocus()
        found.append(steady_picture(window, qtbot))
    return found


def different(first: QImage, second: QImage) -> int:
    """How many bytes of pixels are others."""
    assert first.size() == second.size() and first.format() == second.format()
    one, other = (np.frombuffer(image.constBits(), np.uint8) for image in (first, second))
    return int(np.count_nonzero(one != other))


def choose(window: Window, scheme: str) -> None:
    """As by View > Light or Dark."""
    actions = [each for menu in window.findChildren(QMenu) for each in menu.actions()]
    next(each for each in actions if each.text().replace("&", "").lower() == scheme).trigger()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_switched_window_is_as_one_started_so(
    make_window: MakeWindow, qtbot: QtBot, scheme: str
) -> None:
    theme.apply(application(), scheme)
    started = pictures(open_window(make_window, qtbot), qtbot)
    theme.apply(application(), next(other for other in SCHEMES if other != scheme))
    window = open_window(make_window, qtbot)
    pictures(window, qtbot)  # all is drawn, and kept, in the other colors
    choose(window, scheme)
    switched = pictures(window, qtbot)
    titles = [window.tabs.tabText(number) for number in range(window.tabs.count())]
    counts = [different(one, other) for one, other in zip(started, switched, strict=True)]
    assert dict(zip(titles, counts, strict=True)) == dict.fromkeys(titles, 0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_on_a_progress_bar_can_be_read(qtbot: QtBot, scheme: str) -> None:
    theme.apply(application(), scheme)
    bar = QProgressBar()
    qtbot.addWidget(bar)
    bar.setTextVisible(False)
    bar.setRange(0, 1)
    bar.resize(200, 20)
    words = luminance(bar.palette().color(QPalette.ColorRole.Text))
    for done in (0, 1):
        bar.setValue(done)
        ground = luminance(bar.grab().toImage().pixelColor(100, 10))
        dark, bright = sorted((words, ground))
        assert (bright + 0.05) / (dark + 0.05) > 4.5


def luminance(color: QColor) -> float:
    """As in the Web Content Accessibility Guidelines 2.1, from 0 to 1."""
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_tabs_without_room_scroll_by_buttons_with_arrows(qtbot: QtBot) -> None:
    theme.apply(application(), "light")
    bar = QTabBar()
    qtbot.addWidget(bar)
    for name in ("Draw", "Inspect", "Train", "Evaluate"):
        bar.addTab(name)
    bar.resize(150, 30)
    bar.show()
    button = bar.findChild(QToolButton, "ScrollRightButton")
    assert button is not None and button.isVisible() and button.width() >= 18
    arrow = button.grab().toImage()
    middle = [arrow.pixelColor(x, arrow.height() // 2) for x in range(arrow.width())]
    assert min(color.lightness() for color in middle) < 128


def test_the_desktops_switch_takes_the_same_way(make_window: MakeWindow, qtbot: QtBot) -> None:
    theme.apply(application(), "light")
    window = open_window(make_window, qtbot)
    light = pictures(window, qtbot)
    choose(window, "dark")
    dark = pictures(window, qtbot)
    window.scheme = "system"
    for scheme, expected in ((Qt.ColorScheme.Light, light), (Qt.ColorScheme.Dark, dark)):
        QGuiApplication.styleHints().colorSchemeChanged.emit(scheme)  # as the desktop does
        found = pictures(window, qtbot)
        counts = [different(one, other) for one, other in zip(found, expected, strict=True)]
        assert counts == [0] * len(expected)
