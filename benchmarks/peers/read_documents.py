"""Print the processor seconds that one reader takes for the documents of a folder, as JSON.

python read_documents.py READER FOLDER COUNT
"""

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path


def get_silkwire() -> Callable[[bytes], int]:
    from silkwire.model import ParseJob
    from silkwire.parse import parse_document

    return lambda body: len(parse_document(ParseJob(0, body)).entries)


def get_feedparser() -> Callable[[bytes], int]:
    import feedparser

    return lambda body: len(feedparser.parse(body).entries)


def get_fastfeedparser() -> Callable[[bytes], int]:
    import fastfeedparser

    return lambda body: len(fastfeedparser.parse(body).entries)


def get_lxml() -> Callable[[bytes], int]:
    """The limit: build the tree and read nothing from it."""
    from lxml import etree

    def read(body: bytes) -> int:
        parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
        root = etree.fromstring(body, parser)
        return sum(1 for _ in root.iter("{*}item", "{*}entry")) if root is not None else 0

    return read


READERS = {
    "silkwire": get_silkwire,
    "feedparser": get_feedparser,
    "fastfeedparser": get_fastfeedparser,
    "lxml": get_lxml,
}


def main(reader: str, folder: str, count: int) -> None:
    warnings.simplefilter("ignore")
    bodies = [path.read_bytes() for path in sorted(Path(folder).iterdir())[:count]]
    read = READERS[reader]()
    entries = failed = 0
    for body in bodies[:20]:  # warm up: caches that are built at first use
        try_read(read, body)
    started = time.process_time()
    for body in bodies:
        found = try_read(read, body)
        entries += found or 0
        failed += found is None
    seconds = time.process_time() - started
    print(json.dumps({"seconds": seconds, "entries": entries, "failed": failed}))


def try_read(read: Callable[[bytes], int], body: bytes) -> int | None:
    """The number of entries; None if the reader raises."""
    try:
        return read(body)
    except Exception:  # noqa: BLE001 - a peer may raise anything
        return None


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
