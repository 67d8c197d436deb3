"""The publisher of the crash tests: a dozen feeds of every kind, each in three states.

Two of the states are in the warehouse before anything is killed; the third is the mixed batch.
"""

from xml.sax.saxutils import escape

STATES = 3
DEDICATED = {"dedicated": "topics='ai'", "cut": "topics='ai'"}
"""Attributes of a feed in the list."""
ALWAYS_SENT = frozenset({"unconditional"})
"""Feeds whose server knows no 304."""

_SUMMARY = (
    "The ministry said on Monday that travellers from ten more countries may stay for thirty days"
    " without a visa, as it tries to bring back visitors and business after three slow years."
)
_MODEL = (
    "The artificial intelligence laboratory said that its new model reads whole books at once and"
    " answers questions about them, which older ones could not do, and that it costs half as much."
)


def documents(state: int) -> dict[str, bytes]:
    """What each feed serves; one that is not there answers 404."""
    feeds = {
        "post": [
            _item("China extends visa-free entry to ten more countries", "post/visa", _SUMMARY),
            _item(
                _by(state, "OpenAI releases", "OpenAI releases", "OpenAI withdraws")
                + " a new artificial intelligence model",
                "post/model",
                _MODEL,
            ),
            _item(f"Local team wins cup number {state}", f"post/cup{state}"),
        ],
        # the same texts under other urls, and another text of a known article
        "wire": [
            _item("China extends visa-free entry to ten more countries", "wire/visa", _SUMMARY),
            _item("OpenAI shows an artificial intelligence model", "post/model", _MODEL),
            _item("", f"wire/untitled{state}", "An AI story without a headline"),
            _item("", "wire/untitled", "ChatGPT again without a headline"),
        ],
        "dedicated": [
            _item("Twin one", "dedicated/twin", guid="one"),
            _item("Twin two", f"dedicated/{_by(state, 'other', 'other', 'twin')}", guid="two"),
        ],
        "unmodified": [_item("Ferry to Shanghai for tourists resumes", "unmodified/ferry")],
        "unconditional": [_item("Claude and ChatGPT compared by a bank", "unconditional/bank")],
        "returning": [
            _item("China reopens its border with Laos to foreign travellers", "returning/border")
        ]
        if state != 1
        else [_item("Cricket is back", "returning/cricket")],
        "recovering": [_item("DeepSeek opens a laboratory in Chengdu", "recovering/deepseek")],
        "busy": [
            _item(
                f"AI story {number}, version {max(0, state - number % 3)}",
                f"busy/{number}",
                f"{_MODEL} {number} ",
            )
            for number in range(state * 20, 60 + state * 20)
        ],
        "sports": [
            _item(f"Match {number} ends in a draw", f"sports/{number}")
            for number in range(state * 5, 40 + state * 5)
        ],
        "new": [_item("Nvidia may sell AI chips to China again", "new/chips", _MODEL)],
    }
    served = {name: _rss(name, *items) for name, items in feeds.items()}
    served["cut"] = _rss("cut", *(_item(f"Story {n}", f"cut/{n}") for n in range(3)))[:-40]
    served["page"] = (
        b"<!doctype html><html><head><title>x</title></head><body>no feed</body></html>"
    )
    missing = {"missing", "new" if state < 2 else "", "recovering" if state == 1 else ""}
    return {name: body for name, body in served.items() if name not in missing}


def _by(state: int, *texts: str) -> str:
    return texts[state]


def _item(title: str, path: str, summary: str = "", guid: str = "") -> str:
    link = f"https://o.example/{path}"
    return (
        "<item>"
        + (f"<title>{escape(title)}</title>" if title else "")
        + f"<link>{link}</link><guid>{guid or link}</guid>"
        + (f"<description>{escape(summary)}</description>" if summary else "")
        + "</item>"
    )


def _rss(name: str, *items: str) -> bytes:
    body = "".join(items)
    return f"<rss version='2.0'><channel><title>{name}</title>{body}</channel></rss>".encode()


NAMES = (*documents(2), "missing")
"""Every feed that is listed, in the order of the list."""
