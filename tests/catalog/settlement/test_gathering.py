"""Gathering: deliveries, opened tickets and disputed offline hand-overs become lines as well."""

import pytest
from statement_world import at, closed, hand_over, value_of_coins

from catalog import LineKind, LineState, Voucher, confirm_statement, decide_line, settle_statement
from catalog.scanning.offline_hand_over import OfflineHandOver
from catalog.settlement.deciding import AmountNeeded
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.statement_line import StatementLine
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
        received_at=at(when),
        outcome=outcome,
        **facts,
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
