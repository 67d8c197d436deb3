"""Where tests find files: the checkout, data written by us, publishers' texts."""

from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent
DATA = TESTS / "data"
SHARED = ROOT.parent / "shared"
"""Publishers' texts, for tests only; the folder may be missing."""
