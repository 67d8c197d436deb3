"""Feeds of which most entries fail, so that a batch that reads them alone is held."""

from html import escape
from ipaddress import ip_network

from silkwire.config import Settings

HOSTILE = (
    "`<img src=x onerror=alert(1)>` [AI](https://evil.example) www.evil.example {{ 7 * 7 }}\u2028"
)
"""A title with what a page could take for its own: Markdown, HTML, an address, Jinja, a line."""


def write_bad_feed(name: str, title: str = HOSTILE) -> bytes:
    """RSS of nine entries without a title, and two that are good; `title` is one's."""
    untitled = "".join(
        f"<item><link>https://{name}.example/{n}</link>"
        f"<description>ChatGPT and artificial intelligence {n}</description></item>"
        for n in range(9)
    )
    good = "".join(
        f"<item><title>{escape(escape(words))}</title><link>https://{name}.example/{slug}</link></item>"
        for slug, words in (("hostile", title), ("good", "OpenAI hires"))
    )
    items = untitled + good
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()


def let_hold(settings: Settings) -> Settings:
    """These settings, for feeds on loopback, holding batches of five entries already."""
    return settings.model_copy(
        update={
            "fetch_allow_private": (ip_network("127.0.0.0/8"),),
            "fetch_host_pause": 0.0,
            "hold_min_entries": 5,
        }
    )
