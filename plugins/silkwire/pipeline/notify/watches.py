"""Telling: what fits a watch is noted in the warehouse, then delivered; what failed, again later.

Nothing here can keep a batch from being loaded: it comes after, and a delivery that fails waits.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.notify.alerts import note_alerts
from silkwire.pipeline.notify.outbox import Note, deliver, insert_notes
from silkwire.topics import list_topics
from silkwire.topics.folding import fold_text
from silkwire.warehouse.status import Concern
from silkwire.watches import Found, Watch, WatchList, fits, load_watches

LOOKBACK = timedelta(days=1)
"""What was loaded earlier is not news any more, even if nothing ran meanwhile."""


def read_watches(ctx: Context) -> WatchList:
    """The watches in force. Raises ConfigError."""
    folder = ctx.settings.config_dir
    return load_watches(folder, list_topics(folder))


def tell(ctx: Context) -> dict[str, int]:
    """Note what fits and what needs a person, deliver what is due: `{noted, sent, failed}`."""
    watches = read_watches(ctx)
    with ctx.engine.begin() as conn:
        noted = note_findings(conn, watches.watches, ctx.now())
        noted += note_alerts(ctx, conn, watches.operators)
    sent, failed = deliver(ctx, watches)
    return {"noted": noted, "sent": sent, "failed": failed}


def tell_operators(ctx: Context, *, also: Sequence[Concern] = ()) -> dict[str, int]:
    """Note and deliver alerts alone, and what waits; `also` what only the caller knows of."""
    watches = read_watches(ctx)
    with ctx.engine.begin() as conn:
        noted = note_alerts(ctx, conn, watches.operators, also=also)
    sent, failed = deliver(ctx, watches)
    return {"noted": noted, "sent": sent, "failed": failed}


def note_findings(conn: Connection, watches: Sequence[Watch], now: datetime) -> int:
    """Note every new text that fits a watch and was not noted; how many were."""
    if not watches:
        return 0
    known = _register(conn, watches, now)
    since = max(now - LOOKBACK, min(known.values()))
    notes = []
    for found, loaded_at in _read_found(conn, since):
        for watch in watches:
            if loaded_at >= known[watch.name] and fits(watch, found, _fold):
                notes += [_note(watch, place.key, found, now) for place in watch.to]
    return insert_notes(conn, notes, now)


def _register(conn: Connection, watches: Sequence[Watch], now: datetime) -> dict[str, datetime]:
    conn.execute(text(_REGISTER), [{"watch": watch.name, "now": now} for watch in watches])
    rows = conn.execute(text("SELECT watch, known_since FROM ops.watch"))
    known = {row.watch: row.known_since for row in rows}
    return {watch.name: known[watch.name] for watch in watches}


def _read_found(conn: Connection, since: datetime) -> list[tuple[Found, datetime]]:
    return [
        (
            Found(
                revision_key=row.revision_key,
                article_key=row.article_key,
                is_edit=row.kind == "revised",
                seen_at=row.recorded_from,
                outlet=row.outlet,
                title=row.title or "No headline",
                summary=row.summary or "",
                url=row.article_url,
                topics=tuple(row.topics),
                scopes=tuple(row.scopes or ()),
                matched=tuple(row.matched or ()),
                text_key=row.text_key,
            ),
            row.loaded_at,
        )
        for row in conn.execute(text(_FOUND), {"since": since})
    ]


def _note(watch: Watch, destination: str, found: Found, now: datetime) -> Note:
    item = {
        "title": found.title,
        "outlet": found.outlet,
        "url": found.url,
        "matched": found.matched,
        "is_edit": found.is_edit,
    }
    key, due_at = found.text_key, watch.find_time(now)
    return Note(watch.name, destination, key, item, due_at, found.revision_key)


def _fold(words: str) -> str:
    return fold_text(words).text


_REGISTER = """
INSERT INTO ops.watch (watch, known_since) VALUES (:watch, :now) ON CONFLICT DO NOTHING
"""

# Another feed's text of a known article is no news; what a replay loads is none either, nor what
# was shown long ago and comes in because other rules were adopted. Copies
# are told as one, by the first of them that was loaded: their origin may change, that does not.
_FOUND = """
SELECT revision.revision_key, revision.article_key, revision.kind, revision.recorded_from,
    revision.loaded_at, outlet.outlet, revision.title, revision.summary,
    coalesce(article.canonical_url, sighting.link) AS article_url,
    decided.topics, decided.scopes, decided.matched,
    CASE revision.kind
        WHEN 'inserted' THEN 'article ' || least(revision.article_key, carriers.first_key)
        ELSE 'edit ' || revision.article_key || ' ' || encode(revision.text_hash, 'hex')
    END AS text_key
FROM core.article_revision AS revision
INNER JOIN ops.batch ON batch.batch_id = revision.batch_id AND batch.trigger <> 'replay'
    AND (batch.trigger <> 'adopt' OR revision.recorded_from >= :since)
INNER JOIN core.fact_article AS article ON article.article_key = revision.article_key
INNER JOIN core.dim_outlet AS outlet ON outlet.outlet_key = article.outlet_key
LEFT JOIN core.fact_sighting AS sighting ON sighting.article_key = revision.article_key
    AND sighting.feed_key = revision.feed_key
INNER JOIN LATERAL (
    SELECT
        array_agg(DISTINCT decision.topic) AS topics,
        array_agg(DISTINCT decision.scope) FILTER (WHERE decision.scope IS NOT NULL) AS scopes,
        (
            SELECT array_agg(words.text ORDER BY words.weight DESC, words.text)
            FROM (
                SELECT evidence.text, max(evidence.weight) AS weight
                FROM core.topic_evidence AS evidence
                WHERE evidence.match_key = ANY (array_agg(decision.match_key))
                GROUP BY evidence.text
            ) AS words
        ) AS matched
    FROM mart.topic_decisions AS decision
    WHERE decision.revision_key = revision.revision_key AND decision.is_match
) AS decided ON decided.topics IS NOT NULL
LEFT JOIN core.article_copy AS copy ON copy.article_key = revision.article_key
    AND copy.replaced_at IS NULL
INNER JOIN LATERAL (
    SELECT least(min(other.article_key), copy.origin_article_key) AS first_key
    FROM core.article_copy AS other
    WHERE other.replaced_at IS NULL
        AND other.origin_article_key = coalesce(copy.origin_article_key, revision.article_key)
) AS carriers ON TRUE
WHERE revision.loaded_at >= :since AND revision.kind IN ('inserted', 'revised')
ORDER BY revision.recorded_from, revision.revision_key
"""
