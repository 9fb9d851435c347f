"""In which forms people write the ten digits, and how often the built-in digits have each.

The table is the one place that says what is written. Its shares are choices, not counts: a
form that is usual in one country and unknown in another gets enough of them to be learned.
"Counted" means counted by eye among the real pen digits (docs/results.md names them).
"""

from __future__ import annotations

from dataclasses import dataclass

from trainer.handwriting import forms_0_to_4 as low
from trainer.handwriting import forms_5_to_9 as high
from trainer.handwriting.hand import Form


@dataclass(frozen=True, slots=True)
class Allograph:
    """One way to write a digit."""

    share: float
    """How often the digit is written so, 0 to 1."""
    draw: Form
    reason: str
    """Why this often."""


ALLOGRAPHS: dict[int, dict[str, Allograph]] = {
    0: {
        "oval": Allograph(0.42, low.zero, "the usual form everywhere"),
        "not quite closed": Allograph(0.11, low.zero_open, "quick writing"),
        "curled": Allograph(0.13, low.zero_curled, "quick writing; ends inside the ring"),
        "overshooting": Allograph(0.07, low.zero_overshooting, "quick writing; taken for a 6"),
        "clockwise": Allograph(0.08, low.zero_clockwise, "left-handed writers"),
        "slashed": Allograph(0.1, low.zero_slashed, "programmers, radio operators, Scandinavia"),
        "with long slash": Allograph(0.06, low.zero_with_long_slash, "as slashed; counted"),
        "dotted": Allograph(0.03, low.zero_dotted, "rare; copied from screen fonts"),
    },
    1: {
        "plain": Allograph(0.42, low.one, "the usual form in North America and Asia"),
        "with flag": Allograph(0.11, low.one_flag, "printed, and taught in much of Europe"),
        "with long flag": Allograph(0.16, low.one_long_flag, "Germany, France, Italy, Czechia"),
        "with flat flag": Allograph(0.05, low.one_flat_flag, "as with long flag; near to a 7"),
        "with round flag": Allograph(0.05, low.one_round_flag, "quick writing; near to a 7"),
        "wedge": Allograph(0.06, low.one_wedge, "Germany, Austria; the flag as long as the stem"),
        "with flag and foot": Allograph(0.08, low.one_flag_foot, "printed, and in forms"),
        "with long flag and foot": Allograph(0.04, low.one_long_flag_foot, "careful writing"),
        "with foot": Allograph(0.03, low.one_foot, "rare"),
    },
    2: {
        "plain": Allograph(0.4, low.two, "the usual form everywhere"),
        "looped": Allograph(0.22, low.two_looped, "cursive writing"),
        "with wide loop": Allograph(0.18, low.two_wide_loop, "cursive writing"),
        "with rising end": Allograph(0.05, low.two_rising, "cursive writing; taken for an 8"),
        "angular": Allograph(0.15, low.two_angular, "quick writing; like a Z"),
    },
    3: {
        "round": Allograph(0.6, low.three, "the usual form everywhere"),
        "looped": Allograph(0.2, low.three_looped, "cursive writing"),
        "flat-topped": Allograph(0.2, low.three_flat, "France, Russia, China"),
    },
    4: {
        "open": Allograph(0.48, low.four, "the usual form everywhere"),
        "closed": Allograph(0.16, low.four_closed, "as printed"),
        "with short stem": Allograph(0.1, low.four_short_stem, "much of Europe"),
        "with low bar": Allograph(0.09, low.four_low, "counted in Spain and Turkey; near to a 6"),
        "in one stroke": Allograph(0.1, low.four_one_stroke, "quick writing"),
        "low, in one stroke": Allograph(0.04, low.four_low_one_stroke, "as with low bar"),
        "pointed, in one stroke": Allograph(0.03, low.four_pointed, "quick writing of closed ones"),
    },
    5: {
        "in one stroke": Allograph(0.33, high.five, "the usual form, with the next"),
        "with separate hat": Allograph(0.32, high.five_two_strokes, "as it is taught"),
        "with bar apart": Allograph(0.09, high.five_bar_apart, "the same, written quickly"),
        "without bar": Allograph(0.05, high.five_without_bar, "the bar forgotten"),
        "smooth": Allograph(0.16, high.five_smooth, "quick writing; like an S"),
        "angular": Allograph(0.05, high.five_angular, "quick writing; taken for a 3"),
    },
    6: {
        "with curved back": Allograph(0.4, high.six, "the usual form everywhere"),
        "with straight back": Allograph(0.22, high.six_straight, "quick writing"),
        "like a b": Allograph(0.08, high.six_like_b, "upright writing"),
        "curled": Allograph(0.16, high.six_curled, "ends inside the bowl"),
        "not quite closed": Allograph(0.1, high.six_open, "quick writing"),
        "wide open": Allograph(0.04, high.six_wide_open, "quick writing; taken for a 4"),
    },
    7: {
        "plain": Allograph(0.33, high.seven, "the usual form in North America"),
        "with serif": Allograph(0.14, high.seven_serif, "Asia, and as printed"),
        "crossed": Allograph(0.15, high.seven_crossed, "much of Europe and Latin America"),
        "crossed, with serif": Allograph(0.09, high.seven_crossed_serif, "as crossed"),
        "curved": Allograph(0.16, high.seven_curved, "quick writing"),
        "crossed, curved": Allograph(0.1, high.seven_crossed_curved, "counted; taken for a 2"),
        "crossed, in one stroke": Allograph(0.03, high.seven_crossed_one_stroke, "rare"),
    },
    8: {
        "in one stroke": Allograph(0.42, high.eight, "the usual form everywhere"),
        "open at the top": Allograph(0.26, high.eight_open, "quick writing"),
        "mirrored": Allograph(0.12, high.eight_mirrored, "left-handed writers"),
        "two circles": Allograph(0.13, high.eight_circles, "children, careful writing"),
        "narrow": Allograph(0.07, high.eight_narrow, "quick writing; taken for a 1 or a 7"),
    },
    9: {
        "with straight tail": Allograph(0.34, high.nine, "the usual form in North America"),
        "with curved tail": Allograph(0.2, high.nine_curved, "the usual form in Europe"),
        "with hooked tail": Allograph(0.13, high.nine_hooked, "Germany, Spain, Turkey; like a g"),
        "with large hook": Allograph(0.09, high.nine_with_large_hook, "as hooked; taken for a 3"),
        "not quite closed": Allograph(0.14, high.nine_open, "quick writing"),
        "in two strokes": Allograph(0.1, high.nine_two_strokes, "careful writing"),
    },
}
"""By digit, then by name."""

FORMS = tuple((digit, name) for digit, forms in ALLOGRAPHS.items() for name in forms)
"""All of them, as (digit, name), in their order."""
