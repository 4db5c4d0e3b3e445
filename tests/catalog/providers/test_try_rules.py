"""When a delivery is sent, asked about and given back: never sent where it may have arrived."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalog.providers.try_rules import (
    CLOCK_MARGIN,
    FAILURES_BEFORE_REST,
    JITTER,
    LONGEST_REST_S,
    LONGEST_WAIT_S,
    Step,
    counts_as_never_had,
    may_send,
    next_step,
    rest_s,
    wait_s,
)

PURE = True

END = datetime(2026, 1, 1, 12, tzinfo=UTC)
moments = st.integers(-86_400, 86_400).map(lambda late_s: END + timedelta(seconds=late_s))


@given(moments)
def test_in_doubt_nothing_is_sent_or_given_back(moment):
    assert next_step(in_doubt=True, valid_until=END, moment=moment) == Step.ASK


@given(moments)
def test_without_doubt_it_is_sent_in_time_and_given_back_afterwards(moment):
    step = next_step(in_doubt=False, valid_until=END, moment=moment)
    assert step == (Step.SEND if moment < END - CLOCK_MARGIN else Step.REFUND)


@given(moments)
def test_never_had_counts_only_when_nothing_may_be_delivered_any_more(moment):
    assert not (may_send(END, moment) and counts_as_never_had(END, moment))
    assert counts_as_never_had(END, moment) == (moment - END > CLOCK_MARGIN)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_waits_grow_up_to_the_longest(tries, chance):
    wait = wait_s(tries, chance)
    assert 0 < wait <= LONGEST_WAIT_S * (1 + JITTER)
    assert wait_s(tries + 1, chance) >= wait


@given(st.integers(0, 10_000))
def test_a_provider_rests_only_after_some_failures_and_never_for_long(failures):
    assert (rest_s(failures) == 0) == (failures < FAILURES_BEFORE_REST)
    assert rest_s(failures) <= LONGEST_REST_S


def test_the_margin_is_shorter_than_what_is_valid():
    assert may_send(END, END - CLOCK_MARGIN - timedelta(seconds=1))
