"""Stock counts: what should lie there, what does, and another person who decides, once."""

import threading

import pytest
from catalog_town import add_person, staff

from catalog import draft_reward, live_qr, order_reward, scan_voucher
from catalog.points.stock_count import CountNote, StockCount, StockCountState
from catalog.points.stock_counting import (
    CountDecided,
    CountKeyUsed,
    NothingToCount,
    OwnCount,
    StockCountNotFound,
    accept_count,
    count_stock,
    dismiss_count,
    tell_differences,
)
from catalog.points.stock_counts import stock_counts_of
from catalog.reward import RewardKind
from catalog.stock import Stock
from catalog.stocking import StockBelowOrdered
from catalog.voucher import Voucher
from notices import Notice
from people import Actor, Held, Membership, Person, Role
from shared.clock import now
from shared.errors import DomainError, NotAllowed
from shared.ids import new_id, random_id


@pytest.fixture
def second_officer(town):
    """Another officer of the district, with an inbox."""
    held = [Membership(role=Role.CENTRE_OFFICER, unit_id=town.district.id, since=now())]
    person = Person(id=random_id(), memberships=held).save()
    return Actor(person.id, "s", (Held(Role.CENTRE_OFFICER, town.district.id),))


def count(town, reward_id, counted, *, key=None, by=None, point=None, **more):
    point_id = (point or town.point).id
    key, by = key or new_id(), by or town.clerk
    return count_stock(point_id, reward_id, counted=counted, key=key, by=by, **more)


def order(town, reward_id):
    by = add_person(500)
    return order_reward(reward_id, town.point.id, key=new_id(), by=by)


def hand_over(town, voucher):
    shown = live_qr(voucher.id, by=Actor(voucher.person_id, "s")).text
    scan_voucher(shown, point_id=town.point.id, key=new_id(), by=town.clerk)


def stock():
    found = Stock.objects.get()
    return found.supplied, found.available


def test_ordered_items_lie_there_and_handed_over_ones_do_not(town, offer):
    reward_id = offer(supplied=10)
    order(town, reward_id)
    hand_over(town, order(town, reward_id))
    found = count(town, reward_id, 9)
    assert (found.expected, found.difference, found.state) == (9, 0, StockCountState.MATCHED)
    assert Stock.objects.get().counted_at == found.counted_at


def test_a_difference_waits_for_a_decision_and_officers_are_told_once(town, offer, second_officer):
    reward_id, key = offer(supplied=10), new_id()
    found = count(town, reward_id, 8, key=key, note=CountNote.DAMAGED)
    assert (found.expected, found.difference, found.state) == (10, -2, StockCountState.OPEN)
    assert count(town, reward_id, 8, key=key, note=CountNote.DAMAGED).id == found.id
    assert tell_differences() == 0
    (notice,) = Notice.objects(person_id=second_officer.person_id, name="stock_differs")
    assert (notice.facts["counted"], notice.facts["expected"]) == (8, 10)
    assert stock() == (10, 10)


def test_what_could_not_be_told_at_once_is_told_by_the_pass(town, offer, second_officer):
    count(town, offer(), 8)
    Notice.objects.delete()
    StockCount.objects.update(set__told=False)
    assert (tell_differences(), tell_differences()) == (1, 0)
    assert Notice.objects(person_id=second_officer.person_id).count() == 1


def test_accepted_the_supply_moves_by_the_difference_once(town, offer):
    reward_id = offer(supplied=10)
    found = count(town, reward_id, 8)
    order(town, reward_id)
    assert accept_count(found.id, by=town.officer).state == StockCountState.ACCEPTED
    accept_count(found.id, by=town.officer)
    assert stock() == (8, 7)
    assert count(town, reward_id, 8).state == StockCountState.MATCHED


def test_more_than_expected_is_added(town, offer):
    found = count(town, offer(supplied=10), 12)
    accept_count(found.id, by=town.officer)
    assert stock() == (12, 12)


def test_dismissed_nothing_moves_and_the_reason_stands(town, offer):
    found = count(town, offer(supplied=10), 8)
    dismissed = dismiss_count(found.id, reason="counted the wrong shelf", by=town.officer)
    assert (dismissed.state, dismissed.reason) == (
        StockCountState.DISMISSED,
        "counted the wrong shelf",
    )
    assert dismiss_count(found.id, reason="again", by=town.officer).reason == dismissed.reason
    with pytest.raises(CountDecided):
        accept_count(found.id, by=town.officer)
    assert stock() == (10, 10)


def test_the_supply_never_falls_below_what_is_ordered(town, offer):
    reward_id = offer(supplied=3)
    for _ in range(2):
        order(town, reward_id)
    found = count(town, reward_id, 1)
    with pytest.raises(StockBelowOrdered):
        accept_count(found.id, by=town.officer)
    assert stock() == (3, 1)
    assert StockCount.objects.get(id=found.id).state == StockCountState.OPEN


def test_a_newer_count_takes_an_open_one_s_place(town, offer):
    reward_id = offer(supplied=10)
    first, second = count(town, reward_id, 8), count(town, reward_id, 7)
    with pytest.raises(CountDecided):
        accept_count(first.id, by=town.officer)
    accept_count(second.id, by=town.officer)
    assert stock() == (7, 7)


def test_nobody_decides_on_what_they_counted(town, offer):
    found = count(town, offer(supplied=10), 8, by=town.officer)
    with pytest.raises(OwnCount):
        accept_count(found.id, by=town.officer)
    with pytest.raises(OwnCount):
        dismiss_count(found.id, reason="mine", by=town.officer)


def test_clerks_count_at_their_own_point_and_decide_nothing(town, offer):
    reward_id = offer()
    with pytest.raises(NotAllowed):
        count(town, reward_id, 1, by=town.far_clerk)
    found = count(town, reward_id, 1)
    for by in (staff(Role.CLERK, town.point), staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(NotAllowed):
            accept_count(found.id, by=by)
    with pytest.raises(StockCountNotFound):
        accept_count(new_id(), by=town.officer)


def test_what_lies_on_no_shelf_is_not_counted(town, offer):
    with pytest.raises(NothingToCount):
        count(town, offer(), 1, by=town.far_clerk, point=town.far_point)
    with pytest.raises(NothingToCount):
        count(town, ticket(town), 1)


def ticket(town):
    terms = {"title": "票", "price": 1, "validity_days": 9, "kind": RewardKind.TICKET}
    return draft_reward(town.district.id, key=new_id(), by=town.officer, **terms).id


def test_a_key_used_for_another_count_is_refused(town, offer):
    reward_id, key = offer(), new_id()
    count(town, reward_id, 10, key=key)
    with pytest.raises(CountKeyUsed):
        count(town, reward_id, 9, key=key)


def test_counts_are_listed_newest_first_page_by_page(town, offer):
    reward_id = offer()
    made = [count(town, reward_id, counted).id for counted in (9, 8, 7)]
    first = stock_counts_of(town.point.id, by=town.clerk, limit=2)
    second = stock_counts_of(town.point.id, by=town.officer, limit=2, cursor=first.next_cursor)
    assert [one.id for one in first.counts + second.counts] == made[::-1]
    with pytest.raises(NotAllowed):
        stock_counts_of(town.point.id, by=town.far_clerk)


@pytest.mark.parametrize("round_number", range(4))
def test_counts_decisions_and_orders_at_once_adjust_once(town, offer, round_number):
    reward_id = offer(supplied=20)
    found = count(town, reward_id, 18)
    start = threading.Barrier(6)

    def run(act):
        start.wait()
        try:
            act()
        except DomainError:
            return

    other = staff(Role.CENTRE_OFFICER, town.district)
    acts = [lambda by=by: accept_count(found.id, by=by) for by in (town.officer, other)]
    acts.append(lambda: dismiss_count(found.id, reason="no", by=other))
    acts += [lambda: order(town, reward_id)] * 2
    acts.append(lambda: count(town, reward_id, 18))
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, last = StockCount.objects.order_by("id")
    gone = 2 if first.state == StockCountState.ACCEPTED else 0
    assert last.difference == (0 if last.expected == 18 else -2)
    assert stock() == (20 - gone, 20 - gone - 2)
    assert Voucher.objects.count() == 2
