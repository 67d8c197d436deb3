"""The last resort of decoding: name the codec of bytes that no label explains."""

_SAMPLE_BYTES = 200_000
_FEW = 3


def detect_encoding(body: bytes) -> str:
    """The label of the most probable encoding of `body`; windows-1252 where nothing is probable.

    The detector is imported only here: hardly any feed needs it.
    """
    import chardet  # noqa: PLC0415

    high = len(body.translate(None, delete=bytes(range(0x80))))
    if high <= _FEW:  # a lone apostrophe or accent: what the web assumes
        return "windows-1252"
    found = chardet.detect(body[:_SAMPLE_BYTES])["encoding"]
    return found or "windows-1252"
