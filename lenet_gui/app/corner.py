"""What stands in the corner beside the tabs: the network on show, and where it computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from lenet_gui.widgets.figures import percent

if TYPE_CHECKING:
    from trainer.networks.model import Model


class Corner(QWidget):
    """Two labels."""

    def __init__(self) -> None:
        super().__init__()
        self.model, self.device = QLabel(), QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 14, 4)
        row.setSpacing(16)
        for label, name in ((self.model, "model_name"), (self.device, "device_name")):
            label.setObjectName(name)
            row.addWidget(label)

    def show_model(self, model: Model) -> None:
        """Name the network on show, with the best that is known of it."""
        tested = model.history.get("test_accuracy")
        known = tested if tested is not None else model.history.get("val_accuracy")
        kind = "test" if tested is not None else "validation"
        figure = f"  {percent(known)} {kind}" if known is not None else ""
        self.model.setText(f"{model.name}{figure}")
        self.model.setToolTip(model.recipe.description or model.recipe.name)

    def show_watched(self, name: str) -> None:
        """Name the run that is watched in its place."""
        self.model.setText(name)
        self.model.setToolTip("This run is watched; Esc goes back to the network before")
