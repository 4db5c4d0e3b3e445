"""Look, then confirm: a look hands nothing over, and is good for one clerk, point and while."""

from datetime import timedelta

import pytest
from counter_world import LAST4, a_holder, bare_code, ordered, qr_of, scan

from catalog import (
    RewardKind,
    Voucher,
    VoucherState,
    cancel_voucher,
    confirm_look,
    live_qr,
    look_at_voucher,
)
from catalog.scanning.live_codes import VoucherNotShown
from catalog.scanning.pacing import TooManyHandOvers, TooManyScans
from catalog.scanning.reading import QrPassedOn
from catalog.scanning.redeeming import (
    AlreadyHandedOver,
    CancelledAtPoint,
    ExpiredAtPoint,
    NotScanned,
    ScanKeyUsed,
    WrongPoint,
)
from catalog.scanning.scanning import LookNotFound, LookOver
from ledger import balance_of, merchant
from people import Person, Role
from settings import settings
from shared.clock import now, pretending
from tests.catalog.catalog_town import staff
from tests.racing import at_once


@pytest.fixture
def holder():
    made = a_holder(1_000)
    Person.objects(id=made.person_id).update(nickname="小林子")
    return made


@pytest.fixture
def issued(town, offer, holder):
    return ordered(town, offer(price=100), holder)


def look(town, code, **more):
    named = {"point_id": town.point.id, "by": town.clerk, **more}
    return look_at_voucher(code, **named)


def confirm(town, look_id, key="scan-0001", **more):
    named = {"point_id": town.point.id, "by": town.clerk, **more}
    return confirm_look(look_id, key=key, **named)


def test_a_look_says_what_is_handed_over_and_moves_nothing(town, issued, holder):
    seen = look(town, qr_of(issued, holder))
    assert (seen.reward.title, seen.nickname) == ("洗衣液", "小**")
    assert seen.good_until - now() > timedelta(seconds=110)
    assert Voucher.objects.get().state == VoucherState.ISSUED
    assert balance_of(merchant(town.point.id)) == 0


def test_a_look_confirmed_hands_over_once_and_its_repeat_changes_nothing(town, issued, holder):
    seen = look(town, qr_of(issued, holder))
    first, again = confirm(town, seen.look_id), confirm(town, seen.look_id)
    assert first.state == VoucherState.REDEEMED
    assert again.redeemed_at == first.redeemed_at
    assert balance_of(merchant(town.point.id)) == 100
    with pytest.raises(AlreadyHandedOver):
        confirm(town, seen.look_id, "scan-0002")
    with pretending(now() + timedelta(minutes=5)):
        assert confirm(town, seen.look_id).redeemed_at == first.redeemed_at


def test_a_look_by_code_needs_no_digits_again(town, issued):
    seen = look(town, bare_code(issued), phone_last4=LAST4)
    assert confirm(town, seen.look_id).state == VoucherState.REDEEMED


def test_a_look_is_over_after_two_minutes(town, issued, holder):
    seen = look(town, qr_of(issued, holder))
    with pretending(now() + timedelta(seconds=121)), pytest.raises(LookOver):
        confirm(town, seen.look_id)


def test_a_look_is_the_clerks_own_at_the_point_of_it(town, issued, holder):
    seen = look(town, qr_of(issued, holder))
    with pytest.raises(LookNotFound):
        confirm(town, seen.look_id, by=staff(Role.CLERK, town.point))
    clerk = staff(Role.CLERK, town.district)
    with pytest.raises(LookNotFound):
        confirm(town, seen.look_id, by=clerk, point_id=town.far_point.id)
    with pytest.raises(LookNotFound):
        confirm(town, "0" * 24)


def test_a_look_refuses_what_a_scan_would(town, offer, issued, holder):
    shown = qr_of(issued, holder)
    with pytest.raises(WrongPoint):
        look(town, shown, by=town.far_clerk, point_id=town.far_point.id)
    with pretending(issued.expires_at - timedelta(seconds=1)):
        late = qr_of(issued, holder)
    with pretending(issued.expires_at), pytest.raises(ExpiredAtPoint):
        look(town, late)
    scan(town, shown)
    with pytest.raises(AlreadyHandedOver):
        look(town, shown)
    other = ordered(town, offer(price=100), holder)
    shown = qr_of(other, holder)
    cancel_voucher(other.id, by=holder)
    with pytest.raises(CancelledAtPoint):
        look(town, shown)


def test_what_ends_or_changes_hands_after_a_look_is_not_handed_over(town, offer, issued, holder):
    seen = look(town, qr_of(issued, holder))
    other = a_holder(phone=None)
    Voucher.objects(id=issued.id).update(person_id=other.person_id, code_turn=1)
    with pytest.raises(QrPassedOn):
        confirm(town, seen.look_id)
    Voucher.objects(id=issued.id).update(person_id=holder.person_id, code_turn=0)
    cancel_voucher(issued.id, by=holder)
    with pytest.raises(CancelledAtPoint):
        confirm(town, seen.look_id)


def test_one_key_confirms_one_look(town, offer, issued, holder):
    one = look(town, qr_of(issued, holder))
    other = look(town, qr_of(ordered(town, offer(price=100), holder), holder))
    confirm(town, one.look_id)
    with pytest.raises(ScanKeyUsed):
        confirm(town, other.look_id)


def test_a_look_confirmed_twice_at_once_under_two_keys_hands_over_once(town, offer, holder):
    for number in range(6):
        seen = look(town, qr_of(ordered(town, offer(price=100), holder), holder))

        def confirmed(turn, seen=seen, number=number):
            try:
                return confirm(town, seen.look_id, f"scan-{number}-{turn}").state
            except AlreadyHandedOver:
                return None

        answers = at_once(4, confirmed)
        assert answers.count(VoucherState.REDEEMED) == 1
        assert balance_of(merchant(town.point.id)) == 100 * (number + 1)


def test_two_clerks_who_looked_at_one_voucher_hand_it_over_once(town, issued, holder):
    shown = qr_of(issued, holder)
    clerks = [staff(Role.CLERK, town.point) for _ in range(4)]
    looks = [look(town, shown, by=clerk).look_id for clerk in clerks]

    def confirmed(number):
        try:
            return confirm(town, looks[number], by=clerks[number]).redeemed_by
        except AlreadyHandedOver:
            return None

    assert sum(one is not None for one in at_once(4, confirmed)) == 1
    assert balance_of(merchant(town.point.id)) == 100


def test_only_what_a_clerk_hands_over_has_a_qr_and_is_scanned(town, issued, holder):
    shown = qr_of(issued, holder)
    Voucher.objects.update(kind=RewardKind.TICKET)
    for act in (
        lambda: scan(town, shown),
        lambda: look(town, shown),
        lambda: qr_of(issued, holder),
    ):
        with pytest.raises(NotScanned):
            act()
    Voucher.objects.update(kind=RewardKind.GOODS)


def test_a_voucher_that_is_over_has_no_qr(town, issued, holder):
    with pretending(issued.expires_at), pytest.raises(VoucherNotShown):
        live_qr(issued.id, by=holder)
    scan(town, qr_of(issued, holder))
    with pytest.raises(VoucherNotShown):
        live_qr(issued.id, by=holder)


# ---- how fast hand-overs may follow one another


@pytest.fixture
def limits(monkeypatch):
    """Sets limits for this process's settings."""

    def set_limits(**limits):
        for name, value in limits.items():
            monkeypatch.setenv(name.upper(), value)
        settings.cache_clear()

    yield set_limits
    monkeypatch.undo()
    settings.cache_clear()


def test_a_point_scans_so_often_in_a_minute(town, issued, holder, limits):
    limits(limit_scans_per_point="3 per day")
    shown = qr_of(issued, holder)
    for _ in range(3):
        scan(town, shown)
    with pytest.raises(TooManyScans) as refusal:
        scan(town, shown)
    assert 0 < refusal.value.facts["retry_after_s"] <= 86_400
    other = ordered(town, Voucher.objects.get().reward_id, holder)
    with pytest.raises(WrongPoint):
        scan(town, qr_of(other, holder), by=town.far_clerk, point_id=town.far_point.id)


def test_scans_that_race_are_counted_exactly(town, issued, holder, limits):
    limits(limit_scans_per_point="5 per day")
    shown = qr_of(issued, holder)

    def scanned(_number):
        try:
            return scan(town, shown).state
        except TooManyScans:
            return None

    assert at_once(12, scanned).count(VoucherState.REDEEMED) == 5


def test_a_person_is_handed_over_so_much_in_an_hour(town, offer, holder, limits):
    limits(limit_hand_overs_per_person="2 per hour; 3 per day")
    reward_id = offer(price=100)

    def fetched(number):
        return scan(town, qr_of(ordered(town, reward_id, holder), holder), f"scan-{number:04d}")

    first = fetched(0)
    fetched(1)
    with pytest.raises(TooManyHandOvers) as refusal:
        fetched(2)
    assert 3_500 < refusal.value.facts["retry_after_s"] <= 3_601
    # A repeat is answered all the same, and another person is served.
    Voucher.objects(id=first.id).update(redeemed_at=first.redeemed_at)
    neighbour = a_holder(phone=None)
    scan(town, qr_of(ordered(town, reward_id, neighbour), neighbour), "scan-0009")
    with pretending(now() + timedelta(minutes=61)):
        fetched(3)
        with pytest.raises(TooManyHandOvers) as refusal:
            fetched(4)
    assert refusal.value.facts["retry_after_s"] > 80_000
