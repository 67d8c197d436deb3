"""Two feeds, written for the pictures: long and short, Chinese and Hebrew, an attack, an edit."""

import html

ATTACK = "<img src=x onerror=\"document.title='owned'\"> AI chips and export rules"
SCIENTISTS = "China tells its AI scientists and business leaders to avoid travel to the U.S."
SCIENTISTS_LATER = "China urges its AI scientists and founders to avoid travel to the U.S."
LONG = (
    "After eleven years of talks, two dozen airlines, three ministries and a court have agreed"
    " on how direct flights between Taipei, Xiamen and eleven further cities in mainland China may"
    " resume, which passengers may take them, and what happens to those who hold tickets of"
    " the old kind"
)


def write_feed(name: str, *items: tuple[str, str, str]) -> bytes:
    """RSS of (slug, title, summary); what looks like markup in them is text."""
    entries = "".join(
        f"<item><title>{_escape(title)}</title><description>{_escape(summary)}</description>"
        f"<link>https://{name}.example/{slug}</link></item>"
        for slug, title, summary in items
    )
    return f"<rss version='2.0'><channel><title>{name}</title>{entries}</channel></rss>".encode()


def _escape(text: str) -> str:
    return html.escape(html.escape(text))


# A page shows the last of a feed first: what pictures should show stands at the end.
_REST = (
    ("attack", ATTACK, "What the title says is what a page must show, letter by letter."),
    ("long", LONG, "The first flight leaves on Monday. " * 12),
    ("hebrew", "סין מקלה על אשרות כניסה לתיירים AI", "התיירים יוכלו להישאר בסין שלושים יום."),
    (
        "chinese",
        "中国提醒人工智能科学家避免赴美旅行",
        "报道援引未具名消息人士称，这更像是一项坚定的指导意见，而不是全面禁令。",
    ),
)
FIRST = {
    "morning": write_feed(
        "morning",
        *_REST,
        ("scientists", SCIENTISTS, "Not an outright ban, more of a firm guidance, people said."),
    ),
    "evening": write_feed(
        "evening",
        ("visa", "China extends visa-free entry for tourists from nine more countries", ""),
        ("football", "The home side won after extra time", "Nobody travelled."),
    ),
}
LATER = FIRST | {
    "morning": write_feed(
        "morning",
        *_REST,
        (
            "scientists",
            SCIENTISTS_LATER,
            "Not an outright ban, more of a firm guidance, people said.",
        ),
    )
}
