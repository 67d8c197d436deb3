"""Faults beside kills: what a batch needs is taken from it and given back, and a run recovers."""

import os
import random
import re
import signal
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy import make_url, text

from crash.disk import mount_small
from crash.forks import Ended
from crash.promises import Broken, find_broken
from crash.proxy import open_proxy
from crash.rounds import A_MINUTE, Reference, Round
from crash.world import AT, Place, World

_RUNS_WITHOUT_ROOM = 4
"""More than the deaths after which a batch is given up."""
_SETBACK = timedelta(minutes=25)
_PATIENCE_S = 120.0

Fault = Callable[[World, Place, Reference, random.Random], Broken]


def end_server(
    how: signal.Signals, world: World, place: Place, reference: Reference, chance: random.Random
) -> Broken:
    """PostgreSQL goes away while the batch is loaded, and is started again."""
    moment = chance.choice(_list_moments(reference, "load", "statement", "commit"))
    pid, _ = world.find_server()
    stop = partial(os.kill, pid, how)
    ended = world.forks.run(place.plan(world.opml, moment=moment, do=stop))
    world.start_server()
    return _expect(ended, "^the warehouse .+ (failed|cannot be reached): .+$") or _recover(
        world, place, reference
    )


def cut_connection(
    world: World, place: Place, reference: Reference, chance: random.Random
) -> Broken:
    """Every connection ends between a statement and its answer: nobody knows what was done."""
    moment = chance.choice(_list_moments(reference, "", "statement", "commit"))
    cutter = place.folder / "cutter"
    _, socket = world.find_server()
    with open_proxy(socket, cutter) as proxy:
        run = place.through(proxy.port).plan(world.opml, moment=moment, do=cutter.touch)
        ended = world.forks.run(run)
    return _expect(ended, "^the warehouse .+ failed: .+$") or _recover(world, place, reference)


def cut_locks(world: World, place: Place, reference: Reference, chance: random.Random) -> Broken:
    """The run lives on without its locks, and the next one takes its batch over meanwhile."""
    moment = chance.choice(_list_moments(reference, "", "file", "statement", "commit"))
    done = place.folder / "locks_are_cut"
    url = place.settings.warehouse_url
    assert url is not None
    cut = partial(_cut_locks, url.get_secret_value(), done)
    first = place.plan(world.opml, moment=moment, do=cut)
    process = world.forks.start(first)
    deadline = time.monotonic() + _PATIENCE_S
    while not done.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    second = place.plan(world.opml, AT + A_MINUTE, name="second")
    ended = world.forks.run(second)
    first_ended = world.forks.finish(process, first)
    if first_ended.exit_code == 0:
        first_ended = ended
    return (
        _expect(ended, None)
        or (first_ended.exit_code != 0 and _expect(first_ended, "^the warehouse .+ failed: .+$"))
        or _recover(world, place, reference, AT + 2 * A_MINUTE)
    )


def run_twice(world: World, place: Place, reference: Reference, chance: random.Random) -> Broken:
    """Two runs begin at once."""
    runs = [place.plan(world.opml, name=f"run {number}") for number in range(2)]
    first = world.forks.start(runs[0])
    time.sleep(chance.uniform(0, reference.seconds / 2))
    second = world.forks.start(runs[1])
    ended = [world.forks.finish(first, runs[0]), world.forks.finish(second, runs[1])]
    return next(filter(None, (_expect(one, None) for one in ended)), None) or _recover(
        world, place, reference
    )


def set_clock_back(
    world: World, place: Place, reference: Reference, chance: random.Random
) -> Broken:
    """The run that recovers lives before the one that was killed."""
    moment = chance.choice(_list_moments(reference, "", "file", "statement", "commit"))
    world.forks.run(place.plan(world.opml, moment=moment))
    return _recover(world, place, reference, AT - _SETBACK)


def fill_disk(world: World, place: Place, reference: Reference, chance: random.Random) -> Broken:
    """No run can write; with room again, the next one finishes the batch. Raises NoDiskError."""
    data = place.settings.home / "data"
    with mount_small(data) as disk:
        # from not even the plan to all but the last files of the batch
        disk.fill(room=chance.choice([0, 4096, 16_384, 65_536, 131_072]))
        for number in range(_RUNS_WITHOUT_ROOM):
            ended = world.forks.run(place.plan(world.opml, AT + number * A_MINUTE))
            sentence = rf"^{re.escape(str(data))}/\S+ cannot be written: No space left on device"
            if broken := _expect(ended, sentence):
                return broken
        disk.clear()
        return _recover(world, place, reference, AT + _RUNS_WITHOUT_ROOM * A_MINUTE) or Broken(
            lost=[f"batch {name} was given up" for name in _list_abandoned(place)]
        )


FAULTS: dict[str, Fault] = {
    "PostgreSQL is stopped at once": partial(end_server, signal.SIGQUIT),
    "PostgreSQL is killed": partial(end_server, signal.SIGKILL),
    "the disk is full": fill_disk,
    "the connection is cut": cut_connection,
    "the locks are lost": cut_locks,
    "two runs at once": run_twice,
    "the clock is set back": set_clock_back,
}


def run_fault(world: World, reference: Reference, name: str, seed: int) -> Round:
    """One round with the fault of this name. Raises NoDiskError where it cannot be had."""
    with world.open_place() as place:
        broken = FAULTS[name](world, place, reference, random.Random(f"{name} {seed}"))
        return Round((), broken, f"{name} (seed {seed})")


def _list_moments(reference: Reference, step: str, *kinds: str) -> Sequence[str]:
    """Moments of these kinds, within a step or, without one, in the whole batch."""
    moments = list(reference.moments)
    since = moments.index(f"before {step or 'fetch'}")
    until = moments.index(f"after {step or 'load'}")
    return [moment for moment in moments[since:until] if moment.startswith(kinds)]


def _expect(ended: Ended, sentence: str | None) -> Broken | None:
    """Nothing, if the run ended well (None) or with one sentence that is as expected."""
    *_, last = ended.said.splitlines() or [""]
    if (
        ended.exit_code == 0
        if sentence is None
        else (ended.exit_code == 1 and re.match(sentence, last) and "Traceback" not in ended.said)
    ):
        return None
    return Broken(stuck=[f"a run ended with {ended.exit_code}: {ended.said}"])


def _recover(
    world: World, place: Place, reference: Reference, at: datetime = AT + A_MINUTE
) -> Broken:
    broken = _expect(world.forks.run(place.plan(world.opml, at)), None)
    return broken or find_broken(place, reference.picture)


def _cut_locks(url: str, done: Path) -> None:
    """End the idle sessions of this database that hold a lock for others: in the run itself."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle'"
            " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
        )
    done.touch()


def _list_abandoned(place: Place) -> Sequence[str]:
    with place.engine.begin() as conn:
        found = conn.execute(text("SELECT batch_id FROM ops.batch WHERE state = 'abandoned'"))
        return found.scalars().all()
