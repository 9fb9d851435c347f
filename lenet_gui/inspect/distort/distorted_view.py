"""The distorted picture as the network sees it, and what it answers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trainer.reading.predict import Answer, Prediction

_SIDE = 84


class PixelPicture(QWidget):
    """28x28 pixels, each of them seen; ink is dark as on paper."""

    menu_asked = Signal(object, QPoint)
    """A context menu for this picture (uint8, (28, 28)), at this place of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("distorted_picture")
        self.setAccessibleName("The distorted picture")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._image: QImage | None = None
        self._pixels: NDArray[np.uint8] | None = None

    def sizeHint(self) -> QSize:
        """Three screen pixels for one of its own, and a frame."""
        return QSize(_SIDE + 2, _SIDE + 2)

    def minimumSizeHint(self) -> QSize:
        """No less."""
        return self.sizeHint()

    def show_image(self, image: NDArray[np.uint8] | None) -> None:
        """uint8 (28, 28), 0 paper; None for nothing."""
        self._pixels = image
        if image is None:
            self._image = None
        else:
            turned = (255 - image).tobytes()
            size = image.shape
            held = QImage(turned, size[1], size[0], size[1], QImage.Format.Format_Grayscale8)
            self._image = held.copy()  # the bytes are gone soon
        self.update()

    @property
    def image(self) -> QImage | None:
        """What is shown, dark on light."""
        return self._image

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """It can be copied and saved."""
        if self._pixels is not None:
            self.menu_asked.emit(self._pixels, event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pixels in a thin frame."""
        painter = QPainter(self)
        inside = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.fillRect(inside, Qt.GlobalColor.white)
        if self._image is not None:
            painter.drawImage(inside, self._image)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


class DistortedView(QWidget):
    """The picture, the answer, and the answer without distortion beneath it."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = PixelPicture()
        self.answer, self.plain, self.note = QLabel(), QLabel(), QLabel()
        font = self.answer.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        self.answer.setFont(font)
        self.answer.setObjectName("distorted_answer")
        self.plain.setObjectName("undistorted_answer")
        self.note.setObjectName("caption")
        for label in (self.answer, self.plain, self.note):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.note.setWordWrap(True)
        told = QVBoxLayout()
        told.setSpacing(1)
        told.addStretch(1)
        for label in (self.answer, self.plain, self.note):
            told.addWidget(label)
        told.addStretch(1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addWidget(self.picture)
        whole.addLayout(told, 1)

    def clear(self, hint: str) -> None:
        """Nothing is drawn, or there is no network."""
        self.picture.show_image(None)
        self.answer.clear()
        self.plain.clear()
        self.note.setText(hint)

    def show_answer(
        self,
        image: NDArray[np.uint8],
        answer: Answer | Prediction,
        plain: Answer | Prediction,
        classes: tuple[str, ...],
        note: str,
    ) -> None:
        """Show them.

        Args:
            image: uint8 (28, 28), distorted.
            answer: to it.
            plain: to the undistorted one.
            classes: names of the answers.
            note: what else there is to say.
        """
        self.picture.show_image(image)
        self.answer.setText(_told(answer, classes))
        changed = answer.digit != plain.digit
        start = "Was" if changed else "Undistorted:"
        self.plain.setText(f"{start} {_told(plain, classes)}")
        font = self.plain.font()
        font.setBold(changed)
        self.plain.setFont(font)
        refused = answer.verdict == "not a digit"
        self.note.setText(f"Looks like no digit. {note}" if refused else note)


def _told(answer: Answer | Prediction, classes: tuple[str, ...]) -> str:
    """An answer and its probability."""
    share = answer.probabilities[answer.digit] * 100
    return f"{classes[answer.digit]}  {share:.1f} %"
