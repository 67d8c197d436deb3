"""Single entries into the warehouse, by the validation and load that every batch goes through."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, text

from silkwire.load import LoadInput, load_batch, read_fates
from silkwire.model import DocumentReport, EntryBatchRow, FailedEntry, MatchedEntry
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.quarantine.candidates import Candidate, L, Loadable, Refused
from silkwire.syndication import link_copies
from silkwire.validate import validate_entries
from silkwire.warehouse.tables.sources import EntrySource

QUARANTINED = "quarantined"


def load_records(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    candidates: Sequence[Loadable],
    *,
    ruleset: str,
    reviewer: str,
    now: datetime,
) -> list[str]:
    """Load what the caller has locked; the fate of each, which the caller then signs.

    One that fails is `quarantined`. No two may be of one feed and article.
    """
    load_batch(
        conn,
        batch_id,
        _describe(candidates, ruleset),
        decide_verdict=lambda _: ("released", None),
        now=now,
        reviewer=reviewer,
    )
    fates = read_fates(conn)
    _date_leaving(conn, batch_id, candidates)
    link_copies(conn, batch_id, window=ctx.settings.copy_window, now=now)
    return [fates[number] for number in range(len(candidates))]


def judge(wave: Sequence[L]) -> list[L]:
    """The same, each with what it fails now."""
    rows = [_row(number, one) for number, one in enumerate(wave)]
    reasons = {failed.entry_number: failed.reasons for failed in validate_entries(rows).failed}
    return [replace(one, reasons=reasons.get(number, ())) for number, one in enumerate(wave)]


def find_late(conn: Connection, candidates: Sequence[Candidate]) -> list[Refused]:
    """Those whose feed has shown a later text of the article: loaded now, it would be an edit back
    that was never made."""
    return [
        Refused(
            candidates[number].record.quarantine_key,
            "its feed has shown a later text of this article, loaded"
            f" {loaded_at:%Y-%m-%d %H:%M:%SZ}: reject it",
        )
        for number, loaded_at in list_late(conn, candidates)
    ]


def list_late(conn: Connection, candidates: Sequence[Loadable]) -> list[tuple[int, datetime]]:
    """The places of such candidates, and when the later text was loaded."""
    rows = conn.execute(
        text(_LATE),
        {
            "numbers": list(range(len(candidates))),
            "feed_keys": [one.record.feed_key for one in candidates],
            "identities": [bytes.fromhex(one.entry.identity_hash) for one in candidates],
            "texts": [bytes.fromhex(one.entry.text_hash) for one in candidates],
            "times": [one.record.fetched_at for one in candidates],
        },
    )
    return [(row.number, row.loaded_at) for row in rows]


def _row(number: int, one: Loadable) -> tuple[EntryBatchRow, MatchedEntry]:
    return (
        EntryBatchRow(number, one.record.feed_key, one.record.fetched_at, one.entry),
        MatchedEntry(number, one.decisions),
    )


def _describe(candidates: Sequence[Loadable], ruleset: str) -> LoadInput:
    rows = [_row(number, one) for number, one in enumerate(candidates)]
    by_feed: dict[int, list[EntrySource]] = {}
    for one in candidates:
        by_feed.setdefault(one.record.feed_key, []).append(one.record)
    return LoadInput(
        documents=tuple(_stand_in(feed_key, records) for feed_key, records in by_feed.items()),
        rows=lambda: rows,
        matches=lambda: [matched for _, matched in rows],
        failed=tuple(
            FailedEntry(number, one.reasons) for number, one in enumerate(candidates) if one.reasons
        ),
        results=(),
        ruleset=ruleset,
        is_review=True,
    )


def _stand_in(feed_key: int, records: Sequence[EntrySource]) -> DocumentReport:
    """For the documents of a feed: its records may come from many."""
    positions = {(record.archive_file, record.archive_offset) for record in records}
    archive_file, archive_offset = positions.pop() if len(positions) == 1 else (None, None)
    return DocumentReport(
        feed_key=feed_key,
        fetched_at=records[0].fetched_at,
        archive_file=archive_file,
        archive_offset=archive_offset,
        format=None,
        encoding=None,
        encoding_evidence=None,
        item_count=0,
        lost_count=0,
        error_class=None,
        error=None,
        title=None,
        ttl_s=None,
        suggested_feed_url=None,
        is_urls_repeat=False,
        is_guids_repeat=False,
    )


def _date_leaving(conn: Connection, batch_id: str, candidates: Sequence[Loadable]) -> None:
    """Feeds that have been read whole since they last showed a record carry it no more."""
    seen = {
        "batch_id": batch_id,
        "numbers": list(range(len(candidates))),
        "times": [one.record.last_seen_at for one in candidates],
    }
    conn.execute(text(_LEFT), seen)


_LATE = """
SELECT given.number, max(later.loaded_at) AS loaded_at
FROM unnest(
    CAST(:numbers AS integer[]), CAST(:feed_keys AS bigint[]), CAST(:identities AS bytea[]),
    CAST(:texts AS bytea[]), CAST(:times AS timestamptz[])
) AS given (number, feed_key, identity_hash, text_hash, fetched_at)
INNER JOIN core.fact_article AS article USING (identity_hash)
INNER JOIN core.fact_sighting AS sighting
    ON sighting.article_key = article.article_key AND sighting.feed_key = given.feed_key
        AND sighting.text_hash <> given.text_hash
INNER JOIN core.article_revision AS later
    ON later.article_key = article.article_key AND later.feed_key = given.feed_key
        AND later.recorded_from > given.fetched_at
GROUP BY given.number
ORDER BY given.number
"""

_LEFT = """
UPDATE core.fact_sighting AS sighting SET left_at = gone.left_at
FROM (
    SELECT placed.article_key, placed.feed_key, min(next.fetched_at) AS left_at
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:times AS timestamptz[]))
        AS given (entry_number, last_seen_at)
    INNER JOIN placed USING (entry_number)
    CROSS JOIN LATERAL (
        SELECT attempt.started_at AS fetched_at
        FROM ops.fetch AS attempt
        INNER JOIN ops.batch USING (batch_id)
        WHERE attempt.feed_key = placed.feed_key AND attempt.started_at > given.last_seen_at
            AND attempt.outcome = 'new' AND NOT attempt.is_entries_lost
            AND batch.verdict IN ('published', 'released')
        UNION ALL
        SELECT document.followed_at
        FROM ops.off_topic_document AS document
        WHERE document.feed_key = placed.feed_key AND document.fetched_at = given.last_seen_at
    ) AS next
    GROUP BY placed.article_key, placed.feed_key
) AS gone
WHERE sighting.batch_id = :batch_id AND sighting.left_at IS NULL
    AND sighting.article_key = gone.article_key AND sighting.feed_key = gone.feed_key
"""
