"""Light and dark, one accent color, and text on machines without fonts."""

from __future__ import annotations

import importlib.util
import time
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from trainer.files import asset

GRID = 8
"""Points: distances between parts of the window are multiples of it, within a part of its half."""
TITLE, HEADING, BODY, CAPTION = 1.5, 1.15, 1.0, 0.9
"""The four sizes of text, as multiples of the application's font."""

_STYLE_SHEET = """
/* Text: headings are as dark as what they head, captions and descriptions step back. */
QLabel#heading { font-weight: 600; }
QLabel#steps_note { color: palette(placeholder-text); }
QLabel#steps_note[urgent="true"] { color: palette(link); font-weight: 600; }
QLabel#caption, QLabel#description, QLabel#watched_moment { color: palette(placeholder-text); }
QLabel#form_problem, QLabel#change_heading { font-weight: 600; }

/* Buttons: one kind; the one that a page is for is filled. */
QPushButton { background: palette(base); border: 1px solid palette(mid); border-radius: 5px;
              padding: 5px 12px; }
QPushButton:hover { border-color: palette(accent); }
QPushButton:pressed, QPushButton:checked { background: palette(alternate-base); }
QPushButton:disabled { background: transparent; border-color: palette(alternate-base); }
QPushButton#train_button, QPushButton#learn_button, QPushButton#evaluate_button,
QPushButton[primary="true"] {
              background: palette(accent); color: white; border: 1px solid palette(accent);
              font-weight: 600; }
QPushButton#train_button, QPushButton#quickest_button, QPushButton#learn_button {
              padding: 7px 12px; }
QPushButton#quickest_button { color: palette(link); border-color: palette(accent);
              font-weight: 600; }
QPushButton#train_button:pressed, QPushButton#learn_button:pressed,
QPushButton#evaluate_button:pressed,
QPushButton[primary="true"]:pressed { background: palette(link); color: palette(base); }
QPushButton#train_button:disabled, QPushButton#learn_button:disabled,
QPushButton#evaluate_button:disabled,
QPushButton[primary="true"]:disabled {
              background: palette(mid); color: palette(window); border-color: palette(mid); }
QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 4px; }
QToolButton:hover { background: palette(alternate-base); }
QToolButton:checked, QToolButton:pressed { background: palette(alternate-base);
              border-color: palette(mid); }
QToolButton[popupMode="2"] { padding-right: 16px; }
QToolButton::menu-indicator, QPushButton::menu-indicator {
              image: url(ARROW); width: 12px; height: 12px;
              subcontrol-position: right center; right: 2px; }
QToolButton#all_numbers, QToolButton#description_text_more {
              border: 0; padding: 2px 0; color: palette(link); }
QToolButton#letter_a:checked, QToolButton#letter_b:checked { background: palette(accent);
              color: white; border: 0; border-radius: 4px; font-weight: 600; }
CorrectionRow QToolButton, LabelBar QToolButton, LabelButtons QToolButton {
              background: palette(base); border: 1px solid palette(mid); padding: 2px 4px; }
CorrectionRow QToolButton:hover, CorrectionRow QToolButton:focus,
LabelBar QToolButton:hover, LabelBar QToolButton:focus,
LabelButtons QToolButton:hover, LabelButtons QToolButton:focus {
              border-color: palette(accent); }
CorrectionRow QToolButton:checked { background: palette(accent); color: white;
              border-color: palette(accent); }
CorrectionRow QToolButton:disabled, LabelBar QToolButton:disabled,
LabelButtons QToolButton:disabled {
              background: transparent; color: palette(mid);
              border-color: palette(alternate-base); }

/* Fields. */
QComboBox, QLineEdit, QAbstractSpinBox { background: palette(base);
              border: 1px solid palette(mid); border-radius: 5px; padding: 3px 6px; }
QComboBox:hover, QLineEdit:hover, QAbstractSpinBox:hover { border-color: palette(accent); }
QComboBox:disabled, QLineEdit:disabled, QAbstractSpinBox:disabled {
              background: transparent; border-color: palette(alternate-base); }
QComboBox::drop-down { border: 0; width: 18px; }
QComboBox::down-arrow { image: url(ARROW); width: 12px; height: 12px; }
QAbstractSpinBox QLineEdit { border: 0; padding: 0 0 0 4px; background: transparent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: 0; width: 16px; }
QAbstractSpinBox::up-arrow { image: url(STEP_UP); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url(ARROW); width: 9px; height: 9px; }

/* Tabs, lists, bars. */
QTabWidget::pane { border: 0; }
QTabBar::tab { background: transparent; border: 0; padding: 6px 14px; margin: 0 2px;
              border-bottom: 2px solid transparent; color: palette(placeholder-text); }
#inspect_panels QTabBar::tab { padding: 6px 5px; margin: 0 1px; }
QTabBar::tab:hover { color: palette(text); }
QTabBar::tab:selected { color: palette(text); border-bottom-color: palette(accent); }
QTabBar::tab:disabled { color: palette(mid); }
QTabBar::scroller { width: 40px; }
QTabBar QToolButton { background: palette(window); border: 0; border-radius: 0; padding: 0; }
QHeaderView { background: palette(window); }
QHeaderView::section { background: palette(window); border: 0; padding: 3px 6px;
              border-bottom: 1px solid palette(mid); }
QTableView::item { padding: 0 3px; }
QTableView { selection-background-color: palette(alternate-base);
              selection-color: palette(text); outline: 0; }
QScrollBar { background: transparent; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: palette(mid); border-radius: 4px; margin: 2px; }
QScrollBar::handle:hover { background: palette(placeholder-text); }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: palette(alternate-base); border: 0; border-radius: 4px;
              text-align: center; }
QProgressBar::chunk { background: rgba(75, 139, 245, 45%); border-radius: 4px; }
QToolTip { padding: 3px; }
"""
_COLORS = {
    # role: light, dark
    QPalette.ColorRole.Window: ("#f7f7f8", "#1f2024"),
    QPalette.ColorRole.WindowText: ("#1b1b1f", "#e8e8ea"),
    QPalette.ColorRole.Base: ("#ffffff", "#26272c"),
    QPalette.ColorRole.AlternateBase: ("#e9eaee", "#303238"),
    QPalette.ColorRole.Text: ("#1b1b1f", "#e8e8ea"),
    QPalette.ColorRole.Button: ("#ececef", "#34363c"),
    QPalette.ColorRole.ButtonText: ("#1b1b1f", "#e8e8ea"),
    QPalette.ColorRole.BrightText: ("#ffffff", "#ffffff"),
    QPalette.ColorRole.Light: ("#ffffff", "#44464d"),
    QPalette.ColorRole.Midlight: ("#f4f4f6", "#3b3d43"),
    QPalette.ColorRole.Mid: ("#b9bbc2", "#5b5e66"),
    QPalette.ColorRole.Dark: ("#9a9ca3", "#141518"),
    QPalette.ColorRole.Shadow: ("#70727a", "#000000"),
    QPalette.ColorRole.PlaceholderText: ("#63666e", "#a3a6ae"),
    QPalette.ColorRole.ToolTipBase: ("#ffffff", "#34363c"),
    QPalette.ColorRole.ToolTipText: ("#1b1b1f", "#e8e8ea"),
    QPalette.ColorRole.Highlight: ("#2f6fde", "#4b8bf5"),
    QPalette.ColorRole.HighlightedText: ("#ffffff", "#ffffff"),
    QPalette.ColorRole.Accent: ("#2f6fde", "#4b8bf5"),
    QPalette.ColorRole.Link: ("#2358b8", "#7fb0ff"),
}


_STYLED = "style_was_named"  # a property of the application


def make_application(name: str) -> QApplication:
    """The application, in the style that `apply` would set, and sooner.

    The style that `setStyle` returns has Python make a type of 500 named numbers, which takes
    longer than all the rest of `apply`.

    Args:
        name: of the program, as it was called.
    """
    app = QApplication([name, "-style", "Fusion"])
    app.setProperty(_STYLED, True)
    return app


def apply(app: QApplication, scheme: str = "system") -> None:
    """Set style, palette and font.

    Args:
        app: the application.
        scheme: "light", "dark", or "system" to follow the desktop, also when
            it changes later.
    """
    if not app.styleSheet():  # to set the style again takes as long as all the rest
        if not app.property(_STYLED):
            app.setStyle("Fusion")
        _ensure_fonts(app)
    hints = QGuiApplication.styleHints()
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    if scheme in schemes:
        hints.setColorScheme(schemes[scheme])
        _color(app, scheme == "dark")
        return
    hints.unsetColorScheme()
    follow_system(app, hints.colorScheme())


def follow_system(app: QApplication, scheme: Qt.ColorScheme) -> None:
    """Light or dark as the desktop is now."""
    _color(app, scheme == Qt.ColorScheme.Dark)


def _color(app: QApplication, dark: bool) -> None:
    """Widgets that are there take other colors when they are styled anew after them."""
    wanted, now = palette(dark), app.palette()
    if not app.styleSheet():
        app.setPalette(wanted)
        app.setStyleSheet(_style_sheet())
    elif any(now.color(role) != wanted.color(role) for role in _COLORS):
        app.setPalette(wanted)
        _restyle_all(app)


@cache
def _style_sheet() -> str:
    """With the addresses of its pictures."""
    sheet = _STYLE_SHEET
    for name, picture in (("ARROW", "combo-arrow"), ("STEP_UP", "step-up")):
        sheet = sheet.replace(name, asset(f"icons/{picture}.svg").as_posix())
    return sheet


ZOOMS = (80, 90, 100, 110, 125, 150, 175, 200)
"""How large text can be, in percent of the system's."""
_BASE = "base_font_size"  # a property of the application


def set_text_zoom(app: QApplication, percent: int) -> None:
    """Make all text that large; what paints its own text takes the window's font."""
    font = app.font()
    size = app.property(_BASE) or font.pointSizeF()
    app.setProperty(_BASE, size)
    if font.pointSizeF() == size * percent / 100:
        return
    font.setPointSizeF(size * percent / 100)
    app.setFont(font)
    _restyle_all(app)  # widgets that the style sheet styles keep their font else


_SLICE = 0.01
"""Seconds for which hidden widgets are styled at a time."""


class _Restyler(QObject):
    """Styles hidden widgets when the event loop is idle, or once they are shown.

    Args:
        app: its parent, of which each has one.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._waiting: dict[QWidget, None] = {}  # the next one last
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._style_some)

    def start(self, widgets: list[QWidget]) -> None:
        """Style these, parents before their children, and none of an earlier call."""
        self._waiting = dict.fromkeys(reversed(widgets))
        self._app.installEventFilter(self)
        self._timer.start(0)

    def _style_some(self) -> None:
        until = time.perf_counter() + _SLICE
        while self._waiting and time.perf_counter() < until:
            self._style(next(reversed(self._waiting)))
        if not self._waiting:
            self._timer.stop()
            self._app.removeEventFilter(self)

    def _style(self, widget: QWidget) -> None:
        del self._waiting[widget]
        if isValid(widget):
            _restyle(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A widget that is shown can't wait, nor can what it takes after."""
        if event.type() == QEvent.Type.Show and watched in self._waiting:
            assert isinstance(watched, QWidget)
            within: list[QWidget] = []
            widget: QWidget | None = watched
            while widget is not None:
                within.append(widget)
                widget = widget.parentWidget()
            for each in reversed(within):
                if each in self._waiting:
                    self._style(each)
        return False


def _restyle_all(app: QApplication) -> None:
    """Let all widgets take their colors and fonts anew: visible ones now, hidden ones soon.

    To set the style sheet again does so, too, and takes six times as long, 0.35 s for a window
    with all of its tabs: Qt 6.11 then styles a widget once for each of those that it is in.
    """
    hidden: list[QWidget] = []
    for top in [one for one in app.topLevelWidgets() if one.parentWidget() is None]:
        # Parents before their children, which may take after them.
        for widget in (top, *top.findChildren(QWidget)):
            if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
                if widget.isVisible():
                    _restyle(widget)
                else:
                    hidden.append(widget)
    restyler = app.findChild(_Restyler) or _Restyler(app)
    restyler.start(hidden)


def _restyle(widget: QWidget) -> None:
    widget.style().polish(widget)
    QApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))


def palette(dark: bool) -> QPalette:
    """The window's colors."""
    palette = QPalette()
    for role, colors in _COLORS.items():
        palette.setColor(role, QColor(colors[dark]))
    faint = QColor("#7b7e87" if dark else "#9a9ca3")
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return palette


def _ensure_fonts(app: QApplication) -> None:
    """On a machine with no fonts at all, DejaVu Sans, which matplotlib brings along."""
    # The list of families is not empty then: fontconfig's aliases are always in it.
    if QFontMetrics(app.font()).inFont("7"):
        return
    matplotlib = importlib.util.find_spec("matplotlib")  # finds it, does not import it
    if matplotlib is None or matplotlib.origin is None:
        return
    fonts = Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf"
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        QFontDatabase.addApplicationFont(str(fonts / name))
    app.setFont(QFont("DejaVu Sans", 10))


def application() -> QApplication:
    """The one that runs."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


class TintedIconEngine(QIconEngine):
    """Paints one SVG picture whose color is "currentColor".

    Args:
        source: of the SVG picture.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self._source = source

    def clone(self) -> QIconEngine:
        """Another one of the same picture; Qt asks for it when an icon is copied."""
        return TintedIconEngine(self._source)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """The picture, in the color of texts in this mode."""
        group = QPalette.ColorGroup.Active
        if mode is QIcon.Mode.Disabled:
            group = QPalette.ColorGroup.Disabled
        color = QGuiApplication.palette().color(group, QPalette.ColorRole.ButtonText)
        picture = self._source.replace("currentColor", color.name())
        QSvgRenderer(QByteArray(picture.encode())).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The picture on a transparent ground."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


@cache
def _source_of(name: str) -> str:
    return asset(f"icons/{name}.svg").read_text(encoding="utf-8")


def make_icon(name: str) -> QIcon:
    """The icon of this name in `assets/icons`."""
    return QIcon(TintedIconEngine(_source_of(name)))
