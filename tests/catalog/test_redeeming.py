"""Redeeming: one scan hands over, every other one says why not, and the coins follow."""

from datetime import timedelta

import pytest
from catalog_town import add_person, earn, staff

from catalog import (
    AlreadyHandedOver,
    CancelledAtPoint,
    CodeMistyped,
    ExpiredAtPoint,
    NotARedemptionPoint,
    ScanKeyUsed,
    UnknownCode,
    Voucher,
    VoucherState,
    WrongPoint,
    cancel_voucher,
    jobs,
    order_reward,
    redeeming,
    scan_voucher,
    voucher_of,
)
from catalog.codes import code_from
from ledger import EntryKind, Leg, NewEntry, balance_of, merchant, post_one, voucher, wallet
from people import Role
from shared.clock import pretending
from shared.database import collection
from shared.errors import NotAllowed, Unavailable
from tests.racing import at_once


@pytest.fixture
def held(town, offer):
    """A voucher in its owner's hand, and its owner."""
    resident = add_person(100)
    issued = order_reward(offer(price=100), town.point.id, key="order-001", by=resident)
    return voucher_of(issued.id, by=resident), resident


def scan(town, code, key="scan-0001", **more):
    named = {"point_id": town.point.id, "by": town.clerk, **more}
    return scan_voucher(code, key=key, **named)


def test_a_scan_hands_over_and_the_coins_go_to_the_point(town, held):
    shown, _ = held
    redeemed = scan(town, shown.code)
    assert redeemed.state == VoucherState.REDEEMED
    assert redeemed.redeemed_by == town.clerk.person_id
    assert redeemed.redeemed_point_id == town.point.id
    assert balance_of(merchant(town.point.id)) == 100
    assert balance_of(voucher(redeemed.id)) == 0
    assert Voucher.objects.get().settled_entry_id


def test_a_code_typed_by_hand_serves_as_well(town, held):
    shown, _ = held
    typed = shown.code.lower().replace("-", " ").replace("0", "o")
    assert scan(town, typed).state == VoucherState.REDEEMED


def test_the_clerks_repeat_answers_the_first_result(town, held):
    shown, _ = held
    first = scan(town, shown.code)
    again = scan(town, shown.code)
    assert (again.id, again.redeemed_at) == (first.id, first.redeemed_at)
    assert balance_of(merchant(town.point.id)) == 100


def test_a_second_scan_tells_time_and_place_of_the_first(town, held):
    shown, _ = held
    first = scan(town, shown.code)
    for by, key, point in (
        (town.clerk, "scan-0002", town.point),
        (staff(Role.CLERK, town.point), "scan-0001", town.point),
        (town.far_clerk, "scan-0001", town.far_point),
    ):
        with pytest.raises(AlreadyHandedOver) as refusal:
            scan(town, shown.code, key, by=by, point_id=point.id)
        assert refusal.value.facts["redeemed_at"] == first.redeemed_at
        assert refusal.value.facts["point_name"] == "鼓西街道兑换点"
        assert "Guxi redemption point" in refusal.value.say("en")


def test_a_mistyped_code_is_told_apart_from_an_unknown_one(town, held):
    shown, _ = held
    wrong = ("Z" if shown.code[0] != "Z" else "Y") + shown.code[1:]
    with pytest.raises(CodeMistyped):
        scan(town, wrong)
    with pytest.raises(UnknownCode):
        scan(town, code_from(bytes(10)))


def test_the_wrong_point_says_which_is_right(town, held):
    shown, _ = held
    with pytest.raises(WrongPoint) as refusal:
        scan(town, shown.code, by=town.far_clerk, point_id=town.far_point.id)
    assert refusal.value.facts["point_id"] == town.point.id
    assert "鼓西路 1 号" in refusal.value.say("zh-CN")
    assert Voucher.objects.get().state == VoucherState.ISSUED


def test_an_expired_voucher_is_not_handed_over_swept_or_not(town, held):
    shown, _ = held
    with pretending(shown.voucher.expires_at):
        with pytest.raises(ExpiredAtPoint):
            scan(town, shown.code)
        Voucher.objects.update(state=VoucherState.EXPIRED)
        with pytest.raises(ExpiredAtPoint):
            scan(town, shown.code)
        Voucher.objects.update(state=VoucherState.ISSUED)
    with pretending(shown.voucher.expires_at - timedelta(seconds=1)):
        assert scan(town, shown.code).state == VoucherState.REDEEMED


def test_a_cancelled_voucher_is_not_handed_over(town, held):
    shown, resident = held
    cancel_voucher(shown.voucher.id, by=resident)
    with pytest.raises(CancelledAtPoint):
        scan(town, shown.code)


def test_only_a_clerk_of_the_point_scans(town, held):
    shown, resident = held
    for by in (resident, town.far_clerk, town.officer):
        with pytest.raises(NotAllowed):
            scan(town, shown.code, by=by)
    with pytest.raises(NotARedemptionPoint):
        scan(town, shown.code, point_id=town.district.id)


def test_one_key_scans_one_voucher(town, offer, held):
    shown, _ = held
    resident = add_person(100)
    other = order_reward(offer(), town.point.id, key="order-001", by=resident)
    scan(town, shown.code)
    with pytest.raises(ScanKeyUsed):
        scan(town, voucher_of(other.id, by=resident).code)
    assert Voucher.objects.get(id=other.id).state == VoucherState.ISSUED


def test_a_rotated_key_still_opens_old_codes(town, held, monkeypatch):
    shown, resident = held
    ring = redeeming.hashes_of.__globals__["keyring"]("vouchers")
    rotated = ring._replace(current="k2", keys={**ring.keys, "k2": b"2" * 32})
    for module in ("catalog.code_keys.keyring", "shared.sealing.keyring"):
        monkeypatch.setattr(module, lambda _purpose: rotated)
    assert voucher_of(shown.voucher.id, by=resident).code == shown.code
    assert scan(town, shown.code).state == VoucherState.REDEEMED


def test_a_ledger_that_is_away_does_not_undo_a_hand_over(town, held, monkeypatch):
    shown, _ = held

    def away(_entry):
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(redeeming, "post_one", away)
        assert scan(town, shown.code).state == VoucherState.REDEEMED
    assert balance_of(voucher(shown.voucher.id)) == 100
    # The clerk's own repeat mends it too, not the sweep alone.
    scan(town, shown.code)
    assert balance_of(merchant(town.point.id)) == 100


def test_a_settlement_that_the_book_refuses_does_not_undo_a_hand_over(town, held):
    shown, resident = held
    escrow, elsewhere = voucher(shown.voucher.id), merchant(town.far_point.id)
    taken = [Leg(escrow, -40), Leg(elsewhere, 40)]
    about = ("voucher", shown.voucher.id)
    post_one(NewEntry("redemption:by-hand", EntryKind.REDEMPTION, taken, about))
    first = scan(town, shown.code)
    assert first.state == VoucherState.REDEEMED
    # The clerk's repeat is answered the same, and another scan that it was handed over.
    assert scan(town, shown.code).redeemed_at == first.redeemed_at
    with pytest.raises(AlreadyHandedOver):
        scan(town, shown.code, "scan-0002")
    assert (balance_of(escrow), balance_of(merchant(town.point.id))) == (60, 0)
    assert jobs.sweep()["settled"] == 0
    # Once what was missing is there again, the sweep settles it.
    earn(resident.person_id, 40, key="2")
    given = [Leg(wallet(resident.person_id), -40), Leg(escrow, 40)]
    post_one(NewEntry("order:by-hand", EntryKind.ORDER, given, about))
    collection(Voucher).update_one({}, {"$unset": {"look_again_at": ""}})
    assert jobs.sweep()["settled"] == 1
    assert balance_of(merchant(town.point.id)) == 100


def test_settling_twice_or_fifty_times_at_once_pays_once(town, held, monkeypatch):
    shown, _ = held
    monkeypatch.setattr(redeeming, "_try_to_settle", lambda _redeemed: None)
    scan(town, shown.code)
    at_once(20, lambda _: redeeming.settle_redemption(shown.voucher.id))
    collection(Voucher).update_one({}, {"$unset": {"settled_entry_id": ""}})
    assert redeeming.settle_redemption(shown.voucher.id)
    assert not redeeming.settle_redemption(shown.voucher.id)
    assert balance_of(merchant(town.point.id)) == 100


def test_nothing_is_settled_that_was_not_handed_over(town, held):
    shown, _ = held
    assert not redeeming.settle_redemption(shown.voucher.id)
    assert not redeeming.settle_redemption("0" * 24)
