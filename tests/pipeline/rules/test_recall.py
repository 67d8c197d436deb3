"""Which entries of the archive the warehouse has already: the same rule as in a load."""

from dataclasses import fields

import pytest
from sqlalchemy import Engine

from helpers.loading import NOON, Newsroom, entry
from silkwire.model import Identity
from silkwire.parse.entry.identity import identify_entries
from silkwire.pipeline.rules.recall import find_known
from silkwire.warehouse.tables.off_topic.entries import ShownEntry
from silkwire.warehouse.tables.sources import EntrySource


@pytest.mark.parametrize(("title", "known"), [("AI one", {0}), ("Sport", set())])
def test_a_coarser_identity_is_kept_only_by_the_text_that_was_seen_with_it(
    warehouse: Engine, title: str, known: set[int]
) -> None:
    newsroom = Newsroom(warehouse)
    feed_key = newsroom.add_feed("a")
    newsroom.load((feed_key, [entry("AI one", guid="g")]))
    (identified,) = identify_entries(
        feed_key, [entry(title, guid="g")], is_urls_repeat=True, is_guids_repeat=True
    ).entries
    assert identified.identity is Identity.URL_GUID_TEXT
    values = dict.fromkeys(field.name for field in fields(EntrySource))
    source = EntrySource(**{**values, "feed_key": feed_key, "fetched_at": NOON})
    with warehouse.begin() as conn:
        assert find_known(conn, [ShownEntry(source, identified)]) == known
