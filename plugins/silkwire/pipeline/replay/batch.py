"""Replay one archived batch: load the fetches that the warehouse lacks, as a batch of its own."""

from dataclasses import replace

from silkwire.archive import BatchDecision
from silkwire.errors import BatchError
from silkwire.model import LoadReport, Verdict
from silkwire.pipeline.batch import files
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.load import load_validated, report_batch
from silkwire.pipeline.batch.run_step import run_step
from silkwire.pipeline.batch.steps import match_batch, parse_batch, validate_batch
from silkwire.pipeline.history.batches import BatchContent, FoundBatch, read_content
from silkwire.pipeline.history.rulesets import ArchivedRules
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.replay.feeds import lease_stale_feeds
from silkwire.pipeline.replay.held import is_reviewed
from silkwire.pipeline.replay.plan import plan_replay
from silkwire.pipeline.replay.report import ReplayReport
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables import batches

_SQL = read_statements(__file__)

_LIMITS = ("hold_quarantined_share", "hold_min_entries")
"""Settings that decide the verdict; the archive holds those that were in force."""


def replay_batch(
    ctx: Context,
    rules: ArchivedRules,
    found: FoundBatch,
    selection: Selection,
    report: ReplayReport,
) -> None:
    """Load the batch's selected fetches that the warehouse lacks, and count them in `report`."""
    report.batches.found += 1
    state = find_state(ctx, found)
    if state is not None:
        report.count_batch(state)
        return
    content = read_content(ctx.settings.data_root, found)
    report.damages += content.damages
    report.fetches.lost += content.lost_count
    plan = plan_replay(ctx, found, content, selection)
    report.fetches.found += plan.selected_count
    report.fetches.known += plan.known_count
    report.fetches.superseded += plan.superseded_count
    report.fetches.replayed += plan.selected_count - plan.known_count - plan.superseded_count
    if plan.batch_id is None:
        report.count_batch("known" if plan.selected_count else "empty")
        return
    report.batches.replayed += 1
    report.batches.undecided += found.decision is None
    _run(_with_settings(ctx, rules, found, content), plan.batch_id, found, report)


def find_state(ctx: Context, found: FoundBatch) -> str | None:
    """Why the batch needs no replay: `known`, `running` or `abandoned`; else None."""
    if found.decision is not None and found.decision.verdict == "abandoned":
        return "abandoned"
    with ctx.engine.begin() as conn:
        original = batches.find_batch(conn, found.batch_id)
        is_replayed = conn.execute(_SQL["is_replayed"], {"original": found.batch_id}).scalar_one()
    if original is not None:
        return {"done": "known", "running": "running", "abandoned": "abandoned"}[original.state]
    return "known" if is_replayed else None


def _with_settings(
    ctx: Context, rules: ArchivedRules, found: FoundBatch, content: BatchContent
) -> Context:
    """The context with the archived rules and limits. Its limit of body bytes admits every archived
    body."""
    ruleset = found.decision.ruleset if found.decision else None
    then = content.configuration.get("settings", {})
    update = {name: then[name] for name in _LIMITS if name in then}
    update["config_dir"] = rules.find_config(ruleset or content.configuration.get("ruleset"))
    update["fetch_max_bytes"] = max(ctx.settings.fetch_max_bytes, then.get("fetch_max_bytes", 0))
    return replace(ctx, settings=ctx.settings.model_copy(update=update))


def _run(ctx: Context, batch_id: str, found: FoundBatch, report: ReplayReport) -> None:
    parse_batch(ctx, batch_id)
    match_batch(ctx, batch_id)
    validate_batch(ctx, batch_id)
    run_step(ctx, batch_id, "load", lambda: _load(ctx, batch_id, found))
    if found.decision is not None and is_reviewed(found.decision):
        return  # counted when the person's decision is replayed
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch_id)
        is_needed = batches.is_any_held(conn)
    report.add_batch(report_batch(batch))
    if not is_needed:
        ctx.folder(batch_id).remove()


def _load(ctx: Context, batch_id: str, found: FoundBatch) -> LoadReport:
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch_id)
        if count := batches.read_feeds_loaded_since(conn, batch):
            raise BatchError(
                f"{count} feeds of batch {found.batch_id} were loaded by another run meanwhile:"
                " run the replay again"
            )
        results = tuple(files.read_fetches(ctx.folder(batch_id), batch.plan.shards))
        lease_stale_feeds(conn, batch_id, results)
        judged_at = found.decision.judged_at if found.decision else results[-1].started_at
        verdict = _repeat_verdict(found.decision) if found.decision else None
        return load_validated(ctx, conn, batch_id, now=judged_at, known_verdict=verdict)


def _repeat_verdict(decision: BatchDecision) -> Verdict:
    """The first verdict of the batch: `held` if a person decided on it later, as originally.

    Documents are held as in the original run.
    """
    if decision.verdict == "published":
        return Verdict("published", held_documents=decision.held_documents)
    return Verdict("held", decision.verdict_reason)
