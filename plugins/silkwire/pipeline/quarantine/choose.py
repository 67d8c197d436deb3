"""Choose open records for one decision on many, and show what it would touch."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from silkwire.errors import BatchError
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.quarantine.candidates import Candidate, read_candidate, read_payload
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse.tables import quarantine
from silkwire.warehouse.tables.quarantine import QuarantinedRecord, RecordFilter

MATCHED = 1_000
"""Records of a preview that are matched with the topic rules."""
SAMPLES = 5
MAX_TEXT = 160
NAMED = 5
"""Reasons or feeds that are named where a filter finds nothing."""


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record as people know it again where it has no title."""

    quarantine_key: int
    words: str
    """Its title, or the beginning of its text; empty if it has neither or was lost."""
    topics: tuple[str, ...]
    """By the rules in force, which decide if it is released."""
    is_loadable: bool
    """Whether a release can load it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision on these records touches."""

    record_count: int
    reasons: dict[str, int]
    """How many records fail each expectation; a record can fail several."""
    feeds: dict[str, int]
    matched_count: int
    """How many of the records were matched with the rules, the first by key."""
    topics: dict[str, int]
    """Of these, how many are on each topic."""
    off_topic_count: int
    unloadable_count: int
    """Of these, those that a release would refuse."""
    samples: list[ShownRecord]


def choose_records(ctx: Context, chosen: RecordFilter) -> list[int]:
    """The keys of the open records that meet the filter.

    Raises BatchError if there is none, naming what the open records have.
    """
    with ctx.engine.begin() as conn:
        keys = quarantine.choose_open(conn, chosen)
        if keys:
            return keys
        reasons, feeds = quarantine.count_by_reason(conn), quarantine.count_by_feed(conn)
    if not feeds:
        raise BatchError("no record is open: there is nothing to decide")
    raise BatchError(
        f"no open record meets all of this; open records fail {_name_most(reasons)};"
        f" they are of {_name_most(feeds)}"
    )


def preview_records(ctx: Context, keys: list[int]) -> Preview:
    """What a decision on these open records touches."""
    with ctx.engine.begin() as conn:
        reasons = quarantine.count_by_reason(conn, keys)
        feeds = quarantine.count_by_feed(conn, keys)
    shown = show_records(ctx, keys[:MATCHED])
    topics = Counter(topic for one in shown for topic in one.topics)
    return Preview(
        record_count=len(keys),
        reasons=reasons,
        feeds=feeds,
        matched_count=len(shown),
        topics=dict(topics.most_common()),
        off_topic_count=sum(one.is_loadable and not one.topics for one in shown),
        unloadable_count=sum(not one.is_loadable for one in shown),
        samples=shown[:SAMPLES],
    )


def show_records(ctx: Context, keys: Iterable[int]) -> list[ShownRecord]:
    """These records with their words and topics, by key."""
    with ctx.engine.begin() as conn:
        records = quarantine.read_records(conn, list(keys))
    if not records:
        return []
    ruleset = load_ruleset(ctx.settings.config_dir)
    return [_show(record, ruleset) for record in records]


def _show(record: QuarantinedRecord, ruleset: Ruleset) -> ShownRecord:
    words, found = _read_words(record), read_candidate(record, ruleset)
    if not isinstance(found, Candidate):
        return ShownRecord(record.quarantine_key, words, (), is_loadable=False)
    topics = tuple(one.topic for one in found.decisions if one.is_match)
    return ShownRecord(record.quarantine_key, words, topics, is_loadable=True)


def _read_words(record: QuarantinedRecord) -> str:
    try:
        entry = read_payload(record)
    except msgspec.ValidationError:  # the parser lost it
        return ""
    words = " ".join((entry.title or entry.summary or entry.body or "").split())
    return words if len(words) <= MAX_TEXT else f"{words[:MAX_TEXT]}…"


def _name_most(counts: Mapping[str, int]) -> str:
    named = [f"{name} ({count:,})" for name, count in list(counts.items())[:NAMED]]
    more = len(counts) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")
