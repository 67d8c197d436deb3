"""What of a warehouse must be the same however it came about: rows without surrogate keys."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

MARTS = {
    "articles": "article_key origin_article_key",
    "article_copies": "article_key origin_article_key",
    "article_edits": "article_key revision_key",
    "article_edits_by_feed": "article_key revision_key edit_key",
    "why_matched": "article_key revision_key",
    "topic_daily": "",
    "outlet_daily": "",
    "off_topic_recent": "",
    "quarantine_open": "quarantine_key batch_id",
    "data_quality_daily": "",
    "topic_decisions": "article_key revision_key match_key",
}
"""Each view and the columns that hold surrogate keys."""
TABLES = {
    "sightings": "SELECT canonical_url, guid, link, position, text_hash, sighting.first_seen_at,"
    " left_at, return_count, feed_url, sighting.loaded_at FROM core.fact_sighting AS sighting"
    " JOIN core.fact_article USING (article_key) JOIN ops.feed USING (feed_key)",
    "revisions": "SELECT canonical_url, feed_url, revision_number, kind, revision.title, summary,"
    " body, changed, problems, recorded_from, revision.loaded_at"
    " FROM core.article_revision AS revision"
    " JOIN core.fact_article USING (article_key) JOIN ops.feed USING (feed_key)",
    "feeds": "SELECT dim.feed_url, dim.title, outlet, dim.language, dim.tags, dim.topics,"
    " valid_from, valid_to FROM core.dim_feed AS dim JOIN core.dim_outlet USING (outlet_key)",
    "first_documents": "SELECT feed_url, first_document_at FROM ops.feed",
    "states": "SELECT feed_url, fetch_url, state, etag, body_hash, poll_interval, next_due_at,"
    " failure_count, last_error, last_fetched_at, last_success_at, urls_repeat FROM ops.feed",
    "validators": "SELECT feed_url, fetch_url, state, etag, body_hash, urls_repeat FROM ops.feed",
    "fetches": "SELECT feed_url, f.started_at, outcome, error_class, archive_file, archive_offset,"
    " f.fetched_count, f.accepted_count, f.quarantined_count FROM ops.fetch AS f JOIN ops.feed"
    " USING (feed_key) JOIN ops.batch USING (batch_id) WHERE batch.state = 'done'",
    "counts": "SELECT verdict, batch.started_at, finished_at, verdict_reason, decided_at, reviewer,"
    " fetched_count, inserted_count, revised_count, variant_count, off_topic_count,"
    " quarantined_count FROM ops.batch WHERE batch.state = 'done' AND fetched_count > 0",
}
EVERYTHING = (*MARTS, *TABLES)

Picture = dict[str, list[str]]
"""By name, the rows as texts, sorted."""
Blur = Callable[[str, object], object]
"""A column and its value; what of the value is compared."""


def take_picture(
    engine: Engine,
    names: Iterable[str] = EVERYTHING,
    *,
    blur: Blur = lambda _, value: value,
) -> Picture:
    """The rows of these marts and tables, compared by `blur`."""
    with engine.begin() as conn:
        return {name: sorted(_read_rows(conn, name, blur)) for name in names}


def blur_runs(column: str, value: object) -> object:
    """Runs within an hour are one, whatever their archive files are called."""
    if isinstance(value, datetime):
        return value.replace(minute=0, second=0, microsecond=0)
    if isinstance(value, timedelta):
        return round(value / timedelta(hours=1))
    return None if column in {"archive_file", "archive_offset"} else value


def _read_rows(conn: Connection, name: str, blur: Blur) -> Iterable[str]:
    left_out = MARTS.get(name, "").split()
    rows = conn.execute(text(TABLES.get(name) or f"SELECT * FROM mart.{name}")).mappings()
    for row in rows:
        yield str({key: blur(key, one) for key, one in row.items() if key not in left_out})
