"""The instructor's changing code proves that somebody was there, there and then, once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from street import CENTRE, add_unit, staff

from people import Role
from shared.clock import pretending
from shared.errors import NotAllowed
from tasks import attend, attendance_code, task_of
from tasks.participation import Participation, ParticipationState
from tasks.proofs import attending
from tasks.proofs.attendance import Attendance
from tasks.proofs.attending import (
    CODE_STEP_S,
    AttendanceClosed,
    AttendanceCodeOld,
    AttendanceCodeWrong,
    NotAtThePlace,
    TooManyReadings,
)
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.task import Task, TaskState
from tests.racing import at_once

FAR = (26.2, 119.4)


@pytest.fixture
def training(begun, town):
    """(participation, actor, task, the code shown after some seconds)."""
    taken, actor = begun()
    task = task_of(taken.task_id)

    def shown(after_s=60):
        with pretending(task.starts_at + timedelta(seconds=after_s)):
            return attendance_code(task.id, by=town.officer)

    return taken, actor, task, shown


def read(training, code, *, after_s=60, at=CENTRE, by=None):
    taken, actor, task, _ = training
    with pretending(task.starts_at + timedelta(seconds=after_s)):
        return attend(taken.id, code=code, position=at, by=by or actor)


def test_a_code_read_at_the_place_is_one_reading_however_often_it_is_sent(training):
    code = training[3]()
    got = at_once(5, lambda _: read(training, code).id)
    assert len(set(got)) == 1
    assert read(training, code, after_s=90_000).id == got[0]
    assert Attendance.objects.count() == 1


def test_the_code_changes_every_half_minute_and_is_good_for_the_next_one(training):
    shown = training[3]
    assert shown(60) == shown(60)
    assert shown(60) != shown(60 + CODE_STEP_S)
    assert read(training, shown(60), after_s=60 + CODE_STEP_S)
    with pytest.raises(AttendanceCodeOld):
        read(training, shown(120), after_s=120 + 2 * CODE_STEP_S)
    with pytest.raises(AttendanceCodeOld):
        read(training, shown(200), after_s=200 - CODE_STEP_S)


def test_far_from_the_place_a_code_is_worth_nothing(training):
    with pytest.raises(NotAtThePlace):
        read(training, training[3](), at=FAR)
    assert Attendance.objects.count() == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda code: "",
        lambda code: code[:-1] + ("0" if code[-1] != "0" else "1"),
        lambda code: code.replace(":k1.", ":k9."),
        lambda code: code.replace("attend:", "voucher:"),
        lambda code: code + "x",
        lambda code: code.replace(code.split(":")[2], str(int(code.split(":")[2]) + 1), 1),
    ],
)
def test_a_made_up_code_is_refused(training, spoil):
    with pytest.raises(AttendanceCodeWrong):
        read(training, spoil(training[3]()))


@given(st.text(max_size=150))
def test_no_text_breaks_the_reading_of_a_code(text):
    with pytest.raises(AttendanceCodeWrong):
        attending._step_in(text, "0" * 24)


def test_the_code_of_another_task_is_refused(training, published, town):
    other = published()
    with pretending(training[2].starts_at + timedelta(seconds=60)):
        code = attendance_code(other.id, by=town.officer)
    with pytest.raises(AttendanceCodeWrong):
        read(training, code)


def test_only_during_the_hours(training, town):
    _, _, task, shown = training
    for after_s in (-1_000, 2 * 3_600 + 1_000):
        with pytest.raises(AttendanceClosed):
            shown(after_s)
        with pytest.raises(AttendanceClosed):
            read(training, shown(60), after_s=after_s)
    Task.objects(id=task.id).update_one(set__state=TaskState.CANCELLED)
    with pytest.raises(AttendanceClosed):
        shown(60)


def test_only_an_officer_of_the_unit_shows_the_code(training, town, volunteer):
    task = training[2]
    strangers = (
        volunteer(),
        training[1],
        staff(Role.AUDITOR, town.street),
        staff(Role.CENTRE_OFFICER, add_unit("连江县", "district", town.city)),
    )
    for by in strangers:
        with pretending(task.starts_at), pytest.raises(NotAllowed):
            attendance_code(task.id, by=by)


def test_only_whoever_is_under_way_attends_and_for_oneself(training, volunteer):
    taken, _, _, shown = training
    with pytest.raises(ParticipationNotFound):
        read(training, shown(), by=volunteer())
    for state in (ParticipationState.CLAIMED, ParticipationState.VERIFIED):
        Participation.objects(id=taken.id).update_one(set__state=state)
        with pytest.raises(WrongParticipationState):
            read(training, shown())


def test_no_more_readings_than_allowed(training, monkeypatch):
    monkeypatch.setattr(attending, "MAX_READINGS", 2)
    shown = training[3]
    for after_s in (60, 120):
        read(training, shown(after_s), after_s=after_s)
    with pytest.raises(TooManyReadings):
        read(training, shown(180), after_s=180)
