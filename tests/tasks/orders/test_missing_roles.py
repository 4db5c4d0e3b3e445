"""What a crew lacks, and that its unit hears of it before the start, once."""

from datetime import timedelta

import pytest
from crew_world import officer_at, ordered, told

from notices import Notice
from shared.clock import now
from shared.database import collection
from tasks import Task, accept_order, claim_task, missing_roles, task_of
from tasks.orders import missing
from tasks.orders.missing import warn_of_missing_roles

CREW = [
    {"crew_role": "station_squad", "at_least": 1},
    {"crew_role": "uniformed_guard", "at_least": 2},
]


def lacks(task):
    return {need.crew_role: need.at_least for need in missing_roles(task_of(task.id))}


def begins_in(task, minutes):
    moved = {"starts_at": now() + timedelta(minutes=minutes), "ends_at": now() + timedelta(hours=3)}
    collection(Task).update_one({"_id": task.id}, {"$set": moved})


@pytest.fixture
def officer(town):
    return officer_at(town.street)


def test_a_task_without_a_crew_lacks_nobody(published):
    assert lacks(published()) == {}


def test_claims_fill_the_crew_each_person_one_place(published, volunteer, guard):
    task = published(crew=CREW)
    assert lacks(task) == {"station_squad": 1, "uniformed_guard": 2}
    both = volunteer(serves_as=["station_squad", "uniformed_guard"])
    for actor in (both, guard(), volunteer()):
        claim_task(task.id, position=None, by=actor)
    assert lacks(task) == {"uniformed_guard": 1}
    # Now there are two guards, and who is both is needed as the squad's.
    claim_task(task.id, position=None, by=guard())
    assert lacks(task) == {}


def test_who_was_ordered_as_something_counts_as_that(officer, published, volunteer):
    task = published(crew=CREW)
    both = volunteer(serves_as=["station_squad", "uniformed_guard"])
    accept_order(ordered(task, officer, both).id, by=both)
    assert lacks(task) == {"station_squad": 1, "uniformed_guard": 1}


def test_the_three_of_a_school_guard_are_asked_for(published, volunteer):
    crew = [{"crew_role": role, "at_least": 1} for role in ("school_leader", "teacher")]
    task = published(crew=crew)
    claim_task(task.id, position=None, by=volunteer(serves_as=["teacher"]))
    assert lacks(task) == {"school_leader": 1}


def test_the_unit_is_told_half_an_hour_before_and_once(officer, published, guard):
    task = published(crew=CREW)
    begins_in(task, 45)
    assert warn_of_missing_roles() == 0
    begins_in(task, 29)
    assert warn_of_missing_roles() == 1
    assert warn_of_missing_roles() == 0
    assert told(officer) == ["crew_incomplete"]
    missing = Notice.objects.get(person_id=officer.person_id).facts["missing"]
    assert missing["zh-CN"] == "派出所机动队员（1 人）、着装保安（2 人）"


def test_a_complete_crew_is_no_news_until_somebody_goes(officer, published, guard, volunteer):
    task = published(crew=CREW)
    crew = [guard(), guard(), volunteer(serves_as=["station_squad"])]
    for actor in crew:
        claim_task(task.id, position=None, by=actor)
    begins_in(task, 20)
    assert warn_of_missing_roles() == 0
    assert told(officer) == []


def test_crews_that_are_complete_stand_in_no_others_way(officer, published, guard, monkeypatch):
    monkeypatch.setattr(missing, "BATCH", 1)
    complete, lacking = (
        published(crew=[{"crew_role": "uniformed_guard", "at_least": 1}]) for _ in range(2)
    )
    claim_task(complete.id, position=None, by=guard())
    for task in (complete, lacking):
        begins_in(task, 20)
    assert warn_of_missing_roles() + warn_of_missing_roles() == 1
    assert warn_of_missing_roles() == 0
    assert task_of(lacking.id).crew_warned_at is not None
    # Somebody may go yet: it is looked at again.
    assert task_of(complete.id).look_again_at > now()


def test_a_task_that_has_begun_is_warned_of_no_more(officer, published):
    task = published(crew=CREW)
    begins_in(task, -1)
    assert warn_of_missing_roles() == 0
    assert told(officer) == []


def test_sent_twice_at_once_or_cut_off_before_its_mark_it_is_told_once(officer, published):
    task = published(crew=CREW)
    begins_in(task, 10)
    warn_of_missing_roles()
    Task.objects(id=task.id).update_one(unset__crew_warned_at=True, unset__look_again_at=True)
    assert warn_of_missing_roles() == 1
    assert told(officer) == ["crew_incomplete"]


def test_a_school_guard_needs_its_three_though_the_draft_names_no_crew(draft, volunteer):
    guard_duty = draft(kind="school_guard", checks=None, crew=None)
    assert lacks(guard_duty) == {"school_leader": 1, "teacher": 1, "school_guard": 1}
