"""The statements by which copies are found and kept; each takes the whole batch."""

from sqlalchemy import text

NEW_TEXTS = text(
    "SELECT article.article_key, article.first_seen_at, article.published_at, outlet.outlet,"
    " revision.title,"
    " left(coalesce(revision.summary, revision.body), :length) AS lead"
    " FROM core.article_revision AS revision"
    " INNER JOIN core.fact_article AS article ON revision.article_key = article.article_key"
    " INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key"
    " WHERE revision.kind = 'inserted' AND revision.batch_id = :batch_id"
    " AND article.batch_id = :batch_id"
    " ORDER BY article.article_key"
)
OLD_TEXTS = text(
    "SELECT article.article_key, article.first_seen_at, article.published_at, outlet.outlet,"
    " revision.title,"
    " left(coalesce(revision.summary, revision.body), :length) AS lead"
    " FROM core.fact_article AS article"
    " INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key"
    " INNER JOIN core.article_revision AS revision"
    "  ON article.article_key = revision.article_key AND article.first_feed_key = revision.feed_key"
    "  AND revision.revision_number = 1"
    " WHERE article.article_key = ANY(:keys)"
)
STAGE = text(
    "CREATE TEMPORARY TABLE new_band (band_hash bigint, first_seen_at timestamptz,"
    " article_key bigint) ON COMMIT DROP"
)
KEEP = text(
    "INSERT INTO ops.article_band (band_hash, first_seen_at, article_key)"
    " SELECT band_hash, first_seen_at, article_key FROM new_band ORDER BY 1, 2, 3"
    " ON CONFLICT DO NOTHING"
)
CANDIDATES = text(
    "SELECT DISTINCT least(mine.article_key, other.article_key),"
    " greatest(mine.article_key, other.article_key)"
    " FROM new_band AS mine CROSS JOIN LATERAL ("
    "  SELECT band.article_key FROM ops.article_band AS band"
    "  WHERE band.band_hash = mine.band_hash"
    "  AND band.first_seen_at BETWEEN mine.first_seen_at - :window AND mine.first_seen_at + :window"
    "  ORDER BY band.first_seen_at, band.article_key LIMIT :cap"
    " ) AS other WHERE other.article_key <> mine.article_key"
)
GROUPS = text(
    "WITH touched AS ("
    "  SELECT coalesce(copy.origin_article_key, named.article_key) AS origin_key"
    "  FROM unnest(CAST(:keys AS bigint[])) AS named (article_key)"
    "  LEFT JOIN core.article_copy AS copy"
    "   ON named.article_key = copy.article_key AND copy.replaced_at IS NULL"
    "), member AS ("
    "  SELECT origin_key AS article_key FROM touched"
    "  UNION SELECT copy.article_key FROM core.article_copy AS copy"
    "  INNER JOIN touched ON copy.origin_article_key = touched.origin_key"
    "  WHERE copy.replaced_at IS NULL"
    ") SELECT article.article_key, article.first_seen_at, article.canonical_url,"
    " article.identity_hash, copy.origin_article_key AS origin_key"
    " FROM member INNER JOIN core.fact_article AS article"
    "  ON member.article_key = article.article_key"
    " LEFT JOIN core.article_copy AS copy"
    "  ON article.article_key = copy.article_key AND copy.replaced_at IS NULL"
)
REPLACE = text(
    "UPDATE core.article_copy SET replaced_at = :now"
    " WHERE article_key = ANY(:keys) AND replaced_at IS NULL"
)
FORGET = text("DELETE FROM ops.article_band WHERE article_key = ANY(:keys)")
LINK = text(
    "INSERT INTO core.article_copy"
    " (article_key, origin_article_key, similarity, reason, linked_at)"
    " VALUES (:article_key, :origin_key, :similarity, :reason, :now)"
    " ON CONFLICT (article_key, linked_at) DO UPDATE SET"
    " origin_article_key = excluded.origin_article_key, similarity = excluded.similarity,"
    " reason = excluded.reason, replaced_at = NULL"
)
PRUNE = text(
    "DELETE FROM ops.article_band WHERE article_key <= ("
    " SELECT article_key FROM core.fact_article WHERE loaded_at < :before"
    " ORDER BY article_key DESC LIMIT 1)"
    # One that is released late is compared with what was new in its time.
    " AND NOT EXISTS (SELECT FROM ops.batch WHERE verdict = 'held')"
)
