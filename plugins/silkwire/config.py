"""Settings: read once from the environment (`SILKWIRE_*`, also from `*_FILE`) and passed on."""

import ipaddress
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from silkwire.errors import ConfigError
from silkwire.resources import CONFIG_DIR

PREFIX = "SILKWIRE_"
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def default_home() -> Path:
    """The user's data folder (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "silkwire"


class Settings(BaseSettings):
    """Everything a user may set. Frozen; a wrong value is a `ConfigError` naming the setting."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(default_factory=default_home)
    """Data folder: the embedded warehouse, the archive and the batch folders."""
    warehouse_url: SecretStr | None = None
    """Any PostgreSQL 14+; without it silkwire runs its own."""
    server_dir: Path | None = None
    """Where the embedded warehouse keeps its folders; default: in `home`, for root
    `/var/lib/silkwire`, since the server runs as another user then."""
    server_fsync: bool = True
    """Off makes the embedded warehouse quicker and lets a power failure destroy it: for tests."""
    data_url: str = ""
    """Archive and batch folders as an fsspec URL; default: `<home>/data`."""
    config_dir: Path = CONFIG_DIR

    fetch_allow_private: Annotated[tuple[IPNetwork, ...], NoDecode] = ()
    """CIDRs of private addresses that the fetcher may reach, comma-separated."""
    fetch_host_concurrency: int = Field(default=2, ge=1)
    fetch_host_pause: float = Field(default=1.0, ge=0)
    """Seconds between requests to one host."""
    fetch_deadline: float = Field(default=30.0, gt=0)
    """Seconds for one fetch in all, redirects included."""
    fetch_first_byte: float = Field(default=15.0, gt=0)
    """Seconds within which an answer has to begin, connecting included."""
    fetch_max_bytes: int = Field(default=20_000_000, gt=0)
    """Decoded bytes of one body."""
    fetch_concurrency: int = Field(default=200, ge=1)
    """Requests under way at once in one shard."""
    fetch_contact: str = "https://github.com/silkwire/silkwire"
    """What the User-Agent offers as a contact: a url or a mail address."""

    parse_workers: int = Field(default=2, ge=1)
    parse_deadline: float = Field(default=10.0, gt=0)
    """Seconds for one document."""

    shard_feeds: int = Field(default=500, ge=1)
    """Feeds of one fetch task."""
    batch_lease: float = Field(default=900.0, gt=0)
    """Seconds without a sign of life after which a batch may be resumed by another."""
    hold_quarantined_share: float = Field(default=0.5, gt=0, le=1)
    """A batch with a larger share of quarantined entries is held for a person."""
    hold_min_entries: int = Field(default=50, ge=1)
    """…unless it has fewer entries than this."""

    copy_window_days: int = Field(default=14, ge=0, le=365)
    """Days between two articles within which the same text is linked as a copy; 0: never."""

    keep_off_topic_days: int = Field(default=30, ge=1)
    """Days after which an entry that is off topic, and was not seen since, is forgotten."""
    keep_quarantine_days: int = Field(default=90, ge=1)
    """Days after which a quarantined record goes that was decided on, and was not seen since."""
    keep_open_days: int | None = Field(default=None, ge=1)
    """Days after which one goes that nobody decided on, and was not seen since; None: never."""
    keep_batch_days: int = Field(default=7, ge=1)
    """Days after which the files of a batch that is decided go; never while it is held."""
    keep_archive_days: int | None = Field(default=None, ge=1)
    """Days after which the archive files of a batch go; None: never. Not while it runs or is held,
    nor while a record that it quarantined is open."""
    keep_months: int = Field(default=13, ge=1)
    """Whole months of `ops.fetch` and `ops.expectation_result` before this one."""

    status_stale_minutes: float = Field(default=60, gt=0)
    """`silkwire status` complains when no batch ended for so long."""
    status_quiet_minutes: float = Field(default=360, gt=0)
    """…when no article came for so long, although five or more would be usual by the last week."""
    status_quarantine_growth: int = Field(default=100, ge=1)
    """…when so many records came into quarantine within a day."""
    status_min_free_bytes: int = Field(default=1_000_000_000, ge=0)
    """…and when less disk than this is free for the data folder."""

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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _FileSource(settings_cls)


class _FileSource(PydanticBaseSettingsSource):
    """`SILKWIRE_WAREHOUSE_URL_FILE=/run/secrets/url` sets `warehouse_url` to that file's text."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text("utf-8").strip(), field_name, False
        except OSError as exc:
            setting = f"{PREFIX}{field_name.upper()}_FILE"
            raise ConfigError(f"{setting} cannot be read: {exc.strerror}: {path}") from exc

    def __call__(self) -> dict[str, Any]:
        values = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in values.items() if value is not None}


def read_settings(**overrides: Any) -> Settings:
    """Settings from the environment, `overrides` first. Raises ConfigError naming what is wrong."""
    _refuse_unknown(os.environ)
    try:
        return Settings(**overrides)
    except ValidationError as exc:
        first = exc.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise ConfigError(f"{name}: {first['msg']}") from exc


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{name}_FILE" for name in known}
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            raise ConfigError(f"{name} is not a setting of silkwire; see .env.example")
