"""The tasks of `reprocess_archive`: split the archive's history, replay a part, try a ruleset."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from silkwire.airflow.calls import Report, log, log_report, open_pipeline

if TYPE_CHECKING:
    from silkwire.pipeline.history.selection import Selection

MAX_DAMAGES = 20
"""The maximum of damaged files in a report, which XCom stores; `damage_count` counts all."""


def split_archive(params: Mapping[str, Any]) -> list[Report]:
    """The parts in which to replay the archive, oldest first: `{name, starts_at, ends_at}`.

    A trial is one part. Raises ConfigError if `params` is no valid request.
    """
    from silkwire.config import read_settings
    from silkwire.pipeline.replay.run import split_archive as split
    from silkwire.pipeline.rules.find import find_rules

    _select(params)
    if params["ruleset"]:
        ruleset = find_rules(read_settings(), params["ruleset"])
        return [{"name": f"try {ruleset.version[:12]}", "starts_at": None, "ends_at": None}]
    return [
        {
            "name": part.name,
            "starts_at": part.starts_at and part.starts_at.isoformat(),
            "ends_at": part.ends_at and part.ends_at.isoformat(),
        }
        for part in split(read_settings())
    ]


def replay_part(
    params: Mapping[str, Any], name: str, starts_at: str | None, ends_at: str | None
) -> Report:
    """Replay what earlier parts have left out, then this part, as `silkwire replay` does.

    With a ruleset in `params`, run the trial, as `silkwire replay --ruleset` does.
    """
    del name
    if params["ruleset"]:
        return _try_rules(params)
    from silkwire.config import read_settings
    from silkwire.pipeline.history.parts import Part
    from silkwire.pipeline.replay.run import replay
    from silkwire.pipeline.upkeep.task_log import LoggedProgress

    part = Part(_read_time(starts_at), _read_time(ends_at))
    selection, progress = _select(params), LoggedProgress(log)
    done = replay(read_settings(), selection=selection, part=part, progress=progress)
    return log_report(_name_damages(asdict(done), done.damages))


def _try_rules(params: Mapping[str, Any]) -> Report:
    from silkwire.pipeline.rules.find import find_rules
    from silkwire.pipeline.rules.trial import try_rules
    from silkwire.pipeline.upkeep.task_log import LoggedProgress

    with open_pipeline() as ctx:
        ruleset = find_rules(ctx.settings, params["ruleset"])
        done = try_rules(ctx, ruleset, selection=_select(params), progress=LoggedProgress(log))
    report = asdict(done)
    _name_damages(report["archive"], done.archive.damages)
    report["topics"] = {topic.pop("topic"): topic for topic in report["topics"]}
    return log_report(report)


def _name_damages(report: Report, damages: Sequence[Any]) -> Report:
    report["damages"] = [str(damage) for damage in damages[:MAX_DAMAGES]]
    report["damage_count"] = len(damages)
    return report


def _select(params: Mapping[str, Any]) -> "Selection":
    from silkwire.errors import ConfigError
    from silkwire.pipeline.history.selection import Selection

    since, until = _read_time(params["since"]), _read_time(params["until"])
    if since and until and until <= since:
        raise ConfigError(f"`until` ({until.isoformat()}) must be later than `since`")
    return Selection(since, until, frozenset(params["feeds"] or ()))


def _read_time(text: str | None) -> datetime | None:
    """A time without a zone is in UTC."""
    from silkwire.errors import ConfigError

    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as exc:
        raise ConfigError(f"'{text}' is not a time such as 2026-11-01T00:00:00Z") from exc
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at
