"""The counts of a batch or a replay, as commands print them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from silkwire.model import BatchReport, EntryCounts
    from silkwire.pipeline.replay.report import ReplayReport


def describe_counts(report: "BatchReport | ReplayReport") -> Iterator[str]:
    """A line on entries, and one on articles."""
    articles = report.articles
    yield f"  entries    {report.entries.fetched} = {describe_sum(report.entries)}"
    yield (
        f"  articles   {articles.inserted} inserted, {articles.revised} revised, "
        f"{articles.variant} variants"
    )


def describe_sum(entries: "EntryCounts") -> str:
    return (
        f"{entries.accepted} accepted + {entries.unchanged} unchanged"
        f" + {entries.off_topic} off topic + {entries.quarantined} quarantined"
    )
