"""What an order asks beyond coins and stock: the point, the day's limit, the phone of a top-up."""

from datetime import UTC, datetime, timedelta

import pytest
from catalog_town import add_person, coins_of, staff

from catalog import (
    OutOfStock,
    Reward,
    RewardKind,
    Stock,
    TopUpDelivery,
    Voucher,
    VoucherState,
    cancel_voucher,
    order_reward,
    put_provider,
    stock_point,
)
from catalog.buying_rules import BuyerLevelTooLow, NotYetOnSale
from catalog.ordering import DailyLimitReached, NoRecipient, OrderKeyUsed, PointNeeded, PointPaused
from ledger import Hold, HoldState, InsufficientCoins, balance_of, holdings_of, voucher, wallet
from people import NoPhone, Person, Role
from shared.clock import pretending
from shared.sealing import seal

MORNING = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 9 in the business time zone


def test_where_one_point_carries_it_the_order_need_not_name_it(town, offer):
    reward_id, resident = offer(price=10), add_person(100)
    issued = order_reward(reward_id, key="order-001", by=resident)
    assert issued.point_id == town.point.id
    assert order_reward(reward_id, key="order-001", by=resident).id == issued.id
    named = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert named.id == issued.id


def test_where_several_do_it_must(town, offer):
    reward_id, resident = offer(price=10), add_person(100)
    stock_point(reward_id, town.far_point.id, supplied=1, by=town.officer)
    with pytest.raises(PointNeeded):
        order_reward(reward_id, key="order-001", by=resident)
    assert Voucher.objects.count() == 0


def test_a_days_limit_begins_anew_at_midnight_of_the_business_time_zone(town, offer):
    reward_id, resident = offer(price=10, per_day_limit=1), add_person(100)
    with pretending(MORNING):
        order_reward(reward_id, key="order-001", by=resident)
    with pretending(MORNING + timedelta(hours=14, minutes=59)):
        with pytest.raises(DailyLimitReached):
            order_reward(reward_id, key="order-002", by=resident)
        assert coins_of(resident) == 90
    with pretending(MORNING + timedelta(hours=15)):
        order_reward(reward_id, key="order-002", by=resident)


def test_a_paused_point_takes_no_orders_whenever_the_pause_comes(town, offer):
    reward_id, resident = offer(price=10), add_person(100)
    Stock.objects(reward_id=reward_id).update(set__paused=True)
    with pytest.raises(PointPaused):
        order_reward(reward_id, key="order-001", by=resident)
    assert coins_of(resident) == 100


def test_who_may_buy_and_when_is_asked_before_any_coin_moves(town, offer):
    reward_id, resident = offer(price=10), add_person(100)
    Reward.objects(id=reward_id).update(set__buyers={"least_level": 3})
    with pytest.raises(BuyerLevelTooLow):
        order_reward(reward_id, key="order-001", by=resident)
    Person.objects(id=resident.person_id).update(set__level=3)
    Reward.objects(id=reward_id).update(set__on_sale_from=MORNING + timedelta(days=9_999))
    with pytest.raises(NotYetOnSale):
        order_reward(reward_id, key="order-001", by=resident)
    assert coins_of(resident) == 100


def test_goods_go_to_no_phone(town, offer):
    with pytest.raises(NoRecipient):
        order_reward(offer(), key="order-001", by=add_person(100), recipient_phone="13900000009")


@pytest.fixture
def data_pack(town, offer):
    """A data pack of 60 coins; nobody delivers it here, for no worker runs."""
    admin = staff(Role.ADMIN, town.city)
    put_provider(
        "carrier",
        point_id=town.point.id,
        base_url="http://127.0.0.1:9",
        secret="s" * 40,
        name={"en": "Carrier", "zh": "运营商"},
        timeout_s=1,
        active=True,
        version=0,
        by=admin,
    )
    return offer(
        price=60, supplied=2, kind=RewardKind.TOP_UP, provider_id="carrier", product="data-5g"
    )


def with_phone(coins=100, phone="+8613900000009"):
    resident = add_person(coins)
    person = Person.objects.get(id=resident.person_id)
    person.update(set__phone_sealed=seal(phone, bound_to=person.seal_place("phone")))
    return resident


def test_a_top_ups_coins_are_held_not_spent(town, data_pack):
    resident = with_phone()
    issued = order_reward(data_pack, key="order-001", by=resident)
    hold = Hold.objects.get()
    assert (issued.hold_id, hold.state, hold.amount) == (hold.id, HoldState.ACTIVE, 60)
    held = holdings_of(wallet(resident.person_id))
    assert (held.available, held.held) == (40, 60)
    assert balance_of(voucher(issued.id)) == 0
    assert TopUpDelivery.objects.get().id == issued.id
    with pytest.raises(InsufficientCoins):
        order_reward(data_pack, key="order-002", by=resident)
    assert (Stock.objects.get().available, Hold.objects.count()) == (1, 1)


def test_a_cancelled_top_up_frees_its_coins_and_its_item(town, data_pack):
    resident = with_phone()
    issued = order_reward(data_pack, key="order-001", by=resident)
    for _ in range(2):
        assert cancel_voucher(issued.id, by=resident).state == VoucherState.CANCELLED
    assert Hold.objects.get().state == HoldState.RELEASED
    assert (coins_of(resident), Stock.objects.get().available) == (100, 2)


def test_a_top_up_that_finds_the_stock_gone_holds_nothing(town, data_pack):
    resident = with_phone()
    Stock.objects().update(set__available=0, set__supplied=0)
    with pytest.raises(OutOfStock):
        order_reward(data_pack, key="order-001", by=resident)
    assert (Hold.objects.count(), TopUpDelivery.objects.count()) == (0, 0)


def test_the_same_key_for_another_phone_is_another_order(town, data_pack):
    resident = with_phone()
    issued = order_reward(data_pack, key="order-001", by=resident, recipient_phone="13800138000")
    again = order_reward(data_pack, key="order-001", by=resident, recipient_phone="138 0013 8000")
    assert again.id == issued.id
    with pytest.raises(OrderKeyUsed):
        order_reward(data_pack, key="order-001", by=resident, recipient_phone="13900139000")
    with pytest.raises(OrderKeyUsed):
        order_reward(data_pack, key="order-001", by=resident)


def test_who_has_no_phone_must_name_one(town, data_pack):
    with pytest.raises(NoPhone):
        order_reward(data_pack, key="order-001", by=add_person(100))
