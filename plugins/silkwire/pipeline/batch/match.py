"""Decide the topics of one entry. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from silkwire.model import ParsedEntry, TopicDecision
from silkwire.topics import Ruleset, dedicate, match_topics

OPENING_LENGTH = 1_000
"""The number of code points of a body that replace a missing summary."""


def match_entry(
    entry: ParsedEntry, ruleset: Ruleset, *, dedicated: Sequence[str]
) -> tuple[TopicDecision, ...]:
    """Decide by the entry's words and by the topics that its feed is dedicated to."""
    return dedicate(_match_words(entry, ruleset), tuple(dedicated))


def _match_words(entry: ParsedEntry, ruleset: Ruleset) -> tuple[TopicDecision, ...]:
    """Match title and summary; if there is a body but no summary, the body's opening instead."""
    if entry.summary or not entry.body:
        return match_topics(entry.title, entry.summary, entry.language, ruleset)
    opening = entry.body[:OPENING_LENGTH]
    return tuple(
        replace(
            decision,
            evidence=tuple(
                replace(span, field="body") if span.field == "summary" else span
                for span in decision.evidence
            ),
        )
        for decision in match_topics(entry.title, opening, entry.language, ruleset)
    )
