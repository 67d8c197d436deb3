"""Watches and alerts from a feed to a webhook and a mailbox, through the pipeline."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from ipaddress import ip_network
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from helpers.sinks import Mailbox, Webhook
from silkwire.config import Settings
from silkwire.errors import ConfigError
from silkwire.pipeline import ingest, notify_all, open_context
from silkwire.pipeline.notify.alerts import queue_alerts
from silkwire.resources import CONFIG_DIR
from silkwire.warehouse.status import Concern
from silkwire.watches import Destination

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SCIENTISTS = "China tells its AI scientists to avoid travel to the U.S."


def write_feed(*titles: str) -> bytes:
    """Entries from texts such as `a|Title` or `a|Title|Lead`; `a` names the url."""
    items = "".join(
        f"<item><title>{title}</title><link>https://paper.example/{slug}</link>"
        f"<description>{' '.join(lead)}</description></item>"
        for slug, title, *lead in (title.split("|") for title in titles)
    )
    return f"<rss version='2.0'><channel><title>P</title>{items}</channel></rss>".encode()


class WatchedFeed:
    """One feed, a configuration folder with watches, and batches at given minutes after noon."""

    def __init__(self, settings: Settings, folder: Path, server: FeedServer):
        self.server, self.folder = server, folder
        (folder / "topics").symlink_to(CONFIG_DIR / "topics")
        self.settings = settings.model_copy(
            update={
                "fetch_allow_private": (ip_network("127.0.0.0/8"),),
                "fetch_host_pause": 0.0,
                "config_dir": folder,
            }
        )

    def watch(self, *lines: str) -> None:
        (self.folder / "watches.yaml").write_text("\n".join(lines) + "\n", "utf-8")

    def load(self, minute: int, *titles: str, outlet: str = "The Paper") -> None:
        """Run a batch, by a clock that moves on a millisecond whenever it is read."""
        self.server.documents = {outlet.replace(" ", "-"): write_feed(*titles)}
        opml = self.server.write_opml(self.folder / "f.opml", f"outlet='{outlet}'")
        ticks = count()

        def now() -> datetime:
            return NOON + timedelta(minutes=minute, milliseconds=next(ticks))

        ingest(self.settings, feeds_opml=opml, ignore_due=True, now=now)

    def count_copies(self) -> int:
        with open_context(self.settings) as ctx, ctx.engine.connect() as conn:
            return conn.execute(text("SELECT count(*) FROM core.article_copy")).scalar_one()

    def notify(self, minute: int) -> dict:
        at = NOON + timedelta(minutes=minute)
        with open_context(self.settings, now=lambda: at) as ctx:
            return notify_all(ctx)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


@pytest.fixture
def feed(warehouse_settings: Settings, warehouse: Engine, tmp_path: Path) -> Iterator[WatchedFeed]:
    folder = tmp_path / "config"
    folder.mkdir()
    with FeedServer() as server:
        yield WatchedFeed(warehouse_settings, folder, server)


def states(warehouse: Engine) -> list[tuple]:
    query = "SELECT watch, status, attempt_count FROM ops.notification ORDER BY notification_key"
    with warehouse.begin() as conn:
        return [tuple(row) for row in conn.execute(text(query))]


def test_a_new_article_that_fits_is_notified_once_and_with_its_batch(
    feed: WatchedFeed, hook: Webhook
) -> None:
    feed.watch("watches:", f"- {{name: talent, topics: [ai, china_travel], to: '{hook.url}'}}")
    feed.load(0, f"a|{SCIENTISTS}", "b|OpenAI opens an office", "c|A match was won")
    assert len(hook.posts) == 1
    assert hook.posts[0]["title"] == f"[talent] {SCIENTISTS}"
    lines = hook.posts[0]["message"].split("\n")
    assert lines[0] == SCIENTISTS
    assert lines[1].startswith("The Paper · matched: ")
    assert "AI" in lines[1]
    assert lines[2] == "https://paper.example/a"
    feed.load(10, f"a|{SCIENTISTS}")
    feed.notify(20)
    assert len(hook.posts) == 1


def test_a_text_that_several_outlets_carry_is_notified_once(
    feed: WatchedFeed, hook: Webhook
) -> None:
    feed.watch("watches:", f"- {{name: talent, topics: [ai], to: '{hook.url}'}}")
    story = f"{SCIENTISTS} as rivalry over chips and talent deepens between the two powers"
    feed.load(0, f"one|{story}")
    feed.load(10, f"one|{story}", f"two|{story}", f"three|{story}")
    feed.notify(20)
    assert [post["message"].split("\n")[0] for post in hook.posts] == [story]


STANDING = "Here are the AI stories that our reporters in Lindal followed through the night."


def test_articles_of_one_outlet_under_a_standing_lead_are_each_notified(
    feed: WatchedFeed, hook: Webhook
) -> None:
    feed.watch("watches:", f"- {{name: talent, topics: [ai], to: '{hook.url}'}}")
    first = f"one|{SCIENTISTS}|{STANDING}"
    feed.load(0, first)
    feed.load(10, first, f"two|OpenAI opens an office in Port Ansa|{STANDING}")
    assert [post["message"].split("\n")[0] for post in hook.posts] == [
        SCIENTISTS,
        "OpenAI opens an office in Port Ansa",
    ]


LEAD = (
    "Some 400 engineers of the AI firm Ansa Robotics left the harbour of Port Ansa on Monday after"
    " the ministry told them to come home within a week, its office said."
)
BODY = (
    f"{LEAD} The ministry did not say why. Families of the engineers met at the quay, where a band"
    " played and two boats waited until the evening. A spokeswoman of the firm said that work on"
    " its models would go on in Lindal, and that nobody had lost a post over the order to return."
)


@pytest.mark.parametrize(
    ("title", "summary", "notified"),
    [
        ("Told to come home", LEAD, 2),
        ("Told to come home", BODY, 1),
        ("400 engineers of AI firm Ansa Robotics told to come home", LEAD, 1),
    ],
    ids=["a lead alone", "a body", "a title"],
)
def test_a_copy_of_another_outlet_is_notified_unless_title_or_body_say_it_is_one(
    feed: WatchedFeed, hook: Webhook, title: str, summary: str, notified: int
) -> None:
    feed.watch("watches:", f"- {{name: talent, topics: [ai], to: '{hook.url}'}}")
    feed.load(0, f"one|400 engineers of AI firm Ansa Robotics leave Port Ansa for home|{summary}")
    feed.load(10, f"two|{title}|{summary}", outlet="The Sun")
    assert feed.count_copies() == 1
    assert len(hook.posts) == notified


def test_an_edit_that_fits_is_notified_as_an_edit(feed: WatchedFeed, hook: Webhook) -> None:
    feed.watch("watches:", f"- {{name: founders, words: [founders], to: '{hook.url}'}}")
    feed.load(0, f"a|{SCIENTISTS}")
    assert hook.posts == []
    feed.load(10, "a|China tells its AI scientists and founders to avoid travel to the U.S.")
    (post,) = hook.posts
    assert "edited" in post["message"]


def test_what_was_loaded_before_the_watch_existed_is_not_notified(
    feed: WatchedFeed, hook: Webhook
) -> None:
    feed.load(0, f"a|{SCIENTISTS}")
    feed.watch("watches:", f"- {{name: late, topics: ai, to: '{hook.url}'}}")
    feed.load(10, f"a|{SCIENTISTS}", "b|OpenAI opens an office")
    assert [post["title"] for post in hook.posts] == ["[late] OpenAI opens an office"]


def test_a_new_watch_is_notified_of_the_batch_in_which_it_is_first_read(
    feed: WatchedFeed, hook: Webhook
) -> None:
    feed.load(0, "a|OpenAI opens an office")
    feed.watch("watches:", f"- {{name: new, topics: ai, to: '{hook.url}'}}")
    feed.load(10, "a|OpenAI opens an office", f"b|{SCIENTISTS}")
    assert [post["title"] for post in hook.posts] == [f"[new] {SCIENTISTS}"]


def test_a_delivery_that_fails_blocks_nothing_and_is_tried_again(
    feed: WatchedFeed, hook: Webhook, warehouse: Engine
) -> None:
    hook.status = 503
    feed.watch("watches:", f"- {{name: talent, topics: ai, to: '{hook.url}'}}")
    feed.load(0, f"a|{SCIENTISTS}")
    assert states(warehouse) == [("talent", "waiting", 1)]
    with warehouse.begin() as conn:
        assert conn.execute(text("SELECT count(*) FROM mart.articles")).scalar_one() == 1
        error = conn.execute(text("SELECT last_error FROM ops.notification")).scalar_one()
    assert error.startswith("delivery failed: ")
    assert "503" in error
    assert feed.notify(0) == {"noted": 0, "sent": 0, "failed": 0}  # not before a minute is over
    hook.status = 200
    assert feed.notify(2) == {"noted": 0, "sent": 1, "failed": 0}
    assert len(hook.posts) == 1
    assert states(warehouse) == [("talent", "sent", 1)]


def test_after_a_day_of_failures_a_message_is_given_up_and_status_says_so(
    feed: WatchedFeed, hook: Webhook, warehouse: Engine
) -> None:
    hook.status = 500
    feed.watch("watches:", f"- {{name: talent, topics: ai, to: '{hook.url}'}}")
    feed.load(0, f"a|{SCIENTISTS}")
    for hour in range(1, 30):
        feed.notify(60 * hour)
    assert states(warehouse)[0][:2] == ("talent", "given_up")


def test_one_destination_that_fails_does_not_double_the_other(
    feed: WatchedFeed, hook: Webhook, warehouse: Engine
) -> None:
    with Webhook() as other:
        other.status = 500
        feed.watch("watches:", f"- {{name: w, topics: ai, to: ['{hook.url}', '{other.url}']}}")
        feed.load(0, f"a|{SCIENTISTS}")
        other.status = 200
        feed.notify(5)
        assert (len(hook.posts), len(other.posts)) == (1, 1)


def test_a_digest_waits_for_its_time_and_is_one_message(feed: WatchedFeed, hook: Webhook) -> None:
    feed.watch("watches:", f"- {{name: d, topics: ai, digest: '13:00', to: '{hook.url}'}}")
    feed.load(0, f"a|{SCIENTISTS}")
    feed.load(10, f"a|{SCIENTISTS}", "b|OpenAI opens an office")
    assert hook.posts == []
    feed.notify(60)
    (post,) = hook.posts
    assert post["title"] == f"[d] {SCIENTISTS} (+1)"


def test_a_mail_arrives_with_its_subject_and_nothing_is_markup(feed: WatchedFeed) -> None:
    with Mailbox() as box:
        feed.watch("watches:", f"- {{name: m, topics: ai, to: '{box.url}'}}")
        feed.load(0, "a|&lt;b&gt;AI&lt;/b&gt; chips &amp;amp; 人工智能 rules")
        (mail,) = box.mails
    parsed = message_from_string(mail.as_string())
    assert parsed["To"].endswith("desk@news.example>") or parsed["To"] == "desk@news.example"
    bodies = [p.get_payload(decode=True).decode() for p in parsed.walk() if not p.is_multipart()]
    assert any("人工智能 rules" in body for body in bodies)


def test_a_secret_destination_comes_from_the_environment(
    feed: WatchedFeed, hook: Webhook, monkeypatch, warehouse: Engine
) -> None:
    feed.watch("watches:", "- {name: w, topics: ai, to: 'env:WATCH_URL'}")
    feed.load(0, f"a|{SCIENTISTS}")
    with warehouse.begin() as conn:
        error = conn.execute(text("SELECT last_error FROM ops.notification")).scalar_one()
    assert error == "env:WATCH_URL: neither WATCH_URL nor its _FILE is set"
    secret = feed.folder / "secret"
    secret.write_text(hook.url + "\n")
    monkeypatch.setenv("WATCH_URL_FILE", str(secret))
    feed.notify(5)
    assert len(hook.posts) == 1


def test_a_mistake_in_the_watches_stops_a_batch_before_it_begins(
    feed: WatchedFeed, warehouse: Engine
) -> None:
    feed.watch("watches:", "- {name: w, topics: aj, to: 'json://h'}")
    with pytest.raises(ConfigError, match="'aj' is no topic"):
        feed.load(0, f"a|{SCIENTISTS}")
    with warehouse.begin() as conn:
        assert conn.execute(text("SELECT count(*) FROM ops.batch")).scalar_one() == 0


def test_operators_are_notified_once_per_cause_and_when_it_is_over(
    feed: WatchedFeed, hook: Webhook, warehouse: Engine
) -> None:
    feed.watch("operators:", f"  to: '{hook.url}'")
    operators = [Destination(hook.url)]
    for minute, sentences in (
        (0, {"failing": "9 of 10 feeds fail.", "held": "A batch is held."}),
        (10, {"failing": "8 of 10 feeds fail.", "held": "A batch is held."}),
        (20, {"held": "A batch is held."}),
        (30, {}),
        (40, {"held": "A batch is held."}),
    ):
        concerns = [Concern(cause, sentence) for cause, sentence in sentences.items()]
        with warehouse.begin() as conn:
            queue_alerts(conn, concerns, operators, NOON + timedelta(minutes=minute))
    with warehouse.begin() as conn:
        titles = conn.execute(
            text("SELECT item ->> 'title' FROM ops.notification ORDER BY notification_key")
        )
        assert list(titles.scalars()) == [
            "9 of 10 feeds fail.",
            "A batch is held.",
            "Over: 9 of 10 feeds fail.",
            "Over: A batch is held.",
            "A batch is held.",
        ]


def test_a_stalled_pipeline_reaches_operators_without_a_scheduler(
    feed: WatchedFeed, hook: Webhook
) -> None:
    feed.watch("operators:", f"  to: '{hook.url}'")
    feed.load(0, f"a|{SCIENTISTS}")
    assert hook.posts == []
    feed.notify(180)
    assert [post["title"] for post in hook.posts] == [
        "[operators] No batch has ended for 3.0 hours: is the scheduler running?"
    ]
    feed.load(190, f"a|{SCIENTISTS}")
    assert hook.posts[-1]["title"].startswith("[operators] Over: No batch has ended")
