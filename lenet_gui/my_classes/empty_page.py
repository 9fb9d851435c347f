"""What there is before there are classes: a sentence and a button; and a field for who draws."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.labels import Label
from trainer.my_classes.class_set import LONGEST_NAME
from trainer.translation import gettext as _


class EmptyPage(QWidget):
    """In the place of the classes while there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.begin = make_push_button(
            _("Begin with two classes"), "begin_classes_button", _("You can rename them later")
        )
        self.begin.setProperty("primary", True)
        told = Label(
            _(
                "Draw a few examples each of letters, shapes or anything else, and train a "
                "network that tells them apart in seconds."
            )
        )
        told.setWordWrap(True)
        told.setAlignment(Qt.AlignmentFlag.AlignCenter)
        told.setMaximumWidth(420)
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addStretch(2)
        for widget in (told, self.begin):
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(widget, 4 if widget is told else 0)
            row.addStretch(1)
            column.addLayout(row)
        column.addStretch(3)


class WriterField(QLineEdit):
    """The name of whoever draws."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("class_writer")
        self.setAccessibleName(_("Who draws"))
        self.setPlaceholderText(_("name"))
        self.setMaxLength(LONGEST_NAME)
        self.setMaximumWidth(180)
        self.setToolTip(
            _("Whose drawings these are. With several people, the test is on people left out.")
        )
