"""After the first correction: the network can learn from it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.labels import Label


class LearnOffer(QWidget):
    """A line with two buttons, shown once a session."""

    accepted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("learn_offer")
        self._made = False
        self.text = Label()
        self.learn = make_push_button(
            "Learn now", "learn_now_button", "Practice your digits, on the My digits tab"
        )
        self.dismiss = make_push_button("Not now", "not_now_button", "Go on drawing")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        row.addWidget(self.learn)
        row.addWidget(self.dismiss)
        self.learn.clicked.connect(self._accept)
        self.dismiss.clicked.connect(self.hide)
        self.hide()

    def offer(self, digit: int) -> None:
        """Say that the drawing is kept, and that the network can learn it; only the first time."""
        if self._made:
            return
        self._made = True
        self.text.setText(
            f"Your {digit} is kept under My digits. The network can learn how you write, "
            "in a few seconds."
        )
        self.show()

    def _accept(self) -> None:
        self.hide()
        self.accepted.emit()
