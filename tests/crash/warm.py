"""What the parent of all runs has imported before the first is forked: no thread, no connection."""

import threading

import fastwarc  # noqa: F401
import psycopg  # noqa: F401
from tqdm import tqdm

import silkwire.pipeline.replay.run  # noqa: F401
from silkwire.resources import CONFIG_DIR
from silkwire.topics import load_ruleset
from silkwire.validate.engine.frame import arrange_columns, build_frame
from silkwire.validate.engine.gx import build_suite, validate_frame
from silkwire.validate.suites.entry import ENTRY_SUITE, KEY_SUITE

tqdm.monitor_interval = 0  # Great Expectations' bars would start a thread
build_suite(ENTRY_SUITE)
_COLUMNS = {"feed_key": int, "identity_hash": str}
validate_frame(KEY_SUITE, build_frame(arrange_columns({1: (1, "a")}, tuple(_COLUMNS), _COLUMNS)))
tqdm.get_lock()  # made in a child, it would be left behind by each that is killed
load_ruleset(CONFIG_DIR)
assert threading.active_count() == 1, "a fork copies one thread alone"
