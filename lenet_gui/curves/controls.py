"""What is shown of the curves, and how: quantities, x axis, smoothing, scale."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from lenet_gui.widgets.labels import Label
from trainer.curves.spec import AGAINST, QUANTITIES, View

_SMOOTHING = 90
_STYLE = """
QToolButton { border: 1px solid palette(mid); border-radius: 4px; padding: 3px 8px;
              background: transparent; color: palette(window-text); }
QToolButton:hover, QToolButton:focus { border-color: palette(accent); }
QToolButton:checked { background: palette(accent); border-color: palette(accent); color: white; }
"""


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
        self.against.setAccessibleName("What the curves are drawn against")
        self.against.setToolTip("Draw the curves by epochs, by steps or by seconds of training")
        for name in AGAINST:
            self.against.addItem(f"by {name}", name)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("curves_smoothing")
        self.slider.setAccessibleName("Smoothing")
        self.slider.setRange(0, 100)
        self.slider.setValue(_SMOOTHING)
        self.slider.setMinimumWidth(56)
        self.slider.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.slider.setToolTip(
            "Smooth the training's curves by an exponential average, as TensorBoard does; "
            "the raw ones stay faint behind. Validation is shown as it is."
        )
        self.weight = Label()
        self.weight.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.999"))
        self.log = _segment("Log", "curves_log", "Stretch small losses and accuracies near 100 %")
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
        row.setSpacing(0)
        for number, (name, quantity) in enumerate(QUANTITIES.items()):
            tip = f"Show or hide the {quantity.title.lower()}"
            button = _segment(quantity.title, f"curves_{name}", tip)
            button.setChecked(name in View().quantities)
            self.quantities.addButton(button, number)
            row.addWidget(button)
        row.addSpacing(10)
        row.addWidget(self.against)
        row.addSpacing(12)
        label = Label("Smooth")
        label.setBuddy(self.slider)
        row.addWidget(label)
        row.addSpacing(6)
        row.addWidget(self.slider)
        row.addSpacing(6)
        row.addWidget(self.weight)
        row.addSpacing(10)
        self.log.setChecked(True)
        row.addWidget(self.log)
        row.addStretch(1)

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
        self.weight.setText(f"{self.smoothing:.3g}" if self.smoothing else "off")


def _segment(title: str, name: str, tip: str) -> QToolButton:
    """A button that stays down, with names for tests and screen readers."""
    button = QToolButton()
    button.setText(title)
    button.setObjectName(name)
    button.setAccessibleName(title)
    button.setToolTip(tip)
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setStyleSheet(_STYLE)
    return button
