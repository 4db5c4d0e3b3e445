"""A hand-over stands whatever the book says of it: the coins follow as soon as they can."""

import pytest
from catalog_town import earn
from counter_world import a_holder, ordered, qr_of, scan

from catalog import Voucher, VoucherState, jobs
from catalog.scanning.redeeming import AlreadyHandedOver
from ledger import EntryKind, Leg, NewEntry, balance_of, merchant, post_one, voucher, wallet
from shared.database import collection

# Coins are taken out of an escrow by hand, which nothing but a fault would do.
VOUCHERS_BY_HAND = True


def test_a_settlement_that_the_book_refuses_does_not_undo_a_hand_over(town, offer):
    holder = a_holder(100)
    issued = ordered(town, offer(price=100), holder)
    shown = qr_of(issued, holder)
    escrowed, elsewhere = voucher(issued.id), merchant(town.far_point.id)
    taken = [Leg(escrowed, -40), Leg(elsewhere, 40)]
    about = ("voucher", issued.id)
    post_one(NewEntry("redemption:by-hand", EntryKind.REDEMPTION, taken, about))
    first = scan(town, shown)
    assert first.state == VoucherState.REDEEMED
    # The clerk's repeat is answered the same, and another scan that it was handed over.
    assert scan(town, shown).redeemed_at == first.redeemed_at
    with pytest.raises(AlreadyHandedOver):
        scan(town, shown, "scan-0002")
    assert (balance_of(escrowed), balance_of(merchant(town.point.id))) == (60, 0)
    assert jobs.sweep()["settled"] == 0
    # Once what was missing is there again, the sweep settles it.
    earn(holder.person_id, 40, key="2")
    given = [Leg(wallet(holder.person_id), -40), Leg(escrowed, 40)]
    post_one(NewEntry("order:by-hand", EntryKind.ORDER, given, about))
    collection(Voucher).update_one({}, {"$unset": {"look_again_at": ""}})
    assert jobs.sweep()["settled"] == 1
    assert balance_of(merchant(town.point.id)) == 100
