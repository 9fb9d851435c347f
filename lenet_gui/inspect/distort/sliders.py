"""A slider for each distortion, and what is decided besides."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.labels import Label
from lenet_gui.widgets.sliders import AmountSlider
from trainer.robustness.distortions import PARAMETERS, Distortion


class DistortSliders(QWidget):
    """Holds a `Distortion`."""

    changed = Signal()
    touched = Signal(str)
    """The slider of that name was moved, or a value set."""

    def __init__(self) -> None:
        super().__init__()
        self._seed = 0
        self._quiet = False
        self.sliders: dict[str, AmountSlider] = {}
        self.values: dict[str, QLabel] = {}
        self.refit = QCheckBox("&Fit again")
        self.refit.setObjectName("distort_refit")
        self.refit.setToolTip(
            "Afterwards, bring the moved digit to 20 pixels and to the middle again,\n"
            "as MNIST's digits are: that undoes shift and scale before the network sees them"
        )
        self.reset = make_push_button("Reset", "distort_reset", "Take all distortions back")
        self.again = make_push_button(
            "New noise", "distort_again", "Draw other noise and another scribble"
        )
        for button in (self.again, self.reset):
            button.setMinimumWidth(60)  # a narrow panel has no room for the usual width
        self._lay_out()
        self.refit.toggled.connect(self._tell)
        self.reset.clicked.connect(self.take_back)
        self.again.clicked.connect(self._draw_again)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        for row, amount in enumerate(PARAMETERS.values()):
            slider, value = AmountSlider(amount), Label()
            value.setObjectName(f"distort_{amount.name}_value")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setMinimumWidth(value.fontMetrics().horizontalAdvance("−14.0 px"))
            label = Label(amount.title)
            label.setBuddy(slider)
            label.setToolTip(amount.what)
            grid.addWidget(label, row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(value, row, 2)
            self.sliders[amount.name], self.values[amount.name] = slider, value
            slider.valueChanged.connect(lambda _, name=amount.name: self._moved(name))
            self._show_value(amount.name)
        below = QHBoxLayout()
        below.setSpacing(6)
        below.addWidget(self.refit, 1)
        below.addWidget(self.again)
        below.addWidget(self.reset)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(grid)
        whole.addLayout(below)

    @property
    def distortion(self) -> Distortion:
        """What is chosen."""
        amounts = {name: slider.amount_value for name, slider in self.sliders.items()}
        return Distortion(refit=self.refit.isChecked(), seed=self._seed, **amounts)

    def set_value(self, name: str, value: float) -> None:
        """Move one slider to the stop nearest to this value."""
        slider = self.sliders[name]
        slider.setValue(round(slider.amount.stop(value)))

    def take_back(self) -> None:
        """All sliders to where they do nothing; as one change."""
        self._quiet = True
        for slider in self.sliders.values():
            slider.setValue(0)
        self._quiet = False
        self._tell()

    def _draw_again(self) -> None:
        self._seed += 1
        self._tell()

    def _moved(self, name: str) -> None:
        self._show_value(name)
        if not self._quiet:
            self.touched.emit(name)
            self._tell()

    def _tell(self) -> None:
        self.changed.emit()

    def _show_value(self, name: str) -> None:
        slider = self.sliders[name]
        told = slider.amount.told(slider.amount_value)
        self.values[name].setText(told)
        slider.setAccessibleDescription(told)
