"""Chance that anyone can repeat: fractions drawn from names, never from a generator. Pure."""

import hashlib
from functools import lru_cache


@lru_cache(maxsize=65_536)  # the same feeds come again at each tick
def fraction_of(*names: str) -> float:
    """A number in [0, 1), the same for the same names, even over all names."""
    digest = hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
