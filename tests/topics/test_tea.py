"""Decisions of a small ruleset, in full: which score, scope, spans and factors a text gets."""

import json
import math
from datetime import date
from pathlib import Path

import pytest

from helpers.rules import write_rules
from silkwire.model import Evidence, Factor, TopicDecision
from silkwire.topics import dedicate, load_ruleset, match_topics
from silkwire.topics.ruleset import Ruleset

RULES = """\
topic: tea
title: Tea
bias: -2
summary_share: 0.5
candidates:
  - [tea, trade | place]
  - [brand]
groups:
  never: {terms: [golf]}
  tea: {terms: [tea, oolong]}
  trade: {terms: [exports, sales]}
  place: {case: exact, terms: [Assam, {term: Ceylon, until: '1972-05-22'}]}
  brand: {terms: [teatrix]}
  party: {terms: [senator]}
  advert: {terms: [sponsored]}
rules:
  - {name: tea_trade, weight: 3, all: [tea, trade], scope: outbound}
  - {name: tea_place, weight: 2.00004, all: [tea, place], scope: inbound}
  - {name: place_trade, weight: 1.5, all: [place, trade], scope: inbound}
  - {name: brand_alone, weight: 2, all: [brand], certain: true}
  - {name: tea_party, veto: true, all: [tea, party]}
  - {name: tea_golf, weight: -1, all: [tea, never], scope: domestic}
  - {name: trade_text, weight: 0, all: [trade], scope: domestic}
flags:
  advert: advert
  golf: never
"""


@pytest.fixture
def rules(tmp_path: Path) -> Ruleset:
    return load_ruleset(write_rules(tmp_path, RULES))


def train(folder: Path, bias: float, rules_weight: float, **weights: float) -> Ruleset:
    """The same rules with a model."""
    write_rules(folder, RULES)
    model = {"bias": bias, "rules_weight": rules_weight, "weights": weights}
    (folder / "topics" / "tea.model.json").write_text(json.dumps(model), "utf-8")
    return load_ruleset(folder)


def decide(
    rules: Ruleset,
    title: str | None,
    summary: str | None = None,
    language: str | None = None,
    on: date | None = None,
) -> TopicDecision:
    (decision,) = match_topics(title, summary, language, rules, on=on)
    return decision


def squash(logit: float) -> float:
    return round(1 / (1 + math.exp(-logit)), 4)


def test_a_match_has_its_score_its_scope_its_spans_and_its_factors(rules: Ruleset) -> None:
    assert decide(rules, "Tea exports rise") == TopicDecision(
        topic="tea",
        is_match=True,
        score=0.7311,
        scope="outbound",
        evidence=(
            Evidence("title", 0, 3, "Tea", "tea_trade", 3),
            Evidence("title", 4, 11, "exports", "tea_trade", 3),
            Evidence("title", 4, 11, "exports", "trade_text", 0),
        ),
        factors=(Factor("bias", -2),),
        flags=(),
    )


def test_what_stands_in_the_summary_counts_half_and_is_cited_there(rules: Ruleset) -> None:
    found = decide(rules, "The market", "Sales of oolong rise")
    assert (found.is_match, found.score, found.scope) == (False, squash(-0.5), None)
    assert found.evidence == (
        Evidence("summary", 0, 5, "Sales", "tea_trade", 1.5),
        Evidence("summary", 0, 5, "Sales", "trade_text", 0),
        Evidence("summary", 9, 15, "oolong", "tea_trade", 1.5),
    )


def test_a_text_that_holds_no_combination_of_a_candidate_is_not_thought_about(
    rules: Ruleset,
) -> None:
    nothing = TopicDecision("tea", is_match=False, score=0.0)
    for title in ("Oolong", "Assam exports", "Golf and a senator", "Rain", ""):
        assert decide(rules, title) == nothing


def test_a_candidate_on_which_no_rule_counts_cites_what_made_it_one(tmp_path: Path) -> None:
    apart = RULES.replace("all: [tea, trade]", "within: 2, all: [tea, trade]")
    rules = load_ruleset(write_rules(tmp_path, apart))
    found = decide(rules, "Tea, golf and sales; sponsored")
    assert (found.is_match, found.score) == (False, squash(-3))
    assert found.flags == ("advert", "golf")
    assert found.evidence == (
        Evidence("title", 0, 3, "Tea", "tea", 0),
        Evidence("title", 0, 3, "Tea", "tea_golf", -1),
        Evidence("title", 5, 9, "golf", "tea_golf", -1),
        Evidence("title", 14, 19, "sales", "trade", 0),
        Evidence("title", 14, 19, "sales", "trade_text", 0),
    )


def test_a_term_of_two_groups_is_cited_by_the_first_of_them(tmp_path: Path) -> None:
    both = RULES.replace("[teatrix]", "[teatrix, oolong]").replace("all: [brand]", "all: [party]")
    found = decide(load_ruleset(write_rules(tmp_path, both)), "Oolong")
    assert found.evidence == (Evidence("title", 0, 6, "Oolong", "tea", 0),)


def test_a_rule_that_says_little_is_cited_alone(tmp_path: Path) -> None:
    light = RULES.replace("weight: 3", "weight: 0.5")
    found = decide(load_ruleset(write_rules(tmp_path, light)), "Tea exports")
    assert {span.rule for span in found.evidence} == {"tea_trade", "trade_text"}


def test_a_veto_leaves_no_score_whatever_else_fires(rules: Ruleset) -> None:
    found = decide(rules, "Tea exports: a senator drinks tea from Assam")
    assert (found.is_match, found.score, found.scope) == (False, 0.0, None)
    assert "senator" in [span.text for span in found.evidence]


def test_the_scope_is_that_for_which_most_weight_speaks(rules: Ruleset) -> None:
    assert decide(rules, "Assam tea exports").scope == "inbound"
    assert decide(rules, "Tea sales").scope == "outbound"
    assert decide(rules, "Teatrix").scope is None
    assert decide(rules, "Teatrix exports").scope is None


def test_scores_begin_to_match_at_the_threshold(tmp_path: Path) -> None:
    even = load_ruleset(write_rules(tmp_path, RULES))
    assert (decide(even, "Teatrix").score, decide(even, "Teatrix").is_match) == (0.5, True)
    higher = load_ruleset(write_rules(tmp_path, RULES.replace("bias: -2", "bias: -2.001")))
    assert decide(higher, "Teatrix").is_match is False


def test_a_score_has_four_digits_and_so_has_a_spans_weight(rules: Ruleset) -> None:
    found = decide(rules, "Tea of Assam")
    assert found.score == squash(0.00004) == 0.5
    assert {span.weight for span in found.evidence} == {2.0}


@pytest.mark.parametrize(("weight", "score"), [(20, 1.0), (-20, 0.0)])
def test_no_weight_is_too_large(tmp_path: Path, weight: int, score: float) -> None:
    rules = load_ruleset(write_rules(tmp_path, RULES.replace("weight: 2,", f"weight: {weight},")))
    assert decide(rules, "Teatrix").score == pytest.approx(score, abs=1e-4)


def test_a_term_holds_until_its_day(rules: Ruleset) -> None:
    title = "Tea of Ceylon"
    assert decide(rules, title, on=date(1972, 5, 22)).is_match
    assert not decide(rules, title, on=date(1972, 5, 23)).is_match


def test_spans_are_in_the_order_of_the_text_and_two_dozen_at_most(rules: Ruleset) -> None:
    found = decide(rules, "Assam: tea, exports")
    assert [(span.start, span.end, span.rule) for span in found.evidence] == [
        (0, 5, "place_trade"),
        (0, 5, "tea_place"),
        (7, 10, "tea_place"),
        (7, 10, "tea_trade"),
        (12, 19, "place_trade"),
        (12, 19, "tea_trade"),
        (12, 19, "trade_text"),
    ]
    apart = "tea " * 40
    assert len(decide(rules, f"{apart} golf {'sales ' * 40}").evidence) <= 24


# --- with a model


def test_a_model_adds_what_words_say_to_what_the_rules_say(tmp_path: Path) -> None:
    weights = {"h:tea": 0.5, "h:exports": -0.25, "h:rise": 0.019961, "h:unseen": 9.0}
    rules = train(tmp_path, 0.123456, 0.512345, **weights, **{"is:en": 0.02})
    found = decide(rules, "Tea exports rise")
    assert found.factors == (
        Factor("bias", 0.1235),
        Factor("rules", 0.5123),
        Factor("model:h:exports", -0.25),
        Factor("model:h:tea", 0.5),
        Factor("model:is:en", 0.02),
        Factor("model:other", 0.02),
    )
    assert found.score == squash(0.123456 + 0.512345 + 0.5 - 0.25 + 0.019961 + 0.02)


def test_without_small_contributions_there_is_no_factor_for_them(tmp_path: Path) -> None:
    found = decide(train(tmp_path, 0, 1, **{"h:tea": 0.3}), "Tea exports")
    assert [factor.name for factor in found.factors] == ["bias", "rules", "model:h:tea"]


def test_a_model_may_not_talk_down_a_certain_rule_of_the_headline(tmp_path: Path) -> None:
    rules = train(tmp_path, 0, 1, **{"h:teatrix": -2.123456, "s:teatrix": -1.0, "h:good": 5.0})
    found = decide(rules, "Teatrix")
    assert (found.is_match, found.score) == (True, 0.5)
    assert found.factors[-1] == Factor("certain_rule", 2.1235)
    elsewhere = decide(rules, "A brand", "Teatrix")
    assert (elsewhere.is_match, elsewhere.score) == (False, squash(-2 + 1 - 1))
    silent = decide(train(tmp_path / "silent", 0, 1), "Teatrix")
    assert [factor.name for factor in silent.factors] == ["bias", "rules"]
    lifted = decide(rules, "Teatrix is good")
    assert lifted.score == squash(5.0 - 2.123456)
    assert lifted.factors[-1].name == "model:h:teatrix"


def test_a_model_may_talk_down_a_rule_that_is_not_certain(tmp_path: Path) -> None:
    found = decide(train(tmp_path, 0, 1, **{"h:tea": -3.0}), "Tea exports")
    assert (found.is_match, found.score) == (False, squash(1 - 3))


def test_the_summary_and_its_script_are_read_by_the_model_too(tmp_path: Path) -> None:
    rules = train(tmp_path, 0, 1, **{"s:rise": 1.0, "is:zh": 4.0})
    assert decide(rules, "Tea exports", "They rise").score == squash(2)
    assert decide(rules, "Tea exports 涨").score == squash(5)


# --- a feed that is dedicated


def test_a_dedicated_feed_keeps_all_that_the_words_said(rules: Ruleset) -> None:
    said = decide(rules, "Assam tea exports: sponsored golf")
    assert (said.scope, said.flags) == ("inbound", ("advert", "golf"))
    (dedicated,) = dedicate([said], ["tea"])
    assert dedicated == TopicDecision(
        "tea",
        True,
        said.score,
        "inbound",
        said.evidence,
        (*said.factors, Factor("dedicated_feed", 1.0)),
        ("advert", "golf"),
    )
