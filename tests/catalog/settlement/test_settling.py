"""Settling: coins leave the point's account and their fen are owed, once, whoever races."""

import pytest
from catalog_town import staff
from statement_world import (
    an_award,
    closed,
    coins_at,
    hand_over,
    owed_to,
    value_of_coins,
)

from catalog import (
    LineState,
    StatementState,
    Voucher,
    confirm_statement,
    decide_line,
    dispute_lines,
    escrow,
    settle_statement,
)
from catalog.settlement.answering import NewDispute
from catalog.settlement.deciding import line_refunded
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.restating import OwnStatement, StatementChanged, StatementMoved
from catalog.settlement.settling import DisputesOpen
from catalog.settlement.statement_line import StatementLine
from ledger import EntryKind, balance_of, entry_of, exchange
from people import Actor, Held, Role
from shared.database import collection, in_transaction
from shared.errors import NotAllowed
from tests.racing import at_once

ROUNDS = 6


@pytest.fixture
def confirmed(town, statement):
    return confirm_statement(statement.id, by=town.clerk)


def refund(handed, statement):
    """What a refund does inside its transaction, beside the voucher's own move."""

    def give_back(session):
        line_refunded(handed.id, statement.id, session)
        escrow.refund(handed, session)
        which = {"_id": handed.id, "state": "redeemed"}
        change = {"$set": {"state": "refunded"}}
        collection(Voucher).update_one(which, change, session=session)

    in_transaction(give_back)


def test_the_coins_become_money_owed(town, confirmed):
    settled = settle_statement(confirmed.id, by=town.officer)
    assert (settled.state, settled.settled_by) == (StatementState.SETTLED, town.officer.person_id)
    assert (coins_at(town.point), owed_to(town.point)) == (0, 600)
    assert (balance_of(exchange("FUB")), balance_of(exchange("CNY"), "CNY")) == (300, -600)
    entry = entry_of(settled.settlement_entry_id)
    assert entry.kind == EntryKind.SETTLEMENT
    assert entry.key == f"settlement:{settled.id}"


def test_repeating_and_racing_settle_once(town, confirmed):
    answers = at_once(8, lambda _: settle_statement(confirmed.id, by=town.officer))
    assert {answer.settlement_entry_id for answer in answers} == {answers[0].settlement_entry_id}
    again = settle_statement(confirmed.id, by=town.officer)
    assert (again.version, owed_to(town.point)) == (3, 600)


def test_two_officers_at_once_settle_once(town, confirmed):
    officers = [town.officer, staff(Role.ADMIN, town.city)]
    answers = at_once(2, lambda number: settle_statement(confirmed.id, by=officers[number]))
    assert len({answer.settled_by for answer in answers}) == 1
    assert (coins_at(town.point), owed_to(town.point)) == (0, 600)


def test_what_is_not_confirmed_or_not_decided_is_not_settled(town, statement):
    with pytest.raises(StatementMoved):
        settle_statement(statement.id, by=town.officer)
    dispute_lines(statement.id, [NewDispute(1, "x", 500)], by=town.clerk)
    confirm_statement(statement.id, by=town.clerk)
    with pytest.raises(DisputesOpen) as refusal:
        settle_statement(statement.id, by=town.officer)
    assert refusal.value.facts["open"] == 1
    assert (coins_at(town.point), owed_to(town.point)) == (300, 0)
    decide_line(statement.id, 1, fen=500, reason="属实", by=town.officer)
    assert settle_statement(statement.id, by=town.officer).sums.coin_fen == 900
    assert (coins_at(town.point), owed_to(town.point)) == (0, 900)


def test_a_settled_statement_is_decided_and_refunded_no_more(town, reward_id, confirmed):
    settle_statement(confirmed.id, by=town.officer)
    handed = Voucher.objects.first()
    with pytest.raises(StatementMoved):
        refund(handed, confirmed)
    assert StatementLine.objects(state=LineState.REFUNDED).count() == 0
    assert Voucher.objects.get(id=handed.id).state == "redeemed"


def test_nobody_settles_sums_other_than_they_saw(town, confirmed):
    refund(Voucher.objects.first(), confirmed)
    with pytest.raises(StatementChanged):
        settle_statement(confirmed.id, by=town.officer, version=confirmed.version)
    seen = PointStatement.objects.get()
    assert seen.untold == ["refunded:1"]
    assert settle_statement(seen.id, by=town.officer, version=seen.version).sums.coins == 200


def test_who_handed_over_settles_nothing_whatever_they_are_by_now(town, confirmed):
    former = Actor("0" * 24, "s", (Held(Role.CENTRE_OFFICER, town.district.id),))
    with pytest.raises(OwnStatement):
        settle_statement(confirmed.id, by=former)


def test_what_was_brought_back_is_not_owed(town, confirmed):
    refund(Voucher.objects.first(), confirmed)
    assert PointStatement.objects.get().sums.coins == 200
    settle_statement(confirmed.id, by=town.officer)
    assert (coins_at(town.point), owed_to(town.point)) == (0, 400)


def test_a_refund_before_the_statement_stands_in_it_and_counts_for_nothing(town, reward_id):
    value_of_coins(town.district, 20_000)
    handed = hand_over(reward_id, town.point, "2026-03-01 10:00")
    in_transaction(lambda session: escrow.refund(handed, session))
    collection(Voucher).update_one({"_id": handed.id}, {"$set": {"state": "refunded"}})
    closed("2026-03-02 00:10")
    made = PointStatement.objects.get()
    assert (StatementLine.objects.get().state, made.sums.coins) == (LineState.REFUNDED, 0)
    confirm_statement(made.id, by=town.clerk)
    settled = settle_statement(made.id, by=town.officer)
    assert (settled.state, settled.settlement_entry_id) == (StatementState.SETTLED, None)


def test_a_refund_against_the_settlement_is_before_it_or_refused(town, reward_id, statement):
    for number in range(ROUNDS):
        day = f"2026-04-{number + 1:02}"
        handed = hand_over(reward_id, town.point, f"{day} 10:00")
        hand_over(reward_id, town.point, f"{day} 11:00")
        closed(f"2026-04-{number + 2:02} 00:10")
        made = confirm_statement(PointStatement.objects.get(day=day).id, by=town.clerk)
        coins, owed = coins_at(town.point), owed_to(town.point)
        acts = (
            lambda made=made: settle_statement(made.id, by=town.officer),
            lambda made=made, handed=handed: refund(handed, made),
        )
        _, refunded = at_once(2, lambda which, acts=acts: acts[which]())
        late = isinstance(refunded, StatementMoved)
        assert late or refunded is None
        assert coins_at(town.point) == coins - 200
        assert owed_to(town.point) == owed + (400 if late else 200)
        state = Voucher.objects.get(id=handed.id).state
        assert state == ("redeemed" if late else "refunded")


def test_awards_alone_move_nothing_at_the_settlement(town, reward_id):
    value_of_coins(town.district, 20_000)
    an_award(reward_id, town.point, "2026-03-01 10:00", 1_250)
    closed("2026-03-02 00:10")
    made = PointStatement.objects.get()
    confirm_statement(made.id, by=town.clerk)
    settled = settle_statement(made.id, by=town.officer)
    assert (settled.settlement_entry_id, settled.sums.total_fen) == (None, 1_250)
    assert owed_to(town.point) == 1_250


def test_coins_worth_nothing_leave_all_the_same(town, reward_id):
    value_of_coins(town.district, 0)
    hand_over(reward_id, town.point, "2026-03-01 10:00")
    closed("2026-03-02 00:10")
    made = PointStatement.objects.get()
    confirm_statement(made.id, by=town.clerk)
    settle_statement(made.id, by=town.officer)
    assert (coins_at(town.point), owed_to(town.point)) == (0, 0)


def test_a_clerk_of_the_point_settles_nothing_and_officers_elsewhere_neither(town, confirmed):
    both = (Held(Role.ADMIN, town.city.id), Held(Role.CLERK, town.point.id))
    promoted = Actor(town.clerk.person_id, "s", both[:1])
    for by in (Actor("7" * 24, "s", both), promoted):
        with pytest.raises(OwnStatement):
            settle_statement(confirmed.id, by=by)
    for by in (town.clerk, staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(NotAllowed):
            settle_statement(confirmed.id, by=by)
    assert coins_at(town.point) == 300
