"""Values, shares, times and titles as the window writes them, with a real minus sign."""

from __future__ import annotations

from PySide6.QtCore import QDate, QLocale, Qt

from trainer.recipes.catalog import current_name, differences, original_name
from trainer.recipes.recipe import Recipe, dataset_title
from trainer.translation import N_
from trainer.translation import gettext as _

MINUS = "−"
MOST_TOLD = 1000
"""Characters of a text from elsewhere that a tooltip shows."""
_LONG_LINE = 120
_point, _comma = ".", ","  # of a number's decimals, and between its thousands
_dates: QLocale | None = None  # None: as ISO 8601 writes days


def use_locale(locale: QLocale) -> None:
    """Write numbers and dates on screen as people of this language and country do."""
    global _point, _comma, _dates
    _point, _comma = locale.decimalPoint(), locale.groupSeparator()
    _dates = None if locale.language() == QLocale.Language.C else locale
    if _dates is None:
        _point, _comma = ".", ","


def cut_text(text: str, most: int) -> str:
    """At most so many characters, the last of them "…" if there were more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def elide_middle(text: str, most: int) -> str:
    """At most so many characters: what tells names apart is often at their ends."""
    if len(text) <= most:
        return text
    begin = most // 2
    return f"{text[:begin]}…{text[len(text) - (most - begin - 1) :]}"


def format_tooltip(text: str) -> str:
    """A text from elsewhere as it is: Qt would take what looks like HTML for HTML."""
    text = cut_text(text, MOST_TOLD)
    if not ("<" in text or "&" in text or len(text) > _LONG_LINE):
        return text
    return f'<p style="white-space:pre-wrap">{escape_html(text)}</p>'


def escape_html(text: str) -> str:
    """A text as it is, where HTML is shown."""
    from html import escape  # seldom needed, and brings all of HTML's characters

    return escape(text)


def format_value(value: float) -> str:
    """Three digits or so: "0.42", "−1.30", "12.3", "−205"."""
    size = abs(value)
    return format_rounded(value, 2 if size < 9.995 else 1 if size < 99.95 else 0)


def format_rounded(value: float, decimals: int) -> str:
    """With so many decimals, and never as minus nothing."""
    text = f"{value:.{decimals}f}".replace(".", _point)
    if text.startswith("-"):
        text = text[1:] if not text.strip("-0" + _point) else MINUS + text[1:]
    return text


def localize(text: str) -> str:
    """A number as Python writes it, such as "1,234.5", as the country writes it."""
    return text.translate({ord("."): _point, ord(","): _comma})


def read_thousands(text: str) -> str:
    """A whole number as the country writes it, with commas between its thousands."""
    if _comma.isspace():  # a narrow one, which no keyboard has
        text = text.replace(" ", _comma)
    return text.replace(_comma, ",") if _comma else text


def progress_format(what: str) -> str:
    """What `QProgressBar.setFormat` takes: what is done, and how much of it in percent."""
    text = f"{what[:1].upper()}{what[1:]}"
    return _("{what}: {percent} %").format(what=text, percent="%p")


def format_count(number: float) -> str:
    """A whole number with its thousands divided: "10,652"."""
    return f"{number:,.0f}".replace(",", _comma)


def longest_text(low: float, high: float, decimals: int) -> str:
    """The longest text of values from `low` to `high`, with 0 for each digit."""
    texts = (format_rounded(low, decimals), format_rounded(high, decimals))
    return max(("".join("0" if c.isdigit() else c for c in text) for text in texts), key=len)


def decimals_for(largest: float) -> int:
    """How many decimals a column of numbers has whose largest magnitude is this."""
    return 3 if largest < 10 else 2 if largest < 100 else 1 if largest < 1e4 else 0


def format_number(value: float, decimals: int = 3) -> str:
    """A number of an account."""
    return format_rounded(value, decimals)


def format_short(value: float, whole: bool) -> str:
    """A number for a small cell: two digits or three, "0" where it rounds to nothing.

    Args:
        value: any.
        whole: there is room for "−0.42"; else it is "−.42", and 1.31 is "1.3".
    """
    size = abs(value)
    if size < 0.005:
        return "0"
    sign = MINUS if value < 0 else ""
    if size < (9.995 if whole else 0.995):
        text = f"{size:.2f}".replace(".", _point)
        return sign + (text if whole else text.lstrip("0"))
    if size < (99.95 if whole else 9.95):
        return sign + f"{size:.1f}".replace(".", _point)
    if size < 999.5:
        return f"{sign}{size:.0f}"
    return sign + f"{size:.0e}".replace("e+0", "e").replace("e+", "e")


def format_percent(share: float | None, decimals: int = 2) -> str:
    """0.98765 as "98.77 %"; nothing for None."""
    if share is None:
        return ""
    return _("{number} %").format(number=format_rounded(share * 100, decimals))


def format_duration(seconds: float) -> str:
    """75 as "1:15"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def name_of_classes(classes: tuple[str, ...]) -> str:
    """What a network of these classes reads, such as "digit" or "letter"."""
    if all(name.isdecimal() for name in classes):
        return N_("digit")
    if all(len(name) == 1 for name in classes):
        return (
            N_("letter")
            if all(name.isalpha() and name.isascii() for name in classes)
            else N_("character")
        )
    return N_("picture")


def image_caption(dataset: str, name: str, number: int) -> str:
    """What a test picture of a dataset is, such as "MNIST test image 1,234 · label 7".

    Args:
        dataset: as recipes name it.
        name: of the picture's class.
        number: in the test split, from 0.
    """
    return _("{dataset} test image {number} · label {label}").format(
        dataset=dataset_title(dataset).split(" (")[0], number=format_count(number + 1), label=name
    )


def format_difference(value: float, decimals: int) -> str:
    """With its sign, but for nothing: "+1.20", "−0.35", "0.00"."""
    text = format_rounded(value, decimals)
    return text if text.startswith(MINUS) or not text.strip("0" + _point) else f"+{text}"


def format_day(day: str) -> str:
    """A day that is told as "2026-11-21"."""
    date = QDate.fromString(day, Qt.DateFormat.ISODate)
    if _dates is None or not date.isValid():
        return day
    return _dates.toString(date, QLocale.FormatType.ShortFormat)


def day_or_time(started: str) -> str:
    """Of today the time, such as "14:15:00"; of another day "11-21 14:15"."""
    day, _t, hour = started.partition("T")
    if day == QDate.currentDate().toString(Qt.DateFormat.ISODate):
        return hour[:8]
    return f"{day[5:] if _dates is None else format_day(day)} {hour[:5]}"


def run_title(recipe: Recipe, started: str) -> str:
    """A run's recipe, what was changed of it, and its time: as short as tells runs apart.

    Args:
        recipe: the run's.
        started: as `day_or_time` writes it.
    """
    changes = ", ".join(differences(recipe))
    if not changes:
        return f"{current_name(recipe.name)} {started}".rstrip()
    return f"{original_name(recipe)} ({changes}) {started}".rstrip()
