"""How long a test may wait on a machine that has others to serve."""

import time

SOON_S = 15.0
"""Less than a deadline of twenty seconds or more, and more than any busy machine takes."""


def measure_slowness() -> float:
    """How many times longer than alone a process takes here just now, 1 or more."""
    began, worked = time.perf_counter(), time.process_time()
    while time.process_time() - worked < 0.1:
        pass
    return max(1.0, (time.perf_counter() - began) / 0.1)
