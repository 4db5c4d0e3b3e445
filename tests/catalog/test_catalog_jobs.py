"""The sweep: what was decided and not finished is finished, once, whoever died in between."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of
from pymongo.errors import OperationFailure

from catalog import (
    Stock,
    Voucher,
    VoucherState,
    giving_back,
    jobs,
    live_qr,
    order_reward,
    prove_catalogue,
    scan_voucher,
    voucher_of,
)
from catalog.scanning import redeeming
from catalog.scanning.counter import Counter
from ledger import balance_of, merchant, voucher
from shared.clock import now, pretending
from shared.database import collection
from shared.errors import Unavailable
from tests.racing import at_once


@pytest.fixture
def held(town, offer):
    """A voucher in its owner's hand, and its owner."""
    resident = add_person(100)
    issued = order_reward(offer(price=100), town.point.id, key="order-001", by=resident)
    return voucher_of(issued.id, by=resident), resident


def killed_scan(town, shown):
    """A scan cut off right after its deciding write."""
    at = Counter(town.point, town.clerk, "")
    return redeeming.redeem(shown.to_mongo().to_dict(), at, "scan-0001", now())


def test_a_scan_killed_before_its_tail_is_settled_by_the_sweep(town, held):
    shown, _ = held
    assert killed_scan(town, shown.voucher)
    assert balance_of(voucher(shown.voucher.id)) == 100
    assert jobs.sweep()["settled"] == 1
    assert balance_of(merchant(town.point.id)) == 100
    assert not any(jobs.sweep().values())


def test_a_tail_killed_before_its_note_is_noted_by_the_sweep_and_paid_once(town, held):
    shown, resident = held
    qr = live_qr(shown.voucher.id, by=resident).text
    scan_voucher(qr, point_id=town.point.id, key="scan-0001", by=town.clerk)
    Voucher.objects.update(unset__settled_entry_id=True)
    assert jobs.sweep()["settled"] == 1
    assert Voucher.objects.get().settled_entry_id
    assert balance_of(merchant(town.point.id)) == 100


def test_overdue_vouchers_lapse_with_coins_and_item_back(town, held):
    shown, resident = held
    assert jobs.sweep()["expired"] == 0
    with pretending(shown.voucher.expires_at):
        assert jobs.sweep()["expired"] == 1
        assert jobs.sweep()["expired"] == 0
    assert Voucher.objects.get().state == VoucherState.EXPIRED
    assert coins_of(resident) == 100
    assert Stock.objects.get().available == 10


def test_four_sweeps_at_once_do_what_one_does(town, offer):
    reward_id = offer(price=100)
    people = [add_person(100) for _ in range(6)]
    for resident in people:
        order_reward(reward_id, town.point.id, key="order-001", by=resident)

    def sweep_later(_number):
        with pretending(now() + timedelta(days=31)):
            return jobs.sweep()["expired"]

    assert sum(at_once(4, sweep_later)) == 6
    assert [coins_of(resident) for resident in people] == [100] * 6
    assert Stock.objects.get().available == 10


@pytest.fixture
def stuck(town, offer, monkeypatch):
    """Four overdue vouchers' ids; the first two of them fail each time, as a broken one does."""
    reward_id = offer(price=100)
    issued = [
        order_reward(reward_id, town.point.id, key="order-001", by=add_person(100)).id
        for _ in range(4)
    ]
    give_back = giving_back.end_voucher

    def stuck_at_the_first(ended, state):
        if ended.id in issued[:2]:
            raise errors.pop()
        return give_back(ended, state)

    errors = [Unavailable(), OperationFailure("broken"), ValueError("no such field")] * 9
    monkeypatch.setattr(giving_back, "end_voucher", stuck_at_the_first)
    Voucher.objects.update(set__expires_at=now() - timedelta(days=1))
    return issued


def test_vouchers_that_cannot_be_finished_do_not_hold_up_the_rest(stuck):
    assert jobs.sweep()["expired"] == 2
    left = Voucher.objects(state=VoucherState.ISSUED)
    assert {voucher.id for voucher in left} == set(stuck[:2])


def test_a_run_full_of_vouchers_that_fail_leaves_the_next_run_to_others(stuck, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_PER_RUN", 2)
    assert sum(jobs.sweep()["expired"] for _ in range(2)) == 2


def test_even_where_failures_are_tried_again_the_others_come_first(stuck, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_PER_RUN", 2)
    monkeypatch.setattr(jobs, "LOOK_AGAIN", timedelta(0))
    assert sum(jobs.sweep()["expired"] for _ in range(2)) == 2


def test_one_that_failed_is_tried_again_after_a_while(stuck, monkeypatch):
    jobs.sweep()
    monkeypatch.undo()
    assert jobs.sweep()["expired"] == 0
    Voucher.objects(id__in=stuck).update(set__look_again_at=now())
    assert jobs.sweep()["expired"] == 2


def test_a_voucher_that_cannot_be_read_is_one_that_fails(held, town):
    shown, _ = held
    killed_scan(town, shown.voucher)
    other = {"_id": "f" * 24, "state": "redeemed", "code_hash": "x", "person_id": "p"}
    collection(Voucher).insert_one({**other, "price": []}, bypass_document_validation=True)
    assert jobs.sweep()["settled"] == 1
    # The proof goes on over it, and says so.
    assert any("f" * 24 in sentence for sentence in prove_catalogue())
    collection(Voucher).delete_one({"_id": "f" * 24})
