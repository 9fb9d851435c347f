"""The figures that a report begins with, large enough for a lecture hall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

if TYPE_CHECKING:
    from lenet_gui.evaluate.evaluation import Evaluation
    from trainer.evaluation.report import Report

_LONGEST_NAME = 280  # points
_CAPTIONS = ("read rightly", "wrong", "loss", "calibration error", "images a second")


@dataclass(frozen=True, slots=True)
class HeadlineText:
    """A row of figures."""

    name: str
    figures: tuple[str, ...]


class Headline(QWidget):
    """A line of figures a network; with two, the difference below."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("headline")
        self.setAccessibleName("Headline figures")
        self.lines: list[HeadlineText] = []
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(28)
        self._grid.setVerticalSpacing(0)

    def show_evaluation(self, evaluation: Evaluation) -> None:
        """Show these figures."""
        first, second = evaluation.first, evaluation.second
        if second is None:
            self.lines = [HeadlineText("", _figures(first))]
        else:
            self.lines = [
                HeadlineText(f"A   {first.model.name}", _figures(first)),
                HeadlineText(f"B   {second.model.name}", _figures(second)),
                HeadlineText("B less A", _differences(first, second)),
            ]
        self._fill()

    def _fill(self) -> None:
        for label in self._labels:
            label.deleteLater()
        self._labels = []
        alone = len(self.lines) == 1
        captions = HeadlineText("", tuple(c.replace("read rightly", "right") for c in _CAPTIONS))
        if not alone:
            self._row(0, captions, 1.0, "caption")
        for row, line in enumerate(self.lines, start=1):
            large = 2.0 if alone else 1.35 if row < len(self.lines) else 1.0
            self._row(row, line, large, f"figures_{row}")
        if alone:
            self._row(2, HeadlineText("", _CAPTIONS), 1.0, "caption")
        self._grid.setColumnStretch(0, 0)
        self._grid.setColumnStretch(len(_CAPTIONS) + 1, 1)

    def _row(self, row: int, line: HeadlineText, large: float, name: str) -> None:
        for column, text in enumerate((line.name, *line.figures)):
            if column == 0 and len(self.lines) == 1:
                continue
            label = QLabel(text)
            label.setObjectName(name)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            font = QFont(self.font())
            font.setPointSizeF(font.pointSizeF() * (large if column else min(large, 1.1)))
            font.setBold(large > 1 and column < 2)
            label.setFont(font)
            if column and len(self.lines) > 1:
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if column == 0:
                label.setToolTip(text)
                cut = QFontMetrics(font)
                label.setText(cut.elidedText(text, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME))
            self._grid.addWidget(label, row, column)
            self._labels.append(label)


def _figures(report: Report) -> tuple[str, ...]:
    return (
        f"{report.accuracy * 100:.2f} %",
        f"{len(report.misread):,} of {len(report):,}",
        f"{report.loss:.4f}",
        f"{report.calibration_error * 100:.2f} %",
        f"{report.images_per_second:,.0f}",
    )


def _differences(first: Report, second: Report) -> tuple[str, ...]:
    """What the second has more than the first."""

    def signed(value: float, form: str) -> str:
        text = format(value, "+" + form)
        return text.replace("-", "−") if float(text.replace(",", "")) else format(0.0, form)

    points = (second.accuracy - first.accuracy) * 100
    error = (second.calibration_error - first.calibration_error) * 100
    wrong = len(second.misread) - len(first.misread)
    return (
        f"{signed(points, '.2f')} points",
        signed(wrong, ",.0f"),
        signed(second.loss - first.loss, ".4f"),
        f"{signed(error, '.2f')} points",
        "",
    )
