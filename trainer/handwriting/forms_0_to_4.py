"""How people write 0, 1, 2, 3 and 4; `trainer.handwriting.allographs` says how often each."""

from __future__ import annotations

import math

from trainer.handwriting.hand import SHARP, Curve, Hand, arc


def _oval(hand: Hand, overlap: float, growth: float, direction: int = -1) -> Curve:
    """The ring of a 0, begun near the top (or, clockwise, near the bottom)."""
    start = hand.about(285 if direction < 0 else 100, 35)
    across = 0.37 * math.exp(hand.about(0, 0.2))
    return arc((0.33, 0.5), (across, 0.5), start, direction * (360 + overlap), growth)


def zero(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.about(8, 14), hand.about(0, 0.06))]


def zero_open(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.between(-45, -10), hand.about(0, 0.08))]


def zero_curled(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.between(30, 100), hand.between(-0.4, -0.05))]


def zero_clockwise(hand: Hand) -> list[Curve]:
    return [_oval(hand, hand.about(5, 20), hand.about(0, 0.08), direction=1)]


def zero_overshooting(hand: Hand) -> list[Curve]:
    """Begun above its ring, or ended outside of it: not a 6, whose ring is half as high."""
    if hand.chance(0.5):
        start = (hand.about(0.52, 0.08), hand.about(-0.07, 0.05))
        ring = arc((0.33, 0.5), (hand.about(0.34, 0.05), 0.5), 275, -hand.about(350, 12))
        return [[start, *ring]]
    return [_oval(hand, hand.between(15, 60), hand.between(0.08, 0.3))]


def _slash(hand: Hand, half: float) -> Curve:
    """The line through a 0, up to the right as a rule; `half` is half its length."""
    angle = math.radians(hand.about(-58, 15) if hand.chance(0.8) else hand.between(0, 180))
    x, y = hand.about(0.33, 0.05), hand.about(0.5, 0.06)
    across, up = half * math.cos(angle), half * math.sin(angle)
    return [(x + across, y + up), (x - across, y - up)]


def zero_slashed(hand: Hand) -> list[Curve]:
    return [*zero(hand), _slash(hand, hand.between(0.18, 0.5))]


def zero_with_long_slash(hand: Hand) -> list[Curve]:
    return [*zero(hand), _slash(hand, hand.between(0.5, 0.85))]


def zero_dotted(hand: Hand) -> list[Curve]:
    x, y, size = hand.about(0.33, 0.05), hand.about(0.5, 0.07), hand.between(0.01, 0.07)
    return [*zero(hand), [(x, y), (x + size, y + hand.about(0, 0.03))]]


def _stroke_of_one(hand: Hand) -> Curve:
    """From the top to the foot, now and then ended in a turn to the right."""
    middle, foot = (hand.about(0, 0.02), 0.5), (hand.about(0, 0.05), 1.0)
    if hand.chance(0.08):
        return [middle, (foot[0], 0.9), (hand.between(0.08, 0.22), hand.about(0.97, 0.03))]
    return [middle, foot]


def _flagged(hand: Hand, reach: float, drop: float, roundness: float) -> list[Curve]:
    """A 1 whose flag begins `reach` left of the top and `drop` below it.

    `roundness` is 0 for a sharp top and 1 for one that is as round as a cane's.
    """
    bulge = hand.about(0.06, 0.06) + 0.16 * roundness
    middle = (-reach * (0.5 + bulge / 2), drop * (0.5 - bulge))
    top: Curve = [(0, 0, SHARP * (1 - roundness))]
    if roundness > 0.5:
        top = [(-reach * 0.25, -0.01), (hand.about(0.03, 0.02), 0.1)]
    return [[(-reach, drop), middle, *top, *_stroke_of_one(hand)]]


def one(hand: Hand) -> list[Curve]:
    lean = hand.about(0.04, 0.1)
    return [[(lean, 0), (hand.about(0, 0.015), 0.5), (-lean, 1)]]


def one_flag(hand: Hand) -> list[Curve]:
    reach = hand.between(0.06, 0.26)
    return _flagged(hand, reach, reach * hand.between(0.9, 1.8), 0)


def one_long_flag(hand: Hand) -> list[Curve]:
    drop = hand.between(0.22, 0.75)
    return _flagged(hand, drop / hand.between(0.75, 2.6), drop, hand.between(0, 0.3))


def one_flat_flag(hand: Hand) -> list[Curve]:
    # Flatter still, and no reader could tell it from a 7.
    reach = hand.between(0.2, 0.5)
    return _flagged(hand, reach, reach * hand.between(0.4, 0.8), hand.between(0, 0.3))


def one_wedge(hand: Hand) -> list[Curve]:
    """The flag nearly as long as the stroke: a roof."""
    return _flagged(hand, hand.between(0.1, 0.6), hand.between(0.65, 1.02), hand.between(0, 0.3))


def one_round_flag(hand: Hand) -> list[Curve]:
    drop = hand.between(0.18, 0.5)
    return _flagged(hand, drop / hand.between(0.8, 2.0), drop, hand.between(0.6, 1))


def _foot(hand: Hand) -> Curve:
    y = hand.about(1, 0.02)
    left, right = hand.about(-0.27, 0.09), hand.about(0.27, 0.1)
    return [(left, y), (right, y + hand.about(0, 0.03))]


def one_flag_foot(hand: Hand) -> list[Curve]:
    return [*one_flag(hand), _foot(hand)]


def one_long_flag_foot(hand: Hand) -> list[Curve]:
    return [*one_long_flag(hand), _foot(hand)]


def one_foot(hand: Hand) -> list[Curve]:
    return [*one(hand), _foot(hand)]


def _two_top(hand: Hand) -> Curve:
    """The bow of a 2, from its start down to the neck."""
    start, right = hand.about(0.25, 0.07), hand.about(0.55, 0.06)
    bow: Curve = [(0.1, 0.09), (0.3, 0), (right - 0.06, 0.07), (right, 0.25), (right - 0.13, 0.52)]
    if hand.chance(0.25):  # a hook inwards before the bow
        return [(hand.about(0.17, 0.04), start + 0.03), (0.05, start + 0.01), *bow]
    return [(0.02, start), *bow]


def _two_base(hand: Hand) -> Curve:
    """The base line of a 2, straight or wavy, short or long, level or sinking."""
    wave, end = hand.about(0.01, 0.04), hand.about(0.72, 0.16)
    return [(end * 0.45, 0.97 - wave), (end, 0.97 + wave + hand.about(0, 0.07))]


def two(hand: Hand) -> list[Curve]:
    corner = (hand.about(0.0, 0.05), hand.about(0.95, 0.03), SHARP)
    return [[*_two_top(hand), (0.2, 0.8), corner, *_two_base(hand)]]


def two_looped(hand: Hand) -> list[Curve]:
    left, size = hand.about(-0.06, 0.07), hand.between(0.05, 0.32)
    wide = 0.1 + 0.7 * size
    down: Curve = [(left + wide + 0.14, 0.78), (left + wide * 0.6, 0.97)]
    loop: Curve = [(left, 0.98 - size / 2), (left + wide * 0.5, 0.97 - size)]
    back = (left + wide * 1.3, 0.97 - size * 0.5)
    end = (hand.about(0.82, 0.16), 0.97 + hand.about(0.01, 0.07))
    return [[*_two_top(hand), *down, *loop, back, end]]


def two_wide_loop(hand: Hand) -> list[Curve]:
    left, top = hand.about(-0.05, 0.08), hand.between(0.46, 0.78)
    down: Curve = [(0.32, 0.75), (left + 0.15, 0.96), (left, 0.9)]
    over: Curve = [(left + 0.05, (top + 0.85) / 2), (left + 0.18, top), (0.38, top + 0.09)]
    end = (hand.about(0.68, 0.14), hand.about(0.95, 0.1))
    return [[*_two_top(hand), *down, *over, end]]


def two_rising(hand: Hand) -> list[Curve]:
    """A loop at the bottom, and no base line: the end goes up to the right."""
    left, top = hand.about(0.0, 0.06), hand.between(0.55, 0.8)
    down: Curve = [(0.3, 0.72), (left + 0.12, 0.98), (left, 0.9)]
    over: Curve = [(left + 0.06, (top + 0.9) / 2), (0.25, top + 0.03)]
    return [[*_two_top(hand), *down, *over, (hand.about(0.6, 0.1), hand.between(0.4, 0.8))]]


def two_angular(hand: Hand) -> list[Curve]:
    top: Curve = [(hand.about(0.03, 0.05), hand.about(0.06, 0.05)), (0.3, hand.about(0, 0.03))]
    right = (hand.about(0.55, 0.05), hand.about(0.05, 0.04), SHARP)
    return [[*top, right, (0.3, 0.5), (hand.about(0, 0.05), 0.97, SHARP), *_two_base(hand)]]


def _three_belly(hand: Hand) -> Curve:
    """The lower bow of a 3, after the waist."""
    right, end = hand.about(0.58, 0.06), hand.about(0.88, 0.05)
    bow: Curve = [(right - 0.1, 0.52), (right, 0.73), (right - 0.15, 0.95), (0.2, 1)]
    if hand.chance(0.2):  # curled in at its end
        return [*bow, (hand.about(0.02, 0.05), end), (hand.about(0.14, 0.05), end - 0.08)]
    return [*bow, (hand.about(-0.01, 0.09), end + hand.about(0, 0.05))]


def _three_top(hand: Hand) -> Curve:
    """The upper bow of a 3."""
    right, x, y = hand.about(0.5, 0.06), hand.about(0.05, 0.05), hand.about(0.14, 0.05)
    bow: Curve = [(0.25, 0), (right - 0.05, 0.06), (right, 0.23), (right - 0.13, 0.4)]
    if hand.chance(0.2):  # curled in at its start
        return [(x + 0.12, y + 0.09), (x, y), *bow]
    return [(x, y), *bow]


def three(hand: Hand) -> list[Curve]:
    waist = (hand.about(0.24, 0.08), hand.about(0.47, 0.03), SHARP)
    return [[*_three_top(hand), waist, *_three_belly(hand)]]


def three_looped(hand: Hand) -> list[Curve]:
    x, size = hand.about(0.14, 0.06), hand.between(0.03, 0.13)
    loop: Curve = [(x, 0.47 + size / 2), (x - 0.03, 0.46 - size / 3), (x + 0.1, 0.47 - size / 2)]
    return [[*_three_top(hand), *loop, *_three_belly(hand)]]


def three_flat(hand: Hand) -> list[Curve]:
    corner = (hand.about(0.5, 0.06), hand.about(0.0, 0.03), SHARP)
    waist = (hand.about(0.22, 0.07), hand.about(0.4, 0.04), SHARP)
    return [[(0.02, hand.about(0.03, 0.04)), corner, waist, *_three_belly(hand)]]


def _stem(hand: Hand, x: float, top: float) -> Curve:
    """The right-hand stroke of a 4."""
    return [(x, top), (x + hand.about(-0.02, 0.015), 0.5), (x + hand.about(-0.05, 0.05), 1)]


def four(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.52, 0.07), hand.about(0.48, 0.06)
    left = hand.about(0.02, 0.04)
    start = (left + hand.about(0.08, 0.07), hand.about(0.06, 0.06))
    end = (x + hand.about(0.12, 0.09), bar + hand.about(-0.03, 0.05))
    return [[start, (left, bar, SHARP), end], _stem(hand, x, hand.about(0.04, 0.08))]


def four_closed(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.62, 0.07), hand.about(0.46, 0.05)
    top = (x + hand.about(-0.03, 0.03), hand.about(0.0, 0.03))
    end = (x + hand.about(0.16, 0.09), bar + hand.about(-0.02, 0.04))
    return [[top, (0.18, bar * 0.6), (0, bar, SHARP), end], _stem(hand, x, hand.about(0.02, 0.04))]


def four_short_stem(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.62, 0.07), hand.about(0.4, 0.06)
    end = (x + hand.about(0.22, 0.08), bar + hand.about(-0.03, 0.04))
    bolt: Curve = [(hand.about(0.3, 0.07), 0), (0, bar, SHARP), end]
    return [bolt, _stem(hand, x, hand.about(0.36, 0.08))]


def four_low(hand: Hand) -> list[Curve]:
    """A rounded L, and a stem that begins half way down."""
    bar, x = hand.about(0.71, 0.06), hand.about(0.36, 0.06)
    roundness = hand.between(0, 1)
    left: Curve = [(hand.about(0.24, 0.09), 0), (0.08, bar * 0.55)]
    turn: Curve = [(0.02, bar - 0.08 * roundness, SHARP * (1 - roundness)), (0.16, bar + 0.01)]
    end = (x + hand.between(0.03, 0.24), bar + hand.about(-0.04, 0.05))
    return [[*left, *turn, end], _stem(hand, x, hand.between(0.34, 0.62))]


def four_low_one_stroke(hand: Hand) -> list[Curve]:
    """As `four_low`, without lifting the pen: not closed, or it would be a 6."""
    bar, x = hand.about(0.66, 0.06), hand.about(0.42, 0.06)
    left: Curve = [(hand.about(0.2, 0.08), 0), (0.05, bar * 0.6), (0.06, bar - 0.02)]
    up: Curve = [(0.22, bar), (x - 0.03, bar - 0.08), (x, bar - hand.between(0.14, 0.4), SHARP)]
    return [[*left, *up, (x + hand.about(0.0, 0.015), 0.75), (x + hand.about(-0.05, 0.05), 1)]]


def four_one_stroke(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.46, 0.06), hand.about(0.5, 0.05)
    up: Curve = [(0.3, bar + 0.01), (x - 0.02, bar - 0.12), (x, hand.about(0.03, 0.05), SHARP)]
    return [[(0.08, 0.05), (0.02, bar - 0.1, SHARP / 2), *up, *_stem(hand, x, 0.05)[1:]]]


def four_pointed(hand: Hand) -> list[Curve]:
    bar, x = hand.about(0.45, 0.06), hand.about(0.48, 0.05)
    ring: Curve = [(x, 0.0), (0.18, bar * 0.5), (0, bar, SHARP), (x * 0.7, bar - 0.02)]
    return [[*ring, (x + 0.03, hand.about(0.08, 0.06), SHARP), *_stem(hand, x, 0.05)[1:]]]
