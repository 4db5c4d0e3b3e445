"""Questions: what is on offer where, how far it is, and whose voucher is what."""

from datetime import timedelta

import pytest
from catalog_town import add_person, staff
from pymongo.collection import Collection

from catalog import (
    RewardKind,
    RewardState,
    cancel_voucher,
    draft_reward,
    order_reward,
    reward_on_offer,
    rewards_of_unit,
    rewards_on_offer,
    shelves,
    stock_point,
    voucher_of,
    vouchers_of,
    withdraw_reward,
)
from catalog.buying_rules import NotYetOnSale
from catalog.giving_back import VoucherNotFound
from catalog.offering import RewardNotFound
from ledger import InsufficientCoins
from people import Role
from shared.clock import now, pretending, stored
from shared.cursors import BadCursor
from shared.errors import NotAllowed
from shared.geo import distance_m

DAY = timedelta(days=1)
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


def test_what_a_resident_cannot_pay_or_buy_is_left_out_where_asked(town, offer):
    cheap, dear = offer(price=50), offer(price=500)
    awarded, over = offer(price=0, cost_fen=900), offer(on_sale_until=now() + DAY)
    resident = add_person(100)
    page = rewards_on_offer(by=resident)
    assert ids_on(page) == [over, dear, cheap]
    assert awarded not in ids_on(page)
    assert [type(offered.refusal) for offered in page.rewards] == [
        type(None),
        InsufficientCoins,
        type(None),
    ]
    assert ids_on(rewards_on_offer(by=resident, affordable=True)) == [over, cheap]
    with pretending(now() + 2 * DAY):
        assert over not in ids_on(rewards_on_offer(by=resident))


def test_a_shelf_is_asked_for_one_kind(town, offer):
    offer()
    coupon = offer(kind=RewardKind.COUPON)
    assert ids_on(rewards_on_offer(kind=RewardKind.COUPON)) == [coupon]


def test_a_launch_is_announced_with_when_it_opens(town, offer):
    opens_at = stored(now() + DAY)
    offer(on_sale_from=opens_at)
    (soon,) = rewards_on_offer(by=add_person(100)).rewards
    assert soon.opens_at == opens_at
    assert isinstance(soon.refusal, NotYetOnSale)
    with pretending(opens_at):
        (open_now,) = rewards_on_offer(by=add_person(100)).rewards
    assert (open_now.opens_at, open_now.refusal) == (None, None)


def test_officers_list_their_own_rewards_in_each_state(town, offer):
    on_offer, awarded, gone = offer(), offer(price=0, cost_fen=900), offer()
    withdraw_reward(gone, by=town.officer)
    draft = draft_reward(
        town.district.id, title="伞", price=1, validity_days=1, key="draft-001", by=town.officer
    )
    lists = {
        state: ids_on(rewards_of_unit(town.district.id, state, by=town.officer))
        for state in RewardState
    }
    assert lists == {
        RewardState.DRAFT: [draft.id],
        RewardState.OFFERED: [awarded, on_offer],
        RewardState.WITHDRAWN: [gone],
    }
    first = rewards_of_unit(town.district.id, RewardState.OFFERED, by=town.officer, limit=1)
    rest = rewards_of_unit(
        town.district.id, RewardState.OFFERED, by=town.officer, cursor=first.next_cursor
    )
    assert ids_on(first) + ids_on(rest) == [awarded, on_offer]
    for by in (add_person(), town.clerk, staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(NotAllowed):
            rewards_of_unit(town.district.id, RewardState.DRAFT, by=by)


def test_a_page_takes_few_questions_however_long_it_is(town, offer, monkeypatch):
    """Rewards, stocks, points, the person, their coins, their orders, the homes asked for."""
    terms = {"per_person_limit": 1, "buyers": {"unit_id": town.district.id}}
    for _ in range(4):
        offer(**terms)
    resident, asked = add_person(100), []
    for name in ("find", "aggregate", "count_documents"):
        real = getattr(Collection, name)

        def ask(*args, real=real, **more):
            asked.append(args[0].name)
            return real(*args, **more)

        monkeypatch.setattr(Collection, name, ask)
    assert len(rewards_on_offer(by=resident).rewards) == 4
    assert sorted(asked) == [
        "balances",
        "people",
        "rewards",
        "stocks",
        "units",
        "units",
        "vouchers",
    ]
