"""Records in quarantine as entries that can be loaded: decoded, identified, matched. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from silkwire.archive import RecordReference
from silkwire.model import IdentifiedEntry, Identity, ParsedEntry, Reason, TopicDecision
from silkwire.parse.entry.identity import identify_entries
from silkwire.pipeline.batch.match import match_entry
from silkwire.topics import Ruleset
from silkwire.warehouse.tables.quarantine import OPEN, QuarantinedRecord
from silkwire.warehouse.tables.sources import EntrySource

L = TypeVar("L", bound="Loadable")


@dataclass(frozen=True, slots=True)
class Loadable:
    """A single entry to load, with its topic decisions."""

    record: EntrySource
    entry: IdentifiedEntry
    decisions: tuple[TopicDecision, ...]
    reasons: tuple[Reason, ...] = ()
    """Expectations that it fails; empty if a person decided to load it anyway."""

    @property
    def is_on_topic(self) -> bool:
        return any(decision.is_match for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class Candidate(Loadable):
    """An entry to load in place of a record in quarantine."""

    record: QuarantinedRecord
    is_recovered: bool = False
    """The parser had lost the record's entry; this entry of its document has no record yet."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that cannot be decided on, and why, as a sentence."""

    quarantine_key: int
    reason: str


def read_candidate(record: QuarantinedRecord, ruleset: Ruleset) -> Candidate | Refused:
    """The record as it was quarantined, matched with `ruleset`."""
    if is_lost(record):
        return Refused(
            record.quarantine_key,
            "the parser could not read this entry, so there is nothing to load: reject it, or try"
            " `silkwire quarantine retry` with a later version",
        )
    try:
        named = identify(record, read_payload(record))
    except msgspec.ValidationError as exc:
        return Refused(record.quarantine_key, f"its stored form cannot be read: {exc}")
    if named.identity is Identity.NONE:
        return Refused(
            record.quarantine_key,
            "it has neither a url nor a guid to be known by, so it would be a new article at each"
            " fetch: reject it",
        )
    return Candidate(record, named, match_entry(named.entry, ruleset, dedicated=record.feed_topics))


def is_lost(record: QuarantinedRecord) -> bool:
    """Whether the parser could not read the entry."""
    return "lost_number" in json.loads(record.payload)


def read_payload(record: QuarantinedRecord) -> ParsedEntry:
    """The entry as it was quarantined. Raises msgspec.ValidationError."""
    return msgspec.convert(json.loads(record.payload), ParsedEntry)


def fingerprint(named: IdentifiedEntry) -> bytes:
    """`ops.quarantine.fingerprint`; `load/sql/quarantine.sql` computes the same."""
    return hashlib.sha256(bytes.fromhex(named.identity_hash + named.text_hash)).digest()


def identify(record: QuarantinedRecord, entry: ParsedEntry) -> IdentifiedEntry:
    """The entry's identity, by the current flags of its feed."""
    (named,) = identify_entries(
        record.feed_key,
        [entry],
        is_urls_repeat=record.is_urls_repeat,
        is_guids_repeat=record.is_guids_repeat,
    ).entries
    return named


def refuse_decided(record: QuarantinedRecord) -> Refused | None:
    """Refuse a record that somebody has released or rejected already."""
    if record.status == OPEN or record.decided_at is None:
        return None
    return Refused(
        record.quarantine_key,
        f"already {record.status} by {record.reviewer} at {record.decided_at:%Y-%m-%d %H:%M:%SZ}",
    )


def refer_to(record: QuarantinedRecord) -> RecordReference:
    """A reference that finds the record in a rebuilt warehouse, where keys differ."""
    payload = json.loads(record.payload)
    return RecordReference(
        feed_url=record.feed_url,
        fetched_at=record.fetched_at,
        position=payload.get("position"),
        lost_number=payload.get("lost_number"),
    )


def split_rounds(candidates: Iterable[L]) -> list[list[L]]:
    """Split into rounds, in order, so that in each a feed shows an article at most once.

    A load takes one round at a time, because it takes one document of a feed at a time.
    """
    seen: Counter[tuple[int, str]] = Counter()
    rounds: list[list[L]] = []
    for candidate in candidates:
        shown = candidate.record.feed_key, candidate.entry.identity_hash
        if seen[shown] == len(rounds):
            rounds.append([])
        rounds[seen[shown]].append(candidate)
        seen[shown] += 1
    return rounds
