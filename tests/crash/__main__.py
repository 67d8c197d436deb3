"""Kill and recover, over and over: `make crash ROUNDS=200`, or with a seed that failed before.

    PYTHONPATH=tests python -m crash [--rounds 200] [--seed 1]

One round in six has another fault than a kill. Ends with 1 if anything was lost, doubled or stuck,
and names the moments.
"""

import argparse
import time
from collections.abc import Iterator
from itertools import cycle

from crash.disk import NoDiskError
from crash.faults import FAULTS, run_fault
from crash.rounds import Reference, Round, choose_kills, run_reference, run_round
from crash.world import World

_ROUNDS_A_FAULT = 6


def main() -> int:
    parser = argparse.ArgumentParser(prog="crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    with World() as world:
        reference = run_reference(world)
        rounds = []
        for one in _run_rounds(world, reference, options.rounds, options.seed):
            rounds.append(one)
            print("x" if one.broken else ".", end="", flush=True)
    print()
    broken = [one for one in rounds if one.broken]
    for one in broken:
        print(f"{one.name}:")
        for fault in ("lost", "doubled", "stuck"):
            for what in getattr(one.broken, fault)[:5]:
                print(f"  {fault}: {what}")
    kills = sum(len(one.kills) for one in rounds)
    others = sum(bool(one.fault) for one in rounds)
    faults = {
        fault: sum(bool(getattr(one.broken, fault)) for one in rounds)
        for fault in ("lost", "doubled", "stuck")
    }
    said = ", ".join(f"{count} {fault}" for fault, count in faults.items())
    seconds = time.monotonic() - started
    print(
        f"{len(rounds)} rounds with {kills} kills and {others} other faults in {seconds:.0f} s:"
        f" {said} (seed {options.seed})"
    )
    return 1 if broken else 0


def _run_rounds(world: World, reference: Reference, count: int, seed: int) -> Iterator[Round]:
    fault_count = count // _ROUNDS_A_FAULT
    for kills in choose_kills(reference, count - fault_count, seed):
        yield run_round(world, reference, kills)
    for number, name in zip(range(fault_count), cycle(FAULTS), strict=False):
        try:
            yield run_fault(world, reference, name, seed + number)
        except NoDiskError as exc:
            print(f"\n{name}: left out, {exc}")


if __name__ == "__main__":
    raise SystemExit(main())
