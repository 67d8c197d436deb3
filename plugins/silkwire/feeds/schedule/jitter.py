"""Deterministic jitter: a fraction derived from a name's hash, the same at a replay. Pure."""

import hashlib
from functools import lru_cache


@lru_cache(maxsize=65_536)  # each batch asks for the same feeds again
def fraction_of(*names: str) -> float:
    """A number in [0, 1), the same for the same names, evenly distributed over all names."""
    digest = hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
