"""What an exchange keeps of a response's head."""

from silkwire.fetch.exchange import format_response_head


def test_response_head_is_as_received_but_for_the_transfer_encoding():
    raw = [(b"X-\xff", b"\xd0\xc2"), (b"transfer-encoding", b"chunked")]
    assert format_response_head("HTTP/1.1 200 OK", raw, None) == (
        b"HTTP/1.1 200 OK\r\nX-\xff: \xd0\xc2\r\nX-Archive-Orig-transfer-encoding: chunked\r\n\r\n"
    )
