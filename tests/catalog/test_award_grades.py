"""Rewards in kind by the rate card in force: grades, their bounds, the border of one officer."""

from datetime import timedelta

import pytest
from award_world import available, give, left, second_officer
from catalog_town import add_person, staff

from catalog import AwardState, approve_award, dismiss_award, withdraw_award
from catalog.award import Award
from catalog.awarding import AwardKeyUsed, MatterRewarded
from fixtures.factories import put_card
from people import Role
from rates import AwardOutOfBounds, GradeMissing, UnknownGrade
from shared.clock import now, pretending
from tests.racing import at_once

DAY = timedelta(days=1)
LINES = [{"kind": "patrol", "base": 0, "per_hour": 50, "minimum": 10}]


def graded(grade, least, most, **more):
    name = {"en": grade, "zh": f"等级{grade}"}
    return {"grade": grade, "name": name, "least_fen": least, "most_fen": most, **more}


GRADES = [
    graded("larger", 5_000, 20_000),
    graded("major", 20_001, 100_000),
    graded("coins_only", None, None, least_coins=100, most_coins=10_000),
]


@pytest.fixture
def card(town):
    """Puts a card of a unit (the district) in force from a moment (long ago) on."""
    keeper = staff(Role.RATE_ADMIN, town.city)

    def put(*grades, unit=None, since=None, **more):
        since = since or now() - 30 * DAY
        whose = unit or town.district
        terms = {"award_grades": list(grades), "fen_per_10000_coins": 20_000, **more}
        return put_card(whose.id, since, LINES, by=keeper, **terms)

    return put


class TestGrades:
    def test_an_award_names_its_grade_and_lies_within_its_bounds(self, town, fund, card, offer):
        card(*GRADES, by_hand_above_fen=20_000)
        lamp = offer(price=0, cost_fen=20_000)
        award = give(town, lamp, add_person(), grade="larger")
        assert (award.state, award.grade) == (AwardState.APPROVED, "larger")
        assert not award.needs_second
        assert give(
            town, lamp, add_person(), grade="larger", matter="2", key="award-0002"
        ).voucher_id

    def test_without_one_or_with_another_it_is_refused(self, town, fund, card, cup):
        card(*GRADES)
        with pytest.raises(GradeMissing) as missing:
            give(town, cup, add_person())
        assert "coins_only, larger, major" in missing.value.say("en")
        with pytest.raises(UnknownGrade):
            give(town, cup, add_person(), grade="huge")
        assert (Award.objects.count(), left()) == (0, 100_000)

    @pytest.mark.parametrize(
        ("fen", "grade", "says"),
        [
            (4_999, "larger", ("50 to 200 yuan; this is 49.99", "50 至 200 元，本次为 49.99 元")),
            (20_001, "larger", ("this is 200.01 yuan", "本次为 200.01 元")),
            (20_000, "major", ("200.01 to 1,000 yuan", "200.01 至 1,000 元")),
            (20_000, "coins_only", ("coins only, not with 200 yuan", "不发放 200 元")),
        ],
    )
    def test_outside_of_its_bounds_it_is_refused_with_the_figures(
        self, town, fund, card, offer, fen, grade, says
    ):
        card(*GRADES)
        goods = offer(price=0, cost_fen=fen)
        with pytest.raises(AwardOutOfBounds) as refused:
            give(town, goods, add_person(), grade=grade)
        assert says[0] in refused.value.say("en")
        assert says[1] in refused.value.say("zh-CN")
        assert (Award.objects.count(), available(goods)) == (0, 10)

    def test_where_the_card_has_none_a_named_one_is_unknown(self, town, fund, card, cup):
        card()
        with pytest.raises(UnknownGrade):
            give(town, cup, add_person(), grade="larger")
        assert give(town, cup, add_person()).grade is None

    def test_without_any_card_awards_go_on_as_before(self, town, fund, cup):
        assert give(town, cup, add_person()).state == AwardState.APPROVED
        with pytest.raises(UnknownGrade):
            give(town, cup, add_person(), grade="larger", matter="2", key="award-0002")

    def test_a_grade_of_the_city_counts_in_the_district(self, town, fund, card, cup):
        card(graded("larger", 1_000, 5_000), unit=town.city)
        card(graded("major", 5_001, 9_000))
        assert give(town, cup, add_person(), grade="larger").voucher_id
        with pytest.raises(AwardOutOfBounds):
            give(town, cup, add_person(), grade="major", matter="2", key="award-0002")

    def test_the_grade_belongs_to_the_wish_of_its_key(self, town, fund, card, cup):
        card(graded("larger", 1_000, 5_000), graded("major", 1_000, 9_000))
        helper = add_person()
        first = give(town, cup, helper, grade="larger")
        assert give(town, cup, helper, grade="larger").id == first.id
        with pytest.raises(AwardKeyUsed):
            give(town, cup, helper, grade="major")


class TestTheBorder:
    def test_the_cards_border_counts_in_place_of_the_usual_one(self, town, fund, card, offer):
        card(by_hand_above_fen=5_000)
        at_it, above = offer(price=0, cost_fen=5_000), offer(price=0, cost_fen=5_001)
        alone = give(town, at_it, add_person())
        assert (alone.state, alone.needs_second) == (AwardState.APPROVED, False)
        asked = give(town, above, add_person(), matter="2", key="award-0002")
        assert (asked.state, asked.needs_second) == (AwardState.REQUESTED, True)
        approved = approve_award(asked.id, by=second_officer(town))
        assert (approved.state, approved.needs_second) == (AwardState.APPROVED, True)

    def test_a_wider_border_lets_one_officer_give_more(self, town, fund, card, kettle):
        card(by_hand_above_fen=30_000)
        assert give(town, kettle, add_person()).state == AwardState.APPROVED

    def test_a_border_of_nothing_asks_a_second_officer_each_time(self, town, fund, card, cup):
        card(by_hand_above_fen=0)
        assert give(town, cup, add_person()).state == AwardState.REQUESTED

    def test_where_no_card_says_one_it_is_200_yuan(self, town, fund, card, kettle, offer):
        card()
        assert give(town, offer(price=0, cost_fen=20_000), add_person()).needs_second is False
        asked = give(town, kettle, add_person(), matter="2", key="award-0002")
        assert (asked.state, asked.needs_second) == (AwardState.REQUESTED, True)


class TestApproving:
    def test_looks_at_the_card_of_then(self, town, fund, card, kettle):
        card(*GRADES, by_hand_above_fen=20_000)
        asked = give(town, kettle, add_person(), grade="major")
        assert asked.needs_second
        card(graded("major", 50_000, 100_000), since=now() + DAY)
        second = second_officer(town)
        with pretending(now() + 2 * DAY):
            with pytest.raises(AwardOutOfBounds):
                approve_award(asked.id, by=second)
            assert Award.objects.get(id=asked.id).state == AwardState.REQUESTED
            assert (left(), available(kettle)) == (100_000, 10)
            dismiss_award(asked.id, by=second)

    def test_of_a_grade_that_is_gone_is_refused(self, town, fund, card, kettle):
        card(*GRADES)
        asked = give(town, kettle, add_person(), grade="major")
        card(graded("larger", 1_000, 50_000), inherits=False, since=now() + DAY)
        with pretending(now() + 2 * DAY), pytest.raises(UnknownGrade):
            approve_award(asked.id, by=second_officer(town))


class TestOneMatterOneReward:
    def test_whatever_its_grade(self, town, fund, card, cup):
        card(graded("larger", 1_000, 5_000), graded("major", 1_000, 9_000))
        first = give(town, cup, add_person(), grade="larger")
        with pytest.raises(MatterRewarded):
            give(town, cup, add_person(), grade="major", key="award-0002")
        withdraw_award(first.id, by=town.officer)
        assert give(town, cup, add_person(), grade="major", key="award-0003").voucher_id

    def test_by_many_at_once(self, town, fund, card, cup):
        card(graded("larger", 1_000, 5_000))
        people = [add_person() for _ in range(4)]
        made = at_once(4, lambda n: give(town, cup, people[n], grade="larger", key=f"award-000{n}"))
        assert sum(isinstance(one, Award) for one in made) == 1
        assert all(isinstance(one, Award | MatterRewarded) for one in made)
