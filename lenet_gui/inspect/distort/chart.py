"""What a chart of shares against one distortion shows, and what it says in words."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.robustness.distortions import Parameter

_MOST_TOLD = 6
_NOTHING = 0.0005  # less is not told


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line."""

    name: str  # for the tooltip
    label: str  # at its highest place; "" for none
    colour: int
    points: tuple[tuple[float, float], ...]  # (the distortion's value, share from 0 to 1)
    dashed: bool = False
    dots: bool = False


@dataclass(frozen=True, slots=True)
class BandPart:
    """A part of a band: from which value to which, and what it says."""

    low: float
    high: float
    text: str
    colour: int


@dataclass(frozen=True, slots=True)
class Band:
    """A network's answers along the values."""

    title: str
    parts: tuple[BandPart, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything but where the slider is."""

    amount: Parameter  # what is varied
    lines: tuple[ChartLine, ...]  # the last is drawn first
    bands: tuple[Band, ...] = ()  # answers, one above the other over the lines
    legend: tuple[str, ...] = ()  # of full and dashed lines; where lines have dots, their names

    def ends(self) -> tuple[float, float]:
        """The least and the greatest share of the amount."""
        at = [self.amount.share(x) for line in self.lines for x, _ in line.points]
        low, high = min(at), max(at)
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def within(self, values: tuple[float, ...]) -> list[float]:
        """Those of the values that lie between the ends."""
        low, high = self.ends()
        return [v for v in values if low - 0.01 <= self.amount.share(v) <= high + 0.01]

    def told(self, value: float) -> str:
        """The shares at the value nearest to this one, the largest first."""
        here = self.amount.share(value)
        found = []
        nearest = value
        for line in self.lines:
            nearest, y = min(line.points, key=lambda p: abs(self.amount.share(p[0]) - here))
            found.append((y, f"{line.name}: {y * 100:.1f} %"))
        found.sort(key=lambda entry: -entry[0])
        heading = f"{self.amount.title} {self.amount.told(nearest)}"
        return "\n".join([heading, *(text for y, text in found[:_MOST_TOLD] if y >= _NOTHING)])

    def described(self) -> str:
        """The answers in words; where there are none, each line's first and last share."""
        told = []
        for band in self.bands:
            parts = (
                f"{part.text} from {self.amount.told(part.low)} to {self.amount.told(part.high)}"
                for part in band.parts
            )
            told.append(f"{band.title}: {', '.join(parts)}".removeprefix(": "))
        if not told:
            told = [
                f"{line.name}: "
                + ", ".join(f"{self.amount.told(x)} {y * 100:.1f} %" for x, y in line.points)
                for line in self.lines
            ]
        return "; ".join(told)
