"""Rewards in kind: paid by a fund, one for each matter, above a bound by two officers."""

from datetime import timedelta

import pytest
from award_world import FUND, available, give, held_fen, left, second_officer
from catalog_town import add_person, add_unit, staff
from inboxes import names_in_inbox

from catalog import (
    AwardState,
    MatterKind,
    OutOfStock,
    Voucher,
    approve_award,
    award_in_kind,
    award_of,
    awards_of_unit,
    cancel_voucher,
    dismiss_award,
    gift_voucher,
    giving_back,
    live_qr,
    scan_voucher,
    substitute_voucher,
    telling,
    telling_awards,
    withdraw_reward,
)
from catalog.award import Award
from catalog.awarding import (
    AwardKeyUsed,
    AwardToOneself,
    FundExhausted,
    MatterInvalid,
    MatterRewarded,
    NotAwardable,
    PersonNotKnown,
)
from catalog.deciding_awards import AwardDecided, AwardNotFound, SameAwardOfficer
from catalog.gifting import NotGiftable
from catalog.ordering import NotAtThisPoint, NotOffered
from catalog.substituting import NotSubstitutable
from ledger import Currency, balance_of, payable
from people import Actor, PersonNotFound, Role, UnitKind, card_of
from rates import budget_year_of, grant_fund, open_fund
from shared.clock import now, pretending
from shared.errors import NotAllowed
from shared.ids import new_id, random_id
from tests.racing import at_once

ROUNDS = 5


def test_an_award_is_a_voucher_without_coins_paid_by_the_fund(town, fund, cup):
    helper = add_person()
    award = give(town, cup, helper)
    assert (award.state, award.cost_fen) == (AwardState.APPROVED, 3_000)
    given = Voucher.objects.get(id=award.voucher_id)
    assert (given.person_id, given.price, given.cost_fen) == (helper.person_id, 0, 3_000)
    assert (given.matter, given.ordered_by) == ("register:2026-001", town.officer.person_id)
    assert (left(), held_fen(award), available(cup)) == (97_000, 3_000, 9)
    assert names_in_inbox(helper) == ["reward_awarded"]


def test_at_the_hand_over_its_cost_is_owed_to_the_point(town, fund, cup):
    helper = add_person()
    award = give(town, cup, helper)
    qr = live_qr(award.voucher_id, by=helper).text
    scan_voucher(qr, point_id=town.point.id, key="scan-0001", by=town.clerk)
    assert held_fen(award) == 0
    assert balance_of(payable(town.point.id), Currency.CNY) == 3_000


def test_cancelled_or_expired_its_money_is_the_funds_again(town, fund, cup):
    helper, other = add_person(), add_person()
    first = give(town, cup, helper)
    second = give(town, cup, other, matter="2026-002", key="award-0002")
    cancel_voucher(first.voucher_id, by=helper)
    with pretending(now() + timedelta(days=31)):
        giving_back.expire_voucher(second.voucher_id)
    assert (left(), available(cup)) == (100_000, 10)
    assert held_fen(first) == held_fen(second) == 0


def test_the_same_key_answers_the_same_award(town, fund, cup):
    helper = add_person()
    first, again = give(town, cup, helper), give(town, cup, helper)
    assert first.id == again.id
    assert (left(), Voucher.objects.count()) == (97_000, 1)
    with pytest.raises(AwardKeyUsed):
        give(town, cup, add_person())
    with pytest.raises(AwardKeyUsed):
        give(town, cup, helper, matter="2026-002")


def test_one_matter_is_rewarded_once_whoever_asks(town, fund, cup):
    give(town, cup, add_person())
    with pytest.raises(MatterRewarded):
        give(town, cup, add_person(), key="award-0002")
    with pytest.raises(MatterRewarded):
        give(town, cup, add_person(), by=second_officer(town))
    # A case of the same number is another matter.
    assert give(town, cup, add_person(), key="award-0003", matter_kind=MatterKind.CASE).voucher_id


def test_an_award_is_neither_given_on_nor_exchanged(town, fund, cup, offer):
    helper, neighbour = add_person(), add_person()
    award = give(town, cup, helper)
    card = card_of(neighbour.person_id, by=neighbour).text
    with pytest.raises(NotGiftable):
        gift_voucher(award.voucher_id, card, key="gift-0001", by=helper)
    with pytest.raises(NotSubstitutable):
        substitute_voucher(
            award.voucher_id, offer(price=5), town.point.id, key="swap-0001", by=helper
        )


def test_officers_beyond_reach_clerks_and_residents_award_nothing(town, fund, cup):
    helper = add_person()
    outsiders = [staff(Role.CENTRE_OFFICER, town.other_district), town.clerk, add_person()]
    for outsider in outsiders:
        with pytest.raises(NotAllowed):
            give(town, cup, helper, by=outsider)
    assert (left(), Award.objects.count()) == (100_000, 0)


def test_an_officer_below_the_funds_unit_may_not_spend_it(town, offer, cup):
    keeper = staff(Role.RATE_ADMIN, town.city)
    open_fund(FUND, town.city.id, "市级经费", by=keeper)
    grant_fund(FUND, budget_year_of(now()), 100_000, "文件", "grant-0001", by=keeper)
    with pytest.raises(NotAllowed):
        give(town, cup, add_person())


def test_nobody_awards_to_themselves_or_to_somebody_unknown(town, fund, cup):
    with pytest.raises(AwardToOneself):
        give(town, cup, town.officer)
    with pytest.raises(PersonNotKnown):
        give(town, cup, add_person(real_name=False))
    with pytest.raises(PersonNotFound):
        give(town, cup, Actor(random_id()))


@pytest.mark.parametrize("matter", ["", " ", "-1", "a b", "事项", "x" * 65, "a\n", "$ne"])
def test_a_matter_is_named_by_an_id(town, fund, cup, matter):
    with pytest.raises(MatterInvalid):
        give(town, cup, add_person(), matter=matter)


def test_what_has_no_cost_or_is_not_offered_here_is_not_awarded(town, fund, offer, cup):
    helper = add_person()
    with pytest.raises(NotAwardable):
        give(town, offer(price=100), helper)
    with pytest.raises(NotAtThisPoint):
        award_in_kind(
            cup,
            helper.person_id,
            town.far_point.id,
            fund=FUND,
            matter_kind=MatterKind.CASE,
            matter_id="1",
            key="award-0001",
            by=town.officer,
        )
    withdraw_reward(cup, by=town.officer)
    with pytest.raises(NotOffered):
        give(town, cup, helper)


def test_nothing_is_promised_beyond_the_stock_or_the_fund(town, fund, offer):
    last = offer(price=0, cost_fen=15_000, supplied=1)
    give(town, last, add_person())
    with pytest.raises(OutOfStock):
        give(town, last, add_person(), matter="2026-002", key="award-0002")
    dear = offer(price=0, cost_fen=17_000, title="礼盒")
    for number in range(5):
        person = add_person()
        give(town, dear, person, matter=f"d-{number}", key=f"dear-{number:04}")
    with pytest.raises(FundExhausted):
        give(town, dear, add_person(), matter="d-5", key="dear-0005")
    assert left() == 0
    assert Award.objects.count() == Voucher.objects.count()


def test_above_200_yuan_nothing_happens_until_a_second_officer_approves(town, fund, kettle):
    helper, second = add_person(), second_officer(town)
    award = give(town, kettle, helper)
    assert (award.state, award.voucher_id) == (AwardState.REQUESTED, None)
    assert (left(), available(kettle), names_in_inbox(helper)) == (100_000, 10, [])
    assert names_in_inbox(second) == ["award_waiting"]
    for _ in range(2):
        approved = approve_award(award.id, by=second)
    assert (approved.state, approved.decided_by) == (AwardState.APPROVED, second.person_id)
    assert (left(), held_fen(approved), available(kettle)) == (79_999, 20_001, 9)
    assert names_in_inbox(helper) == ["reward_awarded"]


def test_exactly_200_yuan_is_one_officers_to_give(town, fund, offer):
    lamp = offer(price=0, cost_fen=20_000)
    assert give(town, lamp, add_person()).state == AwardState.APPROVED


def test_neither_who_asked_nor_who_would_get_it_approves(town, fund, kettle):
    second = second_officer(town)
    award = give(town, kettle, second)
    with pytest.raises(SameAwardOfficer):
        approve_award(award.id, by=town.officer)
    with pytest.raises(AwardToOneself):
        approve_award(award.id, by=second)
    with pytest.raises(AwardNotFound):
        approve_award(award.id, by=staff(Role.CENTRE_OFFICER, town.other_district))
    with pytest.raises(AwardNotFound):
        approve_award(new_id(), by=second)
    assert Award.objects.get().state == AwardState.REQUESTED


def test_dismissed_the_asker_is_told_and_the_matter_is_free_again(town, kettle, fund):
    town.officer = second_officer(town)
    second, helper = second_officer(town), add_person()
    award = give(town, kettle, helper)
    with pytest.raises(MatterRewarded):
        give(town, kettle, helper, key="award-0002")
    for _ in range(2):
        assert dismiss_award(award.id, by=second).state == AwardState.DISMISSED
    assert "award_dismissed" in names_in_inbox(town.officer)
    with pytest.raises(AwardDecided):
        approve_award(award.id, by=second_officer(town))
    # The wish itself is answered as it stands; a new one may be asked for.
    assert give(town, kettle, helper).state == AwardState.DISMISSED
    assert give(town, kettle, helper, key="award-0003").state == AwardState.REQUESTED
    assert left() == 100_000


def test_who_asked_may_take_it_back_and_nobody_decides_twice(town, kettle, fund):
    award = give(town, kettle, add_person())
    dismiss_award(award.id, by=town.officer)
    with pytest.raises(AwardDecided):
        dismiss_award(award.id, by=second_officer(town))
    other = give(town, kettle, add_person(), key="award-0002")
    approve_award(other.id, by=second_officer(town))
    with pytest.raises(AwardDecided):
        dismiss_award(other.id, by=town.officer)


def test_at_the_approval_stock_and_fund_are_looked_at_anew(town, fund, offer):
    dear = offer(price=0, cost_fen=90_000, supplied=2)
    awards = [
        give(town, dear, add_person(), matter=f"m-{number}", key=f"award-{number:04}")
        for number in range(2)
    ]
    second = second_officer(town)
    approve_award(awards[0].id, by=second)
    with pytest.raises(FundExhausted):
        approve_award(awards[1].id, by=second)
    assert award_of(awards[1].id, by=second).state == AwardState.REQUESTED
    withdraw_reward(dear, by=town.officer)
    with pytest.raises(NotOffered):
        approve_award(awards[1].id, by=second)


def test_officers_see_the_awards_of_their_unit_and_below(town, fund, cup, kettle):
    give(town, cup, add_person())
    waiting = give(town, kettle, add_person(), matter="2026-002", key="award-0002")
    mayor = staff(Role.CENTRE_OFFICER, town.city)
    page = awards_of_unit(town.city.id, by=mayor, limit=1)
    assert [one.id for one in page.awards] == [waiting.id]
    rest = awards_of_unit(town.city.id, by=mayor, cursor=page.next_cursor)
    assert (len(rest.awards), rest.next_cursor) == (1, None)
    only = awards_of_unit(town.district.id, by=town.officer, state=AwardState.REQUESTED)
    assert [one.id for one in only.awards] == [waiting.id]
    with pytest.raises(NotAllowed):
        awards_of_unit(town.city.id, by=town.officer)
    with pytest.raises(AwardNotFound):
        award_of(waiting.id, by=town.clerk)
    school = add_unit("学校", UnitKind.SCHOOL, town.district)
    assert awards_of_unit(school.id, by=town.officer).awards == []


def test_what_a_dead_process_left_untold_is_told_by_the_sweep(town, fund, cup, kettle, monkeypatch):
    helper, second = add_person(), second_officer(town)
    monkeypatch.setattr("catalog.awarding.try_to_tell", lambda voucher_id: None)
    monkeypatch.setattr("catalog.awarding.try_to_tell_award", lambda award_id: None)
    give(town, cup, helper)
    give(town, kettle, helper, matter="2026-002", key="award-0002")
    assert names_in_inbox(helper) == names_in_inbox(second) == []
    assert (telling.tell_moves(), telling_awards.tell_awards()) == (1, 1)
    assert (telling.tell_moves(), telling_awards.tell_awards()) == (0, 0)
    assert names_in_inbox(helper) == ["reward_awarded"]
    assert names_in_inbox(second) == ["award_waiting"]


def test_two_officers_rewarding_one_matter_at_once_give_one_voucher(town, fund, cup):
    officers = [second_officer(town) for _ in range(4)]
    for number in range(ROUNDS):
        people = [add_person() for _ in officers]
        answers = at_once(
            4,
            lambda which, n=number, p=people: give(
                town, cup, p[which], matter=f"m-{n}", key=f"key-{n:05}", by=officers[which]
            ),
        )
        refused = [type(one) for one in answers if isinstance(one, Exception)]
        assert refused == [MatterRewarded] * 3
        assert left() == 100_000 - 3_000 * (number + 1)
    assert available(cup) == 10 - ROUNDS


def test_one_award_sent_six_times_at_once_is_one(town, fund, cup):
    for number in range(ROUNDS):
        helper = add_person()
        answers = at_once(
            6,
            lambda _, n=number, h=helper: give(town, cup, h, matter=f"m-{n}", key=f"key-{n:05}"),
        )
        assert len({one.id for one in answers}) == 1
    assert Voucher.objects.count() == ROUNDS


def test_approval_against_dismissal_exactly_one_wins(town, fund, kettle):
    acts = [approve_award, dismiss_award]
    for number in range(ROUNDS):
        award = give(town, kettle, add_person(), matter=f"m-{number}", key=f"key-{number:05}")
        deciders = [second_officer(town), second_officer(town)]
        answers = at_once(2, lambda which, a=award, d=deciders: acts[which](a.id, by=d[which]))
        assert [type(one) for one in answers if isinstance(one, Exception)] == [AwardDecided]
        stored = Award.objects.get(id=award.id)
        given = Voucher.objects(id=stored.voucher_id).count() if stored.voucher_id else 0
        assert given == (stored.state == AwardState.APPROVED)
        if given:
            cancel_voucher(stored.voucher_id, by=Actor(stored.person_id, "s"))
    assert left() == 100_000


def test_many_at_once_pass_the_border_of_one_officer_no_more_than_one_after_another(town, offer):
    """Of a reward and a fund each, so that they meet on no stock and no balance."""
    lamps = [offer(price=0, cost_fen=11_000) for _ in range(6)]
    keeper = staff(Role.RATE_ADMIN, town.district)
    for number in range(6):
        name, key = f"station{number}", f"grant-000{number}"
        open_fund(name, town.district.id, "站所奖励经费", by=keeper)
        grant_fund(name, budget_year_of(now()), 100_000, "会议纪要 1 号", key, by=keeper)
    for round_number in range(3):
        helper = add_person()

        def asked(number, to=helper, at=round_number):
            key = f"award-{at}-{number}"
            where = {"fund": f"station{number}", "matter": f"{at}-{number}"}
            return give(town, lamps[number], to, **where, key=key)

        states = [award.state for award in at_once(6, asked)]
        assert sorted(states) == [AwardState.APPROVED] + [AwardState.REQUESTED] * 5


def test_what_one_person_got_by_one_officer_alone_counts_together_for_a_month(town, fund, offer):
    lamp, helper = offer(price=0, cost_fen=15_000), add_person()

    def awarded(person, matter):
        return give(town, lamp, person, matter=matter, key=f"award-{matter}").state

    assert awarded(helper, "1") == AwardState.APPROVED
    assert awarded(helper, "2") == AwardState.REQUESTED
    assert awarded(add_person(), "3") == AwardState.APPROVED
    with pretending(now() + timedelta(days=31)):
        assert awarded(helper, "4") == AwardState.APPROVED
