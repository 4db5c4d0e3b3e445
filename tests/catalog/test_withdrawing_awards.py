"""An award that came to nothing: its matter is free again, its fen are there to be spent."""

from datetime import UTC, datetime, timedelta

import pytest
from award_world import FUND, available, give, held_fen, left, second_officer
from catalog_town import add_person, staff
from inboxes import names_in_inbox

from catalog import (
    AwardState,
    Voucher,
    VoucherState,
    approve_award,
    award_of,
    cancel_voucher,
    giving_back,
    live_qr,
    recall_reward,
    scan_voucher,
    withdraw_award,
)
from catalog.deciding_awards import AwardNotFound, AwardNotGiven
from catalog.giving_back import VoucherAlreadyRedeemed, VoucherNotFound
from people import Actor, Role
from rates import fund_left, grant_fund
from shared.clock import now, pretending
from tests.racing import at_once

ROUNDS = 5


def lapse(award, town):
    with pretending(now() + timedelta(days=31)):
        assert giving_back.expire_voucher(award.voucher_id)


def cancel(award, town):
    cancel_voucher(award.voucher_id, by=Actor(award.person_id, "s"))


def withdraw(award, town):
    withdraw_award(award.id, by=town.officer)


@pytest.mark.parametrize("end", [lapse, cancel, withdraw])
def test_a_matter_whose_award_came_to_nothing_can_be_rewarded_anew(town, fund, cup, end):
    award = give(town, cup, add_person())
    end(award, town)
    ended = award_of(award.id, by=town.officer)
    assert (ended.state, ended.open_matter) == (AwardState.ENDED, None)
    of_ended = Voucher.objects.get(id=award.voucher_id)
    assert (of_ended.matter, of_ended.matter_was) == (None, award.matter)
    again = give(town, cup, add_person(), key="award-0002")
    assert (again.state, left(), available(cup)) == (AwardState.APPROVED, 97_000, 9)
    # The first wish, sent again, is answered as it stands, and gives nothing.
    assert give(town, cup, Actor(award.person_id, "s")).state == AwardState.ENDED


def test_after_a_recall_the_matter_is_free_for_another_reward(town, fund, cup, offer):
    helper = add_person()
    award = give(town, cup, helper)
    assert recall_reward(cup, by=town.officer) == 1
    assert names_in_inbox(helper) == ["award_recalled", "reward_awarded"]
    other = give(town, offer(price=0, cost_fen=500), helper, key="award-0002")
    assert (other.matter, left()) == (award.matter, 99_500)


def test_what_was_given_in_error_is_withdrawn_once_and_the_person_is_told(town, fund, cup):
    helper = add_person()
    award = give(town, cup, helper)
    for officer in (town.officer, town.officer, second_officer(town)):
        assert withdraw_award(award.id, by=officer).state == AwardState.ENDED
    assert (left(), available(cup), held_fen(award)) == (100_000, 10, 0)
    assert names_in_inbox(helper) == ["award_taken_back", "reward_awarded"]
    ended = Voucher.objects.get()
    assert (ended.state, ended.ended_by) == (VoucherState.CANCELLED, town.officer.person_id)


def test_what_was_handed_over_is_not_withdrawn(town, fund, cup):
    helper = add_person()
    award = give(town, cup, helper)
    qr = live_qr(award.voucher_id, by=helper).text
    scan_voucher(qr, point_id=town.point.id, key="scan-0001", by=town.clerk)
    with pytest.raises(VoucherAlreadyRedeemed):
        withdraw_award(award.id, by=town.officer)
    assert award_of(award.id, by=town.officer).state == AwardState.APPROVED


def test_only_officers_of_the_unit_withdraw_and_only_what_was_given(town, fund, cup, kettle):
    award = give(town, cup, add_person())
    for stranger in (staff(Role.CENTRE_OFFICER, town.other_district), town.clerk):
        with pytest.raises(AwardNotFound):
            withdraw_award(award.id, by=stranger)
    waiting = give(town, kettle, add_person(), matter="2026-002", key="award-0002")
    with pytest.raises(AwardNotGiven):
        withdraw_award(waiting.id, by=town.officer)
    assert left() == 97_000


def test_an_approval_sent_again_after_the_end_is_the_same_approval(town, fund, kettle):
    second = second_officer(town)
    award = approve_award(give(town, kettle, add_person()).id, by=second)
    assert names_in_inbox(second) == ["award_waiting"]
    withdraw_award(award.id, by=town.officer)
    assert approve_award(award.id, by=second).state == AwardState.ENDED


def test_who_asked_hears_of_the_approval(town, fund, kettle):
    town.officer = second_officer(town)
    award = give(town, kettle, add_person())
    approve_award(award.id, by=second_officer(town))
    assert names_in_inbox(town.officer) == ["award_approved"]


def test_withdrawal_against_hand_over_exactly_one_wins(town, fund, cup):
    for number in range(ROUNDS):
        helper = add_person()
        award = give(town, cup, helper, matter=f"m-{number}", key=f"key-{number:05}")
        qr = live_qr(award.voucher_id, by=helper).text
        scan = {"point_id": town.point.id, "key": f"scan-{number:04}", "by": town.clerk}
        acts = [
            lambda a=award: withdraw_award(a.id, by=town.officer),
            lambda q=qr, s=scan: scan_voucher(q, **s),
        ]
        answers = at_once(2, lambda which, a=acts: a[which]())
        assert sum(isinstance(one, Exception) for one in answers) == 1
        is_ended = award_of(award.id, by=town.officer).state == AwardState.ENDED
        assert is_ended == isinstance(answers[1], Exception)


def test_what_comes_back_in_another_year_is_there_to_be_spent_in_that_year(town, fund, cup):
    december = datetime(2026, 12, 20, 4, tzinfo=UTC)
    keeper = staff(Role.RATE_ADMIN, town.district)
    with pretending(december):
        grant_fund(FUND, 2026, 5_000, "会议纪要 2 号", "grant-2026", by=keeper)
        before = fund_left(FUND, 2026)
        award = give(town, cup, add_person())
    with pretending(december + timedelta(days=40)):
        assert giving_back.expire_voucher(award.voucher_id)
        again = give(town, cup, add_person(), key="award-0002")
    assert again.account.endswith(":2027")
    assert (fund_left(FUND, 2026), fund_left(FUND, 2027)) == (before - 3_000, 0)


def test_an_award_is_no_voucher_of_the_officer_who_gave_it(town, fund, cup):
    award = give(town, cup, add_person())
    for shows in (live_qr, cancel_voucher):
        with pytest.raises(VoucherNotFound):
            shows(award.voucher_id, by=town.officer)
