"""Import Great Expectations without libraries that silkwire never uses through it.

It imports scipy.stats and Altair for two expectations on distributions and their pictures, which
takes half of its time, and boto3 where that is installed. `importlib.util.LazyLoader` loads these
when one of their names is first used.
"""

import gc
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from functools import cache
from importlib.machinery import ModuleSpec
from threading import Lock
from types import ModuleType
from typing import Any

_LAZY = ("altair", "boto3", "scipy.stats")
_lock = Lock()


def import_great_expectations() -> Any:
    """The package; the first call in a process takes a second or more. Any thread may call it."""
    with _lock:
        return _import()


@cache
def _import() -> ModuleType:
    finder = _LazyFinder()
    was_collecting = gc.isenabled()
    sys.meta_path.insert(0, finder)
    gc.disable()  # none of half a million new objects is garbage, and looking takes 0.3 s
    try:
        return importlib.import_module("great_expectations")
    finally:
        sys.meta_path.remove(finder)
        if was_collecting:
            gc.enable()


class _LazyFinder:
    """Finds what the other finders find, with a loader that waits until it is needed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _LAZY:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = importlib.util.LazyLoader(spec.loader)
                return spec
        return None
