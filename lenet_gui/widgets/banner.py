"""What went wrong, at the top of a tab: it stays until it is dismissed or something succeeds.

banner.show_error(_("The folder cannot be read. Choose another one."), details=str(error))
...
banner.clear()      with the next success
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFontDatabase,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout

from lenet_gui.widgets.formatting import cut_text
from lenet_gui.widgets.labels import Label
from trainer.translation import gettext as _

_LONGEST = 1000
_LONGEST_DETAILS = 20_000
"""Characters that are shown."""
_LINES = 7  # of the details that are seen at once
_RED = {False: QColor("#b3261e"), True: QColor("#f2857c")}  # by whether the ground is dark
_TINT = 0.10  # of that red in the ground


class Banner(QFrame):
    """Hidden while all is well. Texts are shown as they are, whatever they look like."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setAccessibleName(_("Problem"))
        self.text = Label()
        self.text.setObjectName("banner_text")
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QToolButton()
        self.more.setObjectName("banner_details")
        self.more.setText(_("Details"))
        self.more.setToolTip(_("Show what helps to find the cause"))
        self.more.setCheckable(True)
        self.dismiss = QToolButton()
        self.dismiss.setObjectName("banner_dismiss")
        self.dismiss.setText("✕")
        self.dismiss.setAccessibleName(_("Dismiss"))
        self.dismiss.setToolTip(_("Dismiss this message"))
        self.details = QPlainTextEdit()
        self.details.setObjectName("banner_details_text")
        self.details.setAccessibleName(_("Details"))
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES)
        for button in (self.more, self.dismiss):
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout()
        row.addWidget(self.text, 1)
        row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(14, 6, 6, 6)
        whole.addLayout(row)
        whole.addWidget(self.details)
        self.more.toggled.connect(self.details.setVisible)
        self.dismiss.clicked.connect(self.clear)
        self.details.hide()
        self.hide()

    def show_error(self, text: str, details: str = "") -> None:
        """Say what happened and what to do, in place of what was said before.

        Args:
            text: one sentence or two.
            details: plain text of any length, shown when it is asked for.
        """
        self.text.setText(cut_text(text, _LONGEST))
        self.details.setPlainText(cut_text(details, _LONGEST_DETAILS))
        self.more.setChecked(False)
        self.more.setVisible(bool(details))
        self.setAccessibleDescription(self.text.text())
        self.show()
        announcement = QAccessibleAnnouncementEvent(self, self.text.text())
        announcement.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(announcement)

    def clear(self) -> None:
        """Nothing is wrong any more."""
        self.hide()
        self.text.setText("")
        self.details.setPlainText("")
        self.more.setChecked(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape dismisses it while the keys are in it."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Larger text needs more room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.details.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A ground of a little red, and a red edge at the left."""
        ground = self.palette().color(QPalette.ColorRole.Window)
        red = _RED[ground.lightness() < 128]
        tint = QColor(red)
        tint.setAlphaF(_TINT)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        room = QRectF(self.rect())
        painter.setBrush(tint)
        painter.drawRoundedRect(room, 5, 5)
        painter.setBrush(red)
        painter.drawRoundedRect(QRectF(room.left(), room.top(), 4, room.height()), 2, 2)
