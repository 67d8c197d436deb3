"""The topic rules in force: found right before anything is leased, read when there is work."""

from contextlib import suppress

from silkwire import __version__
from silkwire.config import Settings
from silkwire.topics import load_ruleset, name_ruleset


def require_ruleset(settings: Settings) -> str:
    """The version of the rules. Raises ConfigError for a mistake in them.

    Rules that this silkwire found right before, as a file of the home says, are not read again:
    where nothing is due, reading them would be a quarter of a run.
    """
    version = name_ruleset(settings.config_dir)
    mark, stamp = settings.home / "rules-checked", f"{__version__} {version}"
    with suppress(OSError, UnicodeDecodeError):
        if mark.read_text("utf-8") == stamp:
            return version
    load_ruleset(settings.config_dir)
    with suppress(OSError):  # no disk, no saving
        mark.write_text(stamp, "utf-8")
    return version
