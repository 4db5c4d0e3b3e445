"""Ordering: coins, voucher and stock move together or not at all, and back together."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of, earn

from catalog import (
    LimitReached,
    OutOfStock,
    Stock,
    Voucher,
    VoucherState,
    cancel_voucher,
    draft_reward,
    giving_back,
    live_qr,
    order_reward,
    ordering,
    scan_voucher,
    stock_point,
    withdraw_reward,
)
from catalog.giving_back import VoucherAlreadyRedeemed, VoucherExpired, VoucherNotFound
from catalog.offering import RewardNotFound
from catalog.ordering import NotAtThisPoint, NotOffered, OrderKeyUsed
from ledger import Balance, Entry, InsufficientCoins, balance_of, voucher, wallet
from people import RealNameMissing
from shared.clock import now, pretending


def left_at(point, reward_id) -> int:
    return Stock.objects.get(reward_id=reward_id, point_id=point.id).available


def assert_nothing_ordered(town, reward_id, by, *, coins, available=10):
    assert Voucher.objects.count() == 0
    assert coins_of(by) == coins
    assert left_at(town.point, reward_id) == available


def test_an_order_moves_coins_into_the_voucher_and_takes_one_from_the_stock(town, offer):
    reward_id, resident = offer(price=100), add_person(250)
    issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert issued.state == VoucherState.ISSUED
    assert issued.expires_at - issued.issued_at == timedelta(days=30)
    assert coins_of(resident) == 150
    assert balance_of(voucher(issued.id)) == 100
    assert left_at(town.point, reward_id) == 9


def test_the_same_key_answers_the_same_voucher_and_pays_once(town, offer):
    reward_id, resident = offer(price=100), add_person(100)
    first = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    again = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert again == first
    assert again.code_hash == first.code_hash
    assert coins_of(resident) == 0
    assert left_at(town.point, reward_id) == 9


def test_the_same_key_for_something_else_is_a_conflict(town, offer):
    resident = add_person(500)
    order_reward(offer(), town.point.id, key="order-001", by=resident)
    with pytest.raises(OrderKeyUsed):
        order_reward(offer(), town.point.id, key="order-001", by=resident)
    assert coins_of(resident) == 400


def test_keys_of_two_people_do_not_meet(town, offer):
    reward_id = offer()
    one, other = (
        order_reward(reward_id, town.point.id, key="order-001", by=add_person(100))
        for _ in range(2)
    )
    assert one.id != other.id


def test_missing_coins_are_told(town, offer):
    reward_id, resident = offer(price=100), add_person(70)
    with pytest.raises(InsufficientCoins) as refusal:
        order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert (refusal.value.facts["available"], refusal.value.facts["needed"]) == (70, 100)
    assert_nothing_ordered(town, reward_id, resident, coins=70)


def test_an_empty_stock_is_told(town, offer):
    reward_id, resident = offer(supplied=0), add_person(100)
    with pytest.raises(OutOfStock):
        order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert_nothing_ordered(town, reward_id, resident, coins=100, available=0)


def test_a_stock_that_empties_behind_the_first_look_undoes_the_order(town, offer, monkeypatch):
    reward_id, resident = offer(supplied=1), add_person(100)
    look = ordering._prepared

    def look_then_sell_out(*arguments):
        prepared = look(*arguments)
        Stock.objects(reward_id=reward_id).update(set__available=0, set__supplied=0)
        return prepared

    monkeypatch.setattr(ordering, "_prepared", look_then_sell_out)
    with pytest.raises(OutOfStock):
        order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert_nothing_ordered(town, reward_id, resident, coins=100, available=0)


def test_a_crash_after_any_step_of_an_order_leaves_nothing(town, offer, monkeypatch):
    reward_id, resident = offer(per_person_limit=1), add_person(100)
    for step in ("set_aside", "_counted", "move_stock"):
        done = getattr(ordering, step)

        def crash(*arguments, done=done, **named):
            done(*arguments, **named)
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(ordering, step, crash)
            with pytest.raises(KeyboardInterrupt):
                order_reward(reward_id, town.point.id, key="order-001", by=resident)
        assert_nothing_ordered(town, reward_id, resident, coins=100)


def test_the_limit_of_a_person_counts_what_is_held_and_used(town, offer):
    reward_id, resident = offer(per_person_limit=2), add_person(500)
    first = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    order_reward(reward_id, town.point.id, key="order-002", by=resident)
    with pytest.raises(LimitReached) as refusal:
        order_reward(reward_id, town.point.id, key="order-003", by=resident)
    assert refusal.value.facts == {"limit": 2}
    assert coins_of(resident) == 300
    cancel_voucher(first.id, by=resident)
    order_reward(reward_id, town.point.id, key="order-003", by=resident)


def test_what_is_not_offered_or_not_there_cannot_be_ordered(town, offer):
    resident = add_person(100)
    draft = draft_reward(
        town.district.id, title="伞", price=1, validity_days=1, key="draft-001", by=town.officer
    )
    withdrawn = offer()
    withdraw_reward(withdrawn, by=town.officer)
    for reward_id in (draft.id, withdrawn):
        with pytest.raises(NotOffered):
            order_reward(reward_id, town.point.id, key="order-001", by=resident)
    with pytest.raises(NotAtThisPoint):
        order_reward(offer(), town.far_point.id, key="order-001", by=resident)
    with pytest.raises(RewardNotFound):
        order_reward("0" * 24, town.point.id, key="order-001", by=resident)


def test_an_order_needs_the_real_name_step(town, offer):
    reward_id, resident = offer(), add_person(100, real_name=False)
    with pytest.raises(RealNameMissing):
        order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert_nothing_ordered(town, reward_id, resident, coins=100)


def test_cancelling_gives_coins_and_item_back_once(town, offer):
    reward_id, resident = offer(price=100), add_person(100)
    issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    for _ in range(3):
        assert cancel_voucher(issued.id, by=resident).state == VoucherState.CANCELLED
    assert coins_of(resident) == 100
    assert balance_of(voucher(issued.id)) == 0
    assert left_at(town.point, reward_id) == 10


def lots_of(by):
    return Balance.objects.get(id=f"{wallet(by.person_id)}|FUB").lots


@pytest.mark.parametrize("state", [VoucherState.CANCELLED, VoucherState.EXPIRED])
def test_coins_come_back_with_the_months_they_last_to(town, offer, state):
    reward_id, resident = offer(price=100, validity_days=1), add_person(40)
    earn(resident.person_id, 30, key="2", lasts_months=3)
    earn(resident.person_id, 50, key="3", lasts_months=12)
    before = lots_of(resident)
    assert sorted(before.values()) == [30, 50]
    issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert not any(lots_of(resident).values())
    if state == VoucherState.CANCELLED:
        cancel_voucher(issued.id, by=resident)
    else:
        with pretending(now() + timedelta(days=1)):
            assert giving_back.expire_voucher(issued.id)
    assert (lots_of(resident), coins_of(resident)) == (before, 120)
    entry = Entry.objects.get(about__id=issued.id, kind__ne="order")
    assert (entry.unit, entry.returns) == (
        town.point.id,
        Entry.objects.get(key=f"order:{issued.id}").id,
    )


def test_a_handed_over_voucher_is_not_cancelled(town, offer):
    resident = add_person(100)
    issued = order_reward(offer(), town.point.id, key="order-001", by=resident)
    code = live_qr(issued.id, by=resident).text
    scan_voucher(code, point_id=town.point.id, key="scan-0001", by=town.clerk)
    with pytest.raises(VoucherAlreadyRedeemed):
        cancel_voucher(issued.id, by=resident)
    assert coins_of(resident) == 0


def test_nobody_cancels_anothers_voucher(town, offer):
    issued = order_reward(offer(), town.point.id, key="order-001", by=add_person(100))
    with pytest.raises(VoucherNotFound):
        cancel_voucher(issued.id, by=add_person())
    assert Voucher.objects.get().state == VoucherState.ISSUED


def test_a_voucher_past_its_time_is_not_cancelled_but_lapses(town, offer):
    reward_id, resident = offer(validity_days=1), add_person(100)
    issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    with pretending(now() + timedelta(days=1)):
        with pytest.raises(VoucherExpired):
            cancel_voucher(issued.id, by=resident)
        assert giving_back.expire_voucher(issued.id)
        assert not giving_back.expire_voucher(issued.id)
        with pytest.raises(VoucherExpired):
            cancel_voucher(issued.id, by=resident)
    assert coins_of(resident) == 100
    assert left_at(town.point, reward_id) == 10


def test_a_voucher_within_its_time_does_not_lapse(town, offer):
    issued = order_reward(offer(), town.point.id, key="order-001", by=add_person(100))
    assert not giving_back.expire_voucher(issued.id)


def test_a_crash_while_giving_back_leaves_the_voucher_issued(town, offer, monkeypatch):
    reward_id, resident = offer(), add_person(100)
    issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)

    def crash(*_arguments, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(giving_back, "move_stock", crash)
        with pytest.raises(KeyboardInterrupt):
            cancel_voucher(issued.id, by=resident)
    assert Voucher.objects.get().state == VoucherState.ISSUED
    assert balance_of(voucher(issued.id)) == 100
    assert cancel_voucher(issued.id, by=resident).state == VoucherState.CANCELLED


@pytest.fixture
def between(monkeypatch):
    """Lets a test do something after an order saw its reward offered, before it is decided."""

    def squeeze_in(act):
        orderable = ordering._prepared

        def seen(*arguments):
            prepared = orderable(*arguments)
            act()
            return prepared

        monkeypatch.setattr(ordering, "_prepared", seen)

    return squeeze_in


def test_an_order_under_way_does_not_go_through_after_a_withdrawal(town, offer, between):
    reward_id, resident = offer(price=100), add_person(100)
    between(lambda: withdraw_reward(reward_id, by=town.officer))
    with pytest.raises(NotOffered):
        order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert_nothing_ordered(town, reward_id, resident, coins=100)


def test_an_order_under_way_that_finds_the_stock_gone_says_so(town, offer, between):
    reward_id, resident = offer(price=100, supplied=1), add_person(100)
    between(lambda: stock_point(reward_id, town.point.id, supplied=0, by=town.officer))
    with pytest.raises(OutOfStock):
        order_reward(reward_id, town.point.id, key="order-001", by=resident)
    assert_nothing_ordered(town, reward_id, resident, coins=100, available=0)


def test_a_withdrawn_reward_takes_its_items_back(town, offer):
    reward_id, resident = offer(price=100), add_person(100)
    issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
    withdraw_reward(reward_id, by=town.officer)
    cancel_voucher(issued.id, by=resident)
    assert (coins_of(resident), left_at(town.point, reward_id)) == (100, 10)
