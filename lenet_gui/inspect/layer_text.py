"""What a layer does, in a few words, over the arithmetic of one of its units."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from lenet_gui.inspect.common.inspection import Inspection
from lenet_gui.widgets.labels import Label, RichLabel
from lenet_gui.workers.serial import BackgroundTask
from trainer.inspect.layer_texts import LayerText as Text
from trainer.inspect.layer_texts import describe_layers
from trainer.networks.model import Model
from trainer.translation import gettext as _


class LayerTextView(QWidget):
    """Title, figures and one sentence; on a click the formula and where to read on too."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layer_text")
        self.setAccessibleName(_("About this layer"))
        self.title = _name_label(Label(), "layer_title")
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.figures = _name_label(Label(), "layer_figures")
        self.figures.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.short = _name_label(Label(), "layer_short")
        self.more = _name_label(RichLabel(), "layer_more")
        self.unfold = QToolButton()
        self._model: Model | None = None  # whose texts are here, or on their way
        self._texts: tuple[Text, ...] = ()
        self._stage: int | None = None
        self._lay_out()
        self._fold(False)

    def _lay_out(self) -> None:
        self.unfold.setObjectName("layer_unfold")
        self.unfold.setAccessibleName(_("More about this layer"))
        self.unfold.setToolTip(
            _("What the layer does, its formula, and where the paper describes it")
        )
        self.unfold.setCheckable(True)
        self.unfold.setAutoRaise(True)
        self.unfold.toggled.connect(self._fold)
        self.unfold.hide()
        heading = QHBoxLayout()
        heading.setSpacing(6)
        heading.addWidget(self.title, 1)
        heading.addWidget(self.unfold, 0, Qt.AlignmentFlag.AlignTop)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 4)
        whole.setSpacing(2)
        whole.addLayout(heading)
        for label in (self.figures, self.short, self.more):
            whole.addWidget(label)
        whole.insertSpacing(3, 4)
        whole.addStretch(1)

    def show_stage(self, inspection: Inspection | None, stage: int | None) -> None:
        """Tell of a stage of the inspection's network; of none with None."""
        self._stage = None if inspection is None else stage
        if inspection is not None and inspection.model is not self._model:
            self._model, self._texts = inspection.model, ()
            model = inspection.model
            BackgroundTask.begin(lambda: _texts(model), self._arrived, self._failed, context=self)
        self._show()

    def _arrived(self, result: tuple[Model, tuple[Text, ...]]) -> None:
        model, texts = result
        if model is self._model:
            self._texts = texts
            self._show()

    def _failed(self, reason: str) -> None:
        """The program's own texts are missing: the rest works without them."""
        self.short.setText(reason)

    def _show(self) -> None:
        text = self._texts[self._stage] if self._texts and self._stage is not None else None
        self.unfold.setVisible(text is not None)
        if text is None:
            for label in (self.title, self.figures, self.short, self.more):
                label.clear()
            return
        self.title.setText(text.title)
        self.figures.setText(text.figures)
        self.short.setText(text.short)
        facts = (
            (_("Formula"), text.formula),
            (_("Parameters"), text.parameters),
            (_("Connections"), text.connections),
            (_("Paper"), text.paper),
        )
        lines = [f"<b>{name}:</b> {html.escape(fact)}" for name, fact in facts]
        self.more.setText(f"{html.escape(text.more)}<br><br>" + "<br>".join(lines))

    def _fold(self, unfolded: bool) -> None:
        self.unfold.setText(_("Less") if unfolded else _("More"))
        self.more.setVisible(unfolded)


def _texts(model: Model) -> tuple[Model, tuple[Text, ...]]:
    """A network's texts, off the window's thread: they lie in a file."""
    return model, describe_layers(model)


def _name_label(label: QLabel, name: str) -> QLabel:
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
