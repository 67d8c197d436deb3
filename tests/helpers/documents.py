"""RSS documents of ours: two items that are on topic, and one that is not."""

from xml.sax.saxutils import escape


def rss(*items: str) -> bytes:
    body = "".join(items)
    return f"<rss version='2.0'><channel><title>t</title>{body}</channel></rss>".encode()


def item(title: str, link: str = "https://o.example/1", description: str = "") -> str:
    return (
        f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>{escape(description)}</description></item>"
    )


AI = item("OpenAI releases a new artificial intelligence model", "https://o.example/ai")
TRAVEL = item("China extends visa-free entry to ten more countries", "https://o.example/visa")
SPORT = item("Local team wins the cup", "https://o.example/cup")
BAD = item("", "https://o.example/bad", "ChatGPT and artificial intelligence, without a title")
