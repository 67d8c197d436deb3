"""Kill and recover, over and over: `make crash ROUNDS=200`, or with a seed that failed before.

    PYTHONPATH=tests python -m crash [--rounds 200] [--seed 1]

Ends with 1 if anything was lost, doubled or stuck, and names the moments.
"""

import argparse
import time

from crash.rounds import choose_kills, run_reference, run_round
from crash.world import World


def main() -> int:
    parser = argparse.ArgumentParser(prog="crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    with World() as world:
        reference = run_reference(world)
        rounds = []
        for kills in choose_kills(reference, options.rounds, options.seed):
            rounds.append(run_round(world, reference, kills))
            print("x" if rounds[-1].broken else ".", end="", flush=True)
    print()
    broken = [one for one in rounds if one.broken]
    for one in broken:
        print(f"killed at {one.name}:")
        for fault in ("lost", "doubled", "stuck"):
            for what in getattr(one.broken, fault)[:5]:
                print(f"  {fault}: {what}")
    kills = sum(len(one.kills) for one in rounds)
    faults = {
        fault: sum(bool(getattr(one.broken, fault)) for one in rounds)
        for fault in ("lost", "doubled", "stuck")
    }
    said = ", ".join(f"{count} {fault}" for fault, count in faults.items())
    seconds = time.monotonic() - started
    print(
        f"{len(rounds)} rounds with {kills} kills in {seconds:.0f} s: {said} (seed {options.seed})"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
