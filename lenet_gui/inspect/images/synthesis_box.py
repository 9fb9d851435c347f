"""A picture made up in a thread to excite a map, and what it reaches beside the best real one."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lenet_gui.widgets.colormap import dataset_image
from lenet_gui.widgets.controls import make_push_button
from lenet_gui.widgets.labels import Label
from lenet_gui.workers.latest import LatestWorker
from trainer.inspect import activation_maximization
from trainer.inspect.activation_maximization import SyntheticImage
from trainer.networks.model import Model
from trainer.translation import gettext as _

SIDE = 92
"""Of the picture, in points."""


class SynthesisBox(QWidget):
    """Widgets only; whoever owns it has the picture made."""

    asked = Signal()
    """Make one."""
    stopped = Signal()
    """Leave off."""
    opened = Signal()
    """Look at the picture."""
    menu_asked = Signal(QPoint)
    """A context menu for the picture, at this place of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("synthesis_box")
        self.synthetic: SyntheticImage | None = None
        self.picture = _MadePicture()
        self.picture.opened.connect(self.opened)
        self.picture.menu_asked.connect(self.menu_asked)
        self.text = Label()
        self.text.setObjectName("synthesis_text")
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.button = make_push_button(
            _("Generate"),
            "synthesize_button",
            _("Generate the input that this map responds to most"),
        )
        self.button.clicked.connect(self._press)
        self._busy = False
        beside = QVBoxLayout()
        beside.setSpacing(4)
        beside.addWidget(self.text, 1)
        beside.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(beside, 1)

    def _press(self) -> None:
        (self.stopped if self._busy else self.asked).emit()

    def show_synthetic(self, synthetic: SyntheticImage | None, text: str, possible: bool) -> None:
        """Show a picture, on its way or as it became, or that there is none.

        Args:
            synthetic: the picture.
            text: what to say of it.
            possible: whether one could be made now.
        """
        self.synthetic = synthetic
        self.picture.show_image(None if synthetic is None else dataset_image(synthetic.image))
        self.text.setText(text)
        self._busy = synthetic is not None and synthetic.done < synthetic.total
        self.button.setText(_("Stop") if self._busy else _("Generate"))
        self.button.setVisible(self._busy or synthetic is None)
        self.button.setEnabled(self._busy or possible)


class _MadePicture(QWidget):
    """The picture, or its empty frame."""

    opened = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("synthesis_picture")
        self.setAccessibleName(_("The generated input"))
        self.setToolTip(_("Click to put it on the sheet"))
        self.setFixedSize(SIDE, SIDE)
        self._image: QImage | None = None

    def sizeHint(self) -> QSize:
        """The same for every picture."""
        return QSize(SIDE, SIDE)

    def show_image(self, image: QImage | None) -> None:
        """Show it; None for the frame."""
        self._image = image
        focus, shape = Qt.FocusPolicy, Qt.CursorShape
        self.setFocusPolicy(focus.NoFocus if image is None else focus.TabFocus)
        self.setCursor(shape.ArrowCursor if image is None else shape.PointingHandCursor)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click opens the picture."""
        if event.button() == Qt.MouseButton.LeftButton and self._image is not None:
            self.opened.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """It can be copied and saved."""
        if self._image is not None:
            self.menu_asked.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """So does Enter."""
        keys = Qt.Key
        if event.key() in (keys.Key_Return, keys.Key_Enter, keys.Key_Space) and self._image:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ink on paper."""
        painter, role = QPainter(self), QPalette.ColorRole
        place = QRectF(0.5, 0.5, SIDE - 1, SIDE - 1)
        if self._image is None:
            painter.fillRect(place, self.palette().color(role.AlternateBase))
        else:
            painter.drawImage(place, self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = role.Accent if self.hasFocus() else role.Mid
        painter.setPen(QPen(self.palette().color(edge), 2 if self.hasFocus() else 1))
        painter.drawRect(place)


@dataclass(frozen=True, slots=True, eq=False)
class SynthesisRequest:
    """A picture to be made up for one map."""

    model: Model
    stage: int
    map: int


class SynthesisWorker(LatestWorker):
    """Ask it for a `SynthesisRequest`, or with None to leave off; it answers with `grown`."""

    grown = Signal(object, object)
    """The request, and the `SyntheticImage` that has come of it so far; at the end, all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("synthesis")

    def work(self, request: SynthesisRequest | None) -> None:
        """Generate an image that the map responds to."""
        if request is None:
            return
        synthesis = activation_maximization.synthesize(request.model, request.stage, request.map)
        image = self.result_of(synthesis, lambda image: self.grown.emit(request, image))
        self.grown.emit(request, image)
