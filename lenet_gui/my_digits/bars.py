"""What stands above and below the grid of my digits: filter and files; labels and delete."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from lenet_gui.widgets.controls import ThemedCheckBox, make_push_button
from trainer.my_digits.digit import OwnDigit


class FilterBar(QWidget):
    """Which digits are shown, and where they come from and go to."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.digit = QComboBox()
        self.digit.setObjectName("my_digits_filter")
        self.digit.setAccessibleName("Show which digits")
        self.digit.setToolTip("Show these digits only")
        self.wrong = ThemedCheckBox("Only those read wrongly now")
        self.wrong.setObjectName("my_digits_wrong")
        self.wrong.setToolTip("Those that the present network reads as something else")
        self.import_ = make_push_button(
            "Import …", "import_button", "Add digits from a file that was exported"
        )
        self.export = make_push_button(
            "Export …", "export_button", "Save all of my digits to a file"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for widget in (self.digit, self.wrong):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.import_)
        row.addWidget(self.export)
        self.show_counts(())
        self.digit.currentIndexChanged.connect(self.changed)
        self.wrong.toggled.connect(self.changed)

    @property
    def label(self) -> int | None:
        """The digit to show; None for all."""
        label: int | None = self.digit.currentData()
        return label

    def show_counts(self, digits: tuple[OwnDigit, ...]) -> None:
        """How many there are of each."""
        labels = [digit.label for digit in digits]
        texts = [f"All digits ({len(labels)})"]
        texts += [f"{label} ({labels.count(label)})" for label in range(10)]
        for number, text in enumerate(texts):
            if number < self.digit.count():
                self.digit.setItemText(number, text)
            else:
                self.digit.addItem(text, number - 1 if number else None)
        self.digit.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.export.setEnabled(bool(digits))


class LabelBar(QWidget):
    """What the chosen digits are, in one click; or away with them."""

    chosen = Signal(int)
    """The chosen ones are this digit."""

    def __init__(self) -> None:
        super().__init__()
        self.told = QLabel()
        self.told.setObjectName("caption")
        self.buttons = [self._button(label) for label in range(10)]
        self.delete = make_push_button("Delete", "delete_button", "Delete the chosen digits (Del)")
        self.undo = make_push_button(
            "Undo", "undo_change_button", "Take the last change back (Ctrl+Z)"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        row.addWidget(self.told)
        row.addSpacing(4)
        for button in self.buttons:
            row.addWidget(button, 1)
        row.addSpacing(8)
        for wide in (self.delete, self.undo):
            wide.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(wide)
            row.addSpacing(3)
        row.addStretch(0)

    def _button(self, label: int) -> QToolButton:
        button = QToolButton()
        button.setText(str(label))
        button.setObjectName(f"relabel_{label}")
        button.setAccessibleName(f"The chosen digits are {label}")
        button.setToolTip(f"The chosen digits are {label} ({label})")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setMinimumSize(22, 26)
        button.setMaximumWidth(48)
        button.clicked.connect(lambda: self.chosen.emit(label))
        return button

    def show_for(self, chosen: int, can_undo: bool) -> None:
        """Enable what can be done with so many chosen digits."""
        self.told.setText("This one is:" if chosen == 1 else f"These {chosen} are:")
        if not chosen:
            self.told.setText("Choose some; they are:")
        for button in (*self.buttons, self.delete):
            button.setEnabled(chosen > 0)
        self.undo.setEnabled(can_undo)
