"""A whole patrol whose every position came by itself from a phone app, one message at a time."""

from street import loop_around

from fixtures.walk_simulator import simulate_walk
from shared.clock import pretending, real_now
from tasks import (
    PhoneApp,
    claim_task,
    finish_participation,
    hear_owntracks,
    register_device,
    start_participation,
    track_of,
)
from tasks.devices.packing import pack_inbox_of
from tasks.devices.waiting import QUEUE_DRAINS_WITHIN
from tasks.participation import Participation, ParticipationState
from tasks.verification import verify_participation


def test_it_is_judged_as_the_same_walk_in_our_own_app_would_be(published, volunteer):
    task, actor = published(), volunteer()
    recorded = simulate_walk(loop_around(), task.starts_at, 1, duration_s=1800)
    made = register_device("phone", PhoneApp.OWNTRACKS, "wgs84", by=actor)
    with pretending(task.starts_at):
        taken = claim_task(task.id, position=None, by=actor)
        start_participation(taken.id, by=actor)
    for number, point in enumerate(recorded.points):
        message = {
            "_type": "location",
            "lat": point["lat"],
            "lon": point["lon"],
            "tst": point["at"].timestamp(),
        }
        with pretending(point["at"]):
            hear_owntracks(made.device, message)
        if number % 60 == 0:
            pack_inbox_of(actor.person_id)
    with pretending(recorded.points[-1]["at"]):
        finish_participation(taken.id, by=actor)
    long_finished = real_now() - QUEUE_DRAINS_WITHIN
    Participation.objects(id=taken.id).update_one(set__finish_received_at=long_finished)
    verify_participation(taken.id)
    assert len(track_of(taken.id).points) == len(recorded.points)
    judged = Participation.objects(id=taken.id).get()
    assert judged.state == ParticipationState.VERIFIED, judged.verdict.to_json()
