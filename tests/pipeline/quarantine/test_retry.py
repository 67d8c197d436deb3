"""Open records tried again: read from the archive, matched, judged and loaded anew."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from silkwire.cli.app import app
from silkwire.config import Settings, read_settings
from silkwire.model import IdentifiedEntry, Identity, ParsedEntry
from silkwire.pipeline import ingest, open_context
from silkwire.pipeline.quarantine.release_reject import reject_records
from silkwire.pipeline.quarantine.reread import find_entry
from silkwire.pipeline.quarantine.retry import RetryReport, retry_records

GOOD = "<item><title>OpenAI hires</title><link>https://o.example/good</link></item>"
UNTITLED = "<item><link>https://o.example/bad</link><description>ChatGPT news</description></item>"
SPORT = "<item><link>https://o.example/cup</link><description>The cup is won</description></item>"
KNOWN = "<item><title>DeepSeek AI</title><link>https://o.example/known</link></item>"


class World:
    """A feed that was read once; `set_aside` makes of an entry what an earlier parser read."""

    def __init__(self, settings: Settings, engine: Engine, server: FeedServer, folder: Path):
        self.settings, self.engine, self.server, self.folder = settings, engine, server, folder

    def read(self, *items: str) -> None:
        body = f"<rss version='2.0'><channel><title>t</title>{''.join(items)}</channel></rss>"
        self.server.documents = {"feed": body.encode()}
        opml = self.server.write_opml(self.folder / "f.opml")
        ingest(self.settings, feeds_opml=opml, ignore_due=True)

    def query(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.engine.begin() as conn:
            found = conn.execute(text(statement), values)
            return [tuple(row) for row in found] if found.returns_rows else []

    def forget(self, link: str) -> None:
        """As if the article had never been loaded."""
        self.query(
            "WITH gone AS (DELETE FROM core.fact_sighting WHERE link = :link RETURNING article_key)"
            " DELETE FROM core.fact_article USING gone"
            " WHERE fact_article.article_key = gone.article_key",
            link=link,
        )

    def set_aside(self, payload: dict[str, Any]) -> int:
        (row,) = self.query(
            "INSERT INTO ops.quarantine (feed_key, fingerprint, batch_id, fetched_at, archive_file,"
            " archive_offset, payload, last_seen_at) SELECT feed_key, sha256(CAST(:payload AS"
            " bytea)), batch_id, started_at, archive_file, archive_offset, CAST(:payload AS bytea),"
            " started_at FROM ops.fetch RETURNING quarantine_key",
            payload=json.dumps(payload).encode(),
        )
        self.query(
            "INSERT INTO ops.quarantine_reason VALUES (:key, 1, 'old', 'title', NULL, 'then')",
            key=row[0],
        )
        return int(row[0])

    def retry(self, keys: list[int] | None = None, reason: str | None = None) -> RetryReport:
        with open_context(self.settings) as ctx:
            return retry_records(ctx, keys, reason=reason)

    def titles(self) -> list[str]:
        return [row[0] for row in self.query("SELECT title FROM mart.articles ORDER BY title")]


@pytest.fixture
def world(
    warehouse_settings: Settings, warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    del warehouse_settings
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_PAUSE", "0")
    with FeedServer() as server:
        yield World(read_settings(), warehouse, server, tmp_path)


def old_reading(link: str, **more: Any) -> dict[str, Any]:
    return {"position": 9, "url": link, "canonical_url": link, **more}


def test_what_the_parser_reads_better_now_is_loaded_and_released_by_retry(world: World) -> None:
    world.read(GOOD, KNOWN)
    world.forget("https://o.example/good")
    world.set_aside(old_reading("https://o.example/good"))
    assert world.titles() == ["DeepSeek AI"]
    report = world.retry()
    assert (report.tried, report.released, report.failing) == (1, 1, 0)
    assert report.outcomes == {"inserted": 1}
    assert world.titles() == ["DeepSeek AI", "OpenAI hires"]
    assert world.query("SELECT status, reviewer FROM ops.quarantine") == [("released", "retry")]
    assert world.query(
        "SELECT fetched_count, accepted_count FROM ops.batch WHERE trigger = 'retry'"
    ) == [(1, 1)]
    assert world.retry() == RetryReport()


def test_what_still_fails_has_the_reasons_of_today_and_costs_no_batch(world: World) -> None:
    world.read(UNTITLED, GOOD)
    world.query("DELETE FROM ops.quarantine")
    world.set_aside(old_reading("https://o.example/bad"))
    for _ in range(2):
        report = world.retry()
        assert (report.tried, report.released, report.failing, report.batches) == (1, 0, 1, [])
        assert world.query("SELECT expectation FROM ops.quarantine_reason") == [("has_title",)]
    assert world.query("SELECT status, seen_count, entry_url FROM ops.quarantine") == [
        ("open", 1, "https://o.example/bad")
    ]
    # The record is known by what is read now: the feed's next document repeats it.
    world.read(UNTITLED, GOOD, KNOWN)
    assert world.query("SELECT status, seen_count FROM ops.quarantine") == [("open", 2)]


def test_what_is_off_topic_by_the_rules_of_today_is_closed_though_it_fails(world: World) -> None:
    world.read(SPORT, GOOD)
    world.query("DELETE FROM ops.off_topic")
    world.set_aside(old_reading("https://o.example/cup"))
    assert world.retry().outcomes == {"off_topic": 1}
    assert world.query("SELECT status FROM ops.quarantine") == [("released",)]
    assert world.query("SELECT entry_url FROM ops.off_topic") == [("https://o.example/cup",)]
    assert world.titles() == ["OpenAI hires"]


def test_entries_that_the_parser_had_lost_are_loaded_once_it_reads_them(world: World) -> None:
    world.read(GOOD, KNOWN, SPORT)
    world.forget("https://o.example/good")
    for number in (1, 2):
        world.set_aside({"lost_number": number})
    report = world.retry()
    assert (report.tried, report.released, report.outcomes) == (2, 2, {"inserted": 1})
    assert world.titles() == ["DeepSeek AI", "OpenAI hires"]
    assert world.query("SELECT count(*) FROM core.article_revision") == [(2,)]


def test_what_the_parser_does_not_find_stays_as_it_is(world: World) -> None:
    world.read(GOOD)
    world.set_aside(old_reading("https://o.example/elsewhere"))
    report = world.retry()
    assert (report.tried, report.unread, report.released) == (1, 1, 0)
    assert world.query("SELECT expectation FROM ops.quarantine_reason") == [("old",)]


def test_without_its_bytes_a_record_is_tried_as_it_was_set_aside(world: World) -> None:
    world.read(GOOD)
    world.forget("https://o.example/good")
    world.set_aside(old_reading("https://o.example/good", title="OpenAI retires"))
    for file in (world.folder / "home").rglob("*-000.warc.gz"):
        file.unlink()
    assert world.retry().outcomes == {"inserted": 1}
    assert world.titles() == ["OpenAI retires"]


def test_many_are_tried_chunk_by_chunk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("retry", "release"):
        monkeypatch.setattr(f"silkwire.pipeline.quarantine.{module}.CHUNK", 2)
    world.read(KNOWN)
    for number in range(5):
        world.set_aside(old_reading("https://o.example/known", title=f"AI {number}"))
    report = world.retry()
    # All are the one entry that is read now, and that is loaded already.
    assert (report.tried, report.released, report.outcomes) == (5, 5, {"unchanged": 5})
    assert world.titles() == ["DeepSeek AI"]


def test_the_command_tries_what_it_is_asked_for(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.read(UNTITLED, KNOWN)
    again = world.set_aside(old_reading("https://o.example/known"))
    with open_context(world.settings) as ctx:
        reject_records(ctx, [again], reviewer="ann")
    assert run("retry", "--reason", "no_such_thing") == 0
    assert capsys.readouterr().out.startswith("0 tried: 0 released (none)")
    assert run("retry", "--reason", "has_title", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["tried"], report["failing"]) == (1, 1)
    assert run("retry", str(again)) == 1
    assert "already rejected by ann" in capsys.readouterr().err
    with pytest.raises(Exception, match="give numbers of records, or --all"):
        run("retry")


def run(*arguments: str) -> int:
    return app(["quarantine", *arguments], standalone_mode=False) or 0


@pytest.mark.parametrize(
    ("old", "place"),
    [
        (ParsedEntry(9, guid="b", url="https://o.example/1"), 1),
        (ParsedEntry(9, url="https://o.example/3"), 2),
        (ParsedEntry(9, guid="?", url="https://o.example/?", title="T2"), 1),
        (ParsedEntry(2), 2),
        (ParsedEntry(2, guid="?"), None),
    ],
    ids=["guid before url", "url", "text", "place of a nameless one", "not there"],
)
def test_an_old_reading_is_found_again(old: ParsedEntry, place: int | None) -> None:
    named = [
        name(ParsedEntry(n, guid=guid, url=f"https://o.example/{n + 1}", title=f"T{n + 1}"))
        for n, guid in enumerate("abc")
    ]
    found = find_entry(name(old), named)
    assert found is (None if place is None else named[place])


def name(entry: ParsedEntry) -> IdentifiedEntry:
    return IdentifiedEntry(entry, Identity.URL, "00", (), str(entry.title))
