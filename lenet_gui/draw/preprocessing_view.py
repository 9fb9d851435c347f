"""How a drawing becomes what the network reads: four pictures in a row, and a switch for each step.

Each step can be left out, to see the reading break and recover.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QSizePolicy, QWidget

from lenet_gui.widgets.controls import ThemedCheckBox
from lenet_gui.widgets.labels import CutLabel, Label
from trainer.drawing.sheet import PreprocessingOptions
from trainer.translation import N_
from trainer.translation import gettext as _

if TYPE_CHECKING:
    from trainer.drawing.preprocessing import PreprocessingStages
    from trainer.drawing.rasterize import Pixels

_ARROW = 26
"""Room on a picture's right for the arrow to the next one, in pixels."""
_BOX, _SIDE = 20, 28
_AS_IT_IS = N_("28 × 28 pictures are used unchanged")
_FITTED = N_("Imported pictures are already cropped and centered")
_SWITCHES = (
    (
        "box",
        N_("Crop"),
        N_(
            "MNIST digits fill their pictures, and the network has never seen a small one in "
            "a corner,\n"
            "so the drawing is cropped to its ink. Off: the whole sheet is used."
        ),
    ),
    (
        "fit",
        N_("Resize to 20 × 20"),
        N_(
            "MNIST digits are 20 pixels long, with lines 2 to 3 pixels wide, the only size "
            "that the network\n"
            "knows. Off: the cropped ink keeps its scale and its line width."
        ),
    ),
    (
        "center",
        N_("Center in 28 × 28"),
        N_(
            "MNIST digits have their center of mass in the middle of 28 × 28 pixels; the "
            "network has hardly\n"
            "seen one elsewhere. Off: the ink stays where it was drawn."
        ),
    ),
)
_LEFT_OUT = {"box": N_("crop"), "fit": N_("resize"), "center": N_("center")}


class PreprocessingPicture(QWidget):
    """One picture, square, with its left edge at the widget's, and an arrow to the next."""

    def __init__(self, name: str, title: str, arrow: bool, paper: bool) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        policy = QSizePolicy.Policy
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(policy.Expanding, policy.Expanding)
        self.setMinimumSize(60 + _ARROW, 60)
        self._arrow, self._paper = arrow, paper
        self._image: QImage | None = None
        self._outline: tuple[float, float, float, float] | None = None  # shares of the side
        self._cells = 1  # pixels along the frame's side
        self.taken = True  # whether the step that leads here is
        self.alike: tuple[PreprocessingPicture, ...] = (self,)
        """Those whose frames are as large, however wide their columns are."""

    def sizeHint(self) -> QSize:
        """Large enough to count pixels in."""
        return QSize(110 + _ARROW, 110)

    @property
    def empty(self) -> bool:
        """Whether nothing is shown."""
        return self._image is None

    def show_pixels(
        self,
        pixels: Pixels | None,
        cells: int = 1,
        outline: tuple[float, float, float, float] | None = None,
    ) -> None:
        """Show a picture.

        Args:
            pixels: uint8, (H, W), 0 paper and 255 ink; None for an empty frame.
            cells: how many pixels the frame's side is long; a picture of fewer
                is shown smaller, in the middle. With fewer cells than pixels,
                the picture's longer side fills the frame.
            outline: left, top, right, bottom of a box to draw, as shares of the
                frame's side.
        """
        if pixels is None and self._image is None:
            return
        self._image = None if pixels is None else _as_image(pixels, self._paper)
        self._cells, self._outline = cells, outline
        self.update()

    def frame(self) -> QRectF:
        """The square that the picture is in."""
        side = min(min(each.width() - _ARROW, each.height()) for each in self.alike) - 1
        return QRectF(0.5, 0.5, side, side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The others' frames may be another size, too; none leaves a gap below it."""
        super().resizeEvent(event)
        side = min(each.width() for each in self.alike) - _ARROW
        for each in self.alike:
            each.setMaximumHeight(max(each.minimumHeight(), side))
            each.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, picture, the box on it, and the arrow."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Window))
        role = QPalette.ColorRole
        frame, accent = self.frame(), self.palette().color(role.Highlight)
        if self._image is None:
            painter.fillRect(frame, self.palette().color(role.AlternateBase))
        else:
            painter.fillRect(frame, Qt.GlobalColor.white if self._paper else Qt.GlobalColor.black)
            self._paint_image(painter, frame, self._image)
        if self.taken:
            painter.setPen(QPen(self.palette().color(role.Mid), 1))
        else:
            painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
        painter.drawRect(frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._outline is not None:
            left, top, right, bottom = (share * frame.width() for share in self._outline)
            painter.setPen(QPen(accent, 1.5))
            painter.drawRect(QRectF(left, top, right - left, bottom - top).translated(0.5, 0.5))
        if self._arrow:
            self._paint_arrow(painter, frame)

    def _paint_image(self, painter: QPainter, frame: QRectF, image: QImage) -> None:
        """The picture, scaled first: scaling while painting, Qt waits for threads of its own."""
        place, ratio = self._place(frame, image), self.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        fast = Qt.TransformationMode.FastTransformation
        scaled = image.scaled(
            max(1, round(place.width() * ratio)),
            max(1, round(place.height() * ratio)),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            smooth if self._paper and max(image.width(), image.height()) > _SIDE else fast,
        )
        scaled.setDevicePixelRatio(ratio)
        painter.drawImage(place.topLeft(), scaled)

    def _place(self, frame: QRectF, image: QImage) -> QRectF:
        """Where in the frame the picture lies."""
        longest = max(image.width(), image.height())
        pixel = frame.width() / max(longest, self._cells)
        if self._paper:
            pixel = frame.width() / longest
        place = QRectF(0, 0, image.width() * pixel, image.height() * pixel)
        place.moveCenter(frame.center())
        return place

    def _paint_arrow(self, painter: QPainter, frame: QRectF) -> None:
        middle = QPointF((frame.right() + self.width()) / 2, frame.center().y())
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.PlaceholderText), 1.6))
        tip = middle + QPointF(3, 0)
        painter.drawPolyline([middle + QPointF(-2, -5), tip, middle + QPointF(-2, 5)])


class PreprocessingView(QWidget):
    """The four pictures with their switches."""

    changed = Signal(object)
    """Other `PreprocessingOptions` are to be taken."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("reading_steps")
        self.setAccessibleName(_("How the drawing is prepared"))
        self.options = PreprocessingOptions()
        self._of_picture = ""  # what is said of a picture that lies on the paper
        self.strokes = PreprocessingPicture(
            "step_strokes", _("The strokes and the box around them"), True, True
        )
        self.box = PreprocessingPicture("step_box", _("The cropped ink"), True, True)
        self.fitted = PreprocessingPicture(
            "step_fitted", _("Resized to 20 by 20 pixels"), True, False
        )
        self.read = PreprocessingPicture(
            "network_input", _("What the network sees, 28 by 28 pixels"), False, False
        )
        self.note = CutLabel("steps_note")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.switches = {name: self._switch(*map(_, texts)) for name, *texts in _SWITCHES}
        for name, box in self.switches.items():
            box.setObjectName(f"{name}_switch")
        self._lay_out()
        self.show_stages(None)

    def _switch(self, text: str, tip: str) -> ThemedCheckBox:
        box = ThemedCheckBox(text)
        box.setChecked(True)
        box.setToolTip(tip)
        box.setAccessibleDescription(tip.replace("\n", " "))
        box.toggled.connect(self._switched)
        return box

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        heading = QHBoxLayout()
        caption = Label(_("How the drawing is prepared"))
        caption.setObjectName("heading")
        heading.addWidget(caption)
        heading.addWidget(self.note, 1)
        grid.addLayout(heading, 0, 0, 1, 4)
        self.first = Label(_("Strokes"))
        labels = (self.first, *self.switches.values())
        pictures = (self.strokes, self.box, self.fitted, self.read)
        for picture in pictures:
            picture.alike = pictures
        for column, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
            grid.addWidget(picture, 1, column)
            grid.addWidget(label, 2, column, Qt.AlignmentFlag.AlignLeft)
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(1, 1)
        fixed = QSizePolicy.Policy.Fixed
        for label in (caption, self.note, *labels):
            label.setSizePolicy(label.sizePolicy().horizontalPolicy(), fixed)
        grid.setSizeConstraint(QLayout.SizeConstraint.SetMinAndMaxSize)  # as high as its pictures

    # Steps

    def take_all(self) -> None:
        """Switch every step on again."""
        for box in self.switches.values():
            box.setChecked(True)

    def _switched(self) -> None:
        boxes = self.switches.items()
        self.options = replace(self.options, **{name: box.isChecked() for name, box in boxes})
        for name, picture in (("box", self.box), ("fit", self.fitted), ("center", self.read)):
            picture.taken = getattr(self.options, name)
            picture.update()
        self._tell()
        self.changed.emit(self.options)

    def _tell(self) -> None:
        """What is unusual, beside the heading."""
        out = [_(words) for name, words in _LEFT_OUT.items() if not getattr(self.options, name)]
        unusual = out and not self._of_picture
        self.note.show_text(
            self._of_picture or (_("Skipped: {list}").format(list=", ".join(out)) if out else ""),
            _("Clear, or a new sheet, turns every step on again") if unusual else "",
        )
        self.note.setProperty("urgent", bool(unusual))
        self.note.style().polish(self.note)

    # Pictures

    def show_stages(self, stages: PreprocessingStages | None, of_picture: bool = False) -> None:
        """Show how a sheet was read; None for a clean one."""
        self._say_of_picture(stages, of_picture)
        if stages is None:
            for picture in (self.strokes, self.box, self.fitted, self.read):
                picture.show_pixels(None)
            return
        as_it_is = self._of_picture == _(_AS_IT_IS)
        self.strokes.show_pixels(stages.paper, outline=None if as_it_is else stages.bounds)
        self.box.show_pixels(None if as_it_is else stages.box)
        self.fitted.show_pixels(None if as_it_is else stages.fitted, _BOX)
        self.read.show_pixels(stages.image, _SIDE)

    def _say_of_picture(self, stages: PreprocessingStages | None, of_picture: bool) -> None:
        note = ""
        if of_picture and stages is not None:
            note = _(_AS_IT_IS) if len(stages.paper) == _SIDE else _(_FITTED)
        if note == self._of_picture:
            return
        self._of_picture = note
        self.first.setText(_("Picture") if note else _("Strokes"))
        for box in self.switches.values():
            box.setEnabled(not note)
        self._tell()


def _as_image(pixels: Pixels, paper: bool) -> QImage:
    """Bytes as a picture of its own: the array may go."""
    data = (255 - pixels if paper else pixels).tobytes()
    height, width = pixels.shape
    image = QImage(data, width, height, width, QImage.Format.Format_Grayscale8)
    return image.convertToFormat(QImage.Format.Format_RGB32)
