"""What the asset `silkwire_articles` says of a loaded batch, for DAGs of others."""

from typing import Any

from sqlalchemy import text

from silkwire.pipeline.batch.context import Context

_LOADED = text("""
SELECT
    verdict, finished_at, inserted_count, revised_count, variant_count
FROM ops.batch WHERE batch_id = :batch_id
""")


def describe_articles(ctx: Context, batch_id: str) -> dict[str, Any]:
    """`{batch_id, verdict, rows, inserted, revised, variant, watermark}`.

    `rows` are the new ones in `core.article_revision`; `watermark` is the `loaded_at` of them all
    (RFC 3339, UTC), also where there are none.
    """
    with ctx.engine.begin() as conn:
        batch = conn.execute(_LOADED, {"batch_id": batch_id}).one()
    return {
        "batch_id": batch_id,
        "verdict": batch.verdict,
        "rows": batch.inserted_count + batch.revised_count + batch.variant_count,
        "inserted": batch.inserted_count,
        "revised": batch.revised_count,
        "variant": batch.variant_count,
        "watermark": batch.finished_at.isoformat(),
    }
