"""Facts as a frame of pandas, which Great Expectations validates: one row for each entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_KINDS: dict[object, str] = {int: "int64", float: "float64", float | None: "float64"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The content of a frame, for the process that has pandas to make a frame of it."""

    numbers: tuple[int, ...]
    cells: dict[str, tuple[str, Sequence[Any]]]
    """Name → type of numpy, and cells in the order of `numbers`."""


def arrange_columns(
    facts: Mapping[int, Sequence[Any]], columns: Sequence[str], kinds: Mapping[str, object]
) -> Columns:
    """`facts` (values of `columns` by row number) column by column; `kinds` has a type for each.

    Texts stay Python objects: pandas has other string types when other libraries are installed.
    """
    cells: dict[str, tuple[str, Sequence[Any]]] = {}
    for column, values in zip(columns, zip(*facts.values(), strict=True), strict=True):
        kind = _KINDS.get(kinds[column], "object")
        cells[column] = kind, make_encodable(values) if kind == "object" else values
    return Columns(tuple(facts), cells)


def build_frame(columns: Columns) -> "pd.DataFrame":
    """`columns` as a frame indexed by row number."""
    import numpy as np
    import pandas as pd

    data = {}
    for column, (kind, cells) in columns.cells.items():
        array = np.empty(len(cells), dtype=kind)
        array[:] = cells
        data[column] = array
    return pd.DataFrame(data, index=pd.Index(list(columns.numbers)), copy=False)


def make_encodable(texts: Sequence[str | None]) -> Sequence[str | None]:
    """`texts` with lone surrogates escaped: pandas hashes the UTF-8 of a frame's texts."""
    try:
        "".join(filter(None, texts)).encode()
    except UnicodeEncodeError:
        return [None if t is None else t.encode(errors="backslashreplace").decode() for t in texts]
    return texts
