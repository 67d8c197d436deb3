"""The last resort of decoding: name the codec of bytes that no label explains."""


def detect_codec(body: bytes) -> str:
    """The most probable codec of `body`; cp1252 where nothing is probable.

    The detector is imported only here: hardly any feed needs it.
    """
    from charset_normalizer import from_bytes  # noqa: PLC0415

    high = len(body.translate(None, delete=bytes(range(0x80))))
    if high < 40:  # too little to tell: what the web assumes
        return "cp1252"
    best = from_bytes(body[:200_000]).best()
    return best.encoding if best is not None else "cp1252"
