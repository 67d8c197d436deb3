"""A home and a server for one measurement, removed afterwards even if the process is killed."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from silkwire.config import Settings, read_settings
from silkwire.resources import CONFIG_DIR
from silkwire.warehouse.embedded.server import remove_server

HERE = Path(__file__).resolve().parent


@contextmanager
def throwaway_home() -> Iterator[Settings]:
    """Settings for a new folder under /tmp, as in production but for the limits on loopback hosts.

    Another process removes the folder when the block ends or this process dies.
    """
    folder = Path(tempfile.mkdtemp(prefix="silkwire-bench-", dir="/tmp"))
    folder.chmod(0o711)
    cleaner = subprocess.Popen(
        [sys.executable, __file__, str(folder)], stdin=subprocess.PIPE, start_new_session=True
    )
    config = folder / "config"
    shutil.copytree(CONFIG_DIR, config)
    try:
        yield _make_settings(folder)
    finally:
        assert cleaner.stdin is not None
        cleaner.stdin.close()
        cleaner.wait()


def describe_environment(settings: Settings) -> dict[str, str]:
    """The environment of a command that uses this home."""
    left_out = ("SILKWIRE_", "PYTHONDONTWRITEBYTECODE")  # peers may write bytecode, too
    clean = {name: text for name, text in os.environ.items() if not name.startswith(left_out)}
    return clean | {
        "SILKWIRE_HOME": str(settings.home),
        "SILKWIRE_SERVER_DIR": str(settings.server_dir),
        "SILKWIRE_CONFIG_DIR": str(settings.config_dir),
        "SILKWIRE_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
        "SILKWIRE_FETCH_HOST_CONCURRENCY": "20",
        "SILKWIRE_FETCH_HOST_PAUSE": "0",
    }


def list_feeds(settings: Settings, urls: list[str]) -> None:
    """Write these urls as the home's feed list."""
    outlines = "\n".join(f'<outline type="rss" text="{url}" xmlUrl="{url}"/>' for url in urls)
    text = f'<opml version="2.0"><body>\n{outlines}\n</body></opml>\n'
    (settings.config_dir / "feeds.opml").write_text(text, "utf-8")


def _make_settings(folder: Path) -> Settings:
    return read_settings(
        home=folder / "home",
        server_dir=folder / "server",
        config_dir=folder / "config",
        warehouse_url=None,
        data_url="",
        fetch_allow_private="127.0.0.0/8",
        fetch_host_concurrency=20,
        fetch_host_pause=0,
    )


def _clean_up(folder: Path) -> None:
    sys.stdin.buffer.read()  # returns when the other process closes the pipe or dies
    remove_server(_make_settings(folder))
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _clean_up(Path(sys.argv[1]))
