"""The counts of a batch or a replay, as commands print them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from silkwire.model import BatchReport, EntryCounts
    from silkwire.pipeline.replay.report import ReplayReport

_NOT_LOADED = {"held": "would be ", "rejected": "would have been "}
"""By verdict, how to say what a batch has not done."""


def describe_counts(report: "BatchReport | ReplayReport") -> Iterator[str]:
    """A line on entries, and one on articles."""
    articles = report.articles
    would = _NOT_LOADED.get(getattr(report, "verdict", ""), "")
    yield f"  entries    {report.entries.fetched} = {describe_sum(report.entries, would)}"
    yield (
        f"  articles   {articles.inserted} {would}inserted, {articles.revised} {would}revised, "
        f"{articles.variant} {would and would + 'added as '}variants"
    )


def describe_sum(entries: "EntryCounts", would: str = "") -> str:
    return (
        f"{entries.accepted} {would}accepted + {entries.unchanged} unchanged"
        f" + {entries.off_topic} off topic + {entries.quarantined} {would}quarantined"
    )


def count_of(count: int, noun: str) -> str:
    """Such as `1 record` or `1,000 records`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
