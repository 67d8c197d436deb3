"""The event of the asset `silkwire_articles`, for DAGs that start when articles were loaded."""

from typing import Any

from silkwire.pipeline.batch.context import Context
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)


def describe_articles(ctx: Context, batch_id: str) -> dict[str, Any]:
    """`{batch_id, verdict, rows, inserted, revised, variant, watermark}`.

    `rows` counts the batch's rows in `core.article_revision`. `watermark` is their `loaded_at` (RFC
    3339, UTC), also given if there are no rows.
    """
    with ctx.engine.begin() as conn:
        batch = conn.execute(_SQL["loaded"], {"batch_id": batch_id}).mappings().one()
    return {**batch, "watermark": batch["watermark"].isoformat()}
