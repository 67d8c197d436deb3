"""A good record, and every kind of bad one with exactly the expectations that it must fail."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from silkwire.model import (
    Enclosure,
    EntryBatchRow,
    Evidence,
    Factor,
    IdentifiedEntry,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
)

FETCHED_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TITLE = "Ministry tells AI scientists to stay at home"
SUMMARY = "Travel to the conference is discouraged; an AI lab confirmed it."
EVIDENCE = Evidence("title", 15, 17, "AI", "ai:term:AI")
ON_AI = TopicDecision("ai", True, 0.93, evidence=(EVIDENCE,))
OFF_TRAVEL = TopicDecision("china_travel", False, 0.12)

Row = tuple[EntryBatchRow, MatchedEntry]
Change = Callable[[Row], Row]


def make_row(number: int) -> Row:
    """A record that nothing is wrong with; its key, guid and urls differ by `number`."""
    url = f"https://news.example/2026/11/{number}"
    entry = ParsedEntry(
        position=number,
        guid=f"tag:news.example,2026:{number}",
        url=f"{url}?utm_source=rss",
        canonical_url=url,
        title=TITLE,
        summary=SUMMARY,
        body="<p> is not markup here. 人工智能专家被要求留在国内。",
        authors=("Lin Mei",),
        categories=("policy", "科技"),
        published_at=FETCHED_AT - timedelta(hours=2),
        published_raw="Mon, 23 Nov 2026 07:30:00 GMT",
        published_source="pubDate",
        published_precision="second",
        language="en",
        language_confidence=0.97,
        enclosures=(Enclosure("https://news.example/a.mp3", "audio/mpeg", 12_345),),
    )
    item = IdentifiedEntry(entry, Identity.URL, f"{number:064x}", (), "ab" * 32)
    row = EntryBatchRow(number, 7, FETCHED_AT, item)
    return row, MatchedEntry(number, (ON_AI, OFF_TRAVEL))


def entry(**changes: Any) -> Change:
    """The record with these fields of its entry changed."""

    def change(pair: Row) -> Row:
        row, matched = pair
        item = row.identified
        changed = replace(item, entry=replace(item.entry, **changes))
        return replace(row, identified=changed), matched

    return change


def item(**changes: Any) -> Change:
    """The record with these fields of its identified entry changed."""
    return lambda pair: (
        replace(pair[0], identified=replace(pair[0].identified, **changes)),
        pair[1],
    )


def topics(*decisions: TopicDecision) -> Change:
    return lambda pair: (pair[0], replace(pair[1], decisions=decisions))


def evidence(**changes: Any) -> Change:
    return topics(replace(ON_AI, evidence=(replace(EVIDENCE, **changes),)), OFF_TRAVEL)


def both(*changes: Change) -> Change:
    def change(pair: Row) -> Row:
        for each in changes:
            pair = each(pair)
        return pair

    return change


NO_TITLE_EVIDENCE = topics(replace(ON_AI, evidence=(), factors=(Factor("dedicated_feed", 1.0),)))
AHEAD = FETCHED_AT + timedelta(days=366, seconds=1)

BAD_RECORDS: dict[str, tuple[Change, set[str]]] = {
    "no identity": (
        both(item(identity=Identity.NONE), entry(url=None, canonical_url=None, guid=None)),
        {"has_identity"},
    ),
    "identified by a url it lacks": (entry(canonical_url=None), {"identity_has_its_source"}),
    "identified by a guid it lacks": (
        both(item(identity=Identity.GUID), entry(guid=None)),
        {"identity_has_its_source"},
    ),
    "identity hash is empty": (item(identity_hash=""), {"identity_hash_is_sha256"}),
    "identity hash is upper case": (item(identity_hash="AB" * 32), {"identity_hash_is_sha256"}),
    "text hash is cut": (item(text_hash="ab" * 31), {"text_hash_is_sha256"}),
    "position is negative": (entry(position=-1), {"position_is_a_count"}),
    "position overflows": (entry(position=2**80), {"position_is_a_count"}),
    "copy count overflows": (item(copy_count=2**31), {"copy_count_is_a_count"}),
    "no title": (both(entry(title=None), NO_TITLE_EVIDENCE), {"has_title"}),
    "empty title": (both(entry(title=""), NO_TITLE_EVIDENCE), {"has_title"}),
    "blank title": (both(entry(title=" \t "), NO_TITLE_EVIDENCE), {"has_title"}),
    "title of zero-width characters": (
        both(entry(title="\u200b\u200d\ufeff"), NO_TITLE_EVIDENCE),
        {"has_title"},
    ),
    "title of punctuation": (
        both(entry(title="… – !!!"), NO_TITLE_EVIDENCE),
        {"title_says_something"},
    ),
    "title of a million characters": (
        entry(title=TITLE + " AI" * 333_333),
        {"title_length_is_sane"},
    ),
    "title with a bell": (entry(title=TITLE + "\a"), {"title_has_no_control_characters"}),
    "title with NUL": (entry(title=TITLE + "\0"), {"title_has_no_control_characters"}),
    "title with half an emoji": (
        entry(title=TITLE + "\ud83d"),
        {"title_has_no_control_characters"},
    ),
    "title with a noncharacter": (
        entry(title=TITLE + "\U0001fffe"),
        {"title_has_no_control_characters"},
    ),
    "title with a replaced character": (
        entry(title=TITLE + "\ufffd", problems=("title: holds 1 forbidden character",)),
        {"title_is_undamaged"},
    ),
    "summary of three million characters": (
        entry(summary="x" * 3_000_000),
        {"summary_length_is_sane"},
    ),
    "summary with a C1 control": (entry(summary="a\x85b"), {"texts_have_no_control_characters"}),
    "summary half replaced": (
        entry(summary="ab\ufffd\ufffd" * 9, problems=("summary: holds 18 forbidden characters",)),
        {"summary_is_readable"},
    ),
    "body of three million characters": (entry(body="x" * 3_000_000), {"body_length_is_sane"}),
    "body with an escape": (entry(body="\x1b[31mred"), {"texts_have_no_control_characters"}),
    "body half replaced": (
        entry(body="ab\ufffd\ufffd" * 9, problems=("body: holds 18 forbidden characters",)),
        {"body_is_readable"},
    ),
    "author with NUL": (entry(authors=("Lin\0",)), {"texts_have_no_control_characters"}),
    "category with DEL": (entry(categories=("a\x7f",)), {"texts_have_no_control_characters"}),
    "10,001 categories": (
        entry(authors=(), categories=tuple(map(str, range(10_001)))),
        {"name_count_is_sane"},
    ),
    "language by name": (entry(language="English"), {"language_is_a_tag"}),
    "language with a region": (entry(language="zh-CN"), {"language_is_a_tag"}),
    "language confidence above 1": (
        entry(language_confidence=97.0),
        {"language_confidence_is_a_share"},
    ),
    "language confidence not a number": (
        entry(language_confidence=math.nan),
        {"language_confidence_is_a_share"},
    ),
    "url is a script": (entry(url="javascript:alert(1)"), {"url_is_a_web_address"}),
    "url is relative": (entry(url="/2026/11/23"), {"url_is_a_web_address"}),
    "url without host": (entry(url="https:///2026"), {"url_is_a_web_address"}),
    "url with an impossible port": (
        entry(url="https://news.example:99999/"),
        {"url_is_a_web_address"},
    ),
    "url on ftp": (entry(url="ftp://news.example/a"), {"url_is_a_web_address"}),
    "url dressed up as another site": (
        entry(url="https://bank.example@evil.example/"),
        {"url_has_no_login"},
    ),
    "url of 9,000 characters": (
        entry(url="https://news.example/" + "a" * 9_000),
        {"url_length_is_sane"},
    ),
    "empty url": (entry(url=""), {"url_is_a_web_address", "url_length_is_sane"}),
    "canonical url is data": (
        entry(canonical_url="data:text/html,hello"),
        {"canonical_url_is_a_web_address"},
    ),
    "canonical url of 9,000 characters": (
        entry(canonical_url="https://news.example/" + "a" * 9_000),
        {"canonical_url_length_is_sane"},
    ),
    "guid of 9,000 characters": (entry(guid="g" * 9_000), {"guid_length_is_sane"}),
    "empty guid": (entry(guid=""), {"guid_length_is_sane"}),
    "guid with NUL": (entry(guid="a\0b"), {"addresses_have_no_control_characters"}),
    "url with a replaced character": (
        entry(
            url="https://news.example/\ufffd",
            problems=("url: holds 1 forbidden character",),
        ),
        {"addresses_are_undamaged"},
    ),
    "enclosure length overflows": (
        entry(enclosures=(Enclosure("https://news.example/a.mp3", None, 2**63),)),
        {"enclosure_length_is_storable"},
    ),
    "enclosure length is negative": (
        entry(enclosures=(Enclosure("https://news.example/a.mp3", None, -1),)),
        {"enclosure_length_is_storable"},
    ),
    "published in year 1": (
        entry(published_at=datetime(1, 1, 1, tzinfo=UTC)),
        {"published_is_not_before_1990"},
    ),
    "published at the epoch": (
        entry(published_at=datetime(1970, 1, 1, tzinfo=UTC)),
        {"published_is_not_before_1990"},
    ),
    "published in 1736": (
        entry(published_at=datetime(1736, 5, 1, tzinfo=UTC)),
        {"published_is_not_before_1990"},
    ),
    "published in year 9999": (
        entry(published_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        {"published_is_not_far_ahead"},
    ),
    "published over a year ahead": (entry(published_at=AHEAD), {"published_is_not_far_ahead"}),
    "date of unknown precision": (
        entry(published_precision=None),
        {"published_precision_is_known"},
    ),
    "date of odd precision": (entry(published_precision="year"), {"published_precision_is_known"}),
    "date made up": (entry(published_raw=None), {"published_has_its_raw_text"}),
    "no topic decided": (topics(), {"has_topic_decisions"}),
    "one topic decided twice": (topics(ON_AI, replace(ON_AI, score=0.2)), {"topics_are_distinct"}),
    "score above 1": (topics(replace(ON_AI, score=1.5)), {"score_is_a_share"}),
    "score below 0": (topics(ON_AI, replace(OFF_TRAVEL, score=-0.1)), {"score_is_a_share"}),
    "score is not a number": (
        topics(ON_AI, replace(OFF_TRAVEL, score=math.nan)),
        {"score_is_a_share"},
    ),
    "match without a reason": (topics(replace(ON_AI, evidence=())), {"matches_are_explained"}),
    "evidence without a rule": (evidence(rule=" "), {"evidence_names_its_rule"}),
    "evidence of infinite weight": (evidence(weight=math.inf), {"weights_are_numbers"}),
    "factor is not a number": (
        topics(replace(ON_AI, factors=(Factor("model", math.nan),))),
        {"weights_are_numbers"},
    ),
    "evidence beyond the text": (evidence(start=900, end=902), {"evidence_lies_within_the_text"}),
    "evidence before the text": (evidence(start=-2, end=2), {"evidence_lies_within_the_text"}),
    "evidence of no length": (evidence(end=15), {"evidence_lies_within_the_text"}),
    "evidence in another field": (evidence(field="authors"), {"evidence_lies_within_the_text"}),
    "evidence in a missing text": (
        both(entry(body=None), evidence(field="body")),
        {"evidence_lies_within_the_text"},
    ),
    "evidence misquoted": (evidence(text="IA"), {"evidence_quotes_the_text"}),
    "evidence one character off": (evidence(start=14, end=16), {"evidence_quotes_the_text"}),
    "six things wrong at once": (
        both(
            item(text_hash="?"),
            entry(
                title="?!",
                url="mailto:desk@news.example",
                language="EN",
                published_at=datetime(1970, 1, 1, tzinfo=UTC),
            ),
            topics(replace(ON_AI, score=7.0, evidence=(), factors=(Factor("model", 1.0),))),
        ),
        {
            "text_hash_is_sha256",
            "title_says_something",
            "url_is_a_web_address",
            "language_is_a_tag",
            "published_is_not_before_1990",
            "score_is_a_share",
        },
    ),
}

GOOD_RECORDS: dict[str, Change] = {
    "as it is": both(),
    "nothing but a guid and a title": both(
        item(identity=Identity.GUID),
        entry(
            url=None,
            canonical_url=None,
            summary=None,
            body=None,
            authors=(),
            categories=(),
            published_at=None,
            published_raw=None,
            published_source=None,
            published_precision=None,
            language=None,
            language_confidence=None,
            enclosures=(),
        ),
    ),
    "a date nobody can read": entry(
        published_at=None, published_precision=None, published_raw="last Tuesday"
    ),
    "published next month": entry(published_at=FETCHED_AT + timedelta(days=31)),
    "published as 1990 begins": entry(published_at=datetime(1990, 1, 1, tzinfo=UTC)),
    "published exactly a year ahead": entry(published_at=FETCHED_AT + timedelta(days=366)),
    "a guid that is the title": entry(guid=TITLE),
    "a headline in Chinese": both(
        entry(title="赴华旅行须知：人工智能展会", language="zh"),
        topics(
            TopicDecision("ai", True, 1.0, evidence=(Evidence("title", 7, 11, "人工智能", "r"),)),
            TopicDecision("china_travel", True, 0.0, factors=(Factor("dedicated_feed", 1.0),)),
        ),
    ),
    "a headline of one emoji": both(entry(title="🚄"), NO_TITLE_EVIDENCE),
    "zero-width and bidi characters": entry(title=TITLE + " \u200f\u200d\u2067👩\u200d🔬"),
    "the publisher's own replacement character": entry(title=TITLE + "\ufffd"),
    "a control character that the parser dropped": entry(
        problems=("title: holds 1 forbidden character",)
    ),
    "a summary that ends in half an emoji": entry(
        summary="Short \ufffd", problems=("summary: holds 1 forbidden character",)
    ),
    "a text that the parser cut": entry(problems=("body: cut to 1,000,000 characters",)),
    "a url with a space, a port and an at sign": entry(
        url="HTTP://news.example:8080/@desk/a b?q=人工"
    ),
    "a host in Chinese": entry(url="https://新闻.例子/一"),
    "an address in numbers": entry(url="http://[2001:db8::1]/a"),
    "off every topic": topics(replace(OFF_TRAVEL, topic="ai", score=0.0), OFF_TRAVEL),
    "the largest enclosure": entry(enclosures=(Enclosure("https://a.example/", None, 2**62),)),
}
