"""Match JSON lines, for `silkwire topics match`."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from silkwire.errors import ConfigError
from silkwire.model import TopicDecision
from silkwire.topics.decide import match_topics
from silkwire.topics.ruleset import Ruleset


class MatchRequest(msgspec.Struct, frozen=True):
    """One line of input."""

    id: str | int | float | None
    title: str | None = None
    summary: str | None = None
    language: str | None = None


def match_lines(lines: Iterable[bytes], ruleset: Ruleset) -> Iterator[bytes]:
    """One line of JSON for each line that is not blank, in the same order.

    Raises ConfigError naming the line that cannot be read.
    """
    decoder, encoder = msgspec.json.Decoder(MatchRequest), msgspec.json.Encoder()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            request = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise ConfigError(f"line {number} is not a text to match: {exc}") from exc
        decisions = match_topics(request.title, request.summary, request.language, ruleset)
        topics = {decision.topic: _describe_decision(decision) for decision in decisions}
        yield encoder.encode({"id": request.id, "topics": topics}) + b"\n"


def _describe_decision(decision: TopicDecision) -> dict[str, Any]:
    """A decision as plain data."""
    return {
        "decision": decision.is_match,
        "score": decision.score,
        "scope": decision.scope,
        "evidence": decision.evidence,
        "factors": decision.factors,
        "flags": decision.flags,
    }
