"""The bar beneath the Draw tab while a run is watched: what is on show, and when in its life."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPolygonF,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lenet_gui.widgets.controls import ThemedCheckBox, make_push_button
from lenet_gui.widgets.labels import CutLabel
from lenet_gui.widgets.sliders import Scrubber
from trainer.translation import gettext as _

_WORDS = 260  # pixels


class PlayButton(QToolButton):
    """A triangle; two bars while it plays."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("play_epochs")
        self.setAutoRaise(True)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(QSize(30, 28))
        self.toggled.connect(self._name)
        self._name(False)

    def _name(self, playing: bool) -> None:
        self.setAccessibleName(_("Pause") if playing else _("Play the epochs"))
        self.setToolTip(_("Pause") if playing else _("Play the saved epochs, five per second"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The sign on what Qt paints."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setBrush(self.palette().color(group, QPalette.ColorRole.ButtonText))
        painter.setPen(Qt.PenStyle.NoPen)
        middle = QRectF(self.rect()).center()
        if self.isChecked():
            for left in (-5.0, 1.5):
                painter.drawRect(QRectF(middle.x() + left, middle.y() - 6, 3.5, 12))
        else:
            corners = (QPointF(-4, -6.5), QPointF(7, 0), QPointF(-4, 6.5))
            painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))


class WatchBar(QWidget):
    """Its parts; `watching` says what they do."""

    picked = Signal(int)
    """The user moved the slider to this stop, counted from 0."""
    seen = Signal()
    """The bar is seen now, or no longer."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("watch_bar")
        self.setAccessibleName(_("The run you are watching"))
        self.title, self.moment = CutLabel("watched_run"), CutLabel("watched_moment")
        self.play = PlayButton()
        self.slider = Scrubber()
        self.slider.setToolTip(_("The run's saved epochs (arrow keys); the mark is above the best"))
        self.now = QToolButton()
        self.now.setText(_("Now"))
        self.now.setObjectName("watch_now")
        self.now.setCheckable(True)
        self.now.setAutoRaise(True)
        self.now.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.now.setToolTip(_("Follow the network as it learns"))
        self.kernels = ThemedCheckBox(_("Kernels"))
        self.kernels.setObjectName("watch_kernels")
        self.use = make_push_button(
            _("Use this network"), "use_watched", _("Use this network from now on")
        )
        self.stop = make_push_button(
            _("Stop watching"), "stop_watching", _("Return to the previous network (Esc)")
        )
        self.slider.valueChanged.connect(self.picked)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        self.moment.setProperty("role", "caption")
        for label in (self.title, self.moment):
            label.setMaximumWidth(_WORDS)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.title)
        texts.addWidget(self.moment)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 8, 5)
        row.setSpacing(8)
        row.addLayout(texts, 4)
        row.addWidget(self.play)
        row.addWidget(self.slider, 7)
        row.addWidget(self.now)
        row.addWidget(self.kernels)
        row.addWidget(self.use)
        row.addWidget(self.stop)
        policy = self.now.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the slider keeps its length when training ends
        self.now.setSizePolicy(policy)

    def show_stops(self, count: int, at: int, best: int | None, live: bool) -> None:
        """Show a run's moments.

        Args:
            count: how many there are, with "now" if the run is `live`.
            at: the one on show, from 0.
            best: the one with the highest validation accuracy, where it is known.
            live: whether the last one is the network as it learns.
        """
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(0, count - 1))
            if not self.slider.isSliderDown():
                self.slider.setValue(at)
        self.slider.marked = best
        self.slider.update()
        self.play.setEnabled(count > 1)
        self.now.setVisible(live)
        self.now.setChecked(live and at == count - 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Its tab is on show."""
        super().showEvent(event)
        self.seen.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """It is no longer seen."""
        super().hideEvent(event)
        self.seen.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A sheet of its own, so that it is seen as one thing."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(0, 0, 0, 0))
        painter.setBrush(self.palette().color(QPalette.ColorRole.AlternateBase))
        painter.drawRoundedRect(QRectF(self.rect()), 7, 7)
