"""Questions: what is on offer where, how far it is, and whose voucher is what."""

import pytest
from catalog_town import add_person, staff

from catalog import (
    RewardNotFound,
    VoucherNotFound,
    cancel_voucher,
    draft_reward,
    order_reward,
    reward_on_offer,
    rewards_on_offer,
    shelves,
    stock_point,
    voucher_of,
    vouchers_of,
    withdraw_reward,
)
from people import Role
from shared.cursors import BadCursor
from shared.geo import distance_m

NEAR_FAR_POINT = (26.0701, 119.2601)


def ids_on(page):
    return [offered.reward.id for offered in page.rewards]


def test_only_what_is_offered_is_shown_newest_first(town, offer):
    first, second, gone = offer(), offer(), offer()
    withdraw_reward(gone, by=town.officer)
    draft_reward(
        town.district.id, title="伞", price=1, validity_days=1, key="draft-001", by=town.officer
    )
    assert ids_on(rewards_on_offer()) == [second, first]
    assert ids_on(rewards_on_offer(unit_id=town.other_district.id)) == []


def test_a_reward_shows_its_points_with_what_is_left_nearest_first(town, offer):
    reward_id = offer(supplied=2)
    stock_point(reward_id, town.far_point.id, supplied=7, by=town.officer)
    (offered,) = rewards_on_offer(near=NEAR_FAR_POINT).rewards
    nearest, farther = offered.stocks
    assert (nearest.point.id, nearest.available) == (town.far_point.id, 7)
    assert (farther.point.name, farther.point.address) == ("鼓西街道兑换点", "鼓西路 1 号")
    assert nearest.distance_m == pytest.approx(distance_m(NEAR_FAR_POINT, (26.07, 119.26)))
    assert nearest.distance_m < farther.distance_m


def test_of_many_points_the_nearest_are_told(town, offer, monkeypatch):
    monkeypatch.setattr(shelves, "MOST_STOCKS", 1)
    reward_id = offer()
    stock_point(reward_id, town.far_point.id, supplied=7, by=town.officer)
    told = reward_on_offer(reward_id, by=add_person(), near=NEAR_FAR_POINT)
    assert [stock.point.id for stock in told.stocks] == [town.far_point.id]


def test_without_a_position_there_is_no_distance(town, offer):
    assert reward_on_offer(offer(), by=add_person()).stocks[0].distance_m is None


def test_the_shelf_of_one_point_holds_its_rewards_with_its_stock_only(town, offer):
    here, both = offer(), offer()
    stock_point(both, town.far_point.id, supplied=7, by=town.officer)
    assert ids_on(rewards_on_offer(point_id=town.point.id)) == [both, here]
    (offered,) = rewards_on_offer(point_id=town.far_point.id).rewards
    assert [stock.available for stock in offered.stocks] == [7]


def test_pages_join_without_gap_or_overlap(town, offer):
    made = [offer() for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = rewards_on_offer(limit=2, cursor=cursor, point_id=town.point.id)
        seen += ids_on(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_foreign_cursor_is_refused(town):
    for cursor in ("!!", "WzFd"):
        with pytest.raises(BadCursor):
            rewards_on_offer(cursor=cursor)
        with pytest.raises(BadCursor):
            vouchers_of(add_person(), cursor=cursor)


def test_a_draft_is_shown_to_its_officers_alone_and_a_withdrawn_reward_still_is(town, offer):
    draft = draft_reward(
        town.district.id, title="伞", price=1, validity_days=1, key="draft-001", by=town.officer
    )
    for by in (add_person(), town.clerk, staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(RewardNotFound):
            reward_on_offer(draft.id, by=by)
    assert reward_on_offer(draft.id, by=town.officer).reward.id == draft.id
    withdrawn = offer()
    withdraw_reward(withdrawn, by=town.officer)
    assert not reward_on_offer(withdrawn, by=add_person()).reward.is_offered()


def test_a_person_sees_all_of_their_own_vouchers_and_nobody_elses(town, offer):
    reward_id, resident, other = offer(), add_person(500), add_person(100)
    mine = [
        order_reward(reward_id, town.point.id, key=f"order-{number}", by=resident)
        for number in range(3)
    ]
    order_reward(reward_id, town.point.id, key="order-001", by=other)
    cancel_voucher(mine[0].id, by=resident)
    first = vouchers_of(resident, limit=2)
    rest = vouchers_of(resident, limit=2, cursor=first.next_cursor)
    shown = [held.voucher.id for held in first.vouchers + rest.vouchers]
    assert shown == [issued.id for issued in reversed(mine)]
    assert rest.next_cursor is None


def test_a_voucher_shows_its_reward_point_and_code_to_its_owner_alone(town, offer):
    reward_id, resident = offer(), add_person(100)
    issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    held = voucher_of(issued.id, by=resident)
    assert (held.reward.title, held.point.id) == ("洗衣液", town.point.id)
    assert len(held.code.split("-")) == 6
    assert held.code.replace("-", "") not in str(issued.to_mongo())
    with pytest.raises(VoucherNotFound):
        voucher_of(issued.id, by=add_person())
