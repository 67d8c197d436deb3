"""The documents of a batch beside what their feeds carried before, and the history itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from silkwire.errors import ValidationError
from silkwire.model import DocumentReport, EntryCounts, Reason
from silkwire.validate import CountedDocument, Hold, Limits, validate_documents
from silkwire.validate.batch import BatchFacts
from silkwire.validate.documents import FeedFacts
from silkwire.validate.suites.batch import FEED_SUITE, build_batch_suite
from silkwire.validate.suites.checks import refuse_unknown_columns
from silkwire.warehouse.schema.partitions import create_partitions
from silkwire.warehouse.tables.history import FeedHistory, read_batch_history, read_feed_history

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
USUAL = FeedHistory(fetch_count=14, least=20, most=30)
LIMITS = Limits(quarantined_share=0.5, min_entries=50)
SUITES = (*build_batch_suite(LIMITS), *FEED_SUITE)


def document(feed_key: int, items: int, lost: int = 0) -> DocumentReport:
    return DocumentReport(
        feed_key=feed_key,
        fetched_at=NOON,
        archive_file=None,
        archive_offset=None,
        format="rss20",
        encoding="utf-8",
        encoding_evidence="bom",
        item_count=items,
        lost_count=lost,
        error_class=None,
        error=None,
        title=None,
        ttl_s=None,
        suggested_feed_url=None,
        is_urls_repeat=False,
        is_guids_repeat=False,
    )


def failures(documents: list[DocumentReport], history: dict[int, FeedHistory]) -> dict[str, int]:
    counted = [
        CountedDocument(one, EntryCounts(one.item_count), history.get(one.feed_key))
        for one in documents
    ]
    results = validate_documents(counted, LIMITS).results
    return {r.expectation: r.unexpected_count for r in results if not r.is_success}


def find_holds(
    accepted: int, past: FeedHistory | None, *, items: int = 1000, undated: int | None = None
) -> dict[int, Hold]:
    report = replace(document(1, items), undated_count=undated)
    counts = EntryCounts(fetched=items, accepted=accepted, unchanged=items - accepted)
    return validate_documents([CountedDocument(report, counts, past)], LIMITS).holds


def test_names_are_unique_and_every_expectation_says_its_rule_and_why() -> None:
    assert len({check.name for check in SUITES}) == len(SUITES) == 11
    for check in SUITES:
        assert check.rule[0].islower() or check.rule[0].isdigit()
        assert not check.rule.endswith(".")
        assert check.why.endswith(".")


def test_every_column_is_in_its_frame() -> None:
    refuse_unknown_columns(build_batch_suite(LIMITS), BatchFacts._fields)
    refuse_unknown_columns(FEED_SUITE, FeedFacts._fields)
    with pytest.raises(ValidationError, match="lost"):
        refuse_unknown_columns(FEED_SUITE, BatchFacts._fields)


def test_usual_document_fails_nothing() -> None:
    assert failures([document(1, 20), document(2, 30)], {1: USUAL, 2: USUAL}) == {}


def test_each_check_on_documents_fails_alone() -> None:
    assert failures([document(1, 20, lost=1), document(2, 20)], {}) == {"feed_lost_no_entry": 1}
    assert failures([document(1, 1), document(2, 2)], {1: USUAL, 2: USUAL}) == {
        "feed_carries_no_less_than_usual": 1
    }
    assert failures([document(1, 301), document(2, 300)], {1: USUAL, 2: USUAL}) == {
        "feed_carries_no_more_than_usual": 1
    }


def test_feed_with_a_short_history_is_not_compared() -> None:
    assert failures([document(1, 10_000)], {1: FeedHistory(13, 1, 1)}) == {}


def test_batch_without_documents_is_not_validated() -> None:
    assert validate_documents([], LIMITS).results == ()


def test_ten_times_the_fullest_document_of_a_feed_is_accepted_and_one_more_is_held() -> None:
    past = FeedHistory(14, 1000, 1000, most_accepted=5)
    assert find_holds(50, past) == {}
    assert find_holds(51, past) == {
        1: Hold(
            "51 entries would be accepted, more than 10 times the 5 of the feed's fullest recent"
            " document",
            (
                Reason(
                    "document_is_no_surge",
                    "accepted_count",
                    "51",
                    "at most 10 times as much is accepted as of the feed's fullest recent document",
                ),
            ),
        )
    }


def test_document_is_not_held_without_history_or_for_few_entries() -> None:
    assert find_holds(1000, None) == {}
    assert find_holds(1000, FeedHistory(13, 1000, 1000)) == {}
    assert find_holds(49, FeedHistory(14, 1000, 1000)) == {}


def test_document_that_lost_its_dates_is_held_if_it_brings_something() -> None:
    past = FeedHistory(14, 1000, 1000, 500, dated_count=14, most_undated=0.25)
    assert find_holds(9, past, undated=750) == {}
    assert find_holds(9, past, undated=751)[1].why == (
        "751 of 1000 entries have no date, a share 50% above the highest of the feed's recent"
        " documents"
    )
    assert find_holds(0, past, undated=1000) == {}
    assert find_holds(9, replace(past, dated_count=13), undated=1000) == {}
    assert find_holds(9, past, items=49, undated=49) == {}


def add_batch(engine: Engine, batch_id: str, at: datetime, verdict: str, accepted: int) -> None:
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO ops.batch (batch_id, trigger, started_at, lease_expires_at, state,"
                " verdict, fetched_count, accepted_count, inserted_count, step_reports)"
                " VALUES (:batch_id, 'cli', :at, :at, 'done', :verdict, :accepted, :accepted,"
                ' :accepted, \'{"validate": {"entries": 9, "undated": 2}}\')'
            ),
            {"batch_id": batch_id, "at": at, "verdict": verdict, "accepted": accepted},
        )


def test_history_is_of_published_batches_that_brought_something(warehouse: Engine) -> None:
    add_batch(warehouse, "day", NOON - timedelta(days=1, minutes=-10), "published", 3)
    add_batch(warehouse, "hour", NOON - timedelta(hours=1), "published", 5)
    add_batch(warehouse, "empty", NOON - timedelta(minutes=20), "published", 0)
    add_batch(warehouse, "held", NOON - timedelta(minutes=10), "held", 7)
    add_batch(warehouse, "itself", NOON, "published", 9)
    with warehouse.connect() as conn:
        history = read_batch_history(conn, before=NOON)
    assert [past.counts.accepted for past in history.recent] == [5, 3]
    assert [past.counts.accepted for past in history.same_hour] == [3]
    assert history.recent[0].counts == EntryCounts(fetched=5, accepted=5)
    assert (history.recent[0].undated_count, history.recent[0].entry_count) == (2, 9)


def test_history_of_a_feed_is_of_bodies_with_entries(warehouse: Engine) -> None:
    rows = [(1, "new", 20), (2, "new", 30), (3, "not_modified", 0), (4, "new", 0), (0, "new", 99)]
    with warehouse.begin() as conn:
        create_partitions(conn, [NOON])
        for hours, outcome, fetched in rows:
            conn.execute(
                text(
                    "INSERT INTO ops.fetch (batch_id, feed_key, started_at, fetch_url, outcome,"
                    " wire_bytes, body_bytes, fetch_ms, fetched_count)"
                    " VALUES (:hours, 1, :at, '', :outcome, 0, 0, 0, :fetched)"
                ),
                {
                    "hours": str(hours),
                    "at": NOON - timedelta(hours=hours),
                    "outcome": outcome,
                    "fetched": fetched,
                },
            )
        found = read_feed_history(conn, [1, 2], before=NOON)
    assert found == {1: FeedHistory(fetch_count=2, least=20, most=30)}
