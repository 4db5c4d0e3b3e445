"""Working simulations out: what a dead worker left is begun anew, and ends once."""

from datetime import UTC, datetime, timedelta

import pytest
from replayed_work import MONDAY

from fixtures.factories import a_resident, a_task, put_card, walking_checks
from insights import Simulation, SimulationState, jobs, running_simulations, simulate_card
from insights.running_simulations import MOST_TRIES, run_unfinished
from shared.clock import pretending, real_now
from shared.ids import new_id
from tasks import Participation, ParticipationState, Verdict
from tasks.paying import settle_participation
from tests.cutting import Cut, cut_after
from tests.racing import at_once
from tests.worked import work

DAY = timedelta(days=1)


@pytest.fixture
def asked(town, in_force, rate_admin):
    """A simulation of the card in force, with some work to replay, that waits."""
    ann = a_resident()
    for number in range(3):
        work(ann, town.street, starts_at=MONDAY + number * DAY)
    return ask(in_force, rate_admin)


def ask(card, by, key="simulate-0001"):
    return simulate_card(card.id, since=MONDAY, until=MONDAY + 7 * DAY, key=key, by=by)


def seen(simulation):
    return Simulation.objects.get(id=simulation.id)


def let_lease_end(simulation):
    """As half a minute does."""
    Simulation.objects(id=simulation.id).update_one(set__lease_until=real_now())


def test_the_sweep_finds_what_no_job_took(asked):
    assert jobs.sweep()["simulated"] == 1
    assert seen(asked).state == SimulationState.DONE
    assert jobs.sweep()["simulated"] == 0


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_whatever_write_a_worker_dies_after_the_report_is_the_same(asked, writes):
    with pytest.raises(Cut), cut_after(writes):
        jobs.run_simulation(asked.id)
    if writes < 3:
        assert run_unfinished() == 0, "a worker that lives holds it for half a minute"
        let_lease_end(asked)
        assert run_unfinished() == 1
    found = seen(asked)
    assert (found.state, found.done, found.result["paid"]) == (SimulationState.DONE, 3, 300)
    assert found.tries == (2 if writes < 3 else 1)


def test_workers_that_meet_work_it_out_once(asked):
    ran = at_once(6, lambda _: jobs.run_simulation(asked.id))
    assert sorted(map(str, ran)) == ["False"] * 5 + ["True"]
    assert seen(asked).tries == 1


def test_who_lost_the_lease_writes_nothing(asked, monkeypatch):
    """A worker that stood still for long comes back when another has taken over and is done."""
    replay = running_simulations._replayed

    def slow(held):
        let_lease_end(asked)
        monkeypatch.setattr(running_simulations, "_replayed", replay)
        assert jobs.run_simulation(asked.id) is True
        return {"paid": -1}

    monkeypatch.setattr(running_simulations, "_replayed", slow)
    assert jobs.run_simulation(asked.id) is False
    assert seen(asked).result["paid"] == 300


def test_progress_is_told_while_it_runs(asked, monkeypatch):
    monkeypatch.setattr(running_simulations, "TELLS_EVERY_S", 0.0)
    monkeypatch.setattr(running_simulations, "_AT_ONCE", 1)
    told = []
    keep = running_simulations._keep

    def listening(held, changes):
        told.append(changes.get("done"))
        return keep(held, changes)

    monkeypatch.setattr(running_simulations, "_keep", listening)
    jobs.run_simulation(asked.id)
    # The two behind the third are the units whose budgets stand beside it, the last is the end.
    assert told == [None, 1, 2, 3, 3, 3, 3]


def test_what_never_ends_fails_after_some_tries_and_says_so(asked):
    for _ in range(MOST_TRIES):
        with pytest.raises(Cut), cut_after(2):
            jobs.run_simulation(asked.id)
        let_lease_end(asked)
    assert run_unfinished() == 1
    found = seen(asked)
    assert (found.state, found.failure["code"]) == (SimulationState.FAILED, "SimulationStuck")
    assert found.result is None


# ---- the same answer for what was quoted, what was paid and what is replayed


def published(unit, starts_at, hours=2.0, **content):
    """A task published a day before its window, priced by what was in force then."""
    window = (starts_at, starts_at + timedelta(hours=hours))
    with pretending(starts_at - DAY):
        return a_task(at=unit, window=window, **content)


def paid(task, person):
    """A verified participation of the task, paid as a verdict is."""
    verdict = Verdict(number=1, outcome="verified", judged_at=real_now(), duration_s=3600)
    walked = Participation(
        id=new_id(),
        task_id=task.id,
        unit_id=task.unit_id,
        person_id=person.person_id,
        state=ParticipationState.VERIFIED,
        kind=task.kind,
        starts_at=task.starts_at,
        ends_at=task.ends_at,
        coins=task.coins,
        claimed_at=task.starts_at,
        verdicts=[verdict],
    ).save()
    settle_participation(walked)
    return Participation.objects.get(id=walked.id)


RICH = {
    "lines": [
        {
            "kind": "patrol",
            "base": 3,
            "per_hour": 50,
            "per_km": 7,
            "minimum": 10,
            "maximum": 190,
            "caps": {"per_day": 250},
        },
        {"kind": "drill", "base": 30, "per_hour": 11, "minimum": 10},
    ],
    "caps": {"per_day": 300, "per_week": 620, "per_month": 700},
}


DRILL = {"kind": "drill", "checks": [*walking_checks(), {"check": "attendance", "parameters": {}}]}


def rich_card(town, by):
    extra = {
        "name": {"en": "Sample event", "zh": "示例活动"},
        "coins": 9,
        "starts_at": MONDAY,
        "ends_at": MONDAY + 2 * DAY,
        "unit_ids": [town.street.id],
    }
    night = {"occasion": "night", "percent": 150, "from_minute": 1_260, "until_minute": 360}
    more = {
        "caps": RICH["caps"],
        "multipliers": [night, {"occasion": "weekend", "percent": 120}],
        "extras": [extra],
    }
    since = datetime(2020, 1, 1, tzinfo=UTC)
    lines = RICH["lines"]
    return put_card(town.district.id, since, lines, fen_per_10000_coins=20_000, by=by, **more)


def test_replayed_under_the_card_in_force_everybody_gets_what_they_were_paid(town, rate_admin):
    card = rich_card(town, rate_admin)
    ann, bob = a_resident(), a_resident()
    for number in range(7):
        unit = town.street if number % 2 else town.district
        morning = published(unit, MONDAY + number * DAY, 2.5 + number / 7)
        night = published(unit, MONDAY + number * DAY + timedelta(hours=11.7), **DRILL)
        for person, task in ((ann, morning), (bob, morning), (ann, night)):
            paid(task, person)
    asked = ask(card, rate_admin)
    assert jobs.run_simulation(asked.id) is True
    report = seen(asked).result
    assert report["work"]["participations"] == 21
    assert report["paid"] == report["drafted"] > 0
    assert report["people"]["same"] == 2
    assert all(row["paid"] == row["drafted"] for row in [*report["units"], *report["kinds"]])
    assert report["caps"]["coins"] > 0
    assert {one["part"] for one in report["parts"]} >= {"base", "time", "distance", "night"}
    assert {one["part"] for one in report["parts"]} >= {"weekend", "extra", "maximum"}
