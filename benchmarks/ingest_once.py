"""Run `silkwire ingest --all` and print its report and its seconds without imports, as JSON."""

import atexit
import gc
import json
import time
from dataclasses import asdict

import silkwire.fetch  # noqa: F401 - else imported while the clock runs
from silkwire.config import read_settings
from silkwire.pipeline import ingest


def main() -> None:
    atexit.register(gc.freeze)  # as `silkwire` does
    started = time.perf_counter()
    report = ingest(read_settings(), ignore_due=True)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "report": asdict(report)}))


if __name__ == "__main__":
    main()
