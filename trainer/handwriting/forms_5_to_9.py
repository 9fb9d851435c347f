"""How people write 5, 6, 7, 8 and 9; `trainer.handwriting.allographs` says how often each."""

from __future__ import annotations

from trainer.handwriting.hand import SHARP, Curve, Hand, arc


def _five_belly(hand: Hand) -> Curve:
    """The bow of a 5."""
    right, top = hand.about(0.52, 0.1), hand.about(0.4, 0.06)
    bow: Curve = [(0.28, top), (right - 0.05, top + 0.12), (right, 0.72), (0.3, 0.99)]
    if hand.chance(0.2):  # curled in at its end
        return [*bow, (hand.about(0.05, 0.04), 0.9), (hand.about(0.12, 0.05), 0.79)]
    return [*bow, (hand.about(0.0, 0.07), hand.about(0.92, 0.06))]


def five(hand: Hand) -> list[Curve]:
    down = (hand.about(0.06, 0.04), hand.about(0.44, 0.05), SHARP)
    hat = (hand.about(0.65, 0.18), hand.about(-0.02, 0.07))
    return [[hat, (hand.about(0.13, 0.05), 0.04, SHARP), down, *_five_belly(hand)]]


def five_two_strokes(hand: Hand) -> list[Curve]:
    x = hand.about(0.11, 0.05)
    down = (hand.about(0.05, 0.04), hand.about(0.43, 0.05), SHARP)
    hat: Curve = [(x + hand.about(0.02, 0.06), hand.about(0.03, 0.05))]
    hat.append((hand.about(0.65, 0.17), hand.about(-0.01, 0.07)))
    return [[(x, 0.04), down, *_five_belly(hand)], hat]


def five_bar_apart(hand: Hand) -> list[Curve]:
    """The bar beside or above the rest, not touching it."""
    x, rise = hand.about(0.09, 0.04), hand.between(0.02, 0.14)
    down = (hand.about(0.05, 0.04), hand.about(0.43, 0.05), SHARP)
    start = (x + hand.between(0.0, 0.22), 0.05 - rise)
    end = (start[0] + hand.between(0.18, 0.55), start[1] + hand.about(-0.02, 0.07))
    return [[(x, 0.06), down, *_five_belly(hand)], [start, end]]


def five_without_bar(hand: Hand) -> list[Curve]:
    """Its bar forgotten, or no longer than a turn of the pen."""
    x = hand.about(0.1, 0.05)
    down = (hand.about(0.05, 0.04), hand.about(0.42, 0.06), SHARP * hand.between(0.3, 1))
    hat: Curve = [(x + hand.between(0.05, 0.2), hand.about(0.0, 0.03))] if hand.chance(0.6) else []
    return [[*hat, (x, 0.03, SHARP), down, *_five_belly(hand)]]


def five_angular(hand: Hand) -> list[Curve]:
    """A flash of lightning: bar, back and bow are nearly straight."""
    start = (hand.about(0.5, 0.08), hand.about(0.02, 0.03))
    left = (hand.about(0.12, 0.05), hand.about(0.26, 0.08), SHARP)
    right = (hand.about(0.48, 0.07), hand.about(0.52, 0.06), SHARP * hand.between(0.2, 1))
    end = (hand.about(0.02, 0.06), hand.about(0.97, 0.03))
    return [[start, left, right, (hand.about(0.4, 0.05), 0.8), end]]


def five_smooth(hand: Hand) -> list[Curve]:
    top: Curve = [(hand.about(0.58, 0.1), hand.about(0.03, 0.05)), (0.32, 0.01), (0.1, 0.12)]
    return [[*top, (0.1, 0.3), (0.32, 0.44), *_five_belly(hand)[2:]]]


def _bowl(hand: Hand) -> Curve:
    """The bowl of a 6, from its left side round to its end."""
    top, right = hand.about(0.5, 0.1), hand.about(0.53, 0.1)
    end = (hand.about(0.12, 0.09), hand.about(0.69, 0.09))
    if hand.chance(0.12):  # across the back
        end = (hand.between(-0.22, 0), hand.about(0.62, 0.06))
    return [
        (0.02, 0.76),
        (0.2, 0.99),
        (right - 0.06, 0.9),
        (right, 0.5 + top * 0.4),
        (0.32, top),
        end,
    ]


def six(hand: Hand) -> list[Curve]:
    return [[(hand.about(0.46, 0.1), 0.01), (0.22, 0.17), (0.06, 0.45), *_bowl(hand)]]


def six_straight(hand: Hand) -> list[Curve]:
    return [[(hand.about(0.26, 0.12), 0), (hand.about(0.1, 0.04), 0.4), *_bowl(hand)]]


def six_like_b(hand: Hand) -> list[Curve]:
    """Its back upright and straight, its bowl only in the lower half."""
    x = hand.about(0.03, 0.04)
    return [[(x, 0), (x + hand.about(0, 0.02), 0.45), *_bowl(hand)]]


def six_curled(hand: Hand) -> list[Curve]:
    inner = (hand.about(0.2, 0.06), hand.about(0.8, 0.06))
    back: Curve = [(hand.about(0.42, 0.1), 0.01), (0.18, 0.2), (0.05, 0.45)]
    return [[*back, *_bowl(hand), inner]]


def six_open(hand: Hand) -> list[Curve]:
    end = (hand.about(0.26, 0.06), hand.about(0.6, 0.06))
    back: Curve = [(hand.about(0.3, 0.12), 0), (hand.about(0.1, 0.04), 0.35)]
    return [[*back, *_bowl(hand)[:4], end]]


def six_wide_open(hand: Hand) -> list[Curve]:
    """A bowl that never closes; unlike a 4's stem, its right side does not go below it."""
    x, right, top = hand.about(0.2, 0.1), hand.about(0.48, 0.07), hand.about(0.56, 0.08)
    back: Curve = [(x, 0), (0.06, 0.45), (0.05, 0.82), (hand.about(0.22, 0.03), 1)]
    end: Curve = [(right - 0.05, 0.82), (right, top)]
    if hand.chance(0.4):  # the pen comes down again
        end += [(right + hand.between(0.0, 0.1), hand.between(0.7, 0.97))]
    return [[*back, *end]]


def _seven_stem(hand: Hand) -> Curve:
    """The corner and the stem of a 7."""
    x, foot = hand.about(0.55, 0.06), hand.about(0.27, 0.1)
    corner = (x, hand.about(0.03, 0.04), SHARP)
    return [corner, ((x + foot) / 2 + hand.about(-0.02, 0.04), 0.45), (foot, 1)]


def seven(hand: Hand) -> list[Curve]:
    wave = hand.about(0, 0.03)
    return [[(0, hand.about(0.07, 0.05)), (0.28, 0.05 + wave), *_seven_stem(hand)]]


def seven_serif(hand: Hand) -> list[Curve]:
    start = (hand.about(0, 0.04), hand.between(0.12, 0.3))
    corner = (hand.about(0.03, 0.03), 0.06, SHARP / 2)
    return [[start, corner, (0.28, hand.about(0.06, 0.03)), *_seven_stem(hand)]]


def _seven_bar(hand: Hand) -> Curve:
    y, half = hand.about(0.52, 0.08), hand.between(0.08, 0.34)
    x, tilt = hand.about(0.4, 0.06), hand.about(0.02, 0.06)
    return [(x - half, y + tilt), (x + half, y - tilt)]


def seven_crossed(hand: Hand) -> list[Curve]:
    return [*seven(hand), _seven_bar(hand)]


def seven_crossed_serif(hand: Hand) -> list[Curve]:
    return [*seven_serif(hand), _seven_bar(hand)]


def seven_curved(hand: Hand) -> list[Curve]:
    right = hand.about(0.52, 0.06)
    top: Curve = [(0, hand.about(0.1, 0.05)), (0.2, 0.02), (right - 0.08, 0.03)]
    return [[*top, (right, 0.17), (right - 0.15, 0.5), (hand.about(0.26, 0.1), 1)]]


def seven_crossed_curved(hand: Hand) -> list[Curve]:
    return [*seven_curved(hand), _seven_bar(hand)]


def seven_crossed_one_stroke(hand: Hand) -> list[Curve]:
    """The pen goes back up from the foot, and across."""
    stroke = (seven_serif if hand.chance(0.5) else seven)(hand)[0]
    (left, y), (right, end) = _seven_bar(hand)
    return [[*stroke[:-1], (*stroke[-1][:2], SHARP), (left, y, SHARP / 2), (right, end)]]


def _eight_path(hand: Hand) -> Curve:
    """An 8 in one line: S downwards, then back up."""
    top, low, waist = hand.about(0.21, 0.06), hand.about(0.23, 0.07), hand.about(0.49, 0.07)
    head, foot = hand.about(0.3, 0.05), hand.about(0.25, 0.04)
    bow: Curve = [
        (head + top, 0.12),
        (head, 0),
        (head - top, 0.13),
        (head - top * 0.7, waist - 0.15),
    ]
    right: Curve = [(hand.about(0.28, 0.03), waist), (foot + low, 0.72), (foot + low / 2, 0.97)]
    left: Curve = [
        (foot - low / 2, 0.97),
        (foot - low, 0.76),
        (hand.about(0.27, 0.03), waist + 0.02),
    ]
    return [*bow, *right, *left, (head + top * 0.8, waist - 0.17)]


def eight(hand: Hand) -> list[Curve]:
    path = _eight_path(hand)
    return [[*path, (path[0][0] + hand.about(0, 0.04), path[0][1] + hand.about(-0.03, 0.04))]]


def eight_open(hand: Hand) -> list[Curve]:
    path = _eight_path(hand)
    start = (path[0][0] + hand.about(-0.02, 0.07), path[0][1] + hand.about(0.03, 0.07))
    return [[start, *path[1:], (hand.about(0.6, 0.13), hand.about(-0.02, 0.1))]]


def eight_mirrored(hand: Hand) -> list[Curve]:
    return [[(0.56 - x, y) for x, y in eight(hand)[0]]]


def eight_circles(hand: Hand) -> list[Curve]:
    waist, x = hand.about(0.47, 0.07), hand.about(0.3, 0.04)
    top, low = (hand.about(0.23, 0.05), waist / 2), (hand.about(0.26, 0.05), (1 - waist) / 2)
    upper, lower = hand.about(280, 40), hand.about(280, 40)
    return [
        arc((x, waist / 2), top, upper, -360 - hand.about(5, 15), hand.about(0, 0.06)),
        arc((0.3, 0.5 + waist / 2), low, lower, -360 - hand.about(5, 15)),
    ]


def eight_narrow(hand: Hand) -> list[Curve]:
    """Written so quickly that a loop is closed to a line."""
    thin, thick = hand.between(0.1, 0.5), hand.between(0.5, 1)
    above, below = (thin, thick) if hand.chance(0.6) else (thick, thin)
    path = (eight if hand.chance(0.4) else eight_open)(hand)[0]
    return [[(0.28 + (x - 0.28) * (above if y < 0.47 else below), y) for x, y, *_ in path]]


def _nine_ring(hand: Hand) -> Curve:
    """The ring of a 9, begun and ended at its right."""
    low, x, left = max(0.34, hand.about(0.45, 0.09)), hand.about(0.5, 0.05), hand.about(0.06, 0.08)
    start = (x + hand.about(-0.02, 0.04), hand.about(0.11, 0.05))
    top: Curve = [(0.3, 0), (left + 0.03, 0.14)]
    tilt = hand.about(0, 0.06)
    end: Curve = [(left, low - 0.12 + tilt), (0.22, low), (x - 0.08, low - 0.13 - tilt)]
    return [start, *top, *end]


def nine(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.51, 0.04), hand.about(0.09, 0.07), SHARP)
    return [[*_nine_ring(hand), turn, (hand.about(0.49, 0.03), 0.5), (hand.about(0.42, 0.1), 1)]]


def nine_curved(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.51, 0.04), hand.about(0.12, 0.06), SHARP / 2)
    return [[*_nine_ring(hand), turn, (0.5, 0.45), (0.4, 0.76), (hand.about(0.18, 0.08), 1)]]


def nine_hooked(hand: Hand) -> list[Curve]:
    turn = (hand.about(0.52, 0.04), hand.about(0.1, 0.06), SHARP)
    hook: Curve = [(0.52, 0.5), (0.47, 0.86), (0.28, 1), (hand.about(0.04, 0.07), 0.9)]
    return [[*_nine_ring(hand), turn, *hook]]


def nine_with_large_hook(hand: Hand) -> list[Curve]:
    """The tail bulges to the right and turns far back to the left, as a g's does."""
    turn = (hand.about(0.48, 0.05), hand.about(0.12, 0.07), SHARP * hand.between(0.3, 1))
    belly, end = hand.about(0.55, 0.06), hand.between(-0.32, 0.08)
    tail: Curve = [(hand.about(0.47, 0.05), 0.42), (belly, 0.68), (belly - 0.14, 0.94)]
    return [[*_nine_ring(hand), turn, *tail, (0.16, 1), (end, hand.between(0.78, 1))]]


def nine_open(hand: Hand) -> list[Curve]:
    start = (hand.between(0.38, 0.58), hand.about(0.05, 0.03))
    turn = (hand.about(0.52, 0.03), hand.between(-0.02, 0.18), SHARP)
    return [[start, *_nine_ring(hand)[2:], turn, (0.49, 0.5), (hand.about(0.42, 0.1), 1)]]


def nine_two_strokes(hand: Hand) -> list[Curve]:
    low, x = hand.about(0.5, 0.06), hand.about(0.5, 0.04)
    ring = arc((0.26, low / 2), (0.25, low / 2), hand.about(310, 25), -360 - hand.about(0, 15))
    return [ring, [(x, hand.about(0.05, 0.07)), (x, 0.5), (x + hand.about(-0.05, 0.08), 1)]]
