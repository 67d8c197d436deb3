"""Clean the strings of one entry, and list for each field what had to be changed."""

import re
from collections.abc import Iterable

from silkwire.parse.entry.characters import clean_text
from silkwire.parse.entry.plain_text import to_plain_text

_OVERRIDES = re.compile("[\u202d\u202e]")


class FieldCleaner:
    """`problems` lists what was replaced, cut or left out, as `field: what`."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def repair(self, name: str, value: str) -> str:
        """`value` with only characters that can be stored."""
        value, problem = clean_text(value)
        if problem:
            self.note(name, problem)
        if not value.isascii() and _OVERRIDES.search(value):
            self.note(name, "holds bidirectional overrides")
        return value

    def cut(self, name: str, value: str, limit: int) -> str:
        """`value`, cut to `limit` characters."""
        if len(value) <= limit:
            return value
        self.note(name, f"cut to {limit:,} characters")
        return value[:limit].rstrip()

    def clean(self, name: str, value: str | None, limit: int) -> str | None:
        """An identifier or url: trimmed, storable, within the limit; None if nothing is left."""
        if not value or not (value := value.strip()):
            return None
        if value.isascii() and len(value) <= limit:
            return value
        return self.cut(name, self.repair(name, value), limit) or None

    def clean_labels(
        self, name: str, values: Iterable[str | None], max_count: int, limit: int
    ) -> tuple[str, ...]:
        """Names or categories as plain text, without duplicates."""
        labels: dict[str, None] = {}
        for value in filter(None, values):
            label = self.cut(name, to_plain_text(self.repair(name, value)), limit)
            if label and label not in labels:
                if len(labels) == max_count:
                    self.note(name, f"cut to {max_count:,}")
                    break
                labels[label] = None
        return tuple(labels)

    def note(self, name: str, problem: str) -> None:
        line = f"{name}: {problem}"
        if line not in self.problems:
            self.problems.append(line)
