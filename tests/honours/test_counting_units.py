"""A unit's page: counted by a job, at most hourly, of a named moment."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import ExecutionTimeout
from rq.timeouts import JobTimeoutException

from fixtures.factories import a_resident, a_town
from honours import counting_units, jobs, unit_page
from honours.counting_units import count_asked_units, count_unit, months_until
from honours.unit_work import UnitWork
from people import UnitNotFound, unit_of
from shared.clock import real_now
from shared.ids import new_id
from shared.queue import valkey
from tests.racing import at_once
from tests.worked import past_task, withdraw, work

OLD = datetime(2024, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def town(prepared):
    return a_town()


def people_at(unit, count=3, **more):
    return [
        work(a_resident(real_name=False), unit, **{"starts_at": OLD, **more}) for _ in range(count)
    ]


def aged(unit_id, hours):
    """The page as it stands when it was counted so many hours ago."""
    counted_at = real_now() - timedelta(hours=hours)
    UnitWork.objects(id=unit_id).update_one(
        set__counted_at=counted_at, set__asked_at=counted_at - timedelta(seconds=1)
    )


def test_the_first_who_looks_has_it_counted(town):
    people_at(town.street)
    first = unit_page(town.street.id)
    assert (first.counted_at, first.figures, first.name) == (None, None, town.street.name)
    jobs.count_units()
    page = unit_page(town.street.id)
    assert page.counted_at <= real_now()
    assert page.figures["total"] == {
        "count": 3,
        "seconds": 3 * 7200,
        "metres": 9000,
        "people": 3,
        "hidden": False,
    }
    assert len(page.figures["months"]) == 12
    with pytest.raises(UnitNotFound):
        unit_page(new_id())


def test_all_units_below_are_counted_and_no_others(town):
    people_at(town.street)
    people_at(town.district, kind="drill", starts_at=real_now() - timedelta(days=1))
    for unit in (town.district, town.street):
        unit_page(unit.id)
    assert count_asked_units() == 2
    assert unit_page(town.district.id).figures["total"]["count"] == 6
    figures = unit_page(town.street.id).figures
    assert figures["total"]["count"] == 3
    assert [one["kind"] for one in figures["kinds"]] == ["patrol"]


def test_only_what_is_verified_now_counts(town):
    ids = people_at(town.street, 4)
    unit_page(town.street.id)
    count_unit(town.street.id)
    withdraw(ids[0])
    people_at(town.street, state="refused")
    assert count_unit(town.street.id) is False
    assert unit_page(town.street.id).figures["total"]["count"] == 4
    aged(town.street.id, 25)
    unit_page(town.street.id)
    assert count_unit(town.street.id) is True
    assert unit_page(town.street.id).figures["total"]["count"] == 3


def test_two_people_are_hidden(town):
    people_at(town.street, 2)
    unit_page(town.street.id)
    count_unit(town.street.id)
    assert unit_page(town.street.id).figures["total"]["hidden"] is True
    assert [one["hidden"] for one in unit_page(town.street.id).figures["kinds"]] == [True]


def test_a_lone_volunteer_is_in_no_difference_of_two_pages(town):
    people_at(town.street, 4)
    people_at(town.district, 1)
    for unit in (town.district, town.street):
        unit_page(unit.id)
        count_unit(unit.id)
    totals = [unit_page(unit.id).figures["total"] for unit in (town.district, town.street)]
    assert totals[0] == totals[1]
    assert totals[0]["people"] == 4


def test_paid_duty_is_not_volunteers_work(town):
    people_at(town.street)
    people_at(town.street, on_duty=True)
    unit_page(town.street.id)
    count_unit(town.street.id)
    assert unit_page(town.street.id).figures["total"]["people"] == 3


def test_a_page_looked_at_once_is_counted_once(town):
    people_at(town.street)
    unit_page(town.street.id)
    assert count_asked_units() == 1
    for _ in range(3):
        aged(town.street.id, 30)
        assert count_asked_units() == 0
    unit_page(town.street.id)
    assert count_asked_units() == 1


@pytest.mark.parametrize("ends", [JobTimeoutException, ExecutionTimeout])
def test_a_unit_that_takes_too_long_waits_a_day(town, monkeypatch, ends):
    people_at(town.street)
    unit_page(town.street.id)

    def takes_too_long(*_):
        raise ends("time is up")

    with monkeypatch.context() as slow:
        slow.setattr(counting_units, "figures_of", takes_too_long)
        with pytest.raises(ends):
            count_unit(town.street.id)
    taken_until = UnitWork.objects.get(id=town.street.id).taken_until
    assert taken_until > real_now() + timedelta(hours=23)
    assert count_asked_units() == 0


def test_no_sweep_waits_for_pages():
    assert "units_counted" not in dict(jobs.PASSES)


def test_a_page_that_nobody_asked_for_is_not_counted(town):
    people_at(town.street)
    assert count_unit(town.street.id) is False
    assert count_asked_units() == 0
    unit_page(town.street.id)
    assert count_unit(town.street.id) is True
    aged(town.street.id, 25)
    assert count_asked_units() == 0
    unit_page(town.street.id)
    assert count_asked_units() == 1


def test_of_several_jobs_at_once_one_counts(town):
    people_at(town.street)
    unit_page(town.street.id)
    assert sorted(at_once(4, lambda _: count_unit(town.street.id))) == [False, False, False, True]


def test_a_job_that_died_is_followed_by_another(town, monkeypatch):
    people_at(town.street)
    unit_page(town.street.id)
    with monkeypatch.context() as dying:

        def dies(*_):
            raise RuntimeError

        dying.setattr(counting_units, "figures_of", dies)
        with pytest.raises(RuntimeError):
            count_unit(town.street.id)
    assert count_unit(town.street.id) is False
    UnitWork.objects(id=town.street.id).update_one(set__taken_until=real_now())
    valkey().flushdb()
    assert count_asked_units() == 1


def test_a_look_asks_a_job_only_where_the_page_is_stale(town):
    unit_page(town.street.id)
    count_unit(town.street.id)
    valkey().flushdb()
    unit_page(town.street.id)
    assert valkey().keys("rq:job:*") == []
    aged(town.street.id, 25)
    for _ in range(3):
        unit_page(town.street.id)
    assert len(valkey().keys("rq:job:*")) == 1


def test_the_months_are_the_last_twelve_of_the_business_time_zone():
    assert months_until(datetime(2026, 11, 30, 17, tzinfo=UTC))[0] == "2026-01"
    assert months_until(datetime(2026, 11, 30, 17, tzinfo=UTC))[-1] == "2026-12"


def test_it_agrees_with_a_plain_loop(town):
    task = past_task(unit_of(town.street.id), starts_at=real_now() - timedelta(days=3))
    hours = [1.0, 2.5, 0.25, 3.0]
    for one in hours:
        work(a_resident(real_name=False), task, starts_at=task.starts_at, hours=one, km=one)
    unit_page(town.city.id)
    count_unit(town.city.id)
    total = unit_page(town.city.id).figures["total"]
    assert total["seconds"] == sum(round(one * 3600) for one in hours)
    assert total["metres"] == 6750
