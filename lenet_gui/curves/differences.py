"""What sets the ticked runs apart: recipe values that differ, and what came of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, Qt
from PySide6.QtGui import (
    QFont,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QShortcut,
)
from PySide6.QtWidgets import QHeaderView, QTableView

from lenet_gui.widgets.formatting import format_percent, format_tooltip
from trainer.curves.spec import LineStyle
from trainer.recipes.recipe import Augmentation, Recipe
from trainer.recipes.words import setting_title, value_title
from trainer.translation import gettext as _

_Index = QModelIndex | QPersistentModelIndex
_UNTOLD = ("name", "description")
_SAMPLE = (26, 12)


@dataclass(frozen=True, slots=True)
class Column:
    """One run's figures in the table."""

    title: str
    style: LineStyle
    recipe: Recipe
    best: float | None  # validation accuracy, 0 to 1
    test: float | None
    seconds: float | None  # trained so far
    epochs: float  # trained so far


@dataclass(frozen=True, slots=True)
class Row:
    """One value of all runs."""

    title: str
    texts: tuple[str, ...]
    best: frozenset[int] = frozenset()  # columns with the best one
    help: str = ""
    figure: bool = False  # what came of the run, not what it was told


def list_differences(runs: Sequence[Column]) -> list[Row]:
    """First what came of the runs, then each value in which their recipes differ."""
    seconds = [r.seconds for r in runs]
    paces = [r.seconds / r.epochs if r.seconds and r.epochs else None for r in runs]
    return [
        _figure(_("Best validation"), [r.best for r in runs], format_percent, max),
        _figure(_("Test"), [r.test for r in runs], format_percent, max),
        _figure(_("Epochs trained"), [r.epochs for r in runs], "{:.4g}".format, None),
        _figure(_("Seconds"), seconds, "{:,.0f}".format, None),
        _figure(_("Seconds per epoch"), paces, "{:,.3g}".format, min),
        *_differing([r.recipe for r in runs]),
    ]


def _figure(
    title: str,
    values: list[float | None],
    write: Callable[[float], str],
    better: Callable[[list[float]], float] | None,
) -> Row:
    """One figure; the best are those that read the same as the best."""
    texts = tuple("–" if value is None else write(value) for value in values)
    known = [value for value in values if value is not None]
    best: frozenset[int] = frozenset()
    if better is not None and len(known) > 1:
        text = write(better(known))
        best = frozenset(n for n, value in enumerate(texts) if value == text)
    return Row(title, texts, best, figure=True)


def _differing(recipes: Sequence[Recipe]) -> list[Row]:
    """A row for each value that the recipes do not share; an augmentation's ones each by itself."""
    rows = []
    for spec in dataclasses.fields(Recipe):
        values = [getattr(recipe, spec.name) for recipe in recipes]
        if spec.name in _UNTOLD or _all_same(values):
            continue
        if spec.name != "augmentation":
            rows.append(_row(spec, values))
            continue
        for part in dataclasses.fields(Augmentation):
            parts = [getattr(value, part.name) for value in values]
            if not _all_same(parts):
                rows.append(_row(part, parts))
    return rows


def _all_same(values: list[Any]) -> bool:
    return all(value == values[0] for value in values)


def _row(spec: dataclasses.Field[Any], values: list[Any]) -> Row:
    texts = tuple(_describe_value(spec.name, value) for value in values)
    return Row(setting_title(spec.name), texts, help=_(spec.metadata.get("help", "")))


def _describe_value(setting: str, value: object) -> str:
    """A recipe's value in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple):  # learning rates by the epoch from which each holds
        rates = (_("from {epoch}: {rate:g}").format(epoch=e, rate=r) for e, r in value)
        return ", ".join(rates) or _("none")
    return value_title(setting, value) if isinstance(value, str) else str(value)


class DifferencesModel(QAbstractTableModel):
    """The rows as a table: a column a run."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.rows: list[Row] = []
        self.dark = False

    def show(self, columns: tuple[Column, ...], dark: bool) -> None:
        """Compare these runs."""
        if columns == self.columns and dark == self.dark:
            return
        rows = list_differences(columns) if columns else []
        same = len(rows) == len(self.rows) and len(columns) == len(self.columns)
        if not same:
            self.beginResetModel()
        self.columns, self.rows, self.dark = columns, rows, dark
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(columns) - 1)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, len(rows) - 1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Figures and differing values."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """One column for each run."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Runs with their lines above, what is compared at the left."""
        if orientation is Qt.Orientation.Vertical:
            row = self.rows[section]
            known = {Qt.ItemDataRole.DisplayRole: row.title, Qt.ItemDataRole.ToolTipRole: row.help}
            return known.get(Qt.ItemDataRole(role))
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return format_tooltip(column.title)
        if role == Qt.ItemDataRole.DecorationRole:
            return _sample(column.style, self.dark)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A value; the best of its row is marked."""
        row = self.rows[index.row()]
        best = index.column() in row.best
        if role == Qt.ItemDataRole.DisplayRole:
            return row.texts[index.column()] + ("  ★" if best else "")
        if role == Qt.ItemDataRole.FontRole and best:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.help or None
        return None

    def as_text(self) -> str:
        """The table as lines of tab-separated cells, as spreadsheets paste them."""
        lines = [("", *(column.title for column in self.columns))]
        lines += [(row.title, *row.texts) for row in self.rows]
        return "\n".join("\t".join(line) for line in lines)


def _sample(style: LineStyle, dark: bool) -> QPixmap:
    """A piece of a run's line."""
    ratio = 2
    picture = QPixmap(_SAMPLE[0] * ratio, _SAMPLE[1] * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    pen = QPen(style.on(dark))
    pen.setWidthF(2)
    if style.dashes:
        pen.setDashPattern(list(style.dashes))
    painter.setPen(pen)
    painter.drawLine(QPointF(0, _SAMPLE[1] / 2), QPointF(_SAMPLE[0], _SAMPLE[1] / 2))
    painter.end()
    return picture


class DifferencesTable(QTableView):
    """Shows them; Ctrl+C copies them all."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("differences")
        self.setAccessibleName(_("Differences of the ticked runs"))
        self.differences = DifferencesModel()
        self.setModel(self.differences)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.setCornerButtonEnabled(False)
        above, left = self.horizontalHeader(), self.verticalHeader()
        above.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        above.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        above.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        above.setMinimumSectionSize(130)
        above.setHighlightSections(False)
        left.setDefaultSectionSize(self.fontMetrics().height() + 8)
        left.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        left.setHighlightSections(False)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)

    def copy(self) -> None:
        """Put the table on the clipboard."""
        QGuiApplication.clipboard().setText(self.differences.as_text())

    def show_runs(self, columns: Sequence[Column]) -> None:
        """Compare these runs."""
        dark = self.palette().color(QPalette.ColorRole.Base).lightness() < 128
        self.differences.show(tuple(columns), dark)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The table, or what to do to get one; below it, that there is no difference."""
        super().paintEvent(event)
        columns = self.differences.columns
        if len(columns) < 2:
            hint = _("Tick two or more runs above to see how they differ")
        elif all(row.figure for row in self.differences.rows):
            hint = _("The recipes are the same")
        else:
            return
        painter = QPainter(self.viewport())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        last = self.rowViewportPosition(len(self.differences.rows) - 1) if columns else 0
        below = last + self.verticalHeader().defaultSectionSize() if columns else 0
        room = self.viewport().rect().adjusted(8, below, -8, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, hint)
