"""Coins from one unit's budget to another's: asked for by the one, approved by a second person."""

import pytest

from ledger import entry_of, prove
from people import ChangeRecord, UnitNotFound, WhyMissing
from rates import (
    BadFund,
    BadTransfer,
    Budget,
    BudgetKeyReused,
    BudgetShort,
    BudgetTransfer,
    FundNotForUnit,
    FundNotFound,
    OwnTransfer,
    TransferDecided,
    TransferNotFound,
    TransferState,
    approve_transfer,
    ask_transfer,
    budget_left,
    budget_standing,
    grant_budget,
    open_fund,
    put_budget_rule,
    refuse_transfer,
    transfer_of,
    transfers_page,
)
from shared.cursors import BadCursor
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once
from tests.rates.drawing import draw

YEAR = 2026
WHY = "东街任务较少"


@pytest.fixture
def here(town, staff_at):
    """The district has 1,000 coins; the city has somebody above it and its neighbour."""
    grant_budget(town.district.id, YEAR, 1_000, "示例", new_id(), by=town.rate_admin)
    town.above = staff_at("rate_admin", town.city)
    town.city_admin = staff_at("admin", town.city)
    return town


@pytest.fixture
def ask(here):
    def ask(coins=300, key=None, source=None, target=None, by=None, why=WHY, fund="general"):
        units = (source or here.district, target or here.other)
        return ask_transfer(
            *(unit.id for unit in units),
            YEAR,
            coins,
            fund,
            why=why,
            key=key or new_id(),
            by=by or here.rate_admin,
        )

    return ask


def left(unit, fund="general"):
    return budget_left(unit.id, YEAR, fund)


class TestAsking:
    def test_moves_nothing_yet_and_is_logged_with_both_units(self, here, ask):
        asked = ask(300)
        assert (asked.state, left(here.district), left(here.other)) == ("requested", 1_000, 0)
        records = ChangeRecord.objects(about_id=asked.id)
        assert {record.unit_id for record in records} == {here.district.id, here.other.id}
        assert {record.verb for record in records} == {"ask_budget_transfer"}
        assert records.first().after["coins"] == 300

    def test_again_under_the_key_is_the_same_transfer(self, ask):
        assert ask(key="k").id == ask(key="k").id
        with pytest.raises(BudgetKeyReused):
            ask(coins=1, key="k")
        records = ChangeRecord.objects(subject="budget_transfer")
        assert (BudgetTransfer.objects.count(), records.count()) == (1, 2)

    def test_sent_by_eight_at_once_is_one(self, ask):
        assert len({one.id for one in at_once(8, lambda _: ask(key="k"))}) == 1

    def test_is_for_a_rate_admin_of_the_giving_unit(self, here, ask):
        for stranger in (here.other_rate_admin, here.officer, here.resident, here.city_admin):
            with pytest.raises(NotAllowed):
                ask(by=stranger)

    def test_to_itself_or_of_nothing_is_refused(self, here, ask):
        for given, field in (
            ({"target": here.district}, "to_unit_id"),
            ({"coins": 0}, "coins"),
            ({"coins": True}, "coins"),
            ({"key": "x" * 201}, "key"),
        ):
            with pytest.raises(BadTransfer) as refused:
                ask(**given)
            assert refused.value.field == field

    def test_needs_a_reason_a_fund_and_units(self, here, ask):
        with pytest.raises(WhyMissing):
            ask(why="")
        with pytest.raises(BadFund):
            ask(fund="no fund")
        with pytest.raises(UnitNotFound):
            ask_transfer(here.district.id, new_id(), YEAR, 1, why=WHY, key="k", by=here.rate_admin)
        assert BudgetTransfer.objects.count() == 0

    def test_of_a_named_fund_is_refused_where_the_fund_does_not_reach_both(self, here, ask):
        with pytest.raises(FundNotFound):
            ask(fund="eldercare")
        open_fund("safety", here.district.id, "平安建设", by=here.rate_admin)
        with pytest.raises(FundNotForUnit) as refused:
            ask(fund="safety")
        assert refused.value.facts["unit_name"] == here.other.name
        assert ask(fund="safety", target=here.street).fund == "safety"


class TestApproving:
    def test_moves_the_coins_and_says_who_and_why(self, here, ask):
        made = approve_transfer(ask(300).id, why="同意", by=here.above)
        assert (made.state, made.decided_why) == (TransferState.APPROVED, "同意")
        assert made.decided_by == here.above.person_id
        assert (left(here.district), left(here.other)) == (700, 300)
        entry = entry_of(made.entry_id)
        assert (entry.kind, entry.about["id"]) == ("rebalancing", made.id)
        record = ChangeRecord.objects(about_id=made.id, verb="approve_budget_transfer").first()
        assert (record.before, record.after) == ({"state": "requested"}, {"state": "approved"})

    def test_stays_in_its_fund(self, here, ask):
        open_fund("elder-care", here.city.id, "养老", by=here.above)
        grant_budget(
            here.district.id, YEAR, 50, "示例", new_id(), fund="elder-care", by=here.rate_admin
        )
        approve_transfer(ask(50, fund="elder-care").id, why="同意", by=here.above)
        assert (left(here.other, "elder-care"), left(here.other)) == (50, 0)

    def test_again_answers_the_same_and_moves_no_coin_more(self, here, ask):
        asked = ask(300)
        first = approve_transfer(asked.id, why="同意", by=here.above)
        again = approve_transfer(asked.id, why="同意", by=here.above)
        assert (again.entry_id, left(here.other)) == (first.entry_id, 300)

    def test_is_for_a_second_person_above_both(self, here, ask):
        by_above = ask(by=here.above)
        with pytest.raises(OwnTransfer):
            approve_transfer(by_above.id, why="同意", by=here.above)
        asked = ask()
        for stranger in (here.other_rate_admin, here.officer, here.resident):
            with pytest.raises(NotAllowed):
                approve_transfer(asked.id, why="同意", by=stranger)
        assert approve_transfer(asked.id, why="同意", by=here.city_admin).state == "approved"

    def test_within_one_unit_is_for_a_second_person_there(self, here, ask, staff_at):
        asked = ask(target=here.grid)
        colleague = staff_at("rate_admin", here.district)
        with pytest.raises(OwnTransfer):
            approve_transfer(asked.id, why="同意", by=here.rate_admin)
        assert approve_transfer(asked.id, why="同意", by=colleague).state == "approved"
        assert left(here.grid) == 300

    def test_of_more_than_there_is_is_refused_and_stays_asked_for(self, here, ask):
        asked = ask(1_001)
        with pytest.raises(BudgetShort):
            approve_transfer(asked.id, why="同意", by=here.above)
        assert BudgetTransfer.objects.get(id=asked.id).state == TransferState.REQUESTED
        grant_budget(here.district.id, YEAR, 1, "示例", new_id(), by=here.rate_admin)
        assert approve_transfer(asked.id, why="同意", by=here.above).state == "approved"

    def test_is_not_held_up_by_a_stop_threshold_of_the_giver(self, here, ask):
        put_budget_rule(
            here.district.id,
            YEAR,
            warn_percent=None,
            stop_percent=10,
            why=WHY,
            version=0,
            by=here.rate_admin,
        )
        draw(Budget(here.district.id, YEAR), 100)
        approve_transfer(ask(800).id, why="同意", by=here.above)
        assert (left(here.district), left(here.other)) == (100, 800)

    def test_needs_a_reason_and_a_transfer(self, here, ask):
        with pytest.raises(WhyMissing):
            approve_transfer(ask().id, why=" ", by=here.above)
        with pytest.raises(TransferNotFound):
            approve_transfer(new_id(), why="同意", by=here.above)

    def test_twice_at_once_moves_the_coins_once(self, here, ask):
        asked = ask(600)
        answers = at_once(8, lambda _: approve_transfer(asked.id, why="同意", by=here.above))
        assert {one.entry_id for one in answers} == {answers[0].entry_id}
        assert (left(here.district), left(here.other)) == (400, 600)
        assert ChangeRecord.objects(verb="approve_budget_transfer").count() == 2
        assert prove() == []

    def test_of_the_last_coins_twice_at_once_is_one_and_a_refusal(self, here, ask):
        asked = [ask(600, target=unit) for unit in (here.other, here.street)]
        answers = at_once(
            2, lambda number: approve_transfer(asked[number].id, why="同意", by=here.above)
        )
        assert sorted(type(one).__name__ for one in answers) == ["BudgetShort", "BudgetTransfer"]
        assert (left(here.district), left(here.other) + left(here.street)) == (400, 600)
        assert prove() == []


class TestRefusing:
    def test_moves_nothing_and_ends_it(self, here, ask):
        asked = ask()
        assert refuse_transfer(asked.id, why="不同意", by=here.above).state == "refused"
        assert refuse_transfer(asked.id, why="不同意", by=here.above).state == "refused"
        with pytest.raises(TransferDecided):
            approve_transfer(asked.id, why="同意", by=here.above)
        assert (left(here.district), left(here.other)) == (1_000, 0)

    def test_after_the_approval_is_too_late(self, here, ask):
        asked = ask()
        approve_transfer(asked.id, why="同意", by=here.above)
        with pytest.raises(TransferDecided):
            refuse_transfer(asked.id, why="不同意", by=here.above)

    def test_who_asked_may_take_it_back_and_strangers_may_not(self, here, ask):
        with pytest.raises(NotAllowed):
            refuse_transfer(ask().id, why="不同意", by=here.other_rate_admin)
        assert refuse_transfer(ask().id, why="撤回", by=here.rate_admin).state == "refused"

    def test_beside_an_approval_is_one_of_the_two(self, here, ask):
        asked = ask(600)

        def act(number):
            decide = refuse_transfer if number % 2 else approve_transfer
            return decide(asked.id, why="决定", by=here.above)

        answers = at_once(8, act)
        state = BudgetTransfer.objects.get(id=asked.id).state
        assert left(here.other) == (600 if state == TransferState.APPROVED else 0)
        lost = [one for one in answers if isinstance(one, Exception)]
        assert len(lost) == 4
        assert all(isinstance(one, TransferDecided) for one in lost)


class TestReading:
    def test_a_page_at_a_time_for_both_units(self, here, ask):
        made = [ask(number + 1) for number in range(3)]
        refuse_transfer(made[0].id, why="不同意", by=here.above)
        first = transfers_page(here.other.id, limit=2, by=here.other_rate_admin)
        assert [one.id for one in first.items] == [made[2].id, made[1].id]
        rest = transfers_page(here.other.id, cursor=first.next_cursor, by=here.other_rate_admin)
        assert ([one.id for one in rest.items], rest.next_cursor) == ([made[0].id], None)
        waiting = transfers_page(
            here.district.id, state=TransferState.REQUESTED, by=here.rate_admin
        )
        assert [one.id for one in waiting.items] == [made[2].id, made[1].id]
        with pytest.raises(BadCursor):
            transfers_page(here.district.id, cursor="x", by=here.rate_admin)

    def test_is_for_who_may_read_one_of_the_budgets(self, here, ask):
        asked = ask()
        for reader in (here.rate_admin, here.other_rate_admin, here.above):
            assert transfer_of(asked.id, by=reader).id == asked.id
        for stranger in (here.officer, here.resident):
            with pytest.raises(TransferNotFound):
                transfer_of(asked.id, by=stranger)
            with pytest.raises(NotAllowed):
                transfers_page(here.district.id, by=stranger)


def test_both_standings_say_what_moved(here, ask):
    approve_transfer(ask(300).id, why="同意", by=here.above)
    giver, taker = (budget_standing(unit.id, YEAR) for unit in (here.district, here.other))
    assert (giver.moved_out, giver.had, giver.drawn, giver.left) == (300, 700, 0, 700)
    assert (taker.moved_in, taker.had, taker.drawn, taker.left) == (300, 300, 0, 300)
