"""The archive: WARC files that other tools can read, and that appear whole or not at all."""

import gzip
import io
import multiprocessing
import random
import subprocess
import sys
from datetime import UTC, datetime

import fsspec
import pytest
from fastwarc.warc import ArchiveIterator as FastwarcIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from silkwire.archive import ArchiveWriter, read_bodies, read_results
from silkwire.archive.records import build_record
from silkwire.errors import ArchiveError, StorageError
from silkwire.model import ErrorClass, Exchange, FetchOutcome, FetchResult

STARTED = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)
FEED = b"<rss><channel/></rss>"
PACKED = gzip.compress(FEED)
FILE = "archive/2026/11/23/b1-000.warc.gz"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\n\r\n"


def build_exchange(key=1, outcome=FetchOutcome.NEW, body=PACKED, **values):
    url = f"http://a.example/{key}"
    result = FetchResult(
        feed_key=key,
        feed_url=url,
        fetch_url=url,
        final_url=url,
        started_at=STARTED,
        outcome=outcome,
        fetch_ms=12,
        **values.pop("result", {}),
    )
    request = f"GET /{key} HTTP/1.1\r\nHost: a.example\r\n\r\n".encode()
    return Exchange(result, request, **{"response_head": HEAD, "response_body": body, **values})


FAILURE = build_exchange(
    9,
    FetchOutcome.FAILED,
    b"",
    response_head=None,
    result={"error_class": ErrorClass.DNS, "error": "a.example has no address"},
)


def open_writer(root, name=FILE):
    return ArchiveWriter(
        str(root), name, batch_id="b1", started_at=STARTED, configuration={"fetch_deadline": 30}
    )


def write_all(root, *exchanges):
    with open_writer(root) as writer:
        return [writer.write(exchange) for exchange in exchanges]


def test_every_exchange_is_request_answer_and_decision(tmp_path):
    not_modified = build_exchange(
        3, FetchOutcome.NOT_MODIFIED, b"", response_head=b"HTTP/1.1 304 Not Modified\r\n\r\n"
    )
    unchanged = build_exchange(2, FetchOutcome.UNCHANGED_BODY)
    write_all(tmp_path, build_exchange(), unchanged, not_modified, FAILURE)
    with (tmp_path / FILE).open("rb") as stream:
        records = [
            (r.rec_type, r.rec_headers.get_header("WARC-Profile")) for r in WarcioIterator(stream)
        ]
    profile = "http://netpreserve.org/warc/1.1/revisit/"
    assert records == [
        ("warcinfo", None),
        ("metadata", None),
        ("request", None),
        ("response", None),
        ("metadata", None),
        ("request", None),
        ("revisit", profile + "identical-payload-digest"),
        ("metadata", None),
        ("request", None),
        ("revisit", profile + "server-not-modified"),
        ("metadata", None),
        ("request", None),
        ("metadata", None),
    ]


def test_warcio_check_finds_no_fault(tmp_path):
    cut = build_exchange(4, FetchOutcome.FAILED, b"\x1f\x8b", truncated="time")
    write_all(tmp_path, build_exchange(), build_exchange(2, FetchOutcome.UNCHANGED_BODY), cut)
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", str(tmp_path / FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "fail" not in done.stdout


def test_offsets_are_where_fastwarc_finds_the_responses(tmp_path):
    results = write_all(tmp_path, build_exchange(1), FAILURE, build_exchange(2))
    with (tmp_path / FILE).open("rb") as stream:
        found = [
            (record.stream_pos, record.reader.read(), record.verify_block_digest())
            for record in FastwarcIterator(stream, verify_digests=True)
            if record.headers["WARC-Type"] == "response"
        ]
    assert [place for place, _, _ in found] == [
        results[0].archive_offset,
        results[2].archive_offset,
    ]
    assert [gzip.decompress(body) for _, body, _ in found] == [FEED, FEED]


@pytest.mark.parametrize("size", [0, 1, 300, 600, 40_000, 3_000_000])
def test_records_of_any_size_are_gzip_members_that_any_tool_reads(size):
    block = random.Random(size).randbytes(size)
    record = build_record(WarcRecordType.metadata, STARTED, {}, block)
    assert gzip.decompress(record.data).endswith(b"\r\n\r\n" + block + b"\r\n\r\n")
    assert record.data[4:8] == bytes(4), "a time of compression"


def test_processes_forked_from_one_name_their_records_differently():
    def name() -> str:
        record = build_record(WarcRecordType.metadata, STARTED, {}, b"")
        return record.record_id

    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    children = [context.Process(target=lambda: queue.put(name())) for _ in range(2)]
    for child in children:
        child.start()
    names = {name(), *(queue.get() for _ in children)}
    for child in children:
        child.join()
    assert len(names) == 3


def test_cut_body_says_why(tmp_path):
    write_all(tmp_path, build_exchange(1, FetchOutcome.FAILED, FEED, truncated="length"))
    with (tmp_path / FILE).open("rb") as stream:
        marks = [r.headers.get("WARC-Truncated") for r in FastwarcIterator(stream)]
    assert marks == [None, None, None, "length", None]


@pytest.mark.parametrize("scheme", ["", "memory://"])
def test_bodies_come_back_decoded_in_the_order_asked_for(tmp_path, scheme):
    root = f"{scheme}{tmp_path}"
    other = "<feed>\u65b0</feed>".encode()
    results = write_all(root, build_exchange(1), build_exchange(2, body=other))
    places = [(FILE, result.archive_offset) for result in reversed(results)]
    bodies = list(read_bodies(root, [*places, places[0]], max_bytes=1000))
    assert [body.body for body in bodies] == [other, FEED, other]
    assert bodies[0].content_type == "text/xml"


def test_results_come_back_as_they_were_written(tmp_path):
    results = write_all(tmp_path, build_exchange(1), FAILURE)
    assert list(read_results(str(tmp_path), FILE)) == results
    assert results[1].archive_file == FILE
    assert results[1].error == "a.example has no address"


def test_file_is_not_there_before_it_is_whole(tmp_path):
    with open_writer(tmp_path) as writer:
        writer.write(build_exchange())
        assert list(tmp_path.rglob("*")) == []
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["b1-000.warc.gz"]


def write_and_raise(root, error):
    with open_writer(root) as writer:
        writer.write(build_exchange(7))
        raise error


def test_error_leaves_nothing_and_keeps_the_older_file(tmp_path):
    write_all(tmp_path, build_exchange())
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(ValueError, match="ours"):
        write_and_raise(tmp_path, ValueError("ours"))
    assert (tmp_path / FILE).read_bytes() == before
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_interruption_keeps_what_was_fetched(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        write_and_raise(tmp_path, KeyboardInterrupt())
    assert [result.feed_key for result in read_results(str(tmp_path), FILE)] == [7]


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "archive").write_text("a file where a folder should be")
    sentence = r"archive/2026/11/23 cannot be written: Not a directory \(b1-000\.warc\.gz\)$"
    with pytest.raises(StorageError, match=sentence):
        write_all(tmp_path, build_exchange())


def read_one(root, offset, max_bytes=1000):
    return list(read_bodies(str(root), [(FILE, offset)], max_bytes=max_bytes))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ArchiveError, match=r"b1-000\.warc\.gz cannot be read"):
        read_one(tmp_path, 0)


def test_damage_is_named_with_file_and_offset(tmp_path):
    (result,) = write_all(tmp_path, build_exchange())
    offset = result.archive_offset
    whole = (tmp_path / FILE).read_bytes()
    for damaged in (whole[: offset + 40], whole[: offset + 99] + b"\0\0\0" + whole[offset + 102 :]):
        (tmp_path / FILE).write_bytes(damaged)
        with pytest.raises(ArchiveError, match=rf"b1-000\.warc\.gz at byte {offset}: "):
            read_one(tmp_path, offset)
    with pytest.raises(ArchiveError, match="at byte 999999: the file ends within a record"):
        read_one(tmp_path, 999_999)


def test_altered_block_is_noticed_by_its_digest(tmp_path):
    (result,) = write_all(tmp_path, build_exchange(body=FEED))
    whole = (tmp_path / FILE).read_bytes()
    offset = result.archive_offset
    with gzip.GzipFile(fileobj=io.BytesIO(whole[offset:])) as member:
        altered = member.read().replace(b"<rss>", b"<rdf>")
    (tmp_path / FILE).write_bytes(whole[:offset] + gzip.compress(altered))
    with pytest.raises(ArchiveError, match="its digest is wrong"):
        read_one(tmp_path, offset)


def test_revisit_holds_no_body(tmp_path):
    (result,) = write_all(tmp_path, build_exchange(1, FetchOutcome.UNCHANGED_BODY))
    with pytest.raises(ArchiveError, match="a revisit record holds no body"):
        read_one(tmp_path, result.archive_offset)


def test_body_that_decodes_to_too_much_is_refused(tmp_path):
    (result,) = write_all(tmp_path, build_exchange(body=gzip.compress(bytes(5000))))
    with pytest.raises(ArchiveError, match="more than 1,000 bytes"):
        read_one(tmp_path, result.archive_offset)


def test_secrets_in_the_configuration_are_not_spelled_out(tmp_path):
    from silkwire.config import Settings

    settings = Settings(home=tmp_path, warehouse_url="postgresql://u:hunter2@h/db")
    with ArchiveWriter(
        str(tmp_path), FILE, batch_id="b1", started_at=STARTED, configuration=dict(settings)
    ):
        pass
    with fsspec.open(str(tmp_path / FILE), "rb", compression="gzip") as plain:
        text = plain.read()
    assert b"fetch_max_bytes" in text
    assert b"hunter2" not in text
