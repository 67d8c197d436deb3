"""Build the WARC records (ISO 28500:2017, WARC 1.1) of an exchange, each a gzip member."""

import base64
import hashlib
import io
import os
import random
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from fastwarc.warc import WarcRecord, WarcRecordType

from silkwire.model import Exchange, FetchOutcome, FetchResult

_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_GZIP_LEVEL = 6
_GZIP_HEADER = 16
"""Added to the window bits, it makes zlib write the gzip format (RFC 1952)."""

# Seeded by the system, here and in every fork. To take each id from the system would cost a
# switch of threads, and every request needs several ids.
_ids = random.Random()  # noqa: S311 (an id is no secret)
os.register_at_fork(after_in_child=_ids.seed)


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `data` is its gzip member (WARC 1.1 annex D.2)."""

    record_id: str
    data: bytes


def build_record(
    kind: WarcRecordType, recorded_at: datetime, headers: Mapping[str, str | None], block: bytes
) -> Record:
    """A record with its block digest; headers that are None are left out."""
    record = WarcRecord()
    record_uuid = uuid.UUID(int=_ids.getrandbits(128), version=4)
    record.init_headers(kind, f"uuid:{record_uuid}".encode())
    record.record_date = recorded_at
    for name, value in headers.items():
        if value is not None:
            record.headers[name] = value
    record.set_bytes_content(block)
    plain = io.BytesIO()
    record.write(plain, checksum_data=True)
    return Record(f"<urn:uuid:{record_uuid}>", _compress(plain.getvalue()))


def _compress(data: bytes) -> bytes:
    """A gzip member without a time stamp.

    Its window is not larger than the data: for a small record, clearing a window of 32 kB would
    take most of the time.
    """
    window_bits = min(max(len(data).bit_length(), 9), zlib.MAX_WBITS)
    memory = min(max(window_bits - 7, 1), zlib.DEF_MEM_LEVEL)
    deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_HEADER + window_bits, memory)
    return deflate.compress(data) + deflate.flush()


def build_warcinfo(archive_name: str, batch_id: str, started_at: datetime, version: str) -> Record:
    """The software that wrote this file, and the batch (§6.2)."""
    fields = {
        "software": f"silkwire/{version}",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "isPartOf": batch_id,
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
    headers = {"WARC-Filename": archive_name, "Content-Type": "application/warc-fields"}
    return build_record(WarcRecordType.warcinfo, started_at, headers, block)


def build_configuration(
    batch_id: str, started_at: datetime, configuration: Mapping[str, object], warcinfo_id: str
) -> Record:
    """The batch's configuration as JSON."""
    headers = {
        "WARC-Target-URI": f"urn:silkwire:batch:{batch_id}",
        "WARC-Warcinfo-ID": warcinfo_id,
        "Content-Type": "application/json",
    }
    block = msgspec.json.encode(dict(configuration), enc_hook=str)
    return build_record(WarcRecordType.metadata, started_at, headers, block)


def build_answer(exchange: Exchange, warcinfo_id: str) -> Record | None:
    """The `response`, or the `revisit` if it is not new; None if no response came.

    A revisit keeps only the head of the response (§6.7). `unchanged_body` is decided on the decoded
    body, so the payload digest is that of the body as received this time.
    """
    if exchange.response_head is None:
        return None
    kind, body, profile = WarcRecordType.response, exchange.response_body, None
    if exchange.result.outcome is FetchOutcome.NOT_MODIFIED:
        kind, profile = WarcRecordType.revisit, "server-not-modified"
    elif exchange.result.outcome is FetchOutcome.UNCHANGED_BODY:
        kind, profile = WarcRecordType.revisit, "identical-payload-digest"
    headers = {
        **_common_headers(exchange.result, warcinfo_id, "application/http;msgtype=response"),
        "WARC-IP-Address": exchange.peer_address,
        "WARC-Payload-Digest": _digest(body),
        "WARC-Profile": None if profile is None else _PROFILE + profile,
        "WARC-Truncated": exchange.truncated,
    }
    block = exchange.response_head + (body if profile is None else b"")
    return build_record(kind, exchange.result.started_at, headers, block)


def build_request(exchange: Exchange, warcinfo_id: str, answer_id: str | None) -> Record | None:
    """The last request that was sent (§6.5); None if none was."""
    if not exchange.request_head:
        return None
    headers = {
        **_common_headers(exchange.result, warcinfo_id, "application/http;msgtype=request"),
        "WARC-Concurrent-To": answer_id,
        "WARC-IP-Address": exchange.peer_address,
    }
    started_at = exchange.result.started_at
    return build_record(WarcRecordType.request, started_at, headers, exchange.request_head)


def build_result(result: FetchResult, warcinfo_id: str, answer_id: str | None) -> Record:
    """The `FetchResult` as JSON (§6.6)."""
    headers = _common_headers(result, warcinfo_id, "application/json")
    headers["WARC-Concurrent-To"] = answer_id
    block = msgspec.json.encode(result)
    return build_record(WarcRecordType.metadata, result.started_at, headers, block)


def _common_headers(
    result: FetchResult, warcinfo_id: str, content_type: str
) -> dict[str, str | None]:
    return {
        "WARC-Target-URI": result.final_url or result.fetch_url,
        "WARC-Warcinfo-ID": warcinfo_id,
        "Content-Type": content_type,
    }


def _digest(payload: bytes) -> str:
    """SHA-1, as WARC tools write and check it: for integrity, not for security."""
    digest = hashlib.sha1(payload, usedforsecurity=False).digest()
    return "sha1:" + base64.b32encode(digest).decode()
