"""Records of the quarantine as entries that can be loaded: read, identified, matched. Pure."""

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
    """An entry that can be loaded by itself, as it is by the rules in force."""

    record: EntrySource
    entry: IdentifiedEntry
    decisions: tuple[TopicDecision, ...]
    reasons: tuple[Reason, ...] = ()
    """What it fails; empty for one that nothing may keep out."""

    @property
    def is_on_topic(self) -> bool:
        return any(decision.is_match for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class Candidate(Loadable):
    """A record of the quarantine that can be loaded."""

    record: QuarantinedRecord
    is_recovered: bool = False
    """The record is one that the parser had lost: this entry has no row of its own."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that a decision could not be made on, and why, as a sentence."""

    quarantine_key: int
    reason: str


def read_candidate(record: QuarantinedRecord, ruleset: Ruleset) -> Candidate | Refused:
    """The record as it was set aside."""
    if is_lost(record):
        return Refused(
            record.quarantine_key,
            "the parser could not read this entry, so there is nothing to load: reject it, or try"
            " `silkwire quarantine retry` with a later version",
        )
    try:
        entry = read_payload(record)
    except msgspec.ValidationError as exc:
        return Refused(record.quarantine_key, f"its stored form cannot be read: {exc}")
    return build_candidate(record, identify(record, entry), ruleset)


def is_lost(record: QuarantinedRecord) -> bool:
    """Whether the parser could not read the entry."""
    return "lost_number" in json.loads(record.payload)


def read_payload(record: QuarantinedRecord) -> ParsedEntry:
    """The entry as it was set aside. Raises msgspec.ValidationError."""
    return msgspec.convert(json.loads(record.payload), ParsedEntry)


def fingerprint(named: IdentifiedEntry) -> bytes:
    """What tells a feed's records apart, as `5_set_aside.sql` has it."""
    return hashlib.sha256(bytes.fromhex(named.identity_hash + named.text_hash)).digest()


def build_candidate(
    record: QuarantinedRecord, named: IdentifiedEntry, ruleset: Ruleset
) -> Candidate | Refused:
    """`named` in the place of the record, unless it is known by nothing."""
    if named.identity is Identity.NONE:
        return Refused(
            record.quarantine_key,
            "it has neither a url nor a guid to be known by, so it would be a new article at each"
            " fetch: reject it",
        )
    return Candidate(record, named, match_entry(named.entry, ruleset, dedicated=record.feed_topics))


def identify(record: QuarantinedRecord, entry: ParsedEntry) -> IdentifiedEntry:
    """The entry by what is known of its feed today."""
    (named,) = identify_entries(
        record.feed_key,
        [entry],
        is_urls_repeat=record.is_urls_repeat,
        is_guids_repeat=record.is_guids_repeat,
    ).entries
    return named


def refuse_decided(record: QuarantinedRecord) -> Refused | None:
    """What is decided stays decided."""
    if record.status == OPEN or record.decided_at is None:
        return None
    return Refused(
        record.quarantine_key,
        f"already {record.status} by {record.reviewer} at {record.decided_at:%Y-%m-%d %H:%M:%SZ}",
    )


def refer_to(record: QuarantinedRecord) -> RecordReference:
    """What finds the record again in a warehouse with other keys."""
    payload = json.loads(record.payload)
    return RecordReference(
        feed_url=record.feed_url,
        fetched_at=record.fetched_at,
        position=payload.get("position"),
        lost_number=payload.get("lost_number"),
    )


def split_waves(candidates: Iterable[L]) -> list[list[L]]:
    """Loads in order, in each of which a feed shows an article once, as in a document."""
    seen: Counter[tuple[int, str]] = Counter()
    waves: list[list[L]] = []
    for candidate in candidates:
        name = candidate.record.feed_key, candidate.entry.identity_hash
        if seen[name] == len(waves):
            waves.append([])
        waves[seen[name]].append(candidate)
        seen[name] += 1
    return waves
