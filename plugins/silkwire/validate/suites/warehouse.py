"""The `warehouse` suite: what must hold in the warehouse itself, however it came to be.

Each check is on a relation, `relations/NAME.sql`. Map expectations skip NULLs, so relations give
NULL where there is nothing to judge, or the key of what is wrong where nothing should be.
"""

from dataclasses import dataclass

from silkwire.validate.suites.checks import Check

SUITE_NAME = "warehouse"
MAX_LATE_HOURS = 24
MAX_VOLUME_RATIO = 10.0
NULL = "expect_column_values_to_be_null"
NOT_NULL = "expect_column_values_to_not_be_null"
EQUAL = "expect_column_pair_values_to_be_equal"
GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
BETWEEN = "expect_column_values_to_be_between"
UNIQUE = "expect_column_values_to_be_unique"
_KNOWN = (("ignore_row_if", "either_value_is_missing"),)
_KNOWN_OR_EQUAL = (*_KNOWN, ("or_equal", True))
_LATER = "Reports as of a time would count it twice, or miss it."
_LEADS_NOWHERE = "A key that leads nowhere drops the row from every report that joins."


@dataclass(frozen=True, slots=True)
class Relation:
    """One query, `relations/NAME.sql`, and what is expected of its rows."""

    name: str
    key: str
    """The column that names a row that fails."""
    checks: tuple[Check, ...]


def build_warehouse_suite(*, stale_minutes: float) -> tuple[Relation, ...]:
    """`stale_minutes`: for how long there may be no batch."""
    return (
        Relation("batches", "batch_id", _SUMS),
        Relation("articles", "article_key", _ARTICLES),
        Relation("revisions", "revision_key", _REVISIONS),
        Relation("sightings", "article_key", _SIGHTINGS),
        Relation("matches", "match_key", _MATCHES),
        Relation("evidence", "match_key", _EVIDENCE),
        Relation("feeds", "feed_key", _FEEDS),
        Relation("feed_versions", "dim_feed_key", _FEED_VERSIONS),
        Relation("quarantine", "quarantine_key", _QUARANTINE),
        *_build_freshness(stale_minutes),
        Relation("volume", "row_number", _VOLUME),
    )


def _build_freshness(stale_minutes: float) -> tuple[Relation, ...]:
    age = Check(
        "batch_is_recent",
        "finished_at",
        BETWEEN,
        f"the last batch ended less than {stale_minutes:g} minutes ago",
        "Else the scheduler is down, or every batch fails.",
        on=("batch_age_minutes",),
        options=(("max_value", stale_minutes),),
    )
    gap = Check(
        "batches_leave_no_gap",
        "started_at",
        BETWEEN,
        f"within the last day, batches began at most {stale_minutes:g} minutes apart",
        "What a feed showed and dropped in between was never seen.",
        on=("gap_minutes",),
        options=(("max_value", stale_minutes),),
    )
    return (
        Relation("freshness", "row_number", (age, _ANSWERS)),
        Relation("gaps", "batch_id", (gap,)),
    )


_SUMS = (
    Check(
        "counts_add_up_over_all_time",
        "fetched_count",
        EQUAL,
        "of each batch, accepted, unchanged, off topic and quarantined are what was fetched",
        "Else an entry was lost or counted twice.",
        on=("fetched_count", "counted_count"),
    ),
    Check(
        "accepted_adds_up_over_all_time",
        "accepted_count",
        EQUAL,
        "of each batch, inserted, revised and variant are what was accepted",
        "Else an entry was accepted and is nowhere, or twice.",
        on=("accepted_count", "article_count"),
    ),
    Check(
        "attempts_add_up_to_their_batch",
        "fetched_count",
        EQUAL,
        "the entries of a batch's fetches are those of the batch",
        "The counts by feed and by batch must tell the same.",
        on=("fetched_count", "attempt_fetched_count"),
        options=_KNOWN,
    ),
    Check(
        "accepted_entries_are_in_the_warehouse",
        "accepted_count",
        GREATER,
        "each entry that a batch accepted is a revision",
        "Else it was counted and then lost.",
        on=("revision_count", "accepted_count"),
        options=_KNOWN_OR_EQUAL,
    ),
)

_ARTICLES = (
    Check(
        "canonical_url_is_once",
        "canonical_url",
        UNIQUE,
        "no two articles known by their url have the same canonical url",
        "One article would be counted as two.",
        on=("identifying_url",),
    ),
    Check(
        "article_feed_is_known",
        "first_feed_key",
        NOT_NULL,
        "the feed that had the article first is in ops.feed",
        _LEADS_NOWHERE,
        on=("feed_key",),
    ),
    Check(
        "article_batch_is_known",
        "batch_id",
        NOT_NULL,
        "the batch that brought the article is in ops.batch",
        _LEADS_NOWHERE,
        on=("batch_id",),
    ),
    Check(
        "article_has_a_sighting",
        "article_key",
        NOT_NULL,
        "there is a sighting of the article in the feed that had it first",
        _LEADS_NOWHERE,
        on=("sighted_article_key",),
    ),
    Check(
        "article_has_a_current_text",
        "current_revision_key",
        NOT_NULL,
        "the current revision is there, and is of this article",
        _LEADS_NOWHERE,
        on=("current_revision_key",),
    ),
)

_REVISIONS = (
    Check(
        "revisions_do_not_overlap",
        "recorded_from",
        GREATER,
        "each text of an article in a feed was recorded after the one before",
        _LATER,
        on=("recorded_from", "previous_recorded_from"),
        options=_KNOWN,
    ),
    Check(
        "revision_numbers_have_no_gap",
        "revision_number",
        BETWEEN,
        "the texts of an article in a feed are numbered 1, 2, 3 and on",
        "A number that is missing is a text that was lost.",
        on=("skipped_count",),
        options=(("min_value", 0), ("max_value", 0)),
    ),
    Check(
        "revision_differs_from_the_one_before",
        "text_hash",
        NULL,
        "no text follows itself on a timeline",
        "It would show as an edit that nobody made.",
        on=("repeated_revision_key",),
    ),
    Check(
        "revision_feed_is_known",
        "feed_key",
        NOT_NULL,
        "the feed that showed the text is in ops.feed",
        _LEADS_NOWHERE,
        on=("feed_key",),
    ),
    Check(
        "revision_is_decided",
        "revision_key",
        NOT_NULL,
        "every text has its topic decisions",
        "Nobody could say why it is here.",
        on=("decided_revision_key",),
    ),
)

_SIGHTINGS = (
    Check(
        "sighting_feed_is_known",
        "feed_key",
        NOT_NULL,
        "the feed of a sighting is in ops.feed",
        _LEADS_NOWHERE,
        on=("feed_key",),
    ),
    Check(
        "sighting_shows_a_text_of_its_article",
        "revision_key",
        NOT_NULL,
        "the text that a feed shows is a revision of that article",
        "The next fetch would take it for an edit.",
        on=("revision_key",),
    ),
    Check(
        "sighting_ends_after_it_begins",
        "left_at",
        GREATER,
        "an article leaves a feed after it came",
        _LATER,
        on=("left_at", "first_seen_at"),
        options=_KNOWN,
    ),
)

_MATCHES = (
    Check(
        "matches_are_explained_by_rows",
        "match_key",
        NULL,
        "every match has evidence or a factor",
        "Every decision explains itself.",
        on=("unexplained_match_key",),
    ),
)

_EVIDENCE = (
    Check(
        "evidence_quotes_the_stored_text",
        "text",
        EQUAL,
        "every span of the last seven days is what the text holds at its place",
        "A span that points elsewhere explains nothing.",
        on=("text", "found_text"),
    ),
)

_FEEDS = (
    Check(
        "feed_is_described",
        "feed_key",
        NOT_NULL,
        "every listed feed has a current row in core.dim_feed",
        "Its new articles could not be loaded.",
        on=("described_feed_key",),
    ),
    Check(
        "feed_is_read_in_time",
        "next_due_at",
        BETWEEN,
        f"no feed has been due for more than {MAX_LATE_HOURS} hours",
        "A feed that is never its turn is a feed that is lost.",
        on=("late_hours",),
        options=(("max_value", MAX_LATE_HOURS),),
    ),
    Check(
        "feed_is_leased_by_a_running_batch",
        "leased_by_batch_id",
        NULL,
        "no feed is leased by a batch that has ended",
        "It would never be read again.",
        on=("ended_batch_id",),
    ),
)

_FEED_VERSIONS = (
    Check(
        "feed_versions_do_not_overlap",
        "valid_from",
        GREATER,
        "each description of a feed begins when the one before has ended",
        _LATER,
        on=("valid_from", "previous_valid_to"),
        options=_KNOWN_OR_EQUAL,
    ),
)

_QUARANTINE = (
    Check(
        "quarantined_record_has_a_reason",
        "quarantine_key",
        NOT_NULL,
        "every quarantined record says which expectations it failed",
        "Nobody could decide on it.",
        on=("explained_quarantine_key",),
    ),
)

_ANSWERS = Check(
    "some_feed_answered_recently",
    "last_success_at",
    BETWEEN,
    f"some feed was read within the last {MAX_LATE_HOURS} hours",
    "Else the network is down, or we are refused everywhere.",
    on=("answer_age_hours",),
    options=(("max_value", MAX_LATE_HOURS),),
)

_VOLUME = (
    Check(
        "volume_fits_its_history",
        "accepted_count",
        BETWEEN,
        "yesterday brought between a tenth and ten times the median of 14 days before",
        "Less is feeds that fell silent, more is rules that let everything through.",
        on=("accepted_ratio",),
        options=(("min_value", 1 / MAX_VOLUME_RATIO), ("max_value", MAX_VOLUME_RATIO)),
    ),
)
