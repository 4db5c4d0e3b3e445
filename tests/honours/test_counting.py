"""Counting a person anew: the same as a plain loop, whatever happened before or meanwhile."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.factories import a_resident, a_town
from honours import counting, level_table, put_levels, recount_person
from honours.badges.badge_held import BadgeHeld
from honours.service import Service
from notices import Notice
from people import person_of
from shared.clock import real_now
from tests.racing import at_once
from tests.worked import withdraw, work

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LINES = [
    {"name": {"en": "One", "zh": "一"}, "least_hours": 2, "least_weeks": 1},
    {"name": {"en": "Two", "zh": "二"}, "least_hours": 6, "least_weeks": 2},
]


@pytest.fixture
def street(prepared):
    town = a_town()
    put_levels(LINES, version=0, why="试行", by=town.admin)
    return town.street


@pytest.fixture
def person_id(street):
    return a_resident().person_id


def told(person_id, name):
    # Not as the inbox shows them: at night it would still keep them back.
    return list(Notice.objects(person_id=person_id, name=name))


def test_it_is_what_a_plain_loop_says(street, person_id):
    chance = random.Random(7)
    done = []
    for _ in range(25):
        hours, km = chance.randrange(1, 5), chance.randrange(0, 9)
        kind = chance.choice(["patrol", "care_visit"])
        at = MONDAY + timedelta(days=chance.randrange(60), hours=chance.randrange(12))
        coins = chance.randrange(0, 300)
        work(person_id, street, starts_at=at, hours=hours, km=km, kind=kind, coins=coins)
        done.append((at, hours, km, kind, coins))
    for state in ("refused", "in_review", "started", "given_up"):
        work(person_id, street, starts_at=MONDAY, state=state, settled=state == "refused")
    work(a_resident().person_id, street, starts_at=MONDAY)
    service = recount_person(person_id)
    assert service.count == len(done)
    assert service.hours == sum(hours for _, hours, *_ in done)
    assert service.kilometres == pytest.approx(sum(km for _, _, km, *_ in done))
    assert service.coins == sum(coins for *_, coins in done)
    patrols = [one for one in done if one[3] == "patrol"]
    assert service.kinds["patrol"]["count"] == len(patrols)
    assert service.kinds["patrol"]["seconds"] == 3600 * sum(hours for _, hours, *_ in patrols)
    assert service.unit_ids == {street.id: len(done)}
    assert (service.first_at, service.last_at) == (min(done)[0], max(done)[0])
    again = recount_person(person_id)
    assert again.version == service.version + 1
    assert again.to_mongo()["kinds"] == service.to_mongo()["kinds"]
    assert Service.objects.with_id(person_id).seconds == service.seconds


def test_who_never_worked_has_nothing_written(person_id):
    assert recount_person(person_id) is None
    assert Service.objects.with_id(person_id) is None


def test_a_withdrawal_takes_figures_and_level_back(street, person_id):
    kept = work(person_id, street, starts_at=MONDAY, hours=3)
    fallen = work(person_id, street, starts_at=MONDAY + timedelta(days=7), hours=4, km=9)
    assert recount_person(person_id).level == 2
    assert person_of(person_id).level == 2
    withdraw(fallen)
    service = recount_person(person_id)
    assert (service.level, person_of(person_id).level, service.count) == (1, 1, 1)
    assert service.bests["longest_walk"]["about"] == kept
    withdraw(kept)
    empty = recount_person(person_id)
    assert (empty.count, empty.level, empty.weeks, empty.bests) == (0, 0, [], {})
    assert person_of(person_id).level == 0


def test_work_without_coins_counts_and_paid_duty_for_no_honour(street, person_id):
    work(person_id, street, starts_at=MONDAY, coins=0, back_filled_by="somebody", on_duty=True)
    assert recount_person(person_id) is None
    assert BadgeHeld.objects.count() == 0
    work(person_id, street, starts_at=MONDAY, coins=0, back_filled_by="somebody")
    service = recount_person(person_id)
    assert (service.count, service.coins, service.hours) == (1, 0, 2.0)


def test_a_newcomer_with_two_walks_before_the_first_count_is_told_of_the_first_level(
    street, person_id
):
    for days in (1, 2):
        work(person_id, street, starts_at=real_now() - timedelta(days=days), hours=20)
    assert recount_person(person_id).level == 1
    assert len(told(person_id, "level_reached")) == 1
    veteran = a_resident().person_id
    for days in (1, 30):
        work(veteran, street, starts_at=real_now() - timedelta(days=days), hours=20)
    recount_person(veteran)
    assert told(veteran, "level_reached") == []


def test_a_new_table_of_levels_holds_at_the_next_count(street, person_id):
    work(person_id, street, starts_at=MONDAY, hours=2)
    assert recount_person(person_id).level == 1
    lines = [{**LINES[0], "least_hours": 5}]
    put_levels(lines, version=1, why="提高门槛", by=a_town().admin)
    assert recount_person(person_id).level == 0
    assert person_of(person_id).level == 0
    assert level_table().version == 2


def test_of_counts_that_race_none_leaves_what_was_before(street, person_id):
    ids = [work(person_id, street, starts_at=MONDAY, hours=1) for _ in range(8)]

    def withdraw_and_count(number):
        withdraw(ids[number])
        return recount_person(person_id)

    got = at_once(6, withdraw_and_count)
    assert all(isinstance(one, Service) for one in got), got
    stands = Service.objects.with_id(person_id)
    assert (stands.count, stands.seconds, stands.level) == (2, 2 * 3600, 1)
    assert person_of(person_id).level == 1
    assert stands.version == max(one.version for one in got)


def test_a_count_that_read_before_another_wrote_starts_anew(street, person_id, monkeypatch):
    ids = [work(person_id, street, starts_at=MONDAY, hours=3) for _ in range(2)]
    read, outrun = counting.verified_work, []

    def slow_read(**which):
        found = list(read(**which))
        if not outrun:
            outrun.append(True)
            withdraw(ids[0])
            outrun.append(recount_person(person_id).count)
        return iter(found)

    monkeypatch.setattr(counting, "verified_work", slow_read)
    assert recount_person(person_id).count == 1
    assert outrun == [True, 1]
    assert (Service.objects.with_id(person_id).count, person_of(person_id).level) == (1, 1)


def test_a_tail_that_was_cut_off_is_done_by_the_next_count(street, person_id, monkeypatch):
    work(person_id, street, starts_at=MONDAY, hours=3)

    def dies(_):
        raise RuntimeError

    with monkeypatch.context() as cut:
        cut.setattr(counting, "tell_what_is_new", dies)
        with pytest.raises(RuntimeError):
            recount_person(person_id)
    assert told(person_id, "level_reached") == []
    recount_person(person_id)
    assert len(told(person_id, "level_reached")) == 1


# ---- what is told


def test_a_level_is_told_once_and_its_loss_never(street, person_id):
    work(person_id, street, starts_at=MONDAY, hours=2)
    recount_person(person_id)
    (first,) = told(person_id, "level_reached")
    assert (first.facts["level"], first.facts["hours"]) == (1, "2")
    fallen = work(person_id, street, starts_at=MONDAY + timedelta(days=7), hours=4)
    recount_person(person_id)
    assert len(told(person_id, "level_reached")) == 2
    withdraw(fallen)
    recount_person(person_id)
    work(person_id, street, starts_at=MONDAY + timedelta(days=7), hours=4)
    recount_person(person_id)
    assert person_of(person_id).level == 2
    assert len(told(person_id, "level_reached")) == 2


def test_what_was_there_before_anybody_counted_is_no_news(street, person_id):
    for week in range(3):
        work(person_id, street, starts_at=MONDAY + timedelta(weeks=week), hours=4)
    assert recount_person(person_id).level == 2
    assert told(person_id, "level_reached") == []


def test_a_best_is_told_from_the_second_on_and_once(street, person_id):
    work(person_id, street, starts_at=MONDAY, hours=2, km=3)
    recount_person(person_id)
    assert told(person_id, "longest_walk_beaten") == []
    work(person_id, street, starts_at=MONDAY + timedelta(days=1), hours=1, km=5.26)
    recount_person(person_id)
    recount_person(person_id)
    (walk,) = told(person_id, "longest_walk_beaten")
    assert walk.facts["kilometres"] == "5.3"
    # The same week went on: its most hours are no new best.
    assert told(person_id, "most_in_week_beaten") == []
    assert told(person_id, "longest_stay_beaten") == []
    work(person_id, street, starts_at=MONDAY + timedelta(days=8), hours=3.5, km=1)
    recount_person(person_id)
    assert [one.facts["hours"] for one in told(person_id, "most_in_week_beaten")] == ["3.5"]


def test_counted_at_is_no_later_than_the_work_was_read(street, person_id):
    before = real_now()
    work(person_id, street, starts_at=MONDAY)
    assert before <= recount_person(person_id).counted_at <= real_now()
