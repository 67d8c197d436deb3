"""The fixture of the tests of other rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpers.newsstand import open_newsstand
from helpers.teastand import TeaStand
from silkwire.config import Settings


@pytest.fixture
def trial(warehouse_settings: Settings, warehouse: Engine, tmp_path: Path) -> Iterator[TeaStand]:
    """Feeds, a warehouse, and rules of the one topic tea."""
    with open_newsstand(warehouse_settings, tmp_path) as stand:
        yield TeaStand(stand, warehouse, tmp_path)
