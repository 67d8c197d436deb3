"""The frame that Great Expectations judges: one row of facts for each entry."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from silkwire.validate.facts import EntryFacts

if TYPE_CHECKING:
    import pandas as pd

_KINDS: dict[object, str] = {int: "int64", float: "float64", float | None: "float64"}


def build_frame(facts: Mapping[int, Sequence[Any]], columns: Sequence[str]) -> "pd.DataFrame":
    """`facts` (values of `columns` by entry number) as a frame indexed by entry number.

    Texts stay Python objects: the string types of pandas differ with what else is installed.
    """
    import numpy as np
    import pandas as pd

    data = {}
    for column, cells in zip(columns, zip(*facts.values(), strict=True), strict=True):
        kind = _KINDS.get(EntryFacts.__annotations__[column], "object")
        array = np.empty(len(cells), dtype=kind)
        array[:] = make_encodable(cells) if kind == "object" else cells
        data[column] = array
    return pd.DataFrame(data, index=pd.Index(list(facts)), copy=False)


def make_encodable(texts: Sequence[str | None]) -> Sequence[str | None]:
    """`texts` with lone surrogates escaped: pandas hashes the UTF-8 of a frame's texts."""
    try:
        "".join(filter(None, texts)).encode()
    except UnicodeEncodeError:
        return [None if t is None else t.encode(errors="backslashreplace").decode() for t in texts]
    return texts
