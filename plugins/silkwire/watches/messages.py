"""Compose messages in plain text, so that no headline is read as markup. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_ITEMS = 20
_MAX_TITLE = 300
_MAX_WORDS = 8


@dataclass(frozen=True, slots=True)
class Message:
    """A title of one line and a body of several."""

    title: str
    body: str


def compose(watch: str, items: Sequence[dict[str, Any]]) -> Message:
    """One message for all `items` (at least one), in their order; a long list ends in a count.

    An item has a `title` and may have `outlet`, `url`, `matched` (words) and `is_edit`.
    """
    first = clean_line(items[0]["title"])
    more = f" (+{len(items) - 1})" if len(items) > 1 else ""
    blocks = [_describe(item) for item in items[:MAX_ITEMS]]
    if len(items) > MAX_ITEMS:
        blocks.append(f"… and {len(items) - MAX_ITEMS} more, in the Newsroom.")
    return Message(f"[{watch}] {first}{more}", "\n\n".join(blocks))


def _describe(item: dict[str, Any]) -> str:
    outlet, words = item.get("outlet"), item.get("matched") or ()
    lines = [clean_line(item["title"])]
    about = [clean_line(outlet)] if outlet else []
    about += ["edited"] if item.get("is_edit") else []
    about += [f"matched: {', '.join(map(clean_line, words[:_MAX_WORDS]))}"] if words else []
    if about:
        lines.append(" · ".join(about))
    if item.get("url"):
        lines.append(clean_line(item["url"]))
    return "\n".join(lines)


def clean_line(text: str) -> str:
    """`text` as one line without control characters: safe in a mail's header, a chat and a log."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MAX_TITLE else f"{line[:_MAX_TITLE]}…"
