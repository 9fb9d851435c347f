"""The Images panel: which images of a dataset excite a map most, and one made up to do so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, QThread, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from lenet_gui.inspect.common import image_files
from lenet_gui.inspect.common.inspection import Inspection, map_name
from lenet_gui.inspect.images.grid import TopImageGrid
from lenet_gui.inspect.images.search import ImagesSearch
from lenet_gui.inspect.images.synthesis_box import SynthesisBox, SynthesisRequest, SynthesisWorker
from lenet_gui.widgets.formatting import format_count, image_caption
from lenet_gui.widgets.labels import Label
from trainer.drawing.picture import Picture
from trainer.inspect.activation_maximization import SyntheticImage
from trainer.inspect.top_images import Best
from trainer.networks.anatomy import Unit, list_stages
from trainer.networks.model import Model
from trainer.translation import N_
from trainer.translation import gettext as _

_CHOOSE = N_(
    "Select a map or a unit in the picture of the network to see the images that it responds to "
    "most."
)
_INPUT = N_("The input is the picture itself. Select a map of a later layer.")
_MOST_SYNTHETICS = 100
"""Pictures made up for one network that are kept."""


class ImagesPanel(QWidget):
    """What is chosen, and what is known of it; the work is done in the background."""

    message = Signal(str)
    """Something to tell the user in passing."""
    open_picture = Signal(object)
    """Lay this `Picture` on the paper."""
    data_folder_chosen = Signal(Path)
    """Datasets are there, the user says."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self.setObjectName("images_panel")
        self._model: Model | None = None
        self._unit: Unit | None = None
        self._synthetics: dict[tuple[int, int], SyntheticImage] = {}  # by stage and map
        self._wish: SynthesisRequest | None = None  # what is made up just now
        self._maker = SynthesisWorker()
        self._maker.grown.connect(self._grow)
        self._maker.failed.connect(self.message)
        self.search = ImagesSearch(data)
        self.search.changed.connect(self._show)
        self.search.data_folder_chosen.connect(self.data_folder_chosen)
        self.grid = TopImageGrid()
        self.grid.opened.connect(self._open)
        self.grid.menu_asked.connect(self._show_menu)
        self.synthesis = SynthesisBox()
        self.synthesis.menu_asked.connect(self._show_synthesis_menu)
        self.synthesis.asked.connect(self.make)
        self.synthesis.stopped.connect(self._leave_off)
        self.synthesis.opened.connect(self._open_synthetic)
        self._lay_out()
        self._show()

    def _lay_out(self) -> None:
        self.heading, self.caption, self.hint = Label(), Label(), Label()
        self.heading.setObjectName("images_heading")
        font = self.heading.font()
        font.setBold(True)
        self.heading.setFont(font)
        for label, name in ((self.caption, "caption"), (self.hint, "description")):
            label.setObjectName(name)
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.images = QStackedWidget()
        self.images.addWidget(self.hint)
        self.images.addWidget(self.grid)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.setSpacing(6)
        for part in (self.search, self.heading, self.caption):
            whole.addWidget(part)
        whole.addWidget(self.images, 1)
        whole.addWidget(self.synthesis)

    # What it is given

    @property
    def data(self) -> Path:
        """Where datasets are."""
        return self.search.data

    @data.setter
    def data(self, folder: Path) -> None:
        if folder != self.search.data:
            self.search.data = folder
            if self.isVisible():
                self.search.begin()

    def set_model(self, model: Model) -> None:
        """The network on show is this one, on the CPU."""
        if model is not self._model:
            self._model = model
            self._synthetics.clear()
            self._leave_off()
            self.search.set_model(model)

    def show_inspection(self, inspection: Inspection | None) -> None:
        """Of a reading, only its network matters here."""
        if inspection is not None:
            self.set_model(inspection.model)

    def show_unit(self, unit: Unit | None) -> None:
        """The chosen unit is this one: its map's images are shown."""
        if unit != self._unit:
            self._unit = unit
            self._leave_off()
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look whether there is something to show."""
        super().showEvent(event)
        if not self._maker.isRunning():
            self._maker.start(QThread.Priority.LowPriority)
        self.search.begin()

    def end(self) -> list[QThread]:
        """Ask its threads to end; returns them, to be waited for."""
        self._maker.end()
        return [self._maker, *self.search.end()]

    # Making one up

    @property
    def _chosen(self) -> Unit | None:
        """The unit, where it is of a map that something can excite."""
        return None if self._unit is None or self._unit.stage == 0 else self._unit

    def make(self) -> None:
        """Make a picture up for the chosen map, in the background."""
        unit = self._chosen
        if self._model is not None and unit is not None:
            self._wish = SynthesisRequest(self._model, unit.stage, unit.map)
            self._maker.ask(self._wish)

    def _leave_off(self) -> None:
        """Make none up any longer; what is half made goes."""
        self._wish = None
        self._maker.ask(None)
        self._synthetics = {
            key: synthetic
            for key, synthetic in self._synthetics.items()
            if synthetic.done == synthetic.total
        }
        self._show_synthetic()

    def _grow(self, wish: SynthesisRequest, synthetic: SyntheticImage) -> None:
        if wish is not self._wish:  # told before it was left off
            return
        self._synthetics[wish.stage, wish.map] = synthetic
        for old in list(self._synthetics)[:-_MOST_SYNTHETICS]:
            del self._synthetics[old]
        self._show_synthetic()

    def _show_menu(self, best: Best, at: QPoint) -> None:
        name = _("image {number} that {name} responds to").format(
            number=best.number, name=self._name()
        )
        image_files.build_menu(self, best.image, name, self.message).popup(at)

    def _show_synthesis_menu(self, at: QPoint) -> None:
        if self.synthesis.synthetic is not None:
            name = _("generated input for {name}").format(name=self._name())
            image_files.build_menu(self, self.synthesis.synthetic.image, name, self.message).popup(
                at
            )

    # What is seen

    def _show(self) -> None:
        """Everything, of what is known."""
        name, top = self._name(), self._best()
        self.heading.setText(name[:1].upper() + name[1:])
        self.heading.setVisible(self._chosen is not None)
        self.caption.setText(self._caption(top))
        self.caption.setVisible(bool(self.caption.text()))
        values = [format_value(best.value) for best in top]
        self.grid.show_best(top, values, [self._describe(best) for best in top])
        self.hint.setText(self._hint())
        self.images.setCurrentWidget(self.grid if top else self.hint)
        self._show_synthetic()

    def _best(self) -> list[Best]:
        """The chosen map's images, if they are known."""
        unit, exciting = self._chosen, self.search.exciting
        return [] if unit is None or exciting is None else exciting.best(unit.stage, unit.map)

    def _name(self) -> str:
        """What the chosen map is called; "" if none is."""
        if self._model is None or self._unit is None:
            return ""
        stage = list_stages(self._model.network)[self._unit.stage]
        return map_name(stage, self._unit.map, self._model.classes)

    def _caption(self, best: list[Best]) -> str:
        exciting = self.search.exciting
        if not best or exciting is None:
            return self.search.problem
        if best[0].value == 0 and best[0].unit.stage < len(exciting.peaks):
            return _("It is 0 for all {count} images: nothing activates it.").format(
                count=format_count(exciting.count)
            )
        side = best[0].image.shape[-1]
        whole = best[0].patch == (0, 0, side, side)
        text = _("Of {count} images, it responds to these most. The part that it sees is outlined.")
        if whole:
            text = _("Of {count} images, it responds to these most. It sees all of an image.")
        return text.format(count=format_count(exciting.count))

    def _hint(self) -> str:
        if self._unit is None:
            return _(_CHOOSE)
        if self._unit.stage == 0:
            return _(_INPUT)
        if self.search.busy:
            return _("Looking through the images…")
        return _(
            "Which images of {title} does it respond to most?\n\n"
            "Press Compute to look through all test images, for all maps at once."
        ).format(title=self.search.title)

    def _show_synthetic(self) -> None:
        unit = self._chosen
        synthetic = None if unit is None else self._synthetics.get((unit.stage, unit.map))
        text = _("Generate computes the input that this map responds to most.")
        if synthetic is not None:
            text, best = _("Generated input: {value}."), self._best()
            if best:
                text = _("Generated input: {value}. The best image reaches {best}.")
            text = text.format(
                value=format_value(synthetic.value),
                best=format_value(best[0].value) if best else "",
            )
        self.synthesis.show_synthetic(synthetic, text, self._model is not None and unit is not None)

    def _what(self, best: Best) -> str:
        """Such as "MNIST test 1,234: a 7"."""
        assert self.search.exciting is not None
        return image_caption(self.search.exciting.dataset, best.label, best.number)

    def _describe(self, best: Best) -> str:
        """One image in words."""
        assert self.search.exciting is not None
        stage, unit = self.search.exciting.stages[best.unit.stage], best.unit
        text = _("{image}; {value} at row {row}, column {column}")
        if stage.flat:
            text = _("{image}; {value}")
        return text.format(
            image=self._what(best),
            value=format_value(best.value),
            row=unit.y + 1,
            column=unit.x + 1,
        )

    # Opening

    def _open(self, best: Best) -> None:
        text = _("{what}; activates {name} to {value}").format(
            what=self._what(best), name=self._name(), value=format_value(best.value)
        )
        self._emit_picture(best.image, text)

    def _open_synthetic(self) -> None:
        if self.synthesis.synthetic is not None:
            text = _("Generated for {name}: {value}").format(
                name=self._name(), value=format_value(self.synthesis.synthetic.value)
            )
            self._emit_picture(self.synthesis.synthetic.image, text)

    def _emit_picture(self, image: NDArray[np.uint8], text: str) -> None:
        """Have a picture laid on the paper."""
        if image.ndim != 2:
            self.message.emit(
                _("The sheet takes gray pictures of 28 × 28 pixels, and this one is in color.")
            )
            return
        self.open_picture.emit(Picture(image.copy(), image.copy(), text))


def format_value(value: float) -> str:
    """A value as it is written, such as "−1.30"."""
    text = f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")
