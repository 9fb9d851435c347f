"""Light and dark, one accent color, and text on machines without fonts."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

_STYLE_SHEET = """
QLabel#steps_note { color: palette(placeholder-text); }
QLabel#steps_note[urgent="true"] { color: palette(link); font-weight: 600; }
QLabel#caption, QLabel#description, QLabel#watched_moment { color: palette(placeholder-text); }
QLabel#form_problem, QLabel#change_heading { font-weight: 600; }
QToolButton#all_numbers, QToolButton#description_text_more {
                           border: 0; padding: 2px 0; color: palette(link); }
QTabWidget::pane { border: 0; }
QPushButton#evaluate_button { background: palette(accent); color: white; border: 0;
                           border-radius: 5px; padding: 6px 14px; font-weight: 600; }
QPushButton#evaluate_button:disabled { background: palette(mid); color: palette(window); }
QPushButton#evaluate_button:focus { border: 2px solid palette(text); padding: 4px 12px; }
QToolButton#letter_a:checked, QToolButton#letter_b:checked { background: palette(accent);
                           color: white; border: 0; border-radius: 4px; font-weight: 600; }
QToolTip { padding: 3px; }
QTableView { selection-background-color: palette(alternate-base);
             selection-color: palette(text); outline: 0; }
CorrectionRow QToolButton { background: palette(base); border: 1px solid palette(mid);
                            border-radius: 5px; padding: 2px; }
CorrectionRow QToolButton:hover, CorrectionRow QToolButton:focus {
                            border-color: palette(accent); }
CorrectionRow QToolButton:checked { background: palette(accent); color: white;
                            border-color: palette(accent); }
CorrectionRow QToolButton:disabled { background: transparent; color: palette(mid);
                            border-color: palette(alternate-base); }
QPushButton#train_button, QPushButton#quickest_button, QPushButton#learn_button {
                           background: palette(accent); color: white; border: 0;
                           border-radius: 5px; padding: 8px; font-weight: 600; }
QPushButton#train_button:disabled, QPushButton#learn_button:disabled {
                           background: palette(mid); color: palette(window); }
QPushButton#train_button:focus, QPushButton#quickest_button:focus,
QPushButton#learn_button:focus {
                           border: 2px solid palette(text); padding: 6px; }
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


def apply(app: QApplication, scheme: str = "system") -> None:
    """Set style, palette and font.

    Args:
        app: the application.
        scheme: "light", "dark", or "system" to follow the desktop, also when
            it changes later.
    """
    if not app.styleSheet():  # to set the style again takes as long as all the rest
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
    """Widgets that are there take other colors with a style sheet that is set after them."""
    app.setPalette(palette(dark))
    app.setStyleSheet(_STYLE_SHEET)


ZOOMS = (80, 90, 100, 110, 125, 150, 175, 200)
"""How large text can be, in percent of the system's."""
_BASE = "base_font_size"  # a property of the application


def set_text_zoom(app: QApplication, percent: int) -> None:
    """Make all text that large; what paints its own text takes the window's font."""
    font = app.font()
    size = app.property(_BASE) or font.pointSizeF()
    app.setProperty(_BASE, size)
    font.setPointSizeF(size * percent / 100)
    app.setFont(font)
    app.setStyleSheet(app.styleSheet())  # widgets that it styles keep their font else


def palette(dark: bool) -> QPalette:
    """The window's colors."""
    made = QPalette()
    for role, colors in _COLORS.items():
        made.setColor(role, QColor(colors[dark]))
    faint = QColor("#7b7e87" if dark else "#9a9ca3")
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        made.setColor(QPalette.ColorGroup.Disabled, role, faint)
    return made


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
