"""Sketch texts for locality-sensitive hashing: MinHash, cut into bands. Pure.

Two texts with a band in common are candidates for a comparison (Leskovec, Rajaraman, Ullman: Mining
of Massive Datasets, §3.4). Title and lead are sketched separately, since copies often share only
one. Tokens are hashed with BLAKE2 and the permutations come from a fixed seed, so the numbers are
the same on every machine and in every version of Python; a test pins some.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from struct import unpack

from rensa import RMinHash

from silkwire.syndication.overlap import list_grams
from silkwire.syndication.text import TokenizedText, Tokens

TITLE_BANDS, LEAD_BANDS, ROWS = 8, 12, 3
"""Texts that share 70% of their runs have one of 12 bands in common with an estimated probability
of 0.99, with 50% shared 0.80, with 10% 0.01."""
LEAD_OPENING = 60
"""Tokens of a lead that are sketched: a copy that was cut short still has the same opening."""
_MIN_TITLE_GRAMS = 3
_SEED = 20_261_123


def list_bands(texts: Sequence[TokenizedText]) -> list[tuple[int, ...]]:
    """The hashes of each text's bands, as signed 64-bit numbers; none for too short a text."""
    titles = [list_grams(r.title, 2) if len(r.title) > _MIN_TITLE_GRAMS else () for r in texts]
    leads = [list_grams(r.lead[:LEAD_OPENING], 2) for r in texts]
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
    # Unpacked at once: one call per number costs more than the hash.
    digests = [blake2b(" ".join(gram).encode(), digest_size=8).digest() for gram in grams]
    return list(unpack(f">{len(digests)}Q", b"".join(digests)))


def _hash_bands(row: Sequence[int], name: bytes) -> tuple[int, ...]:
    digests = [
        blake2b(name + b"%d %d %d %d" % (start, *row[start : start + ROWS]), digest_size=8).digest()
        for start in range(0, len(row), ROWS)
    ]
    return unpack(f">{len(digests)}q", b"".join(digests))
