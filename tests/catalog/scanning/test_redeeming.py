"""Redeeming: one scan hands over, every other one says why not, and the coins follow."""

from datetime import timedelta

import pytest
from catalog_town import add_person, staff
from counter_world import LAST4, a_holder, bare_code, ordered, qr_of, scan

from catalog import Voucher, VoucherState, cancel_voucher, escrow
from catalog.offering import NotARedemptionPoint
from catalog.scanning import redeeming
from catalog.scanning.redeeming import (
    AlreadyHandedOver,
    CancelledAtPoint,
    ExpiredAtPoint,
    OwnVoucher,
    ScanKeyUsed,
    WrongPoint,
)
from ledger import balance_of, merchant, voucher
from people import Actor, Held, Role
from shared.clock import pretending
from shared.database import collection
from shared.errors import NotAllowed, Unavailable
from shared.sealing import keyring
from tests.racing import at_once


@pytest.fixture
def holder():
    return a_holder(100)


@pytest.fixture
def issued(town, offer, holder):
    """A voucher in its holder's hand."""
    return ordered(town, offer(price=100), holder)


@pytest.fixture
def shown(issued, holder):
    """The QR that the holder's phone shows."""
    return qr_of(issued, holder)


def test_a_scan_hands_over_and_the_coins_go_to_the_point(town, shown):
    redeemed = scan(town, shown)
    assert redeemed.state == VoucherState.REDEEMED
    assert redeemed.redeemed_by == town.clerk.person_id
    assert redeemed.redeemed_point_id == town.point.id
    assert balance_of(merchant(town.point.id)) == 100
    assert balance_of(voucher(redeemed.id)) == 0
    assert Voucher.objects.get().settled_entry_id


def test_a_code_typed_by_hand_serves_with_the_second_check(town, issued):
    typed = bare_code(issued).lower().replace("0", "o")
    assert scan(town, typed, phone_last4=LAST4).state == VoucherState.REDEEMED


def test_the_clerks_repeat_answers_the_first_result(town, shown):
    first, again = scan(town, shown), scan(town, shown)
    assert (again.id, again.redeemed_at) == (first.id, first.redeemed_at)
    assert balance_of(merchant(town.point.id)) == 100


def test_a_repeat_is_answered_when_the_qr_is_long_out_of_date(town, shown):
    first = scan(town, shown)
    with pretending(first.redeemed_at + timedelta(minutes=9)):
        assert scan(town, shown).redeemed_at == first.redeemed_at


def test_a_second_scan_tells_time_and_place_of_the_first(town, shown):
    first = scan(town, shown)
    for by, key, point in (
        (town.clerk, "scan-0002", town.point),
        (staff(Role.CLERK, town.point), "scan-0001", town.point),
        (town.far_clerk, "scan-0001", town.far_point),
    ):
        with pytest.raises(AlreadyHandedOver) as refusal:
            scan(town, shown, key, by=by, point_id=point.id)
        assert refusal.value.facts["redeemed_at"] == first.redeemed_at
        assert refusal.value.facts["point_name"] == "鼓西街道兑换点"
        assert "Guxi redemption point" in refusal.value.say("en")


def test_the_wrong_point_says_which_is_right(town, shown):
    with pytest.raises(WrongPoint) as refusal:
        scan(town, shown, by=town.far_clerk, point_id=town.far_point.id)
    assert refusal.value.facts["point_id"] == town.point.id
    assert "鼓西路 1 号" in refusal.value.say("zh-CN")
    assert Voucher.objects.get().state == VoucherState.ISSUED


def test_an_expired_voucher_is_not_handed_over_swept_or_not(town, issued, holder):
    with pretending(issued.expires_at - timedelta(seconds=1)):
        shown = qr_of(issued, holder)
    with pretending(issued.expires_at):
        with pytest.raises(ExpiredAtPoint):
            scan(town, shown)
        Voucher.objects.update(state=VoucherState.EXPIRED)
        with pytest.raises(ExpiredAtPoint):
            scan(town, shown)
        Voucher.objects.update(state=VoucherState.ISSUED)
    with pretending(issued.expires_at - timedelta(seconds=1)):
        assert scan(town, shown).state == VoucherState.REDEEMED


def test_a_cancelled_voucher_is_not_handed_over(town, issued, holder, shown):
    cancel_voucher(issued.id, by=holder)
    with pytest.raises(CancelledAtPoint):
        scan(town, shown)


def test_only_a_clerk_of_the_point_scans(town, shown, holder):
    for by in (holder, town.far_clerk, town.officer):
        with pytest.raises(NotAllowed):
            scan(town, shown, by=by)
    with pytest.raises(NotARedemptionPoint):
        scan(town, shown, point_id=town.district.id)


def test_a_clerk_hands_nothing_over_to_themselves(town, shown, holder):
    clerk = Actor(holder.person_id, "s", (Held(Role.CLERK, town.point.id),))
    with pytest.raises(OwnVoucher):
        scan(town, shown, by=clerk)
    assert Voucher.objects.get().state == VoucherState.ISSUED


def test_one_key_scans_one_voucher(town, offer, shown):
    other_holder = add_person(100)
    other = ordered(town, offer(), other_holder)
    scan(town, shown)
    with pytest.raises(ScanKeyUsed):
        scan(town, qr_of(other, other_holder))
    assert Voucher.objects.get(id=other.id).state == VoucherState.ISSUED


def test_a_rotated_key_still_opens_old_codes_and_qrs(town, issued, holder, shown, monkeypatch):
    code = bare_code(issued)
    rings = {purpose: redeeming_ring(purpose) for purpose in ("vouchers", "voucher-qr", "people")}
    monkeypatch.setattr("catalog.code_keys.keyring", rings.get)
    monkeypatch.setattr("shared.signing_keys.keyring", rings.get)
    assert bare_code(issued) == code
    fresh = qr_of(issued, holder)
    assert fresh != shown
    assert scan(town, shown).state == VoucherState.REDEEMED
    assert scan(town, fresh).state == VoucherState.REDEEMED


def redeeming_ring(purpose):
    """The purpose's keys, a new one named current."""
    ring = keyring(purpose)
    return ring._replace(current="k2", keys={**ring.keys, "k2": b"2" * 32})


def test_a_ledger_that_is_away_does_not_undo_a_hand_over(town, issued, shown, monkeypatch):
    def away(_entry):
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(escrow, "post_one", away)
        assert scan(town, shown).state == VoucherState.REDEEMED
    assert balance_of(voucher(issued.id)) == 100
    # The clerk's own repeat mends it too, not the sweep alone.
    scan(town, shown)
    assert balance_of(merchant(town.point.id)) == 100


def test_settling_twice_or_fifty_times_at_once_pays_once(town, issued, shown, monkeypatch):
    monkeypatch.setattr(redeeming, "try_to_settle", lambda _redeemed: None)
    scan(town, shown)
    at_once(20, lambda _: redeeming.settle_redemption(issued.id))
    collection(Voucher).update_one({}, {"$unset": {"settled_entry_id": ""}})
    assert redeeming.settle_redemption(issued.id)
    assert not redeeming.settle_redemption(issued.id)
    assert balance_of(merchant(town.point.id)) == 100


def test_nothing_is_settled_that_was_not_handed_over(issued):
    assert not redeeming.settle_redemption(issued.id)
    assert not redeeming.settle_redemption("0" * 24)
