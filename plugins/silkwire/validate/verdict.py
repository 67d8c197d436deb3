"""The verdict on a batch: whether it is published, or held for a person. Pure.

A held batch loads nothing and loses nothing, so the checks look for what a person would not want
to undo: a parser or suite that fails everything, rules or identities that let everything through.
A batch that brings too little is no reason to hold what it does bring; `freshness` shows that.
"""

from collections.abc import Sequence

from silkwire.errors import ValidationError
from silkwire.model import EntryCounts

MIN_HISTORY = 14
"""Batches before history is asked at all."""
MAX_GROWTH = 10.0
"""A batch that accepts so many times more than any of its history is held."""

Verdict = tuple[str, str | None]


def decide_verdict(
    counts: EntryCounts,
    *,
    max_quarantined_share: float,
    min_entries: int,
    history: Sequence[EntryCounts] = (),
    max_growth: float = MAX_GROWTH,
) -> Verdict:
    """`("published", None)`, or `("held", why)` in one sentence.

    `history`: the counts of earlier published batches of listed feeds; leave it empty where history
    must not bind (`ingest --feeds`). Raises ValidationError if the counts do not add up: then an
    entry was lost or counted twice, and no person can decide that away.
    """
    _refuse_loss(counts)
    why = _find_quarantine_flood(counts, max_quarantined_share, min_entries)
    why = why or _find_surge(counts, history, max_growth, min_entries)
    return ("held", why) if why else ("published", None)


def _refuse_loss(counts: EntryCounts) -> None:
    parts = (counts.accepted, counts.unchanged, counts.off_topic, counts.quarantined)
    if counts.fetched != sum(parts) or min(parts) < 0:
        raise ValidationError(
            f"{counts.fetched} entries were fetched, but {counts.accepted} accepted, "
            f"{counts.unchanged} unchanged, {counts.off_topic} off topic and "
            f"{counts.quarantined} quarantined are {sum(parts)}"
        )


def _find_quarantine_flood(counts: EntryCounts, max_share: float, min_entries: int) -> str | None:
    """Of all that was fetched: what was quarantined before is counted again at each fetch, and
    would soon outnumber the few new entries of an ordinary batch."""
    if counts.fetched < min_entries or counts.quarantined <= max_share * counts.fetched:
        return None
    return (
        f"{counts.quarantined} of {counts.fetched} entries are quarantined, "
        f"more than the {max_share:.0%} of SILKWIRE_HOLD_QUARANTINED_SHARE"
    )


def _find_surge(
    counts: EntryCounts, history: Sequence[EntryCounts], max_growth: float, min_entries: int
) -> str | None:
    if len(history) < MIN_HISTORY or counts.accepted < min_entries:
        return None
    most = max(past.accepted for past in history)
    if counts.accepted <= max_growth * max(most, 1):
        return None
    return (
        f"{counts.accepted} entries would be accepted, more than {max_growth:g} times "
        f"the {most} of the fullest of the last {len(history)} batches"
    )
