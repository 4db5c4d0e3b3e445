"""Races with real threads: the last item, one voucher and two clerks, cancel against scan."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of, staff

from catalog import (
    AlreadyHandedOver,
    CancelledAtPoint,
    ExpiredAtPoint,
    LimitReached,
    NotOffered,
    OutOfStock,
    Stock,
    Voucher,
    VoucherAlreadyRedeemed,
    VoucherState,
    cancel_voucher,
    order_reward,
    ordering,
    scan_voucher,
    voucher_of,
    withdraw_reward,
)
from ledger import InsufficientCoins, balance_of, merchant, voucher
from people import Role
from shared.clock import now, pretending
from tests.racing import at_once

ROUNDS = 5


def vouchers_in(answers):
    return [answer for answer in answers if isinstance(answer, Voucher)]


def refusals_in(answers):
    return {type(answer) for answer in answers if not isinstance(answer, Voucher)}


def test_thirty_buyers_of_the_last_five_get_exactly_five(town, offer):
    reward_id = offer(price=100, supplied=5)
    people = [add_person(100) for _ in range(30)]
    answers = at_once(
        30,
        lambda number: order_reward(reward_id, town.point.id, key="order-001", by=people[number]),
    )
    assert len(vouchers_in(answers)) == 5
    assert refusals_in(answers) == {OutOfStock}
    assert Stock.objects.get().available == 0
    assert sum(coins_of(resident) for resident in people) == 2500
    assert {balance_of(voucher(issued.id)) for issued in vouchers_in(answers)} == {100}


def orders_at_once(count, reward_id, point, resident, *, same_key=False):
    """What each of `count` threads of one person got that ordered the same reward together."""
    return at_once(
        count,
        lambda number: order_reward(
            reward_id, point.id, key=f"order-{0 if same_key else number:03}", by=resident
        ),
    )


def test_one_order_sent_ten_times_at_once_is_one_order(town, offer):
    for _ in range(ROUNDS):
        reward_id, resident = offer(price=100), add_person(100)
        answers = orders_at_once(10, reward_id, town.point, resident, same_key=True)
        assert len({issued.id for issued in answers}) == 1
        assert coins_of(resident) == 0
        assert Stock.objects.get(reward_id=reward_id).available == 9


def test_coins_for_one_order_pay_for_one(town, offer):
    for _ in range(ROUNDS):
        reward_id, resident = offer(price=100), add_person(150)
        answers = orders_at_once(6, reward_id, town.point, resident)
        assert len(vouchers_in(answers)) == 1
        assert refusals_in(answers) == {InsufficientCoins}
        assert coins_of(resident) == 50


def test_five_orders_at_a_limit_of_three_are_three(town, offer):
    for _ in range(ROUNDS):
        reward_id, resident = offer(per_person_limit=3), add_person(500)
        answers = orders_at_once(5, reward_id, town.point, resident)
        assert len(vouchers_in(answers)) == 3
        assert refusals_in(answers) == {LimitReached}
        assert coins_of(resident) == 200


@pytest.fixture
def issue(town, offer):
    """Issues one voucher to somebody, and returns it in hand with its owner."""

    def issue_one():
        resident = add_person(100)
        issued = order_reward(offer(price=100), town.point.id, key="order-001", by=resident)
        return voucher_of(issued.id, by=resident), resident

    return issue_one


def test_fifty_clerks_scanning_one_voucher_hand_over_once(town, issue):
    shown, _ = issue()
    clerks = [staff(Role.CLERK, town.point) for _ in range(50)]
    answers = at_once(
        50,
        lambda number: scan_voucher(
            shown.code, point_id=town.point.id, key="scan-0001", by=clerks[number]
        ),
    )
    assert len(vouchers_in(answers)) == 1
    assert refusals_in(answers) == {AlreadyHandedOver}
    assert balance_of(merchant(town.point.id)) == 100


def test_one_scan_sent_ten_times_at_once_answers_ten_times_and_hands_over_once(town, issue):
    shown, _ = issue()
    answers = at_once(
        10,
        lambda _: scan_voucher(shown.code, point_id=town.point.id, key="scan-0001", by=town.clerk),
    )
    assert len({(answer.id, answer.redeemed_at) for answer in answers}) == 1
    assert balance_of(merchant(town.point.id)) == 100


def test_cancel_against_scan_exactly_one_wins(town, issue):
    taken = 0
    for number in range(10):
        shown, resident = issue()
        acts = [
            lambda s=shown, r=resident: cancel_voucher(s.voucher.id, by=r),
            lambda s=shown, n=number: scan_voucher(
                s.code, point_id=town.point.id, key=f"scan-{n:04}", by=town.clerk
            ),
        ]
        cancelled, scanned = at_once(2, lambda which, acts=acts: acts[which]())
        if isinstance(scanned, Voucher):
            taken += 1
            assert isinstance(cancelled, VoucherAlreadyRedeemed)
            assert coins_of(resident) == 0
        else:
            assert isinstance(scanned, CancelledAtPoint)
            assert cancelled.state == VoucherState.CANCELLED
            assert coins_of(resident) == 100
        assert balance_of(voucher(shown.voucher.id)) == 0
    assert balance_of(merchant(town.point.id)) == 100 * taken


def test_cancel_against_cancel_against_expiry_gives_back_once(town, issue):
    for _ in range(ROUNDS):
        shown, resident = issue()

        def end(number, shown=shown, resident=resident):
            if number % 2:
                return cancel_voucher(shown.voucher.id, by=resident)
            with pretending(now() + timedelta(days=31)):
                return ordering.expire_voucher(shown.voucher.id)

        at_once(4, end)
        assert Voucher.objects.get(id=shown.voucher.id).state in (
            VoucherState.CANCELLED,
            VoucherState.EXPIRED,
        )
        assert coins_of(resident) == 100
        assert Stock.objects.get(reward_id=shown.reward.id).available == 10


def test_scan_against_expiry_exactly_one_wins(town, issue):
    for number in range(ROUNDS):
        shown, resident = issue()

        def end(which, shown=shown, number=number):
            if which:
                with pretending(now() + timedelta(days=31)):
                    return ordering.expire_voucher(shown.voucher.id)
            return scan_voucher(
                shown.code, point_id=town.point.id, key=f"scan-{number:04}", by=town.clerk
            )

        scanned, lapsed = at_once(2, end)
        if lapsed is True:
            assert isinstance(scanned, ExpiredAtPoint)
            assert coins_of(resident) == 100
        else:
            assert scanned.state == VoucherState.REDEEMED
            assert coins_of(resident) == 0


def test_orders_against_a_withdrawal_none_goes_through_once_it_answered(town, offer):
    for _ in range(ROUNDS):
        reward_id = offer(price=100)
        people = [add_person(100) for _ in range(7)]

        def act(number, reward_id=reward_id, people=people):
            if number == 7:
                withdraw_reward(reward_id, by=town.officer)
                return Voucher.objects(reward_id=reward_id).count()
            return order_reward(reward_id, town.point.id, key="order-001", by=people[number])

        *answers, when_withdrawn = at_once(8, act)
        assert Voucher.objects(reward_id=reward_id).count() == when_withdrawn
        assert len(vouchers_in(answers)) == when_withdrawn
        assert refusals_in(answers) <= {NotOffered}
