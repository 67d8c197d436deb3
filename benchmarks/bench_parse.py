"""Decode and parse real documents on one core, beside other readers.

Measures the processor time of one process per reader, in turn. silkwire does more than its peers:
it detects the encoding from evidence, keeps plain text beside sanitised HTML, and finds canonical
urls, languages and the precision of dates.
"""

import json
import sys
import tempfile
from pathlib import Path

from children import run_child
from environments import PEERS, find_python
from feedpublisher import CORPUS, make_document
from figures import Measured, Size, alternate, compare

PEER_NAMES = {
    "feedparser": "feedparser",
    "fastfeedparser": "fastfeedparser",
    "lxml": "lxml, the tree alone",
}


def measure(size: Size) -> Measured:
    count = size.pick(400, 150)
    with tempfile.TemporaryDirectory(prefix="silkwire-bench-") as name:
        folder = CORPUS
        if not CORPUS.is_dir():
            folder = Path(name)
            for number in range(count):
                (folder / f"{number}.xml").write_bytes(make_document(number))
        return _measure_folder(folder, count, size.rounds)


def _measure_folder(folder: Path, count: int, rounds: int) -> Measured:
    reports: dict[str, dict[str, float]] = {}

    def time_reader(reader: str) -> float:
        python = find_python(reader) if reader == "fastfeedparser" else sys.executable
        script = str(PEERS / "read_documents.py")
        output = run_child((python, script, reader, str(folder), str(count))).output
        reports[reader] = json.loads(output)
        return float(reports[reader]["seconds"])

    readers = ("silkwire", *PEER_NAMES)
    seconds = alternate({r: lambda r=r: time_reader(r) for r in readers}, rounds)  # type: ignore[misc]
    entries = reports["silkwire"]["entries"]
    rates = {
        PEER_NAMES.get(reader, reader): [entries / value for value in values]
        for reader, values in seconds.items()
    }
    details = {"documents": count, "real": folder == CORPUS, "readers": reports}
    return Measured(compare("parse", "entries/s", rates), details)
