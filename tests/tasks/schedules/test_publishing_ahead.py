"""The publisher: each occurrence once, whoever publishes, whatever is cut off or fails."""

from datetime import timedelta

from school_world import look_again, officer_at, reloaded, states_of, tasks_of, today
from street import fund

from ledger import accounts, balance_of
from notices import Notice
from people import Person
from shared.clock import now, real_now
from shared.database import collection
from tasks import Occurrence, Schedule, Task, cancel_task, edit_schedule
from tasks.schedules.publishing_ahead import publish_due, publish_schedule
from tests.racing import at_once


class TestPublishing:
    def test_the_coming_days_are_published_and_no_more(self, school):
        schedule = school.schedule()
        assert publish_due() == 1
        tasks = tasks_of(schedule)
        assert len(tasks) in (2, 3)  # three days ahead, whatever the hour is now
        assert all(now() < task.starts_at <= now() + timedelta(days=3) for task in tasks)
        first = tasks[0]
        assert first.ends_at - first.starts_at == timedelta(hours=1)
        assert (first.starts_at.hour, first.starts_at.minute) == (3, 45)  # 11:45 in Shanghai
        assert first.published_by == school.officer.person_id
        assert balance_of(accounts.task(first.id)) == first.slots * first.coins > 0
        assert set(states_of(schedule).values()) == {"published"}

    def test_a_repeat_publishes_nothing_twice(self, school):
        schedule = school.schedule()
        publish_due()
        before = len(tasks_of(schedule))
        assert publish_due() == 0
        for _ in range(2):
            look_again()
        assert len(tasks_of(schedule)) == before == Task.objects.count()

    def test_publishers_at_once_publish_each_occurrence_once(self, school):
        schedule = school.schedule(publish_ahead_days=2)
        at_once(6, lambda _: publish_schedule(schedule))
        names = Occurrence.objects(schedule_id=schedule.id, state="published")
        assert Task.objects.count() == len(tasks_of(schedule)) == names.count() > 0

    def test_arrival_and_dismissal_have_titles_of_their_own(self, school):
        times = [
            {"name": "arrival", "at": "07:30", "minutes_before": 15, "duration_minutes": 60},
            {"name": "dismissal", "at": "16:30", "duration_minutes": 45, "title": "放学护学"},
        ]
        times[1]["minutes_before"] = 15
        schedule = school.schedule(times=times, publish_ahead_days=2)
        publish_due()
        titles = [task.title for task in tasks_of(schedule)]
        assert set(titles) == {"夜间平安巡防", "放学护学"}

    def test_it_is_looked_at_again_when_the_next_one_is_due(self, school):
        schedule = school.schedule()
        publish_due()
        last = tasks_of(schedule)[-1]
        expected = last.starts_at + timedelta(days=1) - timedelta(days=3)
        assert reloaded(schedule).look_at == expected
        assert real_now() < reloaded(schedule).look_at <= real_now() + timedelta(days=1)

    def test_a_paused_schedule_publishes_nothing_until_it_goes_on(self, school):
        schedule = school.schedule(active=False)
        assert publish_due() == 0
        edit_schedule(schedule.id, {"active": True}, version=1, by=school.officer)
        publish_due()
        assert tasks_of(schedule)


class TestCutOff:
    def test_a_draft_that_was_not_published_is_found_again(self, school, monkeypatch):
        schedule = school.schedule(publish_ahead_days=2)
        with monkeypatch.context() as broken:
            broken.setattr("tasks.schedules.publishing_ahead.publish_task", killed)
            publish_due()
        drafts = tasks_of(schedule, "draft")
        assert drafts
        assert tasks_of(schedule) == []
        look_again()
        assert {task.id for task in tasks_of(schedule)} == {task.id for task in drafts}

    def test_what_was_published_and_not_noted_is_noted(self, school):
        schedule = school.schedule(publish_ahead_days=2)
        publish_due()
        Occurrence.objects.update(set__state="planned", unset__task_id=True)
        Task.objects.update(unset__schedule_id=True)
        look_again()
        assert set(states_of(schedule).values()) == {"published"}
        assert Task.objects.count() == len(tasks_of(schedule))


class Killed(Exception):
    """As if the process had died here."""


def killed(*_arguments, **_more):
    raise Killed


class TestFailing:
    def test_a_lack_of_budget_is_told_once_and_the_others_go_on(self, school):
        poor = school.schedule(content={"slots": 500})
        rich = school.schedule()
        for _ in range(3):
            look_again()
        assert tasks_of(poor) == []
        assert tasks_of(rich)
        failed = Occurrence.objects(schedule_id=poor.id)
        assert {(one.state, one.failure) for one in failed} == {("planned", "BudgetShort")}
        told = Notice.objects(person_id=school.officer.person_id, name="schedule_not_published")
        assert told.count() == failed.count() > 0
        assert set(told.first().facts["reason"]) == {"en", "zh-CN"}
        assert reloaded(poor).look_at <= real_now() + timedelta(minutes=10)

    def test_it_is_published_once_there_is_budget(self, school):
        schedule = school.schedule(content={"slots": 500}, publish_ahead_days=2)
        publish_due()
        fund(school.unit, 1_000_000)
        look_again()
        assert tasks_of(schedule)
        assert {one.failure for one in Occurrence.objects} == {None}

    def test_an_officer_who_left_publishes_no_more_until_another_takes_it_over(self, school):
        schedule = school.schedule()
        collection(Person).update_one(
            {"_id": school.officer.person_id}, {"$set": {"memberships": []}}
        )
        other = officer_at(school.unit)
        look_again()
        assert Task.objects.count() == 0
        told = Notice.objects(person_id=other.person_id, name="schedule_not_published")
        assert told.count() > 0
        edit_schedule(schedule.id, {}, version=1, by=other)
        publish_due()
        assert {task.published_by for task in tasks_of(schedule)} == {other.person_id}

    def test_a_schedule_that_cannot_be_read_stops_no_other(self, school):
        broken, sound = school.schedule(), school.schedule()
        collection(Schedule).update_one({"_id": broken.id}, {"$set": {"rule": "nonsense"}})
        publish_due()
        assert tasks_of(sound)


class TestChanging:
    def test_what_is_published_stays_and_new_days_follow_the_new_version(self, school):
        schedule = school.schedule()
        publish_due()
        before = {task.id for task in tasks_of(schedule)}
        times = [{"name": "noon", "at": "13:00", "minutes_before": 0, "duration_minutes": 30}]
        changes = {"times": times, "publish_ahead_days": 5}
        edit_schedule(schedule.id, changes, version=1, by=school.officer)
        publish_due()
        after = {task.id: task for task in tasks_of(schedule)}
        assert before < set(after)
        new = [task for task_id, task in after.items() if task_id not in before]
        assert {(task.starts_at.hour, task.starts_at.minute) for task in new} == {(5, 0)}
        days = [task.starts_at.date() for task in after.values()]
        assert len(set(days)) == len(days)

    def test_a_draft_of_an_earlier_version_is_not_published_any_more(self, school):
        schedule = school.schedule(content={"slots": 500}, publish_ahead_days=2)
        publish_due()
        drafts = tasks_of(schedule, "draft")
        smaller = dict(reloaded(schedule).content) | {"slots": 2}
        edit_schedule(schedule.id, {"content": smaller}, version=1, by=school.officer)
        publish_due()
        assert {task.slots for task in tasks_of(schedule)} == {2}
        assert {task.id for task in tasks_of(schedule, "cancelled")} == {one.id for one in drafts}

    def test_publishers_of_two_versions_at_once_publish_each_day_once(self, school):
        for _ in range(3):
            old = school.schedule(publish_ahead_days=2)
            edit_schedule(old.id, {"rule": "FREQ=DAILY;INTERVAL=1"}, version=1, by=school.officer)
            both = [old, reloaded(old)]
            at_once(4, lambda number, both=both: publish_schedule(both[number % 2]))
            look_again()
            starts = [task.starts_at for task in tasks_of(old)]
            assert len(set(starts)) == len(starts) > 0
            assert set(states_of(old).values()) == {"published"}

    def test_a_task_that_was_called_off_is_not_published_again(self, school):
        schedule = school.schedule(publish_ahead_days=2)
        publish_due()
        gone = tasks_of(schedule)[0]
        cancel_task(gone.id, by=school.officer)
        before = Task.objects.count()
        look_again()
        assert Task.objects.count() == before

    def test_an_officer_who_cancels_the_draft_calls_the_occurrence_off(self, school):
        schedule = school.schedule(content={"slots": 500}, publish_ahead_days=2)
        publish_due()
        for draft in tasks_of(schedule, "draft"):
            cancel_task(draft.id, by=school.officer)
        look_again()
        assert set(states_of(schedule).values()) == {"called_off"}


def test_school_days_without_a_calendar_publish_nothing(school):
    schedule = school.schedule(days="school_days", starts_on=today())
    assert publish_due() == 1
    assert tasks_of(schedule) == []
