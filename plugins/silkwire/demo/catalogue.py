"""The demo's feeds: what each is called, how it is served, and what is wrong with it on purpose.

The documents lie in `feeds/cycle1/`; those that a second visit finds changed also in
`feeds/cycle2/`. All outlets and texts are ours; no `.example` domain can exist (RFC 2606).
"""

from dataclasses import dataclass, field
from pathlib import Path

FEEDS_DIR = Path(__file__).resolve().parent / "feeds"

RSS, ATOM, RDF = "application/rss+xml", "application/atom+xml", "application/rdf+xml"


@dataclass(frozen=True, slots=True)
class DemoFeed:
    """One sample feed and the manners of its server."""

    file: str
    title: str
    site: str
    group: str
    language: str
    content_type: str = RSS
    encoding: str = "utf-8"
    """How the document goes over the wire; on disk all are UTF-8."""
    validators: frozenset[str] = field(default_factory=frozenset)
    """Which of `etag` and `last-modified` its server sends."""
    status: int = 200
    is_compressed: bool = False
    moved_from: str | None = None
    """A path that answers 301 with the address of this feed; the feed list still has it."""
    topics: str | None = None
    poll: str | None = None

    @property
    def path(self) -> str:
        return f"/{self.file}"

    @property
    def listed_path(self) -> str:
        """The path under which the feed list has it."""
        return self.moved_from or self.path


ETAG, DATED = frozenset({"etag"}), frozenset({"last-modified"})
BOTH = ETAG | DATED

FEEDS: tuple[DemoFeed, ...] = (
    DemoFeed(
        "meridian-post.xml",
        "The Meridian Post",
        "https://meridian-post.example/",
        "News",
        "en",
        validators=BOTH,
        poll="10m",
    ),
    DemoFeed(
        "pacific-ledger.xml",
        "Pacific Ledger",
        "https://pacific-ledger.example/",
        "News",
        "en",
        ATOM,
        validators=ETAG,
    ),
    DemoFeed("wirehub.xml", "Wirehub", "https://wirehub.example/", "News", "en", validators=DATED),
    DemoFeed(
        "dengta.xml",
        "灯塔日报",
        "https://dengta.example/",
        "News",
        "zh",
        encoding="gb18030",
        validators=DATED,
    ),
    DemoFeed(
        "haigang.xml",
        "海港時報",
        "https://haigang.example/",
        "News",
        "zh",
        validators=ETAG,
        is_compressed=True,
    ),
    DemoFeed("tsubame.rdf", "つばめ通信", "https://tsubame.example/", "News", "ja", RDF),
    DemoFeed(
        "model-weekly.json",
        "Model Weekly",
        "https://modelweekly.example/",
        "Specialists",
        "en",
        "application/feed+json",
        validators=ETAG,
        topics="ai",
    ),
    DemoFeed(
        "open-skies.xml",
        "Open Skies Digest",
        "https://openskies.example/",
        "Specialists",
        "en",
        validators=ETAG,
        moved_from="/open-skies/old.rss",
    ),
    DemoFeed(
        "advisory-desk.xml",
        "Advisory Desk",
        "https://advisorydesk.example/",
        "Specialists",
        "en",
        ATOM,
        validators=BOTH,
        poll="10m",
    ),
    DemoFeed(
        "lantern-review.xml",
        "The Lantern Review",
        "https://lantern-review.example/",
        "Specialists",
        "en",
    ),
    DemoFeed(
        "ragged-edge.xml",
        "Ragged Edge",
        "https://raggededge.example/",
        "Trouble",
        "en",
        "text/xml",
        validators=ETAG,
    ),
    DemoFeed("quirk-gazette.xml", "The Quirk Gazette", "https://quirk.example/", "Trouble", "en"),
    DemoFeed(
        "down-channel.xml", "Down Channel", "https://down.example/", "Trouble", "en", status=500
    ),
    DemoFeed(
        "old-homepage.html",
        "The Old Homepage",
        "https://oldhome.example/",
        "Trouble",
        "en",
        "text/html",
    ),
)
