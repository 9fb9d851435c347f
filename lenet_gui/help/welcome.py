"""What a first start shows on the paper: three ways in. Never again once it is left."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from lenet_gui.widgets.controls import OverlayCard
from lenet_gui.widgets.labels import Label, enlarge_text
from lenet_gui.widgets.theme import make_icon
from trainer.translation import gettext as _

_WIDEST = 300


class Welcome(OverlayCard):
    """A card in the middle of the paper; a stroke beside it is drawn and takes it away.

    Args:
        paper: what it lies on.
        sheet: gives the part of that which is paper.
    """

    sample = Signal()
    """Lay a digit that somebody else wrote on the paper."""
    tour = Signal()
    """Start the guided tour."""
    left = Signal()
    """It was answered or closed, and need not come again."""

    def __init__(self, paper: QWidget, sheet: Callable[[], QRectF]) -> None:
        super().__init__(paper)
        self._paper, self._sheet = paper, sheet
        self.setObjectName("welcome")
        self.setAccessibleName(_("Welcome"))
        title = Label(_("Welcome to LeNet Studio"))
        title.setObjectName("welcome_title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title.setWordWrap(True)
        enlarge_text(title, 1.3, bold=True)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(title)
        self.draw = self._button("pencil", _("&Draw a digit"), "welcome_draw")
        self.use_sample = self._button("image", _("Use a &sample digit"), "welcome_sample")
        self.take_tour = self._button("map", _("Take the &tour"), "welcome_tour")
        for button in (self.draw, self.use_sample, self.take_tour):
            column.addWidget(button)
        self.draw.clicked.connect(self.leave)
        self.use_sample.clicked.connect(self.sample)
        self.use_sample.clicked.connect(self.leave)
        self.take_tour.clicked.connect(self.tour)
        self.take_tour.clicked.connect(self.leave)
        self.place()
        self.show()

    def _button(self, icon: str, text: str, name: str) -> QPushButton:
        button = QPushButton(make_icon(icon), f" {text}")  # a gap to the icon
        button.setObjectName(name)
        button.setAutoDefault(True)
        return button

    def leave(self) -> None:
        """Go away for good."""
        self._paper.removeEventFilter(self)
        self.hide()
        self.left.emit()
        self._paper.setFocus()
        self.deleteLater()

    def place(self) -> None:
        """In the middle of the paper, as high as its text."""
        room = self._sheet().toRect()
        wide = min(_WIDEST, room.width() - 16)
        self.resize(wide, self._column.totalHeightForWidth(wide))
        self.move(room.center() - self.rect().center())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A stroke takes it away."""
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress):
            self.leave()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
