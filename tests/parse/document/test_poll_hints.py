"""`skipHours` and `skipDays`."""

from silkwire.model import ParseJob
from silkwire.parse.document.read import parse_document


def parse(document: str):
    return parse_document(ParseJob(1, document.encode()))


def rss(channel: str) -> str:
    return f"<rss version='2.0'><channel><title>t</title>{channel}</channel></rss>"


def test_hours_and_days_to_skip_are_read_in_utc_and_in_order():
    document = parse(
        rss(
            "<skipHours><hour>23</hour><hour> 1 </hour><hour>24</hour></skipHours>"
            "<skipDays><day>Sunday</day><day>saturday</day></skipDays>"
        )
    )
    assert (document.skip_hours, document.skip_days) == ((0, 1, 23), (6, 7))


def test_invalid_hours_and_days_are_left_out():
    document = parse(
        rss(
            "<skipHours><hour>25</hour><hour>-1</hour><hour>noon</hour><hour/></skipHours>"
            "<skipDays><day>Sonntag</day><day/>Monday</skipDays>"
        )
    )
    assert (document.skip_hours, document.skip_days) == ((), ())


def test_hours_and_days_of_an_entry_are_not_the_feeds():
    document = parse(rss("<item><title>a</title><skipHours><hour>3</hour></skipHours></item>"))
    assert document.skip_hours == ()


def test_a_feed_that_asks_for_nothing_is_skipped_at_no_time():
    for document in (parse(rss("")), parse("<feed xmlns='http://www.w3.org/2005/Atom'/>")):
        assert (document.skip_hours, document.skip_days) == ((), ())
