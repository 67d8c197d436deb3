"""Settings: read once from the environment (`SILKWIRE_*` or `SILKWIRE_*_FILE`) and passed on."""

import ipaddress
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from silkwire.errors import ConfigError
from silkwire.resources import CONFIG_DIR

PREFIX = "SILKWIRE_"
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def default_home() -> Path:
    """The user's data folder (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "silkwire"


class Settings(BaseSettings):
    """Everything that a user may set by environment variables."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(default_factory=default_home)
    """Data folder: the embedded warehouse, the archive and the batch folders."""
    warehouse_url: SecretStr | None = None
    """The URL of a PostgreSQL 14 or later; without it silkwire runs its own server."""
    server_dir: Path | None = None
    """Where the embedded warehouse keeps its folder. Default: `home`; for root `/var/lib/silkwire`,
    because root's server runs as another user."""
    server_fsync: bool = True
    """Whether the embedded warehouse syncs its writes. False is faster and for tests only: a power
    failure may then destroy the data."""
    data_url: str = ""
    """The fsspec URL of the archive and the batch folders; default: `<home>/data`."""
    config_dir: Path = CONFIG_DIR
    """The folder of `feeds.opml` and `topics/`."""

    fetch_allow_private: Annotated[tuple[IPNetwork, ...], NoDecode] = ()
    """Private networks that the fetcher may reach, as CIDRs separated by commas."""
    fetch_host_concurrency: int = Field(default=2, ge=1)
    """Requests to one host at the same time."""
    fetch_host_pause: float = Field(default=1.0, ge=0)
    """Seconds between requests to one host."""
    fetch_deadline: float = Field(default=30.0, gt=0)
    """Seconds for one whole fetch, redirects included."""
    fetch_first_byte: float = Field(default=15.0, gt=0)
    """Seconds within which a response must begin, connecting included."""
    fetch_max_bytes: int = Field(default=20_000_000, gt=0)
    """The maximum size of one body after decoding, in bytes."""
    fetch_concurrency: int = Field(default=200, ge=1)
    """Requests of one shard at the same time."""
    fetch_contact: str = "https://github.com/silkwire/silkwire"
    """The contact in the User-Agent: a url or a mail address."""

    parse_workers: int = Field(default=2, ge=1)
    """Parser processes."""
    parse_deadline: float = Field(default=10.0, gt=0)
    """Seconds for one document."""

    shard_feeds: int = Field(default=500, ge=1)
    """Feeds in one shard, which one fetch task takes."""
    batch_lease: float = Field(default=900.0, gt=0)
    """How long after the last renewal of its lease another run may resume a batch, in seconds."""
    hold_quarantined_share: float = Field(default=0.5, gt=0, le=1)
    """A batch with a larger share of quarantined entries is held."""
    hold_min_entries: int = Field(default=50, ge=1)
    """A batch with fewer entries is not held for its share of quarantined entries."""

    copy_window_days: int = Field(default=14, ge=0, le=365)
    """Articles with the same text are linked as copies within this many days; 0: never."""

    keep_off_topic_days: int = Field(default=30, ge=1)
    """Days after its last sighting when an off-topic entry is deleted."""
    keep_quarantine_days: int = Field(default=90, ge=1)
    """Days after its last sighting when a decided record of quarantine is deleted."""
    keep_open_days: int | None = Field(default=None, ge=1)
    """Days after its last sighting when an open record of quarantine is deleted; None: never."""
    keep_batch_days: int = Field(default=7, ge=1)
    """Days after which the folder of a batch is deleted; never while it is held."""
    keep_archive_days: int | None = Field(default=None, ge=1)
    """Days after which the archive files of a batch are deleted; None: never. They are kept while
    the batch runs or is held, and while a record that it quarantined is open."""
    keep_months: int = Field(default=13, ge=1)
    """How many whole months of `ops.fetch` and `ops.expectation_result` to keep before the current
    month."""

    status_stale_minutes: float = Field(default=60, gt=0)
    """`silkwire status` reports a problem if no batch has ended for this long."""
    status_quiet_minutes: float = Field(default=360, gt=0)
    """`silkwire status` reports a problem if no article was loaded for this long, although last
    week's rate predicts five or more."""
    status_quarantine_growth: int = Field(default=100, ge=1)
    """`silkwire status` reports a problem if this many records were quarantined within a day."""
    status_min_free_bytes: int = Field(default=1_000_000_000, ge=0)
    """`silkwire status` reports a problem if the data folder's disk has fewer free bytes."""

    @field_validator("fetch_allow_private", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(
            ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip()
        )

    @field_validator("home", "config_dir", "server_dir", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @property
    def data_root(self) -> str:
        """The fsspec URL of the archive and the batch folders, without a trailing slash."""
        return (self.data_url or str(self.home / "data")).rstrip("/")

    @property
    def copy_window(self) -> timedelta:
        return timedelta(days=self.copy_window_days)


def read_settings(**overrides: Any) -> Settings:
    """Settings from `overrides`, else the environment. Raises ConfigError naming what is wrong."""
    try:
        return Settings(**(_read_files(os.environ) | overrides))
    except ValidationError as exc:
        first = exc.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise ConfigError(f"{name}: {first['msg']}") from exc


def _read_files(environ: Mapping[str, str]) -> dict[str, str]:
    """`SILKWIRE_WAREHOUSE_URL_FILE=/run/secrets/url` sets `warehouse_url` to that file's text.

    A setting that the environment holds itself is not read from a file. Raises ConfigError for a
    name that is no setting.
    """
    fields = {PREFIX + field.upper(): field for field in Settings.model_fields}
    found = {}
    for name, value in sorted(environ.items()):
        setting = name.removesuffix("_FILE")
        if name.startswith(PREFIX) and setting not in fields:
            raise ConfigError(f"{name} is not a setting of silkwire; see .env.example")
        if name != setting and setting in fields and setting not in environ and value:
            try:
                found[fields[setting]] = Path(value).read_text("utf-8").strip()
            except OSError as exc:
                raise ConfigError(f"{name} cannot be read: {exc.strerror}: {value}") from exc
    return found
