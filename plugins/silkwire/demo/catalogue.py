"""The demo's feeds, as `catalogue.toml` describes them.

Their documents are in `feeds/cycle1/`; a document that the second visit finds changed is also in
`feeds/cycle2/`.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FEEDS_DIR = Path(__file__).with_name("feeds")


@dataclass(frozen=True, slots=True)
class DemoFeed:
    """A sample feed, and how its server answers."""

    file: str
    title: str
    site: str
    group: str
    language: str
    content_type: str = "application/rss+xml"
    encoding: str = "utf-8"
    """The encoding in which the document is served; on disk all documents are UTF-8."""
    validators: tuple[str, ...] = ()
    """The validators that its server sends: `etag`, `last-modified`."""
    status: int = 200
    is_compressed: bool = False
    moved_from: str | None = None
    """The path in the feed list if the feed has moved: it answers 301 with this feed's url."""
    topics: str | None = None
    poll: str | None = None

    @property
    def path(self) -> str:
        return f"/{self.file}"

    @property
    def listed_path(self) -> str:
        """The feed's path in the feed list."""
        return self.moved_from or self.path


_CATALOGUE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
FEEDS = tuple(DemoFeed(**feed) for feed in _CATALOGUE["feeds"])
