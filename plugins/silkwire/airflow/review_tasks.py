"""What the DAG `review_quarantine` calls; light to import, like `silkwire.airflow.ingest_tasks`."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from silkwire.airflow.ingest_tasks import Report

OPTIONS = {"Release": "released", "Reject": "rejected"}
"""What the reviewer may answer, and what the batch is then."""
_log = logging.getLogger(__name__)


def find_held_batches() -> list[str]:
    """The batches that wait for a decision, newest first."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.held.find import find_held_batches as find

    with open_context(read_settings()) as ctx:
        return find(ctx)


def describe_held_batch(batch_id: str) -> str:
    """What the reviewer is shown, as Markdown. Raises BatchError if the batch's files are gone."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.held.page import describe_held_batch as describe

    with open_context(read_settings()) as ctx:
        return describe(ctx, batch_id)


def find_answer(batch_id: str) -> Report | None:
    """What was decided on the batch, as Airflow's answers look; None while it is held.

    Also None while the warehouse is away. Raises BatchError for a batch that never was held.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from silkwire.config import read_settings
    from silkwire.errors import WarehouseError
    from silkwire.pipeline import open_context
    from silkwire.pipeline.held.find import find_decision

    try:
        with open_context(read_settings()) as ctx:
            decision = find_decision(ctx, batch_id)
    except (WarehouseError, SQLAlchemyError) as exc:
        _log.warning("Whether batch %s is decided cannot be seen just now: %s", batch_id, exc)
        return None
    if decision is None:
        return None
    return {
        "chosen_options": [option for option in OPTIONS if OPTIONS[option] == decision.verdict],
        "params_input": {},
        "responded_at": decision.decided_at,
        "responded_by_user": None,
    }


def settle_batch(batch_id: str, answer: Mapping[str, Any]) -> Report:
    """Do what was answered in Airflow's UI, once: `{batch_id, verdict, reviewer, decided_at}`.

    `answer` is the result of a HITLOperator; no user in it means that the batch was decided
    elsewhere. A decision that was there before stays. Raises BatchError if the answer cannot be
    followed and the batch is held still.
    """
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.held.find import require_decision
    from silkwire.pipeline.held.find import settle_batch as settle

    [option] = answer["chosen_options"]
    user = answer["responded_by_user"]
    with open_context(read_settings()) as ctx:
        if user is None:
            decision = require_decision(ctx, batch_id)
        else:
            reviewer = user["name"]
            decision = settle(ctx, batch_id, verdict=OPTIONS[option], reviewer=reviewer)
    is_followed = user is None or decision.verdict == OPTIONS[option]
    _log.info("%s%s.", decision, "" if is_followed else f": the answer {option} changes nothing")
    return asdict(decision) | {"decided_at": decision.decided_at.isoformat()}
