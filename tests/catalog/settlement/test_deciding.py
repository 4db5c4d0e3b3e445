"""Deciding: an officer who is not of the point says what a disputed line counts for."""

import pytest
from catalog_town import staff
from inboxes import notices_to
from statement_world import an_award, closed, hand_over, value_of_coins

from catalog import LineState, confirm_statement, decide_line, dispute_lines
from catalog.settlement.answering import LineNotFound, NewDispute
from catalog.settlement.deciding import AmountNeeded, AmountOutOfRange, LineNotDisputed
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.restating import OwnStatement
from catalog.settlement.statement_line import StatementLine
from people import Actor, Held, Person, Role
from people.person import Membership
from shared.clock import now
from shared.errors import NotAllowed


@pytest.fixture
def disputed(town, statement):
    return dispute_lines(statement.id, [NewDispute(2, "两件", 400)], by=town.clerk)


def decide(town, statement, fen, number=2, by=None):
    return decide_line(statement.id, number, fen=fen, reason="查看监控", by=by or town.officer)


@pytest.mark.parametrize(
    ("fen", "state", "coin_fen"),
    [
        (400, LineState.ACCEPTED, 800),
        (399, LineState.REJECTED, 799),
        (0, LineState.REJECTED, 400),
        (None, LineState.REJECTED, 600),
    ],
)
def test_a_decision_says_what_the_line_counts_for(town, disputed, fen, state, coin_fen):
    changed = decide(town, disputed, fen)
    line = StatementLine.objects.get(number=2)
    assert (line.state, line.decision.by) == (state, town.officer.person_id)
    assert (changed.sums.coin_fen, changed.sums.open_disputes) == (coin_fen, 0)
    assert changed.sums.coins == 300


def test_the_same_decision_again_is_the_same_and_another_is_refused(town, disputed):
    first = decide(town, disputed, 400)
    assert decide(town, disputed, 400).version == first.version
    with pytest.raises(LineNotDisputed):
        decide(town, disputed, 300)
    with pytest.raises(LineNotDisputed):
        decide(town, disputed, 300, number=1)
    with pytest.raises(LineNotFound):
        decide(town, disputed, 300, number=9)


def test_it_can_be_decided_after_the_confirmation_too(town, disputed):
    confirm_statement(disputed.id, by=town.clerk)
    assert decide(town, disputed, 400).sums.open_disputes == 0


def test_nobody_of_the_point_decides_whatever_else_they_are(town, disputed):
    both = (Held(Role.CENTRE_OFFICER, town.district.id), Held(Role.CLERK, town.point.id))
    with pytest.raises(OwnStatement):
        decide(town, disputed, 400, by=Actor("7" * 24, "s", both))
    # Nor the clerk who raised it and is an officer by now.
    promoted = Actor(town.clerk.person_id, "s", both[:1])
    with pytest.raises(OwnStatement):
        decide(town, disputed, 400, by=promoted)
    for by in (town.clerk, staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(NotAllowed):
            decide(town, disputed, 400, by=by)
    assert StatementLine.objects.get(number=2).state == LineState.DISPUTED


def test_a_line_without_a_value_needs_an_amount(town, reward_id):
    hand_over(reward_id, town.point, "2026-03-01 10:00")
    closed("2026-03-02 00:10")
    made = PointStatement.objects.get()
    with pytest.raises(AmountNeeded):
        decide(town, made, None, number=1)
    assert decide(town, made, 200, number=1).sums.coin_fen == 200
    assert StatementLine.objects.get().state == LineState.ACCEPTED


def test_what_an_award_was_credited_with_is_not_taken_back(town, reward_id):
    value_of_coins(town.district, 20_000)
    an_award(reward_id, town.point, "2026-03-01 10:00", 1_000)
    closed("2026-03-02 00:10")
    made = PointStatement.objects.get()
    dispute_lines(made.id, [NewDispute(1, "大号", 1_200)], by=town.clerk)
    with pytest.raises(AmountOutOfRange):
        decide(town, made, 999, number=1)
    with pytest.raises(AmountOutOfRange):
        decide(town, made, 1_000_000_001, number=1)
    sums = decide(town, made, 1_200, number=1).sums
    assert (sums.coin_fen, sums.in_kind_fen, sums.total_fen) == (200, 1_000, 1_200)


def test_the_clerks_are_told_what_was_decided(town, disputed):
    clerk = Person(memberships=[Membership(role=Role.CLERK, unit_id=town.point.id, since=now())])
    clerk.save()
    decide(town, disputed, 400)
    decide(town, disputed, 400)
    (notice,) = notices_to(Actor(clerk.id))
    assert (notice.name, notice.facts["number"]) == ("point_statement_decided", 2)
    assert notice.facts["yuan"] == "8.00"
