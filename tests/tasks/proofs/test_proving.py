"""What was brought is gathered as the checks read it."""

from datetime import UTC, datetime, timedelta

from street import CENTRE

from people import Person
from shared.clock import pretending
from tasks import (
    SentPhoto,
    answer_test,
    attend,
    attendance_code,
    hand_out,
    log_duty,
    shown_test,
    store_photo,
    task_of,
    void_hand_out,
    write_sheet,
)
from tasks.judging.proof import NOTHING, HandedOut
from tasks.participation import Participation
from tasks.proofs.proving import proof_of
from tasks.task import Task
from tests.pictures import file_of, photo_file, scene


def proved(taken):
    found = Participation.objects(id=taken.id).get()
    return proof_of(found, task_of(found.task_id))


def ask(task_id, *checks):
    Task.objects(id=task_id).update_one(push_all__checks=list(checks))


def photo(seed=1, about=None, **notes):
    return SentPhoto(photo_file(seed, **notes), "image/jpeg", about)


def test_who_brought_nothing_has_nothing_to_show(begun):
    assert proved(begun()[0]) == NOTHING


def test_the_cameras_time_and_place_go_before_the_apps(begun):
    taken, actor = begun()
    at = taken.started_at
    noted = photo_file(taken="2017:12:04 19:30:00", offset="+08:00", lat=26.09, lon=119.29)
    said = {"taken_at": at, "position": (26.1, 119.3)}
    with pretending(at):
        store_photo(taken.id, "p1", SentPhoto(noted, "image/jpeg", **said), by=actor)
        store_photo(taken.id, "p2", SentPhoto(photo_file(2), "image/jpeg", **said), by=actor)
        store_photo(taken.id, "p3", SentPhoto(photo_file(3), "image/jpeg"), by=actor)
    first, second, third = proved(taken).photos
    assert first.at == datetime(2017, 12, 4, 11, 30, tzinfo=UTC).timestamp()
    assert (round(first.lat, 4), round(first.lon, 4)) == (26.09, 119.29)
    assert (second.at, second.lat, second.lon) == (at.timestamp(), 26.1, 119.3)
    assert (third.at, third.lat, third.lon) == (None, None, None)


def small(seed=1):
    return SentPhoto(file_of(scene(seed, (640, 480)).resize((320, 240))), "image/jpeg")


def noticed(taken):
    return [(one.seen_before, one.looks_like_earlier) for one in proved(taken).photos]


def test_a_file_sent_twice_counts_once_and_one_seen_before_is_said_to_be(begun):
    (first, one), (second, other) = begun(), begun()
    store_photo(first.id, "p1", photo(1), by=one)
    store_photo(first.id, "p2", photo(1), by=one)
    store_photo(second.id, "q1", photo(1), by=other)
    store_photo(second.id, "q2", photo(5), by=other)
    assert noticed(first) == [(False, False)]
    assert noticed(second) == [(True, False), (False, False)]


def test_a_picture_that_only_looks_like_an_earlier_one_was_not_seen_before(begun):
    (first, one), (second, other) = begun(), begun()
    store_photo(first.id, "p1", photo(1), by=one)
    store_photo(second.id, "q1", small(1), by=other)
    assert noticed(second) == [(False, True)]


def test_two_pictures_of_one_scene_are_doubtful_where_both_are_needed(begun):
    taken, actor = begun()
    store_photo(taken.id, "p1", photo(1), by=actor)
    store_photo(taken.id, "p2", small(1), by=actor)
    ask(taken.task_id, {"check": "photos", "parameters": {"count": 1}})
    assert noticed(taken) == [(False, False), (False, False)]
    Task.objects(id=taken.task_id).update_one(pull__checks__check="photos")
    ask(taken.task_id, {"check": "photos", "parameters": {"count": 2}})
    assert noticed(taken) == [(False, False), (False, True)]
    store_photo(taken.id, "p3", photo(5), by=actor)
    assert noticed(taken) == [(False, False)] * 3


def test_hand_outs_are_added_up_with_their_photos_and_voided_ones_left_out(begun):
    taken, actor = begun()
    named = store_photo(taken.id, "p1", photo(1), by=actor)
    store_photo(taken.id, "p2", photo(2, "一村"), by=actor)

    def line(key, count, photo_ids=()):
        said = {"item": "传单", "place": "一村", "photo_ids": list(photo_ids)}
        return hand_out(taken.id, count=count, key=key, by=actor, **said)

    line("key-0001", 5, [named.id])
    line("key-0002", 7)
    void_hand_out(taken.id, line("key-0003", 100).id, by=actor)
    assert proved(taken).handed_out == (HandedOut("传单", "一村", 12, photos=2),)


def test_log_test_and_attendance_are_shown(begun, published, town):
    questions = [{"text": "报警电话？", "options": ["110", "119"], "right": [0]}]
    write_sheet(town.street.id, title="x", questions=questions, key="sheet-01", by=town.officer)
    task = published()
    ask(task.id, {"check": "test", "parameters": {"min_share": 0.8}})
    taken, actor = begun(task)
    moment = taken.started_at + timedelta(seconds=90)
    with pretending(moment):
        log_duty(taken.id, text="好", incidents=0, present=[], by=actor)
        code = attendance_code(task.id, by=town.officer)
        attend(taken.id, code=code, position=CENTRE, by=actor)
        right = shown_test(taken.id, by=actor).questions[0].options.index("110")
        answer_test(taken.id, answers=[[right]], key="answer-1", by=actor)
    proof = proved(taken)
    assert proof.logged_at == moment.timestamp()
    assert proof.attended_at == (moment.timestamp(),)
    assert proof.test_share == 1.0
    assert proof.confirmed is None


def test_heads_and_crew_are_counted_where_the_task_asks_for_them(begun, published):
    task = published()
    (one, _), (_, other) = begun(task), begun(task)
    assert (proved(one).heads, dict(proved(one).crew)) == (1, {})
    ask(task.id, {"check": "head_count", "parameters": {"least": 2}})
    assert (proved(one).heads, dict(proved(one).crew)) == (2, {})
    Person.objects(id=other.person_id).update_one(set__serves_as=["teacher", "guard"])
    crew = [{"crew_role": "teacher", "at_least": 1}, {"crew_role": "guard", "at_least": 1}]
    ask(task.id, {"check": "make_up", "parameters": {"crew": crew}})
    assert sum(proved(one).crew.values()) == 1
