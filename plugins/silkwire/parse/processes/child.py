"""What a parser process does: a `ParseJob` in, its `ParsedDocument` out, both as MessagePack.

A document that takes far too long ends the process by SIGALRM, even if nobody kills it: a loop in C
cannot delay a signal that Python does not handle.
"""

import resource
import signal

import msgspec

from silkwire.childprocess import Answer
from silkwire.model import ParseJob
from silkwire.parse.document.read import parse_document

_MEMORY_BYTES = 3 << 30


def prepare(deadline_s: str) -> Answer:
    """Limit this process; `deadline_s` is how long the parent waits for one document."""
    alarm_s = 2 * float(deadline_s) + 1
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, resource.RLIM_INFINITY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    decoder = msgspec.msgpack.Decoder(ParseJob)
    encoder = msgspec.msgpack.Encoder()

    def answer(frame: bytes) -> bytes:
        signal.setitimer(signal.ITIMER_REAL, alarm_s)
        document = parse_document(decoder.decode(frame))
        signal.setitimer(signal.ITIMER_REAL, 0)
        return encoder.encode(document)

    return answer
