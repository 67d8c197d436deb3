"""Reading one document: formats, broken markup, edge cases 18 to 30."""

import json
from datetime import UTC, datetime

import pytest

from silkwire.model import Enclosure, ErrorClass, ParseJob
from silkwire.parse import parse_document


def parse(text, **job):
    body = text if isinstance(text, bytes) else text.encode()
    return parse_document(ParseJob(0, body, **job))


def parse_item(inner, root='<rss version="2.0">', **job):
    document = parse(f"{root}<channel><title>T</title><item>{inner}</item></channel></rss>", **job)
    (entry,) = document.entries
    return entry


ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry>{}</entry></feed>'
RSS10 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" {}>
<channel rdf:about="https://e.org/"><title>T</title></channel>
<item rdf:about="https://e.org/1"><title>One</title><link>https://e.org/1</link></item></rdf:RDF>"""


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ('<rss version="2.0"><channel><item><title>One</title></item></channel></rss>', "rss20"),
        ('<rss version="0.91"><channel><item><title>One</title></item></channel></rss>', "rss091"),
        ('<rss version="0.92"><channel><item><title>One</title></item></channel></rss>', "rss092"),
        (RSS10.format('xmlns="http://purl.org/rss/1.0/"'), "rss10"),
        (RSS10.format('xmlns="http://my.netscape.com/rdf/simple/0.9/"'), "rss090"),
        (ATOM.format("<title>One</title>"), "atom10"),
        (
            '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>One</title></entry>'
            "</feed>",
            "atom03",
        ),
        (
            '<CHANNEL HREF="https://e.org/"><ITEM HREF="https://e.org/1"><TITLE>One</TITLE>'
            "<ABSTRACT>Short</ABSTRACT></ITEM></CHANNEL>",
            "cdf",
        ),
        (
            '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>One</a:title></a:entry>'
            "</a:feed>",
            "atom10",
        ),
        (
            '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"One"}]}',
            "jsonfeed",
        ),
    ],
)
def test_every_format_is_read(document, name):
    parsed = parse(document)
    assert (parsed.format, parsed.error, parsed.items_in_bytes) == (name, None, 1)
    assert [entry.title for entry in parsed.entries] == ["One"]


def test_an_item_of_a_channel_definition_format_has_its_link():
    document = parse(
        '<CHANNEL><ITEM HREF="https://e.org/1" LASTMOD="2025-01-06T10:00:00Z"/></CHANNEL>'
    )
    entry = document.entries[0]
    assert (entry.url, entry.published_at) == (
        "https://e.org/1",
        datetime(2025, 1, 6, 10, tzinfo=UTC),
    )


def test_an_rss_item_is_read_whole():
    entry = parse_item(
        """<title>A &amp;amp; B</title><link>https://e.org/1?a=1&amp;utm_source=x</link>
        <guid isPermaLink="false">g-1</guid>
        <description>&lt;p&gt;Short &lt;b&gt;text&lt;/b&gt;</description><content:encoded>
        <![CDATA[<p>Long</p><script>x()</script><img src="https://e.org/i.png">]]></content:encoded>
        <dc:creator>Ann Li</dc:creator><category>AI</category><category>AI</category>
        <pubDate>Mon, 06 Jan 2025 10:00:00 +0800</pubDate>
        <enclosure url="https://e.org/a.mp3" type="audio/mpeg" length="7"/>
        <source url="https://p.org/feed">The Post</source>""",
        root='<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/">',
    )
    assert (entry.title, entry.summary, entry.body) == ("A & B", "Short text", "Long")
    assert (entry.guid, entry.url) == ("g-1", "https://e.org/1?a=1&utm_source=x")
    assert entry.canonical_url == "https://e.org/1?a=1"
    assert entry.summary_html == "<p>Short <b>text</b></p>"
    assert entry.body_html == '<p>Long</p><img src="https://e.org/i.png">'
    assert (entry.authors, entry.categories) == (("Ann Li",), ("AI",))
    assert entry.published_at == datetime(2025, 1, 6, 2, tzinfo=UTC)
    assert (entry.published_source, entry.published_precision) == ("pubDate", "second")
    assert entry.enclosures == (Enclosure("https://e.org/a.mp3", "audio/mpeg", 7),)
    assert (entry.source_title, entry.image_url) == ("The Post", "https://e.org/i.png")
    assert entry.problems == ()


def test_an_atom_entry_is_read_whole():
    document = parse(
        ATOM.format("""<id>tag:e.org,2025:1</id><title type="html">A &lt;i>B&lt;/i></title>
        <link rel="self" href="https://e.org/self"/><link href="https://e.org/1"/>
        <link rel="enclosure" href="https://e.org/a.pdf" type="application/pdf"/>
        <summary>Short</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
        <p>Long &amp; wide</p></div></content><author>
        <name>Ann Li</name><email>a@e.org</email></author>
        <category term="ai" label="AI"/><updated>2025-01-07T00:00:00Z</updated>
        <published>2025-01-06T10:00:00Z</published>""")
    )
    (entry,) = document.entries
    assert (entry.title, entry.summary, entry.body) == ("A B", "Short", "Long & wide")
    assert (entry.guid, entry.url) == ("tag:e.org,2025:1", "https://e.org/1")
    assert (entry.authors, entry.categories) == (("Ann Li",), ("AI",))
    assert (entry.published_source, entry.published_at.day) == ("published", 6)
    assert entry.enclosures == (Enclosure("https://e.org/a.pdf", "application/pdf"),)


def test_updated_stands_in_for_published():
    entry = parse(ATOM.format("<updated>2025-01-07T00:00:00Z</updated>")).entries[0]
    assert (entry.published_source, entry.published_at.day) == ("updated", 7)


def test_a_json_feed_is_an_equal_format():
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "title": "T",
        "author": {"name": "Desk"},
        "language": "zh-CN",
        "items": [
            {
                "id": 7,
                "url": "https://e.org/7?utm_source=x",
                "title": "人工智能",
                "content_html": "<p>Long</p>",
                "summary": "Short",
                "date_published": "2025-01-06T10:00:00+08:00",
                "tags": ["AI"],
                "attachments": [{"url": "https://e.org/a.mp3", "mime_type": "audio/mpeg"}],
            }
        ],
    }
    document = parse(json.dumps(feed))
    (entry,) = document.entries
    assert (document.language, entry.language, entry.guid) == ("zh", "zh", "7")
    assert (entry.canonical_url, entry.body, entry.summary) == ("https://e.org/7", "Long", "Short")
    assert (entry.published_at.hour, entry.authors, entry.categories) == (2, ("Desk",), ("AI",))


def test_a_cut_json_feed_gives_its_complete_items_and_counts_the_cut_one():
    text = '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"One"},{"id":"2","ti'
    document = parse(text)
    assert (document.items_in_bytes, [entry.guid for entry in document.entries]) == (2, ["1"])


@pytest.mark.parametrize(
    ("body", "error_class"),
    [
        (b"", ErrorClass.EMPTY_BODY),
        (b" \r\n\0", ErrorClass.EMPTY_BODY),
        (b"Not found", ErrorClass.NOT_A_FEED),
        (b"<urlset><url><loc>https://e.org/</loc></url></urlset>", ErrorClass.NOT_A_FEED),
        (b'{"items": 3}', ErrorClass.NOT_A_FEED),
        (b"<!doctype html><html><body><p>Oops", ErrorClass.HTML),
        (b"\xff\xd8\xff\xe0 jpeg", ErrorClass.NOT_A_FEED),
    ],
)
def test_a_document_that_is_no_feed_is_a_value_with_its_error_class(body, error_class):
    document = parse(body)
    assert (document.format, document.error_class, document.entries) == (None, error_class, ())
    assert document.error


def test_a_page_says_where_its_feed_is():
    page = '<html><link href="/rss?a=1&amp;b=2" type="application/rss+xml" rel="alternate"></html>'
    document = parse(page, url="https://e.org/news")
    assert document.suggested_feed_url == "https://e.org/rss?a=1&b=2"


def test_a_feed_without_entries_is_no_failure():
    document = parse('<rss version="2.0"><channel><title>T</title></channel></rss>')
    assert (document.error, document.items_in_bytes, document.entries) == (None, 0, ())


def test_bare_ampersands_and_html_entities_lose_nothing():
    entry = parse_item(
        "<title>AT&T &ndash; Q&A&nbsp;&bogus;</title><link>https://e.org/?a=1&b=2</link>"
    )
    assert entry.title == "AT&T – Q&A &bogus;"
    assert entry.url == "https://e.org/?a=1&b=2"


def test_elements_left_open_lose_no_item():
    document = parse(
        "<rss version=2.0><channel><item><title>One <b>bold</title><description><p>x<br>y"
        "</description><item><title>Two</title></channel>"
    )
    assert [entry.title for entry in document.entries] == ["One bold", "Two"]
    assert document.items_in_bytes == 2


def test_a_text_cut_off_with_the_document_is_marked_and_a_cut_url_dropped():
    document = parse('<rss version="2.0"><channel><item><title>One</title><link>https://e.org/half')
    (entry,) = document.entries
    assert (entry.title, entry.url) == ("One", None)
    assert entry.problems == ("entry: cut off with the document",)


def test_junk_before_the_prolog_is_skipped():
    document = parse(
        '\n<br>PHP Warning\n<?xml version="1.0"?>\n<rss version="2.0"><channel/></rss>'
    )
    assert document.format == "rss20"


def test_no_entity_of_a_dtd_is_expanded():
    document = parse(
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<rss version="2.0"><channel><item><title>x&a;&f;y</title></item></channel></rss>'
    )
    assert document.entries[0].title == "x&a;&f;y"


def test_forbidden_characters_are_replaced_and_named():
    entry = parse_item("<title>a\0b\x08c&#0;d&#xD800;e\x0bf</title>")
    assert entry.title == "a\ufffdbc\ufffdd\ufffde f"
    assert entry.problems == ("title: holds 4 forbidden characters",)


def test_quotation_marks_that_end_nothing_take_no_time_in_a_json_feed():
    """Each would begin another search to the end: 90 kB took minutes."""
    start = '{"version":"https://jsonfeed.org/version/1.1","items":['
    assert parse(start + '"\\' * 45_000).entries == ()


def test_lone_surrogates_in_json_are_replaced():
    document = parse(
        '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"a\\ud800"}]}'
    )
    assert document.entries[0].title == "a\ufffd"


def test_text_that_was_encoded_twice_is_repaired_and_marked():
    twice = "fÃ¼r ZÃ¼rich"
    entry = parse_item(f"<title>{twice}</title>")
    assert (entry.title, entry.problems) == ("für Zürich", ("title: was encoded twice",))


def test_references_to_windows_characters_are_read_as_browsers_do():
    assert parse_item("<title>It&#146;s &#x97; done</title>").title == "It’s — done"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<![CDATA[A <b>bold</b> move]]>", "A bold move"),
        ("A &lt;b&gt;bold&lt;/b&gt; move", "A bold move"),
        ("A <b>bold</b> move", "A bold move"),
        ("Q&amp;A", "Q&A"),
        ("R&amp;amp;D", "R&D"),
        ("1 &lt; 2 and 3 &gt; 2", "1 < 2 and 3 > 2"),
        ("I &lt;3 Beijing", "I <3 Beijing"),
        ("Caf\u0065\u0301", "Café"),
        ("  two\n\tlines\u00a0 ", "two lines"),
        ("👩\u200d🔬 and ＡＩ", "👩\u200d🔬 and ＡＩ"),
    ],
)
def test_titles_are_plain_text(title, expected):
    assert parse_item(f"<title>{title}</title>").title == expected


def test_an_atom_title_of_type_text_may_mention_tags():
    document = parse(ATOM.format("<title>Use &lt;b> sparingly</title>"))
    assert document.entries[0].title == "Use <b> sparingly"


def test_a_bidirectional_override_is_named():
    assert parse_item("<title>a\u202eb</title>").problems == (
        "title: holds bidirectional overrides",
    )


def test_a_guid_is_the_link_only_if_it_is_a_permalink():
    assert parse_item("<guid>https://e.org/1</guid>").url == "https://e.org/1"
    assert parse_item('<guid isPermaLink="false">https://e.org/1</guid>').url is None
    assert parse_item("<guid>12345</guid>").url is None


def test_an_item_without_anything_is_an_entry_without_anything():
    entry = parse_item("")
    assert (entry.guid, entry.url, entry.title, entry.summary) == (None, None, None, None)


def test_a_relative_link_is_resolved_by_xml_base_else_by_the_documents_url():
    entry = parse_item("<link>/1</link>", url="https://e.org/feed.xml")
    assert (entry.url, entry.canonical_url) == ("https://e.org/1", "https://e.org/1")
    assert parse_item("<link>/1</link>").url == "/1"
    root = '<rss version="2.0" xml:base="https://b.org/x/">'
    assert parse_item("<link>1</link>", root=root, url="https://e.org/").url == "https://b.org/x/1"


BASED = '<feed xmlns="http://www.w3.org/2005/Atom"{}><entry{}><link{} href="{}"/>{}</entry></feed>'


@pytest.mark.parametrize(
    ("feed", "entry", "link", "href", "expected"),
    [
        ("", "", "", "a/1.html", "https://e.org/blog/a/1.html"),
        ("/site/", "", "", "a/1.html", "https://e.org/site/a/1.html"),
        ("https://b.org/x/", "y/", "", "1", "https://b.org/x/y/1"),
        ("https://b.org/x/", "y/", "z/", "1", "https://b.org/x/y/z/1"),
        ("https://b.org/x/", "//c.org/", "", "../1", "https://c.org/1"),
        ("https://b.org/x/", "/y/", "", "https://d.org/1", "https://d.org/1"),
        ("https://b.org/x/", "", "", "?p=1", "https://b.org/x/?p=1"),
    ],
)
def test_a_link_is_resolved_by_the_bases_above_it_and_these_by_the_documents_url(
    feed, entry, link, href, expected
):
    bases = [f' xml:base="{base}"' if base else "" for base in (feed, entry, link)]
    jekyll = '<content type="html" xml:base="/elsewhere/2.html">text</content>'
    body = BASED.format(*bases, href, jekyll).encode()
    (read,) = parse_document(ParseJob(0, body, url="https://e.org/blog/feed.xml")).entries
    assert (read.url, read.canonical_url) == (expected, expected)


def test_the_publishers_link_behind_a_tracker_is_canonical():
    entry = parse_item(
        "<link>https://feedproxy.example/x</link><feedburner:origLink>https://e.org/1</feedburner:origLink>",
        root='<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">',
    )
    assert (entry.url, entry.canonical_url) == ("https://feedproxy.example/x", "https://e.org/1")


def test_media_descriptions_stand_in_for_a_summary_and_are_no_body():
    root = '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/">'
    group = "<media:group><media:title>M</media:title><media:description>D</media:description>"
    group += '<media:thumbnail url="https://e.org/t.jpg"/></media:group>'
    entry = parse_item(f"<title>T</title>{group}<description>S</description>", root=root)
    assert (entry.title, entry.summary, entry.body) == ("T", "S", None)
    entry = parse_item(group, root=root)
    assert (entry.title, entry.summary, entry.image_url) == ("M", "D", "https://e.org/t.jpg")


def test_prefixes_that_were_never_declared_are_understood():
    entry = parse_item(
        "<title>T</title><dc:creator>Ann</dc:creator><content:encoded>B</content:encoded>"
    )
    assert (entry.authors, entry.body) == (("Ann",), "B")


def test_marks_of_paywalls_and_advertising_are_kept():
    entry = parse_item(
        "<isAccessibleForFree>false</isAccessibleForFree><category>Sponsored</category>"
    )
    assert (entry.is_paywalled, entry.is_sponsored) == (True, True)
    assert (parse_item("").is_paywalled, parse_item("").is_sponsored) == (None, None)


def test_ttl_and_update_period_are_read_as_seconds():
    assert parse('<rss version="2.0"><channel><ttl>60</ttl></channel></rss>').ttl_s == 3600
    syndication = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    period = "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
    assert (
        parse(f'<rss version="2.0" {syndication}><channel>{period}</channel></rss>').ttl_s == 1800
    )


def test_items_in_comments_and_cdata_are_not_counted():
    document = parse(
        '<rss version="2.0"><channel><!-- <item> --><item><title>1</title><description>'
        "<![CDATA[<item>]]></description></item></channel></rss>"
    )
    assert document.items_in_bytes == len(document.entries) == 1


def test_lists_and_texts_are_cut_with_a_mark():
    categories = "".join(f"<category>c{number}</category>" for number in range(10_000))
    entry = parse_item(
        f"<title>{'t' * 20_000}</title>{categories}<description>{'d' * 2_000_000}</description>"
    )
    assert (len(entry.title), len(entry.categories), len(entry.summary)) == (10_000, 100, 1_000_000)
    assert entry.problems == (
        "summary: cut to 1,000,000 characters",
        "title: cut to 10,000 characters",
        "categories: cut to 100",
    )


def test_a_document_that_nests_too_deep_is_refused_with_its_reason():
    nested = "<div>" * 60_000
    document = parse(f'<rss version="2.0"><channel><item><description>{nested}')
    assert (document.error_class, document.error) == (
        ErrorClass.PARSER_LIMIT,
        "The document nests too many elements.",
    )
    assert document.items_in_bytes == 1
    assert parse('{"items":' + "[" * 100_000).error_class == ErrorClass.PARSER_LIMIT


def test_fifty_thousand_items_are_read():
    item = "<item><title>One</title><link>https://e.org/1</link></item>"
    document = parse(f'<rss version="2.0"><channel>{item * 50_000}</channel></rss>')
    assert len(document.entries) == document.items_in_bytes == 50_000


def test_the_evidence_for_the_encoding_and_the_rejected_labels_are_reported():
    text = '<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel><title>中国</title>'
    document = parse(text, content_type="text/xml; charset=big5")
    assert (document.encoding, document.encoding_evidence) == ("utf-8", "utf-8-valid")
    assert document.encoding_rejected == ("http: big5", "declaration: gb2312")


def test_elements_where_no_feed_should_have_them_cost_only_themselves():
    inner = '<content type="text/xml"><textinput><link href="x"/></textinput></content>'
    document = parse(ATOM.format(f"<title>One</title><width>x</width>{inner}"))
    assert [entry.title for entry in document.entries] == ["One"]
