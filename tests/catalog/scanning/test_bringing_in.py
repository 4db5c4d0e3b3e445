"""Offline queues: each line resolved once, in order of arrival; who comes second is disputed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from counter_world import LAST4, a_holder, bare_code, officer_above, ordered, qr_of, scan
from limits import parse_many

from catalog import (
    HandOverOutcome,
    NewHandOver,
    Voucher,
    VoucherState,
    bring_in_hand_overs,
    cancel_voucher,
    hand_overs_at,
    jobs,
    look_at_voucher,
    make_point_key,
    revoke_point_key,
)
from catalog.code_keys import new_code_hash
from catalog.scanning import bringing_in, pacing
from catalog.scanning.guessing import TooManyGuesses
from catalog.scanning.offline_hand_over import OfflineHandOver
from catalog.scanning.point_keys import PointKeyNeeded, PointKeyUnknown
from catalog.scanning.reading import SecondCheckFailed, UnknownCode
from ledger import balance_of, merchant, voucher
from notices import Notice
from people import Person, Role
from people.person import Membership
from shared.clock import now, pretending
from shared.codes import code_from
from shared.errors import NotAllowed, Unavailable
from tests.catalog.catalog_town import coins_of, staff
from tests.racing import at_once

SECOND = timedelta(seconds=1)
ACCEPTED, DISPUTED = HandOverOutcome.ACCEPTED, HandOverOutcome.DISPUTED


@pytest.fixture
def holder():
    return a_holder(1_000)


@pytest.fixture
def issued(town, offer, holder):
    return ordered(town, offer(price=100), holder)


@pytest.fixture
def device(town):
    return make_point_key(town.point.id, label="平板", key="key-0001", by=town.officer)


def line(code, key="line-0001", *, at=None, **more):
    return NewHandOver(code=code, handed_over_at=at or now(), key=key, **more)


def bring(town, device, *lines, **more):
    named = {"point_key": device.secret, "by": town.clerk, **more}
    return bring_in_hand_overs(town.point.id, lines, **named).items


def outcome(town, device, one):
    """The name of the reason why one line is disputed; "" where it is accepted."""
    (resolved,) = bring(town, device, one)
    assert (resolved.outcome == ACCEPTED) == (resolved.reason == {})
    if resolved.reason:
        assert set(resolved.reason) == {"code", "en", "zh-CN"}
    return resolved.reason.get("code", "")


def in_hours(hours):
    return pretending(now() + timedelta(hours=hours))


def test_a_line_is_accepted_as_of_when_it_was_handed_over(town, device, issued, holder):
    at = now()
    shown = qr_of(issued, holder)
    with in_hours(5):
        (resolved,) = bring(town, device, line(shown, at=at))
    assert (resolved.outcome, resolved.title, resolved.price) == (ACCEPTED, "洗衣液", 100)
    redeemed = Voucher.objects.get()
    assert (redeemed.state, redeemed.is_offline) == (VoucherState.REDEEMED, True)
    assert (redeemed.redeemed_at, redeemed.point_key_id) == (at, device.key.id)
    assert balance_of(merchant(town.point.id)) == 100


def test_a_queue_sent_again_changes_nothing(town, device, offer, issued, holder):
    other = ordered(town, offer(price=100), holder)
    lines = [
        line(qr_of(issued, holder)),
        line(qr_of(issued, holder), "line-0002"),
        line(qr_of(other, holder), "line-0003"),
    ]
    first = bring(town, device, *lines)
    assert [one.outcome for one in first] == [ACCEPTED, DISPUTED, ACCEPTED]
    assert first[1].reason["code"] == "AlreadyHandedOver"
    assert "鼓西街道兑换点" in first[1].reason["zh-CN"]
    again = bring(town, device, *lines)
    assert [one.id for one in again] == [one.id for one in first]
    assert OfflineHandOver.objects.count() == 3
    assert balance_of(merchant(town.point.id)) == 200


def test_what_was_cut_off_after_the_hand_over_is_noted_by_the_repeat(
    town, device, issued, holder, monkeypatch
):
    one = line(qr_of(issued, holder))

    def cut(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(bringing_in, "_noted", cut)
        with pytest.raises(KeyboardInterrupt):
            bring(town, device, one)
    assert OfflineHandOver.objects.count() == 0
    assert outcome(town, device, one) == ""
    assert balance_of(merchant(town.point.id)) == 100


def test_the_loser_of_two_hand_overs_is_disputed_and_never_paid(town, device, issued, holder):
    at, shown = now(), qr_of(issued, holder)
    scan(town, shown, point_key=device.secret)
    assert outcome(town, device, line(shown, at=at)) == "AlreadyHandedOver"
    assert balance_of(merchant(town.point.id)) == 100
    assert Voucher.objects.get().is_offline is False


def test_an_expired_voucher_counts_as_of_then_unless_its_worth_went_back(
    town, device, offer, issued, holder
):
    swept = ordered(town, offer(price=100), holder)
    at = issued.expires_at - timedelta(minutes=1)
    with pretending(at):
        shown, other = qr_of(issued, holder), qr_of(swept, holder)
    with pretending(swept.expires_at + timedelta(hours=1)):
        assert outcome(town, device, line(shown, at=at)) == ""
        jobs.sweep()
        assert outcome(town, device, line(other, "line-0002", at=at)) == "EndedMeanwhile"
        late = line(other, "line-0003", at=swept.expires_at + timedelta(minutes=1))
        assert outcome(town, device, late) == "QrOutdated"
    assert balance_of(merchant(town.point.id)) == 100
    assert coins_of(holder) == 900


def test_a_voucher_cancelled_after_the_hand_over_is_disputed(town, device, issued, holder):
    at, shown = now(), qr_of(issued, holder)
    with in_hours(1):
        cancel_voucher(issued.id, by=holder)
        assert outcome(town, device, line(shown, at=at)) == "EndedMeanwhile"
        assert outcome(town, device, line(shown, "line-0002")) == "QrOutdated"
    assert balance_of(voucher(issued.id)) == 0


def test_a_qr_must_fit_the_moment_it_was_handed_over(town, device, issued, holder):
    shown = qr_of(issued, holder)
    with in_hours(2):
        for minutes, name in ((-5, "line-0001"), (-60, "line-0002")):
            at = now() + timedelta(minutes=minutes)
            assert outcome(town, device, line(shown, name, at=at)) == "QrOutdated"


def test_moments_that_cannot_be_are_disputed(town, device, issued, holder):
    shown = qr_of(issued, holder)
    for number, (later, why) in enumerate(
        [(timedelta(minutes=3), "FromTheFuture"), (timedelta(days=-8), "BroughtTooLate")]
    ):
        assert outcome(town, device, line(shown, f"line-{number:04d}", at=now() + later)) == why
    before = issued.issued_at - timedelta(seconds=1)
    assert outcome(town, device, line(shown, "line-0009", at=before)) == "BeforeIssue"
    before = now() - timedelta(minutes=5)
    assert outcome(town, device, line("ABC", "line-0011", at=before)) == "KeyNotYetMade"
    # A clock a little ahead is taken as now.
    assert outcome(town, device, line(shown, "line-0010", at=now() + timedelta(seconds=50))) == ""
    assert Voucher.objects.get().redeemed_at <= now()


def test_a_revoked_key_brings_in_what_was_handed_over_before(town, device, offer, issued, holder):
    other = ordered(town, offer(price=100), holder)
    at, shown, stolen = now(), qr_of(issued, holder), qr_of(other, holder)
    revoked = revoke_point_key(device.key.id, reason="丢失", by=town.officer)
    late = revoked.revoked_at + timedelta(milliseconds=1)
    assert outcome(town, device, line(shown, at=at)) == ""
    assert outcome(town, device, line(stolen, "line-0002", at=late)) == "KeyRevokedBefore"


def test_every_other_line_says_why_it_is_disputed(town, device, offer, issued, holder):
    shown = qr_of(issued, holder)
    assert outcome(town, device, line(shown[:-2], "line-0001")) == "QrForged"
    assert outcome(town, device, line(code_from(bytes(10)), "line-0002")) == "UnknownCode"
    assert outcome(town, device, line("ABC", "line-0003")) == "CodeMistyped"
    assert outcome(town, device, line(bare_code(issued), "line-0004")) == "SecondCheckNeeded"
    wrong = line(bare_code(issued), "line-0005", phone_last4="0000")
    assert outcome(town, device, wrong) == "SecondCheckFailed"
    elsewhere = make_point_key(town.far_point.id, label="x", key="key-0002", by=town.officer)
    named = {"point_key": elsewhere.secret, "by": town.far_clerk}
    (far,) = bring_in_hand_overs(town.far_point.id, [line(shown)], **named).items
    assert far.reason["code"] == "WrongPoint"
    assert Voucher.objects.get().state == VoucherState.ISSUED
    right = line(bare_code(issued), "line-0006", phone_last4=LAST4)
    assert outcome(town, device, right) == ""


def test_what_was_given_away_since_is_disputed(town, device, issued, holder):
    at, shown = now(), qr_of(issued, holder)
    Voucher.objects(id=issued.id).update(code_turn=1, code_hash=new_code_hash(issued.id, 1))
    assert outcome(town, device, line(shown, at=at)) == "QrPassedOn"
    Voucher.objects(id=issued.id).update(code_turn=0)


def test_the_same_queue_from_four_threads_pays_once(town, device, offer, holder):
    vouchers = [ordered(town, offer(price=100), holder) for _ in range(4)]
    lines = [line(qr_of(one, holder), f"line-{i:04d}") for i, one in enumerate(vouchers)]
    answers = at_once(4, lambda _: [one.outcome for one in bring(town, device, *lines)])
    assert answers == [[ACCEPTED] * 4] * 4
    assert OfflineHandOver.objects.count() == 4
    assert balance_of(merchant(town.point.id)) == 400


def test_offline_against_online_one_of_them_is_paid(town, device, offer, holder):
    for number in range(5):
        issued = ordered(town, offer(price=100), holder)
        shown, at = qr_of(issued, holder), now()

        def either(turn, shown=shown, at=at, number=number):
            if turn:
                return bring(town, device, line(shown, f"line-{number:04d}", at=at))[0].outcome
            try:
                return scan(town, shown, f"scan-{number:04d}", point_key=device.secret).state
            except Exception as refusal:
                return type(refusal).__name__

        online, offline = at_once(2, either)
        assert (online, offline) in [
            (VoucherState.REDEEMED, DISPUTED),
            ("AlreadyHandedOver", ACCEPTED),
        ]
        assert balance_of(merchant(town.point.id)) == 100 * (number + 1)


def test_guesses_in_a_queue_are_stopped_and_the_rest_waits(town, device):
    lines = [line(code_from(bytes([number] * 10)), f"line-{number:04d}") for number in range(12)]
    for _ in range(2):
        with pytest.raises(TooManyGuesses):
            bring(town, device, *lines)
    assert OfflineHandOver.objects.count() == 10


def test_two_devices_that_name_lines_alike_are_two_devices(town, device, offer, issued, holder):
    phone = make_point_key(town.point.id, label="手机", key="key-0002", by=town.officer)
    other = ordered(town, offer(price=100), holder)
    (one,) = bring(town, device, line(qr_of(issued, holder)))
    (two,) = bring(town, phone, line(qr_of(other, holder)))
    assert (one.outcome, one.voucher_id) == (ACCEPTED, issued.id)
    assert (two.outcome, two.voucher_id) == (ACCEPTED, other.id)
    assert balance_of(merchant(town.point.id)) == 200


def test_a_key_used_for_another_line_is_a_conflict_and_never_anothers_outcome(
    town, device, offer, issued, holder
):
    other = ordered(town, offer(price=100), holder)
    at, first = now(), line(qr_of(issued, holder))
    bring(town, device, first)
    for wrong in (line(qr_of(other, holder)), replace(first, handed_over_at=at - SECOND)):
        (answer,) = bring(town, device, wrong)
        assert (answer.outcome, answer.voucher_id) == (HandOverOutcome.CONFLICT, None)
        assert answer.reason["code"] == "HandOverKeyUsed"
    assert OfflineHandOver.objects.count() == 1
    assert outcome(town, device, line(qr_of(other, holder), "line-0002")) == ""
    assert bring(town, device, first)[0].outcome == ACCEPTED


def test_a_failure_of_our_own_is_no_dispute_and_the_repeat_goes_on(
    town, device, issued, holder, monkeypatch
):
    one = line(qr_of(issued, holder))

    def unavailable(*_args, **_more):
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(bringing_in, "voucher_shown", unavailable)
        with pytest.raises(Unavailable):
            bring(town, device, one)
    assert OfflineHandOver.objects.count() == 0
    assert outcome(town, device, one) == ""


def test_what_was_looked_at_online_is_not_handed_over_offline(town, device, issued, holder):
    at, shown = now(), qr_of(issued, holder)
    look_at_voucher(shown, point_id=town.point.id, by=town.clerk, point_key=device.secret)
    with in_hours(72):
        assert outcome(town, device, line(shown, at=at)) == "WasOnline"
        code = line(bare_code(issued), "line-0002", phone_last4=LAST4)
        assert outcome(town, device, code) == "WasOnline"
        # Of a later visit nobody can say that the point was online.
        assert outcome(town, device, line(qr_of(issued, holder), "line-0003")) == ""


def test_the_scan_whose_answer_was_lost_is_the_same_hand_over(town, device, issued, holder):
    at, shown = now(), qr_of(issued, holder)
    scan(town, shown, "scan-0001", point_key=device.secret)
    with in_hours(1):
        assert outcome(town, device, line(shown, "scan-0001", at=at)) == ""
    assert balance_of(merchant(town.point.id)) == 100
    stranger = staff(Role.CLERK, town.point)
    (other,) = bring(town, device, line(shown, "scan-0002", at=at), by=stranger)
    assert other.reason["code"] == "AlreadyHandedOver"


def test_a_revoked_key_brings_in_qrs_for_a_day_and_no_bare_code(
    town, device, offer, issued, holder
):
    other = ordered(town, offer(price=100), holder)
    at, shown, late = now(), qr_of(issued, holder), qr_of(other, holder)
    officer_id = officer_above(town)
    revoke_point_key(device.key.id, reason="丢失", by=town.officer)
    code = line(bare_code(issued), "line-0001", at=at, phone_last4=LAST4)
    assert outcome(town, device, code) == "BroughtByRevokedKey"
    with in_hours(23):
        assert outcome(town, device, line(shown, "line-0002", at=at)) == ""
    with in_hours(25):
        assert outcome(town, device, line(late, "line-0003", at=at)) == "BroughtByRevokedKey"
    assert Notice.objects.get(person_id=officer_id).name == "revoked_point_key_shown"


def test_a_clerk_of_the_point_is_handed_over_to_by_no_queue(town, device, offer):
    clerk = a_holder(100)
    person = Person.objects.get(id=clerk.person_id)
    held = Membership(role=Role.CLERK, unit_id=town.point.id, since=now())
    person.update(push__memberships=held)
    own = ordered(town, offer(price=100), clerk)
    assert outcome(town, device, line(qr_of(own, clerk))) == "StaffVoucher"


def test_used_up_digits_dispute_their_own_line_alone(town, device, offer, issued, holder):
    other = ordered(town, offer(price=100), holder)
    for number in range(10):
        clerk = staff(Role.CLERK, town.point)
        wrong = {"phone_last4": f"{number:04d}", "by": clerk, "point_key": device.secret}
        with pytest.raises(SecondCheckFailed):
            scan(town, bare_code(issued), **wrong)
    code = line(bare_code(issued), "line-0001", phone_last4=LAST4)
    one, two = bring(town, device, code, line(qr_of(other, holder), "line-0002"))
    assert (one.reason["code"], two.outcome) == ("TooManyDigitTries", ACCEPTED)


def test_a_queue_is_no_way_round_a_pause(town, device, issued, holder):
    for number in range(11):
        with pytest.raises((UnknownCode, TooManyGuesses)):
            scan(town, code_from(bytes([number] * 10)), point_key=device.secret)
    with pytest.raises(TooManyGuesses):
        bring(town, device, line(qr_of(issued, holder)))
    assert OfflineHandOver.objects.count() == 0


@pytest.mark.parametrize("backwards", [False, True])
def test_a_queue_is_no_way_round_a_persons_pace(
    town, device, offer, holder, monkeypatch, backwards
):
    monkeypatch.setattr(pacing, "_items", lambda _limits: tuple(parse_many("2 per hour")))
    reward_id = offer(price=100)
    vouchers = [ordered(town, reward_id, holder) for _ in range(3)]
    start = now()
    lines = []
    for number, one in enumerate(vouchers):
        at = start + timedelta(minutes=number)
        with pretending(at):
            lines.append(line(qr_of(one, holder), f"line-{number:04d}", at=at))
    with in_hours(2):
        resolved = bring(town, device, *(lines[::-1] if backwards else lines))
    assert [one.outcome for one in resolved] == [ACCEPTED, ACCEPTED, DISPUTED]
    assert resolved[2].reason["code"] == "TooManyHandOvers"


def test_a_queue_needs_the_points_key_and_its_clerk(town, device, issued, holder):
    one = line(qr_of(issued, holder))
    for secret, why in (("", PointKeyNeeded), ("x.y", PointKeyUnknown)):
        with pytest.raises(why):
            bring(town, device, one, point_key=secret)
    for by in (holder, town.far_clerk, town.officer):
        with pytest.raises(NotAllowed):
            bring(town, device, one, by=by)


def test_what_was_brought_in_is_listed_page_by_page(town, device, issued, holder):
    bring(town, device, *(line("ABC", f"line-{number:04d}") for number in range(5)))
    first = hand_overs_at(town.point.id, by=town.clerk, limit=3)
    rest = hand_overs_at(town.point.id, by=town.officer, limit=3, cursor=first.next_cursor)
    keys = [one.key for one in first.items + rest.items]
    assert keys == [f"line-{number:04d}" for number in (4, 3, 2, 1, 0)]
    assert rest.next_cursor is None
    with pytest.raises(NotAllowed):
        hand_overs_at(town.point.id, by=staff(Role.CLERK, town.far_point))
