"""The sample feeds through Airflow with Celery workers on this machine, and what came of them.

    python tests/cluster/demo.py [--keep]

Carries out docker/ without Docker: PostgreSQL, Redis, an object store, Airflow's parts and two
workers, all on loopback, in a folder that is removed afterwards. `--keep` leaves them running until
Ctrl-C, with the address and login of the UI.
"""
# ruff: noqa: T201

import argparse
import signal
import tempfile
from pathlib import Path

from composed import POSTGRES_BIN, REDIS, Composed, wait_until
from image import CHECKOUT, build_image
from newsagents import Newsagents

SAMPLES = CHECKOUT / "plugins" / "silkwire" / "demo" / "feeds" / "cycle1"
SETTINGS = {
    "SILKWIRE_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
    "SILKWIRE_FETCH_HOST_PAUSE": "0",
    "SILKWIRE_SHARD_FEEDS": "4",
}


def run_demo(root: Path, newsagents: Newsagents, *, is_kept: bool) -> None:
    print("Building what the Dockerfile says (a minute or two) …", flush=True)
    image = build_image(root)
    newsagents.write_opml(Path(image.place("/opt/silkwire/config/feeds.opml")))
    print("Starting PostgreSQL, Redis, the object store, Airflow and two workers …", flush=True)
    with Composed(image, SETTINGS) as composed, composed.connect("warehouse_url") as warehouse:
        print("Waiting for the scheduler's first batch …", flush=True)
        done = "SELECT 1 FROM ops.batch WHERE state = 'done' AND fetched_count > 0"
        wait_until(lambda: warehouse.execute(done).fetchone() is not None, "a batch is done", 300)
        for question in ("recent_batches", "wide_stories"):
            print(composed.run("worker", "silkwire", "query", question))
        if is_kept:
            print(f"UI        http://{composed.addresses['api-server:8080']}")
            print("user      admin")
            print(f"password  {composed.secret('airflow_admin_password')}\nCtrl-C stops it.")
            signal.pause()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="run on until Ctrl-C")
    options = parser.parse_args()
    if not (REDIS and POSTGRES_BIN):
        parser.exit(2, "needs Debian's packages postgresql and redis-server\n")
    documents = {path.name: path.read_bytes() for path in sorted(SAMPLES.iterdir())}
    with (
        tempfile.TemporaryDirectory(prefix="silkwire-cluster-", dir="/tmp") as folder,
        Newsagents(documents) as newsagents,
    ):
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user
        try:
            run_demo(Path(folder), newsagents, is_kept=options.keep)
        except KeyboardInterrupt:
            print("Stopping.")


if __name__ == "__main__":
    main()
