"""`silkwire topics check` and `adopt`: check the configured rules, and put them in force."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.archive import describe_reading, describe_unread
from silkwire.cli.output.tables import escape_controls
from silkwire.cli.stopping import stoppable_run
from silkwire.config import read_settings

if TYPE_CHECKING:
    from silkwire.pipeline.rules.adopt import AdoptionReport

STOPPED = "stopped; `silkwire topics adopt` goes on from there"


def check() -> None:
    """Check the topic rules. A mistake is printed as one sentence with file and line.

    Exit code 2 if there is a mistake.

    Example: SILKWIRE_CONFIG_DIR=my-config silkwire topics check
    """
    from silkwire.topics import load_ruleset

    ruleset = load_ruleset(read_settings().config_dir)
    for rules in ruleset.topics:
        model = f"{len(rules.model.weights)} weights" if rules.model else "no model"
        counts = f"{len(rules.group_names)} groups, {len(rules.rules)} rules, {model}"
        typer.echo(f"{rules.topic}: {counts}")
    typer.echo(f"ruleset {ruleset.version[:12]}: no mistakes found")


def adopt(
    version: Annotated[
        str | None,
        typer.Argument(help="Fail if the configured rules are not this version."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            help="Read the archive only from this time on (UTC), for off-topic entries that "
            "ops.off_topic no longer keeps. Default: all of the archive.",
        ),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Apply the configured rules to everything already stored, not only to new entries.

    It matches every text in the warehouse again. Then it reads the off-topic
    entries that match now from the archive, validates and loads them. Decisions
    of earlier rulesets stay, under their version.

    Run `silkwire replay --ruleset` first: it reports what would change, and adopt
    then skips the part of the archive that it has read. An adopt that was stopped
    continues when it is run again.

    Examples:
      silkwire topics adopt
      silkwire topics adopt 3f2a91c04b7e
      silkwire topics adopt --since 2026-09-01
    """
    from silkwire.pipeline import open_context
    from silkwire.pipeline.rules.adopt import adopt_rules

    with stoppable_run(STOPPED) as progress, open_context(read_settings()) as ctx:
        begins = since and since.replace(tzinfo=UTC)
        report = adopt_rules(ctx, version, since=begins, progress=progress)
    if is_json:
        print_json(report)
        return
    for line in _describe_adoption(report):
        typer.echo(escape_controls(line))


def _describe_adoption(report: "AdoptionReport") -> Iterator[str]:
    version = report.ruleset[:12]
    if report.replaced == report.ruleset:
        yield f"Ruleset {version} was in force already."
    else:
        yield f"Ruleset {version} is in force; before: {(report.replaced or 'none')[:12]}."
    counts = [f"{count:,} {outcome}" for outcome, count in sorted(report.outcomes.items())]
    loaded = ", ".join(counts) or "none"
    yield f"{report.texts_judged:,} texts matched; off-topic entries loaded: {loaded}."
    if report.unread:
        yield (
            f"{report.unread:,} entries that match now stay off topic: the archive does not have "
            "them any more, or the parser reads them differently now."
        )
    yield from describe_unread(report.off_topic_unread)
    yield from describe_reading(report.archive)
