"""A figure: what silkwire does beside a peer or a limit in the same run, round by round."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

HIGHLIGHTS = frozenset(
    {
        ("start-up with nothing due", "s", "limit"),
        ("cycle, first, command", "feeds/s", "reader 3"),
        ("cycle, first", "feeds/s", "reader 3"),
        ("cycle, all unchanged, command", "feeds/s", "reader 3"),
        ("cycle, all unchanged", "feeds/s", "reader 3"),
        ("parse", "entries/s", "feedparser"),
        ("parse", "entries/s", "fastfeedparser"),
        ("match", "items/s", "a regex alternation"),
        ("validate, 100,000 rows, 1% failing six", "rows/s", "limit"),
        ("load", "rows of core/s", "bare COPY"),
        ("peak memory at 50,000 feeds, first", "MB", "limit"),
        ("Newsroom of 1,000,000 articles, first view", "ms", "limit"),
    }
)
"""The `Figure.key` of each row of README.md; docs/performance.md has all rows."""


@dataclass(frozen=True)
class Size:
    """How much is measured; quick is a few minutes in all."""

    rounds: int
    is_quick: bool

    def pick(self, full: int, quick: int) -> int:
        return quick if self.is_quick else full


@dataclass(frozen=True)
class Figure:
    """`ours` and `theirs` hold a value a round; a limit has one value for all rounds."""

    what: str
    unit: str
    ours: Sequence[float]
    beside: str
    theirs: Sequence[float]
    is_cost: bool = False
    """Less is better: seconds, bytes."""
    target: float | None = None
    """The least ratio to reach."""

    @property
    def key(self) -> tuple[str, str, str]:
        """What names the row among all of them: what, unit, beside."""
        return self.what, self.unit, self.beside

    @property
    def ratios(self) -> list[float]:
        """How many times better than the peer or the limit, a round each."""
        theirs = self.theirs if len(self.theirs) > 1 else list(self.theirs) * len(self.ours)
        pairs = zip(self.ours, theirs, strict=True)
        return [their / our if self.is_cost else our / their for our, their in pairs]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def is_met(self) -> bool:
        return self.target is None or self.ratio >= self.target

    def describe(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "unit": self.unit,
            "silkwire": list(self.ours),
            "beside": self.beside,
            "theirs": list(self.theirs),
            "less_is_better": self.is_cost,
            "ratio": {
                "median": round(self.ratio, 3),
                "min": round(min(self.ratios), 3),
                "max": round(max(self.ratios), 3),
            },
            "target": self.target,
            "is_met": self.is_met,
        }


def read_figure(described: Mapping[str, Any]) -> Figure:
    """The figure that `describe` described."""
    return Figure(
        described["what"],
        described["unit"],
        described["silkwire"],
        described["beside"],
        described["theirs"],
        described["less_is_better"],
        described["target"],
    )


@dataclass(frozen=True)
class Measured:
    """What one benchmark found; `details` go into the JSON file alone."""

    figures: Sequence[Figure]
    details: Mapping[str, Any] = field(default_factory=dict)


def alternate(
    contenders: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, tuple[float, ...]]:
    """Let all take turns, each round in the opposite order: ABBA, so that what disturbs the
    machine disturbs all alike."""
    values: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            values[name].append(contenders[name]())
    return {name: tuple(found) for name, found in values.items()}


def compare(
    what: str,
    unit: str,
    values: Mapping[str, Sequence[float]],
    *,
    is_cost: bool = False,
    targets: Mapping[str, float] | None = None,
) -> list[Figure]:
    """silkwire's values beside those of each other contender."""
    return [
        Figure(what, unit, values["silkwire"], name, theirs, is_cost, (targets or {}).get(name))
        for name, theirs in values.items()
        if name != "silkwire"
    ]


def list_cells(figure: Figure) -> tuple[str, ...]:
    """A row of the table: what, silkwire, beside, ratio, target."""
    ratios = figure.ratios
    spread = f" ({min(ratios):.2f}–{max(ratios):.2f})" if len(ratios) > 1 else ""
    target = "" if figure.target is None else f"≥ {figure.target:g}"
    if target and not figure.is_met:
        target += ", missed"
    unit = f" {figure.unit}" if figure.is_cost else ""
    return (
        figure.what if figure.is_cost else f"{figure.what}, {figure.unit}",
        f"{shorten(median(figure.ours))}{unit}",
        f"{figure.beside}: {shorten(median(figure.theirs))}{unit}",
        f"{figure.ratio:.2f}{spread}",
        target,
    )


HEADINGS = ("", "silkwire", "beside", "times better", "target")


def write_markdown(figures: Iterable[Figure]) -> str:
    lines = ["| " + " | ".join(HEADINGS) + " |", "|---|--:|---|--:|---|"]
    lines += ["| " + " | ".join(list_cells(figure)) + " |" for figure in figures]
    return "\n".join(lines)


def shorten(value: float) -> str:
    """Three digits that count."""
    return f"{float(f'{value:.3g}'):,.10g}"
