"""What the DAG `reprocess_archive` calls; light to import, like `silkwire.airflow.ingest_tasks`."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from silkwire.airflow.ingest_tasks import Report

MAX_DAMAGES = 20
"""Named in the report of a replay, which XCom keeps; all are counted."""
_log = logging.getLogger(__name__)


def split_archive(params: Mapping[str, Any]) -> list[Report]:
    """The parts in which to replay the archive: `{name, starts_at, ends_at}`, oldest first; one
    for a trial of rules.

    Raises ConfigError for `params` that no replay can be asked with.
    """
    from silkwire.config import read_settings
    from silkwire.pipeline.replay.run import split_archive as split
    from silkwire.pipeline.rules.find import find_rules

    _select(params)
    if params["ruleset"]:
        ruleset = find_rules(read_settings(), params["ruleset"])
        return [{"name": f"try {ruleset.version[:12]}", "starts_at": None, "ends_at": None}]
    parts = split(read_settings())
    return [
        {
            "name": part.name,
            "starts_at": _write_time(part.starts_at),
            "ends_at": _write_time(part.ends_at),
        }
        for part in parts
    ]


def replay_part(
    params: Mapping[str, Any], name: str, starts_at: str | None, ends_at: str | None
) -> Report:
    """Replay one part, and what is lacking before it, or try the rules asked for: the report that
    `silkwire replay` prints."""
    if params["ruleset"]:
        return _try_rules(params)
    from silkwire.config import read_settings
    from silkwire.pipeline.history.parts import Part
    from silkwire.pipeline.replay.run import replay
    from silkwire.pipeline.upkeep.task_log import LoggedProgress

    del name
    part = Part(_read_time(starts_at), _read_time(ends_at))
    progress = LoggedProgress(_log)
    done = replay(read_settings(), selection=_select(params), part=part, progress=progress)
    return _tell(_name_damages(asdict(done), done.damages))


def _try_rules(params: Mapping[str, Any]) -> Report:
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.rules.find import find_rules
    from silkwire.pipeline.rules.trial import try_rules
    from silkwire.pipeline.upkeep.task_log import LoggedProgress

    settings = read_settings()
    ruleset = find_rules(settings, params["ruleset"])
    with open_context(settings) as ctx:
        done = try_rules(ctx, ruleset, selection=_select(params), progress=LoggedProgress(_log))
    report = asdict(done)
    _name_damages(report["archive"], done.archive.damages)
    report["topics"] = {topic.pop("topic"): topic for topic in report["topics"]}
    return _tell(report)


def _name_damages(report: Report, damages: Sequence[Any]) -> Report:
    report["damages"] = [str(damage) for damage in damages[:MAX_DAMAGES]]
    report["damage_count"] = len(damages)
    return report


def _tell(report: Report) -> Report:
    from silkwire.pipeline.upkeep.task_log import describe_report

    for line in describe_report(report):
        _log.info("%s", line)
    return report


def _select(params: Mapping[str, Any]) -> Any:
    from silkwire.errors import ConfigError
    from silkwire.pipeline.history.selection import Selection

    since, until = _read_time(params["since"]), _read_time(params["until"])
    if since and until and until <= since:
        raise ConfigError(f"until ({until.isoformat()}) has to be later than since")
    return Selection(since, until, frozenset(params["feeds"] or ()))


def _read_time(text: str | None) -> datetime | None:
    """In UTC where the text names no zone."""
    from silkwire.errors import ConfigError

    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError as exc:
        raise ConfigError(f"'{text}' is no time, such as 2026-11-01T00:00:00Z") from exc
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def _write_time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
