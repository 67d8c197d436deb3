"""Check the configured topic rules before a batch leases feeds."""

from contextlib import suppress

from silkwire import __version__
from silkwire.config import Settings
from silkwire.topics import load_ruleset, name_ruleset


def require_ruleset(settings: Settings) -> str:
    """Return the version of the rules. Raises ConfigError for a mistake in them.

    The file `rules-checked` in the home names the version that passed last. That version is not
    checked again: if no feed is due, reading the rules would take a quarter of the run.
    """
    version = name_ruleset(settings.config_dir)
    mark, stamp = settings.home / "rules-checked", f"{__version__} {version}"
    with suppress(OSError, UnicodeDecodeError):
        if mark.read_text("utf-8") == stamp:
            return version
    load_ruleset(settings.config_dir)
    with suppress(OSError):  # a full disk only costs the next run this check
        mark.write_text(stamp, "utf-8")
    return version
