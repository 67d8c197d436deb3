"""What has to hold once a run has recovered: nothing lost, nothing doubled, nothing stuck."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from crash.world import Place
from helpers.picture import MARTS, Blur, Picture, blur_runs, take_picture
from silkwire.archive import list_batches, scan_archive

COMPARED = (
    *(name for name in MARTS if name != "data_quality_daily"),
    "sightings",
    "revisions",
    "feeds",
    "validators",
)
"""Not what depends on how many runs there were."""


@dataclass
class Broken:
    """What is wrong after a round; empty if all promises hold."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.stuck)


def look(place: Place, blur: Blur = blur_runs) -> Picture:
    """What must be as in a warehouse whose runs were never killed."""
    return take_picture(place.engine, COMPARED, blur=blur)


def find_broken(place: Place, expected: Picture, found: Picture | None = None) -> Broken:
    """Compare with what was `expected`, and look for what was left behind."""
    broken = Broken()
    found = look(place) if found is None else found
    for name, rows in expected.items():
        wanted, got = Counter(rows), Counter(found[name])
        broken.lost += [f"{name}: {row}" for row in (wanted - got).elements()]
        broken.doubled += [f"{name}: {row}" for row in (got - wanted).elements()]
    with place.engine.begin() as conn:
        broken.stuck += _find_in_warehouse(conn)
        broken.stuck += _find_in_files(conn, place)
    return broken


def _find_in_warehouse(conn: Connection) -> Iterator[str]:
    for sentence, question in LEFT_BEHIND.items():
        for row in conn.execute(text(question)):
            yield f"{sentence}: {tuple(row)}"


LEFT_BEHIND = {
    "a batch is running": "SELECT batch_id, step_reports FROM ops.batch WHERE state = 'running'",
    "a feed is leased": "SELECT feed_url, leased_by_batch_id FROM ops.feed"
    " WHERE leased_by_batch_id IS NOT NULL",
    "the five counts of a batch differ": "SELECT * FROM mart.batch_reconciliation"
    " WHERE difference_count <> 0",
    "the counts of a batch are not those of its fetches": "SELECT batch_id FROM ops.batch"
    " WHERE state = 'done' AND trigger NOT IN ('review', 'retry', 'adopt') AND fetched_count <>"
    " (SELECT coalesce(sum(attempt.fetched_count), 0)"
    " FROM ops.fetch AS attempt WHERE attempt.batch_id = batch.batch_id)",
    "a lock is held": "SELECT mode FROM pg_locks WHERE locktype = 'advisory'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    "a session is open": "SELECT state, query FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND usename IS NOT NULL",  # autovacuum's workers have none
    "a table is temporary": "SELECT relname FROM pg_class WHERE relpersistence = 't'"
    " AND relkind = 'r'",
    "evidence without a match": "SELECT match_key FROM core.topic_evidence"
    " WHERE match_key NOT IN (SELECT match_key FROM core.fact_topic_match)",
    "a reason without a record": "SELECT quarantine_key FROM ops.quarantine_reason"
    " WHERE quarantine_key NOT IN (SELECT quarantine_key FROM ops.quarantine)",
    "an article is linked twice": "SELECT article_key FROM core.article_copy"
    " WHERE replaced_at IS NULL GROUP BY article_key HAVING count(*) > 1",
}


def _find_in_files(conn: Connection, place: Place) -> Iterator[str]:
    states = dict(conn.execute(text("SELECT batch_id, state FROM ops.batch")).all())
    data = place.settings.home / "data"
    for file in data.rglob(".*"):
        # an abandoned batch keeps its folder as it was, until retention removes it
        if states.get(file.parent.name) != "abandoned":
            yield f"a file is left behind: {file.relative_to(data)}"
    for folder in (data / "batches").iterdir():
        if folder.name not in states:
            yield f"a folder of no batch is left behind: {folder.name}"
    for file in (place.folder / "tmp").iterdir():
        yield f"a temporary file is left behind: {file.name}"
    yield from _find_in_archive(place, states)


def _find_in_archive(place: Place, states: dict[str, str]) -> Iterator[str]:
    for batch in list_batches(place.settings.data_root):
        if batch.batch_id not in states:
            yield f"the archive holds a batch that is not known: {batch.batch_id}"
        if states.get(batch.batch_id) == "done" and batch.decision_file is None:
            yield f"the archive holds no decision on {batch.batch_id}"
        for file in batch.files:
            for damage in scan_archive(place.settings.data_root, file).damages:
                yield f"the archive is damaged: {damage}"
