"""Parse mutated documents; stop at the first crash, hang or broken promise.

    PYTHONPATH=tests python -m helpers.fuzz_parse --count 200000 --seed 1
    PYTHONPATH=tests python -m helpers.fuzz_parse --only 4711 --seed 1 --save find.xml

A mutant is made from the seed and its number alone, so that every find can be made again. Seeds
are the corpus of real feeds, where it lies beside the checkout, or one small feed.
"""

import argparse
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from pathlib import Path

import msgspec

from helpers.memory import read_peak_bytes
from helpers.places import SHARED
from silkwire.model import ParsedDocument, ParseJob
from silkwire.parse import parse_document

SAMPLE = b"<rss><channel><item><title>A &amp; B</title><link>https://e.org/</link></item></channel></rss>"
CORPUS = SHARED / "corpus" / "feeds"
MAX_SECONDS = 2.0
MAX_BYTES = 500 << 20
_SLICE = 4_000
_MARKS = re.compile("[\ufdd0-\ufdef]")
_TOKENS = [
    b"<", b">", b"&", b"</", b"/>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?", b"?>", b"\0",
    b'"', b"'", b"&#0;", b"&#xD800;", b"&#x110000;", b"&#99999999999;", b"&amp;amp;", b"&nbsp;",
    b"&bogus;", b"\xff\xfe", b"\xef\xbb\xbf", b"\x80\x9f", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"<item>", b"</item>", b"<entry>", b"</channel>", b"<title>", b"<link/>", b"<rdf:RDF>",
    b"<source>", b"<content type='base64'>", b"<media:group>", b"<author><name>", b"<image>",
    b"<textinput>", b"<svg>", b"<title type='xhtml'>", b"<div xmlns='http://www.w3.org/1999/xhtml'>",
    b"<!DOCTYPE x [<!ENTITY a 'b'><!ENTITY c SYSTEM 'file:///etc/passwd'>]>", b"&c;", b"{", b"}",
    b"xmlns:a='b'", b"xml:base='//['", b"xml:lang=''", b"http://[::1", b"9" * 400, b"<b>" * 80,
    b'<?xml version="1.0" encoding="utf-16"?>', b'encoding="gb2312"', b"\x1b$B", b"\x1b(B",
    b"<pubDate>Mon, 06 Jan 2025 10:00:00 GMT</pubDate>", b"\xe2\x80\xae", b"\xcc\x81" * 50,
    b'{"version": "https://jsonfeed.org/version/1.1", "items": [', b'"\\ud800"', b"[" * 200,
]  # fmt: skip


def load_seeds() -> list[bytes]:
    """Slices of documents, short enough that many can be tried."""
    paths = [*sorted(CORPUS.glob("*.*ml")), *sorted(CORPUS.glob("*.json"))]
    return [_slice(path.read_bytes()) for path in paths] or [SAMPLE]


def _slice(body: bytes) -> bytes:
    return body if len(body) <= _SLICE else body[: _SLICE * 2 // 3] + body[-_SLICE // 3 :]


def make_mutant(seeds: list[bytes], seed: int, number: int) -> bytes:
    """The `number`th mutant: one to eight changes to one of the seeds."""
    rng = random.Random(f"{seed}:{number}")
    body = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        _mutate(rng, body, seeds)
    return bytes(body[: _SLICE * 4])


def _mutate(rng: random.Random, body: bytearray, seeds: list[bytes]) -> None:
    start = rng.randrange(len(body) + 1)
    end = min(len(body), start + rng.choice((1, 2, 8, 64, 512)))
    change = rng.randrange(8)
    if change == 0 and body:
        body[start % len(body)] ^= 1 << rng.randrange(8)
    elif change == 1:
        del body[start:end]
    elif change == 2:
        body[start:start] = body[start:end] * rng.choice((1, 2, 30))
    elif change == 3:
        other = rng.choice(seeds)
        there = rng.randrange(len(other) + 1)
        body[start:end] = other[there : there + 512]
    elif change == 4:
        del body[start:]
    elif change == 5:
        body[start:end] = rng.randbytes(end - start)
    else:
        body[start:start] = rng.choice(_TOKENS) * rng.choice((1, 1, 1, 2, 60))


def check_document(body: bytes) -> ParsedDocument:
    """Parse `body` and assert what is promised of every result."""
    document = parse_document(ParseJob(0, body, "application/xml", "https://example.org/feed"))
    assert document.items_in_bytes >= len(document.entries)
    assert (
        (document.error is None) == (document.error_class is None) == (document.format is not None)
    )
    msgspec.json.encode(document)  # fails on a lone surrogate
    for entry in document.entries:
        texts = (entry.guid, entry.url, entry.title, entry.summary, entry.body, entry.published_raw)
        for text in (*texts, *entry.authors, *entry.categories, entry.body_html, entry.image_url):
            if text:
                assert "\0" not in text
                assert not _MARKS.search(text), repr(text)
        if entry.title:
            assert entry.title == unicodedata.normalize("NFC", " ".join(entry.title.split()))
    return document


def fuzz(seeds: list[bytes], seed: int, numbers: range) -> Counter[str]:
    """Check all mutants; how many ended how. Raises AssertionError at a find, naming it."""
    ends: Counter[str] = Counter()
    for number in numbers:
        body = make_mutant(seeds, seed, number)
        start = time.process_time()
        try:
            document = check_document(body)
        except Exception as exc:
            raise AssertionError(f"mutant {number} of seed {seed}: {exc!r}") from exc
        seconds = time.process_time() - start
        assert seconds < MAX_SECONDS, f"mutant {number} of seed {seed} took {seconds:.1f} s"
        ends[str(document.error_class or "read")] += 1
    return ends


def find_peak() -> int:
    """The most bytes this process ever held. Raises AssertionError where that is too many."""
    peak = read_peak_bytes()
    assert peak < MAX_BYTES, f"{peak >> 20} MB were needed"
    return peak


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--count", type=int, default=200_000)
    options.add_argument("--first", type=int, default=0, help="number of the first mutant")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", type=int, help="only this mutant")
    options.add_argument("--save", type=Path, help="write the mutant of --only here")
    given = options.parse_args()
    seeds = load_seeds()
    if given.only is not None:
        body = make_mutant(seeds, given.seed, given.only)
        if given.save:
            given.save.write_bytes(body)
        print(check_document(body))  # noqa: T201
        return
    begin, ends = time.time(), Counter[str]()
    for first in range(given.first, given.first + given.count, 5_000):
        last = min(first + 5_000, given.first + given.count)
        ends += fuzz(seeds, given.seed, range(first, last))
        peak = find_peak() >> 20
        line = f"{last:,} mutants, {time.time() - begin:.0f} s, {peak} MB, {dict(ends)}"
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
