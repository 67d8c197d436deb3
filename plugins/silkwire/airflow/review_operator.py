"""The operator that asks a person in Airflow's UI to release or reject a held batch.

Airflow's HITLOperator waits only for an answer in the UI. ReviewOperator waits in a trigger that
also sees a decision made elsewhere (`silkwire quarantine release`), and then closes the request.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowRuntimeError, TaskAwaitingInput
from airflow.sdk.execution_time.hitl import (
    get_hitl_detail_content_detail,
    update_hitl_detail_response,
)
from airflow.triggers.base import BaseTrigger, TriggerEvent

from silkwire.airflow import review_tasks

REVIEW_DAG = "review_quarantine"
POLL_SECONDS = 10.0
ASKED = ["queued", "running", "success"]
"""States of a run that has asked or will ask. A batch whose run failed gets a new run."""


def find_requests(task_instance: Any) -> list[dict[str, Any]]:
    """The arguments of one run of `review_quarantine` per held batch without such a run."""
    return [
        {"trigger_run_id": batch_id, "conf": {"batch_id": batch_id}}
        for batch_id in review_tasks.find_held_batches()
        if not task_instance.get_dr_count(REVIEW_DAG, run_ids=[batch_id], states=ASKED)
    ]


class ReviewOperator(HITLOperator):
    """Show a held batch and wait, without a time limit, until it is released or rejected.

    The result is that of HITLOperator; `responded_by_user` is None for a decision made elsewhere.
    """

    template_fields = (*HITLOperator.template_fields, "batch_id")

    def __init__(self, *, batch_id: str, **kwargs: Any) -> None:
        subject = f"Batch {batch_id} is held: release or reject it?"
        super().__init__(subject=subject, options=list(review_tasks.OPTIONS), **kwargs)
        self.batch_id = batch_id

    def execute(self, context: Context) -> Any:
        if decided := review_tasks.find_answer(self.batch_id):
            return decided
        self.body = review_tasks.describe_held_batch(self.batch_id)
        try:
            return super().execute(context)
        except TaskAwaitingInput as parked:
            # else Airflow would resume the task only for an answer in the UI
            trigger = ReviewTrigger(batch_id=self.batch_id, ti_id=str(context["ti"].id))
            self.defer(trigger=trigger, method_name=parked.method_name)


class ReviewTrigger(BaseTrigger):
    """Wait for an answer in the UI or a decision made elsewhere."""

    def __init__(self, *, batch_id: str, ti_id: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.batch_id = batch_id
        self.ti_id = ti_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {"batch_id": self.batch_id, "ti_id": self.ti_id},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        # Airflow resumes the task when an answer comes, but not if it came before the task was
        # deferred. This sleeps first, because the scheduler may not know of the deferral yet.
        answer = None
        while answer is None:
            await asyncio.sleep(POLL_SECONDS)
            answer = await self._find_answer()
        yield TriggerEvent(answer)  # type: ignore[no-untyped-call]

    async def _find_answer(self) -> dict[str, Any] | None:
        if given := await self._read_request():
            return given
        decided = await asyncio.to_thread(review_tasks.find_answer, self.batch_id)
        return None if decided is None else await self._close_request(decided)

    async def _read_request(self) -> dict[str, Any] | None:
        given = await asyncio.to_thread(get_hitl_detail_content_detail, UUID(self.ti_id))
        if not given.response_received:
            return None
        user = given.responded_by_user
        return {
            "chosen_options": list(given.chosen_options or ()),
            "params_input": {},
            "responded_at": given.responded_at,
            "responded_by_user": user and {"id": user.id, "name": user.name},
        }

    async def _close_request(self, decided: dict[str, Any]) -> dict[str, Any] | None:
        """Close the request in the UI. An answer that was given meanwhile is returned instead."""
        try:
            await asyncio.to_thread(
                update_hitl_detail_response, UUID(self.ti_id), decided["chosen_options"], {}
            )
        except AirflowRuntimeError:
            return await self._read_request()
        return decided
