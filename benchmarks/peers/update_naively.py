"""A pipeline that takes an hour to write: python update_naively.py DATABASE_URL URLS

It uses requests, feedparser, a data frame and `to_sql`. It fetches everything again each time and
appends every entry.
"""

import json
import sys
import time
from pathlib import Path

import feedparser
import pandas as pd
import requests
from sqlalchemy import create_engine

FIELDS = ("id", "link", "title", "summary", "published")


def main(database_url: str, urls: str) -> None:
    engine = create_engine(database_url)
    started = time.perf_counter()
    rows = []
    for url in Path(urls).read_text("utf-8").split():
        parsed = feedparser.parse(requests.get(url, timeout=30).content)
        for entry in parsed.entries:
            values = [str(entry.get(name, "")).replace("\0", "") for name in FIELDS]
            rows.append((url, *values))
    frame = pd.DataFrame(rows, columns=["feed", *FIELDS])
    frame.to_sql("naive_entries", engine, if_exists="append", index=False)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "failed": 0, "entries": len(rows)}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
