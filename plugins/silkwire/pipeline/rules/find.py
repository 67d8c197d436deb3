"""Find the ruleset that a user named: a folder, or the beginning of an archived version."""

import tempfile
from pathlib import Path

from silkwire.archive import list_rulesets, restore_ruleset
from silkwire.config import Settings
from silkwire.errors import ArchiveError, ConfigError
from silkwire.topics import Ruleset, load_rules, load_ruleset, name_ruleset

_MIN_LENGTH = 6
"""Characters of a version that a user must give."""


def find_rules(settings: Settings, name: str) -> Ruleset:
    """Load the rules of a folder or its subfolder `topics`, else the version with that beginning.

    Raises ConfigError, with file and line for a mistake in the rules.
    """
    folder = Path(name)
    if name and folder.is_dir():
        inner = folder / "topics"
        return load_rules(inner if inner.is_dir() else folder)
    version = _find_version(settings, name)
    if version == name_ruleset(settings.config_dir):
        return load_ruleset(settings.config_dir)
    with tempfile.TemporaryDirectory(prefix="silkwire-rules-") as restored:
        try:
            restore_ruleset(settings.data_root, version, Path(restored))
        except ArchiveError as exc:
            raise ConfigError(f"the rules {version[:12]} cannot be had: {exc}") from exc
        return load_ruleset(Path(restored))


def _find_version(settings: Settings, name: str) -> str:
    known = {*list_rulesets(settings.data_root), name_ruleset(settings.config_dir)}
    found = sorted(v for v in known if v.startswith(name)) if len(name) >= _MIN_LENGTH else []
    if not found:
        raise ConfigError(
            f"'{name}' is neither a folder of topic rules nor a version of them that the archive"
            " knows (core.dim_ruleset lists versions)"
        )
    if len(found) > 1:
        raise ConfigError(f"'{name}' may be {' or '.join(v[:12] for v in found)}: write more of it")
    return found[0]
