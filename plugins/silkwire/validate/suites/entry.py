"""The `entry` suite: what every record must satisfy, why, and in words for an analyst.

Map expectations skip NULLs: wherever NULL would be wrong, a check of its own says so. Limits of
length are nets behind the parser's, which cuts with a mark long before.
"""

from silkwire.validate.suites.checks import Check, absent, matches, present, within

MAX_TITLE = 10_000
MAX_TEXT = 2_000_000
MAX_ADDRESS = 8_000
MAX_LIST = 10_000
MAX_REPLACED_SHARE = 0.05
MAX_INTEGER = 2**31 - 1
MAX_BIGINT = float(2**63 - 1024)
"""The largest double below 2^63."""
SHA256_HEX = "^[0-9a-f]{64}$"


_KEYED = "A hash that is none cannot be a key, and would stop the whole batch at the database."
_NET = "The parser cuts with a mark long before: what is longer came past it."
_UNCLEAN = "The parser lets no such character through: the text is not what the publisher wrote."
_STORABLE = "A number outside the column's type would stop the whole batch at the database."

IDENTITY = (
    present(
        "has_identity",
        "identity",
        "identity",
        "the entry has a url or a guid to be known by",
        "Without one, every fetch of the same entry would be a new article.",
    ),
    present(
        "identity_has_its_source",
        "identity",
        "identity_source",
        "the url or guid that identifies the entry is there",
        "An identity made of nothing joins all entries that lack the same thing.",
    ),
    matches(
        "identity_hash_is_sha256",
        "identity_hash",
        SHA256_HEX,
        "the hash of the identity is a SHA-256 in hexadecimal",
        _KEYED,
    ),
    matches(
        "text_hash_is_sha256",
        "text_hash",
        SHA256_HEX,
        "the hash of the text is a SHA-256 in hexadecimal",
        _KEYED,
    ),
    within(
        "position_is_a_count",
        "position",
        "position",
        low=0,
        high=MAX_INTEGER,
        rule="the place in the document is zero or more",
        why=_STORABLE,
    ),
    within(
        "copy_count_is_a_count",
        "copy_count",
        "copy_count",
        low=0,
        high=MAX_INTEGER,
        rule="the number of copies is zero or more",
        why=_STORABLE,
    ),
)

TEXTS = (
    present(
        "has_title",
        "title",
        "title",
        "the entry has a title",
        "A headline is what people scan; an entry without one is for a person to judge.",
    ),
    Check(
        "title_says_something",
        "title",
        "expect_column_values_to_say_something",
        "the title holds a letter, a digit or a pictogram",
        "Punctuation alone is a template that was not filled in.",
    ),
    within(
        "title_length_is_sane",
        "title",
        "title_length",
        low=None,
        high=MAX_TITLE,
        rule=f"the title has at most {MAX_TITLE:,} characters",
        why=_NET,
        shows="title",
    ),
    absent(
        "title_has_no_control_characters",
        "title",
        "title_control",
        "the title holds no control characters",
        _UNCLEAN,
    ),
    absent(
        "title_is_undamaged",
        "title",
        "title_replaced",
        "no character of the title had to be replaced",
        "What the publisher wrote there is lost; a headline with a hole can say the contrary.",
    ),
    within(
        "summary_length_is_sane",
        "summary",
        "summary_length",
        low=None,
        high=MAX_TEXT,
        rule=f"the summary has at most {MAX_TEXT:,} characters",
        why=_NET,
    ),
    within(
        "summary_is_readable",
        "summary",
        "summary_replaced_share",
        low=None,
        high=MAX_REPLACED_SHARE,
        rule="at most one character in twenty of the summary had to be replaced",
        why="More is no text any longer; single ones are emoji that were cut in half.",
    ),
    within(
        "body_length_is_sane",
        "body",
        "body_length",
        low=None,
        high=MAX_TEXT,
        rule=f"the body has at most {MAX_TEXT:,} characters",
        why=_NET,
    ),
    within(
        "body_is_readable",
        "body",
        "body_replaced_share",
        low=None,
        high=MAX_REPLACED_SHARE,
        rule="at most one character in twenty of the body had to be replaced",
        why="More is no text any longer; single ones are emoji that were cut in half.",
    ),
    absent(
        "texts_have_no_control_characters",
        "text",
        "text_control",
        "summary, body, authors and categories hold no control characters",
        _UNCLEAN,
    ),
    within(
        "name_count_is_sane",
        "categories",
        "name_count",
        low=None,
        high=MAX_LIST,
        rule=f"the entry has at most {MAX_LIST:,} authors and categories",
        why=_NET,
    ),
    matches(
        "language_is_a_tag",
        "language",
        "^[a-z]{2,3}$",
        "the language is a tag of two or three letters, such as en or zh",
        "Anything else is a name or a region, and groups wrongly in every report.",
    ),
    within(
        "language_confidence_is_a_share",
        "language_confidence",
        "language_confidence",
        low=0,
        high=1,
        rule="the confidence in the language lies between 0 and 1",
        why="It is a probability.",
    ),
)

ADDRESSES = (
    Check(
        "url_is_a_web_address",
        "url",
        "expect_column_values_to_be_web_urls",
        "the url is an http or https address with a host",
        "Other schemes (javascript:, data:, file:) are no articles, and may be an attack.",
    ),
    Check(
        "url_has_no_login",
        "url",
        "expect_column_values_to_be_urls_without_login",
        "the url names no user before its host",
        "It is how a link to one site is dressed up as a link to another.",
    ),
    Check(
        "url_length_is_sane",
        "url",
        "expect_column_value_lengths_to_be_between",
        f"the url has at most {MAX_ADDRESS:,} characters",
        "Longer ones carry a document, not an address.",
        options=(("min_value", 1), ("max_value", MAX_ADDRESS)),
    ),
    Check(
        "canonical_url_is_a_web_address",
        "canonical_url",
        "expect_column_values_to_be_web_urls",
        "the canonical url is an http or https address with a host",
        "It identifies the article.",
    ),
    Check(
        "canonical_url_length_is_sane",
        "canonical_url",
        "expect_column_value_lengths_to_be_between",
        f"the canonical url has at most {MAX_ADDRESS:,} characters",
        "Longer ones carry a document, not an address.",
        options=(("min_value", 1), ("max_value", MAX_ADDRESS)),
    ),
    Check(
        "guid_length_is_sane",
        "guid",
        "expect_column_value_lengths_to_be_between",
        f"the guid has between 1 and {MAX_ADDRESS:,} characters",
        "An empty one is the same for all entries; a longer one is the text itself.",
        options=(("min_value", 1), ("max_value", MAX_ADDRESS)),
    ),
    absent(
        "addresses_have_no_control_characters",
        "url",
        "address_control",
        "url and guid hold no control characters",
        _UNCLEAN,
    ),
    absent(
        "addresses_are_undamaged",
        "url",
        "address_replaced",
        "no character of the url or guid had to be replaced",
        "It would identify another article, or none.",
    ),
    within(
        "enclosure_length_is_storable",
        "enclosures",
        "enclosure_bytes",
        low=0,
        high=MAX_BIGINT,
        rule="the length of an enclosure is a number of bytes below 2^63",
        why=_STORABLE,
    ),
)

DATES = (
    within(
        "published_is_not_before_1990",
        "published_at",
        "published_year",
        low=1990,
        high=None,
        rule="the publication date is not before 1990",
        why="The web is younger: it is a clock at zero or a date that was read wrongly.",
        shows="published_at",
    ),
    within(
        "published_is_not_far_ahead",
        "published_at",
        "published_days_ahead",
        low=None,
        high=366,
        rule="the publication date is at most a year after the fetch",
        why="Embargoes and wrong zones are hours or days; more is a year 9999 or a wrong reading.",
        shows="published_at",
    ),
    Check(
        "published_precision_is_known",
        "published_precision",
        "expect_column_values_to_be_in_set",
        "a publication date says whether it is exact to the second, the minute or the day",
        "A day that looks like midnight sorts wrongly within its day.",
        options=(("value_set", ("second", "minute", "day")),),
    ),
    present(
        "published_has_its_raw_text",
        "published_raw",
        "published_raw",
        "a publication date comes with the text that it was read from",
        "No date is made up.",
    ),
)

TOPICS = (
    within(
        "has_topic_decisions",
        "topics",
        "topic_count",
        low=1,
        high=None,
        rule="there is a decision for every topic",
        why="A record that was not judged is neither on nor off topic.",
    ),
    absent(
        "topics_are_distinct",
        "topics",
        "topic_repeated",
        "each topic is decided once",
        "Two decisions on one topic contradict each other sooner or later.",
    ),
    within(
        "score_is_a_share",
        "score",
        "worst_score",
        low=0,
        high=1,
        rule="every topic score lies between 0 and 1",
        why="It is compared with a threshold; not-a-number passes every comparison.",
    ),
    absent(
        "matches_are_explained",
        "evidence",
        "unexplained_topic",
        "every topic that matches has evidence or a factor",
        "Every decision explains itself.",
    ),
    absent(
        "evidence_names_its_rule",
        "evidence",
        "unruled_evidence",
        "every piece of evidence names the rule that found it",
        "Who doubts a match must find the line to change.",
    ),
    within(
        "weights_are_numbers",
        "weight",
        "worst_weight",
        low=-1_000_000,
        high=1_000_000,
        rule="every weight of a topic match is a finite number",
        why="Infinity and not-a-number poison every sum they enter.",
    ),
    absent(
        "evidence_lies_within_the_text",
        "evidence",
        "misplaced_evidence",
        "every piece of evidence lies within title, summary or body",
        "The spans are what people are shown.",
    ),
    Check(
        "evidence_quotes_the_text",
        "evidence",
        "expect_column_pair_values_to_be_equal",
        "every piece of evidence is what the text holds at its place",
        "A span that points elsewhere explains nothing.",
        on=("evidence_text", "evidence_found"),
    ),
)

ENTRY_SUITE: tuple[Check, ...] = (*IDENTITY, *TEXTS, *ADDRESSES, *DATES, *TOPICS)

KEY_SUITE: tuple[Check, ...] = (
    Check(
        "is_once_in_its_feed",
        "identity_hash",
        "expect_compound_columns_to_be_unique",
        "no other entry of this feed in the batch has the same identity",
        "Copies are merged before; two that are left would fight for one row.",
        on=("feed_key", "identity_hash"),
        shows="identity_hash",
    ),
)
"""Judged over the whole batch, since chunks do not see each other. Fails every copy."""
