"""The child process that parses: frames on stdin, frames on stdout, no more.

A frame is its length in four bytes (big endian) and MessagePack. The first frame out is empty and
says that the process is ready. The process dies with its parent: at the end of stdin, when it is
adopted by another parent, and at the latest when its alarm rings, which no loop in C can delay.
"""

import os
import resource
import signal
import struct
import sys
import threading
import time
from typing import BinaryIO

import msgspec

from silkwire.model import ParseJob

LENGTH = struct.Struct(">I")
_MEMORY_BYTES = 3 << 30
_WATCH_S = 1.0


def main() -> None:
    """Parse jobs until stdin ends. `sys.argv[1]`: the parent's deadline for one, in seconds."""
    # here, since the parent imports this module too, and parses nothing itself
    from silkwire.parse.document.read import parse_document  # noqa: PLC0415

    alarm_s = 2 * float(sys.argv[-1]) + 1
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, resource.RLIM_INFINITY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()
    jobs, results = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but frames
    try:
        write_frame(results, b"")
    except BrokenPipeError:
        os._exit(0)  # the parent has ended without a document for us
    decoder, encoder = msgspec.msgpack.Decoder(ParseJob), msgspec.msgpack.Encoder()
    while (frame := read_frame(jobs)) is not None:
        signal.setitimer(signal.ITIMER_REAL, alarm_s)
        document = parse_document(decoder.decode(frame))
        signal.setitimer(signal.ITIMER_REAL, 0)
        write_frame(results, encoder.encode(document))


def read_frame(source: BinaryIO) -> bytes | None:
    """The next frame; None at the end."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    frame = source.read(length)
    return frame if len(frame) == length else None


def write_frame(target: BinaryIO, frame: bytes) -> None:
    target.write(LENGTH.pack(len(frame)) + frame)
    target.flush()


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    os._exit(0)


if __name__ == "__main__":
    main()
