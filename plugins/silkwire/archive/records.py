"""WARC records (ISO 28500:2017, WARC 1.1) of one exchange, each as its own gzip member."""

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
"""Added to the window's bits: zlib frames what it writes as gzip (RFC 1952)."""

# Seeded by the system, here and in every fork. The system's own numbers cost a switch of threads
# each, and of those there is one for every request.
_ids = random.Random()  # noqa: S311 (a name, no secret)
os.register_at_fork(after_in_child=_ids.seed)


@dataclass(frozen=True, slots=True)
class Record:
    """One record, ready to be appended."""

    record_id: str
    data: bytes
    """A gzip member (WARC 1.1 annex D.2)."""


def build_record(
    kind: WarcRecordType, recorded_at: datetime, headers: Mapping[str, str | None], block: bytes
) -> Record:
    """A record with its block digest; headers without a value are left out."""
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
    """A gzip member, with no time of compression in it.

    The window is no larger than the data: to clear one of 32 kB takes most of the time of a head.
    """
    window_bits = min(max(len(data).bit_length(), 9), zlib.MAX_WBITS)
    memory = min(max(window_bits - 7, 1), zlib.DEF_MEM_LEVEL)
    deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_HEADER + window_bits, memory)
    return deflate.compress(data) + deflate.flush()


def build_warcinfo(archive_name: str, batch_id: str, started_at: datetime, version: str) -> Record:
    """What made this file (§6.2)."""
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
    """The configuration in force, as JSON about the batch."""
    headers = {
        "WARC-Target-URI": f"urn:silkwire:batch:{batch_id}",
        "WARC-Warcinfo-ID": warcinfo_id,
        "Content-Type": "application/json",
    }
    block = msgspec.json.encode(dict(configuration), enc_hook=str)
    return build_record(WarcRecordType.metadata, started_at, headers, block)


def build_answer(exchange: Exchange, warcinfo_id: str) -> Record | None:
    """The `response`, or the `revisit` of an answer without news; None if no answer came.

    A revisit keeps the answer's head alone (§6.7). "Unchanged" is decided on the decoded body, so
    its payload digest is that of the body as received this time.
    """
    if exchange.response_head is None:
        return None
    result, body, profile = exchange.result, exchange.response_body, None
    kind = WarcRecordType.response
    if result.outcome is FetchOutcome.NOT_MODIFIED:
        kind, profile = WarcRecordType.revisit, "server-not-modified"
    elif result.outcome is FetchOutcome.UNCHANGED_BODY:
        kind, profile = WarcRecordType.revisit, "identical-payload-digest"
    headers = {
        **_common_headers(result, warcinfo_id),
        "Content-Type": "application/http;msgtype=response",
        "WARC-IP-Address": exchange.peer_address,
        "WARC-Payload-Digest": _digest(body),
        "WARC-Profile": None if profile is None else _PROFILE + profile,
        "WARC-Truncated": exchange.truncated,
    }
    block = exchange.response_head + (body if profile is None else b"")
    return build_record(kind, result.started_at, headers, block)


def build_request(exchange: Exchange, warcinfo_id: str, answer_id: str | None) -> Record | None:
    """The request as sent last (§6.5); None if nothing was sent."""
    if not exchange.request_head:
        return None
    headers = {
        **_common_headers(exchange.result, warcinfo_id),
        "Content-Type": "application/http;msgtype=request",
        "WARC-Concurrent-To": answer_id,
        "WARC-IP-Address": exchange.peer_address,
    }
    started_at = exchange.result.started_at
    return build_record(WarcRecordType.request, started_at, headers, exchange.request_head)


def build_decision(result: FetchResult, warcinfo_id: str, answer_id: str | None) -> Record:
    """What silkwire made of the exchange: the `FetchResult` as JSON (§6.6)."""
    headers = {
        **_common_headers(result, warcinfo_id),
        "Content-Type": "application/json",
        "WARC-Concurrent-To": answer_id,
    }
    block = msgspec.json.encode(result)
    return build_record(WarcRecordType.metadata, result.started_at, headers, block)


def _common_headers(result: FetchResult, warcinfo_id: str) -> dict[str, str | None]:
    url = result.final_url or result.fetch_url
    return {"WARC-Target-URI": url, "WARC-Warcinfo-ID": warcinfo_id}


def _digest(payload: bytes) -> str:
    """As every WARC tool writes and checks it; integrity only, nothing relies on it for safety."""
    digest = hashlib.sha1(payload, usedforsecurity=False).digest()
    return "sha1:" + base64.b32encode(digest).decode()
