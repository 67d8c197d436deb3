"""Servers whose homes are gone: found, removed, and stopped by themselves."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner, Result

from silkwire.cli.app import app
from silkwire.config import Settings, read_settings
from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded import server
from silkwire.warehouse.embedded.folder import ServerFolder, find_folder
from silkwire.warehouse.embedded.leftovers import FoundServer, find_servers, remove_leftover


@pytest.fixture
def homes(
    session_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[tuple[Settings, Settings]]:
    """Two homes whose servers lie in a folder of this test alone."""
    monkeypatch.setenv("SILKWIRE_SERVER_DIR", str(session_home / f"servers-{request.node.name}"))
    monkeypatch.setenv("SILKWIRE_HOME", str(tmp_path / "two"))
    found = read_settings(home=tmp_path / "one"), read_settings()
    yield found
    monkeypatch.setenv("SILKWIRE_HOME", str(tmp_path / "none"))
    for left in find_servers(read_settings()):
        shutil.rmtree(left.home, ignore_errors=True)
        remove_leftover(left)


def start(settings: Settings) -> tuple[ServerFolder, int]:
    server.ensure_server(settings)
    folder, pid = find_folder(settings), server.server_status(settings).pid
    assert folder is not None
    assert pid is not None
    return folder, pid


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["db", *arguments], input=answer)


def test_prune_asks_and_then_removes_only_the_server_whose_home_is_gone(
    homes: tuple[Settings, Settings], tmp_path: Path
) -> None:
    (one, one_pid), (two, two_pid) = start(homes[0]), start(homes[1])
    assert "2 servers" in run("list").stdout
    assert run("prune").stdout == "nothing to remove\n"
    shutil.rmtree(homes[0].home)
    shown = run("list").stdout
    assert f"{one.path}  home {tmp_path}/one (gone)\n" in shown
    assert shown.endswith("the homes of 1 are gone\n")
    refused = run("prune", answer="n\n")
    assert refused.exit_code == 1
    assert "Delete 1 warehouses" in refused.output
    assert psutil.pid_exists(one_pid)
    done = run("prune", "--yes", "--json")
    (removed,) = json.loads(done.stdout)["removed"]
    assert (removed["folder"], removed["home"]) == (str(one.path), f"{tmp_path}/one")
    assert removed["size_bytes"] > 20_000_000
    assert not one.path.exists()
    assert not psutil.pid_exists(one_pid)
    assert two.data.exists()
    assert psutil.pid_exists(two_pid)


def test_what_silkwire_did_not_make_is_neither_shown_nor_removed(
    homes: tuple[Settings, Settings],
) -> None:
    folder, _ = start(homes[1])
    for name in ("mine", "abcdef012345-abcdef"):
        (folder.path.parent / name).mkdir()
    (folder.path.parent / "mine" / "home").write_text("/nowhere")
    assert [found.folder for found in find_servers(homes[1])] == [folder.path]
    mine = FoundServer(folder.path.parent / "mine", Path("/nowhere"), True, None, 0)
    with pytest.raises(WarehouseError, match="is not removed"):
        remove_leftover(mine)


def test_a_home_that_came_back_keeps_its_server(
    homes: tuple[Settings, Settings], tmp_path: Path
) -> None:
    folder, pid = start(homes[1])
    homes[1].home.rename(tmp_path / "away")
    (found,) = find_servers(read_settings(home=tmp_path / "none"))
    assert found.is_home_gone
    (tmp_path / "away").rename(homes[1].home)
    with pytest.raises(WarehouseError, match="is there again"):
        remove_leftover(found)
    assert folder.data.exists()
    assert psutil.pid_exists(pid)


def test_a_home_that_was_moved_is_known_by_its_new_place(
    homes: tuple[Settings, Settings], tmp_path: Path
) -> None:
    folder, pid = start(homes[1])
    moved = read_settings(home=tmp_path / "moved")
    homes[1].home.rename(moved.home)
    assert start(moved) == (folder, pid)
    (found,) = find_servers(moved)
    assert (found.home, found.is_home_gone) == (moved.home, False)
