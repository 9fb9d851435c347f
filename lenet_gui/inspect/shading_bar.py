"""The bar above the network's picture: how values become colors, and what the colors mean.

On it: which color stands for which value, and a map's minimum, mean, maximum and share of
silent units, in places that never move.
"""

from __future__ import annotations

import dataclasses
import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QShowEvent,
    QStandardItemModel,
)
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QSizePolicy, QWidget

from lenet_gui.inspect.common.inspection import Inspection, map_name
from lenet_gui.inspect.shading import CHOICES, Shading, activation, has_initial_weights
from lenet_gui.widgets.formatting import format_percent, format_value
from lenet_gui.widgets.lists import make_chooser
from lenet_gui.workers.serial import BackgroundTask
from trainer.inspect.contributions import MapStatistics, compute_statistics
from trainer.networks.anatomy import Unit
from trainer.networks.model import Model
from trainer.runtime import cpu
from trainer.translation import N_
from trainer.translation import gettext as _

_BAR = 12.0
_POINTER = 5.0
_HIGH = 36  # pixels, with a small font


def _small_font(widget: QWidget) -> QFont:
    """A widget's font, a little smaller."""
    font = QFont(widget.font())
    font.setPixelSize(max(8, round(widget.fontInfo().pixelSize() * 0.85)))
    return font


class ColorScale(QWidget):
    """A strip of colors over its lowest and highest value, and 0 where it is between them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("color_scale")
        self.setAccessibleName(_("Color scale"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(300)
        self._strip = QImage()
        self._table: list[int] = []
        self.range: tuple[float, float] | None = None
        """The lowest and the highest value; None where there are none."""
        self.value: float | None = None
        """What is marked above the strip."""

    def sizeHint(self) -> QSize:
        """Room for three numbers beneath the strip."""
        return QSize(190, max(_HIGH, math.ceil(self._needed_height())))

    def minimumSizeHint(self) -> QSize:
        """Room for both ends."""
        return QSize(self.fontMetrics().averageCharWidth() * 12, self.sizeHint().height())

    def show_colors(self, table: list[int]) -> None:
        """Show these 256 colors."""
        if table == self._table:
            return
        self._table = table
        levels = QImage(bytes(range(256)), 256, 1, 256, QImage.Format.Format_Indexed8)
        levels.setColorTable(table)
        self._strip = levels.convertToFormat(QImage.Format.Format_RGB32)
        self.update()

    def show_range(self, range_: tuple[float, float] | None, value: float | None) -> None:
        """Show these ends, and mark a value."""
        if (range_, value) == (self.range, self.value):
            return
        self.range, self.value = range_, value
        self.setAccessibleDescription(
            ""
            if range_ is None
            else _("{low} to {high}").format(
                low=format_value(range_[0]), high=format_value(range_[1])
            )
        )
        self.update()

    def strip(self) -> QRectF:
        """Where the colors are painted."""
        top = (self.height() - self._needed_height()) / 2 + _POINTER + 1
        return QRectF(_POINTER, round(top), self.width() - 2 * _POINTER, _BAR)

    def place(self, value: float) -> float:
        """Where a value lies, across; what is beyond an end, at it."""
        assert self.range is not None
        (low, high), strip = self.range, self.strip()
        share = (value - low) / (high - low) if high > low else 0.0
        return strip.left() + min(max(share, 0.0), 1.0) * strip.width()

    def _needed_height(self) -> float:
        return _POINTER + 1 + _BAR + 2 + QFontMetricsF(_small_font(self)).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The strip, its ends, and the value."""
        painter, strip = QPainter(self), self.strip()
        palette = self.palette()
        if not self._strip.isNull():
            painter.drawImage(strip, self._strip)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.drawRect(strip.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.setFont(_small_font(self))
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        if self.range is None:
            self._write(painter, _("low"), strip.left())
            self._write(painter, _("high"), strip.right())
            return
        low, high = self.range
        self._write(painter, format_value(low), strip.left())
        self._write(painter, format_value(high), strip.right())
        if low < 0 < high:
            at = self.place(0)
            wide = painter.fontMetrics().horizontalAdvance
            first = strip.left() + wide(format_value(low)) + 8
            last = strip.right() - wide(format_value(high)) - 8
            if first < at - wide("0") / 2 and at + wide("0") / 2 < last:
                self._write(painter, "0", at)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1))
            painter.drawLine(QPointF(at, strip.bottom() - 2), QPointF(at, strip.bottom() + 2))
        if self.value is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.color(QPalette.ColorRole.Text))
            painter.drawPolygon(_pointer(self.place(self.value), strip.top() - 1))

    def _write(self, painter: QPainter, text: str, at: float) -> None:
        """Beneath the strip, about `at`, but not beyond its ends."""
        strip, wide = self.strip(), painter.fontMetrics().horizontalAdvance(text)
        left = min(max(at - wide / 2, strip.left()), strip.right() - wide)
        base = strip.bottom() + 2 + painter.fontMetrics().ascent()
        painter.drawText(QPointF(left, base), text)


def _pointer(x: float, y: float) -> QPolygonF:
    """A small triangle that points down to a place."""
    half = _POINTER - 1
    return QPolygonF(
        [QPointF(x, y), QPointF(x - half, y - _POINTER), QPointF(x + half, y - _POINTER)]
    )


_GAP = 12
_NOTHING = "–"
_TOLD = N_(
    "The lowest, mean and highest value of the map, or of the whole layer where a "
    "unit is a number of its own, and the share of units that do nothing.\n"
    "Silent: the unit hands nothing on. Of ReLU, that is a value of exactly 0, of "
    "its smooth relatives one nearer to 0 than 0.01.\n"
    "Saturated, where the activation has two ends (tanh, sigmoid): the unit is in "
    "the outermost hundredth of its range, where it hardly answers to its input any "
    "more.\n"
    "The share is of the values after the activation, whichever are shown."
)


class StatisticsView(QWidget):
    """Five columns: what it is about, and four numbers, each beneath its name."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("map_statistics")
        self.setAccessibleName(_("Statistics of the map"))
        self.setToolTip(_(_TOLD))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.title = ""
        self._statistics: MapStatistics | None = None

    def sizeHint(self) -> QSize:
        """As wide as the longest numbers, and as high as two lines."""
        width = sum(self._widths()) + _GAP * 4
        height = sum(metrics.height() for metrics in self._metrics())
        return QSize(round(width) + 2, max(_HIGH, math.ceil(height)))

    def minimumSizeHint(self) -> QSize:
        """No column gives way."""
        return self.sizeHint()

    def show_statistics(self, title: str, statistics: MapStatistics | None) -> None:
        """Show a map's; None where nothing is pointed at, or nothing is drawn."""
        if (title, statistics) == (self.title, self._statistics):
            return
        self.title, self._statistics = title, statistics
        self.setAccessibleDescription(self.describe())
        self.update()

    def describe(self) -> str:
        """All of it as words."""
        return "; ".join(f"{name} {value}" for name, value in self.columns() if name)

    def columns(self) -> list[tuple[str, str]]:
        """Names and values, from left to right."""
        statistics = self._statistics
        if statistics is None:
            names = (_("minimum"), _("mean"), _("maximum"), _("silent"))
            return [(self.title, ""), *((name, _NOTHING) for name in names)]
        share = _NOTHING if statistics.silent is None else format_percent(statistics.silent, 0)
        return [
            (self.title, ""),
            (_("minimum"), format_value(statistics.minimum)),
            (_("mean"), format_value(statistics.mean)),
            (_("maximum"), format_value(statistics.maximum)),
            (_(statistics.word), share),
        ]

    def _widths(self) -> tuple[float, ...]:
        """Of the columns: those of the longest texts that they ever have."""
        small = QFontMetricsF(_small_font(self))
        widest = _("input, {color}").format(color=_("green"))
        names = (widest, _("minimum"), _("minimum"), _("maximum"), _("saturated"))
        return tuple(small.horizontalAdvance(name) for name in names)

    def _metrics(self) -> tuple[QFontMetricsF, QFontMetricsF]:
        """Of the names, and of the values beneath."""
        return QFontMetricsF(_small_font(self)), QFontMetricsF(self.font())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names small, values beneath; nothing while there are none."""
        if self._statistics is None and not self.title:
            return
        painter, palette = QPainter(self), self.palette()
        small = _small_font(self)
        lines = self._metrics()
        top = (self.height() - lines[0].height() - lines[1].height()) / 2
        first, second = top + lines[0].ascent(), top + lines[0].height() + lines[1].ascent()
        left = 0.0
        for number, (column, wide) in enumerate(zip(self.columns(), self._widths(), strict=True)):
            name, value = column
            text = lines[0].elidedText(name, Qt.TextElideMode.ElideRight, wide)
            painter.setFont(small)
            if number:
                painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
                # Numbers stand at the right of their column, so that their digits do not move.
                painter.drawText(
                    QPointF(left + wide - lines[0].horizontalAdvance(text), first), text
                )
                painter.setFont(self.font())
                painter.setPen(palette.color(QPalette.ColorRole.Text))
                at = left + wide - lines[1].horizontalAdvance(value)
                painter.drawText(QPointF(at, second), value)
            else:
                painter.setPen(palette.color(QPalette.ColorRole.Text))
                middle = (self.height() - lines[0].height()) / 2 + lines[0].ascent()
                painter.drawText(QPointF(left, middle), text)
            left += wide + _GAP


_UNKNOWN = N_(
    "The initial kernels can't be known: this network does not resemble the one that "
    "its recipe's seed begins with."
)


class ShadingBar(QWidget):
    """Says `changed` when another picture is wanted."""

    changed = Signal(object)
    """The `Shading` that is wanted from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("shading_bar")
        self._shading = Shading(dark=self._dark())
        self._inspection: Inspection | None = None
        self._unit: Unit | None = None
        self._model: Model | None = None  # of which it is known whether its start can be shown
        self._wanted_kernels = self._shading.kernels  # also while they can't be had
        self.combos = {name: _combo(name) for name in CHOICES}
        self.scale = ColorScale()
        self.statistics = StatisticsView()
        self._whole = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(6)
        self._row = row = QHBoxLayout()
        row.setSpacing(6)
        for combo in self.combos.values():
            row.addWidget(combo)
        row.addSpacing(4)
        row.addWidget(self.scale, 1)
        row.addStretch(1)
        self._whole.addLayout(row, 1)
        self._whole.addWidget(self.statistics)
        for name, combo in self.combos.items():
            combo.currentIndexChanged.connect(lambda _, name=name: self._choose(name))
        self._show_choice()

    def minimumSizeHint(self) -> QSize:
        """The statistics stand below the rest where both side by side are too wide."""
        return QSize(max(self._parts()), super().minimumSizeHint().height())

    def _parts(self) -> list[int]:
        """The least widths of the choices with the scale, and of the statistics."""
        return [self._row.minimumSize().width(), self.statistics.sizeHint().width()]

    def event(self, event: QEvent) -> bool:
        """There is room for both, or not any longer: the bar or its text has another size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            beside = sum(self._parts()) + self._whole.spacing() <= self.width()
            directions = QBoxLayout.Direction
            self._whole.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        return super().event(event)

    # What is chosen

    @property
    def shading(self) -> Shading:
        """What is chosen."""
        return self._shading

    def set_shading(self, shading: Shading) -> None:
        """Choose this, but for the ground; says `changed` if it is another."""
        self._wanted_kernels = shading.kernels
        self._set(dataclasses.replace(shading, dark=self._shading.dark))

    def set_dark(self, dark: bool) -> None:
        """The ground is dark, or light: diverging colors have it at zero."""
        self._set(dataclasses.replace(self._shading, dark=dark))

    def chosen(self) -> dict[str, str]:
        """What to remember until the program runs again."""
        wanted = dataclasses.replace(self._shading, kernels=self._wanted_kernels)
        return {name: str(getattr(wanted, name)) for name in CHOICES}

    def restore(self, choices: dict[str, str]) -> None:
        """Choose what was remembered; what is no choice is left as it is."""
        restored = {
            name: value
            for name, (_other, values) in CHOICES.items()
            for value, _other, _other in values
            if choices.get(name) == str(value)
        }
        self.set_shading(dataclasses.replace(self._shading, **restored))

    def _choose(self, name: str) -> None:
        value = self.combos[name].currentData()
        if name == "kernels":
            self._wanted_kernels = value
        self._set(dataclasses.replace(self._shading, **{name: value}))

    def _set(self, shading: Shading) -> None:
        if shading == self._shading:
            return
        self._shading = shading
        self._show_choice()
        self._refresh()
        self.changed.emit(shading)

    def _show_choice(self) -> None:
        for name, combo in self.combos.items():
            combo.blockSignals(True)
            combo.setCurrentIndex(combo.findData(getattr(self._shading, name)))
            combo.blockSignals(False)
        if self.isVisible():  # before, perhaps nobody has imported matplotlib yet
            self.scale.show_colors(self._shading.table)

    def _dark(self) -> bool:
        return self.palette().color(QPalette.ColorRole.Window).lightness() < 128

    def changeEvent(self, event: QEvent) -> None:
        """Zero has the ground's color."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "statistics"):
            self.set_dark(self._dark())

    def showEvent(self, event: QShowEvent) -> None:
        """The colors as they are by now."""
        super().showEvent(event)
        self.scale.show_colors(self._shading.table)

    # What is pointed at

    def show_map(self, inspection: Inspection | None, unit: Unit | None) -> None:
        """Tell of the map of `unit`; of a flat stage, of all its units."""
        self._inspection, self._unit = inspection, unit
        if inspection is not None and inspection.model is not self._model:
            self._meet(inspection.model)
        self._refresh()

    def show_range(self, low: float, high: float) -> None:
        """Show these ends beneath the colors."""
        self.scale.show_range((low, high), None)

    def _meet(self, model: Model) -> None:
        """Find out, in the background, whether its initial kernels can be shown."""
        self._model = model
        self._offer(False, _("It is being found out whether the initial kernels can be known."))

        def find() -> tuple[Model, bool]:
            cpu.use_background_threads()
            return model, has_initial_weights(model)

        BackgroundTask.begin(find, self._show_computed, self._failed, context=self)

    def _show_computed(self, answer: tuple[Model, bool]) -> None:
        model, known = answer
        if model is not self._model:
            return
        self._offer(known, "" if known else _(_UNKNOWN))
        kernels = self._wanted_kernels if known else "trained"
        self._set(dataclasses.replace(self._shading, kernels=kernels))

    def _failed(self, why: str) -> None:
        self._offer(False, why)

    def _offer(self, known: bool, why: str) -> None:
        """Let the initial kernels be chosen, or say why not."""
        combo = self.combos["kernels"]
        items = combo.model()
        assert isinstance(items, QStandardItemModel)
        for index in range(combo.count()):
            if combo.itemData(index) != "trained":
                items.item(index).setEnabled(known)
        combo.setToolTip("\n".join(filter(None, (_describe("kernels"), why))))

    def _refresh(self) -> None:
        inspection, unit = self._inspection, self._unit
        if inspection is None or unit is None:
            self.statistics.show_statistics("", None)
            self.scale.show_range(None, None)
            return
        stage = inspection.stages[unit.stage]
        title = stage.name if stage.flat else map_name(stage, unit.map)
        shown = inspection.values(unit.stage, self._shading.before)
        active = inspection.values(unit.stage)
        if shown is None or active is None:
            self.statistics.show_statistics(title, None)
            self.scale.show_range(None, None)
            return
        if not stage.flat:
            shown, active = shown[unit.map], active[unit.map]
        statistics = compute_statistics(shown, active, activation(inspection.model, stage))
        self.statistics.show_statistics(title, statistics)
        low, high = self._shading.ranges(inspection, unit.stage)[unit.map].tolist()
        self.scale.show_range((low, high), inspection.value(unit, self._shading.before))


def _describe(name: str) -> str:
    title, choices = CHOICES[name]
    return "\n".join(
        (f"{_(title)}:", *(f"{_(text)}: {_(meaning)}" for _other, text, meaning in choices))
    )


def _combo(name: str) -> QComboBox:
    title, choices = CHOICES[name]
    combo = make_chooser(f"shading_{name}", _(title), _describe(name))
    for value, text, meaning in choices:
        combo.addItem(_(text), value)
        combo.setItemData(combo.count() - 1, _(meaning), Qt.ItemDataRole.ToolTipRole)
    return combo
