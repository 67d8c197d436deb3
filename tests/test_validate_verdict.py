"""Published or held."""

import pytest

from silkwire.errors import ValidationError
from silkwire.model import EntryCounts
from silkwire.validate import decide_verdict
from silkwire.validate.verdict import MIN_HISTORY, Verdict

USUAL = EntryCounts(fetched=1000, accepted=20, unchanged=900, off_topic=79, quarantined=1)


def decide(counts: EntryCounts, history: tuple[EntryCounts, ...] = ()) -> Verdict:
    return decide_verdict(counts, max_quarantined_share=0.5, min_entries=50, history=history)


def accept(count: int) -> EntryCounts:
    return EntryCounts(fetched=count, accepted=count)


def test_usual_batch_is_published() -> None:
    assert decide(USUAL, (USUAL,) * MIN_HISTORY) == ("published", None)


def test_empty_batch_is_published() -> None:
    assert decide(EntryCounts()) == ("published", None)


def test_half_quarantined_is_published_and_one_more_is_held() -> None:
    assert decide(EntryCounts(fetched=100, accepted=50, quarantined=50)) == ("published", None)
    assert decide(EntryCounts(fetched=100, accepted=49, quarantined=51)) == (
        "held",
        "51 of 100 entries are quarantined, more than the 50% of SILKWIRE_HOLD_QUARANTINED_SHARE",
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
        "201 entries would be accepted, more than 10 times the 20 of the fullest of the last 14 "
        "batches",
    )


def test_ten_times_the_fullest_batch_is_published() -> None:
    assert decide(accept(200), (USUAL,) * 14) == ("published", None)


def test_history_waits_for_fourteen_batches() -> None:
    assert decide(accept(10_000), (USUAL,) * 13) == ("published", None)


def test_quiet_history_still_lets_a_small_batch_through() -> None:
    assert decide(accept(49), (EntryCounts(),) * 14) == ("published", None)
    assert decide(accept(50), (EntryCounts(),) * 14)[0] == "held"


@pytest.mark.parametrize(
    "counts",
    [
        EntryCounts(fetched=10, accepted=9),
        EntryCounts(fetched=10, accepted=11),
        EntryCounts(fetched=0, accepted=1, unchanged=-1),
    ],
)
def test_counts_that_do_not_add_up_are_our_failure(counts: EntryCounts) -> None:
    with pytest.raises(ValidationError, match=f"{counts.fetched} entries were fetched"):
        decide(counts)
