"""What a point handed over: found by its officers by day or code, without whose it was."""

from datetime import timedelta

import pytest
from catalog_town import add_person, staff

from catalog import (
    RefundReason,
    handed_over_at,
    live_qr,
    order_reward,
    refund_voucher,
    scan_voucher,
    voucher_of,
)
from catalog.settlement.closing import close_days
from people import Role
from shared.clock import now, pretending
from shared.codes import CodeMistyped
from shared.cursors import BadCursor
from shared.errors import NotAllowed
from shared.ids import new_id


@pytest.fixture
def hand_over(town, offer):
    """Hands one voucher over; it may be brought back for 7 days."""

    def hand_over_one(by=None, **terms):
        by = by or add_person(100)
        reward_id = offer(price=100, **{"refund_days": 7, **terms})
        issued = order_reward(reward_id, town.point.id, key=new_id(), by=by)
        qr = live_qr(issued.id, by=by).text
        return scan_voucher(qr, point_id=town.point.id, key=new_id(), by=town.clerk)

    return hand_over_one


def ids(page):
    return [one.voucher.id for one in page.hand_overs]


def day_of(moment):
    """The day in the business time zone, eight hours ahead of UTC."""
    return (moment + timedelta(hours=8)).date()


def test_the_days_hand_overs_latest_first_page_by_page(town, hand_over):
    made = [hand_over().id for _ in range(3)]
    first = handed_over_at(town.point.id, by=town.officer, limit=2)
    rest = handed_over_at(town.point.id, by=town.officer, limit=2, cursor=first.next_cursor)
    assert ids(first) + ids(rest) == made[::-1]
    assert rest.next_cursor is None
    assert ids(handed_over_at(town.far_point.id, by=town.officer)) == []
    with pytest.raises(BadCursor):
        handed_over_at(town.point.id, by=town.officer, cursor="no cursor")


def test_a_day_that_is_closed_into_a_statement_is_found_as_well(town, hand_over):
    handed = hand_over()
    today = day_of(now())
    with pretending(now() + timedelta(days=2)):
        close_days()
        assert ids(handed_over_at(town.point.id, day=today, by=town.officer)) == [handed.id]
        assert ids(handed_over_at(town.point.id, by=town.officer)) == []
        for far in (-1, 1):
            day = today + timedelta(days=far)
            assert ids(handed_over_at(town.point.id, day=day, by=town.officer)) == []


def test_by_its_code_and_only_where_it_was_handed_over(town, hand_over, offer):
    resident = add_person(200)
    handed = hand_over(resident)
    code = voucher_of(handed.id, by=resident).code
    kept = order_reward(offer(price=100), town.point.id, key=new_id(), by=resident)
    kept_code = voucher_of(kept.id, by=resident).code
    found = {
        "here": ids(handed_over_at(town.point.id, code=code.lower(), by=town.officer)),
        "elsewhere": ids(handed_over_at(town.far_point.id, code=code, by=town.officer)),
        "not yet": ids(handed_over_at(town.point.id, code=kept_code, by=town.officer)),
    }
    assert found == {"here": [handed.id], "elsewhere": [], "not yet": []}
    with pytest.raises(CodeMistyped):
        handed_over_at(town.point.id, code="ABC", by=town.officer)


def test_what_is_found_can_be_refunded_and_then_says_so(town, hand_over):
    handed = hand_over()
    (seen,) = handed_over_at(town.point.id, by=town.officer).hand_overs
    assert seen.refund_until == handed.redeemed_at + timedelta(days=7)
    back = {"reason": RefundReason.GOODS_FAULTY, "restock": False, "key": "refund-001"}
    refund_voucher(seen.voucher.id, **back, by=town.officer)
    (seen,) = handed_over_at(town.point.id, by=town.officer).hand_overs
    assert (seen.voucher.state.value, seen.refund_until) == ("refunded", None)


def test_only_officers_reaching_the_point_look(town, hand_over):
    hand_over()
    for stranger in (town.clerk, add_person(), staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(NotAllowed):
            handed_over_at(town.point.id, by=stranger)
