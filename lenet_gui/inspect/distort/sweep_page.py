"""One digit at all values of one distortion, as the Distort panel shows it."""

from __future__ import annotations

import itertools

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lenet_gui.inspect.distort.chart import Band, BandPart, Chart, ChartLine, ValueChart
from lenet_gui.inspect.distort.workers import SweepResult
from lenet_gui.widgets.controls import allow_narrow, make_push_button
from lenet_gui.widgets.formatting import format_rounded
from lenet_gui.widgets.labels import make_caption
from lenet_gui.widgets.lists import make_chooser
from trainer.robustness.distortions import PARAMETERS, Distortion, Parameter
from trainer.robustness.sweep import Sweep
from trainer.translation import N_
from trainer.translation import gettext as _

_CHECKED = (
    "QPushButton:checked { background: palette(accent); color: white; "
    "border: 1px solid palette(accent); border-radius: 3px; padding: 3px 10px; }"
    "QPushButton:checked:focus { border-color: palette(text); }"
)
_SEEN = 0.02
"""Classes that are never more probable than this are not drawn."""
_HINT = N_(
    "Press Sweep to plot the probability of each answer against the distortion of this drawing."
)


class SweepPage(QWidget):
    """Widgets only; whoever owns it does the work."""

    asked = Signal()
    """Something else shall be swept, or the same again, or nothing any longer."""
    picked = Signal(str, float)
    """Set this distortion to this value."""
    save_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sweep: Sweep | None = None
        """What is shown."""
        self.button = QPushButton(_("&Sweep"))
        self.button.setObjectName("sweep_button")
        self.button.setCheckable(True)
        self.button.setStyleSheet(_CHECKED)
        self.button.setToolTip(
            _(
                "Test this drawing at every value of the distortion; while on, it follows the "
                "drawing and the other sliders"
            )
        )
        self.over = make_chooser("sweep_over", _("Distortion to sweep"), characters=8)
        for amount in PARAMETERS.values():
            self.over.addItem(_(amount.title), amount.name)
        self.over.setCurrentIndex(list(PARAMETERS).index("rotation"))
        self.save = make_push_button(
            _("Save…"), "save_sweep", _("Save the chart as PNG, SVG or CSV")
        )
        self.save.setEnabled(False)
        for button in (self.button, self.save):
            allow_narrow(button, 60)  # a narrow panel has no room for the usual width
        self.chart = ValueChart("sweep_chart", _("Probability of each answer"), _(_HINT))
        self.note = make_caption("", wrapped=True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self.button.toggled.connect(lambda _: self.asked.emit())
        self.over.currentIndexChanged.connect(lambda _: self.asked.emit())
        self.save.clicked.connect(self.save_asked)
        self.chart.picked.connect(lambda value: self.picked.emit(self.amount.name, value))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.button)
        row.addWidget(self.over, 1)
        row.addWidget(self.save)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(row)
        whole.addWidget(self.chart, 1)
        whole.addWidget(self.note)

    @property
    def wanted(self) -> bool:
        """Whether a sweep is to be shown."""
        return self.button.isChecked()

    @property
    def amount(self) -> Parameter:
        """The parameter that is swept."""
        return PARAMETERS[str(self.over.currentData())]

    def choose(self, name: str) -> None:
        """Sweep over this one."""
        self.over.setCurrentIndex(self.over.findData(name))

    def show_value(self, how: Distortion) -> None:
        """Where the sliders are."""
        if self.sweep is not None and self.sweep.parameter is self.amount:
            self.chart.set_value(getattr(how, self.amount.name))

    def clear(self) -> None:
        """Nothing is drawn, or no sweep is wanted."""
        self.sweep = None
        self.save.setEnabled(False)
        self.note.clear()
        self.chart.show_chart(None)

    def show_swept(self, swept: SweepResult, how: Distortion) -> None:
        """Show what came of it, and where the sliders are."""
        assert swept.sweep is not None
        self.sweep = sweep = swept.sweep
        letters = ("A", "B") if len(sweep.names) > 1 else ("",)
        lines = [
            line
            for network, letter in enumerate(letters)
            for line in _lines(sweep, network, letter)
        ]
        bands = tuple(_band(sweep, network, letter) for network, letter in enumerate(letters))
        legend = tuple(f"{a}: {name}" for a, name in zip(letters, sweep.names, strict=True) if a)
        self.chart.show_chart(Chart(sweep.parameter, tuple(lines), bands, legend))
        self.show_value(how)
        self.save.setEnabled(True)
        self.note.setText(_describe(sweep, letters, swept.milliseconds))


def _lines(sweep: Sweep, network: int, letter: str) -> list[ChartLine]:
    """A network's classes, but for those that are never probable."""
    shares = sweep.probabilities[network]
    lines = []
    for number, name in enumerate(sweep.classes):
        column = shares[:, number].tolist()
        if max(column) >= _SEEN:
            points = tuple(zip(sweep.values, column, strict=True))
            called = f"{letter} {name}".strip()
            shown = name if network == 0 and max(column) >= 0.1 else ""
            lines.append(ChartLine(called, shown, number, points, dashed=network > 0))
    return lines


def _band(sweep: Sweep, network: int, letter: str) -> Band:
    """A network's answers; one ends half way to where the next begins."""
    at = [sweep.parameter.share(value) for value in sweep.values]
    middles = [(a + b) / 2 for a, b in itertools.pairwise(at)]
    edges = [at[0], *middles, at[-1]]
    stops = sweep.parameter.stops
    parts = tuple(
        BandPart(
            sweep.parameter.value(edges[interval.first] * stops),
            sweep.parameter.value(edges[interval.last + 1] * stops),
            sweep.classes[interval.answer],
            interval.answer,
        )
        for interval in sweep.answer_intervals(network)
    )
    return Band(letter, parts)


def _describe(sweep: Sweep, letters: tuple[str, ...], milliseconds: float) -> str:
    """From where to where each network's answer holds."""
    sentences = []
    for network, letter in enumerate(letters):
        low, high = (sweep.parameter.describe(value) for value in sweep.stable_range(network))
        holds = _("{network} is unchanged from {low} to {high}")
        if not letter:
            holds = _("The answer is unchanged from {low} to {high}")
        sentences.append(holds.format(network=letter, low=low, high=high))
    text = "; ".join(sentences)
    return _("{text} ({milliseconds} ms).").format(
        text=text, milliseconds=format_rounded(milliseconds, 0)
    )
