"""After the first correction: the network can learn from it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.labels import Label
from trainer.translation import gettext as _


class LearnOffer(QWidget):
    """A line with two buttons, shown once a session."""

    accepted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("learn_offer")
        self._made = False
        self.text = Label()
        self.text.setWordWrap(True)
        self.learn = make_push_button(
            _("Learn now"),
            "learn_now_button",
            _("Train the network on your digits, on the My digits tab"),
        )
        self.dismiss = make_push_button(_("Not now"), "not_now_button", _("Keep drawing"))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 8)
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
            _(
                "Your {digit} is saved to My digits. The network can learn your handwriting in a "
                "few seconds."
            ).format(digit=digit)
        )
        self.show()

    def _accept(self) -> None:
        self.hide()
        self.accepted.emit()
