"""Races with real threads: the last item, one voucher and two clerks, cancel against scan.

Each is run a few times with every test run, and many times with the slow ones.
"""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of, staff

from catalog import (
    LimitReached,
    OutOfStock,
    RewardKind,
    Stock,
    Voucher,
    VoucherState,
    cancel_voucher,
    draft_reward,
    giving_back,
    import_codes,
    live_qr,
    offer_reward,
    order_reward,
    scan_voucher,
    stock_point,
    substitute_voucher,
    withdraw_reward,
)
from catalog.giving_back import VoucherAlreadyRedeemed
from catalog.ordering import DailyLimitReached, NotOffered
from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.scanning.redeeming import AlreadyHandedOver, CancelledAtPoint, ExpiredAtPoint
from ledger import InsufficientCoins, balance_of, merchant, voucher
from people import Role
from settings import settings
from shared.clock import now, pretending
from shared.ids import new_id, random_id
from tests.racing import at_once

FEW = 3
MANY = 60
AFTER_ITS_TIME = timedelta(days=31)


@pytest.fixture(autouse=True)
def no_haste(monkeypatch):
    """Rounds follow one another faster than any point scans."""
    monkeypatch.setenv("LIMIT_SCANS_PER_POINT", "1000000 per minute")
    monkeypatch.setenv("LIMIT_HAND_OVERS_PER_PERSON", "1000000 per day")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(params=[FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"])
def rounds(request):
    """The numbers of the rounds to run."""
    return range(request.param)


def vouchers_in(answers):
    return [answer for answer in answers if isinstance(answer, Voucher)]


def refusals_in(answers):
    return {type(answer) for answer in answers if not isinstance(answer, Voucher)}


def left_of(reward_id):
    return Stock.objects.get(reward_id=reward_id).available


@pytest.mark.parametrize(
    "buyers", [30, pytest.param(100, marks=pytest.mark.slow)], ids=["few", "many"]
)
@pytest.mark.parametrize("pieces", [1, 5])
def test_the_last_items_go_to_as_many_buyers_as_there_are_items(town, offer, buyers, pieces):
    reward_id = offer(price=100, supplied=pieces)
    people = [add_person(100) for _ in range(buyers)]
    answers = at_once(
        buyers,
        lambda number: order_reward(reward_id, town.point.id, key="order-001", by=people[number]),
    )
    assert len(vouchers_in(answers)) == pieces
    assert refusals_in(answers) == {OutOfStock}
    assert left_of(reward_id) == 0
    assert sum(coins_of(resident) for resident in people) == 100 * (buyers - pieces)
    assert {balance_of(voucher(issued.id)) for issued in vouchers_in(answers)} == {100}


def orders_at_once(count, reward_id, point, resident, *, same_key=False):
    """What each of `count` threads of one person got that ordered the same reward together."""
    return at_once(
        count,
        lambda number: order_reward(
            reward_id, point.id, key=f"order-{0 if same_key else number:03}", by=resident
        ),
    )


def test_one_order_sent_ten_times_at_once_is_one_order(town, offer, rounds):
    for _ in rounds:
        reward_id, resident = offer(price=100), add_person(100)
        answers = orders_at_once(10, reward_id, town.point, resident, same_key=True)
        assert len({issued.id for issued in answers}) == 1
        assert coins_of(resident) == 0
        assert left_of(reward_id) == 9


def test_coins_for_one_order_pay_for_one(town, offer, rounds):
    for _ in rounds:
        reward_id, resident = offer(price=100), add_person(150)
        answers = orders_at_once(6, reward_id, town.point, resident)
        assert len(vouchers_in(answers)) == 1
        assert refusals_in(answers) == {InsufficientCoins}
        assert coins_of(resident) == 50


@pytest.mark.parametrize(
    ("limit", "refusal"),
    [("per_person_limit", LimitReached), ("per_day_limit", DailyLimitReached)],
)
def test_five_orders_at_a_limit_of_three_are_three(town, offer, rounds, limit, refusal):
    for _ in rounds:
        reward_id, resident = offer(**{limit: 3}), add_person(500)
        answers = orders_at_once(5, reward_id, town.point, resident)
        assert len(vouchers_in(answers)) == 3
        assert refusals_in(answers) == {refusal}
        assert coins_of(resident) == 200
        assert left_of(reward_id) == 7


def test_a_limit_holds_over_two_points_at_once(town, offer, rounds):
    points = (town.point, town.far_point)
    for _ in rounds:
        reward_id, resident = offer(per_person_limit=2), add_person(500)
        stock_point(reward_id, town.far_point.id, supplied=10, by=town.officer)
        answers = at_once(
            6,
            lambda number, reward_id=reward_id, resident=resident: order_reward(
                reward_id, points[number % 2].id, key=f"order-{number:03}", by=resident
            ),
        )
        assert len(vouchers_in(answers)) == 2
        assert refusals_in(answers) == {LimitReached}


@pytest.fixture
def issue(town, offer):
    """Issues one voucher to somebody, and returns it with its owner and what their phone shows."""

    def issue_one(**terms):
        resident = add_person(100)
        reward_id = offer(price=100, **terms)
        issued = order_reward(reward_id, town.point.id, key="order-001", by=resident)
        return issued, resident, live_qr(issued.id, by=resident).text

    return issue_one


def test_many_clerks_scanning_one_voucher_hand_over_once(town, issue):
    _, _, shown = issue()
    clerks = [staff(Role.CLERK, town.point) for _ in range(20)]
    answers = at_once(
        20,
        lambda number: scan_voucher(
            shown, point_id=town.point.id, key="scan-0001", by=clerks[number]
        ),
    )
    assert len(vouchers_in(answers)) == 1
    assert refusals_in(answers) == {AlreadyHandedOver}
    assert balance_of(merchant(town.point.id)) == 100


def test_two_clerks_with_one_voucher_one_hands_over(town, issue, rounds):
    clerks = [town.clerk, staff(Role.CLERK, town.point)]
    for number in rounds:
        _, _, shown = issue()
        answers = at_once(
            2,
            lambda which, shown=shown, number=number: scan_voucher(
                shown, point_id=town.point.id, key=f"scan-{number:04}", by=clerks[which]
            ),
        )
        assert len(vouchers_in(answers)) == 1
        assert refusals_in(answers) == {AlreadyHandedOver}
        assert balance_of(merchant(town.point.id)) == 100 * (number + 1)


def test_one_scan_sent_ten_times_at_once_answers_ten_times_and_hands_over_once(town, issue):
    _, _, shown = issue()
    answers = at_once(
        10, lambda _: scan_voucher(shown, point_id=town.point.id, key="scan-0001", by=town.clerk)
    )
    assert len({(answer.id, answer.redeemed_at) for answer in answers}) == 1
    assert balance_of(merchant(town.point.id)) == 100


def test_cancel_against_scan_exactly_one_wins(town, issue, rounds):
    taken = 0
    for number in rounds:
        issued, resident, shown = issue()
        acts = [
            lambda one=issued, r=resident: cancel_voucher(one.id, by=r),
            lambda shown=shown, n=number: scan_voucher(
                shown, point_id=town.point.id, key=f"scan-{n:04}", by=town.clerk
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
        assert balance_of(voucher(issued.id)) == 0
    assert balance_of(merchant(town.point.id)) == 100 * taken


def test_substitution_against_scan_exactly_one_wins(town, issue, offer, rounds):
    other_id = offer(price=60, supplied=100)
    for number in rounds:
        issued, resident, shown = issue()
        acts = [
            lambda one=issued, r=resident: substitute_voucher(
                one.id, other_id, town.point.id, key="another-1", by=r
            ),
            lambda shown=shown, n=number: scan_voucher(
                shown, point_id=town.point.id, key=f"scan-{n:04}", by=town.clerk
            ),
        ]
        other, scanned = at_once(2, lambda which, acts=acts: acts[which]())
        if isinstance(scanned, Voucher):
            assert isinstance(other, VoucherAlreadyRedeemed)
            assert coins_of(resident) == 0
            assert left_of(issued.reward_id) == 9
        else:
            assert isinstance(scanned, CancelledAtPoint)
            assert (other.reward_id, other.state) == (other_id, VoucherState.ISSUED)
            assert coins_of(resident) == 40
            assert left_of(issued.reward_id) == 10
        assert balance_of(voucher(issued.id)) == 0


def test_cancel_against_cancel_against_expiry_gives_back_once(town, issue, rounds):
    for _ in rounds:
        issued, resident, _ = issue()

        def end(number, issued=issued, resident=resident):
            if number % 2:
                return cancel_voucher(issued.id, by=resident)
            with pretending(now() + AFTER_ITS_TIME):
                return giving_back.expire_voucher(issued.id)

        at_once(4, end)
        ends = (VoucherState.CANCELLED, VoucherState.EXPIRED)
        assert Voucher.objects.get(id=issued.id).state in ends
        assert coins_of(resident) == 100
        assert left_of(issued.reward_id) == 10


def test_scan_against_expiry_exactly_one_wins(town, issue, rounds):
    for number in rounds:
        issued, resident, shown = issue()

        def end(which, issued=issued, shown=shown, number=number):
            if which:
                with pretending(now() + AFTER_ITS_TIME):
                    return giving_back.expire_voucher(issued.id)
            return scan_voucher(
                shown, point_id=town.point.id, key=f"scan-{number:04}", by=town.clerk
            )

        scanned, lapsed = at_once(2, end)
        if lapsed is True:
            assert isinstance(scanned, ExpiredAtPoint)
            assert coins_of(resident) == 100
        else:
            assert scanned.state == VoucherState.REDEEMED
            assert coins_of(resident) == 0


def test_orders_against_a_withdrawal_none_goes_through_once_it_answered(town, offer, rounds):
    for _ in rounds:
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


@pytest.fixture
def offer_ticket(town):
    """Puts a ticket with so many codes on offer at the first point, and returns its id."""

    def put_on_offer(codes):
        terms = {"title": "电影票", "price": 100, "validity_days": 30, "kind": RewardKind.TICKET}
        reward = draft_reward(town.district.id, key=new_id(), by=town.officer, **terms)
        # A point gives a code once, whatever the reward: each drop brings codes of its own.
        drop = random_id().upper()
        rows = "\n".join(["code,valid_until", *(f"FILM-{drop}-{n}," for n in range(codes))])
        import_codes(reward.id, town.point.id, rows.encode(), key=new_id(), by=town.officer)
        return offer_reward(reward.id, by=town.officer).id

    return put_on_offer


def test_a_drop_of_tickets_gives_every_code_once(town, offer_ticket, rounds):
    for _ in rounds:
        reward_id, people = offer_ticket(4), [add_person(100) for _ in range(16)]
        answers = at_once(
            16,
            lambda number, reward_id=reward_id, people=people: order_reward(
                reward_id, town.point.id, key="order-001", by=people[number]
            ),
        )
        sold = vouchers_in(answers)
        assert len(sold) == 4
        assert refusals_in(answers) == {OutOfStock}
        codes = list(PoolCode.objects(reward_id=reward_id))
        assert {code.state for code in codes} == {PoolCodeState.TAKEN}
        assert sorted(code.voucher_id for code in codes) == sorted(one.id for one in sold)
        assert len({one.pool_code_id for one in sold}) == 4
        assert left_of(reward_id) == 0
        assert sum(coins_of(resident) for resident in people) == 1200


def test_tickets_cancelled_while_others_order_leave_no_code_twice(town, offer_ticket, rounds):
    for _ in rounds:
        reward_id, people = offer_ticket(3), [add_person(100) for _ in range(9)]
        first = [
            order_reward(reward_id, town.point.id, key="order-001", by=one) for one in people[:3]
        ]

        def act(number, reward_id=reward_id, people=people, first=first):
            if number < 3:
                return cancel_voucher(first[number].id, by=people[number])
            return order_reward(reward_id, town.point.id, key="order-001", by=people[number])

        answers = at_once(9, act)
        sold = vouchers_in(answers[3:])
        assert refusals_in(answers) <= {OutOfStock}
        assert left_of(reward_id) == 3 - len(sold)
        taken = PoolCode.objects(reward_id=reward_id, state=PoolCodeState.TAKEN)
        assert sorted(code.voucher_id for code in taken) == sorted(one.id for one in sold)
