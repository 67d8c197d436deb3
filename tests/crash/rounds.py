"""Rounds: kill a run, or several in a row; let the next ordinary run recover; look."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

from crash.promises import Broken, find_broken, look
from crash.world import AT, Place, World
from helpers.picture import Picture

A_MINUTE = timedelta(minutes=1)
_BOUNDARIES = ("before", "after")
_SHARE_OF_REPEATED = 0.25
"""Rounds in which what recovers is killed as well: a batch is given up after the third time."""
_MOST_KILLS = 4

Kill = str | float
"""A moment by its name, or seconds after which the process is killed from outside."""


@dataclass(frozen=True)
class Reference:
    """The batch as it is when nobody kills it."""

    picture: Picture
    moments: tuple[str, ...]
    seconds: float
    events: tuple[str, ...]
    """What happens at each of the moments."""

    def find(self, *words: str) -> str:
        """The first moment at which something happens that has all these words."""
        found = zip(self.moments, self.events, strict=True)
        return next(moment for moment, event in found if all(word in event for word in words))


@dataclass(frozen=True)
class Round:
    kills: tuple[Kill, ...]
    broken: Broken
    fault: str = ""
    """What happened instead of kills."""

    @property
    def name(self) -> str:
        kills = (k if isinstance(k, str) else f"{k:.3f} s" for k in self.kills)
        return self.fault or "killed at " + ", then ".join(kills)


def run_reference(world: World) -> Reference:
    """Run the batch, and one more: that must change nothing of what is compared."""
    with world.open_place() as place:
        trace = place.folder / "trace"
        ended = world.run(place.plan(world.opml, trace=trace))
        picture = look(place)
        moments, events = zip(*(line.split("\t") for line in trace.open()), strict=True)
        world.run(place.plan(world.opml, AT + A_MINUTE))
        broken = find_broken(place, picture)
        assert not broken, broken
    return Reference(picture, moments, ended.seconds, events)


def choose_kills(reference: Reference, count: int, seed: int) -> list[tuple[Kill, ...]]:
    """Every step's boundaries first; then by turns a commit, a file, a statement, any instant."""
    chance = random.Random(seed)
    kinds = [
        _choose(chance, [m for m in reference.moments if m.startswith(kind)])
        for kind in ("commit", "file", "statement", "within fetch")
    ]
    chosen: list[tuple[Kill, ...]] = [
        (moment,) for moment in reference.moments if moment.split()[0] in _BOUNDARIES
    ]
    for kind in cycle((*kinds[:3], None, *kinds[:3], None, kinds[3])):
        if len(chosen) >= count:
            return chosen[:count]
        kill = next(kind) if kind else chance.uniform(0, reference.seconds)
        kills = [kill]
        if chance.random() < _SHARE_OF_REPEATED:
            more = chance.randint(1, _MOST_KILLS - 1)
            kills += [chance.uniform(0, reference.seconds) for _ in range(more)]
        chosen.append(tuple(kills))
    return chosen


def _choose(chance: random.Random, moments: Sequence[str]) -> Iterator[str]:
    """All of them in an order of chance, again and again."""
    return cycle(chance.sample(moments, len(moments)))


def run_round(world: World, reference: Reference, kills: tuple[Kill, ...]) -> Round:
    with world.open_place() as place:
        broken = _kill_and_recover(world, place, kills)
        return Round(kills, broken or find_broken(place, reference.picture))


def _kill_and_recover(world: World, place: Place, kills: tuple[Kill, ...]) -> Broken:
    at = AT
    for kill in kills:
        if isinstance(kill, str):
            run = place.plan(world.opml, at, moment=kill)
            ended = world.forks.run(run)
        else:
            ended = world.forks.run(place.plan(world.opml, at), kill_after=kill)
        at += A_MINUTE
        if not ended.was_killed and ended.exit_code != 0:
            return Broken(stuck=[f"a run ended with {ended.exit_code}: {ended.said}"])
    ended = world.forks.run(place.plan(world.opml, at))
    if ended.exit_code != 0:
        return Broken(stuck=[f"the run that recovers ended with {ended.exit_code}: {ended.said}"])
    return Broken()
