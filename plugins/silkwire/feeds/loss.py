"""Loss: how many feeds the list has lost. A list that lost most of them is taken for a mistake."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from silkwire.errors import ConfigError
from silkwire.feeds.opml.read import ListedFeed
from silkwire.warehouse.statements import read_statements

SQL = read_statements(__file__)
_FEWEST = 10
"""With fewer feeds than this, losing most of them is an ordinary edit."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Of the feeds that the list had and that are not paused, how many it does not name now."""

    known_count: int
    lost_count: int

    @property
    def is_most(self) -> bool:
        return self.known_count >= _FEWEST and self.lost_count * 2 > self.known_count

    def __str__(self) -> str:
        return f"{self.lost_count:,} of the {self.known_count:,} feeds are no longer in the list"


def find_loss(conn: Connection, listed: Sequence[ListedFeed]) -> Loss:
    """Compare the list with `ops.feed`. A feed that was only fetched by hand (`ingest --feeds`) was
    never in the list."""
    urls = [feed.feed_url for feed in listed]
    return Loss(*conn.execute(SQL["count"], {"urls": urls}).one())


def refuse_loss(conn: Connection, listed: Sequence[ListedFeed], path: Path | str) -> None:
    """Raise ConfigError if the list at `path` has lost most of its feeds."""
    loss = find_loss(conn, listed)
    if loss.is_most:
        message = (
            f"{loss}, so no feed is changed or fetched. Put them back or, if this is meant, run"
            " `silkwire ingest --yes` once"
        )
        raise ConfigError(message, file=path)
