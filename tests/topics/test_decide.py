"""What is on topic, why, and in which direction."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.places import SHARED
from silkwire.model import Evidence, Factor, TopicDecision
from silkwire.resources import CONFIG_DIR
from silkwire.topics import dedicate, load_ruleset, match_topics

RULESET = load_ruleset(CONFIG_DIR)


def decide(title, summary=None, language=None) -> dict[str, TopicDecision]:
    decisions = match_topics(title, summary, language, RULESET)
    return {decision.topic: decision for decision in decisions}


# headline, AI, China travel: our own variants of the traps.
VARIANTS = [
    ("Beijing urges its AI researchers to stay away from the U.S.", 1, 1),
    ("Chip engineers at Chinese firm told to surrender passports", 0, 1),
    ("AI plans a perfect weekend in Hangzhou", 1, 1),
    ("赴美人工智能专家须先报批", 1, 1),
    ("Seoul and Beijing restore group tours", 0, 1),
    ("Chinese students lose visas in new crackdown", 0, 1),
    ("India to issue tourist visas to Chinese citizens again", 0, 1),
    ("Macau welcomes record number of visitors over Golden Week", 0, 1),
    ("Hong Kong airport cancels flights as storm nears", 0, 1),
    ("春運首日全國鐵路發送旅客逾千萬人次", 0, 1),
    ("中国对挪威公民试行免签", 0, 1),
    ("外交部提醒中国公民避免前往", 0, 1),
    ("北京机动车保有量突破七百万辆", 0, 0),
    ("深圳电动车充电新规下月施行", 0, 0),
    ("德国铁路罢工 列车大面积停运", 0, 0),
    ("韩国航空公司将恢复大邱至曼谷航班", 0, 0),
    ("台湾外交部提醒旅客注意泰国签证新规", 0, 0),
    ("京沪高铁动车组列车春运加开", 0, 1),
    ("国航复航北京至罗马航班", 0, 1),
    ("President flies to Beijing for summit", 0, 0),
    ("Chinese warplanes circle Taiwan", 0, 0),
    ("Astronauts return from Chinese space station", 0, 0),
    ("Claude Monet paintings travel to Tokyo", 0, 0),
    ("Claude learns to use a spreadsheet", 1, 0),
    ("Air India AI 302 makes emergency landing", 0, 0),
    ("Porcelain from China fetches a million at auction", 0, 0),
    ("台灣總統取消出訪", 0, 0),
    ("巴黎機場罷工 旅客滯留", 0, 0),
    ("生成式人工智慧走進課堂", 1, 0),
    ("ＡＩ芯片需求上升", 1, 0),
    ("A.I. start-up sues its founder", 1, 0),
    ("Town council approves new bus timetable", 0, 0),
]


@pytest.mark.parametrize(("headline", "ai", "china_travel"), VARIANTS)
def test_headline_is_decided_as_a_reader_would(headline, ai, china_travel):
    found = decide(headline)
    assert (found["ai"].is_match, found["china_travel"].is_match) == (bool(ai), bool(china_travel))


def test_hard_pairs_are_nearly_all_right():
    file = SHARED / "topics" / "hard-pairs.md"
    if not file.exists():
        pytest.skip("../shared/topics is not here")
    pairs = re.findall(r"^\| (.+) \| ([01]) \| ([01]) \|$", file.read_text("utf-8"), re.MULTILINE)
    wrong = []
    for headline, ai, china_travel in pairs:
        found = decide(headline)
        said = (found["ai"].is_match, found["china_travel"].is_match)
        if said != (ai == "1", china_travel == "1"):
            wrong.append(headline)
    assert len(pairs) == 70
    assert len(wrong) <= 3, wrong


@pytest.mark.parametrize("has_title", [False, True])
def test_founding_article_is_on_both_topics(has_title):
    file = SHARED / "seed" / "article.txt"
    if not file.exists():
        pytest.skip("../shared/seed is not here")
    text = file.read_text("utf-8")
    title = text.split(". ", 1)[0] if has_title else None
    for decision in match_topics(title, text, None, RULESET):
        assert decision.is_match
        assert decision.evidence


@given(
    st.lists(
        st.sampled_from(
            [
                "AI",
                "ＡＩ",
                "China",
                "中國",
                "免簽",
                " ",
                "tourists",
                "visa",
                "ß",
                "\u200b",
                "\n",
                "é",
            ]
        )
        | st.text(max_size=5)
    ).map("".join),
    st.none() | st.sampled_from(["Chinese tourists return. AI", "遊客\u200b出境遊", ""]),
)
def test_every_span_holds_the_text_at_its_offsets(title, summary):
    for decision in match_topics(title, summary, None, RULESET):
        for span in decision.evidence:
            text = {"title": title, "summary": summary}[span.field]
            assert text[span.start : span.end] == span.text != ""


def test_evidence_names_the_rule_and_the_words():
    spans = decide("China eases visa rules")["china_travel"].evidence
    assert Evidence("title", 0, 5, "China", "visa", 4.5) in spans
    assert Evidence("title", 12, 16, "visa", "visa", 4.5) in spans


def test_prefix_term_cites_the_whole_word():
    texts = [span.text for span in decide("China's tourists return")["china_travel"].evidence]
    assert "tourists" in texts


def test_every_topic_is_always_there():
    assert [d.topic for d in match_topics(None, None, None, RULESET)] == ["ai", "china_travel"]


def test_nothing_is_decided_without_words():
    nothing = TopicDecision("ai", is_match=False, score=0.0)
    assert decide("", "")["ai"] == nothing
    assert decide("The council met on Tuesday")["ai"] == nothing


@pytest.mark.parametrize(
    ("headline", "scope"),
    [
        ("China extends visa-free entry for foreign tourists", "inbound"),
        ("China warns citizens to avoid travel to Japan", "outbound"),
        ("Millions travel by high-speed rail in China's Golden Week", "domestic"),
        ("Hong Kong airport passenger numbers rise", "hkmo"),
        ("两岸小三通客运航线复航", "crossstrait"),
    ],
)
def test_scope_tells_the_direction(headline, scope):
    assert decide(headline)["china_travel"].scope == scope


def test_ai_has_no_scope():
    assert decide("AI in schools")["ai"].scope is None


@pytest.mark.parametrize("words", ["中国签证", "China AI visa ", "留学生入境人员", "互免签证"])
def test_what_stands_behind_400_characters_of_a_title_costs_nothing(words):
    text = words * 2_500
    assert decide(text) == decide(text[:400])


def test_sponsored_item_is_kept_and_flagged():
    decision = decide("[Sponsored] Five AI tools for writers")["ai"]
    assert decision.is_match
    assert "sponsored" in decision.flags


def test_dedicated_feed_makes_a_match_and_says_so():
    decisions = match_topics("Town council meets", None, None, RULESET)
    ai, travel = dedicate(decisions, ["ai"])
    assert ai == TopicDecision("ai", True, 0.0, factors=(Factor("dedicated_feed", 1.0),))
    assert travel == decisions[1]


def test_dedicated_feed_keeps_what_the_words_say():
    said = match_topics("AI in schools", None, None, RULESET)[0]
    dedicated = dedicate([said], ["ai"])[0]
    assert dedicated.evidence == said.evidence
    assert dedicated.score == said.score


def test_factors_sum_up_to_the_score():
    without_certain = dataclasses.replace(RULESET)
    decision = match_topics("Chinese tourists return to Paris", None, "en", without_certain)[1]
    total = sum(factor.weight for factor in decision.factors)
    assert decision.score == pytest.approx(1 / (1 + 2.718281828**-total), abs=0.01)
