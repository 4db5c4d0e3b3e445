"""Answering: a clerk confirms or disputes line by line; silence confirms; repeats are safe."""

import pytest
from catalog_town import staff
from inboxes import notices_to
from statement_world import at, closed, hand_over

from catalog import LineState, StatementState, confirm_statement, dispute_lines
from catalog.settlement.answering import (
    LineNotFound,
    LineNotPlain,
    NewDispute,
    NothingDisputed,
    confirm_unanswered,
)
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.restating import StatementMoved, StatementNotFound
from catalog.settlement.statement_line import StatementLine
from people import Actor, Person, Role
from people.person import Membership
from shared.clock import now, pretending
from shared.errors import NotAllowed
from tests.racing import at_once

ROUNDS = 6
DISPUTE = NewDispute(2, "两件，只记了一件", 400)


def states():
    return [line.state for line in StatementLine.objects.order_by("number")]


def test_the_clerk_confirms_and_repeating_changes_nothing(town, statement):
    first = confirm_statement(statement.id, by=town.clerk)
    assert (first.state, first.confirmed_by) == (StatementState.CONFIRMED, town.clerk.person_id)
    again = confirm_statement(statement.id, by=town.clerk)
    assert (again.version, again.confirmed_at) == (first.version, first.confirmed_at)


def test_a_disputed_line_counts_for_nothing_until_it_is_decided(town, statement):
    changed = dispute_lines(statement.id, [DISPUTE], by=town.clerk)
    assert states() == [LineState.PLAIN, LineState.DISPUTED, LineState.PLAIN]
    assert (changed.sums.coins, changed.sums.coin_fen, changed.sums.open_disputes) == (300, 400, 1)
    dispute = StatementLine.objects.get(number=2).dispute
    assert (dispute.by, dispute.reason) == (town.clerk.person_id, "两件，只记了一件")
    assert dispute.claimed_fen == 400


def test_the_same_dispute_again_is_the_same_and_another_is_refused(town, statement):
    first = dispute_lines(statement.id, [DISPUTE], by=town.clerk)
    assert dispute_lines(statement.id, [DISPUTE], by=town.clerk).version == first.version
    with pytest.raises(LineNotPlain):
        dispute_lines(statement.id, [NewDispute(2, "其他", 400)], by=town.clerk)


def test_of_several_disputes_all_go_through_or_none(town, statement):
    with pytest.raises(LineNotFound):
        dispute_lines(statement.id, [DISPUTE, NewDispute(4, "多出一行", 1)], by=town.clerk)
    assert states() == [LineState.PLAIN] * 3
    for wrong in ([], [DISPUTE, DISPUTE]):
        with pytest.raises(NothingDisputed):
            dispute_lines(statement.id, wrong, by=town.clerk)
    assert PointStatement.objects.get().version == 1


def test_what_is_confirmed_can_no_longer_be_disputed(town, statement):
    confirm_statement(statement.id, by=town.clerk)
    with pytest.raises(StatementMoved):
        dispute_lines(statement.id, [DISPUTE], by=town.clerk)
    assert states() == [LineState.PLAIN] * 3


def test_a_disputed_statement_can_be_confirmed_and_the_dispute_stands(town, statement):
    dispute_lines(statement.id, [DISPUTE], by=town.clerk)
    confirmed = confirm_statement(statement.id, by=town.clerk)
    assert (confirmed.state, confirmed.sums.open_disputes) == (StatementState.CONFIRMED, 1)
    # The clerk's repeat of the dispute still answers.
    assert dispute_lines(statement.id, [DISPUTE], by=town.clerk).version == confirmed.version


def test_only_clerks_of_the_point_answer(town, statement):
    for by in (town.officer, town.far_clerk, staff(Role.AUDITOR, town.city)):
        with pytest.raises(NotAllowed):
            confirm_statement(statement.id, by=by)
        with pytest.raises(NotAllowed):
            dispute_lines(statement.id, [DISPUTE], by=by)
    for nothing in ("x", f"{town.point.id}:2026-03-09"):
        with pytest.raises(StatementNotFound):
            confirm_statement(nothing, by=town.clerk)


def test_seven_days_of_silence_confirm_in_nobodys_name(town, reward_id, statement):
    hand_over(reward_id, town.point, "2026-03-02 10:00")
    closed("2026-03-03 00:10")
    with pretending(at("2026-03-09 00:09")):
        assert confirm_unanswered() == 0
    with pretending(at("2026-03-09 00:10")):
        assert [confirm_unanswered(), confirm_unanswered()] == [1, 0]
    silent = PointStatement.objects.get(id=statement.id)
    assert (silent.state, silent.confirmed_by) == (StatementState.CONFIRMED, "")
    assert PointStatement.objects.get(day="2026-03-02").state == StatementState.CLOSED


def test_a_dispute_and_a_confirmation_at_once_end_as_one_after_the_other(
    town, reward_id, statement
):
    for number in range(ROUNDS):
        day = f"2026-04-{number + 1:02}"
        hand_over(reward_id, town.point, f"{day} 10:00")
        closed(f"2026-04-{number + 2:02} 00:10")
        made = PointStatement.objects.get(day=day)
        acts = (
            lambda made=made: confirm_statement(made.id, by=town.clerk),
            lambda made=made: dispute_lines(made.id, [NewDispute(1, "x", 1)], by=town.clerk),
        )
        _, disputed = at_once(2, lambda which, acts=acts: acts[which]())
        line = StatementLine.objects.get(statement_id=made.id)
        after = PointStatement.objects.get(id=made.id)
        refused = isinstance(disputed, StatementMoved)
        assert line.state == (LineState.PLAIN if refused else LineState.DISPUTED)
        assert after.sums.open_disputes == (0 if refused else 1)
        assert after.state == StatementState.CONFIRMED


def test_one_dispute_sent_eight_times_at_once_tells_the_officers_once(town, statement):
    held = Membership(role=Role.CENTRE_OFFICER, unit_id=town.district.id, since=now())
    officer = Person(memberships=[held]).save()
    at_once(8, lambda _: dispute_lines(statement.id, [DISPUTE], by=town.clerk))
    assert PointStatement.objects.get().version == 2
    (notice,) = notices_to(Actor(officer.id))
    assert (notice.name, notice.facts["lines"]) == ("point_statement_disputed", 1)
