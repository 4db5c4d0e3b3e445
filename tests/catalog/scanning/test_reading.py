"""Reading: a live QR is believed, a bare code needs the holder's digits, guesses are stopped."""

import secrets
from datetime import timedelta

import pytest
from counter_world import LAST4, a_holder, bare_code, officer_above, ordered, qr_of, scan

from catalog import Voucher, VoucherState, live_qr, make_point_key
from catalog.code_keys import hashes_of, new_code_hash
from catalog.scanning import guessing
from catalog.scanning.guessing import TooManyGuesses
from catalog.scanning.qr_keys import qr_text_at
from catalog.scanning.reading import QrPassedOn, SecondCheckFailed, SecondCheckNeeded, UnknownCode
from catalog.scanning.shown_codes import QrForged, QrOfOtherTown, QrOutdated
from notices import Notice
from people import HolderHasNoPhone, Role, Unit, UnitKind
from shared.clock import now, pretending
from shared.codes import CodeMistyped, code_from, grouped
from shared.database import collection
from shared.ids import new_id
from tests.catalog.catalog_town import add_unit, staff
from tests.racing import at_once


@pytest.fixture
def holder():
    return a_holder(500)


@pytest.fixture
def issued(town, offer, holder):
    return ordered(town, offer(price=100), holder)


def is_issued(voucher):
    return Voucher.objects.get(id=voucher.id).state == VoucherState.ISSUED


def test_a_screenshot_is_refused_a_minute_and_a_half_later(town, issued, holder):
    shown = qr_of(issued, holder)
    for later_s in (90, 600, 86_400):
        with pretending(now() + timedelta(seconds=later_s)), pytest.raises(QrOutdated):
            scan(town, shown)
    with pretending(now() - timedelta(seconds=60)), pytest.raises(QrOutdated):
        scan(town, shown)
    assert is_issued(issued)


def test_what_a_phone_fetched_ahead_serves_in_its_time_alone(town, issued, holder):
    to_come = live_qr(issued.id, by=holder, ahead=20).ahead
    assert len(to_come) == 20
    last = to_come[-1]
    with pytest.raises(QrOutdated):
        scan(town, last.text)
    with pretending(last.shown_from):
        assert scan(town, last.text).state == VoucherState.REDEEMED


def test_a_qr_of_another_town_is_told_apart_from_a_forged_one(town, issued):
    elsewhere = Unit(id=new_id(), lineage=[new_id(), town.point.id])
    with pytest.raises(QrOfOtherTown):
        scan(town, qr_text_at(issued, elsewhere))
    # There is one root in a database: the other town's is not stored.
    other_city = Unit(id=new_id(), lineage=[new_id()])
    point = add_unit("厦门兑换点", UnitKind.REDEMPTION_POINT, other_city)
    with pytest.raises(QrOfOtherTown):
        scan(town, qr_text_at(issued, town.point), point_id=point.id, by=staff(Role.CLERK, point))
    assert is_issued(issued)


def test_a_forged_qr_is_refused_and_a_genuine_one_of_no_voucher_is_unknown(town, issued, holder):
    shown = qr_of(issued, holder)
    for bent in (shown[:-1], shown[:50] + ("A" if shown[50] != "A" else "B") + shown[51:]):
        with pytest.raises(QrForged):
            scan(town, bent)
    with pytest.raises(UnknownCode):
        scan(
            town,
            qr_text_at(Voucher(id=new_id(), point_id=town.point.id, expires_at=now()), town.point),
        )
    assert is_issued(issued)


def test_the_qr_of_who_gave_it_away_is_dead(town, issued, holder):
    shown = qr_of(issued, holder)
    code = bare_code(issued)
    Voucher.objects(id=issued.id).update(
        code_turn=1, code_hash=new_code_hash(issued.id, 1), person_id=a_holder(phone=None).person_id
    )
    with pytest.raises(QrPassedOn):
        scan(town, shown)
    with pytest.raises(UnknownCode):
        scan(town, code, phone_last4=LAST4)
    Voucher.objects(id=issued.id).update(code_turn=0, person_id=holder.person_id)


def test_a_bare_code_needs_the_holders_digits(town, issued):
    code = bare_code(issued)
    with pytest.raises(SecondCheckNeeded):
        scan(town, code)
    for wrong in ("0000", "8043", "2408"):
        with pytest.raises(SecondCheckFailed):
            scan(town, code, phone_last4=wrong)
    assert is_issued(issued)
    assert scan(town, code, phone_last4=LAST4).state == VoucherState.REDEEMED


def test_a_holder_without_a_phone_is_asked_for_the_live_qr(town, offer):
    holder = a_holder(100, phone=None)
    issued = ordered(town, offer(price=100), holder)
    with pytest.raises(HolderHasNoPhone):
        scan(town, bare_code(issued), phone_last4=LAST4)
    assert scan(town, qr_of(issued, holder)).state == VoucherState.REDEEMED


def test_a_mistyped_code_is_told_apart_from_an_unknown_one(town, issued):
    code = bare_code(issued)
    wrong = ("Z" if code[0] != "Z" else "Y") + code[1:]
    with pytest.raises(CodeMistyped):
        scan(town, wrong)
    with pytest.raises(UnknownCode):
        scan(town, code_from(bytes(10)))


def test_of_a_hundred_thousand_made_up_codes_none_is_a_voucher(town, offer, holder):
    for _ in range(3):
        ordered(town, offer(price=100), holder)
    guesses = [code_from(secrets.token_bytes(10)) for _ in range(100_000)]
    for start in range(0, len(guesses), 10_000):
        hashes = [one for code in guesses[start : start + 10_000] for one in hashes_of(code)]
        assert collection(Voucher).count_documents({"code_hash": {"$in": hashes}}) == 0
    own = [hashes_of(bare_code(one))[0] for one in Voucher.objects]
    assert collection(Voucher).count_documents({"code_hash": {"$in": own}}) == 3


# ---- guessing


def guess(town, number, **more):
    """One wrong try."""
    with pytest.raises(UnknownCode):
        scan(town, code_from(bytes([number] * 10)), **more)


def test_ten_wrong_ones_stop_a_clerk_and_officers_are_told_once(town, issued, holder):
    officer_id = officer_above(town)
    shown = qr_of(issued, holder)
    for number in range(10):
        guess(town, number)
    assert Notice.objects(person_id=officer_id).count() == 0
    for _ in range(3):
        with pytest.raises(TooManyGuesses) as refusal:
            scan(town, code_from(bytes([77] * 10)))
        assert 0 < refusal.value.facts["retry_after_s"] <= 600
    # No genuine QR either, at this point, until the time is up.
    with pytest.raises(TooManyGuesses):
        scan(town, shown)
    assert [one.name for one in Notice.objects(person_id=officer_id)] == ["codes_guessed"]
    assert scan(town, shown, by=staff(Role.CLERK, town.point)).state == VoucherState.REDEEMED


def test_what_was_right_is_no_guess(town, offer, holder):
    for number in range(4):
        one = ordered(town, offer(price=100), holder)
        scan(town, bare_code(one), f"scan-000{number}", phone_last4=LAST4)
        with pytest.raises(SecondCheckNeeded):
            scan(town, bare_code(one), "scan-0009")
    for number in range(10):
        guess(town, number)


def test_guesses_of_several_clerks_with_one_device_are_counted_together(town, issued, holder):
    device = make_point_key(town.point.id, label="平板", key="key-0001", by=town.officer).secret
    for number in range(30):
        if number % 10 == 0:
            clerk = staff(Role.CLERK, town.point)
        guess(town, number, by=clerk, point_key=device)
    honest = staff(Role.CLERK, town.point)
    with pytest.raises(TooManyGuesses):
        scan(town, code_from(bytes(10)), by=honest, point_key=device)
    # The device types no more codes for a while; who did not guess scans live QRs with it.
    shown = qr_of(issued, holder)
    assert scan(town, shown, by=honest, point_key=device).state == VoucherState.REDEEMED


def test_one_clerks_wrong_codes_do_not_stop_another_on_the_same_device(town, issued):
    device = make_point_key(town.point.id, label="平板", key="key-0001", by=town.officer).secret
    for number in range(10):
        guess(town, number, point_key=device)
    right = {"phone_last4": LAST4, "by": staff(Role.CLERK, town.point), "point_key": device}
    assert scan(town, bare_code(issued), **right).state == VoucherState.REDEEMED


def test_forged_qrs_are_told_of_and_stop_no_counter(town, issued, holder):
    officer_id = officer_above(town)
    for _ in range(12):
        with pytest.raises(QrForged):
            scan(town, "FX1" + "A" * 178)
    assert [one.name for one in Notice.objects(person_id=officer_id)] == ["qrs_forged"]
    assert scan(town, qr_of(issued, holder)).state == VoucherState.REDEEMED


def test_a_code_that_begins_as_a_qr_does_is_a_code(town, issued):
    code = code_from(bytes.fromhex("7f4210842108421084ff"))
    assert code.startswith("FX1")
    with pytest.raises(UnknownCode):
        scan(town, code)
    collection(Voucher).update_one({"_id": issued.id}, {"$set": {"code_hash": hashes_of(code)[0]}})
    assert scan(town, grouped(code), phone_last4=LAST4).state == VoucherState.REDEEMED


def test_the_digits_of_one_voucher_are_tried_ten_times_a_day_by_whomever(town, issued):
    code = bare_code(issued)
    for number in range(10):
        with pytest.raises(SecondCheckFailed):
            scan(town, code, phone_last4=f"{number:04d}", by=staff(Role.CLERK, town.point))
    with pytest.raises(TooManyGuesses):
        scan(town, code, phone_last4=LAST4, by=staff(Role.CLERK, town.point))
    assert is_issued(issued)


def test_guesses_that_race_are_counted_exactly(town, issued):
    codes = [code_from(secrets.token_bytes(10)) for _ in range(24)]

    def attempt(number):
        try:
            scan(town, codes[number], f"scan-{number:04d}")
        except (UnknownCode, TooManyGuesses) as refusal:
            return type(refusal)

    answers = at_once(24, attempt)
    assert answers.count(UnknownCode) == 10
    assert guessing.GUESSES.startswith("10 ")
