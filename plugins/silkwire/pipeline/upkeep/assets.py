"""The event of the asset `silkwire_articles`, for DAGs that start when articles were loaded."""

from typing import Any

from sqlalchemy import text

from silkwire.pipeline.batch.context import Context

_LOADED = text("""
SELECT
    batch_id, verdict, inserted_count + revised_count + variant_count AS "rows",
    inserted_count AS inserted, revised_count AS revised, variant_count AS variant,
    finished_at AS watermark
FROM ops.batch WHERE batch_id = :batch_id
""")


def describe_articles(ctx: Context, batch_id: str) -> dict[str, Any]:
    """`{batch_id, verdict, rows, inserted, revised, variant, watermark}`.

    `rows` counts the batch's rows in `core.article_revision`. `watermark` is their `loaded_at` (RFC
    3339, UTC), also given if there are no rows.
    """
    with ctx.engine.begin() as conn:
        batch = conn.execute(_LOADED, {"batch_id": batch_id}).mappings().one()
    return {**batch, "watermark": batch["watermark"].isoformat()}
