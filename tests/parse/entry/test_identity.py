"""What identifies an entry (design: Identity)."""

from dataclasses import replace
from hashlib import sha256

import pytest

from silkwire.model import Identity, ParsedEntry
from silkwire.parse.entry.identity import (
    IdentifiedDocument,
    hash_entries,
    hash_text,
    identify_entries,
)


def entry(position: int, url: str | None, guid: str | None, title: str = "t") -> ParsedEntry:
    return ParsedEntry(position=position, url=url, canonical_url=url, guid=guid, title=title)


def identify(*entries: ParsedEntry, urls: bool = False, guids: bool = False) -> IdentifiedDocument:
    return identify_entries(7, entries, is_urls_repeat=urls, is_guids_repeat=guids)


def test_identity_is_the_canonical_url_whatever_the_guid_and_the_feed() -> None:
    a = identify(entry(0, "https://o.example/1", "g1")).entries[0]
    b = identify_entries(
        8, [entry(0, "https://o.example/1", "g2")], is_urls_repeat=False, is_guids_repeat=False
    ).entries[0]
    assert a.identity is Identity.URL
    assert a.identity_hash == b.identity_hash


def test_a_url_that_repeats_in_a_document_turns_the_flag_and_adds_the_guid() -> None:
    found = identify(entry(0, "https://o.example/", "g1"), entry(1, "https://o.example/", "g2"))
    assert found.is_urls_repeat
    assert not found.is_guids_repeat
    assert [e.identity for e in found.entries] == [Identity.URL_GUID, Identity.URL_GUID]
    assert len({e.identity_hash for e in found.entries}) == 2


def test_the_flag_stays_when_the_next_document_holds_only_one_of_the_two_entries() -> None:
    first = identify(entry(0, "https://o.example/", "g1"), entry(1, "https://o.example/", "g2"))
    second = identify(entry(0, "https://o.example/", "g2"), urls=True)
    assert second.is_urls_repeat
    assert second.entries[0].identity_hash == first.entries[1].identity_hash


def test_url_and_guid_that_repeat_too_add_the_text() -> None:
    found = identify(
        entry(0, "https://o.example/", "g", "one"), entry(1, "https://o.example/", "g", "two")
    )
    assert found.is_guids_repeat
    assert [e.identity for e in found.entries] == [Identity.URL_GUID_TEXT] * 2


def test_copies_within_a_document_are_merged_and_counted() -> None:
    found = identify(*(entry(n, "https://o.example/1", "g") for n in range(3)))
    assert [(e.entry.position, e.copy_count) for e in found.entries] == [(0, 2)]
    assert not found.is_urls_repeat


def test_without_url_the_guid_identifies_within_its_feed_only() -> None:
    here = identify(entry(0, None, "g")).entries[0]
    there = identify_entries(
        8, [entry(0, None, "g")], is_urls_repeat=False, is_guids_repeat=False
    ).entries[0]
    assert here.identity is Identity.GUID
    assert here.identity_hash != there.identity_hash


def test_one_guid_on_every_entry_without_url_is_told_apart_by_the_text() -> None:
    found = identify(entry(0, None, "g", "one"), entry(1, None, "g", "two"))
    assert found.is_guids_repeat
    assert len({e.identity_hash for e in found.entries}) == 2


def test_an_entry_without_url_and_guid_has_no_identity() -> None:
    assert identify(entry(0, None, None)).entries[0].identity is Identity.NONE


def test_coarser_identities_are_kept_so_that_articles_known_by_url_stay_themselves() -> None:
    by_url = identify(entry(0, "https://o.example/", "g")).entries[0]
    flagged = identify(entry(0, "https://o.example/", "g"), urls=True, guids=True).entries[0]
    assert flagged.coarser_hashes[-1] == by_url.identity_hash
    assert len(flagged.coarser_hashes) == 2


URL = "https://o.example/1"
TEXT = sha256(b"1:t-1:-1:").hexdigest()
"""Of a title alone: each part with its length before it, and -1 for one that is missing."""


@pytest.mark.parametrize(
    ("url", "guid", "is_repeat", "hashed"),
    [
        (URL, "g", (False, False), [f"3:url19:{URL}"]),
        (URL, "g", (False, True), [f"3:url19:{URL}"]),
        (URL, "g", (True, False), [f"8:url_guid19:{URL}1:g", f"3:url19:{URL}"]),
        (URL, None, (True, False), [f"8:url_guid19:{URL}-1:", f"3:url19:{URL}"]),
        (
            URL,
            "g",
            (True, True),
            [
                f"13:url_guid_text19:{URL}1:g64:{TEXT}",
                f"8:url_guid19:{URL}1:g",
                f"3:url19:{URL}",
            ],
        ),
        (None, "g", (True, False), ["4:guid1:71:g"]),
        (None, "g", (False, True), [f"9:guid_text1:71:g64:{TEXT}", "4:guid1:71:g"]),
        (None, None, (True, True), [f"4:none1:764:{TEXT}"]),
    ],
)
def test_hashes_of_identities_stay_what_warehouses_have_stored(
    url: str | None, guid: str | None, is_repeat: tuple[bool, bool], hashed: list[str]
) -> None:
    urls, guids = is_repeat
    (found,) = identify(entry(0, url, guid), urls=urls, guids=guids).entries
    expected = [sha256(parts.encode()).hexdigest() for parts in hashed]
    assert [found.identity_hash, *found.coarser_hashes] == expected
    assert found.text_hash == TEXT


def test_title_summary_and_body_are_the_text_and_none_stands_for_another() -> None:
    titled = ParsedEntry(position=0, title="t", summary="s", body="b")
    assert hash_text(titled) == sha256(b"1:t1:s1:b").hexdigest()
    assert hash_text(replace(titled, summary=None)) != hash_text(replace(titled, summary=""))


@pytest.mark.parametrize("urls", [False, True])
def test_entries_without_url_and_guid_say_nothing_of_their_feeds_guids(urls: bool) -> None:
    found = identify(entry(0, None, None, "one"), entry(1, None, None, "two"), urls=urls)
    assert len({e.identity_hash for e in found.entries}) == 2
    assert (found.is_urls_repeat, found.is_guids_repeat) == (urls, False)


def test_a_guid_under_two_urls_and_with_another_text_is_no_repeat() -> None:
    found = identify(
        entry(0, "https://o.example/1", "g", "one"), entry(1, "https://o.example/2", "g", "two")
    )
    assert (found.is_urls_repeat, found.is_guids_repeat) == (False, False)


def test_entries_are_the_same_in_any_order_with_other_dates_and_copies() -> None:
    a, b = entry(0, "https://o.example/1", "g1"), entry(1, "https://o.example/2", "g2")
    before = hash_entries(identify(a, b).entries)
    dated = replace(a, published_raw="today", position=1)
    assert hash_entries(identify(b, dated, dated).entries) == before
    assert hash_entries(identify(a).entries) != before
    assert hash_entries(identify(a, replace(b, title="edited")).entries) != before
