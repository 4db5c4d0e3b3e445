"""Publishing and calling off, cut off after each write: each occurrence once all the same."""

from school_world import look_again, states_of, tasks_of

from tasks import Occurrence, Task, call_off_occurrence
from tasks.schedules.publishing_ahead import publish_due, publish_schedule
from tests.cutting import was_cut


def test_a_publisher_cut_off_anywhere_publishes_each_occurrence_once(school):
    cuts = 0
    while True:
        schedule = school.schedule(publish_ahead_days=2, content={"slots": 1})
        cut = was_cut(lambda schedule=schedule: publish_schedule(schedule), cuts + 1)
        look_again()
        assert set(states_of(schedule).values()) == {"published"}
        assert len(tasks_of(schedule)) == len(states_of(schedule))
        if not cut:
            break
        cuts += 1
        assert cuts < 80
    assert cuts >= 6
    assert Task.objects(state="published").count() == Task.objects.count()


def test_a_calling_off_cut_off_anywhere_cancels_its_task_in_the_end(school):
    cuts = 0
    while True:
        schedule = school.schedule(publish_ahead_days=2, content={"slots": 1})
        publish_due()
        first = Occurrence.objects(schedule_id=schedule.id).order_by("starts_at").first()

        def call_off(schedule=schedule, first=first):
            return call_off_occurrence(schedule.id, first.occurrence, by=school.officer)

        cut = was_cut(call_off, cuts + 1)
        publish_due()
        assert states_of(schedule)[first.occurrence] == "called_off"
        assert Task.objects.with_id(first.task_id).state == "cancelled"
        assert Occurrence.objects.with_id(first.id).settled
        if not cut:
            break
        cuts += 1
        assert cuts < 30
    assert cuts >= 3
