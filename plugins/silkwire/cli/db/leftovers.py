"""`silkwire db list` and `prune`: all embedded servers on this machine, and what homes left."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.config import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from silkwire.warehouse.embedded.leftovers import FoundServer


def list_servers(is_json: AsJson = False) -> None:
    """Show the embedded servers, their data's size, and whether their home is still there.

    Servers lie in SILKWIRE_SERVER_DIR, for root by default in /var/lib/silkwire;
    otherwise in their home, and then only this home's server is shown.

    Example: silkwire db list
    """
    from silkwire.warehouse.embedded.leftovers import find_servers

    found = find_servers(read_settings())
    if is_json:
        print_json({"servers": [asdict(server) for server in found]}, default=str)
        return
    _print(found)
    gone = sum(server.is_home_gone for server in found)
    total = _size(sum(server.size_bytes for server in found))
    typer.echo(f"{len(found)} servers, {total}; the homes of {gone} are gone")


def prune(
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    is_json: AsJson = False,
) -> None:
    """Stop the servers whose home is gone, and delete their data, after asking.

    A home is gone if it was deleted or made again. A home on a disk that is not
    mounted looks the same: mount it first.

    Example: silkwire db prune
    """
    from silkwire.warehouse.embedded.leftovers import find_servers, remove_leftover

    found = [server for server in find_servers(read_settings()) if server.is_home_gone]
    total = _size(sum(server.size_bytes for server in found))
    _print(found, err=is_json)
    if found and not is_sure:
        typer.echo("A home on a disk that is not mounted looks gone, too.", err=True)
        typer.confirm(f"Delete {len(found)} warehouses, {total}, for good?", abort=True, err=True)
    for server in found:
        remove_leftover(server)
    if is_json:
        print_json({"removed": [asdict(server) for server in found]}, default=str)
    else:
        typer.echo(f"removed {len(found)} warehouses, {total}" if found else "nothing to remove")


def _print(servers: "Iterable[FoundServer]", *, err: bool = False) -> None:
    for server in servers:
        state = "stopped" if server.pid is None else f"process {server.pid}"
        home = f"{server.home}{' (gone)' if server.is_home_gone else ''}"
        size = f"{_size(server.size_bytes):>8}"
        typer.echo(f"{size}  {state:<15}  {server.folder}  home {home}", err=err)


def _size(size_bytes: int) -> str:
    gigabytes, megabytes = size_bytes / 1e9, size_bytes / 1e6
    return f"{gigabytes:,.1f} GB" if gigabytes >= 1 else f"{megabytes:,.0f} MB"
