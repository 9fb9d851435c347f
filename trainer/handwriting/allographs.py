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
from trainer.translation import N_


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
        N_("oval"): Allograph(0.42, low.zero, N_("the usual form everywhere")),
        N_("not quite closed"): Allograph(0.11, low.zero_open, N_("quick writing")),
        N_("curled"): Allograph(0.13, low.zero_curled, N_("quick writing; ends inside the ring")),
        N_("overshooting"): Allograph(
            0.07, low.zero_overshooting, N_("quick writing; taken for a 6")
        ),
        N_("clockwise"): Allograph(0.08, low.zero_clockwise, N_("left-handed writers")),
        N_("slashed"): Allograph(
            0.1, low.zero_slashed, N_("programmers, radio operators, Scandinavia")
        ),
        N_("with long slash"): Allograph(0.06, low.zero_with_long_slash, N_("as slashed; counted")),
        N_("dotted"): Allograph(0.03, low.zero_dotted, N_("rare; copied from screen fonts")),
    },
    1: {
        N_("plain"): Allograph(0.42, low.one, N_("the usual form in North America and Asia")),
        N_("with flag"): Allograph(0.11, low.one_flag, N_("printed, and taught in much of Europe")),
        N_("with long flag"): Allograph(
            0.16, low.one_long_flag, N_("Germany, France, Italy, Czechia")
        ),
        N_("with flat flag"): Allograph(
            0.05, low.one_flat_flag, N_("as with long flag; near to a 7")
        ),
        N_("with round flag"): Allograph(
            0.05, low.one_round_flag, N_("quick writing; near to a 7")
        ),
        N_("wedge"): Allograph(
            0.06, low.one_wedge, N_("Germany, Austria; the flag as long as the stem")
        ),
        N_("with flag and foot"): Allograph(0.08, low.one_flag_foot, N_("printed, and in forms")),
        N_("with long flag and foot"): Allograph(
            0.04, low.one_long_flag_foot, N_("careful writing")
        ),
        N_("with foot"): Allograph(0.03, low.one_foot, N_("rare")),
    },
    2: {
        N_("plain"): Allograph(0.4, low.two, N_("the usual form everywhere")),
        N_("looped"): Allograph(0.22, low.two_looped, N_("cursive writing")),
        N_("with wide loop"): Allograph(0.18, low.two_wide_loop, N_("cursive writing")),
        N_("with rising end"): Allograph(
            0.05, low.two_rising, N_("cursive writing; taken for an 8")
        ),
        N_("angular"): Allograph(0.15, low.two_angular, N_("quick writing; like a Z")),
    },
    3: {
        N_("round"): Allograph(0.6, low.three, N_("the usual form everywhere")),
        N_("looped"): Allograph(0.2, low.three_looped, N_("cursive writing")),
        N_("flat-topped"): Allograph(0.2, low.three_flat, N_("France, Russia, China")),
    },
    4: {
        N_("open"): Allograph(0.48, low.four, N_("the usual form everywhere")),
        N_("closed"): Allograph(0.16, low.four_closed, N_("as printed")),
        N_("with short stem"): Allograph(0.1, low.four_short_stem, N_("much of Europe")),
        N_("with low bar"): Allograph(
            0.09, low.four_low, N_("counted in Spain and Turkey; near to a 6")
        ),
        N_("in one stroke"): Allograph(0.1, low.four_one_stroke, N_("quick writing")),
        N_("low, in one stroke"): Allograph(0.04, low.four_low_one_stroke, N_("as with low bar")),
        N_("pointed, in one stroke"): Allograph(
            0.03, low.four_pointed, N_("quick writing of closed ones")
        ),
    },
    5: {
        N_("in one stroke"): Allograph(0.33, high.five, N_("the usual form, with the next")),
        N_("with separate hat"): Allograph(0.32, high.five_two_strokes, N_("as it is taught")),
        N_("with bar apart"): Allograph(0.09, high.five_bar_apart, N_("the same, written quickly")),
        N_("without bar"): Allograph(0.05, high.five_without_bar, N_("the bar forgotten")),
        N_("smooth"): Allograph(0.16, high.five_smooth, N_("quick writing; like an S")),
        N_("angular"): Allograph(0.05, high.five_angular, N_("quick writing; taken for a 3")),
    },
    6: {
        N_("with curved back"): Allograph(0.4, high.six, N_("the usual form everywhere")),
        N_("with straight back"): Allograph(0.22, high.six_straight, N_("quick writing")),
        N_("like a b"): Allograph(0.08, high.six_like_b, N_("upright writing")),
        N_("curled"): Allograph(0.16, high.six_curled, N_("ends inside the bowl")),
        N_("not quite closed"): Allograph(0.1, high.six_open, N_("quick writing")),
        N_("wide open"): Allograph(0.04, high.six_wide_open, N_("quick writing; taken for a 4")),
    },
    7: {
        N_("plain"): Allograph(0.33, high.seven, N_("the usual form in North America")),
        N_("with serif"): Allograph(0.14, high.seven_serif, N_("Asia, and as printed")),
        N_("crossed"): Allograph(0.15, high.seven_crossed, N_("much of Europe and Latin America")),
        N_("crossed, with serif"): Allograph(0.09, high.seven_crossed_serif, N_("as crossed")),
        N_("curved"): Allograph(0.16, high.seven_curved, N_("quick writing")),
        N_("crossed, curved"): Allograph(
            0.1, high.seven_crossed_curved, N_("counted; taken for a 2")
        ),
        N_("crossed, in one stroke"): Allograph(0.03, high.seven_crossed_one_stroke, N_("rare")),
    },
    8: {
        N_("in one stroke"): Allograph(0.42, high.eight, N_("the usual form everywhere")),
        N_("open at the top"): Allograph(0.26, high.eight_open, N_("quick writing")),
        N_("mirrored"): Allograph(0.12, high.eight_mirrored, N_("left-handed writers")),
        N_("two circles"): Allograph(0.13, high.eight_circles, N_("children, careful writing")),
        N_("narrow"): Allograph(0.07, high.eight_narrow, N_("quick writing; taken for a 1 or a 7")),
    },
    9: {
        N_("with straight tail"): Allograph(0.34, high.nine, N_("the usual form in North America")),
        N_("with curved tail"): Allograph(0.2, high.nine_curved, N_("the usual form in Europe")),
        N_("with hooked tail"): Allograph(
            0.13, high.nine_hooked, N_("Germany, Spain, Turkey; like a g")
        ),
        N_("with large hook"): Allograph(
            0.09, high.nine_with_large_hook, N_("as hooked; taken for a 3")
        ),
        N_("not quite closed"): Allograph(0.14, high.nine_open, N_("quick writing")),
        N_("in two strokes"): Allograph(0.1, high.nine_two_strokes, N_("careful writing")),
    },
}
"""By digit, then by name."""

FORMS = tuple((digit, name) for digit, forms in ALLOGRAPHS.items() for name in forms)
"""All of them, as (digit, name), in their order."""
