"""The `batch` suite, from `batch.yaml`: what a batch and each of its documents must look like."""

from dataclasses import dataclass

from silkwire.validate.suites.checks import Check, make_checks, read_suite


@dataclass(frozen=True, slots=True)
class Limits:
    """Settings: a batch is held above this quarantined share if it has at least so many entries."""

    quarantined_share: float
    min_entries: int


def build_batch_suite(limits: Limits) -> tuple[Check, ...]:
    """The checks on the batch as a whole."""
    listed = read_suite("batch")["batch"]
    return make_checks(listed, quarantined_share=limits.quarantined_share)


FEED_SUITE = make_checks(read_suite("batch")["documents"])
"""The checks on each document of the batch."""
