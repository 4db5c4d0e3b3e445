"""Outlived holds: what is in doubt longer than its coins are held ends as refunded."""

from datetime import timedelta

import pytest
from catalog_town import add_person, coins_of
from delivery_steps import change, try_again

from catalog import Voucher
from catalog.escrow import HOLD_LASTS
from catalog.providers.attempting import deliver
from catalog.providers.concluding import News, conclude
from catalog.providers.delivery import DeliveryState, Source, TopUpDelivery
from catalog.providers.discrepancy import Discrepancy
from catalog.providers.port import Outcome, OutcomeKind
from catalog.stock import Stock
from ledger import balance_of, merchant, release_overdue_holds
from shared.clock import real_now

DELIVERED = Outcome(OutcomeKind.DELIVERED, reference="SP-1")
REFUSED = Outcome(OutcomeKind.REFUSED, reason="barred")


@pytest.fixture
def buyer():
    return add_person(1_000)


@pytest.fixture
def outlived(top_up, buyer, monkeypatch):
    """A delivery in doubt whose hold is over."""
    monkeypatch.setattr("catalog.escrow.HOLD_LASTS", timedelta(0))
    voucher_id = top_up("hang_lost", by=buyer)
    deliver(voucher_id)
    long_ago = real_now() - HOLD_LASTS
    change(voucher_id, sent_at=long_ago)
    Voucher.objects(id=voucher_id).update(set__issued_at=long_ago)
    return voucher_id


def assert_refunded(voucher_id, buyer):
    voucher = Voucher.objects.get(id=voucher_id)
    assert voucher.state.value == "cancelled"
    assert TopUpDelivery.objects.get(id=voucher_id).state == DeliveryState.REFUNDED
    assert coins_of(buyer) == 1_000
    assert balance_of(merchant(voucher.point_id)) == 0
    stock = Stock.objects.get(reward_id=voucher.reward_id)
    assert stock.available == stock.supplied


@pytest.mark.parametrize("released", [True, False])
def test_a_refusal_after_it_ends_cleanly(outlived, buyer, released):
    if released:
        release_overdue_holds()
    assert conclude(outlived, REFUSED, Source.FILE) == News.ENDED_IT
    assert_refunded(outlived, buyer)
    assert Discrepancy.objects.count() == 0


@pytest.mark.parametrize("released", [True, False])
def test_a_delivery_after_it_is_a_discrepancy_and_pays_nobody(outlived, buyer, released):
    if released:
        release_overdue_holds()
    for _ in range(2):
        assert conclude(outlived, DELIVERED, Source.CALL_BACK) == News.CONTRADICTS
    assert_refunded(outlived, buyer)
    (noted,) = Discrepancy.objects(key=outlived)
    assert noted.kind.value == "delivered_after_refund"


def test_without_any_news_the_next_try_ends_it(outlived, buyer):
    release_overdue_holds()
    assert try_again(outlived)
    assert_refunded(outlived, buyer)
    assert TopUpDelivery.objects.get(id=outlived).ended_by == Source.HOLD_OVER
