"""Processes that parse: order, deadlines, deaths, and the end of their parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from helpers.places import ROOT, TESTS
from silkwire.model import ErrorClass, ParseJob
from silkwire.parse import parse_document, parse_documents, start_parser

PLUGINS = ROOT / "plugins"
ITEM = "<item><title>One</title><link>https://e.org/1</link></item>"
N = 300_000
OPEN = '<rss version="2.0"><channel><item><title>x</title><description>'
HOSTILE = {  # each took seconds or minutes once, in feedparser or here
    "a name without end": "<" + "a" * N,
    "an attribute without end": "<a " + "b" * N,
    "thousands of attributes": "<a " + " ".join(f'b{n}="1"' for n in range(N // 10)) + "/>",
    "quotes that never close": "<a '\" " * (N // 8),
    "comments that never close": "<!--" * (N // 4),
    "CDATA that never closes": "<![CDATA[" * (N // 9),
    "scripts that never close": "&lt;script&gt;" * (N // 14),
    "a reference without end": "&#" + "0" * N,
    "an author without end": "</description><author>" + "a" * N + "</author>",
    "tags in tags": "<div>" * (N // 5),
    "escaped tags in tags": "&lt;div&gt;" * (N // 5),
    "lists in lists": "&lt;ul&gt;&lt;li&gt;" * (N // 8),
    "ends that open": "&lt;b&gt;&lt;/p&gt;" * (N // 7),
    "thousands of categories": "</description>" + "<category>x</category>" * (N // 22),
}


def make_feed(count):
    return f'<rss version="2.0"><channel>{ITEM * count}</channel></rss>'.encode()


def test_results_come_in_the_order_of_the_jobs_and_are_those_of_one_process():
    jobs = [ParseJob(100 - n, make_feed(1 if n % 3 else 300)) for n in range(40)]
    found = list(parse_documents(jobs, workers=2, deadline_s=30))
    assert found == [(job.key, parse_document(job)) for job in jobs]


def test_no_jobs_start_no_process():
    assert list(parse_documents([], workers=2, deadline_s=1)) == []


@pytest.mark.parametrize("deadline_s", [30, 40], ids=["its deadline", "another"])
def test_a_process_started_ahead_is_used_or_ended(deadline_s):
    before = {child.pid for child in psutil.Process().children()}
    start_parser(30)
    start_parser(30)
    (started,) = (c for c in psutil.Process().children() if c.pid not in before)
    results = parse_documents([ParseJob(1, make_feed(2))], workers=1, deadline_s=deadline_s)
    ((_, document),) = results
    assert [entry.title for entry in document.entries] == ["One", "One"]
    assert not started.is_running()
    assert {child.pid for child in psutil.Process().children()} == before


def test_a_parent_that_ends_at_once_hears_nothing_of_the_process_it_started_ahead():
    code = "from silkwire.parse import start_parser; start_parser(30)"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(PLUGINS)},
    ) as parent:
        assert parent.communicate(timeout=60) == (None, b"")  # read until the child has ended too
    assert parent.returncode == 0


def test_jobs_are_read_only_as_they_are_needed():
    taken = []
    jobs = (taken.append(n) or ParseJob(n, make_feed(1)) for n in range(10_000))
    results = parse_documents(jobs, workers=1, deadline_s=30)
    next(results)
    results.close()
    assert len(taken) < 20


def test_a_document_that_takes_too_long_ends_at_the_deadline_and_the_next_is_parsed():
    jobs = [ParseJob(1, make_feed(90_000)), ParseJob(2, make_feed(2))]
    (_, late), (_, next_) = parse_documents(jobs, workers=1, deadline_s=0.5)
    assert (late.error_class, late.items_in_bytes) == (ErrorClass.PARSER_LIMIT, 90_000)
    assert late.error == "The document took longer than 0.5 s."
    assert len(next_.entries) == 2


def test_hostile_documents_end_by_themselves():
    jobs = [
        ParseJob(number, (head + text).encode())
        for number, text in enumerate(HOSTILE.values())
        for head in (OPEN, "")
    ]
    errors = {document.error for _, document in parse_documents(jobs, workers=2, deadline_s=5)}
    assert not any("took longer" in (error or "") for error in errors)


def test_workers_may_be_started_from_threads():
    found = []

    def parse():
        found.extend(parse_documents([ParseJob(1, make_feed(3))], workers=1, deadline_s=30))

    threads = [threading.Thread(target=parse) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(document.entries) for _, document in found] == [3, 3, 3]


PARENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from silkwire.model import ParseJob
from silkwire.parse import parse_documents
item = b'<item><title>One</title></item>' * int(sys.argv[2])
body = b'<rss version="2.0"><channel>' + item + b'</channel></rss>'
results = parse_documents([ParseJob(1, body)] * 2, workers=1, deadline_s=60)
next(results)
time.sleep(600)
"""


def find_children(pid):
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc here")
@pytest.mark.parametrize("item_count", [1, 90_000], ids=["idle", "busy"])
def test_workers_die_with_a_parent_that_is_killed(item_count):
    command = [sys.executable, "-c", PARENT, str(PLUGINS), str(item_count)]
    with subprocess.Popen(command) as parent:
        workers = wait_for(lambda: find_children(parent.pid))
        os.kill(parent.pid, signal.SIGKILL)
    assert wait_for(lambda: not any(is_alive(pid) for pid in workers))


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition):
    for _ in range(300):
        if found := condition():
            return found
        time.sleep(0.1)
    return None


def test_mutants_of_real_documents_keep_every_promise():
    # A process of its own: the peak of memory is asserted, and it is one a process.
    command = [sys.executable, "-m", "helpers.fuzz_parse", "--count", "300", "--seed", "20"]
    done = subprocess.run(
        command, cwd=TESTS, check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("300 mutants, ")
