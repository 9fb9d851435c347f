"""A paragraph that shows its first lines where room is scarce, and all of it on a click.

Text that changes while the pen moves, without moving what stands beneath it.
What scrolls them. A label's height is a function of its width, never set in a `resizeEvent`:
what is resized as it is laid out would be laid out again.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lenet_gui.widgets.formatting import cut_text, format_tooltip
from trainer.translation import gettext as _

_FEWEST = 4
_LONGEST = 8000
"""Characters that are shown of a text."""


class ScrollArea(QScrollArea):
    """Its content scrolls up and down, and is as wide as there is room beside the bar.

    Whether the bar is shown or not: were the content wider without it, and higher for
    being wider, as pictures are, the bar would come and go until the program ended.

    Args:
        content: what scrolls; None if it is made later, as a child of the `viewport`, and given to
            `setWidget`, which is cheaper for one of many parts.
        sideways: whether a content that can't be so narrow scrolls to the side as well.
        parent: on which it lies.
    """

    def __init__(
        self,
        content: QWidget | None = None,
        sideways: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sideways = sideways
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(
            policy.ScrollBarAsNeeded if sideways else policy.ScrollBarAlwaysOff
        )
        if content is not None:
            self.setWidget(content)

    @property
    def room(self) -> int:
        """The content's width, in pixels."""
        content = self.widget()
        least = content.minimumSizeHint().width() if content and self._sideways else 0
        return max(least, self.width() - self.verticalScrollBar().sizeHint().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What scrolls is as wide."""
        if content := self.widget():
            content.setFixedWidth(self.room)
        super().resizeEvent(event)


class PageArea(QScrollArea):
    """A tab's page, which fills the tab, and scrolls both ways where it can't be so small.

    `QScrollArea` would give a page in which text wraps its preferred height at once.

    Args:
        page: what scrolls.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page = page
        self.setWidget(page)
        page.installEventFilter(self)

    def _fit(self) -> None:
        """Give the page the room that there is, or the least that it needs."""
        page = self._page
        layout: QLayout | None = page.layout()
        least = page.minimumSizeHint().expandedTo(page.minimumSize())
        bar = self.verticalScrollBar().sizeHint().width()
        wide, high = max(self.width(), least.width()), least.height()
        if layout is not None and layout.hasHeightForWidth():
            high = max(high, layout.minimumHeightForWidth(wide))
        room = self.height() - (bar if wide > self.width() else 0)
        if high > room:  # the bar beside it takes room as well
            wide = max(self.width() - bar, least.width())
        page.resize(wide, max(room, high))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The page is as large, or scrolls."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The page may need more room for what it shows now, or less."""
        if watched is self._page and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)


def make_page(tab: QWidget) -> QWidget:
    """The page in an empty tab, to be laid out; it scrolls in a small window."""
    page = QWidget()
    column = QVBoxLayout(tab)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(PageArea(page))
    return page


class Label(QLabel):
    """Text as it is, whatever markup is in it.

    Qt would guess, and read `<img src=...>` in a file's or a network's name as a
    picture to open, and nested tables for minutes.
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


class RichLabel(QLabel):
    """HTML of ours; whatever came from elsewhere must be escaped in it."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText(text)

    def changeEvent(self, event: QEvent) -> None:
        """Links have the color that they were read with: they are read again."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.text():
            text = self.text()
            self.clear()
            self.setText(text)


class ExpandableText(QWidget):
    """Text of some lines, at most eight at first, or as many as `set_most_lines` says.

    Args:
        name: the label's object name.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._most = 8
        self.label = Label()
        self.label.setObjectName(name)
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QToolButton()
        self.more.setObjectName(f"{name}_more")
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.toggled.connect(self._refit)
        self.label.setParent(self)
        self.more.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def text(self) -> str:
        """The whole text, shown or not."""
        return self.label.text()

    def set_text(self, text: str) -> None:
        """Show another text, folded; what comes from elsewhere may be of any length."""
        self.label.setText(cut_text(text, _LONGEST))
        self.more.setChecked(False)
        self._refit()

    def set_most_lines(self, lines: int) -> None:
        """Show as many lines without a click, but not fewer than four."""
        if self._most != max(_FEWEST, lines):
            self._most = max(_FEWEST, lines)
            self._refit()

    def sizeHint(self) -> QSize:
        """As wide as the text would like."""
        width = self.label.sizeHint().width()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """The height follows from the width, and so is not here."""
        return QSize(self.label.minimumSizeHint().width(), 0)

    def heightForWidth(self, width: int) -> int:
        """The lines that are shown at this width, and the button if there are more."""
        shown, fits = self._measure_shown(width)
        return shown if fits else shown + self.more.sizeHint().height()

    def _measure_shown(self, width: int) -> tuple[int, bool]:
        """The text's height, cut below the last whole line that has room; whether all fits."""
        # Characters of another font, Chinese ones say, make a line higher.
        line = self.label.fontMetrics().size(0, " ".join(self.label.text().split())).height()
        needed = max(0, self.label.heightForWidth(width))
        # A click for one line more would be more trouble than the line.
        fits = needed <= (self._most + 1) * line
        return needed if fits or self.more.isChecked() else self._most * line, fits

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width takes another number of lines."""
        super().resizeEvent(event)
        self._place()

    def _refit(self) -> None:
        """The text, or as much of it as is shown, is another one."""
        self.more.setText(_("Less") if self.more.isChecked() else _("Read on"))
        self.updateGeometry()
        self._place()

    def _place(self) -> None:
        """The text, and the button beneath it."""
        shown, fits = self._measure_shown(self.width())
        self.label.setGeometry(0, 0, self.width(), shown)
        self.more.setVisible(not fits)
        self.more.setGeometry(0, shown, self.more.sizeHint().width(), self.more.sizeHint().height())


class CutLabel(Label):
    """A line that ends in "…" where its room does; the tooltip has all of it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.whole = ""

    def show_text(self, text: str, tip: str = "") -> None:
        """Show this, and `tip` when pointed at, or all of the text."""
        self.setToolTip(format_tooltip(tip or text))
        if text != self.whole:
            self.whole = text
            self.setAccessibleName(text)
            self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or less of it fits."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        elided = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self.whole, elided, self.width()))


class FixedWidthLabel(Label):
    """A wrapped label that at one width grows by a line where it must, and never shrinks."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._wide = self._high = 0  # the most height that a text took, and at which width

    def show_text(self, text: str) -> None:
        """Show this in place of what is there."""
        self.setText(text)
        wide = self.width()
        high = super().heightForWidth(wide) if text else 0
        if wide == self._wide:
            high = max(high, self._high)
        if (wide, high) != (self._wide, self._high):
            self._wide, self._high = wide, high
            self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        """What the text takes, or another took before at this width."""
        needed = super().heightForWidth(width)
        return max(needed, self._high) if width == self._wide else needed


def make_caption(text: str, wrapped: bool = False) -> Label:
    """A heading that leaves the eye to what it is above, or a note."""
    label = Label(text)
    label.setObjectName("caption")
    label.setWordWrap(wrapped)
    return label


def make_heading(text: str) -> QLabel:
    """The title of a part of the page."""
    label = Label(text)
    label.setObjectName("heading")
    return label


def enlarge_text(widget: QWidget, times: float, bold: bool = False) -> None:
    """Give a widget letters so many times as large as its own are now."""
    font = widget.font()
    font.setPointSizeF(font.pointSizeF() * times)
    font.setBold(bold)
    widget.setFont(font)


def changes_look(event: QEvent) -> bool:
    """Whether a `changeEvent` brings other colors or letters to a widget that paints itself."""
    kinds = QEvent.Type
    return event.type() in (kinds.PaletteChange, kinds.FontChange, kinds.StyleChange)
