"""`silkwire ingest` with no feed due, from start to exit: what cron pays when nothing is to do."""

import sys

from children import run_child
from feedpublisher import publish
from figures import Figure, Measured, Size
from homes import describe_environment, list_feeds, throwaway_home

LIMIT_S = 1.5
FEEDS = 50


def measure(size: Size) -> Measured:
    command = (sys.executable, "-m", "silkwire", "ingest")
    with throwaway_home() as settings, publish(FEEDS, is_real=False) as urls:
        list_feeds(settings, urls)
        environment = describe_environment(settings)
        run_child(command, env=environment)  # migrates the warehouse and fetches all feeds
        children = [run_child(command, env=environment) for _ in range(size.pick(9, 5))]
        python = [run_child((sys.executable, "-c", "pass")).processor_seconds for _ in range(5)]
    taken = {
        "start-up with nothing due": [child.seconds for child in children],
        "start-up with nothing due, processor": [child.processor_seconds for child in children],
    }
    figures = [
        Figure(what, "s", values, "limit", [LIMIT_S], is_cost=True, target=1.0)
        for what, values in taken.items()
    ]
    return Measured(figures, {"of Python alone": python})
