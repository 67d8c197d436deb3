"""Published or held."""

from dataclasses import astuple, replace
from datetime import UTC, datetime

import pytest

from silkwire.errors import ValidationError
from silkwire.model import DocumentReport, EntryCounts
from silkwire.validate import CountedDocument, Limits, decide_verdict
from silkwire.validate.batch import MIN_HISTORY
from silkwire.validate.suites.batch import build_batch_suite
from silkwire.validate.verdict import BatchVerdict, Verdict
from silkwire.warehouse.tables.history import BatchHistory, FeedHistory, PastBatch

USUAL = EntryCounts(fetched=1000, accepted=20, unchanged=900, off_topic=79, quarantined=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KNOWN = FeedHistory(fetch_count=1, least=20, most=30)
LIMITS = Limits(quarantined_share=0.5, min_entries=50)


def past(*counts: EntryCounts, undated: int | None = None) -> tuple[PastBatch, ...]:
    return tuple(PastBatch(c, undated, None if undated is None else 1000) for c in counts)


def document(
    counts: EntryCounts, undated: int | None = None, past: FeedHistory | None = KNOWN
) -> CountedDocument:
    report = DocumentReport(1, NOON, item_count=counts.fetched, undated_count=undated)
    return CountedDocument(report, counts, past)


def decide_with(
    counts: EntryCounts, history: BatchHistory | None = None, undated: int | None = None
) -> BatchVerdict:
    """The verdict on a batch of one document."""
    return decide_verdict(counts, [document(counts, undated)], LIMITS, history or BatchHistory())


def decide(counts: EntryCounts, recent: tuple[EntryCounts, ...] = ()) -> Verdict:
    return decide_with(counts, BatchHistory(past(*recent))).verdict


def decide_documents(
    *documents: CountedDocument, history: BatchHistory | None = None
) -> tuple[str, str | None]:
    each = [astuple(one.counts) for one in documents]
    total = EntryCounts(*(sum(values) for values in zip(*each, strict=True)))
    return decide_verdict(total, documents, LIMITS, history or BatchHistory()).verdict


def failures(found: BatchVerdict) -> list[str]:
    return [result.expectation for result in found.results if not result.is_success]


def accept(count: int) -> EntryCounts:
    return EntryCounts(fetched=count, accepted=count)


def test_usual_batch_is_published() -> None:
    assert decide(USUAL, (USUAL,) * MIN_HISTORY) == ("published", None)


def test_empty_batch_is_published_without_validation() -> None:
    assert decide_with(EntryCounts()) == BatchVerdict(("published", None), ())


def test_half_quarantined_is_published_and_one_more_is_held() -> None:
    assert decide(EntryCounts(fetched=100, accepted=50, quarantined=50)) == ("published", None)
    assert decide(EntryCounts(fetched=100, accepted=49, quarantined=51)) == (
        "held",
        "51 of 100 entries are quarantined; counted by feed these are 51%, more than the 50% of"
        " SILKWIRE_HOLD_QUARANTINED_SHARE",
    )


def test_few_entries_are_never_held() -> None:
    assert decide(EntryCounts(fetched=49, quarantined=49)) == ("published", None)
    assert decide(EntryCounts(fetched=50, quarantined=50))[0] == "held"


def test_old_quarantined_entries_do_not_hold_a_batch_with_little_new() -> None:
    counts = EntryCounts(fetched=1000, accepted=3, unchanged=897, quarantined=100)
    assert decide(counts) == ("published", None)


def test_surge_is_held_with_both_numbers() -> None:
    assert decide(accept(201), (USUAL,) * 13 + (accept(5),)) == (
        "held",
        "201 entries would be accepted; the 201 that are compared are more than 10 times the 20 of"
        " the fullest of the last 14 batches and of those of this hour",
    )


def test_ten_times_the_fullest_batch_is_published() -> None:
    assert decide(accept(200), (USUAL,) * 14) == ("published", None)


def test_history_waits_for_fourteen_batches() -> None:
    assert decide(accept(10_000), (USUAL,) * 13) == ("published", None)


def test_quiet_history_still_lets_a_small_batch_through() -> None:
    assert decide(accept(49), (EntryCounts(),) * 14) == ("published", None)
    assert decide(accept(50), (EntryCounts(),) * 14)[0] == "held"


def test_morning_wave_after_a_quiet_night_is_no_surge() -> None:
    night = past(*[accept(1)] * 30)
    assert decide_with(accept(100), BatchHistory(night)).verdict[0] == "held"
    history = BatchHistory(night, past(accept(90)))
    assert decide_with(accept(100), history).verdict == ("published", None)


def test_drop_in_its_hour_is_reported_and_not_held() -> None:
    usual_hour = BatchHistory(same_hour=past(*[USUAL] * 14))
    assert failures(decide_with(accept(99), usual_hour)) == ["fetched_fits_its_hour"]
    assert decide_with(accept(99), usual_hour).verdict == ("published", None)
    assert failures(decide_with(accept(100), usual_hour)) == []
    assert failures(decide_with(accept(99), BatchHistory(same_hour=past(*[USUAL] * 13)))) == []


def test_dates_that_are_gone_are_held() -> None:
    history = BatchHistory(past(*[USUAL] * 14, undated=100))
    assert decide_with(USUAL, history, undated=600).verdict == ("published", None)
    assert decide_with(USUAL, history, undated=601).verdict == (
        "held",
        "601 entries have no date; their share of what is compared is 50% above the highest of the"
        " last 14 batches",
    )


def test_share_of_missing_dates_waits_for_batches_that_counted_them() -> None:
    history = BatchHistory((*past(*[USUAL] * 13, undated=100), *past(USUAL)))
    assert decide_with(USUAL, history, undated=1000).verdict == ("published", None)


@pytest.mark.parametrize("good", [1, 4])
@pytest.mark.parametrize("entries", [3, 60])
def test_one_feed_of_which_everything_fails_holds_no_batch_that_has_others(
    good: int, entries: int
) -> None:
    bad = document(EntryCounts(fetched=1046, quarantined=1046))
    others = [document(EntryCounts(fetched=entries, accepted=entries - 1, quarantined=1))] * good
    assert decide_documents(bad, *others) == ("published", None)


def test_two_large_feeds_of_which_everything_fails_count_like_any_other_two() -> None:
    bad = document(EntryCounts(fetched=1046, quarantined=1046))
    good = document(accept(30))
    assert decide_documents(bad, bad, *[good] * 20) == ("published", None)


def test_two_feeds_of_which_everything_fails_are_held_and_so_are_all() -> None:
    bad = document(EntryCounts(fetched=60, quarantined=60))
    assert decide_documents(bad, bad)[0] == "held"
    assert decide_documents(*[bad] * 30) == (
        "held",
        "1800 of 1800 entries are quarantined; counted by feed these are 100%, more than the 50% of"
        " SILKWIRE_HOLD_QUARANTINED_SHARE",
    )


def test_feeds_with_few_entries_count_for_few() -> None:
    tiny = document(EntryCounts(fetched=1, quarantined=1))
    assert decide_documents(tiny, tiny, tiny, document(accept(60))) == ("published", None)


def test_surge_of_one_feed_holds_no_batch_that_has_others() -> None:
    history = BatchHistory(past(*[USUAL] * 14))
    flood, calm = document(accept(5000)), document(accept(5))
    assert decide_documents(flood, history=history)[0] == "held"
    assert decide_documents(flood, calm, history=history) == ("published", None)
    assert decide_documents(flood, document(EntryCounts()), history=history)[0] == "held"


def test_surge_of_many_feeds_is_held() -> None:
    history = BatchHistory(past(*[USUAL] * 14))
    assert decide_documents(*[document(accept(60))] * 5, history=history) == (
        "held",
        "300 entries would be accepted; the 240 that are compared are more than 10 times the 20 of"
        " the fullest of the last 14 batches and of those of this hour",
    )


def test_backlogs_of_new_feeds_are_no_surge() -> None:
    history = BatchHistory(past(*[USUAL] * 14))
    backlogs = [document(accept(1000), past=None)] * 5
    assert decide_documents(*backlogs, history=history) == ("published", None)


def test_feeds_without_dates_hold_no_batch_if_they_are_new_or_one() -> None:
    history = BatchHistory(past(*[USUAL] * 14, undated=100))
    dated, undated = document(accept(100), 0), document(accept(1000), 1000)
    new = document(accept(1000), 1000, past=None)
    assert decide_documents(undated, dated, history=history) == ("published", None)
    assert decide_documents(new, new, dated, dated, history=history) == ("published", None)
    assert decide_documents(undated, undated, dated, history=history)[0] == "held"


def test_results_count_entries_where_the_expectation_is_about_entries() -> None:
    results = {r.expectation: r for r in decide_with(USUAL, undated=30).results}
    assert {r.suite for r in results.values()} == {"batch"}
    quarantined = results["quarantined_share_is_bearable"]
    assert (quarantined.element_count, quarantined.unexpected_count) == (1000, 1)
    undated = results["undated_share_is_usual"]
    assert (undated.element_count, undated.unexpected_count) == (1000, 30)


def test_whatever_holds_is_an_expectation_of_the_suite() -> None:
    names = {result.expectation for result in decide_with(USUAL).results}
    holding = {check.name for check in build_batch_suite(LIMITS) if check.holds}
    assert holding < names
    assert holding == {
        "quarantined_share_is_bearable",
        "accepted_is_no_surge",
        "undated_share_is_usual",
    }


@pytest.mark.parametrize(
    "counts",
    [
        EntryCounts(fetched=10, accepted=9),
        EntryCounts(fetched=10, accepted=11),
        EntryCounts(fetched=0, accepted=1, unchanged=-1),
        replace(USUAL, fetched=0),
    ],
)
def test_counts_that_do_not_add_up_are_our_failure(counts: EntryCounts) -> None:
    with pytest.raises(ValidationError, match=f"{counts.fetched} entries were fetched"):
        decide(counts)
