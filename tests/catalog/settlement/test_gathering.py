"""Gathering: deliveries, opened tickets and disputed offline hand-overs become lines as well."""

import pytest
from catalog_town import staff
from statement_world import at, closed, hand_over, value_of_coins

from catalog import (
    LineKind,
    LineState,
    Voucher,
    confirm_statement,
    decide_line,
    dispute_lines,
    settle_statement,
)
from catalog.scanning.offline_hand_over import OfflineHandOver
from catalog.settlement.answering import LineNotPlain, NewDispute, confirm_unanswered
from catalog.settlement.deciding import AmountNeeded
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.statement_line import StatementLine
from people import Role
from shared.clock import pretending
from shared.database import collection
from shared.ids import new_id

WORDS = {"code": "AlreadyHandedOver", "en": "Already handed over.", "zh-CN": "已兑换。"}


def brought_in(point, when, outcome="disputed", **more) -> OfflineHandOver:
    """What a device without network wrote down, as it was resolved."""
    facts = {"title": "雨伞", "title_en": "Umbrella", "price": 100, "reward_id": new_id()}
    facts |= {"reason": WORDS if outcome == "disputed" else {}, **more}
    return OfflineHandOver(
        id=new_id(),
        point_id=point.id,
        key=new_id(),
        point_key_id=new_id(),
        brought_by="0" * 24,
        handed_over_at=at(when),
        outcome=outcome,
        **{"received_at": at(when), **facts},
    ).save(force_insert=True)


@pytest.fixture
def stated(town, reward_id):
    """A statement of one hand-over and one that was lost to another: disputed, worth nothing."""
    value_of_coins(town.district, 20_000)
    handed = hand_over(reward_id, town.point, "2026-03-01 10:00")
    lost = brought_in(town.point, "2026-03-01 09:00", voucher_id=handed.id)
    brought_in(town.point, "2026-03-01 09:30", "accepted", voucher_id=handed.id)
    closed("2026-03-02 00:10")
    assert OfflineHandOver.objects.get(id=lost.id).statement_id == PointStatement.objects.get().id
    return PointStatement.objects.get()


def test_the_loser_of_two_hand_overs_is_a_disputed_line_and_no_second_payment(town, stated):
    lost, plain = StatementLine.objects.order_by("number")
    assert (lost.kind, lost.state, lost.title) == (LineKind.OFFLINE, LineState.DISPUTED, "雨伞")
    assert (lost.coins, lost.in_kind_fen, lost.voucher_id) == (0, 0, plain.voucher_id)
    assert (lost.dispute.by, lost.dispute.reason) == ("", "AlreadyHandedOver")
    assert lost.dispute.words["en"] == "Already handed over."
    sums = stated.sums
    assert (sums.lines, sums.coins, sums.coin_fen, sums.open_disputes) == (2, 100, 200, 1)


def test_the_centre_says_what_a_lost_hand_over_is_worth(town, stated):
    with pytest.raises(AmountNeeded):
        decide_line(stated.id, 1, fen=None, reason="x", by=town.officer)
    decide_line(stated.id, 1, fen=150, reason="如实交付", by=town.officer)
    confirm_statement(stated.id, by=town.clerk)
    assert settle_statement(stated.id, by=town.officer).sums.total_fen == 350
    assert closed("2026-03-03 00:10") == 0


def test_a_wild_clock_is_a_line_of_the_day_it_arrived(town, reward_id):
    value_of_coins(town.district, 20_000)
    for wild in ("2040-01-01 09:00", "2015-12-10 09:00"):
        brought_in(town.point, wild, received_at=at("2026-03-01 09:00"))
    assert closed("2026-03-02 00:10") == 1
    assert PointStatement.objects.get().day == "2026-03-01"
    assert [line.price for line in StatementLine.objects] == [100, 100]
    assert PointStatement.objects.get().sums.open_disputes == 2


def test_a_clerk_adds_a_claim_to_what_the_system_disputes_and_silence_waits(town, stated):
    claim = NewDispute(1, "如实交付", 200)
    first = dispute_lines(stated.id, [claim], by=town.clerk)
    assert dispute_lines(stated.id, [claim], by=town.clerk).version == first.version
    with pytest.raises(LineNotPlain):
        dispute_lines(stated.id, [NewDispute(1, "x", 300)], by=town.clerk)
    raised = StatementLine.objects.get(number=1).dispute
    assert (raised.reason, raised.claim_reason) == ("AlreadyHandedOver", "如实交付")
    assert (raised.by, raised.claimed_by, raised.claimed_fen) == ("", town.clerk.person_id, 200)
    with pretending(at("2026-03-20 00:00")):
        assert confirm_unanswered() == 0
        decide_line(stated.id, 1, fen=200, reason="属实", by=town.officer)
        assert confirm_unanswered() == 0
    with pretending(at("2026-03-28 00:00")):
        assert confirm_unanswered() == 1


def test_far_more_than_the_worth_needs_two_officers(town, stated):
    other = staff(Role.ADMIN, town.city)
    grand = {"fen": 20_201, "reason": "特殊情况"}
    for _ in range(2):
        proposed = decide_line(stated.id, 1, **grand, by=town.officer)
    assert (proposed.version, proposed.sums.open_disputes) == (2, 1)
    assert decide_line(stated.id, 1, **grand, by=other).sums.open_disputes == 0
    line = StatementLine.objects.get(number=1)
    assert (line.decision.by, line.decision.proposed_by) == (
        other.person_id,
        town.officer.person_id,
    )


def test_a_code_that_means_nothing_is_a_line_too(town):
    brought_in(town.point, "2026-03-01 09:00", title="", reward_id=None)
    brought_in(town.point, "2026-03-01 09:01", title="", reward_id=None)
    assert closed("2026-03-02 00:10") == 1
    titles = [(line.title, line.title_en, line.voucher_id) for line in StatementLine.objects]
    assert titles == [("未知兑换券", "unknown voucher", None)] * 2


@pytest.mark.parametrize(
    ("kind", "line_kind"),
    [("top_up", LineKind.DELIVERY), ("ticket", LineKind.OPENING), ("coupon", LineKind.HAND_OVER)],
)
def test_every_kind_of_voucher_has_its_kind_of_line(town, reward_id, kind, line_kind):
    value_of_coins(town.district, 20_000)
    handed = hand_over(reward_id, town.point, "2026-03-01 10:00")
    collection(Voucher).update_one({"_id": handed.id}, {"$set": {"kind": kind}})
    closed("2026-03-02 00:10")
    line = StatementLine.objects.get()
    assert (line.kind, line.coins) == (line_kind, 100)
    collection(Voucher).update_one({"_id": handed.id}, {"$set": {"kind": "goods"}})
