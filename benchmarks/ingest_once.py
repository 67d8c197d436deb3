"""`silkwire ingest --all --json`, and how long it took once all was imported: a line of JSON."""

import atexit
import gc
import json
import time
from dataclasses import asdict

import silkwire.fetch  # noqa: F401 - a run imports it where it fetches; the peers, before the clock
from silkwire.config import read_settings
from silkwire.pipeline import ingest


def main() -> None:
    atexit.register(gc.freeze)  # as `silkwire` itself
    started = time.perf_counter()
    report = ingest(read_settings(), ignore_due=True)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "report": asdict(report)}))


if __name__ == "__main__":
    main()
