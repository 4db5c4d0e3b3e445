"""Who is counted anew: whoever had something settled, and everybody every night."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.factories import a_resident, a_town
from honours import counting_everybody, jobs, noting_settled, put_levels, recounting
from honours.asking_counts import ask_for_counts
from honours.count_mark import CountMark, DueCount
from honours.counting_everybody import recount_everybody
from honours.noting_settled import note_settled, server_time
from honours.recounting import recount_noted
from honours.service import Service
from shared.clock import real_now
from shared.database import collection
from shared.queue import valkey
from tests.racing import at_once
from tests.worked import withdraw, work
from worker import TIMETABLE

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def street(prepared):
    return a_town().street


@pytest.fixture
def person_id(street):
    return a_resident().person_id


def count_of(person_id):
    found = Service.objects.with_id(person_id)
    return found.count if found else None


def at_hour(monkeypatch, hour, *, day=1):
    """The true clock of the count of everybody at an hour of the business time zone."""
    there = datetime(2026, 12, day, hour, tzinfo=UTC) - timedelta(hours=8)
    monkeypatch.setattr(counting_everybody, "real_now", lambda: there)


def everybody():
    """Steps until one is done with everybody; how many were counted."""
    counted = recount_everybody()
    while (CountMark.objects.with_id("everybody") or CountMark()).after_id is not None:
        counted += recount_everybody()
    return counted


def test_whoever_had_something_settled_is_counted_by_the_next_sweep(street, person_id):
    done = work(person_id, street, starts_at=MONDAY)
    swept = jobs.sweep()
    assert (swept["noted"], swept["recounted"], count_of(person_id)) == (1, 1, 1)
    withdraw(done)
    jobs.sweep()
    assert count_of(person_id) == 0
    assert DueCount.objects.count() == 0


def test_an_emptied_queue_loses_nobody(street, person_id):
    work(person_id, street, starts_at=MONDAY)
    note_settled()
    valkey().flushdb()
    assert recount_noted() == 1
    assert count_of(person_id) == 1


def test_what_was_committed_late_is_found_by_the_second_look(street, person_id):
    note_settled()
    # Settled two minutes ago, by the clock of another host, and committed only now.
    ago = real_now() - timedelta(minutes=2)
    work(person_id, street, starts_at=MONDAY, settled_at=ago)
    collection(CountMark).update_one({"_id": "settled"}, {"$set": {"until": real_now()}})
    assert note_settled() == 0
    late = {"$set": {"until": ago - timedelta(minutes=1)}}
    collection(CountMark).update_one({"_id": "settled_late"}, late)
    assert note_settled() == 0
    collection(CountMark).update_one({"_id": "settled_late"}, late)
    assert noting_settled._look("settled_late", real_now()) == 1


def test_a_worker_whose_clock_is_ahead_hides_nothing_from_the_others(
    street, person_id, monkeypatch
):
    ahead = real_now() + timedelta(minutes=30)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("shared.clock.real_now", lambda: ahead)
        elsewhere.setattr(noting_settled, "real_now", lambda: ahead, raising=False)
        note_settled()
    assert CountMark.objects.with_id("settled").until <= real_now() + timedelta(seconds=5)
    assert abs(server_time() - real_now()) < timedelta(minutes=1)
    work(person_id, street, starts_at=MONDAY)
    assert note_settled() == 1


def test_a_look_that_finds_nobody_writes_no_mark_for_half_a_minute(street, person_id):
    note_settled()
    before = {one.id: one.until for one in CountMark.objects}
    note_settled()
    assert {one.id: one.until for one in CountMark.objects} == before
    work(person_id, street, starts_at=MONDAY)
    assert note_settled() == 1
    assert CountMark.objects.with_id("settled").until > before["settled"]


def test_what_no_look_saw_has_certificates_doubted_by_night(street, person_id, monkeypatch):
    done = work(person_id, street, starts_at=MONDAY)
    recounting.recount_person(person_id)
    doubted = []
    monkeypatch.setattr(counting_everybody, "doubt_certificates", doubted.append)
    at_hour(monkeypatch, 3)
    everybody()
    assert doubted == []
    withdraw(done)
    at_hour(monkeypatch, 3, day=2)
    everybody()
    assert doubted == [[person_id]]


def test_the_count_of_everybody_leaves_most_of_the_worker_to_others():
    assert TIMETABLE["honours.jobs.recount_everybody"] / 5 >= counting_everybody.STEP_S
    assert TIMETABLE["honours.jobs.sweep"] / 2 >= recounting.STEP_S


def test_after_days_without_a_worker_the_looks_go_on_a_day_at_a_time(street, person_id):
    ago = real_now() - timedelta(days=2, hours=12)
    collection(CountMark).insert_one({"_id": "settled", "until": ago})
    work(person_id, street, starts_at=MONDAY, settled_at=ago + timedelta(hours=30))
    other = a_resident().person_id
    work(other, street, starts_at=MONDAY, settled_at=ago + timedelta(hours=1))
    assert note_settled() == 1
    assert {one.id for one in DueCount.objects} == {other}
    assert note_settled() == 1
    recount_noted()
    assert (count_of(person_id), count_of(other)) == (1, 1)


def test_who_fails_comes_again_and_holds_up_nobody(street, person_id, monkeypatch):
    other = a_resident().person_id
    for one in (person_id, other):
        work(one, street, starts_at=MONDAY)
    count = recounting.recount_person

    def fails_for_one(whose):
        if whose == person_id:
            raise RuntimeError
        return count(whose)

    with monkeypatch.context() as broken:
        broken.setattr(recounting, "recount_person", fails_for_one)
        ask_for_counts([person_id, other])
        assert recount_noted() == 1
    assert (count_of(person_id), count_of(other)) == (None, 1)
    assert recount_noted() == 0
    DueCount.objects(id=person_id).update_one(set__look_again_at=real_now())
    assert recount_noted() == 1
    assert count_of(person_id) == 1


def test_asked_for_while_it_is_counted_a_person_is_counted_again(street, person_id, monkeypatch):
    work(person_id, street, starts_at=MONDAY)
    count = recounting.recount_person

    def asked_meanwhile(whose):
        DueCount.objects(id=whose).update_one(set__asked_at=real_now() + timedelta(seconds=1))
        return count(whose)

    ask_for_counts([person_id])
    with monkeypatch.context() as during:
        during.setattr(recounting, "recount_person", asked_meanwhile)
        recount_noted()
    assert DueCount.objects(id=person_id).count() == 1


def test_workers_share_the_notes(street):
    people = [a_resident(real_name=False).person_id for _ in range(12)]
    for one in people:
        work(one, street, starts_at=MONDAY)
    ask_for_counts(people)
    done = sum(at_once(4, lambda _: recount_noted()))
    # Whoever was first in the street is noted once more.
    assert 12 <= done < 24
    assert [count_of(one) for one in people] == [1] * 12
    assert DueCount.objects.count() == 0


def test_a_step_lasts_no_longer_than_its_time(street, person_id, monkeypatch):
    ask_for_counts([person_id])
    monkeypatch.setattr(recounting, "STEP_S", 0.0)
    assert recount_noted() == 0
    assert DueCount.objects.count() == 1


# ---- everybody


def test_everybody_is_counted_the_first_time_and_then_by_night(street, person_id, monkeypatch):
    work(person_id, street, starts_at=MONDAY)
    at_hour(monkeypatch, 12)
    assert everybody() == 1
    assert everybody() == 0
    at_hour(monkeypatch, 1, day=2)
    assert everybody() == 0
    at_hour(monkeypatch, 3, day=2)
    assert everybody() == 1
    assert everybody() == 0
    assert Service.objects.with_id(person_id).version == 2


def test_a_new_table_of_levels_has_everybody_counted_at_once(street, person_id, monkeypatch):
    work(person_id, street, starts_at=MONDAY)
    at_hour(monkeypatch, 12)
    assert everybody() == 1
    lines = [{"name": {"en": "One", "zh": "一"}, "least_hours": 1, "least_weeks": 0}]
    put_levels(lines, version=0, why="试行", by=a_town().admin)
    assert everybody() == 1
    assert everybody() == 0


def test_who_lost_a_withdrawal_unnoticed_is_put_right_by_night(street, person_id, monkeypatch):
    done = work(person_id, street, starts_at=MONDAY)
    recounting.recount_person(person_id)
    withdraw(done)
    at_hour(monkeypatch, 3)
    everybody()
    assert count_of(person_id) == 0


def test_steps_go_on_where_the_last_one_ended(street, monkeypatch):
    people = [a_resident(real_name=False).person_id for _ in range(5)]
    for one in people:
        work(one, street, starts_at=MONDAY)
    at_hour(monkeypatch, 3)
    monkeypatch.setattr(counting_everybody, "AT_ONCE", 2)
    monkeypatch.setattr(counting_everybody, "STEP_S", 0.0)
    assert recount_everybody() == 0
    monkeypatch.setattr(counting_everybody, "STEP_S", 10.0)
    assert recount_everybody() == 5
    assert CountMark.objects.with_id("everybody").day == "2026-12-01"


def test_two_that_begin_at_once_count_everybody(street, person_id, monkeypatch):
    work(person_id, street, starts_at=MONDAY)
    at_hour(monkeypatch, 3)
    got = at_once(3, lambda _: recount_everybody())
    assert sum(got) >= 1
    mark = CountMark.objects.with_id("everybody")
    assert (mark.after_id, mark.day, count_of(person_id)) == (None, "2026-12-01", 1)
