"""What the parent of all runs has imported before the first is forked: no thread, no connection."""

import threading

import fastwarc  # noqa: F401
import psycopg  # noqa: F401
from tqdm import tqdm

from silkwire.pipeline import replay  # noqa: F401
from silkwire.resources import CONFIG_DIR
from silkwire.topics import load_ruleset
from silkwire.validate import prepare

prepare()
tqdm.get_lock()  # made in a child, it would be left behind by each that is killed
load_ruleset(CONFIG_DIR)
assert threading.active_count() == 1, "a fork copies one thread alone"
