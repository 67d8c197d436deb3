"""Sketch a text as numbers that copies are likely to share: MinHash, cut into bands. Pure.

Title and lead are sketched apart, since copies often share one and not the other. Two sketches with
a band in common make a candidate (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, §3.4).
Tokens are hashed here, with BLAKE2, and the permutations come from a fixed seed, so that a number
is the same on every machine and under every version of Python; a test pins some.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from struct import unpack

from rensa import RMinHash

from silkwire.syndication.overlap import list_grams
from silkwire.syndication.text import Reading, Tokens

TITLE_BANDS, LEAD_BANDS, ROWS = 8, 12, 3
"""By the usual estimate, texts that share 70% of their runs meet in a band of 12 with a chance of
0.99, 50% with 0.80, 10% with 0.01."""
LEAD_OPENING = 60
"""Tokens of a lead that are sketched: a copy that was cut short has the same opening."""
_MIN_TITLE_GRAMS = 3
_SEED = 20_261_123


def list_bands(readings: Sequence[Reading]) -> list[tuple[int, ...]]:
    """For each text the numbers of its bands, signed 64 bits; none for a text with little in it."""
    titles = [list_grams(r.title, 2) if len(r.title) > _MIN_TITLE_GRAMS else () for r in readings]
    leads = [list_grams(r.lead[:LEAD_OPENING], 2) for r in readings]
    return [
        (*title, *lead)
        for title, lead in zip(
            _cut_bands(titles, TITLE_BANDS, b"title"),
            _cut_bands(leads, LEAD_BANDS, b"lead"),
            strict=True,
        )
    ]


def _cut_bands(
    gram_sets: Iterable[Iterable[Tokens]], band_count: int, name: bytes
) -> list[tuple[int, ...]]:
    hashed = [_hash_grams(grams) for grams in gram_sets]
    matrix = RMinHash.digest_matrix_from_token_hash_sets(hashed, band_count * ROWS, _SEED)
    return [
        _hash_bands(row, name) if grams else ()
        for row, grams in zip(matrix.to_rows(), hashed, strict=True)
    ]


def _hash_grams(grams: Iterable[Tokens]) -> list[int]:
    # Read as one array: a call a number costs more than the hash.
    digests = [blake2b(" ".join(gram).encode(), digest_size=8).digest() for gram in grams]
    return list(unpack(f">{len(digests)}Q", b"".join(digests)))


def _hash_bands(row: Sequence[int], name: bytes) -> tuple[int, ...]:
    digests = [
        blake2b(name + b"%d %d %d %d" % (start, *row[start : start + ROWS]), digest_size=8).digest()
        for start in range(0, len(row), ROWS)
    ]
    return unpack(f">{len(digests)}q", b"".join(digests))
