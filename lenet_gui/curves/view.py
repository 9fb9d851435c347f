"""Curves of the ticked runs and the differences of their recipes, beneath one another's tab.

Over the curves stands what is shown of them, and how: quantities, x axis, smoothing, scale.
matplotlib is imported in the background when curves are first to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QThread, QTimer, Signal
from PySide6.QtGui import QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.curves.differences import Column, DifferencesTable
from lenet_gui.widgets.labels import Label, changes_look
from lenet_gui.workers.serial import BackgroundTask, SerialWorker
from trainer.curves.series import Series
from trainer.curves.spec import (
    AGAINST,
    MOST_LINES,
    QUANTITIES,
    CurveLine,
    LineStyle,
    PlotStyle,
    View,
)
from trainer.files import save_file
from trainer.recipes.recipe import Recipe
from trainer.training.history import History
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from lenet_gui.curves.canvas import CurveCanvas
    from trainer.curves.figure import Limits


_SMOOTHING = 90
_PADDING, _NARROW_PADDING, _SPACING = 8, 4, 6  # pixels
_STYLE = f"""
QToolButton {{ border: 1px solid palette(mid); border-radius: 4px; padding: 3px {_PADDING}px;
              background: transparent; color: palette(window-text); }}
CurveBar[narrow="true"] QToolButton {{ padding: 3px {_NARROW_PADDING}px; }}
QToolButton:hover, QToolButton:focus {{ border-color: palette(accent); }}
QToolButton:checked {{ background: palette(accent); border-color: palette(accent); color: white; }}
"""
_AGAINST_TEXTS = {"epoch": N_("by epoch"), "step": N_("by step"), "seconds": N_("by seconds")}
_TITLES = {"loss": N_("Loss"), "accuracy": N_("Accuracy"), "rate": N_("Learning rate")}
_SHORT_RATE = N_("Rate")
_TIPS = {
    "loss": N_("Show or hide the loss"),
    "accuracy": N_("Show or hide the accuracy"),
    "rate": N_("Show or hide the learning rate"),
}


class CurveBar(QWidget):
    """Says `changed` when another picture is wanted."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("curve_bar")
        self.quantities = QButtonGroup(self)
        self.quantities.setExclusive(False)
        self.against = QComboBox()
        self.against.setObjectName("curves_against")
        self.against.setAccessibleName(_("What the curves are drawn against"))
        self.against.setToolTip(_("Draw the curves by epochs, by steps or by seconds of training"))
        for name in AGAINST:
            self.against.addItem(_(_AGAINST_TEXTS[name]), name)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("curves_smoothing")
        self.slider.setAccessibleName(_("Smoothing"))
        self.slider.setRange(0, 100)
        self.slider.setValue(_SMOOTHING)
        self.slider.setMinimumWidth(40)
        self.slider.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.slider.setToolTip(
            _(
                "Smooth the training curves by an exponential average, as TensorBoard does. The "
                "raw ones stay faint behind them; validation is shown as it is."
            )
        )
        self.weight = Label()
        self.weight.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.999"))
        self.log = _segment(
            _("Log"), "curves_log", _("Stretch small losses and accuracies near 100 %")
        )
        self.log.setChecked(True)
        self.caption = Label(_("Smooth"))
        self.caption.setBuddy(self.slider)
        self._lay_out()
        self._show_weight()
        self.quantities.buttonClicked.connect(self._keep_one)
        self.against.currentIndexChanged.connect(self.changed)
        self.slider.valueChanged.connect(self._show_weight)
        self.slider.valueChanged.connect(self.changed)
        self.log.toggled.connect(self.changed)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        segments = QHBoxLayout()
        segments.setSpacing(0)
        for number, name in enumerate(QUANTITIES):
            button = _segment(_(_TITLES[name]), f"curves_{name}", _(_TIPS[name]))
            button.setChecked(name in View().quantities)
            self.quantities.addButton(button, number)
            segments.addWidget(button)
        row.addLayout(segments)
        for part in (self.against, self.caption, self.slider, self.weight, self.log):
            row.addWidget(part)
        row.addStretch(1)
        self.setStyleSheet(_STYLE)

    def minimumSizeHint(self) -> QSize:
        """What it takes in its narrow form."""
        narrow, _whole = self._widths()
        return QSize(narrow, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where room is scarce, the slider goes without words, and the learning rate is short."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._fit()

    def _fit(self) -> None:
        narrow = self.width() < self._widths()[1]
        if narrow != bool(self.property("narrow")):
            self.setProperty("narrow", narrow)
            self.caption.setVisible(not narrow)
            self.weight.setVisible(not narrow)
            self.quantities.buttons()[-1].setText(_(_SHORT_RATE if narrow else _TITLES["rate"]))
            self.setStyleSheet(_STYLE)  # which looks at the property only when it is set

    def _widths(self) -> tuple[int, int]:
        """What it takes in its narrow form, and with all words."""
        segments: list[QWidget] = [*self.quantities.buttons(), self.log]
        rate, short = map(
            self.fontMetrics().horizontalAdvance, (_(_TITLES["rate"]), _(_SHORT_RATE))
        )
        saved = 2 * (_PADDING - _NARROW_PADDING) * len(segments) + rate - short
        buttons = sum(part.sizeHint().width() for part in segments)
        whole = buttons + (saved if self.property("narrow") else 0) + 5 * _SPACING
        others = (self.caption, self.weight, self.against, self.slider)
        whole += sum(part.sizeHint().width() for part in others)
        spared = self.slider.sizeHint().width() - self.slider.minimumWidth()
        spared += sum(part.sizeHint().width() + _SPACING for part in (self.caption, self.weight))
        return whole - saved - spared, whole

    @property
    def shown(self) -> tuple[str, ...]:
        """The quantities: "loss", "accuracy", "rate"; at least one."""
        buttons = self.quantities.buttons()
        pairs = zip(QUANTITIES, buttons, strict=True)
        return tuple(name for name, button in pairs if button.isChecked())

    @property
    def smoothing(self) -> float:
        """The weight of what was before, 0 to 0.999."""
        # TensorBoard's slider too ends a little short of what never moves.
        return min(self.slider.value() / 100, 0.999)

    def _keep_one(self, clicked: QAbstractButton) -> None:
        """The last quantity is not taken away."""
        if self.shown:
            self.changed.emit()
        else:
            clicked.setChecked(True)

    def _show_weight(self) -> None:
        self.weight.setText(f"{self.smoothing:.3g}" if self.smoothing else _("off"))


def _segment(title: str, name: str, tip: str) -> QToolButton:
    """A button that stays down, with names for tests and screen readers."""
    button = QToolButton()
    button.setText(title)
    button.setObjectName(name)
    button.setAccessibleName(title)
    button.setToolTip(tip)
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One run, as the curves and the table of differences need it."""

    title: str
    style: LineStyle
    history: History  # goes on growing while the run trains, in the window's thread
    recipe: Recipe
    test: float | None = None  # accuracy, 0 to 1


class ShownRuns:
    """Keeps each history's arrays while it is shown, so that only new points are taken over."""

    def __init__(self) -> None:
        self._kept: list[tuple[Curve, Series]] = []

    def take(self, curves: Sequence[Curve]) -> None:
        """Show these, with all points that they have by now."""
        if not curves:
            self._kept = []
            return

        known = {id(curve.history): series for curve, series in self._kept}
        self._kept = [(c, known.get(id(c.history)) or Series()) for c in curves]
        for curve, series in self._kept:
            series.take(curve.history)

    def lines(self, still: bool = False) -> tuple[CurveLine, ...]:
        """As the plot takes them; `still` for another thread, where they must not grow."""
        return tuple(
            CurveLine(c.title, c.style, series.still() if still else series, _one_class(c.recipe))
            for c, series in self._kept
        )

    def columns(self) -> list[Column]:
        """As the table takes them."""
        return [_column(curve, series) for curve, series in self._kept]


def _column(curve: Curve, series: Series) -> Column:
    best, seconds = series.best(), series.validation.column("seconds")
    epochs = series.train.column("epochs")
    return Column(
        curve.title,
        curve.style,
        curve.recipe,
        float(series.validation.column("accuracies")[best]) if best is not None else None,
        curve.test,
        float(seconds[-1]) if len(seconds) else None,
        float(epochs[-1]) if len(epochs) else 0.0,
    )


def _one_class(recipe: Recipe) -> str:
    """What to call a beginning in which the network gives one answer for all."""
    sigmoid = recipe.activation == "sigmoid"
    return _("one class: sigmoids saturated") if sigmoid else _("one class")


_PAUSE = 250  # milliseconds from picture to picture while runs train
_SETTLED = 1500  # without new points, until the room that was left for them is given up
_EMPTY = N_("Curves appear here. Click Train, or tick a run above.")
_WAITING = N_("Preparing the curves…")


class CurvesView(QWidget):
    """Draws no more than four times a second, and nothing while it is not seen.

    Of more than `MOST_LINES` runs the last are drawn; the table and a CSV file have all.
    """

    saved = Signal(str)
    failed = Signal(str)
    painted = Signal()
    """A new picture is in."""
    save_asked = Signal()
    """The toolbar's button: ask where to, and call `save`."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("curves")
        self.setAccessibleName(_("Curves of loss and accuracy"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(170)
        self._curves: tuple[Curve, ...] = ()
        self._shown = ShownRuns()
        self._lines: tuple[CurveLine, ...] = ()
        self.canvas: CurveCanvas | None = None
        self._importer = SerialWorker(self)
        self._asked = self._ended = False
        self.tabs = QTabBar()
        self.bar = CurveBar()
        self.differences = DifferencesTable()
        self.hint = Label(_(_EMPTY))
        self.pages = QStackedWidget()
        self._soon, self.settle_timer = QTimer(self), QTimer(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.tabs.setObjectName("curve_tabs")
        self.tabs.setAccessibleName(_("Curves or differences"))
        self.tabs.setDrawBase(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.addTab(_("Curves"))
        self.tabs.addTab(_("Differences"))
        self.hint.setObjectName("caption")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.pages.addWidget(self.hint)
        self.pages.addWidget(self.differences)
        self._upper = QHBoxLayout()
        self._upper.addWidget(self.tabs)
        self._upper.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 2, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(self._upper)
        whole.addWidget(self.bar)
        whole.addWidget(self.pages, 1)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._show_page)
        self.bar.changed.connect(self._change_view)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._refresh)
        self.settle_timer.setSingleShot(True)
        self.settle_timer.timeout.connect(self._settle)

    def sizeHint(self) -> QSize:
        """Two panels side by side, and the bar."""
        return QSize(760, 360)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """What is shown, or about to be."""
        return self._curves

    def show_curves(self, curves: tuple[Curve, ...], begins: bool = False) -> None:
        """Show these runs, from the oldest on, whenever there are points; or that one `begins`."""
        if self.canvas is not None or not self._asked:  # else it is said why nothing is drawn
            self.hint.setText(_(_WAITING if begins else _EMPTY))
        others = [(c.title, c.style) for c in curves] != [(c.title, c.style) for c in self._curves]
        self._curves = curves
        if not self.isVisible():
            return
        if others:
            self._soon.start(0)
        elif not self._soon.isActive():
            self._soon.start(_PAUSE)

    # What is seen

    def view(self) -> View:
        """What the bar says."""
        bar = self.bar
        return View(bar.shown, bar.against.currentData(), bar.smoothing, bar.log.isChecked())

    def _look(self) -> PlotStyle:
        palette = self.palette()
        paper = palette.color(QPalette.ColorRole.Window)
        return PlotStyle(
            palette.color(QPalette.ColorRole.WindowText).name(),
            paper.name(),
            paper.lightness() < 128,
            self.fontInfo().pixelSize() * 0.68,  # text a little smaller than the window's
        )

    def _show_page(self) -> None:
        curves = self.tabs.currentIndex() == 0
        self.bar.setVisible(curves)
        page: QWidget = self.differences
        if curves:
            page = self.canvas if self.canvas is not None and self._curves else self.hint
        if self.canvas is not None and self.canvas.toolbar is not None:
            self.canvas.toolbar.setVisible(curves)
        if self.pages.currentWidget() is not page:
            self.pages.setCurrentWidget(page)
            self._soon.start(0)

    def _refresh(self) -> None:
        """Take over new points and draw, if somebody looks."""
        if not self.isVisible():
            return
        self._shown.take(self._curves)
        if self.tabs.currentIndex() == 1:
            self.differences.show_runs(self._shown.columns())
        if self._curves and not self._asked:
            self._asked = True
            self.hint.setText(_(_WAITING))
            self._importer.do(import_canvas, self._build_canvas, self._cannot_draw)
        self._show_page()
        if self.canvas is None or not self.canvas.isVisible():
            return
        ticked = self._shown.lines()
        if ticked != self._lines:
            self._lines, lines = ticked, ticked[-MOST_LINES:]
            self.canvas.show_lines(lines, left_out=len(ticked) - len(lines))
        else:
            self.canvas.refresh()
        self.settle_timer.start(_SETTLED)

    def _settle(self) -> None:
        if self.canvas is not None and self.canvas.isVisible():
            self.canvas.settle()

    # The canvas

    def _build_canvas(self, _imported: object) -> None:
        """matplotlib is there: its canvas and toolbar belong to this thread."""
        self._importer.end()
        if self._ended:
            return
        # By now `import_canvas` has imported matplotlib, which takes long.
        from lenet_gui.curves.canvas import CurveCanvas, CurveToolbar

        self.canvas = CurveCanvas(self.view(), self._look())
        self.canvas.drawn.connect(self.painted)
        toolbar = CurveToolbar(self.canvas, self)
        toolbar.save_asked.connect(self.save_asked)
        self._upper.addWidget(toolbar)
        self.pages.addWidget(self.canvas)
        self.hint.setText(_(_EMPTY))
        self._refresh()

    def _cannot_draw(self, problem: str) -> None:
        text = _("No curves can be drawn: {problem}").format(problem=problem)
        self.hint.setText(text)
        self.failed.emit(text)

    def _change_view(self) -> None:
        if self.canvas is not None:
            self.canvas.set_view(self.view())

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden."""
        self._soon.start(0)

    def changeEvent(self, event: QEvent) -> None:
        """Other colors, or larger text."""
        super().changeEvent(event)
        if changes_look(event) and self.canvas is not None:
            self.canvas.set_look(self._look())

    # Saving

    def save(self, path: Path) -> None:
        """Save as PNG, SVG or CSV, by the name's ending; `saved` or `failed` tells.

        A picture shows what is seen, on white, as a lecture's slide wants it; a
        table has all points of the ticked runs.
        """
        self._shown.take(self._curves)
        lines, view = self._shown.lines(still=True), self.view()
        held = self.canvas is not None and self.canvas.panels.has_other_limits()
        limits = self.canvas.panels.limits() if self.canvas is not None and held else None

        def save() -> str:
            content = _encode(lines, view, path.suffix, limits)
            save_file(path, content)
            return str(path)

        BackgroundTask.begin(save, self.saved.emit, self.failed, context=self)

    def end(self) -> list[QThread]:
        """Draw no more; returns the thread that imports, to be waited for."""
        self._ended = True
        self._soon.stop()
        self.settle_timer.stop()
        self._importer.end()
        return [self._importer]


def _encode(
    lines: Sequence[CurveLine], view: View, suffix: str, limits: Limits | None = None
) -> bytes:
    """A file of curves."""
    # Brings matplotlib, which takes long: only in a thread.
    from trainer.curves import export

    if suffix.lower() == ".csv":
        return export.write_csv(lines)
    return export.render_picture(lines[-MOST_LINES:], view, suffix, limits)


def import_canvas() -> None:
    """Import what drawing needs but for what is Qt's, and do once what is only slow once."""
    _encode([], View(smoothing=0.9), ".png")
