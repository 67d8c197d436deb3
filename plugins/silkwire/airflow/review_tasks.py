"""The tasks of `review_quarantine`: describe a held batch, find or apply the decision on it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from silkwire.airflow.calls import Report, log, open_pipeline

OPTIONS = {"Release": "released", "Reject": "rejected"}
"""The answers that a reviewer can give, and the verdict that each gives the batch."""


def find_held_batches() -> list[str]:
    """The ids of the batches that wait for a decision, newest first."""
    from silkwire.pipeline.held import find

    with open_pipeline() as ctx:
        return find.find_held_batches(ctx)


def describe_held_batch(batch_id: str) -> str:
    """What the reviewer reads, as Markdown. Raises BatchError if the batch's files are gone."""
    from silkwire.pipeline.held import page

    with open_pipeline() as ctx:
        return page.describe_held_batch(ctx, batch_id)


def find_answer(batch_id: str) -> Report | None:
    """The decision on the batch, in the form of Airflow's answers; None while it is held.

    Also None while the warehouse cannot be reached. Raises BatchError if the batch was never held.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from silkwire.errors import WarehouseError
    from silkwire.pipeline.held.find import find_decision

    try:
        with open_pipeline() as ctx:
            decision = find_decision(ctx, batch_id)
    except (WarehouseError, SQLAlchemyError) as exc:
        log.warning("Cannot read whether batch %s is decided: %s", batch_id, exc)
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
    """Release or reject the batch as `answer` says: `{batch_id, verdict, reviewer, decided_at}`.

    `answer` is the result of a HITLOperator; without a user it reports a decision made elsewhere.
    An earlier decision stays. Raises BatchError if the answer cannot be carried out and the batch
    is still held.
    """
    from silkwire.pipeline.held import find

    [option] = answer["chosen_options"]
    user = answer["responded_by_user"]
    with open_pipeline() as ctx:
        if user is None:
            decision = find.require_decision(ctx, batch_id)
        else:
            verdict, reviewer = OPTIONS[option], user["name"]
            decision = find.settle_batch(ctx, batch_id, verdict=verdict, reviewer=reviewer)
    is_applied = user is None or decision.verdict == OPTIONS[option]
    log.info("%s%s.", decision, "" if is_applied else f": the answer {option} changes nothing")
    return asdict(decision) | {"decided_at": decision.decided_at.isoformat()}
