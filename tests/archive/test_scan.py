"""Damaged archive files are read as far as possible; decisions and rules come back as written."""

import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from silkwire.archive import (
    ArchivedBatch,
    ArchivedFeed,
    ArchivedFile,
    ArchiveWriter,
    BatchDecision,
    GivenUp,
    keep_ruleset,
    list_batches,
    list_rulesets,
    name_decision,
    read_decision,
    restore_ruleset,
    scan_archive,
    write_decision,
)
from silkwire.errors import ArchiveError
from silkwire.model import Exchange, FetchOutcome, FetchResult

STARTED = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
FILE = "archive/2026/11/23/b1-000.warc.gz"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"
DECISION = BatchDecision(
    batch_id="b1",
    trigger="cli",
    is_listed_feeds=True,
    started_at=STARTED,
    verdict="published",
    verdict_reason=None,
    judged_at=STARTED,
    decided_at=STARTED,
    ruleset="r1",
    files=(ArchivedFile(FILE, 3),),
    changed_feeds=(ArchivedFeed(1, "http://a.example/", STARTED, outlet="A", tags=("x", "y")),),
    given_up=(GivenUp("http://a.example/", STARTED, "took longer than 10 s"),),
)


def write_three(root: Path | str) -> list[int]:
    """Write three feeds, each with a body of its own; return the offsets of the responses."""
    offsets = []
    with ArchiveWriter(
        str(root), FILE, batch_id="b1", started_at=STARTED, configuration={"ruleset": "r1"}
    ) as archive:
        for key in (1, 2, 3):
            url = f"http://a.example/{key}"
            result = FetchResult(key, url, url, STARTED, FetchOutcome.NEW, 12)
            exchange = Exchange(result, b"GET / HTTP/1.1\r\n\r\n", HEAD, b"<rss/>" * key)
            offsets.append(archive.write(exchange).archive_offset or 0)
    return offsets


def damage(file: Path, offset: int) -> None:
    data = bytearray(file.read_bytes())
    data[offset + 40 : offset + 60] = b"\0" * 20
    file.write_bytes(bytes(data))


def test_an_intact_file_gives_its_configuration_and_every_result(tmp_path: Path) -> None:
    write_three(tmp_path)
    found = scan_archive(str(tmp_path), FILE)
    assert found.configuration == {"ruleset": "r1"}
    assert [result.feed_key for result in found.results] == [1, 2, 3]
    assert found.damages == []


def test_a_damaged_answer_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    offset = write_three(tmp_path)[1]
    damage(tmp_path / FILE, offset)
    found = scan_archive(str(tmp_path), FILE)
    assert [result.feed_key for result in found.results] == [1, 3]
    assert {found.offset for found in found.damages} == {offset}
    assert "the bytes of http://a.example/2 are lost" in [d.reason for d in found.damages]


def test_a_file_that_was_cut_keeps_what_came_before(tmp_path: Path) -> None:
    offset = write_three(tmp_path)[2]
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[: offset + 30])
    found = scan_archive(str(tmp_path), FILE)
    assert [result.feed_key for result in found.results] == [1, 2]
    assert [(d.offset, d.reason) for d in found.damages] == [
        (offset, "the file ends within a record")
    ]


@pytest.mark.parametrize("content", [b"", b"not a gzip file", b"\x1f\x8b\x08" * 50])
def test_a_file_of_something_else_raises_nothing(tmp_path: Path, content: bytes) -> None:
    write_three(tmp_path)
    (tmp_path / FILE).write_bytes(content)
    found = scan_archive(str(tmp_path), FILE)
    assert (found.results, found.configuration) == ([], None)
    assert len(found.damages) == (1 if content else 0)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    found = scan_archive(str(tmp_path), FILE)
    assert [(d.archive_file, d.offset) for d in found.damages] == [(FILE, None)]


@pytest.mark.parametrize("is_remote", [False, True])
def test_a_decision_comes_back_as_it_was_and_the_last_one_counts(
    tmp_path: Path, is_remote: bool
) -> None:
    root = "memory://decisions" if is_remote else str(tmp_path)
    write_three(root)
    write_decision(root, BatchDecision("b1", "cli", True, STARTED, "held", "", STARTED, STARTED))
    write_decision(root, DECISION)
    name = name_decision(STARTED, "b1")
    assert read_decision(root, name) == DECISION
    assert list_batches(root) == (ArchivedBatch("b1", (FILE,), name),)


@pytest.mark.parametrize(
    ("written", "trigger"),
    [
        ({"reviewer": "adopt", "format": 1}, "adopt"),
        ({"reviewer": "retry", "format": 1}, "retry"),
        ({"reviewer": "ann", "format": 1}, "review"),
        ({"reviewer": "adopt"}, "review"),
    ],
)
def test_only_in_old_decisions_a_reviewer_stands_for_a_trigger(
    tmp_path: Path, written: dict[str, Any], trigger: str
) -> None:
    write_decision(str(tmp_path), replace(DECISION, trigger="review", **written))
    assert read_decision(str(tmp_path), name_decision(STARTED, "b1")).trigger == trigger


def test_no_archive_at_all_is_no_batch(tmp_path: Path) -> None:
    assert list_batches(str(tmp_path)) == ()


def test_a_damaged_decision_is_one_sentence(tmp_path: Path) -> None:
    write_decision(str(tmp_path), DECISION)
    name = name_decision(STARTED, "b1")
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-100])
    with pytest.raises(ArchiveError, match="b1-decision"):
        read_decision(str(tmp_path), name)


def test_the_rules_come_back_byte_for_byte(tmp_path: Path) -> None:
    config, back = tmp_path / "config", tmp_path / "back"
    (config / "topics").mkdir(parents=True)
    (config / "topics" / "ai.yaml").write_bytes("topic: ai\r\n# 人工智能\n".encode())
    (config / "topics" / "ai.model.json").write_bytes(b"{}")
    (config / "topics" / "notes.txt").write_bytes(b"no rule")
    root = str(tmp_path / "data")
    for _ in range(2):
        keep_ruleset(root, "v1", config, batch_id="b1", started_at=STARTED)
    restore_ruleset(root, "v1", back)
    assert {file.name: file.read_bytes() for file in (back / "topics").iterdir()} == {
        "ai.yaml": "topic: ai\r\n# 人工智能\n".encode(),
        "ai.model.json": b"{}",
    }
    with pytest.raises(ArchiveError, match="rulesets/v2"):
        restore_ruleset(root, "v2", back)


@pytest.mark.parametrize("version", ["../../outside", "/tmp/x", "a/b", "", "..", "a\0", "x" * 101])
def test_a_version_of_rules_that_leads_elsewhere_is_refused(tmp_path: Path, version: str) -> None:
    with pytest.raises(ArchiveError, match="is no version of topic rules"):
        restore_ruleset(str(tmp_path), version, tmp_path / "config")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../evil.yaml", "..", "ai.py", "/tmp/ai.yaml", "a\0.yaml", ""])
def test_rules_in_files_of_strange_names_are_refused(tmp_path: Path, name: str) -> None:
    content = {"ruleset": "r1", "files": {name: "topic: ai"}}
    with ArchiveWriter(
        str(tmp_path),
        "archive/rulesets/r1.warc.gz",
        batch_id="b1",
        started_at=STARTED,
        configuration=content,
    ):
        pass
    with pytest.raises(ArchiveError, match="a file that is no rules"):
        restore_ruleset(str(tmp_path), "r1", tmp_path / "config")
    assert [path.name for path in (tmp_path / "config").rglob("*") if path.is_file()] == []


def test_a_pipe_in_place_of_an_archive_file_is_damage(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.parent.mkdir(parents=True)
    os.mkfifo(file)
    (damage,) = scan_archive(str(tmp_path), FILE).damages
    assert damage.reason == f"{FILE} is no plain file"


def test_a_record_that_unpacks_to_far_too_much_is_damage(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.parent.mkdir(parents=True)
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    file.write_bytes(compressor.compress(bytes((1 << 28) + 1)) + compressor.flush())
    (damage,) = scan_archive(str(tmp_path), FILE).damages
    assert damage.reason == "the record is larger than 268,435,456 bytes"


def test_batches_that_keep_the_same_rules_at_once_all_go_on(tmp_path: Path) -> None:
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "ai.yaml").write_bytes(b"topic: ai")
    together = Barrier(4, timeout=30)

    def keep(batch_id: str) -> int:
        for number in range(50):
            together.wait()
            keep_ruleset(
                str(tmp_path / "data"),
                f"v{number}",
                tmp_path,
                batch_id=batch_id,
                started_at=STARTED,
            )
        return len(list_rulesets(str(tmp_path / "data")))

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(keep, ("b1", "b2", "b3", "b4")))
    assert kept == [50, 50, 50, 50]
