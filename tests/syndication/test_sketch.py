"""Sketches meet where texts are alike, and are the same on every machine."""

from rensa import RMinHash

from silkwire.syndication.sketch import LEAD_BANDS, TITLE_BANDS, list_bands
from silkwire.syndication.text import ArticleText, tokenize

TITLE = "Robot cooks open a canteen in Lindal"
LEAD = "The first canteen run by robot cooks opened in Lindal on Friday and served 900 soups."

PINNED_TITLE = (7358218595497010624, -7338896800367785822, 4732173786518350495)
PINNED_LEAD = (-5904735818905459322, -2563451935349277457, 6300745690817986742)


def sketch(title: str | None, lead: str | None) -> tuple[int, ...]:
    return list_bands([tokenize(ArticleText(title, lead))])[0]


def test_numbers_are_the_same_on_every_machine_and_version() -> None:
    # If this fails after an upgrade, copies across the day of the upgrade would be missed.
    assert RMinHash.ALGORITHM_VERSION == 2
    assert sketch(TITLE, LEAD)[:3] == PINNED_TITLE
    assert sketch(TITLE, LEAD)[TITLE_BANDS : TITLE_BANDS + 3] == PINNED_LEAD


def test_every_band_of_an_identical_text_is_shared() -> None:
    assert len(sketch(TITLE, LEAD)) == TITLE_BANDS + LEAD_BANDS
    assert sketch(TITLE.upper(), LEAD) == sketch(TITLE, LEAD)


def test_another_title_over_the_same_lead_shares_the_leads_bands() -> None:
    shared = set(sketch(TITLE, LEAD)) & set(sketch("Soup for everyone at last", LEAD))
    assert len(shared) == LEAD_BANDS


def test_texts_that_have_nothing_in_common_share_no_band() -> None:
    other = "Owners of boats under six metres will pay nothing from July, the mayor told a meeting."
    assert set(sketch(TITLE, LEAD)).isdisjoint(sketch("Council drops the tax on boats", other))


def test_a_text_with_little_in_it_is_not_sketched() -> None:
    assert sketch(None, None) == ()
    assert sketch("Links", None) == ()
    assert list_bands([]) == []
