"""Ranks and scores, against plain recounts of generated sums."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.leagues.ranking import (
    Tally,
    band_of,
    is_low,
    ranked,
    rounded,
    score_of,
    shown_at_top,
)

PURE = True

MEASURES = ("hours", "participations", "kilometres")
RAW_IN_ONE = {"hours": 3_600, "participations": 1, "kilometres": 1_000}
NAMES = st.text("abcdef0123456789", min_size=3, max_size=4)


@st.composite
def fields(draw):
    """Sums of differently named units, small enough that many are equal."""
    names = draw(st.lists(NAMES, unique=True, max_size=25))
    return [
        Tally(
            name,
            draw(st.integers(0, 6)) * 3_600,
            draw(st.integers(0, 3)) * 500,
            draw(st.integers(0, 6)),
        )
        for name in names
    ]


def rank_hours(tallies, least=3):
    return ranked(tallies, measure="hours", per=1_000, least_contributors=least)


@given(fields())
def test_a_rank_is_one_more_than_the_units_that_are_better(tallies):
    found = rank_hours(tallies)
    shown = [one for one in tallies if one.contributors >= 3 and one.raw and one.population]
    hours = {one.unit_id: Decimal(one.raw) / one.population for one in shown}
    assert {one.tally.unit_id for one in found} == set(hours)
    for one in found:
        better = [name for name in hours if hours[name] > hours[one.tally.unit_id]]
        assert one.rank == 1 + len(better)


@given(fields(), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_units_come_in(tallies, random):
    mixed = random.sample(tallies, len(tallies))
    assert rank_hours(mixed) == rank_hours(tallies)


@given(fields())
def test_places_run_without_gaps_and_equal_scores_share_a_rank(tallies):
    found = rank_hours(tallies)
    assert [one.place for one in found] == list(range(1, len(found) + 1))
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for before, after in pairwise(found):
        assert (before.score == after.score) == (before.rank == after.rank)
        assert after.rank in (before.rank, after.place)


@given(
    st.integers(0, 10**12),
    st.integers(1, 10**8),
    st.sampled_from(MEASURES),
    st.sampled_from([1, 1_000]),
)
def test_a_score_is_the_measure_in_thousandths_rounded_half_up(raw, population, measure, per):
    exact = Decimal(raw * per * 1_000) / Decimal(RAW_IN_ONE[measure] * population)
    plain = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    assert score_of(raw, population, measure=measure, per=per) == plain


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**6), st.integers(0, 10**6))
def test_more_work_never_scores_less_and_more_residents_never_more(raw, extra, people, others):
    score = score_of(raw, people, measure="hours", per=1_000)
    assert score_of(raw + extra, people, measure="hours", per=1_000) >= score
    assert score_of(raw, people + others, measure="hours", per=1_000) <= score


def test_two_share_the_second_rank_and_the_next_is_fourth():
    sums = [("a", 10), ("b", 7), ("c", 7), ("d", 1)]
    found = rank_hours([Tally(name, hours * 3_600, 1_000, 3) for name, hours in sums])
    seen = [(one.tally.unit_id, one.rank, one.score) for one in found]
    assert seen == [("a", 1, 10_000), ("b", 2, 7_000), ("c", 2, 7_000), ("d", 4, 1_000)]


@pytest.mark.parametrize(
    "tally",
    [
        Tally("few", 3_600, 100, 2),
        Tally("unknown", 3_600, 0, 9),
        Tally("idle", 0, 100, 9),
    ],
)
def test_a_unit_of_too_few_of_unknown_population_or_without_work_is_not_shown(tally):
    assert rank_hours([tally]) == []


def test_a_huge_unit_and_a_small_one_of_equal_effort_share_the_first_rank():
    found = rank_hours([Tally("big", 3_600 * 400, 40_000, 90), Tally("small", 3_600 * 3, 300, 3)])
    assert [one.rank for one in found] == [1, 1]


@given(st.integers(0, 1_000), st.integers(1, 20))
def test_the_last_is_never_among_those_shown_at_the_top(total, most):
    shown = shown_at_top(total, most)
    assert 0 <= shown <= min(most, total)
    assert total <= 1 or shown < total


@given(st.integers(3, 10**7), st.integers(0, 10**9))
def test_bands_and_rounded_scores_are_never_more_than_the_exact_ones(people, score):
    assert band_of(people) <= people < 4 * band_of(people)
    assert 0 <= score - rounded(score) <= score / 10
    assert rounded(rounded(score)) == rounded(score)


def test_four_people_and_three_look_alike():
    assert (band_of(3), band_of(4), band_of(9), band_of(10), band_of(31)) == (3, 3, 3, 10, 30)
    assert (rounded(27_654), rounded(27_001), rounded(99), rounded(0)) == (27_000, 27_000, 99, 0)


def test_the_last_tenth_and_always_the_last_of_several_is_low():
    assert not is_low(1, 1)
    assert [place for place in range(1, 6) if is_low(place, 5)] == [5]
    assert [place for place in range(1, 31) if is_low(place, 30)] == [28, 29, 30]
