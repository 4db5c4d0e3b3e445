"""Simulating a card: asked for by rate admins, worked out by a job, told with names."""

from datetime import timedelta

import pytest
from replayed_work import LINES, MONDAY

from fixtures.factories import a_resident, funded, put_card, staff
from insights import (
    BadSimulationSpan,
    SimulationState,
    jobs,
    running_simulations,
    simulate_card,
    simulating,
    simulation_of,
    simulations_of_card,
)
from insights.simulating import (
    SimulationKeyReused,
    SimulationNotFound,
    TooManySimulations,
    TooMuchWork,
)
from people import Role
from rates import edit_card
from shared.clock import now
from shared.errors import NotAllowed, NotFound
from tests.racing import at_once
from tests.worked import past_task, withdraw, work

DAY = timedelta(days=1)
WEEK = {"since": MONDAY, "until": MONDAY + 7 * DAY}


@pytest.fixture
def ask(rate_admin):
    """Ask for a simulation of a card on the week of that Monday."""

    def asked(card, *, key="simulate-0001", by=rate_admin, **span):
        return simulate_card(card.id, **{**WEEK, **span}, key=key, by=by)

    return asked


@pytest.fixture
def run(ask, rate_admin):
    """Ask, do the job, and see it."""

    def ran(card, **more):
        asked = ask(card, **more)
        assert jobs.run_simulation(asked.id) is True
        return simulation_of(asked.id, by=rate_admin)

    return ran


def test_past_work_is_replayed_under_a_draft(town, in_force, drafted, run):
    ann, bob = a_resident(nickname="安"), a_resident(nickname="博")
    task = past_task(town.street, starts_at=MONDAY, hours=2, coins=100)
    for person in (ann, bob):
        work(person, task, starts_at=MONDAY)
    work(ann, town.district, starts_at=MONDAY + DAY, kind="drill", coins=30)
    card = drafted([{"kind": "patrol", "base": 10, "per_hour": 60, "minimum": 10}])
    seen = run(card)
    simulation, report = seen.simulation, seen.simulation.result
    assert (simulation.state, simulation.done, simulation.total) == (SimulationState.DONE, 3, 3)
    assert (report["paid"], report["drafted"]) == (230, 290)
    assert report["work"] == {"participations": 3, "tasks": 2, "people": 2, "unpaid_duty": 0}
    assert {row["unit_id"]: row["drafted"] for row in report["units"]} == {
        town.street.id: 260,
        town.district.id: 30,
    }
    assert report["unpriced"] == []
    assert seen.nicknames == {ann.person_id: "安", bob.person_id: "博"}
    assert seen.unit_names[town.street.id] == "鼓西街道"
    assert (report["people"]["gain"], report["people"]["same"]) == (2, 0)


def test_only_verified_work_of_the_span_below_the_unit_is_replayed(town, in_force, drafted, run):
    ann = a_resident()
    work(ann, town.city, starts_at=MONDAY)
    work(ann, town.street, starts_at=MONDAY, state="refused", coins=0)
    withdraw(work(ann, town.street, starts_at=MONDAY))
    work(ann, town.street, starts_at=MONDAY - DAY)
    work(ann, town.street, starts_at=MONDAY + 7 * DAY)
    work(ann, town.street, starts_at=MONDAY)
    assert run(drafted()).simulation.result["work"]["participations"] == 1


def test_a_street_with_a_card_of_its_own_keeps_it(town, another_street, in_force, drafted, run):
    own = [{"kind": "patrol", "base": 500, "per_hour": 0, "minimum": 10}]
    put_card(
        another_street.id,
        MONDAY,
        own,
        fen_per_10000_coins=20_000,
        by=staff(Role.RATE_ADMIN, at=another_street),
    )
    ann = a_resident()
    for street in (town.street, another_street):
        work(ann, street, starts_at=MONDAY)
    card = drafted([{"kind": "patrol", "base": 7, "per_hour": 0, "minimum": 1}])
    drafts = {row["unit_id"]: row["drafted"] for row in run(card).simulation.result["units"]}
    assert drafts == {town.street.id: 7, another_street.id: 500}


def test_kinds_without_a_line_are_told_and_not_guessed(town, in_force, drafted, run):
    work(a_resident(), town.street, starts_at=MONDAY, kind="publicity", coins=80)
    report = run(drafted()).simulation.result
    assert report["unpriced"] == [
        {"kind": "publicity", "refusal": "KindNotRated", "count": 1, "paid": 80}
    ]


def test_caps_count_work_of_the_same_month_and_with_other_units(
    town, another_street, in_force, drafted, run
):
    ann = a_resident()
    work(ann, town.street, starts_at=MONDAY - DAY + timedelta(hours=1))  # the first of March
    work(ann, another_street, starts_at=MONDAY, coins=60)
    work(ann, town.street, starts_at=MONDAY + DAY)
    admin = staff(Role.RATE_ADMIN, at=town.street)
    card = drafted(unit=town.street, by=admin, caps={"per_month": 200})
    asked = simulate_card(card.id, **WEEK, key="simulate-0002", by=admin)
    jobs.run_simulation(asked.id)
    report = simulation_of(asked.id, by=admin).simulation.result
    assert (report["paid"], report["drafted"]) == (100, 40)
    assert report["caps"] == {
        "coins": 60,
        "people": 1,
        "each": [{"scope": "all", "span": "month", "coins": 60, "count": 1, "people": 1}],
    }


class TestACappedCardOfAStreet:
    @pytest.fixture
    def simulated(self, town, in_force, drafted):
        """The simulation of such a card, worked out by a job."""

        def made():
            admin = staff(Role.RATE_ADMIN, at=town.street)
            card = drafted(unit=town.street, by=admin, caps={"per_month": 200})
            asked = simulate_card(card.id, **WEEK, key="simulate-0002", by=admin)
            jobs.run_simulation(asked.id)
            return simulation_of(asked.id, by=admin).simulation

        return made

    @pytest.fixture(autouse=True)
    def takes_three(self, monkeypatch):
        monkeypatch.setattr(running_simulations, "MOST_WORK", 3)
        monkeypatch.setattr(running_simulations, "_PEOPLE_AT_ONCE", 1)

    def test_reads_the_work_of_its_own_people_and_not_the_citys(
        self, town, another_street, simulated
    ):
        ann, bob, stranger = a_resident(), a_resident(), a_resident()
        for number in range(5):
            work(stranger, another_street, starts_at=MONDAY + number * DAY)
        work(ann, another_street, starts_at=MONDAY, coins=150)
        for person in (ann, bob):
            work(person, town.street, starts_at=MONDAY + DAY)
        found = simulated()
        assert (found.state, found.done, found.total) == (SimulationState.DONE, 2, 2)
        assert (found.result["paid"], found.result["drafted"]) == (200, 150)

    def test_says_so_where_those_did_too_much_elsewhere(self, town, another_street, simulated):
        ann = a_resident()
        for number in range(3):
            work(ann, another_street, starts_at=MONDAY + number * DAY)
        work(ann, town.street, starts_at=MONDAY + DAY)
        found = simulated()
        assert (found.state, found.failure["code"]) == (SimulationState.FAILED, "TooMuchWork")
        assert "3" in found.failure["zh"]


def test_the_cost_stands_beside_what_is_left_of_the_budgets(town, in_force, drafted, run):
    funded(town.street, 1_000)
    funded(town.district, 500)
    work(a_resident(), town.street, starts_at=MONDAY)
    report = run(drafted()).simulation.result
    assert report["budget"]["left"] == 1_500
    assert report["units"][0]["left"] == 1_000
    assert report["budget"]["drafted_lasts_days"] == 105.0


# ---- what is refused


@pytest.mark.parametrize(
    ("span", "field"),
    [
        ({"until": MONDAY}, "since"),
        ({"until": MONDAY - DAY}, "since"),
        ({"since": MONDAY - 360 * DAY}, "since"),
        ({"since": MONDAY, "until": "future"}, "until"),
    ],
)
def test_a_span_that_is_empty_too_long_or_not_over_is_refused(in_force, ask, span, field):
    span = {name: now() + DAY if value == "future" else value for name, value in span.items()}
    with pytest.raises(BadSimulationSpan) as refused:
        ask(in_force, **span)
    assert refused.value.field == field


def test_a_leap_year_is_taken_whole(in_force, run):
    seen = run(in_force, since=MONDAY - 359 * DAY)
    assert seen.simulation.result["work"]["participations"] == 0


def test_others_neither_ask_nor_see(town, another_street, in_force, drafted, ask):
    card, asked = drafted(), ask(in_force)
    officer, resident = staff(Role.CENTRE_OFFICER, at=town.district), a_resident()
    for other in (staff(Role.RATE_ADMIN, at=another_street), officer, resident):
        with pytest.raises((NotAllowed, NotFound)):
            ask(card, by=other)
        with pytest.raises(NotAllowed):
            ask(in_force, by=other)
        with pytest.raises(SimulationNotFound):
            simulation_of(asked.id, by=other)
        with pytest.raises(NotAllowed):
            simulations_of_card(in_force.id, by=other)


def test_more_work_than_a_job_takes_is_refused(town, in_force, ask, monkeypatch):
    monkeypatch.setattr(simulating, "MOST_WORK", 1)
    ann = a_resident()
    for _ in range(2):
        work(ann, town.street, starts_at=MONDAY)
    with pytest.raises(TooMuchWork, match="More than 1 participations"):
        ask(in_force)


def test_nobody_fills_the_queue_alone(in_force, ask):
    for number in range(simulating.MOST_UNFINISHED):
        ask(in_force, key=f"simulate-100{number}")
    with pytest.raises(TooManySimulations):
        ask(in_force, key="simulate-2000")


# ---- again, at once, later


def test_the_same_key_answers_the_same_simulation(in_force, ask, run):
    first = run(in_force).simulation
    again = ask(in_force)
    assert (again.id, again.state) == (first.id, SimulationState.DONE)
    with pytest.raises(SimulationKeyReused):
        ask(in_force, until=MONDAY + DAY)


def test_asking_at_once_asks_once(in_force, ask, rate_admin):
    asked = at_once(6, lambda _: ask(in_force))
    assert len({one.id for one in asked}) == 1
    assert len(simulations_of_card(in_force.id, by=rate_admin).items) == 1


def test_a_draft_edited_meanwhile_is_replayed_as_it_was_asked_for(
    town, in_force, drafted, ask, rate_admin
):
    work(a_resident(), town.street, starts_at=MONDAY)
    card = drafted([{"kind": "patrol", "base": 7, "per_hour": 0, "minimum": 1}])
    asked = ask(card)
    edit_card(card.id, {"lines": LINES}, version=card.version, why="示例", by=rate_admin)
    jobs.run_simulation(asked.id)
    found = simulation_of(asked.id, by=rate_admin).simulation
    assert (found.card_version, found.result["drafted"]) == (card.version, 7)


def test_a_cards_simulations_are_listed_newest_first(in_force, ask, rate_admin):
    ids = [ask(in_force, key=f"simulate-100{number}").id for number in range(3)]
    page = simulations_of_card(in_force.id, limit=2, by=rate_admin)
    rest = simulations_of_card(in_force.id, cursor=page.next_cursor, by=rate_admin)
    assert [one.id for one in [*page.items, *rest.items]] == ids[::-1]
    assert rest.next_cursor is None
