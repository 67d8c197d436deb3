"""Rulesets that the archive holds, restored so that they can be loaded."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from silkwire.archive import restore_ruleset
from silkwire.config import Settings
from silkwire.errors import ArchiveError, ConfigError
from silkwire.topics import load_ruleset


@dataclass(slots=True)
class ArchivedRules:
    """Restores each version once, into a folder of its own."""

    settings: Settings
    folder: Path
    lost: set[str] = field(default_factory=set)
    """Versions that the archive does not hold, or that cannot be read."""

    def find_config(self, version: str | None) -> Path:
        """A config folder with that version of the rules; the configured folder if it is lost."""
        configured = self.settings.config_dir
        if version is None or version in self.lost:
            return configured
        folder = self.folder / version
        try:
            if load_ruleset(configured).version == version:
                return configured
            if not folder.exists():
                restore_ruleset(self.settings.data_root, version, folder)
            load_ruleset(folder)
        except (ArchiveError, ConfigError):
            self.lost.add(version)
            return configured
        return folder


@contextmanager
def open_rules(settings: Settings) -> Iterator[ArchivedRules]:
    """Restore rulesets into a temporary folder, which is removed after the block."""
    with tempfile.TemporaryDirectory(prefix="silkwire-rules-") as folder:
        yield ArchivedRules(settings, Path(folder))
