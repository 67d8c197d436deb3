"""One cycle of the `reader` library: python update_reader.py DATABASE URLS

Adds the feeds of the file URLS if the database is new. Uses as many threads as its documentation
advises.
"""

import json
import sys
import time
from pathlib import Path

from reader import make_reader

WORKERS = 10


def main(database: str, urls: str) -> None:
    is_new = not Path(database).exists()
    reader = make_reader(database)
    if is_new:
        for url in Path(urls).read_text("utf-8").split():
            reader.add_feed(url)
    started = time.perf_counter()
    updates = reader.update_feeds_iter(workers=WORKERS, scheduled=False)
    failed = sum(result.error is not None for result in updates)
    seconds = time.perf_counter() - started
    entries = reader.get_entry_counts().total
    print(json.dumps({"seconds": seconds, "failed": failed, "entries": entries}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
