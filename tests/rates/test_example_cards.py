"""The three example cards: each programme's own figures, marked apart from what is a sample."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sample_cards import START

from rates import EXAMPLE_CARDS, Action, RateCard, quote, terms_of
from rates.card_content import sound_content
from rates.example_cards import figures

PURE = True


def card_from(example_id):
    content = sound_content({**EXAMPLE_CARDS[example_id].content, "in_force_from": START})
    made: RateCard = RateCard._from_son(content | {"_id": "c", "unit_id": "u", "state": "draft"})
    return made


def test_there_are_three_and_each_can_be_copied_as_it_is():
    assert list(EXAMPLE_CARDS) == ["gulou", "wenjiang", "qianshan"]
    assert all(not card_from(name).inherits for name in EXAMPLE_CARDS)


def test_gulou_pays_100_coins_for_a_patrol_of_two_hours_and_10000_are_200_yuan():
    card = card_from("gulou")
    patrol = Action("patrol", START, START + timedelta(hours=2))
    assert quote(terms_of([card]), patrol).coins == 100
    assert card.fen_per_10000_coins == 20_000
    assert [(one.most_coins, one.most_fen) for one in card.award_grades] == [(10_000, None)]
    assert card.by_hand_above_fen is None


def test_wenjiang_pays_by_hand_above_200_yuan_and_in_three_grades():
    card = card_from("wenjiang")
    assert card.by_hand_above_fen == 20_000
    names = [(one.grade, one.name["zh"]) for one in card.award_grades]
    assert names == [("larger", "较大"), ("major", "重大"), ("especially_major", "特别重大")]
    assert not card.lines
    assert all(one.most_coins is None for one in card.award_grades)
    # None of its grades reaches into the next.
    bounds = [(one.least_fen, one.most_fen) for one in card.award_grades]
    assert all(most < least for (_, most), (least, _) in pairwise(bounds))


def test_qianshan_rewards_a_matter_once_with_50_to_1000_yuan():
    card = card_from("qianshan")
    assert [(one.least_fen, one.most_fen) for one in card.award_grades] == [(5_000, 100_000)]
    assert (len(card.lines), card.by_hand_above_fen, card.fen_per_10000_coins) == (0, None, None)


@pytest.mark.parametrize("example", EXAMPLE_CARDS.values(), ids=EXAMPLE_CARDS)
def test_every_figure_is_published_or_a_sample(example):
    assert set(example.published) <= set(figures(example.content))
    assert set(example.published) | set(example.samples()) == set(figures(example.content))
    assert set(example.published) & set(example.samples()) == set()
    assert example.published
    for words in (example.programme, *example.published.values(), *example.notes):
        assert words.say("en") != words.say("zh-CN")


def test_the_samples_are_those_the_accounts_do_not_tell():
    samples = {name: example.samples() for name, example in EXAMPLE_CARDS.items()}
    assert "lines.1.per_hour" in samples["gulou"]
    assert "award_grades.0.least_coins" in samples["gulou"]
    assert [path for path in samples["wenjiang"] if not path.startswith("award_grades.")] == []
    assert samples["qianshan"] == []
